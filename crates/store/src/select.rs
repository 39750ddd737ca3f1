//! Filters and orders as portable SQL with bound values.

use crate::codec;
use crate::cursor::{Mark, order_fingerprint};
use crate::driver::{Cell, ColumnType, Dialect, quote};
use crate::error::StoreError;
use crate::keys::KeyRing;
use crate::query::{Filter, Sort};
use crate::schema::{FieldColumn, Path, Schema, Table};
use crate::search::{self, Narrowing};
use taizhang_codebook::FieldType;
use taizhang_values::{RecordId, RegionCode, RegionLevel, Value};

/// Most values of one `In`; SQLite binds 32,766 in a statement.
const IN_MAX: usize = 20_000;

/// Longest list of values that is filled up.
const PADDED_MAX: usize = 1024;

/// Longest text searched for, in characters; SQLite takes patterns of 50,000 bytes.
const SEARCH_MAX: usize = 1000;

/// Deepest nesting of a filter.
const DEPTH_MAX: usize = 32;

/// A column that a query names.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    BuiltIn(&'a str, ColumnType),
    Field(&'a FieldColumn),
}

impl<'a> Target<'a> {
    pub(crate) fn find(table: &'a Table, name: &'a str) -> Result<Self, StoreError> {
        match Table::built_in(name) {
            Some(column_type) => Ok(Self::BuiltIn(name, column_type)),
            None => table.field(name).map(Self::Field),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::BuiltIn(name, _) => name,
            Self::Field(field) => &field.name,
        }
    }

    /// The column by which exact values are searched.
    fn search_column(&self) -> Result<String, StoreError> {
        let name = match self {
            Self::BuiltIn(name, _) => name,
            Self::Field(FieldColumn { hash_column: Some(hash), .. }) => hash.as_str(),
            Self::Field(field) if field.sensitive.is_some() => {
                return Err(StoreError::BadQuery(format!("`{}` cannot be searched", field.name)));
            }
            Self::Field(field) => field.name.as_str(),
        };
        Ok(format!("t.{}", quote(name)))
    }

    /// The column in clear, for order and range; refused for sealed fields.
    pub(crate) fn clear_column(&self) -> Result<String, StoreError> {
        match self {
            Self::Field(field) if field.sensitive.is_some() => Err(StoreError::BadQuery(format!(
                "`{}` is sealed: neither order nor range",
                field.name
            ))),
            _ => Ok(format!("t.{}", quote(self.name()))),
        }
    }

    const fn column_type(&self) -> ColumnType {
        match self {
            Self::BuiltIn(_, column_type) => *column_type,
            Self::Field(field) => field.column_type,
        }
    }

    /// The type of [`Target::search_column`].
    const fn search_type(&self) -> ColumnType {
        match self {
            Self::Field(FieldColumn { hash_column: Some(_), .. }) => ColumnType::Text,
            _ => self.column_type(),
        }
    }

    const fn is_nullable(&self) -> bool {
        match self {
            Self::BuiltIn(name, _) => {
                !matches!(name.as_bytes(), b"id" | b"version" | b"created_at" | b"updated_at")
            }
            Self::Field(_) => true,
        }
    }

    /// The value of a cell of this column, for paging marks and groups.
    pub(crate) fn value(&self, cell: Cell) -> Result<Value, StoreError> {
        let cell = cell.into_type(self.column_type())?;
        match self {
            Self::BuiltIn(..) => Ok(codec::decode_built_in(&cell)),
            Self::Field(field) => codec::decode(field, &cell),
        }
    }
}

/// Collects SQL text and its values in step.
pub(crate) struct Compiler<'a> {
    schema: &'a Schema,
    table: &'a Table,
    keys: &'a KeyRing,
    dialect: Dialect,
    /// The order has an index of its own, which SQLite should walk until the page is full.
    walks: bool,
    /// What the search index says of the filter's texts.
    narrowing: Narrowing,
    /// A page in an order is wanted, as against a count.
    is_page: bool,
    /// However many values a question has, PostgreSQL gets them as one: the text stays the same.
    is_alike: bool,
    pub(crate) cells: Vec<Cell>,
}

