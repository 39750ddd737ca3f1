//! `cargo xtask test`: the whole suite, from nothing.

use crate::browser::{self, Outcome, cargo};
use crate::checkout;
use crate::command::{Stream, step_with_lines, succeeds};
use crate::machine::{self, FOR_BROWSER, FOR_TESTS, Need};
use crate::postgres::{self, Server};
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Tests on PostgreSQL run when this is set to a connection string, else they say they did not.
const POSTGRES_VARIABLE: &str = "TAIZHANG_TEST_POSTGRES";

/// What to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    crates: Vec<String>,
    without_browser: bool,
    only_browser: bool,
    scenario: Option<String>,
    without_install: bool,
}

impl Options {
    /// Reads the arguments after `test`.
    ///
    /// # Errors
    /// The argument that is not understood.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter().map(String::as_str).peekable();
        while let Some(argument) = rest.next() {
            match argument {
                "-p" | "--package" => {
                    let name = rest.next().ok_or("`-p` without the name of a crate")?;
                    let full = if name == "xtask" || name.starts_with("taizhang-") {
                        name.to_owned()
                    } else {
                        format!("taizhang-{name}")
                    };
                    options.crates.push(full);
                }
                "--no-e2e" => options.without_browser = true,
                "--no-install" => options.without_install = true,
                "--only-e2e" => {
                    options.only_browser = true;
                    let name = rest.next_if(|next| !next.starts_with('-'));
                    options.scenario = name.map(str::to_owned);
                }
                other => return Err(format!("`test` does not know `{other}`")),
            }
        }
        Ok(options)
    }

    fn with_browser(&self) -> bool {
        self.only_browser || (!self.without_browser && self.crates.is_empty())
    }

    fn needs(&self) -> Vec<&'static Need> {
        let tests = if self.only_browser { &[][..] } else { &FOR_TESTS[..] };
        let browser = if self.with_browser() { &FOR_BROWSER[..] } else { &[][..] };
        tests.iter().chain(browser).collect()
    }
}

/// Runs the suite; true when nothing failed.
///
/// # Errors
/// When a program cannot be started.
pub fn run(options: &Options) -> io::Result<bool> {
    let root = checkout::root()?;
    let started = Instant::now();
    machine::prepare(&options.needs(), !options.without_install)?;
    let mut parts = Vec::new();
    let mut good = true;
    if !options.only_browser {
        good &= rust_tests(&root, options, &mut parts)?;
    }
    if options.with_browser() {
        let outcome = browser::run(&root, options.scenario.as_deref())?;
        good &= !matches!(outcome, Outcome::Failed(_));
        parts.push(match outcome {
            Outcome::Passed(line) => line,
            Outcome::Failed(line) => format!("{line} FAILED"),
            Outcome::LeftOut(reason) => format!("e2e: left out ({reason})"),
        });
    }
    let word = if good { "ok" } else { "FAILED" };
    println!("suite {word} in {:.0} s: {}", started.elapsed().as_secs_f64(), parts.join("; "));
    Ok(good)
}

/// Unit and integration tests and the examples in the documentation, on both databases.
fn rust_tests(root: &Path, options: &Options, parts: &mut Vec<String>) -> io::Result<bool> {
    let server = start_postgres(parts);
    let with_nextest = succeeds(&cargo(), &["nextest", "--version"]);
    let mut good = true;
    let mut count = Count::default();
    if with_nextest {
        let mut command = command(root, options, server.as_ref(), &["nextest", "run"]);
        command.arg("--no-fail-fast");
        let mut read = |line: &str| count.read_nextest(line);
        good &= step_with_lines("tests (nextest)", &mut command, Stream::Errors, &mut read)?;
    }
    // Nextest does not run the examples in the documentation.
    let (name, arguments) =
        if with_nextest { ("examples", &["test", "--doc"][..]) } else { ("tests", &["test"][..]) };
    if !with_nextest || has_examples(options) {
        let mut command = command(root, options, server.as_ref(), arguments);
        command.arg("--no-fail-fast");
        let mut read = |line: &str| count.read_libtest(line);
        good &= step_with_lines(name, &mut command, Stream::Output, &mut read)?;
    }
    parts.push(format!("{} passed, {} failed", count.passed, count.failed));
    Ok(good && count.failed == 0)
}

