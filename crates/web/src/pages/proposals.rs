//! `/proposals`: what villages propose, those that wait first.

use super::doubts::households_of;
use super::queue::code_words;
use super::record_words::{field_label, household_words, ledger_label};
use crate::app::{Answer, AppState, Visit};
use crate::components::{
    Address, CountTab, Empty, Menu, PageHead, Paging, count_tabs, empty_state, page, page_head,
    paging, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::{common, proposal as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::Service;
use taizhang_store::{Cursor, Record};
use taizhang_values::RecordId;

/// Proposals of a page.
const PAGE_ROWS: usize = 50;

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/proposals", get(show))
}

/// What a proposal would do, in words.
pub(crate) fn proposal_words(service: &Service, frame: &Frame, proposal: &Record) -> String {
    let label = ledger_label(service, frame, proposal.text("subject_ledger"));
    let words = if proposal.text("subject").is_empty() { t::NEW_OF } else { t::EDIT_OF };
    frame.with(words, &[&label])
}

/// The status of a proposal as a tag.
pub(crate) fn proposal_tag(service: &Service, frame: &Frame, proposal: &Record) -> Markup {
    let status = proposal.text("proposal_status");
    let tone = match status {
        "pending" => "y",
        "accepted" => "g",
        _ => "r",
    };
    tag(tone, &code_words(service, frame, "proposal_status", status))
}

/// The fields of a proposal in words.
pub(crate) fn proposal_fields(service: &Service, frame: &Frame, proposal: &Record) -> String {
    let ledger = proposal.text("subject_ledger");
    let fields = proposal.get("fields").as_list().iter();
    let fields = fields
        .filter(|field| *field != "household")
        .map(|field| field_label(service.codebook(), frame, ledger, field));
    fields.collect::<Vec<_>>().join(frame.t(common::LIST))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new("/proposals", &pairs);
    let is_all = address.get("tab") == "all";
    let after = Some(address.get("after")).filter(|mark| !mark.is_empty()).map(Cursor::from_text);
    let is_first = after.is_none();
    let caller = visit.caller.clone();
    let (found, households) = state
        .run(move |service| {
            let found = service.proposals(&caller, !is_all, after, PAGE_ROWS)?;
            let households = households_of(service, &caller, &found.records)?;
            Ok((found, households))
        })
        .await?;
    let shown = u64::try_from(found.records.len()).unwrap_or(0);
    let place = |mark: Cursor| address.set("after", mark.as_str()).text();
    let paging = Paging {
        total: shown,
        shown,
        first: (!is_first).then(|| address.set("after", "").text()),
        previous: found.previous.map(place),
        next: found.next.map(place),
    };
    let page = view(state.service(), &visit.frame, &address, &found.records, &households, &paging);
    Ok(page.into_response())
}

fn view(
    service: &Service,
    frame: &Frame,
    address: &Address,
    records: &[Record],
    households: &BTreeMap<RecordId, Record>,
    place: &Paging,
) -> Markup {
    let tab = |name: &str, words| CountTab {
        words: frame.t(words).to_owned(),
        count: None,
        address: address.set("tab", name).text(),
        is_current: address.get("tab") == name,
        light: None,
        is_alarm: false,
    };
    let heads = [
        t::HEAD_WHAT,
        t::HEAD_HOUSEHOLD,
        t::HEAD_FIELDS,
        t::HEAD_REASON,
        t::HEAD_ON,
        t::HEAD_STATUS,
    ]
    .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = records
        .iter()
        .map(|proposal| {
            let household = proposal.reference("household").and_then(|id| households.get(id));
            vec![
                html! {
                    a href={ "/proposals/" (proposal.id) } data-open="" {
                        (proposal_words(service, frame, proposal))
                    }
                },
                html! {
                    @if let Some(one) = household {
                        a href={ "/households/" (one.id) } { (household_words(frame, one)) }
                    }
                },
                html! { (proposal_fields(service, frame, proposal)) },
                html! { (proposal.text("reason")) },
                html! { (proposal.get("proposed_on")) },
                proposal_tag(service, frame, proposal),
            ]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        (count_tabs(frame.t(t::TABS), &[tab("", t::TAB_PENDING), tab("all", common::ALL_WORD)]))
        @if records.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::NONE_HELP), first: None }))
        } @else {
            (simple_table(frame.t(t::TITLE), &heads, &rows))
            (paging(frame, place))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Proposals, &body)
}
