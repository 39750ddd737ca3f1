//! Hostile files are read apart: in a process of their own that may be killed.
//!
//! The readers count everything against [`Limits`]; this is the wall behind them, for what nobody
//! thought of. The process is the same program under a hidden command. It gets the file through a
//! pipe and gives the answer through another; it has no environment, may not open a file or a
//! socket, and memory and time are bounded by the system. Whatever becomes of it, the one who asked
//! gets an answer or a message.

mod child;
mod rows;
mod wire;

pub use child::answer_parent;
pub use rows::RowsRequest;

use crate::workbook::{WorkbookRows, read_workbook};
use crate::{DocumentFormat, DocumentText, ExchangeError, Limits, document_text, office, read};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use taizhang_diagnostics::Message;
use wire::{Answer, Question, Task};

/// Processes that read at once; each may take as much memory as its bounds say.
const AT_ONCE: usize = 2;

/// How long a process that has answered or closed its pipe may take to end by itself.
const ENDING: Duration = Duration::from_millis(500);

/// What a reading process may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApartBounds {
    /// Address space for a document, bytes.
    pub document_memory_bytes: u64,
    /// Address space for a workbook, whose cells are all held at once, bytes.
    pub workbook_memory_bytes: u64,
    /// Processor time, seconds.
    pub processor_seconds: u64,
    /// Processor time for a workbook that is read row by row and may be larger, seconds.
    pub rows_processor_seconds: u64,
    /// Time until the answer must be there, or its next row, seconds.
    pub seconds: u64,
}

impl Default for ApartBounds {
    fn default() -> Self {
        Self {
            document_memory_bytes: 512 << 20,
            workbook_memory_bytes: 1 << 30,
            processor_seconds: 20,
            rows_processor_seconds: 60,
            seconds: 40,
        }
    }
}

/// Where files are read: here, or in a process of their own.
///
/// # Example
/// ```
/// use taizhang_exchange::{FileReader, Limits};
/// let reader = FileReader::here();
/// let read = reader.document("一、问题".as_bytes(), Some("来文.txt"), &Limits::default())?;
/// assert_eq!(read.text, "一、问题");
/// # Ok::<(), taizhang_exchange::ExchangeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FileReader {
    /// Program and arguments that end in [`answer_parent`].
    program: Option<(PathBuf, Vec<OsString>)>,
    bounds: ApartBounds,
}

impl FileReader {
    /// Reads in this process: for tests, and for tools that read their own files.
    #[must_use]
    pub fn here() -> Self {
        Self::default()
    }

    /// Reads in a process of its own: `program` with `arguments` must call [`answer_parent`].
    #[must_use]
    pub fn apart(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self { program: Some((program, arguments)), bounds: ApartBounds::default() }
    }

