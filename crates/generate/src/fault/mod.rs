//! Planted faults: one function a rule, in files by prefix, and the truth about them.
//!
//! A household carries at most one fault. What the fault needs of the household is wished for
//! before the household is made; what it breaks for other rules too is part of the truth.

mod income;
mod life;
mod monitor;
mod office;
mod oversight;
mod person;
mod support;
mod works;

use crate::home::{Calendar, Member};
use crate::place::Village;
use crate::record::Record;
use crate::traits::{Traits, Wish};
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

/// Lifted, whether watched or not.
const REGISTERED: Wish = Wish::wants(Traits::LIFTED);
/// Watched now or once.
const WATCHED: Traits = Traits::ACTIVE.and(Traits::REMOVED);
/// Never watched.
const UNWATCHED: Wish = Wish::ANY.refuses(WATCHED);

/// A grown person who is no student.
fn adult(member: &Member) -> bool {
    member.age >= 18 && member.student.is_none()
}

/// Plants a fault in a household's records and says what rules must find.
type Plant = fn(&mut Tree, &mut Found<'_>);

/// A fault that is planted in a household.
#[derive(Clone, Copy)]
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
        if self.wish.risk.is_none_or(|risk| tree.home.risks.contains(&risk)) {
            (self.plant)(tree, &mut Found { rule: self.rule, truth });
        }
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
    offices: Vec<office::Fault>,
    leading: Vec<office::Fault>,
}

impl Plan {
    pub(crate) fn new(every: u64, rules: &[String]) -> Self {
        let mut faults = all();
        let wanted = |code: &str| rules.is_empty() || rules.iter().any(|rule| rule == code);
        let kept = |all: &[office::Fault]| -> Vec<office::Fault> {
            all.iter().copied().filter(|fault| wanted(fault.rule)).collect()
        };
        faults.retain(|fault| wanted(fault.rule));
        let offices = [office::FAULTS, works::FAULTS, oversight::FAULTS].concat();
        let leading = kept(oversight::LEADING);
        Self { every, faults, offices: kept(&offices), leading }
    }

    /// The fault of a household: every so many households the next one in turn.
    pub(crate) fn of_household(&self, index: u64) -> Option<&Fault> {
        if self.every == 0 || index % self.every != self.every / 2 || self.faults.is_empty() {
            return None;
        }
        let turn = usize::try_from(index / self.every).unwrap_or(0);
        self.faults.get(turn % self.faults.len())
    }

    /// Plants the faults of records that belong to no household: some in each village, so that
    /// each of them comes in every few villages.
    pub(crate) fn plant_in_village(
        &self,
        rows: &mut Vec<Record>,
        village: &Village,
        calendar: &Calendar,
        truth: &mut Vec<Truth>,
    ) {
        if self.every == 0 {
            return;
        }
        let mut desk = office::Desk { rows, calendar: *calendar, turn: 0, next: 50_000 };
        let leading = self.leading.iter().filter(|_| village.leads_county);
        for (turn, fault) in leading.enumerate() {
            desk.turn = EACH_VILLAGE + turn;
            (fault.plant)(&mut desk, &mut Found { rule: fault.rule, truth });
        }
        let count = self.offices.len();
        for turn in 0..EACH_VILLAGE.min(count) {
            let number = village.index * EACH_VILLAGE as u64 + turn as u64;
            let which = usize::try_from(number).unwrap_or(0) % count;
            desk.turn = turn;
            if let Some(fault) = self.offices.get(which) {
                (fault.plant)(&mut desk, &mut Found { rule: fault.rule, truth });
            }
        }
    }
}

/// Faults that one village carries.
const EACH_VILLAGE: usize = 7;

/// All faults that are planted in households.
fn all() -> Vec<Fault> {
    [person::FAULTS, income::FAULTS, monitor::FAULTS, life::FAULTS, support::FAULTS].concat()
}
