//! One household with everything that belongs to it.

use super::change::CHANGE;
use super::save::ROOT;
use crate::doubts::HouseholdDoubts;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, RelationKind};
use taizhang_store::{Cursor, Filter, Page, Query, Record, Version};
use taizhang_values::{RecordId, Value};

/// Rows of a section at most; the section says if there are more.
const ROWS_SHOWN: usize = 200;

/// Records read at a time by their ids.
const RECORDS_AT_ONCE: usize = 200;

/// A household's page.
#[derive(Clone, Debug)]
pub struct HouseholdPage {
    /// The household, sealed fields masked.
    pub household: Record,
    /// Ledgers of its tree that hold anything and that the caller may see.
    pub sections: Vec<Section>,
    /// Doubts.
    pub doubts: HouseholdDoubts,
    /// Proposals that wait.
    pub proposals: Vec<Record>,
    /// Operations in which it took part, newest first.
    pub changes: Vec<Record>,
    /// The caller may carry out operations, or propose them.
    pub may_reorganise: bool,
    /// Watch line of the year and place in fen, if one is in force.
    pub watch_line_fen: Option<i64>,
    /// The caller may change it, or propose to.
    pub may_edit: bool,
    /// What the caller changes takes effect at once.
    pub is_direct: bool,
}

/// Rows of one ledger of the tree.
#[derive(Clone, Debug)]
pub struct Section {
    /// Relation of the household.
    pub relation: String,
    /// Ledger.
    pub ledger: String,
    /// Rows.
    pub rows: Vec<Record>,
    /// There are more than are shown.
    pub has_more: bool,
}

impl Service {
    /// Households that the caller may see, by a filter of his own.
    ///
    /// # Errors
    /// Store errors only.
    pub fn households(
        &self,
        caller: &Caller,
        filter: Filter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let query =
            Query::new(ROOT).filter(filter).sort("household_no", false).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// Everything of one household.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn household_page(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<HouseholdPage, ServiceError> {
        let household = self.visible(caller, ROOT, id)?;
        let Some(ledger) = self.codebook().ledger(ROOT) else { return Err(ServiceError::NotFound) };
        let mut sections = Vec::new();
        for relation in &ledger.relations {
            let by = match (&relation.kind, &relation.by) {
                _ if relation.ledger == CHANGE => continue,
                (RelationKind::Many, Some(by)) if self.is_nested(&relation.ledger) => by,
                _ => continue,
            };
            let query = Query::new(&relation.ledger).filter(Filter::eq(by, id)).limit(ROWS_SHOWN);
            let page = self.list_visible(caller, query)?;
            if !page.records.is_empty() {
                sections.push(Section {
                    relation: relation.name.clone(),
                    ledger: relation.ledger.clone(),
                    rows: page.records,
                    has_more: page.next.is_some(),
                });
            }
        }
        let waiting = Query::new("proposal")
            .filter(Filter::eq(ROOT, id))
            .filter(Filter::eq("proposal_status", "pending"))
            .limit(ROWS_SHOWN);
        let region = household.region.as_ref();
        let line = self.codebook().parameter("monitor.line", self.today(), region);
        Ok(HouseholdPage {
            sections,
            doubts: self.household_doubts(caller, id)?,
            proposals: self.list_visible(caller, waiting)?.records,
            changes: self.household_changes(caller, id)?,
            may_reorganise: self.may_change_household(caller, &household),
            watch_line_fen: line.map(|line| line.value),
            may_edit: self.may(caller, &household, Action::Update),
            is_direct: self.may_decide(caller, region),
            household,
        })
    }

    /// History of one record of the register, newest first, sealed fields masked.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it, `Denied` without the right to histories.
    pub fn record_history(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Vec<Version>, ServiceError> {
        self.reachable(caller, ledger, id, Action::History)?;
        let (record, mut history) = self.store.read(|reader| {
            let record = reader.get(ledger, id)?.ok_or(ServiceError::NotFound)?;
            Ok::<_, ServiceError>((record, reader.history(ledger, id)?))
        })?;
        history.reverse();
        Ok(self.sight(caller, ledger, Action::History).versions(&record, history))
    }

    /// One record of any ledger, if the caller may see it, sealed fields masked.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn register_record(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        self.visible(caller, ledger, id)
    }

    /// Those of the named records of a ledger that the caller may see.
    ///
    /// # Errors
    /// Store errors only.
    pub fn register_records(
        &self,
        caller: &Caller,
        ledger: &str,
        ids: &[RecordId],
    ) -> Result<Vec<Record>, ServiceError> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(RECORDS_AT_ONCE) {
            let named = some.iter().map(Value::from).collect();
            let query = Query::new(ledger).filter(Filter::In("id".to_owned(), named));
            found.extend(self.list_visible(caller, query.limit(some.len()))?.records);
        }
        Ok(found)
    }

    /// A household by its number, as written on a paper or a list.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn household_by_number(
        &self,
        caller: &Caller,
        number: &str,
    ) -> Result<Record, ServiceError> {
        let query = Query::new(ROOT)
            .filter(Filter::eq("household_no", Value::from(number.trim())))
            .limit(1);
        let found = self.list_visible(caller, query)?.records.into_iter().next();
        found.ok_or(ServiceError::NotFound)
    }
}
