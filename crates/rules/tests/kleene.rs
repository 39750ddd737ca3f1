//! Laws of undecided values, over random expressions and random rows.

use proptest::prelude::*;
use std::borrow::Cow;
use std::sync::LazyLock;
use taizhang_codebook::Codebook;
use taizhang_rules::ir::Node;
use taizhang_rules::{
    Cell, Context, EXAMPLE_DAY, MemoryRows, RowId, Undecided, compile_expression, interpret,
};

static CODEBOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::embedded("rural").unwrap());

/// A condition about a household: fields, relations, arithmetic that may fail.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("is_active".to_owned()),
        Just("has_power".to_owned()),
        Just("has(population)".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        (number(), number()).prop_map(|(a, b)| format!("{a} < {b}")),
        (number(), number()).prop_map(|(a, b)| format!("{a} == {b}")),
        Just("exit_applied_on <= exit_confirmed_on".to_owned()),
        Just("days_between(exit_applied_on, as_of()) > 100".to_owned()),
        Just("'illness' in other_causes".to_owned()),
        Just("main_cause in ['illness', 'disability']".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("default({a}, false)")),
            (member(), inner.clone()).prop_map(|(m, a)| format!("members.exists(m, {m} && {a})")),
            (member(), inner).prop_map(|(m, a)| format!("members.all(m, {m} || {a})")),
            (member(), member())
                .prop_map(|(a, b)| format!("members.filter(m, {a}).exists_one(m, {b})")),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("m.is_active".to_owned()),
        Just("m.sex == 'male'".to_owned()),
        Just("age(m.birth_date) >= 16".to_owned()),
        Just("has(m.birth_date)".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("population".to_owned()),
        Just("homestead_count".to_owned()),
        Just("size(members)".to_owned()),
        Just("population / homestead_count".to_owned()),
        Just("9223372036854775807 + population".to_owned()),
        Just("sum(members, m, age(m.birth_date))".to_owned()),
        (-3i64..5).prop_map(|number| number.to_string()),
    ]
}

#[derive(Clone, Debug)]
struct Household {
    is_active: Option<bool>,
    has_power: Option<bool>,
    population: Option<i64>,
    homesteads: Option<i64>,
    cause: Option<&'static str>,
    days: [Option<i64>; 2],
    members: Vec<(Option<bool>, Option<&'static str>, Option<i64>)>,
}

fn household() -> impl Strategy<Value = Household> {
    let truth = || prop::option::of(any::<bool>());
    let member = (
        truth(),
        prop::option::of(prop_oneof![Just("male"), Just("female")]),
        prop::option::of(0i64..20_000),
    );
    (
        truth(),
        truth(),
        prop::option::of(0i64..4),
        prop::option::of(0i64..3),
        prop::option::of(prop_oneof![Just("illness"), Just("disaster")]),
        [prop::option::of(0i64..2000), prop::option::of(0i64..2000)],
        prop::collection::vec(member, 0..4),
    )
        .prop_map(|(is_active, has_power, population, homesteads, cause, days, members)| {
            Household { is_active, has_power, population, homesteads, cause, days, members }
        })
}

fn rows(household: &Household) -> (MemoryRows, RowId) {
    let mut rows = MemoryRows::new(&CODEBOOK);
    let row = rows.add("household");
    let text = |text: &&str| Cell::Text(Cow::Owned((*text).to_owned()));
    let day = |number: &i64| {
        Cell::Date(taizhang_values::days_after("2018-01-01".parse().unwrap(), *number))
    };
    let truth = |truth: &bool| Cell::Boolean(*truth);
    let number = |number: &i64| Cell::Integer(*number);
    let mut set = |row, field, cell: Option<Cell<'static>>| {
        if let Some(cell) = cell {
            rows.set(row, field, cell);
        }
    };
    set(row, "is_active", household.is_active.as_ref().map(truth));
    set(row, "has_power", household.has_power.as_ref().map(truth));
    set(row, "population", household.population.as_ref().map(number));
    set(row, "homestead_count", household.homesteads.as_ref().map(number));
    set(row, "main_cause", household.cause.as_ref().map(text));
    let causes = household.cause.map(|cause| Cell::List(Cow::Owned(vec![cause.to_owned()])));
    set(row, "other_causes", causes);
    set(row, "exit_applied_on", household.days[0].as_ref().map(day));
    set(row, "exit_confirmed_on", household.days[1].as_ref().map(day));
    for (is_active, sex, birth) in &household.members {
        let person = rows.add("person");
        rows.refer(person, "household", row);
        if let Some(is_active) = is_active {
            rows.set(person, "is_active", truth(is_active));
        }
        if let Some(sex) = sex {
            rows.set(person, "sex", text(sex));
        }
        if let Some(birth) = birth {
            let date = taizhang_values::days_after("1970-01-01".parse().unwrap(), *birth);
            rows.set(person, "birth_date", Cell::Date(date));
        }
    }
    (rows, row)
}

