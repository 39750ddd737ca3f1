//! The manual's table of functions is that of the code.

use std::fmt::Write as _;
use std::path::PathBuf;
use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};
use taizhang_rules::compile_expression;
use taizhang_rules::functions::{EntryGroup, LANGUAGE};

const BEGIN: &str = "<!-- functions: begin -->";
const END: &str = "<!-- functions: end -->";

fn title(group: EntryGroup) -> &'static str {
    match group {
        EntryGroup::Missing => "What is missing, and conditions",
        EntryGroup::Many => "Rows and lists",
        EntryGroup::Dates => "Dates",
        EntryGroup::Facts => "Sensitive fields",
        EntryGroup::Places => "Parameters and regions",
        EntryGroup::Numbers => "Amounts and numbers",
        EntryGroup::Texts => "Texts",
    }
}

fn table() -> String {
    let mut text = String::new();
    let mut group = None;
    for entry in LANGUAGE {
        if group != Some(entry.group) {
            group = Some(entry.group);
            let _ = write!(
                text,
                "\n### {}\n\n| write | gives | means | example | result |\n|---|---|---|---|---|\n",
                title(entry.group)
            );
        }
        let bar = |text: &str| text.replace('|', "\\|");
        let (example, result) = entry.example;
        let _ = writeln!(
            text,
            "| `{}` | {} | {}；{} | `{}` | {} |",
            bar(entry.signature),
            entry.result,
            entry.zh,
            entry.en,
            bar(example),
            result
        );
    }
    text
}

#[test]
fn manual_lists_every_function_as_it_is() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = manual.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let wanted = format!("{head}{BEGIN}\n{}\n{END}{tail}", table());
    if manual != wanted {
        if std::env::var_os("TAIZHANG_ACCEPT").is_some() {
            std::fs::write(&path, wanted).unwrap();
            return;
        }
        panic!("docs/rules.md differs (TAIZHANG_ACCEPT=1 stores it)");
    }
}

/// Cells of a line of a table; a bar after a backslash belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let parts = line.replace("\\|", "\u{0}");
    parts.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

#[test]
fn every_expression_that_the_manual_proposes_compiles() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let section = manual.split("## 7. How to say it").nth(1).unwrap();
    let section = section.split("## 8. ").next().unwrap();
    let codebook = Codebook::embedded("rural").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in section.lines().filter(|line| line.starts_with("| ") && !line.contains("| check |"))
    {
        let cells = cells(line);
        let [_, _, ledger, expression, _] = cells.as_slice() else {
            panic!("not three cells: {line}");
        };
        let (ledger, expression) = (ledger.trim_matches('`'), expression.trim_matches('`'));
        count += 1;
        if let Err(faults) = compile_expression(&codebook, ledger, expression) {
            wrong.push(render_all(&faults, Language::En));
        }
    }
    assert!(count > 40 && wrong.is_empty(), "{count}: {}", wrong.join("\n"));
}
