//! Every function of the language, by the example that the manual shows.

use std::borrow::Cow;
use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};
use taizhang_rules::functions::LANGUAGE;
use taizhang_rules::ir::Node;
use taizhang_rules::{
    Cell, Context, EXAMPLE_DAY, MemoryRows, RowId, children, compile_value, example_number,
    interpret, shown_text,
};

/// The household of the manual's examples.
pub fn sample(codebook: &Codebook) -> (MemoryRows, RowId) {
    let mut rows = MemoryRows::new(codebook);
    let text = |text: &str| Cell::Text(Cow::Owned(text.to_owned()));
    let date = |text: &str| Cell::Date(text.parse().unwrap());
    let household = rows.add("household");
    let fields = [
        ("region", text("990101001001")),
        ("household_no", text("0012")),
        ("head_name", text("张山")),
        ("household_phone", text("13900000000")),
        ("population", Cell::Integer(3)),
        ("is_active", Cell::Boolean(true)),
        ("has_power", Cell::Boolean(true)),
        ("unsafe_house", Cell::Boolean(false)),
        ("other_causes", Cell::List(Cow::Owned(vec!["illness".to_owned()]))),
        ("net_income_per_capita", Cell::Integer(720_000)),
        ("exit_applied_on", date("2018-09-01")),
        ("exit_confirmed_on", date("2018-11-20")),
    ];
    for (field, cell) in fields {
        rows.set(household, field, cell);
    }
    let people = [
        ("head", "male", "1970-01-31", ""),
        ("spouse", "female", "1972-03-08", ""),
        ("son", "male", "2018-09-01", "+42"),
    ];
    for (relation, sex, birth, certificate) in people {
        let person = rows.add("person");
        let number = example_number(&format!("id:{birth}:{sex}{certificate}")).unwrap();
        rows.refer(person, "household", household);
        rows.set(person, "relation_to_head", text(relation));
        rows.set(person, "sex", text(sex));
        rows.set(person, "birth_date", date(birth));
        rows.set(person, "id_number", text(&number));
        rows.set(person, "is_active", Cell::Boolean(true));
    }
    for fen in [1_000_000, 2_000_000] {
        let income = rows.add("income");
        rows.refer(income, "household", household);
        rows.set(income, "wage_income", Cell::Integer(fen));
    }
    let other = rows.add("household");
    rows.set(other, "head_name", text("张山"));
    rows.set(other, "is_active", Cell::Boolean(true));
    (rows, household)
}

#[test]
fn conditions_over_the_codes_of_a_list_field_are_asked_of_each_that_it_holds() {
    let codebook = Codebook::embedded("rural").unwrap();
    let (mut rows, row) = sample(&codebook);
    let context = Context::new(&codebook, EXAMPLE_DAY);
    let list = |codes: &[&str]| {
        Cell::List(Cow::Owned(codes.iter().map(|code| (*code).to_owned()).collect()))
    };
    let cases = [
        ("other_causes.exists(c, c != 'illness')", ["no", "yes", "no"]),
        ("other_causes.all(c, c.startsWith('i') || population > 9)", ["yes", "no", "yes"]),
        ("other_causes.count(c, c in ['illness', 'disability'])", ["1", "2", "0"]),
        (
            "other_causes.all(c, members.exists(m, m.sex == 'male' && c == 'illness'))",
            ["yes", "no", "yes"],
        ),
    ];
    for (expression, wanted) in cases {
        let node = compile_value(&codebook, "household", expression).unwrap();
        let contents: [&[&str]; 3] = [&["illness"], &["illness", "disability"], &[]];
        for (codes, wanted) in contents.into_iter().zip(wanted) {
            rows.set(row, "other_causes", list(codes));
            let cell = interpret(&node, row, &rows, &context).unwrap_or(Cell::Missing);
            let found = shown_text(&codebook, &node.ty, &cell, Language::En);
            assert_eq!(found, wanted, "{expression} of {codes:?}");
        }
        rows.set(row, "other_causes", Cell::Missing);
        assert!(interpret(&node, row, &rows, &context).is_err(), "{expression}");
    }
}

