//! Taking the rows of a register workbook in: all in one transaction, judged before it ends.

use super::check::CheckImport;
use super::register_check::{OpenBatch, RegisterNotes, RegisterPreview, counted, json, notes_key};
use super::register_pass::{AGAIN, PassResult, RegisterCounts, RowChange, Writing};
use super::register_row::act_source;
use crate::jobs::{IMPORT_ROWS_AT_ONCE, JobOutcome};
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Act, Change, Record, Touched, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// What the clerk decides.
#[derive(Clone, Debug)]
pub struct ConfirmRegister {
    /// The batch.
    pub batch: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// Take the good rows although others are bad.
    pub good_only: bool,
}

/// How rows are taken in at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct TakeRegister {
    /// Take the good rows although others are bad.
    pub good_only: bool,
    /// Many rows are left to the nightly run, which judges them then.
    pub is_judged_later: bool,
}

/// What went in.
#[derive(Clone, Debug, Default)]
pub struct ConfirmedRegister {
    /// Rows by what they did.
    pub counts: RegisterCounts,
    /// The first fields that people had changed: they stayed.
    pub conflicts: Vec<RowChange>,
    /// Households judged in the same transaction.
    pub households_judged: usize,
    /// Doubts that stand against the households judged.
    pub doubts: u64,
    /// Too many rows to judge at once: a run over the region judged them afterwards.
    pub is_run: bool,
}

impl Service {
    /// Takes the rows of a register batch in. The same file a second time changes nothing; of a
    /// newer one only the fields that differ are written, and what people changed meanwhile stays.
    /// Every household touched is judged: within the transaction up to 500 rows, else by a run over
    /// the region afterwards.
    ///
    /// # Errors
    /// `Invalid` `S0604` when rows are bad and `good_only` is not set, `S0603` when no row is good,
    /// `S0718` when a required column is missing; `Conflict` when the batch changed meanwhile.
    pub fn confirm_register(
        &self,
        caller: &Caller,
        input: &ConfirmRegister,
    ) -> Result<ConfirmedRegister, ServiceError> {
        let opened = self.open_batch(caller, self.waiting_batch(caller, &input.batch)?)?;
        self.require_target(caller, &opened.target, &opened.region)?;
        let way = TakeRegister { good_only: input.good_only, ..TakeRegister::default() };
        let (mut done, _) = self.take_register(caller, &opened, input.version, way)?;
        self.run_after(caller, &opened.region, &mut done)?;
        Ok(done)
    }

