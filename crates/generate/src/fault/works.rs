//! Faults in projects, assets, procurement, cooperatives, solar income and the village team.

use super::Found;
use super::office::{Desk, Fault, fault};
use crate::record::{Cell, Record, id};

pub(super) const FAULTS: &[Fault] = &[
    fault("PRJ-001", |desk, found| desk.clear_in(found, "project", "inspector", whole)),
    fault("PRJ-002", |desk, found| {
        project(desk, found, |row| {
            let day = row.day("reviewed_on").map(|day| day.plus(3));
            row.set("voted_on", day);
        });
    }),
    fault("PRJ-003", |desk, found| {
        project(desk, found, |row| {
            let day = row.day("fund_notice_on").map(|day| day.plus(80));
            row.set("started_on", day);
        });
    }),
    fault("PRJ-004", |desk, found| {
        let Some(project) = desk.pick("project", whole).map(|row| row.id) else { return };
        desk.rows.retain(|row| row.ledger != "project_payment" || row.whole("project") != project);
        found.own("project", project);
    }),
    fault("PRJ-005", |desk, found| project(desk, found, |row| row.set("is_in_library", false))),
    fault("PRJ-007", |desk, found| {
        let Some(project) = desk.pick("project", whole).map(|row| row.id) else { return };
        for row in desk.rows.iter_mut() {
            if row.ledger == "project_notice" && row.whole("project") == project {
                row.set("notice_level", "township");
            }
        }
        found.own("project", project);
    }),
    fault("PRJ-008", |desk, found| {
        desk.change(found, "project_notice", |row| {
            let day = row.day("started_on").map(|day| day.plus(5));
            row.set("ended_on", day);
        });
    }),
    fault("PRJ-009", |desk, found| project(desk, found, |row| row.set("acceptance_inspectors", 1))),
    fault("PRJ-010", |desk, found| {
        project(desk, found, |row| {
            let day = row.day("accepted_on").map(|day| day.plus(50));
            row.set("assets_entered_on", day);
        });
    }),
    fault("PRJ-011", |desk, found| project(desk, found, |row| row.set("targets_scored", 0))),
    fault("PRJ-012", |desk, found| {
        project(desk, found, |row| {
            row.set("contract_amount", row.whole("budget_amount") + 100_000);
        });
    }),
    fault("PRJ-014", |desk, found| {
        let today = desk.calendar.today;
        let under_way = |row: &Record| row.text("project_status") == "under_way";
        let Some(project) = desk.pick("project", under_way).map(|row| row.id) else { return };
        for row in desk.rows.iter_mut() {
            if row.ledger == "project_inspection" && row.whole("project") == project {
                row.set("inspected_on", today.plus(-60));
            }
        }
        found.own("project", project);
    }),
    fault("PRJ-015", |desk, found| {
        project(desk, found, |row| row.set("has_separate_account", false));
    }),
    fault("PRJ-016", same_content),
    fault("AST-001", |desk, found| desk.clear(found, "asset", "custodian")),
    fault("AST-002", |desk, found| {
        let made = |row: &Record| !row.get("project").is_missing();
        if let Some(row) = desk.pick("asset", made) {
            row.set("original_value", row.whole("original_value") + 10_000);
            let project = row.whole("project");
            found.own("project", project);
        }
    }),
    fault("AST-003", |desk, found| {
        let operating = |row: &Record| row.text("asset_class") == "operating";
        if let Some(row) = desk.pick("asset", operating) {
            row.set("asset_status", "idle");
            found.own("asset", row.id);
        }
    }),
    fault("AST-004", |desk, found| desk.clear(found, "asset_lease", "deposit")),
    fault("AST-005", |desk, found| desk.clear(found, "asset_income", "plan_no")),
    fault("AST-006", |desk, found| desk.clear(found, "asset_disposal", "decision_no")),
    fault("AST-007", |desk, found| desk.clear(found, "idle_fund", "matures_on")),
    fault("TEAM-001", |desk, found| {
        desk.change(found, "team_month", |row| row.set("days_in_village", 12));
    }),
    fault("TEAM-002", |desk, found| desk.clear(found, "team_month", "meeting_held_on")),
    fault("TEAM-003", |desk, found| {
        let on_duty = |row: &Record| !row.get("team_day").is_missing();
        if let Some(row) = desk.pick("spot_check", on_duty) {
            row.set("found_present", false);
            let day = row.whole("team_day");
            found.own("team_day", day);
        }
    }),
    fault("COL-001", |desk, found| {
        desk.change(found, "collective_income", |row| row.set("amount", 1_000_000));
    }),
    fault("COL-002", |desk, found| desk.clear(found, "village", "inventory_finished_on")),
    fault("PV-001", |desk, found| {
        desk.change(found, "solar_income", |row| {
            row.set("paid_out_sum", row.whole("paid_out_sum") + 1000);
        });
    }),
    fault("PV-002", |desk, found| desk.clear(found, "solar_income", "filed_on")),
    fault("PV-003", |desk, found| {
        desk.change(found, "solar_income", |row| {
            row.set("smallest_share", row.whole("largest_share"));
            row.set("for_duty_or_need", false);
        });
    }),
    fault("COOP-003", |desk, found| {
        desk.change(found, "cooperative", |row| row.set("is_stopped", true));
    }),
    fault("COOP-004", |desk, found| {
        desk.change(found, "cooperative", |row| row.set("has_yearly_account", false));
    }),
    fault("BID-001", |desk, found| {
        desk.change(found, "procurement", |row| {
            row.set("file_items", vec!["application", "notice", "bids", "award", "acceptance"]);
        });
    }),
    fault("BID-002", |desk, found| {
        desk.change(found, "procurement", |row| {
            let day = row.day("awarded_on").map(|day| day.plus(-3));
            row.set("contracted_on", day);
        });
    }),
    fault("BID-003", |desk, found| {
        let large = |row: &Record| row.whole("contract_price") >= 12_000_000;
        let Some(row) = desk.pick("procurement", large).cloned() else { return };
        let project = row.whole("project");
        let mut second = desk.copy(&row);
        second.set("contract_price", SPLIT_PRICE);
        second.set("award_price", SPLIT_PRICE);
        desk.rows.push(second);
        found.own("project", project);
    }),
    fault("BID-004", |desk, found| {
        desk.change(found, "procurement", |row| row.set("contractor", "另一家公司"));
    }),
    fault("BID-005", |desk, found| {
        let has_bids = |row: &Record| row.whole("contract_price") != SPLIT_PRICE;
        let Some(row) = desk.pick("procurement", has_bids).cloned() else { return };
        let owner = desk
            .rows
            .iter()
            .find(|bid| bid.ledger == "procurement_bid" && bid.whole("procurement") == row.id)
            .and_then(|bid| bid.number("owner_id_number"));
        let relative = desk
            .blank("official_relative", &row)
            .with("official_name", "经办人")
            .with("official_id_number", row.number("handler_id_number"))
            .with("official_post", "项目办经办")
            .with("relative_name", "投标人")
            .with("id_number", owner)
            .with("kinship", "兄弟");
        desk.rows.push(relative);
        found.own("procurement", row.id);
    }),
    fault("BID-006", |desk, found| {
        desk.change(found, "procurement", |row| row.set("supervisor_absences", 2));
    }),
];

/// Price of the second part of works that were split: just below the threshold, without bids.
const SPLIT_PRICE: i64 = 29_000_000;

/// A village project that went the whole way.
fn whole(row: &Record) -> bool {
    row.text("project_status") == "handed_over"
}

fn project(desk: &mut Desk<'_>, found: &mut Found<'_>, change_it: fn(&mut Record)) {
    if let Some(row) = desk.pick("project", whole) {
        change_it(row);
        found.own("project", row.id);
    }
}

/// One place and content paid from two funds.
fn same_content(desk: &mut Desk<'_>, found: &mut Found<'_>) {
    let central = |row: &Record| whole(row) && row.text("fund_source") == "central";
    let other = |row: &Record| whole(row) && row.text("fund_source") == "provincial";
    let Some(first) = desk.pick("project", central).cloned() else { return };
    let Some(second) = desk.pick("project", other) else { return };
    for field in ["place", "content", "year"] {
        second.set(field, first.get(field).clone());
    }
    found.own("project", first.id);
    found.own("project", second.id);
}

/// What stands in a reference.
pub(super) fn reference(row: &Record) -> Cell {
    id(row.id)
}
