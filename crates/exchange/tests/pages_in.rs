//! PDF and OFD as text.

use crate::package::{Docx, p, table, zip};
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use proptest::prelude::*;
use taizhang_exchange::{
    DocumentFormat, DocumentText, ExchangeError, Limits, convert_with_office, document_text,
    find_office,
};

/// How a test PDF names the characters of its font.
#[derive(Clone, Copy)]
enum Naming {
    GbkEuc,
    UniGb,
    ToUnicode,
    Nothing,
}

fn encode(text: &str, naming: Naming) -> Vec<u8> {
    match naming {
        Naming::GbkEuc => encoding_rs::GBK.encode(text).0.into_owned(),
        _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// Pages of (x, y from the bottom, size, text); 595 × 842 points.
fn pdf(pages: &[Vec<(f32, f32, f32, &str)>], naming: Naming) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let encoding = match naming {
        Naming::GbkEuc => "GBK-EUC-H",
        Naming::UniGb => "UniGB-UCS2-H",
        _ => "Identity-H",
    };
    let descendant = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType0", "BaseFont" => "FangSong", "DW" => 1000,
    });
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "FangSong", "Encoding" => encoding,
        "DescendantFonts" => vec![descendant.into()],
    };
    if matches!(naming, Naming::ToUnicode) {
        let map = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange";
        font.set("ToUnicode", document.add_object(Stream::new(dictionary! {}, map.to_vec())));
    }
    let font = document.add_object(font);
    let mut kids: Vec<Object> = Vec::new();
    for page in pages {
        let mut operations = Vec::new();
        for (x, y, size, text) in page {
            operations.push(Operation::new("BT", vec![]));
            operations.push(Operation::new("Tf", vec!["F1".into(), (*size).into()]));
            operations.push(Operation::new("Td", vec![(*x).into(), (*y).into()]));
            let string = Object::String(encode(text, naming), StringFormat::Hexadecimal);
            operations.push(Operation::new("Tj", vec![string]));
            operations.push(Operation::new("ET", vec![]));
        }
        let content = Content { operations }.encode().unwrap();
        let content = document.add_object(Stream::new(dictionary! {}, content));
        let page = document.add_object(dictionary! {
            "Type" => "Page", "Parent" => tree, "Contents" => content,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        });
        kids.push(page.into());
    }
    let count = i64::try_from(kids.len()).unwrap();
    document
        .objects
        .insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<DocumentText, ExchangeError> {
    document_text(bytes, None, &Limits::default())
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) {
    let read = read(bytes).unwrap();
    assert_eq!(read.text.lines().collect::<Vec<_>>(), expected);
}

fn letter() -> Vec<(f32, f32, f32, &'static str)> {
    vec![
        (180.0, 760.0, 22.0, "关于专项检查发现问题"),
        (235.0, 730.0, 22.0, "的整改通知"),
        (72.0, 690.0, 16.0, "各乡镇人民政府："),
        (104.0, 660.0, 16.0, "现将检查发现的问题反馈如下请认真整改并按期上报"),
        (72.0, 630.0, 16.0, "整改情况。"),
        (104.0, 600.0, 16.0, "一、责任落实方面"),
        (104.0, 570.0, 16.0, "二、政策落实方面有些问题较多且反复出现应当重视"),
    ]
}

#[test]
fn lines_become_paragraphs_in_every_named_encoding() {
    for naming in [Naming::GbkEuc, Naming::UniGb, Naming::ToUnicode] {
        check(
            &pdf(&[letter()], naming),
            &[
                "关于专项检查发现问题的整改通知",
                "各乡镇人民政府：",
                "现将检查发现的问题反馈如下请认真整改并按期上报整改情况。",
                "一、责任落实方面",
                "二、政策落实方面有些问题较多且反复出现应当重视",
            ],
        );
    }
}

#[test]
fn numbered_lines_at_the_margin_start_items_only_without_indents() {
    let full = "现将检查发现的问题反馈如下，请认真整改并按期上报整。";
    let flush = |x: f32| {
        vec![
            (x, 690.0, 16.0, full),
            (72.0, 660.0, 16.0, "（2）责任不清。"),
            (72.0, 630.0, 16.0, "责任单位：县局。"),
            (x, 600.0, 16.0, full),
            (72.0, 570.0, 16.0, "2.培训。"),
        ]
    };
    let joined = ["（2）责任不清。", "2.培训。"].map(|end| format!("{full}{end}"));
    let middle = "责任单位：县局。";
    check(&pdf(&[flush(104.0)], Naming::UniGb), &[&joined[0], middle, &joined[1]]);
    let apart = [full, "（2）责任不清。", middle, full, "2.培训。"];
    check(&pdf(&[flush(72.0)], Naming::UniGb), &apart);
}

