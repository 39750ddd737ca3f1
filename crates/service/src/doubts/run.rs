//! A run of all rules over a part of the region tree.

use super::DOUBT;
use super::judge::JudgedCounts;
use super::refresh::{Turnover, standing};
use super::rows::ROOT;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Act, Change, Filter, NewRecord, Query, Values};
use taizhang_values::{RecordId, RegionCode};

/// Households judged in one transaction: short enough not to hold up those who work meanwhile.
const HOUSEHOLDS_AT_ONCE: usize = 50;

/// Records of other ledgers judged in one transaction.
const RECORDS_AT_ONCE: usize = 200;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// The record of the run.
    pub run: Option<RecordId>,
    /// Records judged, once for each rule.
    pub rows: u64,
    /// Violations.
    pub violates: u64,
    /// Undecided.
    pub undecided: u64,
    /// Doubts opened, kept and closed.
    pub turnover: super::refresh::Turnover,
}

impl Service {
    /// Judges every record of a region by every rule and turns the doubts over.
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
        self.require_create(caller, "check_run", region)?;
        let act = self.act(caller, "check_run.start", None);
        let run = self.store.write(&act, |writer| {
            let values = Values::from([
                ("title".to_owned(), format!("{} 全面核查", self.today()).into()),
                ("as_of".to_owned(), self.today().into()),
                ("codebook_edition".to_owned(), self.codebook().edition.as_str().into()),
                ("check_status".to_owned(), "running".into()),
            ]);
            let region = Some(region.clone());
            Ok::<_, ServiceError>(
                writer.insert("check_run", NewRecord { region, values, ..NewRecord::default() })?,
            )
        })?;
        let mut report = RunReport { run: Some(run.id.clone()), ..RunReport::default() };
        let act =
            Act { source: format!("run:{}", run.id), ..self.act(caller, "doubt.judge", None) };
        let done = self
            .run_households(&act, region, &mut report, progress)
            .and_then(|()| self.run_others(&act, region, &mut report));
        let status = if done.is_ok() { "done" } else { "failed" };
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let values = Values::from([
            ("check_status".to_owned(), status.into()),
            ("finished_at".to_owned(), self.now().into()),
            ("rules_count".to_owned(), count(self.rules().len() as u64).into()),
            ("rows_count".to_owned(), count(report.rows).into()),
            ("violates_count".to_owned(), count(report.violates).into()),
            ("undecided_count".to_owned(), count(report.undecided).into()),
            ("opened_count".to_owned(), count(report.turnover.opened).into()),
            ("kept_count".to_owned(), count(report.turnover.kept).into()),
            ("closed_count".to_owned(), count(report.turnover.closed).into()),
        ]);
        let act = self.act(caller, "check_run.end", None);
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            Ok::<_, ServiceError>(writer.update("check_run", &run.id, run.version, change)?)
        })?;
        done.map(|()| report)
    }

    fn run_households(
        &self,
        act: &Act,
        region: &RegionCode,
        report: &mut RunReport,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ServiceError> {
        let query =
            Query::new(ROOT).filter(Filter::Under(region.clone())).limit(HOUSEHOLDS_AT_ONCE);
        let total = self.store.read(|reader| reader.count(&query))?;
        let mut done = 0;
        let mut after = None;
        loop {
            let page =
                self.store.read(|reader| reader.list(&query.clone().after(after.clone())))?;
            let turnover = self.store.write(act, |writer| {
                let calendar = self.calendar_in(writer)?;
                let mut all = Turnover::default();
                for household in &page.records {
                    let run = report.run.clone();
                    let (counts, turnover) =
                        self.refresh_in_run(writer, &household.id, run.as_ref(), &calendar)?;
                    count(report, counts);
                    all.add(turnover);
                }
                Ok::<_, ServiceError>(all)
            })?;
            report.turnover.add(turnover);
            done += page.records.len() as u64;
            progress(done, total);
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Ledgers that are no part of a household: villages, projects, findings and the like.
    fn run_others(
        &self,
        act: &Act,
        region: &RegionCode,
        report: &mut RunReport,
    ) -> Result<(), ServiceError> {
        let mut ledgers: Vec<&str> = self.rules().iter().map(|rule| rule.ledger.as_str()).collect();
        ledgers.sort_unstable();
        ledgers.dedup();
        ledgers.retain(|ledger| *ledger != ROOT && !self.is_nested(ledger));
        for ledger in ledgers {
            let mut after = None;
            loop {
                let query = Query::new(ledger)
                    .filter(Filter::Under(region.clone()))
                    .after(after)
                    .limit(RECORDS_AT_ONCE);
                after = self.run_page(act, ledger, &query, report)?;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn run_page(
        &self,
        act: &Act,
        ledger: &str,
        query: &Query,
        report: &mut RunReport,
    ) -> Result<Option<taizhang_store::Cursor>, ServiceError> {
        let (turnover, next) = self.store.write(act, |writer| {
            let (page, judged) = writer.for_judging(|reader| {
                let page = reader.list(query)?;
                let judged = self.judge_records(reader, page.records.clone(), self.today())?;
                Ok::<_, ServiceError>((page, judged))
            })?;
            count(report, JudgedCounts::of(&judged));
            let subjects: Vec<_> =
                page.records.iter().map(|record| record.id.to_string().into()).collect();
            let filter = Filter::eq("subject_ledger", ledger)
                .and(Filter::In("subject".to_owned(), subjects));
            let open = standing(writer, filter)?;
            let calendar = self.calendar_in(writer)?;
            let run = report.run.as_ref();
            Ok::<_, ServiceError>((
                self.turn_over(writer, judged, open, run, &calendar)?,
                page.next,
            ))
        })?;
        report.turnover.add(turnover);
        Ok(next)
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
        let query = Query::new("check_run").sort("id", true).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// True if the caller may start a run somewhere.
    #[must_use]
    pub fn may_run_checks(&self, caller: &Caller) -> bool {
        let region = caller.home_region();
        region.is_some_and(|region| self.require_create(caller, "check_run", region).is_ok())
            && self.read_filter(caller, DOUBT, Action::Read).is_some()
    }
}

fn count(report: &mut RunReport, counts: JudgedCounts) {
    report.rows += counts.rows;
    report.violates += counts.violates;
    report.undecided += counts.undecided;
}
