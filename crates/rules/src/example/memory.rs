//! Rows in memory, for examples and tests.

use crate::fact;
use crate::interpret::{Cell, RowId, Rows};
use crate::ir::Fact;
use std::borrow::Cow;
use std::collections::BTreeMap;
use taizhang_codebook::{Codebook, RelationKind, SensitiveClass};

/// A few rows of several ledgers.
///
/// Relations of kind `many` are found through the reference fields; rows of other relations are
/// tied by [`MemoryRows::link`].
#[derive(Clone, Debug, Default)]
pub struct MemoryRows {
    rows: Vec<MemoryRow>,
    /// Of each ledger: relation → (other ledger, reference field).
    many: BTreeMap<(String, String), (String, String)>,
    /// Sensitive fields, which meet by their folded text, and whether they are identity numbers,
    /// of which the first 18 characters count.
    sealed: BTreeMap<(String, String), bool>,
}

#[derive(Clone, Debug, Default)]
struct MemoryRow {
    ledger: String,
    cells: BTreeMap<String, Cell<'static>>,
    references: BTreeMap<String, usize>,
    links: BTreeMap<String, Vec<usize>>,
}

impl MemoryRows {
    /// No rows yet, of a codebook's ledgers.
    #[must_use]
    pub fn new(codebook: &Codebook) -> Self {
        let mut many = BTreeMap::new();
        let mut sealed = BTreeMap::new();
        for ledger in codebook.ledgers.values() {
            for relation in &ledger.relations {
                if let (RelationKind::Many, Some(by)) = (&relation.kind, &relation.by) {
                    let key = (ledger.name.clone(), relation.name.clone());
                    many.insert(key, (relation.ledger.clone(), by.clone()));
                }
            }
            for field in &ledger.fields {
                if let Some(class) = field.sensitive {
                    let is_identity = class == SensitiveClass::Identity;
                    sealed.insert((ledger.name.clone(), field.name.clone()), is_identity);
                }
            }
        }
        Self { rows: Vec::new(), many, sealed }
    }

    /// Adds a row without values.
    pub fn add(&mut self, ledger: &str) -> RowId {
        self.rows.push(MemoryRow { ledger: ledger.to_owned(), ..MemoryRow::default() });
        id(self.rows.len() - 1)
    }

    /// Sets a field.
    pub fn set(&mut self, row: RowId, field: &str, cell: Cell<'static>) {
        if let Some(row) = self.row_mut(row) {
            row.cells.insert(field.to_owned(), cell);
        }
    }

    /// Lets a reference field lead to another row.
    pub fn refer(&mut self, row: RowId, field: &str, to: RowId) {
        let to = index(to);
        if let Some(row) = self.row_mut(row) {
            row.references.insert(field.to_owned(), to);
        }
    }

    /// Adds a row to a relation that no reference field makes.
    pub fn link(&mut self, row: RowId, relation: &str, to: RowId) {
        let to = index(to);
        if let Some(row) = self.row_mut(row) {
            row.links.entry(relation.to_owned()).or_default().push(to);
        }
    }

    fn row(&self, row: RowId) -> Option<&MemoryRow> {
        self.rows.get(index(row))
    }

    fn row_mut(&mut self, row: RowId) -> Option<&mut MemoryRow> {
        self.rows.get_mut(index(row))
    }

    /// Copies that each lack one value.
    pub(super) fn with_one_value_less(&self) -> Vec<Self> {
        let mut copies = Vec::new();
        for (position, row) in self.rows.iter().enumerate() {
            for field in row.cells.keys().filter(|field| *field != "region") {
                let mut copy = self.clone();
                if let Some(row) = copy.rows.get_mut(position) {
                    row.cells.remove(field);
                }
                copies.push(copy);
            }
        }
        copies
    }

    /// The text by which values of a field meet.
    fn key(&self, row: &MemoryRow, field: &str) -> Option<String> {
        if let Some(to) = row.references.get(field) {
            return Some(to.to_string());
        }
        let cell = row.cells.get(field)?;
        if cell.is_missing() {
            return None;
        }
        let class = self.sealed.get(&(row.ledger.clone(), field.to_owned()));
        match (cell, class) {
            (Cell::Text(_), Some(is_identity)) => match fact::of_cell(cell, Fact::Key) {
                Cell::Text(text) if *is_identity => Some(text.chars().take(18).collect()),
                Cell::Text(text) => Some(text.into_owned()),
                _ => None,
            },
            (Cell::Text(text), None) => Some(text.to_string()),
            (other, _) => Some(format!("{other:?}")),
        }
    }
}

impl Rows for MemoryRows {
    fn field(&self, row: RowId, field: &str) -> Cell<'_> {
        if field == "id" {
            return Cell::Text(Cow::Owned(row.0.to_string()));
        }
        let Some(row) = self.row(row) else {
            return Cell::Missing;
        };
        match (row.cells.get(field), row.references.get(field)) {
            (_, Some(to)) => Cell::Text(Cow::Owned(to.to_string())),
            (Some(cell), None) => cell.clone(),
            (None, None) => Cell::Missing,
        }
    }

    fn one(&self, row: RowId, field: &str) -> Option<RowId> {
        self.row(row)?.references.get(field).map(|to| id(*to))
    }

    fn many(&self, row: RowId, relation: &str) -> Vec<RowId> {
        let Some(own) = self.row(row) else {
            return Vec::new();
        };
        let mut found: Vec<RowId> =
            own.links.get(relation).into_iter().flatten().map(|to| id(*to)).collect();
        let key = (own.ledger.clone(), relation.to_owned());
        if let Some((ledger, by)) = self.many.get(&key) {
            let refers = |other: &MemoryRow| {
                other.ledger == *ledger && other.references.get(by) == Some(&index(row))
            };
            let positions = self.rows.iter().enumerate().filter(|(_, other)| refers(other));
            found.extend(positions.map(|(position, _)| id(position)));
        }
        found
    }

    fn same(&self, row: RowId, fields: &[String]) -> Option<Vec<RowId>> {
        let own = self.row(row)?;
        let keys: Vec<String> =
            fields.iter().map(|field| self.key(own, field)).collect::<Option<_>>()?;
        let is_same = |other: &MemoryRow| {
            other.ledger == own.ledger
                && fields
                    .iter()
                    .zip(&keys)
                    .all(|(field, key)| self.key(other, field).as_ref() == Some(key))
        };
        let others = self.rows.iter().enumerate();
        Some(
            others
                .filter(|(position, other)| *position != index(row) && is_same(other))
                .map(|(position, _)| id(position))
                .collect(),
        )
    }
}

fn id(position: usize) -> RowId {
    RowId(u64::try_from(position).unwrap_or(u64::MAX))
}

fn index(row: RowId) -> usize {
    usize::try_from(row.0).unwrap_or(usize::MAX)
}
