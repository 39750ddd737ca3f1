//! Kernels: columns in, a column out. A column of one row stands for all rows.

mod arithmetic;
mod by_row;
mod compare;
mod dates;
mod functions;
mod gather;
mod identity;
mod list;
mod logic;
mod reduce;

pub use arithmetic::{arithmetic, negate};

pub use by_row::by_row;
pub(crate) use by_row::cell;
pub use compare::{compare, is_in};
pub use dates::{civil, days_between, epoch_days, months_between, years_between};
pub use functions::{call, cut, has_loop};
pub use gather::{Sided, expand, expand_within, gather, outer_rows, pointing, through};
pub use identity::{fact, facts};
pub use list::{list_has, list_inside, list_meets, list_overlaps, list_size, list_within};
pub use logic::{all_of, any_of, choose, has, not, or_default};
pub use reduce::reduce;

use crate::column::{Column, Gaps};

/// All rows without a value because of an error.
#[must_use]
pub fn failed() -> Gaps {
    use crate::bits::Bits;
    Gaps { known: Some(Bits::filled(1, false)), errors: Some(Bits::filled(1, true)) }
}

/// The gaps of a column that has some.
fn gaps(column: &Column) -> Gaps {
    column.gaps().cloned().unwrap_or_default()
}

/// The rows of a vector, one standing for all.
fn at<T: Copy + Default>(values: &[T], row: usize) -> T {
    let place = if values.len() == 1 { 0 } else { row };
    values.get(place).copied().unwrap_or_default()
}
