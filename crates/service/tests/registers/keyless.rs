//! Lists whose rows have no number: the same file again changes nothing, equal rows are counted,
//! and what people changed stays theirs.

use super::{HOUSEHOLDS, all, faults, identity, import};
use crate::work::world::{TOWN, World, for_each_database};
use taizhang_service::imports::{
    CheckImport, ConfirmRegister, ConfirmedRegister, RegisterCounts, RegisterPreview,
};
use taizhang_service::register::SaveRecord;
use taizhang_store::{Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

/// A list, who brings it and where it belongs.
#[derive(Clone, Copy)]
struct List<'a> {
    ledger: &'a str,
    who: &'a str,
    region: &'a str,
}

/// No field of it is a number, and it hangs on no household.
const DEATHS: List<'static> = List { ledger: "death_record", who: "county", region: "990101" };
/// It hangs on households.
const VISITS: List<'static> = List { ledger: "visit", who: "clerk", region: TOWN };

/// Deaths on some days of January, all of one name and number.
fn deaths(days: &[u32]) -> String {
    let number = identity("99010119800101001");
    let rows = days.iter().map(|day| {
        let (month, day) = (1 + day / 28, 1 + day % 28);
        format!("丙某,{number},{:04}-{:02}-{day:02}\n", 2000 + month / 12, 1 + month % 12)
    });
    rows.fold("姓名,证件号码,死亡日期\n".to_owned(), |sheet, row| sheet + &row)
}

fn check(world: &World, list: List<'_>, text: &str, is_complete: bool) -> RegisterPreview {
    let input = CheckImport {
        file_name: "名册.csv".to_owned(),
        layout: list.ledger.to_owned(),
        region: RegionCode::parse(list.region).unwrap(),
        inspection: None,
        is_complete,
    };
    let (service, who) = (world.service(), world.caller(list.who));
    let batch = service.check_register(&who, &input, &mut text.as_bytes()).unwrap();
    let shown = service.register_preview(&who, &batch).unwrap();
    assert_eq!(faults(&shown), Vec::<String>::new());
    shown
}

fn take(world: &World, list: List<'_>, text: &str) -> ConfirmedRegister {
    let batch = check(world, list, text, false).batch;
    let input = ConfirmRegister { batch: batch.id, version: batch.version, good_only: false };
    world.service().confirm_register(&world.caller(list.who), &input).unwrap()
}

/// Rows added, changed and unchanged, and records missing.
fn effects(counts: RegisterCounts) -> [u64; 4] {
    [counts.added, counts.changed, counts.unchanged, counts.removed]
}

#[test]
fn a_list_without_numbers_changes_nothing_the_second_time() {
    for_each_database(|world| {
        let first = deaths(&[1, 1, 2]);
        let done = take(world, DEATHS, &first);
        assert_eq!(effects(done.counts), [3, 0, 0, 0], "equal rows are as many records");
        assert_eq!(effects(take(world, DEATHS, &first).counts), [0, 0, 3, 0]);
        assert_eq!(all(world, "death_record").len(), 3);
        let cases: [(&[u32], _); 5] = [
            (&[1], [0, 0, 1, 2]),
            (&[2, 1, 1], [0, 0, 3, 0]),
            (&[1, 1, 1], [1, 0, 2, 1]),
            (&[1, 1, 3], [1, 0, 2, 1]),
            (&[3], [1, 0, 0, 3]),
        ];
        for (days, expected) in cases {
            let text = deaths(days);
            let shown = check(world, DEATHS, &text, true);
            assert_eq!(effects(shown.counts), expected, "{days:?}");
            let [added, changed, unchanged, _] = expected;
            let shown = check(world, DEATHS, &text, false);
            assert_eq!(effects(shown.counts), [added, changed, unchanged, 0], "{days:?}");
            let is_said = shown.notes.iter().any(|note| note.zh.contains("按整行内容认定"));
            assert!(is_said, "{:?}", shown.notes);
        }
        let fewer = "姓名,死亡日期\n丙某,2000-02-03\n";
        assert_eq!(
            effects(check(world, DEATHS, fewer, false).counts),
            [0, 0, 1, 0],
            "a sheet compares the columns that it has"
        );
    });
}

/// A person changes one field of a record.
fn change(world: &World, who: &str, record: &Record, field: &str, value: &Value) {
    let input = SaveRecord {
        ledger: record.ledger.clone(),
        id: Some(record.id.clone()),
        version: record.version,
        region: None,
        values: Values::from([(field.to_owned(), value.clone())]),
        reason: "核对".to_owned(),
    };
    world.service().save_record(&world.caller(who), &input).unwrap();
}

#[test]
fn what_people_changed_of_a_row_without_a_number_is_not_brought_again() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        let visits = "户编号,走访日期,走访内容\n\
                      990100000001,2026-01-05,问收入\n\
                      990100000001,2026-01-05,问收入\n\
                      990100000002,2026-02-05,问饮水\n";
        let day: taizhang_values::Date = "2020-01-05".parse().unwrap();
        let cases = [
            (DEATHS, deaths(&[1, 1]), "died_on", Value::from(day)),
            (VISITS, visits.to_owned(), "content", "另写".into()),
        ];
        for (list, text, field, value) in cases {
            let rows = take(world, list, &text).counts.added;
            let same = [0, 0, rows, 0];
            assert_eq!(effects(check(world, list, &text, true).counts), same, "{}", list.ledger);
            let record = all(world, list.ledger).remove(0);
            change(world, list.who, &record, field, &value);
            assert_eq!(effects(check(world, list, &text, true).counts), same, "{}", list.ledger);
            assert_eq!(effects(take(world, list, &text).counts), same, "{}", list.ledger);
            let kept = world.record(list.ledger, &record.id);
            assert_eq!((kept.version, kept.get(field)), (2, &value), "{}", list.ledger);
        }
    });
}

#[test]
fn a_thousand_rows_without_numbers_are_known_again_by_blocks() {
    for_each_database(|world| {
        // Two of each, each far from its like.
        let days: Vec<u32> = (0..1100).map(|row| row % 550).collect();
        let text = deaths(&days);
        assert_eq!(effects(take(world, DEATHS, &text).counts), [1100, 0, 0, 0]);
        let ids = |world: &World| -> Vec<RecordId> {
            all(world, "death_record").into_iter().map(|record| record.id).collect()
        };
        let before = ids(world);
        assert_eq!(effects(check(world, DEATHS, &text, true).counts), [0, 0, 1100, 0]);
        assert_eq!(effects(take(world, DEATHS, &text).counts), [0, 0, 1100, 0]);
        assert_eq!(ids(world), before);
        assert!(world.service().store().audit_verify().unwrap().is_sound());
    });
}
