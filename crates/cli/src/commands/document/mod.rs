//! `taizhang document`: reading and checking documents without a store.

mod lint;
mod read;
mod table;

use super::files;
use crate::exit::Exit;
use crate::output::Output;
use crate::place::file_reader;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use taizhang_document::model::Reading;
use taizhang_exchange::Limits;
use taizhang_service::ServiceError;

/// Acts on documents.
#[derive(Debug, Subcommand)]
pub(crate) enum Document {
    /// 把公文读成台账 (read documents into ledger rows)
    Read(read::Read),
    /// 像编译器一样检查公文 (check documents like a compiler)
    Lint(lint::Lint),
}

impl Document {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        match self {
            Self::Read(command) => command.run(output),
            Self::Lint(command) => command.run(output),
        }
    }
}

/// A document as text and as read.
struct Opened {
    text: String,
    reading: Reading,
}

/// Opens and reads one document.
fn open(path: &Path) -> Result<Opened, ServiceError> {
    let bytes = files::read(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let document = file_reader()
        .document(&bytes, name.as_deref(), &Limits::default())
        .map_err(|error| ServiceError::invalid(error.diagnostic()))?;
    let name = name.unwrap_or_default();
    let reading = taizhang_document::read(&stem.unwrap_or_default(), &name, &document.text);
    Ok(Opened { text: document.text, reading })
}

/// A bar for work on several files; hidden for one file and where nobody watches.
fn progress(count: usize) -> ProgressBar {
    if count < 2 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}") {
        bar.set_style(style);
    }
    bar
}
