//! The value of a deadline field (schema D2, D3).

use crate::date::{self, Date, last_day};
use crate::model::{Deadline, DeadlineKind};
use crate::source::{Source, Span};
use crate::text::glyph::{compact, digit, han_digit, is_ideograph};

const ONGOING: [&str; 9] =
    ["长期", "持续", "常态", "全年", "坚持", "不间断", "经常性", "贯穿", "常抓"];
const IMMEDIATE: [&str; 9] =
    ["立行立改", "即知即改", "立即", "即时", "立整立改", "立查立改", "边查边改", "即改", "马上"];
const TERMS: [&str; 9] = ["个月", "天", "日内", "周", "工作日", "月内", "年内", "小时", "季度"];

/// Reads the value of a deadline field; an empty span or a placeholder is `redacted`.
pub(crate) fn read(source: &Source, span: Span) -> Deadline {
    let text = compact(source.slice(span).iter().copied());
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let (immediate, ongoing) = (has(&IMMEDIATE), has(&ONGOING));
    let date = date_of(source, span, &text);
    let kind = if is_placeholder_text(&text) {
        DeadlineKind::Redacted
    } else if date.is_some() {
        DeadlineKind::Date
    } else if is_relative(&text) {
        DeadlineKind::Relative
    } else if ongoing {
        DeadlineKind::Ongoing
    } else if immediate {
        DeadlineKind::Immediate
    } else {
        DeadlineKind::Relative
    };
    let date = date.map(Date::iso);
    Deadline { raw: source.text(span), span, kind, date, immediate, ongoing }
}

/// The last date that the value names.
fn date_of(source: &Source, span: Span, text: &str) -> Option<Date> {
    let found = date::find(source, span);
    if let Some(expression) = found.last() {
        let date = expression.last();
        // A bare year may go on with a quarter or with 底.
        return Some(quarter_end(date, text).unwrap_or(date));
    }
    if text.contains("年底") || text.contains("年末") {
        return Some(Date { year: None, month: Some(12), day: Some(31) });
    }
    bare_month(text)
}

/// 2023年二季度末, 2022年上半年.
fn quarter_end(date: Date, text: &str) -> Option<Date> {
    if date.month.is_some() {
        return None;
    }
    let end = |month| Date { month: Some(month), day: Some(last_day(date.year, month)), ..date };
    if text.contains("上半年") {
        return Some(end(6));
    }
    if text.contains("下半年") || text.contains("年内") {
        return Some(end(12));
    }
    let (before, _) = text.split_once("季度")?;
    let number = before.chars().last().and_then(|c| han_digit(c).or_else(|| digit(c)))?;
    (1..=4).contains(&number).then(|| end(number * 3))
}

/// `6月前`, `6月份`: a month without day and year.
fn bare_month(text: &str) -> Option<Date> {
    let (before, after) = text.split_once('月')?;
    if after.starts_with('内') || before.ends_with('个') {
        return None;
    }
    let digits: Vec<u32> = before.chars().rev().map_while(digit).take(2).collect();
    let month = digits.iter().rev().fold(0, |sum, d| sum * 10 + d);
    (1..=12).contains(&month).then_some(Date { year: None, month: Some(month), day: None })
}

fn is_relative(text: &str) -> bool {
    let counted = text.chars().any(|c| digit(c).is_some() || han_digit(c).is_some());
    counted && TERMS.iter().any(|t| text.contains(t))
}

/// Whether a value is blank or only a placeholder (schema §3, `empty_value`).
pub(crate) fn is_placeholder(source: &Source, value: Span) -> bool {
    // Names and sentences begin with an ideograph that no placeholder begins with.
    let first = source.slice(value).iter().find(|c| !c.is_whitespace());
    !first.is_some_and(|c| begins_name(*c)) && is_placeholder_text(&source.text(value))
}

fn begins_name(c: char) -> bool {
    is_ideograph(c) && !"待无暂空未年月日".contains(c)
}

fn is_placeholder_text(text: &str) -> bool {
    if text.len() > 40 || text.trim_start().chars().next().is_some_and(begins_name) {
        return false;
    }
    let text = compact(text.chars());
    let marks = |c: char| {
        matches!(
            c,
            '*' | '＊'
                | '×'
                | 'X'
                | 'x'
                | 'Ｘ'
                | '✕'
                | '/'
                | '／'
                | '—'
                | '-'
                | '－'
                | '–'
                | '_'
                | '＿'
                | '…'
                | '·'
                | '.'
                | '?'
                | '？'
                | '○'
                | '〇'
                | '□'
                | '~'
        )
    };
    if text.chars().all(marks) {
        return true;
    }
    // A blank form: `年  月  日`.
    let form = text.contains('月')
        && text.chars().all(|c| marks(c) || matches!(c, '年' | '月' | '日' | '前'));
    form || matches!(
        text.as_str(),
        "待定" | "无" | "暂无" | "待补充" | "待填" | "空" | "未定" | "待明确" | "待确定"
    ) || text == "&nbsp;"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_have_kind_date_and_flags() {
        use DeadlineKind as K;
        for (text, kind, iso, immediate, ongoing) in [
            ("2020年10月15日", K::Date, Some("2020-10-15"), false, false),
            ("5月20日", K::Date, Some("--05-20"), false, false),
            ("立行立改", K::Immediate, None, true, false),
            ("立行立改,长期坚持", K::Ongoing, None, true, true),
            ("2019年6月底前,并长期坚持", K::Date, Some("2019-06-30"), false, true),
            ("反馈后3个月内", K::Relative, None, false, false),
            ("全年持续推进", K::Ongoing, None, false, true),
            ("**", K::Redacted, None, false, false),
            ("  年  月  日", K::Redacted, None, false, false),
            ("2022年3月", K::Date, Some("2022-03"), false, false),
            ("2023年二季度末", K::Date, Some("2023-06-30"), false, false),
            ("年底前", K::Date, Some("--12-31"), false, false),
            ("2021年3月至12月底", K::Date, Some("2021-12-31"), false, false),
        ] {
            let source = Source::new(text);
            let d = read(&source, source.whole());
            assert_eq!(
                (d.kind, d.date.as_deref(), d.immediate, d.ongoing),
                (kind, iso, immediate, ongoing),
                "{text}"
            );
        }
    }
}
