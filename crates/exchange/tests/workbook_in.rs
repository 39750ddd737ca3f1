//! Ledgers of offices as rows, and the user's own file back.

use crate::package::zip;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    CellContent, ImportCheck, ImportField, ImportOptions, Limits, MatchKind, WorkbookRows,
    check_sheet, convert_with_office, error_workbook, find_office, read_workbook,
};
use taizhang_values::Value;

fn fields() -> Vec<ImportField> {
    let mut problem =
        ImportField::new("problem", &["问题", "存在问题", "具体问题"], FieldType::LongText);
    problem.is_required = true;
    let mut unit = ImportField::new("units", &["责任单位", "整改单位"], FieldType::Texts);
    unit.names = ["马塘村", "白河村", "县教育局"].map(str::to_owned).to_vec();
    let mut state = ImportField::new("state", &["状态", "整改状态"], FieldType::Code);
    state.choices = vec![("done".into(), "已完成".into()), ("open".into(), "整改中".into())];
    let mut identity = ImportField::new("id_number", &["身份证号", "证件号码"], FieldType::Text);
    identity.is_identity = true;
    vec![
        ImportField::new("number", &["序号", "编号"], FieldType::Text),
        problem,
        ImportField::new("measure", &["整改措施", "措施"], FieldType::LongText),
        unit,
        ImportField::new("deadline_on", &["整改时限", "完成时限"], FieldType::Date),
        ImportField::new("percent", &["进度"], FieldType::Percent),
        ImportField::new("amount", &["金额"], FieldType::Money),
        ImportField::new("area", &["面积"], FieldType::Decimal),
        ImportField::new("identified_month", &["识别监测时间"], FieldType::Month),
        state,
        identity,
    ]
}

fn csv(text: &str) -> WorkbookRows {
    read_workbook(text.as_bytes(), &Limits::default()).unwrap()
}

fn run(book: &WorkbookRows) -> ImportCheck {
    let options = ImportOptions {
        reference: Some("2026-04-01".parse().unwrap()),
        ..ImportOptions::default()
    };
    check_sheet(book, &fields(), &options).unwrap()
}

/// One cell of one column: the value it gives, or the code and help it is refused with.
#[track_caller]
fn check_cell(head: &str, cell: &str, expected: &str) {
    let cell = cell.replace('"', "\"\"");
    let check = run(&csv(&format!("问题,{head}\n甲,\"{cell}\"\n")));
    let found = match check.faults.first() {
        Some(fault) => {
            format!("{} {}", fault.diagnostic.code, fault.suggestion.clone().unwrap_or_default())
        }
        None => {
            let field = check.header.columns[1].field.clone().unwrap();
            check.rows[0].values.get(&field).map_or("-".into(), |v| format!("{v:?}"))
        }
    };
    assert_eq!(found.trim(), expected, "{head}: {cell}");
}

#[test]
fn cells_become_values_of_their_type_or_are_refused() {
    for (head, cell, expected) in [
        ("整改时限", "2020年3月10日", "Date(2020-03-10)"),
        ("整改时限", "２０２０.３.１０", "Date(2020-03-10)"),
        ("整改时限", "2020/3/10", "Date(2020-03-10)"),
        ("整改时限", "20200310", "Date(2020-03-10)"),
        ("整改时限", "2020-03-10 08:30", "Date(2020-03-10)"),
        ("整改时限", "202003", "Date(2020-03-31)"),
        ("整改时限", "2020年2月底前", "Date(2020-02-29)"),
        ("整改时限", "5月20日前", "Date(2026-05-20)"),
        ("整改时限", "3月1日", "Date(2027-03-01)"),
        ("整改时限", "2020", "I0312"),
        ("整改时限", "20.3.10", "I0310"),
        ("整改时限", "2020-02-30", "I0310"),
        ("整改时限", "立行立改", "I0310"),
        ("进度", "85%", "Integer(85)"),
        ("进度", "８５％", "Integer(85)"),
        ("进度", "100", "Integer(100)"),
        ("进度", "101", "I0307"),
        ("进度", "0.855", "I0307"),
        ("金额", "1,200.5元", "Money(Money(120050))"),
        ("金额", "1.005", "I0308"),
        ("面积", "１２.３４５０", "Decimal(Decimal(123450))"),
        ("面积", "1.23456", "I0315"),
        ("面积", "三亩", "I0315"),
        ("识别监测时间", "202305", "Date(2023-05-01)"),
        ("识别监测时间", "2023年05月", "Date(2023-05-01)"),
        ("识别监测时间", "2023.5", "Date(2023-05-01)"),
        ("识别监测时间", "2023-05-20", "Date(2023-05-01)"),
        ("识别监测时间", "2023", "I0314"),
        ("责任单位", "马塘村、白河村；县教育局", "List([\"马塘村\", \"白河村\", \"县教育局\"])"),
        ("责任单位", "马糖村", "I0305 马塘村"),
        ("责任单位", "白河村、某某大队", "I0305"),
        ("状态", "已完成", "Text(\"done\")"),
        ("状态", " 整改 中 ", "Text(\"open\")"),
        ("状态", "以完成", "I0305 已完成"),
        ("身份证号", "3.20102E+17", "I0303"),
        ("身份证号", "11010519491231002X", "Text(\"11010519491231002X\")"),
        ("身份证号", "110105194912310021", "I0304"),
        ("身份证号", "12345", "I0304"),
        ("序号", "001", "Text(\"001\")"),
        ("序号", "", "-"),
    ] {
        check_cell(head, cell, expected);
    }
}

