//! The neighbouring township and another county see nothing of a township's casework, by any way
//! in: lists, single records, search, queue, history, files, letters, reports, workbooks, acts.

use crate::support::{TestHouse, demo_house};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use taizhang_service::accounts::NewUser;
use taizhang_service::imports::{CheckImport, ConfirmImport};
use taizhang_service::letters::{ConfirmLetter, EditRow, NewRow, UploadLetter};
use taizhang_service::report::MakeReport;
use taizhang_service::work::{
    AcceptInput, AddEvidenceInput, AddMeasureInput, AddStageGoalInput, AssignInput, Assignment,
    ClaimInput, ExtendToPeersInput, LedgerFilter, LedgerTab, LogProgressInput, LookBackInput,
    MarkAbsentInput, PlanInput, QueueSection, ReopenInput, RequestExtensionInput, ReturnInput,
    Shown, SubmitInput, TakeStepInput, UpperConsentInput,
};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Values;
use taizhang_values::{RecordId, RegionCode};

/// Stands in every text of the township's case.
const CANARY: &str = "金丝雀七号";
const TOWN: &str = "990101100";

/// What the township has that others look for.
pub(super) struct Case {
    pub(super) finding: RecordId,
    pub(super) letter: RecordId,
    pub(super) draft: RecordId,
    pub(super) draft_row: RecordId,
    pub(super) inspection: RecordId,
    pub(super) report: RecordId,
    pub(super) report_number: String,
    pub(super) evidence: RecordId,
    pub(super) batch: RecordId,
}

struct Town {
    house: TestHouse,
    case: Case,
    strangers: Vec<Caller>,
}

static TOWN_HOUSE: LazyLock<Town> = LazyLock::new(|| {
    let house = demo_house();
    let case = make_case(&house.service, &house.caller("clerk"));
    let strangers = [
        ("clerk-b", "township_clerk", "990101101"),
        ("leader-b", "township_leader", "990101101"),
        ("discipline-b", "township_discipline", "990101101"),
        ("village-b", "village_committee", "990101101201"),
        ("county-b", "county_office", "990102"),
        ("supervision-b", "county_supervision", "990102"),
        ("upper-b", "upper_office", "9902"),
        ("grid-a", "grid_worker", "990101100202"),
    ];
    let strangers = strangers.map(|(login, role, region)| {
        let region = RegionCode::parse(region).unwrap();
        let new = NewUser {
            login: login.to_owned(),
            name: format!("外人{login}"),
            unit: None,
            region: region.clone(),
        };
        house.service.operator_add_user(&new, role).unwrap();
        house.caller(login)
    });
    Town { strangers: strangers.to_vec(), case, house }
});

fn letter_text() -> String {
    format!(
        "关于石桥镇{CANARY}检查发现问题整改情况的报告\n\n青禾县农业农村局：\n\n近期县里进行了检查，\
         指出问题2个。现将整改情况报告如下。\n\n一、检查发现问题整改情况\n\n\
         （一）关于{CANARY}供水点管护不到位的问题。\n整改情况：{CANARY}已明确管护员。\n\
         责任单位：马塘村\n整改时限：立行立改\n\n\
         （二）关于{CANARY}水费收缴不规范的问题。\n整改情况：{CANARY}正在收缴。\n\
         责任单位：马塘村\n整改时限：立行立改\n\n石桥镇人民政府\n2026年11月1日\n"
    )
}

fn upload(service: &Service, clerk: &Caller, name: &str) -> RecordId {
    let input = UploadLetter {
        file_name: format!("{CANARY}-{name}.txt"),
        region: RegionCode::parse(TOWN).unwrap(),
        received_on: None,
        source_kind: Some("inspection".to_owned()),
        source_level: Some("own".to_owned()),
    };
    service.upload_letter(clerk, &input, &mut letter_text().as_bytes()).unwrap().id
}

