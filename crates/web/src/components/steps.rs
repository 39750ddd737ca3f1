//! Wizard steps.

use maud::{Markup, html};

/// The steps with the current one, counted from 0.
#[must_use]
pub fn wizard_steps(label: &str, steps: &[&str], current: usize) -> Markup {
    html! {
        ol.steps aria-label=(label) {
            @for (place, words) in steps.iter().enumerate() {
                @let class = match place.cmp(&current) {
                    std::cmp::Ordering::Less => "done",
                    std::cmp::Ordering::Equal => "on",
                    std::cmp::Ordering::Greater => "",
                };
                li class=(class) aria-current=[(place == current).then_some("step")] {
                    (place + 1) " " (words)
                }
            }
        }
    }
}
