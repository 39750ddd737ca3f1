//! Names of the register's people that stand in the words of a public report.

use crate::{Service, ServiceError};
use taizhang_document::report::{ReportData, possible_names};
use taizhang_store::{Filter, Query};
use taizhang_values::Value;

/// Ledger and field of people's names.
const PERSON: (&str, &str) = ("person", "name");

/// Names asked for in one query.
const NAMES_A_QUERY: usize = 500;

impl Service {
    /// Full names that both the report's texts and the register hold, whoever asks: what a caller
    /// may not see must not be published by him either.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn private_names(&self, data: &ReportData) -> Result<Vec<String>, ServiceError> {
        let (ledger, field) = PERSON;
        if self.codebook().field(ledger, field).is_none() {
            return Ok(Vec::new());
        }
        let own = data.fields.values();
        let passages = data
            .findings
            .iter()
            .flat_map(|finding| finding.fields.values().chain(finding.measures.iter()));
        let texts: Vec<&str> = own.chain(passages).map(String::as_str).collect();
        let possible: Vec<Value> =
            possible_names(&texts.join("\n")).into_iter().map(Value::Text).collect();
        let mut known = Vec::new();
        self.store.read(|reader| {
            for names in possible.chunks(NAMES_A_QUERY) {
                let query = Query::new(ledger).filter(Filter::In(field.to_owned(), names.to_vec()));
                let counts = reader.count_by(&query, field)?;
                known.extend(counts.into_iter().filter_map(|(name, _)| match name {
                    Value::Text(name) => Some(name),
                    _ => None,
                }));
            }
            Ok::<_, ServiceError>(())
        })?;
        Ok(known)
    }
}
