//! Dependencies point down the table of ARCHITECTURE.md; libraries stay in the crate they belong
//! to; inner crates do no input or output.

use super::Fault;
use crate::checkout::{Checkout, File};

/// The row of each crate: a crate may use the rows below its own.
///
/// Crates of later work have their row already, so that nobody has to decide it in passing.
const ROWS: [(&str, u8); 17] = [
    ("values", 1),
    ("diagnostics", 2),
    ("codebook", 3),
    ("rules", 4),
    ("document", 4),
    ("flow", 4),
    ("linkage", 4),
    ("program", 5),
    ("store", 6),
    ("engine", 6),
    ("exchange", 6),
    ("generate", 6),
    ("service", 7),
    ("web", 8),
    ("cli", 8),
    ("cluster", 8),
    ("testkit", 9),
];

/// The edges inside a row: the command starts the server; what is invented is packed as snapshots
/// are.
const SAME_ROW: [(&str, &str); 2] = [("cli", "web"), ("generate", "engine")];

/// Libraries with a home, and the crates that are their home.
const HOMES: [(&str, &[&str]); 23] = [
    ("axum", &["web"]),
    ("maud", &["web"]),
    ("tower", &["web"]),
    ("tower-http", &["web"]),
    ("qrcode", &["web"]),
    ("tokio", &["web", "cli", "service", "store"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("tracing-subscriber", &["cli"]),
    ("argon2", &["service"]),
    ("rusqlite", &["store"]),
    ("postgres", &["store"]),
    ("tokio-postgres", &["store"]),
    ("aes-gcm", &["store"]),
    ("hmac", &["store"]),
    ("calamine", &["exchange"]),
    ("rust_xlsxwriter", &["exchange"]),
    ("docx-rs", &["exchange"]),
    ("quick-xml", &["exchange"]),
    ("zip", &["exchange"]),
    ("scraper", &["exchange"]),
    ("lopdf", &["exchange"]),
];

/// Libraries that no manifest may name, with what takes their place.
const BANNED: [(&str, &str); 12] = [
    ("sqlx", "use `rusqlite` and `postgres` in `crates/store`"),
    ("diesel", "use `rusqlite` and `postgres` in `crates/store`"),
    ("sea-orm", "use `rusqlite` and `postgres` in `crates/store`"),
    ("datafusion", "only the optional `cluster` binary may use it; it costs minutes to build"),
    ("ballista", "only the optional `cluster` binary may use it"),
    ("chrono", "use `jiff`, through the types of `crates/values`"),
    ("time", "use `jiff`, through the types of `crates/values`"),
    ("lazy_static", "use `std::sync::LazyLock`"),
    ("once_cell", "use `std::sync::LazyLock`"),
    ("openssl", "nothing may need a C library of the system to build"),
    ("reqwest", "the product needs no network"),
    ("rand", "use `getrandom`; in tests a seed that is printed"),
];

/// Crates that are pure, and what reaches outside the process.
const PURE: [&str; 7] =
    ["values", "diagnostics", "codebook", "document", "flow", "rules", "linkage"];
const OUTSIDE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::env::",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "thread::sleep",
];

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    let manifests = checkout.files.iter().filter(|file| file.name() == "Cargo.toml");
    // A fuzz target is a workspace of its own, around the crate it lies in.
    for file in manifests.filter(|file| !file.path.contains("/fuzz/")) {
        for dependency in dependencies(&file.text) {
            let fault = direction(file, &dependency).or_else(|| library(file, &dependency));
            if let Some((message, help)) = fault {
                faults.push(Fault::new(&file.path, dependency.line, message, help));
            }
        }
    }
    for name in checkout.crates().iter().filter(|name| row(name).is_none()) {
        let message = format!("crate `{name}` has no row");
        let help = "give it a row in xtask/src/tidy/dependencies.rs and in ARCHITECTURE.md";
        faults.push(Fault::new(&format!("crates/{name}/Cargo.toml"), 0, message, help));
    }
    faults.extend(impurities(checkout));
    faults
}

/// One line of a dependency table.
struct Dependency<'a> {
    name: &'a str,
    line: usize,
    for_tests: bool,
}

/// Dependencies of a manifest in which each stands on its own line, as all of ours do.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut table = "";
    let mut found = Vec::new();
    for (index, line) in manifest.lines().map(str::trim).enumerate() {
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']);
        } else if table.ends_with("dependencies") && !line.starts_with('#') {
            let end = line.find(['.', '=', ' ']).unwrap_or(line.len());
            let name = line.get(..end).unwrap_or("").trim_matches('"');
            if !name.is_empty() {
                let for_tests = table == "dev-dependencies";
                found.push(Dependency { name, line: index + 1, for_tests });
            }
        }
    }
    found
}

