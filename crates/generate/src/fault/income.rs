//! Faults in incomes, work, training and posts.

use super::person::change;
use super::{Fault, Found, REGISTERED, UNWATCHED, adult};
use crate::day::Day;
use crate::home::Member;
use crate::record::{Cell, Record, id};
use crate::traits::{Traits, Wish};
use crate::tree::Tree;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("INC-001", Wish::ANY, |tree, found| {
        this_year(tree, found, |row| row.set("net_income", row.whole("net_income") + 150_000 * 10));
    }),
    Fault::new("INC-002", Wish::ANY, |tree, found| {
        this_year(tree, found, |row| {
            row.set("property_income", -5000);
            settle(row);
        });
    }),
    Fault::new("INC-003", Wish::ANY, |tree, found| {
        this_year(tree, found, |row| row.set("property_income", Cell::Missing));
    }),
    Fault::new("INC-004", Wish::ANY, |tree, found| {
        this_year(tree, found, |row| {
            let from = row.day("period_from_on").map(|day| day.month(-1));
            row.set("period_from_on", from);
        });
    }),
    Fault::new("INC-005", Wish::ANY.refuses(Traits::WORKER.and(Traits::POST)), |tree, found| {
        this_year(tree, found, |row| {
            let spare = row.whole("operating_income") - row.whole("operating_expense");
            row.set("operating_income", row.whole("operating_expense"));
            row.set("transfer_income", row.whole("transfer_income") + spare);
        });
    }),
    Fault::new("INC-006", Wish::ANY, |tree, found| {
        let year = i64::from(tree.calendar.year);
        for row in tree.of_mut("income").filter(|row| row.whole("year") == year - 1) {
            for field in SUMS {
                row.set(field, row.whole(field) * 2);
            }
            settle(row);
        }
        this_year(tree, found, |_| {});
    }),
    Fault::new("INC-007", Wish::wants(Traits::WORKER), |tree, found| {
        if !tree.home.any(|m| m.work.is_some()) {
            return;
        }
        this_year(tree, found, |row| {
            row.set("operating_income", row.whole("operating_income") + row.whole("wage_income"));
            row.set("wage_income", 0);
        });
    }),
    Fault::new("INC-008", Wish::ANY, |tree, found| {
        this_year(tree, found, |row| {
            row.set("transfer_income", row.whole("transfer_income") - 10_000);
            row.set("property_income", row.whole("property_income") + 10_000);
        });
    }),
    Fault::new("WRK-001", Wish::wants(Traits::WORKER), |tree, found| {
        employment(tree, found, |row, _| row.set("county", Cell::Missing));
    }),
    Fault::new("WRK-002", UNWATCHED.with(Traits::WORKER).refuses(Traits::LIFTED), |t, found| {
        let Some(member) = t.who(|m| m.work.is_some() && m.labour == "ordinary") else { return };
        change(t, found, member.id, "labour_skill", "weak_or_half");
    }),
    Fault::new("WRK-003", UNWATCHED.with(Traits::STUDENT), |tree, found| {
        let Some(member) = tree.who(|m| m.age >= 16 && m.student.is_some()) else { return };
        let row = tree
            .about("planned_work", &member)
            .with("is_planned", true)
            .with("province", "海东省")
            .with("city", "新港市")
            .with("county", "东湾区")
            .with("is_open", true);
        tree.push(row);
        found.own("person", member.id);
        found.also("WRK-002", "person", member.id);
    }),
    Fault::new("WRK-004", Wish::wants(Traits::WORKER), |tree, found| {
        employment(tree, found, |row, _| row.set("start_month", Cell::Missing));
    }),
    Fault::new("WRK-005", Wish::wants(Traits::WORKER), |tree, found| {
        let Some(row) = tree.first("employment").cloned() else { return };
        let mut second = tree.copy(&row);
        second.set("is_working", false);
        found.own("employment", second.id);
        tree.push(second);
    }),
    Fault::new("WRK-006", Wish::wants(Traits::WORKER.and(Traits::ACTIVE)), |tree, found| {
        if !tree.home.any(|m| m.work.is_some()) {
            return;
        }
        tree.of_mut("employment").for_each(|row| row.set("work_scope", "township"));
        if let Some(case) = tree.set("monitoring_case", "measure_employment", vec!["labour_export"])
        {
            found.own("monitoring_case", case);
        }
    }),
    Fault::new("WRK-007", Wish::wants(Traits::HANDS), |tree, found| {
        let idle = |m: &Member| m.is_able() && m.work.is_none() && m.age < 60;
        let Some(member) = tree.who(idle) else { return };
        change(tree, found, member.id, "labour_skill", "skilled");
    }),
    Fault::new("WRK-008", Wish::wants(Traits::WORKER), |tree, found| {
        employment(tree, found, |row, today| row.set("confirmed_on", today.plus(-120)));
    }),
    Fault::new(
        "WRK-009",
        REGISTERED.with(Traits::HANDS).refuses(Traits::WORKER.and(Traits::RELOCATED)),
        |tree, found| {
            let Some(member) = tree.who(|m| m.is_able() && m.age < 60) else { return };
            if let Some(person) = tree.person(member.id) {
                person.set("work_wish", true);
                found.own("household", tree.home.id);
            }
        },
    ),
    Fault::new(
        "TRN-001",
        Wish::wants(Traits::TRAINED.and(Traits::WORKER)).refuses(Traits::LOAN),
        |tree, found| {
            if let Some(row) = tree.set("training", "employed_on", Cell::Missing) {
                found.own("training", row);
            }
        },
    ),
    Fault::new("TRN-002", Wish::wants(Traits::TRAINED.and(Traits::WORKER)), |tree, found| {
        let Some(row) = tree.first("training").cloned() else { return };
        let second = tree.copy(&row);
        found.own("training", row.id);
        found.own("training", second.id);
        tree.push(second);
    }),
    Fault::new(
        "TRN-003",
        Wish::wants(Traits::TRAINED.and(Traits::WORKER).and(Traits::PUPIL)),
        |tree, found| {
            let Some(child) = tree.who(|m| m.is_compulsory()) else { return };
            let Some(row) = tree.first("training").cloned() else { return };
            let mut second = tree.copy(&row);
            second.set("person", id(child.id));
            found.own("training", second.id);
            tree.push(second);
            if let Some(person) = tree.person(child.id) {
                person.set("training_wishes", vec!["planting"]);
            }
        },
    ),
    Fault::new("TRN-004", Wish::wants(Traits::TRAINED.and(Traits::WORKER)), |tree, found| {
        let Some(row) = tree.first("training").cloned() else { return };
        if let Some(person) = tree.person(row.whole("person")) {
            person.set("training_wishes", vec!["driving"]);
            found.own("training", row.id);
        }
    }),
    Fault::new("PST-001", POST, |tree, found| {
        if let Some(row) = tree.set("post_holding", "post_name", Cell::Missing) {
            found.own("post_holding", row);
        }
    }),
    Fault::new("PST-002", POST.with(Traits::OLD), |tree, found| {
        let Some(old) = tree.who(|m| m.age >= 70 && m.has_labour()) else { return };
        if let Some(row) = second_holding(tree, &old, "care_worker") {
            found.own("post_holding", row);
        }
    }),
    Fault::new("PST-003", POST, |tree, found| {
        let Some(holder) = tree.who(|m| m.post.is_some()) else { return };
        for kind in ["care_worker", "data_helper"] {
            second_holding(tree, &holder, kind);
        }
        found.own("person", holder.id);
    }),
    Fault::new("PST-004", UNWATCHED.with(Traits::POST).refuses(Traits::LIFTED), |tree, found| {
        let Some(holder) = tree.who(|m| m.post.is_some()) else { return };
        let Some(row) = tree.first("post_holding").map(|row| row.id) else { return };
        if let Some(person) = tree.person(holder.id) {
            person.set("labour_skill", "lost");
            found.own("post_holding", row);
        }
    }),
    Fault::new("PST-006", POST, |tree, found| {
        let Some(pay) = tree.first("post_pay") else { return };
        pay.set("attended_days", 0);
        let (pay, month) = (pay.id, pay.day("pay_month"));
        tree.remove("post_duty", |duty| duty.day("duty_month") == month);
        found.own("post_pay", pay);
    }),
    Fault::new("PST-007", POST, |tree, found| {
        let Some(holder) = tree.who(|m| m.post.is_some()) else { return };
        let Some(pay) = tree.first("post_pay").cloned() else { return };
        let Some(holding) = second_holding(tree, &holder, "data_helper") else { return };
        let mut second = tree.copy(&pay);
        second.set("holding", id(holding));
        found.own("post_pay", pay.id);
        found.own("post_pay", second.id);
        tree.push(second);
    }),
    Fault::new("PST-008", POST.refuses(Traits::HOSPITAL), away_on_duty),
    Fault::new("PST-009", POST, |tree, found| {
        if let Some(row) = tree.set("post_holding", "cadre_relative", true) {
            found.own("post_holding", row);
        }
    }),
    Fault::new("PST-010", POST, |tree, found| {
        if let Some(row) = tree.set("post_holding", "agreement_on", Cell::Missing) {
            found.own("post_holding", row);
        }
    }),
    Fault::new("PST-011", POST, |tree, found| {
        if let Some(row) = tree.set("post_pay", "account_owner", "旁人代领") {
            found.own("post_pay", row);
        }
    }),
];

