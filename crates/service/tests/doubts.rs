//! Doubts: opened by rules, answered by people, closed by rules; and findings closed by them.

use crate::work::world::{TOWN, VILLAGES, World, for_each_database, morning};
use taizhang_service::doubts::{AnswerDoubt, BESIDE_MAX, CheckDoubt, CriterionInput};
use taizhang_service::jobs::{JobOutcome, JobRequest};
use taizhang_service::register::{DecideProposal, SaveRecord, Saved};
use taizhang_service::{Caller, ServiceError};
use taizhang_store::{Act, Filter, NewRecord, Record, StoreError, Values, Writer};
use taizhang_values::{Money, RecordId, RegionCode, Value};

const VILLAGE: &str = VILLAGES[0];

fn values<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn save(world: &World, login: &str, ledger: &str, values: Values) -> Record {
    let input = SaveRecord {
        ledger: ledger.to_owned(),
        id: None,
        version: 0,
        region: RegionCode::parse(VILLAGE),
        values,
        reason: "入户核实".to_owned(),
    };
    match world.service().save_record(&world.caller(login), &input).unwrap() {
        Saved::Written(record, _) => *record,
        Saved::Proposed(record) => *record,
    }
}

fn change(
    world: &World,
    login: &str,
    record: &Record,
    pairs: Values,
) -> Result<Saved, ServiceError> {
    let input = SaveRecord {
        ledger: record.ledger.clone(),
        id: Some(record.id.clone()),
        version: record.version,
        region: None,
        values: pairs,
        reason: "入户核实".to_owned(),
    };
    world.service().save_record(&world.caller(login), &input)
}

/// Codes of the standing doubts of a household.
fn standing(world: &World, household: &RecordId) -> Vec<String> {
    let doubts = world.service().household_doubts(&world.caller("clerk"), household).unwrap();
    let mut rules: Vec<String> =
        doubts.standing.iter().map(|doubt| doubt.text("rule").to_owned()).collect();
    rules.sort();
    rules
}

fn has(world: &World, household: &RecordId, rule: &str) -> bool {
    standing(world, household).iter().any(|code| code == rule)
}

/// A lifted household whose exit was confirmed before it was applied for.
fn household(world: &World) -> Record {
    save(
        world,
        "clerk",
        "household",
        values([
            ("household_no", "990100000001".into()),
            ("head_name", "甲某".into()),
            ("household_type", "lifted".into()),
            ("is_active", true.into()),
            ("exit_applied_on", Value::Date("2018-12-01".parse().unwrap())),
            ("exit_confirmed_on", Value::Date("2018-11-20".parse().unwrap())),
        ]),
    )
}

fn doubt_of(world: &World, caller: &Caller, rule: &str) -> Record {
    let filter = Filter::eq("rule", rule);
    world.service().doubts(caller, filter, None, 10).unwrap().records.remove(0)
}

#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, ServiceError>, code: &str) {
    match result {
        Err(ServiceError::Invalid(faults)) => {
            assert!(faults.iter().any(|fault| fault.code == code), "{faults:?}");
        }
        other => panic!("{code} expected: {other:?}"),
    }
}

#[test]
fn saving_a_household_opens_and_mending_it_closes_a_doubt() {
    for_each_database(|world| {
        let record = household(world);
        assert!(has(world, &record.id, "ARC-003"), "{:?}", standing(world, &record.id));
        let mended = values([("exit_applied_on", Value::Date("2018-09-01".parse().unwrap()))]);
        change(world, "clerk", &record, mended).unwrap();
        assert!(!has(world, &record.id, "ARC-003"));
        let clerk = world.caller("clerk");
        let doubt = doubt_of(world, &clerk, "ARC-003");
        assert_eq!((doubt.text("doubt_status"), doubt.text("close_reason")), ("closed", "mended"));
        let cleared = world
            .service()
            .cleared(&clerk, world.service().today(), world.service().today())
            .unwrap();
        assert!(cleared.iter().any(|row| row.rule == "ARC-003" && row.region == VILLAGE));
    });
}