impl<'a> Compiler<'a> {
    pub(crate) const fn new(
        schema: &'a Schema,
        table: &'a Table,
        keys: &'a KeyRing,
        dialect: Dialect,
    ) -> Self {
        let narrowing = Narrowing::new();
        Self {
            schema,
            table,
            keys,
            dialect,
            walks: false,
            narrowing,
            is_page: false,
            is_alike: false,
            cells: Vec::new(),
        }
    }

    /// The same for a page in an order that has an index. Without statistics SQLite would rather
    /// search a state's index, which holds most rows of a list, and sort them all.
    pub(crate) const fn walking(mut self, walks: bool) -> Self {
        self.is_page = true;
        self.walks |= walks;
        self
    }

    /// The same with the records that may hold the filter's texts, which are then the way in.
    pub(crate) fn narrowed(mut self, narrowing: Narrowing) -> Self {
        self.walks |= !narrowing.is_empty();
        self.narrowing = narrowing;
        self
    }

    /// The same with one text for lists of values of any length, none and one among them: for
    /// questions of many parts, of which there would be a text for every mixture.
    pub(crate) const fn alike(mut self) -> Self {
        self.is_alike = true;
        self
    }

    /// The condition for live records that pass the filter.
    pub(crate) fn condition(&mut self, filter: &Filter) -> Result<String, StoreError> {
        let text = self.filter(filter, 0)?;
        Ok(format!("t.\"deleted_at\" IS NULL AND {text}"))
    }

    fn filter(&mut self, filter: &Filter, depth: usize) -> Result<String, StoreError> {
        if depth > DEPTH_MAX {
            return Err(StoreError::BadQuery("the filter is nested too deeply".to_owned()));
        }
        match filter {
            Filter::All => Ok("1 = 1".to_owned()),
            Filter::And(parts) => self.joined(parts, " AND ", "1 = 1", depth),
            Filter::Or(parts) => self.joined(parts, " OR ", "1 = 0", depth),
            Filter::Not(inner) => {
                let text = self.filter(inner, depth + 1)?;
                Ok(format!("(NOT COALESCE({text}, FALSE))"))
            }
            Filter::Eq(field, value) => self.one_of(field, std::slice::from_ref(value)),
            Filter::In(field, values) if values.len() != 1 || self.is_alike => {
                match self.one_list(field, values)? {
                    Some(text) => Ok(text),
                    None => self.one_of(field, values),
                }
            }
            Filter::In(field, values) => self.one_of(field, values),
            Filter::Less(field, value) => self.compared(field, "<", value),
            Filter::AtMost(field, value) => self.compared(field, "<=", value),
            Filter::Greater(field, value) => self.compared(field, ">", value),
            Filter::AtLeast(field, value) => self.compared(field, ">=", value),
            Filter::Contains(field, text) => self.any_contains(std::slice::from_ref(field), text),
            Filter::AnyContains(fields, text) => self.any_contains(fields, text),
            Filter::IsEmpty(field) => {
                let target = Target::find(self.table, field)?;
                Ok(format!("(t.{} IS NULL)", quote(target.name())))
            }
            Filter::Under(region) => self.under(region),
            Filter::Linked { relation, to } => self.linked(relation, to),
            Filter::Related { by, filter } => self.related(by, filter, depth),
            Filter::ListHas(field, text) => self.list_has(field, text),
        }
    }

    fn joined(
        &mut self,
        parts: &[Filter],
        word: &str,
        empty: &str,
        depth: usize,
    ) -> Result<String, StoreError> {
        let texts: Result<Vec<_>, _> =
            parts.iter().map(|part| self.filter(part, depth + 1)).collect();
        Ok(bracketed(&texts?, word, empty))
    }

