//! What a program is made of: tables, spaces, steps, answers. Plain data that can be sent.
//!
//! A *space* is a set of rows: the rows of a table, or the pairs of a row and one of its related
//! rows. A *step* gives one value for every row of its space and is made once, however many rules
//! use it. A step only uses steps before it.

use serde::{Deserialize, Serialize};
use taizhang_codebook::RuleSeverity;
pub use taizhang_rules::functions::Function;
pub use taizhang_rules::ir::{Comparison, Operation, Reduction};

/// Place of a step in [`crate::Program::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// Place of a table in [`crate::Program::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TableId(pub u32);

/// Place of an index in [`crate::Program::indexes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexId(pub u32);

/// The rows a step has a value for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Space {
    /// One value for all.
    One,
    /// The rows of a table.
    Table(TableId),
    /// The pairs that this step ([`StepKind::Expand`]) makes.
    Pairs(StepId),
}

/// How the rows of a table come to the steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// The head of a tree: streamed batch by batch.
    Root,
    /// Streamed along with the root's batches: its rows of the same root records.
    Nested {
        /// The root.
        root: TableId,
        /// The reference field that names the root record.
        by: String,
    },
    /// Read once before the pass; only columns that other tables use are kept.
    Gathered {
        /// Tables of a higher level are read first.
        level: u32,
    },
}

/// A ledger as the program reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Ledger.
    pub ledger: String,
    /// How it is read.
    pub way: Way,
    /// Columns that are read, each once.
    pub columns: Vec<ColumnUse>,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnUse {
    /// Field, or `id` or `region`.
    pub name: String,
    /// What it must hold.
    pub kind: ColumnKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Yes or no.
    Boolean,
    /// Whole number, per cent, amount in fen.
    Integer,
    /// Decimal number.
    Decimal,
    /// Text, code, region code.
    Text,
    /// Days since 1970.
    Date,
    /// Microseconds since 1970.
    Instant,
    /// Record id: a number, text or bytes, compared as a 64-bit key.
    Id,
    /// Several texts or codes.
    List,
    /// Identity, phone, bank or name field that is kept as facts: `<field>__<fact>`, or computed
    /// from the field itself when the snapshot holds it.
    Fact(Fact),
}

/// A fact derived from a sensitive field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Keyed 64-bit hash of the folded text.
    Key,
    /// Keyed 64-bit hash of the first 18 characters, by which people meet.
    PersonKey,
    /// Whether the identity or telephone number is valid.
    Valid,
    /// Number of characters.
    Length,
    /// Birth date in the number.
    Birth,
    /// Sex in the number: `male`, `female`.
    Sex,
    /// Six digits of the division that issued it.
    Region,
    /// Class of the disability certificate, 1–7.
    Class,
    /// Level of the disability certificate, 1–4.
    Level,
    /// A stand-in such as all the same digit.
    Placeholder,
    /// Whether the first 18 characters alone form a valid number.
    Holder,
}

/// A value in the program's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Literal {
    /// Missing.
    Missing,
    /// Missing because of an error.
    Error,
    /// Yes or no.
    Boolean(bool),
    /// Whole number, amount, days or microseconds since 1970.
    Integer(i64),
    /// Decimal number.
    Decimal(f64),
    /// Text.
    Text(String),
    /// Texts.
    List(Vec<String>),
}

/// What a step does. Steps that are named are in the step's own space unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A value.
    Literal(Literal),
    /// A column of the table.
    Column(u32),
    /// In a nested table: the row of the root record.
    RootRow,
    /// In a nested table: the row of another nested table of the same root record whose id is the
    /// reference.
    NestedRow {
        /// The reference, as a key.
        reference: StepId,
        /// The id, as a key, in the other table.
        id: StepId,
    },
    /// In a table: the rows of another table that point here.
    Pointing {
        /// Rows of this table, in the other table.
        rows: StepId,
    },
    /// The rows of an index with this key.
    Lookup {
        /// The key.
        key: StepId,
        /// The index.
        index: IndexId,
        /// Own id: a row with the same id is left out.
        except: Option<StepId>,
        /// Without a key the related rows are undecided, and not none.
        is_strict: bool,
    },
    /// The first row of an index with this key, or nowhere.
    LookupOne {
        /// The key.
        key: StepId,
        /// The index.
        index: IndexId,
    },
    /// The related rows of the related rows, each once.
    Through {
        /// Related rows.
        outer: StepId,
        /// Their related rows, in the other table.
        inner: StepId,
    },
    /// The pairs of a row and one of its related rows. Stands in the outer space.
    Expand {
        /// Related rows.
        related: StepId,
        /// Their table.
        table: TableId,
        /// What must hold of a pair for it to count: pairs of which one of these is known to be
        /// false are not made.
        limits: Vec<Limit>,
    },
    /// In pairs: the row of the related table.
    Child,
    /// In pairs: the outer row.
    Outer,
    /// The value at the row pointed to; missing where nowhere.
    Gather {
        /// The value, in the space that `rows` point to.
        source: StepId,
        /// Rows.
        rows: StepId,
    },
    /// Many to one over pairs. Stands in the outer space.
    Reduce {
        /// How.
        reduction: Reduction,
        /// The pairs.
        pairs: StepId,
        /// Which pairs count, in the pairs; all if empty.
        filter: Option<StepId>,
        /// The value, in the pairs.
        body: StepId,
    },
    /// Whether there is a value.
    Has(StepId),
    /// Whether the row points somewhere.
    HasRow(StepId),
    /// Kleene's not.
    Not(StepId),
    /// Kleene's and.
    And(Vec<StepId>),
    /// Kleene's or.
    Or(Vec<StepId>),
    /// Comparison of values of one type; numbers of both kinds may meet.
    Compare(Comparison, StepId, StepId),
    /// Whether the value is one of the texts or numbers.
    In(StepId, Vec<Literal>),
    /// Whether the list holds the text.
    ListHas {
        /// The list.
        list: StepId,
        /// The text.
        item: StepId,
    },
    /// Whether the list holds one of the texts.
    ListOverlaps(StepId, Vec<String>),
    /// Whether the list holds nothing else.
    ListWithin(StepId, Vec<String>),
    /// Whether two lists have an item in common.
    ListMeets(StepId, StepId),
    /// Whether the first list holds nothing but items of the second.
    ListInside(StepId, StepId),
    /// Number of items.
    ListSize(StepId),
    /// Arithmetic; overflow and division by zero are errors.
    Arithmetic(Operation, StepId, StepId),
    /// The negative number.
    Negate(StepId),
    /// The first value, or the second where the first is undecided.
    Default(StepId, StepId),
    /// The one or the other.
    If {
        /// Which.
        condition: StepId,
        /// When true.
        then: StepId,
        /// When false.
        otherwise: StepId,
    },
    /// A function of the rule language, by name.
    Call {
        /// Which.
        function: Function,
        /// Its arguments.
        arguments: Vec<StepId>,
    },
    /// A parameter's value for a region at a day.
    Parameter {
        /// Its name.
        name: String,
        /// Region code; the general value if empty.
        region: Option<StepId>,
        /// Day.
        on: StepId,
    },
    /// Key of several values; missing when one of them is.
    Key(Vec<StepId>),
    /// How many other rows of the index share the key; undecided without a key.
    Duplicates {
        /// The key.
        key: StepId,
        /// The index.
        index: IndexId,
    },
}

