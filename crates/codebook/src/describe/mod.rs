//! Definitions in words: labels by language, the order of forms, flows as text, the reference.

mod flow_text;
mod label;
mod reference;

pub use flow_text::flow_text;
pub use label::list_mark;
pub use reference::reference;
