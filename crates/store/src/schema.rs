//! The tables that a codebook asks for: one a ledger, its history, its link tables.

use crate::driver::{ColumnType, quote};
use crate::error::StoreError;
use crate::row_sql::history_of_rows_sql;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger, RelationKind, SensitiveClass};

/// Columns that every ledger's table has before the codebook's fields.
pub(crate) const BUILT_IN: [(&str, ColumnType); 10] = [
    ("id", ColumnType::Text),
    ("version", ColumnType::Integer),
    ("region", ColumnType::Text),
    ("state", ColumnType::Text),
    ("flow_edition", ColumnType::Integer),
    ("created_at", ColumnType::Instant),
    ("created_by", ColumnType::Text),
    ("updated_at", ColumnType::Instant),
    ("updated_by", ColumnType::Text),
    ("deleted_at", ColumnType::Instant),
];

/// Columns that every history table has before the codebook's fields. What tells of the act has a
/// prefix, because ledgers have fields named `reason` and `source`.
pub(crate) const HISTORY_BUILT_IN: [(&str, ColumnType); 15] = [
    ("act_sequence", ColumnType::Integer),
    ("act_at", ColumnType::Instant),
    ("act_actor", ColumnType::Text),
    ("act_verb", ColumnType::Text),
    ("act_reason", ColumnType::Text),
    ("act_source", ColumnType::Text),
    ("act_changed", ColumnType::Text),
    ("act_is_deleted", ColumnType::Boolean),
    ("id", ColumnType::Text),
    ("version", ColumnType::Integer),
    ("region", ColumnType::Text),
    ("state", ColumnType::Text),
    ("flow_edition", ColumnType::Integer),
    ("created_at", ColumnType::Instant),
    ("created_by", ColumnType::Text),
];

/// Columns of a history table that tell of the act; those of the row follow.
pub(crate) const ACT_COLUMNS: usize = 8;

/// Longest identifier that PostgreSQL keeps whole.
const NAME_LENGTH_MAX: usize = 63;

/// One field of a ledger as columns.
#[derive(Clone, Debug)]
pub(crate) struct FieldColumn {
    pub(crate) name: String,
    pub(crate) field_type: FieldType,
    pub(crate) column_type: ColumnType,
    pub(crate) sensitive: Option<SensitiveClass>,
    pub(crate) is_required: bool,
    pub(crate) is_unique: bool,
    pub(crate) is_indexed: bool,
    pub(crate) is_searched: bool,
    /// List field that takes the old value when this one changes.
    pub(crate) former: Option<String>,
    /// Ledger referred to.
    pub(crate) reference: Option<String>,
    /// Column of the keyed hash by which a sealed field is searched.
    pub(crate) hash_column: Option<String>,
}

/// A ledger's table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) ledger: String,
    pub(crate) fields: Vec<FieldColumn>,
    /// Columns of fields that left the codebook; versions go on carrying what they held.
    pub(crate) retired: Vec<String>,
    /// Their types.
    pub(crate) retired_types: Vec<ColumnType>,
    /// `t."id", t."version", …` in the order in which records are read.
    pub(crate) select: String,
    /// The same for the history table.
    pub(crate) select_history: String,
    /// Relations by name.
    pub(crate) relations: BTreeMap<String, Path>,
    has_home: bool,
    has_flow: bool,
    /// [`history_of_rows_sql`], which is long, once it is asked for.
    history_of_rows: OnceLock<String>,
}

/// How a relation is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// `other.by = this.id`.
    Many { ledger: String, by: String },
    /// `this.by = other.id`.
    One { ledger: String, by: String },
    /// Through a link table; `is_inverse` if this ledger stands in its `to_id`.
    Links { table: String, ledger: String, is_inverse: bool },
}

/// A link table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkTable {
    pub(crate) table: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// All tables of a codebook.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) tables: BTreeMap<String, Table>,
    pub(crate) links: Vec<LinkTable>,
}

/// The type of a field's column. Sealed values are text whatever they are inside.
const fn column_type(field: &Field) -> ColumnType {
    if field.sensitive.is_some() {
        return ColumnType::Text;
    }
    match field.field_type {
        FieldType::Text
        | FieldType::LongText
        | FieldType::Code
        | FieldType::Codes
        | FieldType::Texts
        | FieldType::Reference
        | FieldType::Region => ColumnType::Text,
        FieldType::Integer | FieldType::Percent | FieldType::Money | FieldType::Decimal => {
            ColumnType::Integer
        }
        FieldType::Boolean => ColumnType::Boolean,
        FieldType::Date | FieldType::Month => ColumnType::Date,
        FieldType::Instant => ColumnType::Instant,
    }
}

