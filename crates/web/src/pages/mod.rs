//! One file a page.

pub(crate) mod components;
pub(crate) mod issue;
pub(crate) mod ledger;
pub(crate) mod queue;
