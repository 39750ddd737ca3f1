//! `/notices`: messages inside the system; they hold no name and no case content.

use crate::components::{Empty, Menu, PageHead, empty_state, form_open, page, page_head, tag};
use crate::frame::Frame;
use crate::text::message as t;
use maud::{Markup, html};

/// One message.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageRow {
    pub(crate) kind: String,
    pub(crate) when: String,
    pub(crate) due: String,
    pub(crate) address: Option<String>,
}

/// The page.
pub(crate) fn view(frame: &Frame, messages: &[MessageRow]) -> Markup {
    let title = frame.t(t::TITLE);
    let body = html! {
        (page_head(frame, &PageHead {
            title,
            facts: Some(html! { (frame.with(t::FACTS, &[&messages.len()])) }),
            acts: (!messages.is_empty()).then(|| form_open(frame, "/notices/read", "", &html! {
                button.btn { (frame.t(t::MARK_READ)) }
            })),
            ..PageHead::default()
        }))
        @if messages.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::ALL_READ), first: None }))
        } @else {
            section.card { div.cb { ul.lst data-rows="" {
                @for message in messages {
                    li {
                        (tag("b", &message.kind))
                        @if let Some(address) = &message.address {
                            a href=(address) data-open="" { (frame.t(t::ISSUE)) }
                        }
                        @if !message.due.is_empty() {
                            span { (frame.with(t::DUE, &[&message.due])) }
                        }
                        span.w { (message.when) }
                    }
                }
            } } }
        }
    };
    page(frame, title, Menu::None, &body)
}
