//! Writing one record of the register.

use super::change::CHANGE;
use crate::doubts::{BESIDE_MAX, Beside};
use crate::work::Faults;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::{Action, EditMode, Field, Ledger};
use taizhang_store::{Change, NewRecord, Record, StoreError, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Root ledger of the households' trees.
pub(crate) const ROOT: &str = "household";

/// A record as somebody wants it.
#[derive(Clone, Debug)]
pub struct SaveRecord {
    /// Ledger.
    pub ledger: String,
    /// The record; none for a new one.
    pub id: Option<RecordId>,
    /// Version that the page showed; 0 for a new record.
    pub version: i64,
    /// Region of a new record.
    pub region: Option<RegionCode>,
    /// Fields that change. [`Value::Null`] empties a field.
    pub values: Values,
    /// Why, for the history and for whoever accepts it.
    pub reason: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// Written and judged: the record, and what the rules say.
    Written(Box<Record>, SavedDoubts),
    /// Proposed: it takes effect when the township accepts it.
    Proposed(Box<Record>),
}

/// What the rules say of what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SavedDoubts {
    /// Doubts that stand against its household, or against the record itself if it is of none.
    pub standing: u64,
    /// Records elsewhere that depend on it.
    pub beside: Beside,
}

/// A record that was written, with its versions before and after in clear where others depend on
/// it, and the household that it left.
pub(super) struct Written {
    pub(super) record: Record,
    versions: Vec<Record>,
    left: Option<RecordId>,
}

/// Why the transaction of a save leaves nothing behind.
enum NotWritten {
    Refused(ServiceError),
    /// The township has to accept it first.
    Proposed(Box<SaveRecord>, Option<RegionCode>),
}

impl From<ServiceError> for NotWritten {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl Service {
    /// Writes a record of the register, or proposes it where the ledger asks for that and the
    /// caller holds no role above the village.
    ///
    /// # Errors
    /// `Invalid` `G0101` for a field that there is not or that the caller may not change, `G0102`
    /// for a value of the wrong type, `G0103` for a required field that is empty, `G0104` without a
    /// change, `V0103` for a field that the caller does not see, `V0104` for a household, or what
    /// belongs to one, that he does not see; `Conflict` field by field, `Denied`, `NotFound`.
    pub fn save_record(&self, caller: &Caller, input: &SaveRecord) -> Result<Saved, ServiceError> {
        self.save(caller, input).map_err(|error| self.shown_refusal(caller, error))
    }

    fn save(&self, caller: &Caller, input: &SaveRecord) -> Result<Saved, ServiceError> {
        let ledger = self.codebook().ledger(&input.ledger).ok_or(ServiceError::NotFound)?;
        if ledger.name == CHANGE {
            // Written by what it carries out, and never rewritten.
            return Err(self.denied("household_change.update", input.region.as_ref()));
        }
        let verb = if input.id.is_some() { "change" } else { "add" };
        let act = self.act(caller, &format!("{}.{verb}", ledger.name), Some(&input.reason));
        let saved = self.store.write(&act, |writer| {
            let (input, region) = self.looked_at(writer, caller, ledger, input)?;
            if ledger.edit == EditMode::Propose && !self.may_decide(caller, region.as_ref()) {
                return Err(NotWritten::Proposed(Box::new(input), region));
            }
            let mut written = self.write_in(writer, ledger, &input, region)?;
            let doubts = self.judge_saved(writer, &mut written)?;
            Ok(Saved::Written(self.shown(caller, written.record).into(), doubts))
        });
        match saved {
            Ok(saved) => Ok(saved),
            Err(NotWritten::Refused(error)) => Err(error),
            Err(NotWritten::Proposed(input, region)) => {
                let proposal = self.propose(caller, ledger, &input, region)?;
                Ok(Saved::Proposed(self.shown(caller, proposal).into()))
            }
        }
    }

    /// What of a form may be written, and where: rights and values are looked at in the transaction
    /// that writes, over the record as it is changed then.
    fn looked_at(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        ledger: &Ledger,
        input: &SaveRecord,
    ) -> Result<(SaveRecord, Option<RegionCode>), ServiceError> {
        let record = match &input.id {
            Some(id) => {
                let place = (ledger.name.as_str(), id);
                Some(self.reachable_in(writer, caller, place, Action::Update)?)
            }
            None => None,
        };
        let region = match &record {
            Some(record) => record.region.clone(),
            None => {
                let region = input.region.clone().ok_or(ServiceError::NotFound)?;
                self.require_create(caller, &ledger.name, &region)?;
                Some(region)
            }
        };
        let (values, place) = (input.values.clone(), region.as_ref());
        let action = if record.is_some() { Action::Update } else { Action::Create };
        let asked = (ledger.name.as_str(), &[Action::Read, action][..]);
        let values = self.writable(caller, asked, record.as_ref(), place, values)?;
        self.require_references(caller, &ledger.name, record.as_ref(), &values)?;
        let input = SaveRecord { values, ..input.clone() };
        check_values(ledger, &input)?;
        Ok((input, region))
    }

