//! A unit named as lead or responsible in a finding of a region above its own, or a person named by
//! account, opens it and does the work on it, and neither steers nor judges it; whoever is not
//! named sees nothing of it.

use super::strangers::{Case, act_by_id, ask_by_id, nothing};
use crate::work::world::{TOWN, VILLAGES, World, date, for_each_database, progress};
use taizhang_codebook::Action;
use taizhang_service::work::{
    AddEvidenceInput, AddMeasureInput, AddStageGoalInput, AssignInput, Assignment, BulkAct,
    BulkInput, CarryOutInput, EditFindingInput, EditMeasureInput, ExtendToPeersInput, FindingAct,
    LedgerFilter, QueueSection,
};
use taizhang_service::{Caller, HeldGrant, ServiceError};
use taizhang_store::{Query, Record, Values};
use taizhang_values::{RecordId, RegionCode};

const COUNTY: &str = "990101";

/// A row of the county, led by the town's government, with a village and the discipline office of
/// the town responsible.
fn county_row(world: &World) -> RecordId {
    world.finding_of(COUNTY, "own", "2026-05-20", "town", &["village", "discipline"])
}

fn seen(world: &World, who: &Caller) -> Vec<RecordId> {
    let list = world.service().ledger_list(who, &LedgerFilter::default()).unwrap();
    assert_eq!(list.total, u64::try_from(list.rows.len()).unwrap());
    list.rows.into_iter().map(|row| row.record.id).collect()
}

/// Runs `who | verb | words | outcome` lines on one finding.
fn script(world: &World, finding: &RecordId, lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [who, verb, words, expected] = cells[..] else { panic!("four cells: {line}") };
        let result = world.act(who, verb, finding, words);
        assert_eq!(world.outcome(result, finding), expected, "{line}");
    }
}

#[test]
fn named_unit_works_off_a_row_of_the_county_and_others_judge_it() {
    for_each_database(|world| {
        let finding = county_row(world);
        script(
            world,
            &finding,
            "
            village-two | claim          | cause            | not found
            elsewhere   | claim          | cause            | not found
            clerk       | claim          | cause            | not found
            village     | mark_absent    | checked          | refused F0110
            leader      | mark_absent    | checked          | refused F0110
            village     | claim          | cause            | claimed
            village     | plan           | measure          | refused F0110
            leader      | plan           | measure          | refused F0110
            leader      | assign         | deadline=2026-12-31 | denied finding.plan
            county      | plan           | measure          | planned
            village-two | start          |                  | not found
            village     | start          |                  | working
            village     | progress       |                  | working
            leader      | progress       |                  | denied progress.create
            village     | evidence       |                  | working
            village     | ask            | reason new=2026-06-20 | working
            village     | grant          | note             | denied extension.update
            leader      | grant          | note             | denied extension.update
            leader      | refuse         | note             | denied extension.update
            village     | hold_long_term | reason           | refused F0110
            county      | grant          | note             | working
            village     | submit         | result           | submitted
            leader      | accept         | passed sample    | denied acceptance.create
            leader      | return         | reason           | refused F0110
            discipline  | accept         | passed sample    | denied acceptance.create
            discipline  | return         | reason           | refused F0110 F0112
            village     | accept         | passed sample    | denied acceptance.create
            county      | accept         | passed sample    | checked
            leader      | close          |                  | refused F0110
            village     | close          |                  | refused F0110 F0111
            county      | close          |                  | closed
            discipline  | look_back      | note             | denied look_back.create
            leader      | reopen         | reason           | refused F0110
            discipline  | reopen         | reason           | refused F0110 F0112
            county      | look_back      | note             | looked_back
            ",
        );
    });
}

#[test]
fn lead_unit_below_the_row_works_too_and_judges_nothing() {
    for_each_database(|world| {
        let finding = world.finding_of(COUNTY, "own", "2026-05-20", "village-two", &["office"]);
        script(
            world,
            &finding,
            "
            village     | claim    | cause         | not found
            village-two | claim    | cause         | claimed
            county      | plan     | measure       | planned
            clerk       | start    |               | working
            clerk       | progress |               | working
            village-two | progress |               | working
            clerk       | evidence |               | working
            clerk       | assign   | deadline=2026-12-31 | denied finding.plan
            clerk       | submit   | result        | submitted
            leader      | accept   | passed sample | not found
            county      | accept   | passed sample | checked
            ",
        );
    });
}

