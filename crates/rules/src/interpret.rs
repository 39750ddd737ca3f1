//! The plain interpreter. It defines what a rule means; compiled programs must agree with it on
//! every input.

use crate::ir::{
    Comparison, Fact, Kind, Literal, Node, Operation, Reduction, RowRef, RowsRef, RowsSource, Type,
};
use crate::{call, fact};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use taizhang_codebook::Codebook;
use taizhang_values::{Date, RegionCode, Timestamp, WorkingCalendar};

/// A row of some ledger, as its holder numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u64);

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing there. Blank text counts as nothing too, whoever hands it in.
    Missing,
    /// Yes or no.
    Boolean(bool),
    /// Whole number, percentage, or amount in fen.
    Integer(i64),
    /// Number with a fraction.
    Decimal(f64),
    /// Text, code, region code, or id of a record.
    Text(Cow<'a, str>),
    /// Civil date; a month is its first day.
    Date(Date),
    /// Moment.
    Instant(Timestamp),
    /// Codes or texts.
    List(Cow<'a, [String]>),
}

impl Cell<'_> {
    /// True for nothing and for blank text.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// Rows and how they meet, as the interpreter asks for them.
pub trait Rows {
    /// A field, or one of `id`, `region`, `state`, `created_at`, `updated_at`; a reference is the
    /// text of the id it names.
    fn field(&self, row: RowId, field: &str) -> Cell<'_>;

    /// The row that a reference field leads to.
    fn one(&self, row: RowId, field: &str) -> Option<RowId>;

    /// Rows of a relation of kind `many`, `links` or by key.
    fn many(&self, row: RowId, relation: &str) -> Vec<RowId>;

    /// Other rows of the row's ledger with the same values; `None` if one is missing.
    fn same(&self, row: RowId, fields: &[String]) -> Option<Vec<RowId>>;

    /// A fact about a sensitive field; holders of the value itself need not say more.
    fn fact(&self, row: RowId, field: &str, fact: Fact) -> Cell<'_> {
        fact::of_cell(&self.field(row, field), fact)
    }
}

/// What a judgement rests on besides rows.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Day of judgement.
    pub as_of: Date,
    /// Parameters.
    pub codebook: &'a Codebook,
    /// Working days.
    pub calendar: WorkingCalendar,
}

impl<'a> Context<'a> {
    /// Context of a codebook, with its calendar.
    #[must_use]
    pub fn new(codebook: &'a Codebook, as_of: Date) -> Self {
        let mut calendar = WorkingCalendar::default();
        for day in &codebook.calendar {
            calendar.set(day.date, day.is_working);
        }
        Self { as_of, codebook, calendar }
    }
}

/// Why a value is undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Undecided {
    /// Something is missing.
    Missing,
    /// Reckoning failed.
    Error(ErrorKind),
}

/// Why reckoning failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A number left its range.
    Overflow,
    /// Division by zero.
    DivisionByZero,
    /// No value of the parameter is in force.
    NoParameter,
    /// A text holds no number.
    NoNumber,
    /// There is no such day.
    NoSuchDay,
    /// A position lies outside a text.
    OutOfRange,
    /// The rows hold a value of another type than the codebook says.
    WrongType,
}

impl ErrorKind {
    /// All kinds; where several meet, the last of them is told.
    pub const ALL: [Self; 7] = [
        Self::Overflow,
        Self::DivisionByZero,
        Self::NoParameter,
        Self::NoNumber,
        Self::NoSuchDay,
        Self::OutOfRange,
        Self::WrongType,
    ];

