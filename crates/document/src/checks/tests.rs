//! Cross-checks of single paragraphs, by example.

use super::*;
use crate::figures;

/// Compares the checks of `text` with `expected`: kind, verdict and values, joined by `; `.
fn check(text: &str, expected: &str) {
    let source = Source::new(text);
    let figures = figures::find(&source);
    let found: Vec<String> = find(&source, &Anatomy::default(), &figures)
        .iter()
        .map(|c| {
            let verdict = if c.holds { "holds" } else { "fails" };
            let kind = serde_json::to_value(c.kind).unwrap();
            format!("{} {verdict}: {}", kind.as_str().unwrap(), c.note)
        })
        .collect();
    assert_eq!(found.join("; "), expected, "{text}");
}

#[test]
fn sums_that_hold_are_found() {
    let cases = [
        ("共纳入469户,其中脱贫户357户;一般户112户。", "sum holds: 469 = 357 + 112"),
        ("列入计划的9个小区,仅完工3个。现已完工7个,其余2个正在施工。", "sum holds: 9 = 7 + 2"),
        ("甲村12户、乙村15户,共计27户。", "sum holds: 27 = 12 + 15"),
        (
            "往来款142.30万元:收回36.90万元,核销80.00万元,其余25.40万元已起诉。",
            "sum holds: 1423000 = 369000 + 800000 + 254000",
        ),
        (
            "脱贫户88户327人(已脱贫85户319人,未脱贫3户8人)。",
            "sum holds: 88 = 85 + 3; sum holds: 327 = 319 + 8",
        ),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn sums_that_fail_are_reported_when_plainly_meant() {
    let cases = [
        ("合计7个问题,已完成4个、正在推进1个、长期坚持1个。", "sum fails: 7 ≠ 4 + 1 + 1"),
        ("建设项目17个,其中养殖4个、种植5个、基建6个。", "sum fails: 17 ≠ 4 + 5 + 6"),
        ("甲村12户、乙村15户、丙村8户,共计36户。", "sum fails: 36 ≠ 12 + 15 + 8"),
        ("全县1958户中,参加光伏的508户、入股的484户。", ""),
        ("安置46人,其中脱贫人口31人。", ""),
        ("任务750人(其中建档立卡560人),引导性培训3000人(其中建档立卡2336人)。", ""),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn figures_that_chance_to_add_up_make_no_check() {
    let cases = [
        ("存在问题86户,已补齐4户,复核57户。", ""),
        ("涉及61户,已整改4户,复核55户。", ""),
        ("已整改4户,新增53户,复核57户。", ""),
        ("柳村补发45人、高村补发41人、塘村补发4人,共计补发90人。", "sum holds: 90 = 45 + 41 + 4"),
        ("抽查发现38户未签字;桐村有7户未走访。抽查发现31户未公示。", ""),
        ("1.对19名干部约谈;2.公示7户;3.对12名干部约谈;4.对7名干部约谈。", ""),
        ("每组3—5户,每年5户,共10户。", ""),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn true_sums_are_kept_where_parts_stand_apart_from_their_total() {
    let cases = [
        (
            "涉及资金86.88万元,已收回30.68万元,尚未收回55.20万元;第三,争取资金150.61万元。",
            "sum fails: 868800 ≠ 306800 + 552000",
        ),
        ("涉及33笔6.85万元。补齐审批手续31笔,退回不合规支出2笔。", "sum holds: 33 = 31 + 2"),
        (
            "建档立卡户43户128人(已脱贫39户118人,未脱贫4户9人)。",
            "sum holds: 43 = 39 + 4; sum fails: 128 ≠ 118 + 9",
        ),
        ("涉及86户,已完成57户,28户正在整改。", "sum fails: 86 ≠ 57 + 28"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn shares_and_differences_are_judged() {
    let cases = [
        ("拆除4620平方米,占应拆面积4800平方米的96.25%。", "percentage holds: 4620 / 4800 = 96.25%"),
        ("应改造200户,已完成150户,完成率80%。", "percentage fails: 150 / 200 = 75%"),
        ("低保户由120户增加到150户,增加30户。", "difference holds: 150 - 120 = 30"),
        ("今年150户,比去年的120户增加20户。", "difference fails: 150 - 120 = 30"),
        ("参保率由92%提高到98%,提高6个百分点。", "difference holds: 98 - 92 = 6"),
        ("占综合考核20%。", ""),
        ("务工收入由100万元增加到150万元,增长50%。", ""),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn products_are_judged() {
    check("每户补助800元,12户共9600元。", "product holds: 800 × 12 = 9600");
}
