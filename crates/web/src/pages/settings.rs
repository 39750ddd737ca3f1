//! `/settings`: text size, language, keys, password.

use crate::components::{Menu, PageHead, form_open, page, page_head};
use crate::frame::{Frame, TextSize};
use crate::text::{Text, frame as f, settings as t};
use maud::{Markup, html};
use taizhang_diagnostics::Language;

/// The page.
pub(crate) fn view(frame: &Frame) -> Markup {
    let sizes = [
        (TextSize::Standard.name(), f::SIZE_STANDARD_LONG, frame.size == TextSize::Standard),
        (TextSize::Large.name(), f::SIZE_LARGE_LONG, frame.size == TextSize::Large),
        (TextSize::Elder.name(), f::SIZE_ELDER_LONG, frame.size == TextSize::Elder),
    ];
    let languages = [
        ("zh", Text("中文", "中文"), frame.language == Language::Zh),
        ("en", Text("English", "English"), frame.language == Language::En),
    ];
    let keys = [("on", t::KEYS_ON, !frame.keys_off), ("off", t::KEYS_OFF, frame.keys_off)];
    let name = frame.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (name) }),
            ..PageHead::default()
        }))
        div.stack {
            (choice(frame, "size", f::TEXT_SIZE, &sizes))
            (choice(frame, "language", f::LANGUAGE, &languages))
            (choice(frame, "keys", t::KEYS, &keys))
            section.card { div.cb.row {
                a.btn href="/notices" { (frame.t(f::MESSAGES)) }
                a.btn href="/help" { (frame.t(f::HELP)) }
                a.btn href="/password" { (frame.t(t::PASSWORD)) }
                (form_open(frame, "/sign-out", "", &html! {
                    button.btn { (frame.t(f::SIGN_OUT)) }
                }))
            } }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Settings, &body)
}

fn choice(frame: &Frame, name: &str, label: Text, options: &[(&str, Text, bool)]) -> Markup {
    html! {
        section.card {
            div.ch { h2 { (frame.t(label)) } }
            div.cb {
                (form_open(frame, &format!("/settings/{name}"), "", &html! {
                    input type="hidden" name="back" value="/settings";
                    span.seg role="group" aria-label=(frame.t(label)) {
                        @for (value, words, is_current) in options {
                            button name=(name) value=(value) aria-pressed=(is_current) {
                                (frame.t(*words))
                            }
                        }
                    }
                }))
            }
        }
    }
}
