//! Reads the legend of sources.

use crate::faults::FaultKind;
use crate::model::CitedSource;
use crate::section::Section;
use crate::tree::Node;
use taizhang_diagnostics::Message;

/// Longest short word of a source.
const ID_LENGTH_MAX: usize = 20;

pub(super) fn source(id: &str, section: &Section<'_>) -> CitedSource {
    check_id(id, section);
    let passages = section.section("passages").map(|passages| {
        let names = passages.entries().iter().map(|(key, _)| key.name.as_str());
        names.filter_map(|name| Some((name.to_owned(), words(&passages, name)?))).collect()
    });
    CitedSource {
        id: id.to_owned(),
        title: section.message("title"),
        issuer: section.optional_message("issuer"),
        number: section.text("number"),
        year: section.integer("year"),
        passage: section.optional_message("passage"),
        passages: passages.unwrap_or_default(),
    }
}

/// A short word stands among others in a text: a capital first, then letters, digits, hyphens.
fn check_id(id: &str, section: &Section<'_>) {
    let is_rest = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_id = id.starts_with(|c: char| c.is_ascii_uppercase())
        && id.len() <= ID_LENGTH_MAX
        && id.chars().all(is_rest);
    if !is_id {
        let message = Message::new(
            format!("来源代号`{id}`的写法不对"),
            format!("`{id}` is no short word of a source"),
        );
        let help = Message::new(
            "写大写字母开头的字母、数字和连字符，如 S1",
            "write letters, digits and hyphens after a capital, as in S1",
        );
        section.faults().add(FaultKind::BadName, section.at(), message, Some(help));
    }
}

/// The words of a passage in both languages.
fn words(passages: &Section<'_>, name: &str) -> Option<Message> {
    let (key, node) = passages.entries().iter().find(|(key, _)| key.name == name)?;
    let Some(table) = Node::table(node) else {
        let (zh, en) =
            ("两种语言 { zh = \"…\", en = \"…\" }", "both languages { zh = \"…\", en = \"…\" }");
        passages.wrong_type(node, name, zh, en);
        return None;
    };
    let languages = Section::new(passages.faults(), table, key.at);
    let words = Message::new(languages.required_text("zh"), languages.required_text("en"));
    languages.finish();
    Some(words)
}