/// Sealed fields whose few possible values a frequency table would give away get no hash.
fn hash_column(field: &Field) -> Option<String> {
    let is_telling = matches!(field.sensitive, Some(SensitiveClass::Health))
        || matches!(field.field_type, FieldType::Boolean | FieldType::Code | FieldType::Codes);
    (field.sensitive.is_some() && !is_telling).then(|| format!("{}_hash", field.name))
}

impl FieldColumn {
    fn derive(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            field_type: field.field_type,
            column_type: column_type(field),
            sensitive: field.sensitive,
            is_required: field.is_required,
            is_unique: field.is_unique,
            is_indexed: field.is_indexed,
            is_searched: field.is_searched
                && field.sensitive.is_none()
                && matches!(field.field_type, FieldType::Text | FieldType::LongText),
            former: field.former.clone(),
            reference: match field.field_type {
                FieldType::Reference => field.ledger.clone(),
                _ => None,
            },
            hash_column: hash_column(field),
        }
    }

    /// True for lists, which are JSON text in their column.
    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.field_type, FieldType::Codes | FieldType::Texts)
    }
}

impl Table {
    fn derive(ledger: &Ledger) -> Self {
        let fields: Vec<FieldColumn> = ledger.fields.iter().map(FieldColumn::derive).collect();
        let select_list = |built_in: &[(&str, ColumnType)]| {
            let own = built_in.iter().map(|(name, _)| *name).filter(|name| *name != "deleted_at");
            own.chain(fields.iter().map(|field| field.name.as_str()))
                .map(|name| format!("t.{}", quote(name)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let select = select_list(&BUILT_IN);
        let select_history = select_list(&HISTORY_BUILT_IN);
        Self {
            ledger: ledger.name.clone(),
            select,
            select_history,
            fields,
            retired: Vec::new(),
            retired_types: Vec::new(),
            relations: BTreeMap::new(),
            has_home: ledger.home.is_some(),
            has_flow: ledger.flow.is_some(),
            history_of_rows: OnceLock::new(),
        }
    }

    /// The statement of [`history_of_rows_sql`].
    pub(crate) fn history_of_rows(&self) -> &str {
        self.history_of_rows.get_or_init(|| history_of_rows_sql(self))
    }

    pub(crate) fn field(&self, name: &str) -> Result<&FieldColumn, StoreError> {
        self.fields.iter().find(|field| field.name == name).ok_or_else(|| {
            StoreError::UnknownField { ledger: self.ledger.clone(), field: name.to_owned() }
        })
    }

    /// Fields whose text has an index.
    pub(crate) fn searched(&self) -> impl Iterator<Item = &FieldColumn> {
        self.fields.iter().filter(|field| field.is_searched)
    }

    /// The type of a built-in column, if it is one that queries may name.
    pub(crate) fn built_in(name: &str) -> Option<ColumnType> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name && name != "deleted_at");
        found.map(|(_, column_type)| *column_type)
    }

    /// The column that tells where a record lies: the built-in one, or for the ledger of regions
    /// itself its unique region code.
    pub(crate) fn region_column(&self) -> Option<&str> {
        if self.has_home {
            return Some("region");
        }
        let own = |field: &&FieldColumn| field.field_type == FieldType::Region && field.is_unique;
        self.fields.iter().find(own).map(|field| field.name.as_str())
    }

    pub(crate) fn history(&self) -> String {
        format!("{}_history", self.ledger)
    }

    /// All columns of the table with their types.
    pub(crate) fn columns(&self) -> Vec<(String, ColumnType)> {
        let built_in = BUILT_IN.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        built_in.chain(self.field_columns()).collect()
    }

    /// All columns of the history table with their types.
    pub(crate) fn history_columns(&self) -> Vec<(String, ColumnType)> {
        let built_in = HISTORY_BUILT_IN.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        let fields = self.fields.iter().map(|field| (field.name.clone(), field.column_type));
        built_in.chain(fields).collect()
    }

    fn field_columns(&self) -> impl Iterator<Item = (String, ColumnType)> + '_ {
        self.fields.iter().flat_map(|field| {
            let hash = field.hash_column.clone().map(|name| (name, ColumnType::Text));
            std::iter::once((field.name.clone(), field.column_type)).chain(hash)
        })
    }

