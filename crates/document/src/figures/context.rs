//! What stands around a figure: modifier, moment, subject; and the places where numerals are no
//! figures (book titles, mark-up).

use std::sync::LazyLock;

use crate::date::{self, Date, Expression};
use crate::model::Modifier;
use crate::source::{Source, Span};
use crate::text::glyph::digit;
use crate::text::wordset::WordSet;

/// Words right before a numeral and what they make of it; longer ones first.
const BEFORE: &[(&str, Modifier)] = &[
    ("不得少于", Modifier::AtLeast),
    ("不得低于", Modifier::AtLeast),
    ("不少于", Modifier::AtLeast),
    ("不低于", Modifier::AtLeast),
    ("不得超过", Modifier::AtMost),
    ("不超过", Modifier::AtMost),
    ("不高于", Modifier::AtMost),
    ("不多于", Modifier::AtMost),
    ("至少", Modifier::AtLeast),
    ("最少", Modifier::AtLeast),
    ("最多", Modifier::AtMost),
    ("至多", Modifier::AtMost),
    ("突破了", Modifier::Over),
    ("突破", Modifier::Over),
    ("超过", Modifier::Over),
    ("略高于", Modifier::Over),
    ("高于", Modifier::Over),
    ("超", Modifier::Over),
    ("低于", Modifier::Under),
    ("少于", Modifier::Under),
    ("不足", Modifier::Under),
    ("不到", Modifier::Under),
    ("将近", Modifier::Under),
    ("接近", Modifier::Under),
    ("近", Modifier::Under),
    ("大约", Modifier::About),
    ("约为", Modifier::About),
    ("约", Modifier::About),
];

/// Words right behind a measure word.
const BEHIND: &[(&str, Modifier)] = &[
    ("及以上", Modifier::AtLeast),
    ("以上", Modifier::AtLeast),
    ("及以下", Modifier::AtMost),
    ("以下", Modifier::AtMost),
    ("以内", Modifier::AtMost),
    ("之内", Modifier::AtMost),
    ("左右", Modifier::About),
    ("上下", Modifier::About),
];

/// Words that say “now” in the sentence before a figure.
static NOW: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("目前 截至 截止 现有 今年以来 现已", &[]));

/// How far back a sentence is searched for a modifier, a date or a subject.
const SENTENCE_MAX: usize = 60;

/// The modifier of the figure at `span`.
pub fn modifier(source: &Source, span: Span) -> Option<Modifier> {
    static LAST: LazyLock<Vec<char>> =
        LazyLock::new(|| BEFORE.iter().filter_map(|(word, _)| word.chars().last()).collect());
    let behind = || BEHIND.iter().find(|(word, _)| source.starts_with(span.end, word));
    let near = source.before(span.start).is_some_and(|c| LAST.contains(&c));
    let before = || BEFORE.iter().find(|(word, _)| ends_with(source, span.start, word));
    if let Some((_, modifier)) = near.then(before).flatten().or_else(behind) {
        return Some(*modifier);
    }
    // 3—5户: the measure word belongs to the upper bound.
    if is_upper_bound(source, span.start) {
        return Some(Modifier::AtMost);
    }
    // 至少有1个, 至少到联系村调研1次: the word may stand before the verb.
    let clause = clause_before(source, span.start, 10);
    source.find(clause, "至少").map(|_| Modifier::AtLeast)
}

/// Whether the numeral at `at` closes a range whose lower bound has no measure word.
pub fn is_upper_bound(source: &Source, at: usize) -> bool {
    let dash = |c: char| matches!(c, '-' | '—' | '–' | '－' | '~' | '～' | '至');
    let marks =
        (1..=2).take_while(|n| at.checked_sub(*n).and_then(|i| source.at(i)).is_some_and(dash));
    let marks = marks.count();
    let number = |c: char| digit(c).is_some() || matches!(c, '万' | '千' | '百' | '亿');
    marks > 0 && source.before(at - marks).is_some_and(number)
}

/// Whether `word` ends right before `at`.
pub fn ends_with(source: &Source, at: usize, word: &str) -> bool {
    let length = word.chars().count();
    at.checked_sub(length).is_some_and(|start| source.starts_with(start, word))
}

/// The stretch of the clause before `at`, at most `limit` scalars.
pub(crate) fn clause_before(source: &Source, at: usize, limit: usize) -> Span {
    stretch_before(source, at, limit, |c| {
        matches!(c, '。' | '，' | ',' | '；' | ';' | '、' | '：' | ':' | '\n' | '(' | '（' | '|')
    })
}

