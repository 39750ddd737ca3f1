//! A document as text: the one result of every reader, and how tables are written into it.

/// What the bytes turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentFormat {
    /// Plain text.
    Text,
    /// Office Open XML text document.
    Docx,
    /// Web page.
    Html,
    /// Portable document with a text layer.
    Pdf,
    /// Open fixed-layout document (GB/T 33190).
    Ofd,
    /// Read through LibreOffice: `.doc`, `.wps`, `.rtf`, `.odt`.
    Office,
}

impl DocumentFormat {
    /// Short lower-case name, for messages and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Docx => "docx",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Ofd => "ofd",
            Self::Office => "office",
        }
    }
}

/// A table of the document and the lines of the text that render it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableText {
    /// First line of the rendering in `text`, from 0.
    pub first_line: usize,
    /// Number of lines: header, separator and rows.
    pub line_count: usize,
    /// Header and rows; merged cells are repeated downwards, all rows are equally long.
    pub rows: Vec<Vec<String>>,
}

/// The text of a document, one paragraph a line, tables as `| a | b |` lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// Lines separated by `\n`.
    pub text: String,
    /// The tables in order.
    pub tables: Vec<TableText>,
    /// What the bytes were.
    pub format: DocumentFormat,
    /// What was left out or assumed, for the reader of the page.
    pub notes: Vec<taizhang_diagnostics::Message>,
}

/// Collects lines and tables in reading order.
#[derive(Debug, Default)]
pub(crate) struct TextBuilder {
    text: String,
    lines: usize,
    blank_lines: usize,
    tables: Vec<TableText>,
    notes: Vec<taizhang_diagnostics::Message>,
}

impl TextBuilder {
    /// Adds one paragraph; line breaks within it make several lines. Runs of blank lines shrink to
    /// one, blank lines at the start disappear.
    pub(crate) fn paragraph(&mut self, paragraph: &str) {
        for line in paragraph.split('\n') {
            let line = line.trim_end();
            if line.trim().is_empty() {
                self.blank_lines += 1;
                continue;
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        if self.blank_lines > 0 && self.lines > 0 {
            self.text.push('\n');
            self.lines += 1;
        }
        self.blank_lines = 0;
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1;
    }

    /// Adds a table. A table of one column or one row is layout, not data: its cells become lines.
    /// Rows that one cell fills from edge to edge at the top are titles and become lines too.
    pub(crate) fn table(&mut self, grid: TableGrid) {
        if grid.width().saturating_mul(grid.rows.len()) > SLOTS_MAX {
            self.note("表格过大，按段落读取", "a table is too large and is read as paragraphs");
            for cell in grid.rows.iter().flatten() {
                self.paragraph(&cell.text);
            }
            return;
        }
        let (titles, rows) = grid.into_rows();
        for title in titles {
            self.paragraph(&title);
        }
        let columns = rows.first().map_or(0, Vec::len);
        if columns < 2 || rows.len() < 2 {
            for cell in rows.iter().flatten().filter(|cell| !cell.is_empty()) {
                self.paragraph(cell);
            }
            return;
        }
        let first_line = self.lines + usize::from(self.blank_lines > 0 && self.lines > 0);
        for (index, row) in rows.iter().enumerate() {
            self.line(&render_row(row));
            if index == 0 {
                self.line(&format!("|{}", " --- |".repeat(columns)));
            }
        }
        if rows.iter().flatten().any(|cell| cell.contains('|')) {
            self.note(
                "表格单元格内的竖线改写为全角“｜”",
                "a bar inside a table cell is written `｜`",
            );
        }
        self.tables.push(TableText { first_line, line_count: rows.len() + 1, rows });
    }

    /// Adds a note once.
    pub(crate) fn note(&mut self, zh: &str, en: &str) {
        if !self.notes.iter().any(|note| note.en == en) {
            self.notes.push(taizhang_diagnostics::Message::new(zh, en));
        }
    }

    /// Bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The finished document.
    pub(crate) fn finish(self, format: DocumentFormat) -> DocumentText {
        DocumentText { text: self.text, tables: self.tables, format, notes: self.notes }
    }
}

fn render_row(row: &[String]) -> String {
    let mut line = String::from("|");
    for cell in row {
        line.push(' ');
        line.extend(cell.chars().map(|c| if c == '|' { '｜' } else { c }));
        line.push_str(" |");
    }
    line
}

/// One cell as placed in a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct GridCell {
    /// Text; line breaks allowed.
    pub(crate) text: String,
    /// Columns covered, at least 1.
    pub(crate) columns: usize,
    /// Takes its content from the cell above (docx `vMerge` continued).
    pub(crate) continued: bool,
}

/// A table with merged cells, as its source tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableGrid {
    /// Rows of cells from left to right.
    pub(crate) rows: Vec<Vec<GridCell>>,
}

