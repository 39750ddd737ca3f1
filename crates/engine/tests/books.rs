//! Random small codebooks: ledgers with fields of every type, in trees and beside them, that refer
//! to each other and meet by keys.

use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;
use taizhang_codebook::{Codebook, read_codebook};

/// Types that a field can have beside a reference, as the codebook writes them, and the class of
/// sensitive ones.
const TYPES: [(&str, Option<&str>); 19] = [
    ("text", None),
    ("long_text", None),
    ("integer", None),
    ("percent", None),
    ("money", None),
    ("decimal", None),
    ("date", None),
    ("month", None),
    ("instant", None),
    ("boolean", None),
    ("code", None),
    ("codes", None),
    ("texts", None),
    ("region", None),
    ("text", Some("identity")),
    ("text", Some("phone")),
    ("text", Some("bank")),
    ("text", Some("name")),
    ("code", None),
];

/// A ledger as numbers, each taken modulo what there is to choose from, so that every shape is a
/// codebook and shrinks to one.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Nested in a root before it, if there is one.
    nest: Option<usize>,
    fields: Vec<usize>,
    /// Ledgers up to this one that fields refer to, and whether the way back is a relation.
    references: Vec<(usize, bool)>,
    /// Other ledger, own field, its field, and whether the own field stands in `many` rows.
    keys: Vec<(usize, usize, usize, bool)>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let nest = prop::option::weighted(0.6, 0..4_usize);
    let fields = vec(0..TYPES.len(), 1..8);
    let references = vec((0..6_usize, prop::bool::weighted(0.7)), 0..3);
    let keys = vec((0..6_usize, 0..8_usize, 0..8_usize, prop::bool::weighted(0.3)), 0..3);
    (nest, fields, references, keys).prop_map(|(nest, fields, references, keys)| Shape {
        nest,
        fields,
        references,
        keys,
    })
}

/// The ledgers of a codebook.
pub fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    vec(shape(), 1..6)
}

fn ledger_name(place: usize) -> String {
    format!("book{place}")
}

/// The roots before a place, and which of them the ledger there is nested in.
fn nest_of(shapes: &[Shape], place: usize) -> Option<usize> {
    let wanted = shapes[place].nest?;
    let roots: Vec<usize> = (0..place).filter(|other| nest_of(shapes, *other).is_none()).collect();
    (!roots.is_empty()).then(|| roots[wanted % roots.len()])
}

fn label(text: &mut String, word: &str) {
    let _ = writeln!(text, "label = {{ zh = \"{word}\", en = \"{word}\" }}");
}

/// The text of one ledger.
fn ledger_text(shapes: &[Shape], place: usize) -> String {
    let shape = &shapes[place];
    let name = ledger_name(place);
    let mut text = format!(
        "name = \"{name}\"\npurpose = {{ zh = \"试验\", en = \"Trial\" }}\nhome = \"village\"\n"
    );
    label(&mut text, &name);
    let nest = nest_of(shapes, place);
    if let Some(root) = nest {
        let _ = writeln!(text, "nest = \"root\"\n\n[fields.root]\ntype = \"reference\"");
        let _ = writeln!(text, "ledger = \"{}\"", ledger_name(root));
        label(&mut text, "root");
    }
    for (number, kind) in shape.fields.iter().enumerate() {
        let (kind, class) = TYPES[*kind % TYPES.len()];
        let _ = writeln!(text, "\n[fields.f{number}]\ntype = \"{kind}\"");
        if let Some(class) = class {
            let _ = writeln!(text, "sensitive = \"{class}\"");
        }
        if kind.starts_with("code") {
            let _ =
                writeln!(text, "codes = \"{}\"", if number % 2 == 0 { "colour" } else { "sex" });
        }
        label(&mut text, &format!("f{number}"));
    }
    for (number, (target, _)) in shape.references.iter().enumerate() {
        let target = ledger_name(target % (place + 1));
        let _ = writeln!(text, "\n[fields.to{number}]\ntype = \"reference\"");
        let _ = writeln!(text, "ledger = \"{target}\"");
        label(&mut text, &format!("to{number}"));
    }
    relations(shapes, place, &mut text);
    text
}