    /// Checks a workbook and takes its rows in while they are read: what
    /// [`Service::check_register`] and [`Service::confirm_register`] do, in one reading. A file
    /// with bad rows stays a batch that waits, unless its good rows may go in alone.
    ///
    /// # Errors
    /// Those of [`Service::check_register`].
    pub fn import_register(
        &self,
        caller: &Caller,
        input: &CheckImport,
        way: TakeRegister,
        content: &mut dyn Read,
    ) -> Result<(RegisterPreview, Option<ConfirmedRegister>), ServiceError> {
        let batch = self.keep_register(caller, input, content)?;
        let id = batch.id.clone();
        let mut opened = self.open_batch(caller, batch)?;
        let version = opened.batch.version;
        match self.take_register(caller, &opened, version, way) {
            Ok((mut done, result)) => {
                if !way.is_judged_later {
                    self.run_after(caller, &opened.region, &mut done)?;
                }
                opened.batch = self.visible(caller, "import_batch", &id)?;
                opened.notes.counts = done.counts;
                Ok((self.shown_batch(caller, opened, result)?, Some(done)))
            }
            Err(ServiceError::Invalid(faults)) if faults.iter().all(is_refusal) => {
                let result = self.dry_run(caller, &opened)?;
                self.note_check(caller, "import_batch.check", &opened, &result.counts)?;
                opened.batch = self.visible(caller, "import_batch", &id)?;
                Ok((self.shown_batch(caller, opened, result)?, None))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the rows of a batch, all in one transaction. If the sheet turns out to have merged
    /// cells that change what was read, nothing is kept, and it is read once more.
    fn take_register(
        &self,
        caller: &Caller,
        opened: &OpenBatch<'_>,
        version: i64,
        way: TakeRegister,
    ) -> Result<(ConfirmedRegister, PassResult), ServiceError> {
        let source = act_source(&opened.target, &opened.batch.id);
        let act = Act { source, ..self.act(caller, "import_batch.confirm", None) };
        let once = |starts: u32| {
            self.store.write(&act, |writer| {
                let writing = Writing { writer, good_only: way.good_only, starts };
                let input = opened.input(caller);
                let mut result = self.register_pass(writer, &input, Some(writing), None)?;
                let done = self.end_batch(writer, (opened, version), way.good_only, &mut result)?;
                Ok((done, result))
            })
        };
        match once(1) {
            Err(ServiceError::Internal(text)) if text == AGAIN => once(2),
            other => other,
        }
    }

    /// What a batch did stands with it.
    fn end_batch(
        &self,
        writer: &Writer<'_>,
        (opened, version): (&OpenBatch<'_>, i64),
        good_only: bool,
        written: &mut PassResult,
    ) -> Result<ConfirmedRegister, ServiceError> {
        if !written.lacking.is_empty() {
            return Err(lacking(&written.lacking));
        }
        let counts = written.counts;
        super::confirm::refuse(size(counts.rows_good), size(counts.rows_bad), good_only)?;
        let mut done = ConfirmedRegister {
            counts,
            conflicts: written.conflicts.clone(),
            is_run: counts.rows_good > IMPORT_ROWS_AT_ONCE,
            ..ConfirmedRegister::default()
        };
        if !done.is_run {
            done.doubts = self.judge_touched(writer, &written.households)?;
            done.households_judged = written.households.len();
            self.refresh_written(writer, &touched(written), &written.households)?;
        }
        let notes = RegisterNotes {
            made: std::mem::take(&mut written.made),
            updated: std::mem::take(&mut written.updated),
            counts,
            ..opened.notes.clone()
        };
        let mut values = counted(&counts);
        values.insert("status".to_owned(), "confirmed".into());
        values.insert("confirmed_at".to_owned(), self.now().into());
        let (id, change) = (&opened.batch.id, Change { values, ..Change::default() });
        writer.update("import_batch", id, version, change)?;
        writer.set_setting(&notes_key(id), &json(&notes)?)?;
        Ok(done)
    }

    /// A run over the region, where too many rows came in to be judged at once. Whoever may not
    /// start a run leaves it to the nightly one.
    fn run_after(
        &self,
        caller: &Caller,
        region: &RegionCode,
        done: &mut ConfirmedRegister,
    ) -> Result<(), ServiceError> {
        if !done.is_run {
            return Ok(());
        }
        let tell = &mut |done, total| self.board.tell(size(done), size(total));
        match self.run_checks(caller, region, tell) {
            Ok(report) => done.doubts = report.turnover.opened + report.turnover.kept,
            Err(ServiceError::Denied { .. }) => done.is_run = false,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// [`Service::confirm_register`] as a job; `None` for a batch of findings.
    pub(crate) fn confirm_rows(
        &self,
        caller: &Caller,
        batch: &RecordId,
        version: i64,
        good_only: bool,
    ) -> Result<Option<JobOutcome>, ServiceError> {
        let record = self.visible(caller, "import_batch", batch)?;
        if !self.is_register_batch(&record) {
            return Ok(None);
        }
        let input = ConfirmRegister { batch: batch.clone(), version, good_only };
        let rows = self.confirm_register(caller, &input)?.counts.rows_good;
        Ok(Some(JobOutcome::Register { batch: batch.clone(), rows }))
    }

    /// Rows that a confirmed batch took in.
    pub(crate) fn confirmed_rows(&self, batch: &RecordId) -> Result<u64, ServiceError> {
        Ok(self.register_notes(batch)?.counts.rows_good)
    }

    fn judge_touched(
        &self,
        writer: &Writer<'_>,
        households: &BTreeSet<RecordId>,
    ) -> Result<u64, ServiceError> {
        let mut doubts = 0;
        for household in households {
            let turnover = self.refresh_household(writer, household)?;
            doubts += turnover.opened + turnover.kept;
        }
        Ok(doubts)
    }

    /// Removes what a register batch made and puts back what it changed; the history keeps both.
    pub(super) fn take_back_register(
        &self,
        caller: &Caller,
        batch: &Record,
        version: i64,
    ) -> Result<usize, ServiceError> {
        let mut notes = self.register_notes(&batch.id)?;
        let act = self.act(caller, "import_batch.take_back", None);
        self.store.write(&act, |writer| {
            let mut touched = Vec::new();
            let mut households = BTreeSet::new();
            let is_judged = notes.made.len() + notes.updated.len() <= size(IMPORT_ROWS_AT_ONCE);
            if is_judged {
                writer.watch();
            }
            for (ledger, id, after) in notes.updated.iter().rev() {
                self.put_back(writer, (ledger, id), *after, &mut touched, &mut households)?;
            }
            // Last made first, so that what refers goes before what is referred to.
            for (ledger, made) in notes.made.iter().rev() {
                let Some(record) = writer.get(ledger, made)? else { continue };
                if record.version > 1 {
                    touched.push(changed_since(self, &record));
                    continue;
                }
                households.extend(record.reference("household").cloned());
                self.close_doubts_of(writer, made)?;
                writer.delete(ledger, made, record.version)?;
            }
            if !touched.is_empty() {
                return Err(ServiceError::Invalid(touched));
            }
            if households.len() as u64 <= IMPORT_ROWS_AT_ONCE {
                let live = writer
                    .get_many("household", &households.iter().cloned().collect::<Vec<_>>())?;
                let live = live.into_keys().collect();
                self.judge_touched(writer, &live)?;
                self.refresh_written(writer, &writer.watched(), &live)?;
            }
            let values = Values::from([("status".to_owned(), "taken_back".into())]);
            let change = Change { values, ..Change::default() };
            writer.update("import_batch", &batch.id, version, change)?;
            let count = notes.made.len() + notes.updated.len();
            notes.made.clear();
            notes.updated.clear();
            writer.set_setting(&notes_key(&batch.id), &json(&notes)?)?;
            Ok(count)
        })
    }

    /// The values that a record had before the batch changed it.
    fn put_back(
        &self,
        writer: &Writer<'_>,
        (ledger, id): (&str, &RecordId),
        after: i64,
        touched: &mut Vec<Diagnostic>,
        households: &mut BTreeSet<RecordId>,
    ) -> Result<(), ServiceError> {
        let Some(record) = writer.get(ledger, id)? else { return Ok(()) };
        if record.version != after {
            touched.push(changed_since(self, &record));
            return Ok(());
        }
        let history = writer.for_judging(|reader| reader.history(ledger, id))?;
        let Some(version) = history.iter().find(|version| version.version == after) else {
            return Ok(());
        };
        let values: Values = version
            .changed
            .iter()
            .filter(|(field, ..)| field != "region" && field != "state")
            .map(|(field, old, _)| (field.clone(), old.clone()))
            .collect();
        let change = Change { values, ..Change::default() };
        let back = writer.update(ledger, id, after, change)?;
        let own = (ledger == "household").then(|| id.clone());
        households.extend(own.or_else(|| back.reference("household").cloned()));
        Ok(())
    }

    /// Doubts against a record that goes are closed with it.
    fn close_doubts_of(&self, writer: &Writer<'_>, id: &RecordId) -> Result<(), ServiceError> {
        use taizhang_store::{Filter, Query};
        let filter = Filter::eq("subject", Value::from(id.to_string()));
        let open = Filter::Not(Box::new(Filter::eq("doubt_status", "closed")));
        let query = Query::new(crate::doubts::DOUBT).filter(filter).filter(open).limit(1000);
        for doubt in writer.list(&query)?.records {
            let values = Values::from([
                ("doubt_status".to_owned(), "closed".into()),
                ("closed_on".to_owned(), self.today().into()),
                ("close_reason".to_owned(), "subject_gone".into()),
                ("household".to_owned(), Value::Null),
            ]);
            let change = Change { values, ..Change::default() };
            writer.update(crate::doubts::DOUBT, &doubt.id, doubt.version, change)?;
        }
        Ok(())
    }
}

/// What a reading wrote, each record once, with the version before its first change.
fn touched(written: &PassResult) -> Vec<Touched> {
    let mut first: BTreeMap<(&String, &RecordId), i64> = BTreeMap::new();
    let made = written.made.iter().map(|(ledger, id)| (ledger, id, 1));
    let updated = written.updated.iter().map(|(ledger, id, after)| (ledger, id, *after));
    for (ledger, id, after) in made.chain(updated) {
        let before = first.entry((ledger, id)).or_insert(after - 1);
        *before = (*before).min(after - 1);
    }
    let touched = first.into_iter().map(|((ledger, id), before)| Touched {
        ledger: ledger.clone(),
        id: id.clone(),
        before: Some(before),
    });
    touched.collect()
}

/// True for what is wrong with the rows, as against the file or the rights.
fn is_refusal(fault: &Diagnostic) -> bool {
    ["S0603", "S0604", "S0718"].contains(&fault.code.as_str())
}

fn size(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

fn lacking(heads: &[String]) -> ServiceError {
    let (zh, en) = (heads.join("、"), heads.join(", "));
    ServiceError::invalid(
        Diagnostic::error(
            "S0718",
            Message::new(
                format!("缺少必填的列：{zh}"),
                format!("required columns are missing: {en}"),
            ),
        )
        .help(Message::new(
            "在“对应列”里指明，或在表里补上这些列",
            "say which columns they are, or add them to the sheet",
        )),
    )
}

/// Names the record by its number, never by a person's name.
fn changed_since(service: &Service, record: &Record) -> Diagnostic {
    let ledger = service.codebook().ledger(&record.ledger);
    let label = ledger.map_or(record.ledger.as_str(), |ledger| ledger.label.zh.as_str());
    let number = ledger
        .and_then(|ledger| ledger.fields.iter().find(|field| field.is_unique))
        .map_or("", |field| record.text(&field.name));
    Diagnostic::error(
        "S0719",
        Message::new(
            format!("{label}`{number}`导入后已有人修改，不能整批撤回"),
            format!("`{number}` was changed since the import, the batch cannot be taken back"),
        ),
    )
    .help(Message::new("请逐条处理", "handle the rows one by one"))
}