/// A group's rows lie in the trees of many households.
#[test]
fn a_group_is_judged_by_the_support_of_all_its_households() {
    for_each_database(|world| {
        let fen = |amount: i64| Value::Money(Money::from_fen(amount));
        let village = [("village_code", VILLAGE.into()), ("name", "甲村".into())];
        let village = save(world, "clerk", "village", values(village));
        let group = [
            ("village", (&village.id).into()),
            ("group_code", "01".into()),
            ("name", "一组".into()),
        ];
        let group = save(world, "clerk", "village_group", values(group));
        for (number, income) in
            [("990100000011", 2000), ("990100000012", 3000), ("990100000013", 5000)]
        {
            let home = [("household_no", number.into()), ("head_name", "甲某".into())];
            let home = save(world, "clerk", "household", values(home));
            let support = [
                ("household", (&home.id).into()),
                ("village_group", (&group.id).into()),
                ("low_income_kind", "minimum_living".into()),
                ("monthly_amount", fen(30_000)),
                ("income_per_capita", fen(income * 100)),
            ];
            save(world, "clerk", "low_income", values(support));
        }
        // Judged with its own save, by what the store holds.
        change(world, "clerk", &group, values([("name", "第一组".into())])).unwrap();
        let doubt = doubt_of(world, &world.caller("clerk"), "LOW-003");
        assert_eq!(doubt.text("subject"), group.id.to_string());
    });
}

#[test]
fn members_are_judged_with_their_household() {
    for_each_database(|world| {
        let record = household(world);
        let number = "990101199001010119";
        let person = save(
            world,
            "clerk",
            "person",
            values([
                ("household", (&record.id).into()),
                ("name", "甲某".into()),
                ("id_number", number.into()),
                ("sex", "female".into()),
                ("birth_date", Value::Date("1990-01-01".parse().unwrap())),
                ("relation_to_head", "head".into()),
            ]),
        );
        let rules = standing(world, &record.id);
        assert!(rules.contains(&"PER-025".to_owned()), "{rules:?}");
        for doubt in
            world.service().household_doubts(&world.caller("clerk"), &record.id).unwrap().standing
        {
            assert!(!doubt.text("message").contains(number), "{doubt:?}");
        }
        let again = save(
            world,
            "clerk",
            "person",
            values([
                ("household", (&record.id).into()),
                ("name", "乙某".into()),
                ("id_number", number.into()),
                ("relation_to_head", "son".into()),
            ]),
        );
        let doubts = world
            .service()
            .doubts(&world.caller("clerk"), Filter::eq("rule", "PER-001"), None, 10)
            .unwrap();
        let subjects: Vec<&str> = doubts.records.iter().map(|d| d.text("subject")).collect();
        assert!(subjects.contains(&again.id.as_str()) && subjects.contains(&person.id.as_str()));
    });
}

#[test]
fn household_that_somebody_leaves_is_judged_as_well() {
    for_each_database(|world| {
        let home = |number: &str| {
            let pairs = [
                ("household_no", number.into()),
                ("head_name", "甲某".into()),
                ("population", 1_i64.into()),
            ];
            save(world, "clerk", "household", values(pairs))
        };
        let (from, to) = (home("990100000011"), home("990100000012"));
        let pairs = [("household", (&from.id).into()), ("name", "乙某".into())];
        let person = save(world, "clerk", "person", values(pairs));
        let now = || (has(world, &from.id, "PER-026"), has(world, &to.id, "PER-026"));
        assert_eq!(now(), (false, true));
        change(world, "clerk", &person, values([("household", (&to.id).into())])).unwrap();
        assert_eq!(now(), (true, false));
    });
}

/// A household with one member of this number, who is the member.
fn home_with(world: &World, household_no: &str, number: &str) -> (Record, Record) {
    let pairs = [("household_no", household_no.into()), ("head_name", "甲某".into())];
    let home = save(world, "clerk", "household", values(pairs));
    let pairs = [
        ("household", (&home.id).into()),
        ("name", "乙某".into()),
        ("id_number", number.into()),
        ("relation_to_head", "head".into()),
    ];
    let person = save(world, "clerk", "person", values(pairs));
    (home, person)
}

