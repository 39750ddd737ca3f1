//! Findings and tasks that are rows of a table (schema F3, U1).

use super::block::Chunk;
use super::fields::{Fields, strip_marks};
use super::{Context, Mark, Row, piece, response, status, tasks};
use crate::model::{Finding, Piece, Task};
use crate::outline::{row_heading, split_heading, strip_title};
use crate::source::{Source, Span};
use crate::text::glyph::is_stop;
use crate::text::lexicon::{Field, is_shortcoming};
use crate::text::sentence;
use crate::text::table::{Row as Cells, Table, is_ruling};

/// Reads the rows of all ledger tables.
pub(super) fn read(
    context: &Context<'_>,
    findings: &mut Vec<Row<Finding>>,
    tasks: &mut Vec<Row<Task>>,
) {
    for table in context.layout.tables.iter().filter(|t| t.is_ledger()) {
        let as_tasks = table.column(Field::Problem).is_none()
            && (context.plan || table.column(Field::Response).is_none());
        let mut reader = Reader { context, table, category: None, last: None, above: None };
        for row in table.rows.iter().skip(table.body) {
            if is_ruling(context.source, row) || reader.is_head(row) {
                continue;
            }
            if let Some((m, _)) = split_heading(context.source, &row.cells) {
                reader.enter(m.span);
                continue;
            }
            if let Some(heading) = row_heading(context.source, &row.cells) {
                reader.enter(heading);
                continue;
            }
            if as_tasks {
                tasks.extend(reader.task(row));
            } else {
                reader.finding(row, findings);
            }
        }
    }
}

struct Reader<'a> {
    context: &'a Context<'a>,
    table: &'a Table,
    /// Category that a merged cell hands down.
    category: Option<Span>,
    /// The row above, which a row with the same number and problem goes on with.
    last: Option<Stated>,
    /// Heading row above.
    above: Option<usize>,
}

/// The cells by which a row is known again where merged cells are repeated downwards.
#[derive(Clone, Copy)]
struct Stated {
    serial: Option<Span>,
    problem: Span,
    response: Option<Span>,
}

