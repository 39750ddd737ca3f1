//! What a full run found against the doubts that stand. Each pair of rule and record about which
//! something is to be done is judged once more as it is now: a record that was mended since the
//! snapshot was made opens nothing, and one that somebody has just spoiled is not closed.

use super::full::Found;
use super::judge::{Hit, hit_of, region_of};
use super::refresh::{Turning, Turnover, standing};
use super::rows::{ROOT, StoreRows};
use super::{DOUBT, status};
use crate::{Service, ServiceError};
use std::collections::{BTreeMap, HashSet};
use taizhang_rules::{Context, RowId, Rule};
use taizhang_store::{Act, Filter, Query, Reader, Record, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// Records whose doubts are turned over in one transaction: short enough not to hold up those who
/// work meanwhile.
const RECORDS_AT_ONCE: usize = 100;

/// Doubts read at a time.
const DOUBTS_AT_ONCE: usize = 500;

/// What a run is settled under.
pub(super) struct Settling<'a> {
    /// The act of the run.
    pub(super) act: &'a Act,
    /// The record of the run.
    pub(super) run: Option<&'a RecordId>,
    /// Region of the run.
    pub(super) region: &'a RegionCode,
    /// Day of judgement.
    pub(super) as_of: Date,
}

/// Rule and record of a doubt.
type Pair = (String, String);

impl Service {
    /// Opens, keeps and closes; also how many violations there are in the region.
    pub(super) fn settle(
        &self,
        settling: &Settling<'_>,
        found: &Found,
    ) -> Result<(Turnover, u64), ServiceError> {
        let mut turnover = Turnover::default();
        let mut confirmed: HashSet<Pair> = HashSet::new();
        let mut by_ledger: BTreeMap<&str, Vec<(&RecordId, &[usize])>> = BTreeMap::new();
        for ((ledger, record), rules) in &found.hits {
            by_ledger.entry(ledger).or_default().push((record, rules));
        }
        for (ledger, records) in by_ledger {
            for chunk in records.chunks(RECORDS_AT_ONCE) {
                let hits = self.settle_hits(settling, ledger, chunk, &mut turnover)?;
                confirmed.extend(hits);
            }
        }
        let count = confirmed.len() as u64;
        turnover.closed += self.close_gone(settling, &confirmed)?;
        Ok((turnover, count))
    }

    /// Opens or keeps the doubts of some records; the pairs that are violated indeed.
    fn settle_hits(
        &self,
        settling: &Settling<'_>,
        ledger: &str,
        records: &[(&RecordId, &[usize])],
        turnover: &mut Turnover,
    ) -> Result<Vec<Pair>, ServiceError> {
        let (pairs, turned) = self.store.write(settling.act, |writer| {
            let hits =
                writer.for_judging(|reader| self.confirm(reader, settling, ledger, records))?;
            let subjects = records.iter().map(|(id, _)| Value::from(id.to_string())).collect();
            let filter = Filter::eq("subject_ledger", ledger)
                .and(Filter::In("subject".to_owned(), subjects));
            let mut open = by_pair(standing(writer, filter)?);
            let calendar = self.calendar_in(writer)?;
            let mut turning = Turning::new(&calendar, settling.run);
            let mut turned = Turnover::default();
            let mut pairs = Vec::with_capacity(hits.len());
            for hit in hits {
                let pair = (hit.rule.clone(), hit.subject.to_string());
                let doubt = open.remove(&pair);
                turned.add(self.take_hit(writer, doubt, hit, &mut turning)?);
                pairs.push(pair);
            }
            self.reopen_closed(writer, &turning.opened)?;
            Ok::<_, ServiceError>((pairs, turned))
        })?;
        turnover.add(turned);
        Ok(pairs)
    }

