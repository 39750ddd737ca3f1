//! What to write instead of a name that nobody knows.

use super::Resolver;
use super::names::BUILT_IN;
use crate::functions::LANGUAGE;
use crate::syntax::{SyntaxFault, SyntaxFaultKind};
use taizhang_codebook::{Ledger, Relation, RelationKind};
use taizhang_diagnostics::{Message, nearest};

/// Names listed in one hint at most.
const LISTED_MAX: usize = 6;

/// Parts of names shorter than this say nothing.
const PART_MIN: usize = 3;

impl Resolver<'_> {
    /// Advice about a name that is neither field nor relation of a ledger.
    pub(super) fn name_hint(&self, ledger: &Ledger, name: &str) -> Message {
        let near = self.near_name(ledger, name).map(|near| {
            Message::new(format!("最近的是`{near}`"), format!("the nearest is `{near}`"))
        });
        itself(ledger, name)
            .or_else(|| relation_to(ledger, name))
            .or_else(|| function_hint(name))
            .or(near)
            .or_else(|| by_label(ledger, name))
            .or_else(|| self.missing_relation(ledger, name))
            .or_else(|| parts(ledger, name))
            .unwrap_or_else(|| {
                Message::new(
                    format!(
                        "台账的字段见 docs/generated/codebook-reference.md 的 `{}`",
                        ledger.name
                    ),
                    format!(
                        "its fields stand in docs/generated/codebook-reference.md at `{}`",
                        ledger.name
                    ),
                )
            })
    }

    fn near_name(&self, ledger: &Ledger, name: &str) -> Option<String> {
        let scopes = self.scopes.borrow();
        let own = (ledger.name == self.ledger.name).then(|| {
            let variables = scopes.iter().map(|scope| scope.name.as_str());
            variables.chain(self.defines.iter().map(|defined| defined.name))
        });
        let built_in = BUILT_IN.iter().map(|(name, _)| *name);
        let known = names(ledger).chain(built_in).chain(own.into_iter().flatten());
        nearest(name, known).map(str::to_owned)
    }

    /// A ledger of that name, or its plural, whose rows refer to the one at hand.
    fn missing_relation(&self, ledger: &Ledger, name: &str) -> Option<Message> {
        let other = self.codebook.ledgers.values().find(|other| is_plural(name, &other.name))?;
        let by = other.fields.iter().find(|field| field.ledger.as_deref() == Some(&ledger.name));
        let many = &other.name;
        let is_placed = ledger.home.is_some() && other.home.is_some();
        let way = match by {
            Some(field) => format!("many = \"{many}\", by = \"{}\"", field.name),
            None if is_placed => format!("many = \"{many}\", on = {{ region = \"region\" }}"),
            None => format!("many = \"{many}\", on = {{ … }}"),
        };
        Some(Message::new(
            format!(
                "台账`{}`还没有通到`{}`的关系：在 ledgers/{}.toml 写 [relations.{name}]（{way}），\
                 见 docs/codebook.md",
                ledger.name, other.name, ledger.name
            ),
            format!(
                "no relation leads from `{}` to `{}` yet: add [relations.{name}] ({way}) to \
                 ledgers/{}.toml, see docs/codebook.md",
                ledger.name, other.name, ledger.name
            ),
        ))
    }

    /// Chinese words in an expression, with what they are called in the codebook.
    pub(super) fn name_chinese(&self, text: &str, fault: SyntaxFault) -> SyntaxFault {
        let rest = text.get(fault.range.start..).unwrap_or("");
        let is_chinese = rest.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_ascii());
        if fault.kind != SyntaxFaultKind::Syntax || !is_chinese {
            return fault;
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or("");
        match by_label(self.ledger, word) {
            Some(help) => SyntaxFault {
                range: fault.range.start..fault.range.start + length,
                message: Message::new(format!("不认识`{word}`"), format!("unexpected `{word}`")),
                help: Some(help),
                ..fault
            },
            None => fault,
        }
    }
}

