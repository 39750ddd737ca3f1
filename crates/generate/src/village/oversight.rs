//! Accountability, complaints, notices, evaluation and documents.

use super::Office;
use crate::day::Day;
use crate::home::household_id;
use crate::names;
use crate::record::{Cell, Record, id};

pub(super) fn emit(office: &mut Office<'_>) {
    complaints(office);
    notices(office);
    documents(office);
    accountability(office);
    findings(office);
    if office.village.leads_county {
        evaluation(office);
    }
}

fn complaints(office: &mut Office<'_>) {
    let today = office.today();
    let channels = [
        ("line_12317", true),
        ("letter_visit", true),
        ("aid_platform", false),
        ("town_line", true),
        ("help_line_question", false),
    ];
    for (place, (channel, is_named)) in channels.into_iter().enumerate() {
        let received = today.plus(-100 + i32::try_from(place).unwrap_or(0) * 7);
        let name = names::any_name(&mut office.random);
        let row = office.upper("complaint");
        let number = row.id;
        let row = row
            .with("number", format!("T{number}"))
            .with("received_on", received)
            .with("complaint_channel", channel)
            .with("matter", "request")
            .with("is_named", is_named)
            .with("reporter_name", is_named.then_some(name))
            .with("reporter_phone", is_named.then(|| names::phone(4_200_000_000 + place as u64)))
            .with("content", "反映低保申请办理情况")
            .with("accepted_on", received.plus(1))
            .with("extended_days", 0)
            .with("answered_on", received.plus(4))
            .with("closed_on", received.plus(4))
            .with("result_text", "已核实并答复")
            .with("result_sent_on", is_named.then(|| received.plus(4)));
        office.push(row);
    }
}

fn notices(office: &mut Office<'_>) {
    let today = office.today();
    let kinds = ["monitor", "minimum_living", "project", "subsidy", "dividend", "post"];
    for (place, kind) in kinds.into_iter().enumerate() {
        let from = today.plus(-90 + i32::try_from(place).unwrap_or(0) * 5);
        let row = office
            .blank("notice_draft")
            .with("title", "关于拟享受政策对象的公示")
            .with("notice_kind", kind)
            .with("columns", vec!["head_name", "village", "group", "members", "category"])
            .with("body", "经民主评议，现将名单予以公示，欢迎监督")
            .with("has_unmasked_number", false)
            .with("started_on", from)
            .with("ended_on", from.plus(12))
            .with("place", "村务公开栏")
            .with("supervision_phone", "0999-0000000")
            .with("photo", "张贴照片")
            .with("objection_record", "公示期间无异议")
            .with("open_objections", 0)
            .with("next_step_on", from.plus(14))
            .with("publish_status", "ended");
        office.push(row);
    }
}

fn documents(office: &mut Office<'_>) {
    for place in 0..6 {
        let total = office.random.range(100, 900);
        let part = office.random.range(20, 90);
        let row = office
            .upper("document_check")
            .with("document_title", "巩固脱贫成果工作报告")
            .with("item", format!("第{}项", place + 1))
            .with("stated_total", total)
            .with("parts_sum", total)
            .with("first_value", Cell::Decimal(total * 10_000))
            .with("second_value", Cell::Decimal(total * 10_000))
            .with("stated_percent", Cell::Decimal(part * 10_000))
            .with("numerator", part)
            .with("denominator", 100)
            .with("heading_before", place)
            .with("heading_number", place + 1);
        office.push(row);
    }
}

fn accountability(office: &mut Office<'_>) {
    let today = office.today();
    for form in ["reminder_talk", "summons_talk"] {
        let row = office
            .upper("accountability")
            .with("person_or_body", "村委会分管干部")
            .with("form", form)
            .with("reason", "整改进度滞后")
            .with("decided_on", today.plus(-60))
            .with("doc_no", "镇纪发文号");
        office.push(row);
    }
    if !office.village.leads_township {
        return;
    }
    // Each of the township's villages had one of each form.
    for form in ["reminder_talk", "summons_talk"] {
        let row = office
            .upper("accountability_count")
            .with("report_title", "整改工作情况报告")
            .with("form", form)
            .with("from_on", today.plus(-180))
            .with("until_on", today.plus(-1))
            .with("stated_count", 18);
        office.push(row);
    }
}

/// How the four findings of a village stand: days since it was closed, days to the deadline.
const FINDINGS: [(&str, Option<i32>, Option<i32>); 4] = [
    ("档案缺项", Some(110), Some(-90)),
    ("公示不规范", Some(100), Some(-40)),
    ("产业项目进度慢", None, Some(45)),
    ("带动机制不实", None, None),
];

