//! A rule in words: what it judges, what it reads, on which values it rests, since when.

use crate::example;
use crate::faults::Faults;
use crate::functions::LANGUAGE;
use crate::ir::{Kind, Node};
use crate::judge::Outcome;
use crate::rule::Rule;
use crate::walk::children;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use taizhang_codebook::{Codebook, Parameter, RuleKind, RuleSeverity, RuleSource, list_mark};
use taizhang_diagnostics::Language;
use taizhang_values::Date;

/// Everything about a rule that a person wants to know, as text.
#[must_use]
pub fn explain(
    codebook: &Codebook,
    source: &RuleSource,
    rule: &Rule,
    on: Date,
    language: Language,
) -> String {
    let mut text = head(codebook, source, rule, on, language);
    let pick = |zh: &'static str, en: &'static str| match language {
        Language::Zh => zh,
        Language::En => en,
    };
    for define in &source.defines {
        let _ = writeln!(
            text,
            "{} {} = {}",
            pick("定义", "define"),
            define.name,
            flat(&define.text.text)
        );
    }
    if let Some(applies) = &source.applies {
        let _ = writeln!(text, "{} {}", pick("适用", "applies"), flat(&applies.text));
    }
    let _ = writeln!(text, "{} {}", pick("违反", "violates"), flat(&source.violates.text));
    for raise in &source.raises {
        let word = severity_label(codebook, raise.severity, language);
        let (to, mark) = (pick("改为", "raised to"), pick("：", ": "));
        let _ = writeln!(text, "{to} {word}{mark}{}", flat(&raise.when.text));
    }
    let message = if language == Language::Zh { &source.message_zh } else { &source.message_en };
    let _ = writeln!(text, "{} {}", pick("提示", "message"), flat(&message.text));
    let _ = writeln!(text, "\n{}", pick("读取的字段", "fields read"));
    for used in &rule.uses {
        let way = used.path.join(".");
        let arrow = if way.is_empty() { String::new() } else { format!("  ({way})") };
        let field = codebook.field(&used.ledger, &used.field);
        let relation = codebook.ledger(&used.ledger).and_then(|it| it.relation(&used.field));
        let label = match (field, relation) {
            (None, Some(relation)) => relation.label.text(language),
            _ => codebook.field_label(&used.ledger, &used.field, language),
        };
        let since = field.and_then(|field| field.since);
        let since = since.map_or(String::new(), |day| format!(" {} {day}", pick("自", "since")));
        let _ = writeln!(text, "  {}.{} {label}{since}{arrow}", used.ledger, used.field);
    }
    parameters(&mut text, codebook, rule, on, language);
    functions(&mut text, source, language);
    let _ = writeln!(
        text,
        "\n{} {}",
        pick("每条记录最多步数", "steps for a record at most"),
        rule.cost
    );
    examples(&mut text, codebook, source, rule, language);
    text
}

fn head(
    codebook: &Codebook,
    source: &RuleSource,
    rule: &Rule,
    on: Date,
    language: Language,
) -> String {
    let label = codebook.ledger(&rule.ledger).map_or("", |ledger| ledger.label.text(language));
    let severity = severity_label(codebook, rule.severity, language);
    let until = rule.until.map_or(String::new(), |day| format!(" – {day}"));
    let in_force = match (rule.is_in_force(on), language) {
        (true, _) => "",
        (false, Language::Zh) => "（当前不生效）",
        (false, Language::En) => " (not in force)",
    };
    let asks: Vec<String> =
        source.asks.iter().map(|name| asked(codebook, name, language)).collect();
    let asks = asks.join(list_mark(language));
    let days = source.due_days.map_or(String::new(), |days| days.to_string());
    let (asked, due) = match language {
        Language::Zh => ("询问", "工作日"),
        Language::En => ("asks", "working days"),
    };
    format!(
        "{} {} ({})\n{} {label} · {} · {severity} · {}{until}{in_force}\n{asked} {asks} · {days} \
         {due}\n{}\n\n",
        rule.code,
        source.title(language),
        rule.name,
        rule.ledger,
        kind_label(codebook, rule.kind, language),
        rule.since,
        sources(codebook, source, language),
    )
}

/// Where the rule comes from: what is written, and a line for each source in words.
fn sources(codebook: &Codebook, source: &RuleSource, language: Language) -> String {
    let word = if language == Language::Zh { "来源" } else { "source" };
    let mut text = format!("{word} {}", source.source);
    for cited in codebook.citations(&source.source) {
        if let Some(declared) = cited.source {
            let _ = write!(text, "\n  {:<3} {}", declared.id, cited.text(language));
        }
    }
    text
}

