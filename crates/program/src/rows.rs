//! Tables, relations and the ways from one row to another.
//!
//! Rows of one tree (a root ledger and those nested in it) come batch by batch and are merged;
//! everything else is gathered before the pass and met by 64-bit keys. Rows of a tree meet rows of
//! the same root record only: a reference to a row of another root record leads nowhere, unless it
//! names the root itself.

use crate::compile::empty;
use crate::{
    ColumnKind, ColumnUse, Fact, Index, IndexId, IndexKind, Program, Space, Step, StepId, StepKind,
    Table, TableId, ValueType, Way,
};
use std::collections::HashMap;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger, RelationKind, SensitiveClass};
use taizhang_values::Date;

/// A row in sight: that of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Number of the scope in the rule.
    pub(crate) number: usize,
    /// Its table.
    pub(crate) table: TableId,
    /// The space in which it is the innermost row.
    pub(crate) space: Space,
}

/// Rules become steps here.
pub(crate) struct Compiler<'a> {
    codebook: &'a Codebook,
    pub(crate) program: Program,
    /// Steps by their text, so that equal ones are made once.
    known: HashMap<String, StepId>,
    tables: HashMap<(String, Option<String>, u32, String), TableId>,
    indexes: HashMap<Index, IndexId>,
}

type Reason = String;

impl<'a> Compiler<'a> {
    pub(crate) fn new(codebook: &'a Codebook, as_of: Date) -> Self {
        Self {
            codebook,
            program: empty(codebook, as_of),
            known: HashMap::new(),
            tables: HashMap::new(),
            indexes: HashMap::new(),
        }
    }

    pub(crate) const fn as_of(&self) -> Date {
        self.program.as_of
    }

    /// The step of this content, made if it is new.
    pub(crate) fn step(&mut self, space: Space, value: ValueType, kind: StepKind) -> StepId {
        let text = format!("{space:?} {value:?} {kind:?}");
        if let Some(known) = self.known.get(&text) {
            return *known;
        }
        let id = StepId(u32::try_from(self.program.steps.len()).unwrap_or(u32::MAX));
        self.program.steps.push(Step { space, value, kind });
        self.known.insert(text, id);
        id
    }

    fn value_of(&self, step: StepId) -> ValueType {
        self.program.step(step).map_or(ValueType::Rows, |step| step.value)
    }

