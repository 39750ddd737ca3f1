//! Figures found and not found, by example.

use super::*;
use crate::model::Modifier;

/// Compares the figures of `text` with `expected`, written `raw=value` and joined by spaces.
fn check(text: &str, expected: &str) {
    let found: Vec<String> = find(&Source::new(text))
        .iter()
        .map(|f| format!("{}={}", f.raw.replace(char::is_whitespace, ""), f.value.0))
        .collect();
    assert_eq!(found.join(" "), expected, "{text}");
}

#[test]
fn quantities_are_found() {
    let cases = [
        ("一般脱贫户4027户14649人", "4027户=4027 14649人=14649"),
        ("年增收3万多元,建成14.77余亩", "3万多元=30000 14.77余亩=14.77"),
        ("投资2.58亿元、1.2万亩", "2.58亿元=258000000 1.2万亩=12000"),
        ("参保率１００％,下降3.5个百分点", "１００％=100 3.5个百分点=3.5"),
        ("完成率为百分之九十五", "百分之九十五=95"),
        ("（１）动员２户５月２０日前搬入", "２户=2"),
        ("培训2场75人次", "2场=2 75人次=75"),
        ("已覆盖脱贫户 36 户", "36户=36"),
        ("共1,250户", "1,250户=1250"),
        ("涉及5大类16项,分成3组", "5大类=5 16项=16 3组=3"),
        ("每组3—5户,种植10至15亩,每年2000—3000万元", "5户=5 15亩=15 3000万元=30000000"),
        ("更换灭火器12具,具体为", "12具=12"),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn dates_ordinals_roads_and_durations_are_no_figures() {
    let cases = [
        "2020年9月14日至18日",
        "第106次常委会议",
        "沿G347国道",
        "监督电话:0571-88005678",
        "龙扶组〔2020〕9号",
        "“530”贷款",
        "7天内、3个月内、60周岁、2个工作日",
        "1.个别户",
        "1 个别户",
        "4.2项目建设",
        "《4类重点对象改造方案》",
        "二期工程",
        "五一村出租",
        "前10名",
        "<p style=\"width:100%\">",
        "千家万户",
        "涉及2组和3组,1班学生",
        "上午9时20分,下午3点15分",
        "一户不落、一人不漏",
        "4G宽带",
    ];
    for text in cases {
        check(text, "");
    }
}

#[test]
fn characters_count_only_with_people_money_and_thresholds() {
    let cases = [
        ("每周调度一次", "一次=1"),
        ("至少每月召开一次会议", "一次=1"),
        ("有一名以上长期在家", "一名=1"),
        ("反馈四个方面22个问题", "四个=4 22个=22"),
        ("三位同志受到处理", "三位=3"),
        ("召开招聘会两场", "两场=2"),
        ("一户一策、一人一案、一起推进", ""),
        ("两个安置点、一轮大排查", ""),
        ("建立三项制度", ""),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn modifiers_are_read_on_both_sides() {
    let modifier = |text: &str| find(&Source::new(text)).first().and_then(|f| f.modifier);
    assert_eq!(modifier("不少于2次"), Some(Modifier::AtLeast));
    assert_eq!(modifier("控制在1%以内"), Some(Modifier::AtMost));
    assert_eq!(modifier("开发8个左右的岗位"), Some(Modifier::About));
    assert_eq!(modifier("收入突破了10万元"), Some(Modifier::Over));
    assert_eq!(modifier("收入10万元"), None);
    assert_eq!(modifier("每组3—5户"), Some(Modifier::AtMost));
    assert_eq!(modifier("扩大至5户"), None);
}

#[test]
fn a_pair_carries_both_counts() {
    let found = find(&Source::new("脱贫户88户327人"));
    assert_eq!(found[0].pair.as_deref(), Some("N002"));
    assert_eq!((found[1].households, found[1].persons), (Some(88), Some(327)));
}

#[test]
fn a_figure_may_be_wrapped_anywhere() {
    let line = format!("{}\n", "事".repeat(30));
    let (head, tail) = ("事".repeat(26), "事".repeat(24));
    let text = format!("{}{head}共85.22\n万元修路{tail}3.5公\n里。\n", line.repeat(9));
    let source = Source::new(&text);
    let joined = Joined::new(&source, &crate::text::paragraph::read(&source));
    let found: Vec<String> =
        find_joined(&source, &joined).iter().map(|f| format!("{}={}", f.raw, f.value.0)).collect();
    assert_eq!(found, ["85.22\n万元=852200", "3.5公\n里=3.5"]);
}
