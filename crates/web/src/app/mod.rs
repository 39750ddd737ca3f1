//! What stands around the pages: state, sessions, forms, errors, headers, serving.

mod form;
mod random;

pub use form::FormValues;
pub(crate) use random::random_text;
