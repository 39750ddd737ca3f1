//! The side of the process that reads: bounds first, then one file, one answer, the end.

use super::rows;
use super::wire::{self, Answer, Head, Task};
use crate::read::{self, Way};
use crate::workbook::read_workbook;
use std::io::{self, BufWriter, Read, Write};

/// Reads one file from standard input and answers on standard output: the whole life of a reading
/// process. Before the file is touched the process gives up files, sockets, writing, further
/// processes and all memory and time beyond what the question says.
///
/// # Errors
/// Faults of the pipes, and a question that is none.
pub fn answer_parent() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let head = Head::read(&mut stdin)?;
    confine(head.memory_bytes, head.processor_seconds)?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    if head.task == Task::Rows {
        rows::answer(&head, &mut stdin, &mut out)?;
        return out.flush();
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    let result = match head.task {
        Task::Document => match read::way(&bytes, head.name_hint.as_deref(), &head.limits) {
            Ok(Way::Read(document)) => Ok(Answer::Document(document)),
            Ok(Way::Office(extension)) => Ok(Answer::Office(extension)),
            Err(error) => Err(error),
        },
        Task::Workbook | Task::Rows => read_workbook(&bytes, &head.limits).map(Answer::Workbook),
    };
    wire::encode(&result, &mut out)?;
    out.flush()
}

/// Bounds that the system keeps and that cannot be taken back. No further descriptor can be
/// opened, so neither file nor socket; nothing can be written but into the pipe that is open.
#[cfg(unix)]
fn confine(memory_bytes: u64, processor_seconds: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let bounds = [
        (Resource::As, memory_bytes),
        (Resource::Cpu, processor_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        // Standard input, output and error are open already.
        (Resource::Nofile, 3),
    ];
    for (resource, most) in bounds {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Elsewhere the parent's clock alone bounds the process.
#[cfg(not(unix))]
fn confine(_: u64, _: u64) -> io::Result<()> {
    Ok(())
}
