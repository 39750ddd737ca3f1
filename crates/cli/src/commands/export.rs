//! `taizhang export`: the ledger as a workbook that can be imported again.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use taizhang_service::ServiceError;
use taizhang_service::work::LedgerFilter;

/// Writes the findings that a ledger page shows.
#[derive(Debug, Args)]
#[command(
    subcommand_negates_reqs = true,
    args_conflicts_with_subcommands = true,
    after_help = "示例 Example:\n  taizhang export 台账.xlsx --filter 'tab=overdue' --as clerk"
)]
pub(crate) struct Export {
    #[command(subcommand)]
    part: Option<Part>,
    /// 写到 (workbook to write)
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// 筛选，写法同网页地址 (filter as in the page's address)
    #[arg(long, default_value = "")]
    filter: String,
}

/// What else can be taken out.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// 基础台账：户、人、收入等 (a ledger of the register)
    Register(super::export_register::RegisterExport),
}

impl Export {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        if let Some(Part::Register(command)) = self.part {
            return command.run(place, output);
        }
        let Some(file) = self.file else { return Ok(Exit::Faults) };
        let service = place.open()?;
        let caller = place.caller(&service)?;
        let pairs = self.filter.split('&').filter_map(|term| term.split_once('='));
        let exported = service.export_ledger(&caller, &LedgerFilter::parse(pairs))?;
        super::files::write(&file, &exported.bytes)?;
        output.line(&format!("{} {}", exported.rows, output.pick("行", "rows")));
        Ok(Exit::Success)
    }
}
