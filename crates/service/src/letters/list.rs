//! Letters that wait to be confirmed, and older ones.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Cursor, Page, Query, Record};
use taizhang_values::RecordId;

impl Service {
    /// Letters that the caller may see, newest first.
    ///
    /// # Errors
    /// Store errors only; without any right the page is empty.
    pub fn letters(
        &self,
        caller: &Caller,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        self.list_visible(caller, Query::new("letter").sort("id", true).after(after).limit(limit))
    }

    /// Inspections that the caller may see, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn inspections(
        &self,
        caller: &Caller,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let query = Query::new("inspection").sort("received_on", true).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// One inspection.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn inspection(&self, caller: &Caller, id: &RecordId) -> Result<Record, ServiceError> {
        self.visible(caller, "inspection", id)
    }

    /// Runs a query with the caller's rights inside; the rows are as he sees them.
    ///
    /// # Errors
    /// `Invalid` `V0101`, `V0102` for a filter or an order by a field that he does not see whole.
    pub(crate) fn list_visible(&self, caller: &Caller, query: Query) -> Result<Page, ServiceError> {
        match self.read_filter(caller, &query.ledger, Action::Read) {
            Some(rights) => {
                let ledger = query.ledger.clone();
                let sight = self.sight(caller, &ledger, Action::Read);
                let query = sight.permitted_query(query)?.filter(rights);
                Ok(sight.page(self.store.read(|reader| reader.list(&query))?))
            }
            None => Ok(Page { records: Vec::new(), next: None, previous: None }),
        }
    }
}
