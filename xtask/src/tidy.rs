//! `cargo xtask tidy`: the house rules that a compiler does not check.
//!
//! Each check is one file: a pure function from the checkout's text to faults. To add a rule, add
//! a file and a line in [`CHECKS`], with a bad sample in its tests.

mod architecture;
mod codes;
mod dependencies;
mod headers;
mod lengths;
mod links;
mod manifests;
mod panics;
mod public_docs;
mod snapshots;
mod sql;
mod words;

pub use public_docs::documented;

use crate::checkout::Checkout;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Relative to the root.
    pub path: String,
    /// Counted from 1; 0 means the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

impl Fault {
    fn new(path: &str, line: usize, message: String, help: &'static str) -> Self {
        Self { path: path.to_owned(), line, message, help }
    }
}

type Check = fn(&Checkout) -> Vec<Fault>;

const CHECKS: [(&str, Check); 12] = [
    ("module headers", headers::check),
    ("lengths", lengths::check),
    ("dependency directions", dependencies::check),
    ("manifests and licences", manifests::check),
    ("panics", panics::check),
    ("SQL only in the store", sql::check),
    ("words", words::check),
    ("public documentation", public_docs::check),
    ("architecture", architecture::check),
    ("message codes", codes::check),
    ("snapshots", snapshots::check),
    ("links", links::check),
];

/// Every fault of the checkout, by file and line.
pub fn faults(checkout: &Checkout) -> Vec<Fault> {
    let mut faults: Vec<Fault> = CHECKS.iter().flat_map(|(_, check)| check(checkout)).collect();
    faults.sort();
    faults.dedup();
    faults
}

/// Names of the checks, in order.
pub fn check_names() -> Vec<&'static str> {
    CHECKS.iter().map(|(name, _)| *name).collect()
}

/// Faults as a compiler prints them.
pub fn render(faults: &[Fault]) -> String {
    let mut text = String::new();
    for fault in faults {
        let line = if fault.line == 0 { String::new() } else { format!(":{}", fault.line) };
        text += &format!("error: {}\n  place: {}{line}\n", fault.message, fault.path);
        text += &format!("   help: {}\n", fault.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::{File, root};

    /// The faults a check finds in files given as path and text, as `path:line`.
    pub fn places(check: Check, files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| File::new(path, text)).collect();
        let faults = check(&Checkout::of(files));
        faults.iter().map(|fault| format!("{}:{}", fault.path, fault.line)).collect()
    }

    #[test]
    fn this_checkout_is_tidy() {
        let checkout = Checkout::read(&root().unwrap()).unwrap();
        let faults = faults(&checkout);
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), render(&faults));
    }
}