    /// A word for lists and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::DivisionByZero => "division_by_zero",
            Self::NoParameter => "no_parameter",
            Self::NoNumber => "no_number",
            Self::NoSuchDay => "no_such_day",
            Self::OutOfRange => "out_of_range",
            Self::WrongType => "wrong_type",
        }
    }

    /// What failed, in Chinese and English, for people who read counts of errors.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Overflow => ("数字超出范围", "a number out of range"),
            Self::DivisionByZero => ("除数为零", "division by zero"),
            Self::NoParameter => ("参数当日没有值", "no value of a parameter in force"),
            Self::NoNumber => ("文字里没有数字", "a text that holds no number"),
            Self::NoSuchDay => ("没有这一天", "a day that does not exist"),
            Self::OutOfRange => ("位置超出范围", "a place out of range"),
            Self::WrongType => ("值的类型不对", "a value of another type"),
        }
    }
}

/// A value, never [`Cell::Missing`], or why there is none.
pub type Evaluated<'a> = Result<Cell<'a>, Undecided>;

/// Evaluates a node for one row.
///
/// # Errors
/// Undecided, with its cause: an error counts more than something missing.
pub fn interpret<'a>(
    node: &Node,
    row: RowId,
    rows: &'a dyn Rows,
    context: &Context<'_>,
) -> Evaluated<'a> {
    Evaluator { rows, context, scopes: vec![row] }.value(node)
}

struct Evaluator<'a, 'b> {
    rows: &'a dyn Rows,
    context: &'b Context<'b>,
    scopes: Vec<RowId>,
}

