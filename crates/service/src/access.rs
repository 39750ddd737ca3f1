//! Who may do what with which rows: filters for lists, tests for single records.
//!
//! A grant reaches the rows of its region subtree. Beside them it reaches the findings of regions
//! above, in which its unit is named as lead or responsible or the person by account, with what
//! belongs to them: to read, and to do the work, not to steer or judge it ([`named_allows`], and
//! the steps marked as work).
//!
//! INVARIANT: a row that fails [`Service::may_in`] never passes [`Service::read_filter`] and the
//! other way round (test `filter_and_test_agree`).

use crate::paging::every;
use crate::{Caller, HeldGrant, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::{AccessScope, Action, Codebook, Ledger, Role};
use taizhang_store::{Filter, Query, Reader, Record, StoreError};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// The ledger in whose rows units and persons are named.
const NAMING: &str = "finding";
/// Fields of that ledger that name a person by account.
const NAMED_PERSONS: [&str; 2] = ["person", "leader"];
/// Relation of that ledger to the units named responsible; it holds what the list field holds.
const UNITS_RELATION: &str = "units";
/// Ledgers whose rows belong to findings, each with the field or relation that leads there.
const FOLLOWERS: [(&str, &str); 8] = [
    ("acceptance", NAMING),
    ("escalation", NAMING),
    ("evidence", "finding.evidence"),
    ("extension", NAMING),
    ("look_back", NAMING),
    ("measure", "findings"),
    ("progress", NAMING),
    ("stage_goal", NAMING),
];

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
        let mut parts: Vec<Filter> = granted(self.codebook(), caller, ledger, action)
            .map(|(grant, scope)| scope_filter(definition, caller, grant, scope))
            .collect();
        let named = named_grants(self.codebook(), caller, ledger, action);
        let named = named.filter_map(|grant| self.named_filter(caller, grant));
        match follows(ledger) {
            None => parts.extend(named),
            Some(by) => parts.extend(
                named.map(|filter| Filter::Related { by: by.to_owned(), filter: filter.into() }),
            ),
        }
        (!parts.is_empty()).then_some(Filter::Or(parts))
    }

    /// The findings of regions above a grant's in which its unit or the person is named; `None` if
    /// there can be none.
    pub(crate) fn named_filter(&self, caller: &Caller, grant: &HeldGrant) -> Option<Filter> {
        let definition = self.codebook().ledger(NAMING)?;
        let scope = finding_scope(self.codebook(), &grant.role)?;
        let above = above(&grant.region);
        if above.is_empty() {
            return None;
        }
        // Each way of being named is a part with an index of its own.
        let person = NAMED_PERSONS.map(|field| Filter::eq(field, &caller.user));
        let unit = unit_of(caller, grant).map(|unit| {
            let to = unit.clone();
            [
                Filter::eq("lead_unit", unit),
                Filter::Linked { relation: UNITS_RELATION.to_owned(), to },
            ]
        });
        let is_own = scope == AccessScope::Own;
        let unit = unit.into_iter().flatten().map(|named| {
            let own = is_own.then(|| Filter::Or(own_filters(definition, caller)));
            own.into_iter().fold(named, Filter::and)
        });
        let place = Filter::In("region".to_owned(), above);
        let parts = person.into_iter().chain(unit).map(|named| named.and(place.clone()));
        Some(Filter::Or(parts.collect()))
    }

    /// True if the caller may do `action` with this record, by its region or by what stands in it.
    /// For what belongs to a finding, [`Service::may_in`] asks the finding too.
    #[must_use]
    pub fn may(&self, caller: &Caller, record: &Record, action: Action) -> bool {
        let Some(definition) = self.codebook().ledger(&record.ledger) else { return false };
        granted(self.codebook(), caller, &record.ledger, action)
            .any(|(grant, scope)| scope_holds(definition, caller, grant, scope, record))
            || (record.ledger == NAMING
                && named_grants(self.codebook(), caller, NAMING, action)
                    .any(|grant| self.is_named(caller, grant, record)))
    }

    /// True if the caller may do `action` with this record, or with a finding that it belongs to
    /// and that he reaches because he or his unit is named in it.
    ///
    /// # Errors
    /// Store errors only.
    pub fn may_in(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        record: &Record,
        action: Action,
    ) -> Result<bool, StoreError> {
        if self.may(caller, record, action) {
            return Ok(true);
        }
        let Some(by) = follows(&record.ledger) else { return Ok(false) };
        let grants: Vec<&HeldGrant> =
            named_grants(self.codebook(), caller, &record.ledger, action).collect();
        if grants.is_empty() {
            return Ok(false);
        }
        let findings = match record.reference(by) {
            Some(finding) => vec![finding.clone()],
            None if by == NAMING => Vec::new(),
            None => reader.linked(&record.ledger, by, &record.id)?,
        };
        let findings = reader.get_many(NAMING, &findings)?;
        Ok(findings
            .values()
            .any(|finding| grants.iter().any(|grant| self.is_named(caller, grant, finding))))
    }

    /// True if the finding stands above the grant's region, and the grant's unit or the person is
    /// named in it.
    pub(crate) fn is_named(&self, caller: &Caller, grant: &HeldGrant, finding: &Record) -> bool {
        let is_above = finding.region.as_ref().is_some_and(|place| {
            !place.as_str().is_empty() && *place != grant.region && grant.region.is_under(place)
        });
        let is_person =
            || NAMED_PERSONS.iter().any(|field| finding.reference(field) == Some(&caller.user));
        let is_unit = |scope| {
            unit_holds(caller, grant, finding)
                && (scope != AccessScope::Own || own_holds(caller, finding))
        };
        is_above
            && finding_scope(self.codebook(), &grant.role)
                .is_some_and(|scope| is_person() || is_unit(scope))
    }

    /// The caller's roles over a finding: those held over its region, and those through which he
    /// reaches it only because he or his unit is named in it.
    pub(crate) fn roles_over(
        &self,
        caller: &Caller,
        finding: &Record,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let Some(definition) = self.codebook().ledger(NAMING) else { return Default::default() };
        let held = granted(self.codebook(), caller, NAMING, Action::Read)
            .filter(|(grant, scope)| scope_holds(definition, caller, grant, *scope, finding))
            .map(|(grant, _)| grant.role.clone());
        let named = named_grants(self.codebook(), caller, NAMING, Action::Read)
            .filter(|grant| self.is_named(caller, grant, finding))
            .map(|grant| grant.role.clone());
        (held.collect(), named.collect())
    }

    /// True if one of the caller's roles over a finding has the action in a ledger whose rows
    /// belong to it.
    pub(crate) fn may_beside(
        &self,
        caller: &Caller,
        finding: &Record,
        ledger: &str,
        action: Action,
    ) -> bool {
        let (held, named) = self.roles_over(caller, finding);
        let allows = |role: &String| {
            let role = self.codebook().roles.get(role);
            role.is_some_and(|role| allows(role, ledger, action))
        };
        held.iter().any(allows) || (named_allows(ledger, action) && named.iter().any(allows))
    }

    /// Refuses unless the caller may make a record of `ledger` beside this finding.
    pub(crate) fn require_create_over(
        &self,
        caller: &Caller,
        ledger: &str,
        finding: &Record,
    ) -> Result<(), ServiceError> {
        self.require_beside(caller, finding, ledger, Action::Create)
    }

    /// Refuses unless the caller may do `action` with records of `ledger` beside this finding.
    pub(crate) fn require_beside(
        &self,
        caller: &Caller,
        finding: &Record,
        ledger: &str,
        action: Action,
    ) -> Result<(), ServiceError> {
        if self.may_beside(caller, finding, ledger, action) {
            Ok(())
        } else {
            Err(self.denied(&needed(ledger, action), finding.region.as_ref()))
        }
    }

    /// The record as the caller sees it, if he may read it; else `NotFound`, as if it did not
    /// exist.
    pub(crate) fn visible(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        self.whole(caller, ledger, id).map(|record| self.shown(caller, record))
    }

    /// The record with all its fields, if the caller may read it: to judge by, not to give out.
    pub(crate) fn whole(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let found = self.store.read(|reader| reader.get(ledger, id))?;
        self.readable(caller, found)
    }

    fn readable(&self, caller: &Caller, found: Option<Record>) -> Result<Record, ServiceError> {
        let is_seen = |record: &Record| self.may(caller, record, Action::Read);
        found.filter(is_seen).ok_or(ServiceError::NotFound)
    }

    /// The record as the caller sees it, if he may read it and do `action` with it.
    pub(crate) fn reachable(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
        action: Action,
    ) -> Result<Record, ServiceError> {
        let record = self.whole(caller, ledger, id)?;
        self.reached(caller, record, action)
    }

    /// [`Service::reachable`] within a transaction, which goes on with what it read.
    pub(crate) fn reachable_in(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        (ledger, id): (&str, &RecordId),
        action: Action,
    ) -> Result<Record, ServiceError> {
        let record = self.readable(caller, reader.get(ledger, id)?)?;
        self.reached(caller, record, action)
    }

    fn reached(
        &self,
        caller: &Caller,
        record: Record,
        action: Action,
    ) -> Result<Record, ServiceError> {
        if self.may(caller, &record, action) {
            Ok(self.shown(caller, record))
        } else {
            Err(self.denied(&needed(&record.ledger, action), record.region.as_ref()))
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

    /// A refusal that names who can grant the right (`finding.update`, a power) over a region.
    #[must_use]
    pub fn denied(&self, needed: &str, region: Option<&RegionCode>) -> ServiceError {
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
            let query = Query::new("grant").filter(Filter::In("role".to_owned(), roles));
            let mut names: Vec<String> = Vec::new();
            for grant in every(reader, query.sort("region", true))? {
                let covers = match (&grant.region, region) {
                    (Some(root), Some(place)) => place.is_under(root),
                    _ => true,
                };
                if names.len() >= GRANTERS_MAX || !covers || !is_in_force(&grant, self.today()) {
                    continue;
                }
                let user = grant.reference("user").map(|user| reader.get("user", user));
                let user = user.transpose()?.flatten();
                let is_open = |user: &Record| user.get("is_active").as_boolean() != Some(false);
                let name = user.filter(is_open).map(|user| user.text("name").to_owned());
                names.extend(name.filter(|name| !names.contains(name)));
            }
            Ok(names)
        })
    }
}