const POST: Wish = REGISTERED.with(Traits::POST.and(Traits::HANDS));

const SUMS: [&str; 5] =
    ["wage_income", "operating_income", "operating_expense", "property_income", "transfer_income"];

/// Reckons net income anew from its parts.
fn settle(row: &mut Record) {
    let net = row.whole("wage_income")
        + row.whole("operating_income")
        + row.whole("property_income")
        + row.whole("transfer_income")
        - row.whole("operating_expense");
    row.set("net_income", net);
    row.set("net_income_per_capita", net / row.whole("population").max(1));
}

/// Changes the income row of the accounting year, which is then found.
fn this_year(tree: &mut Tree, found: &mut Found<'_>, change_it: impl Fn(&mut Record)) {
    let year = i64::from(tree.calendar.year);
    if let Some(row) = tree.of_mut("income").find(|row| row.whole("year") == year) {
        change_it(row);
        found.own("income", row.id);
    }
}

fn employment(tree: &mut Tree, found: &mut Found<'_>, change_it: impl Fn(&mut Record, Day)) {
    let today = tree.calendar.today;
    if let Some(row) = tree.first("employment") {
        change_it(row, today);
        found.own("employment", row.id);
    }
}

/// One more post in good order, without pay; gives its id.
fn second_holding(tree: &mut Tree, holder: &Member, kind: &'static str) -> Option<i64> {
    let row = tree.first("post_holding").cloned()?;
    let mut second = tree.copy(&row);
    second.set("person", id(holder.id));
    second.set("post_kind", kind);
    second.set("post_name", crate::emit::work::post_name(kind));
    second.set("post", Cell::Missing);
    let holding = second.id;
    tree.push(second);
    Some(holding)
}

/// A holder of a post who works in another province in a month that is paid.
fn away_on_duty(tree: &mut Tree, found: &mut Found<'_>) {
    let Some(holder) = tree.who(|m| m.post.is_some() && m.is_able() && adult(m)) else { return };
    let Some(month) = tree.of("post_pay").filter_map(|pay| pay.day("pay_month")).max() else {
        return;
    };
    let row = tree
        .about("employment", &holder)
        .with("is_working", true)
        .with("start_month", month)
        .with("work_scope", "outside")
        .with("province", "海东省")
        .with("city", "新港市")
        .with("county", "东湾区")
        .with("confirmed_on", tree.calendar.today.plus(-9));
    tree.push(row);
    for pay in tree.of("post_pay").filter(|pay| pay.day("pay_month") == Some(month)) {
        found.own("post_pay", pay.id);
    }
}
