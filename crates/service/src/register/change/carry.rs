//! Carrying an operation out: every record it changes is changed as by hand, with its history, and
//! noted, so that the whole can be taken back.

use super::ChangeKind;
use super::facts::Facts;
use crate::doubts::{DOUBT, status};
use crate::register::save::ROOT;
use crate::{Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::FieldType;
use taizhang_store::{
    Change, Filter, NewRecord, Query, Reader, Record, StoreError, Touched, Values, Writer,
};
use taizhang_values::{RecordId, RegionCode, Value};

/// Records read at a time.
const PAGE: usize = 1000;
/// Fields that a new household has from the one it came from.
const INHERITED: [&str; 4] = ["village_group", "household_type", "registered_on", "lifted_year"];

/// One operation under way.
pub(super) struct Carrier<'s, 'w, 'a> {
    service: &'s Service,
    writer: &'w Writer<'a>,
    /// The operation's own record.
    change: RecordId,
    /// Versions before and after, by record; 0 before for one that was made.
    written: BTreeMap<(String, RecordId), (i64, i64)>,
    /// Records that came to another household.
    moved: Vec<String>,
}

impl<'s, 'w, 'a> Carrier<'s, 'w, 'a> {
    pub(super) fn new(service: &'s Service, writer: &'w Writer<'a>, change: &RecordId) -> Self {
        let change = change.clone();
        Self { service, writer, change, written: BTreeMap::new(), moved: Vec::new() }
    }

    /// `ledger id before after`, a line a record.
    pub(super) fn written(&self) -> Vec<String> {
        let line = |((ledger, id), (before, after)): (&(String, RecordId), &(i64, i64))| {
            format!("{ledger} {id} {before} {after}")
        };
        self.written.iter().map(line).collect()
    }

    /// The same, for judging.
    pub(super) fn touched(&self) -> Vec<Touched> {
        let one = |((ledger, id), (before, _)): (&(String, RecordId), &(i64, i64))| Touched {
            ledger: ledger.clone(),
            id: id.clone(),
            before: Some(*before),
        };
        self.written.iter().map(one).collect()
    }

    fn note(&mut self, record: &Record, before: i64) {
        let key = (record.ledger.clone(), record.id.clone());
        let versions = self.written.entry(key).or_insert((before, record.version));
        versions.1 = record.version;
    }

    fn update(&mut self, record: &Record, change: Change) -> Result<Record, StoreError> {
        let after = self.writer.update(&record.ledger, &record.id, record.version, change)?;
        if after.version != record.version {
            self.note(&after, record.version);
        }
        Ok(after)
    }

    fn set(&mut self, record: &Record, values: Values) -> Result<Record, StoreError> {
        self.update(record, Change { values, ..Change::default() })
    }

    fn insert(
        &mut self,
        ledger: &str,
        region: Option<RegionCode>,
        values: Values,
    ) -> Result<Record, StoreError> {
        let new = NewRecord { region, values, ..NewRecord::default() };
        let made = self.writer.insert(ledger, new)?;
        self.note(&made, 0);
        Ok(made)
    }

    /// Carries it out; gives what the change's own record learns from it.
    pub(super) fn carry(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        match facts.kind {
            ChangeKind::Split => self.split(facts, values),
            ChangeKind::Merge => self.merge(facts),
            ChangeKind::Move => self.go(facts, values),
            ChangeKind::End => self.end(facts, values),
            ChangeKind::Join => self.join(facts, values),
            ChangeKind::Leave => self.leave(facts, values),
        }
    }

    fn split(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        let own = |field: &str| values.get(field).cloned().unwrap_or_default();
        let head = facts.chosen.iter().find(|c| facts.head.as_ref() == Some(&c.person.id));
        let old = &facts.household;
        let mut made = Values::from([
            ("household_no".to_owned(), own("other_number")),
            ("head_name".to_owned(), head.map_or(Value::Null, |c| c.person.get("name").clone())),
            ("address".to_owned(), own("address")),
            ("is_active".to_owned(), true.into()),
            ("origin".to_owned(), "split".into()),
            ("predecessor".to_owned(), (&old.id).into()),
            ("joined_on".to_owned(), facts.on.into()),
            ("split_on".to_owned(), facts.on.into()),
            ("population".to_owned(), count(facts.chosen.len())),
        ]);
        for field in INHERITED {
            made.insert(field.to_owned(), old.get(field).clone());
        }
        let made = self.insert(ROOT, old.region.clone(), made)?;
        self.bring(facts, &made, "split")?;
        let mut left = Values::from([("split_on".to_owned(), facts.on.into())]);
        left.extend(population(old, -signed(facts.chosen.len())));
        self.set(old, left)?;
        Ok(Values::from([("other_household".to_owned(), (&made.id).into())]))
    }

