//! What every judgement is made against: definition, parameters, calendar and the moment.

use jiff::Timestamp;
use taizhang_codebook::{Codebook, Flow, State};
use taizhang_values::{Date, RegionCode, WorkingCalendar, shanghai_date};

/// The ground of a judgement. Equal contexts and facts give equal answers.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The flow in the edition with which the record began.
    pub flow: &'a Flow,
    /// Parameters and the words of roles and fields.
    pub codebook: &'a Codebook,
    /// Working days.
    pub calendar: &'a WorkingCalendar,
    /// Where the record sits; chooses among values of a parameter.
    pub region: Option<&'a RegionCode>,
    /// The moment, UTC.
    pub now: Timestamp,
}

impl Context<'_> {
    /// The civil date in China; deadlines are dates of this calendar.
    #[must_use]
    pub fn today(&self) -> Date {
        shanghai_date(self.now)
    }

    /// The value of a parameter today, in its own unit; `None` if none is in force.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<i64> {
        Some(self.codebook.parameter(name, self.today(), self.region)?.value)
    }

    /// The state of a name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.flow.state(name)
    }
}
