//! What of a record its reader sees: hidden fields are taken out, masked ones masked.
//!
//! A field is seen as the most permissive of those grants of the caller shows it that reach the
//! record. Sealed fields come masked from the store already, so for them only `hidden` counts here.
//! What a list needs is worked out once for caller and ledger; a ledger in which nothing is limited
//! costs nothing per row.

mod doubt;
mod query;
mod write;

use crate::access::{granted, named_grants, scope_holds};
use crate::{Caller, HeldGrant, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::{AccessScope, Action, Field, FieldAccess, FieldType, Grant, Ledger};
use taizhang_store::{Conflict, Page, Reader, Record, StoreError, Version};
use taizhang_values::{RecordId, RegionCode, Value};

/// What stands in place of a number, a date or a code.
const MASK: &str = "****";
/// Ledger whose rows are reached by being named in them, too.
const NAMING: &str = "finding";
/// Fields of search words, each with the fields that they are made of.
const SEARCH_WORDS: [(&str, [&str; 2]); 1] = [("keywords", ["title", "problem"])];

/// One way by which a caller reaches records of a ledger.
struct Way<'a> {
    /// The right he holds.
    held: &'a HeldGrant,
    /// What his role may do in the ledger.
    grant: &'a Grant,
    /// It reaches the rows of his region; else those of findings in which his unit is named.
    is_over: bool,
}

/// A field that some way does not show whole.
struct Limited<'a> {
    field: &'a Field,
    /// The field whose right counts: another one where `field` holds what that one held.
    source: &'a Field,
}

/// How a caller sees the records of one ledger.
pub(crate) struct Sight<'a> {
    service: &'a Service,
    caller: &'a Caller,
    definition: Option<&'a Ledger>,
    ways: Vec<Way<'a>>,
    limited: Vec<Limited<'a>>,
    /// Records of this ledger tell of fields of other records.
    tells: bool,
}

/// What is limited in one record.
#[derive(Default)]
struct Limits<'a> {
    fields: Vec<(&'a str, FieldType, FieldAccess)>,
    /// Values that take the place of what is taken out.
    instead: Vec<(&'static str, Value)>,
}

impl Service {
    /// How the caller sees the records of a ledger that he reaches by `action`.
    pub(crate) fn sight<'a>(
        &'a self,
        caller: &'a Caller,
        ledger: &'a str,
        action: Action,
    ) -> Sight<'a> {
        let definition = self.codebook().ledger(ledger);
        let ways = self.ways(caller, ledger, action);
        let limited = definition.map_or_else(Vec::new, |ledger| limited(ledger, &ways));
        let tells = doubt::TELLING.contains(&ledger);
        Sight { service: self, caller, definition, ways, limited, tells }
    }

    fn ways<'a>(&'a self, caller: &'a Caller, ledger: &'a str, action: Action) -> Vec<Way<'a>> {
        let way = |held: &'a HeldGrant, is_over: bool| {
            let grant = self.codebook().roles.get(&held.role)?.grants.get(ledger)?;
            Some(Way { held, grant, is_over })
        };
        let over = granted(self.codebook(), caller, ledger, action);
        let over = over.filter_map(|(held, _)| way(held, true));
        let named = named_grants(self.codebook(), caller, ledger, action);
        over.chain(named.filter_map(|held| way(held, false))).collect()
    }

    /// What the caller may see of a field of a record that is not there yet or is not at hand: by
    /// its place alone. A field that the ledger does not define is seen by whoever reads the ledger
    /// there.
    pub(crate) fn access_at(
        &self,
        caller: &Caller,
        (ledger, action): (&str, Action),
        region: Option<&RegionCode>,
        field: &str,
    ) -> FieldAccess {
        let Some(definition) = self.codebook().ledger(ledger) else { return FieldAccess::Hidden };
        let ways = self.ways(caller, ledger, action);
        let covers = |way: &&Way<'_>| {
            let is_there = |place: &RegionCode| place.is_under(&way.held.region);
            way.is_over && (definition.home.is_none() || region.is_some_and(is_there))
        };
        let reached: Vec<&Way<'_>> = ways.iter().filter(covers).collect();
        match definition.field(field) {
            Some(field) => best(&reached, field),
            None if reached.is_empty() => FieldAccess::Hidden,
            None => FieldAccess::Full,
        }
    }

    /// A record as the caller sees it.
    pub(crate) fn shown(&self, caller: &Caller, record: Record) -> Record {
        let ledger = record.ledger.clone();
        self.sight(caller, &ledger, Action::Read).shown(record)
    }

    /// Records of one ledger as the caller sees them.
    pub(crate) fn all_shown(&self, caller: &Caller, records: Vec<Record>) -> Vec<Record> {
        let Some(ledger) = records.first().map(|record| record.ledger.clone()) else {
            return records;
        };
        self.sight(caller, &ledger, Action::Read).all(records)
    }

    /// Records by id as the caller sees them; whether he may see them at all was asked before.
    pub(crate) fn many_shown(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        ledger: &str,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Record>, StoreError> {
        let sight = self.sight(caller, ledger, Action::Read);
        let found = reader.get_many(ledger, ids)?;
        Ok(found.into_iter().map(|(id, record)| (id, sight.shown(record))).collect())
    }

    /// A refusal as the caller sees it: a conflict shows two versions of a record.
    pub(crate) fn shown_refusal(&self, caller: &Caller, error: ServiceError) -> ServiceError {
        match error {
            ServiceError::Conflict(conflict) => {
                let ledger = conflict.ledger.clone();
                let sight = self.sight(caller, &ledger, Action::Read);
                ServiceError::Conflict(Box::new(sight.conflict(*conflict)))
            }
            other => other,
        }
    }
}

