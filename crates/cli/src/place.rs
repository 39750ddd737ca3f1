//! Where the data lies and who acts.

use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use taizhang_exchange::FileReader;
use taizhang_service::{Caller, OpenOptions, Service, ServiceError, SystemClock};

/// Options that every command on data takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// 数据目录 (data directory)
    #[arg(long, global = true, env = "TAIZHANG_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// PostgreSQL 连接，不填则用内置数据库 (PostgreSQL URL instead of the embedded database)
    #[arg(
        long,
        global = true,
        env = "TAIZHANG_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    database: Option<String>,
    /// 以谁的身份操作 (log-in name of the person who acts)
    #[arg(long = "as", global = true, value_name = "LOGIN")]
    login: Option<String>,
}

/// Hidden command of the process that reads one file for another.
pub(crate) const READ_APART: &str = "read-apart";

/// Reads files in a process of this same program. Linux keeps the running program under a name of
/// its own even if the file was replaced by a newer one.
pub(crate) fn file_reader() -> FileReader {
    let own = PathBuf::from("/proc/self/exe");
    let program = if own.exists() { Ok(own) } else { std::env::current_exe() };
    match program {
        Ok(program) => FileReader::apart(program, vec![READ_APART.into()]),
        Err(_) => FileReader::here(),
    }
}

impl Place {
    /// The data directory: the one asked for, else `taizhang-data` here.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("taizhang-data"))
    }

    /// Where everything lies.
    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions {
            data_dir: self.data_dir(),
            database_url: self.database.clone(),
            file_reader: file_reader(),
            ..OpenOptions::default()
        }
    }

    /// Opens the service.
    pub(crate) fn open(&self) -> Result<Service, ServiceError> {
        self.open_in(self.data_dir())
    }

    /// True if a store was named: by an option or by the environment.
    pub(crate) fn is_named(&self) -> bool {
        self.data.is_some() || self.database.is_some()
    }

    /// True if there are data to open.
    pub(crate) fn has_data(&self) -> bool {
        self.data_dir().join("keys").is_dir()
    }

    /// Opens the service over data that are there; none are made.
    pub(crate) fn open_existing(&self) -> Result<Service, ServiceError> {
        if self.has_data() { self.open() } else { Err(ServiceError::NotFound) }
    }

    /// Opens the service over another directory.
    pub(crate) fn open_in(&self, data_dir: PathBuf) -> Result<Service, ServiceError> {
        let options = OpenOptions { data_dir, ..self.options() };
        Service::open(&options, Arc::new(SystemClock))
    }

    /// The person named by `--as`, with that person's rights; without it the operator of the
    /// machine, who has no right to household data.
    pub(crate) fn caller(&self, service: &Service) -> Result<Caller, ServiceError> {
        match &self.login {
            Some(login) => service.caller_by_login(login, "cli"),
            None => Ok(service.operator()),
        }
    }
}
