//! Doubts and proposals tell of fields of other records: what the reader may not see there, he
//! does not read here.

use super::{Limits, Sight};
use taizhang_codebook::{Action, FieldAccess, FieldType};
use taizhang_rules::{Rule, children, ir::Kind, ir::Node};
use taizhang_store::Record;
use taizhang_values::{RegionCode, Value};

/// Ledgers whose records tell of other records.
pub(super) const TELLING: [&str; 2] = ["doubt", "proposal"];
/// Fields in which they do; nobody filters or sorts by them.
pub(super) const TOLD: [&str; 4] = ["message", KEY, "changes", "fields"];
/// Hash over the values that a rule used. It leaves the service never: who has it can try values.
const KEY: &str = "evidence_key";

impl Sight<'_> {
    pub(super) fn limit_told(&self, record: &Record, limits: &mut Limits<'_>) {
        if record.ledger == "proposal" {
            let all = record.get("fields").as_list();
            let shown: Vec<String> = all
                .iter()
                .filter(|field| {
                    let access = self.access_to(
                        record.text("subject_ledger"),
                        field,
                        record.region.as_ref(),
                    );
                    access != FieldAccess::Hidden
                })
                .cloned()
                .collect();
            if shown.len() < all.len() {
                limits.instead.push(("fields", Value::List(shown)));
            }
            return;
        }
        limits.fields.push((KEY, FieldType::Text, FieldAccess::Hidden));
        let rule = self.service.rules().iter().find(|rule| rule.code == record.text("rule"));
        let title = match rule {
            Some(rule) if self.sees_message(rule, record.region.as_ref()) => return,
            Some(rule) => rule.title.as_str(),
            // What a rule that is no more has told of cannot be known.
            None => record.text("rule"),
        };
        limits.instead.push(("message", title.into()));
    }

    /// True if the caller sees whole every field whose value the message of a rule shows.
    fn sees_message(&self, rule: &Rule, region: Option<&RegionCode>) -> bool {
        if rule.message.values.is_empty() {
            return true;
        }
        let mut read = Some(Vec::new());
        for value in &rule.message.values {
            names(&value.node, &mut read);
        }
        rule.uses
            .iter()
            .filter(|used| read.as_ref().is_none_or(|names| names.contains(&used.field.as_str())))
            .all(|used| self.access_to(&used.ledger, &used.field, region) == FieldAccess::Full)
    }

    fn access_to(&self, ledger: &str, field: &str, region: Option<&RegionCode>) -> FieldAccess {
        self.service.access_at(self.caller, (ledger, Action::Read), region, field)
    }
}

/// Names of the fields that an expression reads; `None` if it reads more than single fields.
fn names<'a>(node: &'a Node, found: &mut Option<Vec<&'a str>>) {
    match &node.kind {
        Kind::Field { field, .. } | Kind::IdentityFact { field, .. } | Kind::Has { field, .. } => {
            if let Some(found) = found {
                found.push(field);
            }
        }
        Kind::HasRow { .. } | Kind::Duplicates { .. } | Kind::Reduce { .. } => *found = None,
        _ => {}
    }
    for child in children(node) {
        names(child, found);
    }
}
