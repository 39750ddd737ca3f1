//! Rectification documents with known truth, in many layouts, from a seed.
//!
//! [`generate`] writes a text and its annotation in the `rectification-ledger/1` schema side by
//! side. All places, people and numbers are invented. [`layout::OPEN`] layouts are for tuning,
//! [`layout::HELD_OUT`] ones only for measuring. [`score`] compares a reading with the truth.

mod compose;
mod content;
mod finding;
pub mod layout;
pub mod mixed;
mod numbers;
mod phrase;
mod random;
pub mod score;
mod table;
mod task;
mod words;
mod writer;

use serde_json::{Value, json};

use content::Content;
use layout::{Kind, Layout};
pub use random::Random;
use writer::Writer;

/// A generated text with its annotation.
#[derive(Clone, Debug)]
pub struct Document {
    /// Layout and seed, as a file name without ending.
    pub name: String,
    /// The text.
    pub text: String,
    /// The truth about it.
    pub truth: Value,
}

/// Generates the document of `layout` for `seed`; the same pair always gives the same document.
///
/// ```
/// use taizhang_testkit::documents::{generate, layout::OPEN};
/// let document = generate(&OPEN[0], 7);
/// assert_eq!(document.text, generate(&OPEN[0], 7).text);
/// assert!(document.truth["findings"].as_array().is_some_and(|rows| rows.len() >= 4));
/// ```
#[must_use]
pub fn generate(layout: &Layout, seed: u64) -> Document {
    // FNV-1a over the name, so that layouts differ for the same seed.
    let salt = layout.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random = Random::new(seed ^ salt);
    let mut content = Content::invent(layout, &mut random);
    if layout.kind == Kind::Tasks {
        for row in content.groups.iter_mut().flat_map(|group| &mut group.rows) {
            row.title = phrase::Phrase::of(&words::task_title(&mut random));
        }
    }
    let mut writer = Writer::new(layout);
    compose::document(&mut writer, layout, &content, &mut random);
    number(&mut writer.checks, 'C');
    number(&mut writer.defects, 'D');
    let text = writer.text();
    let truth = json!({
        "schema": "rectification-ledger/1",
        "doc_id": format!("{}-{seed:04}", layout.name),
        "file": format!("{}-{seed:04}.txt", layout.name),
        "chars": text.chars().count(), "document": {},
        "coverage": {},
        "sections": writer.sections, "findings": writer.findings, "tasks": writer.tasks,
        "figures": writer.figures, "cross_checks": writer.checks,
        "outline_defects": writer.defects, "mentions": {}, "noise": [],
    });
    Document { name: format!("{}-{seed:04}", layout.name), text, truth }
}

/// Gives every record an id.
fn number(records: &mut [Value], letter: char) {
    for (record, n) in records.iter_mut().zip(1..) {
        record["id"] = json!(format!("{letter}{n:02}"));
    }
}
