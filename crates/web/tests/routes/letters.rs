//! `/letters`: from an upload to findings.

use crate::browser::Browser;
use axum::http::StatusCode;

const LETTER: &str = "关于青禾县石桥镇饮水工程检查问题的整改方案\n\n一、反馈问题及整改措施\n\
（一）关于蓄水池未通水的问题\n整改措施：一是完成管网接通；二是落实管护人员。\n\
责任单位：石桥镇水管站\n完成时限：2027年3月20日\n\
（二）关于水质检测报告缺失的问题\n整改措施：一是补齐检测报告。\n责任单位：石桥镇水管站\n\
完成时限：2027年4月20日\n\n石桥镇人民政府\n2026年11月1日\n";

async fn uploaded(browser: &mut Browser) -> String {
    let form = browser.get("/letters/new").await.form("/letters").to_owned();
    let fields = [("region", "990101100"), ("source_kind", ""), ("source_level", "")];
    let answer = browser.upload("/letters", &form, &fields, "来文.txt", LETTER.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

#[tokio::test]
async fn every_row_is_linked_to_its_sentence() {
    let mut browser = Browser::of("clerk").await;
    let address = uploaded(&mut browser).await;
    let page = browser.get(&address).await;
    for place in 1..=2 {
        assert!(page.text.contains(&format!("id=\"row-{place}\"")), "row {place}");
        assert!(page.text.contains(&format!("id=\"m-{place}\"")), "sentence {place}");
    }
    assert!(page.text.contains("蓄水池未通水"));
}

#[tokio::test]
async fn corrected_letter_becomes_an_inspection_with_findings() {
    let mut browser = Browser::of("clerk").await;
    let address = uploaded(&mut browser).await;
    let page = browser.get(&address).await;
    let row = page.between("name=\"id\" value=\"", "\"").unwrap().to_owned();
    let page = browser.get(&format!("{address}?edit={row}")).await;
    let action = format!("{address}/rows/{row}");
    let form = page.form(&action).to_owned();
    let fields =
        [("title", "蓄水池建成后没有通水"), ("problem", "未通水"), ("deadline_on", "2027年5月1日")];
    let answer = browser.post(&action, &form, &fields).await;
    assert_eq!(answer.location(), format!("{address}?row=1#row-1"), "{}", answer.text);
    let action = format!("{address}/confirm");
    let page = browser.get(&address).await;
    assert!(page.text.contains("蓄水池建成后没有通水") && page.text.contains("2027-05-01"));
    let form = page.form(&action).to_owned();
    let fields = [
        ("inspection_title", "饮水工程检查"),
        ("source_kind", "audit"),
        ("source_level", "own"),
        ("issued_on", "2026-11-01"),
        ("received_on", "2026-11-02"),
        ("count_reason", "来文没有写总数"),
    ];
    let answer = browser.post(&action, &form, &fields).await;
    assert!(answer.location().starts_with("/inspections/"), "{}", answer.text);
    assert!(browser.get(answer.location()).await.text.contains("饮水工程检查"));
}

#[tokio::test]
async fn unreadable_file_says_what_was_tried() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/letters/new").await.form("/letters").to_owned();
    let fields = [("region", "990101100")];
    let noise: Vec<u8> =
        (0..2_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let answer = browser.upload("/letters", &form, &fields, "x.docx", &noise).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("class=\"note r\""));
}

#[tokio::test]
async fn form_without_a_file_comes_back() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/letters/new").await.form("/letters").to_owned();
    let answer = browser.upload("/letters", &form, &[("region", "990101100")], "", b"").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("请选择文件"));
}

#[tokio::test]
async fn oversized_upload_names_the_limit() {
    let mut browser = Browser::of("clerk").await;
    let form = browser.get("/letters/new").await.form("/letters").to_owned();
    let content = vec![b'x'; 50 * 1024 * 1024 + 1];
    let fields = [("region", "990101100")];
    let answer = browser.upload("/letters", &form, &fields, "x.txt", &content).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("文件太大，最多 50.0 MB"), "{}", answer.text);
}
