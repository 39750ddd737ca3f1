//! The floor under the engine: decoding twelve rules' columns, and the twelve as plain loops.
//!
//! `cargo bench -p taizhang-engine --bench floor -- SNAPSHOT decode|judge [THREADS]` reads the
//! columns that twelve rules of single ledgers need, file by file on two threads, and either drops
//! them or goes over their rows in one hand-written loop a ledger that keeps the ids of violating
//! rows.
//! Processor time is taken from outside (`benches/rules/run.py --table floor`).

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

type Fault = Box<dyn std::error::Error + Send + Sync>;
type Loop = fn(&RecordBatch, &mut Vec<i64>);

const LEDGERS: [(&str, &[&str], Loop); 4] = [
    (
        "household",
        &[
            "id",
            "is_active",
            "household_type",
            "monitor_category",
            "has_power",
            "unsafe_house",
            "safe_water",
            "homestead_count",
            "exit_applied_on",
            "exit_reviewed_on",
            "exit_has_sign_in",
            "exit_notice_from_on",
            "exit_confirmed_on",
            "exit_is_signed",
        ],
        households,
    ),
    (
        "income",
        &[
            "id",
            "wage_income",
            "operating_income",
            "operating_expense",
            "property_income",
            "transfer_income",
            "net_income",
            "net_income_per_capita",
            "population",
        ],
        incomes,
    ),
    ("person", &["id", "is_active", "low_income_status", "special_hardship_status"], persons),
    ("house_appraisal", &["id", "appraised_on", "grade"], appraisals),
];

fn flag<'a>(batch: &'a RecordBatch, name: &str) -> impl Fn(usize) -> Option<bool> + use<'a> {
    let column = batch.column_by_name(name).and_then(|column| column.as_boolean_opt());
    move |row| column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn whole<'a>(batch: &'a RecordBatch, name: &str) -> impl Fn(usize) -> Option<i64> + use<'a> {
    let column =
        batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
    move |row| column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn day<'a>(batch: &'a RecordBatch, name: &str) -> impl Fn(usize) -> Option<i32> + use<'a> {
    let column =
        batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Date32Type>());
    move |row| column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn word<'a>(batch: &'a RecordBatch, name: &str) -> impl Fn(usize) -> Option<&'a str> + use<'a> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    move |row| column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

/// Adds the id once for each condition that is true.
fn told(id: Option<i64>, conditions: &[bool], found: &mut Vec<i64>) {
    let count = conditions.iter().filter(|condition| **condition).count();
    found.extend(id.into_iter().flat_map(|id| std::iter::repeat_n(id, count)));
}

fn households(batch: &RecordBatch, found: &mut Vec<i64>) {
    let (id, active) = (whole(batch, "id"), flag(batch, "is_active"));
    let (kind, category) = (word(batch, "household_type"), word(batch, "monitor_category"));
    let (power, signed) = (flag(batch, "has_power"), flag(batch, "exit_is_signed"));
    let (unsafe_house, water) = (flag(batch, "unsafe_house"), flag(batch, "safe_water"));
    let (homesteads, sign_in) = (whole(batch, "homestead_count"), flag(batch, "exit_has_sign_in"));
    let (applied, reviewed) = (day(batch, "exit_applied_on"), day(batch, "exit_reviewed_on"));
    let (noticed, confirmed) = (day(batch, "exit_notice_from_on"), day(batch, "exit_confirmed_on"));
    for row in 0..batch.num_rows() {
        let is_active = active(row).unwrap_or(true);
        let is_free = category(row).is_none();
        let before = |pair: Option<(i32, i32)>| pair.is_some_and(|(early, late)| early < late);
        let conditions = [
            before(confirmed(row).zip(applied(row))),
            confirmed(row).is_some() && signed(row) != Some(true),
            reviewed(row).is_some()
                && (before(reviewed(row).zip(applied(row)))
                    || before(noticed(row).zip(reviewed(row)))
                    || sign_in(row) != Some(true)),
            is_active && (kind(row) == Some("lifted") || !is_free) && power(row) != Some(true),
            is_active && unsafe_house(row) == Some(true) && is_free,
            is_active && water(row) == Some(false) && is_free,
            is_active && homesteads(row).is_some_and(|count| count > 1),
        ];
        told(id(row), &conditions, found);
    }
}

