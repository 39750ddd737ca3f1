//! What a workbook is read for: the fields of a register ledger and of the records around it, from
//! a layout of the codebook or straight from the ledger.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{
    Action, Field, FieldAccess, FieldType, ImportLayout, Ledger, SensitiveClass,
};
use taizhang_diagnostics::Language;
use taizhang_exchange::ImportField;
use taizhang_values::RegionCode;

/// Root ledger of the households' trees.
pub(super) const ROOT: &str = "household";
/// Ledger of people, found within their household.
pub(super) const PERSON: &str = "person";
/// Column that says where a record sits.
pub(super) const REGION: &str = "region";
/// Fields by which a row names a person of its household, surest first.
const PERSON_KEYS: [&str; 3] = ["person_no", "id_number", "name"];
/// Ledgers that the import of registers never writes: they have ways of their own.
const CLOSED: [&str; 25] = [
    "acceptance",
    "check_run",
    "doubt",
    "escalation",
    "evidence",
    "extension",
    "finding",
    "grant",
    "household_change",
    "import_batch",
    "inspection",
    "letter",
    "letter_row",
    "look_back",
    "measure",
    "message",
    "office_file",
    "progress",
    "proposal",
    "region",
    "report",
    "stage_goal",
    "unit",
    "user",
    "field_source",
];

/// One column that may stand in the workbook.
#[derive(Clone, Debug)]
pub(super) struct TargetColumn<'a> {
    /// Name by which its values travel: `field`, or `ledger.field` for another ledger.
    pub(super) key: String,
    /// Ledger of the field.
    pub(super) ledger: &'a Ledger,
    /// The field; `None` for the place of the record.
    pub(super) field: Option<&'a Field>,
    /// Head in our own workbooks.
    pub(super) head: String,
    pub(super) heads: Vec<String>,
    /// A row without it is refused.
    pub(super) is_required: bool,
}

/// Records of one ledger that a row speaks of.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// The ledger.
    pub(super) ledger: &'a Ledger,
    /// A record that is not there is made; else the row is refused.
    pub(super) is_made: bool,
}

/// What a workbook is read for.
#[derive(Clone, Debug)]
pub(super) struct Target<'a> {
    /// Layout, or ledger read straight.
    pub(super) name: String,
    /// Ledger of the rows.
    pub(super) ledger: &'a Ledger,
    /// Name for people.
    pub(super) label: String,
    /// Fields by which a row meets the record it is about.
    pub(super) keys: Vec<String>,
    /// Columns.
    pub(super) columns: Vec<TargetColumn<'a>>,
    /// Columns of fields that the caller does not see whole: he neither compares nor writes them.
    pub(super) unseen: Vec<TargetColumn<'a>>,
    /// Ledgers in the order of writing: what is referred to stands before what refers.
    pub(super) parts: Vec<Part<'a>>,
}

impl Service {
    /// Layouts and ledgers whose rows can be imported as register records, with their names.
    #[must_use]
    pub fn register_targets(&self, language: Language) -> Vec<(String, String)> {
        let book = self.codebook();
        let words = |label: &taizhang_diagnostics::Message| label.text(language).to_owned();
        let layouts = book
            .import_layouts
            .values()
            .filter(|layout| !CLOSED.contains(&layout.ledger.as_str()))
            .map(|layout| (layout.name.clone(), words(&layout.label)));
        let ledgers = book
            .ledgers
            .values()
            .filter(|ledger| is_register(ledger))
            .map(|ledger| (ledger.name.clone(), words(&ledger.label)));
        layouts.chain(ledgers).collect()
    }

    /// True for a layout or ledger whose rows are register records.
    #[must_use]
    pub fn is_register_target(&self, name: &str) -> bool {
        self.register_target(name).is_ok()
    }

