//! What was asked for and what the program acknowledged, kept outside the program.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use taizhang_values::RecordId;

/// Kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An evidence file; the key is its name, the note its hash.
    Evidence,
    /// A letter; the key is its file name.
    Letter,
    /// A letter that becomes a ledger; the key is the letter's file name.
    Confirm,
    /// A workbook taken in; the key is the mark in its rows.
    Import,
    /// An acceptance; the key is the finding.
    Accept,
}

/// One act.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What.
    pub kind: Kind,
    /// Which.
    pub key: String,
    /// Hash of a file or number of rows.
    pub note: String,
    /// True once the program has answered that it is done.
    pub is_acknowledged: bool,
}

#[derive(Default)]
struct Book {
    attempts: Vec<Attempt>,
    pool: Vec<RecordId>,
    first_in_round: usize,
    found_undone: BTreeMap<Kind, usize>,
    found_done: BTreeMap<Kind, usize>,
    seen: usize,
}

/// The journal; shared by the workers.
pub struct Journal {
    book: Mutex<Book>,
    grown: Condvar,
}

impl Journal {
    /// An empty journal with findings that wait for acceptance.
    pub fn new(pool: Vec<RecordId>) -> Self {
        Self { book: Mutex::new(Book { pool, ..Book::default() }), grown: Condvar::new() }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next finding to accept.
    pub fn next_finding(&self) -> Option<RecordId> {
        self.book().pool.pop()
    }

    /// Notes an act before it is asked for; gives its number.
    pub fn ask(&self, kind: Kind, key: &str, note: &str) -> usize {
        let mut book = self.book();
        let (key, note) = (key.to_owned(), note.to_owned());
        book.attempts.push(Attempt { kind, key, note, is_acknowledged: false });
        self.grown.notify_all();
        book.attempts.len() - 1
    }

    /// Notes that the program said it is done.
    pub fn acknowledge(&self, number: usize) {
        if let Some(attempt) = self.book().attempts.get_mut(number) {
            attempt.is_acknowledged = true;
        }
        self.grown.notify_all();
    }

    /// Waits until somebody has asked for an act of this kind, or of any, in this round, or until
    /// such an act was acknowledged.
    pub fn wait_for(&self, kind: Option<Kind>, is_acknowledged: bool, longest: Duration) {
        let book = self.book();
        let is_meant = |attempt: &Attempt| {
            kind.is_none_or(|kind| kind == attempt.kind)
                && (attempt.is_acknowledged || !is_acknowledged)
        };
        let has_none =
            |book: &mut Book| !book.attempts.iter().skip(book.first_in_round).any(is_meant);
        let _ = self.grown.wait_timeout_while(book, longest, has_none);
    }

    /// Ends a round.
    pub fn end_round(&self) {
        let mut book = self.book();
        book.first_in_round = book.attempts.len();
    }

    /// All acts so far.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.book().attempts.clone()
    }

    /// Acts that nobody has looked for yet and that were broken off: which were found done.
    pub fn note_broken(&self, is_done: impl Fn(&Attempt) -> bool) {
        let mut book = self.book();
        let fresh: Vec<Attempt> = book.attempts.iter().skip(book.seen).cloned().collect();
        for attempt in fresh.iter().filter(|attempt| !attempt.is_acknowledged) {
            let side = if is_done(attempt) { &mut book.found_done } else { &mut book.found_undone };
            *side.entry(attempt.kind).or_default() += 1;
        }
        book.seen = book.attempts.len();
    }

    /// Number of acknowledged acts of a kind.
    pub fn acknowledged(&self, kind: Kind) -> usize {
        let is_one = |attempt: &&Attempt| attempt.kind == kind && attempt.is_acknowledged;
        self.book().attempts.iter().filter(is_one).count()
    }

    /// Acknowledged and broken-off acts by kind.
    pub fn summary(&self) -> String {
        let kinds = [
            (Kind::Evidence, "evidence"),
            (Kind::Letter, "letters"),
            (Kind::Confirm, "confirmed"),
            (Kind::Import, "imports"),
            (Kind::Accept, "accepted"),
        ];
        let words = kinds.map(|(kind, word)| {
            let acknowledged = self.acknowledged(kind);
            let book = self.book();
            let of = |side: &BTreeMap<Kind, usize>| side.get(&kind).copied().unwrap_or(0);
            format!(
                "{word} {acknowledged} (broken off {}: {} whole, {} not there)",
                of(&book.found_done) + of(&book.found_undone),
                of(&book.found_done),
                of(&book.found_undone)
            )
        });
        words.join(", ")
    }
}
