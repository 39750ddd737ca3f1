//! Reads indicators and report templates.

use super::own_name;
use crate::faults::FaultKind;
use crate::model::{Indicator, ReportTemplate, TemplateBlock};
use crate::names::check_name;
use crate::section::{Section, Words};
use taizhang_diagnostics::Message;

/// Kinds of documents, as in the schema of read documents.
const DOCUMENT_KINDS: &Words<&str> = &[
    ("rectification_plan", "rectification_plan"),
    ("rectification_report", "rectification_report"),
    ("inspection_rectification_notice", "inspection_rectification_notice"),
    ("implementation_plan", "implementation_plan"),
    ("audit_rectification_report", "audit_rectification_report"),
    ("rectification_ledger", "rectification_ledger"),
];

pub(super) fn indicator(name: &str, section: &Section<'_>) -> Indicator {
    check_name(section.faults(), name, section.at());
    Indicator {
        name: name.to_owned(),
        label: section.message("label"),
        ledger: section.required_text("ledger"),
        filter: section.text_or_empty("filter").unwrap_or_default(),
        definition: section.message("definition"),
        unit: section.required_text("unit"),
        share_of: section.text("share_of"),
    }
}

pub(super) fn template(name: &str, section: &Section<'_>) -> ReportTemplate {
    ReportTemplate {
        name: own_name(section, name),
        label: section.message("label"),
        kind: section.required_choice("kind", DOCUMENT_KINDS).unwrap_or_default().to_owned(),
        is_public: section.boolean("public"),
        title: section.required_text("title"),
        addressee: section.text("addressee"),
        blocks: section.items("blocks").iter().filter_map(block).collect(),
    }
}

#[derive(Clone, Copy)]
enum BlockKind {
    Heading,
    Paragraph,
    Findings,
    Table,
    Contact,
}

const BLOCKS: &Words<BlockKind> = &[
    ("heading", BlockKind::Heading),
    ("paragraph", BlockKind::Paragraph),
    ("findings", BlockKind::Findings),
    ("table", BlockKind::Table),
    ("contact", BlockKind::Contact),
];

/// INVARIANT: a block that cannot be read is left out, so that positions in the typed list and in
/// the file agree only when there is no such fault; checks by position run only then.
fn block(section: &Section<'_>) -> Option<TemplateBlock> {
    let kind = section.required_choice("block", BLOCKS)?;
    let block = match kind {
        BlockKind::Heading => {
            TemplateBlock::Heading { level: level(section), text: section.required_text("text") }
        }
        BlockKind::Paragraph => TemplateBlock::Paragraph {
            text: section.required_text("text"),
            when: section.text("when"),
        },
        BlockKind::Findings => TemplateBlock::Findings {
            kinds: section.texts("kinds"),
            level: level(section),
            heading: section.required_text("heading"),
            measures_label: section.text("measures_label"),
            result_label: section.text("result_label"),
            lines: section.texts("lines"),
        },
        BlockKind::Table => TemplateBlock::Table { columns: section.texts("columns") },
        BlockKind::Contact => TemplateBlock::Contact { lines: section.texts("lines") },
    };
    section.finish();
    Some(block)
}

fn level(section: &Section<'_>) -> u8 {
    let level = section.required_integer("level");
    match u8::try_from(level) {
        Ok(level @ 1..=4) => level,
        _ => {
            let message = Message::new(
                format!("标题层级`{level}`不在 1–4 之间"),
                format!("heading level `{level}` is not 1–4"),
            );
            section.faults().add(FaultKind::HeadingLevel, section.at_key("level"), message, None);
            1
        }
    }
}
