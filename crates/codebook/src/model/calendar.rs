//! Days that differ from the week.

use serde::{Deserialize, Serialize};
use taizhang_values::Date;

/// One exception of the working calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// The day.
    pub date: Date,
    /// Worked or off.
    pub is_working: bool,
    /// Name of the holiday.
    pub name: String,
}
