//! Reads rule files: every text with its places.

use crate::faults::FaultKind;
use crate::model::{
    Define, PlacedText, RaiseSource, RuleKind, RuleSeverity, RuleSource, TextPiece,
};
use crate::names::check_name;
use crate::rule_file::{BODY, TEXT_EN};
use crate::section::{Section, Words};
use crate::source::{At, Sources};
use crate::tree::{Data, Node};
use taizhang_diagnostics::{Message, Place};
use taizhang_values::Date;

const SEVERITIES: &Words<RuleSeverity> = &[
    (RuleSeverity::Low.word(), RuleSeverity::Low),
    (RuleSeverity::Medium.word(), RuleSeverity::Medium),
    (RuleSeverity::High.word(), RuleSeverity::High),
    (RuleSeverity::Blocker.word(), RuleSeverity::Blocker),
];

pub(super) fn rule(stem: &str, section: &Section<'_>, sources: &Sources) -> RuleSource {
    let (message_zh, message_en) = messages(section, sources);
    let kinds = RuleKind::ALL.map(|kind| (kind.word(), kind));
    RuleSource {
        code: code(stem, section),
        name: name(section),
        ledger: required(section, "ledger", sources),
        kind: section.required_choice("kind", &kinds).unwrap_or(RuleKind::Logic),
        severity: section.required_choice("severity", SEVERITIES).unwrap_or(RuleSeverity::Low),
        since: section.required_date("since").unwrap_or(Date::MIN),
        until: section.date("until"),
        source: section.required_text("source"),
        asks: section.texts("asks"),
        due_days: section.integer("due_days"),
        defines: section.section("define").map(|s| defines(&s, sources)).unwrap_or_default(),
        applies: optional(section, "applies", sources),
        violates: required(section, "violates", sources),
        raises: section.items("raises").iter().map(|item| raise(item, sources)).collect(),
        message_zh,
        message_en,
        as_of: section.date("as_of"),
        region: section.text("region"),
        body: optional(section, BODY, sources).unwrap_or_default(),
        text_en: section.text(TEXT_EN),
    }
}

