//! `/audit`: the audit trail.

use crate::components::{
    Menu, PageHead, Paging, Tone, form_open, notice, page, page_head, paging, simple_table,
};
use crate::frame::Frame;
use crate::text::{audit as t, common};
use maud::{Markup, html};

/// One line.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditRow {
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) verb: String,
    pub(crate) object: String,
    /// Page of the object, if it has one.
    pub(crate) address: Option<String>,
    pub(crate) detail: String,
}

/// What the chain's check found.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) lines: u64,
    pub(crate) head: String,
    pub(crate) faults: Vec<String>,
}

/// The page.
pub(crate) fn view(
    frame: &Frame,
    rows: &[AuditRow],
    place: &Paging,
    actor: &str,
    verified: Option<&Verified>,
) -> Markup {
    let heads = [t::HEAD_AT, t::HEAD_ACTOR, t::HEAD_VERB, t::HEAD_OBJECT, t::HEAD_DETAIL]
        .map(|words| frame.t(words));
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            vec![
                html! { (row.at) },
                html! { @if row.actor.is_empty() { (frame.t(t::SYSTEM)) } @else { (row.actor) } },
                html! { (row.verb) },
                html! {
                    @match &row.address {
                        Some(address) => { a href=(address) { (row.object) } },
                        None => { (row.object) },
                    }
                },
                html! { span.small { (row.detail) } },
            ]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            acts: Some(form_open(frame, "/audit/verify", "", &html! {
                button.btn { (frame.t(t::VERIFY)) }
            })),
            ..PageHead::default()
        }))
        @if let Some(found) = verified { (result(frame, found)) }
        form.row.gap method="get" action="/audit" {
            label { (frame.t(t::FILTER_ACTOR)) " " input type="text" name="actor" value=(actor); }
            button.btn { (frame.t(common::SEARCH)) }
        }
        (simple_table(frame.t(t::TITLE), &heads, &cells))
        (paging(frame, place))
    };
    page(frame, frame.t(t::TITLE), Menu::Audit, &body)
}

fn result(frame: &Frame, found: &Verified) -> Markup {
    if found.faults.is_empty() {
        let head = found.head.get(..16).unwrap_or(&found.head);
        notice(Tone::Success, &html! { (frame.with(t::VERIFIED, &[&found.lines, &head])) })
    } else {
        notice(Tone::Error, &html! {
            (frame.with(t::BROKEN, &[&found.faults.len()]))
            ul { @for fault in found.faults.iter().take(20) { li { (fault) } } }
        })
    }
}