#[test]
fn who_shares_a_number_elsewhere_is_judged_with_the_save() {
    for_each_database(|world| {
        let number = "99010119900101011X";
        let (first, _) = home_with(world, "990100000021", number);
        let (second, person) = home_with(world, "990100000022", number);
        let now = || (has(world, &first.id, "PER-001"), has(world, &second.id, "PER-001"));
        assert_eq!(now(), (true, true), "a second one with the number");
        let mended = values([("id_number", "990101199203040222".into())]);
        let Saved::Written(person, doubts) = change(world, "clerk", &person, mended).unwrap()
        else {
            panic!("the township writes")
        };
        assert_eq!(now(), (false, false), "the number was mended in one of them");
        assert_eq!((doubts.beside.judged, doubts.beside.is_cut), (1, false));
        let other = values([("guardian_name", "丙某".into())]);
        let saved = change(world, "clerk", &person, other).unwrap();
        let Saved::Written(_, doubts) = saved else { panic!("the township writes") };
        assert_eq!(doubts.beside.judged, 0, "nobody else depends on that field");
    });
}

#[test]
fn a_step_of_a_finding_is_judged_before_it_is_answered() {
    for_each_database(|world| {
        let id = world.finding("own", "2026-12-20");
        let now = |rule: &str| -> Vec<String> {
            let filter = Filter::eq("rule", rule).and(Filter::eq("subject", id.to_string()));
            let found = world.service().doubts(&world.caller("clerk"), filter, None, 10).unwrap();
            found.records.iter().map(|doubt| doubt.text("doubt_status").to_owned()).collect()
        };
        world.act("village", "claim", &id, "cause").unwrap();
        // Nothing was done yet (REC-011); the finding says now whether the fault exists (REC-010).
        assert_eq!((now("REC-011"), now("REC-010")), (vec!["asked".to_owned()], vec![]));
        world.act("village", "progress", &id, "").unwrap();
        assert_eq!(now("REC-011"), ["closed"], "a record of another ledger that the rule reads");
    });
}

#[test]
fn more_than_a_save_can_judge_is_left_for_the_next_run() {
    for_each_database(|world| {
        let number = "99010119900101011X";
        let mut last = None;
        for place in 0..BESIDE_MAX + 2 {
            last = Some(home_with(world, &format!("9901000001{place:02}"), number).1);
        }
        let mended = values([("id_number", "990101199203040222".into())]);
        let saved = change(world, "clerk", &last.unwrap(), mended).unwrap();
        let Saved::Written(_, doubts) = saved else { panic!("the township writes") };
        assert!(doubts.beside.is_cut, "{doubts:?}");
        assert_eq!(doubts.beside.judged, BESIDE_MAX as u64);
    });
}

