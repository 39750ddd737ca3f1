//! Lines of pages to paragraphs: running heads and page numbers go, wrapped lines are joined,
//! tables that run over pages become one.

use super::grid::{self, TableBox};
use super::{Page, Run, is_wide, join_runs, lines_of, starts_numbered};
use crate::document::{GridCell, TableGrid, TextBuilder};
use std::collections::HashMap;

/// Share of the page height at its top and bottom where running heads and page numbers stand.
const EDGE_SHARE: f64 = 0.12;

/// Fewer lines than this do not tell a margin.
const LINES_FEW: usize = 6;

/// A line of text on its page.
struct Line {
    x0: f64,
    x1: f64,
    y: f64,
    size: f64,
    text: String,
}

enum Item {
    Line(Line),
    Table(TableBox),
}

impl Item {
    fn top(&self) -> f64 {
        match self {
            Self::Line(line) => line.y - line.size,
            Self::Table(table) => table.top,
        }
    }
}

/// The items of one page and its text margins.
struct Sheet {
    items: Vec<Item>,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
}

/// Writes the pages as paragraphs and tables.
pub(super) fn write(pages: Vec<Page>, out: &mut TextBuilder) {
    let mut sheets: Vec<Sheet> = pages.into_iter().map(sheet).collect();
    remove_edges(&mut sheets, out);
    let body_size = body_size(&sheets);
    set_margins(&mut sheets, body_size);
    let is_indented = indents(&sheets, body_size);
    let mut writer = Writer { out, body_size, open: None, table: None };
    for sheet in sheets {
        let Sheet { items, width, left, right, .. } = sheet;
        let frame = Frame { left, right, center: width / 2.0, is_indented };
        for item in items {
            match item {
                Item::Line(line) => writer.line(line, frame),
                Item::Table(table) => writer.table(table),
            }
        }
        writer.page_end();
    }
    writer.close_paragraph();
    writer.close_table();
}

fn sheet(page: Page) -> Sheet {
    let Page { width, height, runs, rules } = page;
    let (tables, rest) = grid::tables(&rules, runs);
    let mut items: Vec<Item> = tables.into_iter().map(Item::Table).collect();
    for line in lines_of(rest) {
        items.extend(to_line(&line).map(Item::Line));
    }
    items.sort_by(|a, b| a.top().total_cmp(&b.top()));
    Sheet { items, width, height, left: 0.0, right: width }
}

fn to_line(runs: &[Run]) -> Option<Line> {
    let text = join_runs(runs.iter());
    let shown = || runs.iter().filter(|run| !run.text.trim().is_empty());
    let first = shown().next()?;
    let lead = first.text.chars().take_while(|c| c.is_whitespace()).count();
    // Paragraphs are sometimes indented by spaces.
    let step = first.width / first.text.chars().count().max(1) as f64;
    let size = shown().map(|run| run.size).fold(0.0, f64::max);
    Some(Line {
        x0: first.x + step * lead as f64,
        x1: shown().map(Run::end).fold(f64::NEG_INFINITY, f64::max),
        y: runs.iter().map(|run| run.y).fold(f64::NEG_INFINITY, f64::max),
        size,
        text: text.trim().to_owned(),
    })
}

/// Takes page numbers and running heads off the edges of the pages.
fn remove_edges(sheets: &mut [Sheet], out: &mut TextBuilder) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for sheet in sheets.iter() {
        let mut own: Vec<String> =
            sheet.items.iter().filter_map(|item| edge_key(item, sheet.height)).collect();
        own.sort_unstable();
        own.dedup();
        for key in own {
            *seen.entry(key).or_default() += 1;
        }
    }
    let often = (sheets.len() / 2).max(2);
    let mut removed = false;
    for sheet in sheets {
        let height = sheet.height;
        let before = sheet.items.len();
        sheet.items.retain(|item| match (item, edge_key(item, height)) {
            (Item::Line(line), Some(key)) => {
                let repeated = seen.get(&key).is_some_and(|count| *count >= often);
                !(repeated || is_page_number(&line.text))
            }
            _ => true,
        });
        removed |= sheet.items.len() < before;
    }
    if removed {
        out.note("页眉、页脚和页码未读入", "running heads and page numbers are left out");
    }
}

