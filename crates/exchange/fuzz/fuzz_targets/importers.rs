//! Whatever a workbook's bytes are, reading it by rows gives rows whose values fit the plan, or a
//! message. The first byte says what the rest is: a file as it stands, a sheet or shared strings
//! within a sound container, an old workbook, a text of separated values with a header.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use std::io::{Cursor, Write};
use std::sync::LazyLock;
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    ErrorBook, ExchangeError, ImportField, ImportOptions, Limits, StreamedRow, WorkbookStream,
    check_sheet, read_workbook,
};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

static FIELDS: LazyLock<Vec<ImportField>> = LazyLock::new(|| {
    let mut fields = vec![
        ImportField::new("household_no", &["户编号", "户编码"], FieldType::Text),
        ImportField::new("name", &["姓名", "户主姓名"], FieldType::Text),
        ImportField::new("id_number", &["证件号码", "身份证号"], FieldType::Text),
        ImportField::new("on", &["日期", "走访日期"], FieldType::Date),
        ImportField::new("month", &["月份", "识别监测时间"], FieldType::Month),
        ImportField::new("fen", &["金额", "工资性收入"], FieldType::Money),
        ImportField::new("area", &["面积"], FieldType::Decimal),
        ImportField::new("count", &["人口", "家庭人口"], FieldType::Integer),
        ImportField::new("percent", &["比例"], FieldType::Percent),
        ImportField::new("yes", &["是否"], FieldType::Boolean),
        ImportField::new("note", &["备注"], FieldType::LongText),
        ImportField::new("status", &["健康状况"], FieldType::Code),
        ImportField::new("kinds", &["风险类型"], FieldType::Codes),
    ];
    for field in &mut fields {
        field.is_identity = field.name == "id_number";
        field.is_required = field.name == "household_no";
        if ["status", "kinds"].contains(&field.name.as_str()) {
            let words = [("healthy", "健康"), ("chronic", "长期慢性病"), ("disabled", "残疾")];
            field.choices = words.map(|(code, word)| (code.to_owned(), word.to_owned())).to_vec();
        }
    }
    fields
});

/// A sound container around a sheet and the shared strings.
fn container(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations =
        |inner: &str| format!("<Relationships xmlns=\"{PACKAGE}\">{inner}</Relationships>");
    let root = relations(&relation("r1", "officeDocument", "xl/workbook.xml"));
    let inner = relation("r1", "worksheet", "worksheets/sheet1.xml")
        + &relation("r2", "sharedStrings", "sharedStrings.xml");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", b"<Types/>".as_slice()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(&inner).as_bytes()),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) {
    let limits = Limits { workbook_cells: 200_000, ..Limits::default() };
    let options = ImportOptions::default();
    let mut book: Option<ErrorBook> = None;
    let mut width = 0;
    let mut rows = 0;
    let streamed = WorkbookStream::open(bytes, &limits).and_then(|mut stream| {
        stream.check(&FIELDS, &options, |row| {
            match row {
                StreamedRow::Start(plan) => {
                    width = plan.fields.len();
                    rows = 0;
                    book = Some(ErrorBook::begin(plan)?);
                }
                StreamedRow::Record { row, values, faults, .. } => {
                    rows += 1;
                    assert_eq!(values.len(), width);
                    assert!(faults.iter().all(|fault| fault.row == row.number));
                    if let (Some(book), true) = (&mut book, rows < 50) {
                        book.row(row, faults)?;
                    }
                }
                StreamedRow::Other { .. } => {}
            }
            Ok::<(), ExchangeError>(())
        })
    });
    let held = read_workbook(bytes, &limits).and_then(|book| check_sheet(&book, &FIELDS, &options));
    if let Ok(check) = &streamed {
        assert_eq!(check.rows_total, rows);
        assert!(check.rows_good <= check.rows_total);
    }
    // A text is read the same way held and by rows.
    if let (Ok(streamed), Ok(held), false) = (&streamed, &held, bytes.starts_with(b"PK")) {
        assert_eq!(streamed.rows_total, held.rows.len() as u64);
    }
}

fuzz_target!(
    init: {
        // The library for old workbooks runs on a thread of its own, whose end is an answer.
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |information| {
            if std::thread::current().name() == Some("main") {
                usual(information);
            }
        }));
    },
    |bytes: &[u8]| -> Corpus {
        let Some((kind, rest)) = bytes.split_first() else { return Corpus::Reject };
        match kind % 5 {
            0 => read(rest),
            1 => read(&container(rest, b"<sst/>")),
            2 => {
                let sheet = b"<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>\
                    </row><row><c t=\"s\"><v>2</v></c><c t=\"s\"><v>3</v></c></row></sheetData></worksheet>";
                read(&container(sheet, rest));
            }
            3 => read(&[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", rest].concat()),
            _ => read(&["户编号,姓名,证件号码,日期,金额,健康状况\n".as_bytes(), rest].concat()),
        }
        Corpus::Keep
    }
);
