//! The codebooks that ship in the binary.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../codebook"]
struct Shipped;

/// Paths and texts of a shipped codebook; empty for an unknown name.
pub(crate) fn files(name: &str) -> Vec<(String, String)> {
    let prefix = format!("{name}/");
    let mut files: Vec<(String, String)> = Shipped::iter()
        .filter_map(|path| {
            let is_definition = path.ends_with(".toml") || crate::rule_file::is_rule_path(&path);
            let is_part = path.starts_with(&prefix) && is_definition;
            let data = is_part.then(|| Shipped::get(&path))??.data;
            Some((format!("codebook/{path}"), String::from_utf8_lossy(&data).into_owned()))
        })
        .collect();
    files.sort();
    files
}

/// Names of the shipped codebooks.
#[must_use]
pub fn shipped_names() -> Vec<String> {
    let mut names: Vec<String> = Shipped::iter()
        .filter_map(|path| path.strip_suffix("/codebook.toml").map(str::to_owned))
        .collect();
    names.sort();
    names
}
