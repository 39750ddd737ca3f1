//! PostgreSQL by its wire protocol. Blocking: to be called from threads that may wait.
//!
//! Each question is a way to the server and back, which costs more than most answers. Writes whose
//! answer nobody needs now wait here and go with the next question, as the beginning of a
//! transaction does; questions that do not depend on each other go together and are answered in
//! turn.
//!
//! INVARIANT: what waits is sent before anything that is asked later, no write is sent before the
//! server said that the transaction has begun, and a transaction of which anything failed is not
//! committed: the fault of a write that waited is told at COMMIT at the latest.

use super::{Cell, Connection, Dialect, Row};
use crate::error::StoreError;
use crate::row_sql::values_sql;
use bytes::BytesMut;
use jiff::civil::Date;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use taizhang_values::Timestamp;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error, Statement};

/// Settings of every session. `synchronous_commit` is pinned because a server may be set up to
/// acknowledge before the disk has it.
const SETTINGS: &str = "
SET synchronous_commit = on;
SET client_min_messages = warning;
SET lock_timeout = '30s';
SET timezone = 'UTC';
SET jit = off;
";

/// Settings of the session that writes. What it asks while it judges is found by ids and keys,
/// whatever their values: planning a statement for its first values takes longer than running it.
const WRITING: &str = "SET plan_cache_mode = force_generic_plan";

/// Prepared statements kept by a connection; list filters make new texts now and then.
const STATEMENTS: usize = 2048;

/// Values in one statement; the protocol counts them in 16 bits.
const PARAMETERS_MAX: usize = 32_767;

/// Rows inserted by one statement.
const ROWS_MAX: usize = 128;

/// Begins a transaction that sees one state of the database.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Begins a transaction that writes. Writers queue on the row of the audit head, so READ COMMITTED
/// sees all that was committed before: no rule rests on an isolation level.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Days from 1970-01-01 to 2000-01-01, the zero of PostgreSQL's dates.
const EPOCH_DAYS: i64 = 10_957;

/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_MICROSECONDS: i64 = EPOCH_DAYS * 86_400_000_000;

/// Writes that wait at most; each holds its values.
const WAITING_MAX: usize = 64;

/// How long a session that ends may take to say so.
const CLOSING: Duration = Duration::from_secs(2);

/// An open line to a server: the driver runs on a small runtime of its own, whenever somebody waits
/// for an answer.
pub(super) struct Line {
    pub(super) client: Client,
    pub(super) runtime: Runtime,
    /// Carries bytes until the line is closed.
    pub(super) carrier: JoinHandle<()>,
}

/// A write that is sent with the next question.
struct Waiting {
    statement: Statement,
    cells: Vec<Cell>,
    /// Rows that it must touch.
    rows: Option<u64>,
}

/// A question that goes with the first one of a transaction.
struct Announced {
    sql: String,
    answer: Option<Vec<tokio_postgres::Row>>,
}

/// What came back: rows of a question, or the number of rows that a write touched.
enum Answer {
    Rows(Vec<tokio_postgres::Row>),
    Count(u64),
}

/// One PostgreSQL session.
pub(crate) struct PostgresConnection {
    url: String,
    /// `None` only while it is being dropped.
    line: Option<Line>,
    statements: HashMap<String, Statement>,
    waiting: Vec<Waiting>,
    announced: Option<Announced>,
    /// How the transaction begins, as long as the server was not told.
    opening: Option<&'static str>,
    /// The server was told of a transaction.
    is_in_transaction: bool,
    /// It writes nothing.
    is_reading: bool,
    /// A statement of this transaction failed: the server would turn COMMIT into ROLLBACK and
    /// report success.
    is_failed: bool,
    /// The server said that it ends the session; the client notices the closed line only later.
    is_lost: bool,
    /// It has the settings of a session that writes.
    is_writing: bool,
}

