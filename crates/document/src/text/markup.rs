//! Left-overs of HTML in a text: tags and blank entities at the edges of a paragraph.

use super::glyph::is_blank;
use crate::source::{Source, Span};

/// Longest tag or comment that is recognised; keeps every look-up bounded.
const TAG_LENGTH_MAX: usize = 400;
/// Longest entity, `&thinsp;` or `&#12288;`.
const ENTITY_LENGTH_MAX: usize = 10;

/// Tags that begin or end a paragraph.
const BLOCK_TAGS: [&str; 19] = [
    "br", "p", "div", "tr", "li", "ul", "ol", "table", "tbody", "thead", "section", "article",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr",
];

/// A tag or comment found in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// One past its `>`.
    pub(crate) end: usize,
    /// Whether it begins or ends a paragraph.
    pub(crate) block: bool,
}

/// The tag or comment that begins at `start`.
pub(crate) fn tag_at(source: &Source, start: usize) -> Option<Tag> {
    if source.at(start) != Some('<') {
        return None;
    }
    let limit = Span::new(start + 1, (start + TAG_LENGTH_MAX).min(source.len()));
    if source.starts_with(start, "<!--") {
        let close = source.find(limit, "-->")?;
        return Some(Tag { end: close + 3, block: true });
    }
    let slice = source.slice(limit);
    let letters = slice.iter().skip_while(|c| **c == '/');
    let name: String =
        letters.take_while(|c| c.is_ascii_alphanumeric()).map(char::to_ascii_lowercase).collect();
    if !name.chars().next().is_some_and(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let close = slice.iter().position(|c| matches!(c, '>' | '<' | '\n'))?;
    (slice.get(close) == Some(&'>'))
        .then(|| Tag { end: start + 1 + close + 1, block: BLOCK_TAGS.contains(&name.as_str()) })
}

/// One past the entity that begins at `start`, and whether it stands for white space.
pub(crate) fn entity_at(source: &Source, start: usize) -> Option<(usize, bool)> {
    if source.at(start) != Some('&') {
        return None;
    }
    let slice = source.slice(Span::new(start + 1, start + ENTITY_LENGTH_MAX));
    let close = slice.iter().position(|c| *c == ';')?;
    let name: String = slice.get(..close)?.iter().collect();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#') {
        return None;
    }
    let blank = matches!(
        name.as_str(),
        "nbsp" | "ensp" | "emsp" | "thinsp" | "zwnj" | "#160" | "#12288" | "#xa0" | "#x3000"
    );
    Some((start + 1 + close + 1, blank))
}

/// Whether the semicolon at `offset` closes an entity.
pub(crate) fn closes_entity(source: &Source, offset: usize) -> bool {
    let from = offset.saturating_sub(ENTITY_LENGTH_MAX);
    let slice = source.slice(Span::new(from, offset));
    let Some(back) = slice.iter().rposition(|c| *c == '&') else { return false };
    entity_at(source, from + back).is_some_and(|(end, _)| end == offset + 1)
}

/// First offset at or after `start` that is neither white space, blank entity nor tag.
#[inline]
pub(crate) fn skip_blank(source: &Source, start: usize, end: usize) -> usize {
    let mut at = start;
    while at < end {
        match source.at(at) {
            Some(c) if is_blank(c) => at += 1,
            Some('<') => match tag_at(source, at) {
                Some(tag) => at = tag.end,
                None => break,
            },
            Some('&') => match entity_at(source, at) {
                Some((next, true)) => at = next,
                _ => break,
            },
            _ => break,
        }
    }
    at.min(end)
}

/// The span without white space, blank entities and tags at both ends.
#[inline]
pub(crate) fn trim(source: &Source, span: Span) -> Span {
    let start = skip_blank(source, span.start, span.end);
    let mut end = span.end.min(source.len());
    while end > start {
        match source.before(end) {
            Some(c) if is_blank(c) => end -= 1,
            Some('>') => match tag_before(source, start, end) {
                Some(at) => end = at,
                None => break,
            },
            Some(';') => match entity_before(source, start, end) {
                Some(at) => end = at,
                None => break,
            },
            _ => break,
        }
    }
    Span::new(start, end)
}

pub(crate) fn tag_before(source: &Source, start: usize, end: usize) -> Option<usize> {
    let from = start.max(end.saturating_sub(TAG_LENGTH_MAX));
    let slice = source.slice(Span::new(from, end));
    let at = from + slice.iter().rposition(|c| *c == '<')?;
    tag_at(source, at).filter(|tag| tag.end == end).map(|_| at)
}

fn entity_before(source: &Source, start: usize, end: usize) -> Option<usize> {
    let from = start.max(end.saturating_sub(ENTITY_LENGTH_MAX));
    let slice = source.slice(Span::new(from, end));
    let at = from + slice.iter().rposition(|c| *c == '&')?;
    entity_at(source, at).filter(|(stop, blank)| *blank && *stop == end).map(|_| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_blank_entities_are_trimmed_from_both_ends() {
        for (text, kept) in [
            ("<p>&nbsp;\u{3000}责任人：村医&nbsp;</p>", "责任人：村医"),
            ("<b>1.标题</b>", "1.标题"),
            ("a<b", "a<b"),
            ("<!-- 页脚 -->", ""),
            ("A &amp;", "A &amp;"),
        ] {
            let source = Source::new(text);
            assert_eq!(source.text(trim(&source, source.whole())), kept, "{text}");
        }
    }

    #[test]
    fn only_a_real_entity_owns_its_semicolon() {
        let source = Source::new("R&D;甲&nbsp;乙;");
        assert!(closes_entity(&source, 10));
        assert!(!closes_entity(&source, 12));
    }
}
