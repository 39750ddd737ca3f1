//! Filters and orders that people choose: by a field that they do not see whole there is none,
//! because the rows found would tell its value.

use super::Sight;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Filter, Query};

impl Service {
    /// A filter that a caller put together, without what would tell of fields that he does not see
    /// whole.
    ///
    /// # Errors
    /// `Invalid` `V0101`.
    pub(crate) fn permitted_filter(
        &self,
        caller: &Caller,
        ledger: &str,
        filter: Filter,
    ) -> Result<Filter, ServiceError> {
        self.sight(caller, ledger, Action::Read).permitted(filter)
    }
}

impl Sight<'_> {
    /// A query that a caller put together, without what would tell of fields that he does not see
    /// whole: a search passes them over.
    ///
    /// # Errors
    /// `Invalid` `V0101` for a filter, `V0102` for an order by such a field.
    pub(crate) fn permitted_query(&self, query: Query) -> Result<Query, ServiceError> {
        for sort in &query.sort {
            self.permitted_sort(&sort.field)?;
        }
        let filter = self.permitted(query.filter)?;
        Ok(Query { filter, ..query })
    }

    /// Refuses an order by a field that the caller does not see whole.
    ///
    /// # Errors
    /// `Invalid` `V0102`.
    pub(crate) fn permitted_sort(&self, field: &str) -> Result<(), ServiceError> {
        if !self.is_limited(field) {
            return Ok(());
        }
        let message = Message::new(
            format!("字段`{field}`您无权查看，不能按它排序"),
            format!("field `{field}` is not shown to you: no order by it"),
        );
        Err(ServiceError::invalid(Diagnostic::error("V0102", message)))
    }

    fn permitted(&self, filter: Filter) -> Result<Filter, ServiceError> {
        if self.is_plain() {
            return Ok(filter);
        }
        Ok(match filter {
            Filter::All | Filter::Under(_) | Filter::Linked { .. } => filter,
            Filter::And(parts) => Filter::And(self.each(parts)?),
            Filter::Or(parts) => Filter::Or(self.each(parts)?),
            Filter::Not(part) => Filter::Not(Box::new(self.permitted(*part)?)),
            Filter::AnyContains(mut fields, text) => {
                fields.retain(|field| !self.is_limited(field));
                if fields.is_empty() {
                    Filter::Or(Vec::new())
                } else {
                    Filter::AnyContains(fields, text)
                }
            }
            Filter::Contains(ref field, _) if self.is_limited(field) => Filter::Or(Vec::new()),
            Filter::Related { by, filter } => {
                let referred = self.definition.and_then(|ledger| {
                    let field = ledger.field(&by).and_then(|field| field.ledger.clone());
                    field.or_else(|| ledger.relation(&by).map(|relation| relation.ledger.clone()))
                });
                let referred = referred.or_else(|| Some(by.split_once('.')?.0.to_owned()));
                let ledger = referred.ok_or_else(|| refused(&by))?;
                if self.is_limited(&by) {
                    return Err(refused(&by));
                }
                let filter = self.service.permitted_filter(self.caller, &ledger, *filter)?;
                Filter::Related { by, filter: Box::new(filter) }
            }
            Filter::Eq(ref field, _)
            | Filter::In(ref field, _)
            | Filter::Less(ref field, _)
            | Filter::AtMost(ref field, _)
            | Filter::Greater(ref field, _)
            | Filter::AtLeast(ref field, _)
            | Filter::Contains(ref field, _)
            | Filter::IsEmpty(ref field)
            | Filter::ListHas(ref field, _) => {
                if self.is_limited(field) {
                    return Err(refused(field));
                }
                filter
            }
        })
    }

    fn each(&self, parts: Vec<Filter>) -> Result<Vec<Filter>, ServiceError> {
        parts.into_iter().map(|part| self.permitted(part)).collect()
    }
}

fn refused(field: &str) -> ServiceError {
    let message = Message::new(
        format!("字段`{field}`您无权查看，不能按它筛选"),
        format!("field `{field}` is not shown to you: no filter by it"),
    );
    ServiceError::invalid(Diagnostic::error("V0101", message))
}
