//! Who opened which finding a moment ago: a hint for others, kept in memory only and never counted
//! or reported (`ui.md` §11).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use taizhang_values::RecordId;

/// Seconds for which an open page is taken for one that is still read.
const SECONDS: i64 = 600;
/// Findings remembered at once; beyond it the old ones go.
const FINDINGS_MAX: usize = 5_000;
/// Readers of one finding that are remembered.
const READERS_MAX: usize = 8;

/// One reader of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Who.
    pub(crate) user: RecordId,
    /// His name.
    pub(crate) name: String,
    /// When, in seconds.
    pub(crate) at_second: i64,
    /// True if he opened the form, not only the page.
    pub(crate) is_editing: bool,
}

/// Readers by finding.
#[derive(Debug, Default)]
pub(crate) struct Presence(Mutex<BTreeMap<RecordId, Vec<Seen>>>);

impl Presence {
    /// Notes a reader and gives the others of the last minutes, the latest first.
    pub(crate) fn note(&self, finding: &RecordId, who: Seen) -> Vec<Seen> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = who.at_second;
        let is_fresh = |seen: &Seen| (0..SECONDS).contains(&(now - seen.at_second));
        if all.len() >= FINDINGS_MAX && !all.contains_key(finding) {
            all.retain(|_, readers| readers.iter().any(is_fresh));
            if all.len() >= FINDINGS_MAX {
                all.clear();
            }
        }
        let readers = all.entry(finding.clone()).or_default();
        readers.retain(|seen| is_fresh(seen) && seen.user != who.user);
        let others = readers.clone();
        readers.insert(0, who);
        readers.truncate(READERS_MAX);
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(user: u128, at_second: i64) -> Seen {
        let user = RecordId::from_parts(1, user);
        Seen { name: format!("{user}"), user, at_second, is_editing: false }
    }

    #[test]
    fn others_of_the_last_minutes_are_told_and_never_oneself() {
        let presence = Presence::default();
        let finding = RecordId::from_parts(1, 99);
        // Who opens when, and how many others he is told of.
        let visits = [(1, 0, 0), (1, 10, 0), (2, 20, 1), (3, 30, 2), (1, 40, 2), (2, 635, 1)];
        for (user, at_second, others) in visits {
            let found = presence.note(&finding, seen(user, at_second));
            assert_eq!(found.len(), others, "user {user} at {at_second}");
            assert!(found.iter().all(|other| other.user != seen(user, 0).user));
        }
        assert!(presence.note(&RecordId::from_parts(1, 98), seen(1, 640)).is_empty());
    }
}