/// No sheet of paper has more columns; a claimed span beyond this is hostile.
const COLUMNS_MAX: usize = 200;

/// Rows times columns of one table; beyond it the table is read as paragraphs.
const SLOTS_MAX: usize = 1_000_000;

/// A merged cell longer than this is not repeated, and all repetitions together stay below
/// [`REPEATED_BYTES_MAX`]: a small file must not become a huge text.
const REPEATED_CELL_BYTES_MAX: usize = 8 * 1024;

/// Bound on the repetitions of one table, bytes.
const REPEATED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One grid position after spreading spans.
#[derive(Clone, Debug, Default)]
struct Slot {
    text: String,
    /// Part of a cell that covers several columns, not its first.
    spread: bool,
    continued: bool,
}

impl TableGrid {
    /// Columns of the widest row.
    fn width(&self) -> usize {
        let of_row = |row: &Vec<GridCell>| {
            row.iter().fold(0_usize, |sum, cell| sum.saturating_add(cell.columns.max(1)))
        };
        self.rows.iter().map(of_row).max().unwrap_or(0).min(COLUMNS_MAX)
    }

    /// Spreads spans and repeats merged cells: title lines, then rows of equal length.
    fn into_rows(self) -> (Vec<String>, Vec<Vec<String>>) {
        let width = self.width();
        let mut rows = self.rows.into_iter().peekable();
        let mut titles = Vec::new();
        while let Some(row) = rows.next_if(|row| width > 1 && is_title(row, width)) {
            titles.extend(row.into_iter().map(|cell| cell.text));
        }
        let mut grid: Vec<Vec<Slot>> = rows.map(|row| spread(row, width)).collect();
        let header_rows = header_depth(&grid);
        repeat_down(&mut grid);
        let header = merge_header(&grid, header_rows);
        let mut result = Vec::with_capacity(grid.len());
        result.extend(header);
        for row in grid.into_iter().skip(header_rows) {
            let cells: Vec<String> = row
                .into_iter()
                .map(|slot| if slot.spread { String::new() } else { one_line(&slot.text) })
                .collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                result.push(cells);
            }
        }
        (titles, result)
    }
}

/// A row that one cell fills from edge to edge, all other cells being absent.
fn is_title(row: &[GridCell], width: usize) -> bool {
    matches!(row, [cell] if cell.columns >= width && !cell.continued)
}

fn spread(row: Vec<GridCell>, width: usize) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(width);
    for cell in row {
        let columns = cell.columns.max(1).min(width.saturating_sub(slots.len()));
        for index in 0..columns {
            // Group labels of headers are short; a long text stands in its first column only.
            let text =
                if index == 0 || cell.text.len() < 200 { cell.text.clone() } else { String::new() };
            slots.push(Slot { text, spread: index > 0, continued: cell.continued });
        }
    }
    slots.resize_with(width, Slot::default);
    slots
}

/// How many rows make up the header: one, or as many as the first row's merged cells reach down
/// when the first row also has cells that cover several columns.
fn header_depth(grid: &[Vec<Slot>]) -> usize {
    let Some(first) = grid.first() else { return 0 };
    let grouped: Vec<bool> = first
        .iter()
        .enumerate()
        .map(|(index, slot)| slot.spread || first.get(index + 1).is_some_and(|next| next.spread))
        .collect();
    if !grouped.contains(&true) {
        return 1;
    }
    let mut depth = 1;
    while let Some(row) = grid.get(depth) {
        let continues = row.iter().zip(&grouped).any(|(slot, grouped)| slot.continued && !grouped);
        if !continues || depth >= 4 {
            break;
        }
        depth += 1;
    }
    depth
}

fn repeat_down(grid: &mut [Vec<Slot>]) {
    let mut budget_bytes = REPEATED_BYTES_MAX;
    let mut above: Vec<Slot> = Vec::new();
    for row in grid {
        for (index, slot) in row.iter_mut().enumerate() {
            let upper = above.get(index).map_or("", |upper| upper.text.as_str());
            if slot.continued && upper.len() <= REPEATED_CELL_BYTES_MAX.min(budget_bytes) {
                budget_bytes -= upper.len();
                slot.text = upper.to_owned();
            }
        }
        above.clone_from(row);
    }
}