    /// A target by the name of a layout or of a ledger.
    pub(super) fn register_target(&self, name: &str) -> Result<Target<'_>, ServiceError> {
        let book = self.codebook();
        if let Some(layout) = book.import_layouts.get(name) {
            let ledger = book.ledger(&layout.ledger).filter(|_| layout.ledger != "finding");
            return Ok(self.layout_target(layout, ledger.ok_or_else(unknown)?));
        }
        let ledger = book.ledger(name).filter(|ledger| is_register(ledger)).ok_or_else(unknown)?;
        Ok(self.ledger_target(ledger))
    }

    fn layout_target<'a>(&'a self, layout: &'a ImportLayout, ledger: &'a Ledger) -> Target<'a> {
        let mut columns = Vec::new();
        for column in &layout.columns {
            let own = match &column.ledger {
                Some(name) => self.codebook().ledger(name),
                None => Some(ledger),
            };
            let Some(own) = own else { continue };
            let field = own.field(&column.field);
            if field.is_none() && column.field != REGION {
                continue;
            }
            let mut heads = vec![column.head.clone()];
            heads.extend(column.synonyms.iter().cloned());
            heads.extend(field.into_iter().flat_map(words));
            columns.push(TargetColumn {
                key: column.key(),
                ledger: own,
                field,
                head: column.head.clone(),
                heads,
                is_required: column.is_required,
            });
        }
        if !columns.iter().any(|column| column.key == REGION) && ledger.home.is_some() {
            columns.push(region_column(ledger));
        }
        let label = layout.label.text(Language::Zh).to_owned();
        finished(layout.name.clone(), ledger, label, layout.keys.clone(), columns)
    }

    fn ledger_target<'a>(&'a self, ledger: &'a Ledger) -> Target<'a> {
        let mut columns = Vec::new();
        for field in &ledger.fields {
            match field.ledger.as_deref().filter(|_| field.field_type == FieldType::Reference) {
                Some(other) if other == ROOT && field.name == ROOT => {
                    self.key_columns(&mut columns, other, field, &["household_no"]);
                }
                Some(other) if other == PERSON && field.name == PERSON => {
                    self.key_columns(&mut columns, other, field, &PERSON_KEYS);
                }
                _ => columns.push(TargetColumn {
                    key: field.name.clone(),
                    ledger,
                    field: Some(field),
                    head: field.label.text(Language::Zh).to_owned(),
                    heads: words(field),
                    is_required: field.is_required,
                }),
            }
        }
        if ledger.home.is_some() && ledger.field(REGION).is_none() {
            columns.push(region_column(ledger));
        }
        let label = ledger.label.text(Language::Zh).to_owned();
        finished(ledger.name.clone(), ledger, label, Vec::new(), columns)
    }

    /// The columns by which a row names the record it refers to.
    fn key_columns<'a>(
        &'a self,
        columns: &mut Vec<TargetColumn<'a>>,
        other: &str,
        reference: &Field,
        keys: &[&str],
    ) {
        let Some(other) = self.codebook().ledger(other) else { return };
        for (at, field) in keys.iter().filter_map(|key| other.field(key)).enumerate() {
            let mut heads = words(field);
            if at == 0 {
                heads.extend(words(reference));
            }
            columns.push(TargetColumn {
                key: format!("{}.{}", other.name, field.name),
                ledger: other,
                field: Some(field),
                head: field.label.text(Language::Zh).to_owned(),
                heads,
                is_required: other.name == ROOT && reference.is_required,
            });
        }
    }

    /// A target without the columns of fields that the caller does not see whole in the region of
    /// his import: what would change there would tell him what stands there.
    pub(super) fn seen_by<'a>(
        &self,
        caller: &Caller,
        region: &RegionCode,
        mut target: Target<'a>,
    ) -> Target<'a> {
        let sees = |column: &TargetColumn<'_>| {
            column.field.is_none_or(|field| {
                let asked = (column.ledger.name.as_str(), Action::Read);
                let access = self.access_at(caller, asked, Some(region), &field.name);
                access == FieldAccess::Full
            })
        };
        let (seen, unseen) = std::mem::take(&mut target.columns).into_iter().partition(sees);
        Target { columns: seen, unseen, ..target }
    }

    /// The columns as the reader of workbooks wants them.
    pub(super) fn target_fields(&self, target: &Target<'_>) -> Vec<ImportField> {
        target.columns.iter().map(|column| self.target_field(column)).collect()
    }

    fn target_field(&self, column: &TargetColumn<'_>) -> ImportField {
        let mut heads = column.heads.clone();
        heads.dedup();
        let kind = match column.field.map(|field| field.field_type) {
            // Names and codes of records and places; they are resolved row by row.
            None | Some(FieldType::Reference | FieldType::Region) => FieldType::Text,
            Some(kind) => kind,
        };
        let list = column.field.and_then(|field| field.codes.as_ref());
        let list = list.and_then(|list| self.codebook().code_lists.get(list));
        let mut choices = Vec::new();
        for code in list.iter().flat_map(|list| &list.codes) {
            let label = code.label.text(Language::Zh).to_owned();
            let own = std::iter::once(label).chain(code.synonyms.iter().cloned());
            choices.extend(own.map(|word| (code.code.clone(), word)));
        }
        let is_identity =
            column.field.is_some_and(|field| field.sensitive == Some(SensitiveClass::Identity));
        ImportField {
            name: column.key.clone(),
            heads,
            kind,
            is_required: column.is_required,
            is_identity: is_identity && kind == FieldType::Text,
            choices,
            names: Vec::new(),
        }
    }
}

