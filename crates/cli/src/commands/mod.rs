//! The commands.

mod codebook;
mod completions;
mod demo;
mod document;
mod files;
mod report;
mod serve;
mod user;

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use taizhang_service::ServiceError;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 演示：造一个县，启动网页 (a made-up county, served at once)
    Demo(demo::Demo),
    /// 启动网页服务 (serve the pages)
    Serve(serve::Serve),
    /// 读公文、查公文 (read and check documents)
    #[command(subcommand)]
    Document(document::Document),
    /// 码本 (the codebook)
    #[command(subcommand)]
    Codebook(codebook::CodebookCommand),
    /// 报告 (reports)
    #[command(subcommand)]
    Report(report::Report),
    /// 用户 (people)
    #[command(subcommand)]
    User(user::User),
    /// 命令补全脚本 (shell completions)
    Completions(completions::Completions),
}

impl Command {
    /// Carries the command out.
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        match self {
            Self::Demo(command) => command.run(place, output),
            Self::Serve(command) => command.run(place, output),
            Self::Document(command) => command.run(output),
            Self::Codebook(command) => command.run(output),
            Self::Report(command) => command.run(place, output),
            Self::User(command) => command.run(place, output),
            Self::Completions(command) => command.run(output),
        }
    }
}
