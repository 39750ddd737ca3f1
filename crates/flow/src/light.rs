//! The light beside a row: shape and words for how it stands to its date.

use crate::clock::days_between;
use taizhang_codebook::StateKind;
use taizhang_diagnostics::Message;
use taizhang_values::{Date, WorkingCalendar};

/// How days of a light count: as the source document says.
#[derive(Clone, Copy, Debug)]
pub enum DayCount<'a> {
    /// Every day.
    Calendar,
    /// Days of the working calendar.
    Working(&'a WorkingCalendar),
}

/// Kinds of light, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LightKind {
    /// The date is over: red square with a cross.
    Overdue,
    /// The date is today or near: amber triangle.
    Near,
    /// There is time: green circle.
    Normal,
    /// Goes on with stages and none of them is near.
    LongTerm,
    /// Done: grey tick.
    Closed,
    /// Does not apply here.
    Void,
}

impl LightKind {
    /// Stable name for addresses and style classes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Near => "near",
            Self::Normal => "normal",
            Self::LongTerm => "long_term",
            Self::Closed => "closed",
            Self::Void => "void",
        }
    }
}

/// A light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Light {
    /// Shape and colour.
    pub kind: LightKind,
    /// Days to the date, negative when it is over; `None` without a date.
    pub days: Option<i64>,
}

impl Light {
    /// The light of a record in a state of `kind` that is due on `due_on`.
    ///
    /// # Units
    /// `near_days` is the greatest number of days left that counts as near (parameter
    /// `rect.near_due_days`). Whether a date is over never depends on how days count.
    ///
    /// # Example
    /// ```
    /// use taizhang_codebook::StateKind;
    /// use taizhang_flow::{DayCount, Light, LightKind};
    /// let (today, due) = ("2026-11-20".parse().unwrap(), "2026-11-25".parse().unwrap());
    /// let light = Light::of(StateKind::Open, Some(due), today, 7, DayCount::Calendar);
    /// assert_eq!(light.kind, LightKind::Near);
    /// assert_eq!(light.words().zh, "剩 5 天");
    /// ```
    #[must_use]
    pub fn of(
        kind: StateKind,
        due_on: Option<Date>,
        today: Date,
        near_days: i64,
        count: DayCount<'_>,
    ) -> Self {
        let is_ended = matches!(kind, StateKind::Closed | StateKind::Void);
        let days = due_on.filter(|_| !is_ended).map(|due_on| days_left(today, due_on, count));
        let kind = match (kind, days) {
            (StateKind::Closed, _) => LightKind::Closed,
            (StateKind::Void, _) => LightKind::Void,
            (_, Some(days)) if days < 0 => LightKind::Overdue,
            (_, Some(days)) if days <= near_days => LightKind::Near,
            (StateKind::LongTerm, _) => LightKind::LongTerm,
            (StateKind::Open | StateKind::Waiting, _) => LightKind::Normal,
        };
        Self { kind, days }
    }

    /// The words beside the shape.
    #[must_use]
    pub fn words(&self) -> Message {
        match (self.kind, self.days) {
            (LightKind::Closed, _) => Message::new("已销号", "closed"),
            (LightKind::Void, _) => Message::new("不存在", "does not apply"),
            (LightKind::LongTerm, _) => Message::new("长期坚持", "long-term"),
            (_, None) => Message::new("未定时限", "no deadline"),
            (_, Some(0)) => Message::new("今天到期", "due today"),
            (_, Some(days)) if days < 0 => {
                let late = days.unsigned_abs();
                Message::new(format!("超期 {late} 天"), format!("{} overdue", counted(late)))
            }
            (_, Some(days)) => {
                let left = days.unsigned_abs();
                Message::new(format!("剩 {left} 天"), format!("{} left", counted(left)))
            }
        }
    }
}

/// Days to the date. Working days that come to nothing still show a late date as one day late.
fn days_left(today: Date, due_on: Date, count: DayCount<'_>) -> i64 {
    let calendar_days = days_between(today, due_on);
    match count {
        DayCount::Calendar => calendar_days,
        DayCount::Working(_) if calendar_days == 0 => 0,
        DayCount::Working(calendar) => {
            let days = calendar.working_days_between(today, due_on);
            if calendar_days < 0 { days.min(-1) } else { days.max(1) }
        }
    }
}

fn counted(days: u64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
