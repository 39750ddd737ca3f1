//! Running what was asked for, one job a thread.

use super::{JobOutcome, JobRequest, Payload};
use crate::imports::ConfirmImport;
use crate::letters::UploadLetter;
use crate::report::MakeReport;
use crate::work::LedgerFilter;
use crate::{Caller, Service, ServiceError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Filter, Job, Query, Record};
use taizhang_values::{RecordId, RegionCode, Value};

/// How long a worker holds a job without a sign of life, seconds.
const LEASE_SECONDS: i64 = 60;
/// Between two signs of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Longest a worker sleeps; jobs of other programs on the same database ring no bell here.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// A job that broke the program off this often is given up.
const ATTEMPTS_MAX: i64 = 3;
/// Most bytes of an exported workbook.
const EXPORT_BYTES_MAX: u64 = 200 * 1024 * 1024;

impl Service {
    /// Runs jobs as they come until `is_over`. Call it from a thread that may wait; several may
    /// run at once.
    pub fn work_off_jobs(&self, is_over: &AtomicBool) {
        let _at_work = self.board.at_work();
        while !is_over.load(Ordering::Relaxed) {
            match self.run_next_job() {
                Ok(true) => {}
                Ok(false) => self.board.wait(LOOK_AGAIN),
                Err(error) => {
                    tracing::error!(%error, "a job could not be taken");
                    self.board.wait(LOOK_AGAIN);
                }
            }
        }
    }

    /// Runs the job that has been due longest; `false` if none is due.
    ///
    /// # Errors
    /// Faults of the store. What becomes of the job's own act stands in the job.
    pub fn run_next_job(&self) -> Result<bool, ServiceError> {
        let act = self.own_act("job.take");
        let taken = self.store.write(&act, |writer| writer.take_due(self.now(), LEASE_SECONDS))?;
        let Some(job) = taken else { return Ok(false) };
        let outcome = self.board.run(&job.id, || self.with_signs_of_life(&job));
        let failed = matches!(outcome, JobOutcome::Refused { .. });
        let text = serde_json::to_string(&outcome)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        self.store.write(&self.own_act("job.end"), |writer| match failed {
            true => writer.job_fail(&job.id, &text, None),
            false => writer.job_finish(&job.id, Some(&text)),
        })?;
        self.board.note_end();
        Ok(true)
    }

