//! Workbooks of the register: households, persons, incomes in and out.

mod faults;
mod keyless;
mod newer;

use crate::work::world::{TOWN, VILLAGES, World, for_each_database};
use std::collections::BTreeMap;
use taizhang_service::ServiceError;
use taizhang_service::imports::{
    CheckImport, ConfirmRegister, ConfirmedRegister, ExportRegister, RegisterPreview,
};
use taizhang_service::register::SaveRecord;
use taizhang_store::{Filter, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

fn check(world: &World, target: &str, bytes: &[u8]) -> RecordId {
    check_as(world, target, bytes, false)
}

/// A file as the complete list of its region, or as a part of it.
fn check_as(world: &World, target: &str, bytes: &[u8], is_complete: bool) -> RecordId {
    let input = CheckImport {
        file_name: "名册.xlsx".to_owned(),
        layout: target.to_owned(),
        region: RegionCode::parse(TOWN).unwrap(),
        inspection: None,
        is_complete,
    };
    world.service().check_register(&world.caller("clerk"), &input, &mut &*bytes).unwrap()
}

fn preview(world: &World, batch: &RecordId) -> RegisterPreview {
    world.service().register_preview(&world.caller("clerk"), batch).unwrap()
}

fn confirm(
    world: &World,
    batch: &RecordId,
    good_only: bool,
) -> Result<ConfirmedRegister, ServiceError> {
    let version = preview(world, batch).batch.version;
    let input = ConfirmRegister { batch: batch.clone(), version, good_only };
    world.service().confirm_register(&world.caller("clerk"), &input)
}

fn import(world: &World, target: &str, text: &str) -> ConfirmedRegister {
    let batch = check(world, target, text.as_bytes());
    let shown = preview(world, &batch);
    assert_eq!(faults(&shown), Vec::<String>::new());
    confirm(world, &batch, false).unwrap()
}

/// Faults as `C5 I0303`.
fn faults(shown: &RegisterPreview) -> Vec<String> {
    shown
        .faults
        .iter()
        .map(|fault| {
            let letters = taizhang_exchange::column_letters(fault.column);
            format!("{letters}{} {}", fault.row, fault.diagnostic.code)
        })
        .collect()
}

fn all(world: &World, ledger: &str) -> Vec<Record> {
    let query = Query::new(ledger).sort("id", false).limit(1000);
    world.service().store().read(|reader| reader.list(&query)).unwrap().records
}

const HOUSEHOLDS: &str = "户编号,户主姓名,行政村,家庭人口,户联系电话,民族\n\
                          990100000001,甲某,990101100201,3,13900000001,某族\n\
                          990100000002,乙某,990101100202,２,,某族\n";

#[test]
fn households_come_in_are_judged_and_a_second_time_change_nothing() {
    for_each_database(|world| {
        let batch = check(world, "household", HOUSEHOLDS.as_bytes());
        let shown = preview(world, &batch);
        assert_eq!(faults(&shown), Vec::<String>::new());
        assert!(
            shown.notes.iter().any(|note| note.zh.contains("民族")),
            "what is left out is said: {:?}",
            shown.notes
        );
        assert_eq!((shown.counts.added, shown.counts.unchanged), (2, 0));
        assert_eq!(all(world, "household").len(), 0, "nothing is written by a check");
        let done = confirm(world, &batch, false).unwrap();
        assert_eq!((done.counts.added, done.households_judged), (2, 2));
        let households = all(world, "household");
        let region = households[1].region.as_ref().unwrap().to_string();
        assert_eq!((region.as_str(), households[1].get("population")), (VILLAGES[1], &2.into()));

        let again = import(world, "household", HOUSEHOLDS);
        let counts = again.counts;
        assert_eq!((counts.added, counts.changed, counts.unchanged), (0, 0, 2));
        assert!(all(world, "household").iter().all(|record| record.version == 1));
    });
}

/// An invented identity number with its check character.
pub fn identity(first: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = first.chars().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    let last = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    format!("{first}{}", last[(sum % 11) as usize])
}

fn person_sheet(health: &str) -> String {
    let number = identity("99010119800101001");
    format!(
        "户编号,姓名,人编号,证件号码,健康状况,与户主关系,个人联系电话\n\
         990100000001,甲某,P1,{number},{health},户主,13900000002\n"
    )
}

#[test]
fn a_newer_export_writes_only_what_differs_and_keeps_what_people_changed() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        let done = import(world, "person", &person_sheet("健康"));
        assert_eq!((done.counts.added, done.households_judged), (1, 1));
        let same = import(world, "person", &person_sheet("健康"));
        assert_eq!((same.counts.unchanged, same.households_judged), (1, 0), "sealed fields too");

        let newer = check(world, "person", person_sheet("慢性病").as_bytes());
        let shown = preview(world, &newer);
        let fields: Vec<(&str, &Value, &Value)> = shown
            .changes
            .iter()
            .map(|row| (row.change.field.as_str(), &row.change.old, &row.change.new))
            .collect();
        assert_eq!(fields, [("health_status", &"healthy".into(), &"chronic".into())]);
        confirm(world, &newer, false).unwrap();
        let person = all(world, "person").remove(0);
        assert_eq!((person.version, person.text("health_status")), (2, "chronic"));

        // The township corrects the field; the next list says something else again.
        let input = SaveRecord {
            ledger: "person".to_owned(),
            id: Some(person.id.clone()),
            version: 2,
            region: None,
            values: Values::from([
                ("health_status".to_owned(), "healthy".into()),
                ("name".to_owned(), "甲某".into()),
            ]),
            reason: "入户核实".to_owned(),
        };
        world.service().save_record(&world.caller("clerk"), &input).unwrap();
        let kept = import(world, "person", &person_sheet("慢性病"));
        assert_eq!(
            (kept.counts.changed, kept.counts.conflicts),
            (0, 0),
            "the list says nothing new"
        );
        let clash = import(world, "person", &person_sheet("患有大病"));
        assert_eq!((clash.counts.changed, clash.counts.conflicts), (0, 1));
        assert_eq!(clash.conflicts[0].change.field, "health_status");
        assert_eq!(all(world, "person")[0].text("health_status"), "healthy");
    });
}

