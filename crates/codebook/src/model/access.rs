//! Roles and what they may do.

use super::{Field, SensitiveClass};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;
use taizhang_values::RegionLevel;

/// A role. What is not granted is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Name (`township_clerk`).
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Levels of the tree at which it may be given.
    pub levels: Vec<RegionLevel>,
    /// Rights by ledger.
    pub grants: BTreeMap<String, Grant>,
    /// Rights that belong to no ledger ([`crate::POWERS`]).
    pub powers: Vec<String>,
}

/// Rights of a role in one ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Allowed actions.
    pub actions: Vec<Action>,
    /// Which rows.
    pub scope: AccessScope,
    /// Rights by sensitive class or field name, where they differ from the default
    /// ([`FieldAccess::Masked`] for sensitive fields, [`FieldAccess::Full`] for others).
    pub fields: BTreeMap<String, FieldAccess>,
}

impl Grant {
    /// What this grant shows of a field: the right named for the field, else for its class, else
    /// masked if it is sensitive and whole if not.
    #[must_use]
    pub fn access(&self, field: &Field) -> FieldAccess {
        let class = field.sensitive.map(SensitiveClass::word);
        let own = self.fields.get(&field.name);
        let default = match field.sensitive {
            Some(_) => FieldAccess::Masked,
            None => FieldAccess::Full,
        };
        own.or_else(|| self.fields.get(class?)).copied().unwrap_or(default)
    }
}

/// What may be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See it.
    Read,
    /// Make one.
    Create,
    /// Change its fields.
    Update,
    /// Take it away (with a reason; kept in history).
    Delete,
    /// Take it out as a file.
    Export,
    /// Read its history.
    History,
}

/// Which rows a grant reaches, always within the granted region subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessScope {
    /// Every row of the subtree.
    Region,
    /// Rows in which the user's unit is lead or responsible.
    Unit,
    /// Rows in which the user is named or that he made.
    Own,
}

/// What may be seen of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldAccess {
    /// Not even that it is filled.
    Hidden,
    /// Masked.
    Masked,
    /// Masked, and whole on asking with a reason; logged.
    Reveal,
    /// Whole.
    Full,
}
