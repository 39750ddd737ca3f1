//! `/issues/{id}`: one finding.

pub(crate) mod forms;
pub(crate) mod model;
pub(crate) mod view;
