//! The overdue ladder: reminder before the deadline, then ever stronger forms.

use crate::clock::days_between;
use taizhang_codebook::LadderRung;
use taizhang_values::{Date, days_after};

/// A rung that was climbed before: its form and the day on which it fell due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DoneRung {
    /// Code of the form.
    pub form: String,
    /// Day on which the rung fell due.
    pub due_on: Date,
}

/// A rung to climb now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Code in the list `escalation_form`.
    pub form: String,
    /// Roles that carry it out.
    pub roles: Vec<String>,
    /// Day on which it fell due: deadline plus the rung's first day. Together with the form it
    /// names the rung for ever, so that a second look never makes a second record, and a granted
    /// extension starts the ladder anew.
    pub due_on: Date,
    /// Days late today; negative before the deadline.
    pub days_late: i64,
    /// The rung's own days are over already (after a pause); it is climbed all the same.
    pub is_missed: bool,
}

/// Days after the deadline; zero on the deadline and negative before it.
#[must_use]
pub fn days_late(deadline_on: Date, today: Date) -> i64 {
    days_between(deadline_on, today)
}

/// The rungs of the ladder to climb today, in their order.
///
/// # Shape
/// Every rung whose first day has come and that is not in `done`. After a long pause all rungs
/// between come at once, in order; after a clock that went back, none comes twice, because `done`
/// knows them by form and day and not by when they were climbed. For that the ladder is taken as
/// it is in force on the deadline (`Codebook::ladder`), which stays the same whenever one looks.
#[must_use]
pub fn rungs_due(
    ladder: &[LadderRung<'_>],
    deadline_on: Date,
    today: Date,
    done: &[DoneRung],
) -> Vec<Rung> {
    let late = days_late(deadline_on, today);
    let mut rungs: Vec<Rung> = Vec::new();
    for rung in ladder.iter().filter(|rung| rung.from_day <= late) {
        let (step, due_on) = (rung.step, days_after(deadline_on, rung.from_day));
        let is_same = |form: &str, day: Date| form == step.form && day == due_on;
        if done.iter().any(|rung| is_same(&rung.form, rung.due_on))
            || rungs.iter().any(|rung| is_same(&rung.form, rung.due_on))
        {
            continue;
        }
        rungs.push(Rung {
            form: step.form.clone(),
            roles: step.roles.clone(),
            due_on,
            days_late: late,
            is_missed: rung.to_day.is_some_and(|last| late > last),
        });
    }
    rungs.sort_by_key(|rung| rung.due_on);
    rungs
}
