//! Nobody writes over what he does not see.

use crate::register::ROOT;
use crate::work::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, FieldAccess};
use taizhang_store::{Record, Values};
use taizhang_values::{RegionCode, Value};

impl Service {
    /// What of a form may be written: a mask that comes back from the form leaves its field alone;
    /// sealed fields may be typed anew. `record` is the record as the caller sees it, none for a
    /// new one; `actions` are what he must see the fields for.
    ///
    /// # Errors
    /// `Invalid` `V0103` for every field that the caller does not see whole.
    pub(crate) fn writable(
        &self,
        caller: &Caller,
        (ledger, actions): (&str, &[Action]),
        record: Option<&Record>,
        region: Option<&RegionCode>,
        mut values: Values,
    ) -> Result<Values, ServiceError> {
        let Some(definition) = self.codebook().ledger(ledger) else { return Ok(values) };
        let sight = |action: &Action| (*action, self.sight(caller, ledger, *action));
        let sights: Vec<_> = actions.iter().map(sight).collect();
        let mut faults = Faults::default();
        values.retain(|name, value| {
            let Some(field) = definition.field(name) else { return true };
            let access = sights.iter().map(|(action, sight)| match record {
                Some(record) => sight.access(record, field),
                None => self.access_at(caller, (ledger, *action), region, name),
            });
            match access.min().unwrap_or(FieldAccess::Hidden) {
                FieldAccess::Full => true,
                FieldAccess::Masked | FieldAccess::Reveal
                    if record.is_some_and(|record| record.get(name) == value) =>
                {
                    false
                }
                _ => {
                    let zh = "您无权查看这一项，不能填写";
                    faults.add(ledger, name, "V0103", zh, "you do not see this field: no writing");
                    true
                }
            }
        });
        faults.done()?;
        Ok(values)
    }

    /// Refuses to tie a record to a household, or to what belongs to one, that the caller does not
    /// see: it would be judged and shown with that household.
    ///
    /// # Errors
    /// `Invalid` `V0104` for every such field that changes, `V0105` for one that leads from one
    /// ledger of a household to another one's of another household.
    pub(crate) fn require_references(
        &self,
        caller: &Caller,
        ledger: &str,
        record: Option<&Record>,
        values: &Values,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        for (name, value) in values {
            let target = self.codebook().field(ledger, name).and_then(|one| one.ledger.as_deref());
            let (Some(target), Some(id)) = (target, value.as_reference()) else { continue };
            let is_kept = record.is_some_and(|record| record.get(name) == value);
            if is_kept || !(target == ROOT || self.is_nested(target)) {
                continue;
            }
            match self.whole(caller, target, id) {
                Ok(found) => {
                    let home = values.get(ROOT).and_then(Value::as_reference);
                    let home = home.or_else(|| record?.reference(ROOT));
                    let home = if ledger == ROOT { record.map(|own| &own.id) } else { home };
                    let is_inner =
                        target != ROOT && self.codebook().stays_in_tree(ROOT, ledger, name);
                    if is_inner && found.reference(ROOT) != home {
                        let zh = "这条记录属于另一户";
                        faults.add(ledger, name, "V0105", zh, "the record is another household's");
                    }
                }
                Err(ServiceError::NotFound) => {
                    let zh = "没有这条记录，或者您无权查看";
                    faults.add(ledger, name, "V0104", zh, "no such record that you may see");
                }
                Err(other) => return Err(other),
            }
        }
        faults.done()
    }
}
