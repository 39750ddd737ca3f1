//! The examples of a rule: tables in its text, turned into rows and judged.

mod account;
mod build;
mod cell;
mod memory;
mod table;

pub use cell::example_number;
pub use memory::MemoryRows;

use crate::faults::{Faults, RuleFault};
use crate::interpret::{Context, RowId, Rows as _};
use crate::judge::{Judgement, Outcome, judge};
use crate::rule::Rule;
use std::ops::Range;
use taizhang_codebook::{Codebook, RuleSeverity, RuleSource};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// Day of judgement of examples that name none.
pub const EXAMPLE_DAY: Date = jiff::civil::date(2025, 6, 30);

/// Region of examples that name none: an invented village.
pub const EXAMPLE_REGION: &str = "990101001001";

/// One example: a record with its relations, and what the rule should say.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name in the table, or its number from 1.
    pub case: String,
    /// Day of judgement.
    pub as_of: Date,
    /// What the rule should say.
    pub outcome: Outcome,
    /// The severity that a violation should have, if the table says.
    pub severity: Option<RuleSeverity>,
    /// The rows.
    pub rows: MemoryRows,
    /// The record that is judged.
    pub row: RowId,
    /// Where it stands in the text below the head.
    pub(crate) range: Range<usize>,
    /// Something of it could not be read, so that its outcome says nothing.
    pub(crate) is_flawed: bool,
}

/// Reads the examples of a rule; faults are told.
pub(crate) fn examples(
    codebook: &Codebook,
    source: &RuleSource,
    rule: &Rule,
    faults: &Faults,
) -> Vec<Example> {
    let before = faults.count();
    let tables = table::tables(&source.body, faults);
    let are_whole = faults.count() == before;
    let mut examples = build::Builder::new(codebook, source, rule, faults).examples(&tables);
    examples.iter_mut().for_each(|example| example.is_flawed |= !are_whole);
    examples
}

/// The examples of a rule of the codebook that can be read, as its file gives them.
#[must_use]
pub fn examples_of(codebook: &Codebook, rule: &Rule) -> Vec<Example> {
    let Some(source) = codebook.rules.get(&rule.code) else { return Vec::new() };
    let mut found = examples(codebook, source, rule, &Faults::default());
    found.retain(|example| !example.is_flawed);
    found
}

/// Judges the examples of a rule and tells which come out otherwise.
pub(crate) fn check(codebook: &Codebook, source: &RuleSource, rule: &Rule, faults: &Faults) {
    let before = faults.count();
    let examples = examples(codebook, source, rule, faults);
    let mut context = Context::new(codebook, EXAMPLE_DAY);
    for example in examples.iter().filter(|example| !example.is_flawed) {
        context.as_of = example.as_of;
        let found = judge(rule, example.row, &example.rows, &context);
        let account = || account::account(codebook, source, example, found.outcome, &context);
        check_outcome((codebook, source, rule), example, found, account, faults);
    }
    if faults.count() == before {
        check_complete(codebook, source, rule, &examples, faults);
    }
}

/// Fields that the rule reads and the example leaves blank, by the way to them.
fn missing(codebook: &Codebook, rule: &Rule, example: &Example) -> Vec<String> {
    let rows = &example.rows;
    let mut missing = Vec::new();
    for used in &rule.uses {
        let mut here = vec![example.row];
        for name in &used.path {
            let next = |row: &RowId| match (name.as_str(), rows.one(*row, name)) {
                (_, Some(next)) => vec![next],
                ("same", None) => rows.same(*row, &[]).unwrap_or_default(),
                _ => rows.many(*row, name),
            };
            here = here.iter().flat_map(next).collect();
        }
        let is_field = codebook.field(&used.ledger, &used.field).is_some();
        if is_field && here.iter().any(|row| rows.field(*row, &used.field).is_missing()) {
            let mut way = used.path.clone();
            way.push(used.field.clone());
            missing.push(way.join("."));
        }
    }
    missing
}

fn check_outcome(
    (codebook, source, rule): (&Codebook, &RuleSource, &Rule),
    example: &Example,
    found: Judgement,
    account: impl FnOnce() -> Option<Message>,
    faults: &Faults,
) {
    let place = || source.body.place(example.range.clone());
    let case = &example.case;
    if found.outcome != example.outcome {
        let (found_word, wanted) = (found.outcome.word(), example.outcome.word());
        let added = faults.add(
            RuleFault::ExampleOutcome,
            place(),
            Message::new(
                format!("例`{case}`的结果是 {found_word}，表里写 {wanted}"),
                format!("example `{case}` {found_word}, the table says {wanted}"),
            ),
        );
        if let Some(error) = found.error {
            let word = error.word();
            added.help(format!("原因：{word}"), format!("because of {word}"));
        } else if found.outcome == Outcome::Undecided {
            let missing = missing(codebook, rule, example).join("`、`");
            if !missing.is_empty() {
                added.help(
                    format!("例中没有值：`{missing}`"),
                    format!("without a value in the example: `{}`", missing.replace('、', ", ")),
                );
            }
        } else if let Some(account) = account() {
            added.help(account.zh, account.en);
        }
        return;
    }
    let wanted = example.severity.filter(|wanted| *wanted != found.severity);
    if let (Some(wanted), Outcome::Violates) = (wanted, found.outcome) {
        let (found_word, wanted) = (found.severity.word(), wanted.word());
        faults.add(
            RuleFault::ExampleOutcome,
            place(),
            Message::new(
                format!("例`{case}`的严重程度是 {found_word}，表里写 {wanted}"),
                format!("example `{case}` has severity {found_word}, the table says {wanted}"),
            ),
        );
    }
}

/// A passing and a violating example must be there, and an undecided one if the rule can be.
fn check_complete(
    codebook: &Codebook,
    source: &RuleSource,
    rule: &Rule,
    examples: &[Example],
    faults: &Faults,
) {
    let has = |outcome: Outcome| examples.iter().any(|example| example.outcome == outcome);
    let mut missing = Vec::new();
    missing.extend([Outcome::Passes, Outcome::Violates].into_iter().filter(|word| !has(*word)));
    if !has(Outcome::Undecided) && can_be_undecided(codebook, rule, examples) {
        missing.push(Outcome::Undecided);
    }
    for outcome in missing {
        let word = outcome.word();
        faults
            .add(
                RuleFault::ExampleMissing,
                source.body.place(0..1),
                Message::new(
                    format!("没有结果为 {word} 的例子"),
                    format!("no example that {}", phrase(outcome)),
                ),
            )
            .help(
                format!("在例表里加一行，outcome 写 {word}"),
                format!("add a row with outcome {word} to the table of examples"),
            );
    }
}

const fn phrase(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Outside => "is outside",
        Outcome::Passes => "passes",
        Outcome::Violates => "violates",
        Outcome::Undecided => "is undecided",
    }
}

/// True if taking one value out of an example makes it undecided.
fn can_be_undecided(codebook: &Codebook, rule: &Rule, examples: &[Example]) -> bool {
    let mut context = Context::new(codebook, EXAMPLE_DAY);
    examples.iter().any(|example| {
        context.as_of = example.as_of;
        example
            .rows
            .with_one_value_less()
            .into_iter()
            .any(|rows| judge(rule, example.row, &rows, &context).outcome == Outcome::Undecided)
    })
}
