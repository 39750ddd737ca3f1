//! The row-at-a-time interpreter of the `cel` crate, which the engine is measured beside.
//!
//! `cargo bench -p taizhang-rules --bench row_cel -- FOLDER RULES OUT`: `FOLDER/RULES` has a line
//! a rule (code, table, expression), `FOLDER/<table>.tsv` the rows below heads of `name:kind`, the
//! first of them `id`. Each row's values are made once and borrowed by every expression; code and
//! id of the rows for which one is true go to OUT. With an empty file of rules it reads and makes
//! the values all the same, so that the difference of two runs is evaluation alone
//! (`benches/rules/run.py`).

use cel::common::types::{CelBool, CelInt, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

type Fault = Box<dyn std::error::Error>;

const TABLES: [&str; 4] = ["household", "house_appraisal", "income", "person"];

struct Rule {
    code: String,
    table: String,
    program: Program,
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

fn value(text: &str, kind: &str) -> Result<Box<dyn Val>, Fault> {
    Ok(match (text, kind) {
        ("", _) => Box::new(CelNull),
        (text, "i") => Box::new(CelInt::from(text.parse::<i64>()?)),
        (text, "b") => Box::new(CelBool::from(text == "true")),
        (text, _) => Box::new(CelString::from(text.to_owned())),
    })
}

fn rules(path: &Path, env: &Arc<Env>) -> Result<Vec<Rule>, Fault> {
    let mut rules = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        let mut parts = line.splitn(3, '\t');
        let mut part = || parts.next().map(str::to_owned).ok_or("a line of rules has three parts");
        let (code, table, text) = (part()?, part()?, part()?);
        let program = env.compile(&text).map_err(|error| format!("{code}: {error}"))?;
        rules.push(Rule { code, table, program });
    }
    Ok(rules)
}

/// Gives every row of a table to its rules; how many rows there are.
fn judge(path: &Path, rules: &[&Rule], env: &Arc<Env>, out: &mut dyn Write) -> Result<u64, Fault> {
    let mut lines = BufReader::new(File::open(path)?);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let heads: Vec<(String, String)> = line
        .trim_end()
        .split('\t')
        .filter_map(|head| head.split_once(':'))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect();
    let names: Vec<String> = heads.iter().map(|(name, _)| name.clone()).collect();
    let mut count = 0;
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(count);
        }
        count += 1;
        let texts = line.trim_end_matches('\n').split('\t');
        let values: Result<Vec<_>, Fault> =
            texts.zip(&heads).map(|(text, (_, kind))| value(text, kind)).collect();
        let row = Row { names: &names, values: values? };
        let mut context = Context::with_env(Arc::clone(env));
        context.set_variable_resolver(&row);
        for rule in rules {
            if rule.program.execute(&context) == Ok(Value::Bool(true)) {
                let id = line.split('\t').next().unwrap_or_default();
                writeln!(out, "{}\t{id}", rule.code)?;
            }
        }
        std::hint::black_box(&context);
    }
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [folder, rules_name, out] = arguments.as_slice() else {
        return Err("give FOLDER, RULES and OUT".into());
    };
    let folder = Path::new(folder);
    let env = Arc::new(Env::stdlib());
    let rules = rules(&folder.join(rules_name), &env)?;
    let mut out = BufWriter::new(File::create(out)?);
    for table in TABLES {
        let own: Vec<&Rule> = rules.iter().filter(|rule| rule.table == table).collect();
        let rows = judge(&folder.join(format!("{table}.tsv")), &own, &env, &mut out)?;
        writeln!(std::io::stdout().lock(), "{table}: {rows} rows, {} expressions", own.len())?;
    }
    out.flush()?;
    Ok(())
}
