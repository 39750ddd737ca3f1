//! `/users`: a new account, from its first password to its first page.

use crate::browser::Browser;
use axum::http::StatusCode;

#[tokio::test]
async fn first_password_must_be_changed_before_anything_else() {
    let mut admin = Browser::of("admin").await;
    let form = admin.get("/users").await.form("/users").to_owned();
    let fields = [("name", "田小禾"), ("login", "tianxiaohe"), ("region", "990101100")];
    let made = admin.post("/users", &form, &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let first = made.between("<code>", "</code>").unwrap().to_owned();

    let mut browser = Browser::new();
    assert_eq!(browser.sign_in("tianxiaohe", &first).await.location(), "/password");
    assert_eq!(browser.get("/issues").await.location(), "/password");
    let form = browser.get("/password").await.form("/password").to_owned();
    let weak = [("old_password", first.as_str()), ("new_password", "短"), ("again", "短")];
    let answer = browser.post("/password", &form, &weak).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("id=\"e-new_password\""));
    let form = answer.form("/password").to_owned();
    let good = "石桥镇的老槐树有一百岁";
    let fields = [("old_password", first.as_str()), ("new_password", good), ("again", good)];
    let answer = browser.post("/password", &form, &fields).await;
    assert_eq!(answer.location(), "/sign-in?changed=1", "{}", answer.text);
    assert_eq!(browser.sign_in("tianxiaohe", good).await.location(), "/");
}
