//! Closing by rule: a finding may name the rules that see it, where, and since when. It is
//! accepted when they see nothing more, and opened again when they see it again.

use super::judge::Hit;
use super::{DOUBT, status};
use crate::paging::every;
use crate::work::{FINDING, Faults, responsible_persons};
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Action;
use taizhang_flow::take_by_itself;
use taizhang_store::{Change, Filter, NewRecord, Query, Reader, Record, Values, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value, shanghai_date};

/// What a finding is closed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionInput {
    /// The finding.
    pub finding: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// Codes of rules; none takes the criterion away.
    pub rules: Vec<String>,
    /// Where; the finding's own region if not said, without one its inspection's.
    pub region: Option<RegionCode>,
    /// The last day on which a new violation opens the closed finding again; without end if not
    /// said.
    pub until: Option<Date>,
}

/// How it stands with a criterion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriterionState {
    /// Rules.
    pub rules: Vec<String>,
    /// Region.
    pub region: Option<RegionCode>,
    /// Violating records now.
    pub open: u64,
    /// Doubts mended since the day on which the criterion was set.
    pub mended: u64,
    /// Open doubts at the end of each day since the finding was opened, or of the last
    /// 400 days.
    pub curve: Vec<CriterionDay>,
    /// The first rows.
    pub rows: Vec<Record>,
}

/// One day of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CriterionDay {
    /// Day.
    pub on: Date,
    /// Open doubts at its end.
    pub open: u64,
}

/// Rows shown beside a finding.
const ROWS_SHOWN: usize = 20;

/// The step by which a closed finding is opened again.
const REOPEN: &str = "reopen";

/// Findings that a rule closed, read at a time.
const FINDINGS_AT_ONCE: usize = 1_000;

/// Before any criterion.
const FIRST_DAY: Date = jiff::civil::date(1900, 1, 1);

/// Days of the curve at most.
const DAYS_SHOWN: i64 = 400;

