//! Minimum living, loans, relocation, points, dividends and the household's own production.

use crate::day::Day;
use crate::home::{Member, whole};
use crate::ids::VillageIds;
use crate::money::Benefits;
use crate::record::{Cell, id};
use crate::traits::Traits;
use crate::tree::Tree;

pub(super) fn low_income(tree: &mut Tree, ids: VillageIds, benefits: &Benefits, per_head: i64) {
    if !tree.home.has(Traits::AID) {
        return;
    }
    let today = tree.calendar.today;
    let applied = today.plus(-whole(tree.random.range(700, 1600)));
    let count = tree.home.count();
    let group = tree.home.group;
    let row = tree
        .record("low_income")
        .with("village_group", id(ids.group(group)))
        .with("low_income_kind", "minimum_living")
        .with("low_income_class", "c")
        .with("applied_on", applied)
        .with("approved_on", applied.plus(24))
        .with("notice_from_on", applied.plus(10))
        .with("notice_until_on", applied.plus(18))
        .with("unit_members", count)
        .with("joint_population", count)
        .with("income_per_capita", per_head)
        .with("monthly_amount", benefits.aid_month)
        .with("started_on", applied.month(2))
        .with("is_active", true)
        .with("last_recheck_on", today.plus(-150))
        .with("recheck_due_on", today.plus(210))
        .with("official_relative", false)
        .with("relative_registered", false);
    let support = row.id;
    tree.push(row);
    let head = tree.home.members.first().map_or(0, |head| head.id);
    for back in (0..12).rev() {
        let month = tree.calendar.until().month(-back);
        let row = tree
            .record("low_income_payment")
            .with("low_income", id(support))
            .with("person", id(head))
            .with("pay_month", month)
            .with("amount", benefits.aid_month)
            .with("paid_on", month.plus(14));
        tree.push(row);
    }
    let row = super::case::posting(
        tree,
        "minimum_living",
        applied.plus(10),
        applied.plus(18),
        Some(applied.plus(24)),
    )
    .with("low_income", id(support));
    tree.push(row);
}

pub(super) fn loan(tree: &mut Tree) {
    let found = tree
        .home
        .find(|m| m.is_able() && (20..=58).contains(&m.age) && m.student.is_none())
        .cloned();
    let (true, Some(member)) = (tree.home.has(Traits::LOAN), found) else {
        return;
    };
    let today = tree.calendar.today;
    let released = today.plus(-whole(tree.random.range(200, 900)));
    let amount = tree.random.range(2, 10) * 500_000;
    let number = format!("L{:010}", tree.home.index);
    let due = released.plus(36 * 30);
    let row = tree
        .about("loan", &member)
        .with("loan_no", number.clone())
        .with("bank", "农村信用社")
        .with("loan_kind", "microloan")
        .with("loan_purpose", "livestock")
        .with("amount", amount)
        .with("topup_approved", false)
        .with("balance", amount)
        .with("rate_percent", Cell::Decimal(37_000))
        .with("applied_on", released.plus(-20))
        .with("rated_on", released.plus(-12))
        .with("signed_on", released.plus(-3))
        .with("released_on", released)
        .with("due_on", due)
        .with("term_months", 35)
        .with("has_collateral", false)
        .with("has_guarantor", false)
        .with("on_eligible_list", true)
        .with("extended_count", 0)
        .with("renewed_count", 0)
        .with("loan_status", "released")
        .with("subsidy_due", 0)
        .with("subsidy_paid", 0);
    let loan = row.id;
    tree.push(row);
    let row = tree
        .record("loan_use")
        .with("loan", id(loan))
        .with("used_on", released.plus(12))
        .with("amount", amount)
        .with("payee_kind", "supplier")
        .with("payee_name", "畜禽种苗经营部")
        .with("loan_purpose", "livestock");
    tree.push(row);
    checks(tree, loan, released);
    let row = tree
        .blank("bank_loan")
        .with("loan_no", number)
        .with("borrower_name", member.name.clone())
        .with("borrower_id_number", member.number)
        .with("amount", amount)
        .with("released_on", released)
        .with("due_on", due)
        .with("loan_status", "released");
    tree.push(row);
    activity(tree, "livestock", "生猪养殖", released.plus(15));
}

/// Checks of the loan's use, about twice a year.
fn checks(tree: &mut Tree, loan: i64, released: Day) {
    let today = tree.calendar.today;
    let mut checked = released.plus(120);
    while checked < today {
        let row = tree
            .record("loan_check")
            .with("loan", id(loan))
            .with("check_kind", "use")
            .with("checked_on", checked)
            .with("checker", "信贷员")
            .with("has_production", true)
            .with("use_is_right", true);
        tree.push(row);
        checked = checked.plus(160);
    }
}

fn activity(tree: &mut Tree, kind: &'static str, name: &'static str, started: Day) {
    let today = tree.calendar.today;
    let row = tree
        .record("business_activity")
        .with("activity_kind", kind)
        .with("name", name)
        .with("scale", Cell::Decimal(tree.random.range(2, 20) * 10_000))
        .with("scale_unit", if kind == "livestock" { "头" } else { "亩" })
        .with("started_on", started)
        .with("activity_status", "running")
        .with("is_active", true)
        .with("yearly_income", tree.random.range(20, 90) * 10_000)
        .with("tracked_until_on", today.plus(200))
        .with("checked_on", today.plus(-30));
    tree.push(row);
}

