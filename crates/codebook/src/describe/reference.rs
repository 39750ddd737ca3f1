//! The reference of a codebook as Markdown, committed and compared in a test.

use crate::model::{
    Citation, Codebook, Field, Ledger, PlacedText, Relation, RelationKind, RuleSource,
};
use crate::{FAULT_CODES, flow_text};
use std::fmt::Write as _;
use taizhang_diagnostics::Language;
use taizhang_values::Date;

/// Ledgers with their fields and relations, code lists, flows, parameters, indicators and the
/// codes of the checker, as one Markdown page.
///
/// # Shape
/// The same codebook and day give the same text.
#[must_use]
pub fn reference(codebook: &Codebook, on: Date) -> String {
    let mut text = format!(
        "# Codebook reference: {} {}\n\nEdition {}. Made by the tests of `crates/codebook` from \
         `codebook/{}`; do not edit.\n",
        codebook.label.zh, codebook.label.en, codebook.edition, codebook.name
    );
    text.push_str("\n## Ledgers\n");
    for ledger in codebook.ledgers.values() {
        write_ledger(&mut text, ledger);
    }
    write_code_lists(&mut text, codebook);
    text.push_str("\n## Flows\n");
    for flow in codebook.flows.values() {
        for language in [Language::Zh, Language::En] {
            let _ = write!(text, "\n```text\n{}```\n", flow_text(codebook, flow, on, language));
        }
    }
    write_parameters(&mut text, codebook);
    write_sources(&mut text, codebook);
    write_indicators(&mut text, codebook);
    write_fault_codes(&mut text);
    text
}

fn write_ledger(text: &mut String, ledger: &Ledger) {
    let _ = write!(
        text,
        "\n### `{}` {} {}\n\n{}。{}.\n\n| field | 中文 | English | type | rules |\n\
         |---|---|---|---|---|\n",
        ledger.name, ledger.label.zh, ledger.label.en, ledger.purpose.zh, ledger.purpose.en
    );
    for field in &ledger.fields {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            field.name,
            field.label.zh,
            field.label.en,
            type_text(field),
            rules_text(field)
        );
    }
    if let Some(nest) = &ledger.nest {
        let _ = writeln!(text, "\nNested by `{nest}`.");
    }
    if !ledger.relations.is_empty() {
        text.push('\n');
    }
    for relation in &ledger.relations {
        let label = &relation.label;
        let words = format!("{} {}", label.zh, label.en);
        let _ = writeln!(text, "- `{}` {words}: {}", relation.name, relation_text(relation));
    }
}

fn type_text(field: &Field) -> String {
    let word = field.field_type.word();
    match (&field.codes, &field.ledger) {
        (Some(list), _) => format!("{word} `{list}`"),
        (None, Some(ledger)) => format!("{word} `{ledger}`"),
        (None, None) => word.to_owned(),
    }
}

fn rules_text(field: &Field) -> String {
    let mut rules = Vec::new();
    let flags = [
        (field.is_required, "required"),
        (field.is_unique, "unique"),
        (field.is_indexed, "indexed"),
        (field.is_searched, "searched"),
        (field.sensitive.is_some(), "sensitive"),
    ];
    rules.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, word)| word.to_owned()));
    rules.extend(field.holds.map(|holds| format!("holds {}", holds.word())));
    rules.extend(field.former.as_ref().map(|list| format!("old ones kept in `{list}`")));
    rules.extend(field.length_max.map(|length| format!("≤ {length} characters")));
    rules.extend(field.minimum.map(|minimum| format!("≥ {minimum}")));
    rules.extend(field.maximum.map(|maximum| format!("≤ {maximum}")));
    rules.extend(field.since.map(|since| format!("since {since}")));
    rules.extend(field.until.map(|until| format!("until {until}")));
    rules.join(", ")
}

fn relation_text(relation: &Relation) -> String {
    let ledger = &relation.ledger;
    match (&relation.kind, &relation.by) {
        (RelationKind::Key { on, through }, _) => key_text(ledger, on, through.as_deref()),
        (RelationKind::Many, Some(by)) => format!("many `{ledger}` by `{by}`"),
        (RelationKind::One, Some(by)) => format!("one `{ledger}` by `{by}`"),
        (RelationKind::Links, Some(by)) => format!("links `{ledger}`, read through its `{by}`"),
        (_, None) => format!("links `{ledger}`"),
    }
}

fn key_text(ledger: &str, on: &[(String, String)], through: Option<&str>) -> String {
    let pairs: Vec<String> = on.iter().map(|(own, other)| format!("`{own}` = `{other}`")).collect();
    let through = through.map_or_else(String::new, |name| format!(" through `{name}`"));
    format!("`{ledger}` on {}{through}", pairs.join(" and "))
}