    /// Writes the change itself.
    pub(super) fn write_in(
        &self,
        writer: &Writer<'_>,
        ledger: &Ledger,
        input: &SaveRecord,
        region: Option<RegionCode>,
    ) -> Result<Written, ServiceError> {
        let values = input.values.clone();
        let Some(id) = &input.id else {
            let new = NewRecord { region, values, ..NewRecord::default() };
            let record = writer.insert(&ledger.name, new)?;
            return Ok(Written { record, versions: Vec::new(), left: None });
        };
        let before = self.for_dependants(writer, &ledger.name, id)?;
        let left = match &before {
            Some(before) => self.household_of(before),
            None => writer.get(&ledger.name, id)?.and_then(|record| self.household_of(&record)),
        };
        let change = Change { values, ..Change::default() };
        let record = writer.update(&ledger.name, id, input.version, change)?;
        // Who moves to another household leaves one behind that has to be judged too.
        let now = self.household_of(&record);
        let left = left.filter(|left| Some(left) != now.as_ref());
        Ok(Written { record, versions: before.into_iter().collect(), left })
    }

    /// Judges what was written: its household, or the record itself if it is of none, and whatever
    /// elsewhere depends on it.
    pub(super) fn judge_saved(
        &self,
        writer: &Writer<'_>,
        written: &mut Written,
    ) -> Result<SavedDoubts, ServiceError> {
        let (ledger, id) = (&written.record.ledger, &written.record.id);
        written.versions.extend(self.for_dependants(writer, ledger, id)?);
        let home = self.household_of(&written.record);
        let own: Vec<RecordId> = written.left.iter().chain(&home).cloned().collect();
        let alone = match home {
            Some(_) => None,
            None => Some(self.refresh_record(writer, ledger, id)?),
        };
        let changes = [std::mem::take(&mut written.versions)];
        let (turned, beside) =
            self.refresh_with_beside(writer, &own, &changes, &BTreeSet::new(), BESIDE_MAX)?;
        let turnover = alone.or_else(|| turned.last().copied()).unwrap_or_default();
        Ok(SavedDoubts { standing: turnover.opened + turnover.kept, beside })
    }

    /// True for those who accept what villages propose there and check their answers: whoever may
    /// open doubts, which is the township and above.
    #[must_use]
    pub fn may_decide(&self, caller: &Caller, region: Option<&RegionCode>) -> bool {
        region
            .is_some_and(|region| self.require_create(caller, crate::doubts::DOUBT, region).is_ok())
    }
}

/// All faults of the form at once.
pub(super) fn check_values(ledger: &Ledger, input: &SaveRecord) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    let name = ledger.name.as_str();
    if input.values.is_empty() {
        faults.add(name, "id", "G0104", "没有改动", "nothing was changed");
    }
    for (key, value) in &input.values {
        let Some(field) = ledger.field(key) else {
            faults.add(name, key, "G0101", "没有这个字段", "there is no such field");
            continue;
        };
        if !fits(field, value) {
            faults.add(name, key, "G0102", "填写的内容类型不对", "the value has another type");
        }
    }
    for field in ledger.fields.iter().filter(|field| field.is_required) {
        let given = input.values.get(&field.name);
        let is_missing = match given {
            Some(value) => value.is_empty(),
            None => input.id.is_none(),
        };
        if is_missing {
            faults.add(name, &field.name, "G0103", "必填项没有填", "a required field is empty");
        }
    }
    faults.done()
}

fn fits(field: &Field, value: &Value) -> bool {
    match (field.field_type.value_kind(), value) {
        (_, Value::Null) => true,
        (kind, value) => kind_of(value) == Some(kind),
    }
}

fn kind_of(value: &Value) -> Option<taizhang_values::ValueKind> {
    use taizhang_values::ValueKind as Kind;
    Some(match value {
        Value::Null => return None,
        Value::Text(_) => Kind::Text,
        Value::Integer(_) => Kind::Integer,
        Value::Decimal(_) => Kind::Decimal,
        Value::Money(_) => Kind::Money,
        Value::Boolean(_) => Kind::Boolean,
        Value::Date(_) => Kind::Date,
        Value::Instant(_) => Kind::Instant,
        Value::Reference(_) => Kind::Reference,
        Value::List(_) => Kind::List,
    })
}
