//! All records of one household, as they are made and before they are written.

use crate::home::{Calendar, Home, Member};
use crate::random::Random;
use crate::record::{Cell, Record, id};

/// The records of a household and the rows of department lists about its people.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) home: Home,
    pub(crate) calendar: Calendar,
    pub(crate) random: Random,
    pub(crate) records: Vec<Record>,
    next: i64,
}

impl Tree {
    pub(crate) fn new(home: Home, calendar: Calendar, random: Random) -> Self {
        Self { home, calendar, random, records: Vec::with_capacity(64), next: 64 }
    }

    /// A record of this household with the next id, without fields.
    pub(crate) fn blank(&mut self, ledger: &'static str) -> Record {
        self.next += 1;
        Record::new(ledger, self.home.id + self.next, self.home.region)
    }

    /// A record of this household that refers to it.
    pub(crate) fn record(&mut self, ledger: &'static str) -> Record {
        let household = self.home.id;
        self.blank(ledger).with("household", id(household))
    }

    /// A record of this household about one of its people.
    pub(crate) fn about(&mut self, ledger: &'static str, member: &Member) -> Record {
        self.record(ledger).with("person", id(member.id))
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The first record of a ledger.
    pub(crate) fn first(&mut self, ledger: &str) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| record.ledger == ledger)
    }

    /// The records of a ledger.
    pub(crate) fn of<'a>(&'a self, ledger: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |record| record.ledger == ledger)
    }

    /// The records of a ledger, to be changed.
    pub(crate) fn of_mut<'a>(
        &'a mut self,
        ledger: &'a str,
    ) -> impl Iterator<Item = &'a mut Record> {
        self.records.iter_mut().filter(move |record| record.ledger == ledger)
    }

    /// Takes the records of a ledger out.
    pub(crate) fn remove(&mut self, ledger: &str, test: impl Fn(&Record) -> bool) {
        self.records.retain(|record| record.ledger != ledger || !test(record));
    }

    /// Sets a field of the first record of a ledger; gives its id.
    pub(crate) fn set(
        &mut self,
        ledger: &str,
        name: &'static str,
        value: impl Into<Cell>,
    ) -> Option<i64> {
        let record = self.first(ledger)?;
        record.set(name, value);
        Some(record.id)
    }

    /// The record of one of the household's people.
    pub(crate) fn person(&mut self, id: i64) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| record.ledger == "person" && record.id == id)
    }

    /// The first of the household's people who passes a test.
    pub(crate) fn who(&self, test: impl Fn(&Member) -> bool) -> Option<Member> {
        self.home.find(test).cloned()
    }

    /// A copy of a record with the next id.
    pub(crate) fn copy(&mut self, record: &Record) -> Record {
        let blank = self.blank(record.ledger);
        Record { id: blank.id, ..record.clone() }
    }

    /// In the order in which a snapshot keeps them.
    pub(crate) fn sort(&mut self) {
        self.records.sort_by_key(|record| {
            let parent = if record.ledger == "person" { 0 } else { record.whole("person") };
            (record.ledger, parent, record.id)
        });
    }
}
