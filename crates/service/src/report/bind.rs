//! From an indicator to its rows.

use crate::address_filter::address_filter;
use crate::paging::every;
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Action, Indicator, RelationKind, ReportTemplate, TemplateBlock};
use taizhang_document::report::{Binding, BoundRow};
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{RecordId, Timestamp, Value};

/// What a report is about.
pub(super) struct Subject<'a> {
    /// Its inspection.
    pub inspection: &'a RecordId,
    /// All findings of the inspection that the caller may see.
    pub findings: &'a [Record],
    /// The moment counted.
    pub as_of: Timestamp,
}

impl Service {
    /// The bindings of every indicator that a template names.
    pub(super) fn bindings(
        &self,
        caller: &Caller,
        template: &ReportTemplate,
        subject: &Subject<'_>,
    ) -> Result<BTreeMap<String, Binding>, ServiceError> {
        let mut bindings = BTreeMap::new();
        for name in indicator_names(template) {
            let Some(indicator) = self.codebook().indicators.get(&name) else { continue };
            bindings.insert(name, self.bind(caller, indicator, subject)?);
        }
        Ok(bindings)
    }

    fn bind(
        &self,
        caller: &Caller,
        indicator: &Indicator,
        subject: &Subject<'_>,
    ) -> Result<Binding, ServiceError> {
        let rows = self.counted(caller, indicator, subject)?;
        let whole =
            match indicator.share_of.as_ref().and_then(|n| self.codebook().indicators.get(n)) {
                Some(whole) => self.counted(caller, whole, subject)?,
                None => Vec::new(),
            };
        let value = match &indicator.share_of {
            Some(_) => percentage(rows.len(), whole.len()),
            None => rows.len().to_string(),
        };
        let scope = format!("inspection={}", subject.inspection);
        let filter = if indicator.filter.is_empty() {
            scope
        } else {
            format!("{scope}&{}", indicator.filter)
        };
        Ok(Binding {
            indicator: indicator.name.clone(),
            label: indicator.label.clone(),
            definition: indicator.definition.clone(),
            value,
            unit: indicator.unit.clone(),
            ledger: indicator.ledger.clone(),
            filter,
            as_of: subject.as_of,
            rows: bound(&rows),
            whole: bound(&whole),
        })
    }

    /// All rows of an indicator within the subject and the caller's rights.
    fn counted(
        &self,
        caller: &Caller,
        indicator: &Indicator,
        subject: &Subject<'_>,
    ) -> Result<Vec<Record>, ServiceError> {
        let ledger = indicator.ledger.as_str();
        let own = address_filter(self.codebook(), ledger, &indicator.filter, self.today())
            .map_err(ServiceError::Invalid)?;
        let Some(scope) = self.subject_filter(ledger, subject)? else { return Ok(Vec::new()) };
        let query = Query::new(ledger).filter(scope).filter(own);
        self.all_visible(caller, query)
    }

    /// Rows of a ledger that belong to the subject's findings; `None` if there can be none.
    fn subject_filter(
        &self,
        ledger: &str,
        subject: &Subject<'_>,
    ) -> Result<Option<Filter>, ServiceError> {
        let definition = self.codebook().ledger(ledger).ok_or(ServiceError::NotFound)?;
        if definition.field("inspection").is_some() {
            return Ok(Some(Filter::eq("inspection", subject.inspection)));
        }
        let ids: Vec<RecordId> = subject.findings.iter().map(|row| row.id.clone()).collect();
        if definition.field("finding").is_some() {
            let values: Vec<Value> = ids.iter().map(Value::from).collect();
            return Ok((!values.is_empty()).then(|| Filter::In("finding".to_owned(), values)));
        }
        let Some(relation) = self.codebook().ledger("finding").and_then(|finding| {
            finding
                .relations
                .iter()
                .find(|known| known.kind == RelationKind::Links && known.ledger == ledger)
        }) else {
            return Ok(None);
        };
        let linked =
            self.store.read(|reader| reader.linked_many("finding", &relation.name, &ids))?;
        let unique: BTreeSet<RecordId> = linked.into_values().flatten().collect();
        let values: Vec<Value> = unique.iter().map(Value::from).collect();
        Ok((!values.is_empty()).then(|| Filter::In("id".to_owned(), values)))
    }

    /// Every row of a query that the caller may see: nothing is cut off.
    pub(crate) fn all_visible(
        &self,
        caller: &Caller,
        query: Query,
    ) -> Result<Vec<Record>, ServiceError> {
        let Some(rights) = self.read_filter(caller, &query.ledger, Action::Read) else {
            return Ok(Vec::new());
        };
        let query = query.filter(rights);
        let ledger = query.ledger.clone();
        let rows = self.store.read(|reader| every(reader, query))?;
        Ok(self.sight(caller, &ledger, Action::Read).all(rows))
    }
}

/// Per cent with one decimal, none for whole numbers; 0 of 0 is 0.
fn percentage(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0".to_owned();
    }
    let tenths = (part * 1_000 + whole / 2) / whole;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn bound(rows: &[Record]) -> Vec<BoundRow> {
    rows.iter()
        .map(|row| BoundRow { id: row.id.clone(), version: row.version, label: label(row) })
        .collect()
}

/// The number of a finding; for other rows the day, so that no case content enters a list.
fn label(row: &Record) -> String {
    let number = row.text("number");
    if !number.is_empty() {
        return number.to_owned();
    }
    row.get("on").as_date().map_or_else(String::new, |day| day.to_string())
}

/// Names of the indicators in texts and conditions of a template.
fn indicator_names(template: &ReportTemplate) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut texts: Vec<&str> = vec![&template.title];
    for block in &template.blocks {
        match block {
            TemplateBlock::Heading { text, .. } => texts.push(text),
            TemplateBlock::Paragraph { text, when } => {
                texts.push(text);
                names.extend(when.clone());
            }
            TemplateBlock::Contact { lines } | TemplateBlock::Findings { lines, .. } => {
                texts.extend(lines.iter().map(String::as_str));
            }
            TemplateBlock::Table { .. } => {}
        }
    }
    for text in texts {
        let found = text.split("{#").skip(1).filter_map(|part| part.split_once('}'));
        names.extend(found.map(|(name, _)| name.to_owned()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::percentage;

    #[test]
    fn shares_have_one_decimal_at_most() {
        let cases = [(0, 0, "0"), (0, 7, "0"), (7, 7, "100"), (1, 3, "33.3"), (2, 3, "66.7")];
        for (part, whole, text) in cases {
            assert_eq!(percentage(part, whole), text, "{part} of {whole}");
        }
    }
}
