//! What judging a household asks of the database, asked ahead: which of its ledgers hold anything,
//! and which department lists hold one of its numbers. Most hold nothing, and one question for all
//! of them tells so.

use super::reads::{Hop, Place, places_of, reads_of};
use super::rows::{ROOT, StoreRows};
use std::collections::BTreeSet;
use taizhang_codebook::{Codebook, RelationKind};
use taizhang_rules::Rule;
use taizhang_store::Filter;
use taizhang_values::{RecordId, Value};

/// What rules read of a household and beside it.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// Ledgers of the household's tree that rules judge or read.
    ledgers: BTreeSet<String>,
    /// Lists that rows of the tree meet by one field.
    lists: BTreeSet<List>,
    /// Fields by which rows of the tree meet rows of their own ledger.
    own: BTreeSet<(String, String)>,
}

/// A list that is met by a key of one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct List {
    /// Ledger of the tree, and its field.
    own: (String, String),
    /// The list, and its field.
    other: (String, String),
}

impl Ahead {
    pub(crate) fn of(codebook: &Codebook, rules: &[Rule]) -> Self {
        let in_tree = |name: &str| {
            name != ROOT && codebook.ledger(name).is_some_and(|l| l.nest.as_deref() == Some(ROOT))
        };
        let mut ahead = Self::default();
        for rule in rules.iter().filter(|rule| rule.ledger == ROOT || in_tree(&rule.ledger)) {
            if in_tree(&rule.ledger) {
                ahead.ledgers.insert(rule.ledger.clone());
            }
            for place in places_of(reads_of(codebook, rule)).into_keys() {
                if in_tree(&place.ledger) && is_many(codebook, &place) {
                    ahead.ledgers.insert(place.ledger.clone());
                }
                for list in place.hops.iter().filter_map(|(from, hop)| list(codebook, from, hop)) {
                    if !in_tree(&list.own.0) {
                        continue;
                    }
                    if list.own == list.other {
                        ahead.own.insert(list.own);
                    } else if list.own.0 != list.other.0 {
                        ahead.lists.insert(list);
                    }
                }
            }
        }
        ahead
    }
}

/// True for places that are reached by the rows of a ledger that refer to another row.
fn is_many(codebook: &Codebook, place: &Place) -> bool {
    place.hops.last().is_some_and(|(from, hop)| match hop {
        Hop::Relation(name) => codebook
            .ledger(from)
            .and_then(|ledger| ledger.relation(name))
            .is_some_and(|relation| relation.kind == RelationKind::Many),
        _ => false,
    })
}

fn list(codebook: &Codebook, from: &str, hop: &Hop) -> Option<List> {
    let name = match hop {
        Hop::Relation(name) => name,
        Hop::Same(fields) => {
            let [field] = fields.as_slice() else { return None };
            let own = (from.to_owned(), field.clone());
            return Some(List { own: own.clone(), other: own });
        }
        Hop::Reference(_) => return None,
    };
    let ledger = codebook.ledger(from)?;
    let relation = ledger.relation(name)?;
    let RelationKind::Key { on, through } = &relation.kind else { return None };
    let [(own, other)] = on.as_slice() else { return None };
    let source = match through {
        Some(through) => ledger.relation(through)?.ledger.clone(),
        None => from.to_owned(),
    };
    Some(List { own: (source, own.clone()), other: (relation.ledger.clone(), other.clone()) })
}

impl StoreRows<'_, '_> {
    /// Asks what a household's judgement will ask: which ledgers and lists hold anything, and what
    /// those hold.
    pub(super) fn ask_ahead(&self, ahead: &Ahead, root: &RecordId) {
        let ledgers: Vec<&str> = ahead.ledgers.iter().map(String::as_str).collect();
        let questions: Vec<(&str, Filter)> =
            ledgers.iter().map(|ledger| (*ledger, Filter::eq(ROOT, root))).collect();
        let mut filled = Vec::new();
        for (ledger, is_there) in ledgers.iter().zip(self.any(&questions)) {
            if is_there {
                filled.push(*ledger);
            } else {
                self.note_empty(ledger, root);
            }
        }
        self.read_trees(&filled, root);
        let mut asked: Vec<(&List, Vec<Value>)> = Vec::new();
        for list in &ahead.lists {
            let values = self.key_values(&list.own, root).into_iter().flatten();
            let mut distinct: Vec<Value> = Vec::new();
            for value in values {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            // Asked with nothing too where rows have no such value: the same text every time.
            asked.push((list, distinct));
        }
        let questions: Vec<(&str, Filter)> = asked
            .iter()
            .map(|(list, values)| {
                let (ledger, field) = &list.other;
                (ledger.as_str(), Filter::In(field.clone(), values.clone()))
            })
            .collect();
        let answers = self.any(&questions);
        let mut met: Vec<(&str, &str, Vec<Value>)> = Vec::new();
        for ((list, values), is_there) in asked.iter().zip(answers) {
            if is_there {
                let (ledger, field) = (&list.other.0, &list.other.1);
                let each = self.key_values(&list.own, root).into_iter();
                met.extend(each.map(|values| (ledger.as_str(), field.as_str(), values)));
            } else {
                self.note_absent(&list.other, values);
            }
        }
        for own in &ahead.own {
            let each = self.key_values(own, root).into_iter();
            met.extend(each.map(|values| (own.0.as_str(), own.1.as_str(), values)));
        }
        self.read_met(met);
    }

    /// The values by which each row of the household meets a list.
    fn key_values(&self, (ledger, field): &(String, String), root: &RecordId) -> Vec<Vec<Value>> {
        let mut each = Vec::new();
        for row in self.nested(ledger, root) {
            each.extend(self.record(row).and_then(|record| self.key_of(&record, field)));
        }
        each
    }
}
