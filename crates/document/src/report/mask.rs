//! What must not leave the house: numbers of people and full names of households.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::text::glyph::is_ideograph;
use crate::text::people::{DOUBLE_SURNAMES, SURNAMES};
use crate::text::wordset::WordSet;

/// Words that stand before the name of an ordinary person.
const TITLES: [&str; 19] = [
    "村民",
    "农户",
    "户主",
    "群众",
    "脱贫户",
    "贫困户",
    "监测户",
    "监测对象",
    "边缘户",
    "低保户",
    "五保户",
    "特困户",
    "患者",
    "学生",
    "残疾人",
    "一般户",
    "建档立卡户",
    "搬迁户",
    "当事人",
];

/// Characters that never belong to a given name: what follows the name in a sentence.
const AFTER_NAME: &str =
    "，。；：、（）()“”《》,.;: \t\n的在等户家两未不已因与和及同向至到从将把被对为有无是于由其该";

/// Numerals: behind a surname they may be a given name (王五) or a count (于三月).
const NUMERALS: &str = "一二三四五六七八九十";

/// Words of the field that begin like a name: a surname, and what makes a word of it.
const WORDS: &str = "安全 安置 安排 安装 白内障 包保 包村 包户 包括 边缘 常年 成员 成立 成绩 车辆 党员 党支部 党组织 单独 单位 单身 方便 方面 \
    方式 方法 房屋 房子 符合 付出 高龄 高度 顾虑 关心 关注 关系 关于 管理 管护 计划 解决 解释 金额 金融 景区 冷暖 连续 连片 \
    连同 路线 路灯 马上 毛利 农业 农村 农户 农田 牛羊 全部 全面 全体 全家 全程 全年 全县 全镇 全村 任务 任何 尚有 申请 申报 \
    施工 时间 时候 时有 师生 司法 温饱 文化 文件 席位 项目 向上 向村 向镇 向县 向乡 向政府 严重 严格 严禁 易地 易返贫 应当 \
    应急 应该 应享 应参 余款 余额 于当 于本 于今 于去 于次 于上 于下 万元 万人 万余 卫生 支出 左右 游客 费用 米面 麦田 边远 \
    宁可 宁愿 简单 纪律 温度";

/// Masks a text for publication: identity numbers, phone numbers and bank cards lose their digits,
/// household names become surname + 某.
///
/// # Shape
/// `names` are full names known from the ledgers; beside them every name that stands behind a word
/// such as 村民 or 户主 is masked. The rest of the text stays as it is.
///
/// # Source
/// `domain.md` §6.5 and §6.7.
///
/// # Example
/// ```
/// use taizhang_document::report::mask_public;
/// let text = "已走访村民周小雨，电话13800001234。";
/// assert_eq!(mask_public(text, &[]), "已走访村民周某，电话***********。");
/// ```
#[must_use]
pub fn mask_public(text: &str, names: &[String]) -> String {
    let mut masked = mask_numbers(text);
    let mut longest_first: Vec<&String> =
        names.iter().filter(|name| name.chars().count() >= 2).collect();
    longest_first.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
    for name in longest_first {
        masked = masked.replace(name.as_str(), &surname_form(name));
    }
    mask_titled_names(&masked)
}

/// Everything in a text that could be somebody's full name: every two to four ideographs in a
/// row, and every run of them joined by `·`. A register tells which of them are names; words of the
/// field are left out even where somebody is called so.
///
/// # Example
/// ```
/// use taizhang_document::report::possible_names;
/// let names = possible_names("走访周小雨、古丽·艾山。");
/// assert!(names.contains("周小雨") && names.contains("古丽·艾山"));
/// assert!(!names.contains("雨、古"));
/// ```
#[must_use]
pub fn possible_names(text: &str) -> BTreeSet<String> {
    let words: BTreeSet<&str> = WORDS.split_whitespace().collect();
    let mut names = BTreeSet::new();
    for run in text.split(|c: char| !is_ideograph(c) && c != '·') {
        if run.contains('·') {
            names.insert(run.to_owned());
        }
        let characters: Vec<char> = run.chars().collect();
        for length in 2..=4 {
            let windows = characters.windows(length).filter(|window| !window.contains(&'·'));
            names.extend(windows.map(|window| window.iter().collect::<String>()));
        }
    }
    names.retain(|name| !words.contains(name.as_str()));
    names
}

fn surname_form(name: &str) -> String {
    let double = DOUBLE_SURNAMES.iter().find(|surname| name.starts_with(**surname));
    match double {
        Some(surname) => format!("{surname}某"),
        None => format!("{}某", name.chars().take(1).collect::<String>()),
    }
}