/// The row of a crate, if it has one.
pub(super) fn row(name: &str) -> Option<u8> {
    ROWS.iter().find(|(known, _)| *known == name).map(|(_, row)| *row)
}

fn direction(file: &File, dependency: &Dependency<'_>) -> Option<(String, &'static str)> {
    if dependency.name == "xtask" {
        return Some(("nothing may use `xtask`".to_owned(), "move what is shared to a crate"));
    }
    let target = dependency.name.strip_prefix("taizhang-")?;
    let Some(name) = file.crate_name() else {
        // The trials drive the whole product, as tests do, and nothing uses them.
        let allowed = file.path == "Cargo.toml" || file.path.starts_with("trials/");
        let message = format!("`{}` uses a crate of the product (`{target}`)", file.path);
        return (!allowed).then_some((message, "xtask works on text and commands only"));
    };
    if dependency.for_tests || name == "testkit" || SAME_ROW.contains(&(name, target)) {
        return None;
    }
    if target == "testkit" {
        let message = format!("`{name}` uses `testkit` outside tests");
        return Some((message, "move it to `[dev-dependencies]`"));
    }
    let upward = row(name).zip(row(target)).is_some_and(|(own, other)| other >= own);
    let message = format!("`{name}` may not use `{target}`: it is not in a lower row");
    upward.then_some((message, "see the table in ARCHITECTURE.md; hand the data in instead"))
}

fn library(file: &File, dependency: &Dependency<'_>) -> Option<(String, &'static str)> {
    let name = dependency.name;
    if let Some((_, instead)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        return Some((format!("`{name}` is banned"), instead));
    }
    let (_, homes) = HOMES.iter().find(|(library, _)| *library == name)?;
    let crate_name = file.crate_name()?;
    let at_home = homes.contains(&crate_name) || dependency.for_tests || crate_name == "testkit";
    let message = format!("`{name}` belongs to `{}`, not to `{crate_name}`", homes.join("`, `"));
    (!at_home).then_some((message, "call the crate that is its home"))
}

fn impurities(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust().filter(|(file, _)| file.is_product()) {
        if !file.crate_name().is_some_and(|name| PURE.contains(&name)) {
            continue;
        }
        for word in OUTSIDE {
            for offset in outline.product_code_with(word) {
                let message = format!("`{word}` in a crate without input and output");
                let help = "take the text, the moment or the setting as an argument";
                faults.push(Fault::new(&file.path, outline.line_of(offset), message, help));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    fn manifest(name: &str, lines: &str) -> Vec<String> {
        places(check, &[(&format!("crates/{name}/Cargo.toml"), lines)])
    }

    #[test]
    fn upward_and_sideways_edges_are_refused() {
        let table = [
            ("service", "[dependencies]\ntaizhang-store.workspace = true", 0),
            ("store", "[dependencies]\ntaizhang-service.workspace = true", 1),
            ("store", "[dependencies]\ntaizhang-exchange.workspace = true", 1),
            ("exchange", "[dependencies]\ntaizhang-document.workspace = true", 0),
            ("cli", "[dependencies]\ntaizhang-web.workspace = true", 0),
            ("web", "[dependencies]\ntaizhang-cli.workspace = true", 1),
            ("flow", "[dependencies]\ntaizhang-testkit.workspace = true", 1),
            ("flow", "[dev-dependencies]\ntaizhang-testkit.workspace = true", 0),
            ("unheard-of", "[dependencies]", 1),
        ];
        for (name, lines, faults) in table {
            assert_eq!(manifest(name, lines).len(), faults, "{name}: {lines}");
        }
        let xtask = "[dependencies]\ntaizhang-values.workspace = true";
        assert_eq!(places(check, &[("xtask/Cargo.toml", xtask)]), ["xtask/Cargo.toml:2"]);
    }

    #[test]
    fn libraries_stay_at_home_and_banned_ones_out() {
        let table = [
            ("store", "[dependencies]\nrusqlite.workspace = true", 0),
            ("web", "[dependencies]\nrusqlite.workspace = true", 1),
            ("web", "[dependencies]\nchrono = \"0.4\"", 1),
            ("web", "[dev-dependencies]\nzip.workspace = true", 0),
        ];
        for (name, lines, faults) in table {
            assert_eq!(manifest(name, lines).len(), faults, "{name}: {lines}");
        }
        let root = "[workspace.dependencies]\nsqlx = \"0.9\"";
        assert_eq!(places(check, &[("Cargo.toml", root)]), ["Cargo.toml:2"]);
    }

    #[test]
    fn pure_crates_reach_nothing_outside() {
        let files = [
            ("crates/flow/src/a.rs", "//! std::fs is not used.\nuse std::fs;\n"),
            ("crates/store/src/a.rs", "use std::fs;\n"),
        ];
        assert_eq!(places(check, &files), ["crates/flow/src/a.rs:2"]);
    }
}
