//! The demonstration: an invented county with people, letters and findings on their way.
//!
//! Everything is made through the use cases that real work goes through, under a clock that is
//! moved back; only regions, units and the first accounts are written directly.

mod county;
mod register;
mod story;

pub use county::DemoLogin;

use crate::{Caller, FixedClock, Service, ServiceError};
use std::sync::Arc;
use taizhang_diagnostics::Language;
use taizhang_values::{RecordId, Timestamp};

/// The password of every account of the demonstration. It protects invented data on the loopback
/// address only; a real installation gives each person a random first password.
pub const DEMO_PASSWORD: &str = "qinghe-demo-2026";

impl Service {
    /// True if nobody has an account yet.
    ///
    /// # Errors
    /// Store errors only.
    pub fn is_fresh(&self) -> Result<bool, ServiceError> {
        let query = taizhang_store::Query::new("user").limit(1);
        Ok(self.store.read(|reader| reader.list(&query))?.records.is_empty())
    }

    /// Fills a fresh store with the demonstration county. Does nothing to a store that has people.
    ///
    /// # Errors
    /// Store errors, and `Internal` if the embedded county is damaged.
    pub fn build_demo(&self) -> Result<Vec<DemoLogin>, ServiceError> {
        let county = county::read()?;
        if self.is_fresh()? {
            let clock = Arc::new(FixedClock::new(self.now()));
            let past = Self { clock: clock.clone(), ..self.clone() };
            clock.set(days_before(self.now(), 90));
            past.build_county(&county)?;
            past.build_story(&clock, self.now())?;
            self.build_register()?;
        }
        Ok(county.logins())
    }

    /// The program itself as caller, for what happens before anybody has a right.
    pub(crate) fn own_caller(&self) -> Caller {
        Caller {
            user: RecordId::from_parts(0, 0),
            login: String::new(),
            name: "taizhang".to_owned(),
            unit: None,
            grants: Vec::new(),
            language: Language::Zh,
            source: "system".to_owned(),
        }
    }
}

/// The moment so many days earlier.
fn days_before(now: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_second(now.as_second() - days * 86_400).unwrap_or(now)
}
