//! Figures: numerals with a measure word (schema rules N1–N6).
//!
//! One pass over the text. A numeral becomes a figure when a measure word follows it and nothing
//! around it says that it is a date, an ordinal, a road, a document number or part of a name.

mod context;
mod numeral;
mod units;

use crate::joined::Joined;
use crate::model::{Figure, Number};
use crate::source::{Source, Span};
use crate::text::written::id;
use context::Zones;
pub(crate) use context::{clause_before, ends_with, is_upper_bound, sentence_before};
use numeral::{Numeral, Run};
use units::Unit;

/// Measure words with which a numeral in Chinese characters is a figure (rule N5).
const CHARACTER_UNITS: &[&str] = &["户", "人", "名", "位", "元", "亩", "场", "起", "%"];

/// All figures of the text, in text order; one pass.
///
/// ```
/// use taizhang_document::{figures, source::Source};
/// let found = figures::find(&Source::new("补助资金31.8万元,涉及2020年的12户。"));
/// assert_eq!(found.iter().map(|f| f.raw.as_str()).collect::<Vec<_>>(), ["31.8万元", "12户"]);
/// assert_eq!(found[0].value.0, 318_000.0);
/// ```
#[must_use]
pub fn find(source: &Source) -> Vec<Figure> {
    let zones = Zones::new(source);
    let mut figures: Vec<Figure> = Vec::with_capacity(source.len() / 48);
    let mut at = 0;
    while let Some(c) = source.at(at) {
        let (candidate, next) = candidate_at(source, at, c);
        at = next;
        let Some((numeral, unit)) = candidate.filter(|(n, _)| !zones.bars(n.start)) else {
            continue;
        };
        let mut figure = build(source, &zones, numeral, unit, figures.len());
        if let Some(last) = figures.last_mut() {
            tie(source, last, &mut figure);
        }
        figures.push(figure);
    }
    figures
}

/// All figures of a text whose wrapped lines are joined, with their places in the file.
pub(crate) fn find_joined(original: &Source, joined: &Joined<'_>) -> Vec<Figure> {
    let mut figures = find(joined.source());
    if !joined.is_plain() {
        for figure in &mut figures {
            figure.span = joined.outward(figure.span);
            figure.raw = original.text(figure.span);
            figure.line = original.line_of(figure.span.start);
        }
    }
    figures
}

/// The figure that begins at `at`, if there is one, and where scanning goes on.
fn candidate_at(source: &Source, at: usize, c: char) -> (Option<(Numeral, Unit)>, usize) {
    if numeral::digit(c).is_some() {
        return arabic_at(source, at);
    }
    if c == '百' && source.starts_with(at, "百分之") {
        return percent_at(source, at);
    }
    if numeral::is_character(c) {
        return characters_at(source, at);
    }
    (None, at + 1)
}

/// A figure in Arabic digits at `at`.
fn arabic_at(source: &Source, at: usize) -> (Option<(Numeral, Unit)>, usize) {
    let number = match numeral::arabic(source, at) {
        Run::Other(next) => return (None, next),
        Run::Number(number) => number,
    };
    if is_name_or_ordinal(source, at) {
        return (None, number.end);
    }
    for numeral in [number, numeral::with_multipliers(source, number)] {
        let from = skip_gap(source, at, numeral.end);
        if let Some(unit) = units::unit_at(source, from)
            && !is_rank(source, at, unit)
            && !is_year_start(number, unit)
            && !is_group_name(source, at, unit)
            && !is_minute(source, at, unit)
        {
            return (Some((numeral, unit)), unit.end);
        }
    }
    (None, number.end)
}

/// Whether what stands before the digits makes them an ordinal, a road or a code.
fn is_name_or_ordinal(source: &Source, at: usize) -> bool {
    match source.before(at) {
        Some('第' | '№' | '#') => true,
        Some(' ') => source.before(at - 1) == Some('第'),
        Some(c) => c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '．'),
        None => false,
    }
}

/// 前10名, 排名前3位 are ranks.
fn is_rank(source: &Source, at: usize, unit: Unit) -> bool {
    matches!(unit.word, "名" | "位") && source.before(at) == Some('前')
}

/// 2组, 3队, 1班 are names of groups unless the text divides into them or counts them.
fn is_group_name(source: &Source, at: usize, unit: Unit) -> bool {
    let counted = matches!(
        source.before(at),
        Some(
            '分' | '成'
                | '立'
                | '建'
                | '设'
                | '共'
                | '为'
                | '辖'
                | '有'
                | '出'
                | '织'
                | '个'
                | '余'
        )
    );
    matches!(unit.word, "组" | "队" | "班") && !counted
}

/// 9时20分 is a time of day.
fn is_minute(source: &Source, at: usize, unit: Unit) -> bool {
    unit.word == "分" && matches!(source.before(at), Some('时' | '点'))
}

/// 2020起 is a year with 年 left out.
fn is_year_start(number: Numeral, unit: Unit) -> bool {
    unit.word == "起" && number.decimals == 0 && (1990..=2099).contains(&number.mantissa)
}

/// Where the measure word may begin: at `end`, or behind one space. A number at the head of a line
/// stands apart from what follows: it is a list number.
fn skip_gap(source: &Source, start: usize, end: usize) -> usize {
    let spaced = source.at(end).is_some_and(|c| c.is_whitespace() && !matches!(c, '\n' | '\r'));
    if !spaced {
        return end;
    }
    // Only the blanks right before the number are looked at, however long the line is.
    let before = source.slice(Span::new(0, start)).iter().rev();
    let stands_in = before.take_while(|c| **c != '\n').any(|c| !c.is_whitespace());
    if stands_in { end + 1 } else { end }
}

