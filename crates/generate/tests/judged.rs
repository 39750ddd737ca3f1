//! Generated records as rows of the plain interpreter.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use taizhang_codebook::{Codebook, RelationKind};
use taizhang_generate::{Cell as Made, Plan, Record, Truth, records};
use taizhang_rules::{Cell, Context, Outcome, RowId, Rows, judge};

/// One thing found or planted: rule, ledger, record.
pub type Hit = (String, String, i64);

type Index = Rc<HashMap<String, Vec<usize>>>;

/// All records of a plan in memory.
pub struct World<'a> {
    codebook: &'a Codebook,
    records: Vec<Record>,
    ids: HashMap<String, HashMap<i64, usize>>,
    by_field: RefCell<HashMap<(String, Vec<String>), Index>>,
}

impl<'a> World<'a> {
    pub fn new(codebook: &'a Codebook, plan: &Plan) -> (Self, Vec<Truth>) {
        let mut all = Vec::new();
        let truth = records(plan, |record| {
            all.push(record.clone());
            Ok::<(), ()>(())
        })
        .unwrap();
        let mut ids: HashMap<String, HashMap<i64, usize>> = HashMap::new();
        for (place, record) in all.iter().enumerate() {
            ids.entry(record.ledger.to_owned()).or_default().insert(record.id, place);
        }
        (Self { codebook, records: all, ids, by_field: RefCell::default() }, truth)
    }

    /// Rows of a ledger by their values of some fields.
    fn index(&self, ledger: &str, fields: &[String]) -> Index {
        let key = (ledger.to_owned(), fields.to_vec());
        if let Some(index) = self.by_field.borrow().get(&key) {
            return index.clone();
        }
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, record) in self.records.iter().enumerate().filter(|(_, r)| r.ledger == ledger) {
            if let Some(key) = key_of(record, fields) {
                index.entry(key).or_default().push(place);
            }
        }
        let index = Rc::new(index);
        self.by_field.borrow_mut().insert(key, index.clone());
        index
    }

    fn record(&self, row: RowId) -> &Record {
        &self.records[usize::try_from(row.0).unwrap()]
    }

    /// Everything that the rules find.
    pub fn hits(&self, rules: &[taizhang_rules::Rule], as_of: taizhang_values::Date) -> Vec<Hit> {
        let context = Context::new(self.codebook, as_of);
        let mut by_ledger: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, record) in self.records.iter().enumerate() {
            by_ledger.entry(record.ledger).or_default().push(place);
        }
        let mut hits = Vec::new();
        for rule in rules {
            for place in by_ledger.get(rule.ledger.as_str()).into_iter().flatten() {
                let row = RowId(u64::try_from(*place).unwrap());
                if judge(rule, row, self, &context).outcome == Outcome::Violates {
                    hits.push((rule.code.clone(), rule.ledger.clone(), self.records[*place].id));
                }
            }
        }
        hits
    }

    /// A record's fields, for messages about what went wrong.
    pub fn show(&self, ledger: &str, id: i64) -> String {
        let found = self.records.iter().find(|r| r.ledger == ledger && r.id == id);
        found.map_or_else(String::new, |record| format!("{:?}", record.fields))
    }
}

fn key_of(record: &Record, fields: &[String]) -> Option<String> {
    let mut key = String::new();
    for field in fields {
        let part = match (field.as_str(), record.get(field)) {
            ("id", _) => record.id.to_string(),
            ("region", _) => record.region.to_string(),
            (_, Made::Missing) => return None,
            (_, Made::Text(text)) if text.trim().is_empty() => return None,
            (_, Made::Number(number)) => number.text().to_uppercase().chars().take(18).collect(),
            (_, Made::Text(text)) => text.to_string(),
            (_, Made::Id(id)) => id.to_string(),
            (_, other) => format!("{other:?}"),
        };
        key.push_str(&part);
        key.push('\u{1f}');
    }
    Some(key)
}

fn cell(made: &Made) -> Cell<'_> {
    match made {
        Made::Missing => Cell::Missing,
        Made::Flag(flag) => Cell::Boolean(*flag),
        Made::Whole(number) => Cell::Integer(*number),
        Made::Decimal(number) => Cell::Decimal(*number as f64 / 10_000.0),
        Made::Day(day) => {
            let (year, month, day) = day.parts();
            let date = taizhang_values::parse_date(&format!("{year:04}-{month:02}-{day:02}"));
            date.map_or(Cell::Missing, Cell::Date)
        }
        Made::Text(text) => Cell::Text(Cow::Borrowed(text)),
        Made::List(items) => {
            Cell::List(Cow::Owned(items.iter().map(|item| (*item).to_owned()).collect()))
        }
        Made::Id(id) => Cell::Text(Cow::Owned(id.to_string())),
        Made::Number(number) => Cell::Text(Cow::Borrowed(number.text())),
    }
}

impl Rows for World<'_> {
    fn field(&self, row: RowId, field: &str) -> Cell<'_> {
        let record = self.record(row);
        match field {
            "id" => Cell::Text(Cow::Owned(record.id.to_string())),
            "region" => Cell::Text(Cow::Owned(record.region.to_string())),
            _ => cell(record.get(field)),
        }
    }

    fn one(&self, row: RowId, field: &str) -> Option<RowId> {
        let record = self.record(row);
        let ledger = self.codebook.ledgers.get(record.ledger)?.field(field)?.ledger.clone()?;
        let Made::Id(id) = record.get(field) else {
            return None;
        };
        let place = self.ids.get(&ledger)?.get(id)?;
        Some(RowId(*place as u64))
    }

    fn many(&self, row: RowId, relation: &str) -> Vec<RowId> {
        let record = self.record(row);
        let Some(found) = self.codebook.ledgers[record.ledger].relation(relation) else {
            return Vec::new();
        };
        let rows = |ledger: &str, fields: &[String], key: Option<String>| -> Vec<usize> {
            let index = self.index(ledger, fields);
            key.and_then(|key| index.get(&key).cloned()).unwrap_or_default()
        };
        let places = match &found.kind {
            RelationKind::Many => {
                let by = found.by.clone().unwrap_or_default();
                rows(&found.ledger, &[by], Some(format!("{}\u{1f}", record.id)))
            }
            RelationKind::Key { on, through } => {
                let own: Vec<String> = on.iter().map(|(own, _)| own.clone()).collect();
                let other: Vec<String> = on.iter().map(|(_, other)| other.clone()).collect();
                let holders: Vec<RowId> = match through {
                    Some(through) => self.many(row, through),
                    None => vec![row],
                };
                let mut places: Vec<usize> = holders
                    .iter()
                    .flat_map(|holder| {
                        let key = key_of(self.record(*holder), &own);
                        rows(&found.ledger, &other, key)
                    })
                    .filter(|place| RowId(*place as u64) != row)
                    .collect();
                places.sort_unstable();
                places.dedup();
                places
            }
            RelationKind::Links => {
                let own = self.record(row).links.iter();
                let ids = own.filter(|(name, _)| *name == relation).map(|(_, id)| id);
                ids.filter_map(|id| self.ids.get(&found.ledger)?.get(id).copied()).collect()
            }
            RelationKind::One => Vec::new(),
        };
        places.into_iter().map(|place| RowId(place as u64)).collect()
    }

    fn same(&self, row: RowId, fields: &[String]) -> Option<Vec<RowId>> {
        let record = self.record(row);
        let key = key_of(record, fields)?;
        let index = self.index(record.ledger, fields);
        let places = index.get(&key)?;
        Some(places.iter().map(|p| RowId(*p as u64)).filter(|other| *other != row).collect())
    }
}
