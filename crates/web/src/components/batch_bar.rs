//! Batch bar: acts on the ticked rows. The boxes belong to its form by `form="batch"`.

use super::field::tokens;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One act on several rows.
#[derive(Clone, Debug, Default)]
pub struct BatchAct {
    /// Value sent as `act`.
    pub act: &'static str,
    /// Words on the button.
    pub words: String,
    /// The answer is a file; the page stays.
    pub is_download: bool,
}

/// The bar above a table.
#[must_use]
pub fn batch_bar(frame: &Frame, action: &str, acts: &[BatchAct]) -> Markup {
    html! {
        form.bulk #batch method="post" action=(action) {
            (tokens(frame))
            b role="status" {
                (frame.t(t::PICKED_BEFORE)) " " span data-picked="" { "0" } " "
                (frame.t(t::PICKED_AFTER))
            }
            @for act in acts {
                button.btn.s name="act" value=(act.act)
                    data-download=[act.is_download.then_some("")] { (act.words) }
            }
            span.end.muted.x-elder {
                (frame.t(t::KEYS_HINT)) kbd { "J" } "/" kbd { "K" } " " (frame.t(t::KEYS_MOVE))
                " · " kbd { "X" } " " (frame.t(t::KEYS_PICK))
                " · " kbd { "Enter" } " " (frame.t(t::KEYS_OPEN))
            }
        }
    }
}
