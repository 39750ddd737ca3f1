//! The household's own record, its people and its incomes.

use crate::day::Day;
use crate::home::{Member, whole};
use crate::ids::VillageIds;
use crate::money::{Benefits, Income};
use crate::names::phone;
use crate::record::{Cell, Record, id};
use crate::traits::Traits;
use crate::tree::Tree;

/// Thousandths as a decimal cell.
fn thousandths(value: i64) -> Cell {
    Cell::Decimal(value * 10)
}

pub(super) fn household(tree: &mut Tree, ids: VillageIds, income: &Income) {
    let home = &tree.home;
    let population = home.count();
    let is_lifted = home.has(Traits::LIFTED);
    let index = home.index;
    let mut record = Record::new("household", home.id, home.region)
        .with("household_no", format!("H{index:010}"))
        .with("head_name", home.members.first().map(|head| head.name.clone()))
        .with("village_group", id(ids.group(home.group)))
        .with("address", format!("{}组{}号", home.group + 1, index % 100 + 1))
        .with("household_phone", phone(index * 8))
        .with("household_type", if is_lifted { "lifted" } else { "ordinary" })
        .with("population", population)
        .with("joint_population", population)
        .with("is_active", true)
        .with("origin", "original")
        .with("is_away_all_year", false)
        .with("is_house_inhabited", true)
        .with("homestead_count", 1)
        .with("no_labour_safety_net", home.has(Traits::NO_LABOUR))
        .with("has_school_dropout", false)
        .with("has_uninsured_member", false)
        .with("income_year", tree.calendar.year)
        .with("net_income", income.net())
        .with("net_income_per_capita", income.per_head(population));
    house(tree, &mut record);
    if is_lifted {
        exit(tree, &mut record);
    } else {
        record.set("joined_on", Day::of(2021, 6, 1));
    }
    case_fields(tree, &mut record);
    tree.push(record);
}

fn house(tree: &mut Tree, record: &mut Record) {
    let relocated = tree.home.has(Traits::RELOCATED);
    let area = if relocated { tree.home.count() * 22 } else { tree.random.range(70, 190) };
    let built =
        if relocated { tree.random.range(2017, 2019) } else { tree.random.range(1988, 2015) };
    let structure = if built > 2000 { "brick_concrete" } else { "brick_wood" };
    let random = &mut tree.random;
    record.set("unsafe_house", false);
    record.set("house_area", Cell::Decimal(area * 10_000));
    record.set("house_structure", structure);
    record.set("house_built_year", built);
    record.set("safe_water", true);
    record.set("sanitary_toilet", random.chance(820));
    record.set("has_power", true);
    record.set("entry_road_hardened", random.chance(900));
    record.set("distance_to_main_road_km", thousandths(random.range(0, 2500)));
    record.set("farmland_mu", thousandths(random.range(800, 9000)));
    record.set("forest_mu", thousandths(random.range(0, 12_000)));
    record.set("returned_forest_mu", thousandths(random.range(0, 4000)));
    record.set("orchard_mu", thousandths(random.range(0, 2500)));
    record.set("pasture_mu", thousandths(0));
    record.set("water_area_mu", thousandths(random.range(0, 400)));
}

fn exit(tree: &mut Tree, record: &mut Record) {
    let random = &mut tree.random;
    let year = whole(random.range(2016, 2020));
    let applied = Day::of(year, 9, 1).plus(whole(random.range(0, 20)));
    let causes = ["illness", "schooling", "lack_skill", "lack_capital", "lack_labour"];
    record.set("registered_on", Day::of(2014, 4, 1).plus(whole(random.range(0, 90))));
    record.set("joined_on", Day::of(2014, 4, 1));
    record.set("lifted_year", year);
    record.set("main_cause", random.pick(&causes, "illness"));
    record.set("other_causes", Cell::List(Vec::new()));
    record.set("exit_applied_on", applied);
    record.set("exit_reviewed_on", applied.plus(6));
    record.set("exit_has_sign_in", true);
    record.set("exit_notice_from_on", applied.plus(8));
    record.set("exit_notice_until_on", applied.plus(16));
    record.set("exit_confirmed_on", applied.plus(20));
    record.set("exit_is_signed", true);
    record.set("exit_announced_on", applied.plus(30));
}

