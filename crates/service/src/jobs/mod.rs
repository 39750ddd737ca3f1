//! Long acts behind the pages: reading a letter, a large import, a report, a large export.
//!
//! A job stands in the store before its asker gets an answer, so a restart takes it up again; the
//! page may be left. It runs with the rights that its asker has when it runs: who lost a right in
//! between gets the refusal. A job that was broken off looks first whether its act was done.
//!
//! A program that serves pages runs [`Service::work_off_jobs`] beside them.

mod progress;
mod run;

pub(crate) use progress::Board;

use crate::imports::ConfirmImport;
use crate::letters::UploadLetter;
use crate::report::MakeReport;
use crate::work::LedgerFilter;
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::time::{Duration, Instant};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Job, JobState};
use taizhang_values::{Date, RecordId, RegionCode, Timestamp};

/// Rows from which an export is better run as a job.
pub const EXPORT_ROWS_AT_ONCE: u64 = 5_000;
/// Rows from which an import is better confirmed as a job.
pub const IMPORT_ROWS_AT_ONCE: u64 = 500;
/// Size of a letter from which it is better read as a job, bytes.
pub const LETTER_BYTES_AT_ONCE: u64 = 512 * 1024;
/// Findings of an inspection from which its report is better made as a job.
pub const REPORT_ROWS_AT_ONCE: u64 = 300;
/// Jobs of one person that wait or run at once (`reliability.md` §5).
const JOBS_MAX: usize = 5;
/// Jobs listed.
const LISTED: usize = 50;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum JobRequest {
    /// Read a stored document as a letter ([`Service::upload_letter`]).
    ReadLetter {
        /// SHA-256 of the stored file.
        file: String,
        /// Name the file came with.
        file_name: String,
        /// Region to which it is addressed.
        region: RegionCode,
        /// Day it arrived.
        received_on: Option<Date>,
        /// Code of `source_kind`.
        source_kind: Option<String>,
        /// Code of `source_level`.
        source_level: Option<String>,
    },
    /// Take a checked workbook in ([`Service::confirm_import`]).
    ConfirmImport {
        /// The batch.
        batch: RecordId,
        /// Version that the page showed.
        version: i64,
        /// Take the good rows although others are bad.
        good_only: bool,
        /// Title of a new inspection.
        title: String,
        /// Its source kind.
        source_kind: String,
        /// Its source level.
        source_level: String,
    },
    /// Make a report ([`Service::make_report`]).
    MakeReport {
        /// Template.
        template: String,
        /// Inspection.
        inspection: RecordId,
        /// Who signs.
        issuer: Option<String>,
        /// Date of signature.
        date: Option<Date>,
    },
    /// Take the ledger out ([`Service::export_ledger`]).
    ExportLedger {
        /// The filter as in an address.
        filter: Vec<(String, String)>,
    },
    /// Judge every record of a region by every rule ([`Service::run_checks`]).
    RunChecks {
        /// Root of the region subtree.
        region: RegionCode,
    },
}

impl JobRequest {
    /// The kind of job in the store.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ReadLetter { .. } => "letter.read",
            Self::ConfirmImport { .. } => "import.confirm",
            Self::MakeReport { .. } => "report.make",
            Self::ExportLedger { .. } => "ledger.export",
            Self::RunChecks { .. } => "checks.run",
        }
    }

    /// Two requests with one key while the first still runs are one job.
    fn unique_key(&self) -> Option<String> {
        match self {
            Self::ConfirmImport { batch, .. } => Some(format!("import.confirm:{batch}")),
            Self::RunChecks { region } => Some(format!("checks.run:{region}")),
            _ => None,
        }
    }
}

impl From<&ConfirmImport> for JobRequest {
    fn from(input: &ConfirmImport) -> Self {
        Self::ConfirmImport {
            batch: input.batch.clone(),
            version: input.version,
            good_only: input.good_only,
            title: input.title.clone(),
            source_kind: input.source_kind.clone(),
            source_level: input.source_level.clone(),
        }
    }
}

