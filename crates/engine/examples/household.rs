//! How long one household in memory and one identity number take.
//!
//! `cargo run --release -p taizhang-engine --example household`

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use taizhang_codebook::{Codebook, FieldType};
use taizhang_engine::column::Texts;
use taizhang_engine::kernel;
use taizhang_engine::run::{Judge, MemoryRows, RecordView};
use taizhang_program::{Fact, compile};
use taizhang_values::{Date, Money, RecordId, Value};

type Fault = Box<dyn std::error::Error>;

struct Record {
    id: String,
    values: BTreeMap<String, Value>,
}

impl RecordView for Record {
    fn id(&self) -> &str {
        &self.id
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }
}

/// A record with a value in every field that is no reference.
fn record(codebook: &Codebook, ledger: &str, number: u64) -> Record {
    let mut values = BTreeMap::new();
    let fields = codebook.ledger(ledger).map_or(&[][..], |ledger| ledger.fields.as_slice());
    for field in fields {
        let list = field.codes.as_ref().and_then(|name| codebook.code_lists.get(name));
        let code = list.and_then(|list| list.codes.first()).map(|code| code.code.clone());
        let value = match field.field_type {
            FieldType::Boolean => Value::Boolean(true),
            FieldType::Integer | FieldType::Percent => Value::Integer(3),
            FieldType::Money => Value::Money(Money::from_fen(800_000)),
            FieldType::Date | FieldType::Month => Value::Date(Date::constant(2001, 5, 1)),
            FieldType::Code => code.map_or(Value::Null, Value::Text),
            FieldType::Text => Value::Text("990001200105010012".to_owned()),
            _ => Value::Null,
        };
        values.insert(field.name.clone(), value);
    }
    let household = RecordId::from_parts(1, 1);
    values.insert("household".to_owned(), Value::Reference(household));
    values.insert("region".to_owned(), Value::Text("990101001001".to_owned()));
    let id = RecordId::from_parts(1, u128::from(number));
    Record { id: id.as_str().to_owned(), values }
}

/// Processor nanoseconds of this thread so far, as the scheduler counts them.
fn processor_nanoseconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|part| part.parse().ok()).unwrap_or(0.0)
}

fn main() -> Result<(), Fault> {
    let codebook =
        Codebook::embedded("rural").map_err(|faults| format!("{} faults", faults.len()))?;
    let rules: Vec<_> = codebook
        .rules
        .values()
        .filter_map(|source| taizhang_rules::compile(&codebook, source).ok())
        .collect();
    let (program, _) = compile(&codebook, &rules, "2026-11-22".parse()?);
    let judge = Judge::new(Arc::new(program));
    let mut records = vec![("household", record(&codebook, "household", 1))];
    for number in 2..6 {
        records.push(("person", record(&codebook, "person", number)));
    }
    for (number, ledger) in (6..).zip(["income", "income", "house_appraisal", "loan", "visit"]) {
        records.push((ledger, record(&codebook, ledger, number)));
    }
    let mut times = Vec::new();
    let mut doubts = 0;
    let before = processor_nanoseconds();
    for _ in 0..5000 {
        let started = Instant::now();
        let mut rows = MemoryRows::default();
        for (ledger, record) in &records {
            rows.add(ledger, record);
        }
        doubts = judge.judge(&rows, false).len();
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    let mean = (processor_nanoseconds() - before) / 1e3 / 5000.0;
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "one household, {} records, {} rules, {doubts} doubts: \
         {mean:.0} us of processor; elapsed median {:.0}, p90 {:.0}, p99 {:.0} us",
        records.len(),
        rules.len(),
        at(50),
        at(90),
        at(99)
    )?;
    let numbers = std::iter::repeat_n(Some(b"99000120010501001X".as_slice()), 1 << 20);
    let texts = Texts::plain(numbers);
    let before = processor_nanoseconds();
    for _ in 0..20 {
        std::hint::black_box(kernel::fact(std::hint::black_box(&texts), Fact::Valid));
    }
    let nanoseconds = (processor_nanoseconds() - before) / 20.0 / f64::from(1 << 20);
    writeln!(out, "identity number check: {nanoseconds:.1} ns a number")?;
    Ok(())
}
