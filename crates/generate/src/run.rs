//! Makes a whole snapshot: villages in order, parts side by side.

use crate::day::Day;
use crate::emit;
use crate::fault::{Plan as Faults, Truth};
use crate::home::{self, Calendar};
use crate::place::{Preset, Village, villages};
use crate::random::Random;
use crate::record::Record;
use crate::traits::{Traits, Wish};
use crate::tree::Tree;
use crate::village::{self, Totals};
use crate::writer::{PartWriter, WriteError};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use taizhang_codebook::Codebook;

/// Households of one part: enough for large row groups, few enough for memory.
const PART_HOUSEHOLDS: u64 = 100_000;

/// What to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Township, county or country.
    pub preset: Preset,
    /// How many households.
    pub households: u64,
    /// The seed: the same seed makes the same data.
    pub seed: u64,
    /// The day of which the data are.
    pub as_of: Day,
    /// Keeps identity numbers as they are, in place of the facts about them.
    pub with_numbers: bool,
    /// One household in so many carries a fault; 0 for none.
    pub fault_every: u64,
    /// Only faults of these rules; empty for all.
    pub rules: Vec<String>,
    /// Threads to use; the data do not depend on it.
    pub threads: usize,
}

impl Plan {
    /// A plan with the usual settings.
    #[must_use]
    pub fn new(preset: Preset, seed: u64) -> Self {
        Self {
            preset,
            households: preset.households(),
            seed,
            as_of: Day::of(2026, 10, 31),
            with_numbers: false,
            fault_every: 0,
            rules: Vec::new(),
            threads: 1,
        }
    }
}

/// Watched households of the township that the preset follows: lifted and ordinary ones, of all.
const WATCHED: (u64, u64, u64) = (357, 112, 4398);

impl Plan {
    /// What is so about a household without a fault. The township has just as many watched
    /// households as the one it follows; elsewhere they come by chance.
    fn usual(&self, index: u64) -> Wish {
        if self.preset != Preset::Township {
            return Wish::ANY;
        }
        // A prime step goes through all households once, in an order without pattern.
        let rank = index * 1_000_003 % self.households.max(1);
        let quota = |part: u64| part * self.households / WATCHED.2;
        let watched = if rank.is_multiple_of(3) { Traits::REMOVED } else { Traits::ACTIVE };
        if rank < quota(WATCHED.0) {
            Wish::wants(Traits::LIFTED.and(watched))
        } else if rank < quota(WATCHED.0 + WATCHED.1) {
            Wish::wants(watched).refuses(Traits::LIFTED)
        } else {
            Wish::ANY.refuses(Traits::ACTIVE.and(Traits::REMOVED))
        }
    }
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Rows of each ledger.
    pub rows: BTreeMap<&'static str, u64>,
    /// What rules must find: rule, ledger, record.
    pub truth: Vec<Truth>,
}

/// Hands all records to `sink`, household by household, each village's own records after its
/// households; gives what rules must find.
///
/// # Errors
///
/// The first error of `sink`.
pub fn records<E>(
    plan: &Plan,
    mut sink: impl FnMut(&Record) -> Result<(), E>,
) -> Result<Vec<Truth>, E> {
    let villages = villages(plan.preset, plan.households, plan.seed);
    let faults = Faults::new(plan.fault_every, &plan.rules);
    let mut truth = Vec::new();
    for village in &villages {
        one_village(plan, &faults, village, &mut truth, &mut sink)?;
    }
    Ok(truth)
}

