//! Tables given as text: rows of cells between `|` or tabs, a head with known columns.

use super::glyph::{compact, fold, is_blank, is_colon};
use super::lexicon::{Field, field_of, is_shortcoming};
use super::markup::trim;
use crate::source::{Source, Span};

/// A row: its line and its cells, white space and markup trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line from its first to its last character.
    pub(crate) span: Span,
    /// The cells; empty ones are empty spans at their place.
    pub(crate) cells: Vec<Span>,
}

/// A table with its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// What each column stands for; `None` for unknown heads.
    pub(crate) columns: Vec<Option<Field>>,
    /// The head's cells.
    pub(crate) heads: Vec<Span>,
    /// All rows, head included.
    pub(crate) rows: Vec<Row>,
    /// Index of the first row below the head.
    pub(crate) body: usize,
}

impl Table {
    /// The first column that stands for `field`.
    pub(crate) fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|c| *c == Some(field))
    }

    /// A table without a head goes on with the one before it if it has as many columns.
    pub(crate) fn inherit(&mut self, before: &Table) {
        let widths = || self.rows.iter().map(|row| row.cells.len()).filter(|n| *n > 1);
        let fits = widths().next().is_some() && widths().all(|n| n == before.columns.len());
        if self.columns.is_empty() && fits {
            self.columns.clone_from(&before.columns);
            self.heads.clone_from(&before.heads);
        }
    }

    /// Whether the head names the columns of a ledger.
    pub(crate) fn is_ledger(&self) -> bool {
        !self.columns.is_empty()
            && (self.column(Field::Problem).is_some() || self.column(Field::Task).is_some())
    }
}

/// The cells of a line, if it is a row.
pub(crate) fn row(source: &Source, line: Span) -> Option<Row> {
    let span = source.trim(line);
    let slice = source.slice(span);
    let bars = slice.iter().filter(|c| is_bar(**c)).count();
    let starts = slice.first().copied().is_some_and(is_bar);
    let fields = || !starts && is_field_line(source, span);
    if bars >= 2 || (starts && bars >= 1 && slice.len() > 1) {
        return (!fields()).then(|| Row { span, cells: split(source, span, is_bar) });
    }
    // A tab row keeps its leading tabs: they are empty cells.
    let slice = source.slice(line);
    let tabs = slice.iter().filter(|c| **c == '\t').count();
    let lead = slice.iter().take_while(|c| is_blank(**c)).filter(|c| **c == '\t').count();
    if tabs >= 2 && tabs - lead >= 1 && !fields() {
        let cells = split(source, line, |c| c == '\t');
        let filled = cells.iter().filter(|c| !c.is_empty()).count();
        return (filled >= 2 || tabs >= 3).then_some(Row { span, cells });
    }
    None
}

/// Fields on one line, parted by tabs or bars: `责任单位：县财政局<tab>责任人：张三`.
fn is_field_line(source: &Source, span: Span) -> bool {
    let near = Span::new(span.start, span.end.min(span.start + 40));
    let Some(colon) = source.position(near, is_colon) else { return false };
    let labels = super::label::find(source, Span::new(span.start, colon + 1), span.start);
    labels.first().is_some_and(|l| l.span.start == span.start)
}

fn is_bar(c: char) -> bool {
    matches!(c, '|' | '｜' | '│' | '┃')
}

/// Label and value cells of a table without a head: `问题 | 资料不全`, `责任单位 | 甲 | 责任人 | 乙`.
///
/// `None` unless most rows begin with a label.
pub(crate) fn pairs(source: &Source, rows: &[Row]) -> Option<Vec<(Field, Span, Span)>> {
    let long = || rows.iter().filter(|r| r.cells.len() > 1 && !is_ruling(source, r));
    let labelled =
        long().filter(|r| r.cells.first().is_some_and(|c| head_field(source, *c).is_some()));
    let count = labelled.count();
    if count < 3 || count * 5 < long().count() * 3 {
        return None;
    }
    let mut out: Vec<(Field, Span, Span)> = Vec::new();
    for row in long() {
        let mut open: Option<(Field, Span)> = None;
        for cell in &row.cells {
            match (head_field(source, *cell), open.take()) {
                (Some(field), None) => open = Some((field, *cell)),
                (Some(next), Some((field, label))) => {
                    out.push((field, label, Span::new(label.end, label.end)));
                    open = Some((next, *cell));
                }
                (None, Some((field, label))) => out.push((field, label, *cell)),
                (None, None) => {}
            }
        }
    }
    let told = out.iter().any(|(field, _, _)| matches!(field, Field::Problem | Field::Response));
    told.then_some(out)
}