fn make_case(service: &Service, clerk: &Caller) -> Case {
    let letter = upload(service, clerk, "一");
    let draft = upload(service, clerk, "二");
    let draft_row = service.letter_page(clerk, &draft).unwrap().rows[0].id.clone();
    let page = service.letter_page(clerk, &letter).unwrap();
    let values = Values::from([
        ("title".to_owned(), format!("{CANARY}专项检查").into()),
        ("source_body".to_owned(), CANARY.into()),
        ("source_kind".to_owned(), "inspection".into()),
        ("source_level".to_owned(), "own".into()),
    ]);
    let input = ConfirmLetter {
        letter: letter.clone(),
        version: page.letter.version,
        values,
        count_reason: Some(CANARY.to_owned()),
    };
    let confirmed = service.confirm_letter(clerk, &input).unwrap();
    let finding = confirmed.findings[0].clone();
    let input = AddEvidenceInput {
        findings: vec![finding.clone()],
        file_name: format!("{CANARY}.txt"),
        dated_on: None,
        description: Some(CANARY.to_owned()),
        kind: None,
    };
    let evidence = service.add_evidence(clerk, &input, &mut CANARY.as_bytes()).unwrap().id;
    let input = MakeReport {
        template: "rectification_report".to_owned(),
        inspection: confirmed.inspection.clone(),
        issuer: None,
        date: None,
    };
    let (report, _) = service.make_report(clerk, &input).unwrap();
    let exported = service
        .export_ledger(
            clerk,
            &LedgerFilter { text: Some(CANARY.to_owned()), ..LedgerFilter::default() },
        )
        .unwrap();
    assert_eq!(exported.rows, 2);
    let input = CheckImport {
        file_name: format!("{CANARY}.xlsx"),
        layout: "rectification_ledger".to_owned(),
        region: RegionCode::parse(TOWN).unwrap(),
        inspection: None,
        is_complete: false,
    };
    let batch = service.check_import(clerk, &input, &mut exported.bytes.as_slice()).unwrap();
    Case {
        finding,
        letter,
        draft,
        draft_row,
        inspection: confirmed.inspection,
        report_number: report.text("number").to_owned(),
        report: report.id,
        evidence,
        batch,
    }
}

/// Ids of nothing, to compare answers with.
pub(super) fn nothing() -> Case {
    let id = |n| RecordId::from_parts(1_800_000_000_000, n);
    Case {
        finding: id(1),
        letter: id(2),
        draft: id(3),
        draft_row: id(4),
        inspection: id(5),
        report: id(6),
        report_number: "R2026-9999".to_owned(),
        evidence: id(7),
        batch: id(8),
    }
}

/// An answer with everything that the caller would get to see.
pub(super) type Answers = BTreeMap<&'static str, String>;

#[expect(clippy::needless_pass_by_value, reason = "calls stand inside the parentheses")]
fn said<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    format!("{result:?}")
}

/// Every question about one case by its ids.
pub(super) fn ask_by_id(service: &Service, who: &Caller, case: &Case) -> Answers {
    let report = MakeReport {
        template: "rectification_report".to_owned(),
        inspection: case.inspection.clone(),
        issuer: None,
        date: None,
    };
    let import_into = CheckImport {
        file_name: "x.xlsx".to_owned(),
        layout: "rectification_ledger".to_owned(),
        region: who.grants[0].region.clone(),
        inspection: Some(case.inspection.clone()),
        is_complete: false,
    };
    Answers::from([
        ("finding", said(service.finding_page(who, &case.finding).map(|page| page.finding))),
        ("letter", said(service.letter_page(who, &case.letter).map(|page| page.letter))),
        ("draft", said(service.letter_page(who, &case.draft).map(|page| page.letter))),
        ("inspection", said(service.inspection(who, &case.inspection))),
        ("report", said(service.report(who, &case.report).map(|report| report.record))),
        (
            "report by number",
            said(service.report_by_number(who, &case.report_number).map(|report| report.record)),
        ),
        ("docx", said(service.report_docx(who, &case.report))),
        ("evidence", said(service.evidence_file(who, &case.evidence).map(|file| file.file_name))),
        ("import", said(service.import_preview(who, &case.batch).map(|preview| preview.batch))),
        ("import errors", said(service.import_errors(who, &case.batch))),
        ("make report", said(service.make_report(who, &report).map(|made| made.0))),
        (
            "import into",
            said(service.check_import(who, &import_into, &mut "not a workbook".as_bytes())),
        ),
    ])
}

