//! `taizhang completions`: scripts for the shell.

use crate::Arguments;
use crate::exit::Exit;
use crate::output::Output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use taizhang_service::ServiceError;

/// Prints the completion script of a shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// bash, zsh, fish, elvish, powershell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, output: &Output) -> Result<Exit, ServiceError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "taizhang", &mut script);
        output.line(&String::from_utf8_lossy(&script));
        Ok(Exit::Success)
    }
}
