//! The finding ledger: tabs with counts, filtered and sorted rows, keyset paging.

use super::FINDING;
use super::ledger_filter::{LedgerFilter, LedgerTab};
use crate::{Caller, Service, ServiceError};
use jiff::Span;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Action, StateKind};
use taizhang_flow::{DayCount, Light};
use taizhang_store::{Cursor, Filter, Query, Reader, Record};
use taizhang_values::{Date, RecordId, Value};

/// Near days if the codebook has no parameter for them (`ui.md` §5.6).
const NEAR_DAYS_DEFAULT: i64 = 7;
/// Parameter of the near days.
const NEAR_DAYS_PARAMETER: &str = "rect.near_due_days";
/// Fields in which the text of a filter is looked for.
const TEXT_FIELDS: [&str; 4] = ["number", "title", "problem", "keywords"];

/// One page of the ledger.
#[derive(Clone, Debug)]
pub struct LedgerList {
    /// Tabs with the number of rows in each, under the same filter.
    pub tabs: Vec<(LedgerTab, u64)>,
    /// Rows of the page.
    pub rows: Vec<LedgerRow>,
    /// Rows of all pages of this tab.
    pub total: u64,
    /// Mark of the next page.
    pub next: Option<Cursor>,
    /// Mark of the page before.
    pub previous: Option<Cursor>,
    /// Greatest number of days left that shows as near; told under the table.
    pub near_days: i64,
}

/// One row.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// The finding.
    pub record: Record,
    /// Its light.
    pub light: Light,
    /// Name of the lead unit.
    pub lead_unit: Option<String>,
    /// Names of the responsible units; as written in the letter where no unit is known.
    pub units: Vec<String>,
    /// Name of the person who does it.
    pub person: Option<String>,
    /// Number of measures.
    pub measure_count: usize,
    /// Number of evidence files.
    pub evidence_count: usize,
}

impl Service {
    /// A page of the ledger, of rows that the caller may read. An unreadable paging mark starts
    /// from the beginning.
    ///
    /// # Errors
    /// `Denied` if the caller may read no finding at all.
    pub fn ledger_list(
        &self,
        caller: &Caller,
        filter: &LedgerFilter,
    ) -> Result<LedgerList, ServiceError> {
        let rights = self.finding_rights(caller)?;
        let base = rights.and(self.chosen_filter(caller, filter)?);
        let sight = self.sight(caller, FINDING, Action::Read);
        let near_days = self.near_days();
        self.store.read(|reader| {
            let tabs = self.tab_counts(reader, &base, near_days, filter.text.is_some())?;
            let total = tabs.iter().find(|(tab, _)| *tab == filter.tab).map_or(0, |(_, n)| *n);
            let query = Query::new(FINDING)
                .filter(base.clone().and(self.tab_filter(filter.tab, near_days)?))
                .sort(&filter.sort, filter.is_descending)
                .limit(filter.size);
            let page = match reader.list(&query.clone().after(filter.after.clone())) {
                Err(taizhang_store::StoreError::BadCursor) => reader.list(&query),
                other => other,
            }?;
            Ok(LedgerList {
                rows: self.rows(reader, sight.all(page.records), near_days)?,
                tabs,
                total,
                next: page.next,
                previous: page.previous,
                near_days,
            })
        })
    }

    /// The filter of the rows that the caller may read.
    pub(crate) fn finding_rights(&self, caller: &Caller) -> Result<Filter, ServiceError> {
        self.read_filter(caller, FINDING, Action::Read)
            .ok_or_else(|| self.denied("finding.read", caller.home_region()))
    }

    /// Days left that count as near.
    pub(crate) fn near_days(&self) -> i64 {
        self.codebook()
            .parameter(NEAR_DAYS_PARAMETER, self.today(), None)
            .map_or(NEAR_DAYS_DEFAULT, |parameter| parameter.value)
    }

    /// The number of rows of every tab.
    fn tab_counts(
        &self,
        reader: &Reader<'_>,
        base: &Filter,
        near_days: i64,
        is_search: bool,
    ) -> Result<Vec<(LedgerTab, u64)>, ServiceError> {
        let question = format!("tabs {} {near_days} {base:?}", self.today());
        let count = || match is_search {
            true => self.count_found_tabs(reader, base, near_days),
            false => self.count_tabs(reader, base, near_days),
        };
        let counts = self.counts.get(reader, question, count)?;
        Ok(LedgerTab::ALL.into_iter().zip(counts).collect())
    }

