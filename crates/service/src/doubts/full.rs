//! A full run: what the engine finds in a snapshot of the present state, as pairs of rule and
//! record. Whatever the engine cannot say is judged by the interpreter over the store.

use super::judge::region_of;
use super::rows::StoreRows;
use crate::snapshot::{engine_fault, looking_in};
use crate::{Service, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use taizhang_engine::error::EngineError;
use taizhang_engine::run::{DoubtChunk, DoubtSink, Options, Report, RuleSummary, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::Program;
use taizhang_rules::{Context, ErrorKind, Outcome, Rule, judge};
use taizhang_store::{Filter, Query};
use taizhang_values::{Date, RecordId, RegionCode};

/// Records that the interpreter reads at a time.
const PAGE: usize = 500;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Counts of one rule in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleResult {
    /// Code.
    pub rule: String,
    /// Ledger that it judges.
    pub ledger: String,
    /// Records looked at.
    pub rows: u64,
    /// Records that it is not about.
    pub outside: u64,
    /// Records that pass.
    pub passes: u64,
    /// Records that violate it.
    pub violates: u64,
    /// Records of which it cannot be told, errors included.
    pub undecided: u64,
    /// Records of which it cannot be told because something failed.
    pub error: u64,
    /// The same by what failed; of old runs nothing is known.
    #[serde(default)]
    pub reasons: BTreeMap<ErrorKind, u64>,
    /// Processor time of the rule, microseconds.
    pub time_us: u64,
}

impl From<&RuleSummary> for RuleResult {
    fn from(summary: &RuleSummary) -> Self {
        Self {
            rule: summary.rule.clone(),
            ledger: summary.ledger.clone(),
            rows: summary.rows,
            outside: summary.outside,
            passes: summary.passes,
            violates: summary.violates,
            undecided: summary.undecided,
            error: summary.error,
            reasons: summary.reasons.clone(),
            time_us: u64::try_from(summary.time.as_micros()).unwrap_or(u64::MAX),
        }
    }
}

/// What a full run found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rules, as places in [`Service::rules`], that each record of a ledger violates.
    pub(super) hits: BTreeMap<(String, RecordId), Vec<usize>>,
    /// Counts by rule.
    pub(super) rules: Vec<RuleResult>,
}

/// Takes violations from the engine.
struct Hits<'a> {
    /// Places of rules by code.
    places: &'a BTreeMap<&'a str, usize>,
    found: BTreeMap<(String, RecordId), Vec<usize>>,
}

impl DoubtSink for Hits<'_> {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        for (number, answer) in doubts.rules.iter().enumerate() {
            let Some(answer) = program.answers.get(*answer as usize) else { continue };
            let ledger = program.table(answer.table).map(|table| table.ledger.clone());
            let record = RecordId::parse(doubts.records.get(number));
            let place = self.places.get(answer.rule.as_str());
            if let (Some(ledger), Some(record), Some(place)) = (ledger, record, place) {
                self.found.entry((ledger, record)).or_default().push(*place);
            }
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        self.found.clear();
        Ok(())
    }
}

