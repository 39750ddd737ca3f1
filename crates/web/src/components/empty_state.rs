//! Empty states that tell apart why nothing is there.

use super::icon::icon;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// Why nothing is shown.
#[derive(Clone, Debug)]
pub enum Empty<'a> {
    /// Nothing yet: what to do first, with its address.
    Nothing {
        /// Advice.
        help: &'a str,
        /// Words and address of the first step.
        first: Option<(&'a str, &'a str)>,
    },
    /// The filter leaves nothing; the address clears it.
    NoMatch(&'a str),
    /// Everything is done.
    AllDone,
    /// Not allowed.
    NotAllowed,
}

/// The empty state.
#[must_use]
pub fn empty_state(frame: &Frame, empty: &Empty<'_>) -> Markup {
    let (image, title) = match empty {
        Empty::Nothing { .. } => ("inbox", t::EMPTY_NOTHING),
        Empty::NoMatch(_) => ("search", t::EMPTY_NO_MATCH),
        Empty::AllDone => ("check", t::EMPTY_ALL_DONE),
        Empty::NotAllowed => ("lock", t::EMPTY_NOT_ALLOWED),
    };
    html! {
        div.card.empty {
            (icon(image))
            h2 { (frame.t(title)) }
            @match empty {
                Empty::Nothing { help, first } => {
                    p { (help) }
                    @if let Some((words, address)) = first {
                        a.btn.p href=(address) { (words) }
                    }
                },
                Empty::NoMatch(clear) => {
                    p { (frame.t(t::EMPTY_NO_MATCH_HELP)) }
                    a.btn href=(clear) { (frame.t(t::EMPTY_CLEAR)) }
                },
                Empty::AllDone | Empty::NotAllowed => {},
            }
        }
    }
}
