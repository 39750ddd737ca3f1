//! Questions to the store: filters, sorting and keyset paging.

use crate::cursor::Cursor;
use crate::record::Record;
use taizhang_values::{RecordId, RegionCode, Value};

/// Most records of a page.
pub(crate) const PAGE_MAX: usize = 1000;

/// A list question. Deleted records never answer.
///
/// The order is total: after the named fields the id decides, and missing values stand last in
/// both directions, on both databases.
#[derive(Clone, Debug)]
pub struct Query {
    /// Ledger asked.
    pub ledger: String,
    /// Which records.
    pub filter: Filter,
    /// Order, most important first; newest first if empty.
    pub sort: Vec<Sort>,
    /// Where the page before ended (or, with a `previous` mark, where the page after began).
    pub after: Option<Cursor>,
    /// Most records of a page, 1–1000.
    pub limit: usize,
    /// Within a transaction that writes, these records are about to be changed: they are not read
    /// once more for that.
    pub is_kept: bool,
}

impl Query {
    /// All records of a ledger, newest first, 50 a page.
    #[must_use]
    pub fn new(ledger: &str) -> Self {
        Self {
            ledger: ledger.to_owned(),
            filter: Filter::All,
            sort: Vec::new(),
            after: None,
            limit: 50,
            is_kept: false,
        }
    }

    /// The same for records that are about to be changed in this transaction.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.is_kept = true;
        self
    }

    /// The same with a filter added.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = match self.filter {
            Filter::All => filter,
            Filter::And(mut parts) => {
                parts.push(filter);
                Filter::And(parts)
            }
            other => Filter::And(vec![other, filter]),
        };
        self
    }

    /// The same with one more sort field.
    #[must_use]
    pub fn sort(mut self, field: &str, descending: bool) -> Self {
        self.sort.push(Sort { field: field.to_owned(), descending });
        self
    }

    /// The same with another page size.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The same from a paging mark on.
    #[must_use]
    pub fn after(mut self, after: Option<Cursor>) -> Self {
        self.after = after;
        self
    }
}

/// Order by one field: a field of the ledger or a built-in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Field name.
    pub field: String,
    /// Greatest first.
    pub descending: bool,
}

/// Which records. Built-in columns (`id`, `version`, `region`, `state`, `flow_edition`,
/// `created_at`, `created_by`, `updated_at`, `updated_by`) are fields too. A comparison with a
/// missing value is false, and `Not` makes it true.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every record.
    All,
    /// All of these (every record if there are none).
    And(Vec<Filter>),
    /// One of these at least (no record if there are none).
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The field has this value; for sealed fields by keyed hash. `Null` means missing.
    Eq(String, Value),
    /// The field has one of these values.
    In(String, Vec<Value>),
    /// Less than.
    Less(String, Value),
    /// Less or equal.
    AtMost(String, Value),
    /// Greater than.
    Greater(String, Value),
    /// Greater or equal.
    AtLeast(String, Value),
    /// The text holds this text; ASCII letters without case, `%` and `_` are plain characters.
    Contains(String, String),
    /// One of the fields holds this text.
    AnyContains(Vec<String>, String),
    /// Nothing is stored.
    IsEmpty(String),
    /// The record sits in this region or below it.
    Under(RegionCode),
    /// A relation of the ledger leads to this record. `<ledger>.<relation>` follows a relation of
    /// another ledger backwards.
    Linked {
        /// Relation name.
        relation: String,
        /// The record at the other end.
        to: RecordId,
    },
    /// What a reference field or a relation of the ledger leads to passes a filter of its own;
    /// one record that does is enough. `<ledger>.<relation>` as in [`Filter::Linked`].
    Related {
        /// Reference field or relation.
        by: String,
        /// Filter over the records at the other end.
        filter: Box<Filter>,
    },
    /// The list holds this item.
    ListHas(String, String),
}

impl Filter {
    /// The field has this value.
    #[must_use]
    pub fn eq(field: &str, value: impl Into<Value>) -> Self {
        Self::Eq(field.to_owned(), value.into())
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, one) | (one, Self::All) => one,
            (Self::And(mut parts), one) => {
                parts.push(one);
                Self::And(parts)
            }
            (first, second) => Self::And(vec![first, second]),
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The records in order.
    pub records: Vec<Record>,
    /// Mark of the next page; `None` on the last.
    pub next: Option<Cursor>,
    /// Mark of the page before; `None` on the first.
    pub previous: Option<Cursor>,
}
