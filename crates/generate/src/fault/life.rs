//! Faults in files, schooling, housing and water.

use super::{Fault, Found, REGISTERED};
use crate::record::{Cell, Record};
use crate::traits::{Traits, Wish};
use crate::tree::Tree;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("ARC-001", REGISTERED, |tree, found| {
        one(tree, found, "archive_form", "form_kind", "visit_survey", |row| {
            row.set("dated_on", Cell::Missing);
        });
    }),
    Fault::new("ARC-002", REGISTERED, |tree, found| {
        one(tree, found, "archive_item", "item_kind", "help_card", |row| {
            row.set("is_present", false);
        });
    }),
    Fault::new("ARC-003", REGISTERED, |tree, found| {
        household(tree, found, |row| {
            let day = row.day("exit_applied_on").map(|day| day.plus(-5));
            row.set("exit_confirmed_on", day);
        });
    }),
    Fault::new("ARC-004", REGISTERED, |tree, found| {
        household(tree, found, |row| row.set("exit_is_signed", false));
    }),
    Fault::new("ARC-005", REGISTERED, |tree, found| {
        let day = tree.calendar.today.plus(-50);
        for row in tree.of_mut("help_log").filter(|row| row.day("logged_on") > Some(day)) {
            row.set("logged_on", day);
        }
        found.own("household", tree.home.id);
    }),
    Fault::new("ARC-006", REGISTERED, |tree, found| {
        household(tree, found, |row| row.set("exit_has_sign_in", false));
    }),
    Fault::new("ARC-007", Wish::ANY, |tree, found| {
        let subject = format!("P{:010}", tree.home.index);
        let today = tree.calendar.today;
        for (source, value) in [("national_export", "3"), ("paper", "3"), ("visit", "4")] {
            let row = tree
                .record("field_source")
                .with("subject", subject.clone())
                .with("field", "house_area")
                .with("value_source", source)
                .with("value_text", value)
                .with("recorded_on", today.plus(-20));
            found.own("field_source", row.id);
            tree.push(row);
        }
    }),
    Fault::new("ARC-008", REGISTERED, |tree, found| {
        one(tree, found, "archive_form", "form_kind", "approval", |row| {
            row.set("approver_signed_on", Cell::Missing);
        });
    }),
    Fault::new("ARC-009", REGISTERED, |tree, found| {
        let household = tree.home.id;
        let notice = |row: &&mut Record| row.text("item_kind") == "first_notice";
        if let Some(row) = tree.of_mut("archive_item").find(notice) {
            row.set("is_required", false);
            row.set("is_present", false);
            found.own("household", household);
        }
    }),
    Fault::new("ARC-010", REGISTERED, |tree, found| {
        one(tree, found, "archive_form", "form_kind", "approval", |row| {
            let day = row.day("approver_signed_on").map(|day| day.plus(30));
            row.set("changed_on", day);
        });
    }),
    Fault::new("EDU-002", Wish::wants(Traits::PUPIL), |tree, found| {
        let Some(child) = tree.who(|m| m.is_compulsory()) else { return };
        let today = tree.calendar.today;
        let row = tree
            .about("dropout_case", &child)
            .with("dropout_kind", "suspected")
            .with("found_on", today.plus(-12))
            .with("called_on", today.plus(-12))
            .with("is_open", true);
        found.own("dropout_case", row.id);
        tree.push(row);
    }),
    Fault::new("EDU-003", REGISTERED.with(Traits::PUPIL), |tree, found| {
        let Some(child) = tree.who(|m| m.is_compulsory()) else { return };
        tree.remove("school_grant", |row| row.whole("person") == child.id);
        found.own("person", child.id);
    }),
    Fault::new("EDU-004", Wish::wants(Traits::DISABLED_CHILD), |tree, found| {
        let disabled = |m: &crate::home::Member| m.is_compulsory() && m.disability.is_some();
        let Some(child) = tree.who(disabled) else { return };
        let row = tree.of_mut("schooling").find(|row| row.whole("person") == child.id);
        if let Some(row) = row {
            row.set("has_individual_plan", false);
            found.own("person", child.id);
        }
    }),
    Fault::new(
        "EDU-005",
        Wish::wants(Traits::PUPIL).refuses(Traits::DISABLED_CHILD),
        |tree, found| {
            let Some(child) = tree.who(|m| m.is_compulsory()) else { return };
            let row = tree
                .of_mut("school_roll")
                .find(|row| row.number("id_number") == Some(child.number));
            if let Some(row) = row {
                row.set("is_present", false);
                found.own("person", child.id);
            }
        },
    ),
    Fault::new("EDU-006", REGISTERED.with(Traits::PUPIL), |tree, found| {
        let Some(row) = tree.first("school_grant").cloned() else { return };
        let second = tree.copy(&row);
        found.own("school_grant", row.id);
        found.own("school_grant", second.id);
        tree.push(second);
    }),
    Fault::new("HOU-001", STILL, |tree, found| {
        change(tree, found, "house_appraisal", |row| row.set("appraised_on", Cell::Missing));
    }),
    Fault::new("HOU-002", STILL, |tree, found| {
        tree.remove("house_appraisal", |_| true);
        found.own("household", tree.home.id);
    }),
    Fault::new("HOU-003", STILL.refuses(Traits::RELOCATED), |tree, found| {
        change(tree, found, "house_appraisal", |row| row.set("grade", "c"));
    }),
    Fault::new("HOU-004", Wish::ANY, |tree, found| {
        let day = tree.calendar.today.plus(-30);
        household(tree, found, |row| row.set("house_disaster_on", day));
    }),
    Fault::new("HOU-005", Wish::ANY, |tree, found| {
        change(tree, found, "house_appraisal", |row| {
            let day = row.day("appraised_on").map(|day| day.plus(30));
            row.set("damage_reported_on", day);
        });
    }),
    Fault::new(
        "HOU-006",
        Wish::wants(Traits::RENTED).refuses(Traits::RELOCATED.and(Traits::RENOVATED)),
        |tree, found| {
            change(tree, found, "house_arrangement", |row| row.set("old_village_proof", false));
        },
    ),
    Fault::new("HOU-007", RENOVATED, |tree, found| {
        change(tree, found, "house_renovation", |row| {
            row.set("renovation_kind", "rebuild");
            row.set("area_sqm", Cell::Decimal(2_100_000));
        });
    }),
    Fault::new(
        "HOU-008",
        RENOVATED.refuses(Traits::LIFTED.and(Traits::ACTIVE).and(Traits::REMOVED)),
        |tree, found| {
            let Some(member) = tree.who(|m| m.age >= 20) else { return };
            let row = crate::emit::lists::payroll(tree, &member);
            tree.push(row);
            change(tree, found, "house_renovation", |_| {});
        },
    ),
    Fault::new("HOU-009", RENOVATED, |tree, found| {
        change(tree, found, "house_renovation", |row| row.set("village_signed", false));
    }),
    Fault::new("HOU-010", RENOVATED, |tree, found| {
        change(tree, found, "house_renovation", |row| {
            let day = row.day("accepted_on").map(|day| day.plus(-3));
            row.set("subsidy_paid_on", day);
        });
    }),
    Fault::new("HOU-011", RENOVATED, |tree, found| {
        change(tree, found, "house_renovation", |row| {
            let day = row.day("approved_on").map(|day| day.plus(90));
            row.set("started_on", day);
        });
    }),
    Fault::new("HOU-012", RENOVATED, |tree, found| {
        let Some(row) = tree.first("house_renovation").cloned() else { return };
        let second = tree.copy(&row);
        tree.push(second);
        found.own("household", tree.home.id);
    }),
    Fault::new("HOU-013", Wish::ANY, |tree, found| {
        change(tree, found, "house_appraisal", |row| {
            row.set("is_outer_only", true);
            row.set("owner_contacted", false);
            row.set("inside_checked", false);
        });
    }),
    Fault::new("WAT-002", Wish::ANY, |tree, found| {
        change(tree, found, "water_supply", |row| row.set("water_flows", false));
    }),
    Fault::new("WAT-004", Wish::ANY, |tree, found| {
        change(tree, found, "water_supply", |row| row.set("short_days", 50));
    }),
    Fault::new("WAT-005", Wish::ANY, |tree, found| {
        change(tree, found, "water_supply", |row| row.set("has_seasonal_shortage", true));
    }),
    Fault::new("WAT-007", Wish::ANY, |tree, found| {
        change(tree, found, "water_supply", |row| {
            row.set("supply_kind", "dispersed");
            row.set("disinfectant_handed_on", Cell::Missing);
        });
    }),
];

/// The house was neither renovated nor left.
const STILL: Wish = Wish::ANY.refuses(Traits::RENOVATED.and(Traits::RENTED));
const RENOVATED: Wish = Wish::wants(Traits::RENOVATED).refuses(Traits::RELOCATED);

/// Changes the first record of a ledger, which is then found.
pub(super) fn change(
    tree: &mut Tree,
    found: &mut Found<'_>,
    ledger: &'static str,
    change_it: impl Fn(&mut Record),
) {
    if let Some(row) = tree.first(ledger) {
        change_it(row);
        found.own(ledger, row.id);
    }
}

fn household(tree: &mut Tree, found: &mut Found<'_>, change_it: impl Fn(&mut Record)) {
    change(tree, found, "household", change_it);
}

/// Changes the record of a ledger with this word in this field.
fn one(
    tree: &mut Tree,
    found: &mut Found<'_>,
    ledger: &'static str,
    field: &str,
    word: &str,
    change_it: impl Fn(&mut Record),
) {
    if let Some(row) = tree.of_mut(ledger).find(|row| row.text(field) == word) {
        change_it(row);
        found.own(ledger, row.id);
    }
}
