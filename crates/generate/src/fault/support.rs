//! Faults in health, support, lists of departments, loans, relocation, pairing and dividends.

use super::life::change;
use super::{Fault, Found, REGISTERED, UNWATCHED, adult};
use crate::emit::lists;
use crate::record::{Cell, Record, id};
use crate::traits::{Traits, Wish};
use crate::tree::Tree;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("MED-001", Wish::ANY, |tree, found| {
        let day = tree.calendar.today.plus(-150);
        change(tree, found, "family_doctor", |row| row.set("last_service_on", day));
    }),
    Fault::new("MED-002", HOSPITAL, |tree, found| {
        change(tree, found, "medical_bill", |row| {
            row.set("eligible_self_pay", row.whole("eligible_cost") * 15 / 100);
        });
    }),
    Fault::new("MED-003", Wish::wants(Traits::ILL), |tree, found| {
        let Some(member) = tree.who(crate::home::Member::is_ill) else { return };
        tree.remove("chronic_certificate", |row| row.whole("person") == member.id);
        found.own("person", member.id);
    }),
    Fault::new("MED-004", HOSPITAL, |tree, found| {
        change(tree, found, "medical_bill", |row| {
            row.set("ward_leave_days", 2);
            row.set("ward_leave_registered", false);
        });
    }),
    Fault::new("MED-005", REGISTERED, |tree, found| {
        tree.of_mut("family_doctor").for_each(|row| row.set("cadre_signed", false));
        found.own("household", tree.home.id);
    }),
    Fault::new("MED-006", HOSPITAL.refuses(WATCHED), |tree, found| {
        if let Some(row) = tree.first("medical_bill") {
            row.set("eligible_cost", 40_000_000);
            row.set("eligible_self_pay", 3_000_000);
            found.own("household", tree.home.id);
        }
    }),
    Fault::new("LOW-001", AID, |tree, found| {
        change(tree, found, "low_income", |row| {
            row.set("unit_members", row.whole("unit_members") - 1);
        });
    }),
    Fault::new("LOW-002", AID, |tree, found| {
        let start = crate::day::Day::of(tree.calendar.today.year(), 2, 1);
        let ended = tree.calendar.today.plus(-10);
        let group = new_group(tree, 3, |row, _| {
            row.set("approved_on", Cell::Missing);
            row.set("started_on", start);
            row.set("is_active", false);
            row.set("ended_on", ended);
        });
        found.own("village_group", group);
    }),
    Fault::new("LOW-003", AID, |tree, found| {
        let group = new_group(tree, 3, |row, turn| {
            row.set("income_per_capita", 400_000 + turn * 30_000);
        });
        found.own("village_group", group);
    }),
    Fault::new("LOW-004", AID.refuses(Traits::NO_LABOUR), |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        let row = lists::vehicle(tree, &member, "car", 9_000_000);
        tree.push(row);
        found.also("XDP-001", "household", tree.home.id);
        change(tree, found, "low_income", |_| {});
    }),
    Fault::new("LOW-005", AID, |tree, found| {
        let month = tree.calendar.until().month(0);
        let Some(head) = tree.who(|m| m.relation == "head") else { return };
        let row = listed(tree, "death_record", &head).with("died_on", month.plus(-11));
        tree.push(row);
        found.also("XDP-003", "person", head.id);
        for pay in tree.of("low_income_payment").filter(|pay| pay.day("pay_month") == Some(month)) {
            found.own("low_income_payment", pay.id);
        }
    }),
    Fault::new("LOW-006", AID, |tree, found| {
        change(tree, found, "low_income", |row| {
            let day = row.day("notice_from_on").map(|day| day.plus(4));
            row.set("notice_until_on", day);
        });
    }),
    Fault::new("LOW-007", AID, |tree, found| {
        let day = tree.calendar.today.plus(-20);
        change(tree, found, "low_income", |row| row.set("recheck_due_on", day));
    }),
    Fault::new("LOW-008", AID, |tree, found| {
        let Some(head) = tree.who(|m| m.relation == "head") else { return };
        let words = vec!["minimum_living", "special_hardship"];
        tree.set("monitoring_case", "measure_comprehensive", words);
        super::person::change(tree, found, head.id, "special_hardship_status", "rural");
    }),
    Fault::new(
        "LOW-009",
        UNWATCHED.with(Traits::LIFTED.and(Traits::ELDERS)).refuses(BUSY),
        |t, f| {
            t.of_mut("person").for_each(|person| person.set("labour_skill", "lost"));
            f.own("household", t.home.id);
        },
    ),
    Fault::new("LOW-010", AID, |tree, found| {
        change(tree, found, "low_income", |row| row.set("official_relative", true));
    }),
    Fault::new("LOW-011", AID, |tree, found| {
        change(tree, found, "low_income", |row| row.set("income_per_capita", 650_000));
    }),
    Fault::new("XDP-001", FREE, |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        let row = lists::vehicle(tree, &member, "car", 9_000_000);
        tree.push(row);
        found.own("household", tree.home.id);
    }),
    Fault::new("XDP-002", FREE, |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        let row = lists::company(tree, &member, 5_000_000);
        tree.push(row);
        found.own("household", tree.home.id);
    }),
    Fault::new("XDP-003", FREE, |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        let day = tree.calendar.today.plus(-45);
        let row = listed(tree, "death_record", &member).with("died_on", day);
        tree.push(row);
        found.own("person", member.id);
    }),
    Fault::new("XDP-004", UNWATCHED, |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        let day = tree.calendar.today.plus(-40);
        let row = listed(tree, "job_loss", &member).with("lost_on", day);
        tree.push(row);
        found.own("household", tree.home.id);
    }),
    Fault::new("LOAN-001", LOAN, |tree, found| {
        change(tree, found, "loan", |row| row.set("loan_purpose", "wedding"));
    }),
    Fault::new("LOAN-002", LOAN, |tree, found| {
        change(tree, found, "loan", |row| row.set("has_collateral", true));
    }),
    Fault::new("LOAN-003", LOAN, |tree, found| {
        if tree.set("loan_use", "payee_kind", "company").is_some() {
            change(tree, found, "loan", |_| {});
        }
    }),
    Fault::new("LOAN-004", LOAN, |tree, found| {
        let day = tree.calendar.today.plus(10);
        change(tree, found, "loan", |row| row.set("due_on", day));
    }),
    Fault::new("LOAN-005", LOAN, |tree, found| {
        change(tree, found, "loan", |row| row.set("extended_count", 2));
    }),
    Fault::new("LOAN-006", LOAN, |tree, found| {
        tree.remove("loan_check", |_| true);
        change(tree, found, "loan", |_| {});
    }),
    Fault::new("LOAN-007", LOAN, |tree, found| {
        let day = tree.calendar.today.plus(-10);
        change(tree, found, "loan", |row| {
            row.set("settled_on", day);
            row.set("subsidy_due", 80_000);
        });
    }),
    Fault::new("LOAN-008", LOAN, |tree, found| {
        if let Some(row) = tree.first("bank_loan") {
            row.set("amount", row.whole("amount") + 100_000);
            change(tree, found, "loan", |_| {});
        }
    }),
    Fault::new("LOAN-009", LOAN, |tree, found| {
        tree.remove("business_activity", |_| true);
        change(tree, found, "loan", |_| {});
    }),
    Fault::new("REL-001", RELOCATED, |tree, found| {
        change(tree, found, "relocation", |row| row.set("is_living_there", false));
    }),
    Fault::new("REL-002", RELOCATED, |tree, found| {
        change(tree, found, "relocation", |row| row.set("demolished_on", Cell::Missing));
    }),
    Fault::new("REL-003", RELOCATED.refuses(WATCHED.and(Traits::POST)), nobody_works),
    Fault::new("REL-004", RELOCATED, |tree, found| {
        change(tree, found, "relocation", |row| row.set("school_moved", false));
    }),
    Fault::new("REL-005", RELOCATED, |tree, found| {
        change(tree, found, "relocation", |row| {
            row.set("house_area", Cell::Decimal(row.whole("population") * 300_000));
        });
    }),
    Fault::new("REL-006", Wish::ANY, |tree, found| {
        change(tree, found, "household", |row| row.set("homestead_count", 2));
    }),
    Fault::new("PAIR-001", PAIRED, |tree, found| {
        tree.set("helper_pairing", "is_active", false);
        found.own("household", tree.home.id);
    }),
    Fault::new("PAIR-002", PAIRED, |tree, found| {
        for row in tree.of_mut("visit") {
            let day = row.day("visited_on").map(|day| day.plus(-200));
            row.set("visited_on", day);
        }
        found.own("household", tree.home.id);
    }),
    Fault::new("PAIR-003", PAIRED, |tree, found| {
        change(tree, found, "visit", |row| row.set("follow_up", Cell::Missing));
    }),
    Fault::new("PAIR-004", PAIRED, |tree, found| {
        tree.of_mut("visit").for_each(|row| row.set("visit_form", "gift"));
        found.own("household", tree.home.id);
    }),
    Fault::new("PAIR-005", PAIRED, |tree, found| {
        change(tree, found, "visit", |row| row.set("names_helper", false));
    }),
    Fault::new("PAIR-006", PAIRED, |tree, found| {
        tree.of_mut("person").for_each(|row| row.set("is_policy_aware", false));
        found.own("household", tree.home.id);
    }),
    Fault::new("PTS-001", Wish::wants(Traits::POINTS), |tree, found| {
        change(tree, found, "points_account", |row| {
            row.set("points_balance", row.whole("points_balance") + 10);
        });
    }),
    Fault::new("PTS-002", Wish::wants(Traits::POINTS), |tree, found| {
        change(tree, found, "points_entry", |row| row.set("scorer", Cell::Missing));
    }),
    Fault::new("COOP-001", MEMBER, |tree, found| {
        tree.set("household", "is_away_all_year", true);
        change(tree, found, "dividend", |row| row.set("has_vote_record", false));
    }),
    Fault::new("COOP-002", MEMBER, |tree, found| {
        change(tree, found, "dividend", |row| row.set("paid_on", Cell::Missing));
    }),
    Fault::new("PRJ-013", INDUSTRY, |tree, found| {
        change(tree, found, "project", |row| row.set("answers_risks", vec!["unsafe_water"]));
    }),
    Fault::new("AST-008", INDUSTRY, |tree, found| {
        change(tree, found, "asset", |row| row.set("asset_status", "lost"));
    }),
];

