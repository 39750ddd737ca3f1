//! From the name of a unit in a letter to the unit in the ledger.

use crate::paging::every;
use crate::{Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_store::{Filter, Query, Reader, StoreError};
use taizhang_values::{RecordId, RegionCode, fold_width};

/// Units by every name they go under, within one region.
#[derive(Clone, Debug, Default)]
pub struct UnitNames {
    ids: BTreeMap<String, RecordId>,
}

impl UnitNames {
    /// The unit that a name in a document means; `None` if there is none or several.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&RecordId> {
        self.ids.get(&normal(name))
    }

    /// The names of all units, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }
}

/// Folds width and drops spaces and brackets, which letters set as they like.
fn normal(name: &str) -> String {
    fold_width(name)
        .chars()
        .filter(|character| !character.is_whitespace() && !"()[]〔〕".contains(*character))
        .collect()
}

impl Service {
    /// The units of a region and of the regions above it, by name, short name and alias. Of two
    /// units with one name the one in the smaller region counts.
    pub(crate) fn unit_names(&self, region: &RegionCode) -> Result<UnitNames, ServiceError> {
        Ok(self.store.read(|reader| unit_names(reader, region))?)
    }
}

/// As [`Service::unit_names`], inside a transaction.
pub(crate) fn unit_names(
    reader: &Reader<'_>,
    region: &RegionCode,
) -> Result<UnitNames, StoreError> {
    let county = region.as_str().get(..6).and_then(RegionCode::parse);
    let query = Query::new("unit")
        .filter(Filter::Under(county.unwrap_or_else(|| region.clone())))
        .sort("region", true);
    let mut names = UnitNames::default();
    for unit in every(reader, query)? {
        let near = unit
            .region
            .as_ref()
            .is_none_or(|place| region.is_under(place) || place.is_under(region));
        if !near || unit.get("is_active").as_boolean() == Some(false) {
            continue;
        }
        let aliases = unit.get("aliases").as_list().iter().map(String::as_str);
        for name in [unit.text("name"), unit.text("short_name")].into_iter().chain(aliases) {
            if !name.is_empty() {
                names.ids.entry(normal(name)).or_insert_with(|| unit.id.clone());
            }
        }
    }
    Ok(names)
}