/// One header row from `depth` rows: the lowest label of each column, with its group in front when
/// the label alone would stand twice.
fn merge_header(grid: &[Vec<Slot>], depth: usize) -> Option<Vec<String>> {
    let rows: Vec<&Vec<Slot>> = grid.iter().take(depth).collect();
    let width = rows.first()?.len();
    if depth == 1 {
        let first = rows.first()?;
        return Some(
            first
                .iter()
                .map(|s| if s.spread { String::new() } else { one_line(&s.text) })
                .collect(),
        );
    }
    let label = |row: usize, column: usize| -> String {
        rows.get(row).and_then(|row| row.get(column)).map_or(String::new(), |s| one_line(&s.text))
    };
    let lowest: Vec<String> = (0..width)
        .map(|column| {
            let labels = (0..depth).rev().map(|row| label(row, column));
            labels.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
        })
        .collect();
    let merged = lowest.iter().enumerate().map(|(column, text)| {
        let twice = lowest.iter().filter(|other| *other == text).count() > 1;
        let group = label(0, column);
        if twice && group != *text { format!("{group}{text}") } else { text.clone() }
    });
    Some(merged.collect())
}

/// A cell's text on one line: breaks and tabs become single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for piece in text.split(['\n', '\t', '\r']).map(str::trim).filter(|piece| !piece.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(piece);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a^` continues the cell above, `a*3` covers three columns, cells are split at `|`.
    fn grid(text: &str) -> TableGrid {
        let cell = |cell: &str| {
            let (text, columns) =
                cell.split_once('*').map_or((cell, 1), |(t, n)| (t, n.parse().unwrap()));
            GridCell {
                text: text.trim_end_matches('^').into(),
                columns,
                continued: text.ends_with('^'),
            }
        };
        TableGrid { rows: text.lines().map(|l| l.trim().split('|').map(cell).collect()).collect() }
    }

    fn check(source: &str, expected: &str) {
        let mut builder = TextBuilder::default();
        builder.table(grid(source));
        let found = builder.finish(DocumentFormat::Docx);
        let expected: Vec<&str> = expected.lines().map(str::trim).collect();
        assert_eq!(found.text.lines().collect::<Vec<_>>(), expected);
        for table in &found.tables {
            let first = found.text.lines().nth(table.first_line).unwrap();
            assert!(first.starts_with('|'));
            assert!(table.rows.iter().all(|row| row.len() == table.rows[0].len()));
        }
    }

    #[test]
    fn merged_cells_are_repeated_downwards() {
        check(
            "序号|问题|单位\n1|甲|县局\n2|乙|^",
            "| 序号 | 问题 | 单位 |\n| --- | --- | --- |\n| 1 | 甲 | 县局 |\n| 2 | 乙 | 县局 |",
        );
    }

    #[test]
    fn title_row_stands_before_the_table() {
        check("整改台账*2\na|b\n1|2", "整改台账\n| a | b |\n| --- | --- |\n| 1 | 2 |");
    }

    #[test]
    fn two_header_rows_become_one() {
        check(
            "序号|问题|责任*2|时限\n^|^|单位|人员|^\n1|甲|局|张某|5月",
            "| 序号 | 问题 | 单位 | 人员 | 时限 |\n| --- | --- | --- | --- | --- |\n| 1 | 甲 | 局 | 张某 | 5月 |",
        );
        check(
            "序号|省级*2|市级*2\n^|数|率|数|率\n1|2|3|4|5",
            "| 序号 | 省级数 | 省级率 | 市级数 | 市级率 |\n| --- | --- | --- | --- | --- |\n| 1 | 2 | 3 | 4 | 5 |",
        );
    }

    #[test]
    fn section_row_keeps_its_text_once() {
        check("a|b\n责任方面*2\n1|2", "| a | b |\n| --- | --- |\n| 责任方面 |  |\n| 1 | 2 |");
    }

    #[test]
    fn layout_tables_become_lines() {
        check("甲\n乙", "甲\n乙");
        check("甲|乙", "甲\n乙");
        check("a|b\n1|x｜y", "| a | b |\n| --- | --- |\n| 1 | x｜y |");
    }
}
