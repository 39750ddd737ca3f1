//! Operations on households: split, merger, move, end, and people who join or leave. An operation
//! is a record of the ledger of changes: writing one carries it out, in the same transaction, and
//! what a village writes waits for the township like every other change.
//!
//! INVARIANT: nothing is overwritten: every record changed keeps its history, and an operation is
//! taken back by new versions.

mod carry;
mod facts;
mod kind;
mod undo;

pub use kind::ChangeKind;
pub use undo::UndoChange;

use super::save::{ROOT, SaveRecord, Saved, SavedDoubts};
use crate::{Caller, Service, ServiceError};
use carry::Carrier;
use facts::Facts;
use std::collections::BTreeSet;
use taizhang_codebook::Action;
use taizhang_store::{Change, Filter, Query, Record, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Ledger of operations on households.
pub(crate) const CHANGE: &str = "household_change";

/// Operations of a household that are shown.
const CHANGES_SHOWN: usize = 100;

/// An operation as somebody wants it.
#[derive(Clone, Debug)]
pub struct ChangeHousehold {
    /// The household.
    pub household: RecordId,
    /// What happens.
    pub kind: ChangeKind,
    /// Fields of the ledger `household_change`: day, people, reasons, the other household.
    pub values: Values,
    /// What it rests on, for history, audit and whoever decides.
    pub reason: String,
}

impl Service {
    /// Carries an operation on a household out, or proposes it where the caller holds no role above
    /// the village.
    ///
    /// # Shape
    /// `values` by kind: all `changed_on`; split `persons`, `relations` (codes in the order of
    /// `persons`), `head_person`, `other_number`, `address`; merge `other_household`, `persons`,
    /// `relations`; move `to_region`, `village_group`, `address`; end `end_reason`; join
    /// `join_reason`, `person_name`, `person_relation` and what else is known of the person; leave
    /// `persons`, `left_reason`, and `head_person` where the head leaves, `other_household` and
    /// `relations` where they go to another household.
    ///
    /// # Errors
    /// `Invalid` `G0301` to `G0319`, `G0331` to `G0340` with every fault at its field, `G0201` for
    /// a proposal without a reason; `Denied` without the right to one of the places, `NotFound`.
    pub fn change_household(
        &self,
        caller: &Caller,
        input: &ChangeHousehold,
    ) -> Result<Saved, ServiceError> {
        let household = self.reachable(caller, ROOT, &input.household, Action::Update)?;
        let region = household.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_create(caller, CHANGE, &region)?;
        let ledger = self.codebook().ledger(CHANGE).ok_or(ServiceError::NotFound)?;
        let mut values = input.values.clone();
        values.insert(ROOT.to_owned(), (&input.household).into());
        values.insert("change_kind".to_owned(), input.kind.code().into());
        values.insert("note".to_owned(), input.reason.trim().into());
        values.retain(|_, value| !value.is_empty());
        let asked = (CHANGE, &[Action::Read, Action::Create][..]);
        let values = self.writable(caller, asked, None, Some(&region), values)?;
        for id in undo::named(&values) {
            self.visible(caller, ROOT, &id)?;
        }
        let save = SaveRecord {
            ledger: CHANGE.to_owned(),
            id: None,
            version: 0,
            region: Some(region.clone()),
            values,
            reason: input.reason.clone(),
        };
        super::save::check_values(ledger, &save)?;
        self.store.read(|reader| self.change_facts(reader, &save.values).map(|_| ()))?;
        if !self.may_decide(caller, Some(&region)) {
            let proposal = self.propose(caller, ledger, &save, Some(region))?;
            return Ok(Saved::Proposed(self.shown(caller, proposal).into()));
        }
        let verb = format!("{CHANGE}.{}", input.kind.code());
        let act = self.act(caller, &verb, Some(input.reason.trim()));
        self.store.write(&act, |writer| {
            let change = self.write_in(writer, ledger, &save, Some(region))?;
            let (change, doubts) = self.carry_out(caller, writer, &change.record, &save.values)?;
            Ok(Saved::Written(self.shown(caller, change).into(), doubts))
        })
    }

    /// Carries out what a record of the ledger of changes says, judges every household that it
    /// touches and whatever elsewhere depends on what was written, and notes that; the doubts are
    /// those of the first household.
    pub(super) fn carry_out(
        &self,
        caller: &Caller,
        writer: &Writer<'_>,
        change: &Record,
        values: &Values,
    ) -> Result<(Record, SavedDoubts), ServiceError> {
        let facts = self.change_facts(writer, values)?;
        self.require_places(caller, &facts)?;
        let mut carrier = Carrier::new(self, writer, &change.id);
        let mut learnt = carrier.carry(&facts, values)?;
        learnt.insert("written".to_owned(), Value::List(carrier.written()));
        let touched = carrier.touched();
        let own = Change { region: facts.region.clone(), values: learnt, ..Change::default() };
        let change = writer.update(CHANGE, &change.id, change.version, own)?;
        let mut doubts = SavedDoubts::default();
        let mut judged = BTreeSet::new();
        for id in undo::named(&change.values) {
            let turnover = self.refresh_household(writer, &id)?;
            if id == facts.household.id {
                doubts.standing = turnover.opened + turnover.kept;
            }
            judged.insert(id);
        }
        doubts.beside = self.refresh_written(writer, &touched, &judged)?;
        Ok((change, doubts))
    }

    /// Refuses unless the caller decides over every place that the operation touches.
    fn require_places(&self, caller: &Caller, facts: &Facts) -> Result<(), ServiceError> {
        let other = facts.other.as_ref().and_then(|other| other.region.as_ref());
        let places = [facts.household.region.as_ref(), other, facts.region.as_ref()];
        for place in places.into_iter().flatten() {
            if !self.may_decide(caller, Some(place)) {
                return Err(self.denied("household.update", Some(place)));
            }
            self.require_create(caller, CHANGE, place)?;
        }
        Ok(())
    }

    /// Operations in which a household took part, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn household_changes(
        &self,
        caller: &Caller,
        household: &RecordId,
    ) -> Result<Vec<Record>, ServiceError> {
        let either = vec![Filter::eq(ROOT, household), Filter::eq("other_household", household)];
        let query = Query::new(CHANGE)
            .filter(Filter::Or(either))
            .sort("changed_on", true)
            .limit(CHANGES_SHOWN);
        Ok(self.list_visible(caller, query)?.records)
    }

    /// True if the caller may carry operations out on a household, or propose them.
    #[must_use]
    pub fn may_change_household(&self, caller: &Caller, household: &Record) -> bool {
        let place: Option<&RegionCode> = household.region.as_ref();
        household.get("ended_on").as_date().is_none()
            && self.may(caller, household, Action::Update)
            && place.is_some_and(|place| self.require_create(caller, CHANGE, place).is_ok())
    }
}
