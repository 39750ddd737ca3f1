//! The row-at-a-time interpreter of the `cel` crate, which the engine is measured beside.
//!
//! `cargo bench -p taizhang-rules --bench row_cel -- SNAPSHOT FOLDER RULES OUT [--documented]`:
//! `FOLDER/RULES` has a line a rule (code, table, expression), `FOLDER/columns.tsv` a line a table
//! (name, its columns, columns of its household). The rows are read from the snapshot's Parquet
//! files, the columns that the rules name and no others; code and id of the rows for which an
//! expression is true go to OUT. Two forms of the interpreter's use:
//!
//! - tight: a row's values are made once and lent to every expression by a resolver;
//! - `--documented`: a context a row, its values added by `add_variable_from_value`.
//!
//! With an empty file of rules it reads and makes the values all the same, so that the difference
//! of two runs is evaluation alone (`benches/rules/run.py`).

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use cel::common::types::{CelBool, CelDouble, CelInt, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Fault = Box<dyn std::error::Error>;

const HOUSEHOLD: &str = "household";

struct Rule {
    code: String,
    table: String,
    program: Program,
}

/// What is read of a table: its columns, and columns of the household that a row names.
struct Table {
    name: String,
    columns: Vec<String>,
    of_household: Vec<String>,
}

/// A row: values beside their names, a handful, so that looking along them is cheapest.
struct Row<'a> {
    names: &'a [String],
    values: Vec<Box<dyn Val>>,
}

impl VariableResolver for Row<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let place = self.names.iter().position(|name| name == variable)?;
        self.values.get(place).map(|value| CowVal::Borrowed(value.as_ref()))
    }
}

fn made(value: Value) -> Box<dyn Val> {
    match value {
        Value::Int(number) => Box::new(CelInt::from(number)),
        Value::Float(number) => Box::new(CelDouble::from(number)),
        Value::Bool(truth) => Box::new(CelBool::from(truth)),
        Value::String(text) => Box::new(CelString::from(Arc::unwrap_or_clone(text))),
        _ => Box::new(CelNull),
    }
}

/// A cell of a column.
fn cell(column: &ArrayRef, row: usize) -> Result<Value, Fault> {
    use arrow_schema::DataType::{Boolean, Date32, Float64, Int64, Utf8};
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        Boolean => Value::Bool(column.as_boolean().value(row)),
        Int64 => Value::Int(column.as_primitive::<Int64Type>().value(row)),
        Date32 => Value::Int(column.as_primitive::<Date32Type>().value(row).into()),
        Float64 => Value::Float(column.as_primitive::<Float64Type>().value(row)),
        Utf8 => Value::String(Arc::new(column.as_string::<i32>().value(row).to_owned())),
        other => return Err(format!("a column of {other}").into()),
    })
}

fn lines(path: &Path) -> Result<Vec<[String; 3]>, Fault> {
    let text = std::fs::read_to_string(path)?;
    let three = |line: &str| -> Option<[String; 3]> {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        Some([parts.next()?, parts.next()?, parts.next()?])
    };
    let found: Option<Vec<_>> = text.lines().map(three).collect();
    Ok(found.ok_or("a line has three parts")?)
}

fn rules(path: &Path, env: &Arc<Env>) -> Result<Vec<Rule>, Fault> {
    let mut rules = Vec::new();
    for [code, table, text] in lines(path)? {
        let program = env.compile(&text).map_err(|error| format!("{code}: {error}"))?;
        rules.push(Rule { code, table, program });
    }
    Ok(rules)
}

