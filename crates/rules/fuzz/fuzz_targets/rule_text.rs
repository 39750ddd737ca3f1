//! Rule text → program: whatever the text is, the answer is a rule or faults; a rule compiles to a
//! program, judges a household, and its typed form is the same when it is resolved again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use taizhang_codebook::Codebook;
use taizhang_rules::{Context, EXAMPLE_DAY, MemoryRows, judge, trial};

static CODEBOOK: LazyLock<Codebook> = LazyLock::new(|| {
    Codebook::embedded("rural").unwrap_or_else(|faults| panic!("{faults:?}"))
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = taizhang_rules::dynamic::parse(text);
    let Ok(rule) = trial(&CODEBOOK, "household", text) else { return };
    let again = trial(&CODEBOOK, "household", text).expect("the same text gives the same rule");
    assert!(rule.violates.same_as(&again.violates));
    let _ = taizhang_program::compile(&CODEBOOK, std::slice::from_ref(&rule), EXAMPLE_DAY);
    let mut rows = MemoryRows::new(&CODEBOOK);
    let row = rows.add("household");
    let person = rows.add("person");
    rows.refer(person, "household", row);
    let context = Context::new(&CODEBOOK, EXAMPLE_DAY);
    let _ = judge(&rule, row, &rows, &context);
});