/// The text of a line at the page's edge with its digits levelled; `None` elsewhere.
fn edge_key(item: &Item, height: f64) -> Option<String> {
    let Item::Line(line) = item else { return None };
    let edge = line.y < height * EDGE_SHARE || line.y > height * (1.0 - EDGE_SHARE);
    let digits_levelled = line
        .text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_digit() { '0' } else { c });
    (edge && line.text.chars().count() <= 80).then(|| digits_levelled.collect())
}

/// `— 3 —`, `第 3 页 共 8 页`, `3/8`, `3`.
fn is_page_number(text: &str) -> bool {
    let folded = taizhang_values::fold_width(text);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let only_marks = folded
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "—–-―─·/第页共,，".contains(c));
    only_marks && (1..=8).contains(&digits)
}

/// The size most characters have.
fn body_size(sheets: &[Sheet]) -> f64 {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for line in lines(sheets) {
        *counts.entry(rounded(line.size)).or_default() += line.text.len();
    }
    let most = counts.into_iter().max_by_key(|(size, count)| (*count, *size));
    most.map_or(12.0, |(size, _)| size as f64 / 2.0)
}

/// Half points.
#[expect(clippy::cast_possible_truncation, reason = "sizes are clamped to a small range")]
fn rounded(size: f64) -> i64 {
    (size.clamp(0.0, 1000.0) * 2.0).round() as i64
}

/// True when at least one body line in ten starts about two characters from the margin.
fn indents(sheets: &[Sheet], body_size: f64) -> bool {
    let (mut indented, mut all) = (0_usize, 0_usize);
    for sheet in sheets {
        for line in lines(std::slice::from_ref(sheet)) {
            let shift = (line.x0 - sheet.left) / body_size.max(1.0);
            all += 1;
            indented += usize::from((1.3..3.0).contains(&shift));
        }
    }
    indented * 10 >= all && indented > 0
}

fn lines(sheets: &[Sheet]) -> impl Iterator<Item = &Line> {
    sheets.iter().flat_map(|sheet| &sheet.items).filter_map(|item| match item {
        Item::Line(line) => Some(line),
        Item::Table(_) => None,
    })
}

/// Margins of each page by its own lines, by all pages when it has few.
fn set_margins(sheets: &mut [Sheet], body_size: f64) {
    let all = margins(lines(sheets), body_size);
    let few = lines(sheets).take(LINES_FEW).count() < LINES_FEW;
    for sheet in sheets {
        let own: Vec<&Line> = sheet
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Line(line) => Some(line),
                Item::Table(_) => None,
            })
            .collect();
        let own = if own.len() >= LINES_FEW { margins(own.into_iter(), body_size) } else { None };
        let (left, right) = own.or(all).unwrap_or((0.0, sheet.width));
        // A short letter has no full line; its margins are about equally wide.
        let mirrored = if few { sheet.width - left - 2.0 * body_size } else { right };
        (sheet.left, sheet.right) = (left, right.max(mirrored));
    }
}

/// Left and right edge of the body text: the outermost places that several lines reach.
fn margins<'l>(lines: impl Iterator<Item = &'l Line>, body_size: f64) -> Option<(f64, f64)> {
    let body: Vec<&Line> = lines.filter(|line| (line.size - body_size).abs() < 1.0).collect();
    let mut starts: Vec<f64> = body.iter().map(|line| line.x0).collect();
    let mut ends: Vec<f64> = body.iter().map(|line| line.x1).collect();
    starts.sort_by(f64::total_cmp);
    ends.sort_by(|a, b| b.total_cmp(a));
    let outermost = |sorted: &[f64]| -> Option<f64> {
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < body_size * 0.8;
        let pair = sorted.iter().zip(sorted.iter().skip(1)).find(|pair| near(*pair));
        pair.map(|(edge, _)| *edge).or(sorted.first().copied())
    };
    Some((outermost(&starts)?, outermost(&ends)?))
}

/// Where the text of a page stands.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    center: f64,
    /// Paragraphs start with an indent, so that a line at the margin goes on with the one before.
    is_indented: bool,
}

