//! The empty workbook of a layout.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::FieldType;
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};

impl Service {
    /// A workbook with the heads of a layout and no row.
    ///
    /// # Errors
    /// `Denied` without the power `import.run`; `Invalid` for an unknown layout.
    pub fn import_template(&self, caller: &Caller, layout: &str) -> Result<Vec<u8>, ServiceError> {
        self.require_power(caller, "import.run")?;
        let layout = self.import_layout(layout)?;
        let columns = layout
            .columns
            .iter()
            .map(|column| LedgerColumn::new(&column.field, &column.head, FieldType::Text))
            .collect();
        let required: Vec<&str> = layout
            .columns
            .iter()
            .filter(|column| column.is_required)
            .map(|column| column.head.as_str())
            .collect();
        let book = LedgerWorkbook {
            sheet_name: "台账".to_owned(),
            title: layout.label.zh.clone(),
            columns,
            notes: vec![
                format!("必填：{}", required.join("、")),
                "日期可写 2026-11-20、2026年11月20日或 2026.11.20；多个单位用顿号隔开".to_owned(),
            ],
            ..LedgerWorkbook::default()
        };
        book.write(std::iter::empty::<Vec<taizhang_values::Value>>())
            .map_err(|error| ServiceError::invalid(error.diagnostic()))
    }
}
