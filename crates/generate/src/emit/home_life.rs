//! House, water, health and school.

use crate::day::Day;
use crate::home::{Member, whole};
use crate::ids::VillageIds;
use crate::record::{Cell, Record, id};
use crate::traits::Traits;
use crate::tree::Tree;

pub(super) fn house(tree: &mut Tree) {
    let random = &mut tree.random;
    let grade = if random.chance(600) { "a" } else { "b" };
    let mut appraised = Day::of(2021, 1, 10).plus(whole(random.range(0, 1500)));
    if tree.home.has(Traits::RENOVATED) {
        let finished = renovation(tree);
        appraised = appraised.max(finished.plus(40));
    }
    if tree.home.has(Traits::RENTED) {
        let row = tree
            .record("house_arrangement")
            .with("arrangement_kind", "relatives")
            .with("old_address", "原址老屋")
            .with("new_address", "亲属住房")
            .with("house_grade", "a")
            .with("has_lease", true)
            .with("old_village_proof", true)
            .with("new_village_proof", true)
            .with("from_on", Day::of(2020, 3, 1))
            .with("is_current", true);
        tree.push(row);
    }
    let structure =
        tree.first("household").map_or(Cell::Missing, |h| h.get("house_structure").clone());
    let renovated = tree.home.has(Traits::RENOVATED);
    let row = tree
        .record("house_appraisal")
        .with("address", "自有住房")
        .with("house_structure", structure)
        .with("photo_count", 4)
        .with("grade", grade)
        .with("appraised_on", appraised)
        .with("reason", if renovated { "renovated" } else { "regular" })
        .with("appraiser", "王鉴定")
        .with("body", "县住房安全鉴定组")
        .with("is_signed", true)
        .with("is_lived_in", true)
        .with("is_outer_only", false)
        .with("inside_checked", true)
        .with("owner_contacted", true);
    tree.push(row);
}

/// A renovation in good order; gives the day on which it was finished.
fn renovation(tree: &mut Tree) -> Day {
    let applied = Day::of(2017, 3, 1).plus(whole(tree.random.range(0, 2400)));
    let population = tree.home.count();
    let group = if tree.home.has(Traits::AID) {
        "minimum_living"
    } else if tree.home.traits.is_registered() {
        "registered"
    } else {
        "other"
    };
    let finished = applied.plus(170);
    let row = tree
        .record("house_renovation")
        .with("renovation_kind", "strengthen")
        .with("priority_group", group)
        .with("applied_on", applied)
        .with("reviewed_on", applied.plus(8))
        .with("notice_from_on", applied.plus(10))
        .with("notice_until_on", applied.plus(20))
        .with("approved_on", applied.plus(30))
        .with("started_on", applied.plus(60))
        .with("finished_on", finished)
        .with("population", population)
        .with("area_sqm", Cell::Decimal((population * 15).min(60) * 10_000))
        .with("subsidy", tree.random.range(80, 220) * 10_000)
        .with("accepted_on", finished.plus(10))
        .with("subsidy_paid_on", finished.plus(30))
        .with("paid_by_card", true)
        .with("is_on_site", true)
        .with("village_signed", true)
        .with("township_signed", true)
        .with("county_signed", true);
    tree.push(row);
    finished
}

pub(super) fn water(tree: &mut Tree, ids: VillageIds) {
    let today = tree.calendar.today;
    let second = tree.home.group % 4 == 3;
    let row = tree
        .record("water_supply")
        .with("scheme", id(ids.scheme(i64::from(second))))
        .with("supply_kind", if second { "dispersed" } else { "centralised" })
        .with("is_piped", true)
        .with("water_flows", true)
        .with("facility_complete", true)
        .with("quantity_litres", Cell::Decimal(tree.random.range(45, 80) * 10_000))
        .with("quality_ok", true)
        .with("fetch_minutes", 0)
        .with("fetch_distance_m", 0)
        .with("fetch_climb_m", 0)
        .with("short_days", tree.random.range(0, 12))
        .with("is_water_short_area", false)
        .with("has_seasonal_shortage", false)
        .with("disinfectant_handed_on", second.then(|| today.plus(-80)))
        .with("tested_on", today.plus(-120))
        .with("checked_on", today.plus(-40));
    tree.push(row);
}

pub(super) fn health(tree: &mut Tree) -> i64 {
    let members = tree.home.members.clone();
    let mut is_signed = false;
    for member in members.iter().filter(|m| m.health != "healthy") {
        doctor(tree, member);
        is_signed = true;
        if member.is_ill() {
            certificate(tree, member);
        }
    }
    if let (false, Some(head)) = (is_signed, members.first()) {
        doctor(tree, head);
    }
    let patient = members.iter().filter(|m| m.work.is_none() && m.post.is_none());
    match patient.max_by_key(|m| m.age) {
        Some(member) if tree.home.has(Traits::HOSPITAL) => bill(tree, member),
        _ => 0,
    }
}

