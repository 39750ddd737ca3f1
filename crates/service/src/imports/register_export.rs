//! A ledger of the register taken out: as a workbook or as rows, in columns that an import reads
//! again. Sealed fields stay in the house: masked they could not come back, whole they may not go.

use super::register_target::{PERSON, ROOT, Target, TargetColumn};
use crate::exports::ExportedLedger;
use crate::sight::Sight;
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use taizhang_codebook::{Action, FieldType, Ledger};
use taizhang_diagnostics::Language;
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};
use taizhang_store::{Filter, Query, Reader, Record};
use taizhang_values::{RecordId, RegionCode, Value};

/// Rows read at a time.
const BATCH: usize = 500;
/// Column of the place; an import reads the code.
const REGION_HEAD: &str = "区划代码";

/// What of a ledger is taken out.
#[derive(Clone, Debug)]
pub struct ExportRegister {
    /// Ledger.
    pub ledger: String,
    /// Only this region; all that the caller may take out otherwise.
    pub region: Option<RegionCode>,
}

/// Columns of an export, for whoever writes it in a format of his own.
#[derive(Clone, Debug)]
pub struct RegisterColumns {
    /// Ledger.
    pub ledger: Ledger,
    /// Columns in order.
    pub columns: Vec<LedgerColumn>,
    /// Labels of sealed fields, which are left out.
    pub sealed: Vec<String>,
}

/// What takes the rows of an export: a record, sealed fields masked, and its cells.
pub type TakeRow<'t> = dyn FnMut(&Record, &[Value]) -> Result<(), ServiceError> + 't;

enum Source {
    Region,
    Own(String),
    /// Field of the record that a reference leads to.
    Of(String, String),
    /// Name of the record that a reference leads to.
    Named(String),
}

struct Export {
    shown: RegisterColumns,
    sources: Vec<(Source, BTreeMap<String, String>)>,
}

impl Service {
    /// Columns in which a ledger of the register is taken out.
    ///
    /// # Errors
    /// `Invalid` for a ledger that is not of the register.
    pub fn register_columns(&self, ledger: &str) -> Result<RegisterColumns, ServiceError> {
        Ok(self.register_export(ledger)?.shown)
    }

    /// The ledger as a workbook, rows read and written in turn; leaves an audit line with the
    /// count.
    ///
    /// # Errors
    /// `Denied` without the power `export.run` or the right to take such records out.
    pub fn export_register(
        &self,
        caller: &Caller,
        input: &ExportRegister,
    ) -> Result<ExportedLedger, ServiceError> {
        let export = self.register_export(&input.ledger)?;
        let query = self.register_query(caller, input)?;
        let shown = &export.shown;
        let mut notes = vec![format!("数据截止 {}", self.today())];
        if !shown.sealed.is_empty() {
            notes.push(format!("未导出加密字段：{}", shown.sealed.join("、")));
        }
        let label = shown.ledger.label.text(Language::Zh).to_owned();
        let book = LedgerWorkbook {
            sheet_name: label.clone(),
            title: label,
            unit_line: format!("填报单位：{}", self.unit_name(caller.unit.as_ref())?),
            period: self.today().to_string(),
            columns: shown.columns.clone(),
            notes,
            ..LedgerWorkbook::default()
        };
        let (bytes, rows) = self.store.read(|reader| {
            let mut rows = ExportRows::new(self, (reader, caller), &export, query.clone());
            let written = book.write(std::iter::from_fn(|| rows.next().map(|(_, row)| row)));
            if let Some(error) = rows.fault {
                return Err(error);
            }
            let bytes = written.map_err(|error| ServiceError::invalid(error.diagnostic()))?;
            Ok((bytes, rows.count))
        })?;
        let number = self.note_export(caller, &input.ledger, rows)?;
        let file_name = format!("taizhang-{}-{number}.xlsx", input.ledger);
        Ok(ExportedLedger { file_name, bytes, rows })
    }

    /// The rows of a ledger one by one: the record, sealed fields masked, and its cells as in the
    /// workbook. Leaves an audit line with the count, which it returns.
    ///
    /// # Errors
    /// As [`Service::export_register`]; what `take` returns.
    pub fn export_register_rows(
        &self,
        caller: &Caller,
        input: &ExportRegister,
        take: &mut TakeRow<'_>,
    ) -> Result<usize, ServiceError> {
        let export = self.register_export(&input.ledger)?;
        let query = self.register_query(caller, input)?;
        let count = self.store.read(|reader| {
            let mut rows = ExportRows::new(self, (reader, caller), &export, query);
            while let Some((record, row)) = rows.next() {
                take(&record, &row)?;
            }
            rows.fault.map_or(Ok(rows.count), Err)
        })?;
        self.note_export(caller, &input.ledger, count)?;
        Ok(count)
    }

