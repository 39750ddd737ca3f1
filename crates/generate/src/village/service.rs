//! Posts, village team, water and schools.

use super::Office;
use crate::day::Day;
use crate::emit::work::post_name;
use crate::ids::POSTS;
use crate::names;
use crate::record::{Cell, Record, id};

pub(super) fn emit(office: &mut Office<'_>) {
    posts(office);
    team(office);
    water(office);
    if office.totals.trained > 0 {
        course(office);
    }
    if office.village.leads_township {
        schools(office);
    }
    if office.village.leads_county {
        for back in [2, 1] {
            let mut row = office
                .blank("education_year")
                .with("year", office.calendar.school_start.year() - back)
                .with("cohort_enrolled", 2400)
                .with("cohort_retained", 2371);
            row.region = office.village.county_code();
            office.push(row);
        }
    }
}

fn posts(office: &mut Office<'_>) {
    for kind in POSTS {
        let ids = office.ids;
        let row = Record::new("post", ids.post(kind), office.village.code)
            .with("village", id(ids.village()))
            .with("post_no", format!("G{}-{kind}", office.village.code))
            .with("name", post_name(kind))
            .with("post_kind", kind)
            .with("set_up_on", Day::of(2022, 1, 10))
            .with("project_content", "开发村级公益性岗位，按月考核发放补贴")
            .with("duty_text", "按岗位职责每月上岗不少于20天")
            .with("headcount", 2)
            .with("monthly_pay", 60_000)
            .with("fund_source", "solar")
            .with("is_open", true);
        office.push(row);
    }
}

fn team(office: &mut Office<'_>) {
    for role in ["first_secretary", "team_member"] {
        let name = names::any_name(&mut office.random);
        let ids = office.ids;
        let member = office
            .own("team_member")
            .with("member_name", name)
            .with("phone", names::phone(4_100_000_000 + office.village.index))
            .with("sending_unit", "县直单位")
            .with("team_role", role)
            .with("joined_on", Day::of(2025, 5, 1))
            .with("is_active", true);
        let _ = ids;
        for back in [3, 2, 1] {
            month(office, &member, back);
        }
        office.push(member);
    }
}

fn month(office: &mut Office<'_>, member: &Record, back: i32) {
    let first = office.today().month(-back);
    let (_, number, _) = first.parts();
    let quarter = number % 3 == 0;
    let half = number == 6 || number == 12;
    let row = office
        .child("team_month", "member", member)
        .with("month_on", first)
        .with("days_in_village", 22)
        .with("leave_days", 0)
        .with("leave_approved", false)
        .with("meeting_held_on", first.plus(6))
        .with("quarterly_report_due", quarter)
        .with("quarterly_report_on", quarter.then(|| first.plus(27)))
        .with("half_year_report_due", half)
        .with("half_year_report_on", half.then(|| first.plus(27)));
    if back == 1 {
        for day in 0..22 {
            let on = office
                .child("team_day", "member", member)
                .with("team_month", id(row.id))
                .with("day_on", first.plus(day + day / 6))
                .with("is_on_site", true)
                .with("log_place", "村委会")
                .with("log_time", "8:30-18:00")
                .with("log_text", "走访农户、整理台账");
            if day == 9 {
                let check = office
                    .upper("spot_check")
                    .with("check_kind", "call")
                    .with("checked_on", on.day("day_on"))
                    .with("place", "驻村点")
                    .with("checked_unit", "驻村工作队")
                    .with("checker", "县驻村办")
                    .with("team_day", id(on.id))
                    .with("found_present", true)
                    .with("has_finding", false);
                office.push(check);
            }
            office.push(on);
        }
        let on = first.plus(17);
        let check = office
            .upper("spot_check")
            .with("check_kind", "visit")
            .with("checked_on", on)
            .with("place", "村委会")
            .with("checked_unit", "村民委员会")
            .with("checker", "镇督查室")
            .with("has_finding", true)
            .with("finding_text", "公示栏更新不及时")
            .with("told_on", on)
            .with("limit_on", on.plus(15));
        office.push(check);
    }
    office.push(row);
}

