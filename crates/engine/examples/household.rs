//! How long it takes to judge one household by all rules on its rows in memory: every household of
//! a snapshot in turn, one thread.
//!
//! `cargo run --release -p taizhang-engine --example household -- DIR [HOUSEHOLDS]`, where DIR was
//! written by `taizhang generate --with-numbers --households 5000 --faults 0.05`.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use rustix::time::{ClockId, clock_gettime};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use taizhang_codebook::{Codebook, FieldType, Ledger, SensitiveClass};
use taizhang_engine::run::{Judge, MemoryRows, RecordView};
use taizhang_engine::snapshot::{IdColumn, Snapshot};
use taizhang_program::compile;
use taizhang_values::{Date, Decimal, Money, Timestamp, Value, days_after};

type Fault = Box<dyn std::error::Error>;

struct Record {
    id: String,
    values: HashMap<String, Value>,
}

impl RecordView for Record {
    fn id(&self) -> &str {
        &self.id
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }
}

/// A value of an array as the field of a ledger holds it.
fn value(array: &ArrayRef, row: usize, kind: FieldType) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    Some(match kind {
        FieldType::Boolean => Value::Boolean(array.as_boolean_opt()?.value(row)),
        FieldType::Integer | FieldType::Percent => {
            Value::Integer(array.as_primitive_opt::<Int64Type>()?.value(row))
        }
        FieldType::Money => {
            Value::Money(Money::from_fen(array.as_primitive_opt::<Int64Type>()?.value(row)))
        }
        FieldType::Decimal => {
            let number = array.as_primitive_opt::<Float64Type>()?.value(row);
            Value::Decimal(Decimal::from_units((number * 1e4).round() as i64))
        }
        FieldType::Date | FieldType::Month => {
            let days = array.as_primitive_opt::<Date32Type>()?.value(row);
            Value::Date(days_after(Date::constant(1970, 1, 1), days.into()))
        }
        FieldType::Instant => {
            let moment = array.as_primitive_opt::<TimestampMicrosecondType>()?.value(row);
            Value::Instant(Timestamp::from_microsecond(moment).ok()?)
        }
        FieldType::Codes | FieldType::Texts => {
            let items = array.as_list_opt::<i32>()?.value(row);
            let items = items.as_string_opt::<i32>()?.iter();
            Value::List(items.flatten().map(str::to_owned).collect())
        }
        FieldType::Reference => {
            let mut id = Vec::new();
            IdColumn::of(&array.slice(row, 1)).write(0, &mut id);
            Value::Text(String::from_utf8(id).ok()?)
        }
        _ => Value::Text(array.as_string_opt::<i32>()?.value(row).to_owned()),
    })
}

/// All records of a ledger.
fn records(snapshot: &Snapshot, ledger: &Ledger) -> Result<Vec<Record>, Fault> {
    let mut records = Vec::new();
    let Some(files) = snapshot.ledger(&ledger.name) else { return Ok(records) };
    for part in &files.parts {
        let file = std::fs::File::open(&part.path)?;
        for batch in parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 4096)? {
            let batch = batch?;
            let Some(ids) = batch.column_by_name("id") else { continue };
            let ids = IdColumn::of(ids);
            let first = records.len();
            for row in 0..batch.num_rows() {
                let mut id = Vec::new();
                ids.write(row, &mut id);
                records.push(Record { id: String::from_utf8(id)?, values: HashMap::new() });
            }
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                let kind = match (field.name().as_str(), ledger.field(field.name())) {
                    ("region" | "state", _) => FieldType::Text,
                    (_, Some(field)) => field.field_type,
                    _ => continue,
                };
                for (row, record) in records.iter_mut().skip(first).enumerate() {
                    if let Some(value) = value(array, row, kind) {
                        record.values.insert(field.name().clone(), value);
                    }
                }
            }
        }
    }
    Ok(records)
}

