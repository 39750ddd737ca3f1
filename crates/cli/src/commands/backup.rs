//! `taizhang backup` and `taizhang restore`.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Args;
use std::path::PathBuf;
use taizhang_service::{Clock, Service, ServiceError, SystemClock};

/// Writes a backup while work goes on.
#[derive(Debug, Args)]
#[command(
    after_help = "备份不含密钥；keys 目录须另行保管。 A backup holds no keys; keep the keys \
                        folder apart.\n\n示例 Example:\n  taizhang backup /mnt/backup/2026-11-22.tzb"
)]
pub(crate) struct Backup {
    /// 目标：新目录，或以 .tzb 结尾的单个文件 (new folder, or one file ending in .tzb)
    target: PathBuf,
}

impl Backup {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        let report = service.backup(&caller, &self.target)?;
        if output.is_json() {
            output.value(&report)?;
        } else {
            let bytes: u64 = report.entries.iter().map(|entry| entry.size_bytes).sum();
            output.line(&format!(
                "{}  {} {}  {bytes} bytes",
                self.target.display(),
                report.entries.len(),
                output.pick("个文件", "files")
            ));
        }
        Ok(Exit::Success)
    }
}

/// Restores a backup into an empty data directory.
#[derive(Debug, Args)]
#[command(
    after_help = "先把原来的 keys 目录放进新的数据目录。 Put the keys folder into the new data \
                        directory first.\n\n示例 Example:\n  taizhang restore \
                        /mnt/backup/2026-11-22.tzb --data /srv/taizhang-new"
)]
pub(crate) struct Restore {
    /// 备份 (backup)
    from: PathBuf,
}

impl Restore {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        Service::restore(&self.from, &place.options(), SystemClock.now())?;
        output.line(output.pick("已恢复", "restored"));
        Ok(Exit::Success)
    }
}