#[test]
fn other_acts_on_a_named_row_are_the_work_and_nothing_else() {
    for_each_database(|world| {
        let finding = county_row(world);
        let measure = |who: &str| {
            let input = AddMeasureInput { findings: vec![finding.clone()], text: "管护".into() };
            world.service().add_measure(&world.caller(who), &input)
        };
        let made = measure("county").unwrap();
        assert!(matches!(measure("village-two"), Err(ServiceError::NotFound)));
        measure("village").unwrap();
        let edit = |who: &str, version| {
            let text = format!("管护{version}");
            let input = EditMeasureInput { measure: made.id.clone(), version, text };
            world.service().edit_measure(&world.caller(who), &input)
        };
        assert!(matches!(edit("village-two", 1), Err(ServiceError::NotFound)));
        // What was adopted is not rewritten by those who carry it out.
        assert!(matches!(edit("village", 1), Err(ServiceError::Denied { .. })));
        assert_eq!(edit("county", 1).unwrap().version, 2);
        let tie =
            |who: &str| world.service().tie_measure(&world.caller(who), &made.id, &finding, false);
        assert!(matches!(tie("village-two"), Err(ServiceError::NotFound)));
        tie("village").unwrap();
        // No longer tied to a finding that names the village, the measure is gone for it.
        assert!(matches!(edit("village", 2), Err(ServiceError::NotFound)));
        let goal = |who: &str| {
            let (finding, due_on) = (finding.clone(), date("2026-04-20"));
            let input = AddStageGoalInput { finding, goal: "一半".into(), due_on, note: None };
            world.service().add_stage_goal(&world.caller(who), &input)
        };
        assert!(matches!(goal("village-two"), Err(ServiceError::NotFound)));
        assert!(matches!(goal("village"), Err(ServiceError::Denied { .. })));
        let goal = goal("county").unwrap();
        let reach = |who: &str| {
            world.service().reach_stage_goal(&world.caller(who), &goal.id, 1, None).map(drop)
        };
        assert!(matches!(reach("village-two"), Err(ServiceError::NotFound)));
        reach("village").unwrap();
        steering_is_refused(world, &finding);
    });
}

/// What only those over the region do, tried by the named and by a stranger.
fn steering_is_refused(world: &World, finding: &RecordId) {
    for (who, is_named) in [("village", true), ("leader", true), ("village-two", false)] {
        let caller = world.caller(who);
        let service = world.service();
        let is_refused = |result: Result<(), ServiceError>| match result {
            Err(ServiceError::Denied { .. }) => is_named,
            Err(ServiceError::NotFound) => !is_named,
            _ => false,
        };
        let shown = || world.shown(finding);
        assert!(is_refused(service.remind(&caller, finding).map(drop)), "{who}");
        let regions = vec![RegionCode::parse(VILLAGES[1]).unwrap()];
        let peers = ExtendToPeersInput { shown: shown(), regions };
        assert!(is_refused(service.extend_to_peers(&caller, &peers).map(drop)), "{who}");
        let values = Values::from([("title".to_owned(), "改".into())]);
        let edit = EditFindingInput { shown: shown(), values };
        assert!(is_refused(service.edit_finding(&caller, &edit).map(drop)), "{who}");
        let assignment =
            Assignment { responsible_units: Some(Vec::new()), ..Assignment::default() };
        let assign = AssignInput { findings: vec![shown()], assignment };
        assert!(is_refused(service.assign(&caller, &assign).map(drop)), "{who}");
        let new_deadline_on = date("2026-12-31");
        let act = BulkAct::ChangeDeadline { new_deadline_on, reason: "雨".into() };
        let rows = service.bulk(&caller, &BulkInput { findings: vec![shown()], act }).unwrap();
        let outcome = rows.into_iter().next().unwrap().outcome;
        assert!(is_refused(outcome.map(drop)), "{who}");
    }
}

#[test]
fn paper_of_the_ladder_is_not_carried_out_by_those_it_is_for() {
    for_each_database(|world| {
        let finding = county_row(world);
        world.bring_to_county(&finding, "working");
        world.go_to("2026-05-30");
        world.service().tick().unwrap();
        world.service().confirm_clock(&world.service().operator()).ok();
        world.service().tick().unwrap();
        let rung = world.newest("escalation", &finding);
        let carry = |who: &str| {
            let input = CarryOutInput {
                escalation: rung.id.clone(),
                version: rung.version,
                paper_number: "1号".into(),
                on: None,
                note: String::new(),
            };
            world.service().carry_out_escalation(&world.caller(who), &input).map(drop)
        };
        assert!(matches!(carry("village-two"), Err(ServiceError::NotFound)));
        assert!(matches!(
            carry("village"),
            Err(ServiceError::Denied { .. } | ServiceError::NotFound)
        ));
        assert!(matches!(carry("discipline"), Err(ServiceError::Denied { .. })));
    });
}

