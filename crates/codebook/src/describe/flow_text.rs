//! A flow as text, for manuals, terminals and pages without pictures.

use super::list_mark;
use crate::model::{Codebook, Flow, State, Step};
use std::fmt::Write as _;
use taizhang_diagnostics::Language;
use taizhang_values::Date;

/// A flow as a tree of lines: each state with its limit on the day, below it its steps with the
/// state reached, who may take them and what they need; then the overdue ladder.
///
/// # Shape
/// Lines end with a line break; no line is wrapped.
#[must_use]
pub fn flow_text(codebook: &Codebook, flow: &Flow, on: Date, language: Language) -> String {
    let mut text = format!("{} ({})\n", flow.label.text(language), flow.name);
    for state in &flow.states {
        let limit = limit_text(codebook, state, on, language);
        let _ = writeln!(text, "{} {}{limit}", state.mark, state.label.text(language));
        let steps: Vec<&Step> =
            flow.steps.iter().filter(|step| step.from.contains(&state.name)).collect();
        for (position, step) in steps.iter().enumerate() {
            let joint = if position + 1 == steps.len() { "└─" } else { "├─" };
            let _ = writeln!(text, "   {joint} {}", step_text(codebook, flow, step, language));
        }
    }
    for rung in codebook.ladder(flow, on, None) {
        let form = codebook.code_text("escalation_form", &rung.step.form, language);
        let end = rung.to_day.map_or_else(|| "…".to_owned(), |day| day.to_string());
        let roles = roles_text(codebook, &rung.step.roles, language);
        let _ = writeln!(text, "{} … {end}  {form} [{roles}]", rung.from_day);
    }
    text
}

fn limit_text(codebook: &Codebook, state: &State, on: Date, language: Language) -> String {
    let Some(clock) = &state.clock else {
        return String::new();
    };
    let parameter = codebook.parameters.get(&clock.parameter);
    let value = parameter.and_then(|parameter| Some((parameter, parameter.in_force(on, None)?)));
    value.map_or_else(String::new, |(parameter, value)| {
        format!(" ({})", parameter.value_text(value, language))
    })
}

fn step_text(codebook: &Codebook, flow: &Flow, step: &Step, language: Language) -> String {
    let target = flow.state(&step.to);
    let to = target.map_or(step.to.as_str(), |state| state.label.text(language));
    let mark = target.map_or("", |state| state.mark.as_str());
    let roles = roles_text(codebook, &step.roles, language);
    let mut text = format!("{} → {mark} {to} [{roles}]", step.label.text(language));
    let needs = needs_text(codebook, flow, step, language);
    if !needs.is_empty() {
        let label = if language == Language::Zh { "需要" } else { "needs" };
        let _ = write!(text, " {label}: {}", needs.join(", "));
    }
    if step.is_independent {
        text.push_str(if language == Language::Zh { " *回避" } else { " *independent" });
    }
    if step.is_work {
        text.push_str(if language == Language::Zh { " *责任单位" } else { " *named units" });
    }
    text
}

fn roles_text(codebook: &Codebook, roles: &[String], language: Language) -> String {
    let labels: Vec<&str> = roles.iter().map(|role| codebook.role_label(role, language)).collect();
    labels.join(list_mark(language))
}

fn needs_text(codebook: &Codebook, flow: &Flow, step: &Step, language: Language) -> Vec<String> {
    let needs = &step.needs;
    let word = |zh: &str, en: &str| (if language == Language::Zh { zh } else { en }).to_owned();
    let mut words: Vec<String> = needs
        .fields
        .iter()
        .map(|field| codebook.field_label(&flow.ledger, field, language).to_owned())
        .collect();
    if needs.evidence_min > 0 {
        let count = needs.evidence_min;
        words.push(word(&format!("佐证材料≥{count}"), &format!("evidence ≥ {count}")));
    }
    let flags = [
        (needs.reason, "理由", "a reason"),
        (needs.acceptance, "验收表", "an acceptance"),
        (needs.children_closed, "子问题全部销号", "peers closed"),
        (needs.upper_consent, "上级同意", "the upper body's consent"),
        (needs.measure, "整改措施", "a measure"),
        (needs.progress, "进展", "progress"),
    ];
    words.extend(flags.into_iter().filter(|(is_set, ..)| *is_set).map(|(_, zh, en)| word(zh, en)));
    words
}
