//! Optional values.

use super::evaluate::{Evaluator, position};
use super::value::{Evaluated, Value, error, lookup, no_overload};
use crate::syntax::{Constant, Expression, ExpressionKind, operator};

impl Evaluator<'_> {
    /// The result of a call about optionals; `None` if it is none.
    pub(crate) fn optional_call(
        &mut self,
        target: Option<&Expression>,
        name: &str,
        args: &[Expression],
    ) -> Option<Evaluated> {
        match (target, name, args) {
            (None, operator::OPTIONAL_SELECT, [operand, field]) => {
                let ExpressionKind::Literal(Constant::Text(field)) = &field.kind else {
                    return Some(no_overload());
                };
                Some(self.value(operand).and_then(|operand| select(&operand, field)))
            }
            (None, operator::OPTIONAL_INDEX, [operand, key]) => Some(self.indexed(operand, key)),
            (Some(target), _, _) if is_namespace(target) => self.made(name, args),
            (Some(target), "optMap" | "optFlatMap", [variable, body]) => {
                let ExpressionKind::Name(variable) = &variable.kind else {
                    return Some(error("variable name wanted"));
                };
                Some(self.mapped(target, name, variable, body))
            }
            (Some(target), "or" | "orValue", [other]) => {
                Some(self.alternative(target, name, other))
            }
            _ => None,
        }
    }

    fn indexed(&mut self, operand: &Expression, key: &Expression) -> Evaluated {
        let (operand, key) = (self.value(operand)?, self.value(key)?);
        index(&operand, &key)
    }

    /// `optional.of(…)` and its like.
    fn made(&mut self, name: &str, args: &[Expression]) -> Option<Evaluated> {
        let some = |value: Value| Value::Optional(Some(Box::new(value)));
        match (name, args) {
            ("none", []) => Some(Ok(Value::Optional(None))),
            ("of", [value]) => Some(self.value(value).map(some)),
            ("ofNonZeroValue", [value]) => Some(
                self.value(value)
                    .map(|value| if is_zero(&value) { Value::Optional(None) } else { some(value) }),
            ),
            _ => None,
        }
    }

    fn mapped(
        &mut self,
        target: &Expression,
        name: &str,
        variable: &str,
        body: &Expression,
    ) -> Evaluated {
        match self.value(target)? {
            Value::Optional(None) => Ok(Value::Optional(None)),
            Value::Optional(Some(value)) => {
                let result = self.with_local(variable, *value, body)?;
                match (name, result) {
                    ("optMap", result) => Ok(Value::Optional(Some(Box::new(result)))),
                    (_, result @ Value::Optional(_)) => Ok(result),
                    _ => no_overload(),
                }
            }
            _ => no_overload(),
        }
    }

    fn alternative(&mut self, target: &Expression, name: &str, other: &Expression) -> Evaluated {
        match (self.value(target)?, name) {
            (Value::Optional(Some(value)), "orValue") => Ok(*value),
            (value @ Value::Optional(Some(_)), _) => Ok(value),
            (Value::Optional(None), "orValue") => self.value(other),
            (Value::Optional(None), _) => match self.value(other)? {
                value @ Value::Optional(_) => Ok(value),
                _ => no_overload(),
            },
            _ => no_overload(),
        }
    }
}

fn is_namespace(target: &Expression) -> bool {
    matches!(&target.kind, ExpressionKind::Name(name) if name == "optional")
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Optional(None) => true,
        Value::Boolean(truth) => !truth,
        Value::Integer(number) => *number == 0,
        Value::Unsigned(number) => *number == 0,
        Value::Double(number) => *number == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Timestamp(nanoseconds) | Value::Duration(nanoseconds) => *nanoseconds == 0,
        Value::Type(_) | Value::Optional(Some(_)) => false,
    }
}

/// A field that may not be there.
pub(crate) fn select(operand: &Value, field: &str) -> Evaluated {
    index(operand, &Value::Text(field.to_owned()))
}

/// An item that may not be there.
pub(crate) fn index(operand: &Value, key: &Value) -> Evaluated {
    let found = match operand {
        Value::Optional(None) => None,
        Value::Optional(Some(inner)) => return index(inner, key),
        Value::Map(entries) => lookup(entries, key).cloned(),
        Value::List(items) => position(key)?.and_then(|position| items.get(position).cloned()),
        _ => return no_overload(),
    };
    Ok(Value::Optional(found.map(Box::new)))
}