/// Only libraries have examples; cargo refuses the question for a program.
fn has_examples(options: &Options) -> bool {
    let programs = ["xtask", "taizhang-cli"];
    options.crates.is_empty() || options.crates.iter().any(|n| !programs.contains(&n.as_str()))
}

fn start_postgres(parts: &mut Vec<String>) -> Option<Server> {
    if std::env::var_os(POSTGRES_VARIABLE).is_some() {
        parts.push(format!("databases: SQLite, the PostgreSQL of {POSTGRES_VARIABLE}"));
        return None;
    }
    let reason = match postgres::programs() {
        None => "not installed".to_owned(),
        Some(programs) => match Server::start(&programs) {
            Ok(server) => {
                parts.push("databases: SQLite, PostgreSQL".to_owned());
                return Some(server);
            }
            Err(error) => error.to_string(),
        },
    };
    eprintln!("left out: the suite on PostgreSQL: {reason}");
    parts.push("databases: SQLite only".to_owned());
    None
}

fn command(root: &Path, options: &Options, server: Option<&Server>, words: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args(words).current_dir(root);
    if options.crates.is_empty() {
        command.arg("--workspace");
    }
    for name in &options.crates {
        command.args(["-p", name]);
    }
    if let Some(server) = server {
        command.env(POSTGRES_VARIABLE, server.url());
    }
    command
}

/// Tests counted from what the runners print.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

impl Count {
    /// `Summary [ 1.2s] 40 tests run: 39 passed (1 slow), 1 failed, 0 skipped`.
    fn read_nextest(&mut self, line: &str) {
        let plain = without_colour(line);
        if let Some((_, counts)) = plain.split_once("tests run:")
            && plain.trim_start().starts_with("Summary")
        {
            self.add(counts.split(','));
        }
    }

    /// `test result: ok. 39 passed; 0 failed; 0 ignored`.
    fn read_libtest(&mut self, line: &str) {
        let plain = without_colour(line);
        if let Some(counts) = plain.strip_prefix("test result: ") {
            self.add(counts.split(['.', ';']));
        }
    }

    fn add<'a>(&mut self, counts: impl Iterator<Item = &'a str>) {
        for count in counts {
            let mut words = count.split_whitespace();
            let number = words.next().and_then(|word| word.parse::<usize>().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                _ => {}
            }
        }
    }
}

/// The line without the escape sequences of a terminal.
fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut pieces = line.split('\u{1b}');
    plain.push_str(pieces.next().unwrap_or(""));
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_counted() {
        let mut count = Count::default();
        let closing = "[ 1.2s] 40 tests run: 38 passed (1 slow), 2 failed, 0 skipped";
        count.read_nextest(&format!("\u{1b}[1m     Summary\u{1b}[0m {closing}"));
        count.read_nextest("        PASS [ 0.1s] tests run: 7 passed");
        count.read_libtest("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured");
        assert_eq!(count, Count { passed: 41, failed: 2 });
    }

    #[test]
    fn arguments_choose_what_runs() {
        let parse = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Options::parse(&words)
        };
        assert_eq!(parse("-p store").unwrap().crates, ["taizhang-store"]);
        assert!(!parse("-p store").unwrap().with_browser());
        assert!(!parse("--no-e2e").unwrap().with_browser());
        assert!(parse("").unwrap().with_browser());
        assert_eq!(parse("--only-e2e smoke").unwrap().scenario.as_deref(), Some("smoke"));
        assert_eq!(parse("--only-e2e --no-install").unwrap().scenario, None);
        assert!(parse("--fast").is_err());
        assert!(parse("-p").is_err());
    }
}
