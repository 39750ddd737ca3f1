//! Faults in the register of people and households.

use super::{Fault, Found, REGISTERED, UNWATCHED, WATCHED, adult};
use crate::number::Number;
use crate::record::{Cell, id};
use crate::traits::{Traits, Wish};
use crate::tree::Tree;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("PER-001", LIFTED.refuses(Traits::AID), same_number),
    Fault::new("PER-002", PLAIN, |tree, found| {
        number(tree, found, |number| Some(Number::written(number.text().get(..17)?)));
    }),
    Fault::new("PER-003", PLAIN, |tree, found| {
        number(tree, found, |number| Some(number.damaged()));
    }),
    Fault::new("PER-004", Wish::wants(Traits::LIFTED.and(Traits::DISABLED)), |tree, found| {
        let Some(member) = tree.who(|m| m.disability.is_some()) else { return };
        let text = format!("{}92", member.number.text().get(..18).unwrap_or_default());
        change(tree, found, member.id, "id_number", Number::written(&text));
    }),
    Fault::new("PER-005", PLAIN, |tree, found| {
        let placeholder = tree.home.index % 2 == 0;
        number(tree, found, |number| {
            let rest = number.text().get(6..)?;
            placeholder.then(|| Number::written(&format!("999999{rest}")))
        });
    }),
    Fault::new("PER-006", Wish::wants(Traits::LIFTED.and(Traits::DISABLED)), |tree, found| {
        let Some(member) = tree.who(|m| m.disability.is_some()) else { return };
        let text = member.number.text().get(..18).unwrap_or_default();
        change(tree, found, member.id, "id_number", Number::written(text));
    }),
    Fault::new("PER-007", Wish::wants(Traits::LIFTED.and(Traits::LARGE)), |tree, found| {
        let turned = [("son", "daughter"), ("father", "mother"), ("mother", "father")];
        let Some((member, relation)) = turned
            .into_iter()
            .find_map(|(own, other)| Some((tree.who(|m| m.relation == own)?, other)))
        else {
            return;
        };
        change(tree, found, member.id, "relation_to_head", relation);
    }),
    Fault::new("PER-008", Wish::wants(Traits::LIFTED.and(Traits::LARGE)), |tree, found| {
        let Some(member) = tree.who(|m| m.relation != "head" && m.age >= 18) else { return };
        if let Some(person) = tree.person(member.id) {
            person.set("relation_to_head", "head");
            found.own("household", tree.home.id);
        }
    }),
    Fault::new("PER-009", Wish::wants(Traits::LIFTED.and(Traits::LARGE)), |tree, found| {
        let fields = ["relation_to_head", "health_status", "labour_skill"];
        let turn = usize::try_from(tree.home.index % 3).unwrap_or(0);
        let field = fields.get(turn).copied().unwrap_or("health_status");
        if let Some(member) = tree.who(|m| m.relation != "head" && adult(m) && m.work.is_none()) {
            change(tree, found, member.id, field, Cell::Missing);
        }
    }),
    Fault::new("PER-010", PLAIN, |tree, found| {
        let Some(member) = tree.who(|m| adult(m) && m.labour != "skilled") else { return };
        change(tree, found, member.id, "education_level", Cell::Missing);
    }),
    Fault::new("PER-011", Wish::wants(Traits::LIFTED.and(Traits::PUPIL)), |tree, found| {
        let Some(member) = tree.who(|m| m.is_compulsory()) else { return };
        change(tree, found, member.id, "education_level", "primary");
    }),
    Fault::new("PER-012", PLAIN, |tree, found| {
        healthy(tree, found, "critical_illness_insurance", Cell::Missing);
    }),
    Fault::new("PER-013", LIFTED.refuses(Traits::REMOVED), |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        change(tree, found, member.id, "resident_medical", Cell::Missing);
        if let Some(person) = tree.person(member.id) {
            person.set("employee_medical", Cell::Missing);
        }
        found.also("MON-006", "household", tree.home.id);
    }),
    Fault::new("PER-014", LIFTED.refuses(Traits::REMOVED), |tree, found| {
        healthy(tree, found, "employee_medical", Cell::Flag(true));
    }),
    Fault::new("PER-015", PLAIN, |tree, found| {
        healthy(tree, found, "critical_illness_insurance", Cell::Flag(false));
    }),
    Fault::new(
        "PER-016",
        Wish::wants(Traits::LIFTED.and(Traits::PUPIL)).refuses(WATCHED),
        |tree, found| {
            let Some(member) = tree.who(|m| m.age < 16) else { return };
            change(tree, found, member.id, "labour_skill", "ordinary");
            found.also("PER-019", "person", member.id);
        },
    ),
    Fault::new(
        "PER-017",
        Wish::wants(Traits::LIFTED.and(Traits::HANDS))
            .refuses(WATCHED.and(Traits::RELOCATED).and(Traits::POST)),
        |tree, found| {
            let idle = |m: &crate::home::Member| {
                m.is_able() && m.work.is_none() && m.health == "healthy" && m.age < 60
            };
            let Some(member) = tree.who(idle) else { return };
            tree.remove("planned_work", |row| row.whole("person") == member.id);
            change(tree, found, member.id, "labour_skill", "weak_or_half");
        },
    ),
    Fault::new("PER-018", UNWATCHED.with(Traits::LIFTED.and(Traits::OLD)), |tree, found| {
        let Some(member) = tree.who(|m| m.age >= 60) else { return };
        change(tree, found, member.id, "labour_skill", "ordinary");
    }),
    Fault::new("PER-019", UNWATCHED.with(Traits::LIFTED.and(Traits::STUDENT)), |tree, found| {
        let Some(member) = tree.who(|m| m.age >= 16 && m.student.is_some()) else { return };
        change(tree, found, member.id, "labour_skill", "ordinary");
    }),
    Fault::new(
        "PER-020",
        Wish::wants(Traits::ACTIVE.and(Traits::PUPIL)).refuses(Traits::LIFTED),
        |tree, found| {
            let child = |m: &crate::home::Member| {
                m.age >= 7 && m.student == Some("primary_pupil") && m.health == "healthy"
            };
            let Some(member) = tree.who(child) else { return };
            change(tree, found, member.id, "student_status", "preschool");
        },
    ),
    Fault::new(
        "PER-021",
        Wish::wants(Traits::ACTIVE.and(Traits::STUDENT)).refuses(Traits::LIFTED),
        |tree, found| {
            let senior = |m: &crate::home::Member| {
                m.age >= 15 && m.student.is_some_and(|stage| stage.starts_with("senior"))
            };
            let Some(member) = tree.who(senior) else { return };
            change(tree, found, member.id, "student_status", "primary_pupil");
        },
    ),
    Fault::new(
        "PER-022",
        Wish::wants(Traits::ACTIVE.and(Traits::PUPIL)).refuses(Traits::LIFTED),
        |tree, found| {
            let Some(member) = out_of_school(tree) else { return };
            found.own("person", member);
            found.also("PER-010", "person", member);
            found.also("MON-006", "household", tree.home.id);
        },
    ),
    Fault::new("PER-023", LIFTED, |tree, found| {
        if let Some(household) = tree.set("household", "household_phone", "12345") {
            found.own("household", household);
        }
    }),
    Fault::new(
        "PER-024",
        Wish::wants(Traits::LIFTED.and(Traits::WORKER).and(Traits::HANDS))
            .refuses(Traits::HOSPITAL.and(Traits::POST)),
        same_phone,
    ),
    Fault::new("PER-025", LIFTED, |tree, found| {
        let Some(member) = tree.who(adult) else { return };
        change(tree, found, member.id, "birth_date", member.birth.plus(31));
    }),
    Fault::new("PER-026", Wish::wants(Traits::NONE).refuses(Traits::AID), |tree, found| {
        let population = tree.home.count() + 1;
        if let Some(household) = tree.set("household", "population", population) {
            found.own("household", household);
        }
    }),
    Fault::new("HH-001", LIFTED, |tree, found| {
        if let Some(household) = tree.set("household", "orchard_mu", Cell::Missing) {
            found.own("household", household);
        }
    }),
    Fault::new("HH-002", LIFTED, |tree, found| {
        if let Some(household) = tree.set("household", "has_power", false) {
            found.own("household", household);
        }
    }),
];

