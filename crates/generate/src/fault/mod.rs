//! Planted faults: one function a rule, in files by prefix, and the truth about them.
//!
//! A household carries at most one fault. What the fault needs of the household is wished for
//! before the household is made; what it breaks for other rules too is part of the truth.

use crate::home::Calendar;
use crate::place::Village;
use crate::record::Record;
use crate::traits::Wish;
use crate::tree::Tree;

/// One thing that a rule must find.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Truth {
    /// Code of the rule.
    pub rule: &'static str,
    /// Ledger of the rule.
    pub ledger: &'static str,
    /// Id of the record.
    pub record: i64,
}

/// Plants a fault in a household's records and says what rules must find.
type Plant = fn(&mut Tree, &mut Found<'_>);

/// A fault that is planted in a household.
pub(crate) struct Fault {
    pub(crate) rule: &'static str,
    pub(crate) wish: Wish,
    plant: Plant,
}

impl Fault {
    pub(crate) const fn new(rule: &'static str, wish: Wish, plant: Plant) -> Self {
        Self { rule, wish, plant }
    }

    pub(crate) fn plant(&self, tree: &mut Tree, truth: &mut Vec<Truth>) {
        (self.plant)(tree, &mut Found { rule: self.rule, truth });
    }
}

/// Collects what rules must find.
pub(crate) struct Found<'a> {
    rule: &'static str,
    truth: &'a mut Vec<Truth>,
}

impl Found<'_> {
    /// The fault's own rule finds this record.
    pub(crate) fn own(&mut self, ledger: &'static str, record: i64) {
        self.also(self.rule, ledger, record);
    }

    /// Another rule finds this record too, and must.
    pub(crate) fn also(&mut self, rule: &'static str, ledger: &'static str, record: i64) {
        self.truth.push(Truth { rule, ledger, record });
    }
}

/// Which household carries which fault.
pub(crate) struct Plan {
    every: u64,
    faults: Vec<Fault>,
}

impl Plan {
    pub(crate) fn new(every: u64, rules: &[String]) -> Self {
        let mut faults = all();
        faults.retain(|fault| rules.is_empty() || rules.iter().any(|rule| rule == fault.rule));
        Self { every, faults }
    }

    /// The fault of a household: every so many households the next one in turn.
    pub(crate) fn of_household(&self, index: u64) -> Option<&Fault> {
        if self.every == 0 || index % self.every != self.every / 2 || self.faults.is_empty() {
            return None;
        }
        let turn = usize::try_from(index / self.every).unwrap_or(0);
        self.faults.get(turn % self.faults.len())
    }

    /// Plants the faults of records that belong to no household.
    pub(crate) fn plant_in_village(
        &self,
        _rows: &mut Vec<Record>,
        _village: &Village,
        _calendar: &Calendar,
        _truth: &mut Vec<Truth>,
    ) {
    }
}

/// All faults that are planted in households.
fn all() -> Vec<Fault> {
    Vec::new()
}
