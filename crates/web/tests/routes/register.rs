//! Households, doubts, proposals and closing by rule.

use crate::browser::{Answer, Browser, hidden, service};
use axum::http::StatusCode;
use std::sync::atomic::{AtomicU32, Ordering};
use taizhang_service::ServiceError;
use taizhang_service::work::LedgerFilter;
use taizhang_store::{Act, Change, Filter, Values, Writer};
use taizhang_values::{RecordId, Value};

/// Households that tests have made; each has a number of its own.
static MADE: AtomicU32 = AtomicU32::new(1);

/// The village of the account `village`.
fn village() -> String {
    let caller = service().caller_by_login("village", "test").unwrap();
    caller.home_region().unwrap().to_string()
}

/// All inputs of a form as a browser without scripts sends them, with some filled otherwise.
fn filled(form: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for input in form.split("<input").skip(1) {
        let input = input.split('>').next().unwrap();
        let part = |name: &str| {
            let (_, rest) = input.split_once(&format!(" {name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let kind = part("type").unwrap_or_default();
        if let Some(name) = part("name").filter(|_| kind == "hidden" || kind == "text") {
            pairs.push((name, part("value").unwrap_or_default()));
        }
    }
    for select in form.split("<select").skip(1) {
        let (_, rest) = select.split_once("name=\"").unwrap();
        let name = rest.split('"').next().unwrap();
        let options = rest.split("</select>").next().unwrap();
        let chosen = options
            .split("<option")
            .find(|option| option.split('>').next().unwrap().contains(" selected"));
        let value = chosen
            .and_then(|option| option.split_once("value=\""))
            .map_or("", |(_, v)| v.split('"').next().unwrap());
        pairs.push((name.to_owned(), value.to_owned()));
    }
    for (name, value) in typed {
        pairs.retain(|(known, _)| known != name);
        pairs.push(((*name).to_owned(), (*value).to_owned()));
    }
    pairs
}

/// Opens the page of a form, fills it and sends it.
async fn send(browser: &mut Browser, page: &str, action: &str, typed: &[(&str, &str)]) -> Answer {
    let answer = browser.get(page).await;
    assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.text);
    let pairs = filled(answer.form(action), typed);
    browser.post_pairs(action, &pairs).await
}

/// A household whose exit was confirmed before it was applied for (ARC-003), made by the clerk.
async fn household(browser: &mut Browser) -> String {
    let number = format!("99000000{:04}", MADE.fetch_add(1, Ordering::Relaxed));
    let village = village();
    let made = send(
        browser,
        "/households/new",
        "/households/new",
        &[
            ("village", &village),
            ("household_no", &number),
            ("head_name", "甲乙丙"),
            ("household_type", "lifted"),
            ("is_active", "yes"),
            ("exit_applied_on", "2018年12月1日"),
            ("exit_confirmed_on", "20181120"),
            ("change_reason", "入户核实"),
        ],
    )
    .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert!(made.location().starts_with("/households/"), "{}", made.location());
    made.location().to_owned()
}

fn id_in(address: &str) -> RecordId {
    address.split(['/', '?']).find_map(RecordId::parse).unwrap()
}

/// The doubt of a rule about a household.
fn doubt(household: &str, rule: &str) -> RecordId {
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let filter = Filter::eq("rule", rule).and(Filter::eq("household", id_in(household)));
    service.doubts(&caller, filter, None, 10).unwrap().records.first().unwrap().id.clone()
}

fn edit_of(household: &str) -> String {
    format!("/records/{}/edit?ledger=household", id_in(household))
}

#[tokio::test]
async fn a_new_household_is_judged_and_its_names_are_masked() {
    let mut browser = Browser::of("clerk").await;
    let address = household(&mut browser).await;
    let page = browser.get(&address).await;
    assert!(page.text.contains("甲*丙") && !page.text.contains("甲乙丙"));
    assert!(page.text.contains("早于脱贫申请日期"), "the doubt stands on the page");
    let history = format!("/records/{}/history?ledger=household", id_in(&address));
    assert!(browser.get(&history).await.text.contains("脱贫申请日期"));
}

#[tokio::test]
async fn a_name_is_found_by_a_posted_form_alone() {
    let mut browser = Browser::of("clerk").await;
    let first = household(&mut browser).await;
    let second = household(&mut browser).await;
    let found = send(&mut browser, "/households", "/households/find", &[("text", "甲乙丙")]).await;
    assert_eq!(found.status, StatusCode::OK);
    for address in [&first, &second] {
        assert!(found.text.contains(address.as_str()), "{address}");
    }
    let page = browser.get("/households?text=%E7%94%B2%E4%B9%99%E4%B8%99").await;
    assert!(!page.text.contains("name=\"text\" value=\"甲"), "no box of the filter holds a name");
}

#[tokio::test]
async fn a_village_proposes_the_township_accepts_and_the_doubt_closes() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let mut village = Browser::of("village").await;
    let edit = edit_of(&address);
    let silent = send(&mut village, &edit, &edit, &[("exit_applied_on", "2018-09-01")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text.contains("id=\"e-change_reason\""), "the reason is missing");
    assert!(silent.text.contains("value=\"2018-09-01\""), "typed text stays");
    let typed = [("exit_applied_on", "2018-09-01"), ("change_reason", "查阅原件")];
    let proposed = send(&mut village, &edit, &edit, &typed).await;
    assert_eq!(proposed.status, StatusCode::SEE_OTHER, "{}", proposed.text);
    let proposal = proposed.location().to_owned();
    assert!(proposal.starts_with("/proposals/"), "{proposal}");
    let own = village.get(&proposal).await;
    assert!(own.text.contains("2018-12-01") && own.text.contains("2018-09-01"));
    assert!(!own.text.contains("/decide\""), "nobody decides on his own proposal");
    assert!(clerk.get("/proposals").await.text.contains(&proposal));
    let action = format!("{proposal}/decide");
    let none = send(&mut clerk, &proposal, &action, &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let decided = send(&mut clerk, &proposal, &action, &[("decision", "accepted")]).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text);
    let page = clerk.get(&format!("/doubts/{}", doubt(&address, "ARC-003"))).await;
    assert!(page.text.contains("数据已更正"), "the doubt is closed");
}

#[tokio::test]
async fn who_was_overtaken_sees_both_versions_above_his_text() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let edit = edit_of(&address);
    let form = clerk.get(&edit).await.form(&edit).to_owned();
    let first = send(&mut clerk, &edit, &edit, &[("address", "一组1号")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let mut late = filled(&form, &[("address", "一组2号")]);
    late.retain(|(name, _)| name != "_key");
    let second = clerk.post_pairs(&edit, &late).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for part in ["一组1号", "一组2号", "按我的内容保存"] {
        assert!(second.text.contains(part), "{part}");
    }
    // Another field changed meanwhile is left alone by a form that did not touch it.
    let again = filled(second.form(&edit), &[("address", "一组3号")]);
    assert_eq!(clerk.post_pairs(&edit, &again).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_sensitive_field_never_comes_back_into_a_form() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let edit = edit_of(&address);
    let typed = [("household_phone", "13812345678")];
    let saved = send(&mut clerk, &edit, &edit, &typed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let form = clerk.get(&edit).await;
    assert!(form.text.contains("138****5678") && !form.text.contains("13812345678"));
    let other = send(&mut clerk, &edit, &edit, &[("address", "二组5号")]).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.text);
    assert!(clerk.get(&edit).await.text.contains("138****5678"), "left alone");
    let cleared = send(&mut clerk, &edit, &edit, &[("clear.household_phone", "yes")]).await;
    assert_eq!(cleared.status, StatusCode::SEE_OTHER, "{}", cleared.text);
    assert!(!clerk.get(&edit).await.text.contains("138****5678"), "emptied");
}

#[tokio::test]
async fn unreadable_values_come_back_at_their_fields() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let add = format!("{address}/add?ledger=income");
    let typed = [("year", "去年"), ("net_income", "一万"), ("surveyed_on", "下周三")];
    let answer = send(&mut clerk, &add, &add, &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, value) in typed {
        assert!(answer.text.contains(&format!("id=\"e-{field}\"")), "{field}");
        assert!(answer.text.contains(&format!("value=\"{value}\"")), "{field}");
    }
    let good = [("year", "2025"), ("net_income", "12,000"), ("net_income_per_capita", "6000")];
    let saved = send(&mut clerk, &add, &add, &good).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let page = clerk.get(&address).await;
    assert!(page.text.contains("12,000") && page.text.contains("role=\"img\""));
}

#[tokio::test]
async fn an_answer_is_checked_by_another() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let page = format!("/doubts/{}", doubt(&address, "ARC-003"));
    let mut village = Browser::of("village").await;
    let answer = format!("{page}/answer");
    let mended = send(&mut village, &page, &answer, &[("answer", "mended")]).await;
    assert_eq!(mended.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(mended.text.contains("规则仍然能看到这个问题"));
    let typed = [("answer", "explained"), ("answer_note", "原件日期如此")];
    let sent = send(&mut village, &page, &answer, &typed).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    assert!(!village.get(&page).await.text.contains("/check\""), "not by oneself");
    let check = format!("{page}/check");
    let refused = send(&mut clerk, &page, &check, &[("result", "refused")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"e-check_note\""));
    let accepted = send(&mut clerk, &page, &check, &[("result", "accepted")]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.text);
    assert!(clerk.get(&page).await.text.contains("不再提示"));
    let listed = clerk.get("/doubts?tab=explained&rule=ARC-003").await;
    assert!(listed.text.contains(&page));
    // The dates it rests on change, but the fault stays: it is asked again, and says why.
    let edit = edit_of(&address);
    let typed = [("exit_confirmed_on", "2018-11-21"), ("change_reason", "看错了")];
    let changed = send(&mut clerk, &edit, &edit, &typed).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
    let again = village.get(&page).await.text;
    assert!(again.contains("请重新核实") && again.contains("原件日期如此"), "{again}");
}

/// A standing doubt about a record of a ledger.
fn doubt_about(ledger: &str) -> (RecordId, RecordId) {
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let filter = Filter::eq("subject_ledger", ledger).and(Filter::eq("doubt_status", "asked"));
    let found = service.doubts(&caller, filter, None, 1).unwrap().records.remove(0);
    let subject = RecordId::parse(found.text("subject")).unwrap();
    (found.id.clone(), subject)
}

#[tokio::test]
async fn a_doubt_leads_to_what_it_is_about_and_mending_leads_back() {
    let mut clerk = Browser::of("clerk").await;
    let (doubt, finding) = doubt_about("finding");
    let page = clerk.get(&format!("/doubts/{doubt}")).await.text;
    assert!(page.contains(&format!("href=\"/issues/{finding}\"")), "a finding has its own page");
    let (doubt, project) = doubt_about("project");
    let page = clerk.get(&format!("/doubts/{doubt}")).await.text;
    assert!(page.contains(&format!("href=\"/records/{project}?ledger=project\"")));
    let edit = format!("/records/{project}/edit?ledger=project");
    assert!(page.contains(&format!("{edit}&amp;back=/doubts/{doubt}")));
    let from = format!("{edit}&back=/doubts/{doubt}");
    let saved = send(&mut clerk, &from, &edit, &[("approval_no", "批复1号")]).await;
    assert_eq!(saved.location(), format!("/doubts/{doubt}"), "{}", saved.text);
    let astray = format!("{edit}&back=//example.org/");
    let saved = send(&mut clerk, &astray, &edit, &[("approval_no", "批复2号")]).await;
    assert_eq!(saved.location(), format!("/records/{project}?ledger=project"));
    let list = clerk.get("/doubts").await.text;
    let caller = service().caller_by_login("clerk", "test").unwrap();
    let record = service().register_record(&caller, "project", &project).unwrap();
    assert!(list.contains(record.text("name")), "the list says which project");
}

#[tokio::test]
async fn what_the_register_asks_stands_beside_the_work() {
    let page = Browser::of("village").await.get("/").await.text;
    assert!(page.contains("待核实的疑点") && !page.contains("待审核的答复"));
}

#[tokio::test]
async fn what_is_amiss_at_home_stands_before_what_is_fine() {
    let mut clerk = Browser::of("clerk").await;
    let address = household(&mut clerk).await;
    let edit = edit_of(&address);
    let typed = [("unsafe_house", "yes"), ("has_power", "yes")];
    let saved = send(&mut clerk, &edit, &edit, &typed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let page = clerk.get(&address).await;
    let card = page.between("id=\"living\"", "id=\"risk\"").unwrap();
    let (open, folded) = card.split_once("<details").unwrap();
    assert!(open.contains("tag r") && open.contains("危房") && !open.contains("用电"), "{open}");
    assert!(folded.contains("用电"), "{folded}");
}

#[tokio::test]
async fn a_criterion_shows_its_rows_and_can_be_taken_away() {
    let mut clerk = Browser::of("clerk").await;
    household(&mut clerk).await;
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let filter = LedgerFilter { states: vec!["working".to_owned()], ..LedgerFilter::default() };
    let rows = service.ledger_list(&caller, &filter).unwrap().rows;
    let page = format!("/issues/{}", rows.first().unwrap().record.id);
    let action = format!("{page}/criterion");
    let form = format!("{action}?rules=all");
    assert!(clerk.get(&page).await.text.contains(&action), "the finding leads there");
    let none = send(&mut clerk, &form, &action, &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [("criterion_rules", "ARC-003"), ("criterion_until", "2020-01-01")];
    let over = send(&mut clerk, &form, &action, &typed).await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(over.text.contains("id=\"e-criterion_until\""), "fault beside the field");
    let typed = [("criterion_rules", "ARC-003"), ("criterion_until", "2099-06-30")];
    let set = send(&mut clerk, &form, &action, &typed).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text);
    let shown = clerk.get(&action).await;
    assert!(shown.text.contains("role=\"img\"") && shown.text.contains("ARC-003"));
    assert!(shown.text.contains("观察到 2099-06-30"));
    let first = shown.between("name=\"criterion_rules\" value=\"", "\"");
    assert_eq!(first, Some("ARC-003"), "what is chosen stands first");
    let finding = clerk.get(&page).await.text;
    assert!(finding.contains("销号规则 ARC-003"), "the finding says by what it is judged");
    let version = hidden(shown.form(&action), "version");
    let mut pairs = vec![("version".to_owned(), version), ("remove".to_owned(), "yes".to_owned())];
    pairs.push(("_csrf".to_owned(), hidden(shown.form(&action), "_csrf")));
    assert_eq!(clerk.post_pairs(&action, &pairs).await.status, StatusCode::SEE_OTHER);
    assert!(clerk.get(&action).await.text.contains("还没有设定销号规则"));
}

/// Gives a finding in a state a criterion that is watched no more, as if it had been set long ago.
fn judged_by_rule(state: &str) -> RecordId {
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let filter = LedgerFilter { states: vec![state.to_owned()], ..LedgerFilter::default() };
    // The last: other tests work on the first.
    let finding = service.ledger_list(&caller, &filter).unwrap().rows.pop().unwrap().record;
    let day = |text: &str| Value::Date(text.parse().unwrap());
    let values = Values::from([
        ("criterion_rules".to_owned(), Value::List(vec!["ARC-003".to_owned()])),
        ("criterion_region".to_owned(), village().into()),
        ("criterion_since".to_owned(), day("2020-01-01")),
        ("criterion_until".to_owned(), day("2020-06-30")),
    ]);
    let act = Act {
        actor: None,
        verb: "finding.criterion".to_owned(),
        at: service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let change = Change { values, ..Change::default() };
    let update = |writer: &Writer<'_>| {
        Ok::<_, ServiceError>(writer.update("finding", &finding.id, finding.version, change)?)
    };
    service.store().write(&act, update).unwrap();
    finding.id
}

#[tokio::test]
async fn of_an_ended_finding_no_acceptance_is_spoken() {
    let mut clerk = Browser::of("clerk").await;
    household(&mut clerk).await;
    for (state, before_acceptance) in [("closed", false), ("working", true)] {
        let finding = format!("/issues/{}", judged_by_rule(state));
        for page in [finding.clone(), format!("{finding}/criterion")] {
            let text = clerk.get(&page).await.text;
            assert_eq!(text.contains("改好后才能验收"), before_acceptance, "{state} {page}");
            assert_eq!(text.contains("问题已经办结，现在有"), !before_acceptance, "{state} {page}");
        }
    }
}

#[tokio::test]
async fn a_run_is_started_by_those_who_may() {
    let mut clerk = Browser::of("clerk").await;
    let caller = service().caller_by_login("clerk", "test").unwrap();
    let region = caller.home_region().unwrap().to_string();
    let none = send(&mut clerk, "/runs", "/runs", &[("region", "")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let started = send(&mut clerk, "/runs", "/runs", &[("region", &region)]).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    assert!(clerk.get("/runs").await.text.contains("全面核查"));
    let mut village = Browser::of("village").await;
    assert!(!village.get("/runs").await.text.contains("action=\"/runs\""));
}

#[tokio::test]
async fn a_run_tells_its_sums_and_opens_the_gravest_rules() {
    let mut clerk = Browser::of("clerk").await;
    let caller = service().caller_by_login("clerk", "test").unwrap();
    let region = caller.home_region().unwrap().to_string();
    send(&mut clerk, "/runs", "/runs", &[("region", &region)]).await;
    let runs = clerk.get("/runs").await;
    let run = format!("/runs/{}", runs.between("href=\"/runs/", "\"").unwrap());
    let page = clerk.get(&run).await.text;
    let (sums, groups) = page.split_once("<details class=\"card").unwrap();
    for words in ["违反", "无法判断", "新增疑点", "判断次数", "278 条规则"] {
        assert!(sums.contains(words), "{words}");
    }
    assert_eq!(page.matches("<details class=\"card gap-t\" open").count(), 1);
    assert!(groups.contains("没有发现的规则"));
    let code = first_rule(groups);
    let rule = clerk.get(&format!("/rules/{code}")).await.text;
    assert!(rule.contains(&run), "the rule's page leads back to the run");
}

/// The first rule that a text links to.
fn first_rule(text: &str) -> &str {
    let (_, behind) = text.split_once("href=\"/rules/").unwrap();
    behind.split_once('"').unwrap().0
}

#[tokio::test]
async fn rules_and_their_doubts_are_told_in_the_readers_language() {
    let mut leader = Browser::of("leader").await;
    let listed = leader.get("/doubts?tab=standing").await;
    let doubt = format!("/doubts/{}", listed.between("href=\"/doubts/", "\"").unwrap());
    let heads = async |browser: &mut Browser, address: &str| {
        let page = browser.get(address).await;
        page.between("<h1>", "</h1>").unwrap_or_default().to_owned()
    };
    let rule = "/rules/INC-001";
    for address in [doubt.as_str(), rule] {
        assert!(!heads(&mut leader, address).await.is_ascii(), "{address}");
    }
    assert!(leader.get(rule).await.text.contains("乡镇在县退出评估后的整改方案（2020年）"));
    let english = [("language", "en")];
    send(&mut leader, rule, "/settings/language", &english).await;
    for address in [doubt.as_str(), rule] {
        let head = heads(&mut leader, address).await;
        assert!(head.is_ascii() && !head.is_empty(), "{address}: {head}");
    }
    let page = leader.get(rule).await.text;
    for words in ["Township plan after its county", "(2020)", "To mend: compute again"] {
        assert!(page.contains(words), "{words}");
    }
    let of_source = leader.get("/rules?source=S2").await.text;
    assert!(of_source.contains("national spot check") && !of_source.contains("/rules/ARC-001"));
}

#[tokio::test]
async fn the_menu_shows_the_register_by_rights() {
    for (login, is_shown) in [("clerk", true), ("village", true), ("admin", false)] {
        let mut browser = Browser::of(login).await;
        let page = browser.get("/org").await;
        assert_eq!(page.text.contains("href=\"/households\""), is_shown, "{login}");
        assert_eq!(page.text.contains("href=\"/doubts\""), is_shown, "{login}");
    }
}