    /// The cell to compare with; sealed fields are compared by their keyed hash.
    fn search_cell(&self, target: &Target<'_>, value: &Value) -> Result<Cell, StoreError> {
        match target {
            Target::BuiltIn(name, column_type) => codec::encode_built_in(name, *column_type, value),
            Target::Field(field) if field.sensitive.is_some() && !value.is_empty() => {
                let text = value.to_string();
                Ok(Cell::Text(self.keys.blind_index(&self.table.ledger, &field.name, &text)))
            }
            Target::Field(field) => codec::encode(self.table, field, value),
        }
    }

    fn one_of(&mut self, name: &str, values: &[Value]) -> Result<String, StoreError> {
        if values.len() > IN_MAX {
            return Err(StoreError::BadQuery(format!("more than `{IN_MAX}` values at once")));
        }
        let table = self.table;
        let target = Target::find(table, name)?;
        let mut column = target.search_column()?;
        if self.walks && self.dialect == Dialect::Sqlite && name == "state" {
            // The plus keeps the state's own index out.
            column.insert(0, '+');
        }
        let mut parts = Vec::new();
        let mut marks = Vec::new();
        for value in values {
            match self.search_cell(&target, value)? {
                Cell::Null if parts.is_empty() => parts.push(format!("{column} IS NULL")),
                Cell::Null => {}
                cell => {
                    marks.push("?");
                    self.cells.push(cell);
                }
            }
        }
        // Filled up to a power of two with the last value, so that there are few statements.
        let is_padded = (1..=PADDED_MAX).contains(&marks.len());
        if let Some(last) = self.cells.last().filter(|_| is_padded).cloned() {
            let more = marks.len().next_power_of_two() - marks.len();
            marks.extend(std::iter::repeat_n("?", more));
            self.cells.extend(std::iter::repeat_n(last, more));
        }
        match marks.len() {
            0 => {}
            1 => parts.push(format!("{column} = ?")),
            _ => parts.push(format!("{column} IN ({})", marks.join(", "))),
        }
        Ok(bracketed(&parts, " OR ", "1 = 0"))
    }

