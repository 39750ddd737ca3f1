//! Records of the store as rules see them. Rows are read when a rule first asks for them; the
//! ledgers of a household come whole, one question each.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use taizhang_codebook::{Codebook, Field, FieldType, Relation, RelationKind};
use taizhang_rules::{Cell, RowId, Rows};
use taizhang_store::{Filter, Query, Questions, Reader, Record, StoreError};
use taizhang_values::{RecordId, Value, fold_number};

/// The ledger in whose trees other ledgers nest.
pub(super) const ROOT: &str = "household";

/// Records read at a time.
const PAGE: usize = 1000;

/// Rows of the store, held as long as one judgement lasts. Made inside
/// [`Reader::for_judging`], so that sealed fields are there in clear.
pub(super) struct StoreRows<'r, 'a> {
    reader: &'r Reader<'a>,
    codebook: &'r Codebook,
    memory: RefCell<Memory>,
}

/// A ledger, and fields with the values by which a row meets its rows.
pub(super) type Meeting<'l> = (&'l str, Vec<(String, Vec<Value>)>);

/// A question for rows by their keys: ledger, and fields with the values that they may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Met {
    ledger: String,
    parts: Vec<(String, Vec<String>)>,
}

/// Questions for rows of one ledger by the same fields, asked as one: with all the values of each
/// field. Which rows answer which of them is told apart afterwards.
struct Joined<'l> {
    ledger: &'l str,
    parts: Vec<(String, Vec<Value>)>,
    keys: Vec<Met>,
}

impl Joined<'_> {
    /// True if a question may join in. Values that may be written in several ways are left to the
    /// store.
    fn takes(&self, ledger: &str, parts: &[(String, Vec<Value>)]) -> bool {
        let is_plain = |value: &Value| {
            matches!(
                value,
                Value::Text(_) | Value::Reference(_) | Value::Integer(_) | Value::Date(_)
            )
        };
        let fields = |parts: &[(String, Vec<Value>)]| -> Vec<String> {
            parts.iter().map(|(field, _)| field.clone()).collect()
        };
        let are_plain = |parts: &[(String, Vec<Value>)]| {
            parts.iter().flat_map(|(_, values)| values).all(is_plain)
        };
        self.ledger == ledger
            && fields(&self.parts) == fields(parts)
            && are_plain(&self.parts)
            && are_plain(parts)
    }

    fn join(&mut self, key: Met, parts: Vec<(String, Vec<Value>)>) {
        for ((_, all), (_, values)) in self.parts.iter_mut().zip(parts) {
            for value in values {
                if !all.contains(&value) {
                    all.push(value);
                }
            }
        }
        self.keys.push(key);
    }
}

#[derive(Default)]
struct Memory {
    records: Vec<Rc<Record>>,
    places: HashMap<(String, RecordId), usize>,
    /// Rows of a relation by row and name.
    many: HashMap<(usize, String), Vec<usize>>,
    /// Rows of a nested ledger by its root record.
    trees: HashMap<(String, RecordId), Vec<usize>>,
    /// Rows that are met by keys, by what was asked.
    met: HashMap<Met, Vec<usize>>,
    /// Values of which a ledger's field is known to hold none: ledger, field, value as text.
    absent: HashSet<(String, String, String)>,
    /// The first thing that went wrong with the database.
    fault: Option<StoreError>,
}

impl Memory {
    fn add(&mut self, record: Record) -> usize {
        let key = (record.ledger.clone(), record.id.clone());
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        self.records.push(Rc::new(record));
        let place = self.records.len() - 1;
        self.places.insert(key, place);
        place
    }
}

impl<'r, 'a> StoreRows<'r, 'a> {
    pub(super) fn new(reader: &'r Reader<'a>, codebook: &'r Codebook) -> Self {
        Self { reader, codebook, memory: RefCell::default() }
    }

    /// What the database could not answer, if anything: the judgement is void then.
    pub(super) fn fault(&self) -> Option<StoreError> {
        self.memory.borrow_mut().fault.take()
    }

    /// Takes a record in.
    pub(super) fn add(&self, record: Record) -> RowId {
        row_id(self.memory.borrow_mut().add(record))
    }

    /// A record that was read.
    pub(super) fn record(&self, row: RowId) -> Option<Rc<Record>> {
        self.memory.borrow().records.get(place(row)).cloned()
    }

    /// A record by ledger and id, read if it was not yet.
    pub(super) fn row(&self, ledger: &str, id: &RecordId) -> Option<RowId> {
        self.load(ledger, id).map(row_id)
    }

