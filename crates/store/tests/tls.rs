//! PostgreSQL by TLS: what the connection string asks for is what the line gets.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use taizhang_store::{Database, KeyRing, Store, StoreOptions};

/// The account of Debian's package; PostgreSQL refuses to run as root.
const ACCOUNT: &str = "postgres";

/// A server with a certificate of its own, made by a root that is not the machine's.
struct Server {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

fn run(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

impl Server {
    /// `None`, with the reason printed, where a program for it is missing.
    fn start() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let Some(programs) = versions.map(|entry| entry.path().join("bin")).max() else {
            println!("skipped: PostgreSQL is not installed");
            return None;
        };
        if !run(Command::new("openssl").arg("version")) {
            println!("skipped: openssl is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { programs, folder, port };
        let path = server.folder.path();
        assert!(run(Command::new("chmod").arg("755").arg(path)));
        assert!(run(Command::new("chown").arg(ACCOUNT).arg(path)));
        let data = path.join("data");
        let made = run(server.tool("initdb").args(["-A", "trust", "-D"]).arg(&data));
        assert!(made, "initdb");
        certificates(path);
        for file in ["server.crt", "server.key"] {
            std::fs::copy(path.join(file), data.join(file)).unwrap();
            assert!(run(Command::new("chown").arg(ACCOUNT).arg(data.join(file))));
        }
        assert!(run(Command::new("chmod").arg("600").arg(data.join("server.key"))));
        let options = format!(
            "-p {port} -c ssl=on -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        );
        let mut start = server.tool("pg_ctl");
        start.arg("-D").arg(&data).args(["-w", "-o", &options, "-l"]).arg(path.join("log"));
        assert!(run(start.arg("start")), "pg_ctl start");
        Some(server)
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups"]);
        command.arg(self.programs.join(name)).current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        run(self.tool("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(data));
    }
}

/// A root, another root, and a certificate for `localhost` made by the first.
fn certificates(folder: &Path) {
    let openssl = |line: &str| {
        let mut command = Command::new("openssl");
        assert!(run(command.args(line.split(' ')).current_dir(folder)), "openssl {line}");
    };
    let key = "-newkey rsa:2048 -nodes";
    openssl(&format!("req -x509 {key} -days 2 -subj /CN=root -keyout root.key -out root.crt"));
    openssl(&format!("req -x509 {key} -days 2 -subj /CN=other -keyout o.key -out other.crt"));
    openssl(&format!("req {key} -subj /CN=localhost -keyout server.key -out server.csr"));
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").unwrap();
    openssl(
        "x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 \
         -extfile names -out server.crt",
    );
}

/// Opens a store and tells whether its line is TLS.
fn open(url: String, folder: &Path) -> Result<(), String> {
    let options = StoreOptions {
        database: Database::Postgres(url),
        files_dir: folder.join("files"),
        keys: KeyRing::open_or_create(&folder.join("keys")).unwrap(),
    };
    let codebook = Arc::new(crate::bench::codebook("unit\n  name text"));
    Store::open(options, codebook).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn sslmode_decides_whether_the_line_is_closed_and_whose_end_it_has() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = server.folder.path().join("root.crt").display().to_string();
    let other = server.folder.path().join("other.crt").display().to_string();
    let cases = [
        ("localhost", String::new(), true),
        ("localhost", "sslmode=disable".to_owned(), true),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={root}"), true),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={other}"), false),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}"), true),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={root}"), false),
        ("localhost", format!("sslmode=verify-full&sslrootcert={root}"), true),
        ("localhost", format!("sslmode=verify-full&sslrootcert={other}"), false),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere".to_owned(), false),
        ("localhost", "sslmode=certainly".to_owned(), false),
    ];
    for (host, words, is_good) in cases {
        let url = format!("postgres://{ACCOUNT}@{host}:{}/postgres?{words}", server.port);
        let opened = open(url, folder.path());
        assert_eq!(opened.is_ok(), is_good, "{host} {words}: {opened:?}");
    }
    refuse_clear_lines(&server, folder.path());
}

/// From here on the server takes TLS only, so that an opened store is proof of it.
fn refuse_clear_lines(server: &Server, folder: &Path) {
    let data = server.folder.path().join("data");
    std::fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
    assert!(run(server.tool("pg_ctl").args(["reload", "-D"]).arg(&data)));
    let url = |mode: &str| {
        format!("postgres://{ACCOUNT}@127.0.0.1:{}/postgres?sslmode={mode}", server.port)
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while open(url("disable"), folder).is_ok() {
        assert!(std::time::Instant::now() < until, "the server still takes clear lines");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for mode in ["prefer", "require"] {
        assert_eq!(open(url(mode), folder), Ok(()), "{mode}");
    }
}
