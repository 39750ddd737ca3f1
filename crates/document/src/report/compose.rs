//! Template + ledger data → report.

use super::mask::mask_public;
use super::model::{Binding, Report, ReportBlock, ReportRun};
use super::numbering::Numbering;
use crate::text::written::characters;
use jiff::civil::Date;
use std::collections::BTreeMap;
use taizhang_codebook::{ReportTemplate, TemplateBlock};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_values::Timestamp;

/// What a report is made of, beside its template.
#[derive(Clone, Debug)]
pub struct ReportData {
    /// Number of the report.
    pub number: String,
    /// Who signs.
    pub issuer: String,
    /// Date of signature.
    pub date: Date,
    /// The moment counted.
    pub as_of: Timestamp,
    /// Values for placeholders outside loops: `inspection`, `source_body`, `received_on` …
    pub fields: BTreeMap<String, String>,
    /// Bound numbers by indicator.
    pub indicators: BTreeMap<String, Binding>,
    /// Findings in ledger order.
    pub findings: Vec<FindingText>,
    /// Full names that must not be in a public version.
    pub private_names: Vec<String>,
}

/// One finding for a passage or a table row.
#[derive(Clone, Debug, Default)]
pub struct FindingText {
    /// Kind of its state (`open`, `closed` …) for the selection in a template.
    pub kind: String,
    /// Field texts by name (`title`, `problem`, `result`, `deadline` …).
    pub fields: BTreeMap<String, String>,
    /// Texts of the measures.
    pub measures: Vec<String>,
}

/// Composes a report.
///
/// # Errors
/// The list names every placeholder without a value (`R0101`) and every indicator without a
/// binding (`R0102`); the text then holds the placeholder's label in 【】 so that nobody overlooks
/// it.
#[must_use]
pub fn compose(template: &ReportTemplate, data: &ReportData) -> (Report, Vec<Diagnostic>) {
    let mut composer = Composer {
        template,
        data,
        numbering: Numbering::default(),
        bindings: Vec::new(),
        blocks: Vec::new(),
        faults: Vec::new(),
    };
    for block in &template.blocks {
        composer.block(block);
    }
    let title = composer.plain(&template.title, &BTreeMap::new());
    let addressee = template.addressee.as_ref().map(|text| composer.addressee(text));
    let report = Report {
        number: data.number.clone(),
        template: template.name.clone(),
        kind: template.kind.clone(),
        title,
        addressee,
        blocks: composer.blocks,
        issuer: data.issuer.clone(),
        date: data.date,
        as_of: data.as_of,
        is_public: template.is_public,
        bindings: composer.bindings,
    };
    (report, composer.faults)
}

struct Composer<'a> {
    template: &'a ReportTemplate,
    data: &'a ReportData,
    numbering: Numbering,
    bindings: Vec<Binding>,
    blocks: Vec<ReportBlock>,
    faults: Vec<Diagnostic>,
}

type Fields = BTreeMap<String, String>;

