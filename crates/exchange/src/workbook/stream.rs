//! Checking a workbook of any length: rows go by one at a time, only what is counted is kept.

use super::check::{apply_choices, no_header, note_columns};
use super::columns::{HeaderMatch, ImportField, match_columns};
use super::row_check::{RowChecker, Verdict};
use super::{
    CellBudget, ImportCheck, ImportOptions, MergedArea, REPEATED_CELL_BYTES_MAX, RowFault, Sheet,
    SheetCell, SheetRow, WorkbookRows, csv, is_compound, place, read_workbook, without_data, xlsx,
};
use crate::{ExchangeError, Limits};
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;
use taizhang_values::Value;

/// Rows at the top of a sheet that are held to find the header.
const HEAD_ROWS: usize = 40;

/// Different reasons that are counted one by one.
const REASONS_MAX: usize = 10_000;

/// What a row of the sheet turned out to be.
#[derive(Debug)]
pub enum StreamedRow<'r> {
    /// The sheet is read from its start, again if merged cells were found at its end: whatever was
    /// made of earlier rows is void.
    Start(&'r RowPlan),
    /// A record.
    Record {
        /// The row as it stands.
        row: &'r SheetRow,
        /// Values in the order of [`RowPlan::fields`]; null where nothing stands or the cell is
        /// faulty. Whoever keeps them may take them.
        values: &'r mut Vec<Value>,
        /// Its faults in order of columns; they may be taken, too.
        faults: &'r mut Vec<RowFault>,
        /// The section line above it.
        section: Option<&'r str>,
    },
    /// A row that is no record: title, header, total, remark.
    Other {
        /// The row as it stands.
        row: &'r SheetRow,
    },
}

/// How a sheet is to be read, once its header is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPlan {
    /// The sheet.
    pub sheet: String,
    /// Its header.
    pub header: HeaderMatch,
    /// Fields of the columns that are read, in order of columns.
    pub fields: Vec<String>,
    /// Row of the last line of the header, as Excel shows it.
    pub header_row: u32,
    pub(crate) index: usize,
    pub(crate) merged: Vec<MergedArea>,
}

/// One reason for which cells were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultReason {
    /// The first fault of its kind.
    pub first: RowFault,
    /// How many cells.
    pub count: u64,
}

/// The answer to one sheet, without its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowsCheck {
    /// How the sheet was read.
    pub plan: RowPlan,
    /// What was left out or assumed.
    pub notes: Vec<Message>,
    /// Records.
    pub rows_total: u64,
    /// Records without a fault.
    pub rows_good: u64,
    /// Rows that are no records, below the header.
    pub rows_skipped: u64,
    /// Reasons, most frequent first.
    pub reasons: Vec<FaultReason>,
}

/// Where rows come from.
enum Source<'a> {
    Xlsx(Box<xlsx::Book<'a>>),
    Csv(csv::Book<'a>),
    Held(WorkbookRows),
}

/// A workbook that is read row by row; `.xlsx` and `.csv` are streamed. An `.xls` is held, because
/// its library knows no other way, and so it may be smaller only ([`Limits::XLS_BYTES_MAX`]).
pub struct WorkbookStream<'a> {
    source: Source<'a>,
    limits: &'a Limits,
}

impl<'a> WorkbookStream<'a> {
    /// Opens a workbook; its sheets are not read yet.
    ///
    /// # Errors
    /// Limits, damage, passwords; bytes that are no workbook.
    pub fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, ExchangeError> {
        let source = if bytes.starts_with(b"PK\x03\x04") {
            Source::Xlsx(Box::new(xlsx::Book::open(bytes, limits)?))
        } else if is_compound(bytes) {
            Source::Held(read_workbook(bytes, limits)?)
        } else {
            let book = csv::Book::open(bytes, limits)?;
            if !book.rows().advance(&mut CellBudget::new(limits))? {
                return Err(without_data());
            }
            Source::Csv(book)
        };
        Ok(Self { source, limits })
    }

