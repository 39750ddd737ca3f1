//! What was judged against the doubts that stand: new ones open, mended ones close, the others
//! stay with what people said of them.

use super::judge::Hit;
use super::settle::by_pair;
use super::{DOUBT, status};
use crate::{Service, ServiceError};
use taizhang_store::{
    Change, Filter, NewRecord, Query, Reader, Record, StoreError, Values, Writer,
};
use taizhang_values::{Date, RecordId, Value, WorkingCalendar};

/// Records judged together.
const RECORDS_AT_ONCE: usize = 200;

/// Households judged together: what is read of them lies in memory.
const HOUSEHOLDS_AT_ONCE: usize = 16;

/// What turning over goes by, and which doubts it opened.
pub(super) struct Turning<'a> {
    calendar: &'a WorkingCalendar,
    run: Option<&'a RecordId>,
    pub(super) opened: Vec<Hit>,
}

impl<'a> Turning<'a> {
    pub(super) const fn new(calendar: &'a WorkingCalendar, run: Option<&'a RecordId>) -> Self {
        Self { calendar, run, opened: Vec::new() }
    }
}

/// How many doubts a run opened, kept and closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// Opened, those that an explained one came back as among them.
    pub opened: u64,
    /// Still standing.
    pub kept: u64,
    /// Closed.
    pub closed: u64,
}

impl Turnover {
    pub(super) fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.kept += other.kept;
        self.closed += other.closed;
    }
}

