//! Looking a report up again, and taking it out as a file.

use crate::{Caller, Service, ServiceError};
use taizhang_diagnostics::Diagnostic;
use taizhang_document::report::{Report, plain_text};
use taizhang_store::{Cursor, Filter, Page, Query, Record};
use taizhang_values::RecordId;

/// A report as it was made.
#[derive(Clone, Debug)]
pub struct StoredReport {
    /// Its record.
    pub record: Record,
    /// Its text with bindings.
    pub report: Report,
}

impl Service {
    /// Reports that the caller may see, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn reports(
        &self,
        caller: &Caller,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        self.list_visible(caller, Query::new("report").sort("id", true).after(after).limit(limit))
    }

    /// A report by its record.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn report(&self, caller: &Caller, id: &RecordId) -> Result<StoredReport, ServiceError> {
        let record = self.visible(caller, "report", id)?;
        self.stored_report(record)
    }

    /// A report by the number printed on it.
    ///
    /// # Errors
    /// `NotFound` if there is none that the caller may see.
    pub fn report_by_number(
        &self,
        caller: &Caller,
        number: &str,
    ) -> Result<StoredReport, ServiceError> {
        let query = Query::new("report").filter(Filter::eq("number", number.trim())).limit(1);
        let page = self.list_visible(caller, query)?;
        let record = page.records.into_iter().next().ok_or(ServiceError::NotFound)?;
        self.stored_report(record)
    }

    fn stored_report(&self, record: Record) -> Result<StoredReport, ServiceError> {
        let body = self.stored_text(record.text("body_file"))?;
        let report = serde_json::from_str(&body)
            .map_err(|error| ServiceError::Internal(format!("stored report: {error}")))?;
        Ok(StoredReport { record, report })
    }

    /// The report as a Word file; leaves an audit line.
    ///
    /// # Errors
    /// `Denied` without the right to take reports out.
    pub fn report_docx(&self, caller: &Caller, id: &RecordId) -> Result<Vec<u8>, ServiceError> {
        let stored = self.exportable_report(caller, id)?;
        self.note_report_export(caller, id, "docx")?;
        taizhang_exchange::report_docx(&stored.report)
            .map_err(|error| ServiceError::invalid(error.diagnostic()))
    }

    /// What the document checks say of a report of ours; empty for a clean one.
    #[must_use]
    pub fn report_faults(&self, report: &Report) -> Vec<Diagnostic> {
        let text = plain_text(report);
        let reading = taizhang_document::read("report", &report.number, &text);
        taizhang_document::lint(&text, &reading)
    }
}
