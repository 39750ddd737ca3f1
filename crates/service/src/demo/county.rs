//! Regions, units and people of the demonstration.

use super::DEMO_PASSWORD;
use crate::accounts::{NewGrant, NewUser};
use crate::{Service, ServiceError};
use serde::Deserialize;
use std::collections::BTreeMap;
use taizhang_store::{NewRecord, Values};
use taizhang_values::{RecordId, RegionCode};

/// One account of the demonstration, as shown at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoLogin {
    /// Log-in name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Role in the codebook.
    pub role: String,
    /// Password.
    pub password: String,
}

/// The embedded file.
#[derive(Debug, Deserialize)]
pub(super) struct County {
    system: String,
    edition: String,
    regions: Vec<Region>,
    units: Vec<Unit>,
    users: Vec<User>,
}

#[derive(Debug, Deserialize)]
struct Region {
    code: String,
    name: String,
    level: String,
}

#[derive(Debug, Deserialize)]
struct Unit {
    key: String,
    name: String,
    short_name: String,
    kind: String,
    region: String,
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    name: String,
    unit: String,
    role: String,
    region: String,
}

impl County {
    pub(super) fn logins(&self) -> Vec<DemoLogin> {
        let login = |user: &User| DemoLogin {
            login: user.login.clone(),
            name: user.name.clone(),
            role: user.role.clone(),
            password: DEMO_PASSWORD.to_owned(),
        };
        self.users.iter().map(login).collect()
    }
}

pub(super) fn read() -> Result<County, ServiceError> {
    toml::from_str(include_str!("../../demo/county.toml"))
        .map_err(|error| ServiceError::Internal(format!("demonstration county: {error}")))
}

impl Service {
    pub(super) fn build_county(&self, county: &County) -> Result<(), ServiceError> {
        let units = self.build_places(county)?;
        let caller = self.own_caller();
        for user in &county.users {
            let region = region(&user.region)?;
            let unit = units.get(&user.unit).cloned();
            let new = NewUser {
                login: user.login.clone(),
                name: user.name.clone(),
                unit: unit.clone(),
                region: region.clone(),
            };
            let account = self.insert_user(&caller, &new, DEMO_PASSWORD, false)?;
            let grant = NewGrant {
                user: account.id,
                role: user.role.clone(),
                region,
                unit,
                since: None,
                until: None,
            };
            self.insert_grant(&caller, &grant)?;
        }
        Ok(())
    }

    /// Writes regions and units; gives the ids of the units by key.
    fn build_places(&self, county: &County) -> Result<BTreeMap<String, RecordId>, ServiceError> {
        let act = self.own_act("demo.build");
        self.store.write(&act, |writer| {
            for place in &county.regions {
                let parent = region(&place.code)?.parent().map(|code| code.to_string());
                let values = Values::from([
                    ("code".to_owned(), place.code.as_str().into()),
                    ("name".to_owned(), place.name.as_str().into()),
                    ("level".to_owned(), place.level.as_str().into()),
                    ("parent".to_owned(), parent.filter(|code| !code.is_empty()).into()),
                    ("system".to_owned(), county.system.as_str().into()),
                    ("edition".to_owned(), county.edition.as_str().into()),
                ]);
                writer.insert("region", NewRecord { values, ..NewRecord::default() })?;
            }
            let mut units = BTreeMap::new();
            for unit in &county.units {
                let values = Values::from([
                    ("name".to_owned(), unit.name.as_str().into()),
                    ("short_name".to_owned(), unit.short_name.as_str().into()),
                    ("kind".to_owned(), unit.kind.as_str().into()),
                    ("aliases".to_owned(), unit.aliases.clone().into()),
                    ("is_active".to_owned(), true.into()),
                ]);
                let region = Some(region(&unit.region)?);
                let new = NewRecord { region, values, ..NewRecord::default() };
                units.insert(unit.key.clone(), writer.insert("unit", new)?.id);
            }
            Ok(units)
        })
    }
}

fn region(code: &str) -> Result<RegionCode, ServiceError> {
    RegionCode::parse(code)
        .ok_or_else(|| ServiceError::Internal(format!("demonstration county: code `{code}`")))
}
