//! Value types of the field: money in fen, decimals, dates, deadlines, working days, region codes,
//! identity numbers and masked text.
//!
//! Everything here is pure: nothing reads a clock, a file or the environment.

mod calendar;
mod date;
mod decimal;
mod id;
mod identity;
mod mask;
mod money;
mod random;
mod region;
mod value;

pub use calendar::WorkingCalendar;
pub use date::{
    PartialDate, days_after, epoch_days, month_text, official_date, parse_date, parse_month,
    parse_partial_date, shanghai_date,
};
pub use decimal::Decimal;
pub use id::RecordId;
pub use identity::{IDENTITY_CHARACTERS, IdentityFault, IdentityNumber, Sex, holder_part};
pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use mask::{mask_identity, mask_name, mask_phone};
pub use money::Money;
pub use random::{next_random, spread_bits};
pub use region::{RegionCode, RegionLevel};
pub use value::{Value, ValueKind, fold_number, fold_width};
