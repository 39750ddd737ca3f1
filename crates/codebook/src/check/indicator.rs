//! Indicators: a filter that the ledger can answer.

use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::filter::{FilterTerm, STATE_KIND_FIELD, TODAY, parse_filter};
use crate::model::{FieldType, Indicator, Ledger};
use crate::names::BUILT_IN_FIELDS;
use crate::read::{state_kind, state_kind_words};
use taizhang_diagnostics::Message;
use taizhang_values::{Date, Decimal, parse_month};

pub(super) fn check(checker: &Checker<'_>, indicator: &Indicator) {
    let path = ["indicators", indicator.name.as_str()];
    check_share(checker, indicator, &[path.as_slice(), &["share_of"]].concat());
    let Some(ledger) = checker.ledger(&indicator.ledger, &[path.as_slice(), &["ledger"]].concat())
    else {
        return;
    };
    let path = [path.as_slice(), &["filter"]].concat();
    match parse_filter(&indicator.filter) {
        Err(fault) => checker.fault_with_help(
            FaultKind::BadFilter,
            &path,
            Message::new(
                format!("看不懂`{}`", fault.term),
                format!("cannot read `{}`", fault.term),
            ),
            Message::new(
                "写成 字段=值，多个值用逗号，多个条件用 &",
                "write field=value, several values by comma, several terms by &",
            ),
        ),
        Ok(terms) => {
            for term in &terms {
                check_term(checker, ledger, term, &path);
            }
        }
    }
}

fn check_share(checker: &Checker<'_>, indicator: &Indicator, path: Path<'_>) {
    let Some(name) = &indicator.share_of else {
        return;
    };
    let Some(whole) = checker.codebook.indicators.get(name) else {
        let known = checker.codebook.indicators.keys().map(String::as_str);
        checker.unknown(FaultKind::UnknownIndicator, path, ("指标", "indicator"), name, known);
        return;
    };
    if whole.ledger != indicator.ledger {
        checker.fault(
            FaultKind::ShareAstray,
            path,
            format!("总数`{name}`数的是台账`{}`", whole.ledger),
            format!("the whole `{name}` counts ledger `{}`", whole.ledger),
        );
    }
}

fn check_term(checker: &Checker<'_>, ledger: &Ledger, term: &FilterTerm, path: Path<'_>) {
    let name = term.field.as_str();
    let flow = ledger.flow.as_ref().and_then(|flow| checker.codebook.flows.get(flow));
    if name == STATE_KIND_FIELD {
        for word in term.values.iter().filter(|word| state_kind(word).is_none()) {
            let noun = ("环节性质", "kind of state");
            checker.unknown(FaultKind::UnknownWord, path, noun, word, state_kind_words());
        }
        return;
    }
    if name == "state" {
        let known: Vec<&str> = flow
            .map(|flow| flow.states.iter().map(|s| s.name.as_str()).collect())
            .unwrap_or_default();
        for word in term.values.iter().filter(|word| !known.contains(&word.as_str())) {
            let known = known.iter().copied();
            checker.unknown(FaultKind::UnknownState, path, ("环节", "state"), word, known);
        }
        return;
    }
    let Some(field) = ledger.field(name) else {
        if !BUILT_IN_FIELDS.contains(&name) {
            let others = [BUILT_IN_FIELDS.as_slice(), &[STATE_KIND_FIELD]].concat();
            checker.unknown_field(ledger, name, path, &others);
        }
        return;
    };
    for value in &term.values {
        match (&field.codes, field.field_type) {
            (Some(list), _) if checker.codebook.code_lists.contains_key(list) => {
                checker.code(list, value, path);
            }
            (None, kind) if !fits(kind, value) => checker.fault_at_word(
                FaultKind::BadFilter,
                path,
                value,
                Message::new(
                    format!("`{value}`不是字段`{name}`的值"),
                    format!("`{value}` is no value of field `{name}`"),
                ),
            ),
            _ => {}
        }
    }
}

/// True if a word of a filter can be a value of the type.
fn fits(kind: FieldType, value: &str) -> bool {
    match kind {
        FieldType::Integer | FieldType::Percent | FieldType::Money => value.parse::<i64>().is_ok(),
        FieldType::Decimal => Decimal::parse(value).is_some(),
        FieldType::Boolean => matches!(value, "true" | "false"),
        FieldType::Date => value == TODAY || value.parse::<Date>().is_ok(),
        FieldType::Month => value == TODAY || parse_month(value).is_some(),
        FieldType::Instant => value == TODAY || value.parse::<taizhang_values::Timestamp>().is_ok(),
        _ => true,
    }
}