fn water(office: &mut Office<'_>) {
    let today = office.today();
    for which in 0..2 {
        let dispersed = which == 1;
        let ids = office.ids;
        let scheme = Record::new("water_scheme", ids.scheme(which), office.village.code)
            .with("village", id(ids.village()))
            .with("scheme_no", format!("W{}-{which}", office.village.code))
            .with("name", if dispersed { "分散供水点" } else { "集中供水工程" })
            .with("supply_kind", if dispersed { "dispersed" } else { "centralised" })
            .with("is_complete", true)
            .with("completed_on", Day::of(2019, 9, 30))
            .with("water_flows", true)
            .with("households_served", office.totals.households / 2)
            .with("quantity_litres", Cell::Decimal(600_000))
            .with("quality_ok", true)
            .with("fetch_minutes", 0)
            .with("short_days", 5)
            .with("has_seasonal_shortage", dispersed)
            .with("emergency_plan_on", dispersed.then(|| today.plus(-200)))
            .with("managing_body", "村供水管护小组")
            .with("upkeep_rules", "供水管护制度")
            .with("upkeep_funds", 800_000)
            .with("government_officer", "镇长")
            .with("authority_officer", "镇水管站长")
            .with("operator_officer", "村管水员")
            .with("disinfectant_handed_on", dispersed.then(|| today.plus(-60)));
        for back in [300, 110] {
            let row = office
                .child("water_test", "scheme", &scheme)
                .with("report_no", format!("S{}-{which}-{back}", office.village.code))
                .with("sampled_on", today.plus(-back - 9))
                .with("tested_on", today.plus(-back))
                .with("conclusion", "passed")
                .with("tester", "县疾控中心");
            office.push(row);
        }
        let row = office
            .child("water_damage", "scheme", &scheme)
            .with("problem", "支管漏水")
            .with("reported_on", today.plus(-70))
            .with("repaired_on", today.plus(-66))
            .with("repairer", "县水务公司");
        office.push(row);
        office.push(scheme);
    }
}

fn course(office: &mut Office<'_>) {
    let ended = office.today().plus(-260);
    let mut row = Record::new("training_course", office.ids.course(), office.village.code)
        .with("course_no", format!("K{}", office.village.code))
        .with("name", "种植实用技术")
        .with("training_kind", "planting")
        .with("year", ended.year())
        .with("started_on", ended.plus(-9))
        .with("ended_on", ended)
        .with("hours", 40)
        .with("headcount", office.totals.trained)
        .with("organiser", "县人社局")
        .with("subsidy", 0);
    row.region = office.village.township_code();
    office.push(row);
}

fn schools(office: &mut Office<'_>) {
    let kinds = [
        ("primary_pupil", "primary", "中心小学"),
        ("junior_7", "junior", "初级中学"),
        ("senior_1", "senior", "高级中学"),
        ("sec_voc_1", "vocational", "职业学校"),
        ("preschool", "kindergarten", "中心幼儿园"),
    ];
    for (stage, kind, name) in kinds {
        let place = crate::place::place_name(office.village.index / 18 + 7);
        let mut row = Record::new("school", office.township.school(stage), office.village.code)
            .with("school_code", format!("S{}-{kind}", office.village.township_code()))
            .with("name", format!("{place}{name}"))
            .with("school_kind", kind)
            .with("pupils", office.random.range(200, 900))
            .with("is_open", true);
        row.region = office.village.township_code();
        if matches!(kind, "primary" | "junior") {
            reports(office, &row);
        }
        office.push(row);
    }
}

fn reports(office: &mut Office<'_>, school: &Record) {
    let today = office.today();
    for back in (1..=11).rev() {
        let month = today.month(-back);
        let (_, number, _) = month.parts();
        if matches!(number, 1 | 2 | 7 | 8) {
            continue;
        }
        let due = month.month(1).plus(4);
        let row = office
            .child("school_report", "school", school)
            .with("month_on", month)
            .with("is_in_term", true)
            .with("due_on", due)
            .with("reported_on", due.plus(-2))
            .with("suspected_dropouts", 0)
            .with("dropouts", 0);
        office.push(row);
    }
}
