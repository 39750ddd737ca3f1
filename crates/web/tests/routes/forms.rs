//! What every form is protected by.

use crate::browser::{Browser, hidden};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn form_without_its_token_is_refused() {
    let mut browser = Browser::of("clerk").await;
    let answer = browser.post("/feedback", "", &[("text", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("页面停留太久"));
}

#[tokio::test]
async fn token_of_another_session_is_refused() {
    let mut other = Browser::of("county").await;
    let form = other.get("/feedback").await.form("/feedback").to_owned();
    let mut browser = Browser::of("clerk").await;
    let answer = browser.post("/feedback", &form, &[("text", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn requests_from_other_sites_are_refused() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/feedback").await.form("/feedback").to_owned();
    browser.headers = vec![("sec-fetch-site", "cross-site")];
    let answer = browser.post("/feedback", &form, &[("text", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("来自别的网站"));
}

#[tokio::test]
async fn same_form_sent_twice_acts_once() {
    let mut browser = Browser::of("clerk").await;
    let issue = first_in_work(&mut browser).await;
    let page = browser.get(&issue).await;
    let action = format!("{issue}/progress");
    let form = page.form(&action).to_owned();
    let fields = [("text", "只记一次的进展"), ("percent", "61")];
    for _ in 0..2 {
        let answer = browser.post(&action, &form, &fields).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, issue.as_str()));
    }
    let count = browser.get(&issue).await.text.matches("只记一次的进展").count();
    assert_eq!(count, 1);
}

/// Address of a finding that the clerk can log progress on.
async fn first_in_work(browser: &mut Browser) -> String {
    let page = browser.get("/issues?state=working").await;
    let links = page.text.split("href=\"/issues/").skip(1);
    for link in links {
        let address = format!("/issues/{}", link.split(['"', '#']).next().unwrap());
        if address.len() == "/issues/".len() + 26
            && browser.get(&address).await.text.contains(&format!("{address}/progress"))
        {
            return address;
        }
    }
    panic!("no finding in work");
}

#[tokio::test]
async fn oversized_form_names_the_limit() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/feedback").await.form("/feedback").to_owned();
    let token = hidden(&form, "_csrf");
    let body = format!("_csrf={token}&text={}", "x".repeat(2 * 1024 * 1024));
    let request = Request::post("/feedback")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("2.0 MB"), "{}", answer.text);
}

#[tokio::test]
async fn empty_feedback_comes_back_with_its_fault() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/feedback").await.form("/feedback").to_owned();
    let answer = browser.post("/feedback", &form, &[("text", " ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("<title>有错误：") && answer.text.contains("href=\"#f-text\""));
}
