//! `/rules/{code}/trial`: an edition of a rule in trial beside the one in force, replayed over the
//! kept snapshots: who would have been flagged, when, and how much work that is.

use super::record_words::rule_title;
use crate::app::{Answer, AppState, Lists, Visit, WebError};
use crate::components::{Empty, Menu, PageHead, empty_state, page, page_head, simple_table};
use crate::frame::{Frame, grouped};
use crate::text::rule as t;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_codebook::RuleSource;
use taizhang_service::trial::{Flagged, Replay, ReplayedSnapshot};
use taizhang_service::{Service, ServiceError};
use taizhang_values::RegionCode;

/// Records listed under a heading.
const ROWS_SHOWN: usize = 100;

/// The page's content.
struct TrialView<'a> {
    new: &'a RuleSource,
    old: Option<&'a RuleSource>,
    replay: Option<Replay>,
}

fn view(frame: &Frame, lists: &Lists, content: &TrialView<'_>) -> Markup {
    let code = &content.new.code;
    let title = frame.with(t::TRIAL_OF, &[code, &rule_title(content.new)]);
    let back = format!("/rules/{code}");
    let mut path = vec![(frame.t(t::TITLE), "/rules")];
    if content.old.is_some() {
        path.push((code, &back));
    }
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! { (frame.t(t::TRIAL_FACTS)) }),
            acts: None,
        }))
        div.stack {
            section.card {
                div.ch { h2 { (frame.t(t::TRIAL_EDITIONS)) } }
                (editions(frame, content))
            }
            @match &content.replay {
                None => {
                    (empty_state(frame, &Empty::Nothing {
                        help: frame.t(t::TRIAL_NO_SNAPSHOTS), first: None,
                    }))
                },
                Some(replay) => { (replayed(frame, lists, content, replay)) },
            }
        }
    };
    page(frame, &title, Menu::Rules, &body)
}

/// What the two editions say, line by line.
fn editions(frame: &Frame, content: &TrialView<'_>) -> Markup {
    let heads = [t::HEAD_PART, t::HEAD_IN_FORCE, t::HEAD_TRIAL].map(|words| frame.t(words));
    let code = |text: &str| html! { code.pre { (text.trim()) } };
    let both = |pick: &dyn Fn(&RuleSource) -> Markup| {
        [content.old.map_or_else(|| html! { "—" }, pick), pick(content.new)]
    };
    let parts: [(&str, [Markup; 2]); 5] = [
        (frame.t(t::VIOLATES), both(&|rule| code(&rule.violates.text))),
        (
            frame.t(t::APPLIES),
            both(&|rule| rule.applies.as_ref().map_or_else(|| html! {}, |text| code(&text.text))),
        ),
        (
            frame.t(t::DEFINES),
            both(&|rule| {
                let define = |one: &taizhang_codebook::Define| {
                    format!("{} = {}", one.name, one.text.text.trim())
                };
                code(&rule.defines.iter().map(define).collect::<Vec<_>>().join("\n"))
            }),
        ),
        (
            frame.t(t::FILTER_SEVERITY),
            both(&|rule| {
                html! { (super::rule::severity_code(rule.severity)) }
            }),
        ),
        (
            frame.t(t::DUE_DAYS),
            both(&|rule| match rule.due_days {
                Some(days) => html! { (frame.with(t::DAYS, &[&days])) },
                None => html! { (frame.t(t::HINT_ONLY)) },
            }),
        ),
    ];
    let rows: Vec<Vec<Markup>> = parts
        .into_iter()
        .map(|(part, [old, new])| {
            let differs = old.0 != new.0;
            let new = html! { @if differs { ins { (new) } } @else { (new) } };
            vec![html! { (part) }, old, new]
        })
        .collect();
    simple_table(frame.t(t::TRIAL_EDITIONS), &heads, &rows)
}

fn replayed(frame: &Frame, lists: &Lists, content: &TrialView<'_>, replay: &Replay) -> Markup {
    let heads = [
        t::HEAD_SNAPSHOT,
        t::HEAD_IN_FORCE,
        t::HEAD_TRIAL,
        t::HEAD_ADDED,
        t::HEAD_REMOVED,
        t::HEAD_UNDECIDED,
    ]
    .map(|words| frame.t(words));
    let row = |one: &ReplayedSnapshot| {
        let old = one.old.map(|old| grouped(old.violates)).unwrap_or_default();
        let link = |name: &str, count: usize| {
            html! { a href={ "#" (name) "-" (one.name) } { (count) } }
        };
        vec![
            html! { (one.as_of) span.sub2 { (one.name) } },
            html! { (old) },
            html! { (grouped(one.new.violates)) },
            link("added", one.added.len()),
            link("removed", one.removed.len()),
            html! { (grouped(one.new.undecided)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = replay.snapshots.iter().rev().map(row).collect();
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::TRIAL_REPLAY)) } }
            (simple_table(frame.t(t::TRIAL_REPLAY), &heads, &rows))
        }
        @if let Some(last) = replay.snapshots.last() { (work(frame, lists, replay, last)) }
        @for one in replay.snapshots.iter().rev() {
            (listed(frame, lists, content, one, "added", &one.added))
            (listed(frame, lists, content, one, "removed", &one.removed))
        }
    }
}

