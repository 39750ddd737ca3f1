//! `taizhang check run`: every record of a snapshot against every rule.

use crate::exit::Exit;
use crate::output::Output;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use taizhang_codebook::Codebook;
use taizhang_diagnostics::Diagnostic;
use taizhang_engine::error::EngineError;
use taizhang_engine::output::{CsvDoubts, DOUBT_COLUMNS, ParquetDoubts, each_doubt};
use taizhang_engine::run::{DoubtChunk, DoubtSink, Options, Report, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_exchange::TableBook;
use taizhang_program::{LeftOut, Program};
use taizhang_rules::Rule;
use taizhang_service::ServiceError;
use taizhang_values::Date;

/// Judges records by rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// 用全部规则核对一个快照 (all rules over a snapshot)
    #[command(
        after_help = "退出码 Exit codes:\n  0  核对完成（有无疑点都是 0） done, with or without \
                            doubts\n  1  码本、规则或快照有错误 faults in codebook, rules or \
                            snapshot\n  4  没有快照 no snapshot\n\n示例 Examples:\n  taizhang check \
                            run --snapshot 快照目录 --out 疑点.parquet\n  taizhang check run \
                            --snapshot 快照目录 --rule ARC-003 --as-of 2026-11-30"
    )]
    Run(Run),
}

/// Options of a run.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// 快照目录：<目录>/<台账>/*.parquet (snapshot directory)
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// 码本目录，不填则用自带的 (codebook, or overrides of the shipped one)
    #[arg(long, value_name = "DIR")]
    codebook: Option<PathBuf>,
    /// 判断日期，不填为今天 (day of judgement, today if not given)
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// 只用这些规则，可重复 (only these rules)
    #[arg(long, value_name = "CODE")]
    rule: Vec<String>,
    /// 只看这个区划及以下 (only this region and below)
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// 线程数，不填为处理器数 (threads)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// 疑点写到哪里，按扩展名 parquet、csv、xlsx (where doubts go)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 无法判定的也写出 (undecided records too)
    #[arg(long)]
    undecided: bool,
    /// 不写所用的值 (without the values used)
    #[arg(long)]
    no_values: bool,
}

impl Check {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let Self::Run(run) = self;
        run.run(output)
    }
}

/// Where doubts go.
enum Target {
    None,
    Parquet(Box<ParquetDoubts>),
    Csv(CsvDoubts),
    Workbook(PathBuf, Option<Box<TableBook>>),
}

impl Target {
    fn open(path: Option<&Path>) -> Result<Self, EngineError> {
        let Some(path) = path else { return Ok(Self::None) };
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv(CsvDoubts::create(path)?)),
            Some("xlsx") => {
                let mut target = Self::Workbook(path.to_path_buf(), None);
                target.restart()?;
                Ok(target)
            }
            _ => Ok(Self::Parquet(Box::new(ParquetDoubts::create(path)?))),
        }
    }

    fn finish(self) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(doubts) => doubts.finish(),
            Self::Csv(doubts) => doubts.finish(),
            Self::Workbook(path, book) => {
                let Some(book) = book else { return Ok(()) };
                let bytes = book.finish().map_err(workbook_fault(&path))?;
                std::fs::write(&path, bytes).map_err(EngineError::file(&path))
            }
        }
    }
}

fn workbook_fault<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> EngineError + use<E> {
    EngineError::file_reason(path)
}

impl DoubtSink for Target {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(target) => target.take(program, doubts),
            Self::Csv(target) => target.take(program, doubts),
            Self::Workbook(path, book) => {
                let Some(book) = book else { return Ok(()) };
                each_doubt(program, &doubts, |row| book.push(&row)).map_err(workbook_fault(path))
            }
        }
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        match self {
            Self::None => Ok(()),
            Self::Parquet(target) => target.restart(),
            Self::Csv(target) => target.restart(),
            Self::Workbook(path, book) => {
                let fresh = TableBook::new(&DOUBT_COLUMNS).map_err(workbook_fault(path))?;
                *book = Some(Box::new(fresh));
                Ok(())
            }
        }
    }
}

impl Run {
    fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let Some(as_of) = super::book::day(self.as_of.as_ref()) else {
            output.note(output.pick("日期写成 2026-11-30", "write the date as 2026-11-30"));
            return Ok(Exit::Faults);
        };
        let codebook = match super::book::codebook(self.codebook.as_ref())? {
            Ok(codebook) => codebook,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        let (rules, faults) = compiled(&codebook);
        if !faults.is_empty() {
            output.diagnostics(&faults);
        }
        if let Some(unknown) = self.unknown_rule(&codebook) {
            let text = match output.language() {
                taizhang_diagnostics::Language::Zh => format!("没有规则`{unknown}`"),
                taizhang_diagnostics::Language::En => format!("no rule `{unknown}`"),
            };
            output.note(&text);
            return Ok(Exit::Faults);
        }
        let started = Instant::now();
        match self.judge(&codebook, &rules, as_of, output) {
            Ok((report, left_out)) => {
                show(output, &report, &rules, &left_out, started.elapsed())?;
                Ok(if faults.iter().any(Diagnostic::is_error) {
                    Exit::Faults
                } else {
                    Exit::Success
                })
            }
            Err(error) => {
                output.note(&error.to_string());
                Ok(match error {
                    EngineError::NoSnapshot(_) => Exit::NotFound,
                    EngineError::ColumnType { .. } | EngineError::Parquet { .. } => Exit::Faults,
                    EngineError::File { source, .. } => match source.kind() {
                        std::io::ErrorKind::NotFound => Exit::NotFound,
                        _ => Exit::Internal,
                    },
                    _ => Exit::Internal,
                })
            }
        }
    }