impl Service {
    /// Judges a household inside a running transaction and turns its doubts over: what was just
    /// written is judged before it is acknowledged.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn refresh_household(
        &self,
        writer: &Writer<'_>,
        household: &RecordId,
    ) -> Result<Turnover, ServiceError> {
        let turned = self.refresh_households(writer, std::slice::from_ref(household))?;
        Ok(turned.into_iter().next().unwrap_or_default())
    }

    /// [`Service::refresh_household`] for several, judged together and turned over in their order.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn refresh_households(
        &self,
        writer: &Writer<'_>,
        households: &[RecordId],
    ) -> Result<Vec<Turnover>, ServiceError> {
        let mut turned = Vec::with_capacity(households.len());
        for some in households.chunks(HOUSEHOLDS_AT_ONCE) {
            let judged = self.judge_households(writer, some, self.today())?;
            let calendar = self.calendar_with(judged.calendar)?;
            let mut turning = Turning::new(&calendar, None);
            for one in judged.households {
                turned.push(self.turn_over(writer, one.hits, one.standing, &mut turning)?);
            }
            if judged.is_watched {
                self.reopen_closed(writer, &turning.opened)?;
            }
        }
        Ok(turned)
    }

    /// Judges a record that belongs to no household and turns its doubts over.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn refresh_record(
        &self,
        writer: &Writer<'_>,
        ledger: &str,
        id: &RecordId,
    ) -> Result<Turnover, ServiceError> {
        self.refresh_records(writer, ledger, std::slice::from_ref(id))
    }

    /// Judges records of a ledger that belong to no household and turns their doubts over.
    ///
    /// # Errors
    /// Store errors only.
    pub(crate) fn refresh_records(
        &self,
        writer: &Writer<'_>,
        ledger: &str,
        ids: &[RecordId],
    ) -> Result<Turnover, ServiceError> {
        let mut turnover = Turnover::default();
        if ids.is_empty() || !self.rules().iter().any(|rule| rule.ledger == ledger) {
            return Ok(turnover);
        }
        let calendar = self.calendar_in(writer)?;
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            let hits = writer.for_judging(|reader| {
                let records = reader.get_many(ledger, ids)?;
                self.judge_records(reader, records.into_values().collect(), self.today())
            })?;
            let subjects = ids.iter().map(|id| id.to_string().into()).collect();
            let filter = Filter::eq("subject_ledger", ledger)
                .and(Filter::In("subject".to_owned(), subjects));
            let standing = standing(writer, filter)?;
            let mut turning = Turning::new(&calendar, None);
            turnover.add(self.turn_over(writer, hits, standing, &mut turning)?);
            self.reopen_closed(writer, &turning.opened)?;
        }
        Ok(turnover)
    }

    /// Opens, keeps and closes: `standing` are the open doubts of exactly what was judged.
    pub(super) fn turn_over(
        &self,
        writer: &Writer<'_>,
        hits: Vec<Hit>,
        standing: Vec<Record>,
        turning: &mut Turning<'_>,
    ) -> Result<Turnover, ServiceError> {
        let mut turnover = Turnover::default();
        let mut left = by_pair(standing);
        for hit in hits {
            let doubt = left.remove(&(hit.rule.clone(), hit.subject.to_string()));
            turnover.add(self.take_hit(writer, doubt, hit, turning)?);
        }
        for doubt in left.into_values() {
            let is_known = self.rules().iter().any(|rule| rule.code == doubt.text("rule"));
            self.close_doubt(writer, &doubt, if is_known { "mended" } else { "rule_changed" })?;
            turnover.closed += 1;
        }
        Ok(turnover)
    }

    /// Keeps the doubt that stands for a hit, or opens one.
    pub(super) fn take_hit(
        &self,
        writer: &Writer<'_>,
        doubt: Option<Record>,
        hit: Hit,
        turning: &mut Turning<'_>,
    ) -> Result<Turnover, ServiceError> {
        let today = self.today();
        let is_new = match doubt {
            Some(doubt) => self.keep_doubt(writer, &doubt, &hit, turning.calendar, today)?,
            None => {
                self.open_doubt(writer, &hit, turning, today)?;
                turning.opened.push(hit);
                true
            }
        };
        let (opened, kept) = (u64::from(is_new), u64::from(!is_new));
        Ok(Turnover { opened, kept, closed: 0 })
    }

    /// Closes a doubt; `reason` is a code of `doubt_close_reason`.
    pub(super) fn close_doubt(
        &self,
        writer: &Writer<'_>,
        doubt: &Record,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let values = Values::from([
            ("doubt_status".to_owned(), status::CLOSED.into()),
            ("closed_on".to_owned(), self.today().into()),
            ("close_reason".to_owned(), reason.into()),
        ]);
        let change = Change { values, ..Change::default() };
        writer.update(DOUBT, &doubt.id, doubt.version, change)?;
        Ok(())
    }

    fn open_doubt(
        &self,
        writer: &Writer<'_>,
        hit: &Hit,
        turning: &Turning<'_>,
        today: Date,
    ) -> Result<(), ServiceError> {
        let mut values = shown(hit);
        values.extend([
            ("rule".to_owned(), hit.rule.as_str().into()),
            ("subject_ledger".to_owned(), hit.ledger.as_str().into()),
            ("subject".to_owned(), hit.subject.to_string().into()),
            ("household".to_owned(), hit.household.as_ref().map_or(Value::Null, Value::from)),
            ("doubt_status".to_owned(), status::ASKED.into()),
            ("opened_on".to_owned(), today.into()),
            ("run".to_owned(), turning.run.map_or(Value::Null, Value::from)),
            ("due_on".to_owned(), self.due(&hit.rule, turning.calendar, today).into()),
        ]);
        let region = hit.region.clone();
        writer.insert(DOUBT, NewRecord { region, values, ..NewRecord::default() })?;
        Ok(())
    }

    /// A standing doubt stays as people left it, unless its evidence changed after it was answered:
    /// then it is asked again. True if it was.
    fn keep_doubt(
        &self,
        writer: &Writer<'_>,
        doubt: &Record,
        hit: &Hit,
        calendar: &WorkingCalendar,
        today: Date,
    ) -> Result<bool, ServiceError> {
        let is_same = doubt.text("evidence_key") == hit.evidence_key;
        let is_settled = doubt.text("doubt_status") != status::ASKED;
        let mut values = shown(hit);
        let asks_again = !is_same && is_settled;
        if asks_again {
            values.extend([
                ("doubt_status".to_owned(), status::ASKED.into()),
                ("answer".to_owned(), Value::Null),
                ("due_on".to_owned(), self.due(&hit.rule, calendar, today).into()),
            ]);
        }
        let is_changed = values.iter().any(|(field, value)| doubt.get(field) != value);
        if is_changed {
            let change = Change { values, ..Change::default() };
            writer.update(DOUBT, &doubt.id, doubt.version, change)?;
        }
        Ok(asks_again)
    }

    /// The day by which a rule wants an answer; none for hints.
    fn due(&self, rule: &str, calendar: &WorkingCalendar, today: Date) -> Option<Date> {
        let days = self.codebook().rules.get(rule)?.due_days?;
        Some(calendar.add_working_days(today, days))
    }
}

/// What of a hit may change while its doubt stands.
fn shown(hit: &Hit) -> Values {
    Values::from([
        ("severity".to_owned(), hit.severity.word().into()),
        ("message".to_owned(), hit.message.as_str().into()),
        ("evidence_key".to_owned(), hit.evidence_key.as_str().into()),
    ])
}

/// The question for doubts that are not closed.
pub(super) fn standing_query(filter: Filter) -> Query {
    let open = Filter::Not(Box::new(Filter::eq("doubt_status", status::CLOSED)));
    Query::new(DOUBT).filter(filter).filter(open).limit(1000)
}

/// Doubts that are not closed.
pub(super) fn standing(reader: &Reader<'_>, filter: Filter) -> Result<Vec<Record>, StoreError> {
    let mut found = Vec::new();
    let query = standing_query(filter);
    let mut after = None;
    loop {
        let page = reader.list(&query.clone().after(after))?;
        found.extend(page.records);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
