//! Markdown tables with the places of their cells.

use crate::faults::{Faults, RuleFault};
use std::ops::Range;
use taizhang_codebook::PlacedText;
use taizhang_diagnostics::Message;

/// A table of examples or of rows that belong to them.
#[derive(Debug)]
pub(super) struct Table {
    /// The relations from the record to its rows; empty for examples themselves.
    pub(super) path: Written,
    pub(super) columns: Vec<Written>,
    pub(super) rows: Vec<Vec<Written>>,
}

/// A word and where it stands in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// Column of the examples' outcome, by which their table is known.
pub(super) const OUTCOME: &str = "outcome";

/// Tables of examples, and tables below a heading that names a relation. Others are prose.
pub(super) fn tables(body: &PlacedText, faults: &Faults) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut heading: Option<Written> = None;
    let mut last_heading = Written::default();
    let mut lines = lines(&body.text).peekable();
    let mut in_code = false;
    while let Some(line) = lines.next() {
        let text = line.text.trim();
        in_code ^= text.starts_with("```");
        if in_code {
            continue;
        }
        if text.starts_with('#') {
            heading = relation_heading(&line);
            last_heading = line.clone();
        }
        let Some(columns) = cells(&line) else {
            continue;
        };
        let is_ruled = lines.next_if(|next| is_rule(next.text.trim())).is_some();
        let mut rows = Vec::new();
        while let Some(next) = lines.next_if(|next| cells(next).is_some()) {
            rows.extend(cells(&next));
        }
        let is_examples = columns.iter().any(|column| column.text == OUTCOME);
        let path = match (&heading, is_examples) {
            (_, true) => Written::default(),
            (Some(heading), false) => heading.clone(),
            (None, false) => {
                if columns.iter().any(|column| matches!(&*column.text, "case" | "of")) {
                    no_relation(body, &last_heading, faults);
                }
                continue;
            }
        };
        if !is_ruled {
            faults
                .add(
                    RuleFault::ExampleTable,
                    body.place(line.range()),
                    Message::new("表头下面缺少 |---| 行", "no line |---| below the table's head"),
                )
                .help("加上 `|---|---|`", "add `|---|---|`");
            continue;
        }
        let rows = complete_rows(body, &columns, rows, faults);
        tables.push(Table { path, columns, rows });
    }
    tables
}

/// A fault for rows of examples below a heading that names no relation.
fn no_relation(body: &PlacedText, heading: &Written, faults: &Faults) {
    let words = heading.text.trim_start_matches('#').trim();
    faults
        .add(
            RuleFault::ExampleTable,
            body.place(heading.range()),
            Message::new(
                format!("标题`{words}`不是关系名，下面的表不知属于谁"),
                format!("heading `{words}` names no relation for the table below it"),
            ),
        )
        .help(
            "标题写关系的英文名，如 `## members`、`## household.incomes`、`## same`",
            "the heading is a relation: `## members`, `## household.incomes`, `## same`",
        );
}

/// Rows with as many cells as there are columns.
fn complete_rows(
    body: &PlacedText,
    columns: &[Written],
    rows: Vec<Vec<Written>>,
    faults: &Faults,
) -> Vec<Vec<Written>> {
    let mut complete = Vec::new();
    for row in rows {
        if row.len() == columns.len() {
            complete.push(row);
            continue;
        }
        let range = row.first().map_or(0, |cell| cell.range.start)
            ..row.last().map_or(0, |cell| cell.range.end);
        let (found, wanted) = (row.len(), columns.len());
        faults.add(
            RuleFault::ExampleTable,
            body.place(range),
            Message::new(
                format!("这一行有 {found} 格，表头有 {wanted} 格"),
                format!("this row has {found} cells, the head has {wanted}"),
            ),
        );
    }
    complete
}

/// A heading that is a path of identifiers: `## members`, `### household.members`.
fn relation_heading(line: &Written) -> Option<Written> {
    let text = line.text.trim_start_matches('#').trim().trim_matches('`');
    let is_path = !text.is_empty()
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.'
        });
    let start = line.range.start + line.text.find(text)?;
    is_path.then(|| Written { text: text.to_owned(), range: start..start + text.len() })
}

fn lines(text: &str) -> impl Iterator<Item = Written> + '_ {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = start..start + line.len();
        start = range.end;
        Written { text: line.to_owned(), range }
    })
}

impl Written {
    fn range(&self) -> Range<usize> {
        self.range.start..self.range.start + self.text.trim_end().len()
    }
}

/// The cells of a table's line; a bar after a backslash belongs to its cell.
fn cells(line: &Written) -> Option<Vec<Written>> {
    let text = line.text.trim_end();
    let indent = text.len() - text.trim_start().len();
    let inner = text.trim_start().strip_prefix('|')?;
    let mut cells = Vec::new();
    let mut start = indent + 1;
    let mut is_escaped = false;
    for (at, character) in inner.char_indices() {
        if character == '|' && !is_escaped {
            let end = indent + 1 + at;
            cells.push(cell(line, start, end)?);
            start = end + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    if text.get(start..).is_some_and(|rest| !rest.trim().is_empty()) {
        cells.push(cell(line, start, text.len())?);
    }
    Some(cells)
}

fn cell(line: &Written, start: usize, end: usize) -> Option<Written> {
    let raw = line.text.get(start..end)?;
    let trimmed = raw.trim();
    let offset = start + (raw.len() - raw.trim_start().len());
    let place = line.range.start + offset.min(end);
    Some(Written { text: trimmed.replace("\\|", "|"), range: place..place + trimmed.len() })
}

fn is_rule(text: &str) -> bool {
    text.starts_with('|') && text.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
}