fn incomes(batch: &RecordBatch, found: &mut Vec<i64>) {
    let id = whole(batch, "id");
    let (wage, operating) = (whole(batch, "wage_income"), whole(batch, "operating_income"));
    let (expense, property) = (whole(batch, "operating_expense"), whole(batch, "property_income"));
    let (transfer, net) = (whole(batch, "transfer_income"), whole(batch, "net_income"));
    let (head, population) = (whole(batch, "net_income_per_capita"), whole(batch, "population"));
    for row in 0..batch.num_rows() {
        let parts = [wage(row), operating(row), expense(row), property(row), transfer(row)];
        let differs = match (parts, net(row)) {
            (
                [Some(wage), Some(operating), Some(expense), Some(property), Some(transfer)],
                Some(net),
            ) => (net - (wage + operating + property + transfer - expense)).abs() > 100,
            _ => false,
        };
        let heads_differ = match (head(row), population(row), net(row)) {
            (Some(head), Some(population), Some(net)) => {
                (head * population - net).abs() > 100 * population
            }
            _ => false,
        };
        let conditions = [
            differs || heads_differ,
            parts.iter().flatten().any(|part| *part < 0)
                || (expense(row).is_some_and(|expense| expense > 0) && operating(row) == Some(0)),
            parts.iter().any(Option::is_none),
        ];
        told(id(row), &conditions, found);
    }
}

fn persons(batch: &RecordBatch, found: &mut Vec<i64>) {
    let (id, active) = (whole(batch, "id"), flag(batch, "is_active"));
    let (low, special) = (word(batch, "low_income_status"), word(batch, "special_hardship_status"));
    let given = |status: Option<&str>| matches!(status, Some("rural" | "urban"));
    for row in 0..batch.num_rows() {
        let both = active(row).unwrap_or(true) && given(low(row)) && given(special(row));
        told(id(row), &[both], found);
    }
}

fn appraisals(batch: &RecordBatch, found: &mut Vec<i64>) {
    let (id, on, grade) = (whole(batch, "id"), day(batch, "appraised_on"), word(batch, "grade"));
    for row in 0..batch.num_rows() {
        told(id(row), &[on(row).is_none() || grade(row).is_none()], found);
    }
}

/// Reads the columns of a file and gives each batch to the loop, if there is one.
fn read(path: &Path, columns: &[&str], judge: Option<Loop>) -> Result<Vec<i64>, Fault> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let mut found = Vec::new();
    for batch in builder.with_projection(mask).with_batch_size(8192).build()? {
        let batch = std::hint::black_box(batch?);
        if let Some(judge) = judge {
            judge(&batch, &mut found);
        }
    }
    Ok(found)
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let (Some(snapshot), Some(what)) = (arguments.first(), arguments.get(1)) else {
        return Err("give SNAPSHOT and decode or judge".into());
    };
    let threads = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut work: Vec<(PathBuf, &[&str], Loop)> = Vec::new();
    for (ledger, columns, judge) in LEDGERS {
        for entry in std::fs::read_dir(Path::new(snapshot).join(ledger))? {
            work.push((entry?.path(), columns, judge));
        }
    }
    let next = AtomicUsize::new(0);
    let run = || -> Result<usize, Fault> {
        let mut count = 0;
        while let Some((path, columns, judge)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            count += read(path, columns, (what == "judge").then_some(*judge))?.len();
        }
        Ok(count)
    };
    let counts: Vec<Result<usize, Fault>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
    });
    let violations = counts.into_iter().sum::<Result<usize, Fault>>()?;
    writeln!(std::io::stdout().lock(), "{violations} violations")?;
    Ok(())
}
