//! What every form is protected by.

use crate::browser::{Browser, body_hash, hidden, service};
use axum::body::Body;
use axum::http::{Request as HttpRequest, StatusCode, header};
use taizhang_service::work::LogProgressInput;
use taizhang_store::Request;
use taizhang_values::RecordId;

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

#[tokio::test]
async fn same_upload_sent_twice_is_kept_once() {
    let mut browser = Browser::of("clerk").await;
    let issue = first_in_work(&mut browser).await;
    let action = format!("{issue}/evidence");
    let form = browser.get(&issue).await.form(&action).to_owned();
    let mut answers = Vec::new();
    for content in ["收据", "收据", "别的收据"] {
        let answer = browser.upload(&action, &form, &[], "只收一次.txt", content.as_bytes()).await;
        answers.push((answer.status, answer.location().to_owned()));
    }
    let [first, second, other] = &answers[..] else { panic!("three answers") };
    assert_eq!(first, second);
    assert_eq!(first.0, StatusCode::SEE_OTHER);
    assert_eq!(other.0, StatusCode::FORBIDDEN, "another body under the same key");
    let page = browser.get(&issue).await;
    let kept = page.text.matches(">只收一次.txt</a>").count();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn form_whose_first_sending_died_before_its_answer_acts_no_second_time() {
    let mut browser = Browser::of("clerk").await;
    let issue = first_in_work(&mut browser).await;
    let action = format!("{issue}/progress");
    let form = browser.get(&issue).await.form(&action).to_owned();
    let pairs: Vec<(String, String)> = [
        ("_csrf", hidden(&form, "_csrf")),
        ("_key", hidden(&form, "_key")),
        ("text", "断电前的进展".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    // The first sending as the server leaves it that ends between act and answer.
    let clerk = service().caller_by_login("clerk", "web").unwrap();
    let request = Request::new(&pairs[1].1, &clerk.user, &body_hash(&pairs)).unwrap();
    let input = LogProgressInput {
        finding: RecordId::parse(issue.rsplit('/').next().unwrap()).unwrap(),
        on: None,
        text: "断电前的进展".to_owned(),
        percent: None,
    };
    service().in_request(request).log_progress(&clerk, &input).unwrap();
    let answer = browser.post_pairs(&action, &pairs).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get(&issue).await;
    assert!(page.text.contains("没有重复办理"), "it is told what became of the form");
    assert_eq!(page.text.matches("断电前的进展").count(), 1);
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
    let request = HttpRequest::post("/feedback")
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
