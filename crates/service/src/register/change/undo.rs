//! Taking an operation back: what it wrote becomes as it was before, by new versions, as long as
//! nobody changed it meanwhile.

use super::CHANGE;
use super::carry::{all, nested_ledgers};
use crate::register::save::ROOT;
use crate::work::Faults;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::Action;
use taizhang_store::{Change, Filter, Record, Touched, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// A wish to take an operation back.
#[derive(Clone, Debug)]
pub struct UndoChange {
    /// The operation.
    pub change: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// Why.
    pub reason: String,
}

/// A record that an operation wrote.
struct Written {
    ledger: String,
    id: RecordId,
    before: i64,
    after: i64,
}

impl Written {
    fn touched(&self) -> Touched {
        // What is taken back goes from the version that the operation made.
        let (ledger, id) = (self.ledger.clone(), self.id.clone());
        Touched { ledger, id, before: Some(self.after) }
    }
}

impl Service {
    /// Takes an operation on a household back.
    ///
    /// # Errors
    /// `Invalid` `G0320` without a reason, `G0321` when it was taken back already, `G0322` when
    /// something it wrote was changed since; `Denied` to those who only propose; `Conflict`,
    /// `NotFound`.
    pub fn undo_household_change(
        &self,
        caller: &Caller,
        input: &UndoChange,
    ) -> Result<Record, ServiceError> {
        let change = self.whole(caller, CHANGE, &input.change)?;
        self.require_undo(caller, &change)?;
        let mut faults = Faults::default();
        faults.check(
            input.reason.trim().is_empty(),
            (CHANGE, "undo_reason"),
            "G0320",
            ("请写明撤销原因", "say why it is taken back"),
        );
        faults.check(
            change.get("undone_on").as_date().is_some(),
            (CHANGE, "undone_on"),
            "G0321",
            ("已经撤销过", "it was taken back already"),
        );
        faults.done()?;
        let act = self.act(caller, "household_change.undo", Some(input.reason.trim()));
        let undone = self.store.write(&act, |writer| {
            let values = Values::from([
                ("undone_on".to_owned(), self.today().into()),
                ("undone_by".to_owned(), (&caller.user).into()),
                ("undo_reason".to_owned(), input.reason.trim().into()),
            ]);
            self.take_back(writer, &change)?;
            let home = match change.reference(ROOT) {
                Some(id) => writer.get(ROOT, id)?,
                None => None,
            };
            let region = home.and_then(|home| home.region);
            let own = Change { region, values, ..Change::default() };
            Ok::<_, ServiceError>(writer.update(CHANGE, &change.id, input.version, own)?)
        })?;
        Ok(self.shown(caller, undone))
    }

    /// True if the caller may take the operation back; whether it can be is told when he does.
    #[must_use]
    pub fn may_undo_change(&self, caller: &Caller, change: &Record) -> bool {
        change.get("undone_on").as_date().is_none() && self.require_undo(caller, change).is_ok()
    }

    fn require_undo(&self, caller: &Caller, change: &Record) -> Result<(), ServiceError> {
        let regions = self.store.read(|reader| {
            let mut regions = vec![change.region.clone()];
            for field in [ROOT, "other_household"] {
                if let Some(id) = change.reference(field)
                    && let Some(household) = reader.get(ROOT, id)?
                {
                    regions.push(household.region);
                }
            }
            Ok::<_, ServiceError>(regions)
        })?;
        for region in regions {
            if !self.may_decide(caller, region.as_ref()) {
                return Err(self.denied("household.update", region.as_ref()));
            }
        }
        self.require_change_rights(caller, change)
    }

    fn require_change_rights(&self, caller: &Caller, change: &Record) -> Result<(), ServiceError> {
        match change.reference(ROOT) {
            Some(id) => self.reachable(caller, ROOT, id, Action::Update).map(|_| ()),
            None => Err(ServiceError::NotFound),
        }
    }

    fn take_back(&self, writer: &Writer<'_>, change: &Record) -> Result<(), ServiceError> {
        let lines = change.get("written").as_list();
        let written: Vec<Written> = lines.iter().filter_map(|line| parse(line)).collect();
        let (made, changed): (Vec<_>, Vec<_>) = written.iter().partition(|one| one.before == 0);
        let mut households: BTreeSet<RecordId> = BTreeSet::new();
        let mut back: Vec<(String, RecordId)> = Vec::new();
        for one in changed {
            let before = standing(writer, one)?;
            let after = restore(writer, &before, one)?;
            for record in [&before, &after] {
                households.extend(self.household_of(record));
            }
            if let Some(home) = self.household_of(&after).filter(|_| after.ledger != ROOT)
                && self.household_of(&before).as_ref() != Some(&home)
            {
                back.push((after.id.to_string(), home));
            }
        }
        for (subject, home) in &back {
            if let Some(home) = writer.get(ROOT, home)? {
                self.move_doubts(writer, std::slice::from_ref(subject), &home)?;
            }
        }
        for one in made {
            let record = standing(writer, one)?;
            self.require_unused(writer, &record)?;
            households.extend(self.household_of(&record));
            writer.delete(&one.ledger, &one.id, one.after)?;
        }
        for household in &households {
            self.refresh_household(writer, household)?;
        }
        let touched: Vec<Touched> = written.iter().map(Written::touched).collect();
        self.refresh_written(writer, &touched, &households)?;
        Ok(())
    }

    /// Refuses to take out a household or a person of whom something was written since.
    fn require_unused(&self, writer: &Writer<'_>, record: &Record) -> Result<(), ServiceError> {
        for ledger in nested_ledgers(self) {
            let field = match record.ledger.as_str() {
                ROOT => ROOT,
                own if self.codebook().field(&ledger, own).is_some() => own,
                _ => continue,
            };
            if !all(writer, &ledger, Filter::eq(field, &record.id))?.is_empty() {
                return Err(changed_since());
            }
        }
        Ok(())
    }
}

/// The record as it stands, if nobody changed it since the operation.
fn standing(writer: &Writer<'_>, one: &Written) -> Result<Record, ServiceError> {
    let record = writer.get(&one.ledger, &one.id)?;
    record.filter(|record| record.version == one.after).ok_or_else(changed_since)
}

fn changed_since() -> ServiceError {
    let zh = "变动写入的记录后来又改过，不能整体撤销，请逐项更正";
    let en = "what it wrote was changed since: correct it record by record";
    ServiceError::field(CHANGE, "undo_reason", "G0322", zh, en)
}

/// Gives a record the values that it had before the operation.
fn restore(writer: &Writer<'_>, record: &Record, one: &Written) -> Result<Record, ServiceError> {
    let mut change = Change::default();
    let history = writer.history(&one.ledger, &one.id)?;
    let own = history.iter().filter(|v| v.version > one.before && v.version <= one.after);
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|version| std::cmp::Reverse(version.version));
    for (field, old, _) in own.iter().flat_map(|version| &version.changed) {
        if field == "region" {
            change.region = old.as_text().and_then(RegionCode::parse);
        } else {
            change.values.insert(field.clone(), old.clone());
        }
    }
    change.values.remove("state");
    Ok(writer.update(&one.ledger, &one.id, record.version, change)?)
}

fn parse(line: &str) -> Option<Written> {
    let mut words = line.split(' ');
    let (ledger, id) = (words.next()?.to_owned(), RecordId::parse(words.next()?)?);
    let mut number = || words.next()?.parse().ok();
    Some(Written { ledger, id, before: number()?, after: number()? })
}

/// Households that a change's record names, beside its own.
pub(super) fn named(values: &Values) -> Vec<RecordId> {
    [ROOT, "other_household"]
        .into_iter()
        .filter_map(|field| values.get(field).and_then(Value::as_reference).cloned())
        .collect()
}
