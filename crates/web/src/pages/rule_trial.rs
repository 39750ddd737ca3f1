//! `/rules/{code}/trial`: an edition of a rule in trial beside the one in force, replayed over the
//! kept snapshots: who would have been flagged, when, and how much work that is.

use super::record_words::{household_words, ledger_label, record_title, severity_tag};
use crate::app::{Answer, AppState, Lists, Visit, WebError};
use crate::components::{
    Empty, Menu, PageHead, Tone, dense_table, empty_state, notice, page, page_head, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{common, rule as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Define, RuleSource};
use taizhang_service::trial::{Flagged, Replay, ReplayedSnapshot};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

/// The ledger whose records have a page of their own.
const ROOT: &str = "household";

/// Records listed under a heading.
const ROWS_SHOWN: usize = 100;

/// The page's content.
struct TrialView<'a> {
    new: &'a RuleSource,
    old: Option<&'a RuleSource>,
    replay: Option<Replay>,
    /// Flagged records that the caller may see.
    records: BTreeMap<String, Record>,
}

fn view(service: &Service, frame: &Frame, lists: &Lists, content: &TrialView<'_>) -> Markup {
    let code = &content.new.code;
    let title = frame.with(t::TRIAL_OF, &[code, &content.new.title(frame.language)]);
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
                (editions(service, frame, content))
            }
            @match &content.replay {
                None => {
                    (empty_state(frame, &Empty::Nothing {
                        help: frame.t(t::TRIAL_NO_SNAPSHOTS), first: None,
                    }))
                },
                Some(replay) => { (replayed(service, frame, lists, content, replay)) },
            }
        }
    };
    page(frame, &title, Menu::Rules, &body)
}

/// What the two editions say, line by line.
fn editions(service: &Service, frame: &Frame, content: &TrialView<'_>) -> Markup {
    let heads = [t::HEAD_PART, t::HEAD_IN_FORCE, t::HEAD_TRIAL].map(|words| frame.t(words));
    let code = |text: &str| html! { code.pre { (text.trim()) } };
    let both = |pick: &dyn Fn(&RuleSource) -> Markup| {
        [content.old.map_or_else(|| html! { "—" }, pick), pick(content.new)]
    };
    let defines = |rule: &RuleSource| {
        let define = |one: &Define| format!("{} = {}", one.name, one.text.text.trim());
        code(&rule.defines.iter().map(define).collect::<Vec<_>>().join("\n"))
    };
    let applies = |rule: &RuleSource| rule.applies.as_ref().map(|text| code(&text.text));
    let severity = |rule: &RuleSource| severity_tag(service, frame, rule.severity.word());
    let parts = [
        (t::HEAD_TITLE, both(&|rule| html! { (rule.title(frame.language)) })),
        (t::APPLIES, both(&|rule| applies(rule).unwrap_or_default())),
        (
            t::DEFINES,
            both(&|rule| {
                if rule.defines.is_empty() {
                    html! {}
                } else {
                    defines(rule)
                }
            }),
        ),
        (t::VIOLATES, both(&|rule| code(&rule.violates.text))),
        (t::FILTER_SEVERITY, both(&severity)),
        (t::DUE_DAYS, both(&|rule| html! { (days_words(frame, rule.due_days)) })),
    ];
    let rows: Vec<Vec<Markup>> = parts
        .into_iter()
        .filter(|(_, [old, new])| !old.0.is_empty() || !new.0.is_empty())
        .map(|(part, [old, new])| {
            let differs = old.0 != new.0;
            let new = html! { @if differs { ins { (new) } } @else { (new) } };
            vec![html! { (frame.t(part)) }, old, new]
        })
        .collect();
    simple_table(frame.t(t::TRIAL_EDITIONS), &heads, &rows)
}

/// Days to answer in words.
fn days_words(frame: &Frame, days: Option<i64>) -> String {
    match days {
        Some(days) => frame.with(t::DAYS, &[&days]),
        None => frame.t(t::HINT_ONLY).to_owned(),
    }
}