impl<'a> Evaluator<'a, '_> {
    fn value(&mut self, node: &Node) -> Evaluated<'a> {
        match &node.kind {
            Kind::Literal(literal) => Ok(literal_cell(literal)),
            Kind::Field { row, field } => self.field(row, field),
            Kind::IdentityFact { row, field, fact } => {
                let row = self.row(row).ok_or(Undecided::Missing)?;
                let cell = present(self.rows.fact(row, field, *fact))?;
                let is_person = matches!(&node.ty, Type::Key(class) if class == "identity");
                Ok(if is_person { person_key(cell) } else { cell })
            }
            Kind::Has { row, field } => {
                let is_there =
                    self.row(row).is_some_and(|row| !self.rows.field(row, field).is_missing());
                Ok(Cell::Boolean(is_there))
            }
            Kind::HasRow { row } => Ok(Cell::Boolean(self.row(row).is_some())),
            Kind::Not(part) => Ok(Cell::Boolean(!self.truth(part)?)),
            Kind::And(parts) => self.junction(parts, false),
            Kind::Or(parts) => self.junction(parts, true),
            Kind::Compare { comparison, left, right } => {
                let (left, right) = both(self.value(left), self.value(right))?;
                compare(*comparison, &left, &right)
            }
            Kind::Arithmetic { operation, left, right } => {
                let (left, right) = both(self.value(left), self.value(right))?;
                arithmetic(*operation, &left, &right)
            }
            Kind::Negate(part) => match self.value(part)? {
                Cell::Integer(number) => whole(number.checked_neg()),
                Cell::Decimal(number) => Ok(Cell::Decimal(-number)),
                _ => wrong_type(),
            },
            Kind::Conditional { test, then, otherwise } => {
                let branch = if self.truth(test)? { then } else { otherwise };
                self.value(branch)
            }
            Kind::Default { value, fallback } => {
                self.value(value).or_else(|_| self.value(fallback))
            }
            Kind::AsOf => Ok(Cell::Date(self.context.as_of)),
            Kind::Param { name, row, on } => self.parameter(name, row, on.as_deref()),
            Kind::Call { function, args } => self.call(*function, args),
            Kind::Reduce { reduction, rows, body } => self.reduce(*reduction, rows, body),
            Kind::Duplicates { row, fields, .. } => {
                let row = self.row(row).ok_or(Undecided::Missing)?;
                let others = self.rows.same(row, fields).ok_or(Undecided::Missing)?;
                Ok(Cell::Integer(count(others.len())))
            }
            Kind::InList { .. }
            | Kind::ListHas { .. }
            | Kind::ListOverlaps { .. }
            | Kind::ListWithin { .. }
            | Kind::ListMeets { .. }
            | Kind::ListInside { .. }
            | Kind::ListSize(_) => self.list(node),
        }
    }

    fn truth(&mut self, node: &Node) -> Result<bool, Undecided> {
        match self.value(node)? {
            Cell::Boolean(truth) => Ok(truth),
            _ => Err(Undecided::Error(ErrorKind::WrongType)),
        }
    }

    fn row(&self, row: &RowRef) -> Option<RowId> {
        let mut id = *self.scopes.get(row.scope)?;
        for field in &row.path {
            id = self.rows.one(id, field)?;
        }
        Some(id)
    }

    fn field(&self, row: &RowRef, field: &str) -> Evaluated<'a> {
        let row = self.row(row).ok_or(Undecided::Missing)?;
        present(self.rows.field(row, field))
    }

    /// Kleene's and (`end` false) or or (`end` true).
    fn junction(&mut self, parts: &[Node], end: bool) -> Evaluated<'a> {
        let mut undecided: Option<Undecided> = None;
        for part in parts {
            match self.truth(part) {
                Ok(truth) if truth == end => return Ok(Cell::Boolean(end)),
                Ok(_) => {}
                Err(cause) => undecided = undecided.max(Some(cause)),
            }
        }
        undecided.map_or(Ok(Cell::Boolean(!end)), Err)
    }

    fn parameter(&mut self, name: &str, row: &RowRef, on: Option<&Node>) -> Evaluated<'a> {
        let on = match on {
            None => self.context.as_of,
            Some(on) => match self.value(on)? {
                Cell::Date(date) => date,
                _ => return wrong_type(),
            },
        };
        let region = self.row(row).and_then(|row| match self.rows.field(row, "region") {
            Cell::Text(code) => RegionCode::parse(&code),
            _ => None,
        });
        let value = self.context.codebook.parameter(name, on, region.as_ref());
        value
            .map(|value| Cell::Integer(value.value))
            .ok_or(Undecided::Error(ErrorKind::NoParameter))
    }

    fn call(&mut self, function: crate::functions::Function, args: &[Node]) -> Evaluated<'a> {
        let mut cells = Vec::with_capacity(args.len());
        let mut undecided: Option<Undecided> = None;
        for arg in args {
            match self.value(arg) {
                Ok(cell) => cells.push(cell),
                Err(cause) => undecided = undecided.max(Some(cause)),
            }
        }
        match undecided {
            Some(cause) => Err(cause),
            None => call::call(function, &cells, &self.context.calendar),
        }
    }

    fn list(&mut self, node: &Node) -> Evaluated<'a> {
        match &node.kind {
            Kind::InList { value, list } => {
                let value = self.value(value)?;
                let is_in = list.iter().any(|item| literal_cell(item) == value);
                Ok(Cell::Boolean(is_in))
            }
            Kind::ListHas { list, value } => match both(self.value(list), self.value(value))? {
                (Cell::List(items), Cell::Text(text)) => {
                    Ok(Cell::Boolean(items.iter().any(|item| *item == *text)))
                }
                _ => wrong_type(),
            },
            Kind::ListOverlaps { list, values } => match self.value(list)? {
                Cell::List(items) => {
                    Ok(Cell::Boolean(items.iter().any(|item| values.contains(item))))
                }
                _ => wrong_type(),
            },
            Kind::ListWithin { list, values } => match self.value(list)? {
                Cell::List(items) => {
                    Ok(Cell::Boolean(items.iter().all(|item| values.contains(item))))
                }
                _ => wrong_type(),
            },
            Kind::ListMeets { list, other } => match both(self.value(list), self.value(other))? {
                (Cell::List(items), Cell::List(others)) => {
                    Ok(Cell::Boolean(items.iter().any(|item| others.contains(item))))
                }
                _ => wrong_type(),
            },
            Kind::ListInside { list, other } => match both(self.value(list), self.value(other))? {
                (Cell::List(items), Cell::List(others)) => {
                    Ok(Cell::Boolean(items.iter().all(|item| others.contains(item))))
                }
                _ => wrong_type(),
            },
            Kind::ListSize(list) => match self.value(list)? {
                Cell::List(items) => Ok(Cell::Integer(count(items.len()))),
                _ => wrong_type(),
            },
            _ => wrong_type(),
        }
    }

    fn rows_of(&self, rows: &RowsRef) -> Result<Vec<RowId>, Undecided> {
        let row = self.row(&rows.row).ok_or(Undecided::Missing)?;
        match &rows.source {
            RowsSource::Relation(relation) => Ok(self.rows.many(row, relation)),
            RowsSource::Same(fields) => self.rows.same(row, fields).ok_or(Undecided::Missing),
        }
    }

    fn reduce(&mut self, reduction: Reduction, rows: &RowsRef, body: &Node) -> Evaluated<'a> {
        let ids = self.rows_of(rows)?;
        let depth = self.scopes.len();
        // Scopes are numbered by depth; those between are only there when a define was inlined.
        let last = self.scopes.last().copied().unwrap_or(RowId(0));
        self.scopes.resize(rows.scope.max(depth), last);
        self.scopes.truncate(rows.scope);
        let kept: Vec<RowId> = self.scopes.clone();
        let mut tally = Tally::new(reduction, body.ty == Type::Decimal);
        for id in ids {
            self.scopes.push(id);
            let filter = match &rows.filter {
                Some(filter) => self.truth(filter),
                None => Ok(true),
            };
            let value = match filter {
                Ok(false) => None,
                _ => Some(self.value(body)),
            };
            self.scopes.truncate(kept.len());
            tally.add(filter, value);
        }
        self.scopes.truncate(depth);
        tally.result()
    }
}