    /// The same with other bounds.
    #[must_use]
    pub fn bounded(mut self, bounds: ApartBounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// [`document_text`], apart unless the file is plain text, of which nothing is parsed.
    ///
    /// # Errors
    /// Those of [`document_text`]; a process that broke off or took too long.
    pub fn document(
        &self,
        bytes: &[u8],
        name_hint: Option<&str>,
        limits: &Limits,
    ) -> Result<DocumentText, ExchangeError> {
        if self.program.is_none() || read::is_plain(bytes, name_hint) {
            return document_text(bytes, name_hint, limits);
        }
        let question = Question { task: Task::Document, name_hint, limits };
        match self.ask(&question, bytes)? {
            Asked::Answer(Answer::Document(document)) => Ok(document),
            Asked::Answer(Answer::Office(extension)) => {
                let converted = office::convert_with_office(bytes, extension, "docx", limits)?;
                let question = Question { task: Task::Document, name_hint: None, limits };
                match self.ask(&question, &converted)? {
                    Asked::Answer(Answer::Document(document)) => {
                        Ok(read::as_office(document, extension))
                    }
                    Asked::Answer(_) => Err(unreadable()),
                    Asked::NotStarted => document_text(bytes, name_hint, limits).map(here_note),
                }
            }
            Asked::Answer(Answer::Workbook(_)) => Err(unreadable()),
            Asked::NotStarted => document_text(bytes, name_hint, limits).map(here_note),
        }
    }

    /// [`read_workbook`], apart.
    ///
    /// # Errors
    /// Those of [`read_workbook`]; a process that broke off or took too long.
    pub fn workbook(&self, bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
        if self.program.is_none() {
            return read_workbook(bytes, limits);
        }
        let question = Question { task: Task::Workbook, name_hint: None, limits };
        match self.ask(&question, bytes)? {
            Asked::Answer(Answer::Workbook(book)) => Ok(book),
            Asked::Answer(_) => Err(unreadable()),
            Asked::NotStarted => {
                let mut book = read_workbook(bytes, limits)?;
                book.notes.push(here_message());
                Ok(book)
            }
        }
    }

    fn ask(&self, question: &Question<'_>, bytes: &[u8]) -> Result<Asked, ExchangeError> {
        let Some((child, _slot)) = self.start(self.bounds.seconds)? else {
            return Ok(Asked::NotStarted);
        };
        let head = question.encode(&self.bounds);
        converse(child, &head, bytes, &self.bounds, question).map(Asked::Answer)
    }

    const fn bounds(&self) -> &ApartBounds {
        &self.bounds
    }

    const fn is_apart(&self) -> bool {
        self.program.is_some()
    }

    /// Starts a process and takes its turn; none if there is no such program here.
    fn start(&self, patience_seconds: u64) -> Result<Option<(Child, Slot)>, ExchangeError> {
        let Some((program, arguments)) = &self.program else {
            return Ok(None);
        };
        let slot = Slot::take(Duration::from_secs(patience_seconds))?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        command.current_dir("/");
        match command.spawn() {
            Ok(child) => Ok(Some((child, slot))),
            // A machine without memory or processes for another one must not read it here either.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound
                        | std::io::ErrorKind::PermissionDenied
                        | std::io::ErrorKind::Unsupported
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(ExchangeError::new(
                "X0903",
                "读取文件的进程没有启动",
                "the process that reads files was not started",
            )
            .help("请稍后再试，或告诉管理员", "try again later or tell the operator")
            .tried(error.kind().to_string())),
        }
    }
}

/// What asking came to.
enum Asked {
    Answer(Answer),
    /// There is no such program here, or no right to start it.
    NotStarted,
}

/// A turn to run a process; given back when dropped.
struct Slot;

static TAKEN: Mutex<usize> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

impl Slot {
    fn take(patience: Duration) -> Result<Self, ExchangeError> {
        let until = Instant::now() + patience;
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken >= AT_ONCE {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return Err(ExchangeError::new(
                    "X0905",
                    "正在读取的文件太多",
                    "too many files are being read",
                )
                .help("请过几分钟再上传", "upload it again in some minutes"));
            };
            let waited = GIVEN_BACK.wait_timeout(taken, left);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken += 1;
        Ok(Self)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_sub(1);
        GIVEN_BACK.notify_one();
    }
}

/// Hands the file over and takes the answer, within the time; the process is gone afterwards.
fn converse(
    mut child: Child,
    head: &[u8],
    bytes: &[u8],
    bounds: &ApartBounds,
    question: &Question<'_>,
) -> Result<Answer, ExchangeError> {
    let until = Instant::now() + Duration::from_secs(bounds.seconds);
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let most = wire::answer_bytes_max(question);
    let received = std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // A process that ended does not read to the end; its status tells why.
                let _ = stdin.write_all(head).and_then(|()| stdin.write_all(bytes));
            }
        });
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.map(|stdout| stdout.take(most).read_to_end(&mut answer));
            let _ = sender.send(read.is_some_and(|read| read.is_ok()).then_some(answer));
        });
        let left = until.saturating_duration_since(Instant::now());
        let received = receiver.recv_timeout(left);
        let answer = match received {
            Ok(answer) => answer.unwrap_or_default(),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                end(&mut child);
                return Err(too_slow(bounds.seconds));
            }
        };
        match wire::decode(&answer) {
            Some(answer) => {
                end(&mut child);
                Ok(answer)
            }
            None => Err(broken_off(status(&mut child), bounds, question.task)),
        }
    });
    received?
}

/// Kills the process, if it is still there, and takes its status.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// The status of a process that closed its pipe and should end; it is killed if it does not.
fn status(child: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + ENDING;
    while Instant::now() < until {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    end(child);
    None
}

fn too_slow(seconds: u64) -> ExchangeError {
    ExchangeError::limit(
        "X0901",
        "读取文件的时间",
        "the time to read the file",
        format!("{seconds} s"),
    )
}

/// Why a process ended without an answer.
fn broken_off(status: Option<ExitStatus>, bounds: &ApartBounds, task: Task) -> ExchangeError {
    let memory = task.memory_bytes(bounds) >> 20;
    let seconds = task.processor_seconds(bounds);
    let how = match status.map(|status| (status.code(), signal(status))) {
        Some((_, Some(24))) => return too_slow(seconds),
        Some((_, Some(number))) => format!("signal {number}"),
        Some((Some(code), None)) => format!("status {code}"),
        _ => "killed".to_owned(),
    };
    ExchangeError::new(
        "X0902",
        format!("读取这个文件时中途停下（内存上限 {memory} MiB，处理器时间上限 {seconds} 秒）"),
        format!("reading broke off (bounds: `{memory} MiB` of memory, `{seconds} s`)"),
    )
    .help(
        "文件可能已损坏或过大；请用原来的程序打开，另存为新文件后再上传",
        "it may be damaged or too large: open it where it was made, save it anew and upload that",
    )
    .tried(how)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

fn unreadable() -> ExchangeError {
    ExchangeError::new(
        "X0904",
        "读取文件的进程没有给出可用的结果",
        "the process that reads files gave no usable answer",
    )
    .help("请告诉管理员", "tell the operator")
}

fn here_message() -> Message {
    Message::new("未能启动单独的读取进程，已在本进程内读取", "read without a process of its own")
}

fn here_note(mut document: DocumentText) -> DocumentText {
    document.notes.push(here_message());
    document
}

/// True for formats that the child leaves to LibreOffice.
pub(crate) const OFFICE_EXTENSIONS: [&str; 5] = ["doc", "wps", "rtf", "odt", "xml"];

/// Formats in the order of their number on the wire.
pub(crate) const FORMATS: [DocumentFormat; 6] = [
    DocumentFormat::Text,
    DocumentFormat::Docx,
    DocumentFormat::Html,
    DocumentFormat::Pdf,
    DocumentFormat::Ofd,
    DocumentFormat::Office,
];
