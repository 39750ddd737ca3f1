//! Whatever a workbook's bytes are, reading it by rows gives rows whose values fit the plan, or a
//! message. The first byte says what the rest is: a file as it stands, a sheet or shared strings
//! within a sound container, an old workbook, a text of separated values with a header.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;
use std::sync::LazyLock;
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    ErrorBook, ExchangeError, ImportField, ImportOptions, Limits, StreamedRow, TableBook,
    WorkbookStream, check_sheet, read_workbook, write_csv,
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

/// Words of sheets and tables, for the fuzzer's dictionary.
const WORDS: &str = "<row r=\"1\">|</row>|<c r=\"A1\" t=\"s\">|</c>|<v>|</v>|<is><t>|</t></is>|\
    t=\"inlineStr\"|t=\"b\"|t=\"e\"|t=\"n\"|<f>|</f>|\
    <mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>|<sheetData>|</sheetData>|\
    <dimension ref=\"A1:XFD1048576\"/>|<si><t>|</t></si>|<r><t>|&amp;|&#x5f20;|户编号|姓名|\
    证件号码|日期|金额|合计|2020年3月10日|202003|１２３|健康|999999198507140038";

/// Rows of a register, right and wrong ones, in the order of the fields.
const ROWS: [&str; 4] = [
    "1|甲|999999198507140038|2020年3月10日|202003|1200.5|80.25|3|50%|是|无|健康|因病,因灾",
    "０２|乙|999999198507140|2020.3|2020-03|壹佰|１２|三|0.5|√|一\n二|慢性病|",
    "|合计||43900||-1|||||||",
    "=1+1|=HYPERLINK(\"x\")|1E+17|9999-12-31|13|1e308|-0|2147483648|101|否|@||",
];

/// The dictionary in libFuzzer's form, whose reader knows printable ASCII and numbers of bytes.
fn dictionary() -> String {
    let byte = |byte: u8| match byte {
        b'"' => "\\\"".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    let quoted = |word: &str| format!("\"{}\"\n", word.bytes().map(byte).collect::<String>());
    WORDS.split('|').map(quoted).collect()
}

/// Writes small workbooks of our own writer, as they are and as the parts within, and the
/// dictionary, into the folder that `TAIZHANG_FUZZ_SEEDS` names.
fn write_seeds() {
    let Some(folder) = std::env::var_os("TAIZHANG_FUZZ_SEEDS").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).unwrap();
    let heads: Vec<&str> = FIELDS.iter().map(|field| field.heads[0].as_str()).collect();
    let rows: Vec<Vec<&str>> = ROWS.iter().map(|row| row.split('|').collect()).collect();
    let save = |name: &str, kind: u8, bytes: &[u8]| {
        std::fs::write(folder.join(name), [&[kind], bytes].concat()).unwrap();
    };
    let mut book = TableBook::new(&heads).unwrap();
    rows.iter().for_each(|row| book.push(row).unwrap());
    let bytes = book.finish().unwrap();
    save("own.xlsx", 0, &bytes);
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    for (name, kind) in [("xl/worksheets/sheet1.xml", 1), ("xl/sharedStrings.xml", 2)] {
        let mut part = Vec::new();
        let Ok(mut file) = archive.by_name(name) else { continue };
        file.read_to_end(&mut part).unwrap();
        save(&name.replace('/', "-"), kind, &part);
    }
    save("own-rows", 4, write_csv(&rows).as_bytes());
    let text = write_csv([heads].iter().chain(&rows));
    save("own.csv", 0, text.as_bytes());
    std::fs::write(folder.with_extension("dict"), dictionary()).unwrap();
}

fuzz_target!(
    init: {
        write_seeds();
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
