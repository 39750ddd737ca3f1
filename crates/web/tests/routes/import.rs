//! `/import`: a workbook of the register through the pages.

use crate::browser::Browser;
use axum::http::StatusCode;

const SHEET: &str = "户编号,户主姓名,行政村,户类型\n\
                     990177000001,甲某,990101100201,一般农户\n\
                     990177000002,乙某,990101100201,一般农互\n";

#[tokio::test]
async fn households_are_checked_mended_by_the_suggestion_taken_in_and_taken_back() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/import").await.form("/import").to_owned();
    let fields = [("layout", "household"), ("region", "990101100"), ("inspection", "")];
    let answer = browser.upload("/import", &form, &fields, "户.csv", SHEET.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let address = answer.location().to_owned();
    let page = browser.get(&address).await;
    assert!(page.text.contains("近似值建议") && page.text.contains("新增 1，"), "{}", page.text);

    let fix = format!("{address}/fix");
    let form = page.form(&fix).to_owned();
    let fields = [("field", ""), ("message", "")];
    let answer = browser.post(&fix, &form, &fields).await;
    assert_eq!(answer.location(), address, "{}", answer.text);
    let page = browser.get(&address).await;
    assert!(page.text.contains("新增 2，"), "{}", page.text);

    let confirm = format!("{address}/confirm");
    let form = page.form(&confirm).to_owned();
    let answer = browser.post(&confirm, &form, &[]).await;
    assert!(answer.location().starts_with(&address), "{}", answer.text);
    let page = browser.get(&address).await;
    let back = format!("{address}/back");
    let form = page.form(&back).to_owned();
    let answer = browser.post(&back, &form, &[]).await;
    assert!(answer.location().starts_with(&address), "{}", answer.text);
}

#[tokio::test]
async fn a_near_miss_is_accepted_by_itself_in_either_language() {
    for language in ["zh", "en"] {
        let mut browser = Browser::of("clerk").await;
        let form = browser.get("/settings").await.form("/settings/language").to_owned();
        browser.post("/settings/language", &form, &[("language", language), ("back", "/")]).await;
        let form = browser.get("/import").await.form("/import").to_owned();
        let fields = [("layout", "household"), ("region", "990101100"), ("inspection", "")];
        let answer = browser.upload("/import", &form, &fields, "户.csv", SHEET.as_bytes()).await;
        let address = answer.location().to_owned();
        let page = browser.get(&address).await;
        let fix = format!("{address}/fix");
        let form = page.form(&fix).to_owned();
        let hidden = |name: &str| {
            let start = format!("name=\"{name}\" value=\"");
            let (_, rest) = form.split_once(&start).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        let (field, message) = (hidden("field"), hidden("message"));
        let fields = [("field", field.as_str()), ("message", message.as_str())];
        browser.post(&fix, &form, &fields).await;
        let page = browser.get(&address).await;
        let done = if language == "zh" { "新增 2，" } else { "2 new," };
        assert!(page.text.contains(done), "{language}: {}", page.text);
    }
}

/// Uploads a list of households and gives the page of what it would do.
async fn checked(browser: &mut Browser, sheet: &str) -> String {
    let form = browser.get("/import").await.form("/import").to_owned();
    let fields = [("layout", "household"), ("region", "990101100"), ("inspection", "")];
    let answer = browser.upload("/import", &form, &fields, "户.csv", sheet.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let address = answer.location().to_owned();
    browser.get(&address).await.text
}

#[tokio::test]
async fn alike_faults_stand_in_one_line_with_their_rows() {
    let mut browser = Browser::of("clerk").await;
    let mut sheet = "户编号,户主姓名,行政村,家庭人口\n".to_owned();
    for row in 2..8 {
        sheet.push_str(&format!("99017800000{row},甲某,990101100201,三口\n"));
    }
    let page = checked(&mut browser, &sheet).await;
    assert!(page.contains("2、3、4、5 等"), "the first rows and that there are more");
    assert_eq!(page.matches("这里要填整数").count(), 1, "one line for all six");
    assert!(page.contains("共 6 处") && page.contains("没有可以导入的行"));
}

#[tokio::test]
async fn a_column_taken_for_what_its_head_is_like_is_said() {
    let mut browser = Browser::of("clerk").await;
    let sheet = "户编号,户主姓名,行政村,家庭住址信息\n990179000001,甲某,990101100201,一组\n";
    let page = checked(&mut browser, sheet).await;
    assert!(page.contains("按相近的表头对应") && page.contains("请核对"), "{page}");
    let certain = "户编号,户主姓名,行政村\n990179000002,甲某,990101100201\n";
    assert!(!checked(&mut browser, certain).await.contains("请核对"));
}

#[tokio::test]
async fn heads_without_rows_are_no_success() {
    let mut browser = Browser::of("clerk").await;
    let page = checked(&mut browser, "户编号,户主姓名,行政村\n").await;
    assert!(page.contains("没有数据行") && !page.contains("都可以导入"), "{page}");
}

#[tokio::test]
async fn every_kind_of_list_has_an_empty_workbook() {
    let mut browser = Browser::of("clerk").await;
    let page = browser.get("/import").await;
    let links: Vec<&str> = page.text.split("href=\"/import/template?layout=").skip(1).collect();
    assert!(links.len() > 10, "{}", links.len());
    for name in ["household", "national_persons", "rectification_ledger"] {
        let book = browser.get(&format!("/import/template?layout={name}")).await;
        assert_eq!(book.status, StatusCode::OK, "{name}");
        assert!(book.headers["content-disposition"].to_str().unwrap().contains("attachment"));
    }
    assert_eq!(browser.get("/import/template?layout=user").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_known_already_is_not_offered_as_new() {
    let mut browser = Browser::of("clerk").await;
    let sheet = "户编号,户主姓名,行政村\n990180000001,甲某,990101100201\n";
    for is_known in [false, true] {
        let form = browser.get("/import").await.form("/import").to_owned();
        let fields = [("layout", "household"), ("region", "990101100"), ("inspection", "")];
        let answer = browser.upload("/import", &form, &fields, "户.csv", sheet.as_bytes()).await;
        let address = answer.location().to_owned();
        let page = browser.get(&address).await;
        assert_eq!(page.text.contains("与系统里的一样"), is_known, "{}", page.text);
        let confirm = format!("{address}/confirm");
        let form = page.form(&confirm).to_owned();
        browser.post(&confirm, &form, &[]).await;
        let page = browser.get(&address).await;
        assert!(page.text.contains("看农户档案"), "the way goes on from what was taken in");
    }
}