    fn register_query(
        &self,
        caller: &Caller,
        input: &ExportRegister,
    ) -> Result<Query, ServiceError> {
        self.require_power(caller, "export.run")?;
        let rights = self.read_filter(caller, &input.ledger, Action::Export).ok_or_else(|| {
            self.denied(&format!("{}.export", input.ledger), caller.home_region())
        })?;
        let place = input.region.clone().map_or(Filter::All, Filter::Under);
        Ok(Query::new(&input.ledger).filter(rights).filter(place).sort("id", false).limit(BATCH))
    }

    fn note_export(
        &self,
        caller: &Caller,
        ledger: &str,
        rows: usize,
    ) -> Result<String, ServiceError> {
        let verb = format!("{ledger}.export");
        let year = self.today().year();
        let number = self.store.write(&self.act(caller, &verb, None), |writer| {
            let number = writer.next_serial(&format!("export:{year}"))?;
            writer.audit(&verb, &format!("export/{number}"), &format!("{rows} rows"))?;
            Ok::<_, ServiceError>(number)
        })?;
        Ok(format!("E{year}-{number:04}"))
    }

    fn register_export(&self, ledger: &str) -> Result<Export, ServiceError> {
        let target = self.register_target(ledger)?;
        let definition = target.ledger;
        let mut columns = Vec::new();
        let mut sources = Vec::new();
        let mut sealed = Vec::new();
        let mut heads: BTreeSet<String> = BTreeSet::new();
        for column in &target.columns {
            let Some(source) = source_of(&target, column) else { continue };
            if let Some(field) = column.field.filter(|field| field.sensitive.is_some()) {
                if matches!(source, Source::Own(_)) {
                    sealed.push(field.label.zh.clone());
                }
                continue;
            }
            let own = if column.field.is_none() { REGION_HEAD } else { column.head.as_str() };
            let other = column.field.map(|field| field.label.text(Language::En).to_owned());
            let head = std::iter::once(own.to_owned()).chain(other);
            let Some(head) = head.into_iter().find(|head| !heads.contains(head)) else { continue };
            heads.insert(head.clone());
            columns.push(LedgerColumn::new(&column.key, &head, kind_of(column)));
            sources.push((source, self.code_labels(column)));
        }
        let shown = RegisterColumns { ledger: definition.clone(), columns, sealed };
        Ok(Export { shown, sources })
    }

    fn code_labels(&self, column: &TargetColumn<'_>) -> BTreeMap<String, String> {
        let list = column.field.and_then(|field| field.codes.as_ref());
        let list = list.and_then(|list| self.codebook().code_lists.get(list));
        let codes = list.into_iter().flat_map(|list| &list.codes);
        codes.map(|code| (code.code.clone(), code.label.text(Language::Zh).to_owned())).collect()
    }
}

fn source_of(target: &Target<'_>, column: &TargetColumn<'_>) -> Option<Source> {
    let Some(field) = column.field else { return Some(Source::Region) };
    if column.ledger.name == target.ledger.name {
        let is_reference = field.field_type == FieldType::Reference;
        let name = field.name.clone();
        return Some(if is_reference { Source::Named(name) } else { Source::Own(name) });
    }
    [ROOT, PERSON]
        .contains(&column.ledger.name.as_str())
        .then(|| Source::Of(column.ledger.name.clone(), field.name.clone()))
}

fn kind_of(column: &TargetColumn<'_>) -> FieldType {
    match column.field.map(|field| field.field_type) {
        Some(
            kind @ (FieldType::LongText
            | FieldType::Integer
            | FieldType::Percent
            | FieldType::Money
            | FieldType::Decimal
            | FieldType::Date
            | FieldType::Month
            | FieldType::Boolean),
        ) => kind,
        _ => FieldType::Text,
    }
}

/// Rows of the store in turn, a page ahead.
struct ExportRows<'e, 's> {
    service: &'e Service,
    reader: &'e Reader<'s>,
    caller: &'e Caller,
    sight: Sight<'e>,
    export: &'e Export,
    query: Option<Query>,
    waiting: VecDeque<(Record, Vec<Value>)>,
    count: usize,
    total: usize,
    fault: Option<ServiceError>,
}

