//! Rules: text in the Common Expression Language → parsed, resolved and typed rules, and a plain
//! interpreter that defines what they mean.
//!
//! Start at [`compile`] (one rule), [`check`] (all rules of a codebook with their examples) and
//! [`interpret`]. The language is described in `docs/rules.md`; [`ir`] is the typed form that
//! programs are made of.

pub mod functions;
pub mod ir;
mod rule;
mod walk;

pub use rule::{FieldUse, Piece, Raise, Rule, RuleMessage, Shown};
pub use walk::children;
