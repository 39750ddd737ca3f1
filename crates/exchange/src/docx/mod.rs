//! Word documents (`.docx`, `.docm`, `.dotx`): our own reader of the text as Word shows it.

mod body;
pub(crate) mod number_format;
mod numbering;
mod styles;
mod symbol;

use crate::container::{Container, damaged};
use crate::document::{DocumentFormat, DocumentText};
use crate::xml::{self, Element};
use crate::{ExchangeError, Limits};
use body::{Notes, Reader};
use numbering::Numbering;
use styles::Styles;

/// Reads a Word document: paragraphs with their automatic numbers, tables, text boxes, notes;
/// tracked changes accepted, hidden text and contents tables left out.
///
/// # Errors
/// Limits, damage, a container without a document part.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    let mut container = Container::open(bytes, limits)?;
    let main = main_part(&mut container, limits)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut part = |name: &str| -> Result<Option<Element>, ExchangeError> {
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let Some(bytes) = container.read(&path)? else { return Ok(None) };
        xml::parse(&bytes, &path, limits).map(Some)
    };
    let styles = part("styles.xml")?.map_or_else(Styles::default, |root| Styles::read(&root));
    let numbering = part("numbering.xml")?
        .map_or_else(Numbering::default, |root| Numbering::read(&root, &styles));
    let footnotes = part("footnotes.xml")?;
    let endnotes = part("endnotes.xml")?;
    let bytes = container.read(&main)?.ok_or_else(damaged)?;
    let document = xml::parse(&bytes, &main, limits)?;
    drop(bytes);
    let notes = Notes { footnotes: footnotes.as_ref(), endnotes: endnotes.as_ref() };
    let mut reader = Reader::new(&styles, &numbering, notes, limits);
    let body = document.child("body").ok_or_else(damaged)?;
    reader.document(body)?;
    Ok(reader.finish(DocumentFormat::Docx))
}

/// The document part's name, by the package's relations, `word/document.xml` otherwise.
fn main_part(container: &mut Container<'_>, limits: &Limits) -> Result<String, ExchangeError> {
    const USUAL: &str = "word/document.xml";
    if container.has(USUAL) {
        return Ok(USUAL.to_owned());
    }
    let relations = container.read("_rels/.rels")?.unwrap_or_default();
    let root = xml::parse(&relations, "_rels/.rels", limits)?;
    let target = root.elements().find(|relation| {
        relation.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
    });
    target
        .and_then(|relation| relation.attribute("Target"))
        .map(|target| target.trim_start_matches('/').to_owned())
        .filter(|target| container.has(target))
        .ok_or_else(damaged)
}