const LIFTED: Wish = REGISTERED;

/// People of such households stand in no list that would miss the number.
const PLAIN: Wish = REGISTERED
    .refuses(Traits::HOSPITAL.and(Traits::LOAN).and(Traits::POST).and(Traits::DISABLED_CHILD));

/// Sets a field of a person, who is then found.
pub(super) fn change(
    tree: &mut Tree,
    found: &mut Found<'_>,
    person: i64,
    field: &'static str,
    value: impl Into<Cell>,
) {
    if let Some(record) = tree.person(person) {
        record.set(field, value);
        found.own("person", person);
    }
}

fn healthy(tree: &mut Tree, found: &mut Found<'_>, field: &'static str, value: Cell) {
    if let Some(member) = tree.who(|m| adult(m) && m.health == "healthy") {
        change(tree, found, member.id, field, value);
    }
}

/// Changes the number of a healthy grown person; without a new one it is taken out.
fn number(tree: &mut Tree, found: &mut Found<'_>, change_it: impl Fn(Number) -> Option<Number>) {
    if let Some(member) = tree.who(|m| adult(m) && m.health == "healthy") {
        let number = change_it(member.number);
        change(tree, found, member.id, "id_number", number);
    }
}

/// Takes a child of school age out of school in the register; gives its id.
pub(super) fn out_of_school(tree: &mut Tree) -> Option<i64> {
    let child = tree.who(|m| (6..=14).contains(&m.school_age) && m.health == "healthy")?;
    tree.person(child.id)?.set("student_status", Cell::Missing);
    Some(child.id)
}

/// The same person entered a second time.
fn same_number(tree: &mut Tree, found: &mut Found<'_>) {
    let plain = |m: &crate::home::Member| {
        adult(m) && m.labour != "skilled" && m.post.is_none() && m.health == "healthy"
    };
    let Some(member) = tree.who(plain) else { return };
    let Some(person) = tree.person(member.id).cloned() else { return };
    let mut twin = tree.copy(&person);
    twin.set("person_no", format!("{}B", person.text("person_no")));
    if member.relation == "head" {
        twin.set("relation_to_head", "other");
    }
    found.own("person", person.id);
    found.own("person", twin.id);
    tree.push(twin);
    let population = tree.home.count() + 1;
    tree.set("household", "population", population);
}

/// Two members who work in different counties under one phone number.
fn same_phone(tree: &mut Tree, found: &mut Found<'_>) {
    let Some(worker) = tree.who(|m| m.work.is_some()) else { return };
    let able = |m: &crate::home::Member| m.is_able() && m.id != worker.id && m.work.is_none();
    let Some(other) = tree.who(able) else { return };
    let Some(row) = tree.of("employment").find(|r| r.whole("person") == worker.id).cloned() else {
        return;
    };
    let mut second = tree.copy(&row);
    second.set("person", id(other.id));
    second.set("county", "另一县");
    let phone = tree.person(worker.id).map(|person| person.get("person_phone").clone());
    if let (Some(person), Some(phone)) = (tree.person(other.id), phone) {
        person.set("person_phone", phone);
    }
    found.own("employment", row.id);
    found.own("employment", second.id);
    tree.push(second);
}