fn names(ledger: &Ledger) -> impl Iterator<Item = &str> {
    let fields = ledger.fields.iter().map(|field| field.name.as_str());
    fields.chain(ledger.relations.iter().map(|relation| relation.name.as_str()))
}

/// The name of the ledger at hand: the record stands there already.
fn itself(ledger: &Ledger, name: &str) -> Option<Message> {
    (name == ledger.name).then(|| {
        Message::new(
            format!("判断的记录就是`{name}`，字段直接写；要指它本身写 `self`"),
            format!("the record is a `{name}` itself: write its fields as they are, or `self`"),
        )
    })
}

/// A relation to rows of a ledger that is called so.
fn relation_to(ledger: &Ledger, name: &str) -> Option<Message> {
    let is_it = |relation: &&Relation| {
        is_plural(name, &relation.ledger) && relation.kind != RelationKind::One
    };
    let found = listed(ledger.relations.iter().filter(is_it).map(|found| found.name.as_str()))?;
    Some(Message::new(format!("关系叫{}", found.zh), format!("the relation is {}", found.en)))
}

/// A function written as a field.
pub(super) fn function_hint(name: &str) -> Option<Message> {
    let entry = LANGUAGE.iter().find(|entry| entry.name == name)?;
    let form = entry.signature;
    Some(Message::new(
        format!("`{name}`是函数，写 `{form}`"),
        format!("`{name}` is a function: write `{form}`"),
    ))
}

/// Fields and relations that are labelled so, in Chinese or English, wholly or in part.
fn by_label(ledger: &Ledger, word: &str) -> Option<Message> {
    let labels = || {
        let fields =
            ledger.fields.iter().map(|field| (&field.name, &field.label, &field.synonyms[..]));
        let relations = ledger.relations.iter().map(|found| (&found.name, &found.label, &[][..]));
        fields.chain(relations)
    };
    let whole = labels().find(|(_, label, synonyms)| {
        label.zh == word
            || label.en.eq_ignore_ascii_case(word)
            || synonyms.iter().any(|known| known == word)
    });
    if let Some((name, ..)) = whole {
        return Some(Message::new(
            format!("`{word}`写成`{name}`"),
            format!("`{word}` is written `{name}`"),
        ));
    }
    let is_chinese = !word.is_ascii() && word.chars().count() > 1;
    let close = labels().filter(|(_, label, _)| {
        is_chinese && (label.zh.contains(word) || word.contains(label.zh.as_str()))
    });
    let found = listed(close.map(|(name, ..)| name.as_str()))?;
    Some(Message::new(format!("可能是{}", found.zh), format!("perhaps {}", found.en)))
}

/// Names that hold the word, or begin like it.
fn parts(ledger: &Ledger, word: &str) -> Option<Message> {
    if word.len() < PART_MIN || !word.is_ascii() {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let holds = |name: &&str| {
        name.starts_with(&word)
            || name.split('_').any(|part| {
                part.len() >= PART_MIN && word.split('_').any(|own| own == part || *name == own)
            })
    };
    let found = listed(names(ledger).filter(holds))?;
    Some(Message::new(format!("可能是{}", found.zh), format!("perhaps {}", found.en)))
}

/// Names in quotes, if there are some but not too many.
fn listed<'a>(found: impl Iterator<Item = &'a str>) -> Option<Message> {
    let quoted: Vec<String> = found.map(|name| format!("`{name}`")).collect();
    (1..=LISTED_MAX)
        .contains(&quoted.len())
        .then(|| Message::new(quoted.join("、"), quoted.join(", ")))
}

/// True if a word is the name of a ledger or its plural.
fn is_plural(word: &str, ledger: &str) -> bool {
    word == ledger
        || word.strip_suffix('s') == Some(ledger)
        || word.strip_suffix("es") == Some(ledger)
        || word.strip_suffix("ies").is_some_and(|stem| ledger.strip_suffix('y') == Some(stem))
}
