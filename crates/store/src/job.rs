//! Jobs that outlive the process: taken on a lease, so that a killed worker's job comes back.

use crate::codec::{record_id, without_nul};
use crate::driver::{Cell, Row, to_microsecond};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::writer::Writer;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use taizhang_values::{RecordId, Timestamp};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its moment or for a worker.
    Waiting,
    /// Taken by a worker until its lease ends.
    Running,
    /// Done.
    Done,
    /// Given up.
    Failed,
}

impl JobState {
    const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreError> {
        [Self::Waiting, Self::Running, Self::Done, Self::Failed]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| StoreError::Damaged("unknown state of a job".to_owned()))
    }
}

/// A piece of work to be done later or in steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: RecordId,
    /// Kind, by which a worker knows what to do.
    pub kind: String,
    /// What to do it with, as JSON. No personal data.
    pub payload: String,
    /// Not before this moment.
    pub run_at: Timestamp,
    /// At most one waiting or running job has this key.
    pub unique_key: Option<String>,
    /// How far it is.
    pub state: JobState,
    /// Until when its worker holds it.
    pub lease_until: Option<Timestamp>,
    /// How often it was taken.
    pub attempts: i64,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
    /// Last word of the worker, such as an error code.
    pub message: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
    /// Who asked for it: the actor of the act that made it.
    pub owner: Option<RecordId>,
}

const JOB: &str = "\"id\", \"kind\", \"payload\", \"run_at\", \"unique_key\", \"state\", \
     \"lease_until\", \"attempts\", \"done\", \"total\", \"message\", \"created_at\", \
     \"finished_at\", \"owner\"";

fn job(row: &mut Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: record_id(&row.text()?)?,
        kind: row.text()?,
        payload: row.text()?,
        run_at: row.instant()?,
        unique_key: row.optional_text()?,
        state: JobState::from_word(&row.text()?)?,
        lease_until: row.optional_instant()?,
        attempts: row.integer()?,
        done: row.integer()?,
        total: row.integer()?,
        message: row.optional_text()?,
        created_at: row.instant()?,
        finished_at: row.optional_instant()?,
        owner: row.optional_text()?.map(|id| record_id(&id)).transpose()?,
    })
}

impl Reader<'_> {
    /// A job by id.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn job(&self, id: &RecordId) -> Result<Option<Job>, StoreError> {
        let sql = format!("SELECT {JOB} FROM store_job WHERE \"id\" = ?");
        let row = self.connection().query_one(&sql, &[Cell::text(id.as_str())])?;
        row.map(|mut row| job(&mut row)).transpose()
    }

    /// The newest jobs, of one kind or of all.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn jobs(&self, kind: Option<&str>, limit: usize) -> Result<Vec<Job>, StoreError> {
        let (condition, cells) = match kind {
            Some(kind) => ("WHERE \"kind\" = ?", vec![Cell::text(kind)]),
            None => ("", Vec::new()),
        };
        let sql =
            format!("SELECT {JOB} FROM store_job {condition} ORDER BY \"id\" DESC LIMIT {limit}");
        let rows = self.connection().query(&sql, &cells)?;
        rows.into_iter().map(|mut row| job(&mut row)).collect()
    }

    /// The newest jobs of a person.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn jobs_of(&self, owner: &RecordId, limit: usize) -> Result<Vec<Job>, StoreError> {
        let sql = format!(
            "SELECT {JOB} FROM store_job WHERE \"owner\" = ? ORDER BY \"id\" DESC LIMIT {limit}"
        );
        let rows = self.connection().query(&sql, &[Cell::text(owner.as_str())])?;
        rows.into_iter().map(|mut row| job(&mut row)).collect()
    }
}

