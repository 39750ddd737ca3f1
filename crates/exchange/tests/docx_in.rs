//! Word documents as text.

use crate::package::{Docx, item, list, p, table};
use taizhang_exchange::{DocumentFormat, DocumentText, Limits, document_text};

fn read(docx: &Docx<'_>) -> DocumentText {
    let read = document_text(&docx.build(), None, &Limits::default()).unwrap();
    assert_eq!(read.format, DocumentFormat::Docx);
    read
}

fn check(docx: &Docx<'_>, expected: &[&str]) {
    assert_eq!(read(docx).text.lines().collect::<Vec<_>>(), expected);
}

fn check_body(body: &str, expected: &[&str]) {
    check(&Docx { body, ..Docx::default() }, expected);
}

#[test]
fn automatic_numbers_print_as_in_word() {
    let numbering = list(
        1,
        &[
            ("chineseCounting", "%1、"),
            ("chineseCountingThousand", "（%2）"),
            ("decimal", "%3."),
            ("decimalEnclosedCircle", "%4"),
        ],
    );
    let body = [
        item(1, 0, "存在的问题"),
        item(1, 1, "责任落实方面"),
        item(1, 2, "责任不清"),
        item(1, 2, "2个村无台账"),
        item(1, 3, "某村"),
        item(1, 3, "某乡"),
        item(1, 1, "政策落实方面"),
        item(1, 2, "政策不实"),
        item(1, 0, "整改要求"),
        item(1, 1, "及时"),
    ]
    .concat();
    check(
        &Docx { body: &body, numbering: &numbering, ..Docx::default() },
        &[
            "一、存在的问题",
            "（一）责任落实方面",
            "1. 责任不清",
            "2. 2个村无台账",
            "①某村",
            "②某乡",
            "（二）政策落实方面",
            "1. 政策不实",
            "二、整改要求",
            "（一）及时",
        ],
    );
}

#[test]
fn lists_share_counters_until_a_start_override() {
    let numbering = format!(
        "{}<w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num>\
         <w:num w:numId=\"3\"><w:abstractNumId w:val=\"1\"/><w:lvlOverride w:ilvl=\"0\">\
         <w:startOverride w:val=\"1\"/></w:lvlOverride></w:num>",
        list(1, &[("decimal", "%1．")])
    );
    let body =
        [item(1, 0, "甲"), item(2, 0, "乙"), item(3, 0, "丙"), item(3, 0, "丁"), item(1, 0, "戊")]
            .concat();
    check(
        &Docx { body: &body, numbering: &numbering, ..Docx::default() },
        &["1．甲", "2．乙", "1．丙", "2．丁", "3．戊"],
    );
}

