//! Tag: a short word in a frame.

use maud::{Markup, html};

/// A tag; tone is `b` blue, `r` red, `y` amber, `g` green or empty for grey.
#[must_use]
pub fn tag(tone: &str, words: &str) -> Markup {
    html! { span class={ "tag " (tone) } { (words) } }
}
