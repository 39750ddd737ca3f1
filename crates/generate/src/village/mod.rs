//! Records of villages, townships and counties: what belongs to no household.

mod business;
mod oversight;
mod place;
mod service;
mod works;

pub(crate) use oversight::evidence;

use crate::day::Day;
use crate::home::Calendar;
use crate::ids::VillageIds;
use crate::place::Village;
use crate::random::Random;
use crate::record::{Cell, Record, id};
use crate::traits::Traits;
use crate::tree::Tree;

/// Land of a village or household, by field.
pub(crate) const LAND: [&str; 6] =
    ["farmland_mu", "forest_mu", "returned_forest_mu", "orchard_mu", "pasture_mu", "water_area_mu"];

/// What a village's households come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) households: i64,
    pub(crate) people: i64,
    pub(crate) aid_households: i64,
    pub(crate) aid_people: i64,
    pub(crate) disabled: i64,
    pub(crate) pensions: i64,
    pub(crate) trained: i64,
    pub(crate) exchanged: i64,
    pub(crate) posts: i64,
    pub(crate) lifted: bool,
    pub(crate) land: [i64; 6],
    pub(crate) groups: Vec<(i64, i64)>,
}

impl Totals {
    pub(crate) fn new(village: &Village) -> Self {
        let groups = usize::try_from(village.groups).unwrap_or(1);
        Self { groups: vec![(0, 0); groups], ..Self::default() }
    }

    pub(crate) fn add(&mut self, tree: &Tree) {
        let count = tree.home.count();
        self.households += 1;
        self.people += count;
        if tree.home.has(Traits::AID) {
            self.aid_households += 1;
            self.aid_people += count;
        }
        let number = |n: usize| i64::try_from(n).unwrap_or(0);
        let members = &tree.home.members;
        self.disabled += number(members.iter().filter(|m| m.disability.is_some()).count());
        self.pensions += number(members.iter().filter(|m| m.age >= 60).count());
        self.trained += number(tree.of("training").count());
        self.posts += number(tree.of("post_holding").count());
        self.lifted |= tree.home.has(Traits::LIFTED);
        for row in tree.of("points_account") {
            self.exchanged += row.whole("points_exchanged");
        }
        for row in tree.of("household") {
            for (sum, field) in self.land.iter_mut().zip(LAND) {
                if let Cell::Decimal(value) = row.get(field) {
                    *sum += value;
                }
            }
        }
        let group = usize::try_from(tree.home.group).unwrap_or(0);
        if let Some((households, people)) = self.groups.get_mut(group) {
            *households += 1;
            *people += count;
        }
    }
}

/// Makes the records of a village and gives them ids.
pub(crate) struct Office<'a> {
    pub(crate) random: Random,
    pub(crate) calendar: &'a Calendar,
    pub(crate) village: &'a Village,
    pub(crate) totals: &'a Totals,
    pub(crate) ids: VillageIds,
    pub(crate) township: VillageIds,
    pub(crate) rows: Vec<Record>,
    next: i64,
}

impl Office<'_> {
    /// A record with the next id, on the village.
    pub(crate) fn blank(&mut self, ledger: &'static str) -> Record {
        self.next += 1;
        Record::new(ledger, self.ids.other(self.next), self.village.code)
    }

    /// A record with the next id that refers to the village.
    pub(crate) fn own(&mut self, ledger: &'static str) -> Record {
        let village = self.ids.village();
        self.blank(ledger).with("village", id(village))
    }

    /// A record with the next id, on the township.
    pub(crate) fn upper(&mut self, ledger: &'static str) -> Record {
        let mut record = self.blank(ledger);
        record.region = self.village.township_code();
        record
    }

    /// A record with the next id that refers to `parent` by the field `by`.
    pub(crate) fn child(
        &mut self,
        ledger: &'static str,
        by: &'static str,
        parent: &Record,
    ) -> Record {
        let mut record = self.blank(ledger).with(by, id(parent.id));
        record.region = parent.region;
        record
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.rows.push(record);
    }

    pub(crate) fn today(&self) -> Day {
        self.calendar.today
    }
}

/// All records of a village; the first village of a township and county carries theirs.
pub(crate) fn emit(
    seed: u64,
    calendar: &Calendar,
    village: &Village,
    totals: &Totals,
) -> Vec<Record> {
    let mut office = Office {
        random: Random::new(seed, 3, village.index),
        calendar,
        village,
        totals,
        ids: VillageIds::of(village),
        township: VillageIds::township(village.township),
        rows: Vec::new(),
        next: 0,
    };
    place::emit(&mut office);
    service::emit(&mut office);
    works::emit(&mut office);
    business::emit(&mut office);
    oversight::emit(&mut office);
    office.rows
}
