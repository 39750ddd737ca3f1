//! Findings beside each other: those of one inspection, and how many there are in several.

use super::FINDING;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::{Action, StateKind};
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{RecordId, Value};

/// Most neighbours that are offered.
const NEIGHBOURS_MAX: usize = 100;

impl Service {
    /// Running findings of the same inspection that the caller sees, by number, without this one:
    /// those to which one file may belong as well.
    ///
    /// # Errors
    /// Store errors only; without an inspection there is none.
    pub fn neighbours(
        &self,
        caller: &Caller,
        finding: &Record,
    ) -> Result<Vec<Record>, ServiceError> {
        let Some(inspection) = finding.reference("inspection") else { return Ok(Vec::new()) };
        let running = self.states_of(&[StateKind::Open, StateKind::LongTerm])?;
        let filter = self
            .finding_rights(caller)?
            .and(Filter::eq("inspection", inspection))
            .and(Filter::In("state".to_owned(), running))
            .and(Filter::Not(Box::new(Filter::eq("id", &finding.id))));
        let query = Query::new(FINDING).filter(filter).sort("number", false).limit(NEIGHBOURS_MAX);
        Ok(self.all_shown(caller, self.store.read(|reader| reader.list(&query))?.records))
    }

    /// Findings by id that the caller may see, in the order asked for.
    ///
    /// # Errors
    /// Store errors only.
    pub fn findings(&self, caller: &Caller, ids: &[RecordId]) -> Result<Vec<Record>, ServiceError> {
        let found = self.store.read(|reader| reader.get_many(FINDING, ids))?;
        let seen = ids.iter().filter_map(|id| found.get(id));
        let seen = seen.filter(|finding| self.may(caller, finding, Action::Read)).cloned();
        Ok(self.all_shown(caller, seen.collect()))
    }

    /// How many findings the caller sees in each of several inspections, in one query.
    ///
    /// # Errors
    /// `Denied` if the caller may read no finding at all.
    pub fn finding_counts(
        &self,
        caller: &Caller,
        inspections: &[RecordId],
    ) -> Result<BTreeMap<RecordId, u64>, ServiceError> {
        if inspections.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wanted = inspections.iter().map(Value::from).collect();
        let filter = self.finding_rights(caller)?.and(Filter::In("inspection".to_owned(), wanted));
        let query = Query::new(FINDING).filter(filter);
        let counts = self.store.read(|reader| reader.count_by(&query, "inspection"))?;
        let known = |(value, count): (Value, u64)| Some((value.as_reference()?.clone(), count));
        Ok(counts.into_iter().filter_map(known).collect())
    }

    /// Names of units and people by id, for a page that shows values with references. Ids of
    /// neither are left out.
    ///
    /// # Errors
    /// Store errors only.
    pub fn names_of(&self, ids: &[RecordId]) -> Result<BTreeMap<RecordId, String>, ServiceError> {
        self.store.read(|reader| {
            let mut found = super::ledger_list::names(reader, "unit", ids.iter().cloned())?;
            found.extend(super::ledger_list::names(reader, "user", ids.iter().cloned())?);
            Ok(found)
        })
    }
}
