//! Files that hurt their reader end in a message, and the one who asked lives on.

use std::ffi::OsString;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    ApartBounds, DocumentFormat, ExchangeError, FileReader, ImportField, ImportOptions, Limits,
    RowsRequest, StreamedRow,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_taizhang");

fn reader() -> FileReader {
    FileReader::apart(PathBuf::from(PROGRAM), vec!["read-apart".into()])
}

/// A reader whose process is a shell that behaves as told.
fn shell(script: &str) -> FileReader {
    let arguments: Vec<OsString> = vec!["-c".into(), script.into()];
    FileReader::apart(PathBuf::from("/bin/sh"), arguments)
}

fn page(paragraphs: usize) -> Vec<u8> {
    let mut page = b"<html><body>".to_vec();
    for number in 0..paragraphs {
        write!(page, "<p>{number}. 部分供水点无人管护</p>").unwrap();
    }
    page
}

/// A container of one part; `body` stands in the document.
fn docx(body: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in
        [("[Content_Types].xml", b"<Types/>".as_slice()), ("word/document.xml", body)]
    {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn word_body(inner: &str) -> Vec<u8> {
    let head = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
                <w:body>";
    format!("{head}{inner}</w:body></w:document>").into_bytes()
}

fn small_bounds() -> ApartBounds {
    ApartBounds { seconds: 2, processor_seconds: 1, ..ApartBounds::default() }
}

#[test]
fn documents_and_workbooks_are_read_as_in_this_process() {
    let limits = Limits::default();
    let word = docx(&word_body("<w:p><w:r><w:t>一、饮水安全</w:t></w:r></w:p>"));
    let html = page(20);
    for bytes in
        [word.as_slice(), html.as_slice(), b"\x89PNG\xff", b"%PDF-1.7 nothing", b"PK\x03\x04"]
    {
        let apart = reader().document(bytes, Some("来文.docx"), &limits);
        assert_eq!(apart, FileReader::here().document(bytes, Some("来文.docx"), &limits));
    }
    let read = reader().document(&word, None, &limits).unwrap();
    assert_eq!((read.text.as_str(), read.format), ("一、饮水安全\n", DocumentFormat::Docx));
    for bytes in ["序号,问题\n1,甲\n".as_bytes(), b"", b"PK\x03\x04"] {
        let apart = reader().workbook(bytes, &limits);
        assert_eq!(apart, FileReader::here().workbook(bytes, &limits));
    }
}

#[test]
fn memory_beyond_the_bound_ends_the_process_and_not_the_server() {
    let bounds = ApartBounds { document_memory_bytes: 64 << 20, ..ApartBounds::default() };
    let big = page(350_000);
    let limits = Limits::default();
    let read = reader().bounded(bounds).document(&big, None, &limits);
    let error = read.map(|document| document.text.len()).unwrap_err();
    assert_eq!(error.code, "X0902", "{error}");
    assert!(error.message.en.contains("64 MiB"), "{error}");
    // The same file within the usual bounds.
    assert!(reader().document(&big, None, &limits).is_ok());
}

#[test]
fn packed_bomb_is_refused_by_its_ratio() {
    let bomb = docx(&vec![b' '; 400 << 20]);
    assert!(bomb.len() < 1 << 20);
    let error = reader().document(&bomb, None, &Limits::default()).unwrap_err();
    assert!(error.code.starts_with("X02"), "{error}");
}

#[test]
fn process_that_never_answers_is_killed_in_time() {
    for script in ["while :; do :; done", "exec sleep 600", "cat > /dev/null; exec sleep 600"] {
        let start = Instant::now();
        let error =
            shell(script).bounded(small_bounds()).document(&page(9), None, &Limits::default());
        let error = error.unwrap_err();
        assert_eq!(error.code, "X0901", "{script}: {error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{script}");
    }
}

#[test]
fn process_that_breaks_off_or_lies_gives_a_message() {
    let cases = [
        ("kill -ABRT $$", "X0902"),
        ("kill -SEGV $$", "X0902"),
        ("kill -KILL $$", "X0902"),
        ("exit 3", "X0902"),
        ("exec >&-; exec sleep 600", "X0902"),
        ("printf 'nonsense'", "X0902"),
        ("exec cat /dev/zero", "X0902"),
        // A whole answer of another kind than was asked for.
        ("printf '\\001\\003\\000\\000\\000doc\\345'", "X0904"),
    ];
    for (script, code) in cases {
        let asked = shell(script).bounded(ApartBounds { seconds: 20, ..ApartBounds::default() });
        let limits = Limits { output_bytes: 1 << 20, ..Limits::default() };
        let error = asked.workbook(
            b"a,b\n1,2\n",
            &Limits { inflated_bytes: 1 << 20, workbook_cells: 1, ..limits },
        );
        let error = error.unwrap_err();
        assert_eq!(error.code, code, "{script}: {error}");
    }
}

#[test]
fn missing_program_reads_here_and_says_so() {
    let reader = FileReader::apart(PathBuf::from("/nowhere/taizhang"), Vec::new());
    let read = reader.document(&page(3), None, &Limits::default()).unwrap();
    assert!(read.notes.iter().any(|note| note.en == "read without a process of its own"));
}

#[test]
fn reading_process_opens_no_file_and_spends_no_more_than_its_time() {
    // The environment is empty, so what the process tells of itself comes from the system.
    let script = "exec 3< /proc/self/limits; cat <&3";
    let output = Command::new("/bin/sh").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut child = Command::new(PROGRAM)
        .arg("read-apart")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&question()).unwrap();
    stdin.flush().unwrap();
    let limits = wait_for_limits(child.id());
    for (name, most) in [
        ("Max open files", "3"),
        ("Max cpu time", "20"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<&str> = line.trim_start_matches(name).split_whitespace().collect();
        assert_eq!(words[..2], [most, most], "{line}");
    }
    let line = limits.lines().find(|line| line.starts_with("Max address space")).unwrap();
    assert!(line.contains(&(512_u64 << 20).to_string()), "{line}");
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// The first bytes that the program sends for a document, taken from a process that keeps them.
fn question() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("question");
    let script = format!("cat > {}", kept.display());
    let bytes = page(1);
    shell(&script).document(&bytes, None, &Limits::default()).unwrap_err();
    let mut question = std::fs::read(&kept).unwrap();
    question.truncate(question.len() - bytes.len());
    question
}

/// The limits of a process once it has confined itself.
fn wait_for_limits(process: u32) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
        let is_confined = limits.lines().any(|line| {
            line.starts_with("Max open files") && line.split_whitespace().nth(3) == Some("3")
        });
        if is_confined || Instant::now() > until {
            return limits;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn run(arguments: &[&str], folder: &Path) -> std::process::Output {
    Command::new(PROGRAM).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn document_read_survives_bomb_and_endless_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.docx"), docx(&vec![b' '; 400 << 20])).unwrap();
    std::fs::write(folder.path().join("b.html"), page(3)).unwrap();
    let output = run(&["document", "read", "a.docx", "b.html", "--format", "md"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("X02"), "{output:?}");
    // A device that never ends is counted while it is read.
    let output = run(&["document", "read", "/dev/zero"], folder.path());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// What a reading by rows came to, row by row.
fn rows(reader: &FileReader, bytes: &[u8], with_cells: bool) -> Result<Vec<String>, ExchangeError> {
    let fields = [
        ImportField::new("number", &["户编号"], FieldType::Text),
        ImportField::new("name", &["户主姓名"], FieldType::Text),
        ImportField::new("on", &["日期"], FieldType::Date),
        ImportField::new("fen", &["金额"], FieldType::Money),
        ImportField::new("area", &["面积"], FieldType::Decimal),
        ImportField::new("yes", &["是否"], FieldType::Boolean),
    ];
    let (options, limits) = (ImportOptions::default(), Limits::register());
    let request = RowsRequest { fields: &fields, options: &options, limits: &limits, with_cells };
    let mut seen = Vec::new();
    let check = reader.rows(&mut &*bytes, &request, |row| {
        match row {
            StreamedRow::Start(plan) => seen.push(format!("{} {:?}", plan.sheet, plan.header)),
            StreamedRow::Record { row, values, faults, section } => {
                let cells = if with_cells { row.cells.len() } else { 0 };
                seen.push(format!("{} {cells} {values:?} {faults:?} {section:?}", row.number));
            }
            StreamedRow::Other { row } if with_cells => seen.push(format!("{row:?}")),
            StreamedRow::Other { .. } => {}
        }
        Ok::<(), ExchangeError>(())
    })?;
    let (total, good, notes) = (check.rows_total, check.rows_good, check.notes);
    seen.push(format!("{total} {good} {} {:?} {notes:?}", check.rows_skipped, check.reasons));
    Ok(seen)
}

/// A workbook whose sheet holds `inner`.
fn xlsx(inner: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" \
         Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"表\" \
         sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let sheets = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" \
         Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let mut sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>").into_bytes();
    sheet.extend(inner);
    sheet.extend(b"</sheetData></worksheet>");
    for (name, content) in [
        ("[Content_Types].xml", b"<Types/>".as_slice()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", sheets.as_bytes()),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn text_row(number: usize, cells: &[&str]) -> String {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    format!("<row r=\"{number}\">{}</row>", cells.iter().map(cell).collect::<String>())
}

const HEAD: [&str; 3] = ["户编号", "户主姓名", "日期"];

#[test]
fn rows_of_a_register_are_read_apart_as_in_this_process() {
    let plain = text_row(1, &HEAD) + &text_row(2, &["1", "甲", "2020年3月10日"]);
    let faulty = plain.clone() + &text_row(3, &["2", "乙", "某日"]) + &text_row(4, &["合计"]);
    let csv = "户编号,户主姓名,日期,金额,面积,是否\n1,甲,2020.3.1,12.5,0.25,是\n2,,,,,否\n";
    let cases: [&[u8]; 6] = [
        &xlsx(plain.as_bytes()),
        &xlsx(faulty.as_bytes()),
        csv.as_bytes(),
        b"",
        b"PK\x03\x04",
        "别的,表头\n1,2\n".as_bytes(),
    ];
    for (number, bytes) in cases.into_iter().enumerate() {
        for with_cells in [false, true] {
            let apart = rows(&reader(), bytes, with_cells);
            assert_eq!(apart, rows(&FileReader::here(), bytes, with_cells), "{number}");
        }
    }
}

#[test]
fn hostile_workbooks_of_a_register_end_with_a_message() {
    let head = text_row(1, &HEAD);
    let bomb = xlsx(&[head.as_bytes(), vec![b' '; 400 << 20].as_slice()].concat());
    assert!(bomb.len() < 1 << 20);
    let entity = "<!DOCTYPE a [<!ENTITY b \"ccccccccc\">]>".to_owned() + &head;
    let deep = head.clone() + &"<x>".repeat(1_000);
    let wide = format!("<row r=\"2\">{}</row>", "<c><v>1</v></c>".repeat(300));
    let endless: String = (0..400_100).map(|at| format!("<row><c><v>{at}</v></c></row>")).collect();
    let cases = [
        // One run of blanks: the length of a token stops it long before the ratio would.
        ("packed bomb", bomb, "X0303"),
        ("entities", xlsx(entity.as_bytes()), "X03"),
        ("depth", xlsx(deep.as_bytes()), "X03"),
        ("columns", xlsx((head.clone() + &wide).as_bytes()), "X0702"),
        ("rows", xlsx((head + &endless).as_bytes()), "X0701"),
    ];
    for (what, bytes, code) in cases {
        let error = rows(&reader(), &bytes, false).unwrap_err();
        assert!(error.code.starts_with(code), "{what}: {error}");
    }
    let after = rows(&reader(), "户编号,户主姓名\n1,甲\n".as_bytes(), false);
    assert!(after.is_ok(), "the one who asked lives on: {after:?}");
}

#[test]
fn process_of_rows_that_hangs_breaks_off_or_lies_gives_a_message() {
    let sheet = "户编号,户主姓名\n1,甲\n".as_bytes();
    let cases = [
        ("exec sleep 600", "X0901"),
        ("cat > /dev/null; exec sleep 600", "X0901"),
        ("kill -ABRT $$", "X0902"),
        ("exit 3", "X0902"),
        ("printf 'nonsense and more of it'", "X0902"),
        ("exec cat /dev/zero", "X0902"),
        // A part that claims four gigabytes; a check that is cut off.
        ("printf '\\002\\377\\377\\377\\377'", "X0902"),
        ("printf '\\004\\020\\000\\000\\000abc'", "X0902"),
    ];
    for (script, code) in cases {
        let start = Instant::now();
        let error = rows(&shell(script).bounded(small_bounds()), sheet, false).unwrap_err();
        assert_eq!(error.code, code, "{script}: {error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{script}");
    }
}

#[test]
fn memory_of_a_workbook_by_rows_is_bounded() {
    let cells: String = (0..60_000).map(|at| format!("{at},某某某某某某\n")).collect();
    let sheet = format!("户编号,户主姓名\n{cells}");
    let bounds = ApartBounds { workbook_memory_bytes: 16 << 20, ..ApartBounds::default() };
    let error = rows(&reader().bounded(bounds), sheet.as_bytes(), false).unwrap_err();
    assert_eq!(error.code, "X0902", "{error}");
    assert!(rows(&reader(), sheet.as_bytes(), false).is_ok());
}
