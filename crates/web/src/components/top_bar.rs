//! Top bar: product, region, search, messages, text size, language, help, reader.

use super::field::form_open;
use super::icon::icon;
use crate::frame::{Frame, TextSize, Viewer};
use crate::text::frame as t;
use maud::{Markup, html};
use taizhang_diagnostics::Language;

/// The bar. Before sign-in it holds only name, text size and language.
#[must_use]
pub fn top_bar(frame: &Frame) -> Markup {
    html! {
        header.top {
            a.name href="/" { (frame.t(t::PRODUCT)) }
            @if let Some(viewer) = &frame.viewer {
                @if !viewer.region.is_empty() { a.reg.hm href="/org" { (viewer.region) } }
                (search_box(frame, "hm"))
            }
            div.r {
                @if let Some(viewer) = &frame.viewer { (messages(frame, viewer)) }
                (sizes(frame))
                (languages(frame))
                a.hm href="/help" { (frame.t(t::HELP)) }
                @if let Some(viewer) = &frame.viewer { (reader(frame, viewer)) }
                a.only-m href="/settings" aria-label=(frame.t(t::TEXT_SIZE)) { (icon("text-size")) }
            }
        }
    }
}

/// The search box, also used on the search page.
pub(crate) fn search_box(frame: &Frame, class: &str) -> Markup {
    html! {
        form class={ "srch " (class) } role="search" method="get" action="/search" {
            input type="search" name="q" placeholder=(frame.t(t::SEARCH_HINT)) data-search=""
                aria-label=(frame.t(t::SEARCH_LABEL));
            kbd { "/" }
        }
    }
}

fn messages(frame: &Frame, viewer: &Viewer) -> Markup {
    html! {
        a.hm href="/notices" {
            (frame.t(t::MESSAGES))
            @if viewer.counts.unread > 0 {
                span.bdg {
                    (viewer.counts.unread)
                    span.vh { (frame.with(t::MESSAGES_UNREAD, &[&viewer.counts.unread])) }
                }
            }
        }
    }
}

/// Both switches are one small form each: they set a cookie and come back to this page.
fn sizes(frame: &Frame) -> Markup {
    let sizes = [
        (TextSize::Standard, t::SIZE_STANDARD, t::SIZE_STANDARD_LONG),
        (TextSize::Large, t::SIZE_LARGE, t::SIZE_LARGE_LONG),
        (TextSize::Elder, t::SIZE_ELDER, t::SIZE_ELDER_LONG),
    ];
    html! {
        div.hm {
            (form_open(frame, "/settings/size", "", &html! {
                input type="hidden" name="back" value=(frame.here);
                span.seg role="group" aria-label=(frame.t(t::TEXT_SIZE)) {
                    @for (size, words, long) in sizes {
                        button name="size" value=(size.name()) title=(frame.t(long))
                            aria-pressed=(frame.size == size) { (frame.t(words)) }
                    }
                }
            }))
        }
    }
}

fn languages(frame: &Frame) -> Markup {
    html! {
        (form_open(frame, "/settings/language", "", &html! {
            input type="hidden" name="back" value=(frame.here);
            span.seg role="group" aria-label=(frame.t(t::LANGUAGE)) {
                button name="language" value="zh" lang="zh-CN"
                    aria-pressed=(frame.language == Language::Zh) { "中" }
                button name="language" value="en" lang="en"
                    aria-pressed=(frame.language == Language::En) { "EN" }
            }
        }))
    }
}

fn reader(frame: &Frame, viewer: &Viewer) -> Markup {
    html! {
        details.hm {
            summary {
                @if !viewer.unit.is_empty() { (viewer.unit) " · " } (viewer.name) " ▾"
            }
            div.menu {
                a href="/settings" { (frame.t(t::SETTINGS)) }
                (form_open(frame, "/sign-out", "", &html! {
                    button { (frame.t(t::SIGN_OUT)) }
                }))
            }
        }
    }
}