    /// True if a record was read.
    pub(super) fn has(&self, ledger: &str, id: &RecordId) -> bool {
        self.memory.borrow().places.contains_key(&(ledger.to_owned(), id.clone()))
    }

    /// All rows of a nested ledger that belong to a root record.
    pub(super) fn nested(&self, ledger: &str, root: &RecordId) -> Vec<RowId> {
        self.tree(ledger, root).into_iter().map(row_id).collect()
    }

    fn tree(&self, ledger: &str, root: &RecordId) -> Vec<usize> {
        let key = (ledger.to_owned(), root.clone());
        if let Some(known) = self.memory.borrow().trees.get(&key) {
            return known.clone();
        }
        let places = self.query(ledger, Filter::eq(ROOT, root));
        self.memory.borrow_mut().trees.insert(key, places.clone());
        places
    }

    /// Notes that a household has no rows in a ledger.
    pub(super) fn note_empty(&self, ledger: &str, root: &RecordId) {
        let key = (ledger.to_owned(), root.clone());
        self.memory.borrow_mut().trees.insert(key, Vec::new());
    }

    /// Notes that no record of a ledger holds one of these values in a field.
    pub(super) fn note_absent(&self, (ledger, field): &(String, String), values: &[Value]) {
        let absent = values.iter().map(|value| (ledger.clone(), field.clone(), value.to_string()));
        self.memory.borrow_mut().absent.extend(absent);
    }

    /// True if a ledger's field is known to hold none of the values.
    fn is_absent(&self, ledger: &str, field: &str, values: &[Value]) -> bool {
        let memory = self.memory.borrow();
        !memory.absent.is_empty()
            && values.iter().all(|value| {
                let key = (ledger.to_owned(), field.to_owned(), value.to_string());
                memory.absent.contains(&key)
            })
    }

    /// The values by which a record is met in a field; none if it is missing.
    pub(super) fn key_of(&self, record: &Record, field: &str) -> Option<Vec<Value>> {
        let value = self.key_value(record, field)?;
        Some(alike(self.codebook, record, field, value))
    }

    /// Reads ledgers of households' trees, all at once: of each ledger one question.
    pub(super) fn read_trees(&self, ledgers: &[&str], roots: &[&RecordId]) {
        let asked = ledgers.iter().map(|ledger| (*ledger, of_roots(roots))).collect();
        let (found, _) = self.query_each(asked, Vec::new());
        let mut memory = self.memory.borrow_mut();
        for (ledger, places) in ledgers.iter().zip(found) {
            for root in roots {
                let key = ((*ledger).to_owned(), (*root).clone());
                memory.trees.insert(key, Vec::new());
            }
            for place in places {
                let root = memory.records.get(place).and_then(|row| row.reference(ROOT).cloned());
                let tree =
                    root.and_then(|root| memory.trees.get_mut(&((*ledger).to_owned(), root)));
                if let Some(tree) = tree {
                    tree.push(place);
                }
            }
        }
    }

    /// Reads rows that are met by fields, and others by filters, and asks of each question of some
    /// groups whether any record answers it; all do where the database failed.
    pub(super) fn any_and_met(
        &self,
        groups: Vec<Vec<(&str, Filter)>>,
        met_by: Vec<Meeting<'_>>,
        others: Vec<(&str, Filter)>,
    ) -> Vec<Vec<bool>> {
        let mut joined: Vec<Joined<'_>> = Vec::new();
        for (ledger, parts) in met_by {
            let key = met(ledger, &parts);
            let is_asked = joined.iter().any(|one| one.keys.contains(&key));
            if is_asked || self.memory.borrow().met.contains_key(&key) {
                continue;
            }
            match joined.iter_mut().find(|one| one.takes(ledger, &parts)) {
                Some(one) => one.join(key, parts),
                None => joined.push(Joined { ledger, parts, keys: vec![key] }),
            }
        }
        let filter = |one: &Joined<'_>| alike_filter(one.parts.iter().cloned());
        let asked = joined.iter().map(|one| (one.ledger, filter(one)));
        let asked = asked.chain(others).collect();
        let (found, answers) = self.query_each(asked, groups);
        for (one, places) in joined.into_iter().zip(found) {
            self.keep_met(one.keys, &places);
        }
        answers
    }

