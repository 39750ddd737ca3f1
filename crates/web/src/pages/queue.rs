//! `/`: the work queue. Everybody starts at what is due.

use crate::components::{
    Address, BatchAct, Column, CountTab, Empty, Light, Menu, PageHead, Paging, TimelineEntry,
    batch_bar, count_tabs, empty_state, light, page, page_head, paging, row_box, row_class,
    table_head, tag, timeline, wide_table,
};
use crate::frame::Frame;
use crate::text::{common, queue as t};
use maud::{Markup, html};

/// One task.
#[derive(Clone, Debug)]
pub(crate) struct QueueRow {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) light: Light,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) facts: String,
    pub(crate) region: String,
    pub(crate) due: String,
    pub(crate) state: String,
    pub(crate) act: String,
    pub(crate) is_mine: bool,
}

/// The page's content.
#[derive(Clone, Debug)]
pub(crate) struct QueueView {
    pub(crate) due_today: u64,
    pub(crate) overdue: u64,
    pub(crate) tabs: Vec<CountTab>,
    pub(crate) address: Address,
    pub(crate) rows: Vec<QueueRow>,
    pub(crate) paging: Paging,
    pub(crate) agenda: Vec<TimelineEntry>,
    pub(crate) letters: Vec<(String, String, String)>,
    pub(crate) reminders: Vec<(String, String, String)>,
    pub(crate) may_register: bool,
}

/// The page.
pub(crate) fn view(frame: &Frame, queue: &QueueView) -> Markup {
    let name = frame.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! {
                (frame.with(t::GREETING, &[&name, &queue.due_today, &queue.overdue]))
            }),
            acts: Some(html! {
                a.btn.hide-m href="/issues" { (frame.t(t::TO_LEDGER)) }
                @if queue.may_register {
                    a.btn.p href="/letters/new" { (frame.t(t::NEW_LETTER)) }
                }
            }),
            ..PageHead::default()
        }))
        div.grid.wq {
            section #list aria-label=(frame.t(t::TITLE)) { (list(frame, queue)) }
            (aside(frame, queue))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Queue, &body)
}

fn list(frame: &Frame, queue: &QueueView) -> Markup {
    html! {
        (count_tabs(frame.t(t::TABS), &queue.tabs))
        @if queue.rows.is_empty() {
            @if queue.may_register && queue.tabs.iter().all(|tab| tab.count == Some(0)) {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP),
                    first: Some((frame.t(t::NEW_LETTER), "/letters/new")),
                }))
            } @else { (empty_state(frame, &Empty::AllDone)) }
        } @else {
            (batch_bar(frame, "/issues/batch", &[
                BatchAct { act: "remind", words: frame.t(crate::text::ledger::ACT_REMIND).to_owned() },
                BatchAct { act: "assign", words: frame.t(crate::text::ledger::ACT_ASSIGN).to_owned() },
            ]))
            (wide_table(frame.t(t::LIST), "bare", "cards", &head(frame, queue), &html! {
                @for row in &queue.rows { (task(frame, row)) }
            }))
            (paging(frame, &queue.paging))
        }
    }
}

fn head(frame: &Frame, queue: &QueueView) -> Markup {
    let columns = [
        (t::HEAD_LIGHT, ""),
        (t::HEAD_KIND, ""),
        (t::HEAD_MATTER, ""),
        (t::HEAD_REGION, ""),
        (t::HEAD_DUE, ""),
        (t::HEAD_STATE, "x-elder"),
        (t::HEAD_ACT, ""),
    ]
    .map(|(words, class)| Column { words: frame.t(words).to_owned(), sort: None, class });
    table_head(frame, &queue.address, &columns, true)
}

fn task(frame: &Frame, row: &QueueRow) -> Markup {
    html! {
        tr class=(row_class(row.light)) {
            (row_box(frame, &row.id, &row.title))
            td.nw.inl { (light(frame, row.light)) }
            td.nw.inl { (tag("b", &row.kind)) }
            th.ttl scope="row" {
                a href=(row.address) data-open="" { (row.title) }
                span.sub2.x-elder { (row.facts) }
            }
            td.nw.inl data-l=(frame.t(t::HEAD_REGION)) { (row.region) }
            td.nw.inl data-l=(frame.t(t::HEAD_DUE)) { (row.due) }
            td.nw.hide-m.x-elder { (row.state) }
            td.nw.go {
                a class={ "btn s" @if row.is_mine { " p" } } href=(row.address) {
                    (row.act) span.vh { " " (row.title) }
                }
            }
        }
    }
}

fn aside(frame: &Frame, queue: &QueueView) -> Markup {
    let lists = [
        (t::LETTERS_OPEN, &queue.letters, "", "/letters/new"),
        (t::REMINDERS, &queue.reminders, frame.t(t::REMINDERS_EMPTY), "/notices"),
    ];
    html! {
        aside.stack.x-elder {
            section.card {
                div.ch { h2 { (frame.t(t::AGENDA)) } }
                div.cb {
                    @if queue.agenda.is_empty() { p.muted { (frame.t(t::AGENDA_EMPTY)) } }
                    @else { (timeline(&queue.agenda)) }
                }
            }
            @for (title, rows, empty, more) in lists {
                @if !rows.is_empty() || !empty.is_empty() {
                    section.card {
                        div.ch {
                            h2 { (frame.t(title)) }
                            span.m { a href=(more) { (frame.t(common::ALL_WORD)) } }
                        }
                        div.cb {
                            @if rows.is_empty() { p.muted { (empty) } }
                            ul.lst {
                                @for (words, address, note) in rows {
                                    li { a href=(address) { (words) } span.w { (note) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