/// A condition of a pair that can be told before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// A condition of the related row alone, in its table.
    Holds(StepId),
    /// A value of the related row, in its table, compared with one in the outer space. Both are of
    /// one type that has whole numbers as keys; texts are compared for equality only.
    Compares(Comparison, StepId, StepId),
}

impl Limit {
    /// The steps that it looks at.
    pub fn inputs(&self) -> impl Iterator<Item = StepId> {
        let (one, other) = match self {
            Self::Holds(condition) => (*condition, None),
            Self::Compares(_, one, other) => (*one, Some(*other)),
        };
        std::iter::once(one).chain(other)
    }
}

/// What a step's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Yes, no, undecided.
    Boolean,
    /// Whole number.
    Integer,
    /// Decimal number.
    Decimal,
    /// Text.
    Text,
    /// Date.
    Date,
    /// Moment.
    Instant,
    /// Record id as a key, or another 64-bit key.
    Key,
    /// List of texts.
    List,
    /// A row, related rows, pairs.
    Rows,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its rows.
    pub space: Space,
    /// Its type.
    pub value: ValueType,
    /// What it does.
    pub kind: StepKind,
}

/// Rows of a gathered table by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Index {
    /// The table.
    pub table: TableId,
    /// The key, in the table.
    pub key: StepId,
    /// The rows' own ids, when a row must not find itself.
    pub id: Option<StepId>,
    /// What is kept.
    pub keeps: IndexKind,
}

/// What an index keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKind {
    /// All rows.
    Rows,
    /// Only rows whose key occurs twice or more: a ledger that meets itself.
    Repeated,
    /// No rows, only how often a key occurs.
    Counts,
}

/// What becomes of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Code of the rule.
    pub rule: String,
    /// Table that is judged.
    pub table: TableId,
    /// Severity of a hit that no raise changes.
    pub severity: RuleSeverity,
    /// Whether the rule is about the row.
    pub applies: Option<StepId>,
    /// Whether the row violates it.
    pub violates: StepId,
    /// Severities that take the place of the rule's own, first match first.
    pub raises: Vec<(RuleSeverity, StepId)>,
    /// Values that are kept with a doubt, by their names in the rule.
    pub shown: Vec<(String, StepId)>,
}

impl Answer {
    /// All steps that it names, each use once.
    pub fn roots(&self) -> impl Iterator<Item = StepId> + '_ {
        let own = self.applies.into_iter().chain([self.violates]);
        let raises = self.raises.iter().map(|(_, step)| *step);
        own.chain(raises).chain(self.shown.iter().map(|(_, step)| *step))
    }
}

impl StepKind {
    /// The kernel that computes it, in a word or two.
    #[must_use]
    pub fn kernel(&self) -> String {
        let word = match self {
            Self::Literal(_) => "literal",
            Self::Column(_) => "column",
            Self::RootRow | Self::NestedRow { .. } => "row of the tree",
            Self::Pointing { .. } => "rows of the tree",
            Self::Lookup { .. } | Self::LookupOne { .. } => "look up by key",
            Self::Through { .. } => "through rows",
            Self::Expand { .. } | Self::Child | Self::Outer => "pairs",
            Self::Gather { .. } => "gather",
            Self::Reduce { reduction, .. } => return format!("reduce {reduction:?}"),
            Self::Has(_) | Self::HasRow(_) => "has",
            Self::Not(_) | Self::And(_) | Self::Or(_) => "logic",
            Self::Compare(..) => "compare",
            Self::In(..) => "in list",
            Self::ListHas { .. }
            | Self::ListOverlaps(..)
            | Self::ListWithin(..)
            | Self::ListMeets(..)
            | Self::ListInside(..)
            | Self::ListSize(_) => "list",
            Self::Arithmetic(..) | Self::Negate(_) => "arithmetic",
            Self::Default(..) | Self::If { .. } => "choose",
            Self::Call { function, .. } => return format!("function {function:?}"),
            Self::Parameter { .. } => "parameter",
            Self::Key(_) => "key",
            Self::Duplicates { .. } => "count by key",
        };
        word.to_owned()
    }
}