/// Gathers the rows of a reduction.
struct Tally<'a> {
    reduction: Reduction,
    undecided: Option<Undecided>,
    /// Conditions: rows for which it is true, and whether one is false.
    trues: usize,
    is_one_false: bool,
    /// Whether sums are decimals, also without rows.
    is_decimal: bool,
    values: Vec<Cell<'a>>,
}

impl<'a> Tally<'a> {
    const fn new(reduction: Reduction, is_decimal: bool) -> Self {
        Self {
            reduction,
            undecided: None,
            trues: 0,
            is_one_false: false,
            is_decimal,
            values: Vec::new(),
        }
    }

    fn add(&mut self, filter: Result<bool, Undecided>, value: Option<Evaluated<'a>>) {
        let is_condition = matches!(
            self.reduction,
            Reduction::Exists | Reduction::All | Reduction::ExistsOne | Reduction::Count
        );
        if is_condition {
            self.add_condition(filter, value.as_ref());
            return;
        }
        match (filter, value) {
            (Ok(false), _) => {}
            (Err(cause), _) | (Ok(true), Some(Err(cause))) => self.is_undecided(cause),
            (Ok(true), Some(Ok(cell))) => self.values.push(cell),
            (Ok(true), None) => {}
        }
    }

    /// `filter && p`; for `all`, `!filter || p`.
    fn add_condition(&mut self, filter: Result<bool, Undecided>, value: Option<&Evaluated<'a>>) {
        let truth = match value {
            Some(Ok(Cell::Boolean(truth))) => Ok(*truth),
            Some(Ok(_)) => Err(Undecided::Error(ErrorKind::WrongType)),
            Some(Err(cause)) => Err(*cause),
            None => Ok(false),
        };
        let is_all = self.reduction == Reduction::All;
        match (filter, truth) {
            (Ok(false), _) => {}
            (Ok(true), Ok(truth)) => {
                self.trues += usize::from(truth);
                self.is_one_false |= !truth;
            }
            (Err(_), Ok(truth)) if truth == is_all => {}
            (Err(cause), Ok(_)) | (Ok(true), Err(cause)) => self.is_undecided(cause),
            (Err(left), Err(right)) => self.is_undecided(left.max(right)),
        }
    }

    fn is_undecided(&mut self, cause: Undecided) {
        self.undecided = self.undecided.max(Some(cause));
    }