impl Service {
    /// Sets or takes away the criterion of a finding that is not closed.
    ///
    /// # Errors
    /// `Invalid` `U0201` for a rule that there is not, `U0202` for a region outside the finding's,
    /// `U0204` for a last day that is over, `W0225` for a finding that has ended;
    /// `Conflict`, `NotFound`, `Denied` unless the caller keeps the ledger there.
    pub fn set_criterion(
        &self,
        caller: &Caller,
        input: &CriterionInput,
    ) -> Result<Record, ServiceError> {
        let finding = self.reachable(caller, FINDING, &input.finding, Action::Update)?;
        self.require_edit(caller, &finding, input.version)?;
        let mut faults = Faults::default();
        let unknown = input.rules.iter().find(|code| !self.codebook().rules.contains_key(*code));
        faults.check(
            unknown.is_some(),
            (FINDING, "criterion_rules"),
            "U0201",
            ("没有这条规则", "there is no such rule"),
        );
        let own = match (&finding.region, finding.reference("inspection")) {
            (None, Some(id)) => {
                let inspection = self.store.read(|reader| reader.get("inspection", id))?;
                inspection.and_then(|inspection| inspection.region)
            }
            (own, _) => own.clone(),
        };
        let region = input.region.clone().or_else(|| own.clone());
        let is_inside = match (&region, &own) {
            (Some(region), Some(own)) => region.is_under(own),
            _ => true,
        };
        faults.check(
            !is_inside,
            (FINDING, "criterion_region"),
            "U0202",
            ("范围要在问题所在地之内", "the region must lie within that of the finding"),
        );
        faults.check(
            input.until.is_some_and(|last| last < self.today()),
            (FINDING, "criterion_until"),
            "U0204",
            ("观察到的日期不能早于今天", "the last day is over already"),
        );
        faults.done()?;
        let is_set = !input.rules.is_empty();
        let region = region.filter(|_| is_set).map(|region| region.to_string());
        let since = is_set.then(|| self.today());
        let values = Values::from([
            ("criterion_rules".to_owned(), Value::List(input.rules.clone())),
            ("criterion_region".to_owned(), region.into()),
            ("criterion_since".to_owned(), since.into()),
            ("criterion_until".to_owned(), input.until.filter(|_| is_set).into()),
        ]);
        let act = self.act(caller, "finding.criterion", None);
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            Ok(writer.update(FINDING, &input.finding, input.version, change)?)
        })
    }

    /// How it stands with the criterion of a finding; none if it has none.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the finding.
    pub fn criterion_state(
        &self,
        caller: &Caller,
        finding: &RecordId,
    ) -> Result<Option<CriterionState>, ServiceError> {
        let finding = self.visible(caller, FINDING, finding)?;
        let Some(filter) = criterion_filter(&finding) else { return Ok(None) };
        let since = finding.get("criterion_since").as_date().unwrap_or_else(|| self.today());
        let opened = shanghai_date(finding.created_at).min(since);
        let rights = self.read_filter(caller, DOUBT, Action::Read);
        self.store.read(|reader| {
            let open_only = filter.clone().and(open());
            let query = Query::new(DOUBT).filter(open_only).limit(ROWS_SHOWN);
            let state = CriterionState {
                rules: finding.get("criterion_rules").as_list().to_vec(),
                region: criterion_region(&finding),
                open: reader.count(&query)?,
                mended: reader.count(&Query::new(DOUBT).filter(
                    filter.clone().and(Filter::AtLeast("closed_on".into(), since.into())),
                ))?,
                rows: match &rights {
                    Some(rights) => {
                        let own = query.clone().filter(rights.clone());
                        self.all_shown(caller, reader.list(&own)?.records)
                    }
                    None => Vec::new(),
                },
                curve: self.curve(reader, &filter, opened)?,
            };
            Ok(Some(state))
        })
    }

    /// The rules that close a finding and how many records violate them now; none without a
    /// criterion. Much less work than [`Self::criterion_state`].
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the finding.
    pub fn criterion_open(
        &self,
        caller: &Caller,
        finding: &RecordId,
    ) -> Result<Option<(Vec<String>, u64)>, ServiceError> {
        let finding = self.visible(caller, FINDING, finding)?;
        let Some(filter) = criterion_filter(&finding) else { return Ok(None) };
        let query = Query::new(DOUBT).filter(filter.and(open()));
        let open = self.store.read(|reader| reader.count(&query))?;
        Ok(Some((finding.get("criterion_rules").as_list().to_vec(), open)))
    }

    /// Open doubts at the end of each day.
    fn curve(
        &self,
        reader: &Reader<'_>,
        filter: &Filter,
        since: Date,
    ) -> Result<Vec<CriterionDay>, ServiceError> {
        let by_day = |field: &str| -> Result<BTreeMap<Date, i64>, ServiceError> {
            let counts = reader.count_by(&Query::new(DOUBT).filter(filter.clone()), field)?;
            let counts = counts.into_iter();
            Ok(counts
                .filter_map(|(day, count)| Some((day.as_date()?, i64::try_from(count).ok()?)))
                .collect())
        };
        let (opened, closed) = (by_day("opened_on")?, by_day("closed_on")?);
        let sum = |days: &BTreeMap<Date, i64>, until: Date| -> i64 {
            days.range(..=until).map(|(_, count)| count).sum()
        };
        let mut curve = Vec::new();
        let first = self.today().saturating_sub(jiff::Span::new().days(DAYS_SHOWN - 1));
        let mut day = since.max(first);
        while day <= self.today() {
            let open = sum(&opened, day) - sum(&closed, day);
            curve.push(CriterionDay { on: day, open: u64::try_from(open).unwrap_or(0) });
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(curve)
    }

    /// Refuses to accept or close a finding whose criterion a row still violates.
    pub(crate) fn require_criterion(
        &self,
        reader: &Reader<'_>,
        finding: &Record,
    ) -> Result<(), ServiceError> {
        let Some(filter) = criterion_filter(finding) else { return Ok(()) };
        let open = reader.count(&Query::new(DOUBT).filter(filter.and(open())))?;
        let mut faults = Faults::default();
        let words = (
            format!("还有 {open} 条记录违反销号规则，改好后才能验收"),
            format!("{open} records still violate the rules that close this finding"),
        );
        faults.check(
            open > 0,
            (FINDING, "criterion_rules"),
            "U0203",
            (words.0.as_str(), words.1.as_str()),
        );
        faults.done()
    }

    /// Findings that a doubt may open again: closed ones with a criterion. Most have none, and an
    /// index of the field knows those that have one: without it each doubt that opens has all
    /// closed findings looked through.
    pub(super) fn watched_findings(&self) -> Result<Option<Filter>, ServiceError> {
        let Some(step) = self.finding_flow()?.step(REOPEN) else { return Ok(None) };
        let closed = step.from.iter().map(|state| Value::from(state.as_str())).collect();
        let has_criterion = Filter::AtLeast("criterion_since".to_owned(), FIRST_DAY.into());
        Ok(Some(Filter::In("state".to_owned(), closed).and(has_criterion)))
    }

    /// Opens findings again that were closed by a rule which sees the fault again.
    pub(super) fn reopen_closed(
        &self,
        writer: &Writer<'_>,
        hits: &[Hit],
    ) -> Result<(), ServiceError> {
        let Some(watched) = self.watched_findings()? else { return Ok(()) };
        let rules: BTreeSet<&str> = hits.iter().map(|hit| hit.rule.as_str()).collect();
        let of_rule = |rule: &&str| {
            Query::new(FINDING)
                .filter(watched.clone())
                .filter(Filter::ListHas("criterion_rules".to_owned(), (*rule).to_owned()))
                .limit(FINDINGS_AT_ONCE)
        };
        let queries: Vec<Query> = rules.iter().map(of_rule).collect();
        let mut findings: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
        let pages = writer.list_each(&queries)?;
        for (rule, (page, query)) in rules.into_iter().zip(pages.into_iter().zip(queries)) {
            let found = if page.next.is_none() { page.records } else { every(writer, query)? };
            findings.insert(rule, found);
        }
        let mut reopened = BTreeSet::new();
        for hit in hits {
            for finding in findings.get(hit.rule.as_str()).into_iter().flatten() {
                let is_there = criterion_region(finding).is_none_or(|all| {
                    hit.region.as_ref().is_some_and(|place| place.is_under(&all))
                });
                let last = finding.get("criterion_until").as_date();
                let is_watched = last.is_none_or(|last| last >= self.today());
                if is_there && is_watched && reopened.insert(&finding.id) {
                    self.reopen_by_rule(writer, finding, hit)?;
                }
            }
        }
        Ok(())
    }

    /// Opens one finding again, with a look-back that names the rule.
    fn reopen_by_rule(
        &self,
        writer: &Writer<'_>,
        finding: &Record,
        hit: &Hit,
    ) -> Result<(), ServiceError> {
        let history = writer.history(FINDING, &finding.id)?;
        let situation = self.situation(writer, finding, &history)?;
        let calendar = self.calendar_in(writer)?;
        let context = self.flow_context(&calendar, finding.region.as_ref())?;
        let Some(taken) = take_by_itself(&context, REOPEN, &situation) else { return Ok(()) };
        let change = self.change_of(taken);
        let finding = &writer.update(FINDING, &finding.id, finding.version, change)?;
        let responsible: Vec<RecordId> = responsible_persons(finding).into_iter().collect();
        self.tell(writer, &responsible, "returned", finding, finding.get("due_on").as_date())?;
        let note = format!("规则 {} 又发现违反的记录，自动重新打开", hit.rule);
        let values = Values::from([
            ("finding".to_owned(), Value::from(&finding.id)),
            ("on".to_owned(), self.today().into()),
            ("result".to_owned(), "recurred".into()),
            ("note".to_owned(), note.into()),
        ]);
        let region = finding.region.clone();
        let entry = NewRecord { region, values, ..NewRecord::default() };
        writer.insert("look_back", entry)?;
        Ok(())
    }
}

/// Where a finding's criterion holds; everywhere in the ledger if neither says a region.
fn criterion_region(finding: &Record) -> Option<RegionCode> {
    let said = Some(finding.text("criterion_region")).filter(|code| !code.is_empty());
    said.and_then(RegionCode::parse).or_else(|| finding.region.clone())
}

/// Doubts of a finding's rules in its region; none without a criterion.
fn criterion_filter(finding: &Record) -> Option<Filter> {
    let rules = finding.get("criterion_rules").as_list();
    if rules.is_empty() {
        return None;
    }
    let rules = rules.iter().map(|rule| rule.as_str().into()).collect();
    let of_rules = Filter::In("rule".to_owned(), rules);
    Some(match criterion_region(finding) {
        Some(region) => of_rules.and(Filter::Under(region)),
        None => of_rules,
    })
}

/// Not closed. An explained doubt is still a violating row.
fn open() -> Filter {
    Filter::Not(Box::new(Filter::eq("doubt_status", status::CLOSED)))
}
