//! Rule file → compiled rule.

use crate::faults::{Faults, RuleFault};
use crate::ir::{Kind, Node, RowRef, RowsSource};
use crate::limits::{COST_MAX, cost};
use crate::resolve::Resolver;
use crate::rule::{FieldUse, Raise, Rule};
use crate::walk::children;
use std::collections::BTreeSet;
use taizhang_codebook::{Codebook, PlacedText, RelationKind, RuleSource};
use taizhang_diagnostics::{Diagnostic, Message};

/// Reads, resolves and types one rule.
///
/// # Errors
/// Every fault of its expressions and its message, each with its place in the rule file.
pub fn compile(codebook: &Codebook, source: &RuleSource) -> Result<Rule, Vec<Diagnostic>> {
    let faults = Faults::default();
    match compile_into(codebook, source, &faults) {
        Some(rule) if faults.count() == 0 => Ok(rule),
        _ => Err(faults.into_diagnostics()),
    }
}

pub(crate) fn compile_into(
    codebook: &Codebook,
    source: &RuleSource,
    faults: &Faults,
) -> Option<Rule> {
    // An unknown ledger is the codebook's own fault, told there.
    let ledger = codebook.ledger(&source.ledger.text)?;
    let period = Some((source.since, source.until));
    let (defines, text) = (&source.defines, &source.violates);
    let resolver = Resolver::new(codebook, ledger, defines, text, period, faults);
    let applies = source.applies.as_ref().map(|text| resolver.condition(text));
    let violates = resolver.condition(&source.violates);
    let raises: Vec<Option<Raise>> = source
        .raises
        .iter()
        .map(|raise| {
            let when = resolver.condition(&raise.when)?;
            Some(Raise { severity: raise.severity, when })
        })
        .collect();
    let message = crate::message::compile(&resolver, codebook, source, faults);
    let title = title(source, faults);
    let applies = match applies {
        Some(node) => Some(node?),
        None => None,
    };
    let mut rule = Rule {
        code: source.code.clone(),
        name: source.name.clone(),
        title,
        ledger: ledger.name.clone(),
        kind: source.kind,
        severity: source.severity,
        since: source.since,
        until: source.until,
        applies,
        violates: violates?,
        raises: raises.into_iter().collect::<Option<_>>()?,
        message: message?,
        uses: Vec::new(),
        cost: 0,
    };
    rule.cost = conditions(&rule).into_iter().map(cost).fold(0, u64::saturating_add);
    check_cost(&rule, source, faults)?;
    rule.uses = uses_of(codebook, &rule);
    Some(rule)
}

/// Conditions of a rule.
fn conditions(rule: &Rule) -> Vec<&Node> {
    let raises = rule.raises.iter().map(|raise| &raise.when);
    rule.applies.iter().chain([&rule.violates]).chain(raises).collect()
}

fn check_cost(rule: &Rule, source: &RuleSource, faults: &Faults) -> Option<()> {
    if rule.cost <= COST_MAX {
        return Some(());
    }
    let place = source.violates.place(0..source.violates.text.len());
    faults
        .add(
            RuleFault::TooCostly,
            place,
            Message::new(
                format!("一条记录最多要 {} 步，超过 {COST_MAX}", rule.cost),
                format!("one record may take {} steps, over {COST_MAX}", rule.cost),
            ),
        )
        .help(
            "少用关系套关系：先在子台账上写规则，或换用 same(…)、duplicates(…)",
            "nest fewer relations: judge the inner ledger by a rule of its own, or use same(…) or \
             duplicates(…)",
        );
    None
}

/// The heading of the body; a rule without one has a fault.
fn title(source: &RuleSource, faults: &Faults) -> String {
    if source.heading().is_none() {
        faults
            .add(
                RuleFault::NoTitle,
                source.body.place(0..1),
                Message::new("正文缺少 `# 标题`", "the text lacks a `# title`"),
            )
            .help("在文件头之后写一行 `# 标题`", "write a line `# title` below the head");
    }
    source.heading().unwrap_or_default().to_owned()
}

/// Fields that a rule reads, with the way to them.
pub(crate) fn uses_of(codebook: &Codebook, rule: &Rule) -> Vec<FieldUse> {
    let mut found = BTreeSet::new();
    let values = rule.message.values.iter().map(|value| &value.node);
    for node in conditions(rule).into_iter().chain(values) {
        let mut scopes = vec![(rule.ledger.clone(), Vec::new())];
        gather(codebook, node, &mut scopes, &mut found);
    }
    found.into_iter().collect()
}

/// Ledger of a scope, and the way to it.
type Scopes = Vec<(String, Vec<String>)>;