    /// Values of a text column as one list, which PostgreSQL takes whole. `None` where they have to
    /// be named each.
    fn one_list(&mut self, name: &str, values: &[Value]) -> Result<Option<String>, StoreError> {
        let table = self.table;
        let target = Target::find(table, name)?;
        let is_listed = self.dialect == Dialect::Postgres
            && target.search_type() == ColumnType::Text
            && values.len() <= IN_MAX;
        if !is_listed {
            return Ok(None);
        }
        let column = target.search_column()?;
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            match self.search_cell(&target, value)? {
                Cell::Text(text) => texts.push(text),
                _ => return Ok(None),
            }
        }
        self.cells.push(Cell::text_list(&texts));
        Ok(Some(format!("({column} = ANY(?::text[]))")))
    }

    fn compared(&mut self, name: &str, sign: &str, value: &Value) -> Result<String, StoreError> {
        let table = self.table;
        let target = Target::find(table, name)?;
        let column = target.clear_column()?;
        if matches!(target, Target::Field(field) if field.is_list()) {
            return Err(StoreError::BadQuery(format!("list `{name}` has no order")));
        }
        match self.search_cell(&target, value)? {
            Cell::Null => Ok("(1 = 0)".to_owned()),
            cell => {
                self.cells.push(cell);
                Ok(format!("({column} {sign} ?)"))
            }
        }
    }

    /// The text in one of the fields. Where the index knows which records may hold it, only those
    /// are looked at; a text searched in other fields as well is not narrowed.
    fn any_contains(&mut self, fields: &[String], text: &str) -> Result<String, StoreError> {
        let table = self.table;
        let is_searched = |name: &String| table.field(name).is_ok_and(|field| field.is_searched);
        let candidates = self.narrowing.get(text).filter(|_| fields.iter().all(is_searched));
        let condition = candidates
            .and_then(|found| search::condition(self.dialect, table, found, self.is_page));
        let head = match condition {
            Some((condition, value)) => {
                self.cells.push(value);
                format!("{condition} AND ")
            }
            None => String::new(),
        };
        let parts: Result<Vec<_>, _> =
            fields.iter().map(|field| self.contains(field, text)).collect();
        Ok(format!("({head}{})", bracketed(&parts?, " OR ", "1 = 0")))
    }

    /// Sealed fields are found by their whole value only.
    fn contains(&mut self, name: &str, text: &str) -> Result<String, StoreError> {
        let table = self.table;
        let target = Target::find(table, name)?;
        if let Target::Field(field) = target
            && field.sensitive.is_some()
        {
            return match field.hash_column {
                Some(_) if !text.trim().is_empty() => {
                    self.one_of(name, &[Value::Text(text.to_owned())])
                }
                _ => Ok("(1 = 0)".to_owned()),
            };
        }
        if target.column_type() != ColumnType::Text {
            return Err(StoreError::BadQuery(format!("`{name}` is not text")));
        }
        if text.chars().count() > SEARCH_MAX {
            let message = format!("more than `{SEARCH_MAX}` characters to search for");
            return Err(StoreError::BadQuery(message));
        }
        let column = target.clear_column()?;
        if !text.contains(|character: char| character.is_ascii_alphabetic()) {
            // Without letters case plays no part, and a plain search is several times as fast.
            self.cells.push(Cell::Text(codec::without_nul(text)));
            return Ok(match self.dialect {
                Dialect::Sqlite => format!("(instr({column}, ?) > 0)"),
                Dialect::Postgres => format!("(strpos({column}, ?) > 0)"),
            });
        }
        self.cells.push(Cell::Text(format!("%{}%", escape_like(text))));
        let word = match self.dialect {
            Dialect::Sqlite => "LIKE",
            Dialect::Postgres => "ILIKE",
        };
        Ok(format!("({column} {word} ? ESCAPE '\\')"))
    }

    /// A code and all that begin with it, as a range, so that the index serves.
    fn under(&mut self, region: &RegionCode) -> Result<String, StoreError> {
        let column = self.table.region_column().ok_or_else(|| {
            StoreError::BadQuery(format!("ledger `{}` has no region", self.table.ledger))
        })?;
        if region.as_str().is_empty() {
            return Ok("1 = 1".to_owned());
        }
        // Without statistics SQLite takes every range for a narrow one. A township holds most rows
        // of a list: the plus keeps its index out, so that the order's own index is walked.
        let is_wide = region.level() <= RegionLevel::Township;
        let sign = if is_wide && self.dialect == Dialect::Sqlite { "+" } else { "" };
        let column = format!("{sign}t.{}", quote(column));
        let mut end = region.as_str().to_owned();
        // Codes are digits; the character after the last digit bounds everything below it.
        let next = end.pop().and_then(|last| char::from_u32(u32::from(last) + 1)).unwrap_or(':');
        end.push(next);
        self.cells.push(Cell::text(region.as_str()));
        self.cells.push(Cell::Text(end));
        Ok(format!("({column} >= ? AND {column} < ?)"))
    }

    /// Asked as a list of ids, which both databases find once by an index, and not anew for each
    /// row of an order that is walked.
    fn linked(&mut self, relation: &str, to: &RecordId) -> Result<String, StoreError> {
        self.cells.push(Cell::text(to.as_str()));
        Ok(match self.schema.path(&self.table.ledger, relation)? {
            Path::One { by, .. } => format!("(t.{} = ?)", quote(&by)),
            Path::Many { ledger, by } => format!(
                "(t.\"id\" IN (SELECT o.{} FROM {} o WHERE o.\"id\" = ? \
                 AND o.\"deleted_at\" IS NULL))",
                quote(&by),
                quote(&ledger)
            ),
            Path::Links { table, is_inverse, .. } => {
                let (own, other) = link_columns(is_inverse);
                format!(
                    "(t.\"id\" IN (SELECT l.\"{own}\" FROM {} l WHERE l.\"{other}\" = ?))",
                    quote(&table)
                )
            }
        })
    }

    /// The question about the other ledger stands by itself: its `t` hides the outer one.
    fn related(&mut self, by: &str, filter: &Filter, depth: usize) -> Result<String, StoreError> {
        let path = match self.table.field(by) {
            Ok(FieldColumn { reference: Some(ledger), name, .. }) => {
                Path::One { ledger: ledger.clone(), by: name.clone() }
            }
            _ => self.schema.path(&self.table.ledger, by)?,
        };
        let (Path::One { ledger, .. } | Path::Many { ledger, .. } | Path::Links { ledger, .. }) =
            &path;
        let outer = (self.table, self.walks);
        let narrowing = std::mem::take(&mut self.narrowing);
        (self.table, self.walks) = (self.schema.table(ledger)?, false);
        let inner = self.filter(filter, depth + 1);
        (self.table, self.walks) = outer;
        self.narrowing = narrowing;
        let (inner, live) = (inner?, "t.\"deleted_at\" IS NULL");
        let from = quote(ledger);
        Ok(match &path {
            Path::One { by, .. } => format!(
                "(t.{} IN (SELECT t.\"id\" FROM {from} t WHERE {live} AND {inner}))",
                quote(by)
            ),
            Path::Many { by, .. } => format!(
                "(t.\"id\" IN (SELECT t.{} FROM {from} t WHERE {live} AND {inner}))",
                quote(by)
            ),
            Path::Links { table, is_inverse, .. } => {
                let (own, other) = link_columns(*is_inverse);
                format!(
                    "(t.\"id\" IN (SELECT l.\"{own}\" FROM {} l JOIN {from} t \
                     ON t.\"id\" = l.\"{other}\" WHERE {live} AND {inner}))",
                    quote(table)
                )
            }
        })
    }

    fn list_has(&mut self, name: &str, text: &str) -> Result<String, StoreError> {
        let field = self.table.field(name)?;
        if !field.is_list() || field.sensitive.is_some() {
            return Err(StoreError::BadQuery(format!("`{name}` is not a list")));
        }
        let column = format!("t.{}", quote(name));
        self.cells.push(Cell::Text(codec::without_nul(text)));
        Ok(match self.dialect {
            Dialect::Sqlite => {
                format!("EXISTS (SELECT 1 FROM json_each({column}) j WHERE j.value = ?)")
            }
            Dialect::Postgres => format!("({column}::jsonb @> to_jsonb(?::text))"),
        })
    }
}

