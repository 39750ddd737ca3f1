//! Whether a text says that a problem exists here or not (schema S1).

use crate::model::{Situation, SituationValue};
use crate::source::{Source, Span};
use crate::text::glyph::{compact, is_clause_end, is_comma};
use crate::text::markup::trim;
use crate::text::sentence;

/// Longest sentence that can be a bare statement of the situation.
const LENGTH_MAX: usize = 45;

/// How far behind the start of a statement the situation is looked for.
const REACH_MAX: usize = 240;

/// Nouns that stand for the problem itself.
const NOUNS: [&str; 6] = ["情况", "问题", "现象", "情形", "行为", "的情况"];
/// Words that point back to the problem.
const POINTERS: [&str; 12] = [
    "此类",
    "该类",
    "上述",
    "这类",
    "类似",
    "该问题",
    "此问题",
    "该项问题",
    "此项问题",
    "以上",
    "此种",
    "相关问题",
];
/// Denials.
const DENIALS: [&str; 7] =
    ["不存在", "未发现", "没有发现", "无此类", "没有此类", "无该类", "无上述"];

/// The first sentence inside `span` that states the situation.
pub(crate) fn find(source: &Source, span: Span) -> Option<Situation> {
    // The situation is stated at once or not at all.
    let span = Span::new(span.start, span.end.min(span.start + REACH_MAX));
    if !may_state(source, span) {
        return None;
    }
    sentence::statements(source, span).into_iter().take(4).find_map(|s| of_sentence(source, s))
}

/// Cheap test: without one of these characters nothing is said about the situation.
fn may_state(source: &Source, span: Span) -> bool {
    source.slice(span).iter().any(|c| matches!(c, '存' | '未' | '没' | '无'))
}

/// The situation that one sentence states.
pub(crate) fn of_sentence(source: &Source, sentence: Span) -> Option<Situation> {
    let core = without_stop(source, sentence);
    if core.is_empty() || core.len() > LENGTH_MAX || !may_state(source, core) {
        return None;
    }
    let text = compact(source.slice(core).iter().copied());
    let value = value_of(&text)?;
    Some(Situation { value, text: source.text(core), span: core })
}

/// `存在` or `不存在` as a cell or labelled value counts as well.
pub(crate) fn of_value(source: &Source, value: Span) -> Option<Situation> {
    let core = without_stop(source, value);
    let text = source.text(core);
    let found = match text.as_str() {
        "存在" | "是" | "有" => Some(SituationValue::Exists),
        "不存在" | "否" | "无" => Some(SituationValue::Absent),
        _ => None,
    };
    match found {
        Some(value) => Some(Situation { value, text, span: core }),
        None => find(source, value),
    }
}

fn value_of(text: &str) -> Option<SituationValue> {
    let points = POINTERS.iter().any(|p| text.contains(p));
    let ends = NOUNS.iter().any(|n| text.ends_with(n));
    if DENIALS.iter().any(|d| text.contains(d)) {
        let bare = text.ends_with("不存在") || text.ends_with("未发现");
        // 不存在资料不全、漏填的问题 denies; 存在…不存在衔接 would be a statement of its own.
        return (points || ends || bare).then_some(SituationValue::Absent);
    }
    if text == "存在" {
        return Some(SituationValue::Exists);
    }
    let at = text.find("存在")?;
    let after = text.get(at + "存在".len()..)?;
    let short = after.chars().count() <= 12;
    let pointed = POINTERS.iter().any(|p| after.starts_with(p) || after.contains(p));
    (short && pointed && (ends || after.is_empty())).then_some(SituationValue::Exists)
}

fn without_stop(source: &Source, span: Span) -> Span {
    let mut span = trim(source, span);
    while source.before(span.end).is_some_and(|c| is_clause_end(c) && !is_comma(c))
        && span.end > span.start
    {
        span = trim(source, Span::new(span.start, span.end - 1));
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn situations_are_told_from_problem_statements() {
        use SituationValue::{Absent, Exists};
        for (text, value) in [
            ("**镇存在此类情况。", Some(Exists)),
            ("我村不存在此类问题。", Some(Absent)),
            ("经排查，不存在因贫辍学情况。", Some(Absent)),
            ("存在", Some(Exists)),
            ("经排查无此类情况。", Some(Absent)),
            ("存在填写不规范问题。", None),
            ("部分村仍存在等靠要思想。", None),
        ] {
            let source = Source::new(text);
            assert_eq!(find(&source, source.whole()).map(|s| s.value), value, "{text}");
        }
    }
}