impl From<&MakeReport> for JobRequest {
    fn from(input: &MakeReport) -> Self {
        Self::MakeReport {
            template: input.template.clone(),
            inspection: input.inspection.clone(),
            issuer: input.issuer.clone(),
            date: input.date,
        }
    }
}

impl From<&LedgerFilter> for JobRequest {
    fn from(filter: &LedgerFilter) -> Self {
        let pairs = filter.pairs().into_iter();
        Self::ExportLedger { filter: pairs.map(|(name, value)| (name.to_owned(), value)).collect() }
    }
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum JobOutcome {
    /// The letter with its proposed rows.
    Letter {
        /// Its record.
        id: RecordId,
        /// Number of proposed rows.
        rows: usize,
    },
    /// The import went in.
    Import {
        /// The inspection of the rows.
        inspection: RecordId,
        /// Number of findings made.
        findings: usize,
    },
    /// The rows of a register workbook went in.
    Register {
        /// The batch.
        batch: RecordId,
        /// Rows that went in.
        rows: u64,
    },
    /// The report, with what its text warns of.
    Report {
        /// Its record.
        id: RecordId,
        /// Warnings.
        warnings: Vec<Diagnostic>,
    },
    /// A file to take away ([`Service::job_file`]).
    File {
        /// SHA-256 of the stored file.
        file: String,
        /// Name to save it under.
        file_name: String,
        /// Rows in it.
        rows: usize,
    },
    /// A run of the rules.
    Run {
        /// Doubts opened.
        opened: u64,
        /// Doubts still standing.
        kept: u64,
        /// Doubts closed.
        closed: u64,
    },
    /// It was refused, or the program could not do it.
    Refused {
        /// Why, as on the page of the act.
        faults: Vec<Diagnostic>,
    },
}

/// A job as its asker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Its id.
    pub id: RecordId,
    /// Kind ([`JobRequest::kind`]).
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// What it came to, once it ended.
    pub outcome: Option<JobOutcome>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl JobView {
    /// True once it ended, well or not.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Done | JobState::Failed)
    }
}

/// What stands in the store.
#[derive(Serialize, Deserialize)]
struct Payload {
    source: String,
    request: JobRequest,
}

impl Service {
    /// Asks for a job. Rights are checked when it runs; what is plainly missing is refused here.
    ///
    /// # Errors
    /// `Denied` without the power that the act needs, `Invalid` when the caller has too many jobs
    /// already.
    pub fn start_job(
        &self,
        caller: &Caller,
        request: &JobRequest,
    ) -> Result<RecordId, ServiceError> {
        match request {
            JobRequest::ReadLetter { region, .. } => {
                self.require_create(caller, "letter", region)?;
            }
            JobRequest::ConfirmImport { batch, .. } => {
                self.visible(caller, "import_batch", batch)?;
            }
            JobRequest::MakeReport { .. } => self.require_power(caller, "report.make")?,
            JobRequest::ExportLedger { .. } => self.require_power(caller, "export.run")?,
            JobRequest::RunChecks { region } => {
                self.require_create(caller, "check_run", region)?;
            }
        }
        let running = self.own_jobs(caller)?.into_iter().filter(|job| !job.has_ended()).count();
        if running >= JOBS_MAX {
            return Err(ServiceError::invalid(
                Diagnostic::error(
                    "S0901",
                    Message::new(
                        format!("已有 {running} 项任务在办"),
                        format!("{running} jobs are under way already"),
                    ),
                )
                .help(Message::new("等其中一项办完再来", "wait until one of them has ended")),
            ));
        }
        let payload = Payload { source: caller.source.clone(), request: request.clone() };
        let payload = serde_json::to_string(&payload)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let act = self.act(caller, "job.ask", None);
        let id = self.store.write(&act, |writer| {
            let key = request.unique_key();
            let id = writer.enqueue(request.kind(), &payload, self.now(), key.as_deref())?;
            // Of two people who ask for one thing at a time the second would be led to a page that
            // is not his.
            let owner = writer.job(&id)?.and_then(|job| job.owner);
            if owner.as_ref() == Some(&caller.user) { Ok(id) } else { Err(already_asked()) }
        })?;
        self.board.ring();
        Ok(id)
    }