/// Category of a case by what the household is.
pub(super) fn category(tree: &Tree) -> &'static str {
    if tree.home.has(Traits::SUDDEN) {
        "sudden_hardship"
    } else if tree.home.has(Traits::LIFTED) {
        "unstable_lifted"
    } else {
        "marginal"
    }
}

fn case_fields(tree: &Tree, record: &mut Record) {
    let home = &tree.home;
    if !home.traits.is_watched() {
        return;
    }
    let removed = home.removed_on;
    record.set("monitor_category", category(tree));
    record.set("identified_month", home.decided_on.month(0));
    record.set("risk_types", home.risks.clone());
    if home.risks.contains(&"natural_disaster") {
        record.set("disaster_subtype", "flood");
    }
    if home.risks.contains(&"other") {
        record.set("risk_note", "家庭支出骤增");
    }
    record.set("risk_removed", removed.is_some());
    record.set("removed_month", removed.map(|day| day.month(0)));
    record.set("removal_mode", removed.map(|_| "by_help"));
    record.set("collector_name", "村信息员");
    record.set("collector_phone", phone(home.index * 8 + 7));
    record.set("dev_help_status", "done");
    record.set("warning_level", if removed.is_some() { "green" } else { "yellow" });
    record.set("help_level", if removed.is_some() { "regular" } else { "focused" });
}

pub(super) fn people(tree: &mut Tree) {
    let members = tree.home.members.clone();
    let stays = |member: &Member| member.work.is_none_or(|work| work.place == 0);
    let aware = members.iter().position(|m| m.age >= 16 && stays(m)).unwrap_or(0);
    for (place, member) in members.iter().enumerate() {
        let record = person(tree, member, place)
            .with("lives_at_home", stays(member) || place == aware)
            .with("is_policy_aware", place == aware);
        tree.push(record);
    }
}

fn person(tree: &Tree, member: &Member, place: usize) -> Record {
    let home = &tree.home;
    let grown = member.age >= 16 && member.student.is_none();
    let away = member.work.is_some_and(|work| work.place > 0);
    let wishes: Vec<&'static str> =
        if member.is_able() { vec![super::work::COURSE] } else { Vec::new() };
    let owner = home.index * 8 + place as u64 % 6 + 1;
    Record::new("person", member.id, home.region)
        .with("household", id(home.id))
        .with("person_no", format!("P{:010}{:02}", home.index, place + 1))
        .with("name", member.name.clone())
        .with("id_number", member.number)
        .with("sex", if member.is_male { "male" } else { "female" })
        .with("birth_date", member.birth)
        .with("relation_to_head", member.relation)
        .with("health_status", member.health)
        .with("labour_skill", member.labour)
        .with("education_level", member.education)
        .with("student_status", member.student)
        .with("person_phone", (member.age >= 14).then(|| phone(owner)))
        .with("low_income_status", if home.has(Traits::AID) { "rural" } else { "none" })
        .with("special_hardship_status", "none")
        .with("resident_medical", true)
        .with("employee_medical", false)
        .with("critical_illness_insurance", true)
        .with("medical_aid_received", false)
        .with("resident_pension", grown)
        .with("employee_pension", false)
        .with("disability_subsidy", crate::money::is_severe(member))
        .with("work_wish", member.work.is_some())
        .with("training_wishes", wishes)
        .with("is_left_behind", member.age < 16 && away)
        .with("is_active", true)
        .with("joined_on", member.birth.max(Day::of(2014, 4, 1)))
        .with("join_reason", if member.age < 12 { "born" } else { "recorded_late" })
}

