//! A newer list against an older one: what it lacks; and lists read by people who do not see every
//! field.

use super::{HOUSEHOLDS, all, check, check_as, confirm, faults, identity, import, preview};
use crate::work::world::{TOWN, World, for_each_database};
use std::sync::Arc;
use taizhang_codebook::FieldAccess;
use taizhang_service::imports::{CheckImport, EndRemoved, RegisterPreview, TakeRegister};
use taizhang_service::{Service, ServiceError};
use taizhang_values::{Date, RecordId, RegionCode};

fn persons(names: &[&str]) -> String {
    let mut sheet = "户编号,姓名,人编号,健康状况\n".to_owned();
    for name in names {
        sheet.push_str(&format!("990100000001,{name},P{name},健康\n"));
    }
    sheet
}

fn removed(shown: &RegisterPreview) -> Vec<&str> {
    shown.removed.iter().map(|record| record.number.as_str()).collect()
}

fn end(
    world: &World,
    batch: &RecordId,
    records: Vec<RecordId>,
    on: &str,
) -> Result<usize, ServiceError> {
    let on: Date = on.parse().unwrap();
    let input = EndRemoved { batch: batch.clone(), records, on, reason: "moved_out".to_owned() };
    world.service().end_removed(&world.caller("clerk"), &input)
}

#[test]
fn what_a_newer_list_lacks_is_told_and_ended_by_people_only() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        import(world, "person", &persons(&["甲", "乙", "丙"]));
        // Another list's records are none of this list's business.
        let other = "户编号,姓名,人编号,行政村\n990100000002,丁,P丁,990101100202\n";
        import(world, "national_persons", other);

        let text = persons(&["甲", "戊"]);
        let part = preview(world, &check(world, "person", text.as_bytes()));
        let found = (part.is_complete, part.counts.removed, removed(&part).len());
        assert_eq!(found, (false, 0, 0), "a part says nothing of what it lacks");
        assert!(part.notes.iter().any(|note| note.zh.contains("部分名册")), "{:?}", part.notes);
        let newer = check_as(world, "person", text.as_bytes(), true);
        let shown = preview(world, &newer);
        assert!(shown.notes.iter().any(|note| note.zh.contains("全量名册")), "{:?}", shown.notes);
        assert_eq!(removed(&shown), ["P乙", "P丙"]);
        let counts = shown.counts;
        assert_eq!((counts.added, counts.unchanged, counts.removed), (1, 1, 2));
        confirm(world, &newer, false).unwrap();
        assert_eq!(all(world, "person").len(), 5, "nobody is removed by a list");
        let shown = preview(world, &newer);
        assert_eq!(removed(&shown), ["P乙", "P丙"], "they stay to be looked at");

        let gone = shown.removed[0].clone();
        let there = all(world, "person").remove(0).id;
        let cases = [
            (vec![there], "2026-01-05", "S0721"),
            (Vec::new(), "2026-01-05", "S0721"),
            (vec![gone.id.clone()], "2099-01-05", "S0722"),
        ];
        for (records, on, code) in cases {
            match end(world, &newer, records, on) {
                Err(ServiceError::Invalid(found)) => assert_eq!(found[0].code, code),
                other => panic!("{code} {other:?}"),
            }
        }
        assert_eq!(end(world, &newer, vec![gone.id.clone()], "2026-01-05").unwrap(), 1);
        let ended = world.record("person", &gone.id);
        assert_eq!(ended.get("is_active"), &false.into());
        assert_eq!(ended.text("left_reason"), "moved_out");
        assert_eq!(removed(&preview(world, &newer)), ["P丙"], "who has ended is not missed");
    });
}

/// The same house with one field of the clerk's ledger limited.
fn limited(world: &World, ledger: &str, field: &str, access: FieldAccess) -> Service {
    let mut codebook = world.service().codebook().clone();
    let role = codebook.roles.get_mut("township_clerk").unwrap();
    let grant = role.grants.get_mut(ledger).unwrap();
    grant.fields.insert(field.to_owned(), access);
    Service::new(world.service().store().clone(), Arc::new(codebook), world.house.clock.clone())
}

