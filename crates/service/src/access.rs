//! Who may do what with which rows: filters for lists, tests for single records.
//!
//! INVARIANT: a row that fails [`Service::may`] never passes [`Service::read_filter`] and the other
//! way round (test `filter_and_test_agree`).

use crate::{Caller, HeldGrant, Service, ServiceError};
use taizhang_codebook::{AccessScope, Action, Codebook, Ledger};
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{RecordId, RegionCode, Value};

/// Reference fields by which a row belongs to a unit.
const UNIT_FIELDS: [&str; 2] = ["lead_unit", "unit"];
/// List fields of unit ids by which a row belongs to a unit.
const UNIT_LIST_FIELDS: [&str; 1] = ["responsible_units"];
/// Reference fields by which a row belongs to a person.
const PERSON_FIELDS: [&str; 4] = ["person", "leader", "by", "user"];

/// How many names of granters are told.
const GRANTERS_MAX: usize = 3;

impl Service {
    /// The filter that keeps the rows of a ledger on which the caller may do `action`; `None` if
    /// there is none at all.
    pub fn read_filter(&self, caller: &Caller, ledger: &str, action: Action) -> Option<Filter> {
        let definition = self.codebook().ledger(ledger)?;
        let parts: Vec<Filter> = granted(self.codebook(), caller, ledger, action)
            .map(|(grant, scope)| scope_filter(definition, caller, grant, scope))
            .collect();
        (!parts.is_empty()).then_some(Filter::Or(parts))
    }

    /// True if the caller may do `action` with this record.
    #[must_use]
    pub fn may(&self, caller: &Caller, record: &Record, action: Action) -> bool {
        let Some(definition) = self.codebook().ledger(&record.ledger) else { return false };
        granted(self.codebook(), caller, &record.ledger, action)
            .any(|(grant, scope)| scope_holds(definition, caller, grant, scope, record))
    }

    /// The record, if the caller may read it; else `NotFound`, as if it did not exist.
    pub(crate) fn visible(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let found = self.store.read(|reader| reader.get(ledger, id))?;
        let record = found.ok_or(ServiceError::NotFound)?;
        if self.may(caller, &record, Action::Read) {
            Ok(record)
        } else {
            Err(ServiceError::NotFound)
        }
    }

    /// The record, if the caller may read it and do `action` with it.
    pub(crate) fn reachable(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
        action: Action,
    ) -> Result<Record, ServiceError> {
        let record = self.visible(caller, ledger, id)?;
        if self.may(caller, &record, action) {
            Ok(record)
        } else {
            Err(self.denied(&needed(ledger, action), record.region.as_ref()))
        }
    }

    /// Refuses unless the caller may make a record of `ledger` in `region`.
    pub(crate) fn require_create(
        &self,
        caller: &Caller,
        ledger: &str,
        region: &RegionCode,
    ) -> Result<(), ServiceError> {
        let holds = granted(self.codebook(), caller, ledger, Action::Create)
            .any(|(grant, _)| region.is_under(&grant.region));
        if holds { Ok(()) } else { Err(self.denied(&needed(ledger, Action::Create), Some(region))) }
    }

    /// Refuses unless the caller has a power.
    pub(crate) fn require_power(&self, caller: &Caller, power: &str) -> Result<(), ServiceError> {
        if caller.has_power(self.codebook(), power) {
            Ok(())
        } else {
            Err(self.denied(power, caller.home_region()))
        }
    }

    /// A refusal that names who can grant the right.
    pub(crate) fn denied(&self, needed: &str, region: Option<&RegionCode>) -> ServiceError {
        let granters = self.granters(region).unwrap_or_default();
        ServiceError::Denied { needed: needed.to_owned(), granters }
    }

    /// Names of people who manage grants for a region, nearest first.
    fn granters(&self, region: Option<&RegionCode>) -> Result<Vec<String>, ServiceError> {
        let roles: Vec<Value> = self
            .codebook()
            .roles
            .values()
            .filter(|role| role.powers.iter().any(|power| power == "grants.manage"))
            .map(|role| Value::from(role.name.as_str()))
            .collect();
        self.store.read(|reader| {
            let query = Query::new("grant")
                .filter(Filter::In("role".to_owned(), roles))
                .sort("region", true)
                .limit(50);
            let mut names = Vec::new();
            for grant in reader.list(&query)?.records {
                let covers = match (&grant.region, region) {
                    (Some(root), Some(place)) => place.is_under(root),
                    _ => true,
                };
                let Some(user) = grant.get("user").as_reference().filter(|_| covers) else {
                    continue;
                };
                if let Some(user) = reader.get("user", user)? {
                    names.push(user.get("name").to_string());
                }
                if names.len() >= GRANTERS_MAX {
                    break;
                }
            }
            names.dedup();
            Ok(names)
        })
    }
}

