//! `/feedback`: the box for comments and complaints, with the answers; `/feedback/list`: all of
//! them for those who answer.

use crate::app::{Answer, AppState, FormValues, Visit, WebError, form_answer, moment, see_done};
use crate::components::{
    Empty, Errors, Field, Menu, PageHead, Paging, area_field, empty_state, error_summary,
    form_open, page_head, page_with, paging, tag,
};
use crate::frame::Frame;
use crate::text::feedback as t;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::Feedback;

/// Comments of one page.
const PAGE_ROWS: usize = 50;

/// The box, and what the reader wrote before.
pub(crate) fn view(
    frame: &Frame,
    own: &[Feedback],
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let title = frame.t(t::TITLE);
    let answers = frame.viewer.as_ref().is_some_and(|viewer| viewer.rights.feedback);
    let body = html! {
        (page_head(frame, &PageHead {
            title,
            acts: answers.then(|| html! { a.btn href="/feedback/list" { (frame.t(t::SEE_ALL)) } }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            section.card { div.cb {
                p { (frame.t(t::HELP)) }
                (form_open(frame, "/feedback", "feedback", &html! {
                    (area_field(frame, errors, &Field {
                        name: "text", label: frame.t(t::TEXT), is_required: true,
                        value: values.get("text"), ..Field::default()
                    }))
                    button.btn.p { (frame.t(t::SEND)) }
                }))
            } }
            @if !own.is_empty() {
                section.card {
                    div.ch { h2 { (frame.t(t::OWN)) } }
                    div.cb { @for feedback in own { (one(frame, feedback, &html! {})) } }
                }
            }
        }
    };
    page_with(frame, title, Menu::None, !errors.is_empty(), &body)
}

/// One comment with its answer, and beside it whatever form belongs there.
fn one(frame: &Frame, feedback: &Feedback, form: &Markup) -> Markup {
    html! {
        article.said id={ "n-" (feedback.number) } {
            p.small.muted {
                (feedback.at.map(moment).unwrap_or_default())
                @if !feedback.by_name.is_empty() { " · " (feedback.by_name) }
                " "
                @if feedback.answer.is_empty() { (tag("y", frame.t(t::WAITS))) }
                @else { (tag("g", frame.t(t::ANSWERED))) }
            }
            p.pre { (feedback.text) }
            @if !feedback.answer.is_empty() {
                div.note.g {
                    p.small.muted { (feedback.answered_at.map(moment).unwrap_or_default()) }
                    p.pre { (feedback.answer) }
                }
            }
            (form)
        }
    }
}

/// All comments, with a form for the answer to each.
pub(crate) fn list(
    frame: &Frame,
    all: &[Feedback],
    place: &Paging,
    returned: &(i64, FormValues, Errors),
) -> Markup {
    let title = frame.t(t::LIST_TITLE);
    let (at, values, errors) = returned;
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/feedback")],
            title,
            facts: Some(html! { (frame.t(t::LIST_FACTS)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        @if all.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::LIST_EMPTY), first: None }))
        } @else {
            section.card { div.cb {
                @for feedback in all {
                    @let is_here = feedback.number == *at;
                    @let none = Errors::default();
                    @let scope = format!("{}-", feedback.number);
                    (one(frame, feedback, &html! {
                        details.act-d open[is_here] {
                            summary.btn.s { (frame.t(t::ANSWER)) }
                            div.bx {
                                (form_open(frame, &format!("/feedback/{}", feedback.number), "",
                                    &html! {
                                        (area_field(frame, if is_here { errors } else { &none },
                                            &Field {
                                                name: "answer", label: frame.t(t::ANSWER_TEXT),
                                                scope: if is_here { "" } else { &scope },
                                                value: if is_here { values.get("answer") }
                                                    else { &feedback.answer },
                                                is_required: true, ..Field::default()
                                            }))
                                        button.btn.s.p { (frame.t(t::ANSWER)) }
                                    }))
                            }
                        }
                    }))
                }
            } }
            (paging(frame, place))
        }
    };
    page_with(frame, title, Menu::Feedback, !errors.is_empty(), &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/feedback", get(show).post(send))
        .route("/feedback/list", get(show_list))
        .route("/feedback/{number}", post(answer))
}

async fn own(state: &AppState, visit: &Visit) -> Result<Vec<Feedback>, WebError> {
    let caller = visit.caller.clone();
    state.run(move |service| service.own_feedback(&caller)).await
}

async fn show(State(state): State<AppState>, visit: Visit) -> Answer {
    let own = own(&state, &visit).await?;
    Ok(view(&visit.frame, &own, &FormValues::default(), &Errors::default()).into_response())
}

async fn send(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, text) = (visit.caller.clone(), form.get("text").to_owned());
    let result = state.run(move |service| service.send_feedback(&caller, &text)).await;
    let done = |()| see_done(state.options(), "/feedback", "thanks", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let own = own(&state, &visit).await?;
        Ok(view(&visit.frame, &own, &form, &errors))
    })
    .await
}

async fn all(
    state: &AppState,
    visit: &Visit,
    before: Option<i64>,
) -> Result<(Vec<Feedback>, Paging), WebError> {
    let caller = visit.caller.clone();
    let found = state.run(move |service| service.feedback(&caller, before, PAGE_ROWS)).await?;
    let shown = u64::try_from(found.len()).unwrap_or(0);
    let last = found.last().map_or(1, |feedback| feedback.number);
    let paging = Paging {
        total: shown,
        shown,
        first: before.is_some().then(|| "/feedback/list".to_owned()),
        next: (last > 1).then(|| format!("/feedback/list?before={last}")),
        ..Paging::default()
    };
    Ok((found, paging))
}

async fn show_list(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let before = query.get("before").and_then(|number| number.parse().ok());
    let (found, paging) = all(&state, &visit, before).await?;
    let nothing = (0, FormValues::default(), Errors::default());
    Ok(list(&visit.frame, &found, &paging, &nothing).into_response())
}

async fn answer(
    State(state): State<AppState>,
    visit: Visit,
    Path(number): Path<String>,
    form: FormValues,
) -> Answer {
    let number: i64 = number.parse().map_err(|_| WebError::NotFound)?;
    let (caller, text) = (visit.caller.clone(), form.get("answer").to_owned());
    let result = state.run(move |service| service.answer_feedback(&caller, number, &text)).await;
    let before = number.saturating_add(1);
    let address = format!("/feedback/list?before={before}#n-{number}");
    let done = |()| see_done(state.options(), &address, "answered", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let (found, paging) = all(&state, &visit, Some(before)).await?;
        Ok(list(&visit.frame, &found, &paging, &(number, form, errors)))
    })
    .await
}
