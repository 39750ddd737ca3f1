//! Judging records of the store by all rules.

use super::ahead::Ahead;
use super::refresh::{standing, standing_query};
use super::rows::{ROOT, StoreRows};
use super::settle::is_of_household;
use crate::work::{CALENDAR, FINDING};
use crate::{Service, ServiceError};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use taizhang_codebook::RuleSeverity;
use taizhang_diagnostics::Language;
use taizhang_rules::{Context, Outcome, RowId, Rows, Rule, judge, message_text, retold};
use taizhang_store::{Filter, Questions, Reader, Record};
use taizhang_values::{Date, RecordId, RegionCode};

/// A violated rule, before it is a doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Rule.
    pub(crate) rule: String,
    /// Ledger of the record.
    pub(crate) ledger: String,
    /// The record.
    pub(crate) subject: RecordId,
    /// Region of the record.
    pub(crate) region: Option<RegionCode>,
    /// The household it belongs to.
    pub(crate) household: Option<RecordId>,
    /// How grave.
    pub(crate) severity: RuleSeverity,
    /// What is told.
    pub(crate) message: String,
    /// Hash over the values that the rule used: another hash, other evidence.
    pub(crate) evidence_key: String,
}

/// Households as rules see them now, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The county's own days of the calendar, as they are stored.
    pub(super) calendar: Option<String>,
    /// A doubt that opens may open a closed finding again.
    pub(super) is_watched: bool,
    pub(super) households: Vec<JudgedHousehold>,
}

/// What rules find in a household, and the doubts that stand against it.
#[derive(Debug, Default)]
pub(super) struct JudgedHousehold {
    pub(super) hits: Vec<Hit>,
    pub(super) standing: Vec<Record>,
}

impl Service {
    /// What a doubt was told in Chinese, in English; `None` where its rule says something else by
    /// now.
    #[must_use]
    pub fn told_in_english(&self, rule: &str, told: &str) -> Option<String> {
        let rule = self.rules().iter().find(|known| known.code == rule)?;
        retold(self.codebook(), &rule.message, told)
    }

    /// The rules of the codebook, compiled when first asked for.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.rules.get_or_init(|| {
            let sources = self.codebook().rules.values();
            sources
                .filter_map(|source| taizhang_rules::compile(self.codebook(), source).ok())
                .collect()
        })
    }

    /// What judging a household asks ahead.
    fn ahead(&self) -> &Ahead {
        self.ahead.get_or_init(|| Ahead::of(self.codebook(), self.rules()))
    }

    /// Judges households with everything that belongs to them. What they all ask goes together, so
    /// that two take hardly more ways to the database than one.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn judge_households(
        &self,
        reader: &Reader<'_>,
        households: &[RecordId],
        as_of: Date,
    ) -> Result<Judged, ServiceError> {
        reader.for_judging(|reader| {
            let ids: Vec<&RecordId> = households.iter().collect();
            let trees = self.ahead().of_trees(&ids);
            let watched = self.watched_findings()?.map(|filter| (FINDING, filter));
            let has_watched = watched.is_some();
            let asked = Questions {
                settings: vec![CALENDAR],
                records: households.iter().map(|id| (ROOT, id)).collect(),
                any: vec![trees.into_iter().chain(watched).collect()],
                lists: households
                    .iter()
                    .map(|id| standing_query(Filter::eq(ROOT, id)).kept())
                    .collect(),
            };
            let answers = reader.ask(&asked)?;
            let rows = StoreRows::new(reader, self.codebook());
            let found: Vec<Option<RowId>> =
                answers.records.into_iter().map(|one| one.map(|one| rows.add(one))).collect();
            let roots = ids.iter().zip(&found).filter(|(_, found)| found.is_some());
            let roots: Vec<&RecordId> = roots.map(|(id, _)| *id).collect();
            let any = answers.any.first().map_or(&[][..], Vec::as_slice);
            rows.ask_ahead(self.ahead(), &roots, any);
            let calendar = answers.settings.into_iter().next().flatten();
            let is_watched = has_watched && any.last().copied().unwrap_or_default();
            let mut judged = Judged { calendar, is_watched, ..Judged::default() };
            let pages = answers.lists.into_iter().zip(households);
            for (root, (page, household)) in found.into_iter().zip(pages) {
                let mut one = JudgedHousehold::default();
                if let Some(root) = root {
                    one.hits = self.hits_of_household(&rows, household, root, as_of);
                }
                one.standing = match page.next {
                    None => page.records,
                    Some(_) => standing(reader, Filter::eq(ROOT, household))?,
                };
                one.standing.retain(|doubt| is_of_household(self, doubt));
                judged.households.push(one);
            }
            rows.fault().map_or(Ok(judged), |fault| Err(fault.into()))
        })
    }

    fn hits_of_household(
        &self,
        rows: &StoreRows<'_, '_>,
        household: &RecordId,
        root: RowId,
        as_of: Date,
    ) -> Vec<Hit> {
        let context = Context::new(self.codebook(), as_of);
        let mut hits = Vec::new();
        for rule in self.rules().iter().filter(|rule| rule.is_in_force(as_of)) {
            if rule.ledger == ROOT {
                hits.extend(hit_of(rule, root, rows, &context));
            } else if self.is_nested(&rule.ledger) {
                for row in rows.nested(&rule.ledger, household) {
                    hits.extend(hit_of(rule, row, rows, &context));
                }
            }
        }
        hits
    }

    /// Judges records of one ledger that is no part of a household.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn judge_records(
        &self,
        reader: &Reader<'_>,
        records: Vec<Record>,
        as_of: Date,
    ) -> Result<Vec<Hit>, ServiceError> {
        let rows = StoreRows::new(reader, self.codebook());
        let context = Context::new(self.codebook(), as_of);
        let mut hits = Vec::new();
        for record in records {
            let ledger = record.ledger.clone();
            let row = rows.add(record);
            let rules = self.rules().iter();
            for rule in rules.filter(|rule| rule.ledger == ledger && rule.is_in_force(as_of)) {
                hits.extend(hit_of(rule, row, &rows, &context));
            }
        }
        rows.fault().map_or(Ok(hits), |fault| Err(fault.into()))
    }

    /// True for ledgers whose records belong to a household.
    pub(crate) fn is_nested(&self, ledger: &str) -> bool {
        self.codebook().ledger(ledger).is_some_and(|l| l.nest.as_deref() == Some(ROOT))
    }
}

