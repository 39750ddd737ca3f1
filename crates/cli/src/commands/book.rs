//! What commands on rules start from: the codebook and the day of judgement.

use std::path::{Path, PathBuf};
use taizhang_codebook::{Codebook, read_codebook};
use taizhang_diagnostics::Diagnostic;
use taizhang_service::{ServiceError, override_files};
use taizhang_values::{Date, parse_date};

/// The codebook that rules are taken from when no other is named.
const SHIPPED: &str = "rural";

/// The day that was given, today in China if none was; none if it cannot be read.
pub(super) fn day(given: Option<&String>) -> Option<Date> {
    match given {
        Some(text) => parse_date(text),
        None => Some(taizhang_values::shanghai_date(jiff::Timestamp::now())),
    }
}

/// The shipped codebook, with the overrides of a folder, or the whole codebook that lies there; or
/// its faults.
///
/// # Errors
/// `Invalid` if there is no such folder; files that cannot be read.
pub(super) fn codebook(
    directory: Option<&PathBuf>,
) -> Result<Result<Codebook, Vec<Diagnostic>>, ServiceError> {
    match directory {
        Some(directory) => codebook_in(directory, SHIPPED),
        None => Ok(Codebook::embedded(SHIPPED)),
    }
}

/// The whole codebook that lies in a folder, or the shipped codebook `base` with the folder's
/// overrides; or its faults.
///
/// # Errors
/// As [`codebook`].
pub(super) fn codebook_in(
    directory: &Path,
    base: &str,
) -> Result<Result<Codebook, Vec<Diagnostic>>, ServiceError> {
    if !directory.is_dir() {
        return Err(super::asked::no_codebook(directory));
    }
    let files = override_files(directory)?;
    if !files.iter().any(|(path, _)| path == "codebook.toml") {
        return Ok(Codebook::load(base, &files));
    }
    let (codebook, faults) = read_codebook(&files);
    Ok(codebook.ok_or(faults))
}
