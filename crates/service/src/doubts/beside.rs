//! What else a save concerns: records of other households and ledgers that some rule reads by way
//! of the one that was written, such as persons with the same number. They are judged in the same
//! transaction, up to [`BESIDE_MAX`]; what lies beyond is left for the next run, and the save says
//! so.

use super::reads::{Hop, places_of, reads_of};
use super::refresh::Turnover;
use super::rows::ROOT;
use crate::{Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, Relation, RelationKind};
use taizhang_rules::Rule;
use taizhang_store::{Filter, Query, Reader, Record, StoreError, Writer};
use taizhang_values::{RecordId, Value};

/// Households and other records judged beside what one save wrote, at most: some hundred
/// milliseconds at worst. A field of a village that a rule about households reads concerns all of
/// them; the next run judges those.
pub const BESIDE_MAX: usize = 20;

/// Rows whose keys are asked each with a question of its own, which an index answers in order; the
/// keys of more rows are one question.
const ASKED_EACH: usize = 8;

/// Questions that go together.
const ASKED_AT_ONCE: usize = 64;

/// What came of judging beside a save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Households and records judged.
    pub judged: u64,
    /// Their doubts.
    pub turnover: Turnover,
    /// There were more, which the next run judges.
    pub is_cut: bool,
}

/// Who depends on the records of each ledger.
#[derive(Debug, Default)]
pub(crate) struct Dependants {
    ledgers: BTreeMap<String, Vec<Dependant>>,
}

/// Steps, each with the ledger it starts from.
type Hops = Vec<(String, Hop)>;

/// Records of a ledger that reach records of another one by these steps and read fields there.
#[derive(Debug)]
struct Dependant {
    hops: Hops,
    fields: BTreeSet<String>,
}

impl Dependants {
    /// True if records elsewhere read this ledger.
    pub(super) fn are_of(&self, ledger: &str) -> bool {
        self.ledgers.contains_key(ledger)
    }

    fn of(codebook: &Codebook, rules: &[Rule]) -> Self {
        let mut found: BTreeMap<(String, Hops), BTreeSet<String>> = BTreeMap::new();
        for rule in rules {
            for (place, fields) in places_of(reads_of(codebook, rule)) {
                if !is_local(codebook, &place.hops) {
                    found.entry((place.ledger, place.hops)).or_default().extend(fields);
                }
            }
        }
        let mut ledgers: BTreeMap<String, Vec<Dependant>> = BTreeMap::new();
        for ((ledger, hops), fields) in found {
            ledgers.entry(ledger).or_default().push(Dependant { hops, fields });
        }
        Self { ledgers }
    }
}

/// True for steps that stay within one household, which is judged as a whole anyway: to it, from it
/// to what it holds, and between two of its ledgers ([`Codebook::stays_in_tree`]).
fn is_local(codebook: &Codebook, hops: &[(String, Hop)]) -> bool {
    hops.iter().all(|(from, hop)| match hop {
        Hop::Reference(field) => codebook.stays_in_tree(ROOT, from, field),
        Hop::Relation(name) => relation(codebook, from, name).is_some_and(|one| {
            let by = one.by.as_deref().unwrap_or("");
            let is_inner = one.ledger != ROOT && codebook.stays_in_tree(ROOT, &one.ledger, by);
            one.kind == RelationKind::Many && is_inner
        }),
        Hop::Same(_) => false,
    })
}

fn relation<'c>(codebook: &'c Codebook, ledger: &str, name: &str) -> Option<&'c Relation> {
    codebook.ledger(ledger)?.relation(name)
}

impl Service {
    pub(super) fn dependants(&self) -> &Dependants {
        self.dependants.get_or_init(|| Dependants::of(self.codebook(), self.rules()))
    }

    /// A record with its sealed fields in clear, if others depend on its ledger.
    pub(crate) fn for_dependants(
        &self,
        reader: &Reader<'_>,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Option<Record>, ServiceError> {
        if !self.dependants().are_of(ledger) {
            return Ok(None);
        }
        Ok(reader.for_judging(|reader| reader.get(ledger, id))?)
    }

    /// Judges whatever depends on records that were written, and is not in one of the `judged`
    /// households; each of `changes` is one record before and after, in clear, as far as there
    /// are. At most `most` are judged.
    pub(crate) fn refresh_beside(
        &self,
        writer: &Writer<'_>,
        changes: &[Vec<Record>],
        judged: &BTreeSet<RecordId>,
        most: usize,
    ) -> Result<Beside, ServiceError> {
        let (_, beside) = self.refresh_with_beside(writer, &[], changes, judged, most)?;
        Ok(beside)
    }

