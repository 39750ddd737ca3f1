//! The typed form of a rule: plain data, made by the resolver, read by interpreter and compiler.
//!
//! # Meaning
//! Every node has one value for one row: a value of its type, or *undecided*. A missing field is
//! undecided, and so is whatever is computed from it, except where a node says otherwise
//! ([`Kind::Has`], [`Kind::And`], [`Kind::Or`], [`Kind::Conditional`], [`Kind::Default`],
//! [`Kind::Reduce`]). An error (overflow, division by zero, no parameter in force) is undecided
//! with its cause kept beside it.
//!
//! Equal text gives equal nodes except for their spans: scopes are numbered by depth, so that equal
//! expressions of two rules can be shared. Compare nodes with [`Node::same_as`], which skips spans.

use crate::functions::Function;
use serde::{Deserialize, Serialize};
use taizhang_values::{Date, Timestamp};

/// Type of a node. What is written in brackets is its form in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Yes or no (Boolean).
    Boolean,
    /// Whole number, percentages too (Int64).
    Integer,
    /// Amount in fen (Int64).
    Money,
    /// Number with a fraction (Float64).
    Decimal,
    /// Text (Utf8).
    Text,
    /// One code of the named list; `None` for a text whose list is not known (Utf8).
    Code(Option<String>),
    /// Region code (Utf8).
    Region,
    /// Civil date; a month is its first day (Date32).
    Date,
    /// Moment (Timestamp, microseconds, UTC).
    Instant,
    /// Several codes of the named list (List of Utf8).
    Codes(Option<String>),
    /// Several texts (List of Utf8).
    Texts,
    /// A record of the named ledger, by its id (as the id column).
    Reference(String),
    /// A sensitive value of the named class, which may only be there or not and be equal or not:
    /// the keyed hash (Int64).
    Key(String),
}

/// A stretch of the rule's text, in bytes, for messages.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

/// One expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// What it computes.
    pub kind: Kind,
    /// Type of its value.
    pub ty: Type,
    /// Where it stands in the rule's text.
    pub span: Span,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// Yes or no.
    Boolean(bool),
    /// Whole number, or an amount in fen.
    Integer(i64),
    /// Number with a fraction.
    Decimal(f64),
    /// Text, code or region code.
    Text(String),
    /// Civil date.
    Date(Date),
    /// Moment.
    Instant(Timestamp),
}

/// A row: that of a scope, or the one reached from it through references.
///
/// Scope 0 is the record that is judged; each reduction opens the next scope for its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowRef {
    /// Number of the scope, which is its depth.
    pub scope: usize,
    /// Relations of kind `one` (or reference fields) to follow, first to last.
    pub path: Vec<String>,
}

/// Rows of a reduction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowsRef {
    /// The row from which they are seen.
    pub row: RowRef,
    /// Ledger of the rows.
    pub ledger: String,
    /// Which rows.
    pub source: RowsSource,
    /// Scope in which each of them is seen by `filter` and the body.
    pub scope: usize,
    /// Only rows for which this is true count. Where it is undecided for a row, see [`Reduction`].
    pub filter: Option<Box<Node>>,
}

/// Which rows a reduction runs over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsSource {
    /// Those of a relation of kind `many`, `links` or by key. No rows is an empty list; from a
    /// missing row they are undecided.
    Relation(String),
    /// The other rows of the same ledger with the same values in these fields. Undecided if one of
    /// the values is missing. Sensitive fields meet by key.
    Same(Vec<String>),
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
}

impl Comparison {
    /// The same with its sides changed.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }
}

/// Arithmetic on two numbers of one type (or money and a whole number for `*`, `/`). Whole numbers
/// are checked: overflow and division by zero are errors; `/` cuts toward zero, as in CEL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `+`; of two texts: one after the other.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`, whole numbers only.
    Modulo,
}

/// What is made of many rows. Rows are those that the filter lets through; below, `p` is the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// True if `filter && p` is true for one row; else undecided if it is undecided for one; else
    /// false. No rows: false.
    Exists,
    /// False if `!filter || p` is false for one row; else undecided if it is undecided for one;
    /// else true. No rows: true.
    All,
    /// False if `filter && p` is true for two rows or more; else undecided if it is undecided for
    /// one; else whether it is true for exactly one.
    ExistsOne,
    /// Number of rows for which `filter && p` is true; undecided if it is undecided for one row.
    Count,
    /// Sum of `p`; 0 without rows; undecided if the filter, or `p` of a row let through, is.
    Sum,
    /// Least `p`; undecided without rows, and as for the sum.
    Min,
    /// Greatest `p`; as for the least.
    Max,
    /// Mean of `p` as a decimal; as for the least.
    Average,
    /// Middle value of `p` in order as a decimal, the mean of the two in the middle of an even
    /// number; as for the least.
    Median,
    /// Number of different values of `p`; as for the sum.
    Distinct,
}