fn compiled(text: &str) -> Node {
    compile_expression(&CODEBOOK, "household", text)
        .unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

/// True, false or undecided.
fn truth(text: &str, rows: &MemoryRows, row: RowId) -> Option<bool> {
    let context = Context::new(&CODEBOOK, EXAMPLE_DAY);
    match interpret(&compiled(text), row, rows, &context) {
        Ok(Cell::Boolean(truth)) => Some(truth),
        Ok(other) => panic!("{text}: {other:?}"),
        Err(Undecided::Missing | Undecided::Error(_)) => None,
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    and(left.map(|truth| !truth), right.map(|truth| !truth)).map(|truth| !truth)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn kleenes_laws_hold(a in condition(), b in condition(), household in household()) {
        let (rows, row) = rows(&household);
        let of = |text: &str| truth(text, &rows, row);
        let (left, right) = (of(&a), of(&b));
        prop_assert_eq!(of(&format!("({a}) && ({b})")), and(left, right));
        prop_assert_eq!(of(&format!("({b}) && ({a})")), and(left, right));
        prop_assert_eq!(of(&format!("({a}) || ({b})")), or(left, right));
        prop_assert_eq!(of(&format!("!({a})")), left.map(|truth| !truth));
        prop_assert_eq!(of(&format!("!(({a}) && ({b}))")), of(&format!("!({a}) || !({b})")));
        prop_assert_eq!(of(&format!("({a}) ? true : false")), left);
    }

    #[test]
    fn exists_and_all_are_two_sides_of_one(a in member(), b in member(), household in household()) {
        let (rows, row) = rows(&household);
        let of = |text: &str| truth(text, &rows, row);
        prop_assert_eq!(
            of(&format!("members.exists(m, {a} && {b})")),
            of(&format!("!members.all(m, !({a}) || !({b}))"))
        );
        prop_assert_eq!(
            of(&format!("members.filter(m, {a}).exists(m, {b})")),
            of(&format!("members.exists(m, {a} && {b})"))
        );
        prop_assert_eq!(
            of(&format!("members.filter(m, {a}).all(m, {b})")),
            of(&format!("members.all(m, !({a}) || {b})"))
        );
    }

    /// Filling something in never turns a decided answer round, as long as nothing asks whether
    /// it is there.
    #[test]
    fn more_knowledge_never_turns_an_answer_round(a in condition(), household in household()) {
        prop_assume!(!a.contains("has(") && !a.contains("default("));
        let (before_rows, before_row) = rows(&household);
        let mut fuller = household.clone();
        fuller.is_active = fuller.is_active.or(Some(true));
        fuller.population = fuller.population.or(Some(2));
        fuller.cause = fuller.cause.or(Some("illness"));
        for member in &mut fuller.members {
            member.1 = member.1.or(Some("male"));
        }
        let (after_rows, after_row) = rows(&fuller);
        if let Some(before) = truth(&a, &before_rows, before_row) {
            prop_assert_eq!(truth(&a, &after_rows, after_row), Some(before));
        }
    }

    #[test]
    fn typed_form_survives_the_wire(a in condition()) {
        let node = compiled(&a);
        let json = serde_json::to_string(&node).unwrap();
        let back: Node = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back, node);
    }
}