/// The household's own project and what it left.
pub(super) fn industry(tree: &mut Tree, ids: VillageIds, township: u64) {
    let able = tree.home.any(Member::has_labour);
    if able && tree.random.chance(700) {
        activity(tree, "planting", "玉米种植", Day::of(2019, 3, 1));
    }
    if !tree.home.has(Traits::INDUSTRY) {
        return;
    }
    let today = tree.calendar.today;
    let acquired = today.plus(-whole(tree.random.range(60, 300)));
    let value = tree.random.range(3, 15) * 100_000;
    let mut row = tree.blank("asset");
    let (number, home) = (row.id, tree.home.id);
    row = row
        .with("asset_no", format!("A{number}"))
        .with("name", "能繁母猪")
        .with("asset_class", "household")
        .with("village", id(ids.village()))
        .with("household", id(home))
        .with("location", "农户圈舍")
        .with("acquired_on", acquired)
        .with("original_value", value)
        .with("fund_source", "central")
        .with("owner", "农户")
        .with("custodian", "农户")
        .with("operator", "农户")
        .with("asset_status", "in_use")
        .with("registered_on", acquired.plus(10))
        .with("tracking_until", acquired.plus(365))
        .with("quantity", Cell::Decimal(20_000))
        .with("unit", "头");
    if let Some(risk) = tree.home.risks.first().copied() {
        let project = project(tree, ids, township, acquired, value, risk);
        row.set("project", id(project));
    }
    tree.push(row);
}

fn project(
    tree: &mut Tree,
    ids: VillageIds,
    township: u64,
    acquired: Day,
    value: i64,
    risk: &'static str,
) -> i64 {
    let notice = acquired.plus(-60);
    let row = tree.blank("project");
    let project = row.id;
    let home = tree.home.id;
    let index = tree.home.index;
    let row = row
        .with("village", id(ids.village()))
        .with("household", id(home))
        .with("township_code", township.to_string())
        .with("project_level", "household")
        .with("place", format!("{}组第{index}户", tree.home.group + 1));
    let row = super::super::project::fill(row, notice, value, "settled")
        .with("project_no", format!("X{project}"))
        .with("name", "到户产业奖补")
        .with("content", "能繁母猪养殖")
        .with("fund_source", "central")
        .with("answers_risks", vec![risk]);
    for row in super::super::project::children(&row, "group") {
        let mut own = tree.blank(row.ledger);
        own.fields = row.fields;
        tree.push(own);
    }
    tree.push(row);
    project
}

pub(super) fn relocation(tree: &mut Tree) {
    if !tree.home.has(Traits::RELOCATED) {
        return;
    }
    let population = tree.home.count();
    let handed = Day::of(2018, 9, 1).plus(whole(tree.random.range(0, 400)));
    let registered = tree.home.has(Traits::LIFTED);
    let row = tree
        .record("relocation")
        .with("relocation_kind", if registered { "registered" } else { "co_moving" })
        .with("settlement_mode", "concentrated")
        .with("site", "幸福安置点")
        .with("population", population)
        .with("house_area", Cell::Decimal(population * 22 * 10_000))
        .with("allotted_on", handed.plus(-20))
        .with("handed_over_on", handed)
        .with("moved_in_on", handed.plus(45))
        .with("is_living_there", true)
        .with("demolish_due_on", handed.plus(365))
        .with("demolished_on", handed.plus(200))
        .with("on_keep_list", false)
        .with("reclaim_due_on", handed.plus(500))
        .with("reclaimed_on", handed.plus(330))
        .with("title_on", handed.plus(600))
        .with("residence_moved", true)
        .with("school_moved", true)
        .with("insurance_moved", true)
        .with("medical_moved", true)
        .with("site_has_party_branch", true)
        .with("site_has_resident_body", true)
        .with("site_has_manager", true);
    tree.push(row);
}

/// Points of the village's shop.
pub(super) fn points(tree: &mut Tree, ids: VillageIds) {
    if !tree.random.chance(250) && !tree.home.has(Traits::POINTS) {
        return;
    }
    let today = tree.calendar.today;
    let awarded = tree.random.range(3, 12) * 10;
    let exchanged = tree.random.range(0, awarded / 10) * 10;
    let entered = today.plus(-whole(tree.random.range(90, 200)));
    let row = tree
        .record("points_entry")
        .with("shop", id(ids.shop()))
        .with("points_kind", "award")
        .with("points", awarded)
        .with("entered_on", entered)
        .with("event", "环境卫生评比")
        .with("scorer", "积分评议小组")
        .with("published_on", entered.plus(3))
        .with("balance_before", 0);
    tree.push(row);
    if exchanged > 0 {
        let row = tree
            .record("points_entry")
            .with("shop", id(ids.shop()))
            .with("points_kind", "exchange")
            .with("points", exchanged)
            .with("entered_on", entered.plus(40))
            .with("goods", "日用品")
            .with("balance_before", awarded);
        tree.push(row);
    }
    let row = tree
        .record("points_account")
        .with("shop", id(ids.shop()))
        .with("points_awarded", awarded)
        .with("points_exchanged", exchanged)
        .with("points_balance", awarded - exchanged);
    tree.push(row);
}

pub(super) fn dividend(tree: &mut Tree, ids: VillageIds) {
    if !tree.home.has(Traits::MEMBER) || !tree.home.any(Member::has_labour) {
        return;
    }
    let year = tree.calendar.year - 1;
    let row = tree
        .record("cooperative_share")
        .with("cooperative", id(ids.cooperative()))
        .with("share_amount", 500_000)
        .with("joined_on", Day::of(2020, 5, 1))
        .with("has_vote_record", true);
    tree.push(row);
    let row = tree
        .record("dividend")
        .with("cooperative", id(ids.cooperative()))
        .with("dividend_kind", "dividend")
        .with("dividend_basis", "share")
        .with("year", year)
        .with("amount", tree.random.range(2, 9) * 10_000)
        .with("due_on", Day::of(year, 12, 20))
        .with("paid_on", Day::of(year, 12, 18))
        .with("has_vote_record", true);
    tree.push(row);
}
