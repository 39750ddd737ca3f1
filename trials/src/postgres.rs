//! A PostgreSQL to throw away, with the settings of a real one.

use crate::Outcome;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The account of Debian's package; PostgreSQL refuses to run as root.
const ACCOUNT: &str = "postgres";

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts one under `folder`, which must not exist.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path) -> Outcome<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql")?.flatten();
        let newest = versions.map(|entry| entry.path().join("bin")).max();
        let programs = newest.ok_or("PostgreSQL is not installed")?;
        std::fs::create_dir_all(folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let cluster = Self { programs, folder: folder.to_owned(), port };
        run(Command::new("chown").args(["-R", ACCOUNT]).arg(folder))?;
        let data = folder.join("data");
        run(cluster
            .tool("initdb")
            .args(["-A", "trust", "-E", "UTF8", "--no-locale", "-D"])
            .arg(&data))?;
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=");
        let log = folder.join("log");
        run(cluster
            .tool("pg_ctl")
            .arg("-D")
            .arg(&data)
            .args(["-w", "-o", &options, "-l"])
            .arg(log)
            .arg("start"))?;
        std::thread::sleep(Duration::from_millis(200));
        Ok(cluster)
    }

    /// Connection string.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{ACCOUNT}@127.0.0.1:{}/postgres", self.port)
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups"]);
        command.arg(self.programs.join(name)).current_dir(&self.folder);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.tool("pg_ctl");
        let _ = run(stop.args(["stop", "-m", "immediate", "-D"]).arg(self.folder.join("data")));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn run(command: &mut Command) -> Outcome<()> {
    let status =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}
