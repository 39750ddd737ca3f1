//! `taizhang rule replay`: an edition of a rule in trial beside the one in force, over past
//! snapshots.

use super::rule::Book;
use crate::exit::Exit;
use crate::output::Output;
use clap::Args;
use std::path::{Path, PathBuf};
use taizhang_codebook::{Codebook, read_with_overrides};
use taizhang_diagnostics::{Diagnostic, Language};
use taizhang_service::trial::{Replay, ReplayError, ReplayedSnapshot, replay, snapshots_in};
use taizhang_service::{ServiceError, override_files};
use taizhang_values::Date;

/// What to replay.
#[derive(Debug, Args)]
pub(crate) struct ReplayRule {
    /// 试行规则的代码，或一个规则文件 (code of an edition in trial, or a rule file)
    #[arg(value_name = "CODE|FILE")]
    rule: String,
    /// 存放各期快照的目录，或一个快照 (directory of snapshots, or one snapshot)
    #[arg(long, value_name = "DIR")]
    snapshots: PathBuf,
    /// 只看这个区划及以下 (only this region and below)
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// 列出新增、减少的前几条记录 (how many added and removed records to list)
    #[arg(long, default_value_t = 10)]
    rows: usize,
    #[command(flatten)]
    pub(super) book: Book,
}

impl ReplayRule {
    pub(super) fn run(&self, on: Date, output: &Output) -> Result<Exit, ServiceError> {
        let (codebook, code) = match self.codebook()? {
            Ok(found) => found,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        let Some(new) = codebook.trials.get(&code) else {
            let zh = format!("`{code}`没有试行版：在文件头写 trial = true，或放进 rules-trial/");
            let en = format!("`{code}` has no edition in trial: write trial = true in its head");
            output.note(output.pick(&zh, &en));
            return Ok(Exit::NotFound);
        };
        let old = codebook.rules.get(&code);
        let found = snapshots_in(&self.snapshots, on)
            .and_then(|all| replay(&codebook, old, new, self.region.as_deref(), &all));
        match found {
            Ok(found) => self.show(&found, output),
            Err(error) => Ok(refused(error, output)),
        }
    }

    /// The codebook with the edition in trial, and the code of the rule.
    fn codebook(&self) -> Result<Result<(Codebook, String), Vec<Diagnostic>>, ServiceError> {
        let file = Path::new(&self.rule);
        let is_file = file.extension().is_some_and(|kind| kind == "md");
        if !is_file {
            let codebook = super::book::codebook(self.book.codebook.as_ref())?;
            return Ok(codebook.map(|codebook| (codebook, self.rule.clone())));
        }
        let text = std::fs::read_to_string(file).map_err(|_| ServiceError::NotFound)?;
        let code = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let code = code.unwrap_or_default();
        let own = format!("rules-trial/{code}.md");
        let mut files = match &self.book.codebook {
            Some(directory) if directory.is_dir() => override_files(directory)?,
            Some(directory) => return Err(super::asked::no_codebook(directory)),
            None => Vec::new(),
        };
        files.retain(|(path, _)| *path != own);
        let found = if files.iter().any(|(path, _)| path == "codebook.toml") {
            let (codebook, faults) = read_with_overrides(&files, &[(own, text)]);
            codebook.ok_or(faults)
        } else {
            files.push((own, text));
            Codebook::load("rural", &files)
        };
        Ok(found.map(|codebook| (codebook, code)))
    }

    fn show(&self, found: &Replay, output: &Output) -> Result<Exit, ServiceError> {
        if output.is_json() {
            output.value(found)?;
            return Ok(Exit::Success);
        }
        let zh =
            "日期        快照                      现行      试行      新增      减少   无法判断";
        let en =
            "day         snapshot               in force     trial     added   removed  undecided";
        output.line(output.pick(zh, en));
        for one in &found.snapshots {
            let old = one.old.map_or_else(|| "-".to_owned(), |old| old.violates.to_string());
            output.line(&format!(
                "{}  {:<20} {:>9} {:>9} {:>9} {:>9} {:>10}",
                one.as_of,
                one.name,
                old,
                one.new.violates,
                one.added.len(),
                one.removed.len(),
                one.new.undecided,
            ));
        }
        if let Some(last) = found.snapshots.last() {
            self.show_last(found, last, output);
        }
        Ok(Exit::Success)
    }

    /// Work by village and the first rows, on the newest snapshot.
    fn show_last(&self, found: &Replay, last: &ReplayedSnapshot, output: &Output) {
        let days = found.due_days.map_or_else(|| "-".to_owned(), |days| days.to_string());
        output.line("");
        output.line(&match output.language() {
            Language::Zh => format!("{} 的工作量（答复期限 {days} 个工作日）", last.as_of),
            Language::En => format!("work on {} ({days} working days to answer)", last.as_of),
        });
        for village in &last.villages {
            let (region, new) = (&village.region, village.new);
            let (added, removed, fresh) = (village.added, village.removed, village.fresh);
            output.line(&match output.language() {
                Language::Zh => {
                    format!(
                        "{region}  试行 {new}，新增 {added}，减少 {removed}，本期新出现 {fresh}"
                    )
                }
                Language::En => {
                    format!("{region}  trial {new}, added {added}, removed {removed}, new {fresh}")
                }
            });
        }
        for (mark, rows) in [('+', &last.added), ('-', &last.removed)] {
            for row in rows.iter().take(self.rows) {
                output.line(&format!("{mark} {}  {}", row.region, row.record));
            }
        }
        for absent in &last.absent {
            let (zh, en) = (format!("快照缺 {absent}"), format!("the snapshot lacks {absent}"));
            output.note(output.pick(&zh, &en));
        }
    }
}

fn refused(error: ReplayError, output: &Output) -> Exit {
    match error {
        ReplayError::Rule(faults) => output.diagnostics(&faults),
        ReplayError::LeftOut(reason) => output.note(&reason),
        ReplayError::NoSnapshots => {
            output.note(output.pick("目录里没有快照", "there is no snapshot"));
            return Exit::NotFound;
        }
        ReplayError::Engine(error) => return super::asked::engine_fault(&error, output),
    }
    Exit::Faults
}