/// Makes one village and hands on its records.
fn one_village<E>(
    plan: &Plan,
    faults: &Faults,
    village: &Village,
    truth: &mut Vec<Truth>,
    sink: &mut impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let calendar = Calendar::new(plan.as_of);
    let mut totals = Totals::new(village);
    let last = village.first_household + village.households;
    for index in village.first_household..last {
        let fault = faults.of_household(index);
        let wish = fault.map_or_else(|| plan.usual(index), |fault| fault.wish);
        let mut random = Random::new(plan.seed, 2, index);
        let home = home::make(&mut random, &calendar, village, index, &wish);
        let mut tree = Tree::new(home, calendar, random);
        emit::all(&mut tree, village);
        totals.add(&tree);
        if let Some(fault) = fault {
            fault.plant(&mut tree, truth);
        }
        tree.sort();
        tree.records.iter().try_for_each(&mut *sink)?;
    }
    let mut rows = village::emit(plan.seed, &calendar, village, &totals);
    faults.plant_in_village(&mut rows, village, &calendar, truth);
    rows.sort_by_key(|record| (record.ledger, record.id));
    rows.iter().try_for_each(sink)
}

/// Writes a snapshot directory, with `manifest.json` and `truth.csv` in it.
///
/// # Errors
///
/// Files that cannot be written, and records that do not fit the codebook.
pub fn write(plan: &Plan, codebook: &Codebook, directory: &Path) -> Result<Made, WriteError> {
    let parts = parts(villages(plan.preset, plan.households, plan.seed));
    let faults = Faults::new(plan.fault_every, &plan.rules);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..plan.threads.clamp(1, parts.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(part) = parts.get(number) else {
                        return;
                    };
                    let made = write_part(plan, &faults, codebook, directory, number, part);
                    if let Ok(mut done) = done.lock() {
                        done.push((number, made));
                    }
                }
            });
        }
    });
    let mut made = Made::default();
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(number, _)| *number);
    for (_, part) in done {
        let part = part?;
        made.truth.extend(part.truth);
        for (ledger, rows) in part.rows {
            *made.rows.entry(ledger).or_default() += rows;
        }
    }
    made.truth.sort();
    PartWriter::new(codebook, directory, 0, plan.with_numbers).write_empty(&made.rows)?;
    write_manifest(plan, &made, directory)?;
    Ok(made)
}

/// Villages put together until a part is full.
fn parts(villages: Vec<Village>) -> Vec<Vec<Village>> {
    let mut parts: Vec<Vec<Village>> = Vec::new();
    let mut room = 0;
    for village in villages {
        if room < village.households || parts.is_empty() {
            parts.push(Vec::new());
            room = PART_HOUSEHOLDS;
        }
        room = room.saturating_sub(village.households);
        if let Some(part) = parts.last_mut() {
            part.push(village);
        }
    }
    parts
}

fn write_part(
    plan: &Plan,
    faults: &Faults,
    codebook: &Codebook,
    directory: &Path,
    number: usize,
    part: &[Village],
) -> Result<Made, WriteError> {
    let mut writer = PartWriter::new(codebook, directory, number, plan.with_numbers);
    let mut truth = Vec::new();
    for village in part {
        one_village(plan, faults, village, &mut truth, &mut |record: &Record| writer.push(record))?;
    }
    Ok(Made { rows: writer.finish()?, truth })
}

fn write_manifest(plan: &Plan, made: &Made, directory: &Path) -> Result<(), WriteError> {
    let path: PathBuf = directory.join("manifest.json");
    let manifest = serde_json::json!({
        "as_of": plan.as_of.text(),
        "seed": plan.seed,
        "households": plan.households,
        "sorted": true,
        "numbers": plan.with_numbers,
        "rows": made.rows,
    });
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    std::fs::write(&path, text).map_err(WriteError::file(&path))?;
    let path = directory.join("truth.csv");
    let file = std::fs::File::create(&path).map_err(WriteError::file(&path))?;
    let mut file = std::io::BufWriter::new(file);
    writeln!(file, "rule,ledger,record").map_err(WriteError::file(&path))?;
    for Truth { rule, ledger, record } in &made.truth {
        writeln!(file, "{rule},{ledger},{record}").map_err(WriteError::file(&path))?;
    }
    file.flush().map_err(WriteError::file(&path))
}
