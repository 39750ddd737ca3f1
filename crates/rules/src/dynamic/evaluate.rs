//! Evaluation of an expression.

use super::Program;
use super::value::{CelError, Evaluated, Value, error, lookup, no_overload};
use crate::syntax::{Constant, Expression, ExpressionKind, operator};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Seconds east of UTC of a named time zone at an instant (seconds since 1970).
pub type Zones<'a> = &'a dyn Fn(&str, i64) -> Option<i64>;

/// What names mean.
pub struct Environment<'a> {
    /// Variables by their whole names (`a.b`).
    pub variables: BTreeMap<String, Value>,
    /// Container in which names are looked up first.
    pub container: String,
    /// Time zones by name: the crate itself reads no files.
    pub zones: Zones<'a>,
}

/// Evaluates a program.
///
/// # Errors
/// What went wrong, in words.
pub fn evaluate(program: &Program, environment: &Environment<'_>) -> Result<Value, CelError> {
    Evaluator { environment, locals: Vec::new() }.value(&program.0)
}

pub(crate) struct Evaluator<'a> {
    pub(crate) environment: &'a Environment<'a>,
    pub(crate) locals: Vec<(String, Value)>,
}

/// Names of types that stand for themselves.
const TYPES: [&str; 13] = [
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
    "type",
    "optional_type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
];

