//! The text of a letter with the sentences of its rows marked. Linear in the text's length.

use super::model::RowView;
use maud::{Markup, html};

/// Scalars of one part of a long text: a page of about 60 KB that paints in its budget.
const PART_SCALARS: usize = 20_000;
/// A text up to this length is shown whole.
const WHOLE_SCALARS: usize = 24_000;
/// Scalars by which a part may grow until its line ends.
const LINE_SCALARS_MAX: usize = 4_000;

/// One part of a text: whole lines, as far as they are not endless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// First scalar and the one behind the last.
    pub(crate) scalars: (usize, usize),
    /// First byte and the one behind the last.
    pub(crate) bytes: (usize, usize),
    /// Its first line, from 1.
    pub(crate) first_line: usize,
}

/// The parts of a text, at least one. One pass.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part { first_line: 1, ..Part::default() };
    let (mut line, mut at) = (1, 0);
    for (byte, character) in text.char_indices() {
        at += 1;
        line += usize::from(character == '\n');
        let length = at - part.scalars.0;
        let is_full = length >= PART_SCALARS && character == '\n';
        if is_full || length >= PART_SCALARS + LINE_SCALARS_MAX {
            part.scalars.1 = at;
            part.bytes.1 = byte + character.len_utf8();
            parts.push(part);
            part = Part { scalars: (at, at), bytes: (part.bytes.1, 0), first_line: line };
        }
    }
    if at <= WHOLE_SCALARS {
        return vec![Part { scalars: (0, at), bytes: (0, text.len()), first_line: 1 }];
    }
    if part.scalars.0 < at {
        parts.push(Part {
            scalars: (part.scalars.0, at),
            bytes: (part.bytes.0, text.len()),
            ..part
        });
    }
    parts
}

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

/// The lines of a part in pieces; `first` is its first scalar in the whole text.
fn lines(text: &str, first: usize, rows: &[RowView]) -> Vec<Vec<Piece>> {
    let marks = marks(rows);
    let mut next = marks.iter().peekable();
    let mut lines = vec![Vec::new()];
    let mut piece = Piece { text: String::new(), mark: None };
    for (at, character) in text.chars().enumerate() {
        let at = at + first;
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

/// A part of the text; each line has the id `l-<line>`, each mark leads to its row.
pub(crate) fn marked_text(text: &str, part: &Part, rows: &[RowView]) -> Markup {
    html! {
        @for (place, line) in lines(text, part.scalars.0, rows).iter().enumerate() {
            @if !line.is_empty() {
                p id={ "l-" (place + part.first_line) } {
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
        lines(text, 0, rows).iter().map(line).collect::<Vec<_>>().join("|")
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

    #[test]
    fn parts_are_whole_lines_and_join_to_the_text() {
        let line = format!("{}\n", "甲".repeat(99));
        let cases = [
            (String::new(), 1),
            (line.repeat(240), 1),
            (line.repeat(241), 2),
            (line.repeat(1_000), 5),
            ("乙".repeat(50_000), 3),
        ];
        for (text, count) in cases {
            let parts = parts(&text);
            assert_eq!(parts.len(), count, "{} scalars", text.chars().count());
            let joined: String =
                parts.iter().map(|part| text.get(part.bytes.0..part.bytes.1).unwrap()).collect();
            assert_eq!(joined, text);
            for pair in parts.windows(2) {
                assert_eq!(pair[0].scalars.1, pair[1].scalars.0);
                let before = text.get(..pair[1].bytes.0).unwrap();
                assert_eq!(before.matches('\n').count() + 1, pair[1].first_line);
            }
        }
    }

    #[test]
    fn marks_of_a_later_part_stand_where_they_do_in_the_whole() {
        let found = lines("丙丁", 2, &[row(1, 1, 3), row(2, 3, 4)]);
        let marked: Vec<_> = found.iter().flatten().map(|piece| piece.mark).collect();
        assert_eq!(marked, [Some((1, true, false)), Some((2, true, true))]);
    }
}
