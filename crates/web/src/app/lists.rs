//! Lists to pick from: units, people and regions that a reader may see, kept for a minute.

use super::{AppState, WebError};
use crate::components::Choice;
use std::sync::Arc;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

/// Most people in a list.
const PEOPLE_MAX: usize = 500;

/// The lists of one reader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    pub(crate) units: Vec<Choice>,
    pub(crate) people: Vec<Choice>,
    pub(crate) regions: Vec<Choice>,
    /// Regions around the reader's own, by code: their rows may name his unit.
    around: Vec<(String, String)>,
}

impl Lists {
    /// Name of a region; its code if it is not in the list.
    pub(crate) fn region_name(&self, code: Option<&RegionCode>) -> String {
        let Some(code) = code else { return String::new() };
        let known = self.regions.iter().find(|choice| choice.id == code.as_str());
        let around = || self.around.iter().find(|(known, _)| known == code.as_str());
        known
            .map(|choice| &choice.name)
            .or_else(|| around().map(|(_, name)| name))
            .map_or_else(|| code.to_string(), Clone::clone)
    }

    /// Name of a unit, empty if it is not in the list.
    pub(crate) fn unit_name(&self, id: Option<&RecordId>) -> String {
        let known = id.and_then(|id| self.units.iter().find(|unit| unit.id == id.as_str()));
        known.map(|unit| unit.name.clone()).unwrap_or_default()
    }

    /// Regions down to the township, for filters.
    pub(crate) fn townships(&self) -> Vec<(String, String)> {
        self.regions
            .iter()
            .filter(|region| region.id.len() <= 9)
            .map(|region| (region.id.clone(), region.name.clone()))
            .collect()
    }

    /// The reader's own region first picked, for forms.
    pub(crate) fn regions_picked(&self, picked: &str) -> Vec<Choice> {
        let pick = |choice: &Choice| Choice { is_picked: choice.id == picked, ..choice.clone() };
        self.regions.iter().map(pick).collect()
    }
}

fn read(service: &Service, caller: &Caller) -> Result<Lists, ServiceError> {
    let mut regions = Vec::new();
    let mut around = Vec::new();
    for grant in &caller.grants {
        let mut place = grant.region.parent();
        while let Some(outer) = place {
            around.push((outer.to_string(), service.region_name(&outer)?));
            place = outer.parent();
        }
        for region in service.regions(caller, &grant.region)? {
            let choice = Choice {
                id: region.text("code").to_owned(),
                name: region.text("name").to_owned(),
                ..Choice::default()
            };
            if !regions.contains(&choice) {
                regions.push(choice);
            }
        }
    }
    regions.sort_by(|a, b| a.id.cmp(&b.id));
    let mut lists = Lists { regions, around, ..Lists::default() };
    let is_used = |record: &&Record| record.get("is_active").as_boolean() != Some(false);
    let units: Vec<Choice> = service
        .units(caller)?
        .iter()
        .filter(is_used)
        .map(|unit| Choice {
            id: unit.id.to_string(),
            name: unit.text("name").to_owned(),
            note: lists.region_name(unit.region.as_ref()),
            is_picked: false,
        })
        .collect();
    lists.units = units;
    let people = service.users(caller, None, PEOPLE_MAX)?.records;
    lists.people = people
        .iter()
        .filter(is_used)
        .map(|user| Choice {
            id: user.id.to_string(),
            name: user.text("name").to_owned(),
            note: lists.unit_name(user.reference("unit")),
            is_picked: false,
        })
        .collect();
    Ok(lists)
}

impl AppState {
    /// The lists of a reader.
    pub(crate) async fn lists(&self, caller: &Caller) -> Result<Arc<Lists>, WebError> {
        let now = self.service().now();
        if let Some(lists) = self.kept_lists(&caller.user, now) {
            return Ok(lists);
        }
        let asked = caller.clone();
        let lists = Arc::new(self.run(move |service| read(service, &asked)).await?);
        self.keep_lists(&caller.user, now, &lists);
        Ok(lists)
    }
}
