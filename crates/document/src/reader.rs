//! From text to reading: the stages in order.

use sha2::{Digest, Sha256};

use crate::anatomy::Anatomy;
use crate::joined::Joined;
use crate::model::{Coverage, DocumentKind, Piece, Provenance, Reading, SCHEMA};
use crate::source::Source;
use crate::text::paragraph;
use crate::{checks, defects, figures, findings, header, mentions, outline};

/// Reads a document: any text gives a result; linear in its length.
///
/// ```
/// let reading = taizhang_document::read("a", "a.txt", "关于整改的报告\n");
/// assert_eq!(reading.chars, 8);
/// ```
#[must_use]
pub fn read(doc_id: &str, file: &str, text: &str) -> Reading {
    let source = Source::new(text);
    let layout = paragraph::read(&source);
    let head = header::read(&source, &layout);
    let plan = head.document.kind == DocumentKind::ImplementationPlan;
    let tree = outline::read(&source, &layout, head.body.clone(), plan);
    let sections = outline::sections(&source, &tree);
    let found = findings::read(&findings::Context {
        source: &source,
        layout: &layout,
        outline: &tree,
        sections: &sections,
        start: head.body.start,
        end: head.body.end,
        plan,
        labelled: findings::is_labelled(&layout),
    });
    let mut fields = head.fields;
    fields.extend(found.fields);
    let anatomy = Anatomy {
        document: head.document,
        sections,
        findings: found.findings,
        tasks: found.tasks,
        fields,
    };
    let mentions = mentions::find(&source, &anatomy);
    let joined = Joined::new(&source, &layout);
    let figures = figures::find_joined(&source, &joined);
    let cross_checks = checks::find_joined(&joined, &anatomy, &figures);
    let outline_defects = defects::find(&source, &anatomy);
    Reading {
        schema: SCHEMA.to_owned(),
        doc_id: doc_id.to_owned(),
        file: file.to_owned(),
        chars: source.len(),
        sha256: digest(text),
        provenance: Provenance { origin: "read".to_owned(), ..Provenance::default() },
        coverage: Coverage::default(),
        document: anatomy.document,
        sections: anatomy.sections,
        findings: anatomy.findings,
        tasks: anatomy.tasks,
        figures,
        cross_checks,
        outline_defects,
        mentions,
        noise: head.noise.iter().map(|s| Piece::new(&source, *s)).collect(),
    }
}

/// SHA-256 of the text's bytes, hexadecimal.
fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    hash.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
