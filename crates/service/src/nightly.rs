//! What is done once a night: a run of all rules over every county that nobody had judged that day,
//! with the snapshot that it judges; the snapshot alone where no county is known.

use crate::{Service, ServiceError};
use taizhang_store::{Filter, Query};
use taizhang_values::{Date, RegionCode, Timestamp, shanghai_date};

/// The setting that holds the day of the last night's work.
const LAST_NIGHT: &str = "nightly.last";

/// Seconds after midnight in China at which the night's work begins: one o'clock, when last
/// evening's imports are done and nobody works yet.
const BEGINS_AFTER_SECONDS: i64 = 3_600;

/// Counties of one store at most.
const COUNTIES_MAX: usize = 1_000;

/// What a night's work came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NightReport {
    /// Runs that ended well.
    pub runs: usize,
    /// Doubts that they opened and closed.
    pub opened: u64,
    /// Closed.
    pub closed: u64,
}

impl Service {
    /// The night's work, if it is due; `None` if it is not. Call it every minute, beside the
    /// scheduler's tick, from a thread that may wait. It is tried once a night: a night that fails
    /// is told to the operator, and the next is another day.
    ///
    /// # Errors
    /// Store errors; what fails in a run stands in its record.
    pub fn nightly(&self) -> Result<Option<NightReport>, ServiceError> {
        let Some(night) = night_of(self.now()) else { return Ok(None) };
        let last = self.store.read(|reader| reader.setting(LAST_NIGHT))?;
        if last.is_some_and(|last| last == night.to_string()) || self.clock_is_held()? {
            return Ok(None);
        }
        self.store.write(&self.own_act("nightly.begin"), |writer| {
            Ok::<_, ServiceError>(writer.set_setting(LAST_NIGHT, &night.to_string())?)
        })?;
        let mut report = NightReport::default();
        let counties = self.counties()?;
        if counties.is_empty() {
            self.note_snapshot();
        }
        for county in counties {
            if self.was_run(&county, night)? {
                continue;
            }
            match self.run_by_itself(&county) {
                Ok(run) => {
                    report.runs += 1;
                    report.opened += run.turnover.opened;
                    report.closed += run.turnover.closed;
                }
                Err(error) => tracing::error!(%error, "a nightly run failed"),
            }
        }
        Ok(Some(report))
    }

    /// True if somebody had the county judged that day already.
    fn was_run(&self, county: &RegionCode, on: Date) -> Result<bool, ServiceError> {
        let done = Filter::eq("check_status", "done")
            .and(Filter::eq("as_of", on))
            .and(Filter::eq("region", county.to_string()));
        Ok(self.store.read(|reader| reader.count(&Query::new("check_run").filter(done)))? > 0)
    }

    fn counties(&self) -> Result<Vec<RegionCode>, ServiceError> {
        let query = Query::new("region").filter(Filter::eq("level", "county")).limit(COUNTIES_MAX);
        let page = self.store.read(|reader| reader.list(&query))?;
        let codes = page.records.iter().map(|row| row.text("code"));
        Ok(codes.filter_map(RegionCode::parse).filter(|code| !code.as_str().is_empty()).collect())
    }
}

/// The day whose night's work may be done now.
fn night_of(now: Timestamp) -> Option<Date> {
    let early = now.as_second().checked_sub(BEGINS_AFTER_SECONDS)?;
    Timestamp::from_second(early).ok().map(shanghai_date)
}