    fn merge(&mut self, facts: &Facts) -> Result<Values, ServiceError> {
        let other = facts.other.as_ref().ok_or(ServiceError::NotFound)?;
        self.bring(facts, other, "merged")?;
        self.set(other, population(other, signed(facts.chosen.len())))?;
        let ended = Values::from([
            ("merged_into".to_owned(), (&other.id).into()),
            ("ended_on".to_owned(), facts.on.into()),
            ("end_reason".to_owned(), "merged".into()),
            ("is_active".to_owned(), false.into()),
        ]);
        self.set(&facts.household, ended)?;
        Ok(persons(facts))
    }

    /// The household with all that belongs to it goes to another village.
    fn go(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        let region = facts.region.clone().ok_or(ServiceError::NotFound)?;
        let id = &facts.household.id;
        let group = values.get("village_group").cloned().unwrap_or_default();
        let mut changed = Values::from([("village_group".to_owned(), group)]);
        if let Some(address) = values.get("address").filter(|address| !address.is_empty()) {
            changed.insert("address".to_owned(), address.clone());
        }
        let change = Change { region: Some(region.clone()), values: changed, ..Change::default() };
        self.update(&facts.household, change)?;
        let there = || Change { region: Some(region.clone()), ..Change::default() };
        for ledger in nested_ledgers(self.service) {
            for record in all(self.writer, &ledger, Filter::eq(ROOT, id))? {
                if record.id != self.change {
                    self.update(&record, there())?;
                }
            }
        }
        // Work that waits goes with it; it is no part of the register and is not taken back.
        let open = Filter::Not(Box::new(Filter::eq("doubt_status", status::CLOSED)));
        let waiting = [(DOUBT, open), ("proposal", Filter::eq("proposal_status", "pending"))];
        for (ledger, filter) in waiting {
            for record in all(self.writer, ledger, Filter::eq(ROOT, id).and(filter))? {
                self.writer.update(ledger, &record.id, record.version, there())?;
            }
        }
        Ok(Values::new())
    }

    fn end(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        let reason = values.get("end_reason").cloned().unwrap_or_default();
        let left_reason = match reason.as_text() {
            Some("died_out") => "died",
            Some("moved_out") => "moved_out",
            Some("wrong_entry") => "wrong_entry",
            _ => "removed",
        };
        let known = self.service.codebook().code_label("left_reason", left_reason).is_some();
        let left_reason: Value = if known { left_reason.into() } else { Value::Null };
        for chosen in &facts.chosen {
            self.set(&chosen.person, gone(facts, &left_reason))?;
        }
        let ended = Values::from([
            ("ended_on".to_owned(), facts.on.into()),
            ("end_reason".to_owned(), reason),
            ("is_active".to_owned(), false.into()),
        ]);
        self.set(&facts.household, ended)?;
        Ok(persons(facts))
    }

    fn join(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        let own = |field: &str| values.get(field).cloned().unwrap_or_default();
        let person = Values::from([
            (ROOT.to_owned(), (&facts.household.id).into()),
            ("name".to_owned(), own("person_name")),
            ("id_number".to_owned(), own("person_id_number")),
            ("sex".to_owned(), own("person_sex")),
            ("birth_date".to_owned(), own("person_birth_date")),
            ("relation_to_head".to_owned(), own("person_relation")),
            ("is_active".to_owned(), true.into()),
            ("joined_on".to_owned(), facts.on.into()),
            ("join_reason".to_owned(), own("join_reason")),
        ]);
        let made = self.insert("person", facts.household.region.clone(), person)?;
        self.set(&facts.household, population(&facts.household, 1))?;
        let ids = Value::List(vec![made.id.to_string()]);
        Ok(Values::from([("persons".to_owned(), ids)]))
    }

    fn leave(&mut self, facts: &Facts, values: &Values) -> Result<Values, ServiceError> {
        let reason = values.get("left_reason").cloned().unwrap_or_default();
        match &facts.other {
            Some(other) => {
                let joined = match reason.as_text() {
                    Some("married_out") => "married_in",
                    _ => "moved_in",
                };
                self.bring(facts, other, joined)?;
                self.set(other, population(other, signed(facts.chosen.len())))?;
            }
            None => {
                for chosen in &facts.chosen {
                    self.set(&chosen.person, gone(facts, &reason))?;
                }
            }
        }
        let mut left = population(&facts.household, -signed(facts.chosen.len()));
        let head = facts.staying().find(|member| facts.head.as_ref() == Some(&member.id)).cloned();
        if let (true, Some(head)) = (facts.head_goes(), head) {
            left.insert("head_name".to_owned(), head.get("name").clone());
            let relation = Values::from([("relation_to_head".to_owned(), "head".into())]);
            self.set(&head, relation)?;
        }
        self.set(&facts.household, left)?;
        Ok(Values::new())
    }

