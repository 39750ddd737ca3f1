//! Parameters: values that change by year and place, each with first day in force and source.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;
use taizhang_values::{Date, RegionCode};

/// A named parameter with all values it ever had. A value once in force is never edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name, such as `rect.near_due_days`.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Unit: `day`, `working_day`, `month`, `fen`, `percent`, `count`.
    pub unit: String,
    /// Values, oldest first.
    pub values: Vec<ParameterValue>,
}

/// One value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterValue {
    /// First day in force.
    pub since: Date,
    /// Region for which it holds; `None` for all.
    pub region: Option<RegionCode>,
    /// The value in the parameter's unit.
    pub value: i64,
    /// Paper or reason; the same in both languages where the file has one only.
    pub source: Message,
}

impl Parameter {
    /// The value in force on a day: the longest region that contains `region` first, then the
    /// latest first day.
    #[must_use]
    pub fn in_force(&self, on: Date, region: Option<&RegionCode>) -> Option<&ParameterValue> {
        let fits = |value: &&ParameterValue| {
            value.since <= on
                && match (&value.region, region) {
                    (None, _) => true,
                    (Some(holder), Some(place)) => place.is_under(holder),
                    (Some(_), None) => false,
                }
        };
        let reach = |value: &ParameterValue| {
            value.region.as_ref().map_or(0, |region| region.as_str().len() + 1)
        };
        self.values.iter().filter(fits).max_by_key(|value| (reach(value), value.since))
    }
}