/// True if a grant counts on a day.
pub(crate) fn is_in_force(grant: &Record, today: Date) -> bool {
    grant.get("since").as_date().is_none_or(|since| since <= today)
        && grant.get("until").as_date().is_none_or(|until| until >= today)
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
pub(crate) fn granted<'a>(
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

/// The caller's grants through which being named opens findings, and `action` on `ledger` with
/// them.
pub(crate) fn named_grants<'a>(
    codebook: &'a Codebook,
    caller: &'a Caller,
    ledger: &'a str,
    action: Action,
) -> impl Iterator<Item = &'a HeldGrant> + 'a {
    let is_open = (ledger == NAMING || follows(ledger).is_some()) && named_allows(ledger, action);
    caller
        .roles(codebook)
        .filter(move |(_, role)| {
            is_open && allows(role, NAMING, Action::Read) && allows(role, ledger, action)
        })
        .map(|(held, _)| held)
}

/// What being named in a finding opens at most: reading it and what belongs to it, and adding the
/// work. Deadlines, people, papers and judgement stay with those over the region.
fn named_allows(ledger: &str, action: Action) -> bool {
    match action {
        Action::Read | Action::Export | Action::History => true,
        Action::Create => matches!(ledger, "evidence" | "extension" | "measure" | "progress"),
        Action::Update => matches!(ledger, "evidence" | "progress" | "stage_goal"),
        Action::Delete => false,
    }
}