/// Rows of a household: those nested in it, and those of other ledgers with a member's number.
struct Households<'a> {
    own: BTreeMap<&'a str, Vec<(&'a str, &'a Record)>>,
}

fn households<'a>(
    codebook: &'a Codebook,
    all: &'a BTreeMap<&'a str, Vec<Record>>,
) -> Households<'a> {
    let mut own: BTreeMap<&str, Vec<(&str, &Record)>> = BTreeMap::new();
    let mut by_number: HashMap<&str, Vec<(&str, &Record)>> = HashMap::new();
    for household in all.get("household").into_iter().flatten() {
        own.insert(&household.id, vec![("household", household)]);
    }
    for (name, records) in all {
        let Some(ledger) = codebook.ledger(name) else { continue };
        if ledger.nest.is_none() {
            let is_number = |field: &&taizhang_codebook::Field| {
                field.sensitive == Some(SensitiveClass::Identity)
            };
            for field in ledger.fields.iter().filter(is_number) {
                for record in records {
                    if let Some(Value::Text(number)) = record.values.get(&field.name) {
                        by_number.entry(number).or_default().push((*name, record));
                    }
                }
            }
        }
    }
    for (name, records) in all {
        if codebook.ledger(name).is_none_or(|ledger| ledger.nest.is_none()) {
            continue;
        }
        for record in records {
            let Some(Value::Text(household)) = record.values.get("household") else { continue };
            let Some(rows) = own.get_mut(household.as_str()) else { continue };
            rows.push((name, record));
            if let Some(Value::Text(number)) = record.values.get("id_number") {
                rows.extend(by_number.get(number.as_str()).into_iter().flatten());
            }
        }
    }
    Households { own }
}

fn processor_microseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn told(name: &str, times: &mut [f64]) -> Result<(), Fault> {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| {
        let last = times.len().saturating_sub(1);
        times.get((times.len() * share / 1000).min(last)).copied().unwrap_or(0.0)
    };
    writeln!(
        std::io::stdout().lock(),
        "{name}: median {:.0}, p90 {:.0}, p99 {:.0}, p99.9 {:.0}, most {:.0} us",
        at(500),
        at(900),
        at(990),
        at(999),
        at(1000)
    )?;
    Ok(())
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let directory = arguments.first().ok_or("name a snapshot directory")?;
    let count = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(5000);
    let codebook =
        Codebook::embedded("rural").map_err(|faults| format!("{} faults", faults.len()))?;
    let rules: Vec<_> = codebook
        .rules
        .values()
        .filter_map(|source| taizhang_rules::compile(&codebook, source).ok())
        .collect();
    let (program, _) = compile(&codebook, &rules, "2026-11-22".parse()?);
    let judge = Judge::new(Arc::new(program));
    let snapshot = Snapshot::open(directory.as_ref())?;
    let mut all: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
    for ledger in codebook.ledgers.values() {
        all.insert(&ledger.name, records(&snapshot, ledger)?);
    }
    let households = households(&codebook, &all);
    let (mut elapsed, mut processor, mut doubts, mut rows) = (Vec::new(), Vec::new(), 0, 0);
    // The first round warms the caches up; the second is told.
    for _ in 0..2 {
        (elapsed, processor, doubts, rows) = (Vec::new(), Vec::new(), 0, 0);
        for own in households.own.values().take(count) {
            let (started, before) = (Instant::now(), processor_microseconds());
            let mut memory = MemoryRows::default();
            for (ledger, record) in own {
                memory.add(ledger, *record);
            }
            doubts += judge.judge(&memory, false).len();
            processor.push(processor_microseconds() - before);
            elapsed.push(started.elapsed().as_secs_f64() * 1e6);
            rows += own.len();
        }
    }
    writeln!(
        std::io::stdout().lock(),
        "{} households, {rows} rows, {} rules, {doubts} doubts",
        elapsed.len(),
        rules.len(),
    )?;
    told("processor", &mut processor)?;
    told("elapsed", &mut elapsed)
}
