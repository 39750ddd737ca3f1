//! What the columns of a layout may hold, with the words and names of the county.

use crate::letters::UnitNames;
use crate::{Service, ServiceError};
use taizhang_codebook::{FieldType, ImportColumn, ImportLayout};
use taizhang_diagnostics::Language;
use taizhang_exchange::ImportField;

/// The column of a layout that holds the texts of measures.
pub(super) const MEASURE: &str = "measure";

/// Columns whose cells name units.
pub(super) const UNIT_FIELDS: [&str; 2] = ["lead_unit", "responsible_units"];

impl Service {
    /// A layout of the codebook.
    pub(super) fn import_layout(&self, name: &str) -> Result<&ImportLayout, ServiceError> {
        self.codebook().import_layouts.get(name).ok_or_else(|| {
            ServiceError::field(
                "import_batch",
                "layout",
                "S0601",
                "没有这个导入表样",
                "no such import layout",
            )
        })
    }

    /// The fields that an import of this layout fills.
    pub(super) fn import_fields(
        &self,
        layout: &ImportLayout,
        units: &UnitNames,
    ) -> Vec<ImportField> {
        layout.columns.iter().map(|column| self.import_field(layout, column, units)).collect()
    }

    fn import_field(
        &self,
        layout: &ImportLayout,
        column: &ImportColumn,
        units: &UnitNames,
    ) -> ImportField {
        let known = self.codebook().field(&layout.ledger, &column.field);
        let mut heads = vec![column.head.clone()];
        heads.extend(column.synonyms.iter().cloned());
        if let Some(known) = known {
            heads.push(known.label.text(Language::Zh).to_owned());
            heads.push(known.label.text(Language::En).to_owned());
            heads.extend(known.synonyms.iter().cloned());
        }
        heads.dedup();
        let is_reference = known.is_some_and(|known| known.field_type == FieldType::Reference);
        let kind = match known.map(|known| known.field_type) {
            // Cells hold names; they are resolved when the rows go in.
            Some(FieldType::Reference) => FieldType::Text,
            Some(kind) => kind,
            None => FieldType::LongText,
        };
        let list = known.and_then(|known| known.codes.as_ref());
        let choices = list
            .and_then(|list| self.codebook().code_lists.get(list))
            .map(|list| {
                let words = |code: &taizhang_codebook::Code| {
                    let label = code.label.text(Language::Zh).to_owned();
                    std::iter::once(label)
                        .chain(code.synonyms.iter().cloned())
                        .map(|word| (code.code.clone(), word))
                        .collect::<Vec<_>>()
                };
                list.codes.iter().flat_map(words).collect()
            })
            .unwrap_or_default();
        let names_units = UNIT_FIELDS.contains(&column.field.as_str()) && is_reference;
        let names =
            if names_units { units.names().map(str::to_owned).collect() } else { Vec::new() };
        ImportField {
            name: column.field.clone(),
            heads,
            kind,
            is_required: column.is_required,
            is_identity: false,
            choices,
            names,
        }
    }
}