    /// Brings the chosen with all that is written of them to another household.
    fn bring(&mut self, facts: &Facts, to: &Record, reason: &str) -> Result<(), ServiceError> {
        let home = || Values::from([(ROOT.to_owned(), Value::from(&to.id))]);
        for chosen in &facts.chosen {
            let is_head =
                facts.kind == ChangeKind::Split && facts.head.as_ref() == Some(&chosen.person.id);
            let relation = if is_head { "head".into() } else { chosen.relation.clone() };
            let mut values = home();
            values.extend([
                ("previous_household".to_owned(), (&facts.household.id).into()),
                ("joined_on".to_owned(), facts.on.into()),
                ("join_reason".to_owned(), reason.into()),
                ("relation_to_head".to_owned(), relation),
            ]);
            let there = |values| Change { region: to.region.clone(), values, ..Change::default() };
            self.update(&chosen.person, there(values))?;
            self.moved.push(chosen.person.id.to_string());
            for (ledger, field) in person_ledgers(self.service) {
                let filter = Filter::eq(&field, &chosen.person.id)
                    .and(Filter::eq(ROOT, &facts.household.id));
                for record in all(self.writer, &ledger, filter)? {
                    self.moved.push(record.id.to_string());
                    self.update(&record, there(home()))?;
                }
            }
        }
        self.service.move_doubts(self.writer, &self.moved, to)
    }
}

impl Service {
    /// Open doubts about records follow them to their household, with what people said of them.
    pub(super) fn move_doubts(
        &self,
        writer: &Writer<'_>,
        subjects: &[String],
        to: &Record,
    ) -> Result<(), ServiceError> {
        if subjects.is_empty() {
            return Ok(());
        }
        let subjects = subjects.iter().map(|id| Value::from(id.as_str())).collect();
        let open = Filter::Not(Box::new(Filter::eq("doubt_status", status::CLOSED)));
        for doubt in all(writer, DOUBT, Filter::In("subject".to_owned(), subjects).and(open))? {
            let values = Values::from([(ROOT.to_owned(), Value::from(&to.id))]);
            let change = Change { region: to.region.clone(), values, ..Change::default() };
            writer.update(DOUBT, &doubt.id, doubt.version, change)?;
        }
        Ok(())
    }
}

/// Every record of a ledger that passes a filter.
pub(super) fn all(
    reader: &Reader<'_>,
    ledger: &str,
    filter: Filter,
) -> Result<Vec<Record>, StoreError> {
    let query = Query::new(ledger).filter(filter).limit(PAGE);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = reader.list(&query.clone().after(after))?;
        found.extend(page.records);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Ledgers whose records belong to a household.
pub(super) fn nested_ledgers(service: &Service) -> BTreeSet<String> {
    let nested = service.codebook().ledgers.values().filter(|l| l.nest.as_deref() == Some(ROOT));
    nested.map(|ledger| ledger.name.clone()).collect()
}

/// Ledgers of a household whose records belong to one of its people, with the field that says whom.
fn person_ledgers(service: &Service) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in nested_ledgers(service) {
        let Some(ledger) = service.codebook().ledger(&name) else { continue };
        let field = ledger.fields.iter().find(|field| {
            field.field_type == FieldType::Reference
                && field.ledger.as_deref() == Some("person")
                && field.name == "person"
        });
        found.extend(field.map(|field| (name.clone(), field.name.clone())));
    }
    found
}

fn gone(facts: &Facts, reason: &Value) -> Values {
    Values::from([
        ("left_on".to_owned(), facts.on.into()),
        ("left_reason".to_owned(), reason.clone()),
        ("is_active".to_owned(), false.into()),
    ])
}

fn persons(facts: &Facts) -> Values {
    let ids = facts.chosen.iter().map(|chosen| chosen.person.id.to_string());
    Values::from([("persons".to_owned(), Value::List(ids.collect()))])
}

/// The stated number of people after some came or went; nothing where none is stated.
fn population(household: &Record, by: i64) -> Values {
    let stated = household.get("population").as_integer();
    stated.map_or_else(Values::new, |stated| {
        Values::from([("population".to_owned(), (stated + by).max(0).into())])
    })
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(people: usize) -> Value {
    signed(people).into()
}
