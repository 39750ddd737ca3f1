//! Rules: text in the Common Expression Language → parsed, resolved and typed rules, and a plain
//! interpreter that defines what they mean.
//!
//! Start at [`compile`] (one rule), [`check`] (all rules of a codebook with their examples) and
//! [`interpret`]. The language is described in `docs/rules.md`; [`ir`] is the typed form that
//! programs are made of.

mod calendar;
mod call;
mod check;
mod compile;
mod describe;
pub mod dynamic;
mod example;
mod fact;
mod faults;
pub mod functions;
mod interpret;
pub mod ir;
mod judge;
pub mod limits;
mod message;
mod pattern;
mod resolve;
mod retold;
mod rule;
mod syntax;
mod trial;
mod walk;

pub use call::call as apply;
pub use check::{check, check_rule};
pub use compile::{compile, compile_expression, compile_value};
pub use describe::{explain, kind_label, severity_label};
pub use example::{EXAMPLE_DAY, EXAMPLE_REGION, Example, MemoryRows, example_number, examples_of};
pub use fact::of_text as fact_of;
pub use faults::{RULE_FAULT_CODES, RuleFault, RuleFaultCode};
pub use interpret::{Cell, Context, ErrorKind, Evaluated, RowId, Rows, Undecided, interpret};
pub use judge::{Judgement, Outcome, judge};
pub use message::{joined, message_text, message_with, shown_text};
pub use retold::retold;
pub use rule::{FieldUse, Piece, Raise, Rule, RuleMessage, Shown};
pub use trial::{TRIAL_CODE, trial};
pub use walk::children;