/// Every act on one case by its ids.
pub(super) fn act_by_id(service: &Service, who: &Caller, case: &Case) -> Answers {
    let shown = || Shown { finding: case.finding.clone(), version: 1 };
    let one = || vec![case.finding.clone()];
    let text = || "整改".to_owned();
    let day = || Some(service.today());
    let mut answers = act_on_finding(service, who, &shown);
    answers.extend([
        (
            "evidence",
            said(service.add_evidence(
                who,
                &AddEvidenceInput {
                    findings: one(),
                    file_name: "x.txt".to_owned(),
                    dated_on: None,
                    description: None,
                    kind: None,
                },
                &mut "x".as_bytes(),
            )),
        ),
        (
            "measure",
            said(service.add_measure(who, &AddMeasureInput { findings: one(), text: text() })),
        ),
        (
            "goal",
            said(service.add_stage_goal(
                who,
                &AddStageGoalInput {
                    finding: case.finding.clone(),
                    goal: text(),
                    due_on: service.today(),
                    note: None,
                },
            )),
        ),
        (
            "extension",
            said(service.request_extension(
                who,
                &RequestExtensionInput { shown: shown(), reason: text(), new_deadline_on: day() },
            )),
        ),
        ("undo", said(service.undo(who, &shown()))),
        ("remind", said(service.remind(who, &case.finding))),
    ]);
    answers.extend(act_on_letter(service, who, case));
    answers
}

fn act_on_letter(service: &Service, who: &Caller, case: &Case) -> Answers {
    Answers::from([
        ("discard", said(service.discard_letter(who, &case.draft, "理由"))),
        (
            "row",
            said(service.edit_letter_row(
                who,
                EditRow { id: case.draft_row.clone(), version: 1, values: Values::new() },
            )),
        ),
        (
            "new row",
            said(service.add_letter_row(
                who,
                NewRow { letter: case.draft.clone(), values: Values::new(), span: None },
            )),
        ),
        (
            "confirm letter",
            said(service.confirm_letter(
                who,
                &ConfirmLetter {
                    letter: case.draft.clone(),
                    version: 1,
                    values: Values::new(),
                    count_reason: None,
                },
            )),
        ),
        (
            "confirm import",
            said(service.confirm_import(
                who,
                &ConfirmImport {
                    batch: case.batch.clone(),
                    version: 1,
                    good_only: true,
                    title: "整改".to_owned(),
                    source_kind: "inspection".to_owned(),
                    source_level: "own".to_owned(),
                },
            )),
        ),
        ("take import back", said(service.take_back_import(who, &case.batch, 1))),
    ])
}

fn act_on_finding(service: &Service, who: &Caller, shown: &dyn Fn() -> Shown) -> Answers {
    let text = || "整改".to_owned();
    let accept = AcceptInput {
        shown: shown(),
        is_passed: true,
        on: None,
        sample: text(),
        sample_size: Some(1),
        sample_failed: Some(0),
        is_on_site: true,
        opinion: text(),
        new_deadline_on: None,
    };
    let look_back = LookBackInput {
        shown: shown(),
        is_holding: true,
        on: None,
        note: text(),
        new_deadline_on: None,
    };
    let plan = PlanInput { shown: Some(shown()), measures: vec![text()], ..PlanInput::default() };
    let step = TakeStepInput {
        shown: shown(),
        step: "register".to_owned(),
        reason: None,
        fields: BTreeMap::new(),
        new_deadline_on: None,
    };
    let progress =
        LogProgressInput { finding: shown().finding, on: None, text: text(), percent: Some(10) };
    let assign = AssignInput { findings: vec![shown()], assignment: Assignment::default() };
    let consent = UpperConsentInput { shown: shown(), paper_number: text(), on: None };
    let back = ReturnInput { shown: shown(), reason: text(), new_deadline_on: None };
    let reopen = ReopenInput { shown: shown(), reason: text(), new_deadline_on: None };
    let peers = ExtendToPeersInput { shown: shown(), regions: vec![who.grants[0].region.clone()] };
    Answers::from([
        (
            "claim",
            said(
                service.claim(who, ClaimInput { shown: shown(), cause: text(), self_check: None }),
            ),
        ),
        (
            "absent",
            said(service.mark_absent(who, &MarkAbsentInput { shown: shown(), self_check: text() })),
        ),
        ("plan", said(service.plan(who, &plan))),
        ("step", said(service.take_step(who, step))),
        ("progress", said(service.log_progress(who, &progress))),
        ("submit", said(service.submit(who, &SubmitInput { shown: shown(), result: text() }))),
        ("accept", said(service.accept(who, &accept))),
        ("return", said(service.return_finding(who, back))),
        ("close", said(service.close(who, &shown()))),
        ("look back", said(service.look_back(who, &look_back))),
        ("reopen", said(service.reopen(who, reopen))),
        ("assign", said(service.assign(who, &assign))),
        ("consent", said(service.upper_consent(who, &consent))),
        ("peers", said(service.extend_to_peers(who, &peers))),
    ])
}