/// How much there would be to do, by village, on the newest snapshot.
fn work(frame: &Frame, lists: &Lists, replay: &Replay, last: &ReplayedSnapshot) -> Markup {
    let heads = [
        t::HEAD_PLACE,
        t::HEAD_IN_FORCE,
        t::HEAD_TRIAL,
        t::HEAD_ADDED,
        t::HEAD_REMOVED,
        t::HEAD_FRESH,
    ]
    .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = last
        .villages
        .iter()
        .map(|village| {
            let code = RegionCode::parse(&village.region);
            let counts = [village.old, village.new, village.added, village.removed, village.fresh];
            let mut cells = vec![html! { (lists.region_name(code.as_ref())) }];
            cells.extend(counts.map(|count| html! { (grouped(count)) }));
            cells
        })
        .collect();
    let days = match replay.due_days {
        Some(days) => frame.with(t::DAYS, &[&days]),
        None => frame.t(t::HINT_ONLY).to_owned(),
    };
    html! {
        section.card {
            div.ch {
                h2 { (frame.with(t::TRIAL_WORK, &[&last.as_of])) }
                span.m { (frame.t(t::DUE_DAYS)) "：" (days) }
            }
            @if rows.is_empty() { div.cb { p.muted { (frame.t(t::TRIAL_NOTHING)) } } }
            @else { (simple_table(frame.t(t::TRIAL_REPLAY), &heads, &rows)) }
        }
    }
}

/// Records that only one edition flags, each with the way to it.
fn listed(
    frame: &Frame,
    lists: &Lists,
    content: &TrialView<'_>,
    one: &ReplayedSnapshot,
    name: &str,
    rows: &[Flagged],
) -> Markup {
    let words = if name == "added" { t::TRIAL_ADDED } else { t::TRIAL_REMOVED };
    let ledger = &content.new.ledger.text;
    html! {
        @if !rows.is_empty() {
            details.card id={ (name) "-" (one.name) } {
                summary.ch {
                    h2 { (frame.with(words, &[&one.as_of])) }
                    span.m { (rows.len()) }
                }
                ul.lst.cb {
                    @for row in rows.iter().take(ROWS_SHOWN) {
                        li {
                            a href={ "/records/" (row.record) "?ledger=" (ledger) } {
                                (lists.region_name(RegionCode::parse(&row.region).as_ref()))
                                " " (row.record)
                            }
                        }
                    }
                }
                @if rows.len() > ROWS_SHOWN {
                    p.cb.muted.small {
                        (frame.with(crate::text::change::ROWS_MORE, &[&rows.len(), &ROWS_SHOWN]))
                    }
                }
            }
        }
    }
}

/// Rules in trial as links; nothing where there are none.
pub(crate) fn trial_links(service: &Service, frame: &Frame) -> Markup {
    let trials = &service.codebook().trials;
    html! {
        @if !trials.is_empty() {
            section.card {
                div.ch { h2 { (frame.t(t::TRIALS)) } span.m { (trials.len()) } }
                ul.lst.cb {
                    @for (code, rule) in trials {
                        li {
                            a href={ "/rules/" (code) "/trial" } { (code) " " (rule_title(rule)) }
                        }
                    }
                }
            }
        }
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/rules/{code}/trial", get(show))
}

async fn show(State(state): State<AppState>, visit: Visit, Path(code): Path<String>) -> Answer {
    let service = state.service();
    let new = service.codebook().trials.get(&code).ok_or(WebError::NotFound)?;
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), code.clone());
    let found = state
        .run(move |service| match service.replay_trial(&caller, &asked) {
            Ok(replay) => Ok(Some(replay)),
            Err(ServiceError::NotFound) => Ok(None),
            Err(other) => Err(other),
        })
        .await?;
    let old = service.codebook().rules.get(&code);
    let content = TrialView { new, old, replay: found };
    Ok(view(&visit.frame, &lists, &content).into_response())
}