/// A ledger whose records come in as rows.
pub(super) fn is_register(ledger: &Ledger) -> bool {
    ledger.flow.is_none() && ledger.home.is_some() && !CLOSED.contains(&ledger.name.as_str())
}

fn unknown() -> ServiceError {
    ServiceError::field(
        "import_batch",
        "layout",
        "S0701",
        "没有这个表样，也没有这个台账",
        "there is no such layout and no such ledger",
    )
}

fn words(field: &Field) -> Vec<String> {
    let label = [Language::Zh, Language::En].map(|language| field.label.text(language).to_owned());
    label.into_iter().chain(field.synonyms.iter().cloned()).collect()
}

fn region_column(ledger: &Ledger) -> TargetColumn<'_> {
    let heads = ["行政村", "区划代码", "所在村", "村", "村名称", "行政区划", "Region"];
    TargetColumn {
        key: REGION.to_owned(),
        ledger,
        field: None,
        head: "行政村".to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        is_required: false,
    }
}

/// Orders the ledgers of the columns: household, person, the rows' own, then those that refer to
/// them.
fn finished<'a>(
    name: String,
    ledger: &'a Ledger,
    label: String,
    keys: Vec<String>,
    columns: Vec<TargetColumn<'a>>,
) -> Target<'a> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for column in &columns {
        if parts.iter().all(|part| part.ledger.name != column.ledger.name) {
            parts.push(Part { ledger: column.ledger, is_made: false });
        }
    }
    if parts.iter().all(|part| part.ledger.name != ledger.name) {
        parts.push(Part { ledger, is_made: true });
    }
    let rank = |part: &Part<'_>| match part.ledger.name.as_str() {
        ROOT => 0,
        name if name == ledger.name => 2,
        PERSON => 1,
        _ => 3,
    };
    parts.sort_by_key(rank);
    for part in &mut parts {
        let own = columns.iter().filter(|column| column.ledger.name == part.ledger.name);
        // More of it than how it is named: the list carries the record itself.
        part.is_made = part.ledger.name == ledger.name
            || rank(part) == 3
            || own.filter(|column| !names_it(part.ledger, column)).count() > 0;
    }
    Target { name, ledger, label, keys, columns, unseen: Vec::new(), parts }
}

fn names_it(ledger: &Ledger, column: &TargetColumn<'_>) -> bool {
    let Some(field) = column.field else { return true };
    field.is_unique
        || ledger.title_field.as_deref() == Some(field.name.as_str())
        || (ledger.name == PERSON && PERSON_KEYS.contains(&field.name.as_str()))
}