#[test]
fn strangers_get_the_answer_of_nothing_there() {
    let Town { house, case, strangers } = &*TOWN_HOUSE;
    let nothing = nothing();
    for who in strangers {
        for (questions, name) in [
            (ask_by_id as fn(&Service, &Caller, &Case) -> Answers, "asks"),
            (act_by_id as fn(&Service, &Caller, &Case) -> Answers, "acts"),
        ] {
            let real = questions(&house.service, who, case);
            let none = questions(&house.service, who, &nothing);
            for (what, answer) in &real {
                assert_eq!(Some(answer), none.get(what), "{} {name}: {what}", who.login);
                assert!(answer.starts_with("Err("), "{} {name}: {what}: {answer}", who.login);
                assert!(!answer.contains(CANARY), "{} {name}: {what}: {answer}", who.login);
            }
        }
    }
}

#[test]
fn the_townships_own_people_do_get_answers() {
    let Town { house, case, .. } = &*TOWN_HOUSE;
    let clerk = house.caller("clerk");
    let answers = ask_by_id(&house.service, &clerk, case);
    for (what, answer) in answers.iter().filter(|(what, _)| **what != "import into") {
        assert!(answer.starts_with("Ok("), "{what}: {answer}");
    }
    let filter = LedgerFilter { text: Some(CANARY.to_owned()), ..LedgerFilter::default() };
    assert_eq!(house.service.ledger_list(&clerk, &filter).unwrap().total, 2);
}

#[test]
fn lists_of_strangers_hold_no_row_no_count_and_no_name() {
    let Town { house, case, strangers } = &*TOWN_HOUSE;
    let service = &house.service;
    for who in strangers {
        let mut all = String::new();
        for page in [
            service.letters(who, None, 100),
            service.inspections(who, None, 100),
            service.reports(who, None, 100),
            service.imports(who, None, 100),
            service.users(who, None, 100),
        ] {
            all.push_str(&format!("{page:?}"));
        }
        all.push_str(&format!("{:?}", service.units(who)));
        for section in QueueSection::ALL {
            match service.queue(who, section) {
                Ok(queue) => {
                    assert_eq!(queue.counts.all + queue.counts.to_approve, 0, "{}", who.login);
                    all.push_str(&format!("{queue:?}"));
                }
                Err(error) => all.push_str(&format!("{error:?}")),
            }
        }
        let texts = [None, Some(CANARY.to_owned()), Some("供水点".to_owned())];
        for text in texts {
            for tab in LedgerTab::ALL {
                for inspection in [None, Some(case.inspection.clone())] {
                    let (text, inspection) = (text.clone(), inspection.clone());
                    let filter = LedgerFilter { tab, text, inspection, ..LedgerFilter::default() };
                    let Ok(list) = service.ledger_list(who, &filter) else { continue };
                    let counts: u64 = list.tabs.iter().map(|(_, count)| count).sum();
                    assert_eq!((list.total, counts), (0, 0), "{} {filter:?}", who.login);
                    all.push_str(&format!("{:?}", list.rows));
                }
            }
        }
        if let Ok(book) = service.export_ledger(who, &LedgerFilter::default()) {
            assert_eq!(book.rows, 0, "{}", who.login);
        }
        for secret in [CANARY, "周雯", "何景", "马有田", case.finding.as_str()] {
            assert!(!all.contains(secret), "{} sees {secret}", who.login);
        }
    }
}

#[test]
fn child_in_another_township_is_not_shown_on_the_parents_page() {
    let house = demo_house();
    let service = &house.service;
    let county = house.caller("county");
    let filter = LedgerFilter { size: 200, ..LedgerFilter::default() };
    let rows = service.ledger_list(&county, &filter).unwrap().rows;
    let parent = rows
        .iter()
        .map(|row| &row.record)
        .find(|record| {
            let input = ExtendToPeersInput {
                shown: Shown { finding: record.id.clone(), version: record.version },
                regions: vec![RegionCode::parse("990101101").unwrap()],
            };
            service.extend_to_peers(&county, &input).is_ok()
        })
        .expect("no finding can be extended to peers");
    let page = service.finding_page(&county, &parent.id).unwrap();
    assert_eq!(page.children.len(), 1, "the county sees the child");
    let clerk = house.caller("clerk");
    let page = service.finding_page(&clerk, &parent.id).unwrap();
    let seen: Vec<&RecordId> = page.children.iter().map(|row| &row.record.id).collect();
    assert!(seen.is_empty(), "the township sees the neighbour's row: {seen:?}");
}