    fn ledger(&self, name: &str) -> Result<&'a Ledger, Reason> {
        self.codebook.ledger(name).ok_or_else(|| format!("no ledger `{name}`"))
    }

    fn ledger_of(&self, table: TableId) -> Result<&'a Ledger, Reason> {
        let table = self.program.table(table).ok_or_else(|| "no table".to_owned())?;
        self.ledger(&table.ledger)
    }

    /// The root ledger of a ledger's tree: itself if it is not nested.
    pub(crate) fn tree_of(&self, ledger: &str) -> Result<String, Reason> {
        let root = self.codebook.tree_of(ledger);
        Ok(root.ok_or_else(|| format!("no ledger `{ledger}`"))?.to_owned())
    }

    /// The table of a ledger that is streamed with its tree.
    pub(crate) fn tree_table(&mut self, tree: &str, ledger: &str) -> Result<TableId, Reason> {
        let key = (ledger.to_owned(), Some(tree.to_owned()), 0, String::new());
        if let Some(known) = self.tables.get(&key) {
            return Ok(*known);
        }
        let way = if tree == ledger {
            Way::Root
        } else {
            let root = self.tree_table(tree, tree)?;
            let by = self.ledger(ledger)?.nest.clone();
            Way::Nested { root, by: by.ok_or_else(|| format!("`{ledger}` is not nested"))? }
        };
        Ok(self.add_table(ledger, way, key))
    }

    /// A table that is read before the pass. `purpose` keeps tables of which only some rows are
    /// needed apart.
    fn gathered(&mut self, from: TableId, ledger: &str, purpose: &str) -> Result<TableId, Reason> {
        self.ledger(ledger)?;
        Ok(self.gathered_as(from, ledger, purpose))
    }

    /// The same for what stands in a snapshot like a ledger.
    fn gathered_as(&mut self, from: TableId, name: &str, purpose: &str) -> TableId {
        let level = match self.program.table(from).map(|table| &table.way) {
            Some(Way::Gathered { level }) => level + 1,
            _ => 1,
        };
        let key = (name.to_owned(), None, level, purpose.to_owned());
        if let Some(known) = self.tables.get(&key) {
            return *known;
        }
        self.add_table(name, Way::Gathered { level }, key)
    }

    fn add_table(
        &mut self,
        ledger: &str,
        way: Way,
        key: (String, Option<String>, u32, String),
    ) -> TableId {
        let id = TableId(u32::try_from(self.program.tables.len()).unwrap_or(u32::MAX));
        self.program.tables.push(Table { ledger: ledger.to_owned(), way, columns: Vec::new() });
        self.tables.insert(key, id);
        id
    }

    fn index(&mut self, index: Index) -> IndexId {
        if let Some(known) = self.indexes.get(&index) {
            return *known;
        }
        let id = IndexId(u32::try_from(self.program.indexes.len()).unwrap_or(u32::MAX));
        self.program.indexes.push(index.clone());
        self.indexes.insert(index, id);
        id
    }

    /// The column of a table, read once.
    pub(crate) fn column(&mut self, table: TableId, column: ColumnUse) -> StepId {
        let value = column_value(column.kind);
        let Some(found) = self.program.tables.get_mut(table.0 as usize) else {
            return StepId(u32::MAX);
        };
        let place = found.columns.iter().position(|known| *known == column);
        let place = place.unwrap_or_else(|| {
            found.columns.push(column);
            found.columns.len() - 1
        });
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.step(Space::Table(table), value, StepKind::Column(place))
    }

    fn id(&mut self, table: TableId) -> StepId {
        self.column(table, ColumnUse { name: "id".to_owned(), kind: ColumnKind::Id })
    }

    fn reference(&mut self, table: TableId, field: &str) -> StepId {
        self.column(table, ColumnUse { name: field.to_owned(), kind: ColumnKind::Id })
    }

    /// Class of a sensitive field; `None` for all others and for built-in columns.
    pub(crate) fn sensitive_class(&self, table: TableId, field: &str) -> Option<SensitiveClass> {
        self.ledger_of(table).ok()?.field(field)?.sensitive
    }

    /// What the column of a field that is not sensitive holds.
    pub(crate) fn column_kind(&self, table: TableId, field: &str) -> Result<ColumnKind, Reason> {
        let ledger = self.ledger_of(table)?;
        match ledger.field(field) {
            Some(field) => Ok(kind_of(field)),
            None => match field {
                "id" => Ok(ColumnKind::Id),
                "region" | "state" => Ok(ColumnKind::Text),
                "created_at" | "updated_at" => Ok(ColumnKind::Instant),
                _ => Err(format!("no field `{field}` in `{}`", ledger.name)),
            },
        }
    }

    /// Whether no region has a value of its own of this parameter.
    pub(crate) fn holds_everywhere(&self, name: &str) -> bool {
        let found = self.codebook.parameters.get(name);
        found.is_some_and(|found| found.values.iter().all(|value| value.region.is_none()))
    }

    pub(crate) fn use_parameter(&mut self, name: &str) -> Result<(), Reason> {
        let found = self.codebook.parameters.get(name);
        let found = found.ok_or_else(|| format!("no parameter `{name}`"))?;
        self.program.parameters.insert(name.to_owned(), found.clone());
        Ok(())
    }

    /// A value at the rows, or as it is if there is no way to go.
    pub(crate) fn at_rows(
        &mut self,
        source: StepId,
        rows: Option<StepId>,
    ) -> Result<StepId, Reason> {
        let Some(rows) = rows else { return Ok(source) };
        let space = self.program.step(rows).map(|step| step.space);
        let space = space.ok_or_else(|| "no rows".to_owned())?;
        Ok(self.step(space, self.value_of(source), StepKind::Gather { source, rows }))
    }

    /// A value of the scope's table, seen in the scope's own space.
    pub(crate) fn at_scope(&mut self, source: StepId, scope: &Scope) -> Result<StepId, Reason> {
        if scope.space == Space::Table(scope.table) {
            return Ok(source);
        }
        self.at_child(source, scope)
    }

    /// A value of the related table, seen in pairs.
    pub(crate) fn at_child(&mut self, source: StepId, scope: &Scope) -> Result<StepId, Reason> {
        if self.program.step(source).is_some_and(|step| step.space == Space::One) {
            return Ok(source);
        }
        let rows = self.step(scope.space, ValueType::Rows, StepKind::Child);
        self.at_rows(source, Some(rows))
    }

    /// A value of the outer space, seen in pairs.
    pub(crate) fn at_outer(&mut self, source: StepId, scope: &Scope) -> Result<StepId, Reason> {
        let rows = self.step(scope.space, ValueType::Rows, StepKind::Outer);
        self.at_rows(source, Some(rows))
    }

    /// Follows reference fields from a table: where they lead, and the rows there.
    pub(crate) fn follow(
        &mut self,
        table: TableId,
        path: &[String],
    ) -> Result<(TableId, Option<StepId>), Reason> {
        let mut place = (table, None);
        for field in path {
            let (next, target) = self.target(place.0, field)?;
            let rows = self.at_rows(target, place.1)?;
            place = (next, Some(rows));
        }
        Ok(place)
    }

    /// Where a reference field leads: the table and its rows.
    fn target(&mut self, table: TableId, field: &str) -> Result<(TableId, StepId), Reason> {
        let ledger = self.ledger_of(table)?;
        let other = ledger.field(field).and_then(|field| field.ledger.clone());
        let other =
            other.ok_or_else(|| format!("`{field}` of `{}` is no reference", ledger.name))?;
        if let Some(tree) = self.tree(table) {
            let is_nest = ledger.nest.as_deref() == Some(field);
            if is_nest {
                let root = self.tree_table(&tree, &tree)?;
                let rows = self.step(Space::Table(table), ValueType::Rows, StepKind::RootRow);
                return Ok((root, rows));
            }
            if self.codebook.stays_in_tree(&tree, &ledger.name, field) {
                let target = self.tree_table(&tree, &other)?;
                let kind = StepKind::NestedRow {
                    reference: self.reference(table, field),
                    id: self.id(target),
                };
                return Ok((target, self.step(Space::Table(table), ValueType::Rows, kind)));
            }
        }
        let target = self.gathered(table, &other, "")?;
        let key = self.reference(table, field);
        let index = Index { table: target, key: self.id(target), id: None, keeps: IndexKind::Rows };
        let kind = StepKind::LookupOne { key, index: self.index(index) };
        Ok((target, self.step(Space::Table(table), ValueType::Rows, kind)))
    }

    /// The root ledger of the tree that a streamed table belongs to.
    fn tree(&self, table: TableId) -> Option<String> {
        let found = self.program.table(table)?;
        match &found.way {
            Way::Root => Some(found.ledger.clone()),
            Way::Nested { root, .. } => Some(self.program.table(*root)?.ledger.clone()),
            Way::Gathered { .. } => None,
        }
    }

    /// The rows of a relation: their table, and which they are for each row here.
    pub(crate) fn related(
        &mut self,
        table: TableId,
        name: &str,
    ) -> Result<(TableId, StepId), Reason> {
        let ledger = self.ledger_of(table)?;
        let relation = ledger.relation(name);
        let relation =
            relation.ok_or_else(|| format!("no relation `{name}` in `{}`", ledger.name))?;
        match &relation.kind {
            RelationKind::Many => {
                let by = relation.by.clone().unwrap_or_default();
                self.many(table, &relation.ledger, &by)
            }
            RelationKind::Key { on, through: None } => {
                self.by_key(table, &relation.ledger, on, false)
            }
            RelationKind::Key { on, through: Some(through) } => {
                let (middle, outer) = self.related(table, through)?;
                let (other, inner) = self.by_key(middle, &relation.ledger, on, false)?;
                let kind = StepKind::Through { outer, inner };
                Ok((other, self.step(Space::Table(table), ValueType::Rows, kind)))
            }
            RelationKind::Links => self.by_links(table, &relation.ledger, &ledger.name, name),
            RelationKind::One => Err(format!("relation `{name}` leads to one row, not to rows")),
        }
    }

    /// The rows that a link table ties to this one. It is read like a ledger of the name
    /// `<ledger>_<relation>` with the columns `from_id` (the row here) and `to_id`.
    fn by_links(
        &mut self,
        table: TableId,
        other: &str,
        ledger: &str,
        relation: &str,
    ) -> Result<(TableId, StepId), Reason> {
        let links = self.gathered_as(table, &link_table(ledger, relation), "");
        let child = self.gathered(links, other, "")?;
        let (from, to) = (self.reference(links, "from_id"), self.reference(links, "to_id"));
        let (own, target) = (self.id(table), self.id(child));
        let by_own = Index { table: links, key: from, id: None, keeps: IndexKind::Rows };
        let by_target = Index { table: child, key: target, id: None, keeps: IndexKind::Rows };
        let lookup = |key: StepId, index: IndexId| StepKind::Lookup {
            key,
            index,
            except: None,
            is_strict: false,
        };
        let (by_own, by_target) = (self.index(by_own), self.index(by_target));
        let outer = self.step(Space::Table(table), ValueType::Rows, lookup(own, by_own));
        let inner = self.step(Space::Table(links), ValueType::Rows, lookup(to, by_target));
        let kind = StepKind::Through { outer, inner };
        Ok((child, self.step(Space::Table(table), ValueType::Rows, kind)))
    }

    /// The rows of another ledger that refer here.
    fn many(&mut self, table: TableId, other: &str, by: &str) -> Result<(TableId, StepId), Reason> {
        if let Some(tree) = self.tree(table)
            && other != tree
            && self.codebook.stays_in_tree(&tree, other, by)
        {
            let child = self.tree_table(&tree, other)?;
            let (target, rows) = self.target(child, by)?;
            if target == table {
                let kind = StepKind::Pointing { rows };
                return Ok((child, self.step(Space::Table(table), ValueType::Rows, kind)));
            }
        }
        let child = self.gathered(table, other, "")?;
        let key = self.id(table);
        let index = Index {
            table: child,
            key: self.reference(child, by),
            id: None,
            keeps: IndexKind::Rows,
        };
        let index = self.index(index);
        let kind = StepKind::Lookup { key, index, except: None, is_strict: false };
        Ok((child, self.step(Space::Table(table), ValueType::Rows, kind)))
    }

    /// The other rows of the same ledger with the same values.
    pub(crate) fn same(
        &mut self,
        table: TableId,
        fields: &[String],
    ) -> Result<(TableId, StepId), Reason> {
        let ledger = self.ledger_of(table)?.name.clone();
        let on: Vec<(String, String)> =
            fields.iter().map(|field| (field.clone(), field.clone())).collect();
        self.by_key(table, &ledger, &on, true)
    }

    fn by_key(
        &mut self,
        table: TableId,
        other: &str,
        on: &[(String, String)],
        is_strict: bool,
    ) -> Result<(TableId, StepId), Reason> {
        let is_self = self.ledger_of(table)?.name == other;
        let fields: Vec<&str> = on.iter().map(|(_, field)| field.as_str()).collect();
        let is_same_key = is_self && on.iter().all(|(own, field)| own == field);
        let purpose = if is_same_key { fields.join(",") } else { String::new() };
        let child = self.gathered(table, other, &purpose)?;
        let (own_parts, other_parts) = self.key_parts(table, child, on)?;
        let key = self.key(table, own_parts);
        let other_key = self.key(child, other_parts);
        let id = if is_self { Some(self.id(child)) } else { None };
        let keeps = if is_same_key { IndexKind::Repeated } else { IndexKind::Rows };
        let index = self.index(Index { table: child, key: other_key, id, keeps });
        let except = if is_self { Some(self.id(table)) } else { None };
        let kind = StepKind::Lookup { key, index, except, is_strict };
        Ok((child, self.step(Space::Table(table), ValueType::Rows, kind)))
    }

    /// How many other rows of the ledger have the same values.
    pub(crate) fn duplicates(
        &mut self,
        table: TableId,
        fields: &[String],
    ) -> Result<StepId, Reason> {
        let ledger = self.ledger_of(table)?.name.clone();
        let on: Vec<(String, String)> =
            fields.iter().map(|field| (field.clone(), field.clone())).collect();
        let counted = self.gathered(table, &ledger, &format!("count {}", fields.join(",")))?;
        let (own, other) = self.key_parts(table, counted, &on)?;
        let key = self.key(table, own);
        let other_key = self.key(counted, other);
        let index = Index { table: counted, key: other_key, id: None, keeps: IndexKind::Counts };
        let kind = StepKind::Duplicates { key, index: self.index(index) };
        Ok(self.step(Space::Table(table), ValueType::Integer, kind))
    }

    /// The columns of both sides of a key, read alike.
    fn key_parts(
        &mut self,
        table: TableId,
        other: TableId,
        on: &[(String, String)],
    ) -> Result<(Vec<StepId>, Vec<StepId>), Reason> {
        let mut sides = (Vec::new(), Vec::new());
        for (own, field) in on {
            let classes = [self.sensitive_class(table, own), self.sensitive_class(other, field)];
            let is_person = classes.contains(&Some(SensitiveClass::Identity));
            let is_hidden = classes.iter().any(Option::is_some);
            for (table, field, steps) in [(table, own, &mut sides.0), (other, field, &mut sides.1)]
            {
                let kind = if is_person {
                    ColumnKind::Fact(Fact::PersonKey)
                } else if is_hidden {
                    ColumnKind::Fact(Fact::Key)
                } else {
                    self.column_kind(table, field)?
                };
                steps.push(self.column(table, ColumnUse { name: field.clone(), kind }));
            }
        }
        Ok(sides)
    }

    /// One key of several values; a single value that is a key already stays as it is.
    fn key(&mut self, table: TableId, parts: Vec<StepId>) -> StepId {
        match parts.as_slice() {
            [one] if self.value_of(*one) == ValueType::Key => *one,
            _ => self.step(Space::Table(table), ValueType::Key, StepKind::Key(parts)),
        }
    }
}

