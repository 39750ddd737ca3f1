//! `taizhang codebook check`: every fault of a codebook at once.

use crate::exit::Exit;
use crate::output::Output;
use clap::Subcommand;
use std::path::PathBuf;
use taizhang_codebook::Codebook;
use taizhang_diagnostics::Diagnostic;
use taizhang_service::ServiceError;

/// Acts on the codebook.
#[derive(Debug, Subcommand)]
pub(crate) enum CodebookCommand {
    /// 检查码本，一次列出全部错误 (check a codebook, all faults at once)
    ///
    /// 不带目录：检查自带的码本。带目录：目录里有 codebook.toml 时作为完整码本检查，否则作为对自带码本的
    /// 覆盖和补充检查。
    #[command(after_help = "示例 Examples:\n  taizhang codebook check\n  taizhang codebook check \
                            data/codebook")]
    Check {
        /// 码本目录 (directory of a codebook or of overrides)
        directory: Option<PathBuf>,
        /// 被覆盖的自带码本 (shipped codebook that the directory lies over)
        #[arg(long, default_value = "rural")]
        base: String,
    },
}

impl CodebookCommand {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let Self::Check { directory, base } = self;
        let codebook = match directory {
            Some(directory) => super::book::codebook_in(&directory, &base)?,
            None => Codebook::embedded(&base),
        };
        if let Ok(codebook) = &codebook {
            for source in codebook.unused_sources() {
                let zh = format!("来源`{}`没有规则用到", source.id);
                let en = format!("no rule names source `{}`", source.id);
                output.note(output.pick(&zh, &en));
            }
        }
        let faults = faults_of(codebook);
        if output.is_json() {
            output.value(&faults)?;
        } else {
            output.diagnostics(&faults);
        }
        Ok(if faults.iter().any(Diagnostic::is_error) { Exit::Faults } else { Exit::Success })
    }
}

/// Faults of a codebook, or of its rules and their examples if it has none itself.
fn faults_of(codebook: Result<Codebook, Vec<Diagnostic>>) -> Vec<Diagnostic> {
    match codebook {
        Ok(codebook) => taizhang_rules::check(&codebook).1,
        Err(faults) => faults,
    }
}