impl Evaluator<'_> {
    pub(crate) fn value(&mut self, expression: &Expression) -> Evaluated {
        match &expression.kind {
            ExpressionKind::Literal(constant) => Ok(constant_value(constant)),
            ExpressionKind::Name(name) => match self.named(name) {
                Some(value) => Ok(value),
                None => error("undeclared reference"),
            },
            ExpressionKind::Select { operand, field } => {
                if let Some(value) = qualified(expression).and_then(|name| self.named(&name)) {
                    return Ok(value);
                }
                let operand = self.value(operand)?;
                select(&operand, field)
            }
            ExpressionKind::Call { target, name, args } => self.call(target.as_deref(), name, args),
            ExpressionKind::List(items) => self.list(items),
            ExpressionKind::Map(entries) => self.map(entries),
            ExpressionKind::Message { .. } => error("messages are not supported"),
        }
    }

    /// A local name, or a variable or type as the container sees it.
    fn named(&self, name: &str) -> Option<Value> {
        let local = self.locals.iter().rev().find(|(known, _)| known == name);
        if let Some((_, value)) = local {
            return Some(value.clone());
        }
        let (name, is_absolute) = match name.strip_prefix('.') {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        // A local hides the first part of a longer name.
        let first = name.split('.').next().unwrap_or(name);
        if !is_absolute && self.locals.iter().any(|(known, _)| known == first) {
            return None;
        }
        let mut container = if is_absolute { "" } else { self.environment.container.as_str() };
        loop {
            let whole =
                if container.is_empty() { name.to_owned() } else { format!("{container}.{name}") };
            if let Some(value) = self.environment.variables.get(&whole) {
                return Some(value.clone());
            }
            if TYPES.contains(&whole.as_str()) {
                return Some(Value::Type(whole));
            }
            if container.is_empty() {
                return None;
            }
            container = container.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }

    fn list(&mut self, items: &[(Expression, bool)]) -> Evaluated {
        let mut values = Vec::new();
        for (item, is_optional) in items {
            match (self.value(item)?, is_optional) {
                (Value::Optional(value), true) => values.extend(value.map(|value| *value)),
                (_, true) => return no_overload(),
                (value, false) => values.push(value),
            }
        }
        Ok(Value::List(values))
    }

    fn map(&mut self, items: &[(Expression, Expression, bool)]) -> Evaluated {
        let mut entries: Vec<(Value, Value)> = Vec::new();
        for (key, value, is_optional) in items {
            let (key, value) = (self.value(key)?, self.value(value)?);
            let value = match (value, is_optional) {
                (Value::Optional(None), true) => continue,
                (Value::Optional(Some(value)), true) => *value,
                (_, true) => return no_overload(),
                (value, false) => value,
            };
            let is_key = matches!(
                key,
                Value::Boolean(_) | Value::Integer(_) | Value::Unsigned(_) | Value::Text(_)
            );
            if !is_key {
                return error("unsupported key type");
            }
            if lookup(&entries, &key).is_some() {
                return error("repeated key");
            }
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }

    fn call(&mut self, target: Option<&Expression>, name: &str, args: &[Expression]) -> Evaluated {
        match (name, target, args) {
            (operator::AND, None, [left, right]) => self.junction(left, right, false),
            (operator::OR, None, [left, right]) => self.junction(left, right, true),
            (operator::CONDITIONAL, None, [test, then, otherwise]) => match self.value(test)? {
                Value::Boolean(true) => self.value(then),
                Value::Boolean(false) => self.value(otherwise),
                _ => no_overload(),
            },
            ("has", None, [field]) => self.has(field),
            _ => {
                if let Some(result) = self.macro_call(target, name, args) {
                    return result;
                }
                if let Some(result) = self.optional_call(target, name, args) {
                    return result;
                }
                let mut values = Vec::new();
                for arg in target.into_iter().chain(args) {
                    values.push(self.value(arg)?);
                }
                match operate(name, &values) {
                    Some(result) => result,
                    None => {
                        super::functions::call(name, target.is_some(), &values, self.environment)
                    }
                }
            }
        }
    }

    /// Whichever side decides; else the error of either.
    fn junction(&mut self, left: &Expression, right: &Expression, end: bool) -> Evaluated {
        let left = self.truth(left);
        if left == Ok(end) {
            return Ok(Value::Boolean(end));
        }
        let right = self.truth(right);
        if right == Ok(end) {
            return Ok(Value::Boolean(end));
        }
        left?;
        right?;
        Ok(Value::Boolean(!end))
    }

    pub(crate) fn truth(&mut self, expression: &Expression) -> Result<bool, CelError> {
        match self.value(expression)? {
            Value::Boolean(truth) => Ok(truth),
            _ => no_overload(),
        }
    }

    fn has(&mut self, field: &Expression) -> Evaluated {
        let (operand, field) = match &field.kind {
            ExpressionKind::Select { operand, field } => (operand.as_ref(), field.clone()),
            // `has(a.?b)`.
            ExpressionKind::Call { target: None, name, args }
                if name == operator::OPTIONAL_SELECT =>
            {
                let [
                    operand,
                    Expression { kind: ExpressionKind::Literal(Constant::Text(field)), .. },
                ] = args.as_slice()
                else {
                    return error("invalid argument to has() macro");
                };
                (operand, field.clone())
            }
            _ => return error("invalid argument to has() macro"),
        };
        let operand = self.value(operand)?;
        let found = match &operand {
            Value::Optional(None) => return Ok(Value::Boolean(false)),
            Value::Optional(Some(inner)) => has_field(inner, &field),
            other => has_field(other, &field),
        };
        found.map(Value::Boolean)
    }
}

fn has_field(value: &Value, field: &str) -> Result<bool, CelError> {
    match value {
        Value::Map(entries) => Ok(lookup(entries, &Value::Text(field.to_owned())).is_some()),
        Value::Optional(None) => Ok(false),
        Value::Optional(Some(inner)) => has_field(inner, field),
        _ => error("no_matching_overload"),
    }
}

/// `a.b.c` if an expression is nothing but names.
fn qualified(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Name(name) => Some(name.clone()),
        ExpressionKind::Select { operand, field } => {
            Some(format!("{}.{field}", qualified(operand)?))
        }
        _ => None,
    }
}

/// A field of a map; of an optional: an optional.
pub(crate) fn select(operand: &Value, field: &str) -> Evaluated {
    match operand {
        Value::Map(entries) => match lookup(entries, &Value::Text(field.to_owned())) {
            Some(value) => Ok(value.clone()),
            None => error("no such key"),
        },
        Value::Optional(None) => Ok(Value::Optional(None)),
        Value::Optional(Some(inner)) => super::optional::select(inner, field),
        _ => no_overload(),
    }
}

/// An item of a list or map.
pub(crate) fn index(operand: &Value, key: &Value) -> Evaluated {
    match operand {
        Value::List(items) => match position(key)? {
            Some(position) => match items.get(position) {
                Some(item) => Ok(item.clone()),
                None => error("invalid_argument"),
            },
            None => error("invalid_argument"),
        },
        Value::Map(entries) => match lookup(entries, key) {
            Some(value) => Ok(value.clone()),
            None => error("no such key"),
        },
        Value::Optional(None) => Ok(Value::Optional(None)),
        Value::Optional(Some(inner)) => super::optional::index(inner, key),
        _ => no_overload(),
    }
}

/// The position that a number means, `None` for one that cannot be.
pub(crate) fn position(key: &Value) -> Result<Option<usize>, CelError> {
    match key {
        Value::Integer(number) => Ok(usize::try_from(*number).ok()),
        Value::Unsigned(number) => Ok(usize::try_from(*number).ok()),
        Value::Double(number) if number.fract() == 0.0 => {
            Ok(crate::call::whole_of(*number).and_then(|number| usize::try_from(number).ok()))
        }
        Value::Double(_) => Ok(None),
        _ => no_overload(),
    }
}

/// An operator; `None` for names of functions.
fn operate(name: &str, values: &[Value]) -> Option<Evaluated> {
    match (name, values) {
        (operator::NOT, [Value::Boolean(truth)]) => Some(Ok(Value::Boolean(!truth))),
        (operator::NEGATE, [value]) => Some(negate(value)),
        (operator::INDEX, [operand, key]) => Some(index(operand, key)),
        (operator::IN, [value, list]) => Some(is_in(value, list)),
        ("_==_", [left, right]) => Some(Ok(Value::Boolean(left.equals(right)))),
        ("_!=_", [left, right]) => Some(Ok(Value::Boolean(!left.equals(right)))),
        ("_<_", [left, right]) => Some(ordered(left, right, Ordering::is_lt)),
        ("_<=_", [left, right]) => Some(ordered(left, right, Ordering::is_le)),
        ("_>_", [left, right]) => Some(ordered(left, right, Ordering::is_gt)),
        ("_>=_", [left, right]) => Some(ordered(left, right, Ordering::is_ge)),
        ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", [left, right]) => {
            Some(arithmetic(name, left, right))
        }
        (operator::NOT, _) => Some(no_overload()),
        _ => None,
    }
}

