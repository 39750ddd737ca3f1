//! What of a record its reader sees: the shipped roles against `data/fields.txt`, and roles made
//! for the purpose against every way in.

use crate::work::world::{VILLAGES, World, for_each_database};
use std::sync::Arc;
use taizhang_codebook::{Field, FieldAccess, Ledger};
use taizhang_service::doubts::CheckDoubt;
use taizhang_service::register::{DecideProposal, SaveRecord, Saved};
use taizhang_service::work::LedgerFilter;
use taizhang_service::{Caller, HeldGrant, Service, ServiceError};
use taizhang_store::{Filter, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

/// A text that stands nowhere else.
const PLANT: &str = "秘而不宣七七";

fn values<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn save_input(ledger: &str, record: Option<&Record>, values: Values) -> SaveRecord {
    SaveRecord {
        ledger: ledger.to_owned(),
        id: record.map(|record| record.id.clone()),
        version: record.map_or(0, |record| record.version),
        region: RegionCode::parse(VILLAGES[0]),
        values,
        reason: "入户核实".to_owned(),
    }
}

fn written(saved: Result<Saved, ServiceError>) -> Record {
    match saved.unwrap() {
        Saved::Written(record, _) | Saved::Proposed(record) => *record,
    }
}

/// The same house with roles whose fields are limited.
fn limited(world: &World, limits: &[(&str, &str, &str, FieldAccess)]) -> Service {
    let mut codebook = world.service().codebook().clone();
    for (role, ledger, field, access) in limits {
        let role = codebook.roles.get_mut(*role).unwrap();
        let grant = role.grants.get_mut(*ledger).unwrap();
        grant.fields.insert((*field).to_owned(), *access);
    }
    Service::new(world.service().store().clone(), Arc::new(codebook), world.house.clock.clone())
}

fn codes(error: &ServiceError) -> Vec<String> {
    match error {
        ServiceError::Invalid(faults) => faults.iter().map(|f| f.code.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

/// A household with a member, made by the clerk.
fn household(world: &World) -> (Record, Record) {
    let service = world.service();
    let clerk = world.caller("clerk");
    let root = values([("household_no", "HX77".into()), ("household_phone", "13900000000".into())]);
    let household = written(service.save_record(&clerk, &save_input("household", None, root)));
    let person = values([
        ("household", (&household.id).into()),
        ("name", "某甲".into()),
        ("diseases", "不宣之疾".into()),
    ]);
    let person = written(service.save_record(&clerk, &save_input("person", None, person)));
    (household, person)
}

fn holder(caller: &Caller, role: &str, region: &str) -> Caller {
    let region = RegionCode::parse(region).unwrap();
    let grant = HeldGrant { role: role.to_owned(), region, unit: caller.unit.clone() };
    Caller { grants: vec![grant], ..caller.clone() }
}

#[test]
fn shipped_roles_see_of_a_field_what_the_table_says() {
    for_each_database(|world| {
        let codebook = world.service().codebook();
        for line in include_str!("../data/fields.txt").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [role, ledger, field, how] = words.as_slice() else {
                assert!(words.is_empty() || line.starts_with('#'), "{line}");
                continue;
            };
            let definition = codebook.field(ledger, field).unwrap();
            let access = codebook.roles[*role].grants[*ledger].access(definition);
            let found = match access {
                FieldAccess::Hidden => "hidden",
                FieldAccess::Masked => "masked",
                FieldAccess::Reveal => "reveal",
                FieldAccess::Full => "whole",
            };
            assert_eq!(found, *how, "{line}");
        }
    });
}

#[test]
fn hidden_disease_is_taken_out_and_a_phone_is_revealed_by_its_class() {
    for_each_database(|world| {
        let (household, person) = household(world);
        let service = world.service();
        let department = holder(&world.caller("county"), "county_department", "990101");
        let seen = service.register_record(&department, "person", &person.id).unwrap();
        assert_eq!(seen.get("diseases"), &Value::Null);
        assert_eq!(seen.text("name"), "某甲");
        assert!(!service.may_reveal(&department, &seen, "diseases"));
        let clerk = world.caller("clerk");
        let seen = service.register_record(&clerk, "person", &person.id).unwrap();
        assert_ne!(seen.get("diseases"), &Value::Null);
        let phone = "household_phone";
        let clear = service.reveal_field(&clerk, "household", &household.id, phone, "入户联系");
        assert_eq!(clear.unwrap(), "13900000000");
        let village = world.caller("village");
        let refused = service.reveal_field(&village, "household", &household.id, phone, "联系");
        assert!(matches!(refused, Err(ServiceError::Denied { .. })));
    });
}

#[test]
fn masked_text_keeps_its_first_character_and_is_not_written_over() {
    for_each_database(|world| {
        let (_, person) = household(world);
        let limits = [("village_committee", "person", "name", FieldAccess::Masked)];
        let service = limited(world, &limits);
        let village = world.caller("village");
        let seen = service.register_record(&village, "person", &person.id).unwrap();
        assert_eq!(seen.text("name"), "某*");
        let anew = values([("name", "某乙".into())]);
        let refused = service.save_record(&village, &save_input("person", Some(&seen), anew));
        assert_eq!(codes(&refused.unwrap_err()), ["V0103"]);
        let back = values([("name", "某*".into()), ("diseases", "无".into())]);
        written(service.save_record(&village, &save_input("person", Some(&seen), back)));
        assert_eq!(world.record("person", &person.id).text("name"), "某甲");
    });
}

#[test]
fn more_permissive_right_counts_where_it_reaches() {
    for_each_database(|world| {
        let (_, person) = household(world);
        let limits = [("village_committee", "person", "name", FieldAccess::Hidden)];
        let service = limited(world, &limits);
        let mut caller = world.caller("village");
        let read = |caller: &Caller| {
            let record = service.register_record(caller, "person", &person.id).unwrap();
            record.text("name").to_owned()
        };
        assert_eq!(read(&caller), "");
        let mut clerk = world.caller("clerk").grants;
        clerk[0].region = RegionCode::parse(VILLAGES[1]).unwrap();
        caller.grants.extend(clerk.clone());
        assert_eq!(read(&caller), "", "a right over another village shows nothing here");
        clerk[0].region = RegionCode::parse("990101100").unwrap();
        caller.grants.extend(clerk);
        assert_eq!(read(&caller), "某甲");
    });
}

#[test]
fn nobody_filters_sorts_or_searches_by_what_he_does_not_see() {
    for_each_database(|world| {
        household(world);
        let id = world.finding("upper", "2026-05-01");
        let hidden = FieldAccess::Hidden;
        let service = limited(
            world,
            &[
                ("village_committee", "household", "household_type", hidden),
                ("village_committee", "household", "household_phone", hidden),
                ("village_committee", "finding", "due_on", hidden),
                ("village_committee", "finding", "title", hidden),
                ("village_committee", "finding", "category", hidden),
            ],
        );
        let village = world.caller("village");
        let filters = [
            Filter::eq("household_type", "general"),
            Filter::Not(Box::new(Filter::IsEmpty("household_type".to_owned()))),
            Filter::Or(vec![Filter::eq("household_phone", "13900000000")]),
        ];
        for filter in filters {
            let refused = service.households(&village, filter, None, 10);
            assert_eq!(codes(&refused.unwrap_err()), ["V0101"]);
        }
        assert_eq!(service.households(&village, Filter::All, None, 10).unwrap().records.len(), 1);
        let list = |pairs: &[(&str, &str)]| {
            let filter = LedgerFilter::parse(pairs.iter().copied());
            service.ledger_list(&village, &filter)
        };
        assert_eq!(codes(&list(&[]).unwrap_err()), ["V0102"]);
        assert_eq!(codes(&list(&[("sort", "number"), ("category", "x")]).unwrap_err()), ["V0101"]);
        let found = list(&[("sort", "number"), ("text", "部分供水点")]).unwrap();
        assert_eq!(found.rows.len(), 1, "what is seen is searched");
        assert_eq!(found.rows[0].record.get("title"), &Value::Null);
        let found = list(&[("sort", "number"), ("text", "饮水安全管护")]).unwrap();
        assert_eq!(found.rows.len(), 0, "what is hidden is not");
        let page = service.finding_page(&village, &id).unwrap();
        assert_eq!(page.finding.get("title"), &Value::Null);
    });
}

/// Everything that a caller can be shown of a household, as one text.
fn everything(service: &Service, caller: &Caller, household: &RecordId, rows: &[Record]) -> String {
    let mut all = String::new();
    let mut add = |part: String| all.push_str(&part);
    add(format!("{:?}", service.households(caller, Filter::All, None, 50)));
    let page = service.household_page(caller, household);
    if let Ok(page) = &page {
        for proposal in &page.proposals {
            add(format!("{:?}", service.proposal_page(caller, &proposal.id)));
            add(format!("{:?}", service.record_history(caller, "proposal", &proposal.id)));
        }
        for doubt in &page.doubts.standing {
            add(format!("{:?}", service.doubt_page(caller, &doubt.id)));
            add(format!("{:?}", service.record_history(caller, "doubt", &doubt.id)));
            let check = CheckDoubt {
                doubt: doubt.id.clone(),
                version: 0,
                is_accepted: true,
                note: String::new(),
            };
            add(format!("{:?}", service.check_doubt(caller, &check)));
        }
    }
    add(format!("{page:?}"));
    add(format!("{:?}", service.doubts(caller, Filter::All, None, 50)));
    add(format!("{:?}", service.proposals(caller, false, None, 50)));
    for row in rows {
        add(format!("{:?}", service.register_record(caller, &row.ledger, &row.id)));
        add(format!("{:?}", service.record_history(caller, &row.ledger, &row.id)));
        let place = row.region.as_ref();
        add(format!("{:?}", service.reference_choices(caller, &row.ledger, None, place)));
        let mut stale = save_input(&row.ledger, Some(row), values([]));
        stale.version = 0;
        stale.values = values([("note", "改".into()), ("former_name", "改".into())]);
        add(format!("{:?}", service.save_record(caller, &stale)));
    }
    all
}

fn texts(ledger: &Ledger) -> Vec<&Field> {
    use taizhang_codebook::FieldType::{LongText, Text};
    let is_text = |field: &&Field| matches!(field.field_type, Text | LongText);
    let is_long = |field: &&Field| field.length_max.is_none_or(|length| length >= 20);
    ledger.fields.iter().filter(is_text).filter(is_long).collect()
}

#[test]
fn no_way_in_shows_a_hidden_value() {
    for_each_database(|world| {
        let (household, person) = household(world);
        let clerk = world.caller("clerk");
        let codebook = world.service().codebook();
        for row in [&household, &person] {
            let ledger = &codebook.ledgers[&row.ledger];
            for (field, access) in texts(ledger)
                .into_iter()
                .flat_map(|field| [(field, FieldAccess::Hidden), (field, FieldAccess::Masked)])
            {
                let now = world.record(&row.ledger, &row.id);
                // Fields before this one keep their plants: each has its own.
                let text = format!("{PLANT}{}{}号", row.ledger, now.version);
                let plant = values([(field.name.as_str(), text.as_str().into())]);
                let planted = save_input(&row.ledger, Some(&now), plant);
                written(world.service().save_record(&clerk, &planted));
                let roles = ["village_committee", "township_leader", "township_clerk"];
                let limits = roles.map(|role| (role, row.ledger.as_str(), &*field.name, access));
                let service = limited(world, &limits);
                let rows = [household.clone(), person.clone()];
                for login in ["village", "leader", "clerk"] {
                    let caller = world.caller(login);
                    let all = everything(&service, &caller, &household.id, &rows);
                    let near = all.split(&text).next().unwrap_or_default();
                    let near: String = near.chars().rev().take(300).collect();
                    let near: String = near.chars().rev().collect();
                    assert!(!all.contains(&text), "{login} {} {} {near}", row.ledger, field.name);
                }
                if field.sensitive.is_none() {
                    let village = world.caller("village");
                    let all = everything(world.service(), &village, &household.id, &rows);
                    assert!(all.contains(&text), "no plant: {} {}", row.ledger, field.name);
                }
            }
        }
    });
}

#[test]
fn proposal_tells_only_of_fields_that_its_reader_sees() {
    for_each_database(|world| {
        let (_, person) = household(world);
        let village = world.caller("village");
        let change = values([("name", PLANT.into()), ("person_no", "P-7".into())]);
        let input = save_input("person", Some(&person), change);
        let proposal = written(world.service().save_record(&village, &input));
        let limits = [("township_clerk", "person", "name", FieldAccess::Hidden)];
        let service = limited(world, &limits);
        let clerk = world.caller("clerk");
        let page = service.proposal_page(&clerk, &proposal.id).unwrap();
        let fields: Vec<&str> = page.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["person_no"]);
        assert_eq!(page.proposal.get("fields").as_list(), ["person_no"]);
        let decision = DecideProposal {
            proposal: proposal.id.clone(),
            version: proposal.version,
            is_accepted: true,
            note: String::new(),
        };
        let refused = service.decide_proposal(&clerk, &decision).unwrap_err();
        assert_eq!(codes(&refused), ["V0103"], "nobody accepts what he does not see");
        world.service().decide_proposal(&clerk, &decision).unwrap();
    });
}

#[test]
fn message_of_a_doubt_with_a_hidden_value_is_the_title_of_its_rule() {
    for_each_database(|world| {
        let clerk = world.caller("clerk");
        let root = values([("household_no", "HX78".into()), ("population", 7.into())]);
        let root = save_input("household", None, root);
        let root = written(world.service().save_record(&clerk, &root));
        let message = |service: &Service| {
            let doubts = service.household_doubts(&clerk, &root.id).unwrap().standing;
            let told = doubts.iter().map(|doubt| {
                assert_eq!(doubt.get("evidence_key"), &Value::Null);
                doubt.text("message").to_owned()
            });
            told.collect::<Vec<_>>().join("\n")
        };
        assert!(message(world.service()).contains("登记人口7人"), "{}", message(world.service()));
        let hidden = [("township_clerk", "household", "population", FieldAccess::Hidden)];
        let told = message(&limited(world, &hidden));
        assert!(!told.contains('7') && !told.is_empty(), "{told}");
    });
}

#[test]
fn export_rights_are_those_of_the_grant_that_exports() {
    for_each_database(|world| {
        world.finding("upper", "2026-05-01");
        let limits = [("township_clerk", "finding", "problem", FieldAccess::Hidden)];
        let clerk = world.caller("clerk");
        let rows = |service: &Service| {
            let filter = LedgerFilter::default();
            service.export_ledger(&clerk, &filter).unwrap().bytes.len()
        };
        assert!(rows(&limited(world, &limits)) < rows(world.service()));
    });
}