/// Levels and roles in words.
fn asked(codebook: &Codebook, name: &str, language: Language) -> String {
    let role = codebook.roles.get(name).map(|role| &role.label);
    let label = role.or_else(|| codebook.code_label("region_level", name));
    label.map_or(name, |label| label.text(language)).to_owned()
}

/// The kind of a rule in words; the word of files where the codebook has none.
#[must_use]
pub fn kind_label(codebook: &Codebook, kind: RuleKind, language: Language) -> &str {
    let label = codebook.code_label(RuleKind::LIST, kind.word());
    label.map_or(kind.word(), |label| label.text(language))
}

/// A severity in words; the word of files where the codebook has none.
#[must_use]
pub fn severity_label(codebook: &Codebook, severity: RuleSeverity, language: Language) -> &str {
    let label = codebook.code_label(RuleSeverity::LIST, severity.word());
    label.map_or(severity.word(), |label| label.text(language))
}

/// An expression on one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn parameters(text: &mut String, codebook: &Codebook, rule: &Rule, on: Date, language: Language) {
    let mut names = BTreeSet::new();
    let raises = rule.raises.iter().map(|raise| &raise.when);
    let shown = rule.message.values.iter().map(|value| &value.node);
    for node in rule.applies.iter().chain([&rule.violates]).chain(raises).chain(shown) {
        parameter_names(node, &mut names);
    }
    if names.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", if language == Language::Zh { "参数" } else { "parameters" });
    for name in names {
        if let Some(parameter) = codebook.parameters.get(name) {
            let _ = writeln!(text, "  {name} {}", parameter_text(parameter, on, language));
        }
    }
}

/// The parameter's name for people, and a line for each value with its first day and its source; a
/// star marks what is not in force yet.
fn parameter_text(parameter: &Parameter, on: Date, language: Language) -> String {
    let mut text = parameter.label.text(language).to_owned();
    for value in &parameter.values {
        let place = value.region.as_ref().map_or(String::new(), |code| format!(" @{code}"));
        let mark = if value.since <= on { "" } else { "*" };
        let shown = parameter.value_text(value, language);
        let source = value.source.text(language);
        let _ = write!(text, "\n    {}{mark}{place} {shown} ({source})", value.since);
    }
    text
}

fn parameter_names<'a>(node: &'a Node, names: &mut BTreeSet<&'a str>) {
    if let Kind::Param { name, .. } = &node.kind {
        names.insert(name);
    }
    for child in children(node) {
        parameter_names(child, names);
    }
}

/// Functions that the rule writes, with the day from which they mean what they do.
fn functions(text: &mut String, source: &RuleSource, language: Language) {
    let mut written = String::new();
    let raises = source.raises.iter().map(|raise| &raise.when);
    let defines = source.defines.iter().map(|define| &define.text);
    for part in source.applies.iter().chain([&source.violates]).chain(raises).chain(defines) {
        written.push_str(&part.text);
        written.push(' ');
    }
    let is_called = |name: &str| {
        written.match_indices(name).any(|(at, _)| {
            let before = written.get(..at).and_then(|text| text.chars().next_back());
            let after = written.get(at + name.len()..).unwrap_or("").trim_start();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && after.starts_with('(')
        })
    };
    let used: Vec<String> = LANGUAGE
        .iter()
        .filter(|entry| is_called(entry.name))
        .map(|entry| format!("{} ({})", entry.name, entry.since))
        .collect();
    if !used.is_empty() {
        let title =
            if language == Language::Zh { "函数（自何日）" } else { "functions (since)" };
        let _ = writeln!(text, "\n{title}\n  {}", used.join(", "));
    }
}

fn examples(
    text: &mut String,
    codebook: &Codebook,
    source: &RuleSource,
    rule: &Rule,
    language: Language,
) {
    let examples = example::examples(codebook, source, rule, &Faults::default());
    let counts: Vec<String> =
        [Outcome::Passes, Outcome::Violates, Outcome::Undecided, Outcome::Outside]
            .into_iter()
            .map(|outcome| {
                let count = examples.iter().filter(|example| example.outcome == outcome).count();
                format!("{} {count}", outcome.word())
            })
            .collect();
    let title = if language == Language::Zh { "例子" } else { "examples" };
    let _ = writeln!(text, "{title} {}", counts.join(", "));
}