/// The name under which the link table of a relation stands in a snapshot.
///
/// # Example
/// ```
/// assert_eq!(taizhang_program::link_table("finding", "measures"), "finding_measures");
/// ```
#[must_use]
pub fn link_table(ledger: &str, relation: &str) -> String {
    format!("{ledger}_{relation}")
}

const fn kind_of(field: &Field) -> ColumnKind {
    match field.field_type {
        FieldType::Text | FieldType::LongText | FieldType::Code | FieldType::Region => {
            ColumnKind::Text
        }
        FieldType::Integer | FieldType::Percent | FieldType::Money => ColumnKind::Integer,
        FieldType::Decimal => ColumnKind::Decimal,
        FieldType::Date | FieldType::Month => ColumnKind::Date,
        FieldType::Instant => ColumnKind::Instant,
        FieldType::Boolean => ColumnKind::Boolean,
        FieldType::Codes | FieldType::Texts => ColumnKind::List,
        FieldType::Reference => ColumnKind::Id,
    }
}

const fn column_value(kind: ColumnKind) -> ValueType {
    match kind {
        ColumnKind::Boolean => ValueType::Boolean,
        ColumnKind::Integer => ValueType::Integer,
        ColumnKind::Decimal => ValueType::Decimal,
        ColumnKind::Text => ValueType::Text,
        ColumnKind::Date => ValueType::Date,
        ColumnKind::Instant => ValueType::Instant,
        ColumnKind::Id => ValueType::Key,
        ColumnKind::List => ValueType::List,
        ColumnKind::Fact(fact) => match fact {
            Fact::Key | Fact::PersonKey => ValueType::Key,
            Fact::Valid | Fact::Placeholder | Fact::Holder => ValueType::Boolean,
            Fact::Length | Fact::Class | Fact::Level => ValueType::Integer,
            Fact::Birth => ValueType::Date,
            Fact::Sex | Fact::Region => ValueType::Text,
        },
    }
}
