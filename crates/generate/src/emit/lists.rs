//! Rows of department lists about a household's people, some of them typed badly, and about people
//! whom no register knows.

use crate::day::Day;
use crate::home::{Member, whole};
use crate::names;
use crate::number::Number;
use crate::random::Random;
use crate::record::{Cell, Record};
use crate::traits::Traits;
use crate::tree::Tree;

pub(super) fn all(tree: &mut Tree) {
    let grown: Vec<Member> =
        tree.home.members.iter().filter(|m| (22..60).contains(&m.age)).cloned().collect();
    let registered = tree.home.traits.is_registered();
    if let (Some(member), false) = (grown.first(), registered) {
        free(tree, member);
    }
    if let (Some(member), true) = (grown.first(), registered && tree.random.chance(150)) {
        let row = vehicle(tree, member, "motorcycle", 600_000);
        tree.push(row);
    }
    let members = tree.home.members.clone();
    for member in &members {
        if let Some((class, level)) = member.disability {
            let row = certificate(tree, member, class, level);
            tree.push(row);
        }
    }
    if tree.random.chance(15) {
        stranger(tree);
    }
}

/// What households that get no help may own.
fn free(tree: &mut Tree, member: &Member) {
    if tree.random.chance(180) {
        let row = vehicle(tree, member, "car", 8_000_000);
        tree.push(row);
    }
    if tree.random.chance(60) {
        let row = property(tree, member, "flat");
        tree.push(row);
    }
    let renovated = tree.home.has(Traits::RENOVATED);
    if tree.random.chance(25) && !renovated {
        let row = payroll(tree, member);
        tree.push(row);
    }
    if tree.random.chance(45) {
        let row = company(tree, member, 12_000_000);
        tree.push(row);
    }
}

/// A name as a clerk may have typed it: now and then with a blank or another character.
fn typed(random: &mut Random, name: &str) -> String {
    match random.below(40) {
        0 => name.chars().flat_map(|c| [c, ' ']).collect(),
        1 => name.chars().take(2).collect(),
        2 => name.chars().rev().collect(),
        _ => name.to_owned(),
    }
}

/// A number as a clerk may have typed it: the check letter small, or in wide characters.
fn written(random: &mut Random, number: Number) -> Cell {
    let text = number.text();
    if text.ends_with('X') && random.chance(300) {
        return Cell::Number(Number::written(&text.to_lowercase()));
    }
    Cell::Number(number)
}

fn row(tree: &mut Tree, ledger: &'static str, owner: bool, member: &Member) -> Record {
    let name = typed(&mut tree.random, &member.name);
    let number = written(&mut tree.random, member.number);
    let (name_field, number_field) =
        if owner { ("owner_name", "owner_id_number") } else { ("name", "id_number") };
    tree.blank(ledger).with(name_field, name).with(number_field, number)
}

pub(crate) fn vehicle(tree: &mut Tree, member: &Member, kind: &'static str, price: i64) -> Record {
    let registered = Day::of(2019, 1, 1).plus(whole(tree.random.range(0, 2600)));
    row(tree, "vehicle", true, member)
        .with("vehicle_kind", kind)
        .with("registered_on", registered)
        .with("price", price)
        .with("is_cancelled", false)
}

pub(crate) fn property(tree: &mut Tree, member: &Member, kind: &'static str) -> Record {
    let bought = Day::of(2018, 1, 1).plus(whole(tree.random.range(0, 2600)));
    row(tree, "property_purchase", true, member)
        .with("property_kind", kind)
        .with("bought_on", bought)
        .with("area", Cell::Decimal(1_050_000))
        .with("price", 42_000_000)
}

pub(crate) fn payroll(tree: &mut Tree, member: &Member) -> Record {
    row(tree, "public_payroll", false, member)
        .with("employer", "县属事业单位")
        .with("since_on", Day::of(2015, 8, 1))
        .with("monthly_pay", 480_000)
}

pub(crate) fn company(tree: &mut Tree, member: &Member, turnover: i64) -> Record {
    let number = tree.home.index;
    row(tree, "company_registration", true, member)
        .with("company_name", format!("第{number}号商贸经营部"))
        .with("business_kind", "individual")
        .with("registered_on", Day::of(2022, 3, 15))
        .with("yearly_turnover", turnover)
        .with("is_cancelled", false)
}

pub(crate) fn certificate(tree: &mut Tree, member: &Member, class: u8, level: u8) -> Record {
    let classes = ["sight", "hearing", "speech", "limb", "intellect", "mental", "multiple"];
    let word = classes.get(usize::from(class.saturating_sub(1))).copied().unwrap_or("limb");
    row(tree, "disability_certificate", false, member)
        .with("certificate_number", member.number.certificate(class, level))
        .with("disability_class", word)
        .with("disability_level", i64::from(level))
        .with("issued_on", Day::of(2018, 6, 1))
}

/// Rows of people who live in no household of the register.
fn stranger(tree: &mut Tree) {
    let birth = Day::of(1945, 1, 1).plus(whole(tree.random.range(0, 12_000)));
    let sequence = u32::try_from(tree.random.below(499)).unwrap_or(0);
    let number = Number::person(969_901, birth, sequence, tree.random.chance(500));
    let name = names::any_name(&mut tree.random);
    let today = tree.calendar.today;
    let back = whole(tree.random.range(5, 600));
    let (ledger, day) = match tree.random.below(3) {
        0 => ("death_record", "died_on"),
        1 => ("residence_cancelled", "cancelled_on"),
        _ => ("imprisonment", "from_on"),
    };
    let row = tree
        .blank(ledger)
        .with("name", name)
        .with("id_number", number)
        .with(day, today.plus(-back));
    tree.push(row);
}
