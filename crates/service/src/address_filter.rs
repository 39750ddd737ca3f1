//! Filters in the form of page addresses: `state=closed,checked&due_on<today`.
//!
//! One grammar ([`taizhang_codebook::parse_filter`]) serves indicators, exports and the rows behind
//! a printed number, so that a number in a report opens exactly the rows it counted.

use taizhang_codebook::{
    BUILT_IN_FIELDS, Codebook, FieldType, FilterOperator, FilterTerm, Ledger, STATE_KIND_FIELD,
    TODAY, parse_filter, state_kind,
};
use taizhang_diagnostics::{Diagnostic, Message, nearest};
use taizhang_store::Filter;
use taizhang_values::{Date, Decimal, Money, RecordId, Value, ValueKind, parse_date, parse_month};

/// Reads a filter over the rows of a ledger.
///
/// # Errors
/// `S0404` for an unknown ledger, `S0401` for a term that cannot be read, `S0402` for an unknown
/// field (with the nearest), `S0403` for a value that does not fit the field; all faults at once.
pub fn address_filter(
    codebook: &Codebook,
    ledger: &str,
    text: &str,
    today: Date,
) -> Result<Filter, Vec<Diagnostic>> {
    let Some(definition) = codebook.ledger(ledger) else {
        return Err(vec![Diagnostic::error(
            "S0404",
            Message::new(format!("没有台账`{ledger}`"), format!("no ledger `{ledger}`")),
        )]);
    };
    let terms = parse_filter(text).map_err(|fault| {
        let message = Message::new(
            format!("筛选条件`{}`看不懂", fault.term),
            format!("the term `{}` cannot be read", fault.term),
        );
        let help =
            Message::new("写成 字段=值，多个值用逗号", "write field=value, several by comma");
        vec![Diagnostic::error("S0401", message).help(help)]
    })?;
    let reader = TermReader { codebook, ledger: definition, today };
    let mut parts = Vec::new();
    let mut faults = Vec::new();
    for term in &terms {
        match reader.term(term) {
            Ok(filter) => parts.push(filter),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(if parts.is_empty() { Filter::All } else { Filter::And(parts) })
}

struct TermReader<'a> {
    codebook: &'a Codebook,
    ledger: &'a Ledger,
    today: Date,
}

impl TermReader<'_> {
    fn term(&self, term: &FilterTerm) -> Result<Filter, Diagnostic> {
        let name = term.field.clone();
        if name == STATE_KIND_FIELD {
            return self.state_kind(term);
        }
        let kind = self.kind_of(&name)?;
        let mut values = Vec::new();
        for value in &term.values {
            values.push(self.value(kind, value).ok_or_else(|| unfit(&name, value))?);
        }
        let first = values.first().cloned();
        let among = match (kind, values.as_slice()) {
            (_, []) => Filter::IsEmpty(name.clone()),
            (ValueKind::List, _) => Filter::Or(
                term.values.iter().map(|v| Filter::ListHas(name.clone(), v.clone())).collect(),
            ),
            (_, [single]) => Filter::Eq(name.clone(), single.clone()),
            _ => Filter::In(name.clone(), values),
        };
        let bound = first.ok_or_else(|| unfit(&name, ""));
        Ok(match term.operator {
            FilterOperator::Is => among,
            FilterOperator::IsNot => Filter::Not(Box::new(among)),
            FilterOperator::Less => Filter::Less(name, bound?),
            FilterOperator::AtMost => Filter::AtMost(name, bound?),
            FilterOperator::Greater => Filter::Greater(name, bound?),
            FilterOperator::AtLeast => Filter::AtLeast(name, bound?),
        })
    }

    fn kind_of(&self, field: &str) -> Result<ValueKind, Diagnostic> {
        if let Some(known) = self.ledger.field(field) {
            return Ok(known.field_type.value_kind());
        }
        match field {
            "id" | "created_by" | "updated_by" => Ok(FieldType::Reference.value_kind()),
            "state" | "region" => Ok(ValueKind::Text),
            _ => {
                let names = self.ledger.fields.iter().map(|known| known.name.as_str());
                let mut fault = Diagnostic::error(
                    "S0402",
                    Message::new(
                        format!("台账`{}`没有字段`{field}`", self.ledger.name),
                        format!("no field `{field}` in ledger `{}`", self.ledger.name),
                    ),
                );
                if let Some(near) = nearest(field, names.chain(BUILT_IN_FIELDS)) {
                    fault = fault.help(Message::new(
                        format!("最近的是`{near}`"),
                        format!("the nearest is `{near}`"),
                    ));
                }
                Err(fault)
            }
        }
    }

    fn value(&self, kind: ValueKind, text: &str) -> Option<Value> {
        let text = text.trim();
        match kind {
            ValueKind::Text | ValueKind::List => Some(text.into()),
            ValueKind::Integer => text.parse::<i64>().ok().map(Value::from),
            ValueKind::Money => Money::parse(text).map(Value::from),
            ValueKind::Decimal => Decimal::parse(text).map(Value::from),
            ValueKind::Boolean => match text {
                "true" | "yes" | "1" | "是" => Some(true.into()),
                "false" | "no" | "0" | "否" => Some(false.into()),
                _ => None,
            },
            ValueKind::Date if text == TODAY => Some(self.today.into()),
            ValueKind::Date => parse_date(text).or_else(|| parse_month(text)).map(Value::from),
            ValueKind::Instant => text.parse::<taizhang_values::Timestamp>().ok().map(Value::from),
            ValueKind::Reference => RecordId::parse(text).map(Value::from),
        }
    }

    fn state_kind(&self, term: &FilterTerm) -> Result<Filter, Diagnostic> {
        let flow = self.ledger.flow.as_ref().and_then(|name| self.codebook.flows.get(name));
        let states = flow.map(|flow| flow.states.as_slice()).unwrap_or_default();
        if let Some(wrong) = term.values.iter().find(|word| state_kind(word).is_none()) {
            return Err(unfit(STATE_KIND_FIELD, wrong));
        }
        let names = states
            .iter()
            .filter(|state| term.values.iter().any(|word| state_kind(word) == Some(state.kind)))
            .map(|state| Value::from(state.name.as_str()))
            .collect();
        let filter = Filter::In("state".to_owned(), names);
        match term.operator {
            FilterOperator::Is => Ok(filter),
            FilterOperator::IsNot => Ok(Filter::Not(Box::new(filter))),
            _ => Err(unfit(STATE_KIND_FIELD, "")),
        }
    }
}

fn unfit(field: &str, value: &str) -> Diagnostic {
    Diagnostic::error(
        "S0403",
        Message::new(
            format!("`{value}`不是字段`{field}`能有的值"),
            format!("`{value}` is no value of field `{field}`"),
        ),
    )
}