    /// [`Service::refresh_beside`], and some households that are judged in any case, together with
    /// the others: what became of them, in their order.
    pub(crate) fn refresh_with_beside(
        &self,
        writer: &Writer<'_>,
        own: &[RecordId],
        changes: &[Vec<Record>],
        judged: &BTreeSet<RecordId>,
        most: usize,
    ) -> Result<(Vec<Turnover>, Beside), ServiceError> {
        let concerned = writer.for_judging(|reader| self.concerned(reader, changes, most))?;
        let mut households = BTreeSet::new();
        let mut records: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
        let written: BTreeSet<&RecordId> = changes.iter().flatten().map(|one| &one.id).collect();
        for record in concerned.rows {
            match self.household_of(&record) {
                Some(household) if !judged.contains(&household) && !own.contains(&household) => {
                    households.insert(household);
                }
                None if !written.contains(&record.id) => {
                    records.entry(record.ledger).or_default().insert(record.id);
                }
                _ => {}
            }
        }
        let others: usize = records.values().map(BTreeSet::len).sum();
        let is_cut = concerned.is_cut || households.len() + others > most;
        let mut left = most.saturating_sub(households.len());
        let all: Vec<RecordId> =
            own.iter().cloned().chain(households.into_iter().take(most)).collect();
        let mut turned = self.refresh_households(writer, &all)?;
        let mut beside = Beside { is_cut, ..Beside::default() };
        for turnover in turned.drain(own.len().min(turned.len())..) {
            beside.turnover.add(turnover);
            beside.judged += 1;
        }
        for (ledger, ids) in records {
            let ids: Vec<RecordId> = ids.into_iter().take(left).collect();
            left -= ids.len();
            beside.turnover.add(self.refresh_records(writer, &ledger, &ids)?);
            beside.judged += ids.len() as u64;
        }
        Ok((turned, beside))
    }

    /// The judged records that reach one of the changed ones.
    fn concerned(
        &self,
        reader: &Reader<'_>,
        changes: &[Vec<Record>],
        most: usize,
    ) -> Result<Concerned, ServiceError> {
        let mut found = Concerned::default();
        let mut ledgers: BTreeMap<&str, Vec<&[Record]>> = BTreeMap::new();
        for versions in changes {
            if let Some(first) = versions.first() {
                ledgers.entry(&first.ledger).or_default().push(versions);
            }
        }
        for (ledger, changes) in ledgers {
            for dependant in self.dependants().ledgers.get(ledger).into_iter().flatten() {
                let touched = changes.iter().filter(|one| is_touched(one, &dependant.fields));
                let mut rows: Vec<Record> = touched.copied().flatten().cloned().collect();
                for (from, hop) in dependant.hops.iter().rev() {
                    if rows.is_empty() {
                        break;
                    }
                    // What was written may be found again by its own number.
                    let bound = most + rows.len();
                    rows = self.back(reader, from, hop, &rows, bound + 1)?;
                    rows.sort_by(|one, other| one.id.cmp(&other.id));
                    rows.dedup_by(|one, other| one.id == other.id);
                    found.is_cut |= rows.len() > bound;
                    rows.truncate(bound);
                }
                found.rows.extend(rows);
            }
        }
        Ok(found)
    }

    /// One step back: the records of `from` whose step leads to one of the rows.
    fn back(
        &self,
        reader: &Reader<'_>,
        from: &str,
        hop: &Hop,
        rows: &[Record],
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let some = |ledger: &str, filter: Filter| some(reader, ledger, filter, limit);
        let ids = || rows.iter().map(|row| Value::from(&row.id)).collect::<Vec<_>>();
        match hop {
            Hop::Reference(field) => some(from, Filter::In(field.clone(), ids())),
            Hop::Same(fields) => {
                let on: Vec<(String, String)> =
                    fields.iter().map(|field| (field.clone(), field.clone())).collect();
                self.by_key(reader, from, &on, rows, limit)
            }
            Hop::Relation(name) => {
                let Some(found) = relation(self.codebook(), from, name) else {
                    return Ok(Vec::new());
                };
                match &found.kind {
                    RelationKind::One => match &found.by {
                        Some(by) => some(from, Filter::In(by.clone(), ids())),
                        None => Ok(Vec::new()),
                    },
                    RelationKind::Many => referred(reader, from, found.by.as_deref(), rows, limit),
                    RelationKind::Links => {
                        let mut linked = BTreeSet::new();
                        for row in rows {
                            let way = format!("{from}.{name}");
                            linked.extend(reader.linked(&row.ledger, &way, &row.id)?);
                        }
                        get_some(reader, from, linked, limit)
                    }
                    RelationKind::Key { on, through: None } => {
                        self.by_key(reader, from, on, rows, limit)
                    }
                    RelationKind::Key { on, through: Some(through) } => {
                        let middle = relation(self.codebook(), from, through);
                        let Some(middle) = middle else { return Ok(Vec::new()) };
                        let sources = self.by_key(reader, &middle.ledger, on, rows, limit)?;
                        referred(reader, from, middle.by.as_deref(), &sources, limit)
                    }
                }
            }
        }
    }

