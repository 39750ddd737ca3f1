//! Work, plans for work, training and public posts.

use crate::day::Day;
use crate::home::{Member, Post, Work, whole};
use crate::ids::VillageIds;
use crate::names::phone;
use crate::record::id;
use crate::traits::Traits;
use crate::tree::Tree;

/// The course that the villages' people wished for.
pub(super) const COURSE: &str = "planting";

/// Places of work; the first is the own county.
pub(crate) const PLACES: [(&str, &str, &str, &str); 8] = [
    ("云岭省", "青川市", "本县", "township"),
    ("云岭省", "青川市", "松溪县", "province"),
    ("云岭省", "石林市", "桃源县", "province"),
    ("海东省", "新港市", "东湾区", "outside"),
    ("海东省", "望海市", "临江区", "outside"),
    ("江北省", "双桥市", "上塘区", "outside"),
    ("江北省", "清河市", "柳岸县", "outside"),
    ("南屏省", "白沙市", "金滩区", "outside"),
];

pub(super) fn all(tree: &mut Tree, ids: VillageIds) {
    let members = tree.home.members.clone();
    for member in &members {
        if let Some(work) = member.work {
            employment(tree, member, &work);
        } else if member.post.is_none() && member.is_able() && tree.random.chance(20) {
            planned(tree, member);
        }
        if let Some(post) = member.post {
            holding(tree, member, &post, ids);
        }
    }
    if tree.home.has(Traits::TRAINED)
        && let Some(member) = members.iter().find(|m| m.work.is_some() && m.is_able())
    {
        training(tree, member, ids);
    }
}

fn employment(tree: &mut Tree, member: &Member, work: &Work) {
    let (province, city, county, scope) =
        PLACES.get(work.place).copied().unwrap_or(("云岭省", "青川市", "本县", "township"));
    let industries = ["manufacturing", "building", "catering", "retail", "transport"];
    let channels = ["own_search", "relatives", "pairing", "labour_broker"];
    let today = tree.calendar.today;
    let row = tree
        .about("employment", member)
        .with("is_working", true)
        .with("start_month", work.start)
        .with("work_scope", scope)
        .with("province", province)
        .with("city", city)
        .with("county", county)
        .with("employer", format!("{county}第{}厂", tree.home.index % 89 + 1))
        .with("industry", tree.random.pick(&industries, "building"))
        .with("work_channel", tree.random.pick(&channels, "own_search"))
        .with("point_to_point", false)
        .with("monthly_wage", work.wage)
        .with("transport_subsidy", 0)
        .with("confirmed_on", today.plus(-whole(tree.random.range(3, 75))))
        .with("confirm_way", "phone")
        .with("unpaid_wage", 0);
    tree.push(row);
}

fn planned(tree: &mut Tree, member: &Member) {
    let today = tree.calendar.today;
    let (province, city, county, _) = PLACES.get(3).copied().unwrap_or(("", "", "", ""));
    let row = tree
        .about("planned_work", member)
        .with("is_planned", true)
        .with("planned_month", today.month(4))
        .with("province", province)
        .with("city", city)
        .with("county", county)
        .with("service_need", vec!["job_offer"])
        .with("training_wish", vec![COURSE])
        .with("is_open", true)
        .with("registered_on", today.plus(-20));
    tree.push(row);
}

fn training(tree: &mut Tree, member: &Member, ids: VillageIds) {
    let ended = tree.calendar.today.plus(-260);
    let row = tree
        .about("training", member)
        .with("course", id(ids.course()))
        .with("course_name", "种植实用技术")
        .with("training_kind", COURSE)
        .with("year", ended.year())
        .with("started_on", ended.plus(-9))
        .with("ended_on", ended)
        .with("hours", 40)
        .with("has_certificate", true)
        .with("employed_on", ended.plus(30));
    tree.push(row);
}

/// Name of a kind of post.
pub(crate) fn post_name(kind: &str) -> &'static str {
    match kind {
        "cleaner" => "保洁员",
        "forest_guard" => "护林员",
        "road_keeper" => "护路员",
        "water_keeper" => "水管员",
        "safety_patrol" => "治安巡逻员",
        "care_worker" => "照料护理员",
        "data_helper" => "信息员",
        _ => "其他岗位",
    }
}

fn holding(tree: &mut Tree, member: &Member, post: &Post, ids: VillageIds) {
    let end = tree.calendar.until().month(0);
    let months: Vec<Day> =
        (0..120).map(|later| post.start.month(later)).take_while(|month| *month <= end).collect();
    let count = i64::try_from(months.len()).unwrap_or(0);
    let start = post.start;
    let row = tree
        .about("post_holding", member)
        .with("post", id(ids.post(post.kind)))
        .with("post_name", post_name(post.kind))
        .with("post_kind", post.kind)
        .with("post_months", count)
        .with("from_on", start)
        .with("is_active", true)
        .with("applied_on", start.plus(-20))
        .with("notice_from_on", start.plus(-12))
        .with("notice_until_on", start.plus(-4))
        .with("agreement_on", start.plus(-1))
        .with("insured_from_on", start)
        .with("insured_until_on", tree.calendar.today.plus(200))
        .with("has_duty_text", true)
        .with("cadre_relative", false)
        .with("monthly_pay", post.pay);
    let holding = row.id;
    tree.push(row);
    let from = tree.calendar.from();
    for month in months.into_iter().filter(|month| *month >= from) {
        let row = tree
            .about("post_pay", member)
            .with("holding", id(holding))
            .with("pay_month", month)
            .with("amount", post.pay)
            .with("paid_on", month.month(1).plus(9))
            .with("account_owner", member.name.clone())
            .with("account_number", format!("6200{}", phone(tree.home.index * 8)))
            .with("attended_days", 22)
            .with("assessed_on", month.month(1).plus(4));
        tree.push(row);
        let row = tree
            .about("post_duty", member)
            .with("holding", id(holding))
            .with("duty_month", month)
            .with("duty_on", month.plus(10))
            .with("place", "村内")
            .with("content", "按岗位职责上岗")
            .with("is_present", true);
        tree.push(row);
    }
}
