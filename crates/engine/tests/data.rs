//! Random records of a codebook, for the interpreter and as a snapshot.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use taizhang_codebook::{
    Codebook, Field, FieldType, Ledger, Relation, RelationKind, SensitiveClass,
};
use taizhang_engine::snapshot::{LedgerWriter, LinkWriter, Sensitive};
use taizhang_rules::{Cell, MemoryRows, RowId, example_number, fact_of, ir::Fact};
use taizhang_values::{Date, Decimal, Money, RecordId, Timestamp, Value, days_after, next_random};

/// A small generator of random numbers; the seed is printed by the tests.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        next_random(&mut self.0)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A record.
#[derive(Clone, Debug)]
pub struct Record {
    pub ledger: String,
    pub id: RecordId,
    pub values: BTreeMap<String, Value>,
}

/// Records of all ledgers, with their places by ledger.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub all: Vec<Record>,
    /// Ledger, relation, and the two records of each link.
    pub links: Vec<(String, String, RecordId, RecordId)>,
}

const AS_OF: Date = Date::constant(2026, 11, 22);

impl Records {
    pub fn of(&self, ledger: &str) -> Vec<&Record> {
        self.all.iter().filter(|record| record.ledger == ledger).collect()
    }

    /// Random records: `households` of them and what hangs on them.
    pub fn random(codebook: &Codebook, random: &mut Random, households: usize) -> Self {
        let mut records = Self::default();
        let mut names: Vec<&Ledger> = codebook.ledgers.values().collect();
        // Those that others refer to come first, as far as that goes.
        let depth = |ledger: &Ledger| match (&ledger.nest, ledger.name.as_str()) {
            (_, "household") => 1,
            (None, _) => 0,
            (Some(_), "person") => 2,
            (Some(_), _) => 3,
        };
        names.sort_by_key(|ledger| depth(ledger));
        for ledger in names {
            let count = match ledger.name.as_str() {
                "household" => households,
                "person" => households * 3,
                _ if ledger.nest.is_some() => households,
                _ => households / 2 + 1,
            };
            records.add(codebook, ledger, count, random);
        }
        records.tie(codebook, random);
        records
    }

    /// Adds random records; those they refer to are there already.
    pub fn add(&mut self, codebook: &Codebook, ledger: &Ledger, count: usize, random: &mut Random) {
        for _ in 0..count {
            let record = self.record(codebook, ledger, random);
            self.all.push(record);
        }
    }

    /// Random links of the relations that are kept in link tables.
    pub fn tie(&mut self, codebook: &Codebook, random: &mut Random) {
        for (ledger, relation) in linked(codebook) {
            let others: Vec<RecordId> =
                self.of(&relation.ledger).iter().map(|record| record.id.clone()).collect();
            let own: Vec<RecordId> =
                self.of(&ledger.name).iter().map(|record| record.id.clone()).collect();
            for id in own {
                let mut ends: Vec<&RecordId> =
                    (0..random.below(3)).map(|_| random.pick(&others)).collect();
                ends.sort();
                ends.dedup();
                for other in ends {
                    let (ledger, relation) = (ledger.name.clone(), relation.name.clone());
                    self.links.push((ledger, relation, id.clone(), other.clone()));
                }
            }
        }
    }

    fn record(&self, codebook: &Codebook, ledger: &Ledger, random: &mut Random) -> Record {
        let id = RecordId::from_parts(random.next() >> 24, u128::from(random.next()));
        let mut values = BTreeMap::new();
        let region =
            format!("99010{}10{}00{}", random.below(2), random.below(2), 1 + random.below(2));
        if random.chance(95) {
            values.insert("region".to_owned(), Value::Text(region));
        }
        let fill = 35 + random.below(60);
        for field in &ledger.fields {
            let is_nest = ledger.nest.as_deref() == Some(field.name.as_str());
            if is_nest || random.chance(fill) {
                values.insert(field.name.clone(), value(codebook, field, random, self));
            }
        }
        // Inner references stay within the root record, but for those to the own ledger.
        let tree = |ledger: &Ledger| ledger.field(ledger.nest.as_ref()?)?.ledger.clone();
        if let Some(nest) = &ledger.nest {
            let root = values.get(nest).cloned();
            for field in &ledger.fields {
                let target = field.ledger.as_deref().and_then(|name| codebook.ledger(name));
                let is_inner = |target: &&Ledger| {
                    tree(target).is_some_and(|root| tree(ledger).as_deref() == Some(root.as_str()))
                };
                let Some(inner) = target.filter(is_inner) else { continue };
                if inner.name == ledger.name {
                    continue;
                }
                let own: Vec<&Record> = self
                    .of(&inner.name)
                    .into_iter()
                    .filter(|other| other.values.get(inner.nest.as_ref().unwrap()) == root.as_ref())
                    .collect();
                if own.is_empty() || !random.chance(90) {
                    values.remove(&field.name);
                } else {
                    let other = random.pick(&own).id.clone();
                    values.insert(field.name.clone(), Value::Reference(other));
                }
            }
        }
        Record { ledger: ledger.name.clone(), id, values }
    }

