//! Files of doubts. Parquet is for programs; a workbook or comma-separated text is read by people,
//! so each doubt says there what was found, in their language.

use super::files::csv_line;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use taizhang_codebook::Codebook;
use taizhang_diagnostics::Language;
use taizhang_engine::error::EngineError;
use taizhang_engine::output::{DOUBT_COLUMNS, ParquetDoubts, each_doubt, outcome_word};
use taizhang_engine::run::{DoubtChunk, DoubtSink, Outcome};
use taizhang_exchange::TableBook;
use taizhang_program::Program;
use taizhang_rules::ir::Type;
use taizhang_rules::{Cell, Rule, message_with};
use taizhang_values::parse_date;

/// Head of what was found, behind [`DOUBT_COLUMNS`].
const MESSAGE: &str = "message";

/// What doubts are told with.
pub(super) struct Told<'t> {
    pub(super) codebook: &'t Codebook,
    /// By code.
    pub(super) rules: BTreeMap<&'t str, &'t Rule>,
    pub(super) language: Language,
}

impl Told<'_> {
    /// What a violation says, with the values that stand beside it; the rule's title for what
    /// could not be judged and where the values were left out.
    fn message(&self, rule: &str, outcome: &str, values: &str) -> String {
        let known = self.rules.get(rule);
        let values: Option<Json> = serde_json::from_str(values).ok();
        let told = known.zip(values).filter(|_| outcome == outcome_word(Outcome::Violates));
        let told = told.and_then(|(rule, values)| {
            let message = &rule.message;
            let is_whole = message.values.iter().all(|shown| values.get(&shown.text).is_some());
            let cell = |ty: &Type, text: &str| cell_of(ty, values.get(text).unwrap_or(&Json::Null));
            is_whole.then(|| {
                let cell = |shown: &taizhang_rules::Shown| cell(&shown.node.ty, &shown.text);
                message_with(self.codebook, message, cell, self.language)
            })
        });
        let title = || self.codebook.rules.get(rule).map(|rule| rule.title(self.language));
        told.or_else(title).unwrap_or_default()
    }

    /// The texts of a row.
    fn row<T>(&self, row: [&str; 7], write: impl FnOnce(&[&str]) -> T) -> T {
        let [rule, _, _, _, outcome, _, values] = row;
        let message = self.message(rule, outcome, values);
        let cells: Vec<&str> = row.into_iter().chain([message.as_str()]).collect();
        write(&cells)
    }
}

fn heads() -> Vec<&'static str> {
    DOUBT_COLUMNS.into_iter().chain([MESSAGE]).collect()
}

/// A value of a file of doubts.
fn cell_of(ty: &Type, value: &Json) -> Cell<'static> {
    let cell = match value {
        Json::Bool(truth) => Some(Cell::Boolean(*truth)),
        Json::Number(number) => match (number.as_i64(), ty) {
            (Some(whole), ty) if *ty != Type::Decimal => Some(Cell::Integer(whole)),
            _ => number.as_f64().map(Cell::Decimal),
        },
        Json::String(text) => match ty {
            Type::Date => parse_date(text).map(Cell::Date),
            _ => Some(Cell::Text(text.clone().into())),
        },
        Json::Array(items) => {
            let items = items.iter().filter_map(Json::as_str).map(str::to_owned);
            Some(Cell::List(items.collect::<Vec<_>>().into()))
        }
        Json::Null | Json::Object(_) => None,
    };
    cell.unwrap_or(Cell::Missing)
}

/// Where doubts go.
pub(super) enum Target<'t> {
    /// Nowhere: they are only counted.
    None,
    /// A file for programs.
    Parquet(Box<ParquetDoubts>),
    /// Comma-separated text in UTF-8.
    Csv(PathBuf, Option<BufWriter<File>>, Told<'t>),
    /// A workbook.
    Workbook(PathBuf, Option<Box<TableBook>>, Told<'t>),
}

impl<'t> Target<'t> {
    /// Makes the file, by its ending.
    pub(super) fn open(path: Option<&Path>, told: Told<'t>) -> Result<Self, EngineError> {
        let Some(path) = path else { return Ok(Self::None) };
        let mut target = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Self::Csv(path.to_path_buf(), None, told),
            Some("xlsx") => Self::Workbook(path.to_path_buf(), None, told),
            _ => return Ok(Self::Parquet(Box::new(ParquetDoubts::create(path)?))),
        };
        target.restart()?;
        Ok(target)
    }

    /// Closes the file.
    pub(super) fn finish(self) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(doubts) => doubts.finish(),
            Self::Csv(path, file, _) => {
                let Some(mut file) = file else { return Ok(()) };
                file.flush().map_err(EngineError::file(&path))
            }
            Self::Workbook(path, book, _) => {
                let Some(book) = book else { return Ok(()) };
                let bytes = book.finish().map_err(EngineError::file_reason(&path))?;
                std::fs::write(&path, bytes).map_err(EngineError::file(&path))
            }
        }
    }
}

impl DoubtSink for Target<'_> {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(target) => target.take(program, doubts),
            Self::Csv(path, file, told) => {
                let Some(file) = file else { return Ok(()) };
                let mut write = |cells: &[&str]| file.write_all(csv_line(cells).as_bytes());
                each_doubt(program, &doubts, |row| told.row(row, &mut write))
                    .map_err(EngineError::file(path))
            }
            Self::Workbook(path, book, told) => {
                let Some(book) = book else { return Ok(()) };
                let mut write = |cells: &[&str]| book.push(cells);
                each_doubt(program, &doubts, |row| told.row(row, &mut write))
                    .map_err(EngineError::file_reason(path))
            }
        }
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(target) => target.restart(),
            Self::Csv(path, target, _) => {
                let file = File::create(&*path).map_err(EngineError::file(path))?;
                let mut file = BufWriter::new(file);
                // The mark tells spreadsheet programs that the text is UTF-8.
                let head = format!("\u{feff}{}", csv_line(&heads()));
                file.write_all(head.as_bytes()).map_err(EngineError::file(path))?;
                *target = Some(file);
                Ok(())
            }
            Self::Workbook(path, book, _) => {
                let fresh = TableBook::new(&heads()).map_err(EngineError::file_reason(path))?;
                *book = Some(Box::new(fresh));
                Ok(())
            }
        }
    }
}
