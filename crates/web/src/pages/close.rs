//! `/issues/{id}/close`: guided closing.

use super::issue::forms::{Returned, Sheet};
use super::issue::model::IssueView;
use super::issue::{id_of, load};
use crate::app::{Answer, AppState, FormValues, Visit, form_answer, see_done, sentence};
use crate::components::{
    Field, Menu, PageHead, check_field, error_summary, file_list, form_open, hidden, icon,
    page_head, page_with, timeline,
};
use crate::frame::Frame;
use crate::text::{close as t, common, ledger};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::ServiceError;
use taizhang_service::work::{FindingPage, Shown};

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

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/issues/{id}/close", get(show).post(close))
}

/// Parts of the finding's page by the code of what is missing.
const PLACES: [(&str, &str); 5] = [
    ("F0202", "evidence"),
    ("F0204", "approvals"),
    ("F0205", "children"),
    ("F0206", "approvals"),
    ("F0207", "measures"),
];

fn conditions(frame: &Frame, page: &FindingPage) -> Vec<Condition> {
    let offer = page.steps.iter().find(|offer| offer.step == "close");
    let passed = page.acceptances.iter().any(|form| form.text("result") == "passed");
    let met =
        |words, is_met| Condition { words: frame.t(words).to_owned(), is_met, place: "approvals" };
    let mut list =
        vec![met(t::HAS_EVIDENCE, !page.evidence.is_empty()), met(t::HAS_ACCEPTANCE, passed)];
    for refusal in offer.into_iter().flat_map(|offer| &offer.refusals) {
        let place = PLACES.iter().find(|(code, _)| *code == refusal.code);
        list.push(Condition {
            words: sentence(refusal.message.text(frame.language), frame.language),
            is_met: false,
            place: place.map_or("approvals", |(_, place)| place),
        });
    }
    if offer.is_none() {
        list.push(met(t::RIGHT_STATE, false));
    }
    list
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (page, issue) = load(&state, &visit, &id_of(&id)?).await?;
    let list = conditions(&visit.frame, &page);
    Ok(view(&visit.frame, &issue, &list, &Returned::default()).into_response())
}

async fn close(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let shown = Shown { finding: id.clone(), version: form.version() };
    let (caller, has_read) = (visit.caller.clone(), form.is_ticked("has_read"));
    let result = state
        .run(move |service| {
            if !has_read {
                let (zh, en) = (t::NOT_READ.0, t::NOT_READ.1);
                return Err(ServiceError::field("finding", "has_read", "P0030", zh, en));
            }
            service.close(&caller, &shown)
        })
        .await;
    let done = |_| see_done(state.options(), &format!("/issues/{id}"), "closed", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let (page, issue) = load(&state, &visit, &id).await?;
        let returned = Returned { form: "close".to_owned(), values: form, errors };
        Ok(view(&visit.frame, &issue, &conditions(&visit.frame, &page), &returned))
    })
    .await
}
