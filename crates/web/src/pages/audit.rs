//! `/audit`: the audit trail.

use super::record_words::act_words;
use crate::app::{Answer, AppState, Visit, WebError, moment};
use crate::components::{
    Address, Menu, PageHead, Paging, Tone, form_open, notice, page, page_head, paging, simple_table,
};
use crate::frame::Frame;
use crate::text::{audit as t, common};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_store::{AuditFault, AuditLine};
use taizhang_values::RecordId;

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
        notice(
            Tone::Error,
            &html! {
                (frame.with(t::BROKEN, &[&found.faults.len()]))
                ul { @for fault in found.faults.iter().take(20) { li { (fault) } } }
            },
        )
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/audit", get(show)).route("/audit/verify", post(verify))
}

/// Lines of one page.
const PAGE_ROWS: usize = 50;

async fn content(
    state: &AppState,
    visit: &Visit,
    query: &BTreeMap<String, String>,
) -> Result<(Vec<AuditRow>, Paging), WebError> {
    let after = query.get("after").and_then(|mark| mark.parse::<i64>().ok());
    let login = query.get("actor").cloned().unwrap_or_default();
    let (caller, asked) = (visit.caller.clone(), login.clone());
    let (lines, names) = state
        .run(move |service| {
            let lines = service.audit_lines_of(&caller, &asked, after, PAGE_ROWS)?;
            let actors: BTreeSet<RecordId> =
                lines.iter().filter_map(|line| line.actor.clone()).collect();
            let actors: Vec<RecordId> = actors.into_iter().collect();
            let names = service.store().read(|reader| reader.get_many("user", &actors))?;
            Ok((lines, names))
        })
        .await?;
    let next = lines.last().filter(|_| lines.len() == PAGE_ROWS).map(|last| {
        let pairs = [("actor".to_owned(), login), ("after".to_owned(), last.sequence.to_string())];
        Address::new("/audit", &pairs).text()
    });
    // Those who keep the audit trail read no findings: a link would lead them nowhere.
    let opens = visit.frame.viewer.as_ref().is_some_and(|viewer| viewer.rights.findings);
    let row = |line: &AuditLine| {
        let finding = line.object.strip_prefix("finding/");
        let name = line.actor.as_ref().and_then(|id| names.get(id));
        AuditRow {
            at: moment(line.at),
            actor: name.map(|user| user.text("name").to_owned()).unwrap_or_default(),
            verb: act_words(state.service(), &visit.frame, &line.verb),
            address: finding.filter(|_| opens).map(|id| format!("/issues/{id}")),
            object: line.object.clone(),
            detail: [line.reason.as_deref().unwrap_or_default(), &line.detail].join(" "),
        }
    };
    let rows: Vec<AuditRow> = lines.iter().map(row).collect();
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    let first = after.is_some().then(|| "/audit".to_owned());
    Ok((rows, Paging { total: shown, shown, first, next, ..Paging::default() }))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let (rows, place) = content(&state, &visit, &query).await?;
    let actor = query.get("actor").map_or("", String::as_str);
    Ok(view(&visit.frame, &rows, &place, actor, None).into_response())
}

async fn verify(State(state): State<AppState>, visit: Visit) -> Answer {
    let caller = visit.caller.clone();
    let report = state.run(move |service| service.audit_verify(&caller)).await?;
    let language = visit.frame.language;
    let fault = |fault: &AuditFault| {
        format!("{} {} {}", fault.sequence, fault.kind.words().text(language), fault.object)
    };
    let verified = Verified {
        lines: report.lines,
        head: report.head.hash.clone(),
        faults: report.faults.iter().map(fault).collect(),
    };
    let (rows, place) = content(&state, &visit, &BTreeMap::new()).await?;
    Ok(view(&visit.frame, &rows, &place, "", Some(&verified)).into_response())
}