/// The field or relation by which rows of a ledger belong to findings.
fn follows(ledger: &str) -> Option<&'static str> {
    FOLLOWERS.iter().find(|(known, _)| *known == ledger).map(|(_, by)| *by)
}

fn allows(role: &Role, ledger: &str, action: Action) -> bool {
    role.grants.get(ledger).is_some_and(|grant| grant.actions.contains(&action))
}

fn finding_scope(codebook: &Codebook, role: &str) -> Option<AccessScope> {
    codebook.roles.get(role)?.grants.get(NAMING).map(|grant| grant.scope)
}

/// The unit for which a grant is held: its own, or that of the person.
fn unit_of<'a>(caller: &'a Caller, grant: &'a HeldGrant) -> Option<&'a RecordId> {
    grant.unit.as_ref().or(caller.unit.as_ref())
}

/// The regions that contain a region, itself and the whole country left out.
fn above(region: &RegionCode) -> Vec<Value> {
    std::iter::successors(region.parent(), RegionCode::parent)
        .take_while(|place| !place.as_str().is_empty())
        .map(|place| Value::from(place.as_str()))
        .collect()
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
    if let Some(unit) = unit_of(caller, grant) {
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

pub(crate) fn scope_holds(
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
    let Some(unit) = unit_of(caller, grant) else { return false };
    let referred = |field: &&str| record.get(field).as_reference() == Some(unit);
    let listed =
        |field: &&str| record.get(field).as_list().iter().any(|item| item == unit.as_str());
    UNIT_FIELDS.iter().any(referred) || UNIT_LIST_FIELDS.iter().any(listed)
}

fn own_holds(caller: &Caller, record: &Record) -> bool {
    record.created_by.as_ref() == Some(&caller.user)
        || PERSON_FIELDS.iter().any(|field| record.get(field).as_reference() == Some(&caller.user))
}
