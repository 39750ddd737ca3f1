//! Limits of rule texts: what they allow works on a small stack and ends soon.

use taizhang_codebook::Codebook;
use taizhang_rules::limits::{DEPTH_MAX, LENGTH_MAX, NESTING_MAX, TOKENS_MAX};
use taizhang_rules::{compile_expression, dynamic};

#[test]
fn deepest_allowed_nesting_is_parsed_on_a_small_stack() {
    let codebook = Codebook::embedded("rural").unwrap();
    let brackets = format!("{}is_active{}", "(".repeat(NESTING_MAX), ")".repeat(NESTING_MAX));
    let signs = format!("{}is_active", "!".repeat(NESTING_MAX - 1));
    let sum = format!("population{} > 0", " + 1".repeat(DEPTH_MAX - 4));
    let or = vec!["is_active"; TOKENS_MAX / 3].join(" || ");
    for text in [brackets, signs, sum, or] {
        let found = compile_expression(&codebook, "household", &text);
        assert!(found.is_ok(), "{text}: {found:?}");
    }
}

#[test]
fn texts_over_a_limit_are_refused_at_once() {
    let codebook = Codebook::embedded("rural").unwrap();
    let started = std::time::Instant::now();
    for text in ["(", "[", "!", "-", "a ? ", "a.b(", "a + ", "members.exists(m, ", "'", "{"] {
        let text = text.repeat(LENGTH_MAX / text.len());
        assert!(compile_expression(&codebook, "household", &text).is_err(), "{text}");
        assert!(dynamic::parse(&text.chars().take(300).collect::<String>()).is_err());
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn defines_that_double_each_other_are_refused_at_once() {
    let mut text = String::from(
        "+++\ncode = \"TST-001\"\nname = \"t\"\nledger = \"household\"\nkind = \"logic\"\n\
         severity = \"low\"\nsince = 2020-01-01\nsource = \"t\"\nasks = [\"village\"]\n\
         violates = \"d40 > 1\"\nmessage = \"x\"\n[define]\nd0 = \"population\"\n",
    );
    for number in 1..=40 {
        let before = number - 1;
        text.push_str(&format!("d{number} = \"d{before} + d{before}\"\n"));
    }
    text.push_str("+++\n# t\n");
    let codebook = Codebook::load("rural", &[("rules/tst/TST-001.md", text.as_str())]).unwrap();
    let started = std::time::Instant::now();
    let faults = taizhang_rules::compile(&codebook, &codebook.rules["TST-001"]).unwrap_err();
    assert!(faults.iter().any(|fault| fault.code == "E0003" || fault.code == "E0004"));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