    /// Names and column lists of the indexes, with the unique ones told apart.
    pub(crate) fn indexes(&self) -> Vec<Index> {
        let mut indexes = vec![
            Index::plain(&self.ledger, &["id", "region", "state", "deleted_at"]),
            Index::plain(&self.ledger, &["created_at", "id"]),
            Index::plain(&self.ledger, &["created_by", "id"]),
        ];
        if self.is_listed_by_change() {
            indexes.extend(self.indexes_of_change());
        } else {
            indexes.push(Index::plain(&self.ledger, &["region", "id"]));
        }
        if self.has_flow {
            // Counts are answered from the index alone: `deleted_at` stands in it, because SQLite
            // reads the row for a column that only the condition of the index names.
            indexes.push(Index::plain(&self.ledger, &["state", "id", "region", "deleted_at"]));
        }
        for field in &self.fields {
            let searched = match (&field.hash_column, field.sensitive) {
                (Some(hash), _) => hash.as_str(),
                (None, None) => field.name.as_str(),
                (None, Some(_)) => continue,
            };
            if field.is_unique {
                indexes.push(Index::unique(&self.ledger, searched));
            }
            if field.is_indexed && field.column_type == ColumnType::Date {
                // Lists in the order of a date, and counts of a state within dates.
                let list = [searched, "id", "region", "state", "deleted_at"];
                indexes.push(Index::plain(&self.ledger, &list));
                if self.has_flow {
                    let count = ["state", searched, "region", "deleted_at"];
                    indexes.push(Index::plain(&self.ledger, &count));
                }
            } else if field.is_indexed || field.reference.is_some() || field.hash_column.is_some() {
                indexes.push(Index::plain(&self.ledger, &[searched, "id"]));
            }
        }
        indexes
    }
}

impl Table {
    /// True for ledgers that are listed in the order of their last change: those with a flow. The
    /// moment of a change stands in no index of the others: PostgreSQL puts a new version of a row
    /// beside the old one, and touches no index at all, if no indexed column changed.
    pub(crate) const fn is_listed_by_change(&self) -> bool {
        self.has_flow
    }

    fn indexes_of_change(&self) -> [Index; 2] {
        [
            Index::plain(&self.ledger, &["region", "updated_at", "id"]),
            Index::plain(&self.ledger, &["updated_at", "id", "region", "state", "deleted_at"]),
        ]
    }

    /// Indexes that every ledger had before and this one has no more.
    pub(crate) fn former_indexes(&self) -> Vec<Index> {
        if self.is_listed_by_change() { Vec::new() } else { self.indexes_of_change().into() }
    }

    /// Indexes that are better made at once from many new records than kept row by row: those in
    /// which the records stand in another order than that of their making, which is that of their
    /// ids, because the region or one of `fields` comes before it.
    pub(crate) fn late_indexes(&self, fields: &[&str]) -> Vec<Index> {
        let is_mixed = |column: &&String| {
            let of_field = |field: &FieldColumn| {
                let searched = field.hash_column.as_ref().unwrap_or(&field.name);
                searched == *column && fields.contains(&field.name.as_str())
            };
            *column == "region" || self.fields.iter().any(of_field)
        };
        let mut indexes = self.indexes();
        indexes.retain(|index| {
            let before_id = index.columns.iter().take_while(|column| *column != "id");
            !index.is_unique && before_id.into_iter().any(|column| is_mixed(&column))
        });
        indexes
    }
}

/// One index over the live records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) is_unique: bool,
}

impl Index {
    fn plain(ledger: &str, columns: &[&str]) -> Self {
        Self {
            name: bounded(&format!("{ledger}__{}", columns.join("__"))),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            is_unique: false,
        }
    }

    fn unique(ledger: &str, column: &str) -> Self {
        let name = bounded(&format!("{ledger}__{column}__unique"));
        Self { name, columns: vec![column.to_owned()], is_unique: true }
    }
}

/// A name that PostgreSQL will not cut: long ones end in a fingerprint instead.
pub(crate) fn bounded(name: &str) -> String {
    if name.len() <= NAME_LENGTH_MAX {
        return name.to_owned();
    }
    let fingerprint = crate::hash::sha256_hex(name.as_bytes());
    let head: String = name.chars().take(NAME_LENGTH_MAX - 13).collect();
    format!("{head}_{}", fingerprint.chars().take(12).collect::<String>())
}