impl<'a> Sight<'a> {
    /// The record without hidden fields, masked fields masked.
    pub(crate) fn shown(&self, mut record: Record) -> Record {
        if !self.is_plain() {
            self.limits(&record).narrow(&mut record);
        }
        record
    }

    /// Records, each as the caller sees it.
    pub(crate) fn all(&self, records: Vec<Record>) -> Vec<Record> {
        if self.is_plain() {
            return records;
        }
        records.into_iter().map(|record| self.shown(record)).collect()
    }

    /// A page of records.
    pub(crate) fn page(&self, page: Page) -> Page {
        Page { records: self.all(page.records), ..page }
    }

    /// The versions of a record, each with what it changed. `record` is the record as it stands:
    /// it says what reaches it.
    pub(crate) fn versions(&self, record: &Record, mut versions: Vec<Version>) -> Vec<Version> {
        if self.is_plain() {
            return versions;
        }
        let now = self.limits(record);
        for version in &mut versions {
            // A doubt or a proposal tells of other fields in each version.
            let own = self.limits_with(&version.record, &self.reached(record));
            let limits = if self.tells { &own } else { &now };
            limits.narrow(&mut version.record);
            version.changed.retain_mut(|(name, old, new)| limits.pass(name, &mut [old, new]));
        }
        versions
    }

    fn conflict(&self, mut conflict: Conflict) -> Conflict {
        if self.is_plain() {
            return conflict;
        }
        let limits = self.limits(&conflict.current);
        conflict.fields.retain_mut(|field| {
            limits.pass(&field.field, &mut [&mut field.base, &mut field.theirs, &mut field.mine])
        });
        limits.narrow(&mut conflict.current);
        conflict
    }

    /// What the caller may see of a field of this record, beside what the store seals: a sealed
    /// field is whole here unless it is hidden.
    pub(crate) fn access(&self, record: &Record, field: &Field) -> FieldAccess {
        let reached = self.reached(record);
        let own = self.limited.iter().filter(|limited| limited.field.name == field.name);
        own.map(|limited| self.among(&reached, limited.source)).min().unwrap_or(FieldAccess::Full)
    }

    /// The most that a way over the record's place shows of a field, sealed or not.
    pub(crate) fn most(&self, record: &Record, field: &Field) -> FieldAccess {
        let reached = self.reached(record);
        let over = reached.iter().filter(|way| way.is_over).map(|way| way.grant.access(field));
        over.max().unwrap_or(FieldAccess::Hidden)
    }

    /// True if a filter or an order by the field would tell of it.
    fn is_limited(&self, field: &str) -> bool {
        self.limited.iter().any(|limited| limited.field.name == field)
            || (self.tells && doubt::TOLD.contains(&field))
    }

    fn is_plain(&self) -> bool {
        self.limited.is_empty() && !self.tells
    }