struct Writer<'a> {
    out: &'a mut TextBuilder,
    body_size: f64,
    /// The paragraph being joined and its last line.
    open: Option<(String, Line, Frame)>,
    /// A table that may go on, with its column count.
    table: Option<TableGrid>,
}

impl Writer<'_> {
    fn line(&mut self, line: Line, frame: Frame) {
        self.close_table();
        if let Some((text, last, last_frame)) = &mut self.open
            && self.body_size > 0.0
            && continues(text, last, *last_frame, &line, frame, self.body_size)
        {
            let letters = text.chars().next_back().is_some_and(|c| c.is_ascii_alphabetic())
                && line.text.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
            if letters {
                text.push(' ');
            }
            text.push_str(&line.text);
            *last = line;
            *last_frame = frame;
            return;
        }
        self.close_paragraph();
        self.open = Some((line.text.clone(), line, frame));
    }

    fn close_paragraph(&mut self) {
        if let Some((text, ..)) = self.open.take() {
            self.out.paragraph(&text);
        }
    }

    fn close_table(&mut self) {
        if let Some(grid) = self.table.take() {
            self.out.table(grid);
        }
    }

    /// A table right after one of as many columns is its continuation on the next page.
    fn table(&mut self, table: TableBox) {
        self.close_paragraph();
        let width = |grid: &TableGrid| -> usize {
            grid.rows.first().map_or(0, |row| row.iter().map(|cell| cell.columns).sum())
        };
        match &mut self.table {
            Some(open) if width(open) == width(&table.grid) => {
                let texts = |row: &Vec<GridCell>| -> Vec<String> {
                    row.iter().map(|cell| cell.text.clone()).collect()
                };
                let head = open.rows.first().map(texts);
                let mut rows = table.grid.rows;
                let repeated = rows.first().map(texts) == head;
                let mut rows = rows.drain(usize::from(repeated)..).collect::<Vec<_>>();
                join_split_row(open, &mut rows);
                open.rows.append(&mut rows);
            }
            _ => {
                self.close_table();
                self.table = Some(table.grid);
            }
        }
    }

    /// A paragraph goes on over a page end as over a line end.
    fn page_end(&mut self) {
        if let Some((_, last, _)) = &mut self.open {
            last.y = f64::NEG_INFINITY;
        }
    }
}

/// A row that a page end cuts in two has no number in its second half, which goes back to the
/// first; a merged cell that the page end cuts goes on below.
fn join_split_row(open: &mut TableGrid, rows: &mut Vec<Vec<GridCell>>) {
    let head = open.rows.first();
    let numbered = head.and_then(|head| {
        head.iter().position(|cell| matches!(cell.text.trim(), "序号" | "编号" | "问题编号"))
    });
    let Some((last, first)) = open.rows.last_mut().zip(rows.first_mut()) else { return };
    if last.len() != first.len() {
        return;
    }
    let is_blank = |cell: Option<&GridCell>| cell.is_some_and(|cell| cell.text.trim().is_empty());
    let cut = numbered.is_some_and(|at| is_blank(first.get(at)) && !is_blank(last.get(at)));
    if cut {
        for (upper, lower) in last.iter_mut().zip(first.iter()) {
            upper.text.push_str(&lower.text);
        }
        rows.remove(0);
        return;
    }
    for (upper, lower) in last.iter().zip(first.iter_mut()) {
        lower.continued |= upper.continued && lower.text.is_empty();
    }
}

/// True when `line` goes on where `last` was wrapped.
fn continues(
    text: &str,
    last: &Line,
    last_frame: Frame,
    line: &Line,
    frame: Frame,
    body_size: f64,
) -> bool {
    let em = last.size.max(line.size).max(1.0);
    if (last.size - line.size).abs() > 0.15 * em {
        return false;
    }
    let gap = line.y - last.y;
    let near = gap.is_infinite() || gap < 2.6 * em;
    let centered = |line: &Line, frame: Frame| {
        ((line.x0 + line.x1) / 2.0 - frame.center).abs() < 1.5 * em && line.x0 > frame.left + em
    };
    if line.size > 1.15 * body_size {
        let open_end = !text.ends_with(['。', '：', ':', '）', '〕', '号']);
        return near && open_end && centered(last, last_frame) && centered(line, frame);
    }
    // A line is full when the next word would not have fitted any more. Punctuation may hang over
    // the margin by one em, which moves the edge that was seen.
    let full = last.x1 + first_word_ems(&line.text) * em > last_frame.right - 1.2 * em;
    let flush = line.x0 < frame.left + 0.9 * em;
    let sentence_end = text.ends_with(['。', '；', '：', '！', '？', ';', ':', '）']);
    let begins = starts_numbered(&line.text) || starts_labelled(&line.text);
    let new_item = !frame.is_indented && sentence_end && begins;
    near && full && flush && !new_item
}

