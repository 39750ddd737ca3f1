//! A stored message in the other language: doubts keep what was told in Chinese, with the values of
//! that day. The message's pieces say where the values stand in it.

use crate::ir::Type;
use crate::message::{joined, labels};
use crate::rule::{Piece, RuleMessage};
use taizhang_codebook::{Codebook, list_mark};
use taizhang_diagnostics::Language;
use taizhang_values::{Decimal, Money, parse_date};

/// Ways tried through a message before it is given up: messages have a handful of values.
const TRIES_MAX: usize = 2_000;

/// What stands for a missing value, in both languages.
const MISSING: &str = "—";

/// The English of a message that was told in Chinese, with the same values.
///
/// # Errors
/// `None` if the text is not told by this message (its rule has changed since), if its values can
/// be read in several ways, or if that takes too long to find out: then the text has to stand as it
/// is.
///
/// # Example
/// ```
/// use taizhang_codebook::Codebook;
/// let codebook = Codebook::embedded("rural").unwrap();
/// let rule = taizhang_rules::compile(&codebook, &codebook.rules["ARC-003"]).unwrap();
/// let told = "脱贫确认日期2018-11-20早于脱贫申请日期2018-12-01";
/// let english = taizhang_rules::retold(&codebook, &rule.message, told).unwrap();
/// assert_eq!(english, "exit confirmed on 2018-11-20, before the application on 2018-12-01");
/// assert!(taizhang_rules::retold(&codebook, &rule.message, "别的话").is_none());
/// ```
#[must_use]
pub fn retold(codebook: &Codebook, message: &RuleMessage, told: &str) -> Option<String> {
    let mut search = Search { codebook, message, found: Vec::new(), tries: 0 };
    search.walk(&message.zh, told, &mut vec![None; message.values.len()]);
    // A search that was cut off may have missed another way.
    if search.tries > TRIES_MAX {
        return None;
    }
    let [values] = search.found.as_slice() else { return None };
    // What only the English message shows is not in the text.
    let shows = |piece: &Piece| match piece {
        Piece::Text(_) => true,
        Piece::Value(position) => values.get(*position).is_some_and(Option::is_some),
    };
    if !message.en.iter().all(shows) {
        return None;
    }
    let values: Vec<String> = values
        .iter()
        .zip(&message.values)
        .map(|(text, value)| {
            let text = text.unwrap_or(MISSING);
            in_english(codebook, &value.node.ty, text).unwrap_or_default()
        })
        .collect();
    Some(joined(message, &values, Language::En))
}

/// Texts of the values, by position.
type Values<'t> = Vec<Option<&'t str>>;

struct Search<'a, 't> {
    codebook: &'a Codebook,
    message: &'a RuleMessage,
    /// Different ways to read the text; more than one is none.
    found: Vec<Values<'t>>,
    tries: usize,
}

impl<'t> Search<'_, 't> {
    /// Goes through pieces and text side by side.
    fn walk(&mut self, pieces: &[Piece], rest: &'t str, values: &mut Values<'t>) {
        self.tries += 1;
        if self.found.len() > 1 || self.tries > TRIES_MAX {
            return;
        }
        let Some((piece, behind)) = pieces.split_first() else {
            if rest.is_empty() && !self.found.contains(values) {
                self.found.push(values.clone());
            }
            return;
        };
        let position = match piece {
            Piece::Text(text) => {
                if let Some(rest) = rest.strip_prefix(text.as_str()) {
                    self.walk(behind, rest, values);
                }
                return;
            }
            Piece::Value(position) => *position,
        };
        if let Some(known) = values.get(position).copied().flatten() {
            if let Some(rest) = rest.strip_prefix(known) {
                self.walk(behind, rest, values);
            }
            return;
        }
        for end in ends(behind, rest) {
            let Some((text, rest)) = rest.split_at_checked(end) else { continue };
            let ty = self.message.values.get(position).map(|value| &value.node.ty);
            if ty.is_none_or(|ty| in_english(self.codebook, ty, text).is_none()) {
                continue;
            }
            if let Some(slot) = values.get_mut(position) {
                *slot = Some(text);
            }
            self.walk(behind, rest, values);
            if let Some(slot) = values.get_mut(position) {
                *slot = None;
            }
        }
    }
}

/// Where a value may end: before the text that follows it, or at the end.
fn ends(behind: &[Piece], rest: &str) -> Vec<usize> {
    match behind.first() {
        None => vec![rest.len()],
        Some(Piece::Text(text)) => rest.match_indices(text.as_str()).map(|(at, _)| at).collect(),
        Some(Piece::Value(_)) => {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).collect()
        }
    }
}

/// A value told in Chinese as English tells it; `None` if it can be no value of the type.
fn in_english(codebook: &Codebook, ty: &Type, text: &str) -> Option<String> {
    if text == MISSING {
        return Some(text.to_owned());
    }
    let same = |is_value: bool| is_value.then(|| text.to_owned());
    match ty {
        Type::Boolean => match text {
            "是" => Some("yes".to_owned()),
            "否" => Some("no".to_owned()),
            _ => None,
        },
        Type::Integer => same(text.parse::<i64>().is_ok()),
        Type::Money => same(Money::parse(text).is_some()),
        Type::Decimal => same(Decimal::parse(text).is_some()),
        Type::Date => same(parse_date(text).is_some()),
        Type::Key(_) => same(text == "***"),
        Type::Code(list) => code(codebook, list.as_deref(), text),
        Type::Codes(list) => {
            let codes = text.split(list_mark(Language::Zh));
            let codes: Option<Vec<String>> =
                codes.map(|text| code(codebook, list.as_deref(), text)).collect();
            Some(codes?.join(list_mark(Language::En)))
        }
        Type::Texts => Some(text.replace(list_mark(Language::Zh), list_mark(Language::En))),
        Type::Text | Type::Region | Type::Instant | Type::Reference(_) => same(!text.is_empty()),
    }
}

/// A code by its label; one that is no more in its list stands as it was written.
fn code(codebook: &Codebook, list: Option<&str>, text: &str) -> Option<String> {
    let labels = list.map(|list| labels(codebook, list)).unwrap_or_default();
    let mut english = labels.iter().filter(|label| label.zh == text).map(|label| &label.en);
    let first = english.next();
    if english.any(|other| Some(other) != first) {
        return None;
    }
    let is_bare = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.is_empty();
    first.cloned().or_else(|| is_bare.then(|| text.to_owned()))
}