    /// The violations among these pairs as the store is now, in the region of the run.
    fn confirm(
        &self,
        reader: &Reader<'_>,
        settling: &Settling<'_>,
        ledger: &str,
        records: &[(&RecordId, &[usize])],
    ) -> Result<Vec<Hit>, ServiceError> {
        let ids: Vec<RecordId> = records.iter().map(|(id, _)| (*id).clone()).collect();
        let mut there = reader.get_many(ledger, &ids)?;
        let rows = StoreRows::new(reader, self.codebook());
        let context = Context::new(self.codebook(), settling.as_of);
        let mut hits = Vec::new();
        for (id, rules) in records {
            let Some(record) = there.remove(*id) else { continue };
            if !region_of(&rows, &record).is_some_and(|own| own.is_under(settling.region)) {
                continue;
            }
            let row = rows.add(record);
            let rules = rules.iter().filter_map(|place| self.rules().get(*place));
            hits.extend(rules.filter_map(|rule| hit_of(rule, row, &rows, &context)));
        }
        rows.fault().map_or(Ok(hits), |fault| Err(fault.into()))
    }

    /// Closes the doubts of the region whose pair is violated no more.
    fn close_gone(
        &self,
        settling: &Settling<'_>,
        confirmed: &HashSet<Pair>,
    ) -> Result<u64, ServiceError> {
        let open = Filter::Not(Box::new(Filter::eq("doubt_status", status::CLOSED)));
        let query = Query::new(DOUBT)
            .filter(Filter::Under(settling.region.clone()))
            .filter(open)
            .sort("id", false)
            .limit(DOUBTS_AT_ONCE);
        let mut closed = 0;
        let mut after = None;
        loop {
            let page = self.store.read(|reader| reader.list(&query.clone().after(after)))?;
            let is_gone = |doubt: &&Record| !confirmed.contains(&pair_of(doubt));
            let gone: Vec<RecordId> =
                page.records.iter().filter(is_gone).map(|doubt| doubt.id.clone()).collect();
            for chunk in gone.chunks(RECORDS_AT_ONCE) {
                closed += self
                    .store
                    .write(settling.act, |writer| self.close_some(writer, settling, chunk))?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(closed);
            }
        }
    }

    fn close_some(
        &self,
        writer: &Writer<'_>,
        settling: &Settling<'_>,
        doubts: &[RecordId],
    ) -> Result<u64, ServiceError> {
        let mut closed = 0;
        let context = Context::new(self.codebook(), settling.as_of);
        let mut ended = Vec::new();
        writer.for_judging(|reader| {
            let rows = StoreRows::new(reader, self.codebook());
            for doubt in reader.get_many(DOUBT, doubts)?.into_values() {
                if doubt.text("doubt_status") == status::CLOSED {
                    continue;
                }
                if let Some(reason) = self.end_of(&rows, &doubt, &context)? {
                    ended.push((doubt, reason));
                }
            }
            rows.fault().map_or(Ok(()), |fault| Err(ServiceError::from(fault)))
        })?;
        for (doubt, reason) in ended {
            self.close_doubt(writer, &doubt, reason)?;
            closed += 1;
        }
        Ok(closed)
    }

    /// Why a doubt ends, if it does.
    fn end_of(
        &self,
        rows: &StoreRows<'_, '_>,
        doubt: &Record,
        context: &Context<'_>,
    ) -> Result<Option<&'static str>, ServiceError> {
        let rule = self.rules().iter().find(|rule| rule.code == doubt.text("rule"));
        let Some(rule) = rule else { return Ok(Some("rule_changed")) };
        let subject = RecordId::parse(doubt.text("subject"));
        let row = subject.and_then(|subject| rows.row(doubt.text("subject_ledger"), &subject));
        let Some(row) = row else { return Ok(Some("subject_gone")) };
        Ok((!violates(rule, row, rows, context)).then_some("mended"))
    }
}

fn violates(rule: &Rule, row: RowId, rows: &StoreRows<'_, '_>, context: &Context<'_>) -> bool {
    rule.is_in_force(context.as_of)
        && taizhang_rules::judge(rule, row, rows, context).outcome
            == taizhang_rules::Outcome::Violates
}

fn pair_of(doubt: &Record) -> Pair {
    (doubt.text("rule").to_owned(), doubt.text("subject").to_owned())
}

/// Standing doubts by rule and record.
pub(super) fn by_pair(doubts: Vec<Record>) -> BTreeMap<Pair, Record> {
    doubts.into_iter().map(|doubt| (pair_of(&doubt), doubt)).collect()
}

/// True for doubts about a household or what belongs to it.
pub(super) fn is_of_household(service: &Service, doubt: &Record) -> bool {
    let ledger = doubt.text("subject_ledger");
    ledger == ROOT || service.is_nested(ledger)
}