fn split(source: &Source, span: Span, bar: impl Fn(char) -> bool) -> Vec<Span> {
    let mut cells = Vec::new();
    let mut start = span.start;
    for (i, c) in source.slice(span).iter().enumerate() {
        let at = span.start + i;
        if bar(*c) && source.before(at) != Some('\\') {
            // The bar at the head of a line opens the first cell.
            if !(at == span.start && is_bar(*c)) {
                cells.push(trim(source, Span::new(start, at)));
            }
            start = at + 1;
        }
    }
    if start < span.end || !source.before(span.end).is_some_and(is_bar) {
        cells.push(trim(source, Span::new(start, span.end)));
    }
    cells
}

/// Whether a row is only the ruling between head and body.
pub(crate) fn is_ruling(source: &Source, row: &Row) -> bool {
    let mut dashes = 0;
    for c in source.slice(row.span) {
        match c {
            '-' | '=' | '─' | '━' => dashes += 1,
            '|' | ':' | '+' | '│' | '┼' | '├' | '┤' => {}
            c if is_blank(*c) => {}
            _ => return false,
        }
    }
    dashes > 0
}

/// Builds a table from consecutive rows and finds its head.
pub(crate) fn build(source: &Source, rows: Vec<Row>) -> Table {
    let mut table = Table { rows, ..Table::default() };
    let head = table.rows.iter().take(8).position(|row| {
        let filled = row.cells.iter().filter(|c| !c.is_empty()).count();
        let known = row.cells.iter().filter(|c| head_field(source, **c).is_some()).count();
        known >= 2 && known * 2 >= filled
    });
    let Some(head) = head else { return table };
    let cells = table.rows.get(head).map(|row| row.cells.clone()).unwrap_or_default();
    table.columns = cells.iter().map(|c| head_field(source, *c)).collect();
    table.heads = cells;
    table.body = head + 1;
    settle_columns(&mut table, source);
    table
}

/// The second row of a two-row head, and columns that are named twice.
fn settle_columns(table: &mut Table, source: &Source) {
    if let Some(second) = table.rows.get(table.body).filter(|row| !is_ruling(source, row)) {
        let below: Vec<_> = second.cells.iter().map(|c| head_field(source, *c)).collect();
        let filled = second.cells.iter().filter(|c| !c.is_empty()).count();
        let known = below.iter().flatten().count();
        if known >= 2 && known * 3 >= filled * 2 {
            for (i, field) in below.into_iter().enumerate() {
                if let (Some(slot), Some(field)) = (table.columns.get_mut(i), field) {
                    *slot = Some(field);
                }
            }
            table.body += 1;
        }
    }
    let problems: Vec<usize> = (0..table.columns.len())
        .filter(|i| table.columns.get(*i) == Some(&Some(Field::Problem)))
        .collect();
    if let [first, second, ..] = problems.as_slice() {
        let name = table.heads.get(*second).map(|h| source.text(*h)).unwrap_or_default();
        let detail = name.contains("表现") || name.contains("详情");
        let slot = if detail { *second } else { *first };
        let field = if detail { Field::Detail } else { Field::Category };
        if let Some(slot) = table.columns.get_mut(slot) {
            *slot = Some(field);
        }
    }
    // A task and what it consists of.
    if let Some(first) = table.column(Field::Task) {
        for slot in table.columns.iter_mut().skip(first + 1).filter(|c| **c == Some(Field::Task)) {
            *slot = Some(Field::Detail);
        }
    }
    let mut responses = 0;
    let status = table.columns.contains(&Some(Field::Status));
    for slot in &mut table.columns {
        let progress = *slot == Some(Field::Progress);
        responses += usize::from(*slot == Some(Field::Response));
        // Measures in one column, what came of them in another.
        if (responses > 1 && *slot == Some(Field::Response)) || (responses > 0 && progress) {
            *slot = if status { Some(Field::Other) } else { Some(Field::Status) };
        }
    }
    if table.column(Field::Response).is_none()
        && let Some(at) = table.column(Field::Progress).or_else(|| demands(table, source))
        && let Some(slot) = table.columns.get_mut(at)
    {
        *slot = Some(Field::Response);
    }
    name_problem(table, source);
    if table.column(Field::Problem).is_none()
        && table.column(Field::Task).is_none()
        && let Some(at) = table.column(Field::Category)
        && let Some(slot) = table.columns.get_mut(at)
    {
        *slot = Some(Field::Problem);
    }
}

