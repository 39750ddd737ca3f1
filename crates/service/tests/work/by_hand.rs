//! Findings written and corrected by hand, and what stands beside them: neighbours, counts, a
//! sealed field, the ledger as its reader likes it.

use super::world::{VILLAGES, World, date, for_each_database};
use taizhang_service::work::{
    AddMeasureInput, Assignment, CreateFindingInput, EditFindingInput, LedgerFilter, Shown,
};
use taizhang_service::{LEDGER_COLUMNS, ServiceError};
use taizhang_store::{AuditFilter, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

fn values<const COUNT: usize>(pairs: [(&str, &str); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

fn input(world: &World) -> CreateFindingInput {
    CreateFindingInput {
        region: RegionCode::parse(VILLAGES[0]),
        inspection: Some(world.inspection.clone()),
        title: " 公厕满溢 ".to_owned(),
        problem: "两个月无人清掏".to_owned(),
        values: values([("category", "人居环境")]),
        assignment: Assignment {
            lead_unit: Some(world.id("unit:village")),
            responsible_units: Some(vec![world.id("unit:office")]),
            person: Some(world.id("village")),
            deadline_on: Some(date("2026-05-20")),
            ..Assignment::default()
        },
        measures: vec!["清掏".to_owned(), "定管护人".to_owned()],
    }
}

/// The codes of a refusal, or `denied`, `conflict`, `not found`.
fn refusal<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(ServiceError::Invalid(faults)) => {
            let codes: Vec<&str> = faults.iter().map(|fault| fault.code.as_str()).collect();
            codes.join(" ")
        }
        Err(ServiceError::Denied { .. }) => "denied".to_owned(),
        Err(ServiceError::Conflict(_)) => "conflict".to_owned(),
        Err(ServiceError::NotFound) => "not found".to_owned(),
        Err(other) => other.to_string(),
    }
}

#[test]
fn finding_by_hand_is_registered_with_all_that_belongs_to_it() {
    for_each_database(|world| {
        let service = world.service();
        let made = service.create_finding(&world.caller("clerk"), &input(world)).unwrap();
        assert_eq!(made.state.as_deref(), Some("registered"));
        let texts = [
            ("title", "公厕满溢"),
            ("category", "人居环境"),
            ("source_kind", "assessment"),
            ("source_level", "upper"),
            ("deadline_on", "2026-05-20"),
            ("original_deadline_on", "2026-05-20"),
        ];
        for (field, expected) in texts {
            assert_eq!(made.get(field).to_string(), expected, "{field}");
        }
        assert!(!made.get("due_on").is_empty() && made.text("number").starts_with("2026-"));
        let page = service.finding_page(&world.caller("clerk"), &made.id).unwrap();
        let measures: Vec<&str> = page.measures.iter().map(|m| m.text("text")).collect();
        assert_eq!(measures, ["清掏", "定管护人"]);
        let told = service.unread_messages(&world.caller("village")).unwrap();
        assert_eq!(told.len(), 1, "the person is told");
        let second = service.create_finding(&world.caller("clerk"), &input(world)).unwrap();
        assert_ne!(made.text("number"), second.text("number"));
    });
}

#[test]
fn new_finding_is_refused_with_all_its_faults() {
    for_each_database(|world| {
        let good = || input(world);
        let early = Assignment { deadline_on: Some(date("2026-02-01")), ..Assignment::default() };
        let nobody = Assignment { person: Some(world.inspection.clone()), ..Assignment::default() };
        let own = values([("source_kind", "self_check")]);
        let closed = values([("closed_on", "2026-01-05")]);
        let blank = String::new;
        let cases = [
            ("clerk", good(), "done"),
            ("county", good(), "done"),
            ("clerk", CreateFindingInput { inspection: None, values: own, ..good() }, "done"),
            ("clerk", CreateFindingInput { values: closed, ..good() }, "W0224"),
            ("village", good(), "not found"),
            ("leader", good(), "denied"),
            ("elsewhere", good(), "not found"),
            ("clerk", CreateFindingInput { inspection: None, ..good() }, "W0223"),
            (
                "clerk",
                CreateFindingInput { region: None, title: blank(), problem: blank(), ..good() },
                "W0220 W0221 W0222",
            ),
            ("clerk", CreateFindingInput { assignment: early, ..good() }, "F0301"),
            ("clerk", CreateFindingInput { assignment: nobody, ..good() }, "W0122"),
            (
                "clerk",
                CreateFindingInput { region: RegionCode::parse("990101101"), ..good() },
                "denied",
            ),
        ];
        for (place, (who, input, expected)) in cases.iter().enumerate() {
            let result = world.service().create_finding(&world.caller(who), input);
            assert_eq!(refusal(result), *expected, "case {place} by {who}");
        }
    });
}

fn edit(world: &World, who: &str, shown: Shown, changed: Values) -> Result<Record, ServiceError> {
    let input = EditFindingInput { shown, values: changed };
    world.service().edit_finding(&world.caller(who), &input)
}

#[test]
fn corrections_are_for_those_who_keep_the_ledger() {
    for_each_database(|world| {
        let id = world.finding("own", "2026-05-20");
        let good = || values([("title", "改过的标题"), ("cause", "没有合同")]);
        let cases = [
            ("clerk", good(), "done"),
            ("leader", good(), "done"),
            ("county", good(), "done"),
            ("discipline", good(), "denied"),
            ("village", good(), "denied"),
            ("village-two", good(), "not found"),
            ("clerk", values([("title", " "), ("problem", "")]), "W0222 W0221"),
            ("clerk", values([("deadline_on", "2027-01-01")]), "W0224"),
            ("clerk", values([("state", "closed")]), "W0224"),
        ];
        for (who, changed, expected) in cases {
            assert_eq!(refusal(edit(world, who, world.shown(&id), changed)), expected, "{who}");
        }
        assert_eq!(world.record("finding", &id).text("cause"), "没有合同");
        world.bring_to(&id, "closed");
        assert_eq!(refusal(edit(world, "clerk", world.shown(&id), good())), "W0225");
    });
}

#[test]
fn correction_of_an_old_version_tells_both_field_by_field() {
    for_each_database(|world| {
        let id = world.finding("own", "2026-05-20");
        let old = world.shown(&id);
        edit(world, "leader", old.clone(), values([("title", "乙")])).unwrap();
        let mine = edit(world, "clerk", old, values([("title", "甲"), ("cause", "丙")]));
        let Err(ServiceError::Conflict(conflict)) = mine else { panic!("{mine:?}") };
        let title = conflict.fields.iter().find(|field| field.field == "title").unwrap();
        assert_eq!((title.mine.to_string(), title.theirs.to_string()), ("甲".into(), "乙".into()));
        assert_eq!(world.record("finding", &id).text("title"), "乙", "nothing was overwritten");
        assert!(world.record("finding", &id).get("cause").is_empty());
    });
}

#[test]
fn neighbours_and_counts_hold_what_the_caller_sees() {
    for_each_database(|world| {
        let ids: Vec<RecordId> =
            VILLAGES.iter().map(|region| world.finding_in(region, "own", "2026-05-20")).collect();
        let last = world.finding("own", "2026-05-20");
        world.bring_to(&last, "closed");
        let service = world.service();
        for (who, neighbours, count) in
            [("clerk", 2, 4), ("village-two", 1, 1), ("elsewhere", 0, 0), ("county", 2, 4)]
        {
            let caller = world.caller(who);
            let first = world.record("finding", &ids[0]);
            let found = service.neighbours(&caller, &first).unwrap();
            assert!(found.iter().all(|finding| finding.id != first.id), "not the row itself");
            assert_eq!(found.len(), neighbours, "{who}: running ones only");
            let counts =
                service.finding_counts(&caller, std::slice::from_ref(&world.inspection)).unwrap();
            let counted = counts.get(&world.inspection).copied().unwrap_or(0);
            assert_eq!(counted, count, "{who}");
            let mut asked = ids.clone();
            asked.reverse();
            let seen = service.findings(&caller, &asked).unwrap();
            assert!(seen.iter().all(|finding| ids.contains(&finding.id)), "{who}");
            if who == "clerk" {
                assert_eq!(seen.iter().map(|f| f.id.clone()).collect::<Vec<_>>(), asked);
            }
        }
    });
}

#[test]
fn ticked_rows_are_exported_as_far_as_they_may_be() {
    for_each_database(|world| {
        let ids: Vec<RecordId> =
            VILLAGES.iter().map(|region| world.finding_in(region, "own", "2026-05-20")).collect();
        let filter = LedgerFilter { ids: ids[..2].to_vec(), ..LedgerFilter::default() };
        for (who, rows) in [("clerk", 2), ("county", 2)] {
            let made = world.service().export_ledger(&world.caller(who), &filter).unwrap();
            assert_eq!(made.rows, rows, "{who}");
        }
        let back = filter.pairs();
        let back = LedgerFilter::parse(back.iter().map(|(name, value)| (*name, value.as_str())));
        assert_eq!(back, filter, "ticked rows stand in the address");
        let none = world.service().export_ledger(&world.caller("elsewhere"), &filter).unwrap();
        assert_eq!(none.rows, 0, "rows of others are no rows");
    });
}

#[test]
fn views_are_kept_replaced_and_limited() {
    for_each_database(|world| {
        let (service, caller) = (world.service(), world.caller("clerk"));
        let filter = LedgerFilter { text: Some("水".to_owned()), ..LedgerFilter::default() };
        for (name, expected) in [("水", "done"), (" ", "S0811"), (&*"长".repeat(31), "S0811")] {
            assert_eq!(refusal(service.save_view(&caller, name, &filter)), expected, "{name}");
        }
        service.save_view(&caller, "水", &LedgerFilter::default()).unwrap();
        let views = service.ledger_taste(&caller).unwrap().views;
        assert_eq!(views.len(), 1);
        assert_eq!(views[0].query, "", "the same name replaces the view");
        for number in 1..20 {
            service.save_view(&caller, &format!("视图{number}"), &filter).unwrap();
        }
        assert_eq!(refusal(service.save_view(&caller, "再一个", &filter)), "S0812");
        service.forget_view(&caller, "水").unwrap();
        assert_eq!(service.ledger_taste(&caller).unwrap().views.len(), 19);
        assert!(service.ledger_taste(&world.caller("leader")).unwrap().views.is_empty());
        assert_eq!(service.ledger_taste(&caller).unwrap().columns, LEDGER_COLUMNS);
        let chosen = ["state", "lead", "nonsense", "state"].map(str::to_owned);
        service.choose_columns(&caller, &chosen).unwrap();
        assert_eq!(service.ledger_taste(&caller).unwrap().columns, ["state", "lead"]);
        service.choose_columns(&caller, &[]).unwrap();
        assert!(service.ledger_taste(&caller).unwrap().columns.is_empty());
    });
}

#[test]
fn sealed_phone_is_shown_to_those_who_may_and_every_look_is_on_record() {
    for_each_database(|world| {
        let service = world.service();
        let id = world.id("village");
        let user = world.record("user", &id);
        service
            .store()
            .write(&super::world::act("test.phone"), |writer| {
                let values = values([("phone", "13900001234")]);
                let change = taizhang_store::Change { values, ..Default::default() };
                Ok::<_, ServiceError>(writer.update("user", &id, user.version, change)?)
            })
            .unwrap();
        let cases = [
            ("clerk", "核实进度", "done"),
            ("county", "核实进度", "done"),
            ("discipline", "核实进度", "done"),
            ("clerk", " ", "S0821"),
            ("leader", "核实进度", "denied"),
            ("elsewhere", "核实进度", "not found"),
        ];
        for (who, reason, expected) in cases {
            let caller = world.caller(who);
            let found = service.reveal_field(&caller, "user", &id, "phone", reason);
            if let Ok(phone) = &found {
                assert_eq!(phone, "13900001234");
            }
            assert_eq!(refusal(found), expected, "{who} {reason:?}");
        }
        let lines = service
            .store()
            .read(|reader| reader.audit_list(&AuditFilter::default(), None, 50))
            .unwrap();
        let looks = lines.iter().filter(|line| line.verb == "user.reveal");
        assert_eq!(looks.clone().count(), 3, "refused looks show nothing and leave no line");
        for line in looks {
            assert_eq!(line.reason.as_deref(), Some("核实进度"));
            assert!(!line.detail.contains("13900001234"));
        }
        assert_eq!(world.record("user", &id).text("phone"), "139****1234");
    });
}

#[test]
fn measures_of_another_inspection_are_not_tied() {
    for_each_database(|world| {
        let service = world.service();
        let clerk = world.caller("clerk");
        let (one, two) = (world.finding("own", "2026-05-20"), world.finding("own", "2026-05-20"));
        let alone = CreateFindingInput {
            inspection: None,
            values: values([("source_kind", "self_check")]),
            ..input(world)
        };
        let alone = service.create_finding(&clerk, &alone).unwrap().id;
        for finding in [&one, &two] {
            world.bring_to(finding, "working");
        }
        let add = |findings: &[&RecordId]| {
            let findings = findings.iter().map(|id| (*id).clone()).collect();
            service.add_measure(&clerk, &AddMeasureInput { findings, text: "管护".into() })
        };
        let (of_letter, of_alone) = (add(&[&one]).unwrap().id, add(&[&alone]).unwrap().id);
        let tie = |measures: &[&RecordId], finding: &RecordId| {
            let measures: Vec<RecordId> = measures.iter().map(|id| (*id).clone()).collect();
            service.tie_measures(&clerk, &measures, finding)
        };
        let tied = || service.finding_page(&clerk, &two).unwrap().measures.len();
        let before = tied();
        let cases = [
            (refusal(tie(&[&of_letter], &two)), "done"),
            (refusal(tie(&[&of_letter, &of_alone], &two)), "W0133"),
            (refusal(tie(&[&of_letter], &alone)), "W0133"),
            (refusal(service.tie_measure(&clerk, &of_alone, &one, true)), "W0133"),
            (refusal(add(&[&one, &alone])), "W0133"),
            (refusal(add(&[&alone, &two])), "W0133"),
            (refusal(add(&[&one, &two])), "done"),
        ];
        for (place, (found, expected)) in cases.into_iter().enumerate() {
            assert_eq!(found, expected, "case {place}");
        }
        assert_eq!(tied(), before + 2, "all or none");
    });
}
