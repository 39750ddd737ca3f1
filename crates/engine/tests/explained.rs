//! How a program is explained, as a text that is kept.

use crate::support::rule_of;
use taizhang_codebook::read_codebook;
use taizhang_engine::run::goes_by_row;
use taizhang_program::compile;
use taizhang_values::Date;

const HOUSEHOLD: &str = r#"
name = "household"
label = { zh = "户", en = "Household" }
purpose = { zh = "试验", en = "Trial" }
[fields.is_active]
type = "boolean"
label = { zh = "在册", en = "Active" }
[relations.members]
many = "person"
by = "household"
label = { zh = "成员", en = "Members" }
"#;

const PERSON: &str = r#"
name = "person"
label = { zh = "人", en = "Person" }
purpose = { zh = "试验", en = "Trial" }
nest = "household"
[fields.household]
type = "reference"
ledger = "household"
label = { zh = "户", en = "Household" }
[fields.name]
type = "text"
label = { zh = "姓名", en = "Name" }
[fields.id_number]
type = "text"
sensitive = "identity"
label = { zh = "证件号码", en = "Identity number" }
[fields.is_active]
type = "boolean"
label = { zh = "在册", en = "Active" }
[relations.deaths]
many = "death"
on = { id_number = "id_number" }
label = { zh = "死亡", en = "Deaths" }
"#;

const DEATH: &str = r#"
name = "death"
label = { zh = "死亡", en = "Death" }
purpose = { zh = "试验", en = "Trial" }
[fields.id_number]
type = "text"
sensitive = "identity"
label = { zh = "证件号码", en = "Identity number" }
"#;

#[test]
fn the_shared_steps_of_a_ledger_are_told_with_their_rules_and_kernels() {
    let files = [
        (
            "codebook.toml",
            "name = \"small\"\nlabel = { zh = \"小\", en = \"Small\" }\nedition = \"1\"\n",
        ),
        ("ledgers/household.toml", HOUSEHOLD),
        ("ledgers/person.toml", PERSON),
        ("ledgers/death.toml", DEATH),
    ];
    let (codebook, faults) = read_codebook(&files);
    let codebook = codebook.unwrap_or_else(|| panic!("{faults:#?}"));
    let texts = [
        "is_active && household.is_active && !has(id_number)",
        "is_active && household.is_active && !id_valid(id_number)",
        "is_active && household.is_active && size(deaths) > 0",
        "name.matches('[0-9]')",
        "household.members.exists(m, m != self && m.id_number == id_number)",
    ];
    let rules: Vec<_> = (1..)
        .zip(texts)
        .map(|(number, text)| {
            let code = format!("PER-{number:03}");
            rule_of(&codebook, "person", &code, text).unwrap_or_else(|| panic!("{text}"))
        })
        .collect();
    let (program, left_out) = compile(&codebook, &rules, Date::constant(2026, 11, 22));
    assert!(left_out.is_empty(), "{left_out:?}");
    let found = program.explain_shared("person", &|step| goes_by_row(&program, step));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explained.txt");
    if std::env::var_os("TAIZHANG_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    assert_eq!(found, expected, "written anew with TAIZHANG_WRITE_SNAPSHOTS=1");
}