/// The columns of a link table for the ledger that asks and for the other one.
const fn link_columns(is_inverse: bool) -> (&'static str, &'static str) {
    if is_inverse { ("to_id", "from_id") } else { ("from_id", "to_id") }
}

/// Joins conditions. Long chains are split in halves, because SQLite reads a chain as deep as it
/// is long and refuses a depth of 1000.
fn bracketed(parts: &[String], word: &str, empty: &str) -> String {
    const CHAIN_MAX: usize = 100;
    match parts {
        [] => format!("({empty})"),
        _ if parts.len() <= CHAIN_MAX => format!("({})", parts.join(word)),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!("({}{word}{})", bracketed(left, word, empty), bracketed(right, word, empty))
        }
    }
}

fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in codec::without_nul(text).chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// One field of an order, resolved.
pub(crate) struct Key<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) column: String,
    pub(crate) is_descending: bool,
    is_nullable: bool,
}

/// The total order of a query: its sort fields, then the id in the last one's direction. Missing
/// values stand last in both directions.
pub(crate) struct Order<'a> {
    pub(crate) keys: Vec<Key<'a>>,
    pub(crate) fingerprint: String,
    /// An index gives the rows in the order of the first field.
    is_indexed: bool,
}

/// One statement of a page: conditions beside the filter's, and its order.
pub(crate) struct Phase {
    pub(crate) condition: String,
    pub(crate) cells: Vec<Cell>,
    pub(crate) order: String,
}

