//! Cells as nearly every program writes them, read in one go: place, style and type, and one value
//! with nothing around it. A sheet of a register has millions of them, and each would be seven
//! tokens. Whatever is written otherwise is none of these, and left to the tokens.

/// A plain cell; what is not written is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PlainCell<'b> {
    /// `r`, as in `B12`.
    pub(super) place: &'b [u8],
    /// `s`, the number of its style.
    pub(super) style: &'b [u8],
    /// `t`, its type.
    pub(super) kind: &'b [u8],
    /// What stands in its `<v>` or `<is><t>`, references not resolved.
    pub(super) value: &'b [u8],
    /// Bytes from its `<` to the end of its `</c>`.
    pub(super) length: usize,
}

/// Levels of tags in a plain cell: `<c><is><t>`.
pub(super) const LEVELS: usize = 3;

/// Attributes of a plain cell.
pub(super) const ATTRIBUTES: usize = 3;

/// The plain cell that begins these bytes.
pub(super) fn plain_cell(bytes: &[u8]) -> Option<PlainCell<'_>> {
    let mut cell = PlainCell::default();
    let mut seen = 0_u8;
    let mut rest = bytes.strip_prefix(b"<c")?;
    for _ in 0..ATTRIBUTES {
        let [b' ', name @ (b'r' | b's' | b't'), b'=', b'"', after @ ..] = rest else { break };
        let (value, after) = split_before(after, b'"')?;
        let (bit, slot) = match name {
            b'r' => (1, &mut cell.place),
            b's' => (2, &mut cell.style),
            _ => (4, &mut cell.kind),
        };
        // Written twice it is no XML, and the tokens say what is read of it.
        if seen & bit != 0 {
            return None;
        }
        seen |= bit;
        *slot = value;
        rest = after.get(1..)?;
    }
    let rest = match rest {
        [b'/', b'>', after @ ..] => after,
        [b'>', b'<', b'v', b'>', after @ ..] => {
            let (value, after) = split_before(after, b'<')?;
            cell.value = value;
            after.strip_prefix(b"</v></c>")?
        }
        [b'>', after @ ..] => {
            let (value, after) = split_before(after.strip_prefix(b"<is><t>")?, b'<')?;
            cell.value = value;
            after.strip_prefix(b"</t></is></c>")?
        }
        _ => return None,
    };
    cell.length = bytes.len() - rest.len();
    Some(cell)
}

/// Bytes before the first of a kind, and those from it on. Nearly always it is a few bytes away.
fn split_before(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|own| *own == byte)?;
    bytes.split_at_checked(at)
}

#[cfg(test)]
mod tests {
    use super::{PlainCell, plain_cell};

    #[test]
    fn plain_cells_are_known_and_others_left_alone() {
        let cell =
            |place: &'static str, style: &'static str, kind: &'static str, value: &'static str| {
                let [place, style, kind, value] = [place, style, kind, value].map(str::as_bytes);
                Some(PlainCell { place, style, kind, value, length: 0 })
            };
        let cases = [
            (r#"<c r="A2"><v>7</v></c>"#, cell("A2", "", "", "7")),
            (r#"<c r="A2" s="3" t="s"><v>7</v></c>"#, cell("A2", "3", "s", "7")),
            (r#"<c t="s" r="A2"><v></v></c>"#, cell("A2", "", "s", "")),
            (r#"<c r="A2" s="3"/>"#, cell("A2", "3", "", "")),
            (r#"<c><v>7</v></c>"#, cell("", "", "", "7")),
            (r#"<c r="A2" r="B2"><v>7</v></c>"#, None),
            (r#"<c r="" r="B2"><v>7</v></c>"#, None),
            (r#"<c r="A2" t="s" t="n"/>"#, None),
            (
                r#"<c r="B2" t="inlineStr"><is><t>甲&amp;乙</t></is></c>"#,
                cell("B2", "", "inlineStr", "甲&amp;乙"),
            ),
            (r#"<c r="A2"></c>"#, None),
            (r#"<c r="A2" ><v>7</v></c>"#, None),
            (r#"<c r='A2'><v>7</v></c>"#, None),
            (r#"<c r="A2" cm="1"><v>7</v></c>"#, None),
            (r#"<c r="A2" s="3" t="s" t="n"><v>7</v></c>"#, None),
            (r#"<c r="A2"><f>1+1</f><v>2</v></c>"#, None),
            (r#"<c r="A2"><v>7</v><extLst/></c>"#, None),
            (r#"<c r="A2"><v>7<!-- --></v></c>"#, None),
            (r#"<c r="A2"><is><t xml:space="preserve"> </t></is></c>"#, None),
            (r#"<c r="A2"><is><t>甲</t><t>乙</t></is></c>"#, None),
            (r#"<col r="A2"/>"#, None),
            (r#"<x:c r="A2"/>"#, None),
            ("", None),
        ];
        for (text, expected) in cases {
            let length = text.len();
            let expected = expected.map(|cell| PlainCell { length, ..cell });
            let more = format!("{text}<c");
            assert_eq!(plain_cell(more.as_bytes()), expected, "{text}");
            for cut in 0..text.len() {
                assert_eq!(plain_cell(&text.as_bytes()[..cut]), None, "{text} cut at {cut}");
            }
        }
    }
}
