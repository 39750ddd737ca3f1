//! `taizhang import`: existing ledgers and region trees from files.

use super::files;
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use std::path::PathBuf;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_service::ServiceError;
use taizhang_service::imports::{CheckImport, ConfirmImport};
use taizhang_values::RegionCode;

/// What to import.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// 现有整改台账 (an existing ledger workbook)
    #[command(after_help = "不带 --confirm 只检查。 Without --confirm it only checks.\n\n示例 \
                            Examples:\n  taizhang import ledger 台账.xlsx --region 990101100 --as \
                            clerk --errors 错误.xlsx\n  taizhang import ledger 台账.xlsx --region \
                            990101100 --as clerk --confirm --good-only")]
    Ledger {
        /// 工作簿 (workbook: xlsx, xls, csv)
        file: PathBuf,
        /// 区划代码 (region code)
        #[arg(long)]
        region: String,
        /// 检查名称 (title of the inspection that is made)
        #[arg(long, default_value = "")]
        title: String,
        /// 来源类型 (code of the source kind)
        #[arg(long, default_value = "assessment")]
        source_kind: String,
        /// 来源层级 (code of the source level)
        #[arg(long, default_value = "own")]
        source_level: String,
        /// 检查后导入 (import after the check)
        #[arg(long)]
        confirm: bool,
        /// 只导入合格的行 (good rows only)
        #[arg(long, requires = "confirm")]
        good_only: bool,
        /// 把带错误说明的原表写到 (write the user's own file with its faults to)
        #[arg(long, value_name = "FILE")]
        errors: Option<PathBuf>,
    },
    /// 基础台账：户、人、收入等 (a ledger of the register)
    Register(super::import_register::ImportRegister),
    /// 区划树 (region tree: code, name, edition …)
    Regions {
        /// 表格 (csv or xlsx)
        file: PathBuf,
    },
}

impl Import {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        match self {
            Self::Register(command) => command.run(&service, &caller, output),
            Self::Regions { file } => {
                let count = service.import_regions(&caller, &files::read(&file)?)?;
                output.line(&format!("{count}"));
                Ok(Exit::Success)
            }
            Self::Ledger {
                file,
                region,
                title,
                source_kind,
                source_level,
                confirm,
                good_only,
                errors,
            } => {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
                let input = CheckImport {
                    file_name: name.unwrap_or_default(),
                    layout: "rectification_ledger".to_owned(),
                    region: RegionCode::parse(&region).ok_or_else(bad_region)?,
                    inspection: None,
                    is_complete: false,
                };
                let bytes = files::read(&file)?;
                let batch = service.check_import(&caller, &input, &mut bytes.as_slice())?;
                let preview = service.import_preview(&caller, &batch)?;
                let faults: Vec<Diagnostic> =
                    preview.check.faults.iter().map(|fault| fault.diagnostic.clone()).collect();
                output.diagnostics(&faults);
                if let Some(path) = errors {
                    let book = service.import_errors(&caller, &batch)?;
                    files::write(&path, book)?;
                }
                if confirm {
                    let version = preview.batch.version;
                    let input = ConfirmImport {
                        batch,
                        version,
                        good_only,
                        title,
                        source_kind,
                        source_level,
                    };
                    let done = service.confirm_import(&caller, &input)?;
                    output.line(&format!(
                        "{} {}",
                        done.findings,
                        output.pick("条已导入", "imported")
                    ));
                }
                Ok(if faults.is_empty() { Exit::Success } else { Exit::Faults })
            }
        }
    }
}

/// The refusal of a region code, for every command that takes one. `L0103` said the same in one of
/// them and stays retired.
pub(super) fn bad_region() -> ServiceError {
    ServiceError::invalid(Diagnostic::error(
        "L0104",
        Message::new(
            "区划代码须为 2、4、6、9 或 12 位数字",
            "a region code has 2, 4, 6, 9 or 12 digits",
        ),
    ))
}
