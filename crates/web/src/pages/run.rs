//! `/runs/{id}`: one run of all rules, with the counts of each rule and the snapshot it judged.

use super::issue::id_of;
use super::record_words::title_of_rule;
use super::runs::run_title;
use crate::app::{Answer, AppState, Visit, moment};
use crate::components::{
    Empty, Menu, PageHead, Tone, empty_state, notice, page, page_head, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{Text, common, rule, run as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::Service;
use taizhang_service::doubts::{ErrorKind, RuleResult};
use taizhang_store::Record;

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/runs/{id}", get(show))
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller.clone(), id_of(&id)?);
    let (run, mut rules) = state.run(move |service| service.check_run(&caller, &id)).await?;
    // What was found stands first, then what could not be told.
    rules.sort_by_key(|rule| {
        (std::cmp::Reverse((rule.violates, rule.undecided)), rule.rule.clone())
    });
    Ok(view(state.service(), &visit.frame, &run, &rules).into_response())
}

fn view(service: &Service, frame: &Frame, run: &Record, rules: &[RuleResult]) -> Markup {
    let title = run_title(frame, run);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/runs")],
            title: &title,
            facts: Some(facts(frame, run)),
            ..PageHead::default()
        }))
        @if rules.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::NO_COUNTS), first: None }))
        } @else {
            @let (telling, silent): (Vec<_>, Vec<_>) =
                rules.iter().partition(|rule| rule.violates + rule.undecided > 0);
            @if telling.is_empty() {
                (notice(Tone::Success, &html! { (frame.t(t::NOTHING_FOUND)) }))
            } @else { (table(service, frame, &telling)) }
            @if !silent.is_empty() {
                details.card.gap-t {
                    summary.ch {
                        h2 { (frame.t(t::SILENT_RULES)) }
                        span.m { (grouped(silent.len() as u64)) }
                    }
                    (table(service, frame, &silent))
                }
            }
        }
    };
    page(frame, &title, Menu::Runs, &body)
}

fn facts(frame: &Frame, run: &Record) -> Markup {
    let snapshot = run.text("snapshot");
    html! {
        (moment(run.created_at))
        @if let Some(end) = run.get("finished_at").as_instant() { " – " (moment(end)) }
        @if !snapshot.is_empty() { " · " (frame.t(t::SNAPSHOT)) " " (snapshot) }
    }
}

fn table(service: &Service, frame: &Frame, rules: &[&RuleResult]) -> Markup {
    let heads = [
        t::HEAD_RULE,
        t::HEAD_VIOLATES,
        t::HEAD_UNDECIDED,
        rule::HEAD_PASSES,
        rule::HEAD_OUTSIDE,
        t::HEAD_ERROR,
    ]
    .map(|words| frame.t(words));
    let row = |result: &&RuleResult| {
        let code = result.rule.as_str();
        let standing = format!("/doubts?rule={code}&tab=standing");
        vec![
            html! {
                a href=(format!("/rules/{code}")) { (code) }
                span.sub2 { (title_of_rule(service.codebook(), code, frame)) }
            },
            html! {
                @if result.violates > 0 { a href=(standing) { (grouped(result.violates)) } }
                @else { "0" }
            },
            html! { (grouped(result.undecided)) },
            html! { (grouped(result.passes)) },
            html! { (grouped(result.outside)) },
            errors(frame, result),
        ]
    };
    let rows: Vec<Vec<Markup>> = rules.iter().map(row).collect();
    simple_table(frame.t(t::BY_RULE), &heads, &rows)
}

/// How often reckoning failed, and by what how often.
fn errors(frame: &Frame, result: &RuleResult) -> Markup {
    let word = |(kind, count): (&ErrorKind, &u64)| {
        let (zh, en) = kind.words();
        format!("{} {}", Text(zh, en).at(frame.language), grouped(*count))
    };
    let words: Vec<String> = result.reasons.iter().map(word).collect();
    html! {
        (grouped(result.error))
        @if !words.is_empty() { span.sub2 { (words.join(frame.t(common::LIST))) } }
    }
}
