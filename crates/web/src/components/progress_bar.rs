//! A bar of per cent, drawn as SVG because pages carry no inline style.

use maud::{Markup, html};

/// The bar alone; the number stands beside it in words. `class` is a tone and perhaps `w` (wide).
#[must_use]
pub fn progress_bar(class: &str, percent: i64) -> Markup {
    let percent = percent.clamp(0, 100);
    html! {
        svg class={ "pb " (class) } aria-hidden="true" {
            rect width={ (percent) "%" } height="100%" rx="4" fill="currentColor" {}
        }
    }
}