impl Composer<'_> {
    fn block(&mut self, block: &TemplateBlock) {
        let none = Fields::new();
        match block {
            TemplateBlock::Heading { level, text } => self.heading(*level, text, &none),
            TemplateBlock::Paragraph { text, when } => {
                if when.as_deref().is_none_or(|indicator| self.is_positive(indicator)) {
                    self.paragraph(text, &none);
                }
            }
            TemplateBlock::Findings { .. } => self.findings(block),
            TemplateBlock::Table { columns } => self.table(columns),
            TemplateBlock::Contact { lines } => {
                for line in lines {
                    self.contact(line);
                }
            }
        }
    }

    /// A contact line is left out when its value is not known: an empty label looks like a fault.
    fn contact(&mut self, line: &str) {
        let missing = placeholders(line)
            .any(|name| self.data.fields.get(name).is_none_or(|value| value.trim().is_empty()));
        if !missing {
            // Contact numbers of the office are meant to be read; they are not masked.
            let runs = self.runs(line, &Fields::new(), false);
            self.blocks.push(ReportBlock::Paragraph { runs });
        }
    }

    fn heading(&mut self, level: u8, text: &str, fields: &Fields) {
        let number = self.numbering.next(level);
        let runs = self.runs(text, fields, true);
        self.blocks.push(ReportBlock::Heading { level, number, runs });
    }

    fn paragraph(&mut self, text: &str, fields: &Fields) {
        let runs = self.runs(text, fields, true);
        if runs.iter().any(|run| !run.text().trim().is_empty()) {
            self.blocks.push(ReportBlock::Paragraph { runs });
        }
    }

    /// Words that people typed: braces in them are no placeholders.
    fn literal(&mut self, text: &str) {
        if !text.trim().is_empty() {
            let runs = vec![self.text_run(text.to_owned(), true)];
            self.blocks.push(ReportBlock::Paragraph { runs });
        }
    }

    fn findings(&mut self, block: &TemplateBlock) {
        let TemplateBlock::Findings { kinds, level, heading, measures_label, result_label, lines } =
            block
        else {
            return;
        };
        let data = self.data;
        for finding in &data.findings {
            if !kinds.is_empty() && !kinds.contains(&finding.kind) {
                continue;
            }
            self.heading(*level, heading, &finding.fields);
            if let Some(body) = finding.fields.get("statement").filter(|text| !text.is_empty()) {
                self.literal(body);
            }
            if let Some(label) = measures_label {
                self.literal(&listed(label, &finding.measures));
            }
            let result = finding.fields.get("result").map_or("", String::as_str);
            if let (Some(label), false) = (result_label, result.is_empty()) {
                self.literal(&format!("{label}{result}"));
            }
            for line in lines {
                self.label_line(line, &finding.fields);
            }
        }
    }

    /// A line such as `责任领导：{responsible_leaders}`; left out when it has no value.
    fn label_line(&mut self, line: &str, fields: &Fields) {
        let empty = placeholders(line)
            .any(|name| fields.get(name).is_none_or(|value| value.trim().is_empty()));
        if !empty {
            self.paragraph(line, fields);
        }
    }

    fn table(&mut self, columns: &[String]) {
        let data = self.data;
        let head = columns
            .iter()
            .map(|column| data.fields.get(&format!("label.{column}")).unwrap_or(column).clone())
            .collect();
        let rows = data
            .findings
            .iter()
            .map(|finding| {
                let cell = |column: &String| match column.as_str() {
                    "measures" => listed("", &finding.measures),
                    // A cell may say more than a passage, which leaves an empty field out.
                    name => {
                        let cell = finding.fields.get(&format!("{name}.table"));
                        cell.or(finding.fields.get(name)).cloned().unwrap_or_default()
                    }
                };
                columns.iter().map(cell).map(|text| self.masked(&text)).collect()
            })
            .collect();
        self.blocks.push(ReportBlock::Table { head, rows });
    }

    fn is_positive(&self, indicator: &str) -> bool {
        self.data.indicators.get(indicator).is_some_and(|binding| !binding.rows.is_empty())
    }

    /// To whom it goes: a colon with nobody before it would look finished, so a gap is left that
    /// nobody overlooks.
    fn addressee(&mut self, text: &str) -> String {
        let addressee = self.plain(text, &Fields::new());
        if addressee.trim().is_empty() { self.missing("主送机关") } else { addressee }
    }

    fn masked(&self, text: &str) -> String {
        if self.template.is_public {
            mask_public(text, &self.data.private_names)
        } else {
            text.to_owned()
        }
    }

    /// Title and addressee, masked like the rest: an inspection may be named after a case.
    fn plain(&mut self, text: &str, fields: &Fields) -> String {
        self.runs(text, fields, true).iter().map(ReportRun::text).collect()
    }

    /// Splits a template text into words and bound figures.
    fn runs(&mut self, text: &str, fields: &Fields, is_masked: bool) -> Vec<ReportRun> {
        let mut runs = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_placeholder(rest) {
            words.push_str(before);
            match name.strip_prefix('#') {
                Some(indicator) => {
                    let figure = self.figure(indicator);
                    if !words.is_empty() {
                        runs.push(self.text_run(std::mem::take(&mut words), is_masked));
                    }
                    runs.push(figure);
                }
                None => words.push_str(&self.value(name, fields)),
            }
            rest = after;
        }
        words.push_str(rest);
        if !words.is_empty() {
            runs.push(self.text_run(words, is_masked));
        }
        runs
    }

    fn text_run(&self, text: String, is_masked: bool) -> ReportRun {
        ReportRun::Text { text: if is_masked { self.masked(&text) } else { text } }
    }

    fn value(&mut self, name: &str, fields: &Fields) -> String {
        if let Some(value) = fields.get(name).or_else(|| self.data.fields.get(name)) {
            return value.clone();
        }
        self.missing(name)
    }

    /// Says that the text lacks something, and marks the place.
    fn missing(&mut self, name: &str) -> String {
        self.faults.push(
            Diagnostic::warning(
                "R0101",
                Message::new(
                    format!("模板里的`{name}`没有内容"),
                    format!("no value for `{name}` of the template"),
                ),
            )
            .help(Message::new("在检查登记表中补填", "fill it in at the inspection")),
        );
        format!("【{name}】")
    }

    fn figure(&mut self, indicator: &str) -> ReportRun {
        let Some(binding) = self.data.indicators.get(indicator) else {
            self.faults.push(Diagnostic::error(
                "R0102",
                Message::new(
                    format!("指标`{indicator}`没有数"),
                    format!("no rows bound to indicator `{indicator}`"),
                ),
            ));
            return ReportRun::Text { text: format!("【{indicator}】") };
        };
        let known = self.bindings.iter().position(|held| held.indicator == indicator);
        let position = known.unwrap_or_else(|| {
            self.bindings.push(binding.clone());
            self.bindings.len() - 1
        });
        ReportRun::Figure { text: binding.value.clone(), binding: position }
    }
}

/// `一是…；二是…。` for several items, `…。` for one: the form in which measures are written and
/// read again.
///
/// # Example
/// ```
/// use taizhang_document::report::enumerated;
/// let items = ["补齐户档；".to_owned(), "逐户核查".to_owned()];
/// assert_eq!(enumerated(&items), "一是补齐户档；二是逐户核查。");
/// ```
#[must_use]
pub fn enumerated(items: &[String]) -> String {
    listed("", items)
}

/// As [`enumerated`], behind a label; nothing without items.
fn listed(label: &str, items: &[String]) -> String {
    let clean = |item: &String| item.trim().trim_end_matches(['。', '；', ';', '.']).to_owned();
    let cleaned: Vec<String> = items.iter().map(clean).filter(|item| !item.is_empty()).collect();
    match cleaned.as_slice() {
        [] => String::new(),
        [only] => format!("{label}{only}。"),
        several => {
            let parts: Vec<String> = several
                .iter()
                .enumerate()
                .map(|(position, item)| format!("{}是{item}", characters(position + 1)))
                .collect();
            format!("{label}{}。", parts.join("；"))
        }
    }
}

/// Splits at the first `{name}`.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, tail) = text.split_once('{')?;
    let (name, after) = tail.split_once('}')?;
    Some((before, name, after))
}

/// Names of all placeholders.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
