//! Tables from drawn lines: which cells they enclose and which text stands in each.

use super::{Rule, Run, is_wide, join_runs, lines_of, starts_numbered};
use crate::document::{GridCell, TableGrid};

/// Lines nearer than this are one line, points.
const NEAR: f64 = 2.5;

/// More lines than this on a page are a drawing, not a table.
const RULES_MAX: usize = 20_000;

/// Tables looked for on one page; more of them are a drawing.
const TABLES_MAX: usize = 50;

/// Columns and rows of one page's table beyond which it is a drawing.
const TRACKS_MAX: usize = 200;

/// Cells times lines of one table: what finding the borders of all cells costs.
const WORK_MAX: usize = 5_000_000;

/// A table on its page.
pub(super) struct TableBox {
    /// Upper edge, points from the top.
    pub(super) top: f64,
    /// Its cells.
    pub(super) grid: TableGrid,
}

/// A straight line along one axis: its position across and its extent along.
#[derive(Clone, Copy, Debug)]
struct Bar {
    at: f64,
    from: f64,
    to: f64,
}

impl Bar {
    fn covers(&self, place: f64) -> bool {
        self.from - NEAR <= place && place <= self.to + NEAR
    }
}

/// The tables of a page, and the text that stands outside of them.
pub(super) fn tables(rules: &[Rule], runs: Vec<Run>) -> (Vec<TableBox>, Vec<Run>) {
    if rules.len() < 4 || rules.len() > RULES_MAX {
        return (Vec::new(), runs);
    }
    let mut across = Vec::new();
    let mut down = Vec::new();
    for rule in rules {
        let (width, height) = ((rule.x1 - rule.x0).abs(), (rule.y1 - rule.y0).abs());
        if !(width + height).is_finite() {
            continue;
        }
        if height < NEAR && width > 4.0 {
            across.push(Bar {
                at: f64::midpoint(rule.y0, rule.y1),
                from: rule.x0.min(rule.x1),
                to: rule.x0.max(rule.x1),
            });
        } else if width < NEAR && height > 4.0 {
            down.push(Bar {
                at: f64::midpoint(rule.x0, rule.x1),
                from: rule.y0.min(rule.y1),
                to: rule.y0.max(rule.y1),
            });
        }
    }
    let across = merge(across);
    let down = merge(down);
    let mut rest = runs;
    let mut found = Vec::new();
    for part in components(&across, &down) {
        let Some(frame) = Frame::new(&part, &across, &down) else { continue };
        if found.len() >= TABLES_MAX {
            break;
        }
        let (inside, outside) = rest.into_iter().partition(|run| frame.holds(run));
        rest = outside;
        found.push(TableBox {
            top: frame.ys.first().copied().unwrap_or(0.0),
            grid: frame.fill(inside),
        });
    }
    (found, rest)
}

/// Joins pieces of the same line that touch or overlap.
fn merge(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by(|a, b| a.at.total_cmp(&b.at));
    // Level positions first, so that sorting by extent works within one line.
    let mut level = f64::NEG_INFINITY;
    for bar in &mut bars {
        if bar.at - level > NEAR {
            level = bar.at;
        }
        bar.at = level;
    }
    bars.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut merged: Vec<Bar> = Vec::new();
    for bar in bars {
        match merged.last_mut() {
            Some(last) if (last.at - bar.at).abs() < 1e-9 && bar.from <= last.to + NEAR => {
                last.to = last.to.max(bar.to);
            }
            _ => merged.push(bar),
        }
    }
    merged
}

/// Lines that cross or touch belong together: indices of horizontal and vertical lines.
struct Part {
    across: Vec<usize>,
    down: Vec<usize>,
}

