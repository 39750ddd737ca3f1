//! Ledgers, their fields and relations.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;
use taizhang_values::{Date, RegionLevel, ValueKind};

/// A kind of record. Becomes a real table with one column a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Name, `[a-z][a-z0-9_]*`, also the table's.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Level of the region tree on which a record sits; `None` if it has no region.
    pub home: Option<RegionLevel>,
    /// Whether edits take effect at once or wait for acceptance.
    pub edit: EditMode,
    /// Why the data may be kept (purpose binding).
    pub purpose: Message,
    /// Flow that its records run through.
    pub flow: Option<String>,
    /// Field whose text names a record on pages (`title`, `name`).
    pub title_field: Option<String>,
    /// Reference field that ties a record to the root record of its tree (`household`); `None` for
    /// the root itself and for ledgers that stand alone. Snapshots are sorted by it.
    pub nest: Option<String>,
    /// What a snapshot holds of it.
    pub snapshot: SnapshotPart,
    /// Fields in the order of the definition.
    pub fields: Vec<Field>,
    /// Relations to other ledgers.
    pub relations: Vec<Relation>,
}

impl Ledger {
    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A relation by name.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }
}

/// What a snapshot for judging holds of a ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotPart {
    /// Its records with their fields, as far as they do not tell of a person.
    #[default]
    Whole,
    /// That a record is there, and nothing else.
    Bare,
    /// Nothing: a ledger of the house's own work, which no rule reads.
    Nothing,
}

/// Whether edits take effect at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditMode {
    /// At once.
    #[default]
    Direct,
    /// As a proposal that the level above accepts.
    Propose,
}

/// One field of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name, `[a-z][a-z0-9_]*`, also the column's. Not one of the store's own columns
    /// ([`crate::RESERVED_COLUMNS`]).
    pub name: String,
    /// Name for people and column heads.
    pub label: Message,
    /// Type.
    pub field_type: FieldType,
    /// Code list, for types code and codes.
    pub codes: Option<String>,
    /// Ledger referred to, for type reference.
    pub ledger: Option<String>,
    /// Must be filled before a record is saved.
    pub is_required: bool,
    /// No two live records share a value.
    pub is_unique: bool,
    /// Gets an index, because lists filter or sort by it.
    pub is_indexed: bool,
    /// Its text is searched: the store keeps an index of its characters. Text that is not
    /// sensitive.
    pub is_searched: bool,
    /// List of texts of this ledger to which the old value goes when this one changes: numbers
    /// change, and people still come with the old one.
    pub former: Option<String>,
    /// Encrypted, masked and logged.
    pub sensitive: Option<SensitiveClass>,
    /// What its plain text tells of, where that decides who sees it.
    pub holds: Option<TextHolds>,
    /// First day the field exists.
    pub since: Option<Date>,
    /// Last day the field is filled.
    pub until: Option<Date>,
    /// Longest text in characters.
    pub length_max: Option<usize>,
    /// Least number.
    pub minimum: Option<i64>,
    /// Greatest number.
    pub maximum: Option<i64>,
    /// Other words for it in column heads of workbooks.
    pub synonyms: Vec<String>,
    /// Advice shown under the input.
    pub hint: Option<Message>,
}

/// Type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// Whole number.
    Integer,
    /// Whole per cent, 0–100 unless bounds say otherwise.
    Percent,
    /// Amount in fen.
    Money,
    /// Number with four fraction digits.
    Decimal,
    /// Civil date.
    Date,
    /// Month, kept as its first day.
    Month,
    /// Moment.
    Instant,
    /// Yes or no.
    Boolean,
    /// One code of a list.
    Code,
    /// Several codes of a list.
    Codes,
    /// Several texts.
    Texts,
    /// A record of another ledger.
    Reference,
    /// Region code, 0–14 digits.
    Region,
}

impl FieldType {
    /// The variant of [`taizhang_values::Value`] that holds it.
    #[must_use]
    pub const fn value_kind(self) -> ValueKind {
        match self {
            Self::Text | Self::LongText | Self::Code | Self::Region => ValueKind::Text,
            Self::Integer | Self::Percent => ValueKind::Integer,
            Self::Money => ValueKind::Money,
            Self::Decimal => ValueKind::Decimal,
            Self::Date | Self::Month => ValueKind::Date,
            Self::Instant => ValueKind::Instant,
            Self::Boolean => ValueKind::Boolean,
            Self::Codes | Self::Texts => ValueKind::List,
            Self::Reference => ValueKind::Reference,
        }
    }
}

/// Class of a sensitive field; decides mask and retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensitiveClass {
    /// Identity or certificate number.
    Identity,
    /// Telephone number.
    Phone,
    /// Bank account.
    Bank,
    /// Health or disability.
    Health,
    /// Income or aid.
    Income,
    /// Name of a person in hardship.
    Name,
    /// Reporter of a complaint.
    Reporter,
}

impl SensitiveClass {
    /// The word of the class in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Phone => "phone",
            Self::Bank => "bank",
            Self::Health => "health",
            Self::Income => "income",
            Self::Name => "name",
            Self::Reporter => "reporter",
        }
    }
}

/// What a plain text tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextHolds {
    /// The name of a person of the register: masked on pages, a token in snapshots.
    Name,
    /// Names of those who work there, or values of other fields: a token in snapshots.
    Private,
    /// Words of letters and plans: the one kind of long text that snapshots hold.
    Official,
}

impl TextHolds {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Private => "private",
            Self::Official => "official",
        }
    }
}

/// How records of this ledger meet those of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Name in this ledger (`members`, `measures`).
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Kind.
    pub kind: RelationKind,
    /// The other ledger.
    pub ledger: String,
    /// The reference field that ties them (in the other ledger for `many`, in this one for `one`).
    /// For `links`: empty on the side that owns the link table, else the relation of the other
    /// ledger whose table this one reads backwards. For `key`: empty.
    pub by: Option<String>,
}

/// Kind of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// This record is referred to by many of the other ledger.
    Many,
    /// This record refers to one of the other ledger.
    One,
    /// Many to many through a link table `<ledger>_<relation>`.
    Links,
    /// Records of the other ledger with the same key. Nothing in the database ties them; a record
    /// never meets itself. Identity numbers meet by their first 18 characters, width and case
    /// folded.
    Key {
        /// Pairs of own field and other field, all of which must be filled and alike; `id` and
        /// `region` may stand for fields.
        on: Vec<(String, String)>,
        /// The `many` relation of this ledger in whose rows the own fields stand (`members`).
        through: Option<String>,
    },
}
