//! Records of villages, townships and counties: what belongs to no household.

use crate::home::Calendar;
use crate::ids::VillageIds;
use crate::place::Village;
use crate::record::{Cell, Record};
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

/// All records of a village; the first village of a township and county carries theirs.
pub(crate) fn emit(
    _seed: u64,
    _calendar: &Calendar,
    village: &Village,
    totals: &Totals,
) -> Vec<Record> {
    let ids = VillageIds::of(village);
    let mut rows = Vec::new();
    let record = Record::new("village", ids.village(), village.code)
        .with("village_code", village.code.to_string())
        .with("name", village.name.clone())
        .with("population", totals.people)
        .with("households", totals.households);
    rows.push(record);
    rows
}
