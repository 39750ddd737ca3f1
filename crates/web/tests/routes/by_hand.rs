//! Findings by hand, corrections, views, columns, ticked rows.

use crate::browser::{Browser, hidden, service};
use axum::http::StatusCode;
use taizhang_service::work::LedgerFilter;

#[tokio::test]
async fn all_faults_of_a_new_finding_come_at_once_and_the_text_stays() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/issues/new").await.form("/issues").to_owned();
    let answer = browser.post("/issues", &form, &[("cause", "没有人管")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["title", "problem", "region", "source_kind"] {
        assert!(answer.text.contains(&format!("id=\"e-{field}\"")), "{field}");
    }
    assert!(answer.text.contains("没有人管") && answer.text.contains("<title>有错误："));
}

#[tokio::test]
async fn only_those_who_make_findings_are_offered_to_write_one() {
    for (login, status) in [
        ("clerk", StatusCode::OK),
        ("county", StatusCode::OK),
        ("leader", StatusCode::FORBIDDEN),
        ("village", StatusCode::FORBIDDEN),
    ] {
        let mut browser = Browser::of(login).await;
        assert_eq!(browser.get("/issues/new").await.status, status, "{login}");
        let offered = browser.get("/issues").await.text.contains("href=\"/issues/new\"");
        assert_eq!(offered, status == StatusCode::OK, "{login}");
    }
}

/// A finding of the clerk's, written by the form.
async fn written(browser: &mut Browser, title: &str) -> String {
    let form = browser.get("/issues/new").await.form("/issues").to_owned();
    let caller = service().caller_by_login("clerk", "test").unwrap();
    let region = caller.home_region().unwrap().to_string();
    let fields = [
        ("title", title),
        ("problem", "盖板缺失，井口没有围栏"),
        ("region", &region),
        ("source_kind", "self_check"),
        ("measures", "加盖\n围栏"),
    ];
    let answer = browser.post("/issues", &form, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

#[tokio::test]
async fn conflict_in_units_is_told_by_their_names() {
    let mut browser = Browser::of("clerk").await;
    let address = written(&mut browser, "水井盖板缺失").await;
    let action = format!("{address}/assign");
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let units = service.units(&caller).unwrap();
    let [one, other] = [&units[0], &units[1]];
    let form = browser.get(&address).await.form(&action).to_owned();
    let first = browser.post(&action, &form, &[("lead_unit", one.id.as_str())]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let pairs = [
        ("_csrf", hidden(&form, "_csrf")),
        ("version", hidden(&form, "version")),
        ("lead_unit", other.id.to_string()),
        ("units", other.id.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let second = browser.post_pairs(&action, &pairs).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let table = second.between("<tbody>", "</tbody>").unwrap();
    for unit in [one, other] {
        assert!(table.contains(unit.text("name")), "{}: {table}", unit.text("name"));
        assert!(!table.contains(unit.id.as_str()), "no ids");
    }
}

#[tokio::test]
async fn correction_that_was_overtaken_keeps_the_text_and_may_be_saved_over() {
    let mut browser = Browser::of("clerk").await;
    let address = format!("{}/edit", written(&mut browser, "第一次写的").await);
    let form = browser.get(&address).await.form(&address).to_owned();
    let fields = |title: &'static str| [("title", title), ("problem", "井口没有围栏")];
    let first = browser.post(&address, &form, &fields("别人改的")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let mut pairs = vec![
        ("_csrf".to_owned(), hidden(&form, "_csrf")),
        ("version".to_owned(), hidden(&form, "version")),
    ];
    pairs.extend(fields("我改的").map(|(name, value)| (name.to_owned(), value.to_owned())));
    let second = browser.post_pairs(&address, &pairs).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for part in ["第一次写的", "别人改的", "value=\"我改的\"", "按我的内容保存"]
    {
        assert!(second.text.contains(part), "{part}");
    }
    let form = second.form(&address).to_owned();
    let third = browser.post(&address, &form, &fields("我改的")).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "{}", third.text);
    let page = browser.get(address.trim_end_matches("/edit")).await;
    assert!(page.text.contains("我改的") && page.text.contains("最后修改：周雯"));
}

#[tokio::test]
async fn blank_title_is_refused_and_a_stranger_may_not_correct() {
    let mut browser = Browser::of("clerk").await;
    let address = format!("{}/edit", written(&mut browser, "要改的").await);
    let form = browser.get(&address).await.form(&address).to_owned();
    let answer = browser.post(&address, &form, &[("title", " "), ("problem", "")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("id=\"e-title\"") && answer.text.contains("id=\"e-problem\""));
    for (login, status) in
        [("supervision", StatusCode::FORBIDDEN), ("village", StatusCode::NOT_FOUND)]
    {
        assert_eq!(Browser::of(login).await.get(&address).await.status, status, "{login}");
    }
}

#[tokio::test]
async fn views_and_columns_are_the_readers_own() {
    let mut browser = Browser::of("discipline").await;
    let page = browser.get("/issues?tab=overdue&text=%E6%B0%B4").await;
    let form = page.form("/issues/views").to_owned();
    let query = hidden(&form, "query").replace("&amp;", "&");
    let fields = [("query", query.as_str()), ("name", "超期的水")];
    let kept = browser.post("/issues/views", &form, &fields).await;
    assert_eq!(kept.location(), "/issues?tab=overdue&text=%E6%B0%B4");
    let page = browser.get("/issues").await;
    assert!(page.text.contains("超期的水"));
    assert!(!Browser::of("clerk").await.get("/issues").await.text.contains("超期的水"));
    let form = page.form("/issues/columns").to_owned();
    let chosen =
        [("column", "lead"), ("column", "state"), ("place.lead", "2"), ("place.state", "1")];
    browser.post("/issues/columns", &form, &chosen).await;
    let page = browser.get("/issues").await;
    let head = page.between("<thead>", "</thead>").unwrap();
    assert!(!head.contains("责任单位") && !head.contains("佐证"));
    let place = |words: &str| head.find(words).unwrap();
    assert!(place("状态") < place("牵头单位"), "columns stand in the order chosen");
}

#[tokio::test]
async fn ticked_rows_are_a_workbook_and_nothing_ticked_is_told() {
    let mut browser = Browser::of("clerk").await;
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let rows = service.ledger_list(&caller, &LedgerFilter::default()).unwrap().rows;
    let form = browser.get("/issues").await.form("/issues/batch").to_owned();
    let id = rows[0].record.id.to_string();
    let book = browser.post("/issues/batch", &form, &[("act", "export"), ("id", &id)]).await;
    assert_eq!(book.status, StatusCode::OK);
    assert!(book.text.starts_with("PK"), "a workbook");
    let form = browser.get("/issues").await.form("/issues/batch").to_owned();
    let none = browser.post("/issues/batch", &form, &[("act", "export")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text.contains("没有选中任何问题"));
}

#[tokio::test]
async fn the_page_before_leads_back_to_the_same_rows() {
    let mut browser = Browser::of("clerk").await;
    let numbers = |text: &str| -> Vec<String> {
        let rows = text.split("data-open=\"\">").skip(1);
        rows.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    };
    let first = browser.get("/issues?size=2&sort=number").await;
    let link = |text: &str, rel: &str| -> String {
        let pager = text.split("class=\"pg\"").nth(1).unwrap();
        let (before, _) = pager.split_once(&format!("rel=\"{rel}\"")).unwrap();
        let href = before.rsplit_once("href=\"").unwrap().1.split_once('"').unwrap().0;
        href.replace("&amp;", "&")
    };
    let second = browser.get(&link(&first.text, "next")).await;
    assert_ne!(numbers(&first.text), numbers(&second.text));
    let back = browser.get(&link(&second.text, "prev")).await;
    assert_eq!(numbers(&back.text), numbers(&first.text));
}

#[tokio::test]
async fn who_else_has_it_open_and_where_one_left_off_are_told() {
    let mut clerk = Browser::of("clerk").await;
    let address = written(&mut clerk, "最近打开的").await;
    clerk.get(&address).await;
    let queue = clerk.get("/").await;
    assert!(queue.text.contains("接着上次") && queue.text.contains("最近打开的"));
    assert!(!clerk.get(&address).await.text.contains("打开了这条问题"), "not of oneself");
}
