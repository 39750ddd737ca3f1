//! `taizhang document read`: documents as JSON, table, Markdown or workbook.

use super::{files, open, progress, table};
use crate::exit::Exit;
use crate::output::Output;
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use taizhang_document::model::Reading;
use taizhang_service::ServiceError;

/// Reads documents into rows: finding, measures, units, people, deadline, status.
#[derive(Debug, Args)]
#[command(after_help = "示例 Examples:\n  taizhang document read 来文.docx --format json\n  \
                        taizhang document read 文件夹 --format json --out 结果\n  taizhang \
                        document read 来文.pdf --format xlsx --out 台账.xlsx")]
pub(crate) struct Read {
    /// 文件或目录 (files or folders)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// 输出格式 (output format)
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// 写到文件；多个文件时写到目录 (output file, or folder for several documents)
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The whole reading in the published schema.
    Json,
    /// Rows for the eye.
    Table,
    /// A Markdown table.
    Md,
    /// A workbook that can be imported again.
    Xlsx,
}

impl Format {
    const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Table => "txt",
            Self::Md => "md",
            Self::Xlsx => "xlsx",
        }
    }
}

impl Read {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let documents = files::documents(&self.paths)?;
        let is_folder = documents.len() > 1;
        if is_folder && let Some(folder) = &self.out {
            std::fs::create_dir_all(folder).map_err(files::unwritable(folder))?;
        }
        let bar = progress(documents.len());
        let mut failed = false;
        let mut taken = BTreeSet::new();
        for path in &documents {
            match open(path) {
                Ok(opened) => {
                    let stem = free_stem(path, &mut taken);
                    let stem = is_folder.then_some(stem.as_str());
                    self.write(path, stem, &opened.reading, output)?;
                }
                Err(ServiceError::Invalid(faults)) => {
                    output.note(&path.display().to_string());
                    output.error(&ServiceError::Invalid(faults));
                    failed = true;
                }
                Err(error) => return Err(error),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(if failed { Exit::Faults } else { Exit::Success })
    }

    fn write(
        &self,
        path: &Path,
        stem: Option<&str>,
        reading: &Reading,
        output: &Output,
    ) -> Result<(), ServiceError> {
        let format = if output.is_json() { Format::Json } else { self.format };
        let bytes = match format {
            Format::Json => serde_json::to_vec_pretty(reading)
                .map_err(|error| ServiceError::Internal(error.to_string()))?,
            Format::Table => table::plain(reading).into_bytes(),
            Format::Md => table::markdown(reading).into_bytes(),
            Format::Xlsx => table::workbook(reading)?,
        };
        let target = match (&self.out, stem) {
            (Some(folder), Some(stem)) => Some(folder.join(format!("{stem}.{}", format.ending()))),
            (Some(file), None) => Some(file.clone()),
            // A workbook cannot go to a terminal.
            (None, _) if format == Format::Xlsx => Some(path.with_extension(format.ending())),
            (None, _) => None,
        };
        match target {
            Some(target) => {
                files::write(&target, bytes)?;
                output.note(&target.display().to_string());
            }
            None => output.line(String::from_utf8_lossy(&bytes).trim_end()),
        }
        Ok(())
    }
}

/// The name of a document's result: its own, with a number behind it where another document of the
/// run has that name already (`a/letter.docx`, `b/letter.docx`).
fn free_stem(path: &Path, taken: &mut BTreeSet<String>) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = (2..).map(|number: u32| format!("{stem}-{number}"));
    let mut names = std::iter::once(stem.clone()).chain(numbered);
    names.find(|name| taken.insert(name.clone())).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_one_name_do_not_overwrite_each_other() {
        let mut taken = BTreeSet::new();
        let paths = ["a/来文.docx", "b/来文.docx", "b/来文-2.txt", "c/来文.pdf", "c/v1.2.txt"];
        let names = paths.map(|path| free_stem(Path::new(path), &mut taken));
        assert_eq!(names, ["来文", "来文-2", "来文-2-2", "来文-3", "v1.2"]);
    }
}
