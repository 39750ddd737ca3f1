//! `taizhang document lint`: faults of a document with line, column and cure.

use super::{files, open, progress};
use crate::exit::Exit;
use crate::output::Output;
use clap::Args;
use std::path::PathBuf;
use taizhang_diagnostics::{Diagnostic, Place};
use taizhang_service::ServiceError;

/// Prints numbering faults, missing and blank fields and figures that do not agree.
#[derive(Debug, Args)]
#[command(
    after_help = "有错误时退出码为 1 (exit status 1 if there are errors)\n\n示例 Example:\n  \
                        taizhang document lint 整改方案.docx"
)]
pub(crate) struct Lint {
    /// 文件或目录 (files or folders)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Lint {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let documents = files::documents(&self.paths)?;
        let bar = progress(documents.len());
        let mut faults: Vec<Diagnostic> = Vec::new();
        for path in &documents {
            let found = match open(path) {
                Ok(opened) => taizhang_document::lint(&opened.text, &opened.reading),
                // One unreadable file does not keep the others from being checked.
                Err(ServiceError::Invalid(found)) => found,
                Err(error) => return Err(error),
            };
            faults.extend(found.into_iter().map(|fault| named(fault, path)));
            bar.inc(1);
        }
        bar.finish_and_clear();
        if output.is_json() {
            output.value(&faults)?;
        } else {
            output.diagnostics(&faults);
        }
        Ok(if faults.iter().any(Diagnostic::is_error) { Exit::Faults } else { Exit::Success })
    }
}

/// The fault with the path as the user named the file.
fn named(mut fault: Diagnostic, file: &std::path::Path) -> Diagnostic {
    match &mut fault.place {
        Place::File { path, .. } => *path = file.display().to_string(),
        place @ Place::Nowhere => {
            *place = Place::File {
                path: file.display().to_string(),
                line: 1,
                column: 1,
                length: 1,
                excerpt: String::new(),
            };
        }
        _ => {}
    }
    fault
}
