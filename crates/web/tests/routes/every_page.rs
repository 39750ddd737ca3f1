//! What holds for every page: one heading, labels, tokens, no inline script or style, headers.

use crate::browser::{Answer, Browser, service};
use axum::http::{StatusCode, header};
use std::collections::BTreeSet;
use taizhang_service::work::LedgerFilter;
use taizhang_service::{Caller, Service};
use taizhang_store::Filter;

/// Pages by the account that opens them.
async fn pages() -> Vec<(&'static str, String)> {
    let mut pages: Vec<(&str, String)> = [
        "/",
        "/?tab=overdue",
        "/issues",
        "/issues?tab=closed&sort=-number",
        "/letters/new",
        "/inspections",
        "/org",
        "/import",
        "/export",
        "/reports",
        "/notices",
        "/codes",
        "/calendar",
        "/search",
        "/search?q=2026",
        "/help",
        "/accessibility",
        "/feedback",
        "/clock",
        "/issues/new",
        "/settings",
        "/password",
        "/dev/components",
        "/households",
        "/households?type=lifted&risk=standing",
        "/households/new",
        "/doubts",
        "/doubts?tab=all&severity=blocker",
        "/doubts?tab=standing",
        "/rules",
        "/rules?kind=logic&severity=high",
        "/rules/ARC-003",
        "/rules/INC-001",
        "/rules/PER-001",
        "/runs",
        "/cleared",
        "/cleared?from=20260101&until=2026-12-31",
    ]
    .into_iter()
    .map(|page| ("clerk", page.to_owned()))
    .collect();
    for page in ["/users", "/feedback", "/feedback/list", "/clock"] {
        pages.push(("admin", page.to_owned()));
    }
    pages.push(("audit", "/audit".to_owned()));
    let service = service();
    let clerk = service.caller_by_login("clerk", "test").unwrap();
    for row in service.ledger_list(&clerk, &LedgerFilter::default()).unwrap().rows {
        for login in ["clerk", "leader", "village"] {
            pages.push((login, format!("/issues/{}", row.record.id)));
        }
        pages.push(("leader", format!("/issues/{}/close", row.record.id)));
        pages.push(("clerk", format!("/issues/{}/criterion?rules=all", row.record.id)));
    }
    for letter in service.letters(&clerk, None, 20).unwrap().records {
        pages.push(("clerk", format!("/letters/{}", letter.id)));
        pages.push(("clerk", format!("/letters/{}?edit=new", letter.id)));
    }
    for inspection in service.inspections(&clerk, None, 20).unwrap().records {
        pages.push(("clerk", format!("/inspections/{}", inspection.id)));
    }
    let county = service.caller_by_login("county", "test").unwrap();
    for run in service.check_runs(&county, None, 5).unwrap().records {
        pages.push(("county", format!("/runs/{}", run.id)));
    }
    pages.extend(register_pages(&service, &clerk));
    pages
}

/// Households with what belongs to them, and doubts.
fn register_pages(service: &Service, clerk: &Caller) -> Vec<(&'static str, String)> {
    let lists = ["/agreement", "/proposals", "/proposals?tab=all"];
    let mut pages: Vec<_> = lists.map(|page| ("clerk", page.to_owned())).into();
    for more in ["", "&all=yes"] {
        pages.push(("clerk", format!("/agreement?region=990101100201{more}")));
    }
    for household in service.households(clerk, Filter::All, None, 12).unwrap().records {
        let address = format!("/households/{}", household.id);
        for login in ["clerk", "leader", "village"] {
            pages.push((login, address.clone()));
        }
        let record = format!("/records/{}", household.id);
        pages.push(("clerk", format!("{record}/edit?ledger=household")));
        pages.push(("clerk", format!("{record}?ledger=household")));
        pages.push(("clerk", format!("{address}/print")));
        pages.push(("clerk", format!("{address}/agreement?all=yes")));
        if household.get("ended_on").as_date().is_none() {
            for kind in ["split", "merge", "move", "end", "join", "leave"] {
                pages.push(("clerk", format!("{address}/change/{kind}")));
            }
        }
        pages.push(("clerk", format!("{record}/history?ledger=household")));
        for ledger in ["person", "income", "visit", "loan"] {
            pages.push(("clerk", format!("{address}/add?ledger={ledger}")));
        }
        let page = service.household_page(clerk, &household.id).unwrap();
        for row in page.sections.iter().filter_map(|section| section.rows.first()) {
            let record = format!("/records/{}", row.id);
            pages.push(("clerk", format!("{record}/edit?ledger={}", row.ledger)));
            pages.push(("clerk", format!("{record}/history?ledger={}", row.ledger)));
            pages.push(("clerk", format!("{record}?ledger={}", row.ledger)));
        }
    }
    for doubt in service.doubts(clerk, Filter::All, None, 10).unwrap().records {
        for login in ["clerk", "village"] {
            pages.push((login, format!("/doubts/{}", doubt.id)));
        }
    }
    pages
}