fn tables(path: &Path) -> Result<Vec<Table>, Fault> {
    let names = |text: &str| -> Vec<String> {
        text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let table = |[name, columns, of_household]: [String; 3]| Table {
        name,
        columns: names(&columns),
        of_household: names(&of_household),
    };
    Ok(lines(path)?.into_iter().map(table).collect())
}

/// Gives the batches of some columns of a table, in the order in which they are asked for.
fn read(
    snapshot: &Path,
    table: &str,
    columns: &[&str],
    mut take: impl FnMut(&[ArrayRef], usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let folder = std::fs::read_dir(snapshot.join(table))?;
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        for batch in builder.with_projection(mask).with_batch_size(8192).build()? {
            let batch: RecordBatch = batch?;
            let found: Option<Vec<ArrayRef>> =
                columns.iter().map(|name| batch.column_by_name(name).cloned()).collect();
            take(&found.ok_or("a column is missing")?, batch.num_rows())?;
        }
    }
    Ok(())
}

/// Values of each household that rules of its members need, by its id.
fn households(snapshot: &Path, names: &[String]) -> Result<HashMap<i64, Vec<Value>>, Fault> {
    let mut found = HashMap::new();
    if names.is_empty() {
        return Ok(found);
    }
    let columns: Vec<&str> = ["id"].into_iter().chain(names.iter().map(String::as_str)).collect();
    read(snapshot, HOUSEHOLD, &columns, |columns, rows| {
        let (ids, rest) = columns.split_first().ok_or("no column")?;
        for row in 0..rows {
            let values: Result<Vec<Value>, Fault> =
                rest.iter().map(|column| cell(column, row)).collect();
            found.insert(ids.as_primitive::<Int64Type>().value(row), values?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Judges one row by all rules of its table.
fn judge_row(
    (names, values): (&[String], &mut Vec<Value>),
    id: i64,
    rules: &[&Rule],
    (env, is_documented): (&Arc<Env>, bool),
    out: &mut dyn Write,
) -> Result<(), Fault> {
    let row;
    let mut context = Context::with_env(Arc::clone(env));
    if is_documented {
        for (name, value) in names.iter().zip(values.drain(..)) {
            context.add_variable_from_value(name.as_str(), value);
        }
    } else {
        row = Row { names, values: values.drain(..).map(made).collect() };
        context.set_variable_resolver(&row);
    }
    for rule in rules {
        if rule.program.execute(&context) == Ok(Value::Bool(true)) {
            writeln!(out, "{}\t{id}", rule.code)?;
        }
    }
    std::hint::black_box(&context);
    Ok(())
}

/// Gives every row of a table to its rules; how many rows there are.
fn judge(
    snapshot: &Path,
    table: &Table,
    rules: &[&Rule],
    how: (&Arc<Env>, bool),
    out: &mut dyn Write,
) -> Result<u64, Fault> {
    let of_household = households(snapshot, &table.of_household)?;
    let missing = vec![Value::Null; table.of_household.len()];
    let names: Vec<String> = table.columns.iter().chain(&table.of_household).cloned().collect();
    let mut columns: Vec<&str> = vec!["id"];
    columns.extend(table.columns.iter().map(String::as_str));
    if !table.of_household.is_empty() {
        columns.push(HOUSEHOLD);
    }
    let mut count = 0;
    let mut values = Vec::with_capacity(names.len());
    read(snapshot, &table.name, &columns, |columns, rows| {
        let own = columns.iter().skip(1).take(table.columns.len());
        let own: Vec<&ArrayRef> = own.collect();
        let number = |column: Option<&ArrayRef>, row| {
            column.map(|column| column.as_primitive::<Int64Type>().value(row))
        };
        for row in 0..rows {
            values.clear();
            for column in &own {
                values.push(cell(column, row)?);
            }
            if !table.of_household.is_empty() {
                let household = number(columns.last(), row).and_then(|id| of_household.get(&id));
                values.extend(household.unwrap_or(&missing).iter().cloned());
            }
            let id = number(columns.first(), row).ok_or("a row without id")?;
            judge_row((&names, &mut values), id, rules, how, out)?;
            count += 1;
        }
        Ok(())
    })?;
    Ok(count)
}

fn main() -> Result<(), Fault> {
    let mut arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let before = arguments.len();
    arguments.retain(|argument| argument != "--documented");
    let is_documented = arguments.len() < before;
    let [snapshot, folder, rules_name, out] = arguments.as_slice() else {
        return Err("give SNAPSHOT, FOLDER, RULES and OUT".into());
    };
    let (snapshot, folder) = (Path::new(snapshot), Path::new(folder));
    let env = Arc::new(Env::stdlib());
    let rules = rules(&folder.join(rules_name), &env)?;
    let mut out = BufWriter::new(File::create(out)?);
    for table in tables(&folder.join("columns.tsv"))? {
        let own: Vec<&Rule> = rules.iter().filter(|rule| rule.table == table.name).collect();
        let rows = judge(snapshot, &table, &own, (&env, is_documented), &mut out)?;
        let name = &table.name;
        writeln!(std::io::stdout().lock(), "{name}: {rows} rows, {} expressions", own.len())?;
    }
    out.flush()?;
    Ok(())
}