/// The column 整改要求: what is to be done, where no other column says it.
fn demands(table: &Table, source: &Source) -> Option<usize> {
    table.heads.iter().position(|head| compact(source.slice(*head).iter().copied()) == "整改要求")
}

/// Least average length of the cells that can state problems.
const PROBLEM_LENGTH_MIN: usize = 8;

/// Gives the problem its column where its head has a name of its own: among columns that answer and
/// assign something, the longest one without a known name. Without an answer and a shortcoming it
/// lists tasks.
fn name_problem(table: &mut Table, source: &Source) {
    let has = |fields: &[Field]| fields.iter().any(|field| table.column(*field).is_some());
    let assigns = has(&[Field::Lead, Field::Units, Field::Leaders, Field::Persons]);
    let answers = has(&[Field::Response]);
    let limits = has(&[Field::Deadline, Field::Status]);
    let known = usize::from(assigns) + usize::from(answers) + usize::from(limits);
    if has(&[Field::Problem, Field::Task]) || known < 2 {
        return;
    }
    let rows = || {
        let rows = table.rows.iter().skip(table.body);
        rows.filter(|row| row.cells.len() == table.columns.len()).take(20)
    };
    let cells = |at: usize| rows().filter_map(move |row| row.cells.get(at).copied());
    let length = |at: usize| cells(at).map(Span::len).sum::<usize>();
    let unnamed = (0..table.columns.len())
        .filter(|at| table.columns.get(*at) == Some(&None))
        .filter(|at| table.heads.get(*at).is_some_and(|head| !head.is_empty()));
    let Some(at) = unnamed.max_by_key(|at| length(*at)) else { return };
    let category = table.column(Field::Category).map_or(0, length);
    if length(at) < PROBLEM_LENGTH_MIN * rows().count().max(1) || length(at) <= category {
        return;
    }
    let stated = cells(at).filter(|cell| is_shortcoming(source.slice(*cell))).count();
    let field = if answers || stated * 2 >= rows().count() { Field::Problem } else { Field::Task };
    if let Some(slot) = table.columns.get_mut(at) {
        *slot = Some(field);
    }
}

/// The field of a head cell; `问题(具体)` and `整改措施/成效` count by their first part.
pub(crate) fn head_field(source: &Source, cell: Span) -> Option<Field> {
    if cell.is_empty() || cell.len() > 24 {
        return None;
    }
    let name: String = source
        .slice(cell)
        .iter()
        .map(|c| fold(*c))
        .filter(|c| !is_blank(*c) && !is_colon(*c) && *c != '*')
        .collect();
    field_of(&name).or_else(|| {
        let first = name.split(['(', '/', '、', '及', '和', '与']).next()?;
        field_of(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (Source, Table) {
        let source = Source::new(text);
        let rows = source.lines().filter_map(|l| row(&source, l)).collect();
        let table = build(&source, rows);
        (source, table)
    }

    #[test]
    fn a_pipe_table_has_columns_and_cells() {
        let (source, table) =
            table("| 序号 | 问题 | 责任单位 |\n| --- | --- | --- |\n| 1 | 资料不全 |  |");
        assert_eq!(table.columns, [Some(Field::Serial), Some(Field::Problem), Some(Field::Units)]);
        let cells: Vec<_> = table.rows[2].cells.iter().map(|c| source.text(*c)).collect();
        assert_eq!(cells, ["1", "资料不全", ""]);
        assert!(is_ruling(&source, &table.rows[1]));
    }

    #[test]
    fn a_tab_table_keeps_its_empty_cells() {
        let (source, table) = table("序号\t存在问题\t整改措施\t责任人\n1\t资料不全\t\t张三\n");
        assert!(table.is_ledger());
        let cells: Vec<_> = table.rows[1].cells.iter().map(|c| source.text(*c)).collect();
        assert_eq!(cells, ["1", "资料不全", "", "张三"]);
    }

    #[test]
    fn a_problem_column_may_have_a_name_of_its_own() {
        let head = "序号\t业务编号\t来访人陈述\t处置措施\t责任单位\n";
        let (_, named) = table(&format!("{head}1\tA-1\t通村公路破损三处无人维修\t修补\t村委会\n"));
        assert_eq!(named.column(Field::Problem), Some(2));
        let (_, plain) = table("序号\t姓名\t责任单位\t完成时限\n1\t张三\t村委会\t5月\n");
        assert!(!plain.is_ledger());
    }

    #[test]
    fn running_text_is_no_row() {
        let source = Source::new("长效机制,弘扬正能量。 |");
        assert_eq!(row(&source, source.whole()), None);
    }
}
