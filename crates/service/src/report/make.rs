//! Making a report from a template and the ledger as it stands.

use super::bind::Subject;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::{ReportTemplate, state_kind_word};
use taizhang_diagnostics::{Diagnostic, Language};
use taizhang_document::report::{FindingText, Report, ReportData, compose};
use taizhang_store::{Filter, NewRecord, Query, Record, Values};
use taizhang_values::{Date, RecordId, Value, official_date};

/// Most bytes of a stored report.
const REPORT_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// What to report.
#[derive(Clone, Debug)]
pub struct MakeReport {
    /// Template in the codebook.
    pub template: String,
    /// The inspection that is answered.
    pub inspection: RecordId,
    /// Who signs; the caller's unit if not said.
    pub issuer: Option<String>,
    /// Date of signature; today if not said.
    pub date: Option<Date>,
}

impl Service {
    /// Composes a report, binds every number to its rows and keeps both under a new number.
    ///
    /// # Errors
    /// `Denied` without the power `report.make`; `Invalid` for an unknown template or an indicator
    /// without rows to stand on.
    pub fn make_report(
        &self,
        caller: &Caller,
        input: &MakeReport,
    ) -> Result<(Record, Vec<Diagnostic>), ServiceError> {
        self.require_power(caller, "report.make")?;
        let inspection = self.visible(caller, "inspection", &input.inspection)?;
        let template = self.codebook().report_templates.get(&input.template).ok_or_else(|| {
            ServiceError::field(
                "report",
                "template",
                "S0501",
                "没有这个报告模板",
                "no such template",
            )
        })?;
        let year = self.today().year();
        let act = self.act(caller, "report.make", None);
        let serial = self.store.write(&act, |writer| {
            Ok::<_, ServiceError>(writer.next_serial(&format!("report:{year}"))?)
        })?;
        let number = format!("R{year}-{serial:04}");
        let (report, faults) = self.composed(caller, template, &inspection, input, &number)?;
        let record = self.keep_report(caller, &report, &inspection)?;
        Ok((record, faults))
    }

    fn composed(
        &self,
        caller: &Caller,
        template: &ReportTemplate,
        inspection: &Record,
        input: &MakeReport,
        number: &str,
    ) -> Result<(Report, Vec<Diagnostic>), ServiceError> {
        let query = Query::new("finding")
            .filter(Filter::eq("inspection", &inspection.id))
            .sort("position", false);
        let findings = self.all_visible(caller, query)?;
        let subject =
            Subject { inspection: &inspection.id, findings: &findings, as_of: self.now() };
        let issuer = match &input.issuer {
            Some(issuer) => issuer.clone(),
            None => self.unit_name(caller.unit.as_ref())?,
        };
        let date = input.date.unwrap_or_else(|| self.today());
        let mut data = ReportData {
            number: number.to_owned(),
            fields: self.report_fields(inspection, &issuer, date),
            issuer,
            date,
            as_of: subject.as_of,
            indicators: self.bindings(caller, template, &subject)?,
            findings: self.finding_texts(&findings)?,
            private_names: Vec::new(),
        };
        if template.is_public {
            data.private_names = self.private_names(&data)?;
        }
        let (report, faults) = compose(template, &data);
        match faults.iter().any(Diagnostic::is_error) {
            true => Err(ServiceError::Invalid(faults)),
            false => Ok((report, faults)),
        }
    }

    fn keep_report(
        &self,
        caller: &Caller,
        report: &Report,
        inspection: &Record,
    ) -> Result<Record, ServiceError> {
        let json = |value: serde_json::Result<Vec<u8>>| {
            value.map_err(|error| ServiceError::Internal(error.to_string()))
        };
        let body = json(serde_json::to_vec(report))?;
        let bindings = json(serde_json::to_vec(&report.bindings))?;
        let body = self.store.files().put(&mut body.as_slice(), REPORT_BYTES_MAX)?;
        let bindings = self.store.files().put(&mut bindings.as_slice(), REPORT_BYTES_MAX)?;
        let values = Values::from([
            ("number".to_owned(), report.number.as_str().into()),
            ("template".to_owned(), report.template.as_str().into()),
            ("inspection".to_owned(), (&inspection.id).into()),
            ("title".to_owned(), report.title.as_str().into()),
            ("as_of".to_owned(), report.as_of.into()),
            ("body_file".to_owned(), body.hash.into()),
            ("binding_file".to_owned(), bindings.hash.into()),
            ("is_public".to_owned(), report.is_public.into()),
            ("unit".to_owned(), caller.unit.as_ref().map(Value::from).unwrap_or_default()),
        ]);
        let act = self.act(caller, "report.make", None);
        self.store.write(&act, |writer| {
            let region = inspection.region.clone();
            Ok(writer.insert("report", NewRecord { region, values, ..NewRecord::default() })?)
        })
    }

