//! Patterns of `matches`: RE2 syntax, linear time, limited size.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const SIZE_MAX_BYTES: usize = 1 << 18;

/// Compiles a pattern.
///
/// # Errors
/// What is wrong with it, on one line.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(SIZE_MAX_BYTES).nest_limit(32).build().map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned()
    })
}