const WATCHED: Traits = Traits::ACTIVE.and(Traits::REMOVED);
const HOSPITAL: Wish = Wish::wants(Traits::HOSPITAL.and(Traits::HANDS).and(Traits::OLD));
const AID: Wish = Wish::wants(Traits::ACTIVE.and(Traits::AID));
const FREE: Wish = REGISTERED.refuses(Traits::AID.and(Traits::NO_LABOUR));
const LOAN: Wish = REGISTERED.with(Traits::LOAN.and(Traits::HANDS));
const RELOCATED: Wish = REGISTERED.with(Traits::RELOCATED);
const PAIRED: Wish = UNWATCHED.with(Traits::LIFTED);
const MEMBER: Wish = Wish::wants(Traits::MEMBER.and(Traits::HANDS));
const INDUSTRY: Wish = Wish::wants(Traits::INDUSTRY.and(Traits::ACTIVE).and(Traits::HANDS));
const BUSY: Traits = Traits::WORKER
    .and(Traits::POST)
    .and(Traits::LOAN)
    .and(Traits::RELOCATED)
    .and(Traits::TRAINED)
    .and(Traits::INDUSTRY)
    .and(Traits::MEMBER)
    .and(Traits::PUPIL);

/// A row of a department list about a person.
fn listed(tree: &mut Tree, ledger: &'static str, member: &crate::home::Member) -> Record {
    tree.blank(ledger).with("name", member.name.clone()).with("id_number", member.number)
}