    /// Runs the act while another thread prolongs the lease and notes the progress.
    fn with_signs_of_life(&self, job: &Job) -> JobOutcome {
        let over = (std::sync::Mutex::new(false), std::sync::Condvar::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                use std::sync::PoisonError;
                let mut ended = over.0.lock().unwrap_or_else(PoisonError::into_inner);
                loop {
                    let waited = over.1.wait_timeout_while(ended, SIGN_OF_LIFE, |ended| !*ended);
                    ended = waited.unwrap_or_else(PoisonError::into_inner).0;
                    if *ended {
                        return;
                    }
                    self.sign_of_life(&job.id);
                }
            });
            let work = || self.run_job(job);
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            *over.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
            over.1.notify_all();
            ran.unwrap_or_else(|_| broken(0))
        })
    }

    fn sign_of_life(&self, job: &RecordId) {
        let (done, total) = self.board.progress(job).unwrap_or_default();
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let act = self.own_act("job.progress");
        let noted = self.store.write(&act, |writer| {
            writer.job_progress(job, count(done), count(total), LEASE_SECONDS)
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "the progress of a job could not be noted");
        }
    }

    fn run_job(&self, job: &Job) -> JobOutcome {
        if job.attempts > ATTEMPTS_MAX {
            return broken(job.attempts);
        }
        match self.carry_out_job(job) {
            Ok(outcome) => outcome,
            Err(error) => JobOutcome::Refused { faults: faults(error) },
        }
    }

    fn carry_out_job(&self, job: &Job) -> Result<JobOutcome, ServiceError> {
        let payload: Payload = serde_json::from_str(&job.payload)
            .map_err(|error| ServiceError::Internal(format!("stored job: {error}")))?;
        let caller = self.asker(job, &payload.source)?;
        if job.attempts > 1
            && let Some(outcome) = self.already_done(job, &payload.request)?
        {
            return Ok(outcome);
        }
        if let JobRequest::RunChecks { region } = &payload.request
            && job.attempts > 1
        {
            self.sweep_runs_of(&caller.user, region)?;
        }
        self.act_of(&caller, payload.request)
    }

    /// The person who asked, with the rights of now.
    fn asker(&self, job: &Job, source: &str) -> Result<Caller, ServiceError> {
        let user = job.owner.as_ref().ok_or(ServiceError::NotFound)?;
        if *user == self.operator().user {
            return Ok(self.operator());
        }
        let user = self.store.read(|reader| reader.get("user", user))?;
        let user = user.filter(|user| user.get("is_active").as_boolean() != Some(false));
        self.caller_of(&user.ok_or(ServiceError::NotSignedIn)?, source)
    }

    fn act_of(&self, caller: &Caller, request: JobRequest) -> Result<JobOutcome, ServiceError> {
        match request {
            JobRequest::ReadLetter {
                file,
                file_name,
                region,
                received_on,
                source_kind,
                source_level,
            } => {
                let input =
                    UploadLetter { file_name, region, received_on, source_kind, source_level };
                let letter = self.read_letter(caller, &input, &file)?;
                Ok(JobOutcome::Letter { id: letter.id, rows: letter.rows })
            }
            JobRequest::ConfirmImport {
                batch,
                version,
                good_only,
                title,
                source_kind,
                source_level,
            } => {
                if let Some(outcome) = self.confirm_rows(caller, &batch, version, good_only)? {
                    return Ok(outcome);
                }
                let input =
                    ConfirmImport { batch, version, good_only, title, source_kind, source_level };
                let taken = self.confirm_import(caller, &input)?;
                let (inspection, findings) = (taken.inspection, taken.findings);
                Ok(JobOutcome::Import { inspection, findings })
            }
            JobRequest::MakeReport { template, inspection, issuer, date } => {
                let input = MakeReport { template, inspection, issuer, date };
                let (report, warnings) = self.make_report(caller, &input)?;
                Ok(JobOutcome::Report { id: report.id, warnings })
            }
            JobRequest::ExportLedger { filter } => {
                let pairs = filter.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let book = self.export_ledger(caller, &LedgerFilter::parse(pairs))?;
                let stored =
                    self.store.files().put(&mut book.bytes.as_slice(), EXPORT_BYTES_MAX)?;
                let (file, file_name) = (stored.hash, book.file_name);
                Ok(JobOutcome::File { file, file_name, rows: book.rows })
            }
            JobRequest::RunChecks { region } => self.act_of_run(caller, &region),
        }
    }

    fn act_of_run(&self, caller: &Caller, region: &RegionCode) -> Result<JobOutcome, ServiceError> {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut tell = |done: u64, total: u64| self.board.tell(count(done), count(total));
        let turnover = self.run_checks(caller, region, &mut tell)?.turnover;
        let (opened, kept, closed) = (turnover.opened, turnover.kept, turnover.closed);
        Ok(JobOutcome::Run { opened, kept, closed })
    }

    /// What a broken-off attempt had done already: its act is one transaction, the note of its end
    /// another. An export leaves nothing but an audit line and is made again; a run of the rules
    /// opens nothing twice and is made again too.
    fn already_done(
        &self,
        job: &Job,
        request: &JobRequest,
    ) -> Result<Option<JobOutcome>, ServiceError> {
        let made = |ledger: &str, filter: Filter| -> Result<Option<Record>, ServiceError> {
            let owner = job.owner.as_ref().map(Value::from).unwrap_or_default();
            let filter = filter
                .and(Filter::Eq("created_by".to_owned(), owner))
                .and(Filter::AtLeast("created_at".to_owned(), job.created_at.into()));
            let query = Query::new(ledger).filter(filter).sort("created_at", false).limit(1);
            Ok(self.store.read(|reader| reader.list(&query))?.records.into_iter().next())
        };
        Ok(match request {
            JobRequest::ReadLetter { file, .. } => {
                let Some(letter) = made("letter", Filter::eq("file", file.as_str()))? else {
                    return Ok(None);
                };
                let rows = Query::new("letter_row").filter(Filter::eq("letter", &letter.id));
                let rows = self.store.read(|reader| reader.count(&rows))?;
                let rows = usize::try_from(rows).unwrap_or(usize::MAX);
                Some(JobOutcome::Letter { id: letter.id, rows })
            }
            JobRequest::ConfirmImport { batch, .. } => {
                let batch = self.store.read(|reader| reader.get("import_batch", batch))?;
                match batch.filter(|batch| batch.text("status") == "confirmed") {
                    Some(batch) if self.is_register_batch(&batch) => {
                        let rows = self.confirmed_rows(&batch.id)?;
                        Some(JobOutcome::Register { batch: batch.id, rows })
                    }
                    Some(batch) => self.confirmed_import(&batch)?.map(|taken| {
                        let (inspection, findings) = (taken.inspection, taken.findings);
                        JobOutcome::Import { inspection, findings }
                    }),
                    None => None,
                }
            }
            JobRequest::MakeReport { template, inspection, .. } => {
                let filter = Filter::eq("template", template.as_str())
                    .and(Filter::eq("inspection", inspection));
                made("report", filter)?
                    .map(|report| JobOutcome::Report { id: report.id, warnings: Vec::new() })
            }
            JobRequest::ExportLedger { .. } | JobRequest::RunChecks { .. } => None,
        })
    }
}

