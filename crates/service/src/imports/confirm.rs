//! Taking checked rows into the ledger, all in one transaction.

use super::check::{json, notes_key};
use super::fields::{MEASURE, UNIT_FIELDS};
use crate::letters::{UnitNames, unit_names};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_exchange::ImportRow;
use taizhang_store::{Change, NewRecord, Record, Values, Writer};
use taizhang_values::{RecordId, Value};

/// What the clerk decides.
#[derive(Clone, Debug)]
pub struct ConfirmImport {
    /// The batch.
    pub batch: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// Take the good rows although others are bad.
    pub good_only: bool,
    /// Title of the inspection that is made when none was chosen.
    pub title: String,
    /// Its source kind and level, codes of the codebook.
    pub source_kind: String,
    /// As above.
    pub source_level: String,
}

/// What went in.
#[derive(Clone, Debug)]
pub struct ConfirmedImport {
    /// The inspection of the rows.
    pub inspection: RecordId,
    /// Number of findings.
    pub findings: usize,
}

impl Service {
    /// Takes the rows of a batch in. Rows that are already there under the same number and
    /// inspection are left as they are, so that the same file changes nothing a second time.
    ///
    /// # Errors
    /// `Invalid` when rows are bad and `good_only` is not set, or when no row is good; `Conflict`
    /// when the batch changed meanwhile.
    pub fn confirm_import(
        &self,
        caller: &Caller,
        input: &ConfirmImport,
    ) -> Result<ConfirmedImport, ServiceError> {
        let batch = self.waiting_batch(caller, &input.batch)?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_create(caller, "finding", &region)?;
        let (_, check) = self.batch_check(&batch)?;
        let rows: Vec<&ImportRow> = check.good_rows().collect();
        let bad = check.rows.len() - rows.len();
        refuse(rows.len(), bad, input.good_only)?;
        let mut notes = self.batch_notes(&input.batch)?;
        let source = format!("import:{}", input.batch);
        let act = taizhang_store::Act { source, ..self.act(caller, "import_batch.confirm", None) };
        let flow = self.flow("rectification")?;
        self.write_judged(&act, |writer| {
            let units = unit_names(writer, &region)?;
            let inspection = match &notes.inspection {
                Some(id) => writer.get("inspection", id)?.ok_or(ServiceError::NotFound)?,
                None => {
                    let made = self.make_inspection(writer, &batch, input)?;
                    notes.made.push(("inspection".to_owned(), made.id.clone()));
                    made
                }
            };
            let mut findings = 0;
            for (done, row) in rows.iter().enumerate() {
                self.board.tell(done, rows.len());
                let made = take_row(writer, flow, &inspection, &units, row, &batch, self.now())?;
                findings += usize::from(!made.is_empty());
                notes.made.extend(made);
            }
            let values = Values::from([
                ("status".to_owned(), "confirmed".into()),
                ("confirmed_at".to_owned(), self.now().into()),
            ]);
            let change = Change { values, ..Change::default() };
            writer.update("import_batch", &batch.id, input.version, change)?;
            writer.set_setting(&notes_key(&batch.id), &json(&notes)?)?;
            Ok(ConfirmedImport { inspection: inspection.id, findings })
        })
    }

    /// What a confirmed batch made; `None` before it is confirmed.
    pub(crate) fn confirmed_import(
        &self,
        batch: &Record,
    ) -> Result<Option<ConfirmedImport>, ServiceError> {
        let notes = self.batch_notes(&batch.id)?;
        let is_finding = |(ledger, _): &&(String, RecordId)| ledger == "finding";
        let findings = notes.made.iter().filter(is_finding).count();
        let made = notes.made.iter().find(|(ledger, _)| ledger == "inspection");
        let inspection = notes.inspection.clone().or_else(|| made.map(|(_, id)| id.clone()));
        Ok(inspection.map(|inspection| ConfirmedImport { inspection, findings }))
    }