#[test]
fn an_import_is_taken_back_with_what_it_changed() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        import(world, "person", &person_sheet("健康"));
        let batch = check(world, "person", person_sheet("慢性病").as_bytes());
        confirm(world, &batch, false).unwrap();
        let version = preview(world, &batch).batch.version;
        let clerk = world.caller("clerk");
        world.service().take_back_import(&clerk, &batch, version).unwrap();
        let person = all(world, "person").remove(0);
        assert_eq!((person.version, person.text("health_status")), (3, "healthy"));
    });
}

#[test]
fn what_goes_with_a_batch_taken_back_counts_as_no_mending() {
    for_each_database(|world| {
        let batch = check(world, "household", HOUSEHOLDS.as_bytes());
        confirm(world, &batch, false).unwrap();
        let about = Filter::eq("subject_ledger", "household");
        let doubts = || {
            let found = world.service().doubts(&world.caller("clerk"), about.clone(), None, 50);
            found.unwrap().records
        };
        let asked = doubts().iter().filter(|one| one.text("doubt_status") == "asked").count();
        assert!(asked > 0, "households without members are asked about");
        let version = preview(world, &batch).batch.version;
        world.service().take_back_import(&world.caller("clerk"), &batch, version).unwrap();
        let reasons: Vec<String> =
            doubts().iter().map(|one| one.text("close_reason").to_owned()).collect();
        assert_eq!(reasons, vec!["subject_gone"; asked]);
    });
}