impl Writer<'_> {
    /// Asks for a job. With a unique key, a waiting or running job of that key is answered instead
    /// of making another.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn enqueue(
        &self,
        kind: &str,
        payload: &str,
        run_at: Timestamp,
        unique_key: Option<&str>,
    ) -> Result<RecordId, StoreError> {
        if let Some(key) = unique_key {
            let sql = "SELECT \"id\" FROM store_job \
                       WHERE \"unique_key\" = ? AND \"state\" IN ('waiting', 'running')";
            if let Some(mut row) = self.connection().query_one(sql, &[Cell::text(key)])? {
                return record_id(&row.text()?);
            }
        }
        let id = self.new_id()?;
        self.connection().execute(
            &format!(
                "INSERT INTO store_job ({JOB}) \
                 VALUES (?, ?, ?, ?, ?, 'waiting', ?, 0, 0, 0, ?, ?, ?, ?)"
            ),
            &[
                Cell::text(id.as_str()),
                Cell::text(kind),
                Cell::Text(without_nul(payload)),
                Cell::Instant(to_microsecond(run_at)),
                Cell::optional(unique_key),
                Cell::Null,
                Cell::Null,
                Cell::Instant(self.act().at),
                Cell::Null,
                Cell::optional(self.act().actor.as_ref().map(RecordId::as_str)),
            ],
        )?;
        Ok(id)
    }

    /// Takes the job that has been due longest: one that waits, or one whose worker's lease ended.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn take_due(&self, now: Timestamp, lease_seconds: i64) -> Result<Option<Job>, StoreError> {
        let now = to_microsecond(now);
        let sql = format!(
            "SELECT {JOB} FROM store_job WHERE (\"state\" = 'waiting' AND \"run_at\" <= ?) \
             OR (\"state\" = 'running' AND \"lease_until\" < ?) \
             ORDER BY \"run_at\", \"id\" LIMIT 1{}",
            self.for_update()
        );
        let row = self.connection().query_one(&sql, &[Cell::Instant(now), Cell::Instant(now)])?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        let mut taken = job(&mut row)?;
        let lease_until = lease(now, lease_seconds);
        taken.state = JobState::Running;
        taken.attempts = taken.attempts.saturating_add(1);
        taken.lease_until = Some(lease_until);
        self.connection().execute(
            "UPDATE store_job SET \"state\" = 'running', \"lease_until\" = ?, \"attempts\" = ? \
             WHERE \"id\" = ?",
            &[
                Cell::Instant(lease_until),
                Cell::Integer(taken.attempts),
                Cell::text(taken.id.as_str()),
            ],
        )?;
        Ok(Some(taken))
    }

    /// Notes how far a job is and prolongs its lease; `false` if it is no longer running.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn job_progress(
        &self,
        id: &RecordId,
        done: i64,
        total: i64,
        lease_seconds: i64,
    ) -> Result<bool, StoreError> {
        let count = self.connection().execute(
            "UPDATE store_job SET \"done\" = ?, \"total\" = ?, \"lease_until\" = ? \
             WHERE \"id\" = ? AND \"state\" = 'running'",
            &[
                Cell::Integer(done),
                Cell::Integer(total),
                Cell::Instant(lease(self.act().at, lease_seconds)),
                Cell::text(id.as_str()),
            ],
        )?;
        Ok(count == 1)
    }

    /// Marks a job as done.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn job_finish(&self, id: &RecordId, message: Option<&str>) -> Result<(), StoreError> {
        self.end_job(id, JobState::Done, message)
    }

    /// Gives a job up, or with `retry_at` lets it wait for another attempt.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn job_fail(
        &self,
        id: &RecordId,
        message: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let Some(retry_at) = retry_at else {
            return self.end_job(id, JobState::Failed, Some(message));
        };
        self.connection().execute(
            "UPDATE store_job SET \"state\" = 'waiting', \"run_at\" = ?, \"message\" = ?, \
             \"lease_until\" = ? WHERE \"id\" = ?",
            &[
                Cell::Instant(to_microsecond(retry_at)),
                Cell::Text(without_nul(message)),
                Cell::Null,
                Cell::text(id.as_str()),
            ],
        )?;
        Ok(())
    }

    fn end_job(
        &self,
        id: &RecordId,
        state: JobState,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        self.connection().execute(
            "UPDATE store_job SET \"state\" = ?, \"message\" = ?, \"finished_at\" = ?, \
             \"lease_until\" = ? WHERE \"id\" = ?",
            &[
                Cell::text(state.word()),
                Cell::optional(message.map(without_nul)),
                Cell::Instant(self.act().at),
                Cell::Null,
                Cell::text(id.as_str()),
            ],
        )?;
        Ok(())
    }
}

fn lease(from: Timestamp, seconds: i64) -> Timestamp {
    let until = from.checked_add(SignedDuration::from_secs(seconds.max(1)));
    to_microsecond(until.unwrap_or(from))
}
