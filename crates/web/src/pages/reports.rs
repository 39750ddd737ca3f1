//! `/reports` and `/reports/{id}`: reports whose every number opens its rows.

use crate::app::FormValues;
use crate::components::{
    Choice, Empty, Errors, Field, Menu, PageHead, Paging, empty_state, error_summary, form_open,
    one_picker, page, page_head, page_with, paging, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::report as t;
use maud::{Markup, html};

/// One report in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) template: String,
    pub(crate) as_of: String,
    pub(crate) is_public: bool,
}

/// The list with the form for a new one.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportsView {
    pub(crate) rows: Vec<ReportRow>,
    pub(crate) paging: Paging,
    pub(crate) templates: Vec<Choice>,
    pub(crate) inspections: Vec<Choice>,
    pub(crate) may_make: bool,
}

/// The list.
pub(crate) fn list(
    frame: &Frame,
    view: &ReportsView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let heads =
        [t::HEAD_NUMBER, t::HEAD_TITLE, t::HEAD_KIND, t::HEAD_AS_OF].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = view
        .rows
        .iter()
        .map(|row| {
            vec![
                html! { a href={ "/reports/" (row.id) } data-open="" { (row.number) } },
                html! { (row.title) },
                html! {
                    (row.template) " "
                    @if row.is_public { (tag("g", frame.t(t::PUBLIC))) }
                },
                html! { (row.as_of) },
            ]
        })
        .collect();
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        is_required: true,
        ..Field::default()
    };
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            @if view.may_make {
                section.card {
                    div.ch { h2 { (frame.t(t::MAKE)) } }
                    div.cb {
                        (form_open(frame, "/reports", "", &html! {
                            div.frow {
                                (one_picker(frame, errors, &field("template", t::TEMPLATE), &view.templates))
                                (one_picker(frame, errors, &field("inspection", t::INSPECTION), &view.inspections))
                            }
                            button.btn.p { (frame.t(t::MAKE_DO)) }
                        }))
                    }
                }
            }
            @if view.rows.is_empty() {
                (empty_state(frame, &Empty::Nothing { help: frame.t(t::EMPTY_HELP), first: None }))
            } @else {
                div { (simple_table(frame.t(t::TITLE), &heads, &rows)) (paging(frame, &view.paging)) }
            }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Reports, !errors.is_empty(), &body)
}

/// A bit of a paragraph.
#[derive(Clone, Debug)]
pub(crate) enum Inline {
    /// Words.
    Text(String),
    /// A bound number: its words and its place in the binding.
    Number {
        words: String,
        place: usize,
    },
}

/// A block of the report.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// A heading of level 1–4 with its number.
    Heading {
        level: u8,
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A line without indent (addressee).
    Flush(Vec<Inline>),
    /// A line at the right (signature, date).
    Right(Vec<Inline>),
    /// The ledger as a table.
    Table {
        heads: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// A number with its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) definition: String,
    pub(crate) row_count: usize,
}

/// One report.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportView {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) as_of: String,
    pub(crate) is_public: bool,
    pub(crate) blocks: Vec<Block>,
    pub(crate) figures: Vec<Figure>,
}

fn inline(view: &ReportView, content: &[Inline]) -> Markup {
    html! {
        @for part in content {
            @match part {
                Inline::Text(text) => { (text) },
                Inline::Number { words, place } => {
                    a.bn href={ "/reports/" (view.id) "/figures/" (place) } { (words) }
                },
            }
        }
    }
}

fn block(view: &ReportView, block: &Block) -> Markup {
    html! {
        @match block {
            Block::Heading { level: 1, content } => { h2 { (inline(view, content)) } },
            Block::Heading { level: 2, content } => { h3 { (inline(view, content)) } },
            Block::Heading { content, .. } => { h4 { (inline(view, content)) } },
            Block::Paragraph(content) => { p { (inline(view, content)) } },
            Block::Flush(content) => { p.fl { (inline(view, content)) } },
            Block::Right(content) => { p.rt { (inline(view, content)) } },
            Block::Table { heads, rows } => {
                div.tw tabindex="0" role="region" aria-label=(view.title) { table {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
                } }
            },
        }
    }
}

/// One report.
pub(crate) fn one(frame: &Frame, view: &ReportView) -> Markup {
    let body = html! {
        nav.crumb { a href="/reports" { (frame.t(t::TITLE)) } " › " span { (view.number) } }
        div.hd {
            div.sub {
                (frame.with(t::NUMBER_LINE, &[&view.number, &view.as_of])) " "
                @if view.is_public { (tag("g", frame.t(t::PUBLIC))) }
                @else { (tag("y", frame.t(t::DRAFT))) }
            }
            div.act {
                a.btn.p href={ "/reports/" (view.id) "/docx" } download="" { (frame.t(t::DOWNLOAD)) }
            }
        }
        div.grid.side {
            article.sheet {
                h1 { (view.title) }
                @for part in &view.blocks { (block(view, part)) }
            }
            section.card {
                div.ch { h2 { (frame.t(t::FIGURES)) } }
                div.cb { ol.lst {
                    @for (place, figure) in view.figures.iter().enumerate() {
                        li {
                            b { (figure.value) } span { (figure.label) }
                            span.w {
                                a href={ "/reports/" (view.id) "/figures/" (place) } {
                                    (frame.with(t::FIGURE_ROWS, &[&figure.row_count]))
                                }
                            }
                        }
                    }
                } }
            }
        }
    };
    page(frame, &view.title, Menu::Reports, &body)
}

/// The rows behind one number.
#[derive(Clone, Debug, Default)]
pub(crate) struct FigureView {
    pub(crate) report: String,
    pub(crate) number: String,
    pub(crate) as_of: String,
    pub(crate) figure: Figure,
    /// Number, title and address.
    pub(crate) rows: Vec<(String, String, String)>,
}

/// The page of one number.
pub(crate) fn figure(frame: &Frame, view: &FigureView) -> Markup {
    let title = frame.with(t::ROWS_TITLE, &[&view.figure.value, &view.figure.label]);
    let heads = [t::HEAD_NUMBER, t::HEAD_TITLE].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = view
        .rows
        .iter()
        .map(|(number, words, address)| {
            vec![html! { a href=(address) data-open="" { (number) } }, html! { (words) }]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![
                (frame.t(t::TITLE), "/reports"),
                (&view.number, &format!("/reports/{}", view.report)),
            ],
            title: &title,
            facts: Some(html! { (frame.with(t::NUMBER_LINE, &[&view.number, &view.as_of])) }),
            acts: None,
        }))
        section.card.gap { div.cb { dl.kv {
            dt { (frame.t(t::DEFINITION)) } dd { (view.figure.definition) }
        } } }
        (simple_table(&title, &heads, &rows))
    };
    page(frame, &title, Menu::Reports, &body)
}