#[test]
fn a_run_as_a_job_is_done_once_and_a_broken_one_ends_as_failed() {
    for_each_database(|world| {
        let record = household(world);
        let clerk = world.caller("clerk");
        let service = world.service();
        let region = RegionCode::parse(TOWN).unwrap();
        let status = || -> Vec<String> {
            let runs = service.check_runs(&clerk, None, 10).unwrap().records;
            runs.iter().map(|run| run.text("check_status").to_owned()).collect()
        };
        let request = JobRequest::RunChecks { region };
        let job = service.start_job(&clerk, &request).unwrap();
        assert!(service.run_next_job().unwrap());
        let outcome = service.job_progress(&clerk, &job).unwrap().outcome;
        assert!(matches!(outcome, Some(JobOutcome::Run { kept: 1.., .. })), "{outcome:?}");
        assert_eq!(status(), ["done"]);
        assert!(has(world, &record.id, "ARC-003"));
        let runs = service.check_runs(&clerk, None, 10).unwrap().records;
        let (run, rules) = service.check_run(&clerk, &runs[0].id).unwrap();
        assert!(!run.text("snapshot").is_empty());
        let count = |code: &str| rules.iter().find(|rule| rule.rule == code).unwrap().violates;
        assert_eq!((rules.len(), count("ARC-003")), (service.codebook().rules.len(), 1));

        // A program that is killed in the middle of a run leaves this behind.
        let job = service.start_job(&clerk, &request).unwrap();
        let taken = |world: &World| {
            let act = act_of(world, &clerk);
            let region = RegionCode::parse(TOWN);
            let values = values([
                ("title", "全面核查".into()),
                ("as_of", world.service().today().into()),
                ("check_status", "running".into()),
            ]);
            let taken: Result<_, StoreError> = world.service().store().write(&act, |writer| {
                let run = NewRecord { region, values, ..NewRecord::default() };
                writer.insert("check_run", run)?;
                writer.take_due(world.service().now(), 60)
            });
            taken.unwrap()
        };
        assert_eq!(taken(world).unwrap().id, job);
        assert_eq!(status(), ["running", "done"]);
        let later = jiff::SignedDuration::from_secs(120);
        world.house.clock.set(service.now().checked_add(later).unwrap());
        assert!(service.run_next_job().unwrap(), "taken up again");
        assert_eq!(status(), ["done", "failed", "done"]);

        taken(world);
        assert_eq!(service.sweep_broken_runs().unwrap(), 1);
        assert_eq!(status(), ["failed", "done", "failed", "done"]);
        assert_eq!(service.sweep_broken_runs().unwrap(), 0);
    });
}

fn act_of(world: &World, caller: &Caller) -> Act {
    Act {
        actor: Some(caller.user.clone()),
        verb: "test".to_owned(),
        at: world.service().now(),
        reason: None,
        source: "test".to_owned(),
    }
}

#[test]
fn every_night_has_one_run_of_each_county() {
    for_each_database(|world| {
        let record = household(world);
        let runs = || {
            let runs = world.service().check_runs(&world.caller("county"), None, 10).unwrap();
            runs.records.len()
        };
        let report = world.service().nightly().unwrap().expect("nothing was done last night");
        assert_eq!((report.runs, runs()), (1, 1));
        assert!(has(world, &record.id, "ARC-003"));
        assert_eq!(world.service().nightly().unwrap(), None);
        world.house.clock.set("2026-03-02T16:30:00Z".parse().unwrap());
        assert_eq!(world.service().nightly().unwrap(), None, "half past midnight");
        world.house.clock.set("2026-03-02T17:30:00Z".parse().unwrap());
        assert!(world.service().nightly().unwrap().is_some(), "half past one");
        assert_eq!((runs(), world.service().nightly().unwrap()), (2, None));
    });
}

#[test]
fn what_a_village_changes_waits_for_the_township() {
    for_each_database(|world| {
        let record = household(world);
        let mended = values([("exit_applied_on", Value::Date("2018-09-01".parse().unwrap()))]);
        let Saved::Proposed(proposal) = change(world, "village", &record, mended).unwrap() else {
            panic!("a village proposes")
        };
        assert!(has(world, &record.id, "ARC-003"));
        let page = world.service().proposal_page(&world.caller("clerk"), &proposal.id).unwrap();
        assert_eq!(page.fields.len(), 1);
        assert!(page.may_decide && !page.fields[0].is_conflict);
        // Another field changed meanwhile is no conflict.
        change(world, "clerk", &record, values([("head_name", "丙某".into())])).unwrap();
        let decide = |is_accepted| DecideProposal {
            proposal: proposal.id.clone(),
            version: proposal.version,
            is_accepted,
            note: String::new(),
        };
        let service = world.service();
        refused(service.decide_proposal(&world.caller("clerk"), &decide(false)), "G0204");
        service.decide_proposal(&world.caller("clerk"), &decide(true)).unwrap();
        assert!(!has(world, &record.id, "ARC-003"));
        refused(service.decide_proposal(&world.caller("clerk"), &decide(true)), "G0202");
    });
}

