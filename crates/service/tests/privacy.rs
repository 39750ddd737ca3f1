//! Numbers and names of people do not leave the house: public reports, refusals, logs.

use crate::support::{TestHouse, demo_house};
use std::io::Read;
use taizhang_document::report::plain_text;
use taizhang_service::ServiceError;
use taizhang_service::report::MakeReport;
use taizhang_service::work::{AddEvidenceInput, LedgerFilter};
use taizhang_store::{Act, Change, NewRecord, Record, StoreError, Values};

/// Words after which a household's name stands.
const TITLES: [&str; 6] = ["村民", "户主", "监测对象", "脱贫户", "患者", "学生"];
const NAMES: [&str; 6] = ["周小雨", "欧阳春生", "李大山", "马秀英", "王石头", "赵小满"];
const PHONES: [&str; 3] = ["13800001234", "138 0000 5678", "１３９００００４３２１"];

/// An invented identity number of division 99 with the right check character (GB 11643).
fn identity_number(serial: u32) -> String {
    let body = format!(
        "990101198{}{:02}{:02}{:03}",
        serial % 10,
        1 + serial % 12,
        1 + serial % 28,
        100 + serial
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11];
    format!("{body}{check}")
}

/// An invented card number that passes the Luhn test.
fn card_number(serial: u32) -> String {
    let body = format!("621799{:012}", 990_000_000_000_u64 + u64::from(serial));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Everything that must not come out, and a sentence that holds it.
fn planted() -> (Vec<String>, Vec<String>) {
    let mut secrets = Vec::new();
    let mut sentences = Vec::new();
    for (number, (title, name)) in (0..).zip(TITLES.iter().zip(NAMES)) {
        let (identity, card) = (identity_number(number), card_number(number));
        let phone = PHONES[number as usize % PHONES.len()];
        sentences.push(format!(
            "{title}{name}（身份证号{identity}，电话{phone}，一卡通{card}）的补贴发放不及时。"
        ));
        secrets.extend([identity, card, phone.to_owned(), name.to_owned()]);
    }
    (secrets, sentences)
}

/// Puts the sentences into every text of the findings and their inspections.
fn plant(house: &TestHouse, sentences: &[String]) {
    let service = &house.service;
    let clerk = house.caller("clerk");
    let act = Act {
        actor: None,
        verb: "test.plant".to_owned(),
        at: service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let rows = service.ledger_list(&clerk, &LedgerFilter::default()).unwrap().rows;
    let rows: Vec<Record> = rows.into_iter().map(|row| row.record).collect();
    let inspections = service.inspections(&clerk, None, 20).unwrap().records;
    let done: Result<(), StoreError> = service.store().write(&act, |writer| {
        for (record, sentence) in rows.iter().zip(sentences.iter().cycle()) {
            let fields = ["problem", "cause", "self_check", "result", "source_sentence"];
            let mut values: Values =
                fields.iter().map(|f| ((*f).to_owned(), sentence.as_str().into())).collect();
            values.insert("title".to_owned(), format!("关于{sentence}").into());
            values.insert("responsible_persons".to_owned(), vec![sentence.clone()].into());
            let change = Change { values, ..Change::default() };
            writer.update("finding", &record.id, record.version, change)?;
            for id in writer.linked("finding", "measures", &record.id)? {
                let measure = writer.get("measure", &id)?.unwrap();
                let values = Values::from([("text".to_owned(), sentence.as_str().into())]);
                writer.update(
                    "measure",
                    &id,
                    measure.version,
                    Change { values, ..Change::default() },
                )?;
            }
        }
        for (record, sentence) in inspections.iter().zip(sentences) {
            let values = Values::from([
                ("title".to_owned(), format!("核查{sentence}").into()),
                ("source_body".to_owned(), format!("工作组（{sentence}）").into()),
            ]);
            let change = Change { values, ..Change::default() };
            writer.update("inspection", &record.id, record.version, change)?;
        }
        Ok(())
    });
    done.unwrap();
}

/// All parts of a Word file as one text, marks removed so that a number cut by them is found.
fn docx_text(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut all = String::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let mut xml = Vec::new();
        part.read_to_end(&mut xml).unwrap();
        let xml = String::from_utf8_lossy(&xml).into_owned();
        all.push_str(&xml);
        let mut is_tag = false;
        let plain = xml.chars().filter(|c| {
            let shown = !is_tag && *c != '<';
            is_tag = (is_tag || *c == '<') && *c != '>';
            shown
        });
        all.extend(plain);
    }
    all
}

#[test]
fn planted_numbers_are_what_they_claim_to_be() {
    for serial in 0..50 {
        let identity = identity_number(serial);
        assert!(taizhang_values::IdentityNumber::parse(&identity).is_ok(), "{identity}");
    }
}

#[test]
fn nothing_planted_reaches_a_public_report() {
    let house = demo_house();
    let service = &house.service;
    let (secrets, sentences) = planted();
    plant(&house, &sentences);
    let clerk = house.caller("clerk");
    let mut public = 0;
    let mut internal_holds_names = false;
    for inspection in service.inspections(&clerk, None, 20).unwrap().records {
        for (name, template) in &service.codebook().report_templates {
            let input = MakeReport {
                template: name.clone(),
                inspection: inspection.id.clone(),
                issuer: None,
                date: None,
            };
            let made = service.make_report(&clerk, &input);
            let Ok((record, _)) = made else { panic!("{name}: {made:?}") };
            let report = service.report(&clerk, &record.id).unwrap().report;
            let docx = service.report_docx(&clerk, &record.id).unwrap();
            let forms = [
                ("model", format!("{report:?}")),
                ("record", format!("{record:?}")),
                ("text", plain_text(&report)),
                ("docx", docx_text(&docx)),
            ];
            for (form, text) in forms {
                let leaked: Vec<&String> =
                    secrets.iter().filter(|secret| text.contains(secret.as_str())).collect();
                if template.is_public {
                    assert!(leaked.is_empty(), "{form} of {name} holds {leaked:?}");
                } else {
                    internal_holds_names |= !leaked.is_empty();
                }
            }
            public += usize::from(template.is_public);
        }
    }
    assert!(public > 0, "no template is public");
    assert!(
        internal_holds_names,
        "nothing was planted where reports look: the test proves nothing"
    );
}

/// Somebody of the register named in a sentence without any word such as 村民 before it.
#[test]
fn names_of_the_register_reach_no_public_report() {
    let house = demo_house();
    let service = &house.service;
    let clerk = house.caller("clerk");
    let (name, sentence) = ("慕容栖霞", "抽查时慕容栖霞反映补贴没有到账。");
    let act = Act {
        actor: None,
        verb: "test.plant".to_owned(),
        at: service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let rows = service.ledger_list(&clerk, &LedgerFilter::default()).unwrap().rows;
    let done: Result<(), StoreError> = service.store().write(&act, |writer| {
        let region = rows[0].record.region.clone();
        let values = Values::from([("household_no".to_owned(), "H1".into())]);
        let household = NewRecord { region: region.clone(), values, ..NewRecord::default() };
        let household = writer.insert("household", household)?;
        let values = Values::from([
            ("name".to_owned(), name.into()),
            ("household".to_owned(), (&household.id).into()),
        ]);
        writer.insert("person", NewRecord { region, values, ..NewRecord::default() })?;
        for row in &rows {
            let values = Values::from([("problem".to_owned(), sentence.into())]);
            let change = Change { values, ..Change::default() };
            writer.update("finding", &row.record.id, row.record.version, change)?;
        }
        Ok(())
    });
    done.unwrap();
    let mut seen = [0, 0];
    for inspection in service.inspections(&clerk, None, 20).unwrap().records {
        for (template, definition) in &service.codebook().report_templates {
            let input = MakeReport {
                template: template.clone(),
                inspection: inspection.id.clone(),
                issuer: None,
                date: None,
            };
            let (record, _) = service.make_report(&clerk, &input).unwrap();
            let report = service.report(&clerk, &record.id).unwrap().report;
            let text = plain_text(&report);
            let form = if definition.is_public { "慕容某反映" } else { "慕容栖霞反映" };
            seen[usize::from(definition.is_public)] += usize::from(text.contains(form));
            assert!(!definition.is_public || !format!("{report:?}").contains("栖霞"), "{template}");
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "the sentence stood in no report: {seen:?}");
}

#[test]
fn refusals_hold_no_numbers_and_no_names_of_households() {
    let house = demo_house();
    let service = &house.service;
    let (secrets, sentences) = planted();
    plant(&house, &sentences);
    let clerk = house.caller("clerk");
    let village = house.caller("village");
    let rows = service.ledger_list(&clerk, &LedgerFilter::default()).unwrap().rows;
    let mut refusals: Vec<ServiceError> = Vec::new();
    for row in &rows {
        for step in ["register", "start", "close", "look_back", "no_such_step"] {
            let input = taizhang_service::work::TakeStepInput {
                shown: taizhang_service::work::Shown {
                    finding: row.record.id.clone(),
                    version: row.record.version - 1,
                },
                step: step.to_owned(),
                reason: Some(sentences[0].clone()),
                fields: std::collections::BTreeMap::new(),
                new_deadline_on: None,
            };
            refusals.extend(service.take_step(&village, input.clone()).err());
            refusals.extend(service.take_step(&clerk, input).err());
        }
        let input = AddEvidenceInput {
            findings: vec![row.record.id.clone()],
            file_name: format!("{}.bin", sentences[0]),
            dated_on: Some("2030-01-01".parse().unwrap()),
            description: Some(sentences[1].clone()),
            kind: Some("no-such-kind".to_owned()),
        };
        refusals.extend(service.add_evidence(&village, &input, &mut "x".as_bytes()).err());
    }
    assert!(refusals.len() > 20, "only {} refusals", refusals.len());
    let mut shown = 0;
    for refusal in &refusals {
        // A conflict shows both versions to somebody who may read the record; its words do not.
        let text = match refusal {
            ServiceError::Invalid(faults) => format!("{refusal} {faults:?}"),
            other => other.to_string(),
        };
        let leaked: Vec<&String> = secrets.iter().filter(|s| text.contains(s.as_str())).collect();
        assert!(leaked.is_empty(), "{text} holds {leaked:?}");
        shown += usize::from(matches!(refusal, ServiceError::Invalid(_)));
    }
    assert!(shown > 0, "no refusal had words");
}

#[test]
fn audit_lines_tell_that_something_changed_and_not_what() {
    let house = demo_house();
    let (secrets, sentences) = planted();
    plant(&house, &sentences);
    let audit = house.caller("audit");
    let filter = taizhang_store::AuditFilter::default();
    let lines = house.service.audit_lines(&audit, &filter, None, 1000).unwrap();
    assert!(lines.iter().any(|line| line.verb == "test.plant"));
    let text = format!("{lines:?}");
    let leaked: Vec<&String> = secrets.iter().filter(|s| text.contains(s.as_str())).collect();
    assert!(leaked.is_empty(), "the audit chain holds {leaked:?}");
}