#[test]
fn whom_a_list_of_a_department_names_is_judged_with_the_import() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        import(world, "person", &person_sheet("健康"));
        let person = all(world, "person").remove(0);
        let doubts = || {
            let filter = Filter::eq("rule", "XDP-003");
            let filter = filter.and(Filter::eq("subject", person.id.to_string()));
            let found = world.service().doubts(&world.caller("clerk"), filter, None, 10).unwrap();
            found.records.iter().map(|one| one.text("doubt_status").to_owned()).collect::<Vec<_>>()
        };
        let number = identity("99010119800101001");
        let list = format!("姓名,证件号码,死亡日期\n甲某,{number},2026-01-15\n");
        assert_eq!(doubts(), [""; 0]);
        let (service, county) = (world.service(), world.caller("county"));
        let input = CheckImport {
            file_name: "死亡人员.csv".to_owned(),
            layout: "death_record".to_owned(),
            region: RegionCode::parse("990101").unwrap(),
            inspection: None,
            is_complete: false,
        };
        let batch = service.check_register(&county, &input, &mut list.as_bytes()).unwrap();
        let version = || service.register_preview(&county, &batch).unwrap().batch.version;
        let input = ConfirmRegister { batch: batch.clone(), version: version(), good_only: false };
        service.confirm_register(&county, &input).unwrap();
        assert_eq!(doubts(), ["asked"], "the list names him");
        service.take_back_import(&county, &batch, version()).unwrap();
        assert_eq!(doubts(), ["closed"], "and no more");
    });
}

#[test]
fn references_that_lead_nowhere_and_rows_that_repeat_are_refused_at_the_cell() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        let cases = [
            ("income", "户编号,年度,工资性收入\n990100000009,2025,100\n", "A2 S0705"),
            (
                "income",
                "户编号,年度,工资性收入\n990100000001,2025,100\n990100000001,2025,200\n",
                "B3 S0711",
            ),
            ("household", "户编号,户主姓名\n990100000077,丙某\n", "A2 S0713"),
            ("household", "户编号,户主姓名\n990100000001,丙某\n990100000001,丁某\n", "A3 S0709"),
            ("visit", "户编号,走访日期\n990100000001,5月20日\n", "B2 I0311"),
        ];
        for (target, text, expected) in cases {
            let batch = check(world, target, text.as_bytes());
            assert_eq!(faults(&preview(world, &batch)), [expected], "{target}: {text}");
        }
    });
}

#[test]
fn a_column_matched_by_hand_is_known_the_next_time() {
    for_each_database(|world| {
        let text = "编码甲,户主姓名,行政村\n990100000005,甲某,990101100201\n";
        let batch = check(world, "household", text.as_bytes());
        assert_eq!(preview(world, &batch).lacking, ["户编号"]);
        let refused = confirm(world, &batch, true);
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
        let columns = [(0, "household_no"), (1, "head_name"), (2, "region")];
        let columns: BTreeMap<usize, String> =
            columns.into_iter().map(|(at, name)| (at, name.to_owned())).collect();
        world.service().match_register(&world.caller("clerk"), &batch, columns).unwrap();
        assert_eq!(confirm(world, &batch, false).unwrap().counts.added, 1);
        let again = check(world, "household", text.as_bytes());
        assert_eq!(preview(world, &again).counts.unchanged, 1);
    });
}

#[test]
fn an_export_is_imported_again_and_changes_nothing() {
    for_each_database(|world| {
        import(world, "household", &HOUSEHOLDS.replace("甲某", "=1+1"));
        import(world, "person", &person_sheet("健康"));
        import(world, "income", "户编号,年度,工资性收入\n990100000001,2025,1200.5\n");
        let clerk = world.caller("clerk");
        for (ledger, rows) in [("household", 2), ("person", 1), ("income", 1)] {
            let input = ExportRegister { ledger: ledger.to_owned(), region: None };
            let exported = world.service().export_register(&clerk, &input).unwrap();
            assert_eq!(exported.rows, rows);
            let batch = check(world, ledger, &exported.bytes);
            let shown = preview(world, &batch);
            assert_eq!(faults(&shown), Vec::<String>::new(), "{ledger}");
            let counts = shown.counts;
            let found = (counts.rows_total, counts.unchanged, shown.changes, shown.conflicts);
            assert_eq!(found, (rows as u64, rows as u64, vec![], vec![]), "{ledger}");
        }
    });
}