fn components(across: &[Bar], down: &[Bar]) -> Vec<Part> {
    if across.len().saturating_mul(down.len()) > 4_000_000 {
        return Vec::new();
    }
    let mut group: Vec<usize> = (0..across.len() + down.len()).collect();
    for (row, bar) in across.iter().enumerate() {
        for (column, other) in down.iter().enumerate() {
            if bar.covers(other.at) && other.covers(bar.at) {
                join(&mut group, row, across.len() + column);
            }
        }
    }
    let mut parts: std::collections::BTreeMap<usize, Part> = std::collections::BTreeMap::new();
    for index in 0..group.len() {
        let part = parts
            .entry(root(&mut group, index))
            .or_insert_with(|| Part { across: Vec::new(), down: Vec::new() });
        match index.checked_sub(across.len()) {
            None => part.across.push(index),
            Some(column) => part.down.push(column),
        }
    }
    parts.into_values().collect()
}

/// The first member of a group; paths are halved on the way, so that chains stay short.
fn root(group: &mut [usize], index: usize) -> usize {
    let mut at = index;
    while let Some(&parent) = group.get(at) {
        if parent == at {
            break;
        }
        let above = group.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = group.get_mut(at) {
            *slot = above;
        }
        at = above;
    }
    at
}

/// Makes one group of two.
fn join(group: &mut [usize], a: usize, b: usize) {
    let (a_root, b_root) = (root(group, a), root(group, b));
    if let Some(parent) = group.get_mut(a_root.max(b_root)) {
        *parent = a_root.min(b_root);
    }
}

/// The tracks of one table and the lines that separate its cells.
struct Frame {
    xs: Vec<f64>,
    ys: Vec<f64>,
    across: Vec<Bar>,
    down: Vec<Bar>,
}

impl Frame {
    /// `None` unless the lines enclose at least two columns and one row.
    fn new(part: &Part, across: &[Bar], down: &[Bar]) -> Option<Self> {
        let across: Vec<Bar> = part.across.iter().filter_map(|i| across.get(*i).copied()).collect();
        let down: Vec<Bar> = part.down.iter().filter_map(|i| down.get(*i).copied()).collect();
        let tracks = |bars: &[Bar]| {
            let mut places: Vec<f64> = bars.iter().map(|bar| bar.at).collect();
            places.sort_by(f64::total_cmp);
            places.dedup_by(|a, b| (*a - *b).abs() < NEAR);
            places
        };
        let (mut xs, ys) = (tracks(&down), tracks(&across));
        // Tables without side borders still end where their horizontal lines end.
        let left = across.iter().map(|bar| bar.from).fold(f64::INFINITY, f64::min);
        let right = across.iter().map(|bar| bar.to).fold(f64::NEG_INFINITY, f64::max);
        if xs.first().is_some_and(|first| left < first - 3.0 * NEAR) {
            xs.insert(0, left);
        }
        if xs.last().is_some_and(|last| right > last + 3.0 * NEAR) {
            xs.push(right);
        }
        let fits = (3..=TRACKS_MAX).contains(&xs.len()) && (2..=TRACKS_MAX).contains(&ys.len());
        let work = xs.len() * ys.len() * (across.len() + down.len());
        (fits && work < WORK_MAX).then_some(Self { xs, ys, across, down })
    }

    fn holds(&self, run: &Run) -> bool {
        self.cell_of(run).is_some()
    }

    /// Row and column of the cell in which a piece of text stands.
    fn cell_of(&self, run: &Run) -> Option<(usize, usize)> {
        let track = |places: &[f64], place: f64| {
            let after = places.partition_point(|edge| *edge <= place);
            after.checked_sub(1).filter(|_| after < places.len())
        };
        let row = track(&self.ys, run.y - 0.35 * run.size)?;
        // The start tells the cell: a long piece may reach over an edge.
        let column = track(&self.xs, run.x + 0.3 * run.size.min(run.width))?;
        Some((row, column))
    }

    fn middle(places: &[f64], index: usize) -> f64 {
        let at = |index: usize| places.get(index).copied().unwrap_or(0.0);
        f64::midpoint(at(index), at(index + 1))
    }

