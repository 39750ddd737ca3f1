//! Report templates: every placeholder known, every number bound, nothing sensitive in public.

use super::exchange::check_shown;
use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::{Ledger, ReportTemplate, TemplateBlock};
use crate::names::{
    BUILT_IN_FIELDS, FINDING_PLACEHOLDERS, REPORT_LEDGER, REPORT_PLACEHOLDERS, ROW_LEDGER,
};
use crate::placeholder::placeholders;
use crate::read::{state_kind, state_kind_words};
use taizhang_diagnostics::Message;

pub(super) fn check(checker: &Checker<'_>, template: &ReportTemplate) {
    let path = ["report_templates", template.name.as_str()];
    let at = |key: &'static str| [path.as_slice(), &[key]].concat();
    let page = Page { checker, template };
    page.text(&template.title, &at("title"), Loop::Outside);
    if let Some(addressee) = &template.addressee {
        page.text(addressee, &at("addressee"), Loop::Outside);
    }
    if template.blocks.is_empty() {
        checker.nothing_inside(&path, "内容 blocks", "blocks in `blocks`");
    }
    let mut level_above = 0;
    for (position, block) in template.blocks.iter().enumerate() {
        let position = position.to_string();
        let below = [path.as_slice(), &["blocks", position.as_str()]].concat();
        page.block(block, &below, &mut level_above);
    }
}

/// Whether a text stands in a passage of a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loop {
    Outside,
    Finding,
}

struct Page<'a> {
    checker: &'a Checker<'a>,
    template: &'a ReportTemplate,
}