    fn result(self) -> Evaluated<'a> {
        let decided = match self.reduction {
            Reduction::Exists => (self.trues > 0).then_some(Cell::Boolean(true)),
            Reduction::All => self.is_one_false.then_some(Cell::Boolean(false)),
            Reduction::ExistsOne => (self.trues > 1).then_some(Cell::Boolean(false)),
            _ => None,
        };
        if let Some(decided) = decided {
            return Ok(decided);
        }
        if let Some(cause) = self.undecided {
            return Err(cause);
        }
        match self.reduction {
            Reduction::Exists => Ok(Cell::Boolean(false)),
            Reduction::All => Ok(Cell::Boolean(true)),
            Reduction::ExistsOne => Ok(Cell::Boolean(self.trues == 1)),
            Reduction::Count => Ok(Cell::Integer(count(self.trues))),
            Reduction::Sum if self.is_decimal && self.values.is_empty() => decimal(0.0),
            Reduction::Sum => sum(&self.values),
            Reduction::Average => average(&self.values),
            Reduction::Median => median(&self.values),
            Reduction::Min => extreme(self.values, Ordering::Less),
            Reduction::Max => extreme(self.values, Ordering::Greater),
            Reduction::Distinct => Ok(Cell::Integer(distinct(&self.values))),
        }
    }
}

/// Whole numbers are added exactly and checked at the end; decimals in the order of the rows.
fn sum<'a>(values: &[Cell<'_>]) -> Evaluated<'a> {
    let mut whole_sum: i128 = 0;
    let mut decimal_sum = 0.0;
    let mut is_decimal = false;
    for value in values {
        match value {
            Cell::Integer(number) => whole_sum += i128::from(*number),
            Cell::Decimal(number) => {
                decimal_sum += number;
                is_decimal = true;
            }
            _ => return wrong_type(),
        }
    }
    if is_decimal { decimal(decimal_sum) } else { whole(i64::try_from(whole_sum).ok()) }
}

#[expect(clippy::cast_precision_loss, reason = "a mean is a decimal")]
fn average<'a>(values: &[Cell<'_>]) -> Evaluated<'a> {
    if values.is_empty() {
        return Err(Undecided::Missing);
    }
    let total = match sum(values)? {
        Cell::Integer(number) => number as f64,
        Cell::Decimal(number) => number,
        _ => return wrong_type(),
    };
    decimal(total / values.len() as f64)
}

#[expect(clippy::cast_precision_loss, reason = "a median is a decimal")]
fn median<'a>(values: &[Cell<'_>]) -> Evaluated<'a> {
    let mut numbers = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Cell::Integer(number) => numbers.push(*number as f64),
            Cell::Decimal(number) => numbers.push(*number),
            _ => return wrong_type(),
        }
    }
    numbers.sort_by(f64::total_cmp);
    let upper = numbers.get(numbers.len() / 2).ok_or(Undecided::Missing)?;
    let lower = numbers.get((numbers.len() - 1) / 2).ok_or(Undecided::Missing)?;
    decimal(if numbers.len() % 2 == 1 { *upper } else { f64::midpoint(*lower, *upper) })
}

fn extreme<'a>(values: Vec<Cell<'a>>, wanted: Ordering) -> Evaluated<'a> {
    let mut best: Option<Cell<'a>> = None;
    for value in values {
        let is_better = match &best {
            None => true,
            Some(best) => order(&value, best)? == wanted,
        };
        if is_better {
            best = Some(value);
        }
    }
    best.ok_or(Undecided::Missing)
}

fn distinct(values: &[Cell<'_>]) -> i64 {
    let mut sorted: Vec<&Cell<'_>> = values.iter().collect();
    sorted.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    sorted.dedup();
    count(sorted.len())
}

/// People meet by the first 18 characters of their numbers; a hash is that already.
fn person_key(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Text(text) => Cell::Text(Cow::Owned(text.chars().take(18).collect())),
        other => other,
    }
}