    /// Checks the sheet that fits best, or the one named, against the fields of a ledger. Every
    /// row goes to `take`; nothing stops at the first fault.
    ///
    /// # Errors
    /// No sheet has a header that fits; limits and damage; what `take` returns.
    pub fn check<E: From<ExchangeError>>(
        &mut self,
        fields: &[ImportField],
        options: &ImportOptions,
        mut take: impl FnMut(StreamedRow<'_>) -> Result<(), E>,
    ) -> Result<RowsCheck, E> {
        let mut plan = self.plan(fields, options)?;
        let (mut check, merged) = self.pass(&plan, fields, options, &mut take)?;
        if matters(&merged, &plan) {
            plan = self.plan_with(&plan, merged, fields, options)?;
            check = self.pass(&plan, fields, options, &mut take)?.0;
        }
        let mut notes = ImportCheck { notes: self.notes().to_vec(), ..ImportCheck::default() };
        if note_columns(&plan.header, fields, &mut notes) > 0 {
            check.rows_good = 0;
        }
        Ok(RowsCheck { plan, notes: notes.notes, ..check })
    }

    fn notes(&self) -> &[Message] {
        match &self.source {
            Source::Xlsx(book) => book.notes(),
            Source::Csv(book) => &book.notes,
            Source::Held(book) => &book.notes,
        }
    }

    /// The first rows of every sheet.
    fn heads(&mut self) -> Result<Vec<Sheet>, ExchangeError> {
        match &mut self.source {
            Source::Held(book) => {
                let top = |sheet: &Sheet| Sheet {
                    rows: sheet.rows.iter().take(HEAD_ROWS).cloned().collect(),
                    ..sheet.clone()
                };
                Ok(book.sheets.iter().map(top).collect())
            }
            Source::Csv(book) => {
                let mut sheet = Sheet { name: csv::Book::SHEET.into(), ..Sheet::default() };
                let mut budget = CellBudget::new(self.limits);
                let mut rows = book.rows();
                while sheet.rows.len() < HEAD_ROWS && rows.advance(&mut budget)? {
                    sheet.rows.push(rows.row().clone());
                }
                Ok(vec![sheet])
            }
            Source::Xlsx(book) => {
                let mut heads = Vec::new();
                for (index, name) in book.sheet_names().into_iter().enumerate() {
                    let mut sheet = Sheet { name, ..Sheet::default() };
                    let mut budget = CellBudget::new(self.limits);
                    if let Some(mut rows) = book.rows(index)? {
                        while sheet.rows.len() < HEAD_ROWS && rows.advance(&mut budget)? {
                            sheet.rows.push(rows.row().to_row());
                        }
                    }
                    heads.push(sheet);
                }
                Ok(heads)
            }
        }
    }

    /// The sheet whose header fits most fields.
    fn plan(
        &mut self,
        fields: &[ImportField],
        options: &ImportOptions,
    ) -> Result<RowPlan, ExchangeError> {
        let mut best: Option<RowPlan> = None;
        for (index, sheet) in self.heads()?.into_iter().enumerate() {
            if options.sheet.as_ref().is_some_and(|name| *name != sheet.name) {
                continue;
            }
            let Some(header) = match_columns(&sheet, fields) else { continue };
            let count =
                |header: &HeaderMatch| header.columns.iter().filter(|c| c.field.is_some()).count();
            if best.as_ref().is_none_or(|best| count(&header) > count(&best.header)) {
                best = Some(planned(index, &sheet, header, fields, options));
            }
        }
        best.ok_or_else(|| no_header(fields))
    }

    /// The plan again, merged cells known.
    fn plan_with(
        &mut self,
        plan: &RowPlan,
        merged: Vec<MergedArea>,
        fields: &[ImportField],
        options: &ImportOptions,
    ) -> Result<RowPlan, ExchangeError> {
        let head = self.heads()?.into_iter().nth(plan.index).unwrap_or_default();
        let mut sheet = Sheet { merged, ..head };
        super::repeat_merged(&mut sheet);
        let header = match_columns(&sheet, fields).ok_or_else(|| no_header(fields))?;
        Ok(planned(plan.index, &sheet, header, fields, options))
    }

    /// Reads the sheet once; also the merged areas found at its end.
    fn pass<E: From<ExchangeError>>(
        &mut self,
        plan: &RowPlan,
        fields: &[ImportField],
        options: &ImportOptions,
        take: &mut impl FnMut(StreamedRow<'_>) -> Result<(), E>,
    ) -> Result<(RowsCheck, Vec<MergedArea>), E> {
        take(StreamedRow::Start(plan))?;
        let mut pass = Pass {
            checker: RowChecker::new(
                &plan.sheet,
                &plan.header,
                &plan.merged,
                fields,
                options.reference,
            ),
            header_row: plan.header_row,
            check: RowsCheck::default(),
            reasons: BTreeMap::new(),
        };
        let merged = match &mut self.source {
            Source::Held(book) => {
                let sheet = book.sheets.get(plan.index);
                for row in sheet.iter().flat_map(|sheet| &sheet.rows) {
                    pass.row(row, take)?;
                }
                // What is held had its merged cells repeated when it was read.
                sheet.map(|sheet| sheet.merged.clone()).unwrap_or_default()
            }
            Source::Csv(book) => {
                let mut budget = CellBudget::new(self.limits);
                let mut rows = book.rows();
                while rows.advance(&mut budget)? {
                    pass.row(rows.row(), take)?;
                }
                Vec::new()
            }
            Source::Xlsx(book) => {
                let mut budget = CellBudget::new(self.limits);
                let mut repeat = Repeat::new(&plan.merged);
                let mut row = SheetRow::default();
                let Some(mut rows) = book.rows(plan.index)? else {
                    return Ok((pass.finish(), Vec::new()));
                };
                while rows.advance(&mut budget)? {
                    rows.row().fill(&mut row);
                    repeat.apply(&mut row);
                    pass.row(&row, take)?;
                }
                rows.into_merged()
            }
        };
        Ok((pass.finish(), merged))
    }
}

fn planned(
    index: usize,
    sheet: &Sheet,
    mut header: HeaderMatch,
    fields: &[ImportField],
    options: &ImportOptions,
) -> RowPlan {
    apply_choices(&mut header, fields, options);
    let last = header.first_row + header.depth.saturating_sub(1);
    let known = |name: &String| fields.iter().any(|field| field.name == *name);
    RowPlan {
        sheet: sheet.name.clone(),
        header_row: sheet.rows.get(last).map_or(0, |row| row.number),
        fields: header.columns.iter().filter_map(|c| c.field.clone()).filter(known).collect(),
        index,
        merged: sheet.merged.clone(),
        header,
    }
}

/// True when merged areas change what was read without them: a group over columns of the header,
/// a cell that stands for several rows, or a section line across the sheet.
fn matters(merged: &[MergedArea], plan: &RowPlan) -> bool {
    if merged == plan.merged {
        return false;
    }
    let width = plan.header.columns.len();
    merged.iter().any(|area| {
        let in_header = area.first_row < plan.header_row;
        let reaches_rows = area.last_row >= plan.header_row;
        let is_wide = area.last_column.saturating_sub(area.first_column) as usize + 2 >= width;
        let is_group = in_header && area.last_column > area.first_column && !is_wide;
        is_group || (reaches_rows && (area.last_row > area.first_row || is_wide))
    })
}

/// One reading of the sheet.
struct Pass<'a> {
    checker: RowChecker<'a>,
    header_row: u32,
    check: RowsCheck,
    reasons: BTreeMap<(String, usize, String), FaultReason>,
}

impl Pass<'_> {
    fn row<E>(
        &mut self,
        row: &SheetRow,
        take: &mut impl FnMut(StreamedRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if row.number <= self.header_row {
            return take(StreamedRow::Other { row });
        }
        match self.checker.read(row) {
            Verdict::Record => {
                self.check.rows_total += 1;
                let (values, faults, section) = self.checker.record_read();
                self.check.rows_good += u64::from(faults.is_empty());
                count_reasons(&mut self.reasons, faults);
                take(StreamedRow::Record { row, values, faults, section })
            }
            Verdict::Blank => Ok(()),
            Verdict::Skipped(..) => {
                self.check.rows_skipped += 1;
                take(StreamedRow::Other { row })
            }
        }
    }

    fn finish(self) -> RowsCheck {
        let mut reasons: Vec<FaultReason> = self.reasons.into_values().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        RowsCheck { reasons, ..self.check }
    }
}

fn count_reasons(
    reasons: &mut BTreeMap<(String, usize, String), FaultReason>,
    faults: &[RowFault],
) {
    for fault in faults {
        let diagnostic = &fault.diagnostic;
        let mut key = (diagnostic.code.clone(), fault.column, diagnostic.message.zh.clone());
        if reasons.len() >= REASONS_MAX && !reasons.contains_key(&key) {
            // Beyond this many different words only the code and the column are counted.
            key.2.clear();
        }
        let reason =
            reasons.entry(key).or_insert_with(|| FaultReason { first: fault.clone(), count: 0 });
        reason.count += 1;
    }
}

/// Repeats the content of merged cells downwards while rows go by.
struct Repeat<'a> {
    waiting: Vec<&'a MergedArea>,
    open: Vec<(&'a MergedArea, SheetCell, usize)>,
    budget_bytes: usize,
}

impl<'a> Repeat<'a> {
    fn new(merged: &'a [MergedArea]) -> Self {
        let mut waiting: Vec<&MergedArea> =
            merged.iter().filter(|area| area.last_row > area.first_row).collect();
        waiting.sort_by_key(|area| std::cmp::Reverse((area.first_row, area.first_column)));
        Self { waiting, open: Vec::new(), budget_bytes: REPEATED_CELL_BYTES_MAX * 1000 }
    }

    fn apply(&mut self, row: &mut SheetRow) {
        let number = row.number.saturating_sub(1);
        self.open.retain(|(area, ..)| area.last_row >= number);
        for (area, cell, bytes) in &self.open {
            if *bytes <= self.budget_bytes {
                self.budget_bytes -= bytes;
                let column = usize::try_from(area.first_column).unwrap_or(usize::MAX);
                place(&mut row.cells, column, cell.clone());
            }
        }
        while let Some(area) = self.waiting.pop_if(|area| area.first_row <= number) {
            let column = usize::try_from(area.first_column).unwrap_or(usize::MAX);
            let top = row.cells.get(column).filter(|cell| !cell.is_blank());
            if let (Some(top), true) = (top, area.first_row == number) {
                let bytes = 32 + top.shown().len();
                if bytes <= REPEATED_CELL_BYTES_MAX {
                    self.open.push((area, top.clone(), bytes));
                }
            }
        }
    }
}