fn findings(office: &mut Office<'_>) {
    let today = office.today();
    let issued = today.plus(-200);
    let inspection = office.township.other(900);
    if office.village.leads_township {
        let mut row = Record::new("inspection", inspection, office.village.township_code())
            .with("title", "年度巩固脱贫成果专项督查")
            .with("source_kind", "supervision")
            .with("source_level", "upper")
            .with("source_body", "县督查组")
            .with("issued_on", issued)
            .with("received_on", issued.plus(1))
            .with("year", issued.year())
            // Four in each of the township's eighteen villages.
            .with("claimed_count", 72);
        row.region = office.village.township_code();
        office.push(row);
    }
    for (place, (title, closed, deadline)) in FINDINGS.into_iter().enumerate() {
        let unit = leading_unit(office, place);
        let row = office.blank("finding");
        let number = row.id;
        let closed = closed.map(|back| today.plus(-back));
        let row = row
            .with("inspection", id(inspection))
            .with("number", format!("W{number}"))
            .with("title", title)
            .with("problem", "督查发现的具体问题")
            .with("topic", "file_work")
            .with("scope_kind", "own")
            .with("source_kind", "supervision")
            .with("source_level", "upper")
            .with("exists_here", "exists")
            .with("lead_unit", id(unit))
            .with("responsible_units", vec!["村民委员会"])
            .with("responsible_leaders", vec!["包村领导"])
            .with("responsible_persons", vec!["村党组织书记"])
            .with("leader", id(1))
            .with("person", id(2))
            .with("deadline_on", deadline.map(|days| today.plus(days)))
            .with("is_long_term", place == 3)
            .with("result", closed.map(|_| "已整改到位"))
            .with("submitted_on", closed.map(|day| day.plus(-6)))
            .with("closed_on", closed);
        follow(office, &row, closed);
        let row = supported(office, row, inspection, closed);
        office.push(row);
    }
}

/// The unit that leads a finding's repair, one of the village's bodies for each of the four.
fn leading_unit(office: &mut Office<'_>, place: usize) -> i64 {
    let bodies = ["村民委员会", "村务监督委员会", "股份经济合作社", "驻村工作队"];
    let body = bodies.get(place).copied().unwrap_or("村民小组");
    let unit = office
        .blank("unit")
        .with("name", format!("{}{body}", office.village.name))
        .with("kind", if place == 3 { "village_team" } else { "village_committee" })
        .with("is_active", true);
    let number = unit.id;
    office.push(unit);
    number
}

/// Ties a finding to its measure, and a closed one to what proves the work.
fn supported(
    office: &mut Office<'_>,
    mut finding: Record,
    inspection: i64,
    closed: Option<Day>,
) -> Record {
    let measure = office
        .blank("measure")
        .with("text", "补齐12户档案缺项，10月底前完成")
        .with("position", 1)
        .with("inspection", id(inspection))
        .with("origin", "letter");
    finding.link("measures", &measure);
    office.push(measure);
    if let Some(closed) = closed {
        let evidence = evidence(office.blank("evidence"), closed);
        finding.link("evidence", &evidence);
        office.push(evidence);
    }
    finding
}

/// Fills a photograph taken before a finding was closed.
pub(crate) fn evidence(blank: Record, closed: Day) -> Record {
    let hash = format!("{:064x}", blank.id);
    blank
        .with("file_name", "整改现场.jpg")
        .with("file", hash)
        .with("size_bytes", 182_000)
        .with("media_type", "image/jpeg")
        .with("dated_on", closed.plus(-8))
        .with("kind", "photo")
        .with("is_backdated", false)
}

/// What follows a finding: progress, acceptance and look-back, or the goals of its stages.
fn follow(office: &mut Office<'_>, finding: &Record, closed: Option<Day>) {
    let today = office.today();
    let on = closed.map_or(today.plus(-12), |day| day.plus(-15));
    let row = office
        .child("progress", "finding", finding)
        .with("on", on)
        .with("text", "已完成排查，正在整改")
        .with("by", id(2));
    office.push(row);
    if let Some(closed) = closed {
        let row = office
            .child("acceptance", "finding", finding)
            .with("result", "passed")
            .with("on", closed.plus(-2))
            .with("sample", "抽查5户")
            .with("sample_size", 5)
            .with("sample_failed", 0)
            .with("is_on_site", true)
            .with("by", id(3));
        office.push(row);
        let row = office
            .child("look_back", "finding", finding)
            .with("due_on", closed.plus(90))
            .with("on", closed.plus(50))
            .with("result", "holds")
            .with("by", id(4));
        office.push(row);
    } else if finding.flag("is_long_term") {
        let row = office
            .child("stage_goal", "finding", finding)
            .with("goal", "年内带动20户")
            .with("due_on", today.plus(60));
        office.push(row);
    }
}

fn evaluation(office: &mut Office<'_>) {
    let today = office.today();
    let county = office.village.county_code();
    let strata = vec![
        "remote_group",
        "minimum_living",
        "seriously_ill",
        "unsafe_house",
        "disabled",
        "no_labour",
        "lone_old",
        "left_out",
        "lifted",
        "ordinary",
    ];
    for round in 0..6 {
        let mut row = office
            .blank("evaluation")
            .with("title", format!("第{}轮抽样评估", round + 1))
            .with("year", today.year())
            .with("seed_number", 20_260_000 + round)
            .with("frame_on", today.plus(-150))
            .with("strata", strata.clone())
            .with("reported_on", today.plus(-60));
        row.region = county;
        let rates = [("missed", 2, 400), ("wrong_exit", 1, 200), ("approval", 388, 400)];
        for (kind, numerator, denominator) in rates {
            let rate = office
                .child("evaluation_rate", "evaluation", &row)
                .with("rate_kind", kind)
                .with("numerator", numerator)
                .with("denominator", denominator)
                .with("shown_percent", Cell::Decimal(numerator * 1_000_000 / denominator));
            office.push(rate);
        }
        for place in 0..5 {
            let household = office.village.first_household + place;
            let suspected = place == 4;
            let mut sample = office
                .child("evaluation_sample", "evaluation", &row)
                .with("household", id(household_id(household)))
                .with("stratum", if place % 2 == 0 { "lifted" } else { "ordinary" })
                .with("is_suspected", suspected)
                .with("confirmed_on", suspected.then(|| today.plus(-75)));
            sample.region = office.village.code;
            office.push(sample);
        }
        office.push(row);
    }
}
