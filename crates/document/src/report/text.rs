//! A report as plain text, the form that the reader of this crate reads.

use super::model::{Report, ReportBlock, ReportRun};
use taizhang_values::official_date;

/// The words of the report, one paragraph a line, tables as lines of cells between `|`.
///
/// # Shape
/// Title, addressee, blocks, issuer and date; ends with a line break.
#[must_use]
pub fn plain_text(report: &Report) -> String {
    let mut lines = vec![report.title.clone()];
    if let Some(addressee) = &report.addressee {
        lines.push(format!("{addressee}："));
    }
    for block in &report.blocks {
        match block {
            ReportBlock::Heading { number, runs, .. } => {
                lines.push(format!("{number}{}", words(runs)));
            }
            ReportBlock::Paragraph { runs } => lines.push(words(runs)),
            ReportBlock::Table { head, rows } => {
                lines.push(row_line(head));
                lines.push(row_line(&vec!["---".to_owned(); head.len()]));
                lines.extend(rows.iter().map(|row| row_line(row)));
            }
        }
    }
    lines.push(report.issuer.clone());
    lines.push(official_date(report.date));
    lines.join("\n") + "\n"
}

/// All words of some runs.
#[must_use]
pub(super) fn words(runs: &[ReportRun]) -> String {
    runs.iter().map(ReportRun::text).collect()
}

fn row_line(cells: &[String]) -> String {
    let cleaned: Vec<String> =
        cells.iter().map(|cell| cell.replace(['\n', '\r'], " ").replace('|', "｜")).collect();
    format!("| {} |", cleaned.join(" | "))
}