/// A further village group with so many support records, copies of the household's own; gives the
/// group's id.
fn new_group(tree: &mut Tree, count: i64, change_it: impl Fn(&mut Record, i64)) -> i64 {
    let village = tree.first("household").map_or(0, |h| h.whole("village_group")) >> 20 << 20;
    let code = format!("{}99", tree.home.index);
    let group = tree
        .blank("village_group")
        .with("village", id(village))
        .with("group_code", code)
        .with("name", "安置小组")
        .with("households", 3)
        .with("population", 9)
        .with("is_remote", false);
    let group_id = group.id;
    tree.push(group);
    let Some(row) = tree.first("low_income").cloned() else { return group_id };
    for turn in 0..count {
        let mut second = tree.copy(&row);
        second.set("village_group", id(group_id));
        change_it(&mut second, turn);
        tree.push(second);
    }
    group_id
}

/// A relocated household whose workers all came home.
fn nobody_works(tree: &mut Tree, found: &mut Found<'_>) {
    let ended = tree.calendar.today.month(-2);
    for row in tree.of_mut("employment") {
        row.set("is_working", false);
        row.set("end_month", ended);
    }
    for row in tree.of_mut("income") {
        row.set("operating_income", row.whole("operating_income") + row.whole("wage_income"));
        row.set("wage_income", 0);
    }
    for person in tree.of_mut("person") {
        person.set("work_wish", false);
        if person.text("labour_skill") == "skilled" {
            person.set("labour_skill", "ordinary");
        }
        if person.text("education_level") == "college" {
            person.set("education_level", "junior");
        }
    }
    found.own("household", tree.home.id);
}