    /// Keeps which rows answer questions that were asked as one: each row's values are brought
    /// into the form that they are met by once, not for each question.
    fn keep_met(&self, keys: Vec<Met>, places: &[usize]) {
        let mut memory = self.memory.borrow_mut();
        let keys = match <[Met; 1]>::try_from(keys) {
            Ok([key]) => {
                memory.met.insert(key, places.to_vec());
                return;
            }
            Err(keys) => keys,
        };
        let Some(first) = keys.first() else { return };
        let fields: Vec<(&str, Option<&Field>)> = first
            .parts
            .iter()
            .map(|(name, _)| (name.as_str(), self.codebook.field(&first.ledger, name)))
            .collect();
        let own_forms = |row: &Record| -> Option<Vec<String>> {
            let form = |(name, field): &(&str, Option<&Field>)| {
                form_of(*field, &self.key_value(row, name)?.to_string())
            };
            fields.iter().map(form).collect()
        };
        let rows: Vec<(usize, Vec<String>)> = places
            .iter()
            .filter_map(|place| Some((*place, own_forms(memory.records.get(*place)?)?)))
            .collect();
        let mut found = Vec::with_capacity(keys.len());
        for key in &keys {
            let asked = key.parts.iter().zip(&fields).map(|((_, values), (_, field))| {
                values.iter().filter_map(|value| form_of(*field, value)).collect()
            });
            let asked: Vec<Vec<String>> = asked.collect();
            let answers = |own: &[String]| own.iter().zip(&asked).all(|(own, of)| of.contains(own));
            let own = rows.iter().filter(|(_, own)| answers(own)).map(|(place, _)| *place);
            found.push(own.collect::<Vec<usize>>());
        }
        memory.met.extend(keys.into_iter().zip(found));
    }

    /// The rows of a ledger whose fields have one of their values each.
    fn met_by(&self, ledger: &str, parts: Vec<(String, Vec<Value>)>) -> Vec<usize> {
        let key = met(ledger, &parts);
        if let Some(known) = self.memory.borrow().met.get(&key) {
            return known.clone();
        }
        let places = self.query(ledger, alike_filter(parts));
        self.memory.borrow_mut().met.insert(key, places.clone());
        places
    }

    /// [`StoreRows::query`] for questions that do not depend on each other, and groups of
    /// questions whether there is anything.
    fn query_each(
        &self,
        asked: Vec<(&str, Filter)>,
        any: Vec<Vec<(&str, Filter)>>,
    ) -> (Vec<Vec<usize>>, Vec<Vec<bool>>) {
        let query = |(ledger, filter): &(&str, Filter)| {
            Query::new(ledger).filter(filter.clone()).limit(PAGE)
        };
        let lists: Vec<Query> = asked.iter().map(query).collect();
        let questions = Questions { any, lists, ..Questions::default() };
        let answers = match self.reader.ask(&questions) {
            Ok(answers) => answers,
            Err(fault) => {
                self.memory.borrow_mut().fault.get_or_insert(fault);
                let all = questions.any.iter().map(|group| vec![true; group.len()]);
                return (vec![Vec::new(); asked.len()], all.collect());
            }
        };
        let mut found = Vec::with_capacity(asked.len());
        for (page, (ledger, filter)) in answers.lists.into_iter().zip(asked) {
            if page.next.is_some() {
                found.push(self.query(ledger, filter));
                continue;
            }
            let mut memory = self.memory.borrow_mut();
            found.push(page.records.into_iter().map(|record| memory.add(record)).collect());
        }
        (found, answers.any)
    }

    /// Every record of a ledger that passes the filter.
    fn query(&self, ledger: &str, filter: Filter) -> Vec<usize> {
        let query = Query::new(ledger).filter(filter).limit(PAGE);
        let mut places = Vec::new();
        let mut after = None;
        loop {
            let page = match self.reader.list(&query.clone().after(after)) {
                Ok(page) => page,
                Err(fault) => {
                    self.memory.borrow_mut().fault.get_or_insert(fault);
                    return places;
                }
            };
            let mut memory = self.memory.borrow_mut();
            places.extend(page.records.into_iter().map(|record| memory.add(record)));
            after = page.next;
            if after.is_none() {
                return places;
            }
        }
    }

    fn load(&self, ledger: &str, id: &RecordId) -> Option<usize> {
        let key = (ledger.to_owned(), id.clone());
        if let Some(known) = self.memory.borrow().places.get(&key) {
            return Some(*known);
        }
        match self.reader.get(ledger, id) {
            Ok(record) => record.map(|record| self.memory.borrow_mut().add(record)),
            Err(fault) => {
                self.memory.borrow_mut().fault.get_or_insert(fault);
                None
            }
        }
    }

