//! Letters that wait to be confirmed, and older ones.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Cursor, Filter, Page, Query, Record};
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

    /// Inspections that the caller may see and whose title holds a text, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn inspections_called(
        &self,
        caller: &Caller,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Record>, ServiceError> {
        let called = Filter::Contains("title".to_owned(), text.to_owned());
        let query = Query::new("inspection").filter(called).sort("received_on", true).limit(limit);
        Ok(self.list_visible(caller, query)?.records)
    }

    /// One inspection.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn inspection(&self, caller: &Caller, id: &RecordId) -> Result<Record, ServiceError> {
        self.visible(caller, "inspection", id)
    }

    /// The letter that an inspection came from, if the caller may see it.
    ///
    /// # Errors
    /// Store errors only.
    pub fn letter_of(
        &self,
        caller: &Caller,
        inspection: &RecordId,
    ) -> Result<Option<RecordId>, ServiceError> {
        let query = Query::new("letter").filter(Filter::eq("inspection", inspection)).limit(1);
        let found = self.list_visible(caller, query)?.records.into_iter().next();
        Ok(found.map(|letter| letter.id))
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
