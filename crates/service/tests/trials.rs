//! Editions of rules in trial over past snapshots, and what rules found in past runs.

use crate::work::world::{TOWN, VILLAGES, World, for_each_database, morning};
use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_service::trial::{Replay, ReplayError, replay, snapshots_in};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Filter, Record, Values};
use taizhang_values::{RegionCode, Value};

/// Stricter than the shipped edition, which lets the same day pass.
const TRIAL: &str = "+++\nviolates = \"exit_confirmed_on <= exit_applied_on\"\ndue_days = 3\n+++\n\
                     # 脱贫确认不晚于申请\n\n\
                     | exit_applied_on | exit_confirmed_on | outcome |\n|---|---|---|\n\
                     | 2018-09-01 | 2018-11-20 | passes |\n\
                     | 2018-11-20 | 2018-11-20 | violates |\n|  | 2018-11-20 | undecided |\n";

fn with_trial(world: &World) -> Service {
    let files = [("rules-trial/ARC-003.md", TRIAL)];
    let codebook = Codebook::load("rural", &files).unwrap();
    let faults = taizhang_rules::check(&codebook).1;
    assert!(faults.is_empty(), "{faults:?}");
    Service::new(world.service().store().clone(), Arc::new(codebook), world.house.clock.clone())
}

fn household(world: &World, number: &str, applied: &str, confirmed: &str) -> Record {
    let date = |text: &str| Value::Date(text.parse().unwrap());
    let values = Values::from([
        ("household_no".to_owned(), number.into()),
        ("head_name".to_owned(), "甲某".into()),
        ("household_type".to_owned(), "lifted".into()),
        ("exit_applied_on".to_owned(), date(applied)),
        ("exit_confirmed_on".to_owned(), date(confirmed)),
    ]);
    let input = SaveRecord {
        ledger: "household".to_owned(),
        id: None,
        version: 0,
        region: RegionCode::parse(VILLAGES[0]),
        values,
        reason: "入户核实".to_owned(),
    };
    match world.service().save_record(&world.caller("clerk"), &input).unwrap() {
        Saved::Written(record, _) | Saved::Proposed(record) => *record,
    }
}

/// Day, hits of the edition in force, hits of the trial, added, removed, undecided.
fn lines(replay: &Replay) -> Vec<String> {
    let line = |one: &taizhang_service::trial::ReplayedSnapshot| {
        let old = one.old.map(|old| old.violates);
        let fresh: u64 = one.villages.iter().map(|village| village.fresh).sum();
        format!(
            "{} {old:?} {} +{} -{} fresh {fresh}",
            one.as_of,
            one.new.violates,
            one.added.len(),
            one.removed.len()
        )
    };
    replay.snapshots.iter().map(line).collect()
}

#[test]
fn an_edition_in_trial_is_replayed_over_past_snapshots_and_opens_nothing() {
    for_each_database(|world| {
        let service = with_trial(world);
        let clerk = world.caller("clerk");
        let region = RegionCode::parse(TOWN).unwrap();
        assert!(matches!(service.replay_trial(&clerk, "ARC-003"), Err(ServiceError::NotFound)));
        household(world, "01", "2018-12-01", "2018-11-20");
        let same = household(world, "02", "2018-11-20", "2018-11-20");
        household(world, "03", "2018-09-01", "2018-11-20");
        world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        world.house.clock.set(morning("2026-04-02"));
        household(world, "04", "2019-01-01", "2019-01-01");
        world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        let found = service.replay_trial(&clerk, "ARC-003").unwrap();
        assert_eq!(
            lines(&found),
            ["2026-03-02 Some(1) 2 +1 -0 fresh 2", "2026-04-02 Some(1) 3 +2 -0 fresh 1"]
        );
        let first = &found.snapshots[0];
        assert_eq!(first.added[0].record, same.id.to_string());
        assert_eq!(first.added[0].region, VILLAGES[0]);
        let work = &first.villages[0];
        assert_eq!((work.old, work.new, work.added, work.removed), (1, 2, 1, 0));
        assert_eq!(found.due_days, Some(3));
        let doubts = world.service().doubts(&clerk, Filter::eq("rule", "ARC-003"), None, 10);
        assert_eq!(doubts.unwrap().records.len(), 1);
        let village = service.replay_trial(&world.caller("village"), "ARC-003");
        assert!(matches!(village, Err(ServiceError::Denied { .. })));
        assert!(matches!(service.replay_trial(&clerk, "ARC-001"), Err(ServiceError::NotFound)));
    });
}

