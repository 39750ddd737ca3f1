//! What all handlers share.

use super::WebError;
use super::lists::Lists;
use super::presence::{Presence, Seen};
use crate::frame::MenuCounts;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use taizhang_service::{Service, ServiceError};
use taizhang_values::{RecordId, Timestamp};

/// How the pages are served.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebOptions {
    /// Served over https, here or by the proxy in front: cookies get `Secure` and `__Host-`.
    pub is_https: bool,
    /// Demonstration: says so on every page and shows `/dev/components`.
    pub is_demo: bool,
}

/// Names and numbers of one reader that are not read anew on every page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) at_second: i64,
    pub(crate) unit: String,
    pub(crate) region: String,
    pub(crate) counts: MenuCounts,
    /// The clock jumped and waits for a word; nothing is reminded.
    pub(crate) is_clock_held: bool,
}

struct Shared {
    service: Service,
    options: WebOptions,
    known: Mutex<BTreeMap<RecordId, Known>>,
    lists: Mutex<BTreeMap<RecordId, (i64, Arc<Lists>)>>,
    busy: Mutex<BTreeSet<String>>,
    presence: Presence,
}

/// Shared state. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// How long names and numbers of a reader are kept, in seconds.
const KNOWN_SECONDS: i64 = 30;
/// How long lists to pick from are kept, in seconds.
const LISTS_SECONDS: i64 = 60;
/// Readers whose lists are kept at most; they are a few hundred lines each.
const LISTS_MAX: usize = 300;
/// Readers kept at most; the oldest knowledge goes first.
const KNOWN_MAX: usize = 2_000;

impl AppState {
    /// State over a service.
    #[must_use]
    pub fn new(service: Service, options: WebOptions) -> Self {
        let (known, lists, busy) = (Mutex::default(), Mutex::default(), Mutex::default());
        let presence = Presence::default();
        Self(Arc::new(Shared { service, options, known, lists, busy, presence }))
    }

    /// How the pages are served.
    #[must_use]
    pub fn options(&self) -> WebOptions {
        self.0.options
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.0.service
    }

    /// Runs a blocking piece of work on the service, off the threads that answer requests.
    ///
    /// # Errors
    /// Those of the work; a panic in it becomes [`WebError::Panic`].
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, WebError> {
        // What a posted form writes, it writes under the key of the form.
        let service = match super::again::current() {
            Some(request) => self.0.service.in_request(request),
            None => self.0.service.clone(),
        };
        match tokio::task::spawn_blocking(move || work(&service)).await {
            Ok(result) => result.map_err(WebError::Service),
            Err(_) => Err(WebError::Panic),
        }
    }

    pub(crate) fn known(&self, user: &RecordId, now: Timestamp) -> Option<Known> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh =
            |known: &&Known| (0..KNOWN_SECONDS).contains(&(now.as_second() - known.at_second));
        known.get(user).filter(fresh).cloned()
    }

    pub(crate) fn know(&self, user: &RecordId, what: Known) {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            let oldest = known.iter().min_by_key(|(_, known)| known.at_second);
            if let Some(oldest) = oldest.map(|(user, _)| user.clone()) {
                known.remove(&oldest);
            }
        }
        known.insert(user.clone(), what);
    }

    /// Notes numbers that a page has counted anyway.
    pub(crate) fn note_counts(&self, user: &RecordId, note: impl FnOnce(&mut MenuCounts)) {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(user) {
            note(&mut known.counts);
        }
    }

    pub(crate) fn kept_lists(&self, user: &RecordId, now: Timestamp) -> Option<Arc<Lists>> {
        let lists = self.0.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, kept) = lists.get(user)?;
        (0..LISTS_SECONDS).contains(&(now.as_second() - at)).then(|| kept.clone())
    }

    pub(crate) fn keep_lists(&self, user: &RecordId, now: Timestamp, kept: &Arc<Lists>) {
        let mut lists = self.0.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= LISTS_MAX {
            lists.retain(|_, (at, _)| (0..LISTS_SECONDS).contains(&(now.as_second() - *at)));
        }
        if lists.len() < LISTS_MAX {
            lists.insert(user.clone(), (now.as_second(), kept.clone()));
        }
    }

    /// Forgets all lists, because a unit, person or right changed.
    pub(crate) fn forget_lists(&self) {
        self.0.lists.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets what is known of a reader, because he changed it.
    pub(crate) fn forget(&self, user: &RecordId) {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).remove(user);
    }

    /// Notes that somebody opened a finding; gives the others who did a moment ago.
    pub(crate) fn note_reader(&self, finding: &RecordId, who: Seen) -> Vec<Seen> {
        self.0.presence.note(finding, who)
    }

    /// Takes a form key for the time of one request; `None` if the same form is being worked on.
    pub(crate) fn hold_key(&self, key: &str) -> Option<HeldKey> {
        let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(key.to_owned()).then(|| HeldKey { state: self.clone(), key: key.to_owned() })
    }
}

/// A form key that is being worked on; let go when dropped.
pub(crate) struct HeldKey {
    state: AppState,
    key: String,
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        self.state.0.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
