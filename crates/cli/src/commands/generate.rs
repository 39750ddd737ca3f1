//! `taizhang generate`: an invented county or country as a snapshot, with the truth about its
//! planted faults.

use crate::exit::Exit;
use crate::output::Output;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Instant;
use taizhang_codebook::Codebook;
use taizhang_generate::{Day, Plan, Preset, write};
use taizhang_service::ServiceError;
use taizhang_values::parse_date;

/// Size of what is made.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Size {
    /// 一个乡镇，18 个村 (a township of 18 villages)
    Township,
    /// 一个县，12 个乡镇 (a county of twelve townships)
    County,
    /// 多个县，按户数定 (as many counties as the households need)
    Country,
}

/// Options of the generator.
#[derive(Debug, Args)]
#[command(
    after_help = "全部姓名、号码、地名均为虚构，地区代码取自不存在的 99 省。同一种子总是得到同样的数据。\n\
                        All names, numbers and places are invented; one seed always makes the same \
                        data.\n\n示例 Examples:\n  taizhang generate --preset township --out \
                        数据\n  taizhang generate --preset country --households 1000000 --faults \
                        0.02 --out snapshot"
)]
pub(crate) struct Generate {
    /// 规模 (size)
    #[arg(long, value_enum, default_value = "township")]
    preset: Size,
    /// 户数，不填用规模的默认值 (households)
    #[arg(long, value_name = "N")]
    households: Option<u64>,
    /// 种子 (seed)
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 写到哪个目录 (directory to write)
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 数据日期 (day of which the data are)
    #[arg(long, value_name = "DATE", default_value = "2026-10-31")]
    as_of: String,
    /// 保留虚构的证件号码列 (keep the invented identity numbers)
    #[arg(long)]
    with_numbers: bool,
    /// 埋设错误的户所占比例，0 到 1 (share of households that carry a planted fault)
    #[arg(long, value_name = "RATE", default_value_t = 0.0)]
    faults: f64,
    /// 只埋设这些规则的错误，可重复 (only faults of these rules)
    #[arg(long, value_name = "CODE")]
    rule: Vec<String>,
    /// 线程数，不填为处理器数；不影响数据 (threads; the data do not depend on them)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Generate {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let Some(as_of) = parse_date(&self.as_of).map(Day::from) else {
            output.note(output.pick("日期写成 2026-10-31", "write the date as 2026-10-31"));
            return Ok(Exit::Faults);
        };
        if !(0.0..=1.0).contains(&self.faults) {
            output.note(output.pick("比例要在 0 到 1 之间", "the share lies between 0 and 1"));
            return Ok(Exit::Faults);
        }
        let preset = match self.preset {
            Size::Township => Preset::Township,
            Size::County => Preset::County,
            Size::Country => Preset::Country,
        };
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let plan = Plan {
            households: self.households.unwrap_or_else(|| preset.households()),
            as_of,
            with_numbers: self.with_numbers,
            fault_every: every(self.faults),
            rules: self.rule,
            threads: self.threads.unwrap_or(threads),
            ..Plan::new(preset, self.seed)
        };
        let codebook = Codebook::embedded("rural").map_err(ServiceError::Invalid)?;
        let started = Instant::now();
        let made = write(&plan, &codebook, &self.out)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        if output.is_json() {
            output.value(&made.rows)?;
        } else {
            for (ledger, rows) in &made.rows {
                output.line(&format!("{rows:>12}  {ledger}"));
            }
        }
        let (seconds, truth) = (started.elapsed().as_secs_f64(), made.truth.len());
        output.note(&match output.language() {
            taizhang_diagnostics::Language::Zh => {
                format!("用时 {seconds:.1} 秒，应查出 {truth} 处错误（truth.csv）")
            }
            taizhang_diagnostics::Language::En => {
                format!("{seconds:.1} s, {truth} faults to be found (truth.csv)")
            }
        });
        Ok(Exit::Success)
    }
}

/// One household in so many for a share.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share lies between 0 and 1, so the quotient is at least 1"
)]
fn every(share: f64) -> u64 {
    if share <= 0.0 { 0 } else { (1.0 / share).round() as u64 }
}