fn ordered(left: &Value, right: &Value, is_so: fn(Ordering) -> bool) -> Evaluated {
    Ok(Value::Boolean(left.order(right)?.is_some_and(is_so)))
}

fn is_in(value: &Value, list: &Value) -> Evaluated {
    match list {
        Value::List(items) => Ok(Value::Boolean(items.iter().any(|item| item.equals(value)))),
        Value::Map(entries) => Ok(Value::Boolean(lookup(entries, value).is_some())),
        _ => no_overload(),
    }
}

fn negate(value: &Value) -> Evaluated {
    match value {
        Value::Integer(number) => whole(number.checked_neg()),
        Value::Double(number) => Ok(Value::Double(-number)),
        Value::Duration(nanoseconds) => super::time::duration(-nanoseconds),
        _ => no_overload(),
    }
}

pub(crate) fn whole(number: Option<i64>) -> Evaluated {
    number.map_or_else(|| error("return error for overflow"), |number| Ok(Value::Integer(number)))
}

fn unsigned(number: Option<u64>) -> Evaluated {
    number.map_or_else(|| error("return error for overflow"), |number| Ok(Value::Unsigned(number)))
}

fn arithmetic(name: &str, left: &Value, right: &Value) -> Evaluated {
    let is_division = matches!(name, "_/_" | "_%_");
    match (left, right) {
        (Value::Integer(_), Value::Integer(0)) | (Value::Unsigned(_), Value::Unsigned(0))
            if is_division =>
        {
            error(if name == "_/_" { "divide by zero" } else { "modulus by zero" })
        }
        (Value::Integer(left), Value::Integer(right)) => whole(match name {
            "_+_" => left.checked_add(*right),
            "_-_" => left.checked_sub(*right),
            "_*_" => left.checked_mul(*right),
            "_/_" => left.checked_div(*right),
            _ => left.checked_rem(*right),
        }),
        (Value::Unsigned(left), Value::Unsigned(right)) => unsigned(match name {
            "_+_" => left.checked_add(*right),
            "_-_" => left.checked_sub(*right),
            "_*_" => left.checked_mul(*right),
            "_/_" => left.checked_div(*right),
            _ => left.checked_rem(*right),
        }),
        (Value::Double(left), Value::Double(right)) => match name {
            "_+_" => Ok(Value::Double(left + right)),
            "_-_" => Ok(Value::Double(left - right)),
            "_*_" => Ok(Value::Double(left * right)),
            "_/_" => Ok(Value::Double(left / right)),
            _ => no_overload(),
        },
        _ => joined(name, left, right),
    }
}

/// Texts, bytes and lists one after the other; times.
fn joined(name: &str, left: &Value, right: &Value) -> Evaluated {
    match (name, left, right) {
        ("_+_", Value::Text(left), Value::Text(right)) => Ok(Value::Text(format!("{left}{right}"))),
        ("_+_", Value::Bytes(left), Value::Bytes(right)) => {
            Ok(Value::Bytes([left.as_slice(), right].concat()))
        }
        ("_+_", Value::List(left), Value::List(right)) => {
            Ok(Value::List([left.as_slice(), right].concat()))
        }
        _ => super::time::arithmetic(name, left, right),
    }
}

fn constant_value(constant: &Constant) -> Value {
    match constant {
        Constant::Null => Value::Null,
        Constant::Boolean(truth) => Value::Boolean(*truth),
        Constant::Integer(number) => Value::Integer(*number),
        Constant::Unsigned(number) => Value::Unsigned(*number),
        Constant::Double(number) => Value::Double(*number),
        Constant::Text(text) => Value::Text(text.clone()),
        Constant::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}