fn check(page: &str, answer: &Answer) {
    let text = &answer.text;
    assert_eq!(text.matches("<h1").count(), 1, "{page}: one h1");
    for part in ["<main", "class=\"skip\"", "lang=\"zh-CN\"", "<title>"] {
        assert!(text.contains(part), "{page}: {part}");
    }
    for part in [" style=\"", " onclick=", " onload=", "<style", "javascript:"] {
        assert!(!text.contains(part), "{page}: {part}");
    }
    for script in text.split("<script").skip(1) {
        assert!(script.starts_with(" type=\"module\" src=\"/assets/"), "{page}: inline script");
    }
    for form in text.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap();
        if form.starts_with(' ') && form.contains("method=\"post\"") {
            assert!(form.contains("name=\"_csrf\"") && form.contains("name=\"_key\""), "{page}");
        }
    }
    let ids: Vec<&str> =
        text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let mut seen = BTreeSet::new();
    let twice: Vec<&&str> = ids.iter().filter(|id| !seen.insert(**id)).collect();
    assert!(twice.is_empty(), "{page}: ids twice {twice:?}");
}

#[tokio::test]
async fn every_page_is_whole() {
    let mut browsers = std::collections::BTreeMap::new();
    for login in ["clerk", "leader", "village", "county", "admin", "audit"] {
        browsers.insert(login, Browser::of(login).await);
    }
    for (login, page) in pages().await {
        let browser = browsers.get_mut(login).unwrap();
        let answer = browser.get(&page).await;
        // The village sees its own findings only.
        if login == "village" && answer.status == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{page} for {login}: {}", answer.text);
        check(&page, &answer);
        let policy = answer.headers.get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{page}");
        assert!(answer.headers.contains_key("x-content-type-options"), "{page}");
    }
}

#[tokio::test]
async fn pages_are_served_in_english_too() {
    let mut browser = Browser::of("discipline").await;
    let form = browser.get("/settings").await.form("/settings/language").to_owned();
    browser.post("/settings/language", &form, &[("language", "en"), ("back", "/")]).await;
    for (page, words) in [("/", "My work"), ("/issues", "Rectification ledger")] {
        let answer = browser.get(page).await;
        assert!(answer.text.contains("lang=\"en\"") && answer.text.contains(words), "{page}");
    }
    let filtered = browser.get("/issues?state=claimed").await;
    let chip = filtered.between("class=\"chip\"", "</").unwrap();
    assert!(chip.contains(": ") && !chip.contains('：'), "{chip}");
}

#[tokio::test]
async fn assets_are_kept_for_good() {
    let mut browser = Browser::new();
    let page = browser.get("/sign-in").await;
    let style = page.between("rel=\"stylesheet\" href=\"", "\"").unwrap().to_owned();
    let answer = browser.get(&style).await;
    assert_eq!(answer.status, StatusCode::OK);
    let kept = answer.headers.get(header::CACHE_CONTROL).unwrap().to_str().unwrap();
    assert!(kept.contains("immutable"));
    assert_eq!(browser.get("/assets/app.00000000.css").await.status, StatusCode::NOT_FOUND);
}
