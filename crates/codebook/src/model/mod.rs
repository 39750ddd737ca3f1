//! The typed definitions. One file a concept; a name is the key everywhere.

mod access;
mod calendar;
mod cited;
mod code_list;
mod exchange;
mod flow;
mod ledger;
mod parameter;
mod report;
mod rule;

pub use access::{AccessScope, Action, FieldAccess, Grant, Role};
pub use calendar::CalendarDay;
pub use cited::{Citation, CitedSource};
pub use code_list::{Code, CodeList};
pub use exchange::{ImportColumn, ImportLayout, Notice};
pub use flow::{
    Clock, ClockKind, EscalationStep, Flow, LadderEnd, LadderRung, Needs, State, StateKind, Step,
};
pub use ledger::{
    EditMode, Field, FieldType, Ledger, Relation, RelationKind, SensitiveClass, SnapshotPart,
    TextHolds,
};
pub use parameter::{Parameter, ParameterValue};
pub use report::{Indicator, ReportTemplate, TemplateBlock};
pub use rule::{Define, PlacedText, RaiseSource, RuleKind, RuleSeverity, RuleSource, TextPiece};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;

/// A checked codebook. Every name used in it is defined in it.
///
/// INVARIANT: made only by the reader of this crate, so that holders need not check again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Codebook {
    /// Name of the field, such as `rural`.
    pub name: String,
    /// Title for pages.
    pub label: Message,
    /// Edition, a date or number that grows with every change.
    pub edition: String,
    /// Ledgers by name.
    pub ledgers: BTreeMap<String, Ledger>,
    /// Code lists by name.
    pub code_lists: BTreeMap<String, CodeList>,
    /// Flows by name.
    pub flows: BTreeMap<String, Flow>,
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Parameters by name (`rect.report_days`).
    pub parameters: BTreeMap<String, Parameter>,
    /// Days that differ from the week.
    pub calendar: Vec<CalendarDay>,
    /// Notices by name.
    pub notices: BTreeMap<String, Notice>,
    /// Import layouts by name.
    pub import_layouts: BTreeMap<String, ImportLayout>,
    /// Indicators by name.
    pub indicators: BTreeMap<String, Indicator>,
    /// Report templates by name.
    pub report_templates: BTreeMap<String, ReportTemplate>,
    /// Sources that rules name, by their short words.
    pub sources: BTreeMap<String, CitedSource>,
    /// Rules by code, as their files say them.
    pub rules: BTreeMap<String, RuleSource>,
    /// Editions of rules in trial, by code: they open no doubts.
    pub trials: BTreeMap<String, RuleSource>,
}

impl Codebook {
    /// A ledger by name.
    #[must_use]
    pub fn ledger(&self, name: &str) -> Option<&Ledger> {
        self.ledgers.get(name)
    }

    /// A field of a ledger by name.
    #[must_use]
    pub fn field(&self, ledger: &str, field: &str) -> Option<&Field> {
        self.ledger(ledger)?.field(field)
    }

    /// The root ledger of a ledger's tree: itself if it is not nested.
    #[must_use]
    pub fn tree_of(&self, ledger: &str) -> Option<&str> {
        let ledger = self.ledger(ledger)?;
        let root = ledger.nest.as_ref().and_then(|nest| ledger.field(nest)?.ledger.as_deref());
        Some(root.unwrap_or(&ledger.name))
    }

    /// True if a reference stays within one tree of `root`, such as one household: it leads to the
    /// root by the field of `nest`, or to another ledger that is nested in it. What refers to its
    /// own ledger, as a case to an earlier one, may lead anywhere, and so may what leads to a root
    /// by another field.
    #[must_use]
    pub fn stays_in_tree(&self, root: &str, ledger: &str, field: &str) -> bool {
        let Some(own) = self.ledger(ledger) else { return false };
        let Some(target) = own.field(field).and_then(|field| field.ledger.as_deref()) else {
            return false;
        };
        let is_in_tree = |ledger: &str| self.tree_of(ledger) == Some(root);
        let is_nest = own.nest.as_deref() == Some(field);
        is_in_tree(ledger) && (is_nest || target != root && target != ledger && is_in_tree(target))
    }

    /// The label of a code; `None` if list or code is unknown.
    #[must_use]
    pub fn code_label(&self, list: &str, code: &str) -> Option<&Message> {
        Some(&self.code_lists.get(list)?.code(code)?.label)
    }

    /// The value of a parameter in force on a day, for a region (longest region code that contains
    /// it wins over the general value).
    #[must_use]
    pub fn parameter(
        &self,
        name: &str,
        on: taizhang_values::Date,
        region: Option<&taizhang_values::RegionCode>,
    ) -> Option<&ParameterValue> {
        self.parameters.get(name)?.in_force(on, region)
    }

    /// The overdue ladder of a flow with its days in numbers.
    ///
    /// # Shape
    /// In the order of the flow. A rung whose days hang on a parameter without a value in force is
    /// left out, and so is one that begins where such a one ends.
    #[must_use]
    pub fn ladder<'a>(
        &self,
        flow: &'a Flow,
        on: taizhang_values::Date,
        region: Option<&taizhang_values::RegionCode>,
    ) -> Vec<LadderRung<'a>> {
        let mut rungs = Vec::with_capacity(flow.escalation.len());
        let mut last_day = None;
        for step in &flow.escalation {
            let from_day = step.from_day.or_else(|| Some(last_day? + 1));
            let to_day = match &step.last {
                None => Some(None),
                Some(LadderEnd::Day(day)) => Some(Some(*day)),
                Some(LadderEnd::Parameter(name)) => {
                    self.parameter(name, on, region).map(|held| Some(held.value))
                }
            };
            last_day = to_day.flatten();
            if let (Some(from_day), Some(to_day)) = (from_day, to_day) {
                rungs.push(LadderRung { step, from_day, to_day });
            }
        }
        rungs
    }
}
