//! Hostile and damaged files: a message, never a panic or an endless run; limits on both sides.

use crate::package::{Docx, item, list, p, table, zip};
use proptest::prelude::*;
use taizhang_exchange::{ExchangeError, Limits, document_text, read_workbook};

fn docx(document: &str) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", b"<Types/>".as_slice()),
        ("word/document.xml", document.as_bytes()),
    ])
}

fn body(inner: &str) -> String {
    format!("<document><body>{inner}</body></document>")
}

fn code(result: Result<impl Sized, ExchangeError>) -> &'static str {
    result.map_or_else(|error| error.code, |_| "read")
}

#[track_caller]
fn check(bytes: &[u8], limits: &Limits, expected: &str) {
    assert_eq!(code(document_text(bytes, None, limits)), expected);
}

#[test]
fn container_limits_hold_on_both_sides() {
    let small = docx(&body("<p><r><t>x</t></r></p>"));
    let size = small.len() as u64;
    check(&small, &Limits { container_bytes: size, ..Limits::default() }, "read");
    check(&small, &Limits { container_bytes: size - 1, ..Limits::default() }, "X0201");
    check(&small, &Limits { container_entries: 2, ..Limits::default() }, "read");
    check(&small, &Limits { container_entries: 1, ..Limits::default() }, "X0202");
    // Only the parts that are read count.
    let document = body("<p><r><t>x</t></r></p>").len() as u64;
    check(&small, &Limits { inflated_bytes: document, ..Limits::default() }, "read");
    check(&small, &Limits { inflated_bytes: document - 1, ..Limits::default() }, "X0203");
}

#[test]
fn compression_ratio_limit_holds_on_both_sides() {
    let limits = Limits::default();
    // 100 KiB are free of the ratio; one more step of inflating is not.
    let padded =
        |spaces: usize| docx(&format!("<document><body>{}</body></document>", " ".repeat(spaces)));
    check(&padded(90 * 1024), &limits, "read");
    check(&padded(900 * 1024), &limits, "X0204");
}

#[test]
fn xml_limits_hold_on_both_sides() {
    let limits = Limits::default();
    let nested =
        |depth: usize| docx(&body(&format!("{}{}", "<sdt>".repeat(depth), "</sdt>".repeat(depth))));
    check(&nested(62), &limits, "read");
    check(&nested(63), &limits, "X0301");
    let attributes = |count: usize| {
        let list: String = (0..count).map(|n| format!(" a{n}=\"{n}\"")).collect();
        docx(&body(&format!("<p{list}/>")))
    };
    check(&attributes(256), &limits, "read");
    check(&attributes(257), &limits, "X0302");
    let loose = Limits { ratio: 1_000_000, ..Limits::default() };
    let token = |bytes: usize| docx(&body(&format!("<p><r><t>{}</t></r></p>", "x".repeat(bytes))));
    check(&token(1024 * 1024 - 1), &loose, "read");
    check(&token(1024 * 1024 + 1), &loose, "X0303");
    let elements = |count: usize| docx(&body(&"<p/>".repeat(count)));
    let few = Limits { xml_elements: 10, ..Limits::default() };
    check(&elements(8), &few, "read");
    check(&elements(9), &few, "X0304");
}

#[test]
fn output_limit_holds_on_both_sides() {
    let text = docx(&body(&"<p><r><t>0123456789</t></r></p>".repeat(10)));
    check(&text, &Limits { output_bytes: 110, ..Limits::default() }, "read");
    check(&text, &Limits { output_bytes: 109, ..Limits::default() }, "X0404");
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><document><body><p><r><t>&b;</t></r></p></body></document>";
    check(&docx(bomb), &Limits::default(), "X0305");
    let comment = "<?xml version=\"1.0\"?><!-- <!DOCTYPE > --><document><body><![CDATA[<!DOCTYPE]]]]></body></document>";
    check(&docx(comment), &Limits::default(), "read");
}