#[test]
fn identity_faults_never_echo_the_number() {
    let check = run(&csv("问题,身份证号\n甲,110105194912310021\n"));
    let text = format!("{:?}", check.faults);
    assert!(!text.contains("1101051949"), "{text}");
    assert_eq!(check.faults[0].row, 2);
}

/// A ledger as offices make it: title, unit line, grouped header, serials, percent, total, names.
fn office_ledger() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let cover = workbook.add_worksheet();
    cover.set_name("说明").unwrap();
    cover.write_string(0, 0, "本表由各单位填报").unwrap();
    let page = workbook.add_worksheet();
    page.set_name("台账").unwrap();
    let plain = Format::new();
    page.merge_range(0, 0, 0, 9, "问题整改台账", &plain).unwrap();
    page.write_string(1, 0, "填报单位：某县").unwrap();
    page.merge_range(2, 0, 3, 0, "序号", &plain).unwrap();
    page.merge_range(2, 1, 3, 1, "具体问题", &plain).unwrap();
    page.merge_range(2, 2, 3, 2, "整改 措施", &plain).unwrap();
    page.merge_range(2, 3, 2, 4, "责任落实", &plain).unwrap();
    page.write_string(3, 3, "责任单位（全称）").unwrap();
    page.write_string(3, 4, "责任人").unwrap();
    page.merge_range(2, 5, 3, 5, "整改时限", &plain).unwrap();
    page.merge_range(2, 6, 3, 6, "进度", &plain).unwrap();
    page.merge_range(2, 7, 3, 7, "民族", &plain).unwrap();
    page.merge_range(2, 8, 3, 8, "证件号码", &plain).unwrap();
    page.merge_range(2, 9, 3, 9, "金额", &plain).unwrap();
    for column in 0..10_u16 {
        page.write_number(4, column, f64::from(column + 1)).unwrap();
    }
    page.merge_range(5, 0, 5, 9, "一、责任落实方面", &plain).unwrap();
    let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let percent = Format::new().set_num_format("0%");
    page.write_number(6, 0, 1).unwrap();
    page.merge_range(6, 1, 7, 1, "网格不清", &plain).unwrap();
    page.write_string(6, 2, "补划\n公示").unwrap();
    page.write_string(6, 3, "马塘村").unwrap();
    page.write_datetime_with_format(6, 5, ExcelDateTime::from_ymd(2026, 5, 20).unwrap(), &date)
        .unwrap();
    page.write_number_with_format(6, 6, 0.85, &percent).unwrap();
    page.write_string(6, 7, "某族").unwrap();
    page.write_number(6, 8, 110_105_194_912_310_020_f64).unwrap();
    page.write_number(6, 9, 1200.5).unwrap();
    page.write_number(7, 0, 2).unwrap();
    page.write_string(7, 2, "培训").unwrap();
    page.write_string(7, 3, "马糖村").unwrap();
    page.write_number(7, 5, 46_162).unwrap();
    page.write_formula(7, 6, Formula::new("=1/2").set_result("0.5")).unwrap();
    page.write_number(8, 0, 3).unwrap();
    page.write_string(8, 2, "无问题").unwrap();
    page.write_string(9, 0, "合 计").unwrap();
    page.write_formula(9, 9, "=SUM(J7:J9)").unwrap();
    page.write_string(10, 0, "注：按月更新").unwrap();
    page.write_string(11, 0, "填表人：张某    审核人：李某").unwrap();
    let hidden = workbook.add_worksheet();
    hidden.set_name("旧").unwrap().set_hidden(true);
    hidden.write_string(0, 0, "问题").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn an_office_ledger_is_read_with_all_its_habits() {
    let book = read_workbook(&office_ledger(), &Limits::default()).unwrap();
    let check = run(&book);
    assert_eq!(check.sheet, "台账");
    let fields: Vec<(&str, Option<&str>)> =
        check.header.columns.iter().map(|c| (c.letters.as_str(), c.field.as_deref())).collect();
    assert_eq!(
        fields,
        [
            ("A", Some("number")),
            ("B", Some("problem")),
            ("C", Some("measure")),
            ("D", Some("units")),
            ("E", None),
            ("F", Some("deadline_on")),
            ("G", Some("percent")),
            ("H", None),
            ("I", Some("id_number")),
            ("J", Some("amount")),
        ]
    );
    assert_eq!(check.header.columns[2].kind, Some(MatchKind::Normalised));
    assert!(check.header.columns[7].is_forbidden);
    let rows: Vec<u32> = check.rows.iter().map(|row| row.row).collect();
    assert_eq!(rows, [7, 8, 9]);
    let first = &check.rows[0].values;
    assert_eq!(first["deadline_on"], Value::Date("2026-05-20".parse().unwrap()));
    assert_eq!(first["percent"], Value::Integer(85));
    assert_eq!(first["number"], Value::Text("1".into()));
    assert_eq!(check.rows[0].section.as_deref(), Some("一、责任落实方面"));
    assert_eq!(check.rows[1].values["problem"], Value::Text("网格不清".into()));
    assert_eq!(check.rows[1].values["deadline_on"], Value::Date("2026-05-20".parse().unwrap()));
    let faults: Vec<String> = check
        .faults
        .iter()
        .map(|f| format!("{}{} {}", f.row, f.field, f.diagnostic.code))
        .collect();
    assert_eq!(faults, ["7id_number I0303", "8units I0305", "8percent I0301", "9problem I0313"]);
    let skipped: Vec<u32> = check.skipped.iter().map(|row| row.row).collect();
    assert_eq!(skipped, [5, 6, 10, 11, 12]);
    assert!(check.notes.iter().any(|note| note.zh.contains("H列`民族`")), "{:?}", check.notes);
    assert!(!format!("{check:?}").contains("某族"));
    assert_eq!(check.good_rows().count(), 0);
}

