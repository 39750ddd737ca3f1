//! The tables of a report as a workbook: the monthly ledger in the form that is printed and filed.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, FieldType};
use taizhang_document::report::{Report, ReportBlock, ReportRun};
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};
use taizhang_values::{RecordId, Value};

impl Service {
    /// The table of a report as `.xlsx`, with its number and its opening paragraph as notes;
    /// leaves an audit line.
    ///
    /// # Errors
    /// `Denied` without the right to take reports out, `Invalid` for a report without a table.
    pub fn report_workbook(&self, caller: &Caller, id: &RecordId) -> Result<Vec<u8>, ServiceError> {
        let stored = self.exportable_report(caller, id)?;
        let book = workbook(&stored.report)?;
        self.note_report_export(caller, id, "xlsx")?;
        Ok(book)
    }

    /// A stored report that the caller may take out.
    pub(super) fn exportable_report(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<super::StoredReport, ServiceError> {
        self.reachable(caller, "report", id, Action::Export)?;
        self.report(caller, id)
    }

    pub(super) fn note_report_export(
        &self,
        caller: &Caller,
        id: &RecordId,
        form: &str,
    ) -> Result<(), ServiceError> {
        let act = self.act(caller, "report.export", None);
        self.store.write(&act, |writer| {
            writer.audit("report.export", &format!("report/{id}"), form)?;
            Ok(())
        })
    }
}

fn workbook(report: &Report) -> Result<Vec<u8>, ServiceError> {
    let table = report.blocks.iter().find_map(|block| match block {
        ReportBlock::Table { head, rows } => Some((head, rows)),
        _ => None,
    });
    let Some((head, rows)) = table else {
        return Err(ServiceError::field(
            "report",
            "template",
            "S0502",
            "这份报告没有表格，请下载 Word 文件",
            "the report has no table; take the Word file",
        ));
    };
    let opening = report.blocks.iter().find_map(|block| match block {
        ReportBlock::Paragraph { runs } => {
            Some(runs.iter().map(ReportRun::text).collect::<String>())
        }
        _ => None,
    });
    let date = report.date;
    let book = LedgerWorkbook {
        sheet_name: "台账".to_owned(),
        title: report.title.clone(),
        unit_line: format!("填报单位：{}", report.issuer),
        period: format!("{}年{}月", date.year(), date.month()),
        columns: head.iter().map(|name| LedgerColumn::new(name, name, kind(name))).collect(),
        notes: opening.into_iter().chain([format!("报告编号：{}", report.number)]).collect(),
        ..LedgerWorkbook::default()
    };
    let cells = rows.iter().map(|row| row.iter().map(|cell| Value::from(cell.as_str())).collect());
    book.write(cells).map_err(|error| ServiceError::invalid(error.diagnostic()))
}

/// Columns whose text runs over several lines are wide.
fn kind(head: &str) -> FieldType {
    let is_long = ["问题", "措施", "整改情况"].iter().any(|word| head.ends_with(word));
    if is_long { FieldType::LongText } else { FieldType::Text }
}
