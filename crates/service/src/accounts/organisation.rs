//! Units and regions.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, Filter, NewRecord, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode};

impl Service {
    /// All units that the caller may see, widest region first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn units(&self, caller: &Caller) -> Result<Vec<Record>, ServiceError> {
        let query = Query::new("unit").sort("region", false).sort("name", false);
        self.all_visible(caller, query)
    }

    /// The region of a code and those below it, by code.
    ///
    /// # Errors
    /// Store errors only.
    pub fn regions(&self, caller: &Caller, root: &RegionCode) -> Result<Vec<Record>, ServiceError> {
        let query = Query::new("region").sort("code", false);
        let query = match root.as_str() {
            "" => query,
            code => query
                .filter(Filter::AtLeast("code".to_owned(), code.into()))
                .filter(Filter::Less("code".to_owned(), format!("{code}:").into())),
        };
        self.all_visible(caller, query)
    }

    /// The name of a region; its code where no region of that code is known.
    ///
    /// # Errors
    /// Store errors only.
    pub fn region_name(&self, code: &RegionCode) -> Result<String, ServiceError> {
        let query = Query::new("region").filter(Filter::eq("code", code.as_str())).limit(1);
        let page = self.store.read(|reader| reader.list(&query))?;
        let name = page.records.first().map(|region| region.text("name").to_owned());
        Ok(name.filter(|name| !name.is_empty()).unwrap_or_else(|| code.to_string()))
    }

    /// Makes a unit.
    ///
    /// # Errors
    /// `Denied` without the right to make units in the region.
    pub fn create_unit(
        &self,
        caller: &Caller,
        region: &RegionCode,
        values: Values,
    ) -> Result<Record, ServiceError> {
        self.require_create(caller, "unit", region)?;
        let act = self.act(caller, "unit.create", None);
        self.store.write(&act, |writer| {
            let region = Some(region.clone());
            Ok(writer.insert("unit", NewRecord { region, values, ..NewRecord::default() })?)
        })
    }

    /// Changes a unit's names, kind or parent, or closes it.
    ///
    /// # Errors
    /// `Conflict` when it changed meanwhile.
    pub fn update_unit(
        &self,
        caller: &Caller,
        id: &RecordId,
        version: i64,
        values: Values,
    ) -> Result<Record, ServiceError> {
        self.reachable(caller, "unit", id, Action::Update)?;
        let act = self.act(caller, "unit.update", None);
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            Ok(writer.update("unit", id, version, change)?)
        })
    }
}
