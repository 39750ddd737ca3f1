//! The lexicon of measure words, and the words behind them that show they are something else.

use std::sync::LazyLock;

use crate::source::Source;
use crate::text::wordset::WordSet;

/// A measure word found in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The canonical measure word (`％` becomes `%`).
    pub word: &'static str,
    /// One past its last scalar.
    pub end: usize,
}

/// Measure words of quantities, longest first where one begins with another. Time and age
/// (天, 个月, 岁 …) are no quantities here (rule N4) and stand in [`TIMES`].
const UNITS: &[&str] = &[
    // shares
    "个百分点",
    "百分点",
    "%",
    "‰",
    // people and households
    "人次",
    "人份",
    "户次",
    "户",
    "人",
    "名",
    "位",
    "口",
    // counters
    "个",
    "家次",
    "家",
    "件次",
    "件",
    "条次",
    "条",
    "大项",
    "项次",
    "项",
    "场次",
    "场",
    "批次",
    "批",
    "期",
    "次",
    "起",
    "例",
    "宗",
    "大类",
    "类",
    "种",
    "轮",
    "份",
    "册",
    "本",
    "篇",
    "幅",
    "张",
    "块",
    "面",
    "笔",
    "处",
    "所",
    "座",
    "栋",
    "幢",
    "间",
    "套",
    "台次",
    "台",
    "部",
    "辆次",
    "辆",
    "艘",
    "架",
    "支",
    "只",
    "头",
    "羽",
    "匹",
    "尾",
    "棵",
    "株",
    "根",
    "盏",
    "眼",
    "盘",
    "组",
    "队",
    "班",
    "遍",
    "道",
    "段",
    "层",
    "门",
    "堂",
    "具",
    "袋",
    "箱",
    "桶",
    "瓶",
    "枚",
    "卷",
    "页",
    "村",
    "对",
    "倍",
    "趟",
    "顿",
    "分",
    "款",
    "片",
    "亩次",
    "孔",
    "口井",
    "单",
    // money
    "美元",
    "港元",
    "欧元",
    "元",
    "角",
    // length, area, volume, weight, power
    "平方公里",
    "平方千米",
    "平方米",
    "平米",
    "立方米",
    "公里",
    "千米",
    "厘米",
    "毫米",
    "米",
    "公顷",
    "亩",
    "公斤",
    "千克",
    "克",
    "斤",
    "吨",
    "升",
    "方",
    "千瓦时",
    "兆瓦",
    "千瓦",
    "千伏安",
    "千伏",
    "度电",
    "㎡",
    "m²",
    "m2",
    "km",
    "kg",
    "kW",
    "MW",
];

/// Measure words of time and age, which make no figure.
const TIMES: &[&str] = &[
    "年",
    "月",
    "日",
    "天",
    "周",
    "小时",
    "时",
    "分钟",
    "秒",
    "旬",
    "季",
    "学时",
    "课时",
    "岁",
    "周岁",
    "学期",
    "工作日",
    "个月",
    "个星期",
    "个季度",
    "个小时",
    "个工作日",
    "个自然日",
    "个年度",
    "个学期",
    "个学时",
    "个课时",
    "个周",
    "个年头",
    "个日",
    "个昼夜",
    "个交易日",
];

