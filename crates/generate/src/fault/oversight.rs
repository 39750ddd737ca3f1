//! Faults in accountability, complaints, notices, evaluation, documents and findings.

use super::office::{Fault, fault};
use super::works::reference;
use crate::record::{Cell, Record};
use crate::village::evidence;

pub(super) const FAULTS: &[Fault] = &[
    fault("ACC-001", |desk, found| desk.clear(found, "accountability", "doc_no")),
    fault("REC-001", |desk, found| {
        if let Some(row) = desk.pick("finding", open) {
            row.unlink("measures");
            found.own("finding", row.id);
        }
    }),
    fault("REC-004", |desk, found| {
        if let Some(row) = desk.pick("finding", closed) {
            row.unlink("evidence");
            found.own("finding", row.id);
        }
    }),
    fault("ACC-003", |desk, found| {
        let today = desk.calendar.today;
        if let Some(row) = desk.pick("finding", open) {
            row.set("deadline_on", today.plus(-30));
            let finding = row.id;
            found.own("finding", finding);
            found.also("REC-003", "finding", finding);
        }
    }),
    fault("ACC-004", |desk, found| {
        if let Some(row) = desk.pick("spot_check", |row| row.flag("has_finding")) {
            row.set("told_on", Cell::Missing);
            found.own("spot_check", row.id);
        }
    }),
    fault("CLU-001", |desk, found| {
        desk.change(found, "complaint", |row| {
            let day = row.day("received_on").map(|day| day.plus(90));
            row.set("answered_on", day);
        });
    }),
    fault("CLU-002", |desk, found| {
        if let Some(row) = desk.pick("complaint", |row| row.flag("is_named")) {
            row.set("result_sent_on", Cell::Missing);
            found.own("complaint", row.id);
        }
    }),
    fault("PUB-001", |desk, found| {
        desk.change(found, "notice_draft", |row| row.set("has_unmasked_number", true));
    }),
    fault("PUB-002", |desk, found| {
        desk.change(found, "notice_draft", |row| {
            let day = row.day("started_on").map(|day| day.plus(2));
            row.set("ended_on", day);
        });
    }),
    fault("PUB-003", |desk, found| desk.clear(found, "notice_draft", "photo")),
    fault("PUB-004", |desk, found| {
        desk.change(found, "notice_draft", |row| row.set("open_objections", 1));
    }),
    fault("DOC-001", |desk, found| {
        desk.change(found, "document_check", |row| {
            row.set("parts_sum", row.whole("parts_sum") + 5);
        });
    }),
    fault("DOC-002", |desk, found| {
        desk.change(found, "document_check", |row| row.set("second_value", Cell::Decimal(10_000)));
    }),
    fault("DOC-003", |desk, found| {
        desk.change(found, "document_check", |row| {
            row.set("stated_percent", Cell::Decimal((row.whole("numerator") + 5) * 10_000));
        });
    }),
    fault("DOC-004", |desk, found| {
        desk.change(found, "document_check", |row| {
            row.set("heading_number", row.whole("heading_number") + 1);
        });
    }),
    fault("REC-002", |desk, found| {
        if let Some(row) = desk.pick("finding", closed) {
            let day = row.day("closed_on").map(|day| day.plus(-140));
            row.set("deadline_on", day);
            found.own("finding", row.id);
        }
    }),
    fault("REC-003", |desk, found| {
        let today = desk.calendar.today;
        if let Some(row) = desk.pick("finding", open) {
            row.set("deadline_on", today.plus(-9));
            found.own("finding", row.id);
        }
    }),
    fault("REC-005", |desk, found| {
        let Some(finding) = desk.pick("finding", closed).cloned() else { return };
        let own = |row: &Record| row.get("finding") == &reference(&finding);
        if let Some(row) = desk.pick("acceptance", own) {
            row.set("by", finding.get("person").clone());
            found.own("finding", finding.id);
        }
    }),
    fault("REC-006", |desk, found| {
        let Some(finding) = desk.pick("finding", closed).cloned() else { return };
        let own = |row: &Record| row.get("finding") == &reference(&finding);
        if let Some(row) = desk.pick("acceptance", own) {
            let day = finding.day("submitted_on").map(|day| day.plus(-3));
            row.set("on", day);
            found.own("finding", finding.id);
        }
    }),
    fault("REC-007", |desk, found| {
        let Some(finding) = desk.pick("finding", open).cloned() else { return };
        let issued = desk.calendar.today.plus(-400);
        let inspection = desk
            .blank("inspection", &finding)
            .with("title", "上一年度专项巡察")
            .with("source_kind", "supervision")
            .with("source_level", "upper")
            .with("issued_on", issued)
            .with("received_on", issued.plus(1))
            .with("claimed_count", 1);
        let mut old = desk.copy(&finding);
        let closed = desk.calendar.today.plus(-260);
        old.set("inspection", reference(&inspection));
        old.set("number", format!("{}-旧", finding.text("number")));
        old.set("deadline_on", closed.plus(10));
        old.set("closed_on", closed);
        let proof = evidence(desk.blank("evidence", &finding), closed);
        old.link("evidence", &proof);
        let look_back = desk
            .blank("look_back", &finding)
            .with("finding", reference(&old))
            .with("on", closed.plus(40))
            .with("result", "holds");
        desk.rows.extend([inspection, old, look_back, proof]);
        found.own("finding", finding.id);
    }),
    fault("REC-009", |desk, found| {
        desk.change(found, "finding", |row| row.set("scope_kind", "common"));
    }),
    fault("REC-010", |desk, found| desk.clear(found, "finding", "exists_here")),
    fault("REC-011", |desk, found| {
        let today = desk.calendar.today;
        let Some(finding) = desk.pick("finding", open).cloned() else { return };
        for row in desk.rows.iter_mut() {
            if row.ledger == "progress" && row.get("finding") == &reference(&finding) {
                row.set("on", today.plus(-60));
            }
        }
        found.own("finding", finding.id);
    }),
    fault("REC-012", |desk, found| {
        let Some(finding) = desk.pick("finding", closed).cloned() else { return };
        desk.rows
            .retain(|row| row.ledger != "look_back" || row.get("finding") != &reference(&finding));
        found.own("finding", finding.id);
    }),
    fault("REC-013", |desk, found| {
        let long = |row: &Record| row.flag("is_long_term");
        let Some(finding) = desk.pick("finding", long).cloned() else { return };
        desk.rows
            .retain(|row| row.ledger != "stage_goal" || row.get("finding") != &reference(&finding));
        found.own("finding", finding.id);
    }),
    fault("REC-014", |desk, found| {
        desk.change(found, "measure", |row| row.set("text", "进一步加强组织领导，提高认识"));
    }),
];

