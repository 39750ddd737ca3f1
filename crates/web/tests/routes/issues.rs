//! `/issues` and `/issues/{id}`.

use crate::browser::{Browser, service};
use axum::http::StatusCode;
use taizhang_service::work::LedgerFilter;
use taizhang_values::RecordId;

/// Id of the first finding in a state.
fn finding(state: &str) -> RecordId {
    let service = service();
    let caller = service.caller_by_login("clerk", "test").unwrap();
    let filter = LedgerFilter { states: vec![state.to_owned()], ..LedgerFilter::default() };
    let rows = service.ledger_list(&caller, &filter).unwrap().rows;
    rows.first().unwrap_or_else(|| panic!("no finding is {state}")).record.id.clone()
}

#[tokio::test]
async fn filters_stand_in_the_address_and_as_chips() {
    let mut browser = Browser::of("clerk").await;
    let all = browser.get("/issues").await;
    let none = browser.get("/issues?text=%E6%B2%A1%E6%9C%89%E8%BF%99%E6%A0%B7%E7%9A%84").await;
    assert!(all.text.contains("data-pick"), "rows can be ticked");
    assert!(none.text.contains("没有符合条件的记录") && none.text.contains("class=\"chip\""));
}

#[tokio::test]
async fn what_is_taken_out_says_by_what_it_was_chosen() {
    let page = Browser::of("clerk").await.get("/export?tab=overdue&state=claimed").await;
    assert!(page.text.contains("分类：超期；状态：认领分析"), "{}", page.text);
}

#[tokio::test]
async fn sorted_column_says_so_and_turns_round() {
    let mut browser = Browser::of("clerk").await;
    let page = browser.get("/issues?sort=number").await;
    assert!(page.text.contains("aria-sort=\"ascending\""));
    assert!(page.text.contains("sort=-number"));
}

#[tokio::test]
async fn stale_edit_shows_both_versions() {
    let mut browser = Browser::of("clerk").await;
    let address = format!("/issues/{}", finding("registered"));
    let page = browser.get(&address).await;
    let action = format!("{address}/assign");
    let form = page.form(&action).to_owned();
    let first = browser.post(&action, &form, &[("deadline_on", "2027-03-01")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    // The second sends the version that the first has made old, under a key of its own.
    let mut pairs: Vec<(String, String)> = ["_csrf", "version"]
        .map(|name| (name.to_owned(), crate::browser::hidden(&form, name)))
        .to_vec();
    pairs.push(("deadline_on".to_owned(), "2027-04-01".to_owned()));
    let second = browser.post_pairs(&action, &pairs).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for part in ["别人刚刚改过", "2027-03-01", "2027-04-01", "打开最新的记录"] {
        assert!(second.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn deadline_before_the_letter_is_refused_at_the_field() {
    let mut browser = Browser::of("clerk").await;
    let address = format!("/issues/{}", finding("claimed"));
    let action = format!("{address}/assign");
    let form = browser.get(&address).await.form(&action).to_owned();
    let answer = browser.post(&action, &form, &[("deadline_on", "20200101")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("id=\"e-deadline_on\""), "fault beside the field");
    assert!(answer.text.contains("value=\"20200101\""), "typed text stays");
}

#[tokio::test]
async fn unreadable_date_is_refused_at_the_field() {
    let mut browser = Browser::of("clerk").await;
    let address = format!("/issues/{}", finding("claimed"));
    let action = format!("{address}/assign");
    let form = browser.get(&address).await.form(&action).to_owned();
    let answer = browser.post(&action, &form, &[("deadline_on", "下周三")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("日期看不懂"));
}

#[tokio::test]
async fn missing_right_names_who_can_grant_it() {
    let mut browser = Browser::of("village").await;
    let form = browser.get("/settings").await.form("/sign-out").to_owned();
    let verify = browser.post("/audit/verify", &form, &[]).await;
    assert_eq!(verify.status, StatusCode::FORBIDDEN);
    assert!(verify.text.contains("您没有这项权限") && verify.text.contains("需要的权限"));
}

#[tokio::test]
async fn finding_of_another_township_does_not_exist() {
    let mut browser = Browser::of("clerk").await;
    for address in ["/issues/01234567890123456789012345", "/issues/nonsense", "/no/such/page"] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        assert!(answer.text.contains("没有找到这一页"));
    }
}

#[tokio::test]
async fn clerk_is_not_offered_to_accept_what_he_handed_in() {
    let mut browser = Browser::of("clerk").await;
    let id = finding("submitted");
    let page = browser.get(&format!("/issues/{id}")).await;
    assert!(!page.text.contains("/steps/accept"));
}

/// Text of an id in a page between two marks.
fn id_after(page: &str, mark: &str) -> String {
    let (_, rest) = page.split_once(mark).unwrap_or_else(|| panic!("no `{mark}`"));
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[tokio::test]
async fn an_extension_is_decided_by_a_word_and_never_by_none() {
    let address = format!("/issues/{}", finding("claimed"));
    let mut clerk = Browser::of("clerk").await;
    let action = format!("{address}/extensions");
    let form = clerk.get(&address).await.form(&action).to_owned();
    let typed = [("reason", "雨季无法施工"), ("new_deadline_on", "2027-06-30")];
    let asked = clerk.post(&action, &form, &typed).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let mut leader = Browser::of("leader").await;
    let page = leader.get(&address).await;
    let decision = format!("{action}/{}", id_after(&page.text, &format!("{action}/")));
    let form = page.form(&decision).to_owned();
    assert!(!form.contains("type=\"text\""), "the enter key in a line of text would grant it");
    let undecided = leader.post(&decision, &form, &[("note", "研究一下")]).await;
    assert_eq!(undecided.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(undecided.text.contains("请选择同意或不同意"), "{}", undecided.text);
    let form = leader.get(&address).await.form(&decision).to_owned();
    let refused = leader.post(&decision, &form, &[("decision", "refused"), ("note", "不成立")]);
    assert_eq!(refused.await.status, StatusCode::SEE_OTHER);
}