/// Replaces every run of 11 or more digits (spaces, hyphens and full-width forms do not hide one)
/// by stars, with the letter that may end an identity number.
fn mask_numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut output = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let (end, digits) = digit_run(&characters, at);
        if digits >= 11 {
            output.push_str(&"*".repeat(digits));
            at = end;
        } else if digits > 0 {
            output.extend(characters.get(at..end).unwrap_or_default());
            at = end;
        } else {
            output.push(character);
            at += 1;
        }
    }
    output
}

/// End of the digit run that begins at `start` and the number of its digits.
fn digit_run(characters: &[char], start: usize) -> (usize, usize) {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_joint = |c: char| matches!(c, ' ' | '-' | '\u{3000}' | '－' | '\u{200b}');
    let mut digits = 0;
    let mut end = start;
    let mut at = start;
    while let Some(&character) = characters.get(at) {
        if is_digit(character) || (digits == 17 && matches!(character, 'x' | 'X' | 'Ｘ' | 'ｘ')) {
            digits += 1;
            at += 1;
            end = at;
        } else if digits > 0 && is_joint(character) {
            at += 1;
        } else {
            break;
        }
    }
    (end, digits)
}

fn mask_titled_names(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, title, after)) = next_title(rest) {
        output.push_str(before);
        output.push_str(title);
        let (surname, given_length) = leading_name(after);
        if given_length > 0 {
            output.push_str(surname);
            output.push('某');
            let skip = surname.len()
                + after
                    .chars()
                    .skip(surname.chars().count())
                    .take(given_length)
                    .map(char::len_utf8)
                    .sum::<usize>();
            rest = after.get(skip..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    output.push_str(rest);
    output
}

/// Splits at the first title; of two that begin at the same place the longer one.
fn next_title(text: &str) -> Option<(&str, &'static str, &str)> {
    text.char_indices().find_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        let here = TITLES.iter().filter_map(|title| Some((*title, rest.strip_prefix(title)?)));
        let (title, after) = here.max_by_key(|(title, _)| title.len())?;
        Some((before, title, after))
    })
}

/// The surname at the beginning and the number of characters of the given name (0 if the text does
/// not begin with a name).
fn leading_name(text: &str) -> (&str, usize) {
    static NO_NAMES: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(WORDS, &[]));
    let head: Vec<char> = text.chars().take(4).collect();
    if NO_NAMES.starts(&head) {
        return ("", 0);
    }
    let double = DOUBLE_SURNAMES.iter().find(|surname| text.starts_with(**surname));
    let surname = match (double, head.first()) {
        (Some(surname), _) => text.get(..surname.len()).unwrap_or_default(),
        (None, Some(first)) if SURNAMES.contains(*first) => {
            text.get(..first.len_utf8()).unwrap_or_default()
        }
        _ => return ("", 0),
    };
    let rest = head.get(surname.chars().count()..).unwrap_or_default();
    if rest.first() == Some(&'某') {
        return ("", 0);
    }
    let may_be_given = |c: &char| is_ideograph(*c) && !AFTER_NAME.contains(*c);
    let given = rest.iter().take(2).take_while(|c| may_be_given(c)).count();
    let given = rest.get(..given).unwrap_or_default();
    // 于三月, 余五户: a numeral before a measure word counts, it is no name.
    let counts = given.first().is_some_and(|c| NUMERALS.contains(*c))
        && rest.get(1).is_some_and(|c| "户人名家个月日年岁次笔亩元".contains(*c));
    if counts { ("", 0) } else { (surname, given.len()) }
}

#[cfg(test)]
mod tests {
    use super::mask_public;

    #[test]
    fn people_do_not_leave_the_house() {
        let known = ["欧阳小满".to_owned(), "何青".to_owned()];
        let cases = [
            ("村民周小雨家", "村民周某家"),
            ("户主何青、欧阳小满已签字", "户主何某、欧阳某已签字"),
            ("建档立卡户王大山未签字", "建档立卡户王某未签字"),
            ("群众满意度98%", "群众满意度98%"),
            ("脱贫户4027户14649人", "脱贫户4027户14649人"),
            ("电话１３８ ０000-1234", "电话***********"),
            ("号990001197001010019", "号******************"),
            ("号99000119700101001X。", "号******************。"),
            ("村民王某已搬迁", "村民王某已搬迁"),
            ("村民代表大会", "村民代表大会"),
            ("脱贫户和监测户共12户", "脱贫户和监测户共12户"),
            ("群众关心的问题，农户安全住房", "群众关心的问题，农户安全住房"),
            ("群众申请后，监测户于三月核实", "群众申请后，监测户于三月核实"),
            ("脱贫户全部达标，农户严重困难", "脱贫户全部达标，农户严重困难"),
            ("农户王五、村民周一鸣未签字", "农户王某、村民周某未签字"),
            ("户主于小雨", "户主于某"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask_public(text, &known), expected, "{text}");
        }
    }
}