    /// All tabs of a search: the rows must be looked at anyway, so one look counts everything.
    fn count_found_tabs(
        &self,
        reader: &Reader<'_>,
        base: &Filter,
        near_days: i64,
    ) -> Result<Vec<u64>, ServiceError> {
        let flow = self.finding_flow()?;
        let query = Query::new(FINDING).filter(base.clone());
        let ranges = [LedgerTab::Overdue, LedgerTab::Near]
            .map(|tab| self.tab_filter(tab, near_days))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let mut by_tab: BTreeMap<LedgerTab, u64> = BTreeMap::new();
        for (state, count, each) in reader.count_by_each(&query, "state", &ranges)? {
            let state = state.as_text().and_then(|name| flow.state(name));
            let kind = state.map_or(StateKind::Open, |state| state.kind);
            for tab in LedgerTab::ALL {
                let own = match (tab, each.as_slice()) {
                    (LedgerTab::All, _) => count,
                    (LedgerTab::Overdue, [overdue, _]) => *overdue,
                    (LedgerTab::Near, [_, near]) => *near,
                    _ if kinds_of(tab).contains(&kind) => count,
                    _ => 0,
                };
                *by_tab.entry(tab).or_default() += own;
            }
        }
        let counts = LedgerTab::ALL.iter().map(|tab| by_tab.get(tab).copied().unwrap_or(0));
        Ok(counts.collect())
    }

    /// All tabs: one grouped count by state, and two ranges of the due date.
    fn count_tabs(
        &self,
        reader: &Reader<'_>,
        base: &Filter,
        near_days: i64,
    ) -> Result<Vec<u64>, ServiceError> {
        let flow = self.finding_flow()?;
        let query = Query::new(FINDING).filter(base.clone());
        let mut by_kind: BTreeMap<StateKind, u64> = BTreeMap::new();
        for (state, count) in reader.count_by(&query, "state")? {
            let state = state.as_text().and_then(|name| flow.state(name));
            let kind = state.map_or(StateKind::Open, |state| state.kind);
            *by_kind.entry(kind).or_default() += count;
        }
        let of = |kinds: &[StateKind]| -> u64 {
            kinds.iter().filter_map(|kind| by_kind.get(kind)).sum()
        };
        let mut counts = Vec::with_capacity(LedgerTab::ALL.len());
        for tab in LedgerTab::ALL {
            let count = match tab {
                LedgerTab::All => by_kind.values().sum(),
                LedgerTab::Overdue | LedgerTab::Near => {
                    let filter = base.clone().and(self.tab_filter(tab, near_days)?);
                    reader.count(&Query::new(FINDING).filter(filter))?
                }
                _ => of(kinds_of(tab)),
            };
            counts.push(count);
        }
        Ok(counts)
    }

    /// The rows of a tab.
    pub(crate) fn tab_filter(
        &self,
        tab: LedgerTab,
        near_days: i64,
    ) -> Result<Filter, ServiceError> {
        if tab == LedgerTab::All {
            return Ok(Filter::All);
        }
        let states = Filter::In("state".to_owned(), self.states_of(kinds_of(tab))?);
        // Told by what it is not, so that the index of the date is walked in its order.
        let ended = self.states_of(&[StateKind::Closed, StateKind::Void])?;
        let running = Filter::Not(Box::new(Filter::In("state".to_owned(), ended)));
        let today = self.today();
        Ok(match tab {
            LedgerTab::Overdue => running.and(Filter::Less("due_on".to_owned(), today.into())),
            LedgerTab::Near => {
                let last = today.saturating_add(Span::new().days(near_days.clamp(0, 366)));
                running.and(due_between(today, last))
            }
            _ => states,
        })
    }

    /// The rows of a page's filter and tab, on all its pages.
    ///
    /// # Errors
    /// `Invalid` `V0101`, `V0102` for what the caller chose by a field that he does not see.
    pub(crate) fn ledger_rows_filter(
        &self,
        caller: &Caller,
        filter: &LedgerFilter,
    ) -> Result<Filter, ServiceError> {
        let chosen = self.chosen_filter(caller, filter)?;
        Ok(chosen.and(self.tab_filter(filter.tab, self.near_days())?))
    }

    /// What a filter says beside its tab, if the caller may choose by it.
    fn chosen_filter(
        &self,
        caller: &Caller,
        filter: &LedgerFilter,
    ) -> Result<Filter, ServiceError> {
        self.sight(caller, FINDING, Action::Read).permitted_sort(&filter.sort)?;
        self.permitted_filter(caller, FINDING, plain_filter(filter))
    }

    /// The light of a finding today.
    #[must_use]
    pub fn light(&self, record: &Record) -> Light {
        self.light_within(record, self.near_days())
    }

    fn light_within(&self, record: &Record, near_days: i64) -> Light {
        let due_on = record.get("due_on").as_date();
        let kind = self.state_kind(record);
        Light::of(kind, due_on, self.today(), near_days, DayCount::Calendar)
    }

