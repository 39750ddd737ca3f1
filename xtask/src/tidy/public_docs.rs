//! Everything public says what it is.

use super::Fault;
use crate::checkout::{Checkout, File};
use crate::outline::PublicItem;

/// How many public items and fields of the crates carry a doc comment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Documented {
    /// With a doc comment.
    pub yes: usize,
    /// All.
    pub all: usize,
}

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let bare = public_items(checkout).filter(|(_, item)| !item.documented);
    bare.map(|(file, item)| {
        let message = format!("no doc comment on `{}`", item.declaration);
        let help = "say what it is: shape, units, errors, source; or make it private";
        Fault::new(&file.path, item.line, message, help)
    })
    .collect()
}

/// Counts over all crates.
pub fn documented(checkout: &Checkout) -> Documented {
    public_items(checkout).fold(Documented::default(), |sum, (_, item)| Documented {
        yes: sum.yes + usize::from(item.documented),
        all: sum.all + 1,
    })
}

fn public_items(checkout: &Checkout) -> impl Iterator<Item = (&File, &PublicItem)> {
    let crates = checkout.rust().filter(|(file, _)| file.path.starts_with("crates/"));
    crates.flat_map(|(file, outline)| outline.public_items.iter().map(move |item| (file, item)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn undocumented_public_items_are_named() {
        let files = [
            ("crates/a/src/b.rs", "/// A.\npub fn a() {}\npub fn b() {}\nfn c() {}\n"),
            ("crates/a/tests/c.rs", "pub fn a() {}\n"),
        ];
        assert_eq!(places(check, &files), ["crates/a/src/b.rs:3"]);
    }
}
