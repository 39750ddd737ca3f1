//! Links between our own pages and to our own files lead somewhere.

use super::Fault;
use crate::checkout::{Checkout, File};
use std::path::{Component, Path};

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    let pages = checkout.files.iter().filter(|file| file.path.ends_with(".md"));
    // Pages under `codebook/` are data, and rule tables there hold no links.
    for file in pages.filter(|file| !file.path.starts_with("codebook/")) {
        for (index, line) in file.text.lines().enumerate() {
            for target in targets(line).filter(|target| !resolves(checkout, file, target)) {
                let message = format!("no file behind the link `{target}`");
                let help = "mend the path, or write the page it leads to";
                faults.push(Fault::new(&file.path, index + 1, message, help));
            }
        }
    }
    faults
}

/// Targets of `[text](target)` that are neither addresses nor places on the same page.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let ends = line.match_indices("](").filter_map(|(at, mark)| {
        let rest = line.get(at + mark.len()..)?;
        rest.get(..rest.find([')', '#', ' '])?)
    });
    ends.filter(|target| !target.is_empty() && !target.contains(':'))
}

fn resolves(checkout: &Checkout, file: &File, target: &str) -> bool {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let joined = folder.join(target);
    let mut parts: Vec<&str> = Vec::new();
    for component in joined.components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.extend(part.to_str()),
            _ => {}
        }
    }
    let path = parts.join("/");
    checkout.paths.iter().any(|known| {
        known.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn links_to_nowhere_are_named() {
        let page =
            "[a](docs/a.md#top) [b](docs)\n[c](c.md) [d](https://example.cn/d)\n[e](#here)\n";
        let up = "[a](../README.md)\n![b](b.png)\n";
        let files = [("README.md", page), ("docs/a.md", up)];
        assert_eq!(places(check, &files), ["README.md:2", "docs/a.md:2"]);
    }
}
