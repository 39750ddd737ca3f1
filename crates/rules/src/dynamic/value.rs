//! Values of CEL and how they compare.

use std::cmp::Ordering;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Null.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// 64 bits with sign.
    Integer(i64),
    /// 64 bits without sign.
    Unsigned(u64),
    /// IEEE double.
    Double(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// List.
    List(Vec<Value>),
    /// Map, in the order of writing; keys are looked up one by one.
    Map(Vec<(Value, Value)>),
    /// Nanoseconds since 1970-01-01, UTC.
    Timestamp(i128),
    /// Nanoseconds.
    Duration(i128),
    /// A type by its name.
    Type(String),
    /// A value that may not be there.
    Optional(Option<Box<Value>>),
}

/// An error, in the words of the standard's cases where they have some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CelError(pub String);

/// A value or an error.
pub(crate) type Evaluated = Result<Value, CelError>;

pub(crate) fn error<T>(message: &str) -> Result<T, CelError> {
    Err(CelError(message.to_owned()))
}

pub(crate) fn no_overload<T>() -> Result<T, CelError> {
    error("no such overload")
}

impl Value {
    /// Name of the value's type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::Null => "null_type",
            Self::Boolean(_) => "bool",
            Self::Integer(_) => "int",
            Self::Unsigned(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::Optional(_) => "optional_type",
        }
    }

    /// CEL's equality: numbers by value, whatever their types; different types are not equal.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Bytes(left), Self::Bytes(right)) => left == right,
            (Self::Timestamp(left), Self::Timestamp(right))
            | (Self::Duration(left), Self::Duration(right)) => left == right,
            (Self::Type(left), Self::Type(right)) => left == right,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.equals(b))
            }
            (Self::Map(left), Self::Map(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, value)| {
                        lookup(right, key).is_some_and(|other| value.equals(other))
                    })
            }
            (Self::Optional(left), Self::Optional(right)) => match (left, right) {
                (Some(left), Some(right)) => left.equals(right),
                (None, None) => true,
                _ => false,
            },
            _ => number_order(self, other) == Some(Ordering::Equal),
        }
    }

    /// Order of two values; `None` if they have none (NaN), an error if their types do not.
    pub(crate) fn order(&self, other: &Self) -> Result<Option<Ordering>, CelError> {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => Ok(Some(left.cmp(right))),
            (Self::Text(left), Self::Text(right)) => Ok(Some(left.cmp(right))),
            (Self::Bytes(left), Self::Bytes(right)) => Ok(Some(left.cmp(right))),
            (Self::Timestamp(left), Self::Timestamp(right))
            | (Self::Duration(left), Self::Duration(right)) => Ok(Some(left.cmp(right))),
            _ if self.is_number() && other.is_number() => Ok(number_order(self, other)),
            _ => no_overload(),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Unsigned(_) | Self::Double(_))
    }

    /// Exactly the same: for comparing results with what a case wants. NaN is NaN.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Double(left), Self::Double(right)) => {
                left == right || (left.is_nan() && right.is_nan())
            }
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.is_same(b))
            }
            (Self::Map(left), Self::Map(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, value)| {
                        lookup(right, key).is_some_and(|other| value.is_same(other))
                    })
            }
            (Self::Optional(Some(left)), Self::Optional(Some(right))) => left.is_same(right),
            _ => self.type_name() == other.type_name() && self.equals(other),
        }
    }
}

/// The value of a key.
pub(crate) fn lookup<'a>(entries: &'a [(Value, Value)], key: &Value) -> Option<&'a Value> {
    entries.iter().find(|(known, _)| known.equals(key)).map(|(_, value)| value)
}

/// Order of two numbers by value; `None` for NaN and for what is no number.
fn number_order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Unsigned(left), Value::Unsigned(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Integer(left), Value::Unsigned(right)) => {
            Some(i128::from(*left).cmp(&i128::from(*right)))
        }
        (Value::Unsigned(left), Value::Integer(right)) => {
            Some(i128::from(*left).cmp(&i128::from(*right)))
        }
        (Value::Double(left), Value::Integer(right)) => double_order(*left, i128::from(*right)),
        (Value::Double(left), Value::Unsigned(right)) => double_order(*left, i128::from(*right)),
        (Value::Integer(left), Value::Double(right)) => {
            double_order(*right, i128::from(*left)).map(Ordering::reverse)
        }
        (Value::Unsigned(left), Value::Double(right)) => {
            double_order(*right, i128::from(*left)).map(Ordering::reverse)
        }
        _ => None,
    }
}

/// A double beside a whole number, both as doubles, as the other implementations have it.
#[expect(clippy::cast_precision_loss, reason = "the standard's cases want it so")]
fn double_order(double: f64, whole: i128) -> Option<Ordering> {
    double.partial_cmp(&(whole as f64))
}
