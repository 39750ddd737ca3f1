//! Taking the rows of a register workbook in: all in one transaction, judged before it ends.

use super::register_check::{json, notes_key, pass_input};
use super::register_pass::{RegisterCounts, RowChange, Writing};
use super::register_row::act_source;
use crate::jobs::{IMPORT_ROWS_AT_ONCE, JobOutcome};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Act, Change, Record, Values, Writer};
use taizhang_values::{RecordId, Value};

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
        let batch = self.waiting_batch(caller, &input.batch)?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let target = self.register_target(batch.text("layout"))?;
        self.require_target(caller, &target, &region)?;
        let mut notes = self.register_notes(&batch.id)?;
        let bytes = self.store.files().read_all(batch.text("file"))?;
        let kept = notes.clone();
        let pass = pass_input(caller, &target, &region, &kept, &bytes);
        let source = act_source(&target, &batch.id);
        let act = Act { source, ..self.act(caller, "import_batch.confirm", None) };
        let mut done = self.store.write(&act, |writer| {
            let dry = self.register_pass(writer, &pass, None, &mut |_| Ok(()))?;
            if !dry.lacking.is_empty() {
                return Err(lacking(&dry.lacking));
            }
            let size = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
            let (good, bad) = (dry.counts.rows_good, dry.counts.rows_bad);
            super::confirm::refuse(size(good), size(bad), input.good_only)?;
            let writing = Writing { writer, bad: &dry.bad, starts: dry.starts };
            let written = self.register_pass(writer, &pass, Some(&writing), &mut |_| Ok(()))?;
            let mut counts = written.counts;
            counts.rows_total = dry.counts.rows_total;
            counts.rows_bad = dry.counts.rows_bad;
            let mut done = ConfirmedRegister {
                counts,
                conflicts: written.conflicts,
                is_run: good > IMPORT_ROWS_AT_ONCE,
                ..ConfirmedRegister::default()
            };
            if !done.is_run {
                done.doubts = self.judge_touched(writer, &written.households)?;
                done.households_judged = written.households.len();
            }
            notes.made = written.made;
            notes.updated = written.updated;
            notes.counts = counts;
            let values = Values::from([
                ("status".to_owned(), "confirmed".into()),
                ("confirmed_at".to_owned(), self.now().into()),
            ]);
            let change = Change { values, ..Change::default() };
            writer.update("import_batch", &batch.id, input.version, change)?;
            writer.set_setting(&notes_key(&batch.id), &json(&notes)?)?;
            Ok::<_, ServiceError>(done)
        })?;
        // Whoever may not start a run leaves it to the nightly one.
        if done.is_run {
            match self.run_checks(caller, &region, &mut |done, total| {
                self.board.tell(
                    usize::try_from(done).unwrap_or(usize::MAX),
                    usize::try_from(total).unwrap_or(usize::MAX),
                );
            }) {
                Ok(report) => done.doubts = report.turnover.opened + report.turnover.kept,
                Err(ServiceError::Denied { .. }) => done.is_run = false,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
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
                self.judge_touched(writer, &live.into_keys().collect())?;
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
                ("close_reason".to_owned(), "mended".into()),
                ("household".to_owned(), Value::Null),
            ]);
            let change = Change { values, ..Change::default() };
            writer.update(crate::doubts::DOUBT, &doubt.id, doubt.version, change)?;
        }
        Ok(())
    }
}

fn lacking(heads: &[String]) -> ServiceError {
    let heads = heads.join("、");
    ServiceError::invalid(
        Diagnostic::error(
            "S0718",
            Message::new(
                format!("缺少必填的列：{heads}"),
                format!("required columns are missing: {heads}"),
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
