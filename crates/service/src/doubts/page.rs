//! Reading doubts: lists, one doubt, a household's, counts by rule, what was mended in a week.

use super::rows::ROOT;
use super::{DOUBT, status};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::{Action, RuleSource};
use taizhang_store::{Cursor, Filter, Page, Query, Record};
use taizhang_values::{Date, RecordId, Value};

/// One doubt with what belongs to it.
#[derive(Clone, Debug)]
pub struct DoubtPage {
    /// The doubt.
    pub doubt: Record,
    /// Its rule, if the codebook still has it.
    pub rule: Option<RuleSource>,
    /// The record that it is about, masked, if the caller may see it.
    pub subject: Option<Record>,
    /// The household.
    pub household: Option<Record>,
    /// The caller may answer it.
    pub may_answer: bool,
    /// The caller may check its answer.
    pub may_check: bool,
}

/// Doubts of a household that are not closed, and how many were.
#[derive(Clone, Debug, Default)]
pub struct HouseholdDoubts {
    /// Standing ones, gravest first.
    pub standing: Vec<Record>,
    /// Number of those that were closed.
    pub closed: u64,
}

/// Counts of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// Rule.
    pub rule: String,
    /// Doubts that stand.
    pub open: u64,
    /// Of them waiting for an answer.
    pub asked: u64,
    /// Closed ones.
    pub closed: u64,
}

/// One line of what was mended (每周清零).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearedRow {
    /// Rule.
    pub rule: String,
    /// Region.
    pub region: String,
    /// Doubts closed in the time.
    pub closed: u64,
}

impl Service {
    /// Doubts that the caller may see, by a filter of his own, gravest and most urgent first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn doubts(
        &self,
        caller: &Caller,
        filter: Filter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let query =
            Query::new(DOUBT).filter(filter).sort("due_on", false).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// How many doubts pass a filter, among those the caller may see.
    ///
    /// # Errors
    /// Store errors only.
    pub fn count_doubts(&self, caller: &Caller, filter: Filter) -> Result<u64, ServiceError> {
        let Some(rights) = self.read_filter(caller, DOUBT, Action::Read) else { return Ok(0) };
        let filter = self.permitted_filter(caller, DOUBT, filter)?;
        let query = Query::new(DOUBT).filter(rights).filter(filter);
        Ok(self.store.read(|reader| reader.count(&query))?)
    }

    /// One doubt.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn doubt_page(&self, caller: &Caller, id: &RecordId) -> Result<DoubtPage, ServiceError> {
        let doubt = self.visible(caller, DOUBT, id)?;
        let subject = RecordId::parse(doubt.text("subject"))
            .and_then(|id| self.visible(caller, doubt.text("subject_ledger"), &id).ok());
        let household = doubt.reference(ROOT).and_then(|id| self.visible(caller, ROOT, id).ok());
        let is_open = doubt.text("doubt_status") == status::ASKED;
        let is_answered =
            [status::ANSWERED, status::PASSED_ON].contains(&doubt.text("doubt_status"));
        let is_own = doubt.reference("answered_by") == Some(&caller.user);
        Ok(DoubtPage {
            rule: self.codebook().rules.get(doubt.text("rule")).cloned(),
            may_answer: is_open && self.may(caller, &doubt, Action::Update),
            may_check: is_answered && !is_own && self.may_decide(caller, doubt.region.as_ref()),
            subject,
            household,
            doubt,
        })
    }

    /// The doubts of a household.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the household.
    pub fn household_doubts(
        &self,
        caller: &Caller,
        household: &RecordId,
    ) -> Result<HouseholdDoubts, ServiceError> {
        self.visible(caller, ROOT, household)?;
        let Some(rights) = self.read_filter(caller, DOUBT, Action::Read) else {
            return Ok(HouseholdDoubts::default());
        };
        let own = Filter::eq(ROOT, household).and(rights);
        let closed = Filter::eq("doubt_status", status::CLOSED);
        self.store.read(|reader| {
            let mut standing = super::refresh::standing(reader, own.clone())?;
            standing.sort_by_key(|doubt| std::cmp::Reverse(rank(doubt.text("severity"))));
            let closed = reader.count(&Query::new(DOUBT).filter(own.and(closed)))?;
            let standing = self.all_shown(caller, standing);
            Ok(HouseholdDoubts { standing, closed })
        })
    }

    /// Counts of every rule that has doubts which the caller may see.
    ///
    /// # Errors
    /// Store errors only.
    pub fn rule_counts(&self, caller: &Caller) -> Result<Vec<RuleCount>, ServiceError> {
        let Some(rights) = self.read_filter(caller, DOUBT, Action::Read) else {
            return Ok(Vec::new());
        };
        let query = Query::new(DOUBT).filter(rights);
        let further =
            [Filter::eq("doubt_status", status::CLOSED), Filter::eq("doubt_status", status::ASKED)];
        let counts = self.store.read(|reader| reader.count_by_each(&query, "rule", &further))?;
        let mut counts: Vec<RuleCount> = counts
            .into_iter()
            .map(|(rule, all, each)| {
                let closed = each.first().copied().unwrap_or(0);
                RuleCount {
                    rule: rule.to_string(),
                    open: all.saturating_sub(closed),
                    asked: each.get(1).copied().unwrap_or(0),
                    closed,
                }
            })
            .collect();
        counts.sort_by(|one, other| one.rule.cmp(&other.rule));
        Ok(counts)
    }

    /// What was mended between two days, by rule and village: never by person.
    ///
    /// # Errors
    /// Store errors only.
    pub fn cleared(
        &self,
        caller: &Caller,
        from: Date,
        until: Date,
    ) -> Result<Vec<ClearedRow>, ServiceError> {
        let Some(rights) = self.read_filter(caller, DOUBT, Action::Read) else {
            return Ok(Vec::new());
        };
        let time = Filter::AtLeast("closed_on".to_owned(), from.into())
            .and(Filter::AtMost("closed_on".to_owned(), until.into()))
            .and(Filter::eq("close_reason", "mended"));
        self.store.read(|reader| {
            let query = Query::new(DOUBT).filter(rights.clone()).filter(time.clone());
            let mut rows: BTreeMap<(String, String), u64> = BTreeMap::new();
            for (rule, _) in reader.count_by(&query, "rule")? {
                let of_rule = query.clone().filter(Filter::Eq("rule".to_owned(), rule.clone()));
                for (region, count) in reader.count_by(&of_rule, "region")? {
                    rows.insert((rule.to_string(), text(&region)), count);
                }
            }
            Ok(rows
                .into_iter()
                .map(|((rule, region), closed)| ClearedRow { rule, region, closed })
                .collect())
        })
    }
}

fn text(value: &Value) -> String {
    value.to_string()
}

/// Order of severities.
fn rank(severity: &str) -> usize {
    ["low", "medium", "high", "blocker"].iter().position(|word| *word == severity).unwrap_or(0)
}
