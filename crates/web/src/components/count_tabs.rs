//! Tabs with counts; each is a link of its own.

use super::light::{Light, shaped};
use crate::frame::grouped;
use maud::{Markup, html};

/// One tab.
#[derive(Clone, Debug)]
pub struct CountTab {
    /// Words.
    pub words: String,
    /// Number; `None` if it is not counted.
    pub count: Option<u64>,
    /// Address.
    pub address: String,
    /// True for the tab that is shown.
    pub is_current: bool,
    /// Light before the words.
    pub light: Option<Light>,
    /// True if a number above zero is bad news.
    pub is_alarm: bool,
}

/// The row of tabs. With scripts only the page's main part is swapped.
#[must_use]
pub fn count_tabs(label: &str, tabs: &[CountTab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for tab in tabs {
                a href=(tab.address) aria-current=[tab.is_current.then_some("true")]
                    hx-get=(tab.address) hx-target="#main" hx-select="#main"
                    hx-swap="outerMorph" hx-push-url="true" {
                    @match tab.light {
                        Some(light) => { (shaped(light, &tab.words)) },
                        None => { (tab.words) },
                    }
                    @if let Some(count) = tab.count {
                        " " b class=[(tab.is_alarm && count > 0).then_some("n")] {
                            (grouped(count)) }
                    }
                }
            }
        }
    }
}