fn gather(codebook: &Codebook, node: &Node, scopes: &mut Scopes, found: &mut BTreeSet<FieldUse>) {
    match &node.kind {
        Kind::Field { row, field }
        | Kind::IdentityFact { row, field, .. }
        | Kind::Has { row, field } => add(codebook, row, field, scopes, found),
        Kind::HasRow { row } => {
            let _ = way(codebook, row, scopes, found);
        }
        Kind::Duplicates { row, fields, .. } => {
            for field in fields {
                add(codebook, row, field, scopes, found);
            }
        }
        Kind::Param { row, .. } => add(codebook, row, "region", scopes, found),
        Kind::Reduce { rows, .. } => {
            let Some((from, mut path)) = way(codebook, &rows.row, scopes, found) else {
                return;
            };
            match &rows.source {
                RowsSource::Relation(relation) => {
                    key_fields(codebook, &from, &path, relation, found);
                    found.insert(FieldUse {
                        ledger: from,
                        field: relation.clone(),
                        path: path.clone(),
                    });
                    path.push(relation.clone());
                }
                RowsSource::Same(fields) => {
                    for field in fields {
                        add(codebook, &rows.row, field, scopes, found);
                    }
                    path.push("same".to_owned());
                }
            }
            let outer = scopes.clone();
            scopes.resize(rows.scope, (rows.ledger.clone(), path.clone()));
            scopes.push((rows.ledger.clone(), path));
            for child in children(node) {
                gather(codebook, child, scopes, found);
            }
            *scopes = outer;
            return;
        }
        _ => {}
    }
    for child in children(node) {
        gather(codebook, child, scopes, found);
    }
}

/// Own fields of a relation by key are read too.
fn key_fields(
    codebook: &Codebook,
    ledger: &str,
    path: &[String],
    relation: &str,
    found: &mut BTreeSet<FieldUse>,
) {
    let relation = codebook.ledger(ledger).and_then(|ledger| ledger.relation(relation));
    let Some(RelationKind::Key { on, through }) = relation.map(|relation| &relation.kind) else {
        return;
    };
    let mut path = path.to_vec();
    let mut own = ledger.to_owned();
    if let Some(through) = through {
        let inner = codebook.ledger(ledger).and_then(|ledger| ledger.relation(through));
        own = inner.map(|inner| inner.ledger.clone()).unwrap_or(own);
        path.push(through.clone());
    }
    for (field, _) in on {
        found.insert(FieldUse { ledger: own.clone(), field: field.clone(), path: path.clone() });
    }
}

fn add(
    codebook: &Codebook,
    row: &RowRef,
    field: &str,
    scopes: &Scopes,
    found: &mut BTreeSet<FieldUse>,
) {
    if let Some((ledger, path)) = way(codebook, row, scopes, found) {
        found.insert(FieldUse { ledger, field: field.to_owned(), path });
    }
}

/// Ledger and way of a row; the references followed are read as well.
fn way(
    codebook: &Codebook,
    row: &RowRef,
    scopes: &Scopes,
    found: &mut BTreeSet<FieldUse>,
) -> Option<(String, Vec<String>)> {
    let (mut ledger, mut path) = scopes.get(row.scope)?.clone();
    for field in &row.path {
        found.insert(FieldUse { ledger: ledger.clone(), field: field.clone(), path: path.clone() });
        ledger = codebook.field(&ledger, field)?.ledger.clone()?;
        path.push(field.clone());
    }
    Some((ledger, path))
}

/// Compiles a condition about the records of a ledger that stands in no rule, as `rule try` does.
///
/// # Errors
/// Every fault, with its place in the text; an unknown ledger.
pub fn compile_expression(
    codebook: &Codebook,
    ledger: &str,
    text: &str,
) -> Result<Node, Vec<Diagnostic>> {
    compile_loose(codebook, ledger, text, true)
}

/// Compiles a value about the records of a ledger that stands in no rule.
///
/// # Errors
/// Every fault, with its place in the text; an unknown ledger.
pub fn compile_value(
    codebook: &Codebook,
    ledger: &str,
    text: &str,
) -> Result<Node, Vec<Diagnostic>> {
    compile_loose(codebook, ledger, text, false)
}

fn compile_loose(
    codebook: &Codebook,
    ledger: &str,
    text: &str,
    is_condition: bool,
) -> Result<Node, Vec<Diagnostic>> {
    let text = PlacedText::loose("EXPR", text);
    let faults = Faults::default();
    let Some(definition) = codebook.ledger(ledger) else {
        faults
            .add(
                RuleFault::UnknownName,
                taizhang_diagnostics::Place::Nowhere,
                Message::new(format!("没有台账`{ledger}`"), format!("no ledger `{ledger}`")),
            )
            .nearest(ledger, codebook.ledgers.keys().map(String::as_str));
        return Err(faults.into_diagnostics());
    };
    let resolver = Resolver::new(codebook, definition, &[], &text, None, &faults);
    let node = if is_condition { resolver.condition(&text) } else { resolver.shown_value(&text) };
    drop(resolver);
    let node = node.filter(|node| {
        let is_affordable = cost(node) <= COST_MAX;
        if !is_affordable {
            let message = Message::new("表达式开销太大", "the expression is too costly");
            faults.add(RuleFault::TooCostly, text.place(0..text.text.len()), message);
        }
        is_affordable
    });
    match node {
        Some(node) if faults.count() == 0 => Ok(node),
        _ => Err(faults.into_diagnostics()),
    }
}
