//! Long acts as jobs: asked for, left, taken up again, never done twice.

use crate::support::{TestHouse, demo_house};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use taizhang_service::jobs::{JobOutcome, JobRequest, JobView};
use taizhang_service::letters::UploadLetter;
use taizhang_service::report::MakeReport;
use taizhang_service::work::LedgerFilter;
use taizhang_service::{Caller, Clock, Service, ServiceError};
use taizhang_store::{Act, Change, JobState, Query, StoreError, Values};
use taizhang_values::{RecordId, RegionCode};

const LETTER: &str =
    "一、反馈问题\n1.档案不全。\n整改措施：补齐。\n2.公示不及时。\n整改措施：公示。\n";

fn ask_for_letter(house: &TestHouse, caller: &Caller) -> RecordId {
    let input = UploadLetter {
        file_name: "反馈意见.txt".to_owned(),
        region: RegionCode::parse("990101100").unwrap(),
        received_on: None,
        source_kind: Some("assessment".to_owned()),
        source_level: Some("own".to_owned()),
    };
    house.service.start_letter(caller, &input, &mut LETTER.as_bytes()).unwrap()
}

fn letters(house: &TestHouse) -> u64 {
    house.service.store().read(|reader| reader.count(&Query::new("letter"))).unwrap()
}

/// Another program on the same data.
fn restarted(house: &TestHouse) -> Service {
    let clock: Arc<dyn Clock> = house.clock.clone();
    let store = house.service.store().clone();
    Service::new(store.clone(), store.codebook().clone(), clock)
}

fn progress(service: &Service, caller: &Caller, job: &RecordId) -> JobView {
    service.job_progress(caller, job).unwrap()
}

