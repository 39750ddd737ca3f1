//! The same request again: it acts once, also when the program ended before it could answer.

use super::world::{VILLAGES, World, date, evidence, for_each_database, progress};
use taizhang_service::accounts::NewUser;
use taizhang_service::letters::UploadLetter;
use taizhang_service::work::{
    AddMeasureInput, AddStageGoalInput, AssignInput, Assignment, BulkAct, BulkInput, ClaimInput,
    CreateFindingInput, ExtendToPeersInput, PlanInput, RequestExtensionInput, SubmitInput,
    TakeStepInput,
};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Request, Values};
use taizhang_values::{RecordId, RegionCode};

/// What one request does.
type Doing<'a> = Box<dyn Fn(&Service) -> Result<(), ServiceError> + 'a>;

/// Carries a request out, loses its answer, sends it again.
fn check(world: &World, what: &str, doing: &Doing<'_>) {
    let user = world.id("clerk");
    let attempt = || {
        let request = Request::new(&format!("key of {what}"), &user, "body").unwrap();
        world.service().in_request(request)
    };
    let head = || world.service().store().read(|reader| reader.audit_head()).unwrap();
    doing(&attempt()).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let before = head();
    let again = doing(&attempt());
    assert!(matches!(again, Err(ServiceError::Repeated)), "{what}: {again:?}");
    assert_eq!(head(), before, "{what} left something the second time");
}

fn text(words: &str) -> String {
    words.to_owned()
}

#[test]
fn every_act_of_the_work_is_carried_out_once() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        for (what, doing) in work(world, &finding) {
            check(world, what, &doing);
        }
        assert_eq!(world.record("finding", &finding).state.as_deref(), Some("closed"));
        let page = world.service().finding_page(&world.caller("clerk"), &finding).unwrap();
        let made = [&page.progress, &page.evidence, &page.acceptances, &page.stage_goals];
        assert_eq!(made.map(Vec::len), [1, 1, 1, 1]);
        assert_eq!(page.measures.len(), 2);
    });
}

fn ask(world: &World, finding: &RecordId) -> RequestExtensionInput {
    RequestExtensionInput {
        shown: world.shown(finding),
        reason: text("汛期"),
        new_deadline_on: Some(date("2026-06-10")),
    }
}

fn goal(finding: &RecordId) -> AddStageGoalInput {
    AddStageGoalInput {
        finding: finding.clone(),
        goal: text("一半"),
        due_on: date("2026-04-01"),
        note: None,
    }
}

fn plan(world: &World, finding: &RecordId) -> PlanInput {
    PlanInput {
        shown: Some(world.shown(finding)),
        measures: vec![text("明确管护员")],
        ..PlanInput::default()
    }
}

fn start(world: &World, finding: &RecordId) -> TakeStepInput {
    TakeStepInput {
        shown: world.shown(finding),
        step: text("start"),
        reason: None,
        fields: [].into(),
        new_deadline_on: None,
    }
}

fn measure(finding: &RecordId) -> AddMeasureInput {
    AddMeasureInput { findings: vec![finding.clone()], text: text("巡查") }
}

fn leader(world: &World, finding: &RecordId) -> AssignInput {
    let assignment = Assignment { leader: Some(world.id("leader")), ..Assignment::default() };
    AssignInput { findings: vec![world.shown(finding)], assignment }
}

/// The way of a finding from claim to closing, act by act on the version that stands.
fn work<'a>(world: &'a World, finding: &'a RecordId) -> Vec<(&'static str, Doing<'a>)> {
    let who = |login: &str| world.caller(login);
    let shown = move || world.shown(finding);
    vec![
        (
            "claim",
            Box::new(move |service| {
                let input =
                    ClaimInput { shown: shown(), cause: text("无人管"), self_check: None };
                service.claim(&who("leader"), input).map(drop)
            }),
        ),
        (
            "plan",
            Box::new(move |service| service.plan(&who("clerk"), &plan(world, finding)).map(drop)),
        ),
        (
            "assign",
            Box::new(move |service| {
                service.assign(&who("clerk"), &leader(world, finding)).map(drop)
            }),
        ),
        ("measure", Box::new(move |s| s.add_measure(&who("clerk"), &measure(finding)).map(drop))),
        ("start", Box::new(move |s| s.take_step(&who("village"), start(world, finding)).map(drop))),
        ("goal", Box::new(move |s| s.add_stage_goal(&who("leader"), &goal(finding)).map(drop))),
        (
            "ask",
            Box::new(move |s| s.request_extension(&who("village"), &ask(world, finding)).map(drop)),
        ),
        (
            "progress",
            Box::new(move |service| {
                service.log_progress(&who("village"), &progress(finding)).map(drop)
            }),
        ),
        (
            "evidence",
            Box::new(move |service| {
                let input = evidence(finding, None);
                service.add_evidence(&who("village"), &input, &mut "收据".as_bytes()).map(drop)
            }),
        ),
        (
            "submit",
            Box::new(move |service| {
                let input = SubmitInput { shown: shown(), result: text("已落实") };
                service.submit(&who("village"), &input).map(drop)
            }),
        ),
        (
            "accept",
            Box::new(move |service| {
                service.accept(&who("leader-two"), &world.acceptance(finding)).map(drop)
            }),
        ),
        ("close", Box::new(move |service| service.close(&who("county"), &shown()).map(drop))),
    ]
}