    /// The same records for the interpreter, with the row of each.
    pub fn memory(&self, codebook: &Codebook) -> (MemoryRows, Vec<RowId>) {
        let mut rows = MemoryRows::new(codebook);
        let ids: Vec<RowId> = self.all.iter().map(|record| rows.add(&record.ledger)).collect();
        let places: BTreeMap<&RecordId, RowId> =
            self.all.iter().zip(&ids).map(|(record, row)| (&record.id, *row)).collect();
        for (record, row) in self.all.iter().zip(&ids) {
            for (field, value) in &record.values {
                match value {
                    Value::Reference(id) => {
                        if let Some(to) = places.get(id) {
                            rows.refer(*row, field, *to);
                        }
                    }
                    other => {
                        if let Some(cell) = cell(other) {
                            rows.set(*row, field, cell);
                        }
                    }
                }
            }
        }
        self.link(codebook, &mut rows, &ids);
        for (_, relation, from, to) in &self.links {
            rows.link(places[from], relation, places[to]);
        }
        (rows, ids)
    }

    /// Relations by key, the plain way.
    fn link(&self, codebook: &Codebook, rows: &mut MemoryRows, ids: &[RowId]) {
        for ledger in codebook.ledgers.values() {
            for relation in &ledger.relations {
                let RelationKind::Key { on, through } = &relation.kind else { continue };
                for (place, record) in self.all.iter().enumerate() {
                    if record.ledger != ledger.name {
                        continue;
                    }
                    let middles: Vec<usize> = match through {
                        None => vec![place],
                        Some(name) => {
                            let way = ledger.relation(name).unwrap();
                            let by = way.by.as_ref().unwrap();
                            let here = Value::Reference(record.id.clone());
                            let points = |other: &Record| {
                                other.ledger == way.ledger && other.values.get(by) == Some(&here)
                            };
                            (0..self.all.len()).filter(|i| points(&self.all[*i])).collect()
                        }
                    };
                    for (other_place, other) in self.all.iter().enumerate() {
                        let meets = other.ledger == relation.ledger
                            && middles.iter().any(|middle| {
                                *middle != other_place
                                    && self.meets(codebook, &self.all[*middle], other, on)
                            });
                        if meets {
                            rows.link(ids[place], &relation.name, ids[other_place]);
                        }
                    }
                }
            }
        }
    }

    fn meets(
        &self,
        codebook: &Codebook,
        one: &Record,
        other: &Record,
        on: &[(String, String)],
    ) -> bool {
        on.iter().all(|(own, field)| {
            let class = |record: &Record, name: &str| {
                codebook.field(&record.ledger, name).and_then(|field| field.sensitive)
            };
            let classes = [class(one, own), class(other, field)];
            let key = |record: &Record, name: &str| -> Option<String> {
                let value = record.values.get(name).filter(|value| !value.is_empty())?;
                if classes == [None, None] {
                    return Some(format!("{value:?}"));
                }
                let Cell::Text(text) = fact_of(value.as_text()?, Fact::Key) else { return None };
                let is_person = classes.contains(&Some(SensitiveClass::Identity));
                Some(text.chars().take(if is_person { 18 } else { usize::MAX }).collect())
            };
            let left = key(one, own);
            left.is_some() && left == key(other, field)
        })
    }

    /// Writes a snapshot, each ledger in `parts` files, sorted as it must be.
    pub fn write(&self, codebook: &Codebook, directory: &Path, sensitive: Sensitive, parts: usize) {
        for ledger in codebook.ledgers.values() {
            let mut own = self.of(&ledger.name);
            own.sort_by_key(|record| {
                let nest = ledger.nest.as_ref().and_then(|nest| record.values.get(nest)).cloned();
                (nest, record.values.get("person").cloned(), record.id.clone())
            });
            if own.is_empty() {
                // A ledger without rows is there all the same.
                write_part(directory, ledger, "part-000", sensitive, &[]);
            }
            let size = own.len().div_ceil(parts).max(1);
            for (part, records) in own.chunks(size).enumerate() {
                let name = format!("part-{part:03}");
                write_part(directory, ledger, &name, sensitive, records);
            }
        }
        self.write_links(codebook, directory);
    }

    /// Writes the link tables of a snapshot.
    pub fn write_links(&self, codebook: &Codebook, directory: &Path) {
        for (ledger, relation) in linked(codebook) {
            let mut writer =
                LinkWriter::create(directory, &ledger.name, &relation.name, "part-000").unwrap();
            for (owner, name, from, to) in &self.links {
                if *owner == ledger.name && *name == relation.name {
                    writer.push(from.as_str(), to.as_str()).unwrap();
                }
            }
            writer.close().unwrap();
        }
    }
}

/// Relations that are kept in link tables.
fn linked(codebook: &Codebook) -> impl Iterator<Item = (&Ledger, &Relation)> {
    codebook.ledgers.values().flat_map(|ledger| {
        let relations = ledger.relations.iter();
        let own = relations.filter(|relation| relation.kind == RelationKind::Links);
        own.map(move |relation| (ledger, relation))
    })
}

