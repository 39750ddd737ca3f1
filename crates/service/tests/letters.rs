//! A letter from upload to ledger: correcting, merging, splitting, confirming.

use crate::support::{TestHouse, demo_house};
use taizhang_service::letters::{ConfirmLetter, EditRow, LetterPage, NewRow, UploadLetter};
use taizhang_service::{Caller, ServiceError};
use taizhang_store::{NewRecord, Query, Values};
use taizhang_values::{RecordId, RegionCode, Value};

/// Two findings with units, one of them unknown to the county, and a claimed count of three.
const LETTER: &str = "白沙乡考核反馈问题整改方案\n\
    2026年11月3日，县考核组反馈了3个问题。\n\
    一、反馈问题及整改措施\n\
    1.档案不全。缺少入户照片；缺少签字。\n\
    整改措施：一是补拍照片；二是补齐签字。\n\
    责任单位：马塘村、乡文化站\n\
    完成时限：12月5日\n\
    2.公示不及时。\n\
    整改措施：按月公示。\n\
    责任单位：镇水管站\n\
    完成时限：2026年12月底前\n\
    石桥镇人民政府\n\
    2026年11月10日\n";

struct Desk {
    house: TestHouse,
    clerk: Caller,
    letter: RecordId,
}

impl Desk {
    fn new() -> Self {
        let house = demo_house();
        let clerk = house.caller("clerk");
        let input = UploadLetter {
            file_name: "反馈意见.txt".to_owned(),
            region: RegionCode::parse("990101100").unwrap(),
            received_on: None,
            source_kind: Some("assessment".to_owned()),
            source_level: Some("own".to_owned()),
        };
        let uploaded = house.service.upload_letter(&clerk, &input, &mut LETTER.as_bytes()).unwrap();
        Self { house, clerk, letter: uploaded.id }
    }

    fn page(&self) -> LetterPage {
        self.house.service.letter_page(&self.clerk, &self.letter).unwrap()
    }

    /// Titles of the rows that would become findings.
    fn titles(&self) -> Vec<String> {
        self.page().rows.iter().map(|row| row.text("title").to_owned()).collect()
    }

    fn confirm(&self, reason: Option<&str>) -> Result<usize, ServiceError> {
        let page = self.page();
        let input = ConfirmLetter {
            letter: self.letter.clone(),
            version: page.letter.version,
            values: Values::new(),
            count_reason: reason.map(str::to_owned),
        };
        Ok(self.house.service.confirm_letter(&self.clerk, &input)?.findings.len())
    }

    fn edit(&self, row: usize, field: &str, value: Value) -> Result<(), ServiceError> {
        let row = &self.page().rows[row];
        let values = Values::from([(field.to_owned(), value)]);
        let input = EditRow { id: row.id.clone(), version: row.version, values };
        self.house.service.edit_letter_row(&self.clerk, input).map(|_| ())
    }
}

