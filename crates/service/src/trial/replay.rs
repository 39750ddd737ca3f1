//! Two editions of a rule over past snapshots: who would have been flagged, when, and how much work
//! that is.

use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use taizhang_codebook::{Codebook, RuleSource};
use taizhang_diagnostics::Diagnostic;
use taizhang_engine::error::EngineError;
use taizhang_engine::output::each_doubt;
use taizhang_engine::run::{DoubtChunk, DoubtSink, Options, RuleSummary, run};
use taizhang_engine::snapshot::{MANIFEST_NAME, Manifest, Snapshot};
use taizhang_program::Program;
use taizhang_rules::{Rule, compile};
use taizhang_values::{Date, parse_date};

/// Names of the two editions within a program.
const OLD: &str = "OLD-000";
const NEW: &str = "NEW-000";

/// Counts of one edition on one snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Records looked at.
    pub rows: u64,
    /// Records that it is not about.
    pub outside: u64,
    /// Records that pass.
    pub passes: u64,
    /// Records that violate it.
    pub violates: u64,
    /// Records of which it cannot be told.
    pub undecided: u64,
}

impl From<&RuleSummary> for Tally {
    fn from(summary: &RuleSummary) -> Self {
        let RuleSummary { rows, outside, passes, violates, undecided, .. } = *summary;
        Self { rows, outside, passes, violates, undecided }
    }
}

/// A record that one edition flags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Flagged {
    /// Region code.
    pub region: String,
    /// Record.
    pub record: String,
}

/// The work of one village.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VillageWork {
    /// Region code.
    pub region: String,
    /// Records that the edition in force flags.
    pub old: u64,
    /// Records that the edition in trial flags.
    pub new: u64,
    /// Records that the one in trial flags and the one in force does not.
    pub added: u64,
    /// The other way round.
    pub removed: u64,
    /// Records that the edition in trial did not flag on the snapshot before: what would have been
    /// asked then.
    pub fresh: u64,
}

/// Both editions on one snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayedSnapshot {
    /// Name of the snapshot's directory.
    pub name: String,
    /// Its day.
    pub as_of: Date,
    /// Counts of the edition in force; none where there was no rule in force.
    pub old: Option<Tally>,
    /// Counts of the edition in trial.
    pub new: Tally,
    /// Flagged by the edition in trial alone, by region.
    pub added: Vec<Flagged>,
    /// Flagged by the edition in force alone, by region.
    pub removed: Vec<Flagged>,
    /// Work by village.
    pub villages: Vec<VillageWork>,
    /// Columns that the snapshot lacks: what reads them is undecided.
    pub absent: Vec<String>,
}

/// Both editions over all snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Code of the rule.
    pub code: String,
    /// Working days to answer of the edition in trial; none for a hint.
    pub due_days: Option<i64>,
    /// Snapshots, oldest first.
    pub snapshots: Vec<ReplayedSnapshot>,
    /// Names of snapshots that were removed while they were read.
    pub gone: Vec<String>,
}

/// Why there is no replay.
#[derive(Debug)]
pub enum ReplayError {
    /// An edition has faults.
    Rule(Vec<Diagnostic>),
    /// An edition needs something that snapshots do not hold.
    LeftOut(String),
    /// A snapshot cannot be read.
    Engine(EngineError),
    /// There is no snapshot.
    NoSnapshots,
}

/// Snapshots below a directory, or the directory itself if it is one; oldest first.
///
/// # Shape
/// A snapshot is a directory with a manifest, or with a folder of Parquet files a ledger. Its day
/// is that of its manifest, else the first date in its name, else today.
///
/// # Errors
/// `NoSnapshots` if there is none; `Engine` for a directory that cannot be read.
pub fn snapshots_in(
    directory: &Path,
    today: Date,
) -> Result<Vec<(String, Date, PathBuf)>, ReplayError> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_path_buf()];
    if let Ok(entries) = std::fs::read_dir(directory) {
        folders.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    for (place, folder) in folders.into_iter().enumerate() {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let manifest = Manifest::read(&folder).map_err(ReplayError::Engine)?;
        // What begins with a dot is under way.
        if name.starts_with('.') || !is_snapshot(&folder) {
            continue;
        }
        let day = manifest.map(|manifest| manifest.as_of).or_else(|| day_in(&name));
        found.push((name, day.unwrap_or(today), folder));
        if place == 0 {
            break;
        }
    }
    found.sort_by(|one, other| (one.1, &one.0).cmp(&(other.1, &other.0)));
    if found.is_empty() { Err(ReplayError::NoSnapshots) } else { Ok(found) }
}

fn is_snapshot(folder: &Path) -> bool {
    if folder.join(MANIFEST_NAME).is_file() {
        return true;
    }
    let has_parquet = |ledger: &Path| {
        std::fs::read_dir(ledger).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| file.path().extension().is_some_and(|kind| kind == "parquet"))
        })
    };
    std::fs::read_dir(folder).is_ok_and(|ledgers| {
        ledgers.flatten().any(|ledger| ledger.path().is_dir() && has_parquet(&ledger.path()))
    })
}

/// The first date in a name, as `2026-11-20` or `20261120`.
fn day_in(name: &str) -> Option<Date> {
    [10, 8].into_iter().find_map(|length| {
        let text: String = name.chars().take(length).collect();
        parse_date(&text)
    })
}

