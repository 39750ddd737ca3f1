//! Judges a snapshot by the rules of the shipped codebook and tells the processor time: for
//! measurements and profiles.
//!
//! `cargo run --release -p taizhang-engine --example judge -- DIR THREADS [values|none|floor]
//! [RULE…]`; doubts go to the file that `TAIZHANG_OUT` names. `floor` only decodes.

use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use taizhang_codebook::Codebook;
use taizhang_engine::output::ParquetDoubts;
use taizhang_engine::run::{Options, Report, decode_only, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::{Program, compile};

type Fault = Box<dyn std::error::Error>;

/// Processor seconds of this process so far, user and system, in hundredths as the kernel counts.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or("");
    let parts = after.split_whitespace().skip(11).take(2);
    parts.filter_map(|part| part.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn judged(program: &Program, directory: &str, options: &Options) -> Result<Report, Fault> {
    let snapshot = Snapshot::open(directory.as_ref())?;
    let stop = AtomicBool::new(false);
    let Ok(out) = std::env::var("TAIZHANG_OUT") else {
        return Ok(run(program, &snapshot, options, &mut (), &stop, &|_, _| {})?);
    };
    let mut sink = ParquetDoubts::create(out.as_ref())?;
    let report = run(program, &snapshot, options, &mut sink, &stop, &|_, _| {})?;
    sink.finish()?;
    Ok(report)
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize| arguments.get(place).map_or("", String::as_str);
    let codebook =
        Codebook::embedded("rural").map_err(|faults| format!("{} faults", faults.len()))?;
    let wanted: Vec<&String> = arguments.iter().skip(3).collect();
    let rules: Vec<_> = codebook
        .rules
        .values()
        .filter(|source| wanted.is_empty() || wanted.contains(&&source.code))
        .filter_map(|source| taizhang_rules::compile(&codebook, source).ok())
        .collect();
    let (program, left_out) = compile(&codebook, &rules, "2026-11-22".parse()?);
    let options = Options {
        threads: argument(1).parse().unwrap_or(2),
        values: argument(2) == "values",
        ..Options::default()
    };
    let before = processor_seconds();
    let started = Instant::now();
    if argument(2) == "floor" {
        let snapshot = Snapshot::open(argument(0).as_ref())?;
        let floor = decode_only(&program, &snapshot, &options, &AtomicBool::new(false))?;
        let seconds = processor_seconds() - before;
        writeln!(
            std::io::stdout().lock(),
            "floor: {} columns of {} ledgers, {} rows, {} cells; {seconds:.2} CPU s",
            floor.columns,
            floor.ledgers,
            floor.rows,
            floor.cells
        )?;
        return Ok(());
    }
    let report = judged(&program, argument(0), &options)?;
    let seconds = processor_seconds() - before;
    show(&program, &report)?;
    writeln!(
        std::io::stdout().lock(),
        "{} left out; {seconds:.2} CPU s, {:.2} s elapsed",
        left_out.len(),
        started.elapsed().as_secs_f64()
    )?;
    Ok(())
}

fn show(program: &Program, report: &Report) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    let mut slow: Vec<_> = report.rules.iter().collect();
    slow.sort_by_key(|rule| std::cmp::Reverse(rule.time));
    for rule in slow.iter().take(25) {
        let milliseconds = rule.time.as_secs_f64() * 1e3;
        writeln!(
            out,
            "{} {}: passes {} violates {} undecided {} outside {} {milliseconds:.1} ms",
            rule.rule, rule.ledger, rule.passes, rule.violates, rule.undecided, rule.outside,
        )?;
    }
    for absence in &report.absences {
        writeln!(out, "absent {} {:?}", absence.ledger, absence.column)?;
    }
    for (phase, spent) in report.phases.each() {
        write!(out, "{phase} {:.2} s, ", spent.as_secs_f64())?;
    }
    writeln!(out, "elapsed, summed over threads")?;
    let doubts: u64 = report.rules.iter().map(|rule| rule.violates).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    let (rules, steps, rows) = (report.rules.len(), program.steps.len(), report.rows);
    writeln!(out, "{rules} rules, {steps} steps, {rows} rows, {doubts} doubts, {peak}")?;
    Ok(())
}