impl Service {
    /// Judges a snapshot of the present state by all rules in force.
    pub(super) fn judge_snapshot(
        &self,
        directory: &Path,
        region: &RegionCode,
        as_of: Date,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Found, ServiceError> {
        let rules = self.rules();
        let looking = looking_in(self.codebook(), rules);
        let plain: Vec<Rule> =
            rules.iter().filter(|rule| !looking.contains(&rule.code)).cloned().collect();
        let (program, left_out) = taizhang_program::compile(self.codebook(), &plain, as_of);
        let places: BTreeMap<&str, usize> =
            rules.iter().enumerate().map(|(place, rule)| (rule.code.as_str(), place)).collect();
        let mut hits = Hits { places: &places, found: BTreeMap::new() };
        let report = self.run_engine(&program, directory, region, &mut hits, progress)?;
        let mut open: BTreeSet<&str> = looking.iter().map(String::as_str).collect();
        open.extend(left_out.iter().map(|left| left.rule.as_str()));
        open.extend(report.absences.iter().flat_map(|one| &one.rules).map(String::as_str));
        let mut found = Found { hits: hits.found, rules: Vec::new() };
        let told = report.rules.iter().filter(|rule| !open.contains(rule.rule.as_str()));
        found.rules.extend(told.map(RuleResult::from));
        for (place, rule) in rules.iter().enumerate() {
            if open.contains(rule.code.as_str()) && rule.is_in_force(as_of) {
                self.interpret_rule(place, rule, region, as_of, &mut found)?;
            }
        }
        Ok(found)
    }

    /// Runs the engine on threads of its own while this one tells the progress.
    fn run_engine(
        &self,
        program: &Program,
        directory: &Path,
        region: &RegionCode,
        hits: &mut Hits<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Report, ServiceError> {
        let snapshot = Snapshot::open(directory).map_err(|error| engine_fault(&error))?;
        let options = Options {
            region: self.narrow_region(region)?,
            values: false,
            // The others serve pages meanwhile.
            threads: Options::default().threads.div_ceil(2),
            ..Options::default()
        };
        let (done, total) = (AtomicU64::new(0), AtomicU64::new(0));
        let tell = |now: u64, all: u64| {
            done.store(now, Ordering::Relaxed);
            total.store(all, Ordering::Relaxed);
        };
        let stop = AtomicBool::new(false);
        let here = std::thread::current();
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                let ran = run(program, &snapshot, &options, hits, &stop, &tell);
                here.unpark();
                ran
            });
            while !running.is_finished() {
                std::thread::park_timeout(TELL_EVERY);
                progress(done.load(Ordering::Relaxed), total.load(Ordering::Relaxed));
            }
            let broken = || ServiceError::Internal("the run of the rules broke off".to_owned());
            running.join().map_err(|_| broken())?.map_err(|error| engine_fault(&error))
        })
    }

    /// The region as the engine is told; none if no household lies outside of it, so that rows
    /// without a region of their own are judged with the others.
    fn narrow_region(&self, region: &RegionCode) -> Result<Option<String>, ServiceError> {
        let outside = Filter::Not(Box::new(Filter::Under(region.clone())));
        let query = Query::new(super::rows::ROOT).filter(outside).limit(1);
        let page = self.store.read(|reader| reader.list(&query))?;
        Ok((!page.records.is_empty()).then(|| region.to_string()))
    }

    /// Judges every record of a rule's ledger by the interpreter.
    fn interpret_rule(
        &self,
        place: usize,
        rule: &Rule,
        region: &RegionCode,
        as_of: Date,
        found: &mut Found,
    ) -> Result<(), ServiceError> {
        let context = Context::new(self.codebook(), as_of);
        let mut result = RuleResult {
            rule: rule.code.clone(),
            ledger: rule.ledger.clone(),
            ..RuleResult::default()
        };
        let query = Query::new(&rule.ledger).sort("id", false).limit(PAGE);
        let mut after = None;
        loop {
            let page = self.store.read(|reader| {
                reader.for_judging(|reader| {
                    let page = reader.list(&query.clone().after(after))?;
                    let rows = StoreRows::new(reader, self.codebook());
                    for record in &page.records {
                        let row = rows.add(record.clone());
                        let place_of_record = region_of(&rows, record);
                        if !place_of_record.is_some_and(|own| own.is_under(region)) {
                            continue;
                        }
                        let judgement = judge(rule, row, &rows, &context);
                        result.rows += 1;
                        if let Some(kind) = judgement.error {
                            result.error += 1;
                            *result.reasons.entry(kind).or_default() += 1;
                        }
                        match judgement.outcome {
                            Outcome::Outside => result.outside += 1,
                            Outcome::Passes => result.passes += 1,
                            Outcome::Undecided => result.undecided += 1,
                            Outcome::Violates => {
                                result.violates += 1;
                                let key = (record.ledger.clone(), record.id.clone());
                                found.hits.entry(key).or_default().push(place);
                            }
                        }
                    }
                    rows.fault().map_or(Ok(page.next), |fault| Err(ServiceError::from(fault)))
                })
            })?;
            after = page;
            if after.is_none() {
                break;
            }
        }
        found.rules.push(result);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::Hit;
    use super::super::refresh::standing;
    use super::super::rows::ROOT;
    use super::super::settle::by_pair;
    use crate::{FixedClock, OpenOptions, Service};
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use taizhang_store::{Filter, Query};
    use taizhang_values::{RecordId, RegionCode};

    /// A service with the demonstration county, on each database that is there.
    fn for_each_demo(check: impl Fn(&Service)) {
        let made = |database_url: Option<String>| {
            let directory = tempfile::tempdir().unwrap();
            let clock = Arc::new(FixedClock::new("2026-11-20T01:00:00Z".parse().unwrap()));
            let data_dir = directory.path().join("data");
            let options = OpenOptions { data_dir, database_url, ..OpenOptions::default() };
            let service = Service::open(&options, clock).unwrap();
            service.build_demo().unwrap();
            check(&service);
        };
        made(None);
        let server = std::env::var("TAIZHANG_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
        let Some(server) = server else {
            println!("skipped on PostgreSQL: TAIZHANG_TEST_POSTGRES is not set");
            return;
        };
        let name = format!("tz_full_{}", std::process::id());
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
        let mark = if server.contains('?') { '&' } else { '?' };
        made(Some(format!("{server}{mark}options=-c%20search_path%3D{name}")));
        client.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).unwrap();
    }

    /// What the interpreter finds in every record of the county, with so many households judged
    /// together.
    fn interpreted(service: &Service, county: &RegionCode, together: usize) -> Vec<Hit> {
        let ids = |ledger: &str| -> Vec<RecordId> {
            let mut ids = Vec::new();
            let mut after = None;
            loop {
                let query = Query::new(ledger)
                    .filter(Filter::Under(county.clone()))
                    .limit(1000)
                    .after(after);
                let page = service.store.read(|reader| reader.list(&query)).unwrap();
                ids.extend(page.records.into_iter().map(|record| record.id));
                after = page.next;
                if after.is_none() {
                    return ids;
                }
            }
        };
        let today = service.today();
        let mut hits = Vec::new();
        for some in ids(ROOT).chunks(together) {
            let judged = service.store.read(|reader| service.judge_households(reader, some, today));
            hits.extend(judged.unwrap().households.into_iter().flat_map(|one| one.hits));
        }
        let mut ledgers: Vec<&str> = service.rules().iter().map(|r| r.ledger.as_str()).collect();
        ledgers.sort_unstable();
        ledgers.dedup();
        for ledger in ledgers.into_iter().filter(|l| *l != ROOT && !service.is_nested(l)) {
            for id in ids(ledger) {
                let judged = service.store.read(|reader| {
                    reader.for_judging(|reader| {
                        let record = reader.get(ledger, &id)?;
                        service.judge_records(reader, record.into_iter().collect(), today)
                    })
                });
                hits.extend(judged.unwrap());
            }
        }
        hits
    }

    #[test]
    fn doubts_after_a_run_are_those_of_the_interpreter() {
        for_each_demo(|service| {
            let county = RegionCode::parse("990101").unwrap();
            let told = |hit: &Hit| {
                let household = hit.household.as_ref().map(ToString::to_string);
                let region = hit.region.clone();
                (hit.severity.word().to_owned(), hit.message.clone(), household, region)
            };
            let hits = interpreted(service, &county, 1);
            assert!(hits == interpreted(service, &county, 16), "each alone, and sixteen at once");
            let expected: BTreeMap<_, _> = hits
                .iter()
                .map(|hit| {
                    let pair = (hit.rule.clone(), hit.subject.to_string());
                    (pair, (told(hit), hit.evidence_key.clone()))
                })
                .collect();
            let open = service.store.read(|reader| standing(reader, Filter::All)).unwrap();
            let found: BTreeMap<_, _> = by_pair(open)
                .into_iter()
                .map(|(pair, doubt)| {
                    let household = doubt.reference("household").map(ToString::to_string);
                    let words =
                        (doubt.text("severity").to_owned(), doubt.text("message").to_owned());
                    let told = (words.0, words.1, household, doubt.region.clone());
                    (pair, (told, doubt.text("evidence_key").to_owned()))
                })
                .collect();
            let (missed, false_ones): (Vec<_>, Vec<_>) = (
                expected.keys().filter(|pair| !found.contains_key(*pair)).collect(),
                found.keys().filter(|pair| !expected.contains_key(*pair)).collect(),
            );
            assert!(missed.is_empty() && false_ones.is_empty(), "{missed:?} {false_ones:?}");
            assert!(found.len() > 100, "{}", found.len());
            assert_eq!(found, expected);
            println!("{} doubts agree", found.len());
        });
    }
}
