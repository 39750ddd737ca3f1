//! How long the view of a full page takes.

use super::ledger::{LedgerRights, LedgerRow, LedgerView, view};
use super::ledger_tools;
use crate::components::{Address, FilterBar, Light, Paging};
use crate::frame::{Frame, Viewer};
use std::time::{Duration, Instant};
use taizhang_service::work::LedgerFilter;
use taizhang_service::{LEDGER_COLUMNS, LedgerTaste};

/// Rows of a page.
const ROWS: usize = 50;

fn page() -> LedgerView {
    let row = |place: usize| LedgerRow {
        id: format!("01m3ngtyd05wycq90q8pqw{place:04}"),
        number: format!("2026-{place:04}"),
        light: Light::of_days(10, 7),
        title: "季节性缺水问题依然存在；两村供水设施老化，旱季水量不足".to_owned(),
        facts: "共性问题 · 省级考核反馈 · 饮水安全".to_owned(),
        lead_unit: "县水务局".to_owned(),
        units: "石桥镇、龙泉镇".to_owned(),
        person: "刘*平".to_owned(),
        deadline: "11-17".to_owned(),
        due: String::new(),
        percent: 60,
        state: "整改中".to_owned(),
        state_tone: "b",
        evidence_count: 7,
    };
    LedgerView {
        total: 486,
        tabs: Vec::new(),
        filter: FilterBar {
            address: Address::default(),
            path: "/issues",
            fields: Vec::new(),
            text_hint: String::new(),
            kept: Vec::new(),
        },
        address: Address::default(),
        rows: (0..ROWS).map(row).collect(),
        paging: Paging::default(),
        near_due_days: 7,
        rights: LedgerRights::default(),
        tools: ledger_tools::content(
            &Frame::default(),
            &LedgerTaste { views: Vec::new(), columns: LEDGER_COLUMNS.to_vec() },
            &LedgerFilter::default(),
        ),
    }
}

#[test]
fn view_of_fifty_rows_stays_in_its_budget() {
    let frame = Frame { viewer: Some(Viewer::default()), ..Frame::default() };
    let page = page();
    let rounds: u32 = 20;
    let start = Instant::now();
    let mut length = 0;
    for _ in 0..rounds {
        length += view(&frame, &page).into_string().len();
    }
    let each = start.elapsed() / rounds;
    println!("view of {ROWS} rows: {each:?}, {} bytes", length / 20);
    // 1 ms when optimised (`ui.md` §12); a build for tests is about thirty times slower.
    let budget = if cfg!(debug_assertions) { 60 } else { 1 };
    assert!(each <= Duration::from_millis(budget), "{each:?}");
}