#[test]
fn lists_page_queue_and_export_hold_the_row_for_the_named_only() {
    for_each_database(|world| {
        let finding = county_row(world);
        let own = world.finding_in(VILLAGES[0], "own", "2026-05-21");
        let peers = world.finding_of(VILLAGES[1], "own", "2026-05-22", "office", &["village-two"]);
        let county_only = world.finding_of(COUNTY, "own", "2026-05-23", "county", &[]);
        let village = world.caller("village");
        assert_eq!(seen(world, &village), [finding.clone(), own.clone()]);
        assert_eq!(seen(world, &world.caller("village-two")), std::slice::from_ref(&peers));
        assert_eq!(seen(world, &world.caller("discipline")).first(), Some(&finding));
        assert!(!seen(world, &world.caller("clerk")).contains(&finding));
        assert_eq!(seen(world, &world.caller("elsewhere")), []);
        let all = [finding.clone(), own, peers, county_only];
        assert_eq!(seen(world, &world.caller("county")), all);
        let page = world.service().finding_page(&village, &finding).unwrap();
        let open: Vec<&str> = page
            .steps
            .iter()
            .filter(|step| step.refusals.is_empty())
            .map(|step| step.step.as_str())
            .collect();
        assert_eq!(open, ["claim"]);
        for act in [FindingAct::LogProgress, FindingAct::AddEvidence, FindingAct::RequestExtension]
        {
            assert!(page.acts.contains(&act), "{act:?}");
        }
        for act in [FindingAct::Assign, FindingAct::ExtendToPeers, FindingAct::Remind] {
            assert!(!page.acts.contains(&act), "{act:?}");
        }
        let queue =
            |who: &str| world.service().queue(&world.caller(who), QueueSection::All).unwrap();
        let rows: Vec<RecordId> =
            queue("village").rows.into_iter().map(|row| row.record.id).collect();
        assert_eq!(rows.first(), Some(&finding));
        assert_eq!(queue("village").counts.all, 2);
        assert_eq!(queue("village-two").counts.all, 1);
        let book = |who: &str| {
            world
                .service()
                .export_ledger(&world.caller(who), &LedgerFilter::default())
                .unwrap()
                .rows
        };
        assert_eq!((book("village"), book("village-two")), (2, 1));
    });
}

#[test]
fn what_belongs_to_the_row_follows_it() {
    for_each_database(|world| {
        let finding = county_row(world);
        world.bring_to_county(&finding, "working");
        let county = world.caller("county");
        let log = world.service().log_progress(&county, &progress(&finding)).unwrap();
        let input = AddEvidenceInput {
            findings: vec![finding.clone()],
            file_name: "县里的.txt".into(),
            dated_on: None,
            description: None,
            kind: None,
        };
        let file = world.service().add_evidence(&county, &input, &mut "x".as_bytes()).unwrap();
        let others = county_only_progress(world);
        let list = |who: &str, ledger: &str| -> Vec<RecordId> {
            let caller = world.caller(who);
            let Some(filter) = world.service().read_filter(&caller, ledger, Action::Read) else {
                return Vec::new();
            };
            let query = Query::new(ledger).filter(filter).sort("id", false);
            let page = world.service().store().read(|reader| reader.list(&query)).unwrap();
            page.records.into_iter().map(|record: Record| record.id).collect()
        };
        assert!(list("village", "progress").contains(&log.id));
        assert!(list("village", "evidence").contains(&file.id));
        assert!(!list("village", "progress").contains(&others));
        assert!(world.service().evidence_file(&world.caller("village"), &file.id).is_ok());
        for ledger in ["progress", "evidence", "measure"] {
            assert!(list("village-two", ledger).is_empty(), "{ledger}");
            assert!(list("elsewhere", ledger).is_empty(), "{ledger}");
        }
    });
}

fn county_only_progress(world: &World) -> RecordId {
    let row = world.finding_of(COUNTY, "own", "2026-05-20", "county", &[]);
    world.service().log_progress(&world.caller("county"), &progress(&row)).unwrap().id
}

#[test]
fn those_who_are_not_named_get_the_answer_of_nothing_there() {
    for_each_database(|world| {
        let finding = county_row(world);
        world.bring_to_county(&finding, "working");
        let input = crate::work::world::evidence(&finding, None);
        let service = world.service();
        let evidence =
            service.add_evidence(&world.caller("village"), &input, &mut "x".as_bytes()).unwrap();
        let real = Case { finding, evidence: evidence.id, ..nothing() };
        for who in ["village-two", "elsewhere", "clerk"] {
            let who = world.caller(who);
            for questions in [ask_by_id, act_by_id] {
                let (real, none) =
                    (questions(service, &who, &real), questions(service, &who, &nothing()));
                assert_eq!(real, none, "{}", who.login);
            }
        }
    });
}

