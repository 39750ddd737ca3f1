//! One narrow interface over two databases: portable SQL with `?` placeholders and typed cells.

pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;

use crate::error::StoreError;
use jiff::civil::Date;
use taizhang_values::Timestamp;

/// Which database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The type of a column, the same in both databases up to spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Text,
    Integer,
    Boolean,
    Date,
    Instant,
}

impl ColumnType {
    /// The type's name in `CREATE TABLE`.
    pub(crate) const fn sql(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Text | Self::Date | Self::Instant, Dialect::Sqlite) => "TEXT",
            (Self::Integer | Self::Boolean, Dialect::Sqlite) => "INTEGER",
            (Self::Text, Dialect::Postgres) => "TEXT COLLATE \"C\"",
            (Self::Integer, Dialect::Postgres) => "BIGINT",
            (Self::Boolean, Dialect::Postgres) => "BOOLEAN",
            (Self::Date, Dialect::Postgres) => "DATE",
            (Self::Instant, Dialect::Postgres) => "TIMESTAMPTZ",
        }
    }

    /// A word for the table of columns and for messages.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Instant => "instant",
        }
    }

    /// The type of a word of [`ColumnType::word`].
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Text, Self::Integer, Self::Boolean, Self::Date, Self::Instant]
            .into_iter()
            .find(|known| known.word() == word)
    }
}

/// One value on its way to or from a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Boolean(bool),
    Text(String),
    Date(Date),
    /// Whole microseconds, the finest step that both databases keep.
    Instant(Timestamp),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Texts for `?::text[]` of PostgreSQL: each ends in a NUL. Those within a text are dropped as
    /// when it is stored, so that one text stays one.
    pub(crate) fn text_list(texts: &[String]) -> Self {
        let mut list = String::with_capacity(texts.iter().map(|text| text.len() + 1).sum());
        for text in texts {
            list.extend(text.split('\0'));
            list.push('\0');
        }
        Self::Text(list)
    }

    /// The texts of [`Cell::text_list`].
    pub(crate) fn listed(list: &str) -> impl Iterator<Item = &str> {
        list.split_terminator('\0')
    }

    pub(crate) fn optional(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }

    /// The same value in the form that a column of this type has, whatever database it comes from
    /// (SQLite hands out dates as text and truth as 0 and 1).
    pub(crate) fn into_type(self, column_type: ColumnType) -> Result<Self, StoreError> {
        let wrong = || StoreError::Damaged(format!("a column should hold {}", column_type.word()));
        match (column_type, self) {
            (_, Self::Null) => Ok(Self::Null),
            (ColumnType::Text, cell @ Self::Text(_))
            | (ColumnType::Integer, cell @ Self::Integer(_))
            | (ColumnType::Boolean, cell @ Self::Boolean(_))
            | (ColumnType::Date, cell @ Self::Date(_))
            | (ColumnType::Instant, cell @ Self::Instant(_)) => Ok(cell),
            (ColumnType::Boolean, Self::Integer(number)) => match number {
                0 => Ok(Self::Boolean(false)),
                1 => Ok(Self::Boolean(true)),
                _ => Err(wrong()),
            },
            (ColumnType::Date, Self::Text(text)) => {
                text.parse().map(Self::Date).map_err(|_| wrong())
            }
            (ColumnType::Instant, Self::Text(text)) => {
                text.parse().map(Self::Instant).map_err(|_| wrong())
            }
            _ => Err(wrong()),
        }
    }
}

