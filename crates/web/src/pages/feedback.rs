//! `/feedback`: the box for comments and complaints.

use crate::components::{
    Errors, Field, Menu, PageHead, area_field, error_summary, form_open, page_head, page_with,
};
use crate::frame::Frame;
use crate::text::settings as t;
use maud::{Markup, html};

/// The page.
pub(crate) fn view(frame: &Frame, errors: &Errors) -> Markup {
    let title = frame.t(t::FEEDBACK_TITLE);
    let body = html! {
        (page_head(frame, &PageHead { title, ..PageHead::default() }))
        (error_summary(frame, errors))
        section.card { div.cb {
            p { (frame.t(t::FEEDBACK_HELP)) }
            (form_open(frame, "/feedback", "feedback", &html! {
                (area_field(frame, errors, &Field {
                    name: "text", label: frame.t(t::FEEDBACK_TEXT), is_required: true,
                    ..Field::default()
                }))
                button.btn.p { (frame.t(t::FEEDBACK_SEND)) }
            }))
        } }
    };
    page_with(frame, title, Menu::None, !errors.is_empty(), &body)
}
