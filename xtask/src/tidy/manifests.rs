//! Manifests share what is shared: edition, licence, lints and versions.

use super::Fault;
use crate::checkout::Checkout;

/// Lines that every member's manifest holds.
const SHARED: [&str; 5] = [
    "version.workspace = true",
    "edition.workspace = true",
    "license.workspace = true",
    "publish.workspace = true",
    "workspace = true",
];

/// The licence of the product, named in the root manifest and standing in `LICENSE`.
const LICENCE: (&str, &str) = ("license = \"Apache-2.0\"", "Apache License");

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    let manifests = checkout.files.iter().filter(|file| file.name() == "Cargo.toml");
    for file in manifests.filter(|file| file.path != "Cargo.toml" && !file.path.contains("/fuzz/"))
    {
        for line in SHARED.iter().filter(|line| !file.text.lines().any(|l| l.trim() == **line)) {
            let message = format!("manifest without `{line}`");
            let help = "take it from the workspace (`workspace = true` stands under `[lints]`)";
            faults.push(Fault::new(&file.path, 0, message, help));
        }
        for (index, line) in file.text.lines().enumerate() {
            if own_version(line) {
                let message = format!("version of a dependency in a member: `{}`", line.trim());
                let help = "declare it in `[workspace.dependencies]` of the root manifest";
                faults.push(Fault::new(&file.path, index + 1, message, help));
            }
        }
    }
    faults.extend(licence(checkout));
    faults
}

/// A dependency with a version of its own; the package's own keys are inherited.
fn own_version(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let number = value
        .trim()
        .trim_start_matches('"')
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '^' | '=' | '~' | '>'));
    (value.contains('"') && number && !name.contains('.')) || value.contains("version = ")
}

fn licence(checkout: &Checkout) -> Option<Fault> {
    let (named, opening) = LICENCE;
    let manifest = checkout.file("Cargo.toml").is_some_and(|file| file.text.contains(named));
    let text = checkout.file("LICENSE").is_some_and(|file| file.text.contains(opening));
    let message = format!("`Cargo.toml` and `LICENSE` do not both say {opening}");
    (!(manifest && text)).then(|| Fault::new("LICENSE", 0, message, "restore the licence"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn members_inherit_from_the_workspace() {
        let good = SHARED.join("\n") + "\nserde.workspace = true\n";
        let files = [
            ("Cargo.toml", LICENCE.0),
            ("LICENSE", LICENCE.1),
            ("crates/a/Cargo.toml", good.as_str()),
            ("crates/b/Cargo.toml", &good.replace("workspace = true\nserde", "serde")),
            ("crates/c/Cargo.toml", &format!("{good}zip = \"9\"\n")),
            ("crates/d/Cargo.toml", &format!("{good}zip = {{ version = \"9\" }}\n")),
        ];
        let bad = ["crates/b/Cargo.toml:0", "crates/c/Cargo.toml:7", "crates/d/Cargo.toml:7"];
        assert_eq!(places(check, &files), bad);
        assert_eq!(places(check, &files[..1]), ["LICENSE:0"]);
    }
}