impl Reader<'_> {
    fn source(&self) -> &Source {
        self.context.source
    }

    fn cell(&self, row: &Cells, field: Field) -> Option<Span> {
        let at = self.table.column(field)?;
        row.cells.get(at).copied().filter(|c| !c.is_empty())
    }

    /// A head that is repeated on the next page.
    fn is_head(&self, row: &Cells) -> bool {
        let source = self.source();
        let pairs = row.cells.iter().zip(&self.table.heads);
        row.cells.len() == self.table.heads.len()
            && pairs.clone().all(|(a, b)| source.slice(*a) == source.slice(*b))
    }

    /// A row that holds only a heading.
    fn enter(&mut self, heading: Span) {
        let nodes = &self.context.outline.nodes;
        let at = nodes.partition_point(|n| n.start < heading.start);
        let node = nodes.get(at).filter(|n| heading.contains(n.start)).map(|_| at);
        self.above = node.or(self.above);
        self.category = None;
        self.last = None;
    }

    fn is_total(&self, row: &Cells) -> bool {
        let first = row.cells.iter().find(|c| !c.is_empty()).copied().unwrap_or_default();
        ["合计", "总计", "小计", "共计", "填表", "备注", "说明", "注："]
            .iter()
            .any(|w| self.source().starts_with(first.start, w))
    }

    fn category(&mut self, row: &Cells) -> Option<Span> {
        if let Some(cell) = self.cell(row, Field::Category) {
            self.category = Some(cell);
        }
        self.category
    }

    fn marks(&self, row: &Cells) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (i, field) in self.table.columns.iter().enumerate() {
            let Some(field) = field.filter(|f| f.key().is_some()) else { continue };
            let Some(cell) = row.cells.get(i).copied() else { continue };
            let value = if field.is_short() { strip_marks(self.source(), cell) } else { cell };
            // An empty cell is shown at its own place, not at the head far above.
            let head = self.table.heads.get(i).copied().filter(|_| !value.is_empty());
            let label = head.unwrap_or(cell);
            marks.push(Mark { field, label, value });
        }
        marks
    }

    fn finding(&mut self, row: &Cells, out: &mut Vec<Row<Finding>>) {
        let category = self.category(row);
        let cell = self.cell(row, Field::Problem).or_else(|| self.cell(row, Field::Task));
        if self.is_total(row) {
            return;
        }
        let serial = self.cell(row, Field::Serial);
        let Some(problem) = cell else {
            // A merged problem cell left empty: the row goes on with the one above.
            if serial.is_none() {
                self.extend(row, out);
            }
            return;
        };
        let response = self.cell(row, Field::Response);
        let stated = Stated { serial, problem, response };
        if let Some(above) = self.last.replace(stated).filter(|above| self.goes_on(above, &stated))
        {
            // A merged cell repeated in every row that it covers.
            if !self.alike(above.response, response) {
                self.extend(row, out);
            }
            return;
        }
        // Without a serial column the number stands in the problem cell.
        let marker = crate::text::marker::at(self.source(), problem.start, problem.end)
            .filter(|m| !m.irregular && m.after < problem.end);
        let (serial, problem) = match (serial, marker) {
            (None, Some(m)) => (Some(m.span), Span::new(m.after, problem.end)),
            _ => (serial, problem),
        };
        out.push(self.row(row, problem, serial, category));
    }

    fn goes_on(&self, above: &Stated, row: &Stated) -> bool {
        self.alike(above.serial, row.serial) && self.alike(Some(above.problem), Some(row.problem))
    }

    /// Whether two cells hold the same text, or neither is there.
    fn alike(&self, one: Option<Span>, other: Option<Span>) -> bool {
        let text = |cell: Option<Span>| cell.map(|cell| self.source().slice(cell));
        text(one) == text(other)
    }

    /// Adds the measures of a continued row to the finding above.
    fn extend(&self, row: &Cells, out: &mut [Row<Finding>]) {
        let Some(last) = out.last_mut() else { return };
        if let Some(cell) = self.cell(row, Field::Response) {
            last.item.measures.extend(response::read(self.context, &[chunk(cell)]));
            last.item.span = Span::new(last.item.span.start, row.span.end);
        }
    }

    fn row(
        &self,
        row: &Cells,
        problem: Span,
        serial: Option<Span>,
        category: Option<Span>,
    ) -> Row<Finding> {
        let source = self.source();
        let detail = self.cell(row, Field::Detail);
        let (title, problems) = problems(self.context, problem, detail);
        let marks = self.marks(row);
        let fields = Fields::of(source, &marks);
        let value = |field: Field| marks.iter().find(|m| m.field == field && !m.value.is_empty());
        let mut measures = match self.cell(row, Field::Response) {
            Some(cell) => response::read(self.context, &[chunk(cell)]),
            None => Vec::new(),
        };
        let found = value(Field::Status).and_then(|m| status::of_value(source, m.value));
        if measures.is_empty()
            && self.table.column(Field::Response).is_none()
            && let Some(cell) = self.cell(row, Field::Status)
            && !status::is_status(source, cell)
        {
            measures = response::read(self.context, &[chunk(cell)]);
        }
        let situation =
            value(Field::Situation).and_then(|m| crate::situation::of_value(source, m.value));
        let path = self.above.and_then(|n| self.context.sections.get(n)).map(|s| s.path.clone());
        let heading = self.above.and_then(|n| self.context.outline.nodes.get(n)).map(|n| n.title);
        Row {
            item: Finding {
                id: String::new(),
                section: None,
                path: path.unwrap_or_default(),
                number: serial.map(|s| piece(source, s)),
                category: category.or(heading).map(|c| piece(source, c)),
                subcategory: None,
                span: row.span,
                line: source.line_of(row.span.start),
                title,
                problems,
                situation,
                measures,
                lead_units: fields.lead,
                responsible_units: fields.units,
                responsible_leaders: fields.leaders,
                responsible_persons: fields.persons,
                deadline: fields.deadline,
                status: found,
            },
            fields: marks,
        }
    }

    fn task(&mut self, row: &Cells) -> Option<Row<Task>> {
        self.category(row);
        if self.is_total(row) {
            return None;
        }
        let source = self.source();
        let cell = self.cell(row, Field::Task)?;
        let marks = self.marks(row);
        let fields = Fields::of(source, &marks);
        let end = sentence::first_stop(source, cell).unwrap_or(cell.end);
        let title = strip_title(source, Span::new(cell.start, end));
        let cell = self.cell(row, Field::Detail).unwrap_or(cell);
        let path = self.above.and_then(|n| self.context.sections.get(n)).map(|s| s.path.clone());
        Some(Row {
            item: Task {
                id: String::new(),
                section: None,
                path: path.unwrap_or_default(),
                number: self.cell(row, Field::Serial).map(|s| piece(source, s)),
                span: row.span,
                line: source.line_of(row.span.start),
                title: piece(source, title),
                text: piece(source, cell),
                lead_units: fields.lead,
                responsible_units: fields.units,
                responsible_leaders: fields.leaders,
                responsible_persons: fields.persons,
                deadline: fields.deadline,
                targets: tasks::targets(source, cell),
            },
            fields: marks,
        })
    }
}

fn chunk(span: Span) -> Chunk {
    Chunk { span, under: None }
}

/// Title and problems of a problem cell: its first sentence is the title (P1).
fn problems(
    context: &Context<'_>,
    cell: Span,
    detail: Option<Span>,
) -> (Piece, Vec<crate::model::Problem>) {
    let source = context.source;
    let end = sentence::first(source, cell, |_, c| is_stop(c)).unwrap_or(cell.end);
    let title = strip_title(source, Span::new(cell.start, end));
    let own = source.trim(Span::new((end + 1).min(cell.end), cell.end));
    let rest = detail.unwrap_or(own);
    let pieces = if rest.is_empty() {
        sentence::statements(source, cell)
    } else {
        sentence::statements(source, rest)
    };
    let list =
        crate::text::enumeration::outermost(source, if rest.is_empty() { cell } else { rest }, &[]);
    let make = |ordinal: Option<Span>, span: Span| {
        let text = source.text(span);
        crate::model::Problem {
            ordinal: ordinal.map(|o| piece(source, o)),
            optional: ordinal.is_none() && !rest.is_empty() && !is_shortcoming(source.slice(span)),
            text,
            span,
            under: None,
            situation: None,
        }
    };
    let problems: Vec<_> = match list.filter(|l| l.items.len() >= 2) {
        Some(list) => list.items.iter().map(|i| make(Some(i.ordinal), i.content)).collect(),
        None => pieces.into_iter().map(|s| make(None, s)).collect(),
    };
    let title = if title.is_empty() { cell } else { title };
    (piece(source, title), problems)
}
