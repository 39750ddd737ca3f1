//! Files that hurt their reader end in a message, and the one who asked lives on.

use std::ffi::OsString;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use taizhang_exchange::{ApartBounds, DocumentFormat, FileReader, Limits};

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
