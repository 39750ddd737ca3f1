//! Icons and lights from the one sprite file, which browsers keep for good.

use crate::assets;
use maud::{Markup, html};

/// A decorative icon of the sprite; the words beside it carry the meaning.
#[must_use]
pub fn icon(name: &str) -> Markup {
    html! { svg.i aria-hidden="true" { use href=(sprite(name)) {} } }
}

/// Address of a symbol in the sprite.
#[must_use]
pub fn sprite(name: &str) -> String {
    format!("{}#{name}", assets::address("icons.svg"))
}
