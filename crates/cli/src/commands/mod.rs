//! The commands.

mod asked;
mod audit;
mod backup;
mod book;
mod check;
mod codebook;
mod completions;
mod demo;
mod document;
mod doubt_files;
mod export;
mod export_register;
mod files;
mod generate;
mod import;
mod import_register;
mod keys;
mod replay;
mod report;
mod rule;
mod rule_blank;
mod serve;
mod snapshot;
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
    /// 按规则核对 (judge records by rules)
    #[command(subcommand)]
    Check(check::Check),
    /// 规则：列出、说明、试写 (rules: list, explain, try)
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    /// 快照：规则核查所用的数据 (snapshots that rules are judged by)
    #[command(subcommand)]
    Snapshot(snapshot::Snapshots),
    /// 造一个虚构的县 (an invented county as a snapshot)
    Generate(generate::Generate),
    /// 报告 (reports)
    #[command(subcommand)]
    Report(report::Report),
    /// 导入台账、区划 (import ledgers and regions)
    #[command(subcommand)]
    Import(import::Import),
    /// 导出台账 (export the ledger)
    Export(export::Export),
    /// 审计 (audit trail)
    #[command(subcommand)]
    Audit(audit::Audit),
    /// 备份 (backup)
    Backup(backup::Backup),
    /// 密钥 (keys)
    #[command(subcommand)]
    Keys(keys::Keys),
    /// 恢复 (restore)
    Restore(backup::Restore),
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
            Self::Check(command) => command.run(place, output),
            Self::Rule(command) => command.run(place, output),
            Self::Snapshot(command) => command.run(place, output),
            Self::Generate(command) => command.run(output),
            Self::Report(command) => command.run(place, output),
            Self::Import(command) => command.run(place, output),
            Self::Export(command) => command.run(place, output),
            Self::Audit(command) => command.run(place, output),
            Self::Backup(command) => command.run(place, output),
            Self::Keys(command) => command.run(place, output),
            Self::Restore(command) => command.run(place, output),
            Self::User(command) => command.run(place, output),
            Self::Completions(command) => command.run(output),
        }
    }
}
