//! The case of a watched household: its steps and dates, measures, notices and clue.

use super::household::{category, with_block};
use crate::day::Day;
use crate::home::Member;
use crate::money::{Income, is_severe};
use crate::random::Random;
use crate::record::{Cell, Record, id};
use crate::traits::Traits;
use crate::tree::Tree;

/// The fourteen kinds of measure: field of the case, class of a measure row.
pub(crate) const MEASURES: [(&str, &str); 14] = [
    ("measure_industry", "industry"),
    ("measure_employment", "employment"),
    ("measure_finance", "finance"),
    ("measure_post", "post"),
    ("measure_housing", "housing"),
    ("measure_relocation", "relocation"),
    ("measure_water", "water"),
    ("measure_compulsory_edu", "compulsory_edu"),
    ("measure_education", "education"),
    ("measure_health", "health"),
    ("measure_comprehensive", "comprehensive"),
    ("measure_social", "social"),
    ("measure_conditions", "conditions"),
    ("measure_infrastructure", "infrastructure"),
];

/// What helps the household, by the field of the case.
fn measures(tree: &Tree) -> Vec<(&'static str, Vec<&'static str>)> {
    let home = &tree.home;
    let risk = |risk: &str| home.risks.contains(&risk);
    MEASURES
        .iter()
        .map(|(field, _)| {
            let mut words = Vec::new();
            let mut add = |when: bool, word: &'static str| {
                if when && !words.contains(&word) {
                    words.push(word);
                }
            };
            match *field {
                "measure_industry" => {
                    add(home.any(Member::has_labour), "planting");
                    add(home.has(Traits::INDUSTRY) || risk("business_failure"), "livestock");
                }
                "measure_employment" => add(home.any(|m| m.work.is_some()), "local_job"),
                "measure_finance" => add(home.has(Traits::LOAN), "microloan"),
                "measure_post" => {
                    if let Some(post) = home.members.iter().find_map(|m| m.post) {
                        add(true, post.kind);
                    }
                }
                "measure_housing" => add(risk("unsafe_housing"), "strengthen"),
                "measure_water" => add(risk("unsafe_water"), "piped"),
                "measure_compulsory_edu" => add(
                    home.any(|m| m.is_compulsory() && m.student.is_some())
                        && (risk("schooling") || home.has(Traits::DROPOUT)),
                    "living_subsidy",
                ),
                "measure_education" => {
                    add(home.any(Member::is_vocational), "voc_grant");
                    add(risk("schooling"), "student_grant");
                }
                "measure_health" => {
                    add(true, "contribution_subsidy");
                    add(home.any(Member::is_ill), "family_doctor");
                }
                "measure_comprehensive" => {
                    add(home.has(Traits::AID), "minimum_living");
                    add(home.any(is_severe), "disability_subsidy");
                }
                "measure_social" => {
                    let eased = ["accident", "natural_disaster", "disability", "other"];
                    add(eased.iter().any(|own| risk(own)), "mutual_aid");
                }
                _ => {}
            }
            (*field, words)
        })
        .collect()
}

/// The block at identification: below the line of its year, or above it for sudden hardship.
pub(crate) fn at_identification(random: &mut Random, tree_count: i64, is_sudden: bool) -> Income {
    let per_head =
        if is_sudden { random.range(950_000, 1_500_000) } else { random.range(380_000, 480_000) };
    let total = per_head * tree_count;
    let (wage, property, transfer) = (total * 40 / 100, total * 3 / 100, total * 30 / 100);
    let own = total - wage - property - transfer;
    let expense = own / 4;
    Income { wage, operating: own + expense, expense, property, transfer }
}

pub(super) fn case(tree: &mut Tree, income: &Income) {
    if !tree.home.traits.is_watched() {
        return;
    }
    let population = tree.home.count();
    let sudden = tree.home.has(Traits::SUDDEN);
    let block = at_identification(&mut tree.random, population, sudden);
    let measures = measures(tree);
    let record = steps(tree, tree.home.decided_on);
    let mut record = with_block(record, "", &block, population)
        .with("claim_income", 0)
        .with("eligible_self_pay", tree.random.range(20, 70) * 10_000);
    for (field, words) in measures.iter().filter(|(_, words)| !words.is_empty()) {
        record = record.with(field, words.clone());
    }
    record =
        record.with("dev_help_status", "done").with("risk_removed", tree.home.removed_on.is_some());
    if let Some(removed) = tree.home.removed_on {
        record = removal(record, removed, income, population);
    }
    let case = record.id;
    clue(tree, case, &record);
    notices(tree, case, &record);
    tree.push(record);
    rows(tree, case, &measures);
}

/// The steps from clue to plan around the day of the decision.
fn steps(tree: &mut Tree, decided: Day) -> Record {
    let removed = tree.home.removed_on.is_some();
    let risks = tree.home.risks.clone();
    let (category, number) = (category(tree), tree.home.index);
    let mut record = tree
        .record("monitoring_case")
        .with("case_no", format!("C{number:010}"))
        .with("is_current", true)
        .with("monitor_category", category)
        .with("identified_month", decided.month(0))
        .with("warning_level", if removed { "green" } else { "yellow" })
        .with("help_level", if removed { "regular" } else { "focused" })
        .with("population", tree.home.count())
        .with("clue_on", decided.plus(-13))
        .with("verified_on", decided.plus(-11))
        .with("verifier_names", Cell::List(vec!["张村干", "李队员"]))
        .with("application_signed_on", decided.plus(-11))
        .with("pledge_signed_on", decided.plus(-11))
        .with("authorised_on", decided.plus(-11))
        .with("matched_on", decided.plus(-10))
        .with("reviewed_on", decided.plus(-9))
        .with("review_due", 36)
        .with("review_present", 30)
        .with("review_has_sign_in", true)
        .with("notice_from_on", decided.plus(-8))
        .with("notice_until_on", decided.plus(-2))
        .with("township_checked_on", decided.plus(-1))
        .with("decided_on", decided)
        .with("entered_on", decided.plus(2))
        .with("planned_on", decided.plus(6))
        .with("help_plan", "一户一策：按风险逐项落实帮扶措施，明确责任人和时限");
    if risks.contains(&"natural_disaster") {
        record = record.with("disaster_subtype", "flood");
    }
    if risks.contains(&"accident") {
        record = record.with("accident_on", decided.plus(-20));
    }
    if risks.contains(&"other") {
        record = record.with("risk_note", "家庭支出骤增");
    }
    record.with("risk_types", risks)
}