/// Faults of records that only the first village of a county carries.
pub(super) const LEADING: &[Fault] = &[
    fault("EDU-001", |desk, found| desk.clear(found, "school_report", "reported_on")),
    fault("EDU-007", |desk, found| {
        desk.change(found, "education_year", |row| row.set("cohort_retained", 2200));
    }),
    fault("PRJ-006", |desk, found| {
        desk.change(found, "project_fund_year", |row| {
            row.set("fund_amount", row.whole("fund_amount") * 100);
        });
    }),
    fault("ACC-002", |desk, found| {
        desk.change(found, "accountability_count", |row| {
            row.set("stated_count", row.whole("stated_count") + 1);
        });
    }),
    fault("EVA-001", |desk, found| {
        desk.change(found, "evaluation_rate", |row| {
            row.set("shown_percent", Cell::Decimal(123_400));
        });
    }),
    fault("EVA-002", |desk, found| {
        desk.change(found, "evaluation", |row| {
            row.set("strata", vec!["minimum_living", "disabled", "lifted", "ordinary"]);
        });
    }),
    fault("EVA-003", |desk, found| {
        if let Some(row) = desk.pick("evaluation_sample", |row| row.flag("is_suspected")) {
            row.set("confirmed_on", Cell::Missing);
            found.own("evaluation_sample", row.id);
        }
    }),
    fault("REC-008", |desk, found| {
        desk.change(found, "inspection", |row| {
            row.set("claimed_count", row.whole("claimed_count") + 3);
        });
    }),
    fault("REC-015", |desk, found| {
        let issued = desk.calendar.today.plus(-500);
        let Some(row) = desk.pick("inspection", |_| true).cloned() else { return };
        let old = desk
            .blank("inspection", &row)
            .with("title", "县委专项巡察")
            .with("source_kind", "inspection")
            .with("source_level", "upper")
            .with("issued_on", issued)
            .with("received_on", issued.plus(1))
            .with("claimed_count", 0);
        found.own("inspection", old.id);
        desk.rows.push(old);
    }),
];

/// A finding still worked on, with a deadline.
fn open(row: &Record) -> bool {
    row.get("closed_on").is_missing() && !row.flag("is_long_term")
}

fn closed(row: &Record) -> bool {
    !row.get("closed_on").is_missing()
}
