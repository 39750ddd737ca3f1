//! The working calendar: that of the codebook with the county's own days on top.

use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_flow::working_calendar;
use taizhang_store::Reader;
use taizhang_values::{Date, WorkingCalendar};

/// Setting that holds the county's own days as JSON, date to worked or off.
pub(crate) const SETTING: &str = "calendar.days";

impl Service {
    /// The working calendar in force.
    ///
    /// # Errors
    /// `Internal` if the stored days cannot be read.
    pub fn calendar(&self) -> Result<WorkingCalendar, ServiceError> {
        self.store.read(|reader| self.calendar_in(reader))
    }

    pub(crate) fn calendar_in(&self, reader: &Reader<'_>) -> Result<WorkingCalendar, ServiceError> {
        self.calendar_with(reader.setting(SETTING)?)
    }

    /// The working calendar with the county's own days as they are stored.
    pub(crate) fn calendar_with(
        &self,
        stored: Option<String>,
    ) -> Result<WorkingCalendar, ServiceError> {
        let mut calendar = working_calendar(self.codebook());
        for (date, is_working) in days_of(stored)? {
            calendar.set(date, is_working);
        }
        Ok(calendar)
    }

    /// Says that a day is worked or off here, or (`None`) as the codebook says.
    ///
    /// # Errors
    /// `Denied` without the power `calendar.edit`.
    pub fn set_calendar_day(
        &self,
        caller: &Caller,
        date: Date,
        is_working: Option<bool>,
    ) -> Result<(), ServiceError> {
        self.require_power(caller, "calendar.edit")?;
        let act = self.act(caller, "calendar.set", None);
        self.store.write(&act, |writer| {
            let mut days = own_days(writer)?;
            match is_working {
                Some(is_working) => days.insert(date, is_working),
                None => days.remove(&date),
            };
            let text = serde_json::to_string(&days)
                .map_err(|error| ServiceError::Internal(error.to_string()))?;
            writer.set_setting(SETTING, &text)?;
            writer.audit("calendar.set", &date.to_string(), "")?;
            Ok(())
        })
    }
}

fn own_days(reader: &Reader<'_>) -> Result<BTreeMap<Date, bool>, ServiceError> {
    days_of(reader.setting(SETTING)?)
}

fn days_of(stored: Option<String>) -> Result<BTreeMap<Date, bool>, ServiceError> {
    match stored {
        None => Ok(BTreeMap::new()),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| ServiceError::Internal(format!("setting `{SETTING}`: {error}"))),
    }
}