/// The stretch of the sentence before `at`, at most `limit` scalars.
pub(crate) fn sentence_before(source: &Source, at: usize, limit: usize) -> Span {
    stretch_before(source, at, limit, |c| matches!(c, '。' | '\n' | '|'))
}

/// The stretch before `at` up to a scalar that `ends` it.
fn stretch_before(source: &Source, at: usize, limit: usize, ends: impl Fn(char) -> bool) -> Span {
    let low = at.saturating_sub(limit);
    let window = source.slice(Span::new(low, at));
    let start = window.iter().rposition(|c| ends(*c)).map_or(low, |i| low + i + 1);
    Span::new(start, at)
}

/// The moment to which a figure belongs: the last date with a year before it in its sentence, else
/// `current` if the sentence says 目前 or the like.
pub fn as_of(source: &Source, at: usize) -> Option<String> {
    let sentence = sentence_before(source, at, SENTENCE_MAX);
    // Without 年 there is no date.
    let dated = source.slice(sentence).contains(&'年');
    let dates = if dated { date::find(source, sentence) } else { Vec::new() };
    let last = dates.iter().map(Expression::last).rfind(|date| date.year.is_some());
    let current = || NOW.found_in(source.slice(sentence)).then(|| "current".to_owned());
    last.map(Date::iso).or_else(current)
}

/// What is counted: the noun behind the measure word, else the words before the numeral.
pub fn subject(source: &Source, span: Span) -> String {
    let behind = Span::new(span.end, (span.end + 10).min(source.len()));
    let stop = source.position(behind, |c| !is_word(c)).unwrap_or(behind.end);
    let noun = source.text(Span::new(span.end, stop));
    let plain = noun.trim_start_matches('的');
    if !plain.is_empty() && !BEHIND.iter().any(|(word, _)| plain.starts_with(word)) {
        return plain.to_owned();
    }
    let clause = source.trim(clause_before(source, span.start, 12));
    source.text(clause)
}

/// Whether `c` is part of a word (no punctuation, space or digit).
pub fn is_word(c: char) -> bool {
    // Most of the text, and spared the look-up in the tables of all scripts.
    matches!(c, '\u{4e00}'..='\u{9fa5}')
        || (c.is_alphabetic() && super::numeral::digit(c).is_none())
}

/// Stretches in which numerals are no figures, or only optional ones.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// 《…》 and mark-up tags.
    barred: Vec<Span>,
    /// “…”.
    quoted: Vec<Span>,
}

/// Longest title in 《》 and longest tag that are believed to be one.
const BARRED_MAX: usize = 400;
/// Longest quotation.
const QUOTED_MAX: usize = 80;

impl Zones {
    /// Finds titles, tags and quotations in one pass.
    pub fn new(source: &Source) -> Self {
        let mut zones = Self::default();
        let (mut title, mut tag, mut quote) = (None, None, None);
        for (i, c) in source.chars().iter().enumerate() {
            match c {
                '《' => title = title.or(Some(i)),
                '》' => close(&mut zones.barred, &mut title, i, BARRED_MAX),
                '<' if opens_tag(source, i) => tag = Some(i),
                '>' => close(&mut zones.barred, &mut tag, i, BARRED_MAX),
                '“' => quote = Some(i),
                '”' => close(&mut zones.quoted, &mut quote, i, QUOTED_MAX),
                '\n' | '。' => title = title.filter(|start| i - start < 60),
                _ => {}
            }
        }
        zones.barred.sort_unstable();
        zones
    }

    /// Whether a figure may not begin at `at`.
    pub fn bars(&self, at: usize) -> bool {
        inside(&self.barred, at)
    }

    /// Whether `at` stands in a quotation.
    pub fn quotes(&self, at: usize) -> bool {
        inside(&self.quoted, at)
    }
}

/// Ends an open stretch at `i` and keeps it unless it is too long to be one.
fn close(spans: &mut Vec<Span>, open: &mut Option<usize>, i: usize, limit: usize) {
    if let Some(start) = open.take()
        && i - start <= limit
    {
        spans.push(Span::new(start, i + 1));
    }
}

/// Whether the `<` at `i` opens a tag rather than being a sign in the text.
fn opens_tag(source: &Source, i: usize) -> bool {
    source.at(i + 1).is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!')
}

/// Whether one of the sorted spans contains `at`; nested spans do not occur far apart.
fn inside(spans: &[Span], at: usize) -> bool {
    let after = spans.partition_point(|span| span.start <= at);
    spans
        .get(after.saturating_sub(2)..after)
        .is_some_and(|near| near.iter().any(|s| s.contains(at)))
}
