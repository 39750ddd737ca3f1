//! Reads roles and their grants.

use super::ledger::REGION_LEVELS;
use super::own_name;
use crate::model::{AccessScope, Action, FieldAccess, Grant, Role};
use crate::section::{Section, Words};
use std::collections::BTreeMap;

const ACTIONS: &Words<Action> = &[
    ("read", Action::Read),
    ("create", Action::Create),
    ("update", Action::Update),
    ("delete", Action::Delete),
    ("export", Action::Export),
    ("history", Action::History),
];

const SCOPES: &Words<AccessScope> =
    &[("region", AccessScope::Region), ("unit", AccessScope::Unit), ("own", AccessScope::Own)];

const FIELD_ACCESSES: &Words<FieldAccess> = &[
    ("hidden", FieldAccess::Hidden),
    ("masked", FieldAccess::Masked),
    ("reveal", FieldAccess::Reveal),
    ("full", FieldAccess::Full),
];

pub(super) fn role(name: &str, section: &Section<'_>) -> Role {
    Role {
        name: own_name(section, name),
        label: section.message("label"),
        levels: section.choices("levels", REGION_LEVELS),
        grants: section
            .sections("grants")
            .into_iter()
            .map(|(ledger, section)| (ledger.to_owned(), grant(&section)))
            .collect(),
        powers: section.texts("powers"),
    }
}

fn grant(section: &Section<'_>) -> Grant {
    let grant = Grant {
        actions: section.choices("actions", ACTIONS),
        scope: section.choice("scope", SCOPES).unwrap_or(AccessScope::Own),
        fields: section.section("fields").map(|fields| field_access(&fields)).unwrap_or_default(),
    };
    section.finish();
    grant
}

fn field_access(section: &Section<'_>) -> BTreeMap<String, FieldAccess> {
    section.word_map(FIELD_ACCESSES)
}
