//! Development commands: `cargo xtask test`, `tidy`, `laws`, `fuzz`, `ci`.
//!
//! Scripts of this project are written here and not in a shell, so that they are formatted,
//! linted and tested like the product. The exception is `.ci/run`, which must work before
//! anything is built.

#![expect(clippy::print_stdout, reason = "a development command talks to its terminal")]

mod assets;
mod browser;
mod checkout;
mod command;
mod lexer;
mod machine;
mod metrics;
mod npm;
mod outline;
mod postgres;
mod proofs;
mod suite;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
Development commands of Taizhang

usage: cargo xtask <command>

  test              the whole suite: installs what it needs by apt, starts a throw-away
                    PostgreSQL, runs all tests on both databases, then the browser walks
    -p CRATE          only this crate (may be repeated); leaves the browser walks out
    --no-e2e          leave the browser walks out
    --no-install      install nothing; leave out what is missing, and say so
    --only-e2e [NAME] only the browser walks, or those whose name holds NAME
  tidy              the house rules that the compiler does not check
    --metrics         print the longest function and file, medians, documentation
  assets            that assets/dist is what its sources give
    --write           make it so
  laws              the laws of the engine, and how often they were tried
    --cases N         so many random counties and codebooks
  fuzz [TARGET…]    the fuzz targets, one after another; needs a nightly toolchain
    --minutes N       so long for each
  ci                the one gate: the same as .ci/run

exit status: 0 all well, 1 a check or test failed, 2 wrong usage
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let outcome = match command {
        "test" => match suite::Options::parse(rest) {
            Ok(options) => suite::run(&options),
            Err(message) => return wrong_usage(&message),
        },
        "tidy" => match flag(rest, "--metrics") {
            Ok(with_metrics) => tidy_command(with_metrics),
            Err(message) => return wrong_usage(&message),
        },
        "assets" => match flag(rest, "--write") {
            Ok(write) => checkout::root().and_then(|root| assets::run(&root, write)),
            Err(message) => return wrong_usage(&message),
        },
        "laws" => match proofs::Options::parse(rest) {
            Ok(options) => proofs::laws(&options),
            Err(message) => return wrong_usage(&message),
        },
        "fuzz" => match proofs::Options::parse(rest) {
            Ok(options) => proofs::fuzz(&options),
            Err(message) => return wrong_usage(&message),
        },
        "ci" => checkout::root().and_then(|root| command::step("ci", &mut ci(&root))),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(true)
        }
        other => return wrong_usage(&format!("no command `{other}`")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the only option of a command was given.
fn flag(arguments: &[String], name: &str) -> Result<bool, String> {
    match arguments.iter().find(|argument| *argument != name) {
        Some(other) => Err(format!("`{other}` is not understood here")),
        None => Ok(!arguments.is_empty()),
    }
}

fn wrong_usage(message: &str) -> ExitCode {
    eprintln!("error: {message}\n\n{USAGE}");
    ExitCode::from(2)
}

fn ci(root: &std::path::Path) -> std::process::Command {
    let mut command = std::process::Command::new(root.join(".ci/run"));
    command.current_dir(root);
    command
}

fn tidy_command(with_metrics: bool) -> std::io::Result<bool> {
    let checkout = checkout::Checkout::read(&checkout::root()?)?;
    let faults = tidy::faults(&checkout);
    print!("{}", tidy::render(&faults));
    if with_metrics {
        println!("{}", metrics::report(&checkout));
    }
    let public = tidy::documented(&checkout);
    println!(
        "tidy: {} files, {} checks ({}), {} of {} public items documented, {} faults",
        checkout.files.len(),
        tidy::check_names().len(),
        tidy::check_names().join(", "),
        public.yes,
        public.all,
        faults.len()
    );
    Ok(faults.is_empty())
}