/// 百分之九十五.
fn percent_at(source: &Source, at: usize) -> (Option<(Numeral, Unit)>, usize) {
    let digits = at + 3;
    let (number, next) = match source.at(digits) {
        Some(c) if numeral::digit(c).is_some() => match numeral::arabic(source, digits) {
            Run::Number(number) => (Some(number), number.end),
            Run::Other(next) => (None, next),
        },
        _ => {
            let mut end = digits;
            while source.at(end).is_some_and(numeral::is_character) && end < digits + 8 {
                end += 1;
            }
            let run = source.slice(Span::new(digits, end));
            let hundred = run == ['百'];
            let value = if hundred { Some(100) } else { numeral::parse_characters(run) };
            let number = value.map(|mantissa| Numeral {
                start: at,
                end,
                mantissa,
                decimals: 0,
                scale: 1,
                chinese: true,
            });
            (number, end.max(digits))
        }
    };
    let figure = number.map(|n| {
        let unit = Unit { word: "%", end: n.end };
        (Numeral { start: at, chinese: true, ..n }, unit)
    });
    (figure, next)
}

/// A figure in Chinese characters at `at` (rule N5).
fn characters_at(source: &Source, at: usize) -> (Option<(Numeral, Unit)>, usize) {
    let (number, next) = numeral::characters(source, at);
    let Some(number) = number else { return (None, next) };
    if matches!(
        source.before(at),
        Some('第' | '同' | '另' | '某' | '哪' | '任' | '每' | '单' | '统')
    ) {
        return (None, next);
    }
    let Some(unit) = units::unit_at(source, number.end) else { return (None, next) };
    let wanted = (CHARACTER_UNITS.contains(&unit.word) && !is_set_phrase(source, number, unit))
        || is_threshold(source, at, unit)
        || counts_aspects(source, unit);
    if wanted { (Some((number, unit)), unit.end) } else { (None, next) }
}

/// 一户一策, 一人一案, 一起, 两户两: phrases in which the numeral counts nothing.
fn is_set_phrase(source: &Source, number: Numeral, unit: Unit) -> bool {
    let echo = source.at(number.start) == source.at(unit.end);
    let doubled = number.mantissa == 1
        && matches!(source.before(number.start), Some('户' | '人' | '村' | '岗' | '一'));
    let together = unit.word == "起"
        && number.mantissa == 1
        && !["案", "违", "典型", "事"].iter().any(|w| source.starts_with(unit.end, w));
    // 一户不落, 一人不漏.
    let none_left = number.mantissa == 1 && source.at(unit.end) == Some('不');
    echo || doubled || together || none_left
}

/// 每周…一次, 至少一次, 一名以上.
fn is_threshold(source: &Source, at: usize, unit: Unit) -> bool {
    let clause = clause_before(source, at, 14);
    let frequency = source.find(clause, "每").is_some() && unit.word == "次";
    let least = ["至少", "不少于", "不低于", "最少", "不得少于", "不超过"]
        .iter()
        .any(|word| source.find(clause, word).is_some());
    let bound = ["以上", "以下", "以内"].iter().any(|word| source.starts_with(unit.end, word));
    frequency || least || bound
}

/// 四个方面, 六类问题: the counts that cross-checks need.
fn counts_aspects(source: &Source, unit: Unit) -> bool {
    let counter = matches!(unit.word, "个" | "类" | "条" | "项" | "件");
    let noun = ["方面", "问题", "突出问题", "共性问题", "个性问题", "具体问题", "大方面"];
    counter && noun.iter().any(|word| source.starts_with(unit.end, word))
}

/// Puts a figure together.
fn build(source: &Source, zones: &Zones, numeral: Numeral, unit: Unit, index: usize) -> Figure {
    let span = Span::new(numeral.start, unit.end);
    let value = numeral.value();
    let count = whole(value);
    Figure {
        id: id('N', index + 1, 3),
        raw: source.text(span),
        span,
        value: Number(value),
        unit: unit.word.to_owned(),
        modifier: context::modifier(source, span),
        households: count.filter(|_| unit.word == "户"),
        persons: count.filter(|_| matches!(unit.word, "人" | "名" | "位")),
        pair: None,
        as_of: context::as_of(source, span.start),
        subject: context::subject(source, span),
        line: source.line_of(span.start),
        optional: zones.quotes(span.start),
    }
}

/// The value as a count.
fn whole(value: f64) -> Option<u64> {
    // Below 2^53 every whole number is exact.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative and below 2^53"
    )]
    (value.fract() == 0.0 && (0.0..9e15).contains(&value)).then_some(value as u64)
}

/// Ties `4027户14649人` into a pair; only an opening or enumeration mark may stand between.
fn tie(source: &Source, last: &mut Figure, figure: &mut Figure) {
    let between = source.slice(Span::new(last.span.end, figure.span.start));
    let adjacent = between.iter().all(|c| matches!(c, '、' | ',' | '，' | ' '))
        && between.len() <= 1
        && last.span.end <= figure.span.start;
    if !adjacent || last.unit != "户" || figure.unit != "人" || last.pair.is_some() {
        return;
    }
    if ends_with(source, last.span.start, "户均") {
        return;
    }
    last.pair = Some(figure.id.clone());
    figure.pair = Some(last.id.clone());
    last.persons = figure.persons;
    figure.households = last.households;
    figure.subject.clone_from(&last.subject);
}

#[cfg(test)]
mod tests;