impl PostgresConnection {
    /// Connects and applies the settings.
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let line = super::tls::connect(url)?;
        let mut this = Self {
            url: url.to_owned(),
            line: Some(line),
            statements: HashMap::new(),
            waiting: Vec::new(),
            announced: None,
            opening: None,
            is_in_transaction: false,
            is_reading: false,
            is_failed: false,
            is_lost: false,
            is_writing: false,
        };
        this.batch(SETTINGS)?;
        Ok(this)
    }

    /// A new session in place of one that the server ended, for the transaction that was to begin.
    fn reopen(&mut self, opening: &'static str) -> Result<(), StoreError> {
        let mut new = Self::open(&self.url)?;
        new.opening = Some(opening);
        new.is_reading = self.is_reading;
        let announced = self.announced.take();
        new.announced = announced.map(|one| Announced { answer: None, ..one });
        // The old one closes its line as it is dropped.
        *self = new;
        Ok(())
    }

    fn line(&self) -> Result<&Line, StoreError> {
        self.line.as_ref().ok_or_else(|| StoreError::Database("connection closed".to_owned()))
    }

    /// Notes a failed statement and words the fault.
    fn failed(&mut self, error: &Error) -> StoreError {
        self.is_failed = true;
        self.is_lost |= is_end(error);
        fault(error)
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        self.prepare(&[sql])?;
        self.known(sql)
    }

    /// Statements of some texts. The texts are long and mostly known: each is looked up once.
    fn statements_of(&mut self, texts: &[&str]) -> Result<Vec<Statement>, StoreError> {
        let known = texts.iter().map(|sql| self.statements.get(*sql).cloned());
        if let Some(all) = known.collect::<Option<Vec<_>>>() {
            return Ok(all);
        }
        self.prepare(texts)?;
        // Preparing may have emptied a full memory, of these texts too.
        texts.iter().map(|sql| self.statement(sql)).collect()
    }

    /// A statement that was prepared.
    fn known(&self, sql: &str) -> Result<Statement, StoreError> {
        let statement = self.statements.get(sql).cloned();
        statement.ok_or_else(|| StoreError::Database("a statement was not prepared".to_owned()))
    }

    /// Prepares those of some statements that are new to this session, all in one way there and
    /// back.
    fn prepare(&mut self, texts: &[&str]) -> Result<(), StoreError> {
        let mut new: Vec<&str> = Vec::new();
        for sql in texts {
            if !self.statements.contains_key(*sql) && !new.contains(sql) {
                new.push(sql);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let Line { client, runtime, .. } = self.line()?;
        let numbered: Vec<String> = new.iter().map(|sql| number_placeholders(sql)).collect();
        let asked = numbered.iter().map(|sql| client.prepare(sql)).collect();
        let prepared = runtime.block_on(in_turn(asked));
        if self.statements.len() + new.len() > STATEMENTS {
            self.statements.clear();
        }
        for (sql, prepared) in new.into_iter().zip(prepared) {
            let statement = prepared.map_err(|error| self.failed(&error))?;
            self.statements.insert(sql.to_owned(), statement);
        }
        Ok(())
    }

    /// Sends what waits and then the questions, and takes the questions' rows. If the server ended
    /// the session while it was idle, which shows only now, the transaction begins in a new one.
    fn ask(
        &mut self,
        questions: &[(&str, &[Cell])],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, StoreError> {
        let opening = self.opening;
        match (self.ask_once(questions), opening) {
            (Err(_), Some(opening)) if !self.is_usable() => {
                self.reopen(opening)?;
                self.ask_once(questions)
            }
            (answers, _) => answers,
        }
    }

    fn ask_once(
        &mut self,
        questions: &[(&str, &[Cell])],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, StoreError> {
        let announced = self.announced.as_ref().filter(|one| one.answer.is_none());
        let announced = announced.map(|one| one.sql.clone());
        let first: Vec<&str> = announced.as_deref().into_iter().collect();
        let texts = questions.iter().map(|(sql, _)| *sql);
        let texts: Vec<&str> =
            self.opening.into_iter().chain(first.iter().copied()).chain(texts).collect();
        if texts.is_empty() && self.waiting.is_empty() {
            return Ok(Vec::new());
        }
        let mut statements = self.statements_of(&texts)?.into_iter();
        let opening = self.opening.and_then(|_| statements.next());
        let cells = first.iter().map(|_| [].as_slice());
        let cells = cells.chain(questions.iter().map(|(_, cells)| *cells));
        let asked: Vec<(Statement, &[Cell])> = statements.zip(cells).collect();
        self.is_in_transaction |= opening.is_some();
        self.opening = None;
        let mut found = self.send(opening, &asked)?;
        if let Some(announced) = self.announced.as_mut().filter(|_| !first.is_empty()) {
            announced.answer = (!found.is_empty()).then(|| found.remove(0));
        }
        Ok(found)
    }

    /// One way to the server and back: the beginning, what waits, the questions.
    fn send(
        &mut self,
        opening: Option<Statement>,
        questions: &[(Statement, &[Cell])],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, StoreError> {
        let opening = opening.map(|statement| Waiting { statement, cells: Vec::new(), rows: None });
        let waiting: Vec<Waiting> = opening.into_iter().chain(self.waiting.drain(..)).collect();
        let Line { client, runtime, .. } = self.line()?;
        let mut asked: Vec<Asked<'_>> = Vec::with_capacity(waiting.len() + questions.len());
        for write in &waiting {
            asked.push(Box::pin(count(client, &write.statement, &write.cells)));
        }
        for (statement, cells) in questions {
            asked.push(Box::pin(rows(client, statement, cells)));
        }
        let answers = runtime.block_on(in_turn(asked));
        let mut wanted = waiting.iter().map(|write| write.rows);
        let mut found = Vec::with_capacity(questions.len());
        for answer in answers {
            match answer.map_err(|error| self.failed(&error))? {
                Answer::Rows(rows) => found.push(rows),
                Answer::Count(count) => {
                    if wanted.next().flatten().is_some_and(|wanted| wanted != count) {
                        self.is_failed = true;
                        return Err(StoreError::Busy);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Tells the server that a transaction ends which wrote nothing, and does not wait for its
    /// word: whoever asks next does.
    fn let_go(&mut self) -> Result<(), StoreError> {
        let statement = self.statement("ROLLBACK")?;
        let Line { client, runtime, .. } = self.line()?;
        let end = client.execute(&statement, &[]);
        let told = runtime.block_on(async {
            let mut end = std::pin::pin!(end);
            let told = poll_fn(|context| Poll::Ready(end.as_mut().poll(context))).await;
            // Lets the carrier run, which puts the bytes on the line.
            tokio::task::yield_now().await;
            told
        });
        // What was read stays true if the line broke since; the session is not used again.
        self.is_lost |= matches!(told, Poll::Ready(Err(_)));
        Ok(())
    }
}

type Asked<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + 'a>>;

async fn count(client: &Client, statement: &Statement, cells: &[Cell]) -> Result<Answer, Error> {
    let values: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as _).collect();
    client.execute(statement, &values).await.map(Answer::Count)
}

async fn rows(client: &Client, statement: &Statement, cells: &[Cell]) -> Result<Answer, Error> {
    let values: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as _).collect();
    client.query(statement, &values).await.map(Answer::Rows)
}

/// Sends all questions in their order, then waits for the answers, which come in the same order.
/// The driver sends a question when it is first polled. One that it cannot send at all ends the
/// list, so that no COMMIT follows a write that never left.
async fn in_turn<T, F: Future<Output = Result<T, Error>>>(
    questions: Vec<F>,
) -> Vec<Result<T, Error>> {
    let mut open: std::collections::VecDeque<_> = questions.into_iter().map(Box::pin).collect();
    let mut first: Vec<Poll<Result<T, Error>>> = Vec::with_capacity(open.len());
    poll_fn(|context| {
        for question in &mut open {
            let answer = question.as_mut().poll(context);
            let is_over = matches!(answer, Poll::Ready(Err(_)));
            first.push(answer);
            if is_over {
                break;
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(first.len());
    for answered in first {
        let question = open.pop_front();
        match (answered, question) {
            (Poll::Ready(answer), _) => answers.push(answer),
            (Poll::Pending, Some(question)) => answers.push(question.await),
            (Poll::Pending, None) => {}
        }
    }
    answers
}

/// The driver's runtime must not be dropped on a thread that runs another one.
impl Drop for PostgresConnection {
    fn drop(&mut self) {
        self.statements.clear();
        self.waiting.clear();
        if let Some(line) = self.line.take() {
            let closer = std::thread::Builder::new().name("store-close".to_owned());
            let close = move || {
                let Line { client, runtime, carrier } = line;
                drop(client);
                // A failed close leaves nothing to do: the server ends the session itself.
                let _ = runtime.block_on(async { tokio::time::timeout(CLOSING, carrier).await });
            };
            if let Ok(handle) = closer.spawn(close) {
                let _ = handle.join();
            }
        }
    }
}

/// `?` becomes `$1`, `$2` …; our SQL never has a question mark in a literal.
fn number_placeholders(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut number = 0;
    for character in sql.chars() {
        if character == '?' {
            number += 1;
            text.push_str(&format!("${number}"));
        } else {
            text.push(character);
        }
    }
    text
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) if *column == Type::INT4 => {
                i32::try_from(*number)?.to_sql(column, out)
            }
            Self::Integer(number) => number.to_sql(column, out),
            Self::Boolean(truth) => truth.to_sql(column, out),
            Self::Text(texts) if *column == Type::TEXT_ARRAY => {
                let texts: Vec<&str> = Self::listed(texts).collect();
                texts.to_sql(column, out)
            }
            Self::Text(text) => text.as_str().to_sql(column, out),
            Self::Date(date) => days(*date)?.to_sql(&Type::INT4, out),
            Self::Instant(instant) => {
                instant.as_microsecond().saturating_sub(EPOCH_MICROSECONDS).to_sql(&Type::INT8, out)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn days(date: Date) -> Result<i32, Box<dyn std::error::Error + Sync + Send>> {
    let zero = jiff::civil::date(2000, 1, 1);
    Ok(date.since((jiff::Unit::Day, zero))?.get_days())
}

/// A cell as the server sends it, by the type of its column.
struct Received(Cell);

impl<'a> FromSql<'a> for Received {
    fn from_sql(
        column: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let cell = match *column {
            Type::BOOL => Cell::Boolean(bool::from_sql(column, raw)?),
            Type::INT8 => Cell::Integer(i64::from_sql(column, raw)?),
            Type::INT4 => Cell::Integer(i64::from(i32::from_sql(column, raw)?)),
            Type::DATE => {
                let count = i64::from(i32::from_sql(&Type::INT4, raw)?);
                let zero = jiff::civil::date(2000, 1, 1);
                Cell::Date(zero.checked_add(jiff::Span::new().try_days(count)?)?)
            }
            Type::TIMESTAMPTZ => {
                let count = i64::from_sql(&Type::INT8, raw)?;
                Cell::Instant(Timestamp::from_microsecond(
                    count.saturating_add(EPOCH_MICROSECONDS),
                )?)
            }
            _ => Cell::Text(String::from_sql(&Type::TEXT, raw)?),
        };
        Ok(Self(cell))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(column: &Type) -> bool {
        [Type::BOOL, Type::INT8, Type::INT4, Type::DATE, Type::TIMESTAMPTZ].contains(column)
            || <String as FromSql>::accepts(column)
    }
}

/// Rows as the store reads them.
fn received(rows: Vec<tokio_postgres::Row>) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut line = Vec::with_capacity(row.len());
        for position in 0..row.len() {
            let received: Received = row.try_get(position).map_err(|error| fault(&error))?;
            line.push(received.0);
        }
        found.push(Row::new(line));
    }
    Ok(found)
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        self.ask(&[])?;
        let statement = self.statement(sql)?;
        let Line { client, runtime, .. } = self.line()?;
        match runtime.block_on(count(client, &statement, cells)) {
            Ok(Answer::Count(count)) => Ok(count),
            Ok(Answer::Rows(_)) => Ok(0),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn later(&mut self, sql: &str, cells: Vec<Cell>, rows: Option<u64>) -> Result<(), StoreError> {
        if self.opening.is_some() {
            self.ask(&[])?;
        }
        let statement = self.statement(sql)?;
        self.waiting.push(Waiting { statement, cells, rows });
        if self.waiting.len() >= WAITING_MAX {
            self.ask(&[])?;
        }
        Ok(())
    }

    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[String],
        mut rows: &[Vec<Cell>],
    ) -> Result<(), StoreError> {
        // Each statement is a way to the server and back, so it carries many rows; powers of two,
        // so that there are few statements.
        let most = (PARAMETERS_MAX / columns.len().max(1)).clamp(1, ROWS_MAX);
        self.ask(&[])?;
        while !rows.is_empty() {
            let count = rows.len().min(most);
            let count = if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 };
            let (now, later) = rows.split_at(count);
            let statement = self.statement(&values_sql(table, columns, count))?;
            let values: Vec<&(dyn ToSql + Sync)> =
                now.iter().flatten().map(|cell| cell as _).collect();
            let Line { client, runtime, .. } = self.line()?;
            let result = runtime.block_on(client.execute(&statement, &values));
            result.map_err(|error| self.failed(&error))?;
            rows = later;
        }
        Ok(())
    }

    fn query(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let found = self.ask(&[(sql, cells)])?;
        found.into_iter().next().map_or_else(|| Ok(Vec::new()), received)
    }

    fn query_all(
        &mut self,
        questions: &[(String, Vec<Cell>)],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let asked: Vec<(&str, &[Cell])> =
            questions.iter().map(|(sql, cells)| (sql.as_str(), cells.as_slice())).collect();
        self.ask(&asked)?.into_iter().map(received).collect()
    }

    fn announce(&mut self, sql: &str) -> Result<(), StoreError> {
        self.announced = Some(Announced { sql: sql.to_owned(), answer: None });
        Ok(())
    }

    fn announced(&mut self, sql: &str) -> Result<Vec<Row>, StoreError> {
        if self.announced.as_ref().is_none_or(|one| one.sql != sql) {
            return self.query(sql, &[]);
        }
        // Mostly it went with the first question, and what waits since then can wait on.
        if self.announced.as_ref().is_none_or(|one| one.answer.is_none()) {
            self.ask(&[])?;
        }
        let answer = self.announced.as_ref().and_then(|one| one.answer.clone());
        received(answer.unwrap_or_default())
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.ask(&[])?;
        let Line { client, runtime, .. } = self.line()?;
        let result = runtime.block_on(client.batch_execute(sql));
        result.map_err(|error| self.failed(&error))
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        (self.opening, self.is_reading) = (Some(BEGIN_READ), true);
        Ok(())
    }

    fn begin_write(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        if !self.is_writing && self.batch(WRITING).is_ok() {
            self.is_writing = true;
        }
        (self.opening, self.is_reading) = (Some(BEGIN_WRITE), false);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.is_failed {
            return Err(StoreError::Database("a statement of this transaction failed".to_owned()));
        }
        if self.opening.is_some() {
            // Nothing was asked, so there is nothing to end.
            return self.rollback();
        }
        if self.waiting.iter().any(|write| write.rows.is_some()) {
            self.ask(&[])?;
        }
        // Goes with what waits. If any of that fails, the server passes over COMMIT or makes a
        // ROLLBACK of it; the transaction then ends with ours, and this tells what failed.
        self.later("COMMIT", Vec::new(), None)?;
        self.ask(&[])?;
        self.is_in_transaction = false;
        self.announced = None;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.waiting.clear();
        self.announced = None;
        self.opening = None;
        if self.is_in_transaction {
            if self.is_reading && !self.is_failed {
                self.let_go()?;
            } else {
                self.batch("ROLLBACK")?;
            }
            self.is_in_transaction = false;
        }
        self.is_failed = false;
        Ok(())
    }

    fn is_usable(&self) -> bool {
        !self.is_lost && self.line.as_ref().is_some_and(|line| !line.client.is_closed())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT column_name::text, data_type::text FROM information_schema.columns \
                   WHERE table_schema = current_schema() AND table_name = ? \
                   ORDER BY ordinal_position";
        let rows = self.query(sql, &[Cell::text(table)])?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT table_name::text FROM information_schema.tables \
                   WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' \
                   ORDER BY table_name";
        self.query(sql, &[])?.into_iter().map(|mut row| row.text()).collect()
    }
}

/// True if no further word on this connection will be answered: classes 08 (connection) and 57P
/// (server going down), and everything that is no answer of the server at all.
fn is_end(error: &Error) -> bool {
    match error.code() {
        Some(code) => code.code().starts_with("08") || code.code().starts_with("57P"),
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(|s| s.is::<std::io::Error>())
        }
    }
}

/// Keeps code, constraint and primary message; the server's detail line names stored values and
/// is left out.
pub(super) fn fault(error: &Error) -> StoreError {
    match error.as_db_error() {
        Some(db) if db.code().code() == "55P03" || db.code().code() == "40P01" => StoreError::Busy,
        Some(db) => StoreError::Database(format!(
            "{}: {} (constraint {})",
            db.code().code(),
            db.message(),
            db.constraint().unwrap_or("none")
        )),
        None => StoreError::Database(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::number_placeholders;

    #[test]
    fn placeholders_are_numbered_in_order() {
        assert_eq!(number_placeholders("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
    }
}