    fn unknown_rule(&self, codebook: &Codebook) -> Option<&str> {
        let unknown = self.rule.iter().find(|code| !codebook.rules.contains_key(*code));
        unknown.map(String::as_str)
    }

    fn judge(
        &self,
        codebook: &Codebook,
        rules: &[Rule],
        as_of: Date,
        output: &Output,
    ) -> Result<(Report, Vec<LeftOut>), EngineError> {
        let snapshot = Snapshot::open(&self.snapshot)?;
        let asked: Vec<Rule> = rules
            .iter()
            .filter(|rule| self.rule.is_empty() || self.rule.contains(&rule.code))
            .cloned()
            .collect();
        let (program, left_out) = taizhang_program::compile(codebook, &asked, as_of);
        let mut options = Options {
            region: self.region.clone(),
            undecided: self.undecided,
            values: !self.no_values,
            ..Options::default()
        };
        if let Some(threads) = self.threads {
            options.threads = threads.max(1);
        }
        let mut target = Target::open(self.out.as_deref())?;
        let bar = progress_bar(output);
        let tell = |done: u64, total: u64| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let stop = AtomicBool::new(false);
        let report = run(&program, &snapshot, &options, &mut target, &stop, &tell)?;
        bar.finish_and_clear();
        target.finish()?;
        Ok((report, left_out))
    }
}

/// Every rule that can be compiled, and the faults of the others.
fn compiled(codebook: &Codebook) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut rules = Vec::new();
    let mut faults = Vec::new();
    for source in codebook.rules.values() {
        match taizhang_rules::compile(codebook, source) {
            Ok(rule) => rules.push(rule),
            Err(found) => faults.extend(found),
        }
    }
    (rules, faults)
}

fn progress_bar(output: &Output) -> ProgressBar {
    if output.is_json() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// The summary: a line a rule, then what the snapshot lacks.
fn show(
    output: &Output,
    report: &Report,
    rules: &[Rule],
    left_out: &[LeftOut],
    elapsed: Duration,
) -> Result<(), ServiceError> {
    if output.is_json() {
        return output.value(&serde_json::json!({
            "rules": report.rules,
            "absent": report.absences.iter().map(|absence| serde_json::json!({
                "ledger": absence.ledger,
                "column": absence.column,
                "rules": absence.rules,
            })).collect::<Vec<_>>(),
            "left_out": left_out.iter().map(|left| serde_json::json!({
                "rule": left.rule,
                "reason": left.reason,
            })).collect::<Vec<_>>(),
            "sorted": report.sorted,
            "seconds": elapsed.as_secs_f64(),
        }));
    }
    let titles: BTreeMap<&str, &str> =
        rules.iter().map(|rule| (rule.code.as_str(), rule.title.as_str())).collect();
    output.line(output.pick(
        "规则      通过      疑点      未判定    出错    不适用      毫秒  标题",
        "rule      passes    violates  undecided error   outside       ms  title",
    ));
    for rule in &report.rules {
        output.line(&format!(
            "{:<8}{:>10}{:>10}{:>11}{:>6}{:>10}{:>9.1}  {}",
            rule.rule,
            rule.passes,
            rule.violates,
            rule.undecided,
            rule.error,
            rule.outside,
            rule.time.as_secs_f64() * 1000.0,
            titles.get(rule.rule.as_str()).copied().unwrap_or(""),
        ));
    }
    let doubts: u64 = report.rules.iter().map(|rule| rule.violates).sum();
    let zh = format!(
        "{} 条规则，{} 行，{doubts} 个疑点，用时 {:.2} 秒",
        report.rules.len(),
        report.rows,
        elapsed.as_secs_f64()
    );
    let en = format!(
        "{} rules, {} rows, {doubts} doubts in {:.2} s",
        report.rules.len(),
        report.rows,
        elapsed.as_secs_f64()
    );
    output.note(output.pick(&zh, &en));
    show_absences(output, report, left_out);
    Ok(())
}

fn show_absences(output: &Output, report: &Report, left_out: &[LeftOut]) {
    for absence in &report.absences {
        let rules = absence.rules.join("、");
        let (zh, en) = match &absence.column {
            Some(column) => (
                format!("台账`{}`缺列`{column}`，未判定的规则：{rules}", absence.ledger),
                format!("ledger `{}` lacks column `{column}`, undecided: {rules}", absence.ledger),
            ),
            None => (
                format!("快照缺台账`{}`，未判定的规则：{rules}", absence.ledger),
                format!("the snapshot lacks ledger `{}`, undecided: {rules}", absence.ledger),
            ),
        };
        output.note(output.pick(&zh, &en));
    }
    for left in left_out {
        let zh = format!("规则`{}`不能运行：{}", left.rule, left.reason);
        let en = format!("rule `{}` cannot run: {}", left.rule, left.reason);
        output.note(output.pick(&zh, &en));
    }
    for ledger in &report.sorted {
        let zh = format!("台账`{ledger}`未排序，已先排序");
        let en = format!("ledger `{ledger}` was out of order and was sorted first");
        output.note(output.pick(&zh, &en));
    }
}