fn removal(record: Record, removed: Day, income: &Income, population: i64) -> Record {
    let block = Income { ..*income };
    let record = record
        .with("removed_month", removed.month(0))
        .with("removal_mode", "by_help")
        .with("removal_proposed_on", removed.plus(2))
        .with("removal_visited_on", removed.plus(4))
        .with("removal_signed_on", removed.plus(4))
        .with("removal_reviewed_on", removed.plus(6))
        .with("removal_notice_from_on", removed.plus(7))
        .with("removal_notice_until_on", removed.plus(14))
        .with("removal_checked_on", removed.plus(16))
        .with("removal_decided_on", removed.plus(18))
        .with("after_dropout", false)
        .with("after_house_damaged", false)
        .with("after_uninsured", false)
        .with("after_water_damaged", false);
    with_block(record, "after_", &block, population)
        .with("after_claim_income", 0)
        .with("after_eligible_self_pay", 0)
}

fn clue(tree: &mut Tree, case: i64, steps: &Record) {
    let decided = tree.home.decided_on;
    let visit = tree
        .record("visit")
        .with("visited_on", decided.plus(-11))
        .with("visitor", "村“两委”和工作队")
        .with("visitor_unit", "村民委员会")
        .with("visit_form", "verify")
        .with("content", format!("核实线索，了解收支和困难，第{}号", tree.home.index))
        .with("follow_up", "提交民主评议")
        .with("has_photo", true)
        .with("is_signed", true)
        .with("is_satisfied", true)
        .with("names_helper", true)
        .with("says_trouble", true);
    let clue = tree
        .record("clue")
        .with("monitoring_case", id(case))
        .with("clue_channel", "grid")
        .with("risk_types", steps.get("risk_types").clone())
        .with("content", "网格员走访发现家庭有困难")
        .with("received_on", decided.plus(-13))
        .with("verified_on", decided.plus(-11))
        .with("visit", id(visit.id))
        .with("has_photo", true)
        .with("has_signature", true)
        .with("conclusion", "taken_in")
        .with("conclusion_reason", "符合监测条件")
        .with("closed_on", decided)
        .with("is_open", false)
        .with("warning_level", "yellow");
    tree.push(visit);
    tree.push(clue);
}

fn notices(tree: &mut Tree, case: i64, steps: &Record) {
    let kinds = [
        ("monitor", "notice_from_on", "notice_until_on", "township_checked_on"),
        ("risk_removal", "removal_notice_from_on", "removal_notice_until_on", "removal_checked_on"),
    ];
    for (kind, from, until, next) in kinds {
        let (Some(from), Some(until)) = (steps.day(from), steps.day(until)) else {
            continue;
        };
        let row =
            posting(tree, kind, from, until, steps.day(next)).with("monitoring_case", id(case));
        tree.push(row);
    }
}

/// A notice as it should be.
pub(super) fn posting(
    tree: &mut Tree,
    kind: &'static str,
    from: Day,
    until: Day,
    next: Option<Day>,
) -> Record {
    tree.record("notice_posting")
        .with("notice_kind", kind)
        .with("notice_level", "village")
        .with("place", "村务公开栏")
        .with("from_on", from)
        .with("until_on", until)
        .with("supervision_phone", "0999-0000000")
        .with("has_start_photo", true)
        .with("has_end_photo", true)
        .with("objection_record", "公示期间无异议")
        .with("open_objections", 0)
        .with("next_step_on", next)
}

/// One row a measure.
fn rows(tree: &mut Tree, case: i64, measures: &[(&'static str, Vec<&'static str>)]) {
    let decided = tree.home.decided_on;
    let members = tree.home.members.clone();
    for (field, words) in measures {
        let class = MEASURES.iter().find(|(own, _)| own == field).map_or("social", |(_, c)| *c);
        if words.is_empty() {
            continue;
        }
        let worker = members.iter().find(|m| m.work.is_some() && class == "employment");
        let form = match class {
            "employment" | "post" => "job",
            "finance" => "loan",
            "health" => "insurance",
            "industry" | "housing" | "water" => "project",
            "comprehensive" | "education" | "compulsory_edu" => "subsidy",
            _ => "service",
        };
        let row = tree
            .record("help_measure")
            .with("person", worker.map(|m| Cell::Id(m.id)).unwrap_or(Cell::Missing))
            .with("monitoring_case", id(case))
            .with("measure_class", class)
            .with("measure_form", form)
            .with("content", "按帮扶计划落实")
            .with("is_one_off", false)
            .with("amount", tree_amount(class))
            .with("planned_on", decided.plus(6))
            .with("started_on", decided.plus(9))
            .with("unit_name", "乡镇人民政府")
            .with("responsible_person", "驻村工作队");
        tree.push(row);
    }
}

fn tree_amount(class: &str) -> i64 {
    if class == "industry" { 300_000 } else { 0 }
}
