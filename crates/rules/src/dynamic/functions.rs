//! Functions of the standard library.

use super::evaluate::{Environment, whole};
use super::time;
use super::value::{Evaluated, Value, error, no_overload};

/// Calls a function; the target of a method is its first value.
pub(crate) fn call(
    name: &str,
    is_method: bool,
    values: &[Value],
    environment: &Environment<'_>,
) -> Evaluated {
    if let (true, Some(result)) = (is_method, time::accessor(name, values, environment)) {
        return result;
    }
    match (name, values) {
        ("size", [value]) => size(value),
        ("type", [value]) => Ok(Value::Type(value.type_name().to_owned())),
        ("dyn", [value]) => Ok(value.clone()),
        (
            "startsWith" | "endsWith" | "contains" | "matches",
            [Value::Text(text), Value::Text(part)],
        ) => of_texts(name, text, part),
        ("hasValue", [Value::Optional(value)]) => Ok(Value::Boolean(value.is_some())),
        ("value", [Value::Optional(value)]) => match value {
            Some(value) => Ok((**value).clone()),
            None => error("optional.none() dereference"),
        },
        ("int", [value]) => to_integer(value),
        ("uint", [value]) => to_unsigned(value),
        ("double", [value]) => to_double(value),
        ("string", [value]) => to_text(value),
        ("bytes", [Value::Text(text)]) => Ok(Value::Bytes(text.as_bytes().to_vec())),
        ("bytes", [value @ Value::Bytes(_)]) | ("bool", [value @ Value::Boolean(_)]) => {
            Ok(value.clone())
        }
        ("bool", [Value::Text(text)]) => match text.as_str() {
            "1" | "t" | "true" | "TRUE" | "True" => Ok(Value::Boolean(true)),
            "0" | "f" | "false" | "FALSE" | "False" => Ok(Value::Boolean(false)),
            _ => error("Type conversion error"),
        },
        ("timestamp", [value @ Value::Timestamp(_)])
        | ("duration", [value @ Value::Duration(_)]) => Ok(value.clone()),
        ("timestamp", [Value::Integer(seconds)]) => {
            time::timestamp(i128::from(*seconds) * 1_000_000_000)
        }
        ("timestamp", [Value::Text(text)]) => time::parse_timestamp(text),
        ("duration", [Value::Text(text)]) => time::parse_duration(text),
        _ => error(&format!("unbound function: {name}")),
    }
}

fn size(value: &Value) -> Evaluated {
    let size = match value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => return no_overload(),
    };
    whole(i64::try_from(size).ok())
}

fn of_texts(name: &str, text: &str, part: &str) -> Evaluated {
    Ok(Value::Boolean(match name {
        "startsWith" => text.starts_with(part),
        "endsWith" => text.ends_with(part),
        "contains" => text.contains(part),
        _ => match crate::pattern::compile(part) {
            Ok(pattern) => pattern.is_match(text),
            Err(message) => return error(&message),
        },
    }))
}

fn to_integer(value: &Value) -> Evaluated {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::Unsigned(number) => i64::try_from(*number).ok(),
        // Both ends of the range are refused, as they may come of rounding.
        Value::Double(number) => {
            crate::call::whole_of(number.trunc()).filter(|number| *number != i64::MIN)
        }
        Value::Text(text) => text.parse().ok(),
        Value::Timestamp(nanoseconds) => i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok(),
        _ => return no_overload(),
    };
    number.map_or_else(|| error("range"), |number| Ok(Value::Integer(number)))
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
#[expect(clippy::cast_sign_loss, reason = "the range is checked")]
fn to_unsigned(value: &Value) -> Evaluated {
    let number = match value {
        Value::Unsigned(number) => Some(*number),
        Value::Integer(number) => u64::try_from(*number).ok(),
        // 2^64 is the first number that does not fit.
        Value::Double(number) => {
            let is_fitting = (0.0..18_446_744_073_709_551_616.0).contains(number);
            is_fitting.then_some(*number as u64)
        }
        Value::Text(text) => text.parse().ok(),
        _ => return no_overload(),
    };
    number.map_or_else(|| error("range"), |number| Ok(Value::Unsigned(number)))
}

#[expect(clippy::cast_precision_loss, reason = "as the standard has it")]
fn to_double(value: &Value) -> Evaluated {
    Ok(Value::Double(match value {
        Value::Double(number) => *number,
        Value::Integer(number) => *number as f64,
        Value::Unsigned(number) => *number as f64,
        Value::Text(text) => match text.parse() {
            Ok(number) => number,
            Err(_) => return error("Type conversion error"),
        },
        _ => return no_overload(),
    }))
}

fn to_text(value: &Value) -> Evaluated {
    Ok(Value::Text(match value {
        Value::Text(text) => text.clone(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Bytes(bytes) => match String::from_utf8(bytes.clone()) {
            Ok(text) => text,
            Err(_) => return error("invalid UTF-8"),
        },
        Value::Timestamp(_) | Value::Duration(_) => return time::text(value),
        _ => return no_overload(),
    }))
}
