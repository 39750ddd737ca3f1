//! Ledgers as tables: columns between bars, or separated by tabs.

use super::content::{Content, Row};
use super::finding::{Noted, Spot, Written, measures, note, value};
use super::layout::{Layout, Style};
use super::numbers::{Numbered, Sequence, written};
use super::writer::{Place, Writer};

/// Writes the table.
pub fn ledger(w: &mut Writer, layout: &Layout, content: &Content) {
    let mut head = if layout.category_rows {
        vec!["序号", "具体问题", "整改措施"]
    } else {
        vec!["序号", "问题类别", "具体问题", "整改措施"]
    };
    head.extend(layout.roles.iter().map(|(_, label)| *label));
    w.raw("\n");
    let bars = layout.column == "|";
    if bars {
        w.raw(&format!("| {} |\n", head.join(" | ")));
        w.raw(&format!("|{}\n", " --- |".repeat(head.len())));
    } else {
        w.raw(&format!("{}\n", head.join(layout.column)));
    }
    let mut numbers = Sequence::new(Style::Dot, content.fault);
    for (group, n) in content.groups.iter().zip(1..) {
        let heading =
            layout.category_rows.then(|| category_row(w, bars, group.title, n, head.len()));
        for row in &group.rows {
            let number = numbers.take(0);
            line(w, layout, (group.title, heading), row, &number);
        }
    }
}

/// A row that holds only the heading of a category.
fn category_row(w: &mut Writer, bars: bool, title: &str, n: u32, columns: usize) -> Place {
    w.raw(if bars { "| " } else { "" });
    let mark = cell(w, &written(Style::Han, n, 0));
    let title = cell(w, title);
    w.node(None, Some((mark, Some(n))), title);
    w.raw(&if bars {
        format!("{}\n", " |".repeat(columns))
    } else {
        "\t".repeat(columns - 1) + "\n"
    });
    title
}

/// Writes one row.
fn line(
    w: &mut Writer,
    layout: &Layout,
    (category, heading): (&str, Option<Place>),
    row: &Row,
    number: &Numbered,
) {
    let bars = layout.column == "|";
    let between = if bars { " | " } else { layout.column };
    let start = w.at();
    if bars {
        w.raw("| ");
    }
    let mut out = Written::default();
    let mark = cell(w, number.text.trim_end_matches('.'));
    if let Some(kind) = number.defect {
        w.defect(kind, None, mark);
    }
    w.raw(between);
    let category = heading.unwrap_or_else(|| {
        let place = cell(w, category);
        w.raw(between);
        place
    });
    let title = w.phrase(&row.title);
    w.put("。");
    for statement in &row.statements {
        let from = w.phrase(statement).0;
        w.put("；");
        out.problems.push((None, (from, w.at())));
    }
    w.raw(between);
    measures(w, layout.measures, &row.measures, &mut out);
    for (role, _) in layout.roles {
        w.raw(between);
        value(w, layout, *role, row, &mut out);
    }
    out.end = w.at();
    w.raw(if bars { " |\n" } else { "\n" });
    let spot = Spot { parent: None, category: Some(category), subcategory: None };
    note(w, layout, row, &out, Noted { start, title, mark: Some(mark), node: None, spot });
}

/// Writes a cell of plain words.
fn cell(w: &mut Writer, words: &str) -> Place {
    let start = w.at();
    w.raw(words);
    (start, w.at())
}
