//! Runs of all rules over a part of the region tree: begun, carried out, ended, and swept when the
//! program that carried one out is gone.

use super::DOUBT;
use super::full::RuleResult;
use super::refresh::Turnover;
use super::settle::Settling;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Act, Change, Filter, NewRecord, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

/// Ledger of runs.
const RUN: &str = "check_run";

/// Most bytes of the counts by rule.
const SUMMARY_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// The record of the run.
    pub run: Option<RecordId>,
    /// Name of the snapshot that was judged.
    pub snapshot: Option<String>,
    /// Records judged, once for each rule.
    pub rows: u64,
    /// Violations.
    pub violates: u64,
    /// Undecided.
    pub undecided: u64,
    /// Doubts opened, kept and closed.
    pub turnover: Turnover,
    /// Counts by rule.
    pub rules: Vec<RuleResult>,
}

impl Service {
    /// Judges every record of a region by every rule and turns the doubts over: the engine over a
    /// snapshot of the present state, then each pair of rule and record that it found as it is now.
    ///
    /// `progress` is told how many households of how many are done.
    ///
    /// # Errors
    /// `Denied` without the right to make runs there; store errors.
    pub fn run_checks(
        &self,
        caller: &Caller,
        region: &RegionCode,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<RunReport, ServiceError> {
        self.require_create(caller, RUN, region)?;
        self.run_as(&|verb| self.act(caller, verb, None), region, progress)
    }

    /// A run of the program itself, without a person.
    pub(crate) fn run_by_itself(&self, region: &RegionCode) -> Result<RunReport, ServiceError> {
        self.run_as(&|verb| self.own_act(verb), region, &mut |_, _| {})
    }

    fn run_as(
        &self,
        act: &dyn Fn(&str) -> Act,
        region: &RegionCode,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<RunReport, ServiceError> {
        let run = self.begin_run(&act("check_run.start"), region)?;
        let mut report = RunReport { run: Some(run.id.clone()), ..RunReport::default() };
        let judging = Act { source: format!("run:{}", run.id), ..act("doubt.judge") };
        let done = self.carry_out_run(&judging, region, &mut report, progress);
        self.end_run(&act("check_run.end"), &run, &report, done.is_ok())?;
        done.map(|()| report)
    }

    fn begin_run(&self, act: &Act, region: &RegionCode) -> Result<Record, ServiceError> {
        let values = Values::from([
            ("title".to_owned(), format!("{} 全面核查", self.today()).into()),
            ("as_of".to_owned(), self.today().into()),
            ("codebook_edition".to_owned(), self.codebook().edition.as_str().into()),
            ("check_status".to_owned(), "running".into()),
        ]);
        let record = NewRecord { region: Some(region.clone()), values, ..NewRecord::default() };
        self.store.write(act, |writer| Ok(writer.insert(RUN, record)?))
    }

    fn carry_out_run(
        &self,
        act: &Act,
        region: &RegionCode,
        report: &mut RunReport,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ServiceError> {
        let as_of = self.today();
        let snapshot = self.current_snapshot()?;
        report.snapshot = Some(snapshot.name.clone());
        let found = self.judge_snapshot(&snapshot.directory, region, as_of, progress)?;
        report.rows = found.rules.iter().map(|rule| rule.rows).sum();
        report.undecided = found.rules.iter().map(|rule| rule.undecided).sum();
        let settling = Settling { act, run: report.run.as_ref(), region, as_of };
        let (turnover, violates) = self.settle(&settling, &found)?;
        report.turnover = turnover;
        report.violates = violates;
        report.rules = found.rules;
        Ok(())
    }

    fn end_run(
        &self,
        act: &Act,
        run: &Record,
        report: &RunReport,
        is_done: bool,
    ) -> Result<(), ServiceError> {
        let count = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let mut values = Values::from([
            ("check_status".to_owned(), if is_done { "done" } else { "failed" }.into()),
            ("finished_at".to_owned(), self.now().into()),
            ("snapshot".to_owned(), report.snapshot.clone().into()),
            ("rules_count".to_owned(), count(report.rules.len() as u64)),
            ("rows_count".to_owned(), count(report.rows)),
            ("violates_count".to_owned(), count(report.violates)),
            ("undecided_count".to_owned(), count(report.undecided)),
            ("opened_count".to_owned(), count(report.turnover.opened)),
            ("kept_count".to_owned(), count(report.turnover.kept)),
            ("closed_count".to_owned(), count(report.turnover.closed)),
        ]);
        if is_done {
            let summary = serde_json::to_vec(&report.rules)
                .map_err(|error| ServiceError::Internal(error.to_string()))?;
            let file = self.store.files().put(&mut summary.as_slice(), SUMMARY_BYTES_MAX)?;
            values.insert("summary_file".to_owned(), file.hash.into());
        }
        self.store.write(act, |writer| {
            let change = Change { values, ..Change::default() };
            writer.update(RUN, &run.id, run.version, change)?;
            Ok(())
        })
    }

    /// Notes as failed what stands as running of a program that is gone. For the start of the one
    /// program that serves a store, before it runs jobs; how many there were.
    ///
    /// # Errors
    /// Store errors only.
    pub fn sweep_broken_runs(&self) -> Result<u64, ServiceError> {
        self.sweep_runs(Filter::All)
    }

    /// The same for the runs of a job that begins anew: those of its asker in its region.
    pub(crate) fn sweep_runs_of(
        &self,
        asker: &RecordId,
        region: &RegionCode,
    ) -> Result<u64, ServiceError> {
        let own = Filter::eq("created_by", Value::from(asker))
            .and(Filter::eq("region", Value::from(region.to_string())));
        self.sweep_runs(own)
    }

    fn sweep_runs(&self, filter: Filter) -> Result<u64, ServiceError> {
        let running = Filter::eq("check_status", "running").and(filter);
        let query = Query::new(RUN).filter(running).limit(1000);
        let broken = self.store.read(|reader| reader.list(&query))?.records;
        if broken.is_empty() {
            return Ok(0);
        }
        self.store.write(&self.own_act("check_run.sweep"), |writer| {
            for run in &broken {
                let values = Values::from([
                    ("check_status".to_owned(), "failed".into()),
                    ("finished_at".to_owned(), self.now().into()),
                ]);
                let change = Change { values, ..Change::default() };
                writer.update(RUN, &run.id, run.version, change)?;
            }
            Ok(broken.len() as u64)
        })
    }

    /// Runs that the caller may see, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn check_runs(
        &self,
        caller: &Caller,
        after: Option<taizhang_store::Cursor>,
        limit: usize,
    ) -> Result<taizhang_store::Page, ServiceError> {
        let query = Query::new(RUN).sort("id", true).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// A run with its counts by rule; none were kept of a run that failed.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn check_run(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<(Record, Vec<RuleResult>), ServiceError> {
        let run = self.visible(caller, RUN, id)?;
        let file = run.text("summary_file");
        if file.is_empty() {
            return Ok((run, Vec::new()));
        }
        let bytes = self.store.files().read_all(file)?;
        let rules = serde_json::from_slice(&bytes)
            .map_err(|error| ServiceError::Internal(format!("counts of a run: {error}")))?;
        Ok((run, rules))
    }

    /// True if the caller may start a run somewhere.
    #[must_use]
    pub fn may_run_checks(&self, caller: &Caller) -> bool {
        let region = caller.home_region();
        region.is_some_and(|region| self.require_create(caller, RUN, region).is_ok())
            && self.read_filter(caller, DOUBT, Action::Read).is_some()
    }
}