/// Codes of the faults of a refusal.
fn codes(result: Result<impl std::fmt::Debug, ServiceError>) -> Vec<String> {
    match result {
        Err(ServiceError::Invalid(faults)) => faults.into_iter().map(|fault| fault.code).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn rows_are_proposed_with_dates_and_places() {
    let desk = Desk::new();
    let page = desk.page();
    let shown: Vec<(String, String, Option<usize>)> = page
        .rows
        .iter()
        .zip(&page.marks)
        .map(|(row, mark)| {
            (row.text("title").to_owned(), row.get("deadline_on").to_string(), mark.start)
        })
        .collect();
    let place = |text: &str| {
        let (before, _) = page.text.split_once(text).unwrap();
        Some(before.chars().count())
    };
    let expected = [
        ("档案不全".to_owned(), "2026-12-05".to_owned(), place("1.档案")),
        ("公示不及时".to_owned(), "2026-12-31".to_owned(), place("2.公示")),
    ];
    assert_eq!(shown, expected);
    assert_eq!(page.letter.get("claimed_count"), &Value::Integer(3));
    assert_eq!(page.letter.get("issued_on").to_string(), "2026-11-10");
}

#[test]
fn count_unlike_the_letters_own_needs_a_reason() {
    let desk = Desk::new();
    assert_eq!(codes(desk.confirm(None)), ["S0308"]);
    assert_eq!(codes(desk.confirm(Some("  "))), ["S0308"]);
    assert_eq!(desk.confirm(Some("第三个问题不属我镇")).unwrap(), 2);
    assert_eq!(codes(desk.confirm(Some("再确认一次"))), ["S0304"], "only once");
}

#[test]
fn rows_are_split_merged_added_and_left_out() {
    let desk = Desk::new();
    let service = &desk.house.service;
    let first = desk.page().rows[0].clone();
    service.split_letter_row(&desk.clerk, &first.id, first.version).unwrap();
    assert_eq!(desk.titles(), ["档案不全", "缺少签字", "公示不及时"]);

    let ids: Vec<RecordId> = desk.page().rows[..2].iter().map(|row| row.id.clone()).collect();
    let merged = service.merge_letter_rows(&desk.clerk, &ids).unwrap();
    assert_eq!(merged.text("problem"), "缺少入户照片；\n缺少签字。");
    assert_eq!(desk.titles(), ["档案不全", "公示不及时"]);

    let values = Values::from([("title".to_owned(), "村务公开栏破损".into())]);
    let new = NewRow { letter: desk.letter.clone(), values, span: None };
    service.add_letter_row(&desk.clerk, new).unwrap();
    let last = desk.page().rows[2].clone();
    service.include_letter_row(&desk.clerk, &last.id, last.version, false).unwrap();
    assert_eq!((desk.page().rows.len(), desk.page().included_count), (3, 2));
}

#[test]
fn letter_of_more_rows_than_a_page_is_confirmed_whole() {
    let desk = Desk::new();
    let store = desk.house.service.store();
    let row = desk.page().rows[0].clone();
    let act = crate::work::world::act("test.rows");
    let added: Result<(), ServiceError> = store.write(&act, |writer| {
        for position in 0..1_000 {
            let mut values = row.values.clone();
            values.insert("position".to_owned(), (position + 10).into());
            let region = row.region.clone();
            writer.insert("letter_row", NewRecord { region, values, ..NewRecord::default() })?;
        }
        Ok(())
    });
    added.unwrap();
    assert_eq!(desk.page().included_count, 1_002);
    assert_eq!(desk.confirm(Some("来文附表很长")).unwrap(), 1_002);
}

#[test]
fn row_of_a_confirmed_letter_is_not_edited_any_more() {
    let desk = Desk::new();
    let row = desk.page().rows[0].clone();
    desk.confirm(Some("第三个问题不属我镇")).unwrap();
    let refused = desk.edit(0, "title", "太晚了".into());
    assert_eq!(codes(refused), ["S0304"]);
    assert_eq!(desk.page().rows[0].version, row.version);
}

#[test]
fn deadline_before_the_letter_is_refused_at_the_field() {
    let desk = Desk::new();
    let early = Value::Date("2026-11-09".parse().unwrap());
    assert_eq!(codes(desk.edit(0, "deadline_on", early)), ["F0301"]);
    let same_day = Value::Date("2026-11-10".parse().unwrap());
    desk.edit(0, "deadline_on", same_day).unwrap();
}

#[test]
fn stale_edit_shows_both_versions() {
    let desk = Desk::new();
    let row = desk.page().rows[0].clone();
    desk.edit(0, "title", "档案不齐".into()).unwrap();
    let values = Values::from([("title".to_owned(), "档案缺失".into())]);
    let input = EditRow { id: row.id, version: row.version, values };
    match desk.house.service.edit_letter_row(&desk.clerk, input) {
        Err(ServiceError::Conflict(conflict)) => {
            let field = &conflict.fields[0];
            let shown = [&field.base, &field.theirs, &field.mine].map(ToString::to_string);
            assert_eq!(shown, ["档案不全", "档案不齐", "档案缺失"]);
        }
        other => panic!("expected a conflict, got {other:?}"),
    }
}

#[test]
fn confirmed_rows_become_findings_with_measures_and_units() {
    let desk = Desk::new();
    desk.confirm(Some("第三个问题不属我镇")).unwrap();
    let store = desk.house.service.store();
    let query = Query::new("finding").sort("id", true).limit(2);
    let mut findings = store.read(|reader| reader.list(&query)).unwrap().records;
    findings.sort_by_key(|finding| finding.get("position").as_integer());
    let first = &findings[0];
    let measures = store.read(|reader| reader.linked("finding", "measures", &first.id)).unwrap();
    assert_eq!(measures.len(), 2);
    assert_eq!(first.state.as_deref(), Some("registered"));
    let units = first.get("responsible_units").as_list();
    assert!(RecordId::parse(&units[0]).is_some(), "a known unit is tied: {units:?}");
    assert_eq!(units[1], "乡文化站", "an unknown one stays as written");
}

#[test]
fn other_townships_see_nothing_of_it() {
    let desk = Desk::new();
    let security = desk.house.caller("security");
    let audit = desk.house.caller("audit");
    for caller in [security, audit] {
        let seen = desk.house.service.letter_page(&caller, &desk.letter);
        assert!(matches!(seen, Err(ServiceError::NotFound)), "{}", caller.login);
    }
}

#[test]
fn unreadable_file_says_what_was_tried() {
    let desk = Desk::new();
    let input = UploadLetter {
        file_name: "扫描件.pdf".to_owned(),
        region: RegionCode::parse("990101100").unwrap(),
        received_on: None,
        source_kind: None,
        source_level: None,
    };
    let mut bytes: &[u8] = b"%PDF-1.4\nnot really a document\n";
    let result = desk.house.service.upload_letter(&desk.clerk, &input, &mut bytes);
    assert!(!codes(result).is_empty());
}
