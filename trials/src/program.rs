//! The built program as a child process.

use crate::Outcome;
use crate::http::Browser;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longest time from start to the first answer.
const START: Duration = Duration::from_secs(120);

/// Where the program and its data lie.
#[derive(Clone, Debug)]
pub struct Place {
    /// The built program.
    pub program: PathBuf,
    /// Data directory.
    pub data: PathBuf,
    /// PostgreSQL instead of the embedded database.
    pub database: Option<String>,
}

impl Place {
    /// Runs a command of the program to its end.
    ///
    /// # Errors
    /// When it cannot be started or ends badly.
    pub fn run(&self, words: &[&str]) -> Outcome<()> {
        let status = self.command(words).stdout(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("{words:?} ended with {status}").into()) }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data).args(words).stdin(Stdio::null());
        if let Some(url) = &self.database {
            command.env("TAIZHANG_DATABASE", url);
        }
        command
    }

    /// Starts the server on a free port and waits for its first answer.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub fn serve(&self) -> Outcome<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = self.command(&["serve", "--listen", &address]);
        let child = command.stdout(Stdio::null()).spawn()?;
        let mut server = Server { child, address };
        let start = Instant::now();
        loop {
            let answer = Browser::new(&server.address).get("/healthz");
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended with {status}").into());
            }
            if start.elapsed() > START {
                return Err("the server does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `host:port`.
    pub address: String,
}

impl Server {
    /// Ends it at once, as a power switch would (SIGKILL).
    ///
    /// # Errors
    /// When there is no such process any more.
    pub fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, as a service manager does (SIGTERM), and says how it ended.
    ///
    /// # Errors
    /// When it still runs after the time a manager waits.
    pub fn end(mut self) -> Outcome<ExitStatus> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status()?;
        let start = Instant::now();
        while start.elapsed() < START {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("the server does not end".into())
    }

    /// Memory in use and its peak, in KiB; 0 where the kernel does not tell.
    #[must_use]
    pub fn memory_kib(&self) -> (u64, u64) {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(Path::new(&path)).unwrap_or_default();
        let of = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        (of("VmRSS:").unwrap_or(0), of("VmHWM:").unwrap_or(0))
    }

    /// Processor time used so far, in seconds.
    #[must_use]
    pub fn processor_seconds(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(Path::new(&path)).unwrap_or_default();
        let after = text.rsplit(')').next().unwrap_or_default();
        let ticks: u32 =
            after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u32>().ok()).sum();
        f64::from(ticks) / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Signs in with the demonstration's password.
///
/// # Errors
/// When the page has no form or the sign-in is refused.
pub fn sign_in(address: &str, login: &str, password: &str) -> Outcome<Browser> {
    let mut browser = Browser::new(address);
    let page = browser.get("/sign-in")?;
    let form = crate::page::form(&page.text(), "/sign-in").ok_or("no sign-in form")?;
    let form = form.with("login", login).with("password", password);
    let answer = browser.post("/sign-in", &form.fields)?;
    if answer.status == 303 {
        Ok(browser)
    } else {
        Err(format!("`{login}` was not let in: {}", answer.status).into())
    }
}