fn write_code_lists(text: &mut String, codebook: &Codebook) {
    text.push_str("\n## Code lists\n\n| list | codes |\n|---|---|\n");
    for list in codebook.code_lists.values() {
        let codes: Vec<String> =
            list.codes.iter().map(|code| format!("`{}` {}", code.code, code.label.zh)).collect();
        let _ = writeln!(text, "| `{}` {} | {} |", list.name, list.label.zh, codes.join("、"));
    }
}

fn write_parameters(text: &mut String, codebook: &Codebook) {
    text.push_str(
        "\n## Parameters\n\nThose that nobody uses here are for counties' own rules: shares, \
         limits and days that papers name.\n\n",
    );
    text.push_str("| name | 中文 | value | since | region | source | used by |\n");
    text.push_str("|---|---|---|---|---|---|---|\n");
    for parameter in codebook.parameters.values() {
        let users = parameter_users(codebook, &parameter.name).join(", ");
        for value in &parameter.values {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {} | {users} |",
                parameter.name,
                parameter.label.zh,
                parameter.value_text(value, Language::Zh),
                value.since,
                value.region.as_ref().map_or("", taizhang_values::RegionCode::as_str),
                value.source.zh
            );
        }
    }
}

fn write_sources(text: &mut String, codebook: &Codebook) {
    if codebook.sources.is_empty() {
        return;
    }
    text.push_str(
        "\n## Sources of rules\n\n| source | 中文 | English | rules |\n|---|---|---|---|\n",
    );
    for source in codebook.sources.values() {
        let names = |rule: &&RuleSource| {
            let cited = codebook.citations(&rule.source);
            cited.iter().any(|one| one.source.is_some_and(|one| one.id == source.id))
        };
        let rules = codebook.rules.values().filter(names).count();
        let cited = Citation { source: Some(source), passage: "" };
        let [zh, en] = [Language::Zh, Language::En].map(|language| cited.text(language));
        let _ = writeln!(text, "| `{}` | {zh} | {en} | {rules} |", source.id);
    }
}

/// Rules, flows and notices that name a parameter, and the pages that count by one.
fn parameter_users(codebook: &Codebook, name: &str) -> Vec<String> {
    let [single, double] = [format!("'{name}'"), format!("\"{name}\"")];
    let names = |text: &PlacedText| text.text.contains(&single) || text.text.contains(&double);
    let rules = codebook.rules.values().filter(|rule| {
        let defines = rule.defines.iter().map(|define| &define.text);
        let raises = rule.raises.iter().map(|raise| &raise.when);
        let mut texts = defines.chain(raises).chain(&rule.applies);
        names(&rule.violates) || texts.any(names)
    });
    let clocks = codebook.flows.values().filter(|flow| {
        let mut clocks = flow.states.iter().filter_map(|state| state.clock.as_ref());
        clocks.any(|clock| clock.parameter == name)
    });
    let notices = codebook.notices.values().filter(|notice| notice.days_parameter == name);
    let program = PROGRAM_PARAMETERS.iter().filter(|(known, _)| *known == name);
    rules
        .map(|rule| rule.code.clone())
        .chain(clocks.map(|flow| format!("flow `{}`", flow.name)))
        .chain(notices.map(|notice| format!("notice `{}`", notice.name)))
        .chain(program.map(|(_, user)| (*user).to_owned()))
        .collect()
}

/// Parameters that the program itself asks for, and where.
const PROGRAM_PARAMETERS: [(&str, &str); 3] = [
    ("rect.near_due_days", "list of findings"),
    ("rect.progress_days", "reminders"),
    ("monitor.line", "page of a household"),
];

fn write_indicators(text: &mut String, codebook: &Codebook) {
    text.push_str("\n## Indicators\n\n| name | 中文 | ledger | filter | definition |\n");
    text.push_str("|---|---|---|---|---|\n");
    for indicator in codebook.indicators.values() {
        let _ = writeln!(
            text,
            "| `{}` | {} | `{}` | `{}` | {} |",
            indicator.name,
            indicator.label.zh,
            indicator.ledger,
            indicator.filter,
            indicator.definition.zh
        );
    }
}

fn write_fault_codes(text: &mut String) {
    text.push_str("\n## Codes of `taizhang codebook check`\n\n");
    text.push_str("| code | 中文 | English |\n|---|---|---|\n");
    for code in FAULT_CODES {
        let _ = writeln!(text, "| {} | {} | {} |", code.code, code.zh, code.en);
    }
}