/// The instant cut to whole microseconds.
pub(crate) fn to_microsecond(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// The text of an instant in SQLite: fixed width, so that text order is time order.
pub(crate) fn instant_text(instant: Timestamp) -> String {
    format!("{instant:.6}")
}

/// `2026-11-22` in ASCII; `None` for a year before the first.
pub(crate) fn date_digits(date: Date) -> Option<[u8; 10]> {
    let year = u16::try_from(date.year()).ok()?;
    let digit = |number: u16| b'0' + u8::try_from(number % 10).unwrap_or(0);
    let pair = |number: i8| u16::from(number.unsigned_abs());
    let (month, day) = (pair(date.month()), pair(date.day()));
    let [a, b, c, d] = [1000, 100, 10, 1].map(|unit| digit(year / unit));
    let [e, f] = [10, 1].map(|unit| digit(month / unit));
    let [g, h] = [10, 1].map(|unit| digit(day / unit));
    Some([a, b, c, d, b'-', e, f, b'-', g, h])
}

/// One row, read from the left.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// The next cell in the given type.
    pub(crate) fn next_as(&mut self, column_type: ColumnType) -> Result<Cell, StoreError> {
        self.raw()?.into_type(column_type)
    }

    /// The next cell as the database gave it.
    pub(crate) fn raw(&mut self) -> Result<Cell, StoreError> {
        self.0.next().ok_or_else(|| StoreError::Damaged("a row is too short".to_owned()))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(missing)
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.next_as(ColumnType::Text)? {
            Cell::Text(text) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    pub(crate) fn integer(&mut self) -> Result<i64, StoreError> {
        self.optional_integer()?.ok_or_else(missing)
    }

    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next_as(ColumnType::Integer)? {
            Cell::Integer(number) => Ok(Some(number)),
            _ => Ok(None),
        }
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, StoreError> {
        match self.next_as(ColumnType::Boolean)? {
            Cell::Boolean(truth) => Ok(truth),
            _ => Err(missing()),
        }
    }

    pub(crate) fn instant(&mut self) -> Result<Timestamp, StoreError> {
        self.optional_instant()?.ok_or_else(missing)
    }

    pub(crate) fn optional_instant(&mut self) -> Result<Option<Timestamp>, StoreError> {
        match self.next_as(ColumnType::Instant)? {
            Cell::Instant(instant) => Ok(Some(instant)),
            _ => Ok(None),
        }
    }
}

fn missing() -> StoreError {
    StoreError::Damaged("a column that must be filled is empty".to_owned())
}

/// What rows to insert hold in common.
pub(crate) struct Alike<'a> {
    /// Quoted names.
    pub(crate) columns: &'a [String],
    /// A cell for each.
    pub(crate) cells: &'a [Cell],
}

/// An open connection. Not shared between threads at once.
pub(crate) trait Connection: Send {
    fn dialect(&self) -> Dialect;

    /// Runs one statement; the number of rows touched.
    fn execute(&mut self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError>;

    /// Runs a statement of which nothing is wanted but that it works and touches `rows` rows, if
    /// that is said; it may be sent with a later one, whose error then tells its fault.
    fn later(&mut self, sql: &str, cells: Vec<Cell>, rows: Option<u64>) -> Result<(), StoreError> {
        let count = self.execute(sql, &cells)?;
        if rows.is_none_or(|rows| rows == count) { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// Inserts rows of a table, each as long as `columns` (quoted names).
    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Vec<Cell>],
    ) -> Result<(), StoreError>;

    /// Inserts rows of a table that hold the same in some columns: these with their cells, then
    /// the columns of the rows. The rows are as they were afterwards.
    fn insert_alike(
        &mut self,
        table: &str,
        alike: &Alike<'_>,
        columns: &[String],
        rows: &mut [Vec<Cell>],
    ) -> Result<(), StoreError> {
        let all = [alike.columns, columns].concat();
        for row in rows.iter_mut() {
            row.splice(..0, alike.cells.iter().cloned());
        }
        let done = self.insert_rows(table, &all, rows);
        for row in rows.iter_mut() {
            row.drain(..alike.cells.len());
        }
        done
    }

    /// Runs one statement and takes all its rows.
    fn query(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, StoreError>;

    /// Runs statements that do not depend on each other and takes all their rows.
    fn query_all(
        &mut self,
        questions: &[(String, Vec<Cell>)],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        questions.iter().map(|(sql, cells)| self.query(sql, cells)).collect()
    }

    /// Says that [`Connection::announced`] will ask a question without values: it may go with
    /// whatever is asked before, as the first of it.
    fn announce(&mut self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// The rows of a question that was announced.
    fn announced(&mut self, sql: &str) -> Result<Vec<Row>, StoreError> {
        self.query(sql, &[])
    }

    /// Says that very many rows will come in this transaction: it may use more memory.
    fn expect_rows(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Sees to it that what tells of tables and indexes, which are changed at both ends of a
    /// transaction with very many rows, is not written between them.
    fn keep_at_hand(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Says that indexes over a number of rows are made next, after [`Connection::expect_rows`].
    fn expect_sorting(&mut self, _rows: usize) -> Result<(), StoreError> {
        Ok(())
    }

    /// Runs several statements without values: definitions and settings.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;

    /// Begins a transaction that sees one state of the database and writes nothing. The server may
    /// be told with the first question, which then is asked in a new session if the old one was
    /// ended while it was idle.
    fn begin_read(&mut self) -> Result<(), StoreError>;

    /// Begins a transaction that writes; as with [`Connection::begin_read`].
    fn begin_write(&mut self) -> Result<(), StoreError>;

    /// Ends a transaction and returns when it is durable.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Ends a transaction without effect. Safe to call outside of one.
    fn rollback(&mut self) -> Result<(), StoreError>;

    /// False once the connection is lost.
    fn is_usable(&self) -> bool;

    /// Names and types of a table's columns, as the database tells them; empty if there is none.
    fn columns(&mut self, table: &str) -> Result<Vec<(String, String)>, StoreError>;

    /// Names of all tables.
    fn tables(&mut self) -> Result<Vec<String>, StoreError>;

    /// The first row of a query.
    fn query_one(&mut self, sql: &str, cells: &[Cell]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, cells)?.into_iter().next())
    }
}

/// A name between double quotes. Names come from the codebook, whose reader allows only
/// `[a-z][a-z0-9_]*`; the schema checks again.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn a_list_has_as_many_texts_as_went_in() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&[], &[]),
            (&[""], &[""]),
            (&["甲", "乙"], &["甲", "乙"]),
            (&["甲\0乙"], &["甲乙"]),
            (&["\0甲\0", "乙", ""], &["甲", "乙", ""]),
            (&["\0\0"], &[""]),
        ];
        for (texts, expected) in cases {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let Cell::Text(list) = Cell::text_list(&texts) else { panic!("{texts:?}") };
            assert_eq!(Cell::listed(&list).collect::<Vec<_>>(), expected, "{texts:?}");
        }
    }
}
