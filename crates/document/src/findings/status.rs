//! Status of a finding: a field, or a closing note on the whole finding (schema S2).

use std::sync::LazyLock;

use crate::model::{Status, StatusValue};
use crate::source::{Source, Span};
use crate::text::glyph::{compact, is_blank, is_clause_end};
use crate::text::markup::trim;
use crate::text::sentence;
use crate::text::wordset::WordSet;

/// Words of each value; a longer word wins over a shorter one at the same place.
const WORDS: [(&str, StatusValue); 64] = [
    ("未完成", StatusValue::NotStarted),
    ("未启动", StatusValue::NotStarted),
    ("未整改", StatusValue::NotStarted),
    ("尚未完成", StatusValue::NotStarted),
    ("尚未启动", StatusValue::NotStarted),
    ("尚未整改", StatusValue::NotStarted),
    ("未开始", StatusValue::NotStarted),
    ("未开展", StatusValue::NotStarted),
    ("未销号", StatusValue::NotStarted),
    ("基本完成", StatusValue::Partial),
    ("阶段性完成", StatusValue::Partial),
    ("部分完成", StatusValue::Partial),
    ("基本整改", StatusValue::Partial),
    ("部分整改", StatusValue::Partial),
    ("已基本完成", StatusValue::Partial),
    ("取得阶段性成效", StatusValue::Partial),
    ("阶段性整改", StatusValue::Partial),
    ("已阶段性完成", StatusValue::Partial),
    ("初步完成", StatusValue::Partial),
    ("已部分完成", StatusValue::Partial),
    ("正在整改", StatusValue::InProgress),
    ("正在推进", StatusValue::InProgress),
    ("持续整改", StatusValue::InProgress),
    ("整改中", StatusValue::InProgress),
    ("推进中", StatusValue::InProgress),
    ("持续推进", StatusValue::InProgress),
    ("进行中", StatusValue::InProgress),
    ("正在办理", StatusValue::InProgress),
    ("正在进行", StatusValue::InProgress),
    ("正在落实", StatusValue::InProgress),
    ("正在实施", StatusValue::InProgress),
    ("办理中", StatusValue::InProgress),
    ("有序推进", StatusValue::InProgress),
    ("加快推进", StatusValue::InProgress),
    ("未完成整改", StatusValue::NotStarted),
    ("正在开展", StatusValue::InProgress),
    ("已启动", StatusValue::InProgress),
    ("正持续整改", StatusValue::InProgress),
    ("长期坚持", StatusValue::Ongoing),
    ("长期整改", StatusValue::Ongoing),
    ("常态化推进", StatusValue::Ongoing),
    ("常态化坚持", StatusValue::Ongoing),
    ("持续坚持", StatusValue::Ongoing),
    ("常态长效", StatusValue::Ongoing),
    ("已完成", StatusValue::Completed),
    ("已整改", StatusValue::Completed),
    ("已销号", StatusValue::Completed),
    ("整改到位", StatusValue::Completed),
    ("完成整改", StatusValue::Completed),
    ("整改完成", StatusValue::Completed),
    ("已办结", StatusValue::Completed),
    ("整改完毕", StatusValue::Completed),
    ("已经完成", StatusValue::Completed),
    ("全部完成", StatusValue::Completed),
    ("已落实", StatusValue::Completed),
    ("已全部整改", StatusValue::Completed),
    ("已整改到位", StatusValue::Completed),
    ("已完成整改", StatusValue::Completed),
    ("已整改完成", StatusValue::Completed),
    ("已全部完成", StatusValue::Completed),
    ("办结", StatusValue::Completed),
    ("销号", StatusValue::Completed),
    ("完成", StatusValue::Completed),
    ("已经整改", StatusValue::Completed),
];

static SET: LazyLock<WordSet<StatusValue>> = LazyLock::new(|| WordSet::of(WORDS));

/// The first status word of a text: value and place.
fn first_word(source: &Source, span: Span) -> Option<(StatusValue, Span)> {
    if source.slice(span).iter().any(|c| is_blank(*c)) {
        return first_broken_word(source, span);
    }
    let rest = source.chars().get(span.start..).unwrap_or_default();
    let (at, (length, value)) =
        (0..span.len()).find_map(|i| Some((span.start + i, SET.longest(rest.get(i..)?)?)))?;
    (at + length <= span.end).then_some((value, Span::new(at, at + length)))
}

