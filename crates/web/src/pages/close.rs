//! `/issues/{id}/close`: guided closing.

use super::issue::forms::{Returned, Sheet};
use super::issue::model::IssueView;
use crate::components::{
    Field, Menu, PageHead, check_field, error_summary, file_list, form_open, hidden, icon,
    page_head, page_with, timeline,
};
use crate::frame::Frame;
use crate::text::{close as t, common, ledger};
use maud::{Markup, html};

/// One condition of closing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) words: String,
    pub(crate) is_met: bool,
    /// Part of the finding's page where it is met.
    pub(crate) place: &'static str,
}

/// The page.
pub(crate) fn view(
    frame: &Frame,
    issue: &IssueView,
    conditions: &[Condition],
    returned: &Returned,
) -> Markup {
    let title = frame.with(t::TITLE, &[&issue.number]);
    let address = format!("/issues/{}", issue.id);
    let is_ready = conditions.iter().all(|condition| condition.is_met);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(ledger::TITLE), "/issues"), (&issue.number, &address)],
            title: &title,
            facts: Some(html! { (issue.title) }),
            acts: None,
        }))
        (error_summary(frame, &returned.errors))
        div.stack {
            (checks(frame, &address, conditions))
            section.card {
                div.ch { h2 { (frame.t(t::EVIDENCE)) } }
                div.cb { (file_list(frame, &issue.evidence)) }
            }
            section.card {
                div.ch { h2 { (frame.t(t::ACCEPTANCE)) } }
                div.cb { p.pre { (issue.result) } (timeline(&issue.approvals)) }
            }
            @if issue.is_upper && issue.values.upper_consent_paper.is_empty() {
                (consent(frame, issue, returned))
            }
            (sign(frame, issue, &address, is_ready))
        }
    };
    page_with(frame, &title, Menu::Issues, !returned.errors.is_empty(), &body)
}

fn checks(frame: &Frame, address: &str, conditions: &[Condition]) -> Markup {
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::CHECKS)) } }
            div.cb { ol.lst {
                @for condition in conditions {
                    li {
                        @if condition.is_met {
                            span.lt.g { (icon("check")) (frame.t(t::MET)) }
                            span { (condition.words) }
                        } @else {
                            span.lt.r { (icon("x")) (frame.t(t::MISSING)) }
                            span { (condition.words) }
                            a href={ (address) "#" (condition.place) } { (frame.t(t::GO)) }
                        }
                    }
                }
            } }
        }
    }
}

fn consent(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let sheet = Sheet { frame, issue, returned, form: "consent" };
    html! {
        section.card #consent {
            div.ch { h2 { (frame.t(t::CONSENT)) } }
            div.cb {
                (form_open(frame, &format!("/issues/{}/consent", issue.id), "", &html! {
                    (hidden("version", &issue.version.to_string()))
                    (sheet.consent_fields())
                    button.btn { (frame.t(t::CONSENT_SAVE)) }
                }))
            }
        }
    }
}

fn sign(frame: &Frame, issue: &IssueView, address: &str, is_ready: bool) -> Markup {
    html! {
        section.card #sign {
            div.ch { h2 { (frame.t(t::SIGN)) } }
            div.cb {
                p { (frame.t(t::DIALOG)) }
                (form_open(frame, &format!("/issues/{}/close", issue.id), "", &html! {
                    (hidden("version", &issue.version.to_string()))
                    (check_field(&Field {
                        name: "has_read", label: frame.t(t::CONFIRM), ..Field::default()
                    }))
                    div.row {
                        button.btn.p disabled[!is_ready] {
                            (frame.with(t::DO, &[&issue.number]))
                        }
                        a.btn.t href=(address) { (frame.t(common::CANCEL)) }
                    }
                }))
            }
        }
    }
}
