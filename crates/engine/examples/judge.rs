//! Judges a snapshot by the rules of the shipped codebook and tells the processor time: for
//! measurements and profiles.
//!
//! `cargo run --release -p taizhang-engine --example judge -- DIR THREADS [values|none] [RULE…]`

use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use taizhang_codebook::Codebook;
use taizhang_engine::output::ParquetDoubts;
use taizhang_engine::run::{Options, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::compile;

/// Processor seconds of this process so far, user and system, in hundredths as the kernel counts.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or("");
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    let as_of = "2026-11-22".parse()?;
    let (program, left_out) = compile(&codebook, &rules, as_of);
    let directory = argument(0);
    let options = Options {
        threads: argument(1).parse().unwrap_or(2),
        values: argument(2) == "values",
        ..Options::default()
    };
    let before = processor_seconds();
    let started = Instant::now();
    let snapshot = Snapshot::open(directory.as_ref())?;
    let stop = AtomicBool::new(false);
    let report = if argument(2) == "count" {
        run(&program, &snapshot, &options, &mut (), &stop, &|_, _| {})?
    } else {
        let scratch = std::env::temp_dir().join(format!("doubts-{}.parquet", std::process::id()));
        let mut sink = ParquetDoubts::create(&scratch)?;
        let report = run(&program, &snapshot, &options, &mut sink, &stop, &|_, _| {})?;
        sink.finish()?;
        std::fs::remove_file(&scratch)?;
        report
    };
    let seconds = processor_seconds() - before;
    let mut out = std::io::stdout().lock();
    let mut slow: Vec<_> = report.rules.iter().collect();
    slow.sort_by_key(|rule| std::cmp::Reverse(rule.time));
    for rule in slow.iter().take(25) {
        writeln!(
            out,
            "{} {}: rows {} outside {} passes {} violates {} undecided {} error {} {:.1} ms",
            rule.rule,
            rule.ledger,
            rule.rows,
            rule.outside,
            rule.passes,
            rule.violates,
            rule.undecided,
            rule.error,
            rule.time.as_secs_f64() * 1e3
        )?;
    }
    for absence in &report.absences {
        writeln!(out, "absent {} {:?}: {}", absence.ledger, absence.column, absence.rules.len())?;
    }
    let told: f64 = report.rules.iter().map(|rule| rule.time.as_secs_f64()).sum();
    let doubts: u64 = report.rules.iter().map(|rule| rule.violates).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    writeln!(
        out,
        "{} rules ({} left out), {} steps, {} rows, {doubts} doubts: {seconds:.2} CPU s, {told:.2} s in steps, {:.2} s elapsed, {peak}",
        report.rules.len(),
        left_out.len(),
        program.steps.len(),
        report.rows,
        started.elapsed().as_secs_f64()
    )?;
    Ok(())
}