#[test]
fn archives_links_and_passwords_are_refused() {
    let inner = zip(&[("a.txt", b"x")]);
    let nested =
        zip(&[("word/document.xml", b"<document/>".as_slice()), ("word/inner.zip", &inner)]);
    check(&nested, &Limits::default(), "X0206");
    let mut locked = docx(&body("")).to_vec();
    // General purpose bit 0 of every header: encrypted.
    for at in 0..locked.len() - 10 {
        if locked[at..].starts_with(b"PK\x01\x02") {
            locked[at + 8] |= 1;
        } else if locked[at..].starts_with(b"PK\x03\x04") {
            locked[at + 6] |= 1;
        }
    }
    check(&locked, &Limits::default(), "X0106");
    check(&inner, &Limits::default(), "X0102");
}

#[test]
fn a_bomb_with_a_lying_header_is_stopped_while_inflating() {
    let mut bomb = docx(&body(&" ".repeat(8 * 1024 * 1024)));
    let real = (8 * 1024 * 1024 + body("").len()) as u32;
    // Both headers claim ten bytes.
    for at in 0..bomb.len() - 4 {
        if bomb[at..at + 4] == real.to_le_bytes() {
            bomb[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
    }
    let found = code(document_text(&bomb, None, &Limits::default()));
    assert!(["X0204", "X0207"].contains(&found), "{found}");
}

#[test]
fn files_made_of_one_sign_take_linear_time() {
    let started = std::time::Instant::now();
    let dashes = "-".repeat(8000);
    let archive = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"{dashes}x\"\r\n\r\n{}",
        "-".repeat(10 << 20)
    );
    check(archive.as_bytes(), &Limits::default(), "X0102");
    let text = "&".repeat(1_000_000);
    let sheet = format!(
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c>\
         </row></sheetData></worksheet>"
    );
    let book = zip(&[
        ("xl/workbook.xml", br#"<workbook><sheets><sheet name="a" id="r1"/></sheets></workbook>"#),
        (
            "xl/_rels/workbook.xml.rels",
            br#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="a.xml"/></Relationships>"#,
        ),
        ("xl/a.xml", sheet.as_bytes()),
    ]);
    let loose = Limits { ratio: 1_000_000, ..Limits::default() };
    assert_eq!(code(read_workbook(&book, &loose)), "X0704");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn huge_spans_and_merges_stay_small() {
    let wide = "<tc><tcPr><gridSpan val=\"999999999999\"/></tcPr><p><r><t>x</t></r></p></tc>";
    let cell = format!("<tc><tcPr><vMerge/></tcPr><p><r><t>{}</t></r></p></tc>", "长".repeat(2000));
    let rows = format!("<tr>{wide}{cell}</tr>").repeat(20_000);
    let limits = Limits { ratio: 1_000_000, ..Limits::default() };
    let result = document_text(&docx(&body(&format!("<tbl>{rows}</tbl>"))), None, &limits);
    assert!(result.map_or(true, |read| read.text.len() < 200_000_000));
}

#[test]
fn other_kinds_of_files_get_a_message_that_names_them() {
    let mut compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    compound.extend("Workbook".encode_utf16().flat_map(u16::to_le_bytes));
    let cases: [(&[u8], &str); 9] = [
        (b"", "X0101"),
        (b" \n\t ", "X0101"),
        (b"\x89PNG\r\n\x1a\n", "X0103"),
        (b"\xff\xd8\xff\xe0", "X0103"),
        (b"Rar!\x1a\x07", "X0104"),
        (b"7z\xbc\xaf\x27\x1c", "X0104"),
        (b"PK\x03\x04rest", "X0207"),
        (&compound, "X0105"),
        (b"\x00\x01\x02\x03", "X0403"),
    ];
    for (bytes, expected) in cases {
        check(bytes, &Limits::default(), expected);
    }
    let book = zip(&[("xl/workbook.xml", b"<workbook/>")]);
    check(&book, &Limits::default(), "X0105");
}

/// A document with everything in it.
fn rich() -> Vec<u8> {
    let list = list(1, &[("chineseCounting", "%1、"), ("decimal", "%1.%2")]);
    let text = [
        p("标题"),
        item(1, 0, "甲"),
        item(1, 1, "乙"),
        table(&[
            vec![("", "a"), ("<w:gridSpan w:val=\"2\"/>", "b")],
            vec![("<w:vMerge/>", "1"), ("", "2"), ("", "3")],
        ]),
    ]
    .concat();
    Docx { body: &text, numbering: &list, ..Docx::default() }.build()
}

/// The body of the fuzz target `docx_parse`: any bytes as a document part, then as a container.
fn fuzz_docx(bytes: &[u8]) {
    let limits = Limits::default();
    let whole = document_text(bytes, None, &limits);
    assert!(whole.map_or(true, |read| !read.text.contains('\u{fffd}') || has_replacement(bytes)));
    let part = zip(&[("word/document.xml", bytes), ("word/numbering.xml", bytes)]);
    if let Ok(first) = document_text(&part, None, &limits) {
        let again = document_text(&part, None, &limits).unwrap();
        assert_eq!(first, again);
    }
}

/// U+FFFD in the input itself is kept as it is.
fn has_replacement(bytes: &[u8]) -> bool {
    let forms: [&[u8]; 4] = ["\u{fffd}".as_bytes(), b"\xff\xfd", b"\xfd\xff", b"\x84\x31\xa4\x37"];
    forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == *form))
        || bytes.starts_with(b"PK")
        || bytes.contains(&b'&')
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::package::cases(200),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn mutated_documents_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = rich();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        fuzz_docx(&bytes);
    }

    #[test]
    fn mutated_parts_never_panic(
        edits in prop::collection::vec(
            (
                any::<prop::sample::Index>(),
                0..12_usize,
                prop::sample::select(vec![
                    "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>", "<w:p>", "</w:p>",
                    "<w:vMerge/>", "<w:gridSpan w:val=\"0\"/>", "<w:gridSpan w:val=\"-3\"/>",
                    "<w:gridBefore w:val=\"99999999\"/>", "<w:numId w:val=\"1\"/>",
                    "<w:ilvl w:val=\"18446744073709551615\"/>", "<w:start w:val=\"9223372036854775807\"/>",
                    "<w:lvlText w:val=\"%1%9%0%\"/>", "<w:fldChar w:fldCharType=\"begin\"/>",
                    "<w:fldChar w:fldCharType=\"end\"/>", "<w:del>", "</w:del>", "<w:txbxContent>",
                    "</w:txbxContent>", "<w:sym w:char=\"FFFFFFFF\"/>", "&#0;", "&#x110000;", "]]>", "<![CDATA[",
                ]),
            ),
            1..10,
        ),
    ) {
        let list = list(1, &[("chineseCounting", "%1、"), ("decimal", "%1.%2")]);
        let cells = vec![vec![("", "a"), ("<w:vMerge/>", "b")], vec![("", "1"), ("", "2")]];
        let mut body = [p("甲"), item(1, 0, "乙"), item(1, 1, "丙"), table(&cells)].concat();
        let mut numbering = list;
        for (at, length, insert) in edits {
            for text in [&mut body, &mut numbering] {
                let mut from = at.index(text.len() + 1);
                while !text.is_char_boundary(from) { from -= 1; }
                let mut to = (from + length).min(text.len());
                while !text.is_char_boundary(to) { to -= 1; }
                text.replace_range(from..to.max(from), insert);
            }
        }
        let whole = Docx { body: &body, numbering: &numbering, ..Docx::default() }.build();
        let _answer = document_text(&whole, None, &Limits::default());
        let sound = Docx { body: &p("甲"), numbering: &numbering, ..Docx::default() }.build();
        let _answer = document_text(&sound, None, &Limits::default());
    }

    #[test]
    fn random_bytes_never_panic(
        head in prop::sample::select(vec![
            &b""[..], b"PK\x03\x04", b"<html>", b"<document><body>", b"\xff\xfe", b"\xef\xbb\xbf",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        fuzz_docx(&[head, &bytes].concat());
    }

    #[test]
    fn mutated_markup_never_panics(edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>/&;=\"' !a-z\\-\\[\\]]{0,6}"), 0..8)) {
        let mut text = format!("<html><body><table><tr><td rowspan=2>{}</td></tr></table><ol><li>x</ol></body></html>", p("甲"));
        for (at, insert) in edits {
            let mut at = at.index(text.len());
            while !text.is_char_boundary(at) { at -= 1; }
            text.insert_str(at, &insert);
        }
        fuzz_docx(text.as_bytes());
    }
}