fn present(cell: Cell<'_>) -> Evaluated<'_> {
    if cell.is_missing() { Err(Undecided::Missing) } else { Ok(cell) }
}

/// Both values, or the graver cause.
fn both<'a>(left: Evaluated<'a>, right: Evaluated<'a>) -> Result<(Cell<'a>, Cell<'a>), Undecided> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(left), Err(right)) => Err(left.max(right)),
        (Err(cause), _) | (_, Err(cause)) => Err(cause),
    }
}

fn compare<'a>(comparison: Comparison, left: &Cell<'_>, right: &Cell<'_>) -> Evaluated<'a> {
    let order = order(left, right)?;
    Ok(Cell::Boolean(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    }))
}

fn order(left: &Cell<'_>, right: &Cell<'_>) -> Result<Ordering, Undecided> {
    match (left, right) {
        (Cell::Boolean(left), Cell::Boolean(right)) => Some(left.cmp(right)),
        (Cell::Integer(left), Cell::Integer(right)) => Some(left.cmp(right)),
        (Cell::Decimal(left), Cell::Decimal(right)) => left.partial_cmp(right),
        (Cell::Text(left), Cell::Text(right)) => Some(left.cmp(right)),
        (Cell::Date(left), Cell::Date(right)) => Some(left.cmp(right)),
        (Cell::Instant(left), Cell::Instant(right)) => Some(left.cmp(right)),
        _ => None,
    }
    .ok_or(Undecided::Error(ErrorKind::WrongType))
}

/// Arithmetic of one type; whole numbers are checked.
fn arithmetic<'a>(operation: Operation, left: &Cell<'_>, right: &Cell<'_>) -> Evaluated<'a> {
    match (left, right) {
        (Cell::Integer(left), Cell::Integer(right)) => match operation {
            Operation::Add => whole(left.checked_add(*right)),
            Operation::Subtract => whole(left.checked_sub(*right)),
            Operation::Multiply => whole(left.checked_mul(*right)),
            Operation::Divide | Operation::Modulo if *right == 0 => {
                Err(Undecided::Error(ErrorKind::DivisionByZero))
            }
            Operation::Divide => whole(left.checked_div(*right)),
            Operation::Modulo => whole(left.checked_rem(*right)),
        },
        (Cell::Decimal(left), Cell::Decimal(right)) => match operation {
            Operation::Add => decimal(left + right),
            Operation::Subtract => decimal(left - right),
            Operation::Multiply => decimal(left * right),
            Operation::Divide if *right == 0.0 => Err(Undecided::Error(ErrorKind::DivisionByZero)),
            Operation::Divide => decimal(left / right),
            Operation::Modulo => wrong_type(),
        },
        (Cell::Text(left), Cell::Text(right)) if operation == Operation::Add => {
            Ok(Cell::Text(Cow::Owned(format!("{left}{right}"))))
        }
        _ => wrong_type(),
    }
}

pub(crate) fn whole<'a>(number: Option<i64>) -> Evaluated<'a> {
    number.map(Cell::Integer).ok_or(Undecided::Error(ErrorKind::Overflow))
}

/// A decimal stays a number: infinities and what is none are errors.
pub(crate) fn decimal<'a>(number: f64) -> Evaluated<'a> {
    if number.is_finite() {
        Ok(Cell::Decimal(number))
    } else {
        Err(Undecided::Error(ErrorKind::Overflow))
    }
}

pub(crate) fn wrong_type<'a>() -> Evaluated<'a> {
    Err(Undecided::Error(ErrorKind::WrongType))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn literal_cell<'a>(literal: &Literal) -> Cell<'a> {
    match literal {
        Literal::Boolean(truth) => Cell::Boolean(*truth),
        Literal::Integer(number) => Cell::Integer(*number),
        Literal::Decimal(number) => Cell::Decimal(*number),
        Literal::Text(text) => Cell::Text(Cow::Owned(text.clone())),
        Literal::Date(date) => Cell::Date(*date),
        Literal::Instant(instant) => Cell::Instant(*instant),
    }
}
