//! Workbooks of the register: households, persons, incomes in and out.

use crate::work::world::{TOWN, VILLAGES, World, for_each_database};
use taizhang_service::ServiceError;
use taizhang_service::imports::{
    CheckImport, ConfirmRegister, ConfirmedRegister, RegisterPreview,
};
use taizhang_service::register::SaveRecord;
use taizhang_store::{Filter, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

fn check(world: &World, target: &str, bytes: &[u8]) -> RecordId {
    let input = CheckImport {
        file_name: "名册.xlsx".to_owned(),
        layout: target.to_owned(),
        region: RegionCode::parse(TOWN).unwrap(),
        inspection: None,
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