/// Ways back along references, and meetings by equal keys.
fn relations(shapes: &[Shape], place: usize, text: &mut String) {
    let mut many = None;
    for (other, shape) in shapes.iter().enumerate() {
        if nest_of(shapes, other) == Some(place) {
            let name = format!("inner{other}");
            let _ = writeln!(text, "\n[relations.{name}]\nmany = \"{}\"", ledger_name(other));
            let _ = writeln!(text, "by = \"root\"");
            label(text, &name);
            many = Some((other, name));
        }
        for (number, (target, is_back)) in shape.references.iter().enumerate() {
            if target % (other + 1) == place && *is_back {
                let name = format!("back{other}x{number}");
                let _ = writeln!(text, "\n[relations.{name}]\nmany = \"{}\"", ledger_name(other));
                let _ = writeln!(text, "by = \"to{number}\"");
                label(text, &name);
                many = Some((other, name));
            }
        }
    }
    for (number, (other, own, field, is_through)) in shapes[place].keys.iter().enumerate() {
        let other = other % shapes.len();
        let through = many.as_ref().filter(|_| *is_through);
        let holder = through.map_or(place, |(middle, _)| *middle);
        let own = own % shapes[holder].fields.len();
        // Nobody meets by a list.
        if matches!(TYPES[shapes[holder].fields[own] % TYPES.len()].0, "codes" | "texts") {
            continue;
        }
        let kind = |ledger: usize, field: usize| {
            let (kind, class) = TYPES[shapes[ledger].fields[field] % TYPES.len()];
            let kind = match kind {
                "long_text" | "code" | "region" => "text",
                "percent" => "integer",
                "month" => "date",
                other => other,
            };
            // A snapshot keeps hashes of sealed fields, which meet no plain ones.
            (kind, class == Some("identity"), class.is_some())
        };
        // A field of the same kind, if the other ledger has one.
        let count = shapes[other].fields.len();
        let fields = (0..count).map(|step| (field + step) % count);
        let Some(field) = { fields }.find(|field| kind(other, *field) == kind(holder, own)) else {
            continue;
        };
        let _ = writeln!(text, "\n[relations.key{number}]\nmany = \"{}\"", ledger_name(other));
        let _ = writeln!(text, "on = {{ f{own} = \"f{field}\" }}");
        if let Some((_, name)) = through {
            let _ = writeln!(text, "through = \"{name}\"");
        }
        label(text, &format!("key{number}"));
    }
}

/// The codebook of some shapes, and its text for the report of a failure.
pub fn codebook(shapes: &[Shape]) -> (Codebook, String) {
    let list = |name: &str, codes: &[&str]| {
        let mut text = format!("name = \"{name}\"\n");
        label(&mut text, name);
        for code in codes {
            let _ = writeln!(text, "\n[codes.{code}]");
            label(&mut text, code);
        }
        text
    };
    let mut files = vec![
        (
            "codebook.toml".to_owned(),
            "name = \"wild\"\nlabel = { zh = \"试\", en = \"Wild\" }\nedition = \"1\"\n".to_owned(),
        ),
        ("code_lists/colour.toml".to_owned(), list("colour", &["red", "green", "blue"])),
        ("code_lists/sex.toml".to_owned(), list("sex", &["male", "female"])),
        (
            "parameters/monitor.toml".to_owned(),
            "[line]\nlabel = { zh = \"线\", en = \"Line\" }\nunit = \"fen\"\nvalues = [\n    \
             { since = 2021-01-01, value = 600000, source = \"试\" },\n    \
             { since = 2024-01-01, region = \"990101\", value = 880000, source = \"试\" },\n]\n"
                .to_owned(),
        ),
    ];
    for place in 0..shapes.len() {
        let path = format!("ledgers/{}.toml", ledger_name(place));
        files.push((path, ledger_text(shapes, place)));
    }
    let (codebook, faults) = read_codebook(&files);
    let texts: String = files.iter().skip(4).map(|(_, text)| format!("{text}\n")).collect();
    (codebook.unwrap_or_else(|| panic!("{faults:#?}\n{texts}")), texts)
}