#[test]
fn a_replay_looked_at_again_reads_no_snapshot_and_shows_each_his_own_rows() {
    for_each_database(|world| {
        let service = with_trial(world);
        let clerk = world.caller("clerk");
        household(world, "01", "2018-11-20", "2018-11-20");
        let snapshot = world.service().create_snapshot(&world.service().operator()).unwrap();
        let first = service.replay_trial(&clerk, "ARC-003").unwrap();
        assert_eq!(lines(&first), ["2026-03-02 Some(0) 1 +1 -0 fresh 1"]);
        let elsewhere = service.replay_trial(&world.caller("elsewhere"), "ARC-003").unwrap();
        assert_eq!(lines(&elsewhere), ["2026-03-02 Some(0) 0 +0 -0 fresh 0"]);
        assert!(elsewhere.snapshots[0].villages.is_empty());
        let rows = snapshot.directory.join("household");
        std::fs::remove_dir_all(rows).unwrap();
        assert_eq!(service.replay_trial(&clerk, "ARC-003").unwrap(), first);
        // A service that remembers nothing reads what is there now.
        let anew = with_trial(world).replay_trial(&clerk, "ARC-003");
        assert_ne!(anew.ok(), Some(first));
    });
}

#[test]
fn a_snapshot_that_is_swept_during_a_replay_is_told_and_the_others_are_replayed() {
    for_each_database(|world| {
        household(world, "01", "2018-12-01", "2018-11-20");
        let made = |day: &str| {
            world.house.clock.set(morning(day));
            world.service().create_snapshot(&world.service().operator()).unwrap()
        };
        let listed: Vec<_> = [made("2026-03-02"), made("2026-03-03")]
            .into_iter()
            .map(|one| (one.name, one.as_of, one.directory))
            .collect();
        std::fs::remove_dir_all(&listed[0].2).unwrap();
        let codebook = Codebook::embedded("rural").unwrap();
        let rule = &codebook.rules["ARC-003"];
        let replayed = |listed: &[_]| replay(&codebook, Some(rule), rule, None, listed).unwrap();
        let found = replayed(&listed);
        assert_eq!(found.gone, [listed[0].0.clone()]);
        assert_eq!(lines(&found), ["2026-03-03 Some(1) 1 +0 -0 fresh 1"]);
        assert!(replayed(&listed[..1]).snapshots.is_empty());
    });
}

#[test]
fn past_runs_tell_what_a_rule_found() {
    for_each_database(|world| {
        let clerk = world.caller("clerk");
        let region = RegionCode::parse(TOWN).unwrap();
        household(world, "01", "2018-12-01", "2018-11-20");
        household(world, "02", "2018-09-01", "2018-11-20");
        world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        world.house.clock.set(morning("2026-04-02"));
        household(world, "03", "2019-12-01", "2019-11-20");
        world.service().run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
        let found = world.service().rule_history(&clerk, "ARC-003").unwrap();
        let line = |run: &taizhang_service::trial::RuleRun| {
            format!("{} {} {} {}", run.as_of, run.passes, run.violates, run.undecided)
        };
        let lines: Vec<String> = found.iter().map(line).collect();
        assert_eq!(lines, ["2026-04-02 1 2 0", "2026-03-02 1 1 0"]);
        assert!(world.service().rule_history(&clerk, "NON-001").unwrap().is_empty());
    });
}

#[test]
fn a_directory_without_snapshots_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let today = "2026-11-20".parse().unwrap();
    assert!(matches!(snapshots_in(folder.path(), today), Err(ReplayError::NoSnapshots)));
    let codebook = Codebook::embedded("rural").unwrap();
    let rule = &codebook.rules["ARC-003"];
    let none = replay(&codebook, Some(rule), rule, None, &[]).unwrap();
    assert!(none.snapshots.is_empty());
}