fn broken(attempts: i64) -> JobOutcome {
    tracing::error!(attempts, "a job broke off and is given up");
    let message = Message::new(
        "任务中途出错，没有办成，未留下半成品",
        "the job broke off and was given up; nothing is left half done",
    );
    let help = Message::new("请把编号告诉管理员", "tell the operator the number of the job");
    JobOutcome::Refused { faults: vec![Diagnostic::error("S0902", message).help(help)] }
}

/// A refusal in words that can be kept.
fn faults(error: ServiceError) -> Vec<Diagnostic> {
    let one = |code: &str, zh: &str, en: &str| vec![Diagnostic::error(code, Message::new(zh, en))];
    match error {
        ServiceError::Invalid(faults) => faults,
        ServiceError::Denied { granters, .. } => {
            let refused = Diagnostic::error(
                "S0903",
                Message::new("没有办这件事的权限", "the right for it is missing"),
            );
            let ask = Message::new(
                format!("可授权的人：{}", granters.join("、")),
                format!("can grant it: {}", granters.join(", ")),
            );
            vec![if granters.is_empty() { refused } else { refused.help(ask) }]
        }
        ServiceError::Conflict(_) => one(
            "S0904",
            "办理期间别人改动了同一条记录，请打开后重新提交",
            "somebody else changed the record meanwhile; open it and submit again",
        ),
        ServiceError::NotFound => one("S0905", "所指的记录已不在", "the record is gone"),
        ServiceError::NotSignedIn | ServiceError::MustChangePassword => {
            one("S0906", "提交人的账号已停用", "the account of the asker is not in use")
        }
        ServiceError::TooLarge { limit_bytes } => {
            let limit = limit_bytes >> 20;
            let message = Message::new(
                format!("文件超过上限 {limit} MiB"),
                format!("the file is over the limit of {limit} MiB"),
            );
            vec![Diagnostic::error("S0907", message)]
        }
        other => {
            tracing::error!(error = %other, "a job failed");
            one("S0908", "服务器出错，没有办成", "the server failed; nothing was done")
        }
    }
}
