//! The text of a letter with the sentences of its rows marked. Linear in the text's length.

use super::model::RowView;
use maud::{Markup, html};

/// A stretch of one line: plain, or part of the mark of a row.
struct Piece {
    text: String,
    /// Place of the row, whether it is included, and whether the mark begins here.
    mark: Option<(usize, bool, bool)>,
}

/// Marks by start, without overlaps: a mark that begins inside another begins behind it.
fn marks(rows: &[RowView]) -> Vec<(usize, usize, usize, bool)> {
    let mut marks: Vec<_> = rows
        .iter()
        .filter_map(|row| row.span.map(|(from, to)| (from, to, row.place, row.is_included)))
        .collect();
    marks.sort_unstable();
    let mut end = 0;
    for (from, to, ..) in &mut marks {
        *from = (*from).max(end);
        end = end.max(*to);
    }
    marks.retain(|(from, to, ..)| from < to);
    marks
}

/// The lines of the text in pieces.
fn lines(text: &str, rows: &[RowView]) -> Vec<Vec<Piece>> {
    let marks = marks(rows);
    let mut next = marks.iter().peekable();
    let mut lines = vec![Vec::new()];
    let mut piece = Piece { text: String::new(), mark: None };
    for (at, character) in text.chars().enumerate() {
        while next.peek().is_some_and(|(_, to, ..)| *to <= at) {
            next.next();
        }
        let inside = next.peek().filter(|(from, ..)| *from <= at);
        let row = inside.map(|(_, _, place, _)| *place);
        if character == '\n' || row != piece.mark.map(|(place, ..)| place) {
            let mark = inside.map(|(from, _, place, included)| (*place, *included, *from == at));
            let done = std::mem::replace(&mut piece, Piece { text: String::new(), mark });
            if let Some(line) = lines.last_mut().filter(|_| !done.text.is_empty()) {
                line.push(done);
            }
        }
        if character == '\n' {
            lines.push(Vec::new());
        } else if character != '\r' {
            piece.text.push(character);
        }
    }
    if let Some(line) = lines.last_mut().filter(|_| !piece.text.is_empty()) {
        line.push(piece);
    }
    lines
}

/// The text; each line has the id `l-<line>`, each mark leads to its row.
pub(crate) fn marked_text(text: &str, rows: &[RowView]) -> Markup {
    html! {
        @for (place, line) in lines(text, rows).iter().enumerate() {
            @if !line.is_empty() {
                p id={ "l-" (place + 1) } {
                    @for piece in line {
                        @match piece.mark {
                            None => { (piece.text) },
                            Some((row, is_included, is_first)) => {
                                mark.off[!is_included] data-row=(row)
                                    id=[is_first.then(|| format!("m-{row}"))] {
                                    @if is_first {
                                        a.no href={ "#row-" (row) } { (row) }
                                    }
                                    (piece.text)
                                }
                            },
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(place: usize, from: usize, to: usize) -> RowView {
        RowView { place, span: Some((from, to)), is_included: true, ..RowView::default() }
    }

    fn shown(text: &str, rows: &[RowView]) -> String {
        let line = |line: &Vec<Piece>| {
            line.iter()
                .map(|piece| match piece.mark {
                    Some((place, _, first)) => {
                        format!("[{place}{}{}]", if first { ":" } else { "+" }, piece.text)
                    }
                    None => piece.text.clone(),
                })
                .collect::<String>()
        };
        lines(text, rows).iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn marks_follow_lines_and_never_overlap() {
        let cases = [
            ("甲乙丙丁", vec![row(1, 1, 3)], "甲[1:乙丙]丁"),
            ("甲乙\n丙丁", vec![row(1, 1, 4)], "甲[1:乙]|[1+丙]丁"),
            ("甲乙丙丁", vec![row(2, 1, 4), row(1, 0, 2)], "[1:甲乙][2:丙丁]"),
            ("甲乙", vec![row(1, 0, 1), row(2, 1, 2)], "[1:甲][2:乙]"),
            ("甲乙", vec![row(1, 5, 9)], "甲乙"),
        ];
        for (text, rows, expected) in cases {
            assert_eq!(shown(text, &rows), expected, "{text}");
        }
    }
}