fn doctor(tree: &mut Tree, member: &Member) {
    let today = tree.calendar.today;
    let served = today.plus(-whole(tree.random.range(3, 70)));
    let row = tree
        .about("family_doctor", member)
        .with("doctor_name", "村医")
        .with("cadre_name", "村干部")
        .with("signed_on", Day::of(today.year(), 1, 15))
        .with("valid_until_on", Day::of(today.year(), 12, 31))
        .with("doctor_signed", true)
        .with("cadre_signed", true)
        .with("last_service_on", served)
        .with("service_count", 3);
    tree.push(row);
}

fn certificate(tree: &mut Tree, member: &Member) {
    let kind = if member.health == "chronic" { "chronic" } else { "major" };
    let row = tree
        .about("chronic_certificate", member)
        .with("disease", "慢性病")
        .with("disease_kind", kind)
        .with("applied_on", Day::of(2024, 5, 6))
        .with("certified_on", Day::of(2024, 5, 20))
        .with("valid_until_on", Day::of(2030, 12, 31));
    tree.push(row);
}

/// A stay in hospital; gives the eligible own payment.
fn bill(tree: &mut Tree, member: &Member) -> i64 {
    let admitted = tree.calendar.until().plus(-whole(tree.random.range(20, 300)));
    let eligible = tree.random.range(300, 1800) * 1000;
    let own = eligible * tree.random.range(40, 90) / 1000;
    let (basic, critical) = (eligible * 6 / 10, eligible * 2 / 10);
    let total = eligible + 40_000;
    let row = tree
        .about("medical_bill", member)
        .with("bill_kind", "inpatient")
        .with("hospital", "县人民医院")
        .with("admitted_on", admitted)
        .with("discharged_on", admitted.plus(8))
        .with("total_cost", total)
        .with("eligible_cost", eligible)
        .with("basic_paid", basic)
        .with("critical_paid", critical)
        .with("aid_paid", eligible - basic - critical - own)
        .with("other_paid", 0)
        .with("eligible_self_pay", own)
        .with("self_pay", own + 40_000)
        .with("ward_leave_days", 0)
        .with("ward_leave_registered", true);
    tree.push(row);
    let row = tree
        .blank("hospital_bill")
        .with("name", member.name.clone())
        .with("id_number", member.number)
        .with("hospital", "县人民医院")
        .with("bill_kind", "inpatient")
        .with("admitted_on", admitted)
        .with("discharged_on", admitted.plus(8))
        .with("total_cost", total)
        .with("eligible_cost", eligible)
        .with("reimbursed", eligible - own)
        .with("eligible_self_pay", own);
    tree.push(row);
    own
}

pub(super) fn school(tree: &mut Tree, township: VillageIds) {
    let members = tree.home.members.clone();
    for member in &members {
        let Some(stage) = member.student.filter(|stage| *stage != "preschool_child") else {
            continue;
        };
        schooling(tree, member, stage, township);
        if tree.home.traits.is_registered() {
            grants(tree, member, stage);
        }
    }
}

/// The term that runs.
pub(crate) fn term(tree: &Tree) -> String {
    let year = tree.calendar.school_start.year();
    format!("{year}-{}-1", year + 1)
}

fn schooling(tree: &mut Tree, member: &Member, stage: &'static str, township: VillageIds) {
    let (term, today) = (term(tree), tree.calendar.today);
    let special = member.disability.is_some();
    let school = township.school(stage);
    let row = tree
        .about("schooling", member)
        .with("term", term)
        .with("stage", stage)
        .with("school", id(school))
        .with("school_name", "中心学校")
        .with("is_on_roll", true)
        .with("is_present", true)
        .with("absent_days", 0)
        .with("checked_on", today.plus(-15))
        .with("is_boarding", tree.random.chance(300))
        .with("is_special_school", false)
        .with("is_home_teaching", special)
        .with("has_individual_plan", special)
        .with("home_teaching_last_on", special.then(|| today.plus(-12)));
    tree.push(row);
    let row = tree
        .blank("school_roll")
        .with("name", member.name.clone())
        .with("id_number", member.number)
        .with("school", id(school))
        .with("grade", stage)
        .with("roll_status", if special { "home_teaching" } else { "enrolled" })
        .with("is_present", true)
        .with("checked_on", today.plus(-18));
    tree.push(row);
}

fn grants(tree: &mut Tree, member: &Member, stage: &'static str) {
    let kinds: &[(&'static str, i64)] = match stage {
        "preschool" => &[("preschool", 50_000)],
        "primary_pupil" => &[("compulsory_living", 62_500)],
        "junior_7" | "junior_8" | "junior_9" => &[("compulsory_living", 75_000)],
        "senior_1" | "senior_2" | "senior_3" => {
            &[("senior_grant", 100_000), ("tuition_waiver", 40_000)]
        }
        "bachelor" => &[("college_grant", 165_000)],
        _ => &[("sec_voc_grant", 100_000), ("voc_grant", 150_000)],
    };
    let term = term(tree);
    for (kind, amount) in kinds {
        let row: Record = tree
            .about("school_grant", member)
            .with("term", term.clone())
            .with("stage", stage)
            .with("grant_kind", *kind)
            .with("amount", *amount)
            .with("paid_on", tree.calendar.today.plus(-10));
        tree.push(row);
    }
}