impl Page<'_> {
    fn block(&self, block: &TemplateBlock, path: Path<'_>, level_above: &mut u8) {
        let at = |key: &'static str| [path, &[key]].concat();
        match block {
            TemplateBlock::Heading { level, text } => {
                self.level(*level, &at("level"), level_above);
                self.text(text, &at("text"), Loop::Outside);
            }
            TemplateBlock::Paragraph { text, when } => {
                self.text(text, &at("text"), Loop::Outside);
                if let Some(indicator) = when {
                    self.indicator(indicator, &at("when"));
                }
            }
            TemplateBlock::Findings {
                kinds,
                level,
                heading,
                measures_label,
                result_label,
                lines,
            } => {
                self.level(*level, &at("level"), level_above);
                self.kinds(kinds, &at("kinds"));
                self.text(heading, &at("heading"), Loop::Finding);
                for (label, key) in
                    [(measures_label, "measures_label"), (result_label, "result_label")]
                {
                    if let Some(label) = label {
                        self.text(label, &at(key), Loop::Finding);
                    }
                }
                self.lines(lines, &at("lines"), Loop::Finding);
            }
            TemplateBlock::Table { columns } => self.columns(columns, &at("columns")),
            TemplateBlock::Contact { lines } => self.lines(lines, &at("lines"), Loop::Outside),
        }
    }

    fn level(&self, level: u8, path: Path<'_>, level_above: &mut u8) {
        if level > *level_above + 1 {
            self.checker.fault(
                FaultKind::HeadingLevel,
                path,
                format!("标题从{level_above}级跳到{level}级"),
                format!("heading jumps from level {level_above} to level {level}"),
            );
        }
        *level_above = level;
    }

    fn lines(&self, lines: &[String], path: Path<'_>, place: Loop) {
        for (position, line) in lines.iter().enumerate() {
            let position = position.to_string();
            self.text(line, &[path, &[position.as_str()]].concat(), place);
        }
    }

    fn kinds(&self, kinds: &[String], path: Path<'_>) {
        for (position, kind) in kinds.iter().enumerate() {
            if state_kind(kind).is_none() {
                let position = position.to_string();
                let path = [path, &[position.as_str()]].concat();
                let noun = ("环节性质", "kind of state");
                let known = state_kind_words();
                self.checker.unknown(FaultKind::UnknownWord, &path, noun, kind, known);
            }
        }
    }

    fn columns(&self, columns: &[String], path: Path<'_>) {
        let Some(ledger) = self.checker.codebook.ledgers.get(ROW_LEDGER) else {
            return;
        };
        for (position, column) in columns.iter().enumerate() {
            let position = position.to_string();
            let path = [path, &[position.as_str()]].concat();
            let others = [BUILT_IN_FIELDS.as_slice(), &FINDING_PLACEHOLDERS].concat();
            if ledger.field(column).is_none() && !others.contains(&column.as_str()) {
                self.checker.unknown_field(ledger, column, &path, &others);
            }
            self.shown(Some(ledger), column, &path);
        }
    }

    fn shown(&self, ledger: Option<&Ledger>, name: &str, path: Path<'_>) {
        if let (true, Some(ledger)) = (self.template.is_public, ledger) {
            check_shown(self.checker, ledger, name, path);
        }
    }

    fn indicator(&self, name: &str, path: Path<'_>) {
        let indicators = &self.checker.codebook.indicators;
        if !indicators.contains_key(name) {
            let known = indicators.keys().map(String::as_str);
            let noun = ("指标", "indicator");
            self.checker.unknown(FaultKind::UnknownIndicator, path, noun, name, known);
        }
    }

    /// Checks one text: its placeholders, and that its words hold no number of their own.
    fn text(&self, text: &str, path: Path<'_>, place: Loop) {
        let found = match placeholders(text) {
            Ok(found) => found,
            Err(at) => {
                let rest: String = text.get(at..).unwrap_or("").chars().take(20).collect();
                let message = Message::new(
                    format!("花括号不成对：`{rest}`"),
                    format!("brace without partner: `{rest}`"),
                );
                self.checker.fault_at_word(FaultKind::BadPlaceholder, path, &rest, message);
                return;
            }
        };
        let mut words_start = 0;
        for placeholder in &found {
            self.words(text.get(words_start..placeholder.start).unwrap_or(""), path);
            words_start = placeholder.end;
            if placeholder.is_indicator {
                self.indicator(&placeholder.name, path);
            } else {
                self.name(&placeholder.name, path, place);
            }
        }
        self.words(text.get(words_start..).unwrap_or(""), path);
    }

    fn words(&self, words: &str, path: Path<'_>) {
        let number: String = words
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        if !number.is_empty() {
            self.checker.faults.add(
                FaultKind::FixedNumber,
                self.checker.at_word(path, &number),
                Message::new(
                    format!("`{number}`写死在模板里"),
                    format!("`{number}` is written into the template"),
                ),
                Some(Message::new(
                    "报告里的每个数都要是指标 {#名称}，或检查的字段 {名称}",
                    "every number in a report is an indicator {#name} or a field {name}",
                )),
            );
        }
    }

    fn name(&self, name: &str, path: Path<'_>, place: Loop) {
        let ledgers = &self.checker.codebook.ledgers;
        let head = ledgers.get(REPORT_LEDGER);
        let row = ledgers.get(ROW_LEDGER).filter(|_| place == Loop::Finding);
        let texts = if place == Loop::Finding { FINDING_PLACEHOLDERS.as_slice() } else { &[] };
        let is_fact = REPORT_PLACEHOLDERS.contains(&name) || texts.contains(&name);
        let in_row = row.filter(|ledger| ledger.field(name).is_some());
        let in_head = head.filter(|ledger| ledger.field(name).is_some());
        if let Some(ledger) = in_row.or(in_head) {
            self.shown(Some(ledger), name, path);
        } else if !is_fact && (place == Loop::Outside || !BUILT_IN_FIELDS.contains(&name)) {
            let fields = [row, head].into_iter().flatten().flat_map(|ledger| &ledger.fields);
            let known = fields
                .map(|field| field.name.as_str())
                .chain(REPORT_PLACEHOLDERS)
                .chain(texts.iter().copied());
            let noun = ("占位符", "placeholder");
            self.checker.unknown(FaultKind::UnknownPlaceholder, path, noun, name, known);
        }
    }
}
