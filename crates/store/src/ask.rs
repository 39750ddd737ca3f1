//! Questions of several kinds that do not depend on each other, asked together: one way to the
//! database and back for all of them, where a way costs more than most answers.

use crate::driver::{Cell, Row, quote};
use crate::error::StoreError;
use crate::query::{Filter, PAGE_MAX, Page, Query};
use crate::reader::{Reader, live_sql, phase_sql};
use crate::record::Record;
use crate::schema::Table;
use crate::select::Order;
use taizhang_values::RecordId;

/// Questions joined into one statement; both databases take some hundred.
pub(crate) const JOINED_MAX: usize = 64;

/// What is asked.
///
/// # Example
/// ```
/// use taizhang_store::{Filter, Questions, Query};
///
/// let open = Query::new("finding").filter(Filter::eq("state", "open"));
/// let settings = vec!["calendar.days"];
/// let asked = Questions { settings, lists: vec![open], ..Questions::default() };
/// assert!(asked.records.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Questions<'q> {
    /// Settings by name.
    pub settings: Vec<&'q str>,
    /// Live records by ledger and id.
    pub records: Vec<(&'q str, &'q RecordId)>,
    /// Groups of questions whether any live record of a ledger passes a filter.
    pub any: Vec<Vec<(&'q str, Filter)>>,
    /// First pages of lists.
    pub lists: Vec<Query>,
}

/// What came back, in the order of the questions.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Values of settings.
    pub settings: Vec<Option<String>>,
    /// Records; `None` for those that are not there.
    pub records: Vec<Option<Record>>,
    /// Whether any record passes.
    pub any: Vec<Vec<bool>>,
    /// Pages.
    pub lists: Vec<Page>,
}

/// A list on its way: its table, order and size, or none where it has to be asked on its own.
type Listed<'a, 'q> = Option<(&'a Table, Order<'q>, usize)>;

type Statements = Vec<(String, Vec<Cell>)>;

impl<'a> Reader<'a> {
    /// Asks all of the questions at once.
    ///
    /// # Errors
    /// As [`Reader::get`] and [`Reader::list`].
    pub fn ask(&self, questions: &Questions<'_>) -> Result<Answers, StoreError> {
        let mut statements: Statements = Vec::new();
        for name in &questions.settings {
            let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" = ?";
            statements.push((sql.to_owned(), vec![Cell::text(*name)]));
        }
        let mut kept = Vec::with_capacity(questions.records.len());
        for (ledger, id) in &questions.records {
            let table = self.table(ledger)?;
            let row = self.kept_row(table, id);
            if row.is_none() {
                statements.push((live_sql(table), vec![Cell::text(id.as_str())]));
            }
            kept.push((table, row));
        }
        for group in &questions.any {
            self.any_statements(group, &mut statements)?;
        }
        let mut listed: Vec<Listed<'a, '_>> = Vec::with_capacity(questions.lists.len());
        for query in &questions.lists {
            listed.push(self.list_statement(query, &mut statements)?);
        }
        let found = match statements.as_slice() {
            [] => Vec::new(),
            all => self.connection().query_all(all)?,
        };
        let mut found = found.into_iter();
        let mut next = || found.next().unwrap_or_default();
        let mut answers = Answers::default();
        for _ in &questions.settings {
            let value = next().into_iter().next().map(|mut row| row.text()).transpose()?;
            answers.settings.push(value);
        }
        for (table, row) in kept {
            let row = match row {
                Some(row) => Some(row),
                None => self.live_row(table, next())?,
            };
            answers.records.push(row.map(|row| self.record(table, row)).transpose()?);
        }
        for group in &questions.any {
            answers.any.push(any_answers(group.len(), &mut next)?);
        }
        for (query, listed) in questions.lists.iter().zip(listed) {
            answers.lists.push(match listed {
                Some((table, order, limit)) => self.listed(query, table, &order, limit, next())?,
                // Orders of two parts and later pages ask again as they go.
                None => self.list(query)?,
            });
        }
        Ok(answers)
    }

    /// [`Reader::list`] for several questions that do not depend on each other.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn list_each(&self, queries: &[Query]) -> Result<Vec<Page>, StoreError> {
        let questions = Questions { lists: queries.to_vec(), ..Questions::default() };
        Ok(self.ask(&questions)?.lists)
    }

    /// For each question whether a live record answers it: a ledger and a filter. Many small
    /// questions are one statement.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn any(&self, questions: &[(&str, Filter)]) -> Result<Vec<bool>, StoreError> {
        let questions = Questions { any: vec![questions.to_vec()], ..Questions::default() };
        Ok(self.ask(&questions)?.any.into_iter().next().unwrap_or_default())
    }

    fn any_statements(
        &self,
        group: &[(&str, Filter)],
        statements: &mut Statements,
    ) -> Result<(), StoreError> {
        for (chunk, first) in group.chunks(JOINED_MAX).zip((0..).step_by(JOINED_MAX)) {
            let mut parts = Vec::new();
            let mut cells = Vec::new();
            for (number, (ledger, filter)) in (first..).zip(chunk) {
                let table = self.table(ledger)?;
                let narrowing = self.narrowing(table, filter)?;
                let mut compiler = self.compiler(table, narrowing).alike();
                let condition = compiler.condition(filter)?;
                cells.append(&mut compiler.cells);
                parts.push(format!(
                    "SELECT {number} AS place WHERE EXISTS \
                     (SELECT 1 FROM {} t WHERE {condition})",
                    quote(ledger)
                ));
            }
            statements.push((parts.join(" UNION ALL "), cells));
        }
        Ok(())
    }

    fn list_statement<'q>(
        &self,
        query: &'q Query,
        statements: &mut Statements,
    ) -> Result<Listed<'a, 'q>, StoreError>
    where
        'a: 'q,
    {
        let table = self.table(&query.ledger)?;
        let order = Order::resolve(table, &query.sort)?;
        let phases = order.phases(table, None, false)?;
        let ([phase], None) = (phases.as_slice(), &query.after) else { return Ok(None) };
        let limit = query.limit.clamp(1, PAGE_MAX);
        let narrowing = self.narrowing(table, &query.filter)?;
        let compiler = self.compiler(table, narrowing).walking(order.is_indexed());
        statements.push(phase_sql(table, query, compiler, phase, limit + 1)?);
        Ok(Some((table, order, limit)))
    }

    fn listed(
        &self,
        query: &Query,
        table: &Table,
        order: &Order<'_>,
        limit: usize,
        rows: Vec<Row>,
    ) -> Result<Page, StoreError> {
        let found = self.rows_of(query, table, rows)?;
        self.page(table, order, found, false, false, limit)
    }
}

/// The answers to a group, of as many statements as it was asked in.
fn any_answers(count: usize, next: &mut impl FnMut() -> Vec<Row>) -> Result<Vec<bool>, StoreError> {
    let mut found = vec![false; count];
    for _ in 0..count.div_ceil(JOINED_MAX) {
        for mut row in next() {
            let place = usize::try_from(row.integer()?).unwrap_or(usize::MAX);
            if let Some(place) = found.get_mut(place) {
                *place = true;
            }
        }
    }
    Ok(found)
}