pub fn write_part(
    directory: &Path,
    ledger: &Ledger,
    part: &str,
    sensitive: Sensitive,
    records: &[&Record],
) {
    let mut writer = LedgerWriter::create(directory, ledger, part, sensitive).unwrap();
    for record in records {
        let id = Value::Text(record.id.as_str().to_owned());
        let null = Value::Null;
        let value =
            |name: &str| if name == "id" { &id } else { record.values.get(name).unwrap_or(&null) };
        // The closure lends from this row only.
        writer.push(&value).unwrap();
    }
    writer.close().unwrap();
}

fn value(codebook: &Codebook, field: &Field, random: &mut Random, records: &Records) -> Value {
    let day = |random: &mut Random| match random.below(8) {
        0 => AS_OF,
        1 => days_after(AS_OF, 1 + random.below(400) as i64),
        _ => days_after(AS_OF, -(random.below(9000) as i64)),
    };
    match field.field_type {
        FieldType::Boolean => Value::Boolean(random.chance(50)),
        FieldType::Integer | FieldType::Percent => Value::Integer(random.below(40) as i64 - 5),
        FieldType::Money => Value::Money(Money::from_fen(random.below(2_000_000) as i64 - 1000)),
        FieldType::Decimal => Value::Decimal(Decimal::from_units(random.below(500_000) as i64)),
        FieldType::Date => Value::Date(day(random)),
        FieldType::Month => Value::Date(day(random).first_of_month()),
        FieldType::Instant => {
            let seconds = 1_700_000_000 + random.below(90_000_000) as i64;
            Value::Instant(Timestamp::from_second(seconds).unwrap())
        }
        FieldType::Code | FieldType::Codes => {
            let list = field.codes.as_ref().and_then(|name| codebook.code_lists.get(name));
            let codes: Vec<String> = list
                .map(|list| list.codes.iter().map(|code| code.code.clone()).collect())
                .unwrap_or_default();
            if codes.is_empty() {
                return Value::Null;
            }
            if field.field_type == FieldType::Code {
                return Value::Text(random.pick(&codes).clone());
            }
            let count = random.below(4);
            Value::List((0..count).map(|_| random.pick(&codes).clone()).collect())
        }
        FieldType::Texts => {
            let count = random.below(3);
            Value::List((0..count).map(|_| random.pick(&WORDS).to_string()).collect())
        }
        FieldType::Region => {
            Value::Text(format!("99010{}10{}001", random.below(2), random.below(2)))
        }
        FieldType::Reference => {
            let target = records.of(field.ledger.as_deref().unwrap_or(""));
            match target.is_empty() {
                true => Value::Null,
                false => Value::Reference(random.pick(&target).id.clone()),
            }
        }
        FieldType::Text | FieldType::LongText => Value::Text(text(field, random)),
    }
}

const WORDS: [&str; 9] =
    ["张三", "李四", "东山村", "A-12", "0012", "  ", "无", "待补充", "很长的一段说明文字"];

fn text(field: &Field, random: &mut Random) -> String {
    match field.sensitive {
        Some(SensitiveClass::Identity) => number(random),
        Some(SensitiveClass::Phone) => match random.below(4) {
            0 => "12345".to_owned(),
            1 => "１３９００００００００".to_owned(),
            _ => format!("1390000000{}", random.below(4)),
        },
        _ => random.pick(&WORDS).to_string(),
    }
}

/// An invented identity number, sometimes damaged; few enough that people meet.
fn number(random: &mut Random) -> String {
    let sex = if random.chance(50) { "male" } else { "female" };
    let year = 1940 + random.below(84);
    let (month, day) = (1 + random.below(12), 1 + random.below(3));
    let wrong = if random.chance(10) { "!" } else { "" };
    let certificate = match random.below(8) {
        0 => "+42",
        1 => "+91",
        _ => "",
    };
    let serial = 1 + random.below(2);
    let head = format!("id:{year:04}-{month:02}-{day:02}:{sex}:{serial}{certificate}{wrong}");
    let number = example_number(&head).unwrap();
    match random.below(12) {
        0 => number.to_lowercase(),
        1 => number.replace('9', "９"),
        2 => number.chars().take(15).collect(),
        3 => format!(" {number}"),
        4 => format!("999999{}", number.get(6..).unwrap_or("")),
        _ => number,
    }
}

/// A value as the interpreter sees it.
fn cell(value: &Value) -> Option<Cell<'static>> {
    Some(match value {
        Value::Null | Value::Reference(_) => return None,
        Value::Text(text) => Cell::Text(Cow::Owned(text.clone())),
        Value::Integer(number) => Cell::Integer(*number),
        Value::Money(money) => Cell::Integer(money.fen()),
        Value::Decimal(number) => Cell::Decimal(number.to_f64()),
        Value::Boolean(truth) => Cell::Boolean(*truth),
        Value::Date(date) => Cell::Date(*date),
        Value::Instant(instant) => Cell::Instant(*instant),
        Value::List(items) => Cell::List(Cow::Owned(items.clone())),
    })
}