    /// Records of a ledger whose own fields are alike with the other fields of one of the rows. The
    /// rows themselves are left out where one is asked for; of many they come too.
    fn by_key(
        &self,
        reader: &Reader<'_>,
        ledger: &str,
        on: &[(String, String)],
        rows: &[Record],
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        if let ([(own, other)], true) = (on, rows.len() > ASKED_EACH) {
            let values: Vec<Value> =
                rows.iter().filter_map(|row| self.key_values(row, other)).flatten().collect();
            return some(reader, ledger, Filter::In(own.clone(), values), limit);
        }
        let mut asked = Vec::new();
        for row in rows {
            let part = |(own, other): &(String, String)| {
                let values = self.key_values(row, other)?;
                Some(Filter::In(own.clone(), values))
            };
            let parts = on.iter().map(part).collect::<Option<Vec<_>>>();
            asked.extend(parts.map(|parts| (row, Filter::And(parts))));
        }
        let mut found = Vec::new();
        for chunk in asked.chunks(ASKED_AT_ONCE) {
            let filters: Vec<Filter> = chunk.iter().map(|(_, filter)| filter.clone()).collect();
            for ((row, _), alike) in chunk.iter().zip(some_each(reader, ledger, filters, limit)?) {
                found.extend(alike.into_iter().filter(|one| rows.len() > 1 || one.id != row.id));
            }
        }
        Ok(found)
    }

    /// The values by which a row is met in a field; none if it is missing.
    fn key_values(&self, row: &Record, field: &str) -> Option<Vec<Value>> {
        let value = match field {
            "id" => Value::Text(row.id.to_string()),
            "region" => Value::Text(row.region.as_ref()?.to_string()),
            _ => row.get(field).clone(),
        };
        if value.is_empty() {
            return None;
        }
        Some(super::rows::alike(self.codebook(), row, field, value))
    }
}

#[derive(Default)]
struct Concerned {
    rows: Vec<Record>,
    is_cut: bool,
}

/// True if one of the fields differs between the versions, or there is only one.
fn is_touched(versions: &[Record], fields: &BTreeSet<String>) -> bool {
    let [before, after] = versions else { return true };
    fields.iter().any(|field| match field.as_str() {
        "region" => before.region != after.region,
        "state" => before.state != after.state,
        "updated_at" => true,
        _ => before.get(field) != after.get(field),
    })
}

/// Records that pass each of some filters, asked together.
fn some_each(
    reader: &Reader<'_>,
    ledger: &str,
    filters: Vec<Filter>,
    limit: usize,
) -> Result<Vec<Vec<Record>>, StoreError> {
    let query = |filter: &Filter| Query::new(ledger).filter(filter.clone()).limit(limit);
    let pages = reader.list_each(&filters.iter().map(query).collect::<Vec<_>>())?;
    let mut found = Vec::with_capacity(filters.len());
    for (page, filter) in pages.into_iter().zip(filters) {
        let is_whole = page.next.is_none() || page.records.len() >= limit;
        found.push(if is_whole { page.records } else { some(reader, ledger, filter, limit)? });
    }
    Ok(found)
}

/// Records that pass a filter: one more than are judged, so that it is seen that there are more.
fn some(
    reader: &Reader<'_>,
    ledger: &str,
    filter: Filter,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let query = Query::new(ledger).filter(filter);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let left = limit.saturating_sub(found.len());
        let page = reader.list(&query.clone().limit(left).after(after))?;
        found.extend(page.records);
        after = page.next;
        if after.is_none() || found.len() >= limit {
            return Ok(found);
        }
    }
}

/// The records of a ledger to which a reference field of the rows leads.
fn referred(
    reader: &Reader<'_>,
    ledger: &str,
    by: Option<&str>,
    rows: &[Record],
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let Some(by) = by else { return Ok(Vec::new()) };
    let ids = rows.iter().filter_map(|row| row.reference(by).cloned()).collect();
    get_some(reader, ledger, ids, limit)
}

fn get_some(
    reader: &Reader<'_>,
    ledger: &str,
    ids: BTreeSet<RecordId>,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<RecordId> = ids.into_iter().take(limit).collect();
    Ok(reader.get_many(ledger, &ids)?.into_values().collect())
}
