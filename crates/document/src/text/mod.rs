//! The lowest layer: characters, left-over markup, outline markers, labels, paragraphs, tables.

pub(crate) mod bracket;
pub(crate) mod enumeration;
pub(crate) mod glyph;
pub(crate) mod label;
pub(crate) mod lexicon;
pub(crate) mod marker;
pub(crate) mod markup;
pub(crate) mod paragraph;
pub(crate) mod people;
pub(crate) mod run_on;
pub(crate) mod sentence;
pub(crate) mod table;
pub(crate) mod wordset;
pub(crate) mod written;