fn is_plain_name(name: &str) -> bool {
    name.len() <= NAME_LENGTH_MAX - 8
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

impl Schema {
    /// Derives the tables. `existing` names the tables of the database: a link table keeps its
    /// side when the other ledger later declares the relation too.
    ///
    /// # Errors
    /// [`StoreError::Schema`] for names that are not plain or meet another table's.
    pub(crate) fn derive(
        codebook: &Codebook,
        existing: &BTreeSet<String>,
    ) -> Result<Self, StoreError> {
        let mut tables = BTreeMap::new();
        for ledger in codebook.ledgers.values() {
            check_names(ledger)?;
            tables.insert(ledger.name.clone(), Table::derive(ledger));
        }
        let mut links = Vec::new();
        for ledger in codebook.ledgers.values() {
            for relation in &ledger.relations {
                let unknown = || StoreError::UnknownRelation {
                    ledger: ledger.name.clone(),
                    relation: relation.name.clone(),
                };
                let other = codebook.ledger(&relation.ledger).ok_or_else(unknown)?;
                let path = match (&relation.kind, &relation.by) {
                    // Sealed numbers cannot be joined here; rules answer these relations.
                    (RelationKind::Key { .. }, _) => continue,
                    (RelationKind::Many, Some(by)) => {
                        Path::Many { ledger: relation.ledger.clone(), by: by.clone() }
                    }
                    (RelationKind::One, Some(by)) => {
                        Path::One { ledger: relation.ledger.clone(), by: by.clone() }
                    }
                    (RelationKind::Links, _) => link_path(ledger, &relation.name, other, existing),
                    _ => return Err(unknown()),
                };
                if let Path::Links { table, is_inverse: false, .. } = &path {
                    links.push(LinkTable {
                        table: table.clone(),
                        from: ledger.name.clone(),
                        to: relation.ledger.clone(),
                    });
                }
                if let Some(table) = tables.get_mut(&ledger.name) {
                    table.relations.insert(relation.name.clone(), path);
                }
            }
        }
        let schema = Self { tables, links };
        schema.check_collisions()?;
        Ok(schema)
    }

    fn check_collisions(&self) -> Result<(), StoreError> {
        let mut seen = BTreeSet::new();
        let ledgers =
            self.tables.values().flat_map(|table| [table.ledger.clone(), table.history()]);
        for name in ledgers.chain(self.links.iter().map(|link| link.table.clone())) {
            if !seen.insert(name.clone()) {
                return Err(StoreError::Schema(format!("table `{name}` would exist twice")));
            }
        }
        Ok(())
    }

    pub(crate) fn table(&self, ledger: &str) -> Result<&Table, StoreError> {
        self.tables.get(ledger).ok_or_else(|| StoreError::UnknownLedger(ledger.to_owned()))
    }

    /// The path of a relation. `<ledger>.<relation>` turns round the link relation of another
    /// ledger, for ledgers that do not declare it themselves.
    pub(crate) fn path(&self, ledger: &str, relation: &str) -> Result<Path, StoreError> {
        let unknown = || StoreError::UnknownRelation {
            ledger: ledger.to_owned(),
            relation: relation.to_owned(),
        };
        if let Some(path) = self.table(ledger)?.relations.get(relation) {
            return Ok(path.clone());
        }
        let (owner, name) = relation.split_once('.').ok_or_else(unknown)?;
        let path = self.tables.get(owner).and_then(|table| table.relations.get(name));
        match path {
            Some(Path::Links { table, ledger: target, is_inverse }) if target == ledger => {
                Ok(Path::Links {
                    table: table.clone(),
                    ledger: owner.to_owned(),
                    is_inverse: !is_inverse,
                })
            }
            _ => Err(unknown()),
        }
    }
}

/// The link table of a relation. Two ledgers that name each other share one table; it belongs to
/// the one that comes first by name, unless the other one's table is already there.
fn link_path(ledger: &Ledger, relation: &str, other: &Ledger, existing: &BTreeSet<String>) -> Path {
    let links = |from: &Ledger, to: &str| -> Vec<String> {
        let found = from.relations.iter();
        found
            .filter(|known| known.kind == RelationKind::Links && known.ledger == to)
            .map(|known| known.name.clone())
            .collect()
    };
    let own = bounded(&format!("{}_{relation}", ledger.name));
    let place = links(ledger, &other.name).iter().position(|name| name == relation);
    let partner = match place {
        Some(place) if ledger.name != other.name => links(other, &ledger.name).get(place).cloned(),
        _ => None,
    };
    let Some(partner) = partner else {
        return Path::Links { table: own, ledger: other.name.clone(), is_inverse: false };
    };
    let theirs = bounded(&format!("{}_{partner}", other.name));
    let is_inverse = match (existing.contains(&own), existing.contains(&theirs)) {
        (true, false) => false,
        (false, true) => true,
        _ => other.name < ledger.name,
    };
    let table = if is_inverse { theirs } else { own };
    Path::Links { table, ledger: other.name.clone(), is_inverse }
}

fn check_names(ledger: &Ledger) -> Result<(), StoreError> {
    if !is_plain_name(&ledger.name) || ledger.name.starts_with("store_") {
        return Err(StoreError::Schema(format!("ledger name `{}` is not possible", ledger.name)));
    }
    let mut seen: BTreeSet<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
    seen.extend(HISTORY_BUILT_IN.iter().map(|(name, _)| (*name).to_owned()));
    for field in &ledger.fields {
        let mut names = vec![field.name.clone()];
        names.extend(hash_column(field));
        for name in names {
            if !is_plain_name(&name) || !seen.insert(name.clone()) {
                let text = format!("field name `{}.{name}` is not possible", ledger.name);
                return Err(StoreError::Schema(text));
            }
        }
    }
    Ok(())
}
