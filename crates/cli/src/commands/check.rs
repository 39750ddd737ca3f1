//! `taizhang check run`: every record of a snapshot against every rule.

use super::asked::{Named, engine_fault, is_region, unknown, without_data};
use super::doubt_files::{Target, Told};
use super::snapshot::{BLIND, Source, blind_rules};
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use taizhang_codebook::Codebook;
use taizhang_diagnostics::Diagnostic;
use taizhang_engine::error::EngineError;
use taizhang_engine::run::{Options, Phases, Report, decode_only, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::LeftOut;
use taizhang_rules::Rule;
use taizhang_service::ServiceError;
use taizhang_values::Date;

/// Judges records by rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// 用全部规则核对数据目录或一个快照 (all rules over the store or a snapshot)
    #[command(
        after_help = "退出码 Exit codes:\n  0  核对完成（有无疑点都是 0） done, with or without \
                            doubts\n  1  码本、规则或快照有错误 faults in codebook, rules or \
                            snapshot\n  4  没有快照 no snapshot\n\n示例 Examples:\n  taizhang check \
                            run --data /srv/taizhang\n  taizhang check run --snapshot 快照目录 \
                            --out 疑点.parquet\n  taizhang check run \
                            --snapshot 快照目录 --rule ARC-003 --as-of 2026-11-30"
    )]
    Run(Run),
}

/// Options of a run.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// 快照目录：<目录>/<台账>/*.parquet；不填用数据目录 --data 的当前状态 (snapshot directory; without
    /// it the present state of the store of --data)
    #[arg(long, value_name = "DIR")]
    snapshot: Option<PathBuf>,
    /// 码本目录，不填则用自带的 (codebook, or overrides of the shipped one)
    #[arg(long, value_name = "DIR")]
    codebook: Option<PathBuf>,
    /// 判断日期，不填为今天；用数据目录时取当日的快照 (day of judgement, today if not given; over the
    /// store it picks the snapshot of that day)
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
    /// 说明时间花在哪里，各线程合计 (where the time went, summed over threads)
    #[arg(long)]
    timings: bool,
    /// 只解码要读的列，不核对：测速度的下限 (decode only: the floor for measurements)
    #[arg(long, hide = true)]
    decode_only: bool,
}

impl Check {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let Self::Run(run) = self;
        run.run(place, output)
    }
}

