//! Why a condition that is tried cannot be told: the fields that are blank where it is undecided.

use std::sync::atomic::AtomicBool;
use taizhang_codebook::Codebook;
use taizhang_engine::error::EngineError;
use taizhang_engine::run::{DoubtChunk, DoubtSink, Options, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::Program;
use taizhang_rules::{FieldUse, Rule, trial};
use taizhang_values::Date;

/// Fields that are named.
const FIELDS_MAX: usize = 5;

/// A field that is blank: the way to it, and for how many of the undecided records.
pub(super) struct Blank {
    pub(super) way: String,
    pub(super) records: u64,
}

/// The fields that are blank where a condition is undecided.
#[derive(Default)]
pub(super) struct Blanks {
    /// The commonest first.
    pub(super) fields: Vec<Blank>,
    /// True if a field that the condition reads could not be asked for, so that it may be blank
    /// without being named.
    pub(super) is_partial: bool,
}

/// What is only counted.
struct Nowhere;

impl DoubtSink for Nowhere {
    fn take(&mut self, _: &Program, _: DoubtChunk) -> Result<(), EngineError> {
        Ok(())
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        Ok(())
    }
}

/// The blank fields behind a condition's undecided records. One more run over the snapshot finds
/// them: each field that the condition reads becomes a condition of its own.
pub(super) fn blanks(
    codebook: &Codebook,
    snapshot: &Snapshot,
    rule: &Rule,
    condition: &str,
    on: Date,
) -> Result<Blanks, EngineError> {
    let mut found = Blanks::default();
    let (tests, ways) = tests(codebook, rule, condition, &mut found.is_partial);
    if tests.is_empty() {
        return Ok(found);
    }
    let (program, left_out) = taizhang_program::compile(codebook, &tests, on);
    found.is_partial |= !left_out.is_empty();
    let options = Options { values: false, ..Options::default() };
    let stop = AtomicBool::new(false);
    let report = run(&program, snapshot, &options, &mut Nowhere, &stop, &|_, _| {})?;
    let fields = ways.into_iter().filter_map(|(code, way)| {
        let records = report.rules.iter().find(|counts| counts.rule == code)?.violates;
        (records > 0).then_some(Blank { way, records })
    });
    found.fields.extend(fields);
    found.fields.sort_by_key(|blank| std::cmp::Reverse(blank.records));
    found.fields.truncate(FIELDS_MAX);
    Ok(found)
}

/// A condition for each field that a rule reads, and by its code the way to the field. Tells
/// whether a field had to be skipped.
fn tests(
    codebook: &Codebook,
    rule: &Rule,
    condition: &str,
    is_partial: &mut bool,
) -> (Vec<Rule>, Vec<(String, String)>) {
    // The condition stands on lines of its own: it may end in a comment.
    let undecided =
        format!("default((\n{condition}\n), true) && !default((\n{condition}\n), false)");
    let (mut tests, mut ways) = (Vec::new(), Vec::new());
    for (number, used) in rule.uses.iter().enumerate() {
        if !may_be_blank(codebook, used) {
            continue;
        }
        let text =
            blank(codebook, &rule.ledger, used).map(|blank| format!("{undecided} && {blank}"));
        // What is too long to be asked so is not asked.
        let test = text.and_then(|text| trial(codebook, &rule.ledger, &text).ok());
        let Some(mut test) = test else {
            *is_partial = true;
            continue;
        };
        test.code = format!("TRY-{:03}", number + 1);
        let mut way = used.path.clone();
        way.push(used.field.clone());
        ways.push((test.code.clone(), way.join(".")));
        tests.push(test);
    }
    (tests, ways)
}

/// False for what stands among the fields read and is none: relations, whose rows are there or not,
/// and the columns that every record has.
fn may_be_blank(codebook: &Codebook, used: &FieldUse) -> bool {
    let is_field = codebook.field(&used.ledger, &used.field).is_some();
    let ledger = codebook.ledger(&used.ledger);
    let is_relation = ledger.is_some_and(|ledger| ledger.relation(&used.field).is_some());
    is_field || !(is_relation || matches!(used.field.as_str(), "region" | "state"))
}

/// The condition that a field is blank, in one row at least if it is reached through rows; `None`
/// for rows that no relation leads to, as those of `same(…)`.
fn blank(codebook: &Codebook, ledger: &str, used: &FieldUse) -> Option<String> {
    let (mut text, mut brackets, mut row) = (String::new(), String::new(), String::new());
    let mut at = codebook.ledger(ledger)?;
    for (depth, step) in used.path.iter().enumerate() {
        match at.field(step).and_then(|field| field.ledger.as_deref()) {
            Some(next) => {
                row = format!("{row}{step}.");
                at = codebook.ledger(next)?;
            }
            None => {
                let next = &at.relation(step)?.ledger;
                text = format!("{text}{row}{step}.exists(x{depth}, ");
                brackets.push(')');
                row = format!("x{depth}.");
                at = codebook.ledger(next)?;
            }
        }
    }
    at.field(&used.field)?;
    Some(format!("{text}!has({row}{}){brackets}", used.field))
}