fn replayed(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    content: &TrialView<'_>,
    replay: &Replay,
) -> Markup {
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
        let link = |name: &str, head: usize, count: usize| {
            html! {
                @if count == 0 { "0" }
                @else {
                    a href={ "#" (name) "-" (one.name) } {
                        (grouped(count as u64))
                        span.vh { " " (heads.get(head).copied().unwrap_or("")) " " (one.as_of) }
                    }
                }
            }
        };
        vec![
            html! { (one.as_of) span.sub2 { (made_at(&one.name)) } },
            html! { (old) },
            html! { (grouped(one.new.violates)) },
            link("added", 3, one.added.len()),
            link("removed", 4, one.removed.len()),
            html! { (grouped(one.new.undecided)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = replay.snapshots.iter().rev().map(row).collect();
    html! {
        @if !replay.gone.is_empty() {
            (notice(Tone::Warning, &html! {
                (frame.with(t::TRIAL_SWEPT, &[&replay.gone.len()]))
            }))
        }
        @if !rows.is_empty() {
            section.card id="replay" {
                div.ch {
                    h2 { (frame.t(t::TRIAL_REPLAY)) }
                    span.m { (frame.with(t::TRIAL_SNAPSHOTS, &[&replay.snapshots.len()])) }
                }
                (dense_table(frame.t(t::TRIAL_REPLAY), &heads, &rows))
            }
        }
        @if let Some(last) = replay.snapshots.last() { (work(frame, lists, replay, last)) }
        @for one in replay.snapshots.iter().rev() {
            (listed(service, frame, lists, content, (one, "added", &one.added)))
            (listed(service, frame, lists, content, (one, "removed", &one.removed)))
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
    let days = days_words(frame, replay.due_days);
    html! {
        section.card {
            div.ch {
                h2 { (frame.with(t::TRIAL_WORK, &[&last.as_of])) }
                span.m { (frame.t(t::DUE_DAYS)) (frame.t(common::COLON)) (days) }
            }
            @if rows.is_empty() { div.cb { p.muted { (frame.t(t::TRIAL_NOTHING)) } } }
            @else { (dense_table(&frame.with(t::TRIAL_WORK, &[&last.as_of]), &heads, &rows)) }
        }
    }
}

/// Records that only one edition flags, each with the way to it.
fn listed(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    content: &TrialView<'_>,
    (one, name, rows): (&ReplayedSnapshot, &str, &[Flagged]),
) -> Markup {
    let words = if name == "added" { t::TRIAL_ADDED } else { t::TRIAL_REMOVED };
    // The newest is open; a link to a list within the others opens them.
    let newest = content.replay.as_ref().and_then(|replay| replay.snapshots.last());
    let is_newest = newest.is_some_and(|newest| newest.name == one.name);
    html! {
        @if !rows.is_empty() {
            details.card open[is_newest] {
                summary.ch {
                    h2 { (frame.with(words, &[&one.as_of])) }
                    span.m { (grouped(rows.len() as u64)) }
                }
                ul.lst.cb id={ (name) "-" (one.name) } {
                    @for row in rows.iter().take(ROWS_SHOWN) {
                        li { (flagged(service, frame, content, row)) span.w {
                            (lists.region_name(RegionCode::parse(&row.region).as_ref()))
                        } }
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

/// A flagged record in the words of its page, with its number where it has one.
fn flagged(service: &Service, frame: &Frame, content: &TrialView<'_>, row: &Flagged) -> Markup {
    let Some(record) = content.records.get(&row.record) else {
        return html! { (frame.t(t::TRIAL_GONE)) };
    };
    let codebook = service.codebook();
    let (address, title) = match record.ledger.as_str() {
        ROOT => (format!("/households/{}", record.id), household_words(frame, record)),
        ledger => {
            (format!("/records/{}?ledger={ledger}", record.id), record_title(codebook, record))
        }
    };
    let label = ledger_label(service, frame, &record.ledger);
    let number = codebook
        .ledger(&record.ledger)
        .and_then(|ledger| ledger.fields.iter().find(|field| field.is_unique))
        .map_or("", |field| record.text(&field.name));
    html! {
        a href=(address) data-flagged="" {
            @if title.is_empty() { (label) } @else { (title) }
            @if !number.is_empty() { " " (number) }
        }
    }
}

/// When a snapshot was made, by its name: the moment of the day where it is one, in UTC.
fn made_at(name: &str) -> String {
    let utc = format!("{}+0000", name.trim_end_matches('Z'));
    let moment = taizhang_values::Timestamp::strptime("%Y%m%dT%H%M%S%z", utc);
    moment.map_or_else(|_| name.to_owned(), crate::app::moment)
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
                            a href={ "/rules/" (code) "/trial" } {
                                (code) " " (rule.title(frame.language))
                            }
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
    let (caller, asked, ledger) = (visit.caller.clone(), code.clone(), new.ledger.text.clone());
    let (replay, records) = state
        .run(move |service| match service.replay_trial(&caller, &asked) {
            Ok(replay) => {
                let records = records_of(service, &caller, &ledger, &replay)?;
                Ok((Some(replay), records))
            }
            Err(ServiceError::NotFound) => Ok((None, BTreeMap::new())),
            Err(other) => Err(other),
        })
        .await?;
    let old = service.codebook().rules.get(&code);
    let content = TrialView { new, old, replay, records };
    Ok(view(service, &visit.frame, &lists, &content).into_response())
}

/// The flagged records that are listed, as far as the caller may see them.
fn records_of(
    service: &Service,
    caller: &Caller,
    ledger: &str,
    replay: &Replay,
) -> Result<BTreeMap<String, Record>, ServiceError> {
    let listed = replay.snapshots.iter().flat_map(|one| [&one.added, &one.removed]);
    let ids: BTreeSet<&str> = listed
        .flat_map(|rows| rows.iter().take(ROWS_SHOWN))
        .map(|row| row.record.as_str())
        .collect();
    let ids: Vec<RecordId> = ids.into_iter().filter_map(RecordId::parse).collect();
    let found = service.register_records(caller, ledger, &ids)?;
    Ok(found.into_iter().map(|record| (record.id.to_string(), record)).collect())
}
