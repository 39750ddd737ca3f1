//! `/issues`: the rectification ledger.

use crate::components::{
    Address, BatchAct, Column, CountTab, Empty, FilterBar, Light, Menu, PageHead, Paging,
    batch_bar, count_tabs, empty_state, filter_bar, light, page, page_head, paging, progress_bar,
    row_box, row_class, table_head, tag, wide_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{common, ledger as t, queue};
use maud::{Markup, html};

/// One finding in the list.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) light: Light,
    pub(crate) title: String,
    pub(crate) facts: String,
    pub(crate) lead_unit: String,
    pub(crate) units: String,
    pub(crate) person: String,
    pub(crate) deadline: String,
    pub(crate) percent: i64,
    pub(crate) state: String,
    pub(crate) state_tone: &'static str,
    pub(crate) evidence_count: u64,
}

/// What the reader may do from here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LedgerRights {
    pub(crate) create: bool,
    pub(crate) import: bool,
    pub(crate) export: bool,
    pub(crate) report: bool,
}

/// The page's content.
#[derive(Clone, Debug)]
pub(crate) struct LedgerView {
    pub(crate) total: u64,
    pub(crate) tabs: Vec<CountTab>,
    pub(crate) filter: FilterBar,
    pub(crate) address: Address,
    pub(crate) rows: Vec<LedgerRow>,
    pub(crate) paging: Paging,
    pub(crate) near_due_days: i64,
    pub(crate) rights: LedgerRights,
}

/// The page.
pub(crate) fn view(frame: &Frame, ledger: &LedgerView) -> Markup {
    let export = Address::new("/export", ledger.address.pairs()).text();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&grouped(ledger.total)])) }),
            acts: Some(html! {
                @if ledger.rights.import { a.btn.hide-m href="/import" { (frame.t(t::IMPORT)) } }
                @if ledger.rights.export { a.btn.hide-m href=(export) { (frame.t(t::EXPORT_ALL)) } }
                @if ledger.rights.report {
                    a.btn.hide-m href="/reports" { (frame.t(t::MAKE_REPORT)) }
                }
                @if ledger.rights.create {
                    a.btn.p href="/issues/new" { (frame.t(t::ADD)) }
                }
            }),
            ..PageHead::default()
        }))
        section #list aria-label=(frame.t(t::TITLE)) {
            (count_tabs(frame.t(t::TABS), &ledger.tabs))
            (filter_bar(frame, &ledger.filter))
            (list(frame, ledger))
        }
        p.muted.small { (frame.with(t::THRESHOLD, &[&ledger.near_due_days])) }
    };
    page(frame, frame.t(t::TITLE), Menu::Issues, &body)
}

fn list(frame: &Frame, ledger: &LedgerView) -> Markup {
    let acts = [
        ("assign", t::ACT_ASSIGN),
        ("remind", t::ACT_REMIND),
        ("start", t::ACT_START),
        ("export", t::ACT_EXPORT),
    ]
    .map(|(act, words)| BatchAct { act, words: frame.t(words).to_owned() });
    html! {
        @if ledger.rows.is_empty() {
            @if ledger.address.pairs().is_empty() {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP),
                    first: ledger.rights.create
                        .then_some((frame.t(queue::NEW_LETTER), "/letters/new")),
                }))
            } @else { (empty_state(frame, &Empty::NoMatch("/issues"))) }
        } @else {
            (batch_bar(frame, "/issues/batch", &acts))
            (wide_table(frame.t(t::TABLE), "bare fz", "cards led", &head(frame, ledger), &html! {
                @for row in &ledger.rows { (finding(frame, row)) }
            }))
            (paging(frame, &ledger.paging))
        }
    }
}

fn head(frame: &Frame, ledger: &LedgerView) -> Markup {
    let columns = [
        (queue::HEAD_LIGHT, Some("due"), "f2"),
        (t::HEAD_NUMBER, Some("number"), "f3"),
        (t::HEAD_PROBLEM, None, ""),
        (t::HEAD_LEAD, None, ""),
        (t::HEAD_UNITS, None, "x-elder"),
        (t::HEAD_PERSON, None, "x-elder"),
        (t::HEAD_DEADLINE, Some("deadline"), "num"),
        (t::HEAD_PROGRESS, Some("percent"), ""),
        (common::STATE, None, ""),
        (t::HEAD_EVIDENCE, None, "num"),
    ]
    .map(|(words, sort, class)| Column { words: frame.t(words).to_owned(), sort, class });
    table_head(frame, &ledger.address, &columns, true)
}

fn finding(frame: &Frame, row: &LedgerRow) -> Markup {
    let address = format!("/issues/{}", row.id);
    html! {
        tr class=(row_class(row.light)) {
            (row_box(frame, &row.id, &row.number))
            td.nw.f2.inl { (light(frame, row.light)) }
            th.nw.f3.inl scope="row" { a href=(address) data-open="" { (row.number) } }
            td.ttl {
                a.cut href=(address) title=(row.title) tabindex="-1" { (row.title) }
                span.sub2 { (row.facts) }
            }
            td.nw.inl data-l=(frame.t(t::HEAD_LEAD)) { (row.lead_unit) }
            td.hide-m.x-elder { span.cut { (row.units) } }
            td.nw.hide-m.x-elder { (row.person) }
            td.nw.num.inl data-l=(frame.t(t::HEAD_DEADLINE)) { (row.deadline) }
            td.nw.inl {
                (progress_bar(row.light.class(), row.percent)) " " (row.percent) "%"
            }
            td.nw.inl { (tag(row.state_tone, &row.state)) }
            td.num.hide-m {
                @if row.evidence_count > 0 {
                    a href={ (address) "#evidence" } {
                        (frame.with(t::EVIDENCE_COUNT, &[&row.evidence_count]))
                    }
                }
            }
        }
    }
}
