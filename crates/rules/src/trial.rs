//! A condition tried as if it were a rule.

use crate::compile::{compile_expression, uses_of};
use crate::ir::{Fact, Kind, Node, RowRef, Type};
use crate::limits::cost;
use crate::rule::{Rule, RuleMessage, Shown};
use crate::walk::children;
use taizhang_codebook::{Codebook, RuleKind, RuleSeverity};
use taizhang_diagnostics::Diagnostic;
use taizhang_values::Date;

/// Code of a rule that is only tried.
pub const TRIAL_CODE: &str = "TRY-000";

/// A rule that is violated where a condition is true, always in force. It shows the fields of the
/// record that the condition reads.
///
/// # Errors
/// Every fault of the condition, with its place in the text.
pub fn trial(codebook: &Codebook, ledger: &str, text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let node = compile_expression(codebook, ledger, text)?;
    let mut shown = Vec::new();
    fields_shown(&node, &mut shown);
    let mut rule = Rule {
        code: TRIAL_CODE.to_owned(),
        name: "trial".to_owned(),
        title: text.to_owned(),
        ledger: ledger.to_owned(),
        kind: RuleKind::Logic,
        severity: RuleSeverity::Low,
        since: Date::MIN,
        until: None,
        applies: None,
        cost: cost(&node),
        violates: node,
        raises: Vec::new(),
        message: RuleMessage { zh: Vec::new(), en: Vec::new(), values: shown },
        uses: Vec::new(),
    };
    rule.uses = uses_of(codebook, &rule);
    Ok(rule)
}

/// Own fields of the record, each once; of sensitive ones whether they are there.
fn fields_shown(node: &Node, shown: &mut Vec<Shown>) {
    let own = |row: &RowRef| row.scope == 0 && row.path.is_empty();
    let found = match &node.kind {
        Kind::Field { row, field } if own(row) => Some((field.clone(), node.clone())),
        Kind::IdentityFact { row, field, fact } if own(row) => {
            let name = format!("has({field})");
            let kind = Kind::Has { row: row.clone(), field: field.clone() };
            match fact {
                Fact::Key => Some((name, Node { kind, ty: Type::Boolean, span: node.span })),
                _ => Some((format!("{fact:?}({field})").to_lowercase(), node.clone())),
            }
        }
        _ => None,
    };
    if let Some((text, node)) = found
        && !shown.iter().any(|value| value.text == text)
    {
        shown.push(Shown { text, node, label: None });
    }
    for child in children(node) {
        fields_shown(child, shown);
    }
}
