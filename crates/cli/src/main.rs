//! The `taizhang` command: one file a command.
//!
//! Results go to standard output, everything else to standard error. Exit codes are those of
//! [`exit::Exit`] and stand in `--help`.

mod commands;
mod exit;
mod output;
mod place;

use clap::Parser;
use commands::Command;
use exit::Exit;
use output::Output;
use place::Place;
use std::process::ExitCode;
use taizhang_diagnostics::Language;

/// Joins letters, findings and reports of rectification.
#[derive(Debug, Parser)]
#[command(
    name = "taizhang",
    version,
    about = "台账：从反馈来文到问题销号和整改报告\nTaizhang: from an inspection letter to closed \
             findings and the report that goes back",
    after_help = "退出码 Exit codes:\n  0  成功 done\n  1  输入有错误 faults in the input\n  2  \
                  命令写法不对 wrong usage\n  3  没有权限 missing right\n  4  找不到 not found\n  \
                  5  与他人的修改冲突 changed by somebody else\n  70 内部错误 internal error\n\n\
                  示例 Examples:\n  taizhang demo\n  taizhang document read 来文.docx --format \
                  table\n  taizhang report show R2026-0001 --as clerk"
)]
struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    // Before anything else is set up: this process lives for one file that somebody else sent.
    if std::env::args_os().nth(1).is_some_and(|word| word == place::READ_APART) {
        return match taizhang_exchange::answer_parent() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => Exit::Internal.into(),
        };
    }
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TAIZHANG_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .init();
    let output = arguments.output;
    match arguments.command.run(&arguments.place, &output) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output.error(&error);
            Exit::of(&error).into()
        }
    }
}

/// Language of messages when none is asked for: that of the environment, else Chinese.
fn environment_language() -> Language {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find_map(|tag| Language::parse(&tag))
        .unwrap_or_default()
}
