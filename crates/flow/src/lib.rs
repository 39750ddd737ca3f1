//! States, steps, clocks and escalation as pure functions of definition, history and now.
//!
//! Start at [`take`]: it judges one step of one record for one person and says what changes.
//! [`allowed_steps`] lists the steps of the record's state with every reason against each;
//! [`rungs_due`] is the overdue ladder, [`Light`] the signal beside a row.
//!
//! INVARIANT: nothing here reads a clock, a file or the store; the moment comes in a [`Context`].

mod clock;
mod context;
mod deadline;
mod ladder;
mod light;
mod look_back;
mod offer;
mod refusal;
mod situation;
mod take;

pub use clock::{clock_end, next_working_day, state_due_on, working_calendar};
pub use context::Context;
pub use deadline::{
    Extension, deadline_before_issue, extension_refusals, first_allowance_days,
    latest_new_deadline, new_deadline_refusals,
};
pub use ladder::{DoneRung, Rung, days_late, rungs_due};
pub use light::{DayCount, Light, LightKind};
pub use look_back::{look_back_is_due, look_back_on};
pub use offer::{Ask, StepOffer, allowed_steps};
pub use situation::{Person, Situation, StepInput};
pub use take::{Transition, take, take_by_itself};