#[test]
fn being_named_ends_with_the_next_assignment() {
    for_each_database(|world| {
        let finding = county_row(world);
        let village = world.caller("village");
        assert_eq!(seen(world, &village), std::slice::from_ref(&finding));
        let units = vec![world.id("unit:village-two")];
        let assign = |assignment| {
            let input = AssignInput { findings: vec![world.shown(&finding)], assignment };
            world.service().assign(&world.caller("county"), &input).unwrap();
        };
        assign(Assignment { responsible_units: Some(units), ..Assignment::default() });
        // Its person is named still.
        assert_eq!(seen(world, &village), std::slice::from_ref(&finding));
        let person = Some(world.id("village-two"));
        assign(Assignment { person, ..Assignment::default() });
        assert_eq!(seen(world, &village), []);
        assert_eq!(seen(world, &world.caller("village-two")), std::slice::from_ref(&finding));
        assert!(matches!(
            world.service().log_progress(&village, &progress(&finding)),
            Err(ServiceError::NotFound)
        ));
    });
}

#[test]
fn person_named_by_account_works_although_his_unit_is_not_named() {
    for_each_database(|world| {
        let finding = world.finding_of(COUNTY, "own", "2026-05-20", "county", &[]);
        for who in ["clerk", "leader"] {
            assert_eq!(seen(world, &world.caller(who)), [], "{who}");
        }
        let (person, leader) = (Some(world.id("clerk")), Some(world.id("leader")));
        let assignment = Assignment { person, leader, ..Assignment::default() };
        let input = AssignInput { findings: vec![world.shown(&finding)], assignment };
        world.service().assign(&world.caller("county"), &input).unwrap();
        for who in ["clerk", "leader"] {
            assert_eq!(seen(world, &world.caller(who)), std::slice::from_ref(&finding), "{who}");
        }
        for who in ["discipline", "leader-two", "village", "elsewhere"] {
            assert_eq!(seen(world, &world.caller(who)), [], "{who} is of the same town at most");
        }
        script(
            world,
            &finding,
            "
            village    | claim    | cause                | not found
            leader-two | claim    | cause                | not found
            clerk      | claim    | cause                | claimed
            clerk      | plan     | measure              | refused F0110
            leader     | plan     | measure              | refused F0110
            county     | plan     | measure              | planned
            clerk      | start    |                      | working
            clerk      | progress |                      | working
            clerk      | evidence |                      | working
            clerk      | assign   | deadline=2026-12-31  | denied finding.plan
            clerk      | submit   | result               | submitted
            leader     | accept   | passed sample        | denied acceptance.create
            county     | accept   | passed sample        | checked
            ",
        );
    });
}

#[test]
fn row_of_another_county_or_beside_ones_own_place_stays_closed() {
    for_each_database(|world| {
        // Named, but the row stands beside the grant's region, not above it.
        let beside = world.finding_of("990102", "own", "2026-05-20", "county", &["village"]);
        let peer = world.finding_of(VILLAGES[1], "own", "2026-05-20", "county", &["village"]);
        let above = world.finding_of(TOWN, "own", "2026-05-20", "county", &["village"]);
        assert_eq!(seen(world, &world.caller("village")), [above]);
        for finding in [beside, peer] {
            let result = world.act("village", "claim", &finding, "cause");
            assert_eq!(world.outcome(result, &finding), "not found");
        }
    });
}

#[test]
fn nobody_judges_what_the_unit_of_one_of_his_rights_is_responsible_for() {
    for_each_database(|world| {
        let finding = county_row(world);
        world.bring_to_county(&finding, "working");
        for verb in ["progress", "evidence", "submit"] {
            world.act("village", verb, &finding, "result").unwrap();
        }
        let region = RegionCode::parse(COUNTY).unwrap();
        let mut both = world.caller("county");
        let unit = Some(world.id("unit:discipline"));
        both.grants.push(HeldGrant { role: "township_discipline".into(), region, unit });
        let input = world.acceptance(&finding);
        let refused = world.service().accept(&both, &input).map(drop);
        assert_eq!(world.outcome(refused, &finding), "refused F0112");
        let accepted = world.service().accept(&world.caller("county"), &input).map(drop);
        assert_eq!(world.outcome(accepted, &finding), "checked");
    });
}
