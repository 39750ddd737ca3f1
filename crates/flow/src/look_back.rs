//! Looking back at what was closed.

use crate::{Context, clock_end};
use taizhang_codebook::{State, StateKind};
use taizhang_values::Date;

/// The day on which a record that was closed on `closed_on` is to be looked at again: the end of
/// the closed state's clock. `None` for a closed state without a clock: nothing follows.
#[must_use]
pub fn look_back_on(context: &Context<'_>, state: &State, closed_on: Date) -> Option<Date> {
    let clock = state.clock.as_ref().filter(|_| state.kind == StateKind::Closed)?;
    clock_end(context, clock, closed_on)
}

/// True if the record waits to be looked at again and its day has come.
#[must_use]
pub fn look_back_is_due(state: &State, look_back_on: Option<Date>, today: Date) -> bool {
    state.kind == StateKind::Closed
        && state.clock.is_some()
        && look_back_on.is_some_and(|day| day <= today)
}
