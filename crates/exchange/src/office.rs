//! Formats that only an office program reads (`.doc`, `.wps`, `.rtf`, `.odt`): LibreOffice turns
//! them into docx, one file at a time, in a profile of its own and under a time limit.

use crate::{ExchangeError, Limits};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One conversion at a time: LibreOffice takes hundreds of MiB.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Pause between two looks at the running program.
const POLL: Duration = Duration::from_millis(50);

/// Where LibreOffice lies when it is not on the search path.
const USUAL_PLACES: [&str; 5] = [
    "/usr/bin/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/snap/bin/libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
];

/// The LibreOffice program, if it is installed.
#[must_use]
pub fn find_office() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .flat_map(|folder| ["soffice", "libreoffice"].map(|name| folder.join(name)));
    on_path.chain(USUAL_PLACES.map(PathBuf::from)).find(|program| program.is_file())
}

/// Converts a document with LibreOffice: `extension` names the input, `target` the output format
/// (`docx`, `pdf`, `odt` …).
///
/// # Errors
/// LibreOffice is missing, ran out of time or wrote nothing.
pub fn convert_with_office(
    bytes: &[u8],
    extension: &str,
    target: &str,
    limits: &Limits,
) -> Result<Vec<u8>, ExchangeError> {
    let Some(program) = find_office() else {
        return Err(ExchangeError::new(
            "X0501",
            format!("读取 .{extension} 文件需要 LibreOffice，本机没有安装"),
            format!("reading `.{extension}` needs LibreOffice, which is not installed"),
        )
        .help(
            "请用 Word 或 WPS 打开后另存为 .docx 再上传，或请管理员安装 LibreOffice",
            "save it as .docx in Word or WPS and upload that, or have LibreOffice installed",
        )
        .tried("soffice on the search path")
        .tried(USUAL_PLACES.join(", ")));
    };
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().map_err(|error| failed("temporary folder", &error))?;
    let input = folder.path().join(format!("input.{extension}"));
    std::fs::write(&input, bytes).map_err(|error| failed("input file", &error))?;
    let output = folder.path().join("output");
    let child = start(&program, folder.path(), &input, &output, target)?;
    wait(child, Duration::from_secs(limits.office_seconds))?;
    // `txt:Text (encoded):UTF8` names a filter behind the extension.
    let written = target.split(':').next().unwrap_or(target);
    let result = output.join(format!("input.{written}"));
    let size = std::fs::metadata(&result).map(|file| file.len()).map_err(|_| nothing_written())?;
    if size > limits.pdf_bytes {
        return Err(ExchangeError::limit(
            "X0504",
            "转换后的文件大小",
            "the converted file",
            format!("{} MiB", limits.pdf_bytes >> 20),
        ));
    }
    std::fs::read(&result).map_err(|_| nothing_written())
}

fn start(
    program: &Path,
    folder: &Path,
    input: &Path,
    output: &Path,
    target: &str,
) -> Result<Child, ExchangeError> {
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let mut command = Command::new(program);
    command
        .arg(profile)
        .args(["--headless", "--norestore", "--nolockcheck", "--convert-to", target, "--outdir"])
        .arg(output)
        .arg(input)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|error| failed("start", &error))
}

fn wait(mut child: Child, limit: Duration) -> Result<(), ExchangeError> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if started.elapsed() < limit => std::thread::sleep(POLL),
            Ok(None) => {
                stop(&mut child);
                return Err(ExchangeError::limit(
                    "X0503",
                    "LibreOffice 转换时间",
                    "the time of the LibreOffice conversion",
                    format!("{} s", limit.as_secs()),
                ));
            }
            Err(error) => {
                stop(&mut child);
                return Err(failed("wait", &error));
            }
        }
    }
}

/// Ends the program and the helpers it started, which share its process group.
fn stop(child: &mut Child) {
    let group = format!("-{}", child.id());
    let killed = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    if !killed.is_ok_and(|status| status.success()) && child.kill().is_err() {
        // Already gone.
    }
    let _gone = child.wait();
}

fn failed(step: &str, error: &std::io::Error) -> ExchangeError {
    ExchangeError::new("X0502", "LibreOffice 未能运行", "LibreOffice could not be run")
        .tried(format!("{step}: {}", error.kind()))
}

fn nothing_written() -> ExchangeError {
    ExchangeError::new(
        "X0505",
        "LibreOffice 也无法读取该文件",
        "LibreOffice cannot read the file either",
    )
    .help(
        "请用原来的程序打开检查，另存为 .docx 后再上传",
        "open it in the program that made it, save as .docx and upload that",
    )
    .tried("LibreOffice")
}
