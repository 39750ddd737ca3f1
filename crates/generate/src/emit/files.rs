//! Helpers, visits, logs, the household's file and what other sources say.

use crate::day::Day;
use crate::home::whole;
use crate::names;
use crate::record::id;
use crate::traits::Traits;
use crate::tree::Tree;

/// Items of every registered household's file, and those of a lifted and of a watched one.
const ITEMS: [&str; 6] =
    ["household_form", "visit_survey", "income_form", "measure_form", "help_log", "help_card"];
const LIFTED: [&str; 13] = [
    "application",
    "group_review",
    "village_review",
    "review_sign_in",
    "first_notice",
    "second_notice",
    "announcement",
    "exit_application",
    "exit_review",
    "exit_notice",
    "exit_second_notice",
    "exit_confirmation",
    "exit_announcement",
];
const WATCHED: [&str; 3] = ["authorisation", "pledge", "expense_form"];

pub(super) fn all(tree: &mut Tree) {
    if !tree.home.traits.is_registered() {
        return;
    }
    let pairing = pairing(tree);
    visits(tree, pairing);
    let today = tree.calendar.today;
    for back in [8, 36, 64] {
        let row = tree
            .record("help_log")
            .with("logged_on", today.plus(-back))
            .with("helper_name", "帮扶责任人")
            .with("content", "入户了解生产和务工情况")
            .with("amount", 0)
            .with("is_signed", true);
        tree.push(row);
    }
    items(tree);
    forms(tree);
    if tree.random.chance(100) {
        sources(tree);
    }
}

fn pairing(tree: &mut Tree) -> i64 {
    let helper = names::any_name(&mut tree.random);
    let units = ["县农业农村局", "县教育局", "县水利局", "镇人民政府", "县供电公司"];
    let row = tree
        .record("helper_pairing")
        .with("helper_name", helper)
        .with("helper_phone", names::phone(4_000_000_000 + tree.home.index % 900))
        .with("helper_unit", tree.random.pick(&units, "县农业农村局"))
        .with("helper_role", "干部")
        .with("started_on", Day::of(2021, 7, 1))
        .with("is_active", true);
    let pairing = row.id;
    tree.push(row);
    pairing
}

fn visits(tree: &mut Tree, pairing: i64) {
    let today = tree.calendar.today;
    let forms = ["policy", "plan", "work", "survey"];
    let texts = [
        "宣传医保和就业政策",
        "商量来年种植计划",
        "一起清理房前屋后",
        "核对收入和支出情况",
        "了解子女就学情况",
        "查看住房和用水情况",
    ];
    for (place, back) in [166, 138, 109, 81, 52, 24].into_iter().enumerate() {
        let row = tree
            .record("visit")
            .with("pairing", id(pairing))
            .with("visited_on", today.plus(-back + whole(tree.random.range(0, 1))))
            .with("visitor", "帮扶责任人")
            .with("visitor_unit", "帮扶单位")
            .with("visit_form", forms.get(place % 4).copied().unwrap_or("policy"))
            .with("content", texts.get(place).copied().unwrap_or("入户走访"))
            .with("follow_up", "已记入帮扶计划")
            .with("has_photo", true)
            .with("is_signed", true)
            .with("is_satisfied", true)
            .with("names_helper", true)
            .with("says_trouble", false);
        tree.push(row);
    }
}

fn items(tree: &mut Tree) {
    let today = tree.calendar.today;
    let lifted: &[&'static str] = if tree.home.has(Traits::LIFTED) { &LIFTED } else { &[] };
    let watched: &[&'static str] = if tree.home.traits.is_watched() { &WATCHED } else { &[] };
    for kind in ITEMS.iter().chain(lifted).chain(watched) {
        let dated = if lifted.contains(kind) { Day::of(2019, 11, 1) } else { today.plus(-200) };
        let row = tree
            .record("archive_item")
            .with("item_kind", *kind)
            .with("is_required", true)
            .with("is_present", true)
            .with("copies", 1)
            .with("dated_on", dated)
            .with("is_signed", true)
            .with("place", "村档案室");
        tree.push(row);
    }
}

fn forms(tree: &mut Tree) {
    let today = tree.calendar.today;
    let mut kinds = vec!["visit_survey", "approval"];
    if tree.home.has(Traits::LIFTED) {
        kinds.push("exit_confirmation");
    }
    for kind in kinds {
        let dated = today.plus(-whole(tree.random.range(120, 900)));
        let row = tree
            .record("archive_form")
            .with("form_kind", kind)
            .with("dated_on", dated)
            .with("surveyor", "驻村工作队")
            .with("is_signed", true)
            .with("is_marked", true)
            .with("township_head_signed", true)
            .with("county_handler_signed", true)
            .with("approver_signed", true)
            .with("approver_signed_on", dated.plus(6));
        tree.push(row);
    }
}

fn sources(tree: &mut Tree) {
    let today = tree.calendar.today;
    let subject = format!("H{:010}", tree.home.index);
    let count = tree.home.members.len().to_string();
    for source in ["national_export", "paper", "visit"] {
        let row = tree
            .record("field_source")
            .with("subject", subject.clone())
            .with("field", "population")
            .with("value_source", source)
            .with("value_text", count.clone())
            .with("recorded_on", today.plus(-33));
        tree.push(row);
    }
}