/// Judges every snapshot by both editions of a rule. The edition in trial is judged on every day,
/// whatever its own first day; the one in force where it was in force. `region` narrows both.
///
/// # Errors
/// As [`ReplayError`] says.
pub fn replay(
    codebook: &Codebook,
    old: Option<&RuleSource>,
    new: &RuleSource,
    region: Option<&str>,
    snapshots: &[(String, Date, PathBuf)],
) -> Result<Replay, ReplayError> {
    replay_by(codebook, (old, new), snapshots, |program, directory| {
        judge(program, region, directory).map(Arc::new)
    })
}

/// The same, of the edition in force and the one in trial, with `judged` telling what a program
/// finds on a snapshot.
pub(super) fn replay_by(
    codebook: &Codebook,
    (old, new): (Option<&RuleSource>, &RuleSource),
    snapshots: &[(String, Date, PathBuf)],
    judged: impl Fn(&Program, &Path) -> Result<Arc<Judged>, ReplayError>,
) -> Result<Replay, ReplayError> {
    let compiled = |source: &RuleSource| compile(codebook, source).map_err(ReplayError::Rule);
    let mut rules = Vec::new();
    if let Some(old) = old {
        rules.push(Rule { code: OLD.to_owned(), ..compiled(old)? });
    }
    let trial = compiled(new)?;
    rules.push(Rule { code: NEW.to_owned(), since: Date::MIN, until: None, ..trial });
    let mut before: Option<Arc<Judged>> = None;
    let (mut replayed, mut gone) = (Vec::new(), Vec::new());
    for (name, as_of, directory) in snapshots {
        let (program, left_out) = taizhang_program::compile(codebook, &rules, *as_of);
        if let Some(left) = left_out.into_iter().next() {
            return Err(ReplayError::LeftOut(left.reason));
        }
        let judged = match judged(&program, directory) {
            Ok(judged) => judged,
            // An old one may be swept between the list and the reading.
            Err(ReplayError::Engine(_)) if !directory.exists() => {
                gone.push(name.clone());
                continue;
            }
            Err(error) => return Err(error),
        };
        replayed.push(compared(name, *as_of, &judged, before.as_deref()));
        before = Some(judged);
    }
    Ok(Replay { code: new.code.clone(), due_days: new.due_days, snapshots: replayed, gone })
}

/// What a snapshot gave.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Regions of flagged records, by edition.
    pub(super) flagged: [BTreeMap<String, String>; 2],
    pub(super) tallies: [Option<Tally>; 2],
    pub(super) absent: Vec<String>,
}

impl Judged {
    /// Flagged records of both editions.
    pub(super) fn flagged_count(&self) -> usize {
        self.flagged.iter().map(BTreeMap::len).sum()
    }
}

struct Hits([BTreeMap<String, String>; 2]);

impl DoubtSink for Hits {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        let [old, new] = &mut self.0;
        each_doubt(program, &doubts, |[rule, _, record, region, ..]| {
            let hits = if rule == OLD { &mut *old } else { &mut *new };
            hits.insert(record.to_owned(), region.to_owned());
            Ok(())
        })
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        self.0 = Default::default();
        Ok(())
    }
}

/// What a program of the two editions finds in a region on a snapshot.
pub(super) fn judge(
    program: &Program,
    region: Option<&str>,
    directory: &Path,
) -> Result<Judged, ReplayError> {
    let snapshot = Snapshot::open(directory).map_err(ReplayError::Engine)?;
    let options =
        Options { values: false, region: region.map(str::to_owned), ..Options::default() };
    let mut hits = Hits(Default::default());
    let stop = AtomicBool::new(false);
    let report = run(program, &snapshot, &options, &mut hits, &stop, &|_, _| {})
        .map_err(ReplayError::Engine)?;
    let tally = |code: &str| report.rules.iter().find(|rule| rule.rule == code).map(Tally::from);
    let absent = report.absences.iter();
    let absent = absent
        .map(|one| format!("{}.{}", one.ledger, one.column.as_deref().unwrap_or("*")))
        .collect();
    Ok(Judged { flagged: hits.0, tallies: [tally(OLD), tally(NEW)], absent })
}

/// The comparison of both editions on a snapshot; `before` is what the snapshot before it gave.
fn compared(name: &str, as_of: Date, judged: &Judged, before: Option<&Judged>) -> ReplayedSnapshot {
    let [old, new] = &judged.flagged;
    let was_flagged = |record: &String| {
        before.is_some_and(|Judged { flagged: [_, new], .. }| new.contains_key(record))
    };
    let mut villages: BTreeMap<String, VillageWork> = BTreeMap::new();
    fn village<'a>(
        villages: &'a mut BTreeMap<String, VillageWork>,
        region: &str,
    ) -> &'a mut VillageWork {
        let fresh = || VillageWork { region: region.to_owned(), ..VillageWork::default() };
        villages.entry(region.to_owned()).or_insert_with(fresh)
    }
    let flagged = |record: &String, region: &String| Flagged {
        region: region.clone(),
        record: record.clone(),
    };
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for (record, region) in new {
        let work = village(&mut villages, region);
        work.new += 1;
        work.fresh += u64::from(!was_flagged(record));
        if !old.contains_key(record) {
            work.added += 1;
            added.push(flagged(record, region));
        }
    }
    for (record, region) in old {
        let work = village(&mut villages, region);
        work.old += 1;
        if !new.contains_key(record) {
            work.removed += 1;
            removed.push(flagged(record, region));
        }
    }
    added.sort();
    removed.sort();
    let [tally, trial] = judged.tallies;
    ReplayedSnapshot {
        name: name.to_owned(),
        as_of,
        old: tally,
        new: trial.unwrap_or_default(),
        added,
        removed,
        villages: villages.into_values().collect(),
        absent: judged.absent.clone(),
    }
}
