//! What rules read, and by which way: the places from the judged record on, and the fields there.
//! From that follows which records a save elsewhere concerns, and which texts a rule looks into.

use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, RelationKind};
use taizhang_rules::ir::{Comparison, Kind, Node, RowRef, RowsRef, RowsSource};
use taizhang_rules::{Rule, children};

/// One step on the way from a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hop {
    /// To the record that a reference field names.
    Reference(String),
    /// To the rows of a relation.
    Relation(String),
    /// To the other rows of the ledger with the same values in these fields.
    Same(Vec<String>),
}

/// A place that rules look at: steps from the judged record, each with the ledger it starts from,
/// and the ledger where they end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Steps, first to last.
    pub(crate) hops: Vec<(String, Hop)>,
    /// Ledger of the rows there.
    pub(crate) ledger: String,
}

/// How a field's value is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Only whether it is there, or as a key that is equal to another of the same field, or how
    /// many items a list has.
    Presence,
    /// Compared with another field for being equal.
    EqualTo(String, String),
    /// Any other way.
    Value,
}

/// A field that a rule reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// Where it stands.
    pub(crate) place: Place,
    /// Field.
    pub(crate) field: String,
    /// How it is used.
    pub(crate) used: Use,
}

/// Every field that decides what a rule says, with the way to it.
pub(crate) fn reads_of(codebook: &Codebook, rule: &Rule) -> Vec<Read> {
    let mut walk = Walk { codebook, reads: Vec::new() };
    let raises = rule.raises.iter().map(|raise| &raise.when);
    let nodes = rule.applies.iter().chain([&rule.violates]).chain(raises);
    for node in nodes {
        let own = Place { hops: Vec::new(), ledger: rule.ledger.clone() };
        walk.node(node, None, &mut vec![own]);
    }
    walk.reads
}

/// Fields by place.
pub(crate) fn places_of(reads: Vec<Read>) -> BTreeMap<Place, BTreeSet<String>> {
    let mut places: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for read in reads {
        places.entry(read.place).or_default().insert(read.field);
    }
    places
}

struct Walk<'c> {
    codebook: &'c Codebook,
    reads: Vec<Read>,
}

impl Walk<'_> {
    fn add(&mut self, place: &Place, field: &str, used: Use) {
        self.reads.push(Read { place: place.clone(), field: field.to_owned(), used });
    }

    fn node(&mut self, node: &Node, parent: Option<&Node>, scopes: &mut Vec<Place>) {
        match &node.kind {
            Kind::Field { row, field } => {
                let used = self.used(node, parent, scopes);
                self.field(row, field, used, scopes);
            }
            Kind::Has { row, field } | Kind::IdentityFact { row, field, .. } => {
                self.field(row, field, Use::Presence, scopes);
            }
            Kind::HasRow { row } => {
                let _ = self.follow(row, scopes);
            }
            Kind::Param { row, .. } => self.field(row, "region", Use::Value, scopes),
            Kind::Duplicates { row, fields, .. } => {
                if let Some(place) = self.follow(row, scopes) {
                    self.same(&place, fields);
                }
            }
            Kind::Reduce { rows, body, .. } => {
                self.reduce(rows, body, node, scopes);
                return;
            }
            _ => {}
        }
        for child in children(node) {
            self.node(child, Some(node), scopes);
        }
    }

    fn reduce(&mut self, rows: &RowsRef, body: &Node, node: &Node, scopes: &mut Vec<Place>) {
        let Some(from) = self.follow(&rows.row, scopes) else { return };
        let place = match &rows.source {
            RowsSource::Relation(name) => self.related(&from, name),
            RowsSource::Same(fields) => Some(self.same(&from, fields)),
        };
        let Some(place) = place else { return };
        let outer = scopes.clone();
        scopes.resize(rows.scope, place.clone());
        scopes.push(place);
        for part in rows.filter.iter().map(AsRef::as_ref).chain([body]) {
            self.node(part, Some(node), scopes);
        }
        *scopes = outer;
    }

    fn field(&mut self, row: &RowRef, field: &str, used: Use, scopes: &[Place]) {
        if let Some(place) = self.follow(row, scopes) {
            self.add(&place, field, used);
        }
    }

    /// The place of a row, after its reference fields were read.
    fn follow(&mut self, row: &RowRef, scopes: &[Place]) -> Option<Place> {
        let mut place = scopes.get(row.scope)?.clone();
        for field in &row.path {
            self.add(&place, field, Use::Presence);
            place = self.referred(&place, field)?;
        }
        Some(place)
    }

    fn referred(&self, place: &Place, field: &str) -> Option<Place> {
        let target = self.codebook.field(&place.ledger, field)?.ledger.clone()?;
        Some(place.beyond(Hop::Reference(field.to_owned()), &target))
    }

    fn same(&mut self, from: &Place, fields: &[String]) -> Place {
        let place = from.beyond(Hop::Same(fields.to_vec()), &from.ledger);
        for field in fields {
            self.add(from, field, Use::Presence);
            self.add(&place, field, Use::Presence);
        }
        place
    }

    fn related(&mut self, from: &Place, name: &str) -> Option<Place> {
        let relation = self.codebook.ledger(&from.ledger)?.relation(name)?;
        let place = from.beyond(Hop::Relation(name.to_owned()), &relation.ledger);
        match &relation.kind {
            RelationKind::Many => self.add(&place, relation.by.as_deref()?, Use::Presence),
            RelationKind::One => self.add(from, relation.by.as_deref()?, Use::Presence),
            RelationKind::Links => {}
            RelationKind::Key { on, through } => {
                let source = match through {
                    Some(through) => self.related(from, through)?,
                    None => from.clone(),
                };
                for (own, other) in on {
                    let there = Use::EqualTo(source.ledger.clone(), own.clone());
                    let here = Use::EqualTo(place.ledger.clone(), other.clone());
                    self.add(&source, own, here);
                    self.add(&place, other, there);
                }
            }
        }
        Some(place)
    }

    /// How the value of a field node is used by the node around it.
    fn used(&mut self, node: &Node, parent: Option<&Node>, scopes: &[Place]) -> Use {
        match parent.map(|parent| &parent.kind) {
            Some(Kind::ListSize(_)) => Use::Presence,
            Some(Kind::Compare {
                comparison: Comparison::Equal | Comparison::NotEqual,
                left,
                right,
            }) => {
                let other = if std::ptr::eq(left.as_ref(), node) { right } else { left };
                let Kind::Field { row, field } = &other.kind else { return Use::Value };
                let place = self.follow(row, scopes);
                place.map_or(Use::Value, |place| Use::EqualTo(place.ledger, field.clone()))
            }
            _ => Use::Value,
        }
    }
}

impl Place {
    fn beyond(&self, hop: Hop, ledger: &str) -> Self {
        let mut hops = self.hops.clone();
        hops.push((self.ledger.clone(), hop));
        Self { hops, ledger: ledger.to_owned() }
    }
}