#[test]
fn the_own_file_comes_back_with_an_error_column() {
    let book = read_workbook(&office_ledger(), &Limits::default()).unwrap();
    let check = run(&book);
    let marked = error_workbook(&book, &check).unwrap();
    let back = read_workbook(&marked, &Limits::default()).unwrap();
    let names: Vec<&str> = back.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["错误汇总", "说明", "台账"]);
    let (before, after) = (&book.sheets[1], &back.sheets[2]);
    for (old, new) in before.rows.iter().zip(&after.rows) {
        assert_eq!(old.number, new.number);
        for (column, cell) in old.cells.iter().enumerate() {
            let forbidden = column == 7 && old.number > 4;
            let expected = if forbidden { CellContent::Empty } else { cell.content.clone() };
            let found = new.cells.get(column).map(|c| c.content.clone()).unwrap_or_default();
            assert_eq!(found, expected, "row {} column {column}", old.number);
        }
    }
    let message = after.rows.iter().find(|row| row.number == 8).unwrap().cells[10].shown();
    assert!(
        message.contains("D列：`马糖村`不在可填的名称之内。改为`马塘村`（I0305）"),
        "{message}"
    );
    assert!(message.contains("G列"), "{message}");
    // Comments and the red background are in the package.
    let mut archive = zip_entries(&marked);
    assert!(archive.iter().any(|name| name.starts_with("xl/comments")), "{archive:?}");
    archive.retain(|name| name.contains("styles"));
    assert_eq!(archive.len(), 1);
    // The same file, corrected or not, can be checked again.
    let again = run(&back);
    let faults = |check: &ImportCheck| -> Vec<(u32, usize)> {
        check.faults.iter().map(|fault| (fault.row, fault.column)).collect()
    };
    assert_eq!(faults(&again), faults(&check));
    let third = error_workbook(&back, &again).unwrap();
    let third = read_workbook(&third, &Limits::default()).unwrap();
    assert_eq!(third.sheets.len(), 3);
    let width = third.sheets[2].rows.iter().map(|row| row.cells.len()).max();
    assert_eq!(width, Some(11), "one error column only");
}

