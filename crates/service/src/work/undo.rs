//! Undoing one's own last act on a finding.

use super::facts::responsible_units;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_store::{Change, Record, Version};
use taizhang_values::{RegionCode, Value};

/// Hours during which an act can be undone from the history (`ui.md` §6).
const UNDO_HOURS_MAX: i64 = 24;

impl Service {
    /// Undoes the last act on a finding, if it was the caller's own, can be undone, and nothing
    /// came after it. History keeps both.
    ///
    /// # Errors
    /// `Invalid` `W0198` if there is nothing to undo; `Conflict` on a stale version, `NotFound`.
    pub fn undo(&self, caller: &Caller, shown: &Shown) -> Result<Record, ServiceError> {
        let act = self.act(caller, "finding.undo", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let record = self.finding_in(writer, caller, &shown.finding)?;
            let history = writer.history(FINDING, &record.id)?;
            let last = self.undoable(caller, &history);
            let Some(last) = last else {
                if record.version != shown.version {
                    writer.update(FINDING, &record.id, shown.version, Change::default())?;
                }
                let (zh, en) = ("没有可以撤销的操作", "there is nothing to undo");
                return Err(ServiceError::field(FINDING, "id", "W0198", zh, en));
            };
            let change = reverse(last);
            let record = writer.update(FINDING, &record.id, shown.version, change)?;
            self.set_units(writer, &record.id, &responsible_units(&record))?;
            Ok(record)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// The newest version, if the caller may undo it.
    pub(crate) fn undoable<'a>(
        &self,
        caller: &Caller,
        history: &'a [Version],
    ) -> Option<&'a Version> {
        let last = history.iter().max_by_key(|version| version.version)?;
        let is_own = last.by.as_ref() == Some(&caller.user);
        let age_seconds = self.now().as_second() - last.at.as_second();
        let is_recent = (0..=UNDO_HOURS_MAX * 3600).contains(&age_seconds);
        let step = last.verb.strip_prefix("finding.")?;
        let is_reversible = step == "assign"
            || self
                .finding_flow()
                .ok()
                .and_then(|flow| flow.step(step))
                .is_some_and(|step| step.is_reversible);
        (is_own && is_recent && is_reversible && last.version > 1).then_some(last)
    }
}

/// The change that brings back what a version replaced.
fn reverse(version: &Version) -> Change {
    let mut change = Change::default();
    for (field, old, _) in &version.changed {
        match field.as_str() {
            "state" => change.state = old.as_text().map(str::to_owned),
            "region" => change.region = old.as_text().and_then(RegionCode::parse),
            _ => {
                change.values.insert(field.clone(), Value::clone(old));
            }
        }
    }
    change
}