    fn make_inspection(
        &self,
        writer: &Writer<'_>,
        batch: &Record,
        input: &ConfirmImport,
    ) -> Result<Record, ServiceError> {
        let title = match input.title.trim() {
            "" => batch.text("file_name"),
            title => title,
        };
        let values = Values::from([
            ("title".to_owned(), title.into()),
            ("source_kind".to_owned(), input.source_kind.as_str().into()),
            ("source_level".to_owned(), input.source_level.as_str().into()),
            ("received_on".to_owned(), self.today().into()),
            ("year".to_owned(), i64::from(self.today().year()).into()),
            ("file".to_owned(), batch.get("file").clone()),
            ("file_name".to_owned(), batch.get("file_name").clone()),
        ]);
        let region = batch.region.clone();
        Ok(writer.insert("inspection", NewRecord { region, values, ..NewRecord::default() })?)
    }
}

pub(super) fn refuse(good: usize, bad: usize, good_only: bool) -> Result<(), ServiceError> {
    if good == 0 {
        return Err(ServiceError::invalid(Diagnostic::error(
            "S0603",
            Message::new("没有一行可以导入", "no row may go in"),
        )));
    }
    if bad > 0 && !good_only {
        return Err(ServiceError::invalid(
            Diagnostic::error(
                "S0604",
                Message::new(format!("有 {bad} 行有错误"), format!("{bad} rows have faults")),
            )
            .help(Message::new(
                "改好后重新上传，或选择只导入合格的行",
                "mend them and upload again, or take the good rows only",
            )),
        ));
    }
    Ok(())
}

/// Makes a finding with its measures; nothing if its number is in the inspection already.
fn take_row(
    writer: &Writer<'_>,
    flow: &taizhang_codebook::Flow,
    inspection: &Record,
    units: &UnitNames,
    row: &ImportRow,
    batch: &Record,
    now: taizhang_values::Timestamp,
) -> Result<Vec<(String, RecordId)>, ServiceError> {
    let year = inspection.get("year").as_integer().unwrap_or_default();
    let mut values = row.values.clone();
    let measures = values.remove(MEASURE);
    // The sheet's own serial number only orders the rows; the ledger gives its own number.
    let serial = values.remove("number");
    values.remove("inspection");
    resolve_units(&mut values, units);
    let problem = values.get("problem").map(ToString::to_string).unwrap_or_default();
    if values.get("title").is_none_or(Value::is_empty) {
        let head = problem.split(['。', '；', '\n']).next().unwrap_or(&problem).trim();
        values.insert("title".to_owned(), head.into());
    }
    if is_known(writer, inspection, &problem)? {
        return Ok(Vec::new());
    }
    if values.get("category").is_none_or(Value::is_empty) {
        values.insert("category".to_owned(), row.section.clone().into());
    }
    let number = writer.next_serial(&format!("finding:{year}"))?;
    values.insert("number".to_owned(), format!("{year}-{number:04}").into());
    let position = serial.and_then(|value| value.to_string().trim().parse::<i64>().ok());
    values.insert("position".to_owned(), position.unwrap_or(i64::from(row.row)).into());
    values.insert("inspection".to_owned(), (&inspection.id).into());
    for field in ["source_kind", "source_level"] {
        values.insert(field.to_owned(), inspection.get(field).clone());
    }
    let state = values.remove("state").and_then(|word| state_of(flow, &word.to_string()));
    add_deadline(&mut values, inspection, now);
    values.insert("state_since".to_owned(), now.into());
    let first = flow.step("register").map_or(&flow.initial, |step| &step.to);
    let state = state.unwrap_or_else(|| first.clone());
    let finding = writer.insert(
        "finding",
        NewRecord {
            region: batch.region.clone(),
            state: Some(state),
            flow_edition: Some(flow.edition),
            values,
        },
    )?;
    let named: BTreeSet<RecordId> = crate::work::responsible_units(&finding).into_iter().collect();
    for unit in &named {
        writer.link("finding", "units", &finding.id, unit)?;
    }
    let mut made = vec![("finding".to_owned(), finding.id.clone())];
    for (position, text) in measure_texts(measures.as_ref()).into_iter().enumerate() {
        let values = Values::from([
            ("text".to_owned(), text.into()),
            ("position".to_owned(), i64::try_from(position + 1).unwrap_or(i64::MAX).into()),
            ("origin".to_owned(), "import".into()),
            ("inspection".to_owned(), (&inspection.id).into()),
        ]);
        let region = batch.region.clone();
        let measure =
            writer.insert("measure", NewRecord { region, values, ..NewRecord::default() })?;
        writer.link("finding", "measures", &finding.id, &measure.id)?;
        made.push(("measure".to_owned(), measure.id));
    }
    Ok(made)
}

