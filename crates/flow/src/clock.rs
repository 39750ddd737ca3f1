//! Clocks: when a state's time is up, by calendar or working days.

use crate::Context;
use taizhang_codebook::{Clock, ClockKind, Codebook, State, StateKind};
use taizhang_values::{Date, WorkingCalendar, days_after};

/// The working calendar that a codebook states. A county's own days are set on top by the caller.
#[must_use]
pub fn working_calendar(codebook: &Codebook) -> WorkingCalendar {
    let mut calendar = WorkingCalendar::default();
    for day in &codebook.calendar {
        calendar.set(day.date, day.is_working);
    }
    calendar
}

/// The last day of a clock that starts on `start` (which does not count). `None` if the clock's
/// parameter has no value in force.
#[must_use]
pub fn clock_end(context: &Context<'_>, clock: &Clock, start: Date) -> Option<Date> {
    let days = context.parameter(&clock.parameter)?;
    Some(match clock.kind {
        ClockKind::Calendar => days_after(start, days),
        ClockKind::Working => context.calendar.add_working_days(start, days),
    })
}

/// The date by which a record that enters `state` on `start` has to move on.
///
/// # Shape
/// Open states: the clock's end or the record's deadline, whichever is first. Waiting states: the
/// clock's end, because the deadline was met by handing in. Long-term states: the next stage goal,
/// else the deadline. Closed and void states: none.
#[must_use]
pub fn state_due_on(
    context: &Context<'_>,
    state: &State,
    start: Date,
    deadline_on: Option<Date>,
    next_goal_on: Option<Date>,
) -> Option<Date> {
    let clock = state.clock.as_ref().and_then(|clock| clock_end(context, clock, start));
    match state.kind {
        StateKind::Open => [clock, deadline_on].into_iter().flatten().min(),
        StateKind::Waiting => clock.or(deadline_on),
        StateKind::LongTerm => next_goal_on.or(deadline_on).or(clock),
        StateKind::Closed | StateKind::Void => None,
    }
}

/// The day itself if it is worked, else the next worked day.
///
/// # Example
/// ```
/// use taizhang_flow::next_working_day;
/// use taizhang_values::{Date, WorkingCalendar};
/// let saturday: Date = "2026-11-21".parse().unwrap();
/// let monday = next_working_day(&WorkingCalendar::default(), saturday);
/// assert_eq!(monday.to_string(), "2026-11-23");
/// ```
#[must_use]
pub fn next_working_day(calendar: &WorkingCalendar, date: Date) -> Date {
    if calendar.is_working(date) { date } else { calendar.add_working_days(date, 1) }
}

/// Days from `start` to `end`; negative if `end` is earlier.
pub(crate) fn days_between(start: Date, end: Date) -> i64 {
    start.until(end).map_or(0, |span| i64::from(span.get_days()))
}