    fn related(&self, own: &Record, relation: &Relation) -> Vec<usize> {
        match &relation.kind {
            RelationKind::One => Vec::new(),
            RelationKind::Links => match self.reader.linked(&own.ledger, &relation.name, &own.id) {
                Ok(ids) => ids.iter().filter_map(|id| self.load(&relation.ledger, id)).collect(),
                Err(fault) => {
                    self.memory.borrow_mut().fault.get_or_insert(fault);
                    Vec::new()
                }
            },
            RelationKind::Many => self.children(own, relation),
            RelationKind::Key { on, through } => self.by_key(own, relation, on, through.as_deref()),
        }
    }

    /// Rows that refer to this one; those of the same household are all read at once.
    fn children(&self, own: &Record, relation: &Relation) -> Vec<usize> {
        let Some(by) = relation.by.as_deref() else { return Vec::new() };
        // As a full run takes them.
        let is_inner =
            relation.ledger != ROOT && self.codebook.stays_in_tree(ROOT, &relation.ledger, by);
        // A post, a village group or a water scheme has rows in many households.
        let Some(root) = home(own).filter(|_| is_inner) else {
            return self.query(&relation.ledger, Filter::eq(by, &own.id));
        };
        let mut rows = self.tree(&relation.ledger, root);
        if own.ledger != ROOT {
            let memory = self.memory.borrow();
            rows.retain(|row| {
                memory.records.get(*row).is_some_and(|row| row.reference(by) == Some(&own.id))
            });
        }
        rows
    }

    fn by_key(
        &self,
        own: &Record,
        relation: &Relation,
        on: &[(String, String)],
        through: Option<&str>,
    ) -> Vec<usize> {
        let sources: Vec<Rc<Record>> = match through {
            None => vec![Rc::new(own.clone())],
            Some(name) => {
                let inner = self.codebook.ledger(&own.ledger).and_then(|l| l.relation(name));
                let rows = inner.map(|inner| self.related(own, inner)).unwrap_or_default();
                let memory = self.memory.borrow();
                rows.into_iter().filter_map(|row| memory.records.get(row).cloned()).collect()
            }
        };
        let mut found: Vec<usize> = Vec::new();
        for source in sources {
            let parts: Option<Vec<(String, Vec<Value>)>> = on
                .iter()
                .map(|(mine, theirs)| Some((theirs.clone(), self.key_of(&source, mine)?)))
                .collect();
            let Some(parts) = parts else { continue };
            let ledger = relation.ledger.as_str();
            if parts.iter().any(|(field, values)| self.is_absent(ledger, field, values)) {
                continue;
            }
            for row in self.met_by(ledger, parts) {
                let is_self = self
                    .record(row_id(row))
                    .is_some_and(|row| row.id == source.id && row.ledger == source.ledger);
                if !is_self && !found.contains(&row) {
                    found.push(row);
                }
            }
        }
        found
    }

    /// The value of a key field; none if it is missing.
    fn key_value(&self, record: &Record, field: &str) -> Option<Value> {
        let value = match field {
            "id" => Value::Text(record.id.to_string()),
            "region" => Value::Text(record.region.as_ref()?.to_string()),
            _ => record.get(field).clone(),
        };
        (!value.is_empty()).then_some(value)
    }
}