    fn report_fields(
        &self,
        inspection: &Record,
        issuer: &str,
        date: Date,
    ) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        let definition = self.codebook().ledger("inspection");
        for field in definition.map(|ledger| ledger.fields.as_slice()).unwrap_or_default() {
            let text = self.shown_value("inspection", &field.name, inspection.get(&field.name));
            fields.insert(field.name.clone(), text);
        }
        fields.insert("inspection".to_owned(), inspection.text("title").to_owned());
        fields.insert("issuer".to_owned(), issuer.to_owned());
        fields.insert("as_of".to_owned(), official_date(self.today()));
        fields.insert("date".to_owned(), official_date(date));
        let finding = self.codebook().ledger("finding");
        for field in finding.map(|ledger| ledger.fields.as_slice()).unwrap_or_default() {
            fields.insert(format!("label.{}", field.name), field.label.zh.clone());
        }
        let heads = [
            ("serial", "序号"),
            ("measures", "整改措施"),
            ("status", "完成情况"),
            ("deadline", "完成时限"),
            ("evidence", "佐证材料"),
            ("state", "办理状态"),
        ];
        for (name, head) in heads {
            fields.insert(format!("label.{name}"), head.to_owned());
        }
        fields
    }

    fn finding_texts(&self, findings: &[Record]) -> Result<Vec<FindingText>, ServiceError> {
        let ids: Vec<RecordId> = findings.iter().map(|row| row.id.clone()).collect();
        let (links, measures, evidence) = self.store.read(|reader| {
            let evidence = reader.linked_many("finding", "evidence", &ids)?;
            let links = reader.linked_many("finding", "measures", &ids)?;
            let wanted: Vec<RecordId> = links.values().flatten().cloned().collect();
            let measures = reader.get_many("measure", &wanted)?;
            Ok::<_, ServiceError>((links, measures, evidence))
        })?;
        let mut texts = Vec::new();
        // Peer rows are counted by the indicators; passages are written for the letter's own rows.
        for finding in findings.iter().filter(|row| row.reference("parent").is_none()) {
            let mut own: Vec<&Record> = links
                .get(&finding.id)
                .into_iter()
                .flatten()
                .filter_map(|id| measures.get(id))
                .collect();
            own.sort_by_key(|measure| measure.get("position").as_integer());
            let evidence_count = evidence.get(&finding.id).map_or(0, Vec::len);
            texts.push(FindingText {
                kind: state_kind_word(self.state_kind(finding)).to_owned(),
                fields: self.finding_fields(finding, evidence_count, texts.len() + 1)?,
                measures: own.iter().map(|measure| measure.text("text").to_owned()).collect(),
            });
        }
        Ok(texts)
    }

    fn finding_fields(
        &self,
        finding: &Record,
        evidence_count: usize,
        serial: usize,
    ) -> Result<BTreeMap<String, String>, ServiceError> {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &finding.values {
            fields.insert(name.clone(), self.shown_value("finding", name, value));
        }
        fields.insert("serial".to_owned(), serial.to_string());
        fields.insert("evidence".to_owned(), format!("{evidence_count}份"));
        let percent = finding.get("percent").as_integer().unwrap_or(0);
        fields.insert("percent".to_owned(), format!("{percent}%"));
        let lead = finding.reference("lead_unit");
        fields.insert("lead_unit".to_owned(), self.unit_name(lead)?);
        let mut units = Vec::new();
        for item in finding.get("responsible_units").as_list() {
            units.push(match RecordId::parse(item) {
                Some(id) => self.unit_name(Some(&id))?,
                None => item.clone(),
            });
        }
        fields.insert("responsible_units".to_owned(), units.join("、"));
        let title = finding.text("title");
        let statement: String =
            finding.text("problem").lines().filter(|line| line.trim() != title).collect();
        fields.insert("statement".to_owned(), statement);
        let deadline = match finding.get("deadline_on").as_date() {
            Some(day) => official_date(day),
            None if finding.get("is_long_term").as_boolean() == Some(true) => "长期坚持".to_owned(),
            None => String::new(),
        };
        fields.insert("deadline".to_owned(), deadline);
        fields.insert("state".to_owned(), self.state_word(finding));
        fields.insert("status".to_owned(), self.report_status(finding));
        if finding.get("result").is_empty() {
            let standing = format!("{}，进度{percent}%", self.state_word(finding));
            fields.insert("result.table".to_owned(), standing);
        }
        Ok(fields)
    }

    /// A value as it is printed: the word of a code, the official form of a date.
    pub(crate) fn shown_value(&self, ledger: &str, field: &str, value: &Value) -> String {
        let list = self.codebook().field(ledger, field).and_then(|field| field.codes.as_deref());
        match (list, value) {
            (Some(list), Value::Text(code)) => self
                .codebook()
                .code_label(list, code)
                .map_or_else(|| code.clone(), |label| label.zh.clone()),
            (_, Value::Date(day)) => official_date(*day),
            (_, other) => other.to_string(),
        }
    }

    pub(crate) fn state_word(&self, finding: &Record) -> String {
        let state = finding.state.as_deref().unwrap_or_default();
        let flow = self.codebook().flows.get("rectification");
        flow.and_then(|flow| flow.state(state))
            .map(|state| state.label.zh.clone())
            .unwrap_or_default()
    }

    fn report_status(&self, finding: &Record) -> String {
        let state = finding.state.as_deref().unwrap_or_default();
        let flow = self.codebook().flows.get("rectification");
        flow.and_then(|flow| flow.state(state))
            .and_then(|state| state.report_status.as_deref())
            .and_then(|code| self.codebook().code_label("finding_status", code))
            .map(|label| label.text(Language::Zh).to_owned())
            .unwrap_or_default()
    }

    /// Name of a unit; empty without one.
    pub(crate) fn unit_name(&self, id: Option<&RecordId>) -> Result<String, ServiceError> {
        let Some(id) = id else { return Ok(String::new()) };
        let unit = self.store.read(|reader| reader.get("unit", id))?;
        Ok(unit.map(|unit| unit.text("name").to_owned()).unwrap_or_default())
    }
}
