//! `cargo xtask laws` and `cargo xtask fuzz`: how often the laws were tried, and the fuzzers, with
//! a line for the table of docs/proofs.md at their end.

use crate::checkout;
use crate::command::{Stream, step, step_with_lines};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The fuzz targets: crate and program.
const TARGETS: [(&str, &str); 3] =
    [("document", "document_read"), ("rules", "rule_text"), ("exchange", "importers")];

/// What libFuzzer needs of the compiler, as cargo-fuzz says it; no sanitizer beside, since no crate
/// of ours holds unsafe code.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions --cfg fuzzing";

/// Named, so that crates of the build alone are not counted.
const MACHINE: &str = "x86_64-unknown-linux-gnu";

/// Options of both commands.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    cases: u32,
    minutes: u32,
    targets: Vec<String>,
}

impl Options {
    /// Reads the arguments after `laws` or `fuzz`.
    ///
    /// # Errors
    /// The argument that is not understood.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self { cases: 8, minutes: 10, targets: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = || -> Result<u32, String> {
                let text = rest.next().ok_or_else(|| format!("`{argument}` without a number"))?;
                text.parse().map_err(|_| format!("`{text}` is no number"))
            };
            match argument.as_str() {
                "--cases" => options.cases = number()?,
                "--minutes" => options.minutes = number()?,
                name if TARGETS.iter().any(|(_, known)| *known == name) => {
                    options.targets.push(name.to_owned());
                }
                other => return Err(format!("`{other}` is not understood here")),
            }
        }
        Ok(options)
    }
}

/// Tries the laws of the engine and tells how often; true when all held.
///
/// # Errors
/// When cargo cannot be started.
pub fn laws(options: &Options) -> io::Result<bool> {
    let root = checkout::root()?;
    let cases = options.cases.to_string();
    let mut command = Command::new("cargo");
    command.current_dir(&root).env("TAIZHANG_LAW_CASES", &cases).env("PROPTEST_CASES", &cases);
    command.args(["test", "-p", "taizhang-engine", "--test", "main", "--", "--nocapture"]);
    command.args(["laws::", "expressions::"]);
    let mut told = Vec::new();
    let is_good = step_with_lines("laws", &mut command, Stream::Output, &mut |line| {
        // Tests that run beside each other may write on one line.
        if let Some((_, law)) = line.split_once("law: ") {
            told.push(law.to_owned());
        }
    })?;
    told.sort();
    println!("\n| law | cases | compared |\n|---|---|---|");
    for law in &told {
        println!("| {} |", law.splitn(3, ": ").collect::<Vec<_>>().join(" | "));
    }
    Ok(is_good && !told.is_empty())
}

/// Runs fuzz targets one after another; true when none found anything.
///
/// # Errors
/// When there is no nightly compiler, or a program cannot be started.
pub fn fuzz(options: &Options) -> io::Result<bool> {
    let root = checkout::root()?;
    let nightly = nightly()?;
    let built = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let target = built.join("fuzz");
    let mut is_good = true;
    let mut told = Vec::new();
    for (home, name) in TARGETS {
        let is_asked = options.targets.is_empty() || options.targets.iter().any(|own| own == name);
        if !is_asked {
            continue;
        }
        let folder = root.join("crates").join(home).join("fuzz");
        // The versions of the product, and no others.
        std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let mut build = Command::new(nightly.join("cargo"));
        build.current_dir(&folder).env("RUSTC", nightly.join("rustc")).env("RUSTFLAGS", FLAGS);
        build.env("CARGO_TARGET_DIR", &target);
        build.args(["build", "--release", "--target", MACHINE]);
        if !step(&format!("build {name}"), &mut build)? {
            return Ok(false);
        }
        let program = target.join(MACHINE).join("release").join(name);
        is_good &= one(&program, &folder, &target.join("found").join(name), options, &mut told)?;
    }
    println!("\n| target | executions | hours | findings |\n|---|---|---|---|");
    told.iter().for_each(|line| println!("{line}"));
    Ok(is_good)
}

/// Runs one target; what it finds and what it learns stay in `place`.
fn one(
    program: &Path,
    folder: &Path,
    place: &Path,
    options: &Options,
    told: &mut Vec<String>,
) -> io::Result<bool> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let [corpus, seeds] = ["corpus", "seeds"].map(|part| place.join(part));
    for part in [&corpus, &seeds] {
        std::fs::create_dir_all(part)?;
    }
    // The first start writes the seeds, which the second reads.
    let mut first = Command::new(program);
    first.env("TAIZHANG_FUZZ_SEEDS", &seeds).arg("-runs=0");
    step(&format!("{name}: seeds"), &mut first)?;
    let mut command = Command::new("nice");
    command.arg("-n").arg("19").arg(program);
    command.args(["-timeout=10", "-rss_limit_mb=1500", "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={}", options.minutes * 60));
    // Not every target writes a dictionary, and an empty one is refused.
    let words = seeds.with_extension("dict");
    if words.exists() {
        command.arg(format!("-dict={}", words.display()));
    }
    command.arg(format!("-artifact_prefix={}/", place.display()));
    command.arg(&corpus).arg(folder.join("corpus").join(&*name)).arg(&seeds);
    let started = Instant::now();
    let mut executions = "?".to_owned();
    let is_good = step_with_lines(&name, &mut command, Stream::Errors, &mut |line| {
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            count.trim().clone_into(&mut executions);
        }
    })?;
    let hours = started.elapsed().as_secs_f64() / 3600.0;
    let found = match findings(place)? {
        _ if is_good => "none".to_owned(),
        0 => "none, but it ended by a fault of its own".to_owned(),
        count => format!("{count} in {}", place.display()),
    };
    told.push(format!("| {name} | {executions} | {hours:.2} | {found} |"));
    Ok(is_good)
}

/// Inputs that a target broke at: `crash-…`, `timeout-…`, `oom-…`.
fn findings(place: &Path) -> io::Result<usize> {
    let is_finding = |name: String| {
        ["crash-", "timeout-", "oom-", "leak-"].iter().any(|kind| name.starts_with(kind))
    };
    let files = std::fs::read_dir(place)?.flatten();
    Ok(files.filter(|file| is_finding(file.file_name().to_string_lossy().into_owned())).count())
}

/// The programs of the newest nightly toolchain.
fn nightly() -> io::Result<PathBuf> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let toolchains = std::fs::read_dir(home.join(".rustup/toolchains"))?;
    let is_nightly = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("nightly"))
    };
    let newest = toolchains.flatten().map(|entry| entry.path()).filter(is_nightly).max();
    let missing = || io::Error::other("no nightly toolchain in ~/.rustup/toolchains");
    Ok(newest.ok_or_else(missing)?.join("bin"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn arguments_are_numbers_and_names_of_targets() {
        let parse = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            Options::parse(&words)
        };
        let options = parse(&["--minutes", "3", "rule_text"]).unwrap();
        assert_eq!((options.minutes, options.targets), (3, vec!["rule_text".to_owned()]));
        assert_eq!(parse(&["--cases", "40"]).unwrap().cases, 40);
        for wrong in [&["--cases"][..], &["--minutes", "some"], &["unheard-of"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