#[test]
fn a_list_tells_nobody_of_fields_that_his_role_does_not_show() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        import(world, "person", &persons(&["甲"]));
        let newer = "户编号,姓名,人编号,健康状况,文化程度\n\
                     990100000001,甲,P甲,患有大病,小学\n";
        for access in [FieldAccess::Hidden, FieldAccess::Masked] {
            let service = limited(world, "person", "health_status", access);
            let clerk = world.caller("clerk");
            let batch = check(world, "person", newer.as_bytes());
            let shown = service.register_preview(&clerk, &batch).unwrap();
            let fields: Vec<&str> =
                shown.changes.iter().map(|row| row.change.field.as_str()).collect();
            assert_eq!(fields, ["education_level"], "{access:?}");
            assert!(shown.notes.iter().any(|note| note.zh.contains("健康状况")), "{access:?}");
            let all_fields = preview(world, &batch);
            assert_eq!(all_fields.changes.len(), 2, "who sees it all is told of both");
        }
        let service = limited(world, "person", "health_status", FieldAccess::Hidden);
        let batch = check(world, "person", newer.as_bytes());
        let version = preview(world, &batch).batch.version;
        let input = taizhang_service::imports::ConfirmRegister { batch, version, good_only: false };
        service.confirm_register(&world.caller("clerk"), &input).unwrap();
        let person = all(world, "person").remove(0);
        let found = (person.text("education_level"), person.text("health_status"));
        assert_eq!(found, ("primary", "healthy"), "what he does not see he does not write");
    });
}

#[test]
fn a_list_is_checked_and_taken_in_at_one_reading() {
    for_each_database(|world| {
        let take = |text: &str, good_only: bool| {
            let input = CheckImport {
                file_name: "名册.csv".to_owned(),
                layout: "household".to_owned(),
                region: RegionCode::parse(TOWN).unwrap(),
                inspection: None,
                is_complete: false,
            };
            let way = TakeRegister { good_only, ..TakeRegister::default() };
            let clerk = world.caller("clerk");
            world.service().import_register(&clerk, &input, way, &mut text.as_bytes()).unwrap()
        };
        let bad = HOUSEHOLDS.replace("990101100202", "某个没有的村");
        let (shown, done) = take(&bad, false);
        assert!(done.is_none());
        assert_eq!((faults(&shown), shown.may_confirm), (vec!["C3 S0715".to_owned()], true));
        assert_eq!(all(world, "household").len(), 0, "whole or nothing");
        let (shown, done) = take(&bad, true);
        assert_eq!((done.unwrap().counts.added, shown.counts.rows_bad), (1, 1));
        assert_eq!(all(world, "household").len(), 1);
        let (shown, done) = take(HOUSEHOLDS, false);
        let counts = done.unwrap().counts;
        assert_eq!((counts.added, counts.unchanged, counts.rows_bad), (1, 1, 0));
        assert_eq!(shown.batch.text("status"), "confirmed");
        assert!(world.service().store().audit_verify().unwrap().is_sound());
    });
}

#[test]
fn a_bad_row_leaves_what_it_says_to_the_next_good_one() {
    for_each_database(|world| {
        import(world, "household", HOUSEHOLDS);
        let number = identity("99010119800101001");
        // The first row is bad in its person; the household's change comes with the second.
        let sheet = format!(
            "户编号,户主姓名,行政村,姓名,人编号,证件号码,健康状况\n\
             990100000001,子某,990101100201,甲,P1,{number},某种没有的状况\n\
             990100000001,子某,990101100201,乙,P2,,健康\n\
             990100000009,丑某,990101100201,丙,P3,,某种没有的状况\n\
             990100000009,丑某,990101100201,丁,P4,,健康\n"
        );
        let batch = check(world, "national_persons", sheet.as_bytes());
        let done = confirm(world, &batch, true).unwrap();
        assert_eq!((done.counts.rows_bad, done.counts.added), (2, 2));
        let mut heads: Vec<String> = all(world, "household")
            .iter()
            .map(|record| record.text("head_name").to_owned())
            .collect();
        heads.sort();
        assert_eq!(heads, ["丑某", "乙某", "子某"]);
        assert_eq!(all(world, "person").len(), 2);
    });
}

#[test]
fn a_thousand_rows_go_in_by_blocks_and_come_back_out() {
    for_each_database(|world| {
        let mut sheet = "户编号,户主姓名,行政村,户联系电话\n".to_owned();
        for number in 0..1100 {
            let village = 201 + number % 2;
            sheet.push_str(&format!(
                "9902{number:08},户{number},990101100{village},139{number:08}\n"
            ));
        }
        let batch = check(world, "household", sheet.as_bytes());
        confirm(world, &batch, false).unwrap();
        let count = |world: &World| {
            let query = taizhang_store::Query::new("household");
            world.service().store().read(|reader| reader.count(&query)).unwrap()
        };
        assert_eq!(count(world), 1100);
        let again = check(world, "household", sheet.as_bytes());
        assert_eq!(preview(world, &again).counts.unchanged, 1100);
        assert!(world.service().store().audit_verify().unwrap().is_sound());
        let version = preview(world, &batch).batch.version;
        let clerk = world.caller("clerk");
        world.service().take_back_import(&clerk, &batch, version).unwrap();
        assert_eq!(count(world), 0);
        assert!(world.service().store().audit_verify().unwrap().is_sound());
    });
}
