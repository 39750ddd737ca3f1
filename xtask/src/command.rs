//! Runs programs, says what is being run and how long it took.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a command in the foreground; true when it succeeded.
///
/// # Errors
/// When the program cannot be started.
pub fn step(name: &str, command: &mut Command) -> io::Result<bool> {
    announce(name);
    let started = Instant::now();
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    conclude(name, status.success(), started);
    Ok(status.success())
}

/// Like [`step`], and hands every line of the chosen stream to `line` while it is shown.
///
/// # Errors
/// When the program cannot be started or its output cannot be read.
pub fn step_with_lines(
    name: &str,
    command: &mut Command,
    stream: Stream,
    line: &mut dyn FnMut(&str),
) -> io::Result<bool> {
    announce(name);
    let started = Instant::now();
    match stream {
        Stream::Output => command.stdout(Stdio::piped()),
        Stream::Errors => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    if let Some(output) = child.stdout.take() {
        relay(output, &mut io::stdout(), line)?;
    }
    if let Some(errors) = child.stderr.take() {
        relay(errors, &mut io::stderr(), line)?;
    }
    let status = child.wait()?;
    conclude(name, status.success(), started);
    Ok(status.success())
}

/// Which stream of a program is read along.
#[derive(Clone, Copy)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

fn relay(from: impl Read, to: &mut impl Write, line: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        to.write_all(&bytes)?;
        line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    to.flush()
}

fn announce(name: &str) {
    eprintln!("── {name}");
}

fn conclude(name: &str, success: bool, started: Instant) {
    let word = if success { "done" } else { "FAILED" };
    eprintln!("── {name}: {word} in {:.1} s", started.elapsed().as_secs_f64());
}

fn cannot_start(command: &Command, error: &io::Error) -> io::Error {
    let program = command.get_program().to_string_lossy();
    io::Error::other(format!("cannot start `{program}`: {error}"))
}

/// Where a program lies, looked up as a shell would, `/usr/sbin` included.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether a command succeeds, with nothing shown.
pub fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
