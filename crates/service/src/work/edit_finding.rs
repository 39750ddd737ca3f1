//! Correcting what a finding says: title, problem, category, topic, cause.

use super::faults::Faults;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, StateKind};
use taizhang_store::{Change, Record, Values};
use taizhang_values::Value;

/// Fields that are corrected by hand. Everything else changes by its own act.
pub const EDITABLE_FIELDS: [&str; 7] =
    ["title", "problem", "category", "subcategory", "topic", "scope_kind", "cause"];

/// What is said of a field that has an act of its own.
pub(super) const NOT_BY_HAND: (&str, &str) = ("这一项不能在这里改", "this field is not set here");

/// A correction of one finding.
#[derive(Clone, Debug)]
pub struct EditFindingInput {
    /// The finding as shown.
    pub shown: Shown,
    /// New values by field, some of [`EDITABLE_FIELDS`]; others are refused.
    pub values: Values,
}

impl Service {
    /// Corrects a finding. What is not given stays as it is.
    ///
    /// # Errors
    /// `Denied` unless the caller keeps the ledger there (may change findings and plans or
    /// registers them), `Conflict` with both versions on a stale one, `Invalid`: `W0221` no title,
    /// `W0222` no problem, `W0224` a field that is not corrected by hand, `W0225` ended.
    pub fn edit_finding(
        &self,
        caller: &Caller,
        input: &EditFindingInput,
    ) -> Result<Record, ServiceError> {
        let mut faults = Faults::default();
        for (field, value) in &input.values {
            let is_known = EDITABLE_FIELDS.contains(&field.as_str());
            faults.check(!is_known, (FINDING, field), "W0224", NOT_BY_HAND);
            let is_blank = value.as_text().is_none_or(|text| text.trim().is_empty());
            let missing = [
                ("title", "W0221", ("请填问题标题", "fill in a title")),
                ("problem", "W0222", ("请填具体问题", "fill in the problem")),
            ];
            for (required, code, words) in missing {
                faults.check(required == field && is_blank, (FINDING, required), code, words);
            }
        }
        faults.done()?;
        let trimmed = |value: &Value| match value {
            Value::Text(text) if text.trim().is_empty() => Value::Null,
            Value::Text(text) => Self::text_value(text),
            other => other.clone(),
        };
        let values: Values =
            input.values.iter().map(|(field, value)| (field.clone(), trimmed(value))).collect();
        let act = self.act(caller, "finding.edit", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let record = self.finding_in(writer, caller, &input.shown.finding)?;
            self.require_edit(caller, &record, input.shown.version)?;
            let change = Change { values, ..Change::default() };
            Ok(writer.update(FINDING, &record.id, input.shown.version, change)?)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Refuses unless the caller keeps the ledger where the finding stands, and it has not ended
    /// in the version that he was shown.
    pub(crate) fn require_edit(
        &self,
        caller: &Caller,
        record: &Record,
        shown: i64,
    ) -> Result<(), ServiceError> {
        if !self.may_edit_finding(caller, record) {
            return Err(self.denied("finding.update", record.region.as_ref()));
        }
        let is_ended = matches!(self.state_kind(record), StateKind::Closed | StateKind::Void);
        if is_ended && record.version == shown {
            let (zh, en) = ("已经办结的问题不能再改", "the finding has ended");
            return Err(ServiceError::field(FINDING, "", "W0225", zh, en));
        }
        Ok(())
    }

    /// True if the caller keeps the ledger where this finding stands.
    pub(crate) fn may_edit_finding(&self, caller: &Caller, record: &Record) -> bool {
        let keeps =
            ["register", "plan"].into_iter().any(|step| self.holds_step_role(caller, record, step));
        keeps && self.may(caller, record, Action::Update)
    }
}
