//! What judging a household asks of the database, asked ahead: which of its ledgers hold anything,
//! and which department lists hold one of its numbers. Most hold nothing, and one question for all
//! of them tells so.

use super::reads::{Hop, Place, places_of, reads_of};
use super::rows::{Meeting, ROOT, StoreRows, of_roots};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, RelationKind};
use taizhang_rules::Rule;
use taizhang_store::{Filter, Record};
use taizhang_values::{RecordId, Value};

/// What rules read of a household and beside it.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// Ledgers of the household's tree that rules judge or read.
    ledgers: BTreeSet<String>,
    /// Lists that rows of the tree meet by one field.
    lists: BTreeSet<List>,
    /// Fields by which rows of the tree meet rows of their own ledger.
    own: BTreeSet<(String, Vec<String>)>,
    /// References by which rules go from a household or a row of its tree to records elsewhere.
    references: BTreeSet<Reference>,
}

/// A reference that leads out of a household's tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    /// Ledger it starts from.
    ledger: String,
    field: String,
    /// Ledger it leads to.
    other: String,
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
                for (from, hop) in &place.hops {
                    if let Hop::Same(fields) = hop
                        && in_tree(from)
                    {
                        ahead.own.insert((from.clone(), fields.clone()));
                    }
                    if from == ROOT || in_tree(from) {
                        let reference = reference(codebook, from, hop);
                        let is_outer = |one: &Reference| one.other != ROOT && !in_tree(&one.other);
                        ahead.references.extend(reference.filter(is_outer));
                    }
                    let list = list(codebook, from, hop);
                    let is_other = |list: &List| in_tree(&list.own.0) && list.own.0 != list.other.0;
                    ahead.lists.extend(list.filter(is_other));
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

fn reference(codebook: &Codebook, from: &str, hop: &Hop) -> Option<Reference> {
    let Hop::Reference(field) = hop else { return None };
    let other = codebook.field(from, field)?.ledger.clone()?;
    Some(Reference { ledger: from.to_owned(), field: field.clone(), other })
}

fn list(codebook: &Codebook, from: &str, hop: &Hop) -> Option<List> {
    let Hop::Relation(name) = hop else { return None };
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

impl Ahead {
    /// Which ledgers of households' trees hold anything.
    pub(super) fn of_trees(&self, roots: &[&RecordId]) -> Vec<(&str, Filter)> {
        self.ledgers.iter().map(|ledger| (ledger.as_str(), of_roots(roots))).collect()
    }
}

/// A list with the values by which a household's rows meet it.
type Wanted<'l> = (&'l List, Vec<Value>);

impl StoreRows<'_, '_> {
    /// Asks what the judgement of households will ask: what their ledgers hold, of which it was
    /// told whether they hold anything ([`Ahead::of_trees`]), what their rows refer to, and which
    /// lists hold one of their numbers.
    pub(super) fn ask_ahead<'a>(&self, ahead: &'a Ahead, roots: &[&RecordId], filled: &[bool]) {
        let mut there = Vec::new();
        for (ledger, is_filled) in ahead.ledgers.iter().zip(filled) {
            if *is_filled {
                there.push(ledger.as_str());
            } else {
                roots.iter().for_each(|root| self.note_empty(ledger, root));
            }
        }
        self.read_trees(&there, roots);
        let mut met: Vec<Meeting<'_>> = Vec::new();
        for (ledger, fields) in &ahead.own {
            met.extend(roots.iter().flat_map(|root| self.alike(ledger, fields, root)));
        }
        // Asked with nothing too where rows have no such value: the same text every time.
        let of_list = |list: &'a List| {
            let each = roots.iter().flat_map(|root| self.key_values(&list.own, root));
            (list, distinct(each))
        };
        let wanted: Vec<Wanted<'_>> = ahead.lists.iter().map(of_list).collect();
        let groups = vec![wanted.iter().map(asked_of).collect()];
        let answers = self.any_and_met(groups, met, self.referred(ahead, roots));
        let mut met: Vec<Meeting<'_>> = Vec::new();
        for ((list, values), is_there) in wanted.iter().zip(answers.into_iter().flatten()) {
            if is_there {
                let each = roots.iter().map(|root| self.meetings(&list.own, &list.other, root));
                met.extend(each.flatten());
            } else {
                self.note_absent(&list.other, values);
            }
        }
        self.any_and_met(Vec::new(), met, Vec::new());
    }

    /// The records elsewhere that rows of households refer to where rules follow, each ledger's in
    /// one question.
    fn referred<'a>(&self, ahead: &'a Ahead, roots: &[&RecordId]) -> Vec<(&'a str, Filter)> {
        let mut asked: BTreeMap<&str, BTreeSet<RecordId>> = BTreeMap::new();
        for Reference { ledger, field, other } in &ahead.references {
            for root in roots {
                let rows = match ledger.as_str() {
                    ROOT => self.row(ROOT, root).into_iter().collect(),
                    nested => self.nested(nested, root),
                };
                let ids = rows.into_iter().filter_map(|row| {
                    self.record(row).and_then(|record| record.reference(field).cloned())
                });
                asked.entry(other).or_default().extend(ids.filter(|id| !self.has(other, id)));
            }
        }
        let filter = |ids: BTreeSet<RecordId>| {
            let ids = ids.iter().map(|id| Value::Text(id.to_string()));
            Filter::In("id".to_owned(), ids.collect())
        };
        asked.retain(|_, ids| !ids.is_empty());
        asked.into_iter().map(|(other, ids)| (other, filter(ids))).collect()
    }

    /// How each row of the household meets a list.
    fn meetings<'l>(
        &self,
        own: &(String, String),
        (ledger, field): &'l (String, String),
        root: &RecordId,
    ) -> Vec<Meeting<'l>> {
        let each = self.key_values(own, root).into_iter();
        each.map(|values| (ledger.as_str(), vec![(field.clone(), values)])).collect()
    }

    /// How each row of the household meets rows of its own ledger.
    fn alike<'l>(&self, ledger: &'l str, fields: &[String], root: &RecordId) -> Vec<Meeting<'l>> {
        let parts = |record: &Record| {
            let part = |field: &String| Some((field.clone(), self.key_of(record, field)?));
            fields.iter().map(part).collect::<Option<Vec<_>>>()
        };
        let rows = self.nested(ledger, root).into_iter();
        let each = rows.filter_map(|row| parts(self.record(row)?.as_ref()));
        each.map(|parts| (ledger, parts)).collect()
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

fn distinct(each: impl Iterator<Item = Vec<Value>>) -> Vec<Value> {
    let mut distinct: Vec<Value> = Vec::new();
    for value in each.flatten() {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

fn asked_of<'l>((list, values): &Wanted<'l>) -> (&'l str, Filter) {
    let (ledger, field) = &list.other;
    (ledger.as_str(), Filter::In(field.clone(), values.clone()))
}