#[test]
fn conditions_over_a_list_whose_codes_are_not_known_are_refused() {
    let mut codebook = Codebook::embedded("rural").unwrap();
    codebook.code_lists.get_mut("poverty_cause").unwrap().codes.clear();
    for name in ["exists", "all", "count"] {
        let expression = format!("other_causes.{name}(c, c.startsWith('i'))");
        let faults = compile_value(&codebook, "household", &expression).unwrap_err();
        let told = render_all(&faults, Language::En);
        assert!(told.contains("cannot be used so on a list field"), "{expression}: {told}");
    }
}

#[test]
fn many_conditions_are_counted_without_a_deep_tree() {
    let codebook = Codebook::embedded("rural").unwrap();
    let (rows, row) = sample(&codebook);
    let context = Context::new(&codebook, EXAMPLE_DAY);
    for count in [1, 2, 3, 7, 8, 100] {
        let conditions: Vec<String> =
            (0..count).map(|least| format!("population > {}", least % 4)).collect();
        let expression = format!("how_many({})", conditions.join(", "));
        let node = compile_value(&codebook, "household", &expression).unwrap();
        let cell = interpret(&node, row, &rows, &context).unwrap();
        let wanted = (0..count).filter(|least| least % 4 < 3).count();
        let found = shown_text(&codebook, &node.ty, &cell, Language::En);
        assert_eq!(found, wanted.to_string(), "{count}");
        assert!(depth(&node) <= 12, "{count}: {}", depth(&node));
    }
}

/// Levels of a node.
fn depth(node: &Node) -> usize {
    1 + children(node).into_iter().map(depth).max().unwrap_or(0)
}

#[test]
fn texts_of_dates_and_texts_with_blanks_are_what_they_look_like() {
    let codebook = Codebook::embedded("rural").unwrap();
    let (rows, row) = sample(&codebook);
    let context = Context::new(&codebook, EXAMPLE_DAY);
    let cases = [
        ("string(exit_applied_on)", "2018-09-01"),
        ("string(exit_confirmed_on) + string(population)", "2018-11-203"),
        ("distinct(members, m, string(m.birth_date) + string(m.sex))", "3"),
        // Blanks are looked for like other characters.
        ("head_name.contains(' ')", "no"),
        ("(head_name + '　女').contains('　')", "yes"),
        ("('a b' + head_name).contains(' ')", "yes"),
        ("(' 甲' + head_name).startsWith(' ') && !(' 甲' + head_name).startsWith('  ')", "yes"),
        ("(head_name + '甲 ').endsWith(' ') && !head_name.endsWith(' ')", "yes"),
        ("('a b' + head_name).matches(' ')", "yes"),
    ];
    for (expression, wanted) in cases {
        let node = compile_value(&codebook, "household", expression).unwrap();
        let cell = interpret(&node, row, &rows, &context).unwrap();
        assert_eq!(shown_text(&codebook, &node.ty, &cell, Language::En), wanted, "{expression}");
    }
}

#[test]
fn every_function_does_what_its_example_says() {
    let codebook = Codebook::embedded("rural").unwrap();
    let (rows, row) = sample(&codebook);
    let context = Context::new(&codebook, EXAMPLE_DAY);
    let mut wrong = Vec::new();
    for entry in LANGUAGE {
        let (expression, wanted) = entry.example;
        assert!(expression.contains(entry.name), "{} is not in its example", entry.name);
        let node = match compile_value(&codebook, "household", expression) {
            Ok(node) => node,
            Err(faults) => {
                wrong.push(render_all(&faults, Language::En));
                continue;
            }
        };
        let cell = interpret(&node, row, &rows, &context).unwrap_or(Cell::Missing);
        let found = shown_text(&codebook, &node.ty, &cell, Language::En);
        if found != wanted {
            wrong.push(format!("{expression}: {found}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