impl<'a> Order<'a> {
    pub(crate) fn resolve(table: &'a Table, sort: &'a [Sort]) -> Result<Self, StoreError> {
        let mut keys: Vec<Key<'a>> = Vec::new();
        for one in sort {
            let target = Target::find(table, &one.field)?;
            let column = target.clear_column()?;
            let is_list = |field: &FieldColumn| {
                matches!(field.field_type, FieldType::Codes | FieldType::Texts)
            };
            if matches!(target, Target::Field(field) if is_list(field)) {
                return Err(StoreError::BadQuery(format!("list `{}` has no order", one.field)));
            }
            if keys.iter().any(|key| key.column == column) {
                continue;
            }
            let is_nullable = target.is_nullable();
            keys.push(Key { target, column, is_descending: one.descending, is_nullable });
        }
        if !keys.iter().any(|key| key.target.name() == "id") {
            // Ids begin with the time: without a sort field the newest stand first.
            let is_descending = keys.last().is_none_or(|key| key.is_descending);
            let target = Target::BuiltIn("id", ColumnType::Text);
            let column = "t.\"id\"".to_owned();
            keys.push(Key { target, column, is_descending, is_nullable: false });
        }
        let named: Vec<(String, bool)> =
            keys.iter().map(|key| (key.target.name().to_owned(), key.is_descending)).collect();
        let fingerprint = order_fingerprint(&table.ledger, &named);
        let is_indexed = keys.first().is_some_and(|key| match key.target {
            Target::BuiltIn("updated_at", _) => table.is_listed_by_change(),
            Target::BuiltIn(name, _) => matches!(name, "id" | "created_at" | "state"),
            Target::Field(field) => {
                field.is_indexed || field.is_unique || field.reference.is_some()
            }
        });
        Ok(Self { keys, fingerprint, is_indexed })
    }

    /// True if an index gives the rows in this order.
    pub(crate) const fn is_indexed(&self) -> bool {
        self.is_indexed
    }

    /// The statements that together give the rows beyond a mark, in order. A single nullable field
    /// is split into its filled and its empty part, each of which an index serves whole.
    pub(crate) fn phases(
        &self,
        table: &Table,
        mark: Option<&Mark>,
        is_backward: bool,
    ) -> Result<Vec<Phase>, StoreError> {
        let edge = mark.map(|mark| self.edge(table, mark)).transpose()?;
        match self.keys.as_slice() {
            [first, id] if first.is_nullable && first.is_descending == id.is_descending => {
                Ok(split_phases(first, id, edge.as_deref(), is_backward))
            }
            _ => Ok(vec![self.whole_phase(edge.as_deref(), is_backward)]),
        }
    }

    /// The mark's values as cells, one a key; refused if they do not fit the order.
    fn edge(&self, table: &Table, mark: &Mark) -> Result<Vec<Cell>, StoreError> {
        if mark.order != self.fingerprint || mark.values.len() != self.keys.len() {
            return Err(StoreError::BadCursor);
        }
        let pairs = self.keys.iter().zip(&mark.values);
        pairs
            .map(|(key, value)| {
                let cell = match key.target {
                    Target::BuiltIn(name, kind) => codec::encode_built_in(name, kind, value),
                    Target::Field(field) => codec::encode(table, field, value),
                };
                match cell {
                    Ok(Cell::Null) if !key.is_nullable => Err(StoreError::BadCursor),
                    Ok(cell) => Ok(cell),
                    Err(_) => Err(StoreError::BadCursor),
                }
            })
            .collect()
    }

