//! Records that a reference field of a form may be set to.

use super::save::ROOT;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{RecordId, RegionCode};

/// Choices at most; a list of more is no choice.
const CHOICES_MAX: usize = 300;

impl Service {
    /// Records of a ledger that the caller may see: those of the household where the ledger belongs
    /// to households, else those of the region.
    ///
    /// # Errors
    /// Store errors only.
    pub fn reference_choices(
        &self,
        caller: &Caller,
        ledger: &str,
        household: Option<&RecordId>,
        region: Option<&RegionCode>,
    ) -> Result<Vec<Record>, ServiceError> {
        let query = Query::new(ledger).limit(CHOICES_MAX);
        let query = match (household, region) {
            (Some(household), _) if ledger != ROOT && self.is_nested(ledger) => {
                query.filter(Filter::eq(ROOT, household))
            }
            (_, Some(region)) => query.filter(Filter::Under(region.clone())),
            _ => query,
        };
        Ok(self.list_visible(caller, query)?.records)
    }

    /// True if the caller may add records of a ledger in a region, or propose to.
    #[must_use]
    pub fn may_add(&self, caller: &Caller, ledger: &str, region: &RegionCode) -> bool {
        self.require_create(caller, ledger, region).is_ok()
    }

    /// The household to which a record belongs; the record itself if it is one.
    #[must_use]
    pub fn household_of(&self, record: &Record) -> Option<RecordId> {
        if record.ledger == ROOT {
            return Some(record.id.clone());
        }
        record.reference(ROOT).filter(|_| self.is_nested(&record.ledger)).cloned()
    }

    /// True if the caller may change a record, or propose to.
    #[must_use]
    pub fn may_change(&self, caller: &Caller, record: &Record) -> bool {
        self.may(caller, record, Action::Update)
    }
}