/// The first status word of a text with blanks: a line may have been wrapped inside the word.
fn first_broken_word(source: &Source, span: Span) -> Option<(StatusValue, Span)> {
    let (places, letters): (Vec<usize>, Vec<char>) =
        span.range().zip(source.slice(span)).filter(|(_, c)| !is_blank(**c)).unzip();
    let (i, (length, value)) =
        (0..letters.len()).find_map(|i| Some((i, SET.longest(letters.get(i..)?)?)))?;
    let (first, last) = (places.get(i)?, places.get(i + length - 1)?);
    Some((value, Span::new(*first, last + 1)))
}

/// The status that the value of a status field gives.
pub(super) fn of_value(source: &Source, value: Span) -> Option<Status> {
    let clause = sentence::first(source, value, |_, c| is_clause_end(c)).unwrap_or(value.end);
    let head = Span::new(value.start, clause);
    let (kind, word) = match answer(source, head) {
        Some(kind) => (kind, head),
        None => first_word(source, value)?,
    };
    // In a report on measures a word in the middle speaks of a single result.
    let near = word.start <= value.start + 8 || word.end + 4 >= value.end;
    if value.len() > 30 && !near {
        return None;
    }
    // A short value is the status as a whole, `已整改到位`; in a long one only the word counts.
    let span = if head.covers(word) && head.len() <= 14 { trim(source, head) } else { word };
    Some(Status { value: kind, text: source.text(span), span })
}

/// 是 or 否 as the whole answer.
fn answer(source: &Source, span: Span) -> Option<StatusValue> {
    match source.slice(source.trim(span)) {
        ['是'] => Some(StatusValue::Completed),
        ['否'] => Some(StatusValue::NotStarted),
        _ => None,
    }
}

/// Whether a value is only a status, not a report on measures.
pub(super) fn is_status(source: &Source, value: Span) -> bool {
    value.len() <= 30 && (first_word(source, value).is_some() || answer(source, value).is_some())
}

/// A closing note: `(已整改)`, `【已完成】`, or a last sentence `该问题已整改完毕。`
pub(super) fn closing_note(source: &Source, span: Span) -> Option<(Status, usize)> {
    bracket_note(source, span).or_else(|| sentence_note(source, span))
}

fn bracket_note(source: &Source, span: Span) -> Option<(Status, usize)> {
    let mut end = span.end;
    while end > span.start && source.before(end).is_some_and(|c| is_clause_end(c) || is_blank(c)) {
        end -= 1;
    }
    source.before(end).filter(|c| matches!(c, ')' | '）' | '】' | ']'))?;
    let from = span.start.max(end.saturating_sub(18));
    let slice = source.slice(Span::new(from, end));
    let open = from + slice.iter().rposition(|c| matches!(c, '(' | '（' | '【' | '['))?;
    let inner = trim(source, Span::new(open + 1, end - 1));
    let (value, word) = first_word(source, inner)?;
    let lead = Span::new(inner.start, word.start);
    let bare = source
        .slice(lead)
        .iter()
        .all(|c| matches!(c, '已' | '目' | '前' | '正' | '在' | '该' | '问' | '题' | '全' | '部'));
    (bare && inner.len() <= word.len() + lead.len() + 8)
        .then(|| (Status { value, text: source.text(inner), span: inner }, open))
}