    /// Keeps a document and asks for it to be read as a letter.
    ///
    /// # Errors
    /// As [`Service::start_job`]; `TooLarge` over the limit of a letter.
    pub fn start_letter(
        &self,
        caller: &Caller,
        input: &UploadLetter,
        content: &mut dyn Read,
    ) -> Result<RecordId, ServiceError> {
        self.require_create(caller, "letter", &input.region)?;
        let file = self.store.files().put(content, crate::letters::LETTER_BYTES_MAX)?;
        let request = JobRequest::ReadLetter {
            file: file.hash,
            file_name: input.file_name.clone(),
            region: input.region.clone(),
            received_on: input.received_on,
            source_kind: input.source_kind.clone(),
            source_level: input.source_level.clone(),
        };
        self.start_job(caller, &request)
    }

    /// How far a job of the caller's is.
    ///
    /// # Errors
    /// `NotFound` for a job that is none or another person's.
    pub fn job_progress(&self, caller: &Caller, id: &RecordId) -> Result<JobView, ServiceError> {
        let job = self.store.read(|reader| reader.job(id))?;
        let own = job.filter(|job| job.owner.as_ref() == Some(&caller.user));
        own.map(|job| self.job_view(job)).ok_or(ServiceError::NotFound)
    }

    /// The same, but not before the job ended or some time went by: a short job then needs no page
    /// of its own.
    ///
    /// # Errors
    /// As [`Service::job_progress`].
    pub fn wait_for_job(
        &self,
        caller: &Caller,
        id: &RecordId,
        patience: Duration,
    ) -> Result<JobView, ServiceError> {
        let until = Instant::now() + patience;
        loop {
            let seen = self.board.ended();
            let view = self.job_progress(caller, id)?;
            let left = until.saturating_duration_since(Instant::now());
            if view.has_ended() || left.is_zero() {
                return Ok(view);
            }
            self.board.wait_for_end(seen, left);
        }
    }

    /// True while this program runs jobs ([`Service::work_off_jobs`]). Without that a long act is
    /// better done at once.
    #[must_use]
    pub fn runs_jobs(&self) -> bool {
        self.board.has_workers()
    }

    /// The caller's newest jobs.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn own_jobs(&self, caller: &Caller) -> Result<Vec<JobView>, ServiceError> {
        let jobs = self.store.read(|reader| reader.jobs_of(&caller.user, LISTED))?;
        Ok(jobs.into_iter().map(|job| self.job_view(job)).collect())
    }

    /// The file that a job made: its name and its bytes.
    ///
    /// # Errors
    /// `NotFound` if the job is another person's or made none; `Denied` if the caller may export
    /// no longer.
    pub fn job_file(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<(String, Vec<u8>), ServiceError> {
        match self.job_progress(caller, id)?.outcome {
            Some(JobOutcome::File { file, file_name, .. }) => {
                self.require_power(caller, "export.run")?;
                Ok((file_name, self.store.files().read_all(&file)?))
            }
            _ => Err(ServiceError::NotFound),
        }
    }

    fn job_view(&self, job: Job) -> JobView {
        let told = self.board.progress(&job.id);
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let (done, total) = match (job.state, told) {
            (JobState::Running, Some(told)) => told,
            _ => (count(job.done), count(job.total)),
        };
        let outcome = job.message.as_deref().and_then(|text| serde_json::from_str(text).ok());
        JobView {
            id: job.id,
            kind: job.kind,
            state: job.state,
            done,
            total,
            outcome,
            created_at: job.created_at,
            finished_at: job.finished_at,
        }
    }
}

fn already_asked() -> ServiceError {
    ServiceError::invalid(
        Diagnostic::error(
            "S0909",
            Message::new("别人已经在办同一项任务", "somebody else asked for the same job already"),
        )
        .help(Message::new("等它办完再看结果", "look at what it came to once it has ended")),
    )
}
