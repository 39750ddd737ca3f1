//! Ids of records that belong to a village: the same for everybody who refers to them.

use crate::place::Village;

/// What a village's records are counted from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VillageIds(i64);

/// Kinds of public post, in the order of a village's posts.
pub(crate) const POSTS: [&str; 8] = [
    "cleaner",
    "forest_guard",
    "road_keeper",
    "water_keeper",
    "safety_patrol",
    "care_worker",
    "data_helper",
    "other",
];

impl VillageIds {
    pub(crate) fn of(village: &Village) -> Self {
        Self::number(village.index)
    }

    /// Above all ids of households, which stay below 2^50.
    fn number(index: u64) -> Self {
        Self((1 << 50) + ((i64::try_from(index).unwrap_or(0) + 1) << 20))
    }

    /// Ids of a township's records are those of its first village.
    pub(crate) fn township(township: u64) -> Self {
        Self::number(township * 18)
    }

    pub(crate) const fn village(self) -> i64 {
        self.0
    }

    pub(crate) fn group(self, group: u64) -> i64 {
        self.0 + 1 + i64::try_from(group).unwrap_or(0)
    }

    pub(crate) fn post(self, kind: &str) -> i64 {
        let place = POSTS.iter().position(|own| *own == kind).unwrap_or(0);
        self.0 + 1 + i64::try_from(place).unwrap_or(0)
    }

    pub(crate) const fn scheme(self, which: i64) -> i64 {
        self.0 + 1 + which
    }

    pub(crate) const fn cooperative(self) -> i64 {
        self.0 + 1
    }

    pub(crate) const fn shop(self) -> i64 {
        self.0 + 1
    }

    pub(crate) const fn course(self) -> i64 {
        self.0 + 1
    }

    /// Schools of a township: primary, junior, senior, vocational, special, college abroad.
    pub(crate) fn school(self, stage: &str) -> i64 {
        let place = match stage {
            "primary_pupil" => 0,
            "junior_7" | "junior_8" | "junior_9" => 1,
            "senior_1" | "senior_2" | "senior_3" => 2,
            "preschool" => 4,
            _ => 3,
        };
        self.0 + 1 + place
    }

    /// Any other record, counted from 1000.
    pub(crate) const fn other(self, count: i64) -> i64 {
        self.0 + 1000 + count
    }
}
