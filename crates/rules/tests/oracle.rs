//! The crate `cel`'s own interpreter as an oracle, where its meaning and ours are the same: no
//! missing values, whole numbers and texts.

use cel::{Context as CelContext, Program, Value as CelValue};
use proptest::prelude::*;
use std::borrow::Cow;
use std::sync::LazyLock;
use taizhang_codebook::Codebook;
use taizhang_rules::dynamic::{Environment, Value, evaluate, parse};
use taizhang_rules::{Cell, Context, EXAMPLE_DAY, MemoryRows, compile_expression, interpret};

static CODEBOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::embedded("rural").unwrap());

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("population".to_owned()),
        Just("homestead_count".to_owned()),
        (-9i64..10).prop_map(|number| format!("({number})")),
        Just("9223372036854775807".to_owned()),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")], inner)
            .prop_map(|(a, operation, b)| format!("({a} {operation} {b})"))
    })
}

fn condition() -> impl Strategy<Value = String> {
    let comparison =
        || prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        (number(), comparison(), number()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (comparison(), "[a-z山]{1,2}").prop_map(|(sign, b)| format!("head_name {sign} '{b}'")),
        "[a-z山]{1,2}".prop_map(|part| format!("head_name.startsWith('{part}')")),
        "[a-z山]{1,2}".prop_map(|part| format!("head_name.contains('{part}')")),
        Just("head_name in ['a', 'b', '山']".to_owned()),
        Just("size(head_name) > 2".to_owned()),
        Just("is_active".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn three_interpreters_agree(
        text in condition(),
        population in 0i64..5,
        homesteads in 0i64..3,
        name in "[a-c山]{1,3}",
        is_active in any::<bool>(),
    ) {
        let mut rows = MemoryRows::new(&CODEBOOK);
        let row = rows.add("household");
        rows.set(row, "population", Cell::Integer(population));
        rows.set(row, "homestead_count", Cell::Integer(homesteads));
        rows.set(row, "head_name", Cell::Text(Cow::Owned(name.clone())));
        rows.set(row, "is_active", Cell::Boolean(is_active));
        let context = Context::new(&CODEBOOK, EXAMPLE_DAY);
        let node = compile_expression(&CODEBOOK, "household", &text).unwrap();
        let ours = match interpret(&node, row, &rows, &context) {
            Ok(Cell::Boolean(truth)) => Some(truth),
            _ => None,
        };
        let variables = [
            ("population", Value::Integer(population)),
            ("homestead_count", Value::Integer(homesteads)),
            ("head_name", Value::Text(name.clone())),
            ("is_active", Value::Boolean(is_active)),
        ];
        let environment = Environment {
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            container: String::new(),
            zones: &|_, _| None,
        };
        let dynamic = match evaluate(&parse(&text).unwrap(), &environment) {
            Ok(Value::Boolean(truth)) => Some(truth),
            _ => None,
        };
        prop_assert_eq!(ours, dynamic, "{}", text);
        let mut theirs = CelContext::default();
        theirs.add_variable_from_value("population", population);
        theirs.add_variable_from_value("homestead_count", homesteads);
        theirs.add_variable_from_value("head_name", name);
        theirs.add_variable_from_value("is_active", is_active);
        let found = match Program::compile(&text).unwrap().execute(&theirs) {
            Ok(CelValue::Bool(truth)) => Some(truth),
            _ => None,
        };
        prop_assert_eq!(ours, found, "{}", text);
    }
}
