//! Villages by code and by name, as workbooks write them.

use crate::ServiceError;
use std::collections::HashMap;
use taizhang_diagnostics::nearest;
use taizhang_store::{Filter, Query, Reader};
use taizhang_values::{RegionCode, RegionLevel, Value, fold_width};

/// Rows read at a time.
const PAGE: usize = 1000;

/// Endings that a list may leave out or add.
const ENDINGS: [&str; 6] = ["村民委员会", "村委会", "居民委员会", "居委会", "社区", "村"];

/// Why a place cannot be told.
pub(super) enum PlaceFault {
    /// No place of the batch has this name; the nearest one.
    Unknown(Option<String>),
    /// Several have it.
    Ambiguous,
    /// It lies outside the batch's region.
    Outside,
}

/// The places below a region.
#[derive(Default)]
pub(super) struct Places {
    root: String,
    names: HashMap<String, Vec<RegionCode>>,
    written: HashMap<String, String>,
    level: Option<RegionLevel>,
}

impl Places {
    /// Reads the places below a region down from a level.
    pub(super) fn read(
        reader: &Reader<'_>,
        root: &RegionCode,
        level: Option<RegionLevel>,
    ) -> Result<Self, ServiceError> {
        let mut places = Self { root: root.to_string(), level, ..Self::default() };
        let last = format!("{root}99999999999999");
        let query = Query::new("region")
            .filter(Filter::AtLeast("code".to_owned(), root.as_str().into()))
            .filter(Filter::AtMost("code".to_owned(), last.into()))
            .limit(PAGE);
        let mut after = None;
        loop {
            let page = reader.list(&query.clone().after(after))?;
            for record in &page.records {
                let Some(code) = RegionCode::parse(record.text("code")) else { continue };
                if level.is_some_and(|level| code.level() < level) {
                    continue;
                }
                let aliases = record.get("aliases").as_list().iter().map(String::as_str);
                for name in std::iter::once(record.text("name")).chain(aliases) {
                    places.written.entry(bare(name)).or_insert_with(|| name.to_owned());
                    let known = places.names.entry(bare(name)).or_default();
                    if !known.contains(&code) {
                        known.push(code.clone());
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(places);
            }
        }
    }

    /// The place that a cell names.
    pub(super) fn find(&self, text: &str) -> Result<RegionCode, PlaceFault> {
        let folded = fold_width(text);
        let text = folded.trim();
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Some(code) = RegionCode::parse(text).filter(|code| !code.as_str().is_empty())
        {
            if !code.as_str().starts_with(&self.root) {
                return Err(PlaceFault::Outside);
            }
            let is_deep = self.level.is_none_or(|level| code.level() >= level);
            return if is_deep { Ok(code) } else { Err(PlaceFault::Unknown(None)) };
        }
        let key = bare(text);
        // A name with the township's before it is told by its end.
        let found = self.names.get(&key).cloned().unwrap_or_else(|| {
            let ends = |name: &&String| name.chars().count() >= 2 && key.ends_with(name.as_str());
            self.names
                .iter()
                .filter(|(name, _)| ends(name))
                .flat_map(|(_, at)| at.clone())
                .collect()
        });
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => {
                let near = nearest(&key, self.names.keys().map(String::as_str));
                Err(PlaceFault::Unknown(near.and_then(|name| self.written.get(name).cloned())))
            }
            _ => Err(PlaceFault::Ambiguous),
        }
    }

    /// The place that a cell names, as a value.
    pub(super) fn value(&self, text: &str) -> Result<Value, PlaceFault> {
        self.find(text).map(Value::from)
    }
}

fn bare(name: &str) -> String {
    let name: String = fold_width(name).chars().filter(|c| !c.is_whitespace()).collect();
    let cut = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    cut.filter(|rest| !rest.is_empty()).map_or(name.clone(), str::to_owned)
}