impl<'e, 's> ExportRows<'e, 's> {
    fn new(
        service: &'e Service,
        (reader, caller): (&'e Reader<'s>, &'e Caller),
        export: &'e Export,
        query: Query,
    ) -> Self {
        let sight = service.sight(caller, &export.shown.ledger.name, Action::Export);
        let total = reader.count(&query).unwrap_or(0);
        Self {
            service,
            reader,
            caller,
            sight,
            export,
            query: Some(query),
            waiting: VecDeque::new(),
            count: 0,
            total: usize::try_from(total).unwrap_or(usize::MAX),
            fault: None,
        }
    }

    fn next(&mut self) -> Option<(Record, Vec<Value>)> {
        while self.waiting.is_empty() {
            let query = self.query.take()?;
            self.service.board.tell(self.count, self.total);
            if let Err(error) = self.page(query) {
                self.fault = Some(error);
                return None;
            }
        }
        self.count += 1;
        self.waiting.pop_front()
    }

    fn page(&mut self, mut query: Query) -> Result<(), ServiceError> {
        let page = self.sight.page(self.reader.list(&query)?);
        let others = self.others(&page.records)?;
        for record in page.records {
            let cells = self
                .export
                .sources
                .iter()
                .map(|(source, labels)| shown(self.service, &record, source, labels, &others));
            let cells = cells.collect();
            self.waiting.push_back((record, cells));
        }
        if page.next.is_some() {
            query.after = page.next;
            self.query = Some(query);
        }
        Ok(())
    }

    /// The records that the rows of a page refer to.
    fn others(
        &self,
        records: &[Record],
    ) -> Result<BTreeMap<(String, RecordId), Record>, ServiceError> {
        let mut found = BTreeMap::new();
        let ledger = &self.export.shown.ledger;
        for field in ledger.fields.iter().filter(|f| f.field_type == FieldType::Reference) {
            let Some(other) = &field.ledger else { continue };
            let ids: BTreeSet<RecordId> = records
                .iter()
                .filter_map(|record| record.reference(&field.name))
                .cloned()
                .collect();
            let ids: Vec<RecordId> = ids.into_iter().collect();
            for (id, record) in self.service.many_shown(self.reader, self.caller, other, &ids)? {
                found.insert((other.clone(), id), record);
            }
        }
        Ok(found)
    }
}

fn shown(
    service: &Service,
    record: &Record,
    source: &Source,
    labels: &BTreeMap<String, String>,
    others: &BTreeMap<(String, RecordId), Record>,
) -> Value {
    let label = |code: &str| labels.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let value = match source {
        Source::Region => return record.region.clone().map_or(Value::Null, Value::from),
        Source::Own(field) => record.get(field).clone(),
        Source::Of(reference, field) => {
            let id = record.reference(reference).cloned();
            let other = id.and_then(|id| others.get(&(reference.clone(), id)));
            other.map_or(Value::Null, |other| other.get(field).clone())
        }
        Source::Named(reference) => {
            let field = service.codebook().field(&record.ledger, reference);
            let ledger = field.and_then(|field| field.ledger.clone()).unwrap_or_default();
            let id = record.reference(reference).cloned();
            let other = id.and_then(|id| others.get(&(ledger.clone(), id)));
            let definition = service.codebook().ledger(&ledger);
            return other
                .zip(definition)
                .map_or(Value::Null, |(other, ledger)| name_of(other, ledger));
        }
    };
    match value {
        Value::Text(code) if !labels.is_empty() => label(&code).into(),
        Value::List(items) => {
            items.iter().map(|item| label(item)).collect::<Vec<_>>().join("、").into()
        }
        Value::Boolean(_) | Value::Instant(_) => value.to_string().into(),
        other => other,
    }
}

/// The text by which an import finds the record again: a unique field, else its title.
fn name_of(record: &Record, ledger: &Ledger) -> Value {
    let unique = ledger.fields.iter().filter(|field| field.is_unique && field.sensitive.is_none());
    let unique = unique.map(|field| record.get(&field.name)).find(|value| !value.is_empty());
    let title = || ledger.title_field.as_ref().map(|field| record.get(field));
    unique.or_else(title).cloned().unwrap_or_default()
}
