//! What a transaction wrote is judged before it ends: the records themselves, and whatever
//! elsewhere reads them. Steps of findings, letters, imports and operations on households come
//! through here; one saved record of the register is judged by `register::save`.

use super::beside::Beside;
use crate::{Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_store::{Act, Reader, Record, Touched, Writer};
use taizhang_values::RecordId;

/// Written records that are judged within their transaction, at most: an act on more of them leaves
/// the others to the next run.
const WRITTEN_MAX: usize = 4_000;

/// Records judged beside them, at most.
const BESIDE_WRITTEN_MAX: usize = 500;

impl Service {
    /// Work in one transaction; what it wrote is judged in the same, so that whoever acts is
    /// answered with what the rules say now.
    ///
    /// # Errors
    /// Those of the work, and of the store.
    pub(crate) fn write_judged<T>(
        &self,
        act: &Act,
        work: impl FnOnce(&Writer<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.store.write(act, |writer| {
            writer.watch();
            let done = work(writer)?;
            let touched = writer.watched();
            self.refresh_written(writer, &touched, &BTreeSet::new())?;
            Ok(done)
        })
    }

    /// Judges what was written and is in none of the `judged` households, and what depends on it.
    pub(crate) fn refresh_written(
        &self,
        writer: &Writer<'_>,
        touched: &[Touched],
        judged: &BTreeSet<RecordId>,
    ) -> Result<Beside, ServiceError> {
        let touched: Vec<&Touched> =
            touched.iter().filter(|one| self.is_looked_at(&one.ledger)).collect();
        let mut judged = judged.clone();
        let mut is_cut = touched.len() > WRITTEN_MAX;
        let mut alone: BTreeMap<&str, Vec<RecordId>> = BTreeMap::new();
        let mut changes = Vec::new();
        for one in touched.iter().take(WRITTEN_MAX) {
            let versions = writer.for_judging(|reader| versions(reader, one))?;
            let homes: BTreeSet<RecordId> =
                versions.iter().filter_map(|version| self.household_of(version)).collect();
            if homes.is_empty() {
                alone.entry(&one.ledger).or_default().push(one.id.clone());
            }
            for home in homes {
                if judged.insert(home.clone()) && writer.get(super::rows::ROOT, &home)?.is_some() {
                    self.refresh_household(writer, &home)?;
                }
            }
            if self.dependants().are_of(&one.ledger) {
                changes.push(versions);
            }
        }
        for (ledger, ids) in alone {
            self.refresh_records(writer, ledger, &ids)?;
        }
        let beside = self.refresh_beside(writer, &changes, &judged, BESIDE_WRITTEN_MAX)?;
        is_cut |= beside.is_cut;
        Ok(Beside { is_cut, ..beside })
    }

    /// True for ledgers that some rule judges or reads on its way.
    fn is_looked_at(&self, ledger: &str) -> bool {
        self.dependants().are_of(ledger) || self.rules().iter().any(|rule| rule.ledger == ledger)
    }
}

/// A record before and after, in clear, as far as there are.
fn versions(reader: &Reader<'_>, touched: &Touched) -> Result<Vec<Record>, ServiceError> {
    let (ledger, id) = (&touched.ledger, &touched.id);
    let mut versions = Vec::new();
    if let Some(before) = touched.before.filter(|before| *before > 0) {
        let history = reader.history(ledger, id)?;
        versions
            .extend(history.into_iter().find(|one| one.version == before).map(|one| one.record));
    }
    versions.extend(reader.get(ledger, id)?);
    Ok(versions)
}