fn codes(job: &JobView) -> Vec<&str> {
    match &job.outcome {
        Some(JobOutcome::Refused { faults }) => {
            faults.iter().map(|fault| fault.code.as_str()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn job_is_done_by_another_program_after_a_restart() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let before = letters(&house);
    let job = ask_for_letter(&house, &clerk);
    assert_eq!(progress(&house.service, &clerk, &job).state, JobState::Waiting);
    let later = restarted(&house);
    assert!(later.run_next_job().unwrap());
    assert!(!later.run_next_job().unwrap());
    let seen = progress(&house.service, &clerk, &job);
    assert_eq!(seen.state, JobState::Done);
    assert!(matches!(seen.outcome, Some(JobOutcome::Letter { rows: 2, .. })), "{seen:?}");
    assert_eq!(letters(&house), before + 1);
}

#[test]
fn act_whose_end_was_not_noted_is_not_done_twice() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let job = ask_for_letter(&house, &clerk);
    let inspection = house.service.inspections(&clerk, None, 1).unwrap().records[0].id.clone();
    let template = house.service.codebook().report_templates.keys().next().unwrap().clone();
    let input = MakeReport { template, inspection, issuer: None, date: None };
    let report = house.service.start_job(&clerk, &JobRequest::from(&input)).unwrap();
    while house.service.run_next_job().unwrap() {}
    let counts = || {
        let count = |ledger| house.service.store().read(|r| r.count(&Query::new(ledger)));
        (letters(&house), count("letter_row").unwrap(), count("report").unwrap())
    };
    let before = counts();
    for job in [&job, &report] {
        let done = progress(&house.service, &clerk, job).outcome;
        lose_end(&house, job);
        // The lease of the killed worker has to run out first.
        assert!(!house.service.run_next_job().unwrap());
        house
            .clock
            .set(house.service.now().checked_add(jiff::SignedDuration::from_secs(120)).unwrap());
        assert!(restarted(&house).run_next_job().unwrap());
        assert_eq!(progress(&house.service, &clerk, job).outcome, done);
    }
    assert_eq!(counts(), before);
}

/// Puts a job back to where it was when its worker was killed after the act.
fn lose_end(house: &TestHouse, job: &RecordId) {
    let act = Act {
        actor: None,
        verb: "test".to_owned(),
        at: house.service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let now = house.service.now();
    let taken = house.service.store().write(&act, |writer| {
        writer.job_fail(job, "", Some(now))?;
        writer.take_due(now, 60)
    });
    let taken: Result<_, StoreError> = taken;
    assert_eq!(taken.unwrap().unwrap().id, *job);
}

#[test]
fn job_belongs_to_its_asker_alone() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let job = ask_for_letter(&house, &clerk);
    let other = house.caller("leader");
    let found = house.service.job_progress(&other, &job);
    assert!(matches!(found, Err(ServiceError::NotFound)), "{found:?}");
    assert!(house.service.own_jobs(&other).unwrap().is_empty());
    let own: Vec<_> = house.service.own_jobs(&clerk).unwrap().into_iter().map(|j| j.id).collect();
    assert_eq!(own, [job]);
}

#[test]
fn right_that_was_lost_before_the_job_ran_is_missing_when_it_runs() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let before = letters(&house);
    let job = ask_for_letter(&house, &clerk);
    let operator = house.service.operator();
    let act = Act {
        actor: Some(operator.user),
        verb: "user.end".to_owned(),
        at: house.service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let ended: Result<_, StoreError> = house.service.store().write(&act, |writer| {
        let user = writer.get("user", &clerk.user)?.unwrap();
        let values = Values::from([("is_active".to_owned(), false.into())]);
        writer.update("user", &user.id, user.version, Change { values, ..Change::default() })
    });
    ended.unwrap();
    house.service.run_next_job().unwrap();
    let seen = progress(&house.service, &clerk, &job);
    assert_eq!((seen.state, codes(&seen)), (JobState::Failed, vec!["S0906"]));
    assert_eq!(letters(&house), before);
}

#[test]
fn unreadable_file_fails_with_its_message() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let input = UploadLetter {
        file_name: "扫描.png".to_owned(),
        region: RegionCode::parse("990101100").unwrap(),
        received_on: None,
        source_kind: None,
        source_level: None,
    };
    let job = house.service.start_letter(&clerk, &input, &mut b"\x89PNG\xff\xff".as_slice());
    let job = job.unwrap();
    house.service.run_next_job().unwrap();
    assert_eq!(codes(&progress(&house.service, &clerk, &job)), ["X0103"]);
}

#[test]
fn export_waits_as_a_file_that_its_asker_may_fetch() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let request = JobRequest::from(&LedgerFilter::default());
    let job = house.service.start_job(&clerk, &request).unwrap();
    assert!(matches!(house.service.job_file(&clerk, &job), Err(ServiceError::NotFound)));
    house.service.run_next_job().unwrap();
    let (name, bytes) = house.service.job_file(&clerk, &job).unwrap();
    assert!(name.ends_with(".xlsx") && bytes.starts_with(b"PK"), "{name}");
    let at_once = house.service.ledger_list(&clerk, &LedgerFilter::default()).unwrap().total;
    match progress(&house.service, &clerk, &job).outcome {
        Some(JobOutcome::File { rows, .. }) => assert_eq!(rows as u64, at_once),
        other => panic!("{other:?}"),
    }
}

#[test]
fn second_to_ask_for_one_thing_is_told_that_another_did() {
    let house = demo_house();
    let region = RegionCode::parse("990101100").unwrap();
    let request = JobRequest::RunChecks { region };
    let clerk = house.caller("clerk");
    let job = house.service.start_job(&clerk, &request).unwrap();
    assert_eq!(house.service.start_job(&clerk, &request).unwrap(), job, "one's own is one job");
    let refused = house.service.start_job(&house.caller("county"), &request);
    assert!(
        matches!(&refused, Err(ServiceError::Invalid(faults)) if faults[0].code == "S0909"),
        "{refused:?}"
    );
}

#[test]
fn nobody_heaps_up_jobs() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let request = JobRequest::from(&LedgerFilter::default());
    let asked: Vec<_> = (0..6).map(|_| house.service.start_job(&clerk, &request)).collect();
    assert!(asked[..5].iter().all(Result::is_ok));
    assert!(matches!(&asked[5], Err(ServiceError::Invalid(faults)) if faults[0].code == "S0901"));
}

#[test]
fn worker_beside_the_pages_takes_a_job_at_once() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| house.service.work_off_jobs(&is_over));
        for _ in 0..3 {
            let job = ask_for_letter(&house, &clerk);
            let seen = house.service.wait_for_job(&clerk, &job, Duration::from_secs(60)).unwrap();
            assert_eq!(seen.state, JobState::Done);
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