/// The violation of a rule by a record, if there is one, in words and with what it rests on.
pub(super) fn hit_of(
    rule: &Rule,
    row: RowId,
    rows: &StoreRows<'_, '_>,
    context: &Context<'_>,
) -> Option<Hit> {
    let judgement = judge(rule, row, rows, context);
    if judgement.outcome != Outcome::Violates {
        return None;
    }
    let record = rows.record(row)?;
    let household = if record.ledger == ROOT {
        Some(record.id.clone())
    } else {
        record.reference(ROOT).cloned()
    };
    Some(Hit {
        rule: rule.code.clone(),
        ledger: record.ledger.clone(),
        subject: record.id.clone(),
        region: region_of(rows, &record),
        household,
        severity: judgement.severity,
        message: message_text(&rule.message, row, rows, context, Language::Zh),
        evidence_key: evidence_key(rule, row, rows),
    })
}

/// Where a record lies: its own region, else that of its household.
pub(super) fn region_of(rows: &StoreRows<'_, '_>, record: &Record) -> Option<RegionCode> {
    if record.region.is_some() {
        return record.region.clone();
    }
    let household = rows.row(ROOT, record.reference(ROOT)?)?;
    rows.record(household)?.region.clone()
}

/// A hash over all values that the rule reads from this record on, in a fixed order. The values
/// themselves do not come out.
fn evidence_key(rule: &Rule, row: RowId, rows: &StoreRows<'_, '_>) -> String {
    let mut text = String::new();
    for used in &rule.uses {
        let mut at = vec![row];
        for step in &used.path {
            at = at
                .into_iter()
                .flat_map(|row| match rows.one(row, step) {
                    Some(one) => vec![one],
                    None => rows.many(row, step),
                })
                .collect();
        }
        let mut cells: Vec<String> =
            at.into_iter().map(|row| format!("{:?}", rows.field(row, &used.field))).collect();
        // Rows come in the order of the database, which is not that of their making everywhere.
        cells.sort_unstable();
        writeln!(text, "{} {} {}", used.path.join("."), used.field, cells.join("|"))
            .unwrap_or_default();
    }
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(16).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap_or_default();
        hex
    })
}
