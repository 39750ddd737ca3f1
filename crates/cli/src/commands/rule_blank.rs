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

/// The blank fields behind a condition's undecided records, the commonest first. One more run over
/// the snapshot finds them: each field that the condition reads becomes a condition of its own.
pub(super) fn blanks(
    codebook: &Codebook,
    snapshot: &Snapshot,
    rule: &Rule,
    condition: &str,
    on: Date,
) -> Result<Vec<Blank>, EngineError> {
    let undecided = format!("default(({condition}), true) && !default(({condition}), false)");
    let mut tests = Vec::new();
    let mut ways = Vec::new();
    for (number, used) in rule.uses.iter().enumerate() {
        let Some(blank) = blank(codebook, &rule.ledger, used) else { continue };
        let text = format!("{undecided} && {blank}");
        // What is too long to be asked so is not asked.
        let Ok(mut test) = trial(codebook, &rule.ledger, &text) else { continue };
        test.code = format!("TRY-{:03}", number + 1);
        let mut way = used.path.clone();
        way.push(used.field.clone());
        ways.push((test.code.clone(), way.join(".")));
        tests.push(test);
    }
    let (program, _) = taizhang_program::compile(codebook, &tests, on);
    let options = Options { values: false, ..Options::default() };
    let stop = AtomicBool::new(false);
    let report = run(&program, snapshot, &options, &mut Nowhere, &stop, &|_, _| {})?;
    let found = ways.into_iter().filter_map(|(code, way)| {
        let records = report.rules.iter().find(|counts| counts.rule == code)?.violates;
        (records > 0).then_some(Blank { way, records })
    });
    let mut found: Vec<Blank> = found.collect();
    found.sort_by_key(|blank| std::cmp::Reverse(blank.records));
    found.truncate(FIELDS_MAX);
    Ok(found)
}

/// The condition that a field is blank, in one row at least if it is reached through rows.
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
    // A relation stands among the fields read, too.
    at.field(&used.field)?;
    Some(format!("{text}!has({row}{}){brackets}", used.field))
}