fn zip_entries(bytes: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

#[test]
fn user_matching_overrides_the_proposal() {
    let book = csv("问题描述XX,内容,单位\n甲,乙,丙\n");
    let mut options = ImportOptions::default();
    options.columns.insert(1, Some("measure".into()));
    options.columns.insert(2, None);
    let check = check_sheet(&csv("问题,内容,责任单位\n甲,乙,丙\n"), &fields(), &options).unwrap();
    assert_eq!(check.rows[0].values["measure"], Value::Text("乙".into()));
    assert_eq!(check.faults, []);
    assert_eq!(check_sheet(&csv("甲,乙\n1,2\n"), &fields(), &options).unwrap_err().code, "X0708");
    assert!(book.sheets.len() == 1);
}

#[test]
fn columns_with_the_same_head_wait_for_the_user() {
    let book = csv("问题,整改措施,整改措施\n甲,乙,丙\n");
    let check = run(&book);
    assert_eq!(check.rows[0].values.get("measure"), None);
    assert!(check.notes.iter().any(|note| note.zh.contains("B列与C列的表头都是`整改措施`")));
    let mut options = ImportOptions::default();
    options.columns.insert(2, Some("measure".into()));
    let check = check_sheet(&book, &fields(), &options).unwrap();
    assert_eq!(check.rows[0].values["measure"], Value::Text("丙".into()));
}

#[test]
fn missing_required_column_stops_every_row() {
    let check = run(&csv("序号,整改措施\n1,培训\n"));
    assert_eq!(check.good_rows().count(), 0);
    assert!(check.notes.iter().any(|note| note.zh.contains("缺少必填列`问题`")));
}

#[test]
fn csv_is_read_in_both_encodings_with_quotes() {
    let text = "序号,问题,整改措施\r\n1,\"甲,\"\"乙\"\"\n丙\",丁\r\n\r\n2,戊,'=1+1\r\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    for bytes in [text.as_bytes(), &bytes] {
        let book = read_workbook(bytes, &Limits::default()).unwrap();
        let rows = &book.sheets[0].rows;
        assert_eq!(rows[1].cells[1].shown(), "甲,\"乙\"\n丙");
        assert_eq!(rows[2].cells[2].shown(), "=1+1");
    }
    assert_eq!(
        read_workbook("问题\n\"甲".as_bytes(), &Limits::default()).unwrap_err().code,
        "X0709"
    );
}

pub fn sheet_xml(data: &str) -> Vec<u8> {
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let rels = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let sheet = format!(
        "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{data}</sheetData></worksheet>"
    );
    zip(&[
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        (
            "xl/styles.xml",
            b"<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
              <xf numFmtId=\"9\"/></cellXfs></styleSheet>",
        ),
        (
            "xl/sharedStrings.xml",
            b"<sst count=\"99999999999\" uniqueCount=\"99999999999\"><si><t>x</t></si></sst>",
        ),
    ])
}

#[test]
fn sheet_limits_hold_on_both_sides() {
    let limits = Limits {
        sheet_rows: 10,
        sheet_columns: 5,
        workbook_cells: 8,
        cell_characters: 10,
        ..Limits::default()
    };
    let code =
        |data: &str| read_workbook(&sheet_xml(data), &limits).map_or_else(|e| e.code, |_| "read");
    let cell = |place: &str| format!("<row><c r=\"{place}\"><v>1</v></c></row>");
    let at = |row: u32, place: &str| cell(place).replace("<row>", &format!("<row r=\"{row}\">"));
    assert_eq!(code(&at(10, "A10")), "read");
    assert_eq!(code(&at(11, "A11")), "X0701");
    assert_eq!(code(&at(1, "E1")), "read");
    assert_eq!(code(&at(1, "F1")), "X0702");
    assert_eq!(code(&at(1_048_576, "XFD1048576")), "X0701");
    let row = |cells: usize| {
        format!(
            "<row r=\"1\">{}</row><row r=\"2\">{}</row>",
            "<c><v>1</v></c>".repeat(cells / 2),
            "<c><v>1</v></c>".repeat(cells - cells / 2)
        )
    };
    assert_eq!(code(&row(8)), "read");
    assert_eq!(code(&row(9)), "X0703");
    let text = |count: usize| {
        format!("<row r=\"1\"><c t=\"inlineStr\"><is><t>{}</t></is></c></row>", "字".repeat(count))
    };
    assert_eq!(code(&text(13)), "read");
    assert_eq!(code(&text(14)), "X0704");
}