/// `finding.update`: the right as the codebook would name it.
fn needed(ledger: &str, action: Action) -> String {
    let verb = match action {
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Export => "export",
        Action::History => "history",
    };
    format!("{ledger}.{verb}")
}

/// The caller's grants that allow `action` on `ledger`, each with its scope.
fn granted<'a>(
    codebook: &'a Codebook,
    caller: &'a Caller,
    ledger: &'a str,
    action: Action,
) -> impl Iterator<Item = (&'a HeldGrant, AccessScope)> + 'a {
    caller.roles(codebook).filter_map(move |(held, role)| {
        let grant = role.grants.get(ledger)?;
        grant.actions.contains(&action).then_some((held, grant.scope))
    })
}

fn scope_filter(ledger: &Ledger, caller: &Caller, grant: &HeldGrant, scope: AccessScope) -> Filter {
    let mut parts = Vec::new();
    if ledger.home.is_some() {
        parts.push(Filter::Under(grant.region.clone()));
    }
    match scope {
        AccessScope::Region => {}
        AccessScope::Unit => parts.push(Filter::Or(unit_filters(ledger, caller, grant))),
        AccessScope::Own => parts.push(Filter::Or(own_filters(ledger, caller))),
    }
    if parts.is_empty() { Filter::All } else { Filter::And(parts) }
}

fn unit_filters(ledger: &Ledger, caller: &Caller, grant: &HeldGrant) -> Vec<Filter> {
    let mut parts = own_filters(ledger, caller);
    if let Some(unit) = grant.unit.as_ref().or(caller.unit.as_ref()) {
        for field in UNIT_FIELDS.iter().filter(|name| ledger.field(name).is_some()) {
            parts.push(Filter::Eq((*field).to_owned(), Value::from(unit)));
        }
        for field in UNIT_LIST_FIELDS.iter().filter(|name| ledger.field(name).is_some()) {
            parts.push(Filter::ListHas((*field).to_owned(), unit.to_string()));
        }
    }
    parts
}

fn own_filters(ledger: &Ledger, caller: &Caller) -> Vec<Filter> {
    let me = Value::from(&caller.user);
    let mut parts = vec![Filter::Eq("created_by".to_owned(), me.clone())];
    for field in PERSON_FIELDS.iter().filter(|name| ledger.field(name).is_some()) {
        parts.push(Filter::Eq((*field).to_owned(), me.clone()));
    }
    parts
}

fn scope_holds(
    ledger: &Ledger,
    caller: &Caller,
    grant: &HeldGrant,
    scope: AccessScope,
    record: &Record,
) -> bool {
    if ledger.home.is_some() {
        let inside = record.region.as_ref().is_some_and(|place| place.is_under(&grant.region));
        if !inside {
            return false;
        }
    }
    match scope {
        AccessScope::Region => true,
        AccessScope::Unit => own_holds(caller, record) || unit_holds(caller, grant, record),
        AccessScope::Own => own_holds(caller, record),
    }
}

fn unit_holds(caller: &Caller, grant: &HeldGrant, record: &Record) -> bool {
    let Some(unit) = grant.unit.as_ref().or(caller.unit.as_ref()) else { return false };
    let referred = |field: &&str| record.get(field).as_reference() == Some(unit);
    let listed =
        |field: &&str| record.get(field).as_list().iter().any(|item| item == unit.as_str());
    UNIT_FIELDS.iter().any(referred) || UNIT_LIST_FIELDS.iter().any(listed)
}

fn own_holds(caller: &Caller, record: &Record) -> bool {
    record.created_by.as_ref() == Some(&caller.user)
        || PERSON_FIELDS.iter().any(|field| record.get(field).as_reference() == Some(&caller.user))
}