    /// True when a vertical line closes cell (`row`, `column`) on its right.
    fn closed_right(&self, row: usize, column: usize) -> bool {
        let (Some(edge), height) = (self.xs.get(column + 1), Self::middle(&self.ys, row)) else {
            return true;
        };
        let last = column + 2 >= self.xs.len();
        last || self.down.iter().any(|bar| (bar.at - edge).abs() < NEAR && bar.covers(height))
    }

    /// True when a horizontal line closes cell (`row`, `column`) at its top.
    fn closed_top(&self, row: usize, column: usize) -> bool {
        let (Some(edge), middle) = (self.ys.get(row), Self::middle(&self.xs, column)) else {
            return true;
        };
        row == 0 || self.across.iter().any(|bar| (bar.at - edge).abs() < NEAR && bar.covers(middle))
    }

    /// Puts the text into its cells.
    fn fill(&self, runs: Vec<Run>) -> TableGrid {
        let (rows, columns) = (self.ys.len() - 1, self.xs.len() - 1);
        let mut grid = TableGrid::default();
        // For each grid place: index of the cell (row, place in row) that it belongs to.
        let mut owner: Vec<Vec<(usize, usize)>> = Vec::with_capacity(rows);
        for row in 0..rows {
            let mut cells: Vec<GridCell> = Vec::new();
            let mut owners: Vec<(usize, usize)> = Vec::with_capacity(columns);
            let mut column = 0;
            while column < columns {
                let start = column;
                while !self.closed_right(row, column) && column + 1 < columns {
                    column += 1;
                }
                column += 1;
                let continued = !self.closed_top(row, start);
                let above = row.checked_sub(1).and_then(|up| owner.get(up)?.get(start).copied());
                let place = match above {
                    Some(above) if continued => above,
                    _ => (row, cells.len()),
                };
                owners.resize(column, place);
                cells.push(GridCell { text: String::new(), columns: column - start, continued });
            }
            owner.push(owners);
            grid.rows.push(cells);
        }
        let mut texts: std::collections::BTreeMap<(usize, usize), (f64, Vec<Run>)> =
            std::collections::BTreeMap::new();
        for run in runs {
            let Some((row, column)) = self.cell_of(&run) else { continue };
            let Some(place) = owner.get(row).and_then(|row| row.get(column)).copied() else {
                continue;
            };
            let right = self.right_edge(&owner, row, place, column);
            texts.entry(place).or_insert_with(|| (right, Vec::new())).1.push(run);
        }
        for ((row, index), (right, runs)) in texts {
            if let Some(cell) = grid.rows.get_mut(row).and_then(|row| row.get_mut(index)) {
                cell.text = cell_text(runs, right);
            }
        }
        grid
    }

    fn right_edge(
        &self,
        owner: &[Vec<(usize, usize)>],
        row: usize,
        place: (usize, usize),
        column: usize,
    ) -> f64 {
        let owners = owner.get(row).map_or(&[][..], Vec::as_slice);
        let own = owners.iter().skip(column).take_while(|other| **other == place).count();
        self.xs.get(column + own).copied().unwrap_or(f64::INFINITY)
    }
}

/// The text of one cell: wrapped lines joined, others on lines of their own.
fn cell_text(runs: Vec<Run>, right: f64) -> String {
    let mut text = String::new();
    let mut wrapped = false;
    for line in lines_of(runs) {
        let piece = join_runs(line.iter());
        let piece = piece.trim();
        if piece.is_empty() {
            continue;
        }
        let sentence_end = text.ends_with(['。', '；', ';']);
        if !text.is_empty() {
            let words = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
            if !wrapped || (sentence_end && starts_numbered(piece)) {
                text.push('\n');
            } else if words(text.chars().next_back()) && words(piece.chars().next()) {
                text.push(' ');
            }
        }
        text.push_str(piece);
        let end = line.iter().map(Run::end).fold(f64::NEG_INFINITY, f64::max);
        let size = line.iter().map(|run| run.size).fold(0.0, f64::max);
        let wide = piece.chars().any(is_wide);
        wrapped = end > right - if wide { 1.9 } else { 4.0 } * size;
    }
    text
}
