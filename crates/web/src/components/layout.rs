//! The whole page around a body.

use super::notice::{Tone, notice};
use super::side_menu::{bottom_bar, side_menu};
use super::top_bar::top_bar;
use super::undo_bar::undo_bar;
use crate::assets;
use crate::frame::{Frame, TextSize, Viewer};
use crate::text::frame as t;
use crate::text::{clock, common, session as session_text};
use maud::{DOCTYPE, Markup, html};

/// The entry of the menu that a page belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Menu {
    /// None of them.
    #[default]
    None,
    /// `/`.
    Queue,
    /// `/issues`.
    Issues,
    /// `/letters`.
    Letters,
    /// `/inspections`.
    Inspections,
    /// `/reports`.
    Reports,
    /// `/import`.
    Import,
    /// `/export`.
    Export,
    /// `/org`.
    Org,
    /// `/users`.
    Users,
    /// `/codes` and `/calendar`.
    Codes,
    /// `/audit`.
    Audit,
    /// `/feedback/list`.
    Feedback,
    /// `/clock`.
    Clock,
    /// `/settings`.
    Settings,
    /// `/households`.
    Households,
    /// `/doubts`.
    Doubts,
    /// `/rules`.
    Rules,
    /// What the national export, the paper file and the visit say.
    Agreement,
    /// `/runs`.
    Runs,
    /// `/proposals`.
    Proposals,
    /// `/cleared`.
    Cleared,
}

/// Configuration of htmx: no style of its own, no evaluation of text.
const HTMX_CONFIG: &str = r#"{"includeIndicatorCSS":false,"history":"reload"}"#;

fn head(frame: &Frame, title: &str, has_errors: bool) -> Markup {
    let place = frame.viewer.as_ref().map_or("", |viewer| viewer.region.as_str());
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            meta name="htmx-config" content=(HTMX_CONFIG);
            title {
                @if has_errors { (frame.with(common::ERROR_TITLE, &[&title])) } @else { (title) }
                " - " (frame.t(t::PRODUCT)) @if !place.is_empty() { " - " (place) }
            }
            link rel="stylesheet" href=(assets::address("app.css"));
            link rel="icon" href=(assets::address("favicon.svg"));
            script type="module" src=(assets::address("app.js")) {}
            script type="module" src=(assets::address("htmx.js")) {}
        }
    }
}

fn root(frame: &Frame, head: &Markup, body: &Markup) -> Markup {
    let size = (frame.size != TextSize::Standard).then_some(frame.size.name());
    let mode = (frame.size == TextSize::Elder).then_some("elder");
    let user = frame.viewer.as_ref().map(|viewer| viewer.id.as_str());
    html! {
        (DOCTYPE)
        html lang=(frame.language.tag()) data-size=[size] data-ui=[mode] data-user=[user]
            data-keys=[frame.keys_off.then_some("off")] {
            (head)
            body {
                a.skip href="#main" { (frame.t(t::SKIP)) }
                (body)
            }
        }
    }
}

fn foot(frame: &Frame) -> Markup {
    html! {
        footer.foot {
            @if frame.is_demo { span { (frame.t(t::DEMO_NOTE)) } }
            @if !frame.as_of.is_empty() { span { (frame.with(t::AS_OF, &[&frame.as_of])) } }
            @if let Some(session) = frame.session.as_ref().filter(|_| frame.viewer.is_some()) {
                @let words = if session.is_final { session_text::ENDS_FINAL }
                    else { session_text::ENDS };
                span data-ends-at="" { (frame.with(words, &[&session.at])) }
            }
            a href="/feedback" { (frame.t(t::FEEDBACK)) }
            a href="/accessibility" { (frame.t(t::ACCESSIBILITY)) }
        }
    }
}

/// A page for a signed-in reader.
#[must_use]
pub fn page(frame: &Frame, title: &str, current: Menu, body: &Markup) -> Markup {
    page_with(frame, title, current, false, body)
}

/// A page whose form has faults: the title says so first.
pub(crate) fn page_with(
    frame: &Frame,
    title: &str,
    current: Menu,
    has_errors: bool,
    body: &Markup,
) -> Markup {
    let Some(viewer) = &frame.viewer else { return bare_page(frame, title, body) };
    let whole = html! {
        (top_bar(frame))
        div.lay {
            (side_menu(frame, viewer, current))
            main.main #main tabindex="-1" {
                p.only-p { (frame.with(t::PRINTED_BY, &[&viewer.name, &frame.as_of])) }
                (clock_banner(frame, viewer))
                (session_warning(frame))
                (undo_bar(frame))
                (body)
                (foot(frame))
            }
        }
        (bottom_bar(frame, viewer, current))
    };
    root(frame, &head(frame, title, has_errors), &whole)
}

/// Nothing is reminded while the clock is not believed: those who can mend it see it everywhere.
fn clock_banner(frame: &Frame, viewer: &Viewer) -> Markup {
    html! {
        @if viewer.is_clock_held && viewer.rights.clock {
            (notice(Tone::Warning, &html! { a href="/clock" { (frame.t(clock::BANNER)) } }))
        }
    }
}

/// Comes into view shortly before the session ends; a press puts the end off and loses nothing.
fn session_warning(frame: &Frame) -> Markup {
    html! {
        @if let Some(session) = &frame.session {
            @let words = if session.is_final { session_text::SOON_FINAL }
                else { session_text::SOON };
            div.note.y.ends data-ends=(session.seconds_left.max(0)) hidden {
                (frame.t(words)) " "
                @if !session.is_final {
                    a.btn.s href=(frame.here) data-stay="" { (frame.t(session_text::STAY)) }
                }
            }
        }
    }
}

/// A page before sign-in.
#[must_use]
pub fn bare_page(frame: &Frame, title: &str, body: &Markup) -> Markup {
    let whole = html! {
        (top_bar(frame))
        main.main #main tabindex="-1" {
            (body)
            (foot(frame))
        }
    };
    root(frame, &head(frame, title, false), &whole)
}
