//! `/runs/{id}`: one run of all rules, with the counts of each rule and the snapshot it judged.

use super::issue::id_of;
use super::queue::code_words;
use super::record_words::title_of_rule;
use super::runs::run_title;
use crate::app::{Answer, AppState, Visit, moment};
use crate::components::{
    Empty, KeyFigure, Menu, PageHead, Tone, empty_state, key_figures, notice, page, page_head,
};
use crate::frame::{Frame, grouped};
use crate::text::{Text, common, rule, run as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use taizhang_codebook::RuleSeverity;
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
    rules.sort_by_key(|rule| (Reverse((rule.violates, rule.undecided)), rule.rule.clone()));
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
            (sums(frame, run, rules))
            @let (hit, others): (Vec<_>, Vec<_>) =
                rules.iter().partition(|rule| rule.violates > 0);
            @let (untold, silent): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|rule| rule.undecided > 0);
            @if hit.is_empty() && untold.is_empty() {
                div.gap-t { (notice(Tone::Success, &html! { (frame.t(t::NOTHING_FOUND)) })) }
            }
            @for (place, (severity, of)) in by_severity(service, &hit).iter().enumerate() {
                @let words = code_words(service, frame, RuleSeverity::LIST, severity.word());
                @let heading = frame.with(t::HIT_RULES, &[&words]);
                (group(service, frame, &heading, of, place == 0))
            }
            (group(service, frame, frame.t(t::UNTOLD_RULES), &untold, false))
            (group(service, frame, frame.t(t::SILENT_RULES), &silent, false))
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

/// The sums of the run, of all rules together.
fn sums(frame: &Frame, run: &Record, rules: &[RuleResult]) -> Markup {
    let kept = |field: &str| {
        run.get(field).as_integer().and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
    };
    let rules_with = |pick: fn(&RuleResult) -> u64| {
        let count = rules.iter().filter(|rule| pick(rule) > 0).count();
        frame.with(t::OF_RULES, &[&count])
    };
    let errors: u64 = rules.iter().map(|rule| rule.error).sum();
    let mut untold = rules_with(|rule| rule.undecided);
    if errors > 0 {
        untold = frame.with(t::OF_RULES_ERRORS, &[&untold, &grouped(errors)]);
    }
    let turned: [&dyn std::fmt::Display; 2] =
        [&grouped(kept("kept_count")), &grouped(kept("closed_count"))];
    let figure = |label: Text, value: u64, note: String, tone: &'static str| KeyFigure {
        label: frame.t(label).to_owned(),
        value,
        unit: String::new(),
        note,
        tone,
        rows: None,
    };
    key_figures(&[
        figure(t::HEAD_VIOLATES, kept("violates_count"), rules_with(|rule| rule.violates), "bad"),
        figure(t::HEAD_UNDECIDED, kept("undecided_count"), untold, "warn"),
        figure(t::OPENED, kept("opened_count"), frame.with(t::KEPT_AND_CLOSED, &turned), ""),
        figure(t::HEAD_ROWS, kept("rows_count"), frame.with(t::OF_RULES, &[&rules.len()]), "ok"),
    ])
}

/// Rules by their severity, gravest first; one that is no more in the codebook counts as a hint.
fn by_severity<'a>(
    service: &Service,
    rules: &[&'a RuleResult],
) -> Vec<(RuleSeverity, Vec<&'a RuleResult>)> {
    let mut groups: BTreeMap<Reverse<RuleSeverity>, Vec<&RuleResult>> = BTreeMap::new();
    for result in rules {
        let rule = service.codebook().rules.get(&result.rule);
        let severity = rule.map_or(RuleSeverity::Low, |rule| rule.severity);
        groups.entry(Reverse(severity)).or_default().push(result);
    }
    groups.into_iter().map(|(Reverse(severity), of)| (severity, of)).collect()
}

/// Rules that belong together; the gravest stand open, so that a phone shows the sums of all.
fn group(
    service: &Service,
    frame: &Frame,
    heading: &str,
    rules: &[&RuleResult],
    is_open: bool,
) -> Markup {
    let violations: u64 = rules.iter().map(|rule| rule.violates).sum();
    html! {
        @if !rules.is_empty() {
            details.card.gap-t open[is_open] {
                summary.ch {
                    h2 { (heading) }
                    span.m {
                        (frame.with(t::OF_RULES, &[&rules.len()]))
                        @if violations > 0 {
                            " · " (frame.with(t::OF_VIOLATIONS, &[&grouped(violations)]))
                        }
                    }
                }
                (table(service, frame, heading, rules))
            }
        }
    }
}

/// The counts of each rule, a line each on a phone too, with what asks for somebody.
fn table(service: &Service, frame: &Frame, label: &str, rules: &[&RuleResult]) -> Markup {
    let heads = [
        ("", t::HEAD_RULE),
        ("", t::HEAD_VIOLATES),
        ("", t::HEAD_UNDECIDED),
        ("hide-m", rule::HEAD_PASSES),
        ("hide-m", rule::HEAD_OUTSIDE),
        ("hide-m", t::HEAD_ERROR),
    ];
    let class = |class: &'static str| Some(class).filter(|class| !class.is_empty());
    html! {
        div.tw.solo.bare tabindex="0" role="region" aria-label=(label) {
            table {
                caption.vh { (label) }
                thead {
                    tr {
                        @for (of, head) in heads {
                            th class=[class(of)] scope="col" { (frame.t(head)) }
                        }
                    }
                }
                tbody data-rows="" {
                    @for result in rules {
                        @let counts = counts(frame, result);
                        tr {
                            th.ttl scope="row" { (rule_words(service, frame, result)) }
                            @for (count, (of, _)) in counts.iter().zip(heads.iter().skip(1)) {
                                td class=[class(of)] { (count) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn rule_words(service: &Service, frame: &Frame, result: &RuleResult) -> Markup {
    let code = result.rule.as_str();
    html! {
        a href=(format!("/rules/{code}")) { (code) }
        span.sub2 { (title_of_rule(service.codebook(), code, frame)) }
    }
}

/// Cells behind the rule.
fn counts(frame: &Frame, result: &RuleResult) -> [Markup; 5] {
    let standing = format!("/doubts?rule={}&tab=standing", result.rule);
    [
        html! {
            @if result.violates > 0 { a href=(standing) { (grouped(result.violates)) } }
            @else { "0" }
        },
        html! { (grouped(result.undecided)) },
        html! { (grouped(result.passes)) },
        html! { (grouped(result.outside)) },
        errors(frame, result),
    ]
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