    /// Rows with their lights, names and counts; a fixed number of queries for a page.
    pub(crate) fn rows(
        &self,
        reader: &Reader<'_>,
        records: Vec<Record>,
        near_days: i64,
    ) -> Result<Vec<LedgerRow>, ServiceError> {
        let ids: Vec<RecordId> = records.iter().map(|record| record.id.clone()).collect();
        let measures = reader.linked_many(FINDING, "measures", &ids)?;
        let evidence = reader.linked_many(FINDING, "evidence", &ids)?;
        let units = names(reader, "unit", records.iter().flat_map(unit_ids))?;
        let people = records.iter().filter_map(|record| record.reference("person").cloned());
        let people = names(reader, "user", people)?;
        let row = |record: Record| LedgerRow {
            light: self.light_within(&record, near_days),
            lead_unit: record.reference("lead_unit").and_then(|id| units.get(id).cloned()),
            units: unit_names(&record, &units),
            person: record.reference("person").and_then(|id| people.get(id).cloned()),
            measure_count: measures.get(&record.id).map_or(0, Vec::len),
            evidence_count: evidence.get(&record.id).map_or(0, Vec::len),
            record,
        };
        Ok(records.into_iter().map(row).collect())
    }
}

const fn kinds_of(tab: LedgerTab) -> &'static [StateKind] {
    match tab {
        LedgerTab::All => &[],
        LedgerTab::Open | LedgerTab::Overdue | LedgerTab::Near => {
            &[StateKind::Open, StateKind::Waiting, StateKind::LongTerm]
        }
        LedgerTab::Waiting => &[StateKind::Waiting],
        LedgerTab::LongTerm => &[StateKind::LongTerm],
        LedgerTab::Closed => &[StateKind::Closed],
        LedgerTab::Void => &[StateKind::Void],
    }
}

pub(crate) fn due_between(first: Date, last: Date) -> Filter {
    Filter::AtLeast("due_on".to_owned(), first.into())
        .and(Filter::AtMost("due_on".to_owned(), last.into()))
}

/// What a filter says beside its tab.
fn plain_filter(filter: &LedgerFilter) -> Filter {
    let mut parts = Vec::new();
    let texts = [
        ("category", &filter.category),
        ("topic", &filter.topic),
        ("source_kind", &filter.source_kind),
        ("source_level", &filter.source_level),
    ];
    parts.extend(
        texts.into_iter().filter_map(|(field, text)| Some(Filter::eq(field, text.as_deref()?))),
    );
    let ids = [
        ("inspection", &filter.inspection),
        ("parent", &filter.parent),
        ("created_by", &filter.created_by),
    ];
    parts.extend(ids.into_iter().filter_map(|(field, id)| Some(Filter::eq(field, id.as_ref()?))));
    if let Some(text) = &filter.text {
        let fields = TEXT_FIELDS.map(str::to_owned).to_vec();
        parts.push(Filter::AnyContains(fields, taizhang_values::fold_width(text)));
    }
    if !filter.ids.is_empty() {
        parts.push(Filter::In("id".to_owned(), filter.ids.iter().map(Value::from).collect()));
    }
    if !filter.states.is_empty() {
        let states = filter.states.iter().map(|state| Value::from(state.as_str()));
        parts.push(Filter::In("state".to_owned(), states.collect()));
    }
    if let Some(unit) = &filter.unit {
        let listed = Filter::ListHas("responsible_units".to_owned(), unit.to_string());
        parts.push(Filter::Or(vec![Filter::eq("lead_unit", unit), listed]));
    }
    if let Some(person) = &filter.person {
        let either = vec![Filter::eq("person", person), Filter::eq("leader", person)];
        parts.push(Filter::Or(either));
    }
    parts.extend(filter.region.clone().map(Filter::Under));
    let at_least = [("due_on", filter.due_from), ("closed_on", filter.closed_from)];
    parts.extend(
        at_least
            .into_iter()
            .filter_map(|(field, date)| Some(Filter::AtLeast(field.to_owned(), date?.into()))),
    );
    let at_most = [("due_on", filter.due_to), ("closed_on", filter.closed_to)];
    parts.extend(
        at_most
            .into_iter()
            .filter_map(|(field, date)| Some(Filter::AtMost(field.to_owned(), date?.into()))),
    );
    if filter.is_returned {
        parts.push(Filter::Greater("return_count".to_owned(), Value::Integer(0)));
    }
    if parts.is_empty() { Filter::All } else { Filter::And(parts) }
}

fn unit_ids(record: &Record) -> impl Iterator<Item = RecordId> + '_ {
    let joint = record.get("responsible_units").as_list().iter();
    let joint = joint.filter_map(|text| RecordId::parse(text));
    record.reference("lead_unit").cloned().into_iter().chain(joint)
}

pub(crate) fn unit_names(record: &Record, names: &BTreeMap<RecordId, String>) -> Vec<String> {
    let listed = record.get("responsible_units").as_list();
    let name = |text: &String| match RecordId::parse(text) {
        Some(id) => names.get(&id).cloned(),
        None => Some(text.clone()),
    };
    listed.iter().filter_map(name).collect()
}

/// Names of units or users by id, in one query.
pub(crate) fn names(
    reader: &Reader<'_>,
    ledger: &str,
    ids: impl Iterator<Item = RecordId>,
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let ids: Vec<RecordId> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let records = reader.get_many(ledger, &ids)?;
    Ok(records.into_iter().map(|(id, record)| (id, record.text("name").to_owned())).collect())
}