/// A last sentence that is nothing but a status: `目前，已完成整改并长期坚持。`
pub(super) fn bare_note(source: &Source, span: Span) -> Option<(Status, usize)> {
    let from = span.start.max(span.end.saturating_sub(60));
    let last = *sentence::sentences(source, Span::new(from, span.end)).last()?;
    let clear = last.start == span.start || source.before(last.start).is_some_and(is_clause_end);
    let end =
        if source.before(last.end).is_some_and(is_clause_end) { last.end - 1 } else { last.end };
    let core = Span::new(last.start, end);
    if !clear || core.len() > 24 {
        return None;
    }
    let text = compact(source.slice(core).iter().filter(|c| !is_clause_end(**c)).copied());
    let leads = ["截至目前", "目前", "现", "均", "全部"];
    let bare = leads.iter().fold(text.as_str(), |rest, w| rest.strip_prefix(w).unwrap_or(rest));
    let letters: Vec<char> = bare.chars().collect();
    let (length, value) = SET.longest(&letters)?;
    let tail: String = letters.iter().skip(length).collect();
    let tail = TAILS.iter().fold(tail.as_str(), |rest, w| rest.strip_prefix(w).unwrap_or(rest));
    let whole = tail.is_empty();
    whole.then(|| (Status { value, text: source.text(core), span: core }, last.start))
}

/// What may stand behind a status without changing it.
const TAILS: [&str; 6] = ["整改", "任务", "工作", "并长期坚持", "并持续推进", "长期坚持"];

fn sentence_note(source: &Source, span: Span) -> Option<(Status, usize)> {
    let from = span.start.max(span.end.saturating_sub(60));
    let last = *sentence::sentences(source, Span::new(from, span.end)).last()?;
    let words =
        ["该问题", "此问题", "该项问题", "此项问题", "本问题", "上述问题", "该项整改", "以上问题"];
    if last.len() > 28 || !words.iter().any(|w| source.find(last, w).is_some()) {
        return None;
    }
    let clear = last.start == span.start
        || source.before(last.start).is_some_and(|c| is_clause_end(c) || is_blank(c));
    let (value, _) = first_word(source, last)?;
    let end =
        if source.before(last.end).is_some_and(is_clause_end) { last.end - 1 } else { last.end };
    let core = Span::new(last.start, end);
    clear.then(|| (Status { value, text: source.text(core), span: core }, last.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_status_word_counts() {
        use StatusValue as S;
        for (text, value) in [
            ("已完成,长期坚持", Some(S::Completed)),
            ("持续整改。", Some(S::InProgress)),
            ("基本完成", Some(S::Partial)),
            ("未完成", Some(S::NotStarted)),
            ("长期坚持", Some(S::Ongoing)),
            ("是", Some(S::Completed)),
            ("资料", None),
        ] {
            let source = Source::new(text);
            assert_eq!(of_value(&source, source.whole()).map(|s| s.value), value, "{text}");
        }
    }

    #[test]
    fn closing_notes_speak_of_the_whole_finding() {
        for (text, note) in [
            ("补齐资料。(已整改)", Some("已整改")),
            ("补齐资料【已完成】", Some("已完成")),
            ("补齐资料。该问题已整改完毕。", Some("该问题已整改完毕")),
            ("已完成12户危房改造。", None),
        ] {
            let source = Source::new(text);
            let found = closing_note(&source, source.whole()).map(|(s, _)| s.text);
            assert_eq!(found.as_deref(), note, "{text}");
        }
    }

    #[test]
    fn a_last_sentence_may_be_nothing_but_a_status() {
        for (text, note) in [
            ("补齐资料。目前，已完成整改。", Some("目前，已完成整改")),
            ("补齐资料。目前，正在整改。", Some("目前，正在整改")),
            ("补齐资料。已完成整改任务并长期坚持。", Some("已完成整改任务并长期坚持")),
            ("补齐资料。整改完成。", Some("整改完成")),
            ("补齐资料。已完成3户。", None),
            ("补齐资料，已完成整改。", None),
        ] {
            let source = Source::new(text);
            let found = bare_note(&source, source.whole()).map(|(s, _)| s.text);
            assert_eq!(found.as_deref(), note, "{text}");
        }
    }

    #[test]
    fn a_status_word_may_be_wrapped() {
        for (text, value) in [
            ("已销\n号", StatusValue::Completed),
            ("未完\n    成", StatusValue::NotStarted),
            ("持续\r\n整改", StatusValue::InProgress),
            ("已完 成", StatusValue::Completed),
        ] {
            let source = Source::new(text);
            let found = of_value(&source, source.whole());
            assert_eq!(found.as_ref().map(|s| s.value), Some(value), "{text}");
            assert_eq!(found.map(|s| s.span), Some(source.whole()), "{text}");
        }
    }
}
