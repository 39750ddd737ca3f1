//! The invented region tree: provinces of numbers that no real one has, down to village groups.

use crate::random::Random;

/// How households are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// One township of 18 villages, as many households as wanted (4,398 by default).
    Township,
    /// One county of twelve townships (60,000 households by default).
    County,
    /// As many counties as the households need (1,000,000 by default).
    Country,
}

impl Preset {
    /// Households when nothing else is said.
    #[must_use]
    pub const fn households(self) -> u64 {
        match self {
            Self::Township => 4_398,
            Self::County => 60_000,
            Self::Country => 1_000_000,
        }
    }
}

/// One village: its codes, its place in the order of all, its households.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// Place among all villages, from 0.
    pub index: u64,
    /// Code of twelve digits.
    pub code: u64,
    /// Its name, unique in the township.
    pub name: String,
    /// Place of its township among all, from 0.
    pub township: u64,
    /// Place of its county among all, from 0.
    pub county: u64,
    /// True for the first village of its township, which carries the township's own records.
    pub leads_township: bool,
    /// True for the first village of its county.
    pub leads_county: bool,
    /// Number of its first household among all, from 0.
    pub first_household: u64,
    /// Number of the first household of its county among all.
    pub county_first: u64,
    /// How many households it has.
    pub households: u64,
    /// How many groups it has.
    pub groups: u64,
}

impl Village {
    /// Code of the county, six digits.
    #[must_use]
    pub const fn county_code(&self) -> u64 {
        self.code / 1_000_000
    }

    /// Code of the township, nine digits.
    #[must_use]
    pub const fn township_code(&self) -> u64 {
        self.code / 1000
    }

    /// Its name with those of its county and township, which no other village has.
    #[must_use]
    pub fn full_name(&self) -> String {
        let (county, township) = (place_name(self.county + 101), place_name(self.township + 11));
        format!("{county}县{township}镇{}", self.name)
    }

    /// Code of a group, fourteen digits; groups count from 0.
    #[must_use]
    pub const fn group_code(&self, group: u64) -> u64 {
        self.code * 100 + group + 1
    }
}

/// A region of the invented tree, for those who keep it as a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: u64,
    /// Its name.
    pub name: String,
    /// Code of the region above; none for the county.
    pub parent: Option<u64>,
}

/// Counties, townships, villages and groups of these villages, the upper ones first.
#[must_use]
pub fn regions(villages: &[Village]) -> Vec<Region> {
    let mut regions = Vec::new();
    for village in villages {
        if village.leads_county {
            let name = format!("{}县", place_name(village.county + 101));
            regions.push(Region { code: village.county_code(), name, parent: None });
        }
        if village.leads_township {
            let name = format!("{}镇", place_name(village.township + 11));
            let parent = Some(village.county_code());
            regions.push(Region { code: village.township_code(), name, parent });
        }
        let parent = Some(village.township_code());
        regions.push(Region { code: village.code, name: village.name.clone(), parent });
        for group in 0..village.groups {
            let name = format!("第{}村民小组", group + 1);
            let code = village.group_code(group);
            regions.push(Region { code, name, parent: Some(village.code) });
        }
    }
    regions
}

/// Townships of a county and villages of a township when there are many.
const TOWNSHIPS: u64 = 12;
const VILLAGES: u64 = 18;
const COUNTY_HOUSEHOLDS: u64 = 50_000;

const FIRST: [&str; 24] = [
    "青", "石", "柳", "云", "松", "白", "清", "梅", "竹", "龙", "金", "双", "大", "上", "下", "新",
    "长", "高", "望", "桃", "杏", "枫", "鹿", "雁",
];
const SECOND: [&str; 24] = [
    "山", "河", "坪", "湾", "溪", "岭", "塘", "桥", "坝", "沟", "坡", "田", "岩", "泉", "林", "垭",
    "庄", "寨", "洼", "滩", "洞", "峰", "川", "台",
];

/// A place's name by number, another one for each of the first 576.
#[must_use]
pub fn place_name(number: u64) -> String {
    let first = usize::try_from(number % 24).unwrap_or(0);
    let second = usize::try_from((number / 24 + number) % 24).unwrap_or(0);
    let part = |words: &[&'static str; 24], at: usize| words.get(at).copied().unwrap_or("青");
    format!("{}{}", part(&FIRST, first), part(&SECOND, second))
}

/// All villages of a preset in the order of their codes.
pub fn villages(preset: Preset, households: u64, seed: u64) -> Vec<Village> {
    let (counties, townships) = match preset {
        Preset::Township => (1, 1),
        Preset::County => (1, TOWNSHIPS),
        Preset::Country => (households.div_ceil(COUNTY_HOUSEHOLDS).max(1), TOWNSHIPS),
    };
    let total = counties * townships * VILLAGES;
    let mut villages = Vec::new();
    let (mut first_household, mut county_first) = (0, 0);
    for index in 0..total {
        let mut random = Random::new(seed, 1, index);
        let township = index / VILLAGES;
        let county = township / townships;
        // What is left is shared by the villages to come, each up to a fifth off the mean.
        let (left, to_come) = (households - first_household, total - index);
        let mean = left / to_come;
        let off = random.range(-200, 200);
        let wanted = i64::try_from(mean).unwrap_or(0) * (1000 + off) / 1000;
        let wanted = u64::try_from(wanted).unwrap_or(0).max(1).min(left);
        if index % (VILLAGES * townships) == 0 {
            county_first = first_household;
        }
        let households = if to_come == 1 { left } else { wanted };
        villages.push(Village {
            index,
            code: village_code(county, township % townships, index % VILLAGES),
            name: format!("{}村", place_name(index % 576)),
            township,
            county,
            leads_township: index % VILLAGES == 0,
            leads_county: index % (VILLAGES * townships) == 0,
            first_household,
            county_first,
            households,
            groups: (households / 40).clamp(2, 12),
        });
        first_household += households;
    }
    villages
}

/// Counties of the invented province 99, fifty in each of its prefectures.
const fn village_code(county: u64, township: u64, village: u64) -> u64 {
    let county = 990_121 + county / 50 * 100 + county % 50;
    (county * 1000 + 100 + township) * 1000 + 200 + village
}

#[cfg(test)]
mod tests {
    use super::{Preset, regions, villages};

    #[test]
    fn households_are_all_laid_out() {
        for (preset, households) in
            [(Preset::Township, 4398), (Preset::County, 5000), (Preset::Country, 1_000_000)]
        {
            let villages = villages(preset, households, 3);
            assert_eq!(villages.iter().map(|village| village.households).sum::<u64>(), households);
            assert!(villages.windows(2).all(|pair| pair[0].code < pair[1].code));
            let regions = regions(&villages);
            let codes: std::collections::BTreeSet<u64> = regions.iter().map(|r| r.code).collect();
            assert_eq!(codes.len(), regions.len());
            assert!(regions.iter().all(|r| r.parent.is_none_or(|parent| codes.contains(&parent))));
        }
    }
}
