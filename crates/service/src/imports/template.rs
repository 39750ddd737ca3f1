//! The empty workbook of a layout.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::FieldType;
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};

/// A workbook that is to be filled.
struct Blank {
    title: String,
    /// Key, head, and that a row without it is refused.
    columns: Vec<(String, String, bool)>,
    advice: &'static str,
}

impl Service {
    /// A workbook with the heads of a layout, or of a ledger of the register, and no row.
    ///
    /// # Errors
    /// `Denied` without the power `import.run`; `Invalid` for an unknown layout.
    pub fn import_template(&self, caller: &Caller, layout: &str) -> Result<Vec<u8>, ServiceError> {
        self.require_power(caller, "import.run")?;
        let blank = if self.is_register_target(layout) {
            let target = self.register_target(layout)?;
            let columns = target.columns.iter();
            Blank {
                title: target.label.clone(),
                columns: columns
                    .map(|column| (column.key.clone(), column.head.clone(), column.is_required))
                    .collect(),
                advice: "日期可写 2026-11-20、2026年11月20日或 2026.11.20；证件号码、编号按文本填写",
            }
        } else {
            let layout = self.import_layout(layout)?;
            let columns = layout.columns.iter();
            Blank {
                title: layout.label.zh.clone(),
                columns: columns
                    .map(|column| (column.field.clone(), column.head.clone(), column.is_required))
                    .collect(),
                advice: "日期可写 2026-11-20、2026年11月20日或 2026.11.20；多个单位用顿号隔开",
            }
        };
        let required: Vec<&str> = blank
            .columns
            .iter()
            .filter(|(_, _, is_required)| *is_required)
            .map(|(_, head, _)| head.as_str())
            .collect();
        let columns = blank.columns.iter();
        let columns = columns.map(|(key, head, _)| LedgerColumn::new(key, head, FieldType::Text));
        let book = LedgerWorkbook {
            sheet_name: "台账".to_owned(),
            columns: columns.collect(),
            notes: notes(&required, blank.advice),
            title: blank.title,
            ..LedgerWorkbook::default()
        };
        book.write(std::iter::empty::<Vec<taizhang_values::Value>>())
            .map_err(|error| ServiceError::invalid(error.diagnostic()))
    }
}

/// What stands above the heads; no word of required columns where there are none.
fn notes(required: &[&str], advice: &str) -> Vec<String> {
    let needed = (!required.is_empty()).then(|| format!("必填：{}", required.join("、")));
    needed.into_iter().chain([advice.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::notes;

    #[test]
    fn required_columns_are_named_where_there_are_any() {
        assert_eq!(notes(&[], "按文本填写"), ["按文本填写"]);
        assert_eq!(notes(&["户编号", "年度"], "按文本填写"), ["必填：户编号、年度", "按文本填写"]);
    }
}
