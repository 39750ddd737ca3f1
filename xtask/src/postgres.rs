//! A throw-away PostgreSQL for one run of the suite.
//!
//! It listens on a free port of 127.0.0.1 with a random password, keeps its files in a folder of
//! its own, syncs to disk as a real one does, and ends with this process whatever happens to it.

use crate::command::{find, succeeds};
use crate::machine::is_root;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The account that runs the server when this process is root, which PostgreSQL refuses to be.
/// Debian's package creates it.
const ACCOUNT: &str = "postgres";

/// How long the server may take to answer.
const START_SECONDS: u32 = 60;

/// A running server.
pub struct Server {
    child: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    password: String,
}

impl Server {
    /// Creates an empty cluster and starts it.
    ///
    /// # Errors
    /// When a step fails; the message holds the end of the server's log.
    pub fn start(programs: &Path) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("taizhang-pg-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let password = random_hex()?;
        fs::write(folder.join("password"), &password)?;
        hand_over(&folder)?;
        initialise(programs, &folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = spawn(programs, &folder, port)?;
        let programs = programs.to_path_buf();
        let mut server = Self { child, programs, folder, port, password };
        server.wait()?;
        Ok(server)
    }

    /// The connection string for the tests.
    pub fn url(&self) -> String {
        let Self { port, password, .. } = self;
        format!("postgres://{ACCOUNT}:{password}@127.0.0.1:{port}/postgres")
    }

    fn wait(&mut self) -> io::Result<()> {
        let is_ready = self.programs.join("pg_isready").to_string_lossy().into_owned();
        let port = self.port.to_string();
        for _ in 0..START_SECONDS * 5 {
            if succeeds(&is_ready, &["-q", "-h", "127.0.0.1", "-p", &port]) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                let end: Vec<&str> = log.lines().rev().take(5).collect();
                let message = format!("PostgreSQL ended with {status}: {}", end.join(" | "));
                return Err(io::Error::other(message));
            }
            thread::sleep(Duration::from_millis(200));
        }
        Err(io::Error::other(format!("PostgreSQL did not answer in {START_SECONDS} s")))
    }
}

impl Drop for Server {
    /// Stops at once: nothing in it is worth a checkpoint.
    fn drop(&mut self) {
        let mut stop = as_account(&self.programs.join("pg_ctl"));
        stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.folder.join("data"));
        let stopped = stop.current_dir(&self.folder).status().is_ok_and(|status| status.success());
        let ended = if stopped { Ok(()) } else { self.child.kill() };
        let ended = ended.and_then(|()| self.child.wait());
        let removed = fs::remove_dir_all(&self.folder);
        if let Err(error) = ended.map(|_| ()).and(removed) {
            eprintln!("left behind: {} ({error})", self.folder.display());
        }
    }
}

/// The folder with `initdb` and `postgres`: the newest version of Debian's layout, or the path.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = versions.map(|entry| entry.path()).filter(|p| p.join("bin/initdb").is_file());
    let newest = debian.max_by_key(|path| number(path)).map(|path| path.join("bin"));
    newest.or_else(|| Some(find("initdb")?.parent()?.to_path_buf()))
}

fn random_hex() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Gives the folder to the account that runs the server.
fn hand_over(folder: &Path) -> io::Result<()> {
    let path = folder.to_string_lossy();
    if is_root() && !succeeds("chown", &["-R", ACCOUNT, &path]) {
        return Err(io::Error::other(format!("no account `{ACCOUNT}` to run PostgreSQL as")));
    }
    Ok(())
}

/// A command as the server's account that the kernel ends together with this process.
fn as_account(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"]);
    }
    command.arg("--").arg(program).stdin(Stdio::null());
    command
}

fn initialise(programs: &Path, folder: &Path) -> io::Result<()> {
    let mut command = as_account(&programs.join("initdb"));
    command.args(["-U", ACCOUNT, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
    command.args(["--auth=scram-sha-256", "--no-instructions"]);
    command.arg("--pwfile").arg(folder.join("password")).arg("-D").arg(folder.join("data"));
    let output = command.current_dir(folder).output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).replace('\n', " | ");
    Err(io::Error::other(format!("initdb failed: {errors}")))
}

fn spawn(programs: &Path, folder: &Path, port: u16) -> io::Result<Child> {
    let log = File::create(folder.join("log"))?;
    let mut command = as_account(&programs.join("postgres"));
    command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
    command.arg("-k").arg(folder).args(["-c", "listen_addresses=127.0.0.1"]);
    // Tests run side by side, each with its own connections.
    command.args(["-c", "max_connections=200", "-c", "fsync=on"]);
    command.stdout(log.try_clone()?).stderr(log).current_dir(folder).spawn()
}