#[test]
fn row_counting_formulas_are_taken_as_typed() {
    let cell = |formula: &str| format!("<row><c>{formula}<v>7</v></c></row>");
    let data = [
        cell("<f>ROW()-1</f>"),
        cell("<f t=\"shared\" ref=\"A2:A4\" si=\"0\">ROW()</f>"),
        cell("<f t=\"shared\" si=\"0\"/>"),
        cell("<f t=\"shared\" si=\"1\"/>"),
        cell("<f>ROW()+B1</f>"),
        cell("<f>1+1</f>"),
    ];
    let book = read_workbook(&sheet_xml(&data.concat()), &Limits::default()).unwrap();
    let formulas: Vec<bool> = book.sheets[0].rows.iter().map(|r| r.cells[0].is_formula).collect();
    assert_eq!(formulas, [false, false, false, true, true, true]);
}

/// One cell as programs write it, plainly or less so.
fn any_cell() -> impl Strategy<Value = String> {
    let places = ["", " r=\"A1\"", " r=\"C7\"", " r=\"?\"", " r=\"D\"", " r=\"ZZZZZZZZ1\""];
    let styles = ["", " s=\"0\"", " s=\"1\"", " s=\"2\"", " s=\"99\"", " s=\"x\""];
    let kinds = ["", "s", "str", "inlineStr", "b", "e", "d", "n", "other"];
    let values = [
        "",
        "0",
        "7",
        "007",
        " 7 ",
        "1.50",
        "-3",
        "1e3",
        "4294967296",
        "123456789012345678",
        "inf",
        "NaN",
        "45000",
        "1",
        "甲",
        "a_x0041_b",
        "甲&amp;乙\r\n丙&#13;",
        "_&#13;",
        "&#55;",
    ];
    let bodies = [
        "<v>{}</v>",
        "<is><t>{}</t></is>",
        "<f>ROW()</f><v>{}</v>",
        "",
        "{}",
        "<is><r><t>{}</t></r><rPh><t>x</t></rPh></is>",
        "<v>{}</v><v>1</v>",
        "<v>{}",
    ];
    let pick = proptest::sample::select::<&'static str>;
    (
        (pick(places.to_vec()), pick(styles.to_vec()), pick(kinds.to_vec())),
        (pick(values.to_vec()), pick(bodies.to_vec()), 0..12_u8),
    )
        .prop_map(|((place, style, kind), (value, body, end))| {
            let kind = if kind.is_empty() { String::new() } else { format!(" t=\"{kind}\"") };
            let body = body.replace("{}", value);
            match end {
                0 => format!("<c{place}{style}{kind}/>"),
                1 => format!("<c{kind}{place}{style}>{body}"),
                2 => format!("<c{kind}{kind}{place}{style}{style}>{body}</c>"),
                _ => format!("<c{place}{style}{kind}>{body}</c>"),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A space more in the tag, which means nothing, keeps a cell from being read in one go.
    #[test]
    fn plain_cells_are_read_as_their_tokens_say(
        rows in proptest::collection::vec(proptest::collection::vec(any_cell(), 0..6), 0..4),
    ) {
        let data: String =
            rows.iter().map(|cells| format!("<row>{}</row>", cells.concat())).collect();
        let spaced = data.replace("<c", "<c ");
        let read = |data: &str| {
            let book = read_workbook(&sheet_xml(data), &Limits::default());
            format!("{:?}", book.map(|book| book.sheets).map_err(|error| error.code))
        };
        prop_assert_eq!(read(&data), read(&spaced), "{}", data);
    }
}

#[test]
fn cells_outside_of_rows_are_no_panic() {
    for data in
        ["<c r=\"A1\"><v>1</v></c>", "<c><v>1</v></c><row r=\"0\"><c r=\"A0\"><v>1</v></c></row>"]
    {
        let _answer = read_workbook(&sheet_xml(data), &Limits::default());
    }
}

#[test]
fn claimed_sizes_cost_nothing() {
    let book = read_workbook(
        &sheet_xml("<row r=\"3\"><c r=\"B3\" t=\"s\"><v>0</v></c></row>"),
        &Limits::default(),
    )
    .unwrap();
    assert_eq!(
        (book.sheets[0].rows[0].number, book.sheets[0].rows[0].cells[1].shown().as_str()),
        (3, "x")
    );
    let limits = Limits { shared_strings_bytes: 50, ..Limits::default() };
    assert_eq!(read_workbook(&sheet_xml("<row/>"), &limits).unwrap_err().code, "X0705");
}

#[test]
fn other_files_get_a_message() {
    for (bytes, expected) in [
        (b"PK\x03\x04nothing".as_slice(), "X0207"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "X0706"),
        (b"", "X0707"),
        (b"\0\0", "X0403"),
    ] {
        assert_eq!(read_workbook(bytes, &Limits::default()).unwrap_err().code, expected);
    }
    let docx = zip(&[("word/document.xml", b"<document/>".as_slice())]);
    assert_eq!(read_workbook(&docx, &Limits::default()).unwrap_err().code, "X0706");
}

#[test]
fn old_binary_workbooks_give_the_same_rows() {
    if find_office().is_none() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let limits = Limits::default();
    let xlsx = office_ledger();
    let xls = convert_with_office(&xlsx, "xlsx", "xls", &limits).unwrap();
    let resaved = convert_with_office(&xlsx, "xlsx", "ods", &limits)
        .and_then(|ods| convert_with_office(&ods, "ods", "xlsx", &limits))
        .unwrap();
    let expected = run(&read_workbook(&xlsx, &limits).unwrap());
    for (name, bytes) in [("xls", xls), ("resaved", resaved)] {
        let found = run(&read_workbook(&bytes, &limits).unwrap());
        let codes = |check: &ImportCheck| -> Vec<(u32, String)> {
            check.faults.iter().map(|f| (f.row, f.diagnostic.code.clone())).collect()
        };
        let rows = |check: &ImportCheck| -> Vec<u32> { check.rows.iter().map(|r| r.row).collect() };
        assert_eq!(rows(&found), rows(&expected), "{name}");
        assert_eq!(
            found.rows[0].values["deadline_on"], expected.rows[0].values["deadline_on"],
            "{name}"
        );
        assert_eq!(found.rows[1].values["problem"], expected.rows[1].values["problem"], "{name}");
        if name == "resaved" {
            assert_eq!(codes(&found), codes(&expected), "{name}");
        }
    }
}

/// The body of the fuzz target `xlsx_import`: any bytes, then any bytes as parts.
fn fuzz_workbook(bytes: &[u8]) {
    let limits = Limits::default();
    if let Ok(book) = read_workbook(bytes, &limits)
        && let Ok(check) = check_sheet(&book, &fields(), &ImportOptions::default())
    {
        let marked = error_workbook(&book, &check);
        assert!(marked.is_ok(), "{marked:?}");
    }
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let rels = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="s.xml"/></Relationships>"#;
    let parts = zip(&[
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/s.xml", bytes),
        ("xl/sharedStrings.xml", bytes),
        ("xl/styles.xml", b"<styleSheet/>"),
    ]);
    let _answer = read_workbook(&parts, &limits);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::package::cases(100),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn mutated_workbooks_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..10),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = office_ledger();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        fuzz_workbook(&bytes);
    }

    #[test]
    fn random_sheets_never_panic(text in "(<(/)?(row|c|v|f|is|t|mergeCell|sst|si)( (r|s|t|ref)=\"[A-Z0-9:]{0,6}\")?>|[0-9a-z&;\",\n]){0,60}") {
        fuzz_workbook(text.as_bytes());
        fuzz_workbook(format!("<worksheet><sheetData>{text}</sheetData></worksheet>").as_bytes());
        fuzz_workbook(format!("问题,整改措施\n{text}").as_bytes());
    }
}