#[test]
fn acts_that_make_records_make_them_once() {
    for_each_database(|world| {
        let who = |login: &str| world.caller(login);
        let finding = world.finding("own", "2026-05-20");
        let region = || RegionCode::parse(VILLAGES[1]).unwrap();
        let cases: Vec<(&str, Doing<'_>)> = vec![
            (
                "peers",
                Box::new(|service| {
                    let shown = world.shown(&finding);
                    let input = ExtendToPeersInput { shown, regions: vec![region()] };
                    service.extend_to_peers(&who("clerk"), &input).map(drop)
                }),
            ),
            (
                "finding",
                Box::new(|service| {
                    let values = Values::from([(text("source_kind"), "audit".into())]);
                    let input = CreateFindingInput {
                        region: Some(region()),
                        inspection: None,
                        title: text("账目不清"),
                        problem: text("账目不清"),
                        values,
                        assignment: Assignment::default(),
                        measures: Vec::new(),
                    };
                    service.create_finding(&who("clerk"), &input).map(drop)
                }),
            ),
            (
                "letter",
                Box::new(|service| {
                    let input = UploadLetter {
                        file_name: text("来文.txt"),
                        region: RegionCode::parse("990101100").unwrap(),
                        received_on: None,
                        source_kind: None,
                        source_level: None,
                    };
                    let letter =
                        "关于检查问题的整改方案\n\n（一）关于无人管护的问题\n整改措施：落实。";
                    service.upload_letter(&who("clerk"), &input, &mut letter.as_bytes()).map(drop)
                }),
            ),
            (
                "user",
                Box::new(|service| {
                    let (login, name) = (text("twice"), text("某人"));
                    let new = NewUser { login, name, unit: None, region: region() };
                    service.operator_add_user(&new, "village_committee").map(drop)
                }),
            ),
        ];
        for (what, doing) in &cases {
            check(world, what, doing);
        }
        let page = world.service().finding_page(&who("clerk"), &finding).unwrap();
        assert_eq!(page.children.len(), 1);
    });
}

#[test]
fn rows_of_a_bulk_act_that_were_done_are_not_done_again() {
    for_each_database(|world| {
        let findings = [world.finding("own", "2026-05-20"), world.finding("own", "2026-05-21")];
        let request = || Request::new("bulk", &world.id("clerk"), "body").unwrap();
        let remind = |service: &Service| {
            let findings = findings.iter().map(|finding| world.shown(finding)).collect();
            let input = BulkInput { findings, act: BulkAct::Remind };
            service.bulk(&world.caller("clerk"), &input).unwrap()
        };
        let done = remind(&world.service().in_request(request()));
        assert!(done.iter().all(|row| row.outcome.is_ok()), "one attempt does all its rows");
        let again = remind(&world.service().in_request(request()));
        let is_repeated = |row: &taizhang_service::work::BulkRow| {
            matches!(row.outcome, Err(ServiceError::Repeated))
        };
        assert!(again.iter().all(is_repeated));
    });
}

#[test]
fn refused_request_leaves_its_key_free() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        let service = || {
            let request = Request::new("k", &world.id("village"), "body").unwrap();
            world.service().in_request(request)
        };
        let input = || SubmitInput { shown: world.shown(&finding), result: text("已落实") };
        let refused = service().submit(&world.caller("village"), &input());
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
        world.bring_to(&finding, "working");
        for verb in ["progress", "evidence"] {
            world.act("village", verb, &finding, "").unwrap();
        }
        service().submit(&world.caller("village"), &input()).unwrap();
        let again = service().submit(&world.caller("village"), &input());
        assert!(matches!(again, Err(ServiceError::Repeated)), "{again:?}");
    });
}
