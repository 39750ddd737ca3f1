//! Faults in records that belong to no household: villages, projects, assets, schools and so on.

use super::Found;
use crate::home::Calendar;
use crate::record::{Cell, Record};

/// The records of one village while faults are planted.
pub(crate) struct Desk<'a> {
    pub(crate) rows: &'a mut Vec<Record>,
    pub(crate) calendar: Calendar,
    /// Which of the village's faults this is: two faults never change the same record.
    pub(crate) turn: usize,
    pub(crate) next: i64,
}

impl Desk<'_> {
    /// The record of a ledger for this turn, among those that pass a test.
    pub(super) fn pick(
        &mut self,
        ledger: &str,
        test: impl Fn(&Record) -> bool,
    ) -> Option<&mut Record> {
        let fits = |row: &&mut Record| row.ledger == ledger && test(row);
        let count = self.rows.iter_mut().filter(fits).count();
        let turn = self.turn % count.max(1);
        self.rows.iter_mut().filter(fits).nth(turn)
    }

    /// Changes the record of a ledger for this turn, which is then found.
    pub(super) fn change(
        &mut self,
        found: &mut Found<'_>,
        ledger: &'static str,
        change_it: fn(&mut Record),
    ) {
        if let Some(row) = self.pick(ledger, |_| true) {
            change_it(row);
            found.own(ledger, row.id);
        }
    }

    /// Takes a field out of the record of a ledger for this turn, among those that pass a test.
    pub(super) fn clear_in(
        &mut self,
        found: &mut Found<'_>,
        ledger: &'static str,
        field: &'static str,
        test: fn(&Record) -> bool,
    ) {
        if let Some(row) = self.pick(ledger, test) {
            row.set(field, Cell::Missing);
            found.own(ledger, row.id);
        }
    }

    /// A record with the next id, on the region of another one.
    pub(super) fn blank(&mut self, ledger: &'static str, beside: &Record) -> Record {
        self.next += 1;
        let base = self.rows.first().map_or(0, |row| row.id) >> 20 << 20;
        Record::new(ledger, base + self.next, beside.region)
    }

    /// A copy of a record with the next id.
    pub(super) fn copy(&mut self, record: &Record) -> Record {
        let blank = self.blank(record.ledger, record);
        Record { id: blank.id, ..record.clone() }
    }

    /// Takes a field out of the record of a ledger for this turn.
    pub(super) fn clear(
        &mut self,
        found: &mut Found<'_>,
        ledger: &'static str,
        field: &'static str,
    ) {
        if let Some(row) = self.pick(ledger, |row| !row.get(field).is_missing()) {
            row.set(field, Cell::Missing);
            found.own(ledger, row.id);
        }
    }
}

/// A fault that is planted in a village's records.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) rule: &'static str,
    pub(crate) plant: fn(&mut Desk<'_>, &mut Found<'_>),
}

pub(super) const fn fault(rule: &'static str, plant: fn(&mut Desk<'_>, &mut Found<'_>)) -> Fault {
    Fault { rule, plant }
}

pub(super) const FAULTS: &[Fault] = &[
    fault("VIL-001", |desk, found| desk.clear(found, "village", "population")),
    fault("PST-005", |desk, found| desk.clear(found, "post", "project_content")),
    fault("ARC-011", |desk, found| desk.clear(found, "village_plan", "target")),
    fault("WAT-001", |desk, found| desk.clear(found, "water_test", "conclusion")),
    fault("WAT-006", |desk, found| desk.clear(found, "water_scheme", "operator_officer")),
    fault("VIL-002", |desk, found| desk.clear(found, "village", "collective_income")),
    fault("PST-012", |desk, found| {
        for row in desk.rows.iter_mut().filter(|row| row.ledger == "post") {
            row.set("headcount", 0);
        }
        desk.change(found, "village", |_| {});
    }),
    fault("WAT-003", |desk, found| {
        let Some(scheme) = desk.pick("water_scheme", |_| true).map(|row| row.id) else { return };
        for row in desk.rows.iter_mut() {
            if row.ledger == "water_test" && row.whole("scheme") == scheme {
                let day = row.day("tested_on").map(|day| day.plus(-400));
                row.set("tested_on", day);
            }
        }
        found.own("water_scheme", scheme);
    }),
    fault("WAT-008", |desk, found| {
        desk.change(found, "water_damage", |row| row.set("repaired_on", Cell::Missing));
    }),
    fault("VIL-003", |desk, found| desk.clear(found, "village", "public_toilets")),
    fault("VIL-004", |desk, found| {
        desk.change(found, "village", |row| row.set("road_to_township_hardened", false));
    }),
    fault("VIL-005", |desk, found| {
        desk.change(found, "village", |row| row.set("farmland_mu", Cell::Decimal(0)));
    }),
];