pub(super) fn incomes(tree: &mut Tree, income: &Income, self_pay: i64) {
    let growth = tree.random.range(-80, 180);
    let mut before = income.scaled(1000 * 1000 / (1000 + growth));
    let earlier = Day::of(tree.calendar.year - 1, 10, 1);
    // Pay for posts is listed from this accounting year on only.
    let earned = tree.home.any(|member| member.work.is_some_and(|work| work.start < earlier));
    if !earned {
        before = Income { operating: before.operating + before.wage, wage: 0, ..before };
    }
    for (back, block) in [(1, before), (0, *income)] {
        let year = tree.calendar.year - back;
        let record = income_row(tree, year, &block, if back == 0 { self_pay } else { 0 });
        tree.push(record);
    }
}

fn income_row(tree: &mut Tree, year: i32, block: &Income, self_pay: i64) -> Record {
    let population = tree.home.count();
    let random = &mut tree.random;
    let (medical, education) = (random.range(2, 20) * 5000, random.range(0, 20) * 5000);
    let record = tree
        .record("income")
        .with("year", year)
        .with("period_from_on", Day::of(year - 1, 10, 1))
        .with("period_until_on", Day::of(year, 9, 30))
        .with("is_new_case", false)
        .with("population", population);
    with_block(record, "", block, population)
        .with("claim_income", 0)
        .with("eligible_self_pay", self_pay)
        .with("medical_expense", medical + self_pay)
        .with("education_expense", education)
        .with("housing_expense", 0)
        .with("other_fixed_expense", 0)
        .with("surveyed_on", Day::of(year, 10, 12))
        .with("surveyor", "驻村工作队")
        .with("is_signed", true)
}

/// The nine sums of an income block; `prefix` is empty or `after_`.
pub(super) fn with_block(
    record: Record,
    prefix: &'static str,
    block: &Income,
    population: i64,
) -> Record {
    let name = |plain: &'static str, after: &'static str| {
        if prefix.is_empty() { plain } else { after }
    };
    record
        .with(name("wage_income", "after_wage_income"), block.wage)
        .with(name("operating_income", "after_operating_income"), block.operating)
        .with(name("operating_expense", "after_operating_expense"), block.expense)
        .with(name("property_income", "after_property_income"), block.property)
        .with(name("transfer_income", "after_transfer_income"), block.transfer)
        .with(name("net_income", "after_net_income"), block.net())
        .with(
            name("net_income_per_capita", "after_net_income_per_capita"),
            block.per_head(population),
        )
}

/// What other ledgers paid in the accounting year, row by row.
pub(super) fn payments(tree: &mut Tree, benefits: &Benefits) {
    let members = tree.home.members.clone();
    let year = tree.calendar.year;
    let month = Day::of(year, 4, 1);
    let row = tree
        .record("benefit_payment")
        .with("benefit_kind", "farmland")
        .with("pay_month", month)
        .with("amount", benefits.farm)
        .with("paid_on", month.plus(14))
        .with("sender", "农业农村局");
    tree.push(row);
    let old = members.iter().filter(|m| m.age >= 60).count().max(1);
    let severe = members.iter().filter(|m| crate::money::is_severe(m)).count().max(1);
    let share = |sum: i64, people: usize| sum / i64::try_from(people).unwrap_or(1);
    for member in &members {
        if member.age >= 60 {
            let amount = share(benefits.pension, old);
            pay(tree, member, "pension", month, amount, "人社局");
        }
        if crate::money::is_severe(member) {
            let amount = share(benefits.disability, severe);
            pay(tree, member, "disability_living", month, amount, "残联");
        }
    }
}

fn pay(
    tree: &mut Tree,
    member: &Member,
    kind: &'static str,
    month: Day,
    amount: i64,
    sender: &'static str,
) {
    let row = tree
        .about("benefit_payment", member)
        .with("benefit_kind", kind)
        .with("pay_month", month)
        .with("amount", amount)
        .with("paid_on", month.plus(19))
        .with("sender", sender);
    tree.push(row);
}