#[test]
fn a_proposal_for_a_field_that_changed_meanwhile_is_a_conflict() {
    for_each_database(|world| {
        let record = household(world);
        let name = |name: &str| values([("head_name", name.into())]);
        let Saved::Proposed(proposal) = change(world, "village", &record, name("乙某")).unwrap()
        else {
            panic!("a village proposes")
        };
        change(world, "clerk", &record, name("丁某")).unwrap();
        let page = world.service().proposal_page(&world.caller("clerk"), &proposal.id).unwrap();
        assert!(page.fields[0].is_conflict);
        let decide = DecideProposal {
            proposal: proposal.id.clone(),
            version: proposal.version,
            is_accepted: true,
            note: String::new(),
        };
        let decided = world.service().decide_proposal(&world.caller("clerk"), &decide);
        assert!(matches!(decided, Err(ServiceError::Conflict(_))), "{decided:?}");
    });
}

#[test]
fn an_explanation_stays_quiet_until_its_evidence_changes() {
    for_each_database(|world| {
        let record = household(world);
        let village = world.caller("village");
        let clerk = world.caller("clerk");
        let service = world.service();
        let doubt = doubt_of(world, &village, "ARC-003");
        let answer = |answer: &str, note: &str, version: i64| AnswerDoubt {
            doubt: doubt.id.clone(),
            version,
            answer: answer.to_owned(),
            note: note.to_owned(),
        };
        refused(service.answer_doubt(&village, &answer("mended", "", doubt.version)), "U0103");
        refused(service.answer_doubt(&village, &answer("explained", "", doubt.version)), "U0102");
        let answered = service
            .answer_doubt(&village, &answer("explained", "原件日期", doubt.version))
            .unwrap();
        let check = |version: i64, is_accepted: bool| CheckDoubt {
            doubt: doubt.id.clone(),
            version,
            is_accepted,
            note: String::new(),
        };
        assert!(service.check_doubt(&village, &check(answered.version, true)).is_err());
        refused(service.check_doubt(&clerk, &check(answered.version, false)), "U0106");
        service.check_doubt(&clerk, &check(answered.version, true)).unwrap();
        service.run_checks(&clerk, &RegionCode::parse(TOWN).unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(doubt_of(world, &clerk, "ARC-003").text("doubt_status"), "explained");
        let other = values([("exit_confirmed_on", Value::Date("2018-10-20".parse().unwrap()))]);
        change(world, "clerk", &record, other).unwrap();
        assert_eq!(doubt_of(world, &clerk, "ARC-003").text("doubt_status"), "asked");
    });
}

#[test]
fn a_townships_run_takes_rows_without_a_region_to_lie_where_their_household_lies() {
    for_each_database(|world| {
        let (home, _) = home_with(world, "990100000031", "99010119900101011X");
        let clerk = world.caller("clerk");
        let values = values([
            ("household", (&home.id).into()),
            ("name", "丙某".into()),
            ("id_number", "99010119900101011X".into()),
            ("relation_to_head", "son".into()),
        ]);
        let made: Result<Record, StoreError> =
            world.service().store().write(&act_of(world, &clerk), |writer| {
                writer.insert("person", NewRecord { values, ..NewRecord::default() })
            });
        let made = made.unwrap();
        assert_eq!(made.region, None);
        let town = RegionCode::parse(TOWN).unwrap();
        world.service().run_checks(&clerk, &town, &mut |_, _| {}).unwrap();
        let filter = Filter::eq("rule", "PER-001").and(Filter::eq("subject", made.id.to_string()));
        let found = world.service().doubts(&clerk, filter, None, 10).unwrap().records;
        assert_eq!(found.len(), 1, "one of two with the same number");
        assert_eq!(found[0].region, home.region);
    });
}

#[test]
fn a_run_twice_opens_nothing_twice() {
    for_each_database(|world| {
        household(world);
        let clerk = world.caller("clerk");
        let region = RegionCode::parse(TOWN).unwrap();
        let first = world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        let second = world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        assert!(first.violates > 0);
        assert_eq!((second.turnover.opened, second.turnover.closed), (0, 0));
        assert_eq!(second.turnover.kept, second.violates);
        let runs = world.service().check_runs(&clerk, None, 10).unwrap().records;
        assert_eq!(runs.len(), 2);
        assert!(runs.iter().all(|run| run.text("check_status") == "done"));
        let village = world.caller("village");
        let denied = world.service().run_checks(&village, &region, &mut |_, _| {});
        assert!(matches!(denied, Err(ServiceError::Denied { .. })));
    });
}

#[test]
fn villages_see_the_doubts_of_their_own_households_alone() {
    for_each_database(|world| {
        let record = household(world);
        let other = world.caller("village-two");
        assert!(world.service().doubts(&other, Filter::All, None, 10).unwrap().records.is_empty());
        assert!(world.service().household_page(&other, &record.id).is_err());
        let own = world.service().household_page(&world.caller("village"), &record.id).unwrap();
        assert!(own.may_edit && !own.is_direct && !own.doubts.standing.is_empty());
    });
}

#[test]
fn a_criterion_opens_its_finding_again_until_its_last_day() {
    for (day, state) in [("2026-03-05", "working"), ("2026-03-06", "closed")] {
        for_each_database(|world| {
            let record = household(world);
            let mended = values([("exit_applied_on", Value::Date("2018-09-01".parse().unwrap()))]);
            let Saved::Written(record, _) = change(world, "clerk", &record, mended).unwrap() else {
                panic!("the township writes")
            };
            let id = world.finding("own", "2026-12-20");
            world.bring_to(&id, "submitted");
            let clerk = world.caller("clerk");
            let input = CriterionInput {
                finding: id.clone(),
                version: world.record("finding", &id).version,
                rules: vec!["ARC-003".to_owned()],
                region: None,
                until: Some("2026-03-01".parse().unwrap()),
            };
            refused(world.service().set_criterion(&clerk, &input), "U0204");
            let input = CriterionInput { until: Some("2026-03-05".parse().unwrap()), ..input };
            world.service().set_criterion(&clerk, &input).unwrap();
            world.act("leader", "accept", &id, "passed sample").unwrap();
            world.act("leader", "close", &id, "").unwrap();
            world.house.clock.set(morning(day));
            let broken = values([("exit_applied_on", Value::Date("2019-09-01".parse().unwrap()))]);
            change(world, "clerk", &record, broken).unwrap();
            assert_eq!(world.record("finding", &id).state.as_deref(), Some(state), "{day}");
        });
    }
}

#[test]
fn a_finding_with_a_criterion_closes_when_its_rows_are_mended() {
    for_each_database(|world| {
        let record = household(world);
        let id = world.finding("own", "2026-12-20");
        world.bring_to(&id, "submitted");
        let finding = world.record("finding", &id);
        let clerk = world.caller("clerk");
        let service = world.service();
        let input = CriterionInput {
            finding: finding.id.clone(),
            version: finding.version,
            rules: vec!["ARC-003".to_owned()],
            region: None,
            until: None,
        };
        let mut unknown = input.clone();
        unknown.rules = vec!["XXX-999".to_owned()];
        refused(service.set_criterion(&clerk, &unknown), "U0201");
        assert_eq!(service.criterion_open(&clerk, &id).unwrap(), None);
        let set = service.set_criterion(&clerk, &input).unwrap();
        let state = service.criterion_state(&clerk, &set.id).unwrap().unwrap();
        assert_eq!((state.open, state.rows.len()), (1, 1));
        let open = |who: &str| service.criterion_open(&world.caller(who), &set.id);
        assert_eq!(open("clerk").unwrap(), Some((vec!["ARC-003".to_owned()], 1)));
        assert!(matches!(open("village-two"), Err(ServiceError::NotFound)));
        refused(world.act("leader", "accept", &id, "passed sample"), "U0203");
        let mended = values([("exit_applied_on", Value::Date("2018-09-01".parse().unwrap()))]);
        let Saved::Written(record, _) = change(world, "clerk", &record, mended).unwrap() else {
            panic!("the township writes")
        };
        let state = service.criterion_state(&clerk, &set.id).unwrap().unwrap();
        assert_eq!((state.open, state.mended), (0, 1));
        assert_eq!(open("clerk").unwrap().map(|(_, open)| open), Some(0));
        assert_eq!(state.curve.last().map(|day| day.open), Some(0));
        world.act("leader", "accept", &id, "passed sample").unwrap();
        world.act("leader", "close", &id, "").unwrap();
        assert_eq!(world.record("finding", &id).state.as_deref(), Some("closed"));
        let broken = values([("exit_applied_on", Value::Date("2019-09-01".parse().unwrap()))]);
        change(world, "clerk", &record, broken).unwrap();
        let again = world.record("finding", &id);
        assert_eq!(again.state.as_deref(), Some("working"));
        assert_eq!(again.get("reopened_count").as_integer(), Some(1));
        // As if somebody had opened it again: what was judged before does not count.
        for field in ["submitted_on", "closed_on", "look_back_on"] {
            assert!(again.get(field).is_empty(), "{field}");
        }
        assert_eq!(again.get("return_count").as_integer(), Some(1));
        let told = service.unread_messages(&world.caller("village")).unwrap();
        assert_eq!(told.iter().filter(|one| one.text("kind") == "returned").count(), 1);
        let note = world.newest("look_back", &id);
        assert_eq!(note.text("result"), "recurred");
        assert!(note.text("note").contains("ARC-003"), "{note:?}");
        let state = service.criterion_state(&clerk, &set.id).unwrap().unwrap();
        assert_eq!((state.open, state.rows.len()), (1, 1));
        assert_eq!(state.curve.last().map(|day| day.open), Some(1));
        world.bring_to(&id, "submitted");
        refused(world.act("leader", "accept", &id, "passed sample"), "U0203");
    });
}

#[test]
fn a_criterion_of_a_finding_without_a_region_holds_everywhere() {
    for_each_database(|world| {
        let record = household(world);
        let village = world.caller("village");
        let lay = |state: &str| {
            let mut laid = values([
                ("title", "饮水安全管护不到位".into()),
                ("problem", "部分供水点无人管护".into()),
                ("number", format!("2026-{state}").into()),
                ("source_level", "own".into()),
                ("responsible_units", vec![world.id("unit:village").to_string()].into()),
                ("criterion_since", Value::Date("2026-03-02".parse().unwrap())),
            ]);
            let rules = Value::List(vec!["ARC-003".to_owned()]);
            laid.insert("criterion_rules".to_owned(), rules);
            let state = Some(state.to_owned());
            let new = NewRecord { state, flow_edition: Some(1), values: laid, region: None };
            let unit = world.id("unit:village");
            let act = act_of(world, &village);
            let insert = |writer: &Writer<'_>| {
                let finding = writer.insert("finding", new)?;
                writer.link("finding", "units", &finding.id, &unit)?;
                Ok::<_, ServiceError>(finding.id)
            };
            world.service().store().write(&act, insert).unwrap()
        };
        let closed = lay("closed");
        let mended = values([("exit_applied_on", Value::Date("2018-09-01".parse().unwrap()))]);
        let Saved::Written(record, _) = change(world, "clerk", &record, mended).unwrap() else {
            panic!("the township writes")
        };
        assert_eq!(world.record("finding", &closed).state.as_deref(), Some("closed"));
        let broken = values([("exit_applied_on", Value::Date("2019-09-01".parse().unwrap()))]);
        change(world, "clerk", &record, broken).unwrap();
        assert_eq!(world.record("finding", &closed).state.as_deref(), Some("working"));
    });
}

#[test]
fn who_may_not_correct_a_finding_sets_no_criterion() {
    for_each_database(|world| {
        let id = world.finding("own", "2026-12-20");
        let set = |who: &str, rules: &[&str]| {
            let input = CriterionInput {
                finding: id.clone(),
                version: world.record("finding", &id).version,
                rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
                region: None,
                until: None,
            };
            world.service().set_criterion(&world.caller(who), &input)
        };
        for who in ["village", "discipline"] {
            let result = set(who, &["ARC-003"]);
            assert!(matches!(result, Err(ServiceError::Denied { .. })), "{who}: {result:?}");
        }
        set("clerk", &["ARC-003"]).unwrap();
        world.bring_to(&id, "closed");
        refused(set("clerk", &[]), "W0225");
    });
}