/// The state that a word of the sheet means: its own label, or one that an old ledger uses.
fn state_of(flow: &taizhang_codebook::Flow, word: &str) -> Option<String> {
    let word = word.trim();
    let own = flow.states.iter().find(|state| state.label.zh == word || state.name == word);
    let usual = || match word {
        "已完成" | "已整改" | "已销号" | "办结" => Some("closed"),
        "正在整改" | "整改中" | "正在推进" | "序时推进" | "未完成" => {
            Some("working")
        }
        "持续整改" | "长期坚持" => Some("long_term"),
        "不存在" => Some("not_applicable"),
        _ => None,
    };
    let name = own.map(|state| state.name.as_str()).or_else(usual)?;
    flow.state(name).map(|state| state.name.clone())
}

/// The deadline in words becomes a date; a missing year is proposed after the letter's date.
fn add_deadline(values: &mut Values, inspection: &Record, now: taizhang_values::Timestamp) {
    let raw = values.get("deadline_raw").map(ToString::to_string).unwrap_or_default();
    let known = values.get("deadline_on").and_then(Value::as_date);
    let read = (!raw.trim().is_empty()).then(|| taizhang_document::deadline_of(&raw));
    let reference = inspection
        .get("issued_on")
        .as_date()
        .or(inspection.get("received_on").as_date())
        .unwrap_or_else(|| taizhang_values::shanghai_date(now));
    let said = read
        .as_ref()
        .and_then(|deadline| deadline.date.as_deref())
        .and_then(taizhang_values::parse_partial_date)
        .and_then(|date| date.propose(reference));
    let deadline = known.or(said);
    let is_long_term = read.is_some_and(|deadline| deadline.ongoing);
    values.insert("deadline_on".to_owned(), deadline.into());
    values.insert("original_deadline_on".to_owned(), deadline.into());
    values.insert("due_on".to_owned(), deadline.into());
    values.insert("is_long_term".to_owned(), is_long_term.into());
}

/// True if the inspection already has a finding with this problem, word for word.
fn is_known(writer: &Writer<'_>, inspection: &Record, problem: &str) -> Result<bool, ServiceError> {
    use taizhang_store::{Filter, Query};
    let query = Query::new("finding")
        .filter(Filter::eq("inspection", &inspection.id))
        .filter(Filter::eq("problem", problem))
        .limit(1);
    Ok(!writer.list(&query)?.records.is_empty())
}

/// Names of units become ids; a name that no unit has stays as written where the field allows it.
fn resolve_units(values: &mut Values, units: &UnitNames) {
    for field in UNIT_FIELDS {
        let Some(value) = values.get(field).cloned() else { continue };
        let resolved = match value {
            Value::Text(name) => units.find(&name).map(Value::from).unwrap_or_default(),
            Value::List(names) => {
                let id = |name: &String| {
                    units.find(name).map_or_else(|| name.clone(), RecordId::to_string)
                };
                Value::List(names.iter().map(id).collect())
            }
            other => other,
        };
        values.insert(field.to_owned(), resolved);
    }
}

/// The measures of a cell: numbered or 一是/二是 items apart, else the whole as one.
fn measure_texts(value: Option<&Value>) -> Vec<String> {
    let text = value.map(ToString::to_string).unwrap_or_default();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let found = taizhang_document::measure_items(&text);
    if found.is_empty() { vec![text.trim().to_owned()] } else { found }
}
