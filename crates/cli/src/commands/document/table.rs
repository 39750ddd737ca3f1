//! A reading as rows: for the eye, as Markdown, as a workbook.

use taizhang_codebook::FieldType;
use taizhang_document::model::{Deadline, Finding, Piece, Reading, Task};
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};
use taizhang_service::ServiceError;
use taizhang_values::Value;

/// Heads of the columns, those of the ledgers in use.
const HEADS: [&str; 10] = [
    "序号",
    "问题类别",
    "问题",
    "整改措施",
    "牵头单位",
    "责任单位",
    "责任领导",
    "责任人",
    "整改时限",
    "完成情况",
];
/// Most characters of a cell for the eye.
const CELL_CHARACTERS: usize = 30;

/// The rows of a reading, as many cells as heads.
fn rows(reading: &Reading) -> Vec<Vec<String>> {
    if reading.findings.is_empty() {
        return reading.tasks.iter().enumerate().map(|(at, task)| task_row(at, task)).collect();
    }
    reading.findings.iter().enumerate().map(|(at, found)| finding_row(at, found)).collect()
}

fn finding_row(position: usize, finding: &Finding) -> Vec<String> {
    let problems: Vec<&str> = finding.problems.iter().map(|p| p.text.as_str()).collect();
    let measures: Vec<&str> = finding.measures.iter().map(|m| m.text.as_str()).collect();
    let problem = match problems.as_slice() {
        // A title that is the whole problem stands without its stop.
        [only] if only.trim_end_matches(['。', '；']) == finding.title.text => (*only).to_owned(),
        several => format!("{}：{}", finding.title.text, several.concat()),
    };
    vec![
        (position + 1).to_string(),
        finding.category.as_ref().map(|piece| piece.text.clone()).unwrap_or_default(),
        problem,
        measures.concat(),
        joined(&finding.lead_units),
        joined(&finding.responsible_units),
        joined(&finding.responsible_leaders),
        joined(&finding.responsible_persons),
        raw(finding.deadline.as_ref()),
        finding.status.as_ref().map(|status| status.text.clone()).unwrap_or_default(),
    ]
}

fn task_row(position: usize, task: &Task) -> Vec<String> {
    vec![
        (position + 1).to_string(),
        String::new(),
        task.title.text.clone(),
        task.text.text.clone(),
        joined(&task.lead_units),
        joined(&task.responsible_units),
        joined(&task.responsible_leaders),
        joined(&task.responsible_persons),
        raw(task.deadline.as_ref()),
        String::new(),
    ]
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("、")
}

fn raw(deadline: Option<&Deadline>) -> String {
    deadline.map(|deadline| deadline.raw.clone()).unwrap_or_default()
}

/// One block a row: title line and its fields, long cells cut.
pub(super) fn plain(reading: &Reading) -> String {
    let title = reading.document.title.as_ref().map_or("", |title| title.text.as_str());
    let mut text = format!("{title}\n");
    for row in rows(reading) {
        let mut cells = row.iter();
        let number = cells.next().map_or("", String::as_str);
        text.push_str(&format!("\n{number}."));
        for (head, cell) in HEADS.iter().skip(1).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let flat: String = cell.split_whitespace().collect();
            let mut short: String = flat.chars().take(CELL_CHARACTERS).collect();
            if flat.chars().count() > CELL_CHARACTERS {
                short.push('…');
            }
            text.push_str(&format!("\t{head}：{short}\n"));
        }
    }
    text
}

/// A Markdown table.
pub(super) fn markdown(reading: &Reading) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let clean = |cell: &String| cell.replace(['\n', '\r'], " ").replace('|', "｜");
    let mut text = line(HEADS.iter().map(|head| (*head).to_owned()).collect());
    text.push_str(&line(vec!["---".to_owned(); HEADS.len()]));
    for row in rows(reading) {
        text.push_str(&line(row.iter().map(clean).collect()));
    }
    text
}

/// A workbook with the same columns, which the import reads again.
pub(super) fn workbook(reading: &Reading) -> Result<Vec<u8>, ServiceError> {
    let title = reading.document.title.as_ref().map(|title| title.text.clone());
    let book = LedgerWorkbook {
        sheet_name: "台账".to_owned(),
        title: title.unwrap_or_else(|| "问题整改台账".to_owned()),
        columns: HEADS.iter().map(|head| LedgerColumn::new(head, head, kind(head))).collect(),
        ..LedgerWorkbook::default()
    };
    let cells = |row: Vec<String>| row.into_iter().map(Value::from).collect();
    book.write(rows(reading).into_iter().map(cells))
        .map_err(|error| ServiceError::invalid(error.diagnostic()))
}

fn kind(head: &str) -> FieldType {
    if matches!(head, "问题" | "整改措施") { FieldType::LongText } else { FieldType::Text }
}