/// `ARC-003`: capitals, a hyphen and three or four digits, as the file is named.
fn code(stem: &str, section: &Section<'_>) -> String {
    let code = section.required_text("code");
    if !code.is_empty() && code != stem {
        super::name_not_file(section, "code", &code, stem);
    }
    let is_code = stem.split_once('-').is_some_and(|(prefix, number)| {
        let is_prefix = (2..=8).contains(&prefix.len());
        let is_number = (3..=4).contains(&number.len());
        is_prefix
            && is_number
            && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !is_code {
        let message = Message::new(
            format!("规则代码`{stem}`的写法不对"),
            format!("`{stem}` is no code of a rule"),
        );
        let help = Message::new(
            "写大写字母、连字符和三四位数字，如 ARC-003",
            "write capitals, a hyphen and three or four digits, as in ARC-003",
        );
        let at = section.at_key("code");
        section.faults().add(FaultKind::RuleCode, at, message, Some(help));
    }
    stem.to_owned()
}

fn name(section: &Section<'_>) -> String {
    let name = section.required_text("name");
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && !name.chars().all(is_name) {
        let message = Message::new(
            format!("规则名称`{name}`要用小写英文词和连字符"),
            format!("rule name `{name}` wants lower-case words joined by hyphens"),
        );
        section.faults().add(FaultKind::BadName, section.at_key("name"), message, None);
    }
    name
}

fn defines(section: &Section<'_>, sources: &Sources) -> Vec<Define> {
    let mut defines = Vec::new();
    for (key, node) in section.entries() {
        check_name(section.faults(), &key.name, key.at);
        match &node.data {
            Data::Text(text) => {
                let text = placed(text, node.at, sources);
                defines.push(Define { name: key.name.clone(), text });
            }
            _ => section.wrong_type(node, &key.name, "表达式文字", "an expression as text"),
        }
    }
    defines
}

fn raise(section: &Section<'_>, sources: &Sources) -> RaiseSource {
    let raise = RaiseSource {
        severity: section.required_choice("severity", SEVERITIES).unwrap_or(RuleSeverity::Low),
        when: required(section, "when", sources),
    };
    section.finish();
    raise
}

/// The message in Chinese and English: one text for both, or a table of two.
fn messages(section: &Section<'_>, sources: &Sources) -> (PlacedText, PlacedText) {
    let table = section.node("message").and_then(Node::table);
    if table.is_none() {
        let text = required(section, "message", sources);
        return (text.clone(), text);
    }
    let Some(languages) = section.section("message") else {
        return Default::default();
    };
    let texts = ["zh", "en"].map(|language| required(&languages, language, sources));
    languages.finish();
    let [zh, en] = texts;
    (zh, en)
}

fn required(section: &Section<'_>, key: &'static str, sources: &Sources) -> PlacedText {
    let text = section.required_text(key);
    placed(&text, section.at_key(key), sources)
}

fn optional(section: &Section<'_>, key: &'static str, sources: &Sources) -> Option<PlacedText> {
    let text = section.text(key)?;
    Some(placed(&text, section.at_key(key), sources))
}

/// Finds the place of every byte of a text whose escapes are undone.
fn placed(text: &str, at: At, sources: &Sources) -> PlacedText {
    let Some((path, file)) = sources.file(at.file) else {
        return PlacedText { text: text.to_owned(), ..PlacedText::default() };
    };
    let raw = file.get(at.start..at.end).unwrap_or("");
    let starts = if raw == text { line_starts(text) } else { starts_of_escaped(text, raw) };
    let pieces = starts
        .into_iter()
        .filter_map(|(start, offset)| {
            let place = sources.place(At { start: at.start + offset, ..at });
            let Place::File { line, column, excerpt, .. } = place else {
                return None;
            };
            Some(TextPiece { start, line, column, excerpt })
        })
        .collect();
    PlacedText { text: text.to_owned(), path: path.to_owned(), pieces }
}

/// Beginnings of lines, in the text and in the file alike.
fn line_starts(text: &str) -> Vec<(usize, usize)> {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).map(|at| (at, at)).collect()
}

/// Beginnings of stretches without escapes: in the text, and in what stands in the file.
fn starts_of_escaped(text: &str, raw: &str) -> Vec<(usize, usize)> {
    let mut offset = opening(raw);
    let has_escapes = !raw.starts_with("'''");
    let mut starts = vec![(0, offset)];
    for (start, character) in text.char_indices() {
        let mut rest = raw.get(offset..).unwrap_or("");
        // A backslash at the end of a line takes the line break and the blanks that follow away.
        while has_escapes && folded_length(rest) > 0 {
            offset += folded_length(rest);
            rest = raw.get(offset..).unwrap_or("");
            starts.push((start, offset));
        }
        let length = match rest.as_bytes() {
            [b'\\', b'u', ..] if has_escapes => 6,
            [b'\\', b'U', ..] if has_escapes => 10,
            [b'\\', b'x', ..] if has_escapes => 4,
            [b'\\', ..] if has_escapes => 2,
            [b'\r', b'\n', ..] if character == '\n' => 2,
            _ => character.len_utf8(),
        };
        offset += length;
        if length != character.len_utf8() || character == '\n' {
            starts.push((start + character.len_utf8(), offset));
        }
    }
    starts
}

/// Length of the quotes in front and the line break that goes with them.
fn opening(raw: &str) -> usize {
    if !raw.starts_with("\"\"\"") && !raw.starts_with("'''") {
        return 0;
    }
    match raw.as_bytes().get(3..) {
        Some([b'\r', b'\n', ..]) => 5,
        Some([b'\n', ..]) => 4,
        _ => 3,
    }
}

/// Bytes from a backslash that ends its line to the next character that counts.
fn folded_length(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('\\') else {
        return 0;
    };
    let blanks = after.len() - after.trim_start().len();
    let is_fold = after.get(..blanks).is_some_and(|gap| gap.contains('\n'));
    if is_fold { 1 + blanks } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character of the text, looked up by its place, is that of the file.
    fn check(file: &str) {
        let mut sources = Sources::default();
        sources.add("x.toml", file);
        let faults = crate::faults::Faults::default();
        let table = crate::tree::parse(&sources, 0, &faults);
        let node = &table.get("a").unwrap().1;
        let Data::Text(text) = &node.data else { panic!("no text") };
        let placed = placed(text, node.at, &sources);
        let lines: Vec<&str> = file.lines().collect();
        for (at, character) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
            let Place::File { line, column, .. } = placed.place(at..at + 1) else { panic!() };
            let found = lines[line - 1].chars().nth(column - 1);
            assert_eq!(found, Some(character), "{file}: {at}");
        }
    }

    #[test]
    fn every_byte_of_a_text_knows_its_place() {
        check("a = \"x < 1\"");
        check("a = 'x < \"中\" && y'");
        check("a = \"x < \\\"中\\\" && y\\ty z\"");
        check("a = \"\"\"\nx &&\n  y中 \\\n   z\n\"\"\"");
        check("a = '''\nx\\d &&\n  y\n'''");
        check("a = \"\"\"x\r\ny\"\"\"");
    }
}
