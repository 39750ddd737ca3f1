//! The clock that jumped, comments with answers, a sealed field shown once.

use crate::browser::{Answer, Browser, hidden, service};
use axum::http::{StatusCode, header};
use taizhang_service::ServiceError;
use taizhang_store::Act;

/// Holds the scheduler as a jump of the clock does.
fn hold_clock() {
    let service = service();
    let act = Act {
        actor: None,
        verb: "clock.jump".to_owned(),
        at: service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let now = service.now().to_string();
    let held = |writer: &taizhang_store::Writer<'_>| {
        writer.set_setting("scheduler.held_since", &now)?;
        Ok::<_, ServiceError>(writer.set_setting("scheduler.held_until_word", "1")?)
    };
    service.store().write(&act, held).unwrap();
}

#[tokio::test]
async fn jumped_clock_is_told_to_those_who_can_mend_it_and_confirmed_there() {
    hold_clock();
    for (login, sees) in [("admin", true), ("clerk", false)] {
        let page = Browser::of(login).await.get("/settings").await;
        assert_eq!(page.text.contains("服务器时钟跳变，提醒和督办已暂停"), sees, "{login}");
    }
    let clerk = Browser::of("clerk").await.get("/clock").await;
    assert!(clerk.text.contains("请系统管理员核对并确认"), "{}", clerk.text);
    assert!(!clerk.text.contains("action=\"/clock\""));
    let mut admin = Browser::of("admin").await;
    let page = admin.get("/clock").await;
    let form = page.form("/clock").to_owned();
    let done = admin.post("/clock", &form, &[]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/clock"));
    let after = admin.get("/clock").await;
    assert!(after.text.contains("时钟正常") && after.text.contains("已确认"));
    assert!(!admin.get("/settings").await.text.contains("服务器时钟跳变，"));
}

#[tokio::test]
async fn answers_come_back_to_the_writer_only() {
    let mut writer = Browser::of("team").await;
    let form = writer.get("/feedback").await.form("/feedback").to_owned();
    writer.post("/feedback", &form, &[("text", "字太小了 <b>")]).await;
    let page = writer.get("/feedback").await;
    assert!(page.text.contains("字太小了 &lt;b&gt;") && page.text.contains("待答复"));
    let other = Browser::of("village").await.get("/feedback").await;
    assert!(!other.text.contains("字太小了"));
    let mut admin = Browser::of("admin").await;
    let list = admin.get("/feedback/list").await;
    let action = list
        .text
        .split("<article")
        .find(|part| part.contains("字太小了"))
        .and_then(|part| part.split_once("action=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap()
        .0
        .to_owned();
    let form = list.form(&action).to_owned();
    let empty = admin.post(&action, &form, &[("answer", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("id=\"e-answer\""), "fault beside the field");
    let form = admin.get("/feedback/list").await.form(&action).to_owned();
    admin.post(&action, &form, &[("answer", "请用右上角的“大”")]).await;
    assert!(writer.get("/feedback").await.text.contains("请用右上角的“大”"));
}

/// The card of the township's leader, with a phone number.
async fn card_with_phone(phone: &str) -> String {
    let mut admin = Browser::of("admin").await;
    let id = service().caller_by_login("leader", "test").unwrap().user;
    let address = format!("/users/{id}");
    let action = format!("{address}/phone");
    let form = admin.get(&address).await.form(&action).to_owned();
    let saved = admin.post(&action, &form, &[("phone", phone)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    address
}

async fn ask(
    browser: &mut Browser,
    address: &str,
    reason: &str,
) -> (Vec<(String, String)>, Answer) {
    let action = address.replace("/users/", "/reveal/user/") + "/phone";
    let form = browser.get(address).await.form(&action).to_owned();
    let mut pairs: Vec<(String, String)> =
        ["_csrf", "_key", "back"].map(|name| (name.to_owned(), hidden(&form, name))).to_vec();
    pairs.push(("reason".to_owned(), reason.to_owned()));
    let answer = browser.post_pairs(&action, &pairs).await;
    (pairs, answer)
}

#[tokio::test]
async fn sealed_field_is_shown_once_with_a_reason_and_never_kept() {
    let phone = "139 0000 4321";
    let address = card_with_phone(phone).await;
    let mut clerk = Browser::of("clerk").await;
    let masked = clerk.get(&address).await;
    assert!(masked.text.contains("139****4321") && !masked.text.contains("13900004321"));
    let (_, without) = ask(&mut clerk, &address, "").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!without.text.contains("13900004321"));
    let (pairs, shown) = ask(&mut clerk, &address, "核实进度").await;
    assert!(shown.text.contains("13900004321"), "{}", shown.text);
    assert_eq!(shown.headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
    let action = address.replace("/users/", "/reveal/user/") + "/phone";
    let again = clerk.post_pairs(&action, &pairs).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, address.as_str()));
    // Who reads accounts without the right to have the number shown is refused and offered nothing.
    let mut admin = Browser::of("admin").await;
    let page = admin.get(&address).await;
    assert!(!page.text.contains("/reveal/"));
    let form = page.form("/sign-out").to_owned();
    let refused = admin.post(&action, &form, &[("reason", "好奇")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn trail_tells_those_without_the_right_nothing_of_who_has_an_account() {
    let mut audit = Browser::of("audit").await;
    let known = audit.get("/audit?actor=clerk").await;
    assert_eq!(known.status, StatusCode::OK);
    let nobody = audit.get("/audit?actor=nobody-of-this-name").await;
    assert_eq!(nobody.status, StatusCode::OK, "an empty list, not a page that is not there");
    let mut clerk = Browser::of("clerk").await;
    for name in ["clerk", "nobody-of-this-name"] {
        let refused = clerk.get(&format!("/audit?actor={name}")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
    let signed_in = audit.get("/audit?actor=audit").await;
    assert!(signed_in.text.contains("登录"), "signing in is on record");
}

#[tokio::test]
async fn what_is_no_phone_number_is_refused_at_the_field() {
    let mut admin = Browser::of("admin").await;
    let id = service().caller_by_login("village", "test").unwrap().user;
    let (address, action) = (format!("/users/{id}"), format!("/users/{id}/phone"));
    for wrong in ["1390", "没有", "13900001234567890"] {
        let form = admin.get(&address).await.form(&action).to_owned();
        let answer = admin.post(&action, &form, &[("phone", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.text.contains("id=\"e-phone\""), "{wrong}");
    }
}

#[tokio::test]
async fn session_tells_how_long_it_lasts_and_a_request_puts_the_end_off() {
    let mut browser = Browser::of("clerk").await;
    let page = browser.get("/settings").await;
    let seconds = page.between("data-ends=\"", "\"").unwrap().parse::<i64>().unwrap();
    assert!((1_500..=1_800).contains(&seconds), "{seconds}");
    assert!(page.text.contains("会自动退出"), "told without scripts too");
    let left = browser.get("/session").await;
    assert!((1_500..=1_800).contains(&left.text.parse::<i64>().unwrap()), "{}", left.text);
    let stranger = Browser::new().get("/session").await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