/// What may not follow a measure word: with it the two make another word (个 + 别 = 个别).
const FOLLOWERS: &[(&str, &[&str])] = &[
    ("个", &["别", "性化", "体户", "体工商", "体经"]),
    ("项", &["目", "下"]),
    ("名", &["单", "录", "称", "额", "义", "次", "列"]),
    ("家", &["庭", "长", "访", "属", "园", "具", "电", "门", "乡"]),
    ("条", &["件", "例", "款"]),
    ("次", &["日", "年", "月", "要", "数", "于", "第"]),
    ("场", &["所", "地", "镇", "部"]),
    ("期", &["间", "限", "末", "初", "满", "工程", "项目", "建设", "货"]),
    ("起", &["来", "草", "步", "点", "诉", "到", "至", "始", "用", "实", "执", "施", "算"]),
    ("类", &["型", "似", "别"]),
    ("种", &["植", "养", "类", "子", "粮", "质", "田"]),
    ("批", &["复", "准", "评", "示", "发"]),
    ("面", &["积", "向", "对", "临", "广", "上", "貌", "粉"]),
    ("处", &["理", "置", "于", "分", "罚", "级", "长", "室"]),
    ("所", &["有", "属", "在", "需", "以", "长", "辖"]),
    ("部", &["分", "门", "署", "长", "委", "队"]),
    ("支", &["部", "书", "出", "持", "付", "行", "撑", "农"]),
    ("只", &["有", "是", "能", "要", "需", "顾"]),
    ("头", &["脑", "部", "等"]),
    ("口", &["径", "头", "粮"]),
    ("组", &["织", "建", "长", "成", "员", "团"]),
    ("队", &["员", "伍", "长"]),
    ("班", &["子", "长", "主任"]),
    ("道", &["路", "德"]),
    ("段", &["落"]),
    ("层", &["层", "级", "面"]),
    ("门", &["槛", "前", "口", "诊", "户"]),
    ("村", &["级", "民", "委", "支", "里", "集体", "庄", "史", "规", "小组", "务", "干部"]),
    ("对", &["于", "应", "照", "标", "口", "象", "接", "全", "一", "各", "该", "外", "比"]),
    ("分", &["之", "别", "期", "类", "析", "布", "配", "管", "工", "散", "级", "批", "解", "局"]),
    ("款", &["项", "式"]),
    ("片", &["区", "面"]),
    ("单", &["位", "独", "一", "元", "项"]),
    ("方", &["面", "式", "案", "法", "针", "可", "能", "便", "向", "才"]),
    ("升", &["级", "学", "至", "到", "为"]),
    ("位", &["于", "置", "列", "居"]),
    ("人", &["均", "民", "员密", "口", "大", "社局", "才"]),
    ("份", &["额"]),
    ("本", &["级", "村", "镇", "乡", "县", "年", "次", "地", "人", "月", "单", "报", "办", "着"]),
    ("套", &["取"]),
    ("台", &["账", "帐", "阶"]),
    ("间", &["隔", "接"]),
    ("根", &["据", "本", "治"]),
    ("盘", &["活", "点"]),
    ("米", &["粉"]),
    ("具", &["体", "备", "有"]),
    ("角", &["度"]),
    ("批次", &["性"]),
    ("元", &["旦"]),
    ("克", &["服"]),
];

/// Finds the longest measure word at `at`, or `None`; time words win over counters (`3个月`).
pub fn unit_at(source: &Source, at: usize) -> Option<Unit> {
    let first = source.at(at)?;
    let (word, shift, followers) = match first {
        '％' | '﹪' => ("%", 1, None),
        _ => {
            let (length, (word, followers)) = longest(source, at, &UNIT_SET)?;
            (word, length, followers)
        }
    };
    let end = at + shift;
    if longest(source, at, &TIME_SET).is_some_and(|(_, time)| time.len() >= word.len()) {
        return None;
    }
    let tails = followers.unwrap_or_default();
    if tails.iter().any(|tail| source.starts_with(end, tail)) {
        return None;
    }
    // `5kg` but not `5kgs`: a Latin unit ends where its letters end.
    let latin = word.ends_with(|c: char| c.is_ascii_alphanumeric());
    if latin && source.at(end).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    Some(Unit { word, end })
}

/// The longest of `words` that stands at `at`, with its length.
fn longest<V: Copy>(source: &Source, at: usize, words: &WordSet<V>) -> Option<(usize, V)> {
    words.longest(source.chars().get(at..)?)
}

/// What may not follow a measure word, where there is such a thing.
type Followers = Option<&'static [&'static str]>;

/// Measure words, each with itself and with what may not follow it.
static UNIT_SET: LazyLock<WordSet<(&'static str, Followers)>> = LazyLock::new(|| {
    let followers = |word: &str| FOLLOWERS.iter().find(|(unit, _)| *unit == word);
    WordSet::of(UNITS.iter().map(|word| (*word, (*word, followers(word).map(|(_, tails)| *tails)))))
});
static TIME_SET: LazyLock<WordSet<&'static str>> =
    LazyLock::new(|| WordSet::of(TIMES.iter().map(|word| (*word, *word))));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_from_words_that_begin_alike() {
        let cases = [
            ("个村", Some("个")),
            ("个月内", None),
            ("个工作日", None),
            ("个别", None),
            ("项目", None),
            ("项目标", None),
            ("人次;", Some("人次")),
            ("平方米", Some("平方米")),
            ("％以上", Some("%")),
            ("年度", None),
            ("周岁", None),
            ("公文", None),
            ("名单", None),
            ("期工程", None),
            ("期完成", Some("期")),
        ];
        for (text, unit) in cases {
            assert_eq!(unit_at(&Source::new(text), 0).map(|u| u.word), unit, "{text}");
        }
    }
}