#[test]
fn running_heads_and_page_numbers_go_and_paragraphs_cross_pages() {
    let page = |number: &'static str, lines: Vec<(f32, f32, f32, &'static str)>| {
        let mut all = vec![(260.0, 800.0, 10.0, "某县整改办"), (280.0, 40.0, 14.0, number)];
        all.extend(lines);
        all
    };
    let first = page("— 1 —", letter());
    let second = page(
        "— 2 —",
        vec![(72.0, 760.0, 16.0, "。其余各点照办。"), (104.0, 730.0, 16.0, "三、2020年")],
    );
    check(
        &pdf(&[first, second], Naming::GbkEuc),
        &[
            "关于专项检查发现问题的整改通知",
            "各乡镇人民政府：",
            "现将检查发现的问题反馈如下请认真整改并按期上报整改情况。",
            "一、责任落实方面",
            "二、政策落实方面有些问题较多且反复出现应当重视。其余各点照办。",
            "三、2020年",
        ],
    );
}

#[test]
fn scans_and_unmapped_fonts_get_a_message() {
    assert_eq!(read(&pdf(&[vec![]], Naming::GbkEuc)).unwrap_err().code, "X0604");
    assert_eq!(read(&pdf(&[letter()], Naming::Nothing)).unwrap_err().code, "X0606");
    assert_eq!(read(b"%PDF-1.5\nnothing else").unwrap_err().code, "X0603");
}

#[test]
fn pdf_limits_hold_on_both_sides() {
    let two = pdf(&[letter(), letter()], Naming::GbkEuc);
    let code =
        |limits: Limits| document_text(&two, None, &limits).map_or_else(|e| e.code, |_| "read");
    let size = two.len() as u64;
    assert_eq!(code(Limits { pages: 2, ..Limits::default() }), "read");
    assert_eq!(code(Limits { pages: 1, ..Limits::default() }), "X0602");
    assert_eq!(code(Limits { pdf_bytes: size, ..Limits::default() }), "read");
    assert_eq!(code(Limits { pdf_bytes: size - 1, ..Limits::default() }), "X0601");
    let inflated = |bytes: u64| code(Limits { inflated_bytes: bytes, ..Limits::default() });
    let needed = (1..4000).find(|bytes| inflated(*bytes) == "read").unwrap();
    assert_eq!(inflated(needed - 1), "X0607");
    assert_eq!(code(Limits { pdf_operators: 70, ..Limits::default() }), "read");
    assert_eq!(code(Limits { pdf_operators: 69, ..Limits::default() }), "X0605");
}