#[test]
fn numbering_comes_through_styles() {
    let styles = r#"<w:style w:type="paragraph" w:styleId="a" w:default="1"><w:name w:val="Normal"/></w:style>
      <w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
      <w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
      <w:style w:type="paragraph" w:styleId="mine"><w:name w:val="mine"/><w:basedOn w:val="H2"/></w:style>"#;
    let numbering = list(1, &[("chineseCounting", "%1、"), ("decimal", "%1.%2")])
        .replace("<w:numFmt w:val=\"decimal\"/>", "<w:numFmt w:val=\"decimal\"/><w:isLgl/>");
    let styled = |style: &str, text: &str| {
        p(text).replace("<w:p>", &format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>"))
    };
    let unnumbered = p("附言").replace(
        "<w:p>",
        "<w:p><w:pPr><w:pStyle w:val=\"H1\"/><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr>",
    );
    let body = [
        styled("H1", "总体"),
        styled("mine", "其一"),
        styled("H2", "其二"),
        unnumbered,
        styled("H1", "其他"),
        p("正文"),
    ]
    .concat();
    check(
        &Docx { body: &body, numbering: &numbering, styles, ..Docx::default() },
        &["一、总体", "1.1 其一", "1.2 其二", "附言", "二、其他", "正文"],
    );
}

#[test]
fn bullets_and_symbols_become_plain_signs() {
    let numbering = list(1, &[("bullet", "\u{f06c}")])
        .replace("</w:lvl>", "<w:rPr><w:rFonts w:ascii=\"Wingdings\"/></w:rPr></w:lvl>");
    let body = format!(
        "{}<w:p><w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/><w:t>是</w:t><w:sym w:font=\"Wingdings\" w:char=\"F0A8\"/><w:t>否</w:t></w:r></w:p>",
        item(1, 0, "甲")
    );
    check(&Docx { body: &body, numbering: &numbering, ..Docx::default() }, &["● 甲", "☑是□否"]);
}

#[test]
fn tracked_changes_are_accepted() {
    check_body(
        "<w:p><w:r><w:t>共</w:t></w:r><w:del><w:r><w:delText>3</w:delText><w:t>9</w:t></w:r></w:del>\
         <w:ins><w:r><w:t>5</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom>\
         <w:moveTo><w:r><w:t>个</w:t></w:r></w:moveTo></w:p>\
         <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>上半</w:t></w:r></w:p>\
         <w:p><w:r><w:t>下半</w:t></w:r></w:p>",
        &["共5个", "上半下半"],
    );
}

#[test]
fn hidden_text_fields_and_prompts_are_not_text() {
    check_body(
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>暗</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>明</w:t></w:r>\
         <w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>DATE</w:instrText><w:t>x</w:t></w:r>\
         <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>5月</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>\
         <w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:noBreakHyphen/><w:br/><w:t>次行</w:t></w:r>\
         <w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>单击此处</w:t></w:r></w:sdtContent></w:sdt></w:p>",
        &["明5月链接-", "次行"],
    );
}

#[test]
fn contents_table_is_left_out_with_a_note() {
    let body = format!(
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/></w:docPartObj></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>\
         <w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText> TOC \\o</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>一、甲 1</w:t></w:r></w:p>\
         <w:p><w:r><w:t>二、乙 2</w:t><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>{}",
        p("目录项 1"),
        p("正文")
    );
    let read = read(&Docx { body: &body, ..Docx::default() });
    assert_eq!(read.text, "正文\n");
    assert_eq!(read.notes.len(), 1);
}

#[test]
fn text_boxes_are_read_once() {
    let inner = format!("<w:txbxContent>{}</w:txbxContent>", p("框内"));
    check_body(
        &format!(
            "<w:p><w:r><w:t>正文</w:t><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing></mc:Choice>\
             <mc:Fallback><w:pict><v:textbox>{inner}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>{}",
            p("其后")
        ),
        &["正文", "框内", "其后"],
    );
}

#[test]
fn footnotes_stand_at_the_end() {
    let footnotes = format!(
        "<w:footnote w:type=\"separator\" w:id=\"-1\">{}</w:footnote><w:footnote w:id=\"2\">{}</w:footnote>",
        p("分隔"),
        p("含新增3户")
    );
    let body = "<w:p><w:r><w:t>共9户</w:t><w:footnoteReference w:id=\"2\"/></w:r><w:r><w:t>。</w:t></w:r></w:p>";
    check(&Docx { body, footnotes: &footnotes, ..Docx::default() }, &["共9户。", "注1：含新增3户"]);
}

#[test]
fn ledger_table_has_complete_rows() {
    let span2 = "<w:gridSpan w:val=\"2\"/>";
    let start = "<w:vMerge w:val=\"restart\"/>";
    let more = "<w:vMerge/>";
    let body = format!(
        "{}{}{}",
        p("附件"),
        table(&[
            vec![("<w:gridSpan w:val=\"5\"/>", "整改台账")],
            vec![(start, "序号"), (start, "问题"), (start, "整改措施"), (span2, "责任")],
            vec![(more, ""), (more, ""), (more, ""), ("", "单位"), ("", "人员")],
            vec![
                ("", "1"),
                (start, "责任不清"),
                ("", "1.补签\n2.公示"),
                ("", "县局"),
                ("", "张某")
            ],
            vec![("", "2"), (more, ""), ("", "培训"), ("", "县局"), ("", "李某")],
        ]),
        p("说明")
    );
    let read = read(&Docx { body: &body, ..Docx::default() });
    let expected = [
        "附件",
        "整改台账",
        "| 序号 | 问题 | 整改措施 | 单位 | 人员 |",
        "| --- | --- | --- | --- | --- |",
        "| 1 | 责任不清 | 1.补签 2.公示 | 县局 | 张某 |",
        "| 2 | 责任不清 | 培训 | 县局 | 李某 |",
        "说明",
    ];
    assert_eq!(read.text.lines().collect::<Vec<_>>(), expected);
    assert_eq!(read.tables.len(), 1);
    assert_eq!((read.tables[0].first_line, read.tables[0].line_count), (2, 4));
    assert_eq!(read.tables[0].rows[2][1], "责任不清");
}

#[test]
fn a_frame_of_one_cell_is_ordinary_text() {
    let inner = table(&[vec![("", "a"), ("", "b")], vec![("", "1"), ("", "2")]]);
    let body = format!("<w:tbl><w:tr><w:tc>{}{inner}</w:tc></w:tr></w:tbl>", p("框"));
    check_body(&body, &["框", "| a | b |", "| --- | --- |", "| 1 | 2 |"]);
}

#[test]
fn a_document_of_docx_rs_is_read() {
    use docx_rs::{Docx as Writer, Paragraph, Run};
    let mut bytes = std::io::Cursor::new(Vec::new());
    Writer::new()
        .add_paragraph(Paragraph::new().add_run(Run::new().add_text("关于整改的通知")))
        .add_paragraph(Paragraph::new().add_run(Run::new().add_text("一、问题 <&>")))
        .build()
        .pack(&mut bytes)
        .unwrap();
    let read = document_text(&bytes.into_inner(), Some("x.pdf"), &Limits::default()).unwrap();
    assert_eq!(read.text, "关于整改的通知\n一、问题 <&>\n");
}

#[test]
fn office_programs_print_the_same_numbers() {
    if taizhang_exchange::find_office().is_none() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let formats = [
        ("chineseCounting", "%1、"),
        ("chineseCountingThousand", "（%2）"),
        ("decimal", "%3．"),
        ("decimalEnclosedCircle", "%4"),
        ("upperRoman", "%5-"),
        ("lowerLetter", "%6)"),
        ("ideographTraditional", "%7、"),
        ("decimal", "%3.%8"),
        ("upperLetter", "%9、"),
    ];
    let numbering = format!(
        "{}<w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/><w:lvlOverride w:ilvl=\"0\">\
         <w:startOverride w:val=\"3\"/></w:lvlOverride></w:num>",
        list(1, &formats)
    );
    // Levels of the items (none skipped: there the programs differ), then a list from three on.
    let levels = [0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 8, 1, 2, 3, 0, 1, 2, 3];
    let mut body: String =
        levels.iter().map(|level| item(1, *level, "项")).collect::<Vec<_>>().concat();
    body.push_str(&item(2, 0, "项"));
    body.push_str(&item(2, 1, "项"));
    body.push_str(&item(1, 0, "项"));
    let bytes = Docx { body: &body, numbering: &numbering, ..Docx::default() }.build();
    let limits = Limits::default();
    let target = "txt:Text (encoded):UTF8";
    let theirs = taizhang_exchange::convert_with_office(&bytes, "docx", target, &limits).unwrap();
    let lines = |text: &str| -> Vec<String> {
        let bare = |line: &str| line.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        text.trim_start_matches('\u{feff}').lines().map(bare).filter(|l| !l.is_empty()).collect()
    };
    let ours = document_text(&bytes, None, &limits).unwrap();
    assert_eq!(lines(&ours.text), lines(&String::from_utf8(theirs).unwrap()));
}
