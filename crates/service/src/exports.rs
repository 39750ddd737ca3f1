//! Taking the ledger out as a workbook: exactly the rows that are shown, in the columns that an
//! import reads again.

use crate::work::{LedgerFilter, LedgerRow};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::{Action, FieldType};
use taizhang_diagnostics::Language;
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};
use taizhang_store::{Query, Reader};
use taizhang_values::{RecordId, Value};

/// Layout whose columns are written.
const LAYOUT: &str = "rectification_ledger";
/// Rows read at a time.
const BATCH: usize = 500;

/// A workbook and the number under which its export can be found again.
#[derive(Clone, Debug)]
pub struct ExportedLedger {
    /// Name to save it under; holds no personal data.
    pub file_name: String,
    /// The workbook.
    pub bytes: Vec<u8>,
    /// Rows written.
    pub rows: usize,
}

impl Service {
    /// The rows of a ledger page as a workbook, all of them; leaves an audit line with the count.
    ///
    /// # Errors
    /// `Denied` without the power `export.run` or the right to take findings out.
    pub fn export_ledger(
        &self,
        caller: &Caller,
        filter: &LedgerFilter,
    ) -> Result<ExportedLedger, ServiceError> {
        self.require_power(caller, "export.run")?;
        let rights = self
            .read_filter(caller, "finding", Action::Export)
            .ok_or_else(|| self.denied("finding.export", caller.home_region()))?;
        let columns = self.export_columns()?;
        let conditions = self.conditions(caller, filter)?;
        let shown = self.ledger_rows_filter(caller, filter)?;
        let act = self.act(caller, "finding.export", None);
        let serial = format!("export:{}", self.today().year());
        let query = Query::new("finding").filter(rights).filter(shown);
        let query = query.sort(&filter.sort, filter.is_descending).limit(BATCH);
        // Reading a whole ledger takes seconds: nobody's saving waits for it.
        let rows = self.store.read(|reader| self.export_rows(reader, caller, &columns, query))?;
        let number = self.store.write(&act, |writer| {
            let number = writer.next_serial(&serial)?;
            let object = format!("export/{number}");
            writer.audit("finding.export", &object, &format!("{} rows", rows.len()))?;
            Ok::<_, ServiceError>(number)
        })?;
        let count = rows.len();
        let number = format!("E{}-{number:04}", self.today().year());
        let book = LedgerWorkbook {
            sheet_name: "台账".to_owned(),
            title: "问题整改台账".to_owned(),
            unit_line: format!("填报单位：{}", self.unit_name(caller.unit.as_ref())?),
            period: format!("数据截止 {}", self.today()),
            columns,
            notes: vec![format!("导出编号 {number}；筛选 {conditions}；共 {count} 行")],
            ..LedgerWorkbook::default()
        };
        let bytes = book.write(rows).map_err(|error| ServiceError::invalid(error.diagnostic()))?;
        let file_name = format!("taizhang-{number}.xlsx");
        Ok(ExportedLedger { file_name, bytes, rows: count })
    }

    /// What the rows were chosen by, in the language of the workbook.
    fn conditions(&self, caller: &Caller, filter: &LedgerFilter) -> Result<String, ServiceError> {
        let words = self.filter_words(caller, filter, Language::Zh)?;
        if words.is_empty() {
            return Ok("全部".to_owned());
        }
        let words = words.into_iter().map(|(name, value)| format!("{name}：{value}"));
        Ok(words.collect::<Vec<_>>().join("，"))
    }

    fn export_columns(&self) -> Result<Vec<LedgerColumn>, ServiceError> {
        let layout = self.codebook().import_layouts.get(LAYOUT).ok_or(ServiceError::NotFound)?;
        let column = |column: &taizhang_codebook::ImportColumn| {
            let field = self.codebook().field("finding", &column.field);
            let kind = match field.map(|field| field.field_type) {
                Some(FieldType::Reference | FieldType::Code | FieldType::Texts) => FieldType::Text,
                Some(kind) => kind,
                None => FieldType::LongText,
            };
            LedgerColumn::new(&column.field, &column.head, kind)
        };
        Ok(layout.columns.iter().map(column).collect())
    }

    fn export_rows(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        columns: &[LedgerColumn],
        mut query: Query,
    ) -> Result<Vec<Vec<Value>>, ServiceError> {
        let sight = self.sight(caller, "finding", Action::Export);
        let mut all = Vec::new();
        let total = usize::try_from(reader.count(&query)?).unwrap_or(usize::MAX);
        loop {
            self.board.tell(all.len(), total);
            let page = sight.page(reader.list(&query)?);
            let ids: Vec<RecordId> = page.records.iter().map(|record| record.id.clone()).collect();
            let measures = self.measure_cells(reader, caller, &ids)?;
            let inspections: Vec<RecordId> = page
                .records
                .iter()
                .filter_map(|record| record.reference("inspection").cloned())
                .collect();
            let inspections = self.many_shown(reader, caller, "inspection", &inspections)?;
            for row in self.rows(reader, page.records, self.near_days())? {
                let inspection = row
                    .record
                    .reference("inspection")
                    .and_then(|id| inspections.get(id))
                    .map_or(Value::Null, |inspection| inspection.get("title").clone());
                let measure = measures.get(&row.record.id).cloned().unwrap_or_default();
                let cell = |column: &LedgerColumn| match column.name.as_str() {
                    "inspection" => inspection.clone(),
                    "measure" => Value::from(measure.clone()),
                    name => self.export_cell(&row, name),
                };
                all.push(columns.iter().map(cell).collect());
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    fn export_cell(&self, row: &LedgerRow, field: &str) -> Value {
        let record = &row.record;
        match field {
            "lead_unit" => row.lead_unit.clone().into(),
            "responsible_units" => row.units.join("、").into(),
            "state" => self.state_word(record).into(),
            "deadline_raw" => match record.get("deadline_on").as_date() {
                Some(day) => day.to_string().into(),
                None => record.get(field).clone(),
            },
            "percent" => record.get(field).clone(),
            _ => match record.get(field) {
                Value::List(items) => items.join("、").into(),
                Value::Text(_) => self.shown_value("finding", field, record.get(field)).into(),
                other => other.clone(),
            },
        }
    }

    /// The measures of each finding as one text, enumerated when there are several.
    fn measure_cells(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        findings: &[RecordId],
    ) -> Result<BTreeMap<RecordId, String>, ServiceError> {
        let links = reader.linked_many("finding", "measures", findings)?;
        let wanted: Vec<RecordId> = links.values().flatten().cloned().collect();
        let measures = self.many_shown(reader, caller, "measure", &wanted)?;
        let mut cells = BTreeMap::new();
        for (finding, ids) in links {
            let mut own: Vec<_> = ids.iter().filter_map(|id| measures.get(id)).collect();
            own.sort_by_key(|measure| measure.get("position").as_integer());
            let texts: Vec<String> =
                own.iter().map(|measure| measure.text("text").to_owned()).collect();
            cells.insert(finding, taizhang_document::report::enumerated(&texts));
        }
        Ok(cells)
    }
}