fn ofd(content: &str) -> Vec<u8> {
    zip(&[
        ("OFD.xml", br#"<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#.as_slice()),
        ("Doc_0/Document.xml", br#"<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>"#),
        ("Doc_0/Pages/Page_0/Content.xml", format!("<ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:Content><ofd:Layer>{content}</ofd:Layer></ofd:Content></ofd:Page>").as_bytes()),
    ])
}

fn ofd_text(x: f64, y: f64, deltas: &str, text: &str) -> String {
    format!(
        "<ofd:TextObject Boundary=\"{x} {y} 160 6\" Size=\"5.6\"><ofd:TextCode X=\"0\" Y=\"5\" DeltaX=\"{deltas}\">{text}</ofd:TextCode></ofd:TextObject>"
    )
}

#[test]
fn ofd_is_read_by_position() {
    // Objects stand in the file in another order than on the page.
    let content = [
        ofd_text(36.0, 60.0, "g 9 5.6", "二、限期整改到位。"),
        ofd_text(60.0, 30.0, "", "整改通知"),
        ofd_text(36.0, 45.0, "5.6 5.6 5.6", "一、问题"),
        "<ofd:PathObject Boundary=\"0 0 10 10\"><ofd:AbbreviatedData>M 0 0 L 10 0 C</ofd:AbbreviatedData></ofd:PathObject>".into(),
    ]
    .concat();
    let bytes = ofd(&content);
    let found = read(&bytes).unwrap();
    assert_eq!(found.format, DocumentFormat::Ofd);
    check(&bytes, &["整改通知", "一、问题", "二、限期整改到位。"]);
    assert_eq!(read(&ofd("")).unwrap_err().code, "X0653");
    let code = |pages: usize| {
        let limits = Limits { pages, ..Limits::default() };
        document_text(&bytes, None, &limits).map_or_else(|error| error.code, |_| "read")
    };
    assert_eq!((code(1), code(0)), ("read", "X0651"));
}

#[test]
fn ofd_tables_are_told_by_their_lines() {
    let line = |x0: u32, y0: u32, x1: u32, y1: u32| {
        format!(
            "<ofd:PathObject Boundary=\"0 0 210 297\"><ofd:AbbreviatedData>M {x0} {y0} L {x1} {y1}</ofd:AbbreviatedData></ofd:PathObject>"
        )
    };
    let lines = [
        line(20, 40, 140, 40),
        line(20, 50, 140, 50),
        // No line below the first problem: its cell reaches over two rows.
        line(20, 60, 40, 60),
        line(100, 60, 140, 60),
        line(20, 70, 140, 70),
        line(20, 40, 20, 70),
        line(40, 40, 40, 70),
        line(100, 40, 100, 70),
        line(140, 40, 140, 70),
    ];
    let texts = [
        ofd_text(22.0, 42.0, "", "序号"),
        ofd_text(42.0, 42.0, "", "问题"),
        ofd_text(102.0, 42.0, "", "单位"),
        ofd_text(22.0, 52.0, "", "1"),
        ofd_text(42.0, 55.0, "", "责任不清"),
        ofd_text(102.0, 52.0, "", "甲局"),
        ofd_text(22.0, 62.0, "", "2"),
        ofd_text(102.0, 62.0, "", "乙局"),
        ofd_text(20.0, 80.0, "", "附注"),
    ];
    let bytes = ofd(&[lines.concat(), texts.concat()].concat());
    check(
        &bytes,
        &[
            "| 序号 | 问题 | 单位 |",
            "| --- | --- | --- |",
            "| 1 | 责任不清 | 甲局 |",
            "| 2 | 责任不清 | 乙局 |",
            "附注",
        ],
    );
}

/// A letter with a bordered ledger table, as an office program would save it.
fn office_letter() -> Vec<u8> {
    let start = "<w:tcW w:w=\"2500\" w:type=\"dxa\"/><w:vMerge w:val=\"restart\"/>";
    let more = "<w:tcW w:w=\"2500\" w:type=\"dxa\"/><w:vMerge/>";
    let cell = "<w:tcW w:w=\"2500\" w:type=\"dxa\"/>";
    let borders = ["top", "left", "bottom", "right", "insideH", "insideV"]
        .map(|side| format!("<w:{side} w:val=\"single\" w:sz=\"4\"/>"))
        .concat();
    let table = table(&[
        vec![(cell, "序号"), (cell, "具体问题"), (cell, "责任单位")],
        vec![(cell, "1"), (start, "村级网格划分不清，台账更新不及时"), (cell, "镇乡村振兴办")],
        vec![(cell, "2"), (more, ""), (cell, "各村（社区）")],
    ])
    .replace("<w:tbl>", &format!("<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr><w:tblGrid><w:gridCol w:w=\"2500\"/><w:gridCol w:w=\"2500\"/><w:gridCol w:w=\"2500\"/></w:tblGrid>"));
    let body = [
        p("关于专项检查发现问题整改的通知"),
        p("各乡镇人民政府："),
        p("现将问题清单印发给你们。"),
        table,
        p("附注：限期一个月。"),
    ]
    .concat();
    Docx { body: &body, ..Docx::default() }.build()
}

#[test]
fn office_programs_round_trip_our_text() {
    if find_office().is_none() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let docx = office_letter();
    let limits = Limits::default();
    let expected = [
        "关于专项检查发现问题整改的通知",
        "各乡镇人民政府：",
        "现将问题清单印发给你们。",
        "| 序号 | 具体问题 | 责任单位 |",
        "| --- | --- | --- |",
        "| 1 | 村级网格划分不清，台账更新不及时 | 镇乡村振兴办 |",
        "| 2 | 村级网格划分不清，台账更新不及时 | 各村（社区） |",
        "附注：限期一个月。",
    ];
    check(&docx, &expected);
    for target in ["pdf", "doc", "odt", "rtf", "html"] {
        let converted = convert_with_office(&docx, "docx", target, &limits).unwrap();
        let read = document_text(&converted, None, &limits).unwrap();
        let lines: Vec<&str> = read.text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected, "{target}");
    }
}

#[test]
fn a_conversion_that_takes_too_long_is_stopped() {
    if find_office().is_none() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let limits = Limits { office_seconds: 0, ..Limits::default() };
    let stopped = convert_with_office(b"{\\rtf1 x}", "rtf", "docx", &limits).unwrap_err();
    assert_eq!(stopped.code, "X0503");
    assert!(convert_with_office(b"{\\rtf1 x}", "rtf", "docx", &Limits::default()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::package::cases(60),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn mutated_pages_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
        kind in 0..3_u8,
    ) {
        let mut bytes = match kind {
            0 => pdf(&[letter()], Naming::GbkEuc),
            1 => pdf(&[letter()], Naming::ToUnicode),
            _ => ofd(&ofd_text(1.0, 1.0, "g 3 2 4 5", "一二三四五")),
        };
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if kind == 1 {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _answer = read(&bytes);
    }
}
