//! The only way to the time of day.

use std::sync::Mutex;
use taizhang_values::Timestamp;

/// Tells the moment. Injected, so that tests and the scheduler's replay can set it.
pub trait Clock: Send + Sync {
    /// The moment now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands until it is set; for tests and demonstrations of a past or future day.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that stands at `moment`.
    #[must_use]
    pub const fn new(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves the hands, in either direction.
    pub fn set(&self, moment: Timestamp) {
        if let Ok(mut held) = self.0.lock() {
            *held = moment;
        }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0.lock().map_or(Timestamp::UNIX_EPOCH, |held| *held)
    }
}