impl Run {
    fn run(mut self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let Some(as_of) = super::book::day(self.as_of.as_ref()) else {
            output.note(output.pick("日期写成 2026-11-30", "write the date as 2026-11-30"));
            return Ok(Exit::Faults);
        };
        if let Some(exit) = self.refused(place, output) {
            return Ok(exit);
        }
        let day = self.as_of.as_ref().map(|_| as_of);
        let source = Source::find(self.snapshot.as_ref(), day, place, output)?;
        let codebook = match source.codebook_or(self.codebook.as_ref())? {
            Ok(codebook) => codebook,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        self.snapshot = Some(source.directory);
        let (rules, faults) = compiled(&codebook);
        if !faults.is_empty() {
            output.diagnostics(&faults);
        }
        if let Some(word) = self.unknown_rule(&codebook) {
            unknown(Named::Rule, word, codebook.rules.keys().map(String::as_str), output);
            return Ok(Exit::Faults);
        }
        let started = Instant::now();
        if self.decode_only {
            return self.floor(&codebook, &rules, as_of, output);
        }
        match self.judge(&codebook, &rules, as_of, output) {
            Ok((report, left_out)) => {
                show(output, &report, &codebook, &left_out, started.elapsed())?;
                if self.timings && !output.is_json() {
                    for (phase, spent) in report.phases.each() {
                        output.line(&format!("{phase:<8}{:>10.3} s", spent.as_secs_f64()));
                    }
                }
                Ok(if faults.iter().any(Diagnostic::is_error) {
                    Exit::Faults
                } else {
                    Exit::Success
                })
            }
            Err(error) => Ok(engine_fault(&error, output)),
        }
    }

    /// The exit, with its sentence, for options that no run could follow: told before anything is
    /// read, since a run over a country is long.
    fn refused(&mut self, place: &Place, output: &Output) -> Option<Exit> {
        self.rule.iter_mut().for_each(|code| code.make_ascii_uppercase());
        if self.region.as_ref().is_some_and(|code| !is_region(code, output)) {
            return Some(Exit::Faults);
        }
        if let Some(path) = &self.out {
            let ending = path.extension().and_then(|ending| ending.to_str());
            if !matches!(ending, Some("parquet" | "csv" | "xlsx")) {
                let shown = path.display();
                output.note(output.pick(
                    &format!("`{shown}`：扩展名写 parquet、csv 或 xlsx"),
                    &format!("`{shown}`: end the name with .parquet, .csv or .xlsx"),
                ));
                return Some(Exit::Faults);
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                let shown = folder.display();
                output.note(output.pick(
                    &format!("没有目录`{shown}`，先建好再写"),
                    &format!("there is no folder `{shown}`; make it first"),
                ));
                return Some(Exit::NotFound);
            }
        }
        without_data(self.snapshot.as_ref(), place, output)
    }

    /// Decodes what the rules read and tells how long that takes.
    fn floor(
        &self,
        codebook: &Codebook,
        rules: &[Rule],
        as_of: Date,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        let started = Instant::now();
        let stop = AtomicBool::new(false);
        let (program, _) = taizhang_program::compile(codebook, &self.asked(rules), as_of);
        let floor = Snapshot::open(self.directory())
            .and_then(|snapshot| decode_only(&program, &snapshot, &self.options(), &stop));
        let floor = match floor {
            Ok(floor) => floor,
            Err(error) => return Ok(engine_fault(&error, output)),
        };
        let seconds = started.elapsed().as_secs_f64();
        if output.is_json() {
            output.value(&serde_json::json!({ "floor": floor, "seconds": seconds }))?;
        } else {
            output.line(&format!(
                "{} ledgers, {} columns, {} rows, {} cells decoded in {seconds:.2} s",
                floor.ledgers, floor.columns, floor.rows, floor.cells
            ));
        }
        Ok(Exit::Success)
    }

    /// The snapshot, once it was found.
    fn directory(&self) -> &Path {
        self.snapshot.as_deref().unwrap_or_else(|| Path::new(""))
    }

    /// The rules that are asked for.
    fn asked(&self, rules: &[Rule]) -> Vec<Rule> {
        let is_asked = |rule: &&Rule| self.rule.is_empty() || self.rule.contains(&rule.code);
        rules.iter().filter(is_asked).cloned().collect()
    }

    fn options(&self) -> Options {
        let mut options = Options {
            region: self.region.clone(),
            undecided: self.undecided,
            values: !self.no_values,
            ..Options::default()
        };
        if let Some(threads) = self.threads {
            options.threads = threads.max(1);
        }
        options
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
        let snapshot = Snapshot::open(self.directory())?;
        let blind = blind_rules(self.directory(), codebook, rules);
        let mut asked = self.asked(rules);
        asked.retain(|rule| !blind.contains(&rule.code));
        let (program, mut left_out) = taizhang_program::compile(codebook, &asked, as_of);
        left_out.extend(blind.into_iter().map(|rule| LeftOut { rule, reason: BLIND.to_owned() }));
        let options = self.options();
        let by_code = rules.iter().map(|rule| (rule.code.as_str(), rule)).collect();
        let told = Told { codebook, rules: by_code, language: output.language() };
        let mut target = Target::open(self.out.as_deref(), told)?;
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

/// Seconds of each phase.
fn phases(phases: &Phases) -> BTreeMap<&'static str, f64> {
    phases.each().into_iter().map(|(phase, spent)| (phase, spent.as_secs_f64())).collect()
}

/// The summary: a line a rule, then what the snapshot lacks.
fn show(
    output: &Output,
    report: &Report,
    codebook: &Codebook,
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
            "phases": phases(&report.phases),
            "seconds": elapsed.as_secs_f64(),
        }));
    }
    let title = |rule: &str| codebook.rules.get(rule).map(|rule| rule.title(output.language()));
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
            title(&rule.rule).unwrap_or_default(),
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
    if report.rules.iter().all(|rule| rule.rows == 0) {
        output.note(output.pick(
            "没有一条记录被核对：看 --region 和快照是否对得上",
            "no record was judged: see whether --region and the snapshot fit",
        ));
    }
    show_errors(output, report);
    show_absences(output, report, left_out);
    Ok(())
}

/// Which rules could not reckon with what they found, and by what that failed.
fn show_errors(output: &Output, report: &Report) {
    for counts in report.rules.iter().filter(|counts| counts.error > 0) {
        let (zh, en): (Vec<String>, Vec<String>) = counts
            .reasons
            .iter()
            .map(|(kind, count)| {
                let (zh, en) = kind.words();
                (format!("{zh} {count}"), format!("{en} {count}"))
            })
            .unzip();
        let (code, count) = (&counts.rule, counts.error);
        let zh = format!("规则`{code}`有 {count} 条算不出来：{}", zh.join("、"));
        let en = format!("rule `{code}` failed to reckon for {count}: {}", en.join(", "));
        output.note(output.pick(&zh, &en));
    }
}

fn show_absences(output: &Output, report: &Report, left_out: &[LeftOut]) {
    for absence in &report.absences {
        let rules = absence.rules.join(output.pick("、", ", "));
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
