//! Region codes of the administrative tree (domain §2.1).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A code of 2, 4, 6, 9, 12 or 14 digits. A shorter code that begins a longer one contains it.
///
/// A code alone does not name a place: two official systems give the same digits to different
/// townships, so records keep system and edition beside it.
///
/// # Example
/// ```
/// use taizhang_values::{RegionCode, RegionLevel};
/// let village = RegionCode::parse("990101102203").unwrap();
/// assert_eq!(village.level(), RegionLevel::Village);
/// assert!(village.is_under(&RegionCode::parse("990101").unwrap()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegionCode(String);

/// Levels of the tree, widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    /// The whole country: the empty code.
    Country,
    /// 省, 2 digits.
    Province,
    /// 市州, 4 digits.
    Prefecture,
    /// 县市区, 6 digits.
    County,
    /// 乡镇街道, 9 digits.
    Township,
    /// 村、社区, 12 digits.
    Village,
    /// 村民小组, 12 digits and an own suffix of 2.
    Group,
}

impl RegionCode {
    /// Reads a code; the empty text is the whole country. `None` for another length or character.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let known = matches!(text.len(), 0 | 2 | 4 | 6 | 9 | 12 | 14);
        (digits && known).then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Level by length.
    #[must_use]
    pub fn level(&self) -> RegionLevel {
        match self.0.len() {
            0 => RegionLevel::Country,
            2 => RegionLevel::Province,
            4 => RegionLevel::Prefecture,
            6 => RegionLevel::County,
            9 => RegionLevel::Township,
            12 => RegionLevel::Village,
            _ => RegionLevel::Group,
        }
    }

    /// True for the region itself and everything below it.
    #[must_use]
    pub fn is_under(&self, ancestor: &Self) -> bool {
        self.0.starts_with(&ancestor.0)
    }

    /// The region one level up; `None` for the country.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let length = match self.level() {
            RegionLevel::Country => return None,
            RegionLevel::Province => 0,
            RegionLevel::Prefecture => 2,
            RegionLevel::County => 4,
            RegionLevel::Township => 6,
            RegionLevel::Village => 9,
            RegionLevel::Group => 12,
        };
        self.0.get(..length).map(|head| Self(head.to_owned()))
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
