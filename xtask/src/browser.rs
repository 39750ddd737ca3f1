//! The walks in a real browser: packages, the program under test, the run.

use crate::command::{Stream, find, step, step_with_lines};
use crate::npm;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What became of the browser walks.
pub enum Outcome {
    /// All went through; the runner's closing line.
    Passed(String),
    /// Something failed; the runner's closing line.
    Failed(String),
    /// Not run, and why.
    LeftOut(String),
}

/// Builds the program and walks through it, all scenarios or those whose name holds `only`.
///
/// # Errors
/// When a program cannot be started or the packages cannot be copied.
pub fn run(root: &Path, only: Option<&str>) -> io::Result<Outcome> {
    for program in ["chromium", "node", "npm"] {
        if find(program).is_none() {
            return Ok(Outcome::LeftOut(format!("no `{program}`")));
        }
    }
    let mut build = Command::new(cargo());
    build.args(["build", "--workspace", "--bin", "taizhang"]).current_dir(root);
    if !step("build taizhang", &mut build)? {
        return Ok(Outcome::Failed("the program does not build".to_owned()));
    }
    let Some(modules) = npm::packages(root, "e2e")? else {
        return Ok(Outcome::Failed("npm could not install the packages of e2e/".to_owned()));
    };
    let target = target_folder()?;
    let mut command = Command::new("node");
    command.arg("e2e/run.mjs").args(only).current_dir(root);
    command.env("TAIZHANG_BINARY", target.join("debug/taizhang"));
    command.env("TAIZHANG_E2E_MODULES", modules);
    command.env("TAIZHANG_E2E_OUTPUT", target.join("e2e"));
    let mut closing = String::new();
    let mut keep = |line: &str| {
        if line.starts_with("e2e:") {
            line.clone_into(&mut closing);
        }
    };
    let success = step_with_lines("browser walks", &mut command, Stream::Output, &mut keep)?;
    Ok(if success { Outcome::Passed(closing) } else { Outcome::Failed(closing) })
}

/// The cargo that runs this command.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The folder this very program was built into: whatever set it, the others are beside it.
fn target_folder() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).map(Path::to_path_buf);
    target.ok_or_else(|| io::Error::other("xtask lies in no target folder"))
}
