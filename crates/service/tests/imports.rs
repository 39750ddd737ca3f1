//! Workbooks in and out.

use crate::support::demo_house;
use taizhang_service::ServiceError;
use taizhang_service::imports::{CheckImport, ConfirmImport};
use taizhang_service::work::LedgerFilter;
use taizhang_store::Query;
use taizhang_values::RegionCode;

fn check_input() -> CheckImport {
    CheckImport {
        file_name: "旧台账.csv".to_owned(),
        layout: "rectification_ledger".to_owned(),
        region: RegionCode::parse("990101100").unwrap(),
        inspection: None,
        is_complete: false,
    }
}

fn confirm_input(batch: taizhang_values::RecordId, good_only: bool) -> ConfirmImport {
    ConfirmImport {
        batch,
        version: 1,
        good_only,
        title: "旧台账".to_owned(),
        source_kind: "assessment".to_owned(),
        source_level: "own".to_owned(),
    }
}

const SHEET: &str = "序号,问题类别,问题,整改措施,责任单位,整改时限,整改状态\n\
                     1,基础工作,户档缺项。,一是补齐；二是核查。,马塘村,2026年12月底前,整改中\n\
                     2,基础工作,,补签字,马塘村,2026年12月5日,整改中\n\
                     3,饮水安全,水质报告无结论。,重新检测,镇水管站,长期坚持,整改中\n";

#[test]
fn good_rows_go_in_alone_and_the_batch_is_taken_back() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let count = || house.service.store().read(|r| r.count(&Query::new("finding"))).unwrap();
    let before = count();
    let batch = house.service.check_import(&clerk, &check_input(), &mut SHEET.as_bytes()).unwrap();
    let preview = house.service.import_preview(&clerk, &batch).unwrap();
    let bad: Vec<(u32, String)> =
        preview.check.faults.iter().map(|fault| (fault.row, fault.field.clone())).collect();
    assert_eq!(bad, [(3, "problem".to_owned())]);
    assert_eq!(count(), before, "nothing is written before the confirmation");

    let refused = house.service.confirm_import(&clerk, &confirm_input(batch.clone(), false));
    assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
    let done = house.service.confirm_import(&clerk, &confirm_input(batch.clone(), true)).unwrap();
    assert_eq!((done.findings, count()), (2, before + 2));

    let errors = house.service.import_errors(&clerk, &batch).unwrap();
    assert!(errors.starts_with(b"PK"), "the error file is a workbook");
    let version = house.service.import_preview(&clerk, &batch).unwrap().batch.version;
    house.service.take_back_import(&clerk, &batch, version).unwrap();
    assert_eq!(count(), before);
}

#[test]
fn exported_ledger_is_imported_again_word_for_word() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let exported = house.service.export_ledger(&clerk, &LedgerFilter::default()).unwrap();
    assert_eq!(exported.rows, 12);
    let mut bytes = exported.bytes.as_slice();
    let batch = house.service.check_import(&clerk, &check_input(), &mut bytes).unwrap();
    let preview = house.service.import_preview(&clerk, &batch).unwrap();
    let faults: Vec<String> =
        preview.check.faults.iter().map(|fault| format!("{fault:?}")).collect();
    assert_eq!((preview.check.rows.len(), faults), (12, Vec::new()));
    let done = house.service.confirm_import(&clerk, &confirm_input(batch, false)).unwrap();
    assert_eq!(done.findings, 12);
}

#[test]
fn deadline_words_become_dates() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let batch = house.service.check_import(&clerk, &check_input(), &mut SHEET.as_bytes()).unwrap();
    let done = house.service.confirm_import(&clerk, &confirm_input(batch, true)).unwrap();
    let query = Query::new("finding")
        .filter(taizhang_store::Filter::eq("inspection", &done.inspection))
        .sort("position", false);
    let rows = house.service.store().read(|reader| reader.list(&query)).unwrap().records;
    let shown: Vec<(String, Option<bool>)> = rows
        .iter()
        .map(|row| (row.get("deadline_on").to_string(), row.get("is_long_term").as_boolean()))
        .collect();
    let expected = [("2026-12-31".to_owned(), Some(false)), (String::new(), Some(true))];
    assert_eq!(shown, expected);
}