/// What can be known of a sensitive value without showing it. A fact of a missing value is
/// undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Keyed hash by which equal values meet; of identity numbers: of the first 18 characters.
    /// Any class. Column `<field>__key`.
    Key,
    /// Whether the number is well formed: identity numbers by length, date and check digit (and
    /// class and level of a certificate), telephone numbers as mobile numbers. Column
    /// `<field>__valid`.
    Valid,
    /// Number of characters. Identity. Column `<field>__length`.
    Length,
    /// Birth date; undecided if there is no such day. Identity. Column `<field>__birth`.
    Birth,
    /// `male` or `female`; undecided if not a digit. Identity. Column `<field>__sex`.
    Sex,
    /// First six digits. Identity. Column `<field>__region`.
    Region,
    /// Class of disability, character 19; undecided if there is none. Identity. Column
    /// `<field>__class`.
    Class,
    /// Level of disability, character 20; undecided if there is none. Identity. Column
    /// `<field>__level`.
    Level,
    /// Whether the number begins with 999999, which stands for an unknown one. Identity. Column
    /// `<field>__placeholder`.
    Placeholder,
    /// Whether the first 18 characters alone form a valid identity number. Identity. Column
    /// `<field>__holder`.
    Holder,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A constant.
    Literal(Literal),
    /// A field of a row. Missing: null, blank text, no such row. The field may be one of the
    /// built-in columns `region`, `state`, `created_at`, `updated_at`, or a reference field.
    Field {
        /// Row.
        row: RowRef,
        /// Field.
        field: String,
    },
    /// A fact about a sensitive field.
    IdentityFact {
        /// Row.
        row: RowRef,
        /// Field.
        field: String,
        /// Fact.
        fact: Fact,
    },
    /// True if the field holds a value, false if it is missing. Never undecided. An empty list is
    /// there.
    Has {
        /// Row.
        row: RowRef,
        /// Field.
        field: String,
    },
    /// True if the row that the path leads to exists. Never undecided.
    HasRow {
        /// Row; its path is not empty.
        row: RowRef,
    },
    /// Turns true and false round.
    Not(Box<Node>),
    /// False if one part is false; else undecided if one is; else true. At least two parts.
    And(Vec<Node>),
    /// True if one part is true; else undecided if one is; else false. At least two parts.
    Or(Vec<Node>),
    /// Compares two values of one type. Decimals compare as numbers (NaN cannot occur); texts by
    /// scalar value; `false < true`. Codes, references and keys are equal or not.
    Compare {
        /// How.
        comparison: Comparison,
        /// Left side.
        left: Box<Node>,
        /// Right side.
        right: Box<Node>,
    },
    /// Arithmetic.
    Arithmetic {
        /// Which.
        operation: Operation,
        /// Left side.
        left: Box<Node>,
        /// Right side.
        right: Box<Node>,
    },
    /// Minus a number.
    Negate(Box<Node>),
    /// `then` where the test is true, `otherwise` where it is false, undecided where it is. The
    /// branch not taken counts for nothing.
    Conditional {
        /// Test.
        test: Box<Node>,
        /// Value if true.
        then: Box<Node>,
        /// Value if false.
        otherwise: Box<Node>,
    },
    /// The first value, or the second where the first is undecided for whatever reason.
    Default {
        /// Value.
        value: Box<Node>,
        /// What takes its place.
        fallback: Box<Node>,
    },
    /// Whether a value equals one of the constants.
    InList {
        /// Value.
        value: Box<Node>,
        /// Constants of its type, in order, without doubles.
        list: Vec<Literal>,
    },
    /// Whether a list holds a value.
    ListHas {
        /// List (codes or texts).
        list: Box<Node>,
        /// Value.
        value: Box<Node>,
    },
    /// Whether a list holds at least one of the constants.
    ListOverlaps {
        /// List.
        list: Box<Node>,
        /// Constants, in order, without doubles.
        values: Vec<String>,
    },
    /// Whether a list holds nothing but the constants. An empty list: true.
    ListWithin {
        /// List.
        list: Box<Node>,
        /// Constants, in order, without doubles.
        values: Vec<String>,
    },
    /// Whether two lists have an item in common.
    ListMeets {
        /// List.
        list: Box<Node>,
        /// The other list, of the same type.
        other: Box<Node>,
    },
    /// Whether a list holds nothing but items of another. An empty list: true.
    ListInside {
        /// List.
        list: Box<Node>,
        /// The other list, of the same type.
        other: Box<Node>,
    },
    /// Number of items of a list.
    ListSize(Box<Node>),
    /// A function of its arguments: undecided if one of them is.
    Call {
        /// Which.
        function: Function,
        /// Arguments of the types that the function declares.
        args: Vec<Node>,
    },
    /// The value of a parameter in force on a day, for the region of a row.
    Param {
        /// Name, such as `monitor_line`.
        name: String,
        /// The row whose region counts.
        row: RowRef,
        /// The day; the day of judgement if there is none.
        on: Option<Box<Node>>,
    },
    /// The day of judgement.
    AsOf,
    /// One value made of many rows.
    Reduce {
        /// How.
        reduction: Reduction,
        /// Rows.
        rows: RowsRef,
        /// What is looked at in each row; may name this scope and outer ones.
        body: Box<Node>,
    },
    /// Number of other rows of the row's ledger with the same values in these fields; undecided if
    /// one of the values is missing.
    Duplicates {
        /// Row.
        row: RowRef,
        /// Ledger of the row.
        ledger: String,
        /// Fields that are equal.
        fields: Vec<String>,
    },
}

impl Node {
    /// True if both compute the same, wherever they stand.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        crate::walk::unplaced(self) == crate::walk::unplaced(other)
    }
}