    /// The ways that reach a record. What belongs to a finding may be reached through the finding,
    /// which is not at hand: then those ways count, and the least of them.
    fn reached(&self, record: &Record) -> Vec<&Way<'a>> {
        let holds = |way: &&Way<'a>| match (way.is_over, self.definition) {
            (true, Some(ledger)) => {
                scope_holds(ledger, self.caller, way.held, way.grant.scope, record)
            }
            (false, _) if record.ledger == NAMING => {
                self.service.is_named(self.caller, way.held, record)
            }
            _ => false,
        };
        self.ways.iter().filter(holds).collect()
    }

    fn limits(&self, record: &Record) -> Limits<'a> {
        self.limits_with(record, &self.reached(record))
    }

    fn limits_with(&self, record: &Record, reached: &[&Way<'a>]) -> Limits<'a> {
        let mut limits = Limits::default();
        for limited in &self.limited {
            let access = self.among(reached, limited.source);
            if access != FieldAccess::Full {
                limits.fields.push((&limited.field.name, limited.field.field_type, access));
            }
        }
        if self.tells {
            self.limit_told(record, &mut limits);
        }
        limits
    }

    /// The most that the ways which reach a record show of a field; if none is known to, the least
    /// of those beside the ones over a region.
    fn among(&self, reached: &[&Way<'a>], field: &Field) -> FieldAccess {
        if !reached.is_empty() {
            return best(reached, field);
        }
        let beside = self.ways.iter().filter(|way| !way.is_over);
        let least = beside.map(|way| way.grant.access(field)).min();
        beyond_store(field, least.unwrap_or(FieldAccess::Hidden))
    }
}

impl Limits<'_> {
    fn narrow(&self, record: &mut Record) {
        for (name, kind, access) in &self.fields {
            if *access == FieldAccess::Hidden {
                record.values.remove(*name);
            } else if let Some(value) = record.values.get_mut(*name) {
                *value = mask(*kind, value);
            }
        }
        for (name, value) in &self.instead {
            record.values.insert((*name).to_owned(), value.clone());
        }
    }

    /// Masks the values of a field; false if the field is not even to be named.
    fn pass(&self, field: &str, values: &mut [&mut Value]) -> bool {
        let mut own = self.fields.iter().filter(|(name, _, _)| *name == field);
        own.all(|(_, kind, access)| {
            for value in values.iter_mut() {
                **value = mask(*kind, value);
            }
            *access != FieldAccess::Hidden
        }) && !self.instead.iter().any(|(name, _)| *name == field)
    }
}

/// Fields that one of the ways does not show whole, and what repeats them.
fn limited<'a>(ledger: &'a Ledger, ways: &[Way<'a>]) -> Vec<Limited<'a>> {
    let is_open = ways.iter().all(|way| way.grant.fields.is_empty());
    if is_open && !ways.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for source in ledger.fields.iter().filter(|field| hides(ways, field)) {
        all.push(Limited { field: source, source });
        let former = source.former.as_ref().and_then(|former| ledger.field(former));
        all.extend(former.map(|field| Limited { field, source }));
        for (words, made_of) in SEARCH_WORDS {
            if made_of.contains(&source.name.as_str()) {
                all.extend(ledger.field(words).map(|field| Limited { field, source }));
            }
        }
    }
    all
}

/// True if a way does not show the field whole, unless another one that does reaches all of its
/// rows.
fn hides(ways: &[Way<'_>], field: &Field) -> bool {
    let access = |way: &Way<'_>| beyond_store(field, way.grant.access(field));
    let is_made_good = |way: &Way<'_>| {
        ways.iter().any(|other| {
            access(other) == FieldAccess::Full
                && other.is_over
                && other.grant.scope == AccessScope::Region
                && way.is_over
                && way.held.region.is_under(&other.held.region)
        })
    };
    ways.is_empty() || ways.iter().any(|way| access(way) != FieldAccess::Full && !is_made_good(way))
}

/// The most that these ways show of a field; nothing if there is none.
fn best(reached: &[&Way<'_>], field: &Field) -> FieldAccess {
    let access = reached.iter().map(|way| way.grant.access(field)).max();
    beyond_store(field, access.unwrap_or(FieldAccess::Hidden))
}

/// The store gives out sealed fields masked, so that nothing but hiding them is left to do.
fn beyond_store(field: &Field, access: FieldAccess) -> FieldAccess {
    match access {
        FieldAccess::Hidden => FieldAccess::Hidden,
        _ if field.sensitive.is_some() => FieldAccess::Full,
        other => other,
    }
}

/// What is left of a value: of a text its first character, of anything else that it is there. Of a
/// code nothing is left, because its first character tells which one it is.
pub(crate) fn mask(kind: FieldType, value: &Value) -> Value {
    match (kind, value) {
        (_, value) if value.is_empty() => value.clone(),
        (FieldType::Text | FieldType::LongText, Value::Text(text)) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(first), Some(_)) => format!("{first}*").into(),
                _ => "*".into(),
            }
        }
        (_, Value::List(_)) => Value::List(vec![MASK.to_owned()]),
        _ => MASK.into(),
    }
}