/// Width of what cannot be parted from the start of a line, in ems: a word or number, or one
/// character with the punctuation that must not begin a line.
fn first_word_ems(text: &str) -> f64 {
    let mut ems: f64 = 0.0;
    let (mut is_settled, mut is_word) = (false, false);
    for character in text.chars().take(40) {
        let opening = "“‘《（「〔【(".contains(character);
        if "。，、；：！？）》」”’〕】％,.;:!?)%".contains(character) {
            ems += 1.0;
            continue;
        }
        if is_settled || character.is_whitespace() {
            break;
        }
        if opening || is_wide(character) {
            if is_word {
                break;
            }
            ems += 1.0;
            is_settled = !opening;
        } else {
            ems += 0.55;
            is_word = true;
        }
    }
    ems.max(1.0)
}

/// True for a line that starts with a short label: `责任单位：`.
fn starts_labelled(text: &str) -> bool {
    let label = text.chars().take(9).position(|c| matches!(c, '：' | ':'));
    label.is_some_and(|at| at >= 2) && text.chars().take(2).all(is_wide)
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;
    use crate::document::DocumentFormat;

    /// A page with a ruled table of three columns; rows of cell texts, 20 points high.
    fn ruled(rows: &[[&str; 3]]) -> Page {
        let xs = [50.0, 100.0, 300.0, 400.0];
        let bottom = 300.0 + 20.0 * rows.len() as f64;
        let mut page = Page { width: 595.0, height: 842.0, ..Page::default() };
        for x in xs {
            page.rules.push(Rule { x0: x, y0: 300.0, x1: x, y1: bottom });
        }
        for row in 0..=rows.len() {
            let y = 300.0 + 20.0 * row as f64;
            page.rules.push(Rule { x0: 50.0, y0: y, x1: 400.0, y1: y });
        }
        for (row, cells) in rows.iter().enumerate() {
            for (x, text) in xs.iter().zip(cells) {
                let y = 314.0 + 20.0 * row as f64;
                let width = 10.0 * text.chars().count() as f64;
                page.runs.push(Run { x: x + 2.0, y, width, size: 10.0, text: (*text).into() });
            }
        }
        page
    }

    fn check(pages: Vec<Page>, expected: &[&str]) {
        let mut out = TextBuilder::default();
        write(pages, &mut out);
        let found = out.finish(DocumentFormat::Pdf).text;
        assert_eq!(found.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn tables_go_on_over_pages() {
        let first =
            ruled(&[["序号", "问题", "单位"], ["1", "责任", "县局"], ["2", "政策落实", "县局"]]);
        let second = ruled(&[["序号", "问题", "单位"], ["", "不到位", ""], ["3", "工作", "乡"]]);
        check(
            vec![first, second],
            &[
                "| 序号 | 问题 | 单位 |",
                "| --- | --- | --- |",
                "| 1 | 责任 | 县局 |",
                "| 2 | 政策落实不到位 | 县局 |",
                "| 3 | 工作 | 乡 |",
            ],
        );
    }

    #[test]
    fn numbers_and_labels_begin_paragraphs() {
        let cases = [
            ("一、甲", true),
            ("（二）甲", true),
            ("3.甲", true),
            ("①甲", true),
            ("第四条 甲", true),
            ("2.5万元", false),
            ("甲一、", false),
        ];
        for (text, expected) in cases {
            assert_eq!(starts_numbered(text), expected, "{text}");
        }
        assert!(starts_labelled("责任单位：县局") && !starts_labelled("他：是"));
    }
}
