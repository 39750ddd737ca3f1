//! `/sign-in`, `/password`, `/sign-out`.

use crate::browser::{Browser, hidden};
use axum::http::StatusCode;

#[tokio::test]
async fn wrong_password_does_not_tell_which_part_is_wrong() {
    let mut browser = Browser::new();
    let unknown = browser.sign_in("nobody-here", "x").await;
    let wrong = browser.sign_in("team", "x").await;
    for answer in [&unknown, &wrong] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("登录名或密码不对"));
    }
}

#[tokio::test]
async fn ten_wrong_passwords_are_throttled() {
    let mut browser = Browser::new();
    let mut last = browser.sign_in("guessed", "x").await;
    for _ in 0..10 {
        last = browser.sign_in("guessed", "x").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.text.contains("错误次数太多"), "{}", last.text);
}

#[tokio::test]
async fn signed_out_reader_comes_back_to_his_page() {
    let mut browser = Browser::new();
    let answer = browser.get("/issues?tab=overdue").await;
    assert_eq!(answer.location(), "/sign-in?next=%2Fissues%3Ftab%3Doverdue");
    let page = browser.get(answer.location()).await;
    let form = page.form("/sign-in").to_owned();
    let next = hidden(&form, "next");
    let fields = [("login", "county"), ("password", crate::browser::PASSWORD), ("next", &next)];
    assert_eq!(browser.post("/sign-in", &form, &fields).await.location(), "/issues?tab=overdue");
}

#[tokio::test]
async fn addresses_of_other_sites_are_not_followed() {
    let addresses = [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
    ];
    for next in addresses {
        let mut browser = Browser::new();
        let form = browser.get("/sign-in").await.form("/sign-in").to_owned();
        let fields = [("login", "county"), ("password", crate::browser::PASSWORD), ("next", next)];
        assert_eq!(browser.post("/sign-in", &form, &fields).await.location(), "/", "{next}");
    }
}

#[tokio::test]
async fn session_ends_with_signing_out() {
    let mut browser = Browser::of("county").await;
    let form = browser.get("/settings").await.form("/sign-out").to_owned();
    assert_eq!(browser.post("/sign-out", &form, &[]).await.location(), "/sign-in");
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn language_and_size_change_before_signing_in_too() {
    let mut browser = Browser::new();
    let form = browser.get("/sign-in").await.form("/settings/language").to_owned();
    browser.post("/settings/language", &form, &[("language", "en"), ("back", "/sign-in")]).await;
    let form = browser.get("/sign-in").await.form("/settings/size").to_owned();
    browser.post("/settings/size", &form, &[("size", "elder"), ("back", "/sign-in")]).await;
    let page = browser.get("/sign-in").await;
    assert!(page.text.contains("lang=\"en\"") && page.text.contains("data-ui=\"elder\""));
    assert!(page.text.contains("Password"));
}
