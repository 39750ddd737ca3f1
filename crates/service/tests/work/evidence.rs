//! Evidence: limits, marks, several findings, who may open it.

use super::world::{VILLAGES, date, evidence, for_each_database};
use std::io::Read;
use taizhang_service::ServiceError;
use taizhang_service::work::{AddEvidenceInput, EVIDENCE_BYTES_MAX};

#[test]
fn one_file_proves_several_findings() {
    for_each_database(|world| {
        let findings = vec![
            world.finding_in(VILLAGES[0], "own", "2026-05-20"),
            world.finding_in(VILLAGES[1], "own", "2026-05-20"),
        ];
        let input = AddEvidenceInput { findings: findings.clone(), ..evidence(&findings[0], None) };
        let clerk = world.caller("clerk");
        let record = world.service().add_evidence(&clerk, &input, &mut "照片".as_bytes()).unwrap();
        assert_eq!(record.region.as_ref().unwrap().as_str(), "990101100");
        for (login, finding) in [("village", &findings[0]), ("village-two", &findings[1])] {
            let caller = world.caller(login);
            let page = world.service().finding_page(&caller, finding).unwrap();
            assert_eq!(page.evidence.len(), 1, "{login}");
            let file = world.service().evidence_file(&caller, &record.id).unwrap();
            assert_eq!(file.bytes, "照片".as_bytes());
        }
        let stranger = world.caller("elsewhere");
        let refused = world.service().evidence_file(&stranger, &record.id);
        assert!(matches!(refused, Err(ServiceError::NotFound)));
    });
}

#[test]
fn evidence_is_marked_and_checked() {
    // today is 2026-03-02: name, date, content, outcome
    let cases = [
        ("现场.jpg", Some("2026-02-27"), "x", "kept 现场.jpg false"),
        ("现场.jpg", Some("2026-02-26"), "x", "kept 现场.jpg true"),
        ("现场.jpg", Some("2026-03-03"), "x", "refused W0204"),
        ("现场.jpg", None, "", "refused W0205"),
        ("C:\\照片\\..\\现场.jpg", None, "x", "kept 现场.jpg false"),
        ("../../.profile", None, "x", "kept profile false"),
        ("///", None, "x", "refused W0202"),
    ];
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        for (name, dated_on, content, expected) in cases {
            let mut input = evidence(&finding, dated_on.map(date));
            input.file_name = name.to_owned();
            let result = world.service().add_evidence(
                &world.caller("village"),
                &input,
                &mut content.as_bytes(),
            );
            let found = match result {
                Ok(record) => {
                    format!("kept {} {}", record.text("file_name"), is_marked(&record))
                }
                Err(error) => world.outcome(Err(error), &finding),
            };
            assert_eq!(found, expected, "{name} {dated_on:?}");
        }
    });
}

fn is_marked(record: &taizhang_store::Record) -> bool {
    record.get("is_backdated").as_boolean().unwrap()
}

#[test]
fn oversize_upload_names_the_limit() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        let mut endless = std::io::repeat(7).take(EVIDENCE_BYTES_MAX + 1);
        let result = world.service().add_evidence(
            &world.caller("village"),
            &evidence(&finding, None),
            &mut endless,
        );
        let Err(ServiceError::TooLarge { limit_bytes }) = result else { panic!("{result:?}") };
        assert_eq!(limit_bytes, EVIDENCE_BYTES_MAX);
    });
}

#[test]
fn evidence_stays_as_submitted() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        world.bring_to(&finding, "submitted");
        let village = world.caller("village");
        let page = world.service().finding_page(&village, &finding).unwrap();
        let file = page.evidence[0].id.clone();
        let result = world.service().detach_evidence(&village, &finding, &file, "传错了");
        assert_eq!(world.outcome(result, &finding), "refused W0207");
        let result = world.act("village", "evidence", &finding, "");
        assert_eq!(world.outcome(result, &finding), "refused W0208");
        let result = world.act("county", "evidence", &finding, "");
        assert_eq!(world.outcome(result, &finding), "submitted", "who judges adds what he saw");
        let result = world.act("village", "progress", &finding, "");
        assert_eq!(world.outcome(result, &finding), "refused W0143");
    });
}