    fn whole_phase(&self, edge: Option<&[Cell]>, is_backward: bool) -> Phase {
        let order: Vec<String> = self.keys.iter().map(|key| key.order(is_backward)).collect();
        let mut cells = Vec::new();
        let condition = match edge {
            None => "1 = 1".to_owned(),
            Some(edge) => self.beyond(edge, is_backward, &mut cells),
        };
        Phase { condition, cells, order: order.join(", ") }
    }

    /// `(a beyond x) OR (a = x AND b beyond y) OR …`.
    fn beyond(&self, edge: &[Cell], is_backward: bool, cells: &mut Vec<Cell>) -> String {
        let mut parts = Vec::new();
        for depth in 0..self.keys.len() {
            let mut terms = Vec::new();
            for (key, cell) in self.keys.iter().zip(edge).take(depth) {
                terms.push(match cell {
                    Cell::Null => format!("{} IS NULL", key.column),
                    _ => {
                        cells.push(cell.clone());
                        format!("{} = ?", key.column)
                    }
                });
            }
            if let Some((key, cell)) = self.keys.iter().zip(edge).nth(depth) {
                terms.push(key.beyond(cell, is_backward, cells));
            }
            parts.push(format!("({})", terms.join(" AND ")));
        }
        format!("({})", parts.join(" OR "))
    }
}

impl Key<'_> {
    const fn walks_down(&self, is_backward: bool) -> bool {
        self.is_descending != is_backward
    }

    fn order(&self, is_backward: bool) -> String {
        let word = if self.walks_down(is_backward) { "DESC" } else { "ASC" };
        match (self.is_nullable, is_backward) {
            (false, _) => format!("{} {word}", self.column),
            (true, false) => format!("{} {word} NULLS LAST", self.column),
            (true, true) => format!("{} {word} NULLS FIRST", self.column),
        }
    }

    fn beyond(&self, cell: &Cell, is_backward: bool, cells: &mut Vec<Cell>) -> String {
        let sign = if self.walks_down(is_backward) { "<" } else { ">" };
        match (cell, is_backward) {
            (Cell::Null, false) => "1 = 0".to_owned(),
            (Cell::Null, true) => format!("{} IS NOT NULL", self.column),
            (_, false) if self.is_nullable => {
                cells.push(cell.clone());
                format!("({} {sign} ? OR {} IS NULL)", self.column, self.column)
            }
            _ => {
                cells.push(cell.clone());
                format!("{} {sign} ?", self.column)
            }
        }
    }
}

fn split_phases(
    first: &Key<'_>,
    id: &Key<'_>,
    edge: Option<&[Cell]>,
    is_backward: bool,
) -> Vec<Phase> {
    let is_down = first.walks_down(is_backward);
    let (word, sign) = if is_down { ("DESC", "<") } else { ("ASC", ">") };
    let filled = |condition: String, cells: Vec<Cell>| Phase {
        condition: format!("{} IS NOT NULL AND {condition}", first.column),
        cells,
        order: format!("{} {word}, {} {word}", first.column, id.column),
    };
    let empty = |condition: String, cells: Vec<Cell>| Phase {
        condition: format!("{} IS NULL AND {condition}", first.column),
        cells,
        order: format!("{} {word}", id.column),
    };
    let all = || "1 = 1".to_owned();
    match (edge, is_backward) {
        (Some([Cell::Null, last]), _) => {
            let rest = empty(format!("{} {sign} ?", id.column), vec![last.clone()]);
            if is_backward { vec![rest, filled(all(), Vec::new())] } else { vec![rest] }
        }
        (Some([value, last]), _) => {
            let pair = format!("({}, {}) {sign} (?, ?)", first.column, id.column);
            let rest = filled(pair, vec![value.clone(), last.clone()]);
            if is_backward { vec![rest] } else { vec![rest, empty(all(), Vec::new())] }
        }
        (_, true) => vec![empty(all(), Vec::new()), filled(all(), Vec::new())],
        (_, false) => vec![filled(all(), Vec::new()), empty(all(), Vec::new())],
    }
}