impl Rows for StoreRows<'_, '_> {
    fn field(&self, row: RowId, field: &str) -> Cell<'_> {
        let Some(record) = self.record(row) else { return Cell::Missing };
        let text = |text: String| Cell::Text(Cow::Owned(text));
        match field {
            "id" => text(record.id.to_string()),
            "region" => record.region.as_ref().map_or(Cell::Missing, |code| text(code.to_string())),
            "state" => record.state.clone().map_or(Cell::Missing, text),
            "created_at" => Cell::Instant(record.created_at),
            "updated_at" => Cell::Instant(record.updated_at),
            _ => cell(record.get(field)),
        }
    }

    fn one(&self, row: RowId, field: &str) -> Option<RowId> {
        let record = self.record(row)?;
        let id = record.reference(field)?;
        let ledger = self.codebook.field(&record.ledger, field)?.ledger.clone()?;
        let found = self.load(&ledger, id).map(row_id)?;
        // As in a full run: what lies in another household is no row of this one.
        if ledger == ROOT || !self.codebook.stays_in_tree(ROOT, &record.ledger, field) {
            return Some(found);
        }
        let target = self.record(found)?;
        (target.reference(ROOT) == home(&record)).then_some(found)
    }

    fn many(&self, row: RowId, relation: &str) -> Vec<RowId> {
        let key = (place(row), relation.to_owned());
        if let Some(known) = self.memory.borrow().many.get(&key) {
            return known.iter().copied().map(row_id).collect();
        }
        let Some(record) = self.record(row) else { return Vec::new() };
        let Some(relation) =
            self.codebook.ledger(&record.ledger).and_then(|l| l.relation(relation))
        else {
            return Vec::new();
        };
        let rows = self.related(&record, relation);
        self.memory.borrow_mut().many.insert(key, rows.clone());
        rows.into_iter().map(row_id).collect()
    }

    fn same(&self, row: RowId, fields: &[String]) -> Option<Vec<RowId>> {
        let record = self.record(row)?;
        let mut parts = Vec::new();
        for field in fields {
            let value = self.key_value(&record, field)?;
            parts.push((field.clone(), alike(self.codebook, &record, field, value)));
        }
        let rows = self.met_by(&record.ledger, parts);
        Some(rows.into_iter().map(row_id).filter(|other| *other != row).collect())
    }
}

fn cell(value: &Value) -> Cell<'static> {
    match value {
        Value::Null => Cell::Missing,
        Value::Text(text) => Cell::Text(Cow::Owned(text.clone())),
        Value::Integer(number) => Cell::Integer(*number),
        Value::Decimal(number) => Cell::Decimal(number.to_f64()),
        Value::Money(money) => Cell::Integer(money.fen()),
        Value::Boolean(truth) => Cell::Boolean(*truth),
        Value::Date(date) => Cell::Date(*date),
        Value::Instant(instant) => Cell::Instant(*instant),
        Value::Reference(id) => Cell::Text(Cow::Owned(id.to_string())),
        Value::List(items) => Cell::List(Cow::Owned(items.clone())),
    }
}

fn met(ledger: &str, parts: &[(String, Vec<Value>)]) -> Met {
    let texts = |values: &[Value]| values.iter().map(ToString::to_string).collect();
    let parts = parts.iter().map(|(field, values)| (field.clone(), texts(values)));
    Met { ledger: ledger.to_owned(), parts: parts.collect() }
}

/// The values that meet this one: a certificate's number meets its holder's.
pub(super) fn alike(codebook: &Codebook, record: &Record, field: &str, value: Value) -> Vec<Value> {
    let is_sealed = codebook.field(&record.ledger, field);
    let is_sealed = is_sealed.is_some_and(|field| field.sensitive.is_some());
    let holder: Option<String> =
        value.as_text().filter(|_| is_sealed).map(fold_number).and_then(|number| {
            let holder = taizhang_values::holder_part(&number);
            (holder.len() < number.len()).then(|| holder.to_owned())
        });
    let mut values = vec![value];
    values.extend(holder.map(Value::Text));
    values
}

/// The household of a record: itself if it is one.
fn home(record: &Record) -> Option<&RecordId> {
    if record.ledger == ROOT { Some(&record.id) } else { record.reference(ROOT) }
}

/// The form of a value in which the store takes it for another one of a field; none for what is no
/// value of such a field.
fn form_of(field: Option<&Field>, value: &str) -> Option<String> {
    match field {
        Some(field) if field.sensitive.is_some() => Some(fold_number(value)),
        Some(Field { field_type: FieldType::Month, .. }) => value.get(..7).map(str::to_owned),
        Some(Field { field_type: FieldType::Reference, .. }) => {
            RecordId::parse(value).map(|id| id.to_string())
        }
        _ => Some(value.to_owned()),
    }
}

/// The filter for what belongs to one of some households.
pub(super) fn of_roots(roots: &[&RecordId]) -> Filter {
    match roots {
        [root] => Filter::eq(ROOT, *root),
        _ => Filter::In(ROOT.to_owned(), roots.iter().map(|root| Value::from(*root)).collect()),
    }
}

fn alike_filter(parts: impl IntoIterator<Item = (String, Vec<Value>)>) -> Filter {
    Filter::And(parts.into_iter().map(|(field, values)| Filter::In(field, values)).collect())
}

fn row_id(place: usize) -> RowId {
    RowId(u64::try_from(place).unwrap_or(u64::MAX))
}

fn place(row: RowId) -> usize {
    usize::try_from(row.0).unwrap_or(usize::MAX)
}
