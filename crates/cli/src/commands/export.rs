//! `taizhang export`: the ledger as a workbook that can be imported again.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Args;
use std::path::PathBuf;
use taizhang_service::ServiceError;
use taizhang_service::work::LedgerFilter;

/// Writes the findings that a ledger page shows.
#[derive(Debug, Args)]
#[command(
    after_help = "示例 Example:\n  taizhang export 台账.xlsx --filter 'tab=overdue' --as clerk"
)]
pub(crate) struct Export {
    /// 写到 (workbook to write)
    file: PathBuf,
    /// 筛选，写法同网页地址 (filter as in the page's address)
    #[arg(long, default_value = "")]
    filter: String,
}

impl Export {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        let pairs = self.filter.split('&').filter_map(|term| term.split_once('='));
        let exported = service.export_ledger(&caller, &LedgerFilter::parse(pairs))?;
        std::fs::write(&self.file, &exported.bytes)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        output.line(&format!("{} {}", exported.rows, output.pick("行", "rows")));
        Ok(Exit::Success)
    }
}
