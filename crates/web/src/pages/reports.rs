//! `/reports` and `/reports/{id}`: reports whose every number opens its rows.

use super::batch::inspection_choice;
use super::issue::id_of;
use super::jobs::{Ran, ran};
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, attachment, form_errors, moment, refused_form,
    see,
};
use crate::components::{
    Address, Choice, Empty, Errors, Menu, PageHead, Paging, empty_state, error_summary, form_open,
    one_picker, page, page_head, page_with, paging, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::report as t;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_document::report::{Binding, ReportBlock, ReportRun};
use taizhang_service::jobs::{JobOutcome, JobRequest, REPORT_ROWS_AT_ONCE};
use taizhang_service::report::{MakeReport, StoredReport};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Cursor, Record};
use taizhang_values::RecordId;

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
    let field = |name, label| values.field(frame, name, label, true);
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
                                (one_picker(frame, errors, &field("template", t::TEMPLATE),
                                    &view.templates))
                                (one_picker(frame, errors, &field("inspection", t::INSPECTION),
                                    &view.inspections))
                            }
                            button.btn.p { (frame.t(t::MAKE_DO)) }
                        }))
                    }
                }
            }
            @if view.rows.is_empty() {
                (empty_state(frame, &Empty::Nothing { help: frame.t(t::EMPTY_HELP), first: None }))
            } @else {
                div { (simple_table(frame.t(t::TITLE), &heads, &rows)) (paging(frame,
                    &view.paging)) }
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
    Number { words: String, place: usize },
}

/// A block of the report.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// A heading of level 1–4 with its number.
    Heading { level: u8, content: Vec<Inline> },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A line without indent (addressee).
    Flush(Vec<Inline>),
    /// A line at the right (signature, date).
    Right(Vec<Inline>),
    /// The ledger as a table.
    Table { heads: Vec<String>, rows: Vec<Vec<String>> },
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
                @if view.blocks.iter().any(|block| matches!(block, Block::Table { .. })) {
                    a.btn href={ "/reports/" (view.id) "/xlsx" } download="" {
                        (frame.t(t::DOWNLOAD_TABLE)) }
                }
                a.btn.p href={ "/reports/" (view.id) "/docx" } download="" {
                    (frame.t(t::DOWNLOAD)) }
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
    /// Number, title and address; both of the last may be empty.
    pub(crate) rows: Vec<(String, String, String)>,
}

/// The page of one number.
pub(crate) fn figure(frame: &Frame, view: &FigureView) -> Markup {
    let title = frame.with(t::ROWS_TITLE, &[&view.figure.value, &view.figure.label]);
    let has_titles = view.rows.iter().any(|(_, words, _)| !words.is_empty());
    let mut heads = vec![frame.t(t::HEAD_NUMBER)];
    heads.extend(has_titles.then(|| frame.t(t::HEAD_TITLE)));
    let row = |(number, words, address): &(String, String, String)| {
        let mut cells = vec![html! {
            @if address.is_empty() { (number) }
            @else { a href=(address) data-open="" { (number) } }
        }];
        cells.extend(has_titles.then(|| html! { (words) }));
        cells
    };
    let rows: Vec<Vec<Markup>> = view.rows.iter().map(row).collect();
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

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/reports", get(show_list).post(make))
        .route("/reports/{id}", get(show_one))
        .route("/reports/{id}/docx", get(docx))
        .route("/reports/{id}/xlsx", get(xlsx))
        .route("/reports/{id}/figures/{place}", get(show_figure))
}

/// Reports of one page.
const PAGE_ROWS: usize = 30;

async fn list_view(
    state: &AppState,
    visit: &Visit,
    after: Option<Cursor>,
) -> Result<ReportsView, WebError> {
    let is_first = after.is_none();
    let caller = visit.caller.clone();
    let (page, inspections) = state
        .run(move |service| {
            let page = service.reports(&caller, after, PAGE_ROWS)?;
            Ok((page, service.inspections(&caller, None, 200)?.records))
        })
        .await?;
    let (codebook, language) = (state.service().codebook(), visit.frame.language);
    let template = |name: &str| {
        let known = codebook.report_templates.get(name);
        known.map_or(name.to_owned(), |known| known.label.text(language).to_owned())
    };
    let row = |record: &Record| ReportRow {
        id: record.id.to_string(),
        number: record.text("number").to_owned(),
        title: record.text("title").to_owned(),
        template: template(record.text("template")),
        as_of: record.get("as_of").as_instant().map(moment).unwrap_or_default(),
        is_public: record.get("is_public").as_boolean() == Some(true),
    };
    let shown = u64::try_from(page.records.len()).unwrap_or(0);
    let place =
        |mark: &Cursor| Address::new("/reports", &[("after".to_owned(), mark.to_string())]).text();
    let (next, previous) = (page.next.as_ref().map(place), page.previous.as_ref().map(place));
    let first = (!is_first).then(|| "/reports".to_owned());
    Ok(ReportsView {
        rows: page.records.iter().map(row).collect(),
        paging: Paging { total: shown, shown, first, previous, next },
        templates: codebook
            .report_templates
            .values()
            .map(|t| Choice { id: t.name.clone(), name: template(&t.name), ..Choice::default() })
            .collect(),
        inspections: inspections.iter().map(inspection_choice).collect(),
        may_make: visit.caller.has_power(codebook, "report.make"),
    })
}

async fn show_list(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let after = query.get("after").map(|mark| Cursor::from_text(mark));
    let content = list_view(&state, &visit, after).await?;
    Ok(list(&visit.frame, &content, &FormValues::default(), &Errors::default()).into_response())
}

/// True for a report over so many findings that it is made behind the page.
fn is_long(service: &Service, input: &MakeReport) -> Result<bool, ServiceError> {
    let filter = taizhang_store::Filter::eq("inspection", &input.inspection);
    let query = taizhang_store::Query::new("finding").filter(filter);
    let count = service.store().read(|reader| reader.count(&query))?;
    Ok(count > REPORT_ROWS_AT_ONCE)
}

async fn make(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("必填", "must be chosen");
            if values.get("template").is_empty() {
                return Err(ServiceError::field("report", "template", "P0005", zh, en));
            }
            let missing = || ServiceError::field("report", "inspection", "P0005", zh, en);
            let input = MakeReport {
                template: values.get("template").to_owned(),
                inspection: values.id("inspection").ok_or_else(missing)?,
                issuer: None,
                date: None,
            };
            if service.runs_jobs() && is_long(service, &input)? {
                let job = service.start_job(&caller, &JobRequest::from(&input))?;
                return ran(service, &caller, &job);
            }
            let (report, warnings) = service.make_report(&caller, &input)?;
            Ok(Ran::Ended(JobOutcome::Report { id: report.id, warnings }))
        })
        .await;
    match result {
        Ok(Ran::GoesOn(address)) => Ok(see(&address)),
        Ok(Ran::Ended(JobOutcome::Report { id, .. })) => Ok(see(&format!("/reports/{id}"))),
        Ok(Ran::Ended(_)) => Err(WebError::NotFound),
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let errors = form_errors(&faults, visit.frame.language);
            let content = list_view(&state, &visit, None).await?;
            let page = list(&visit.frame, &content, &form, &errors);
            Ok(refused_form(page))
        }
        Err(other) => Err(other),
    }
}

async fn stored(state: &AppState, visit: &Visit, id: &str) -> Result<StoredReport, WebError> {
    let (caller, id) = (visit.caller.clone(), id_of(id)?);
    state.run(move |service| service.report(&caller, &id)).await
}

async fn show_one(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let stored = stored(&state, &visit, &id).await?;
    Ok(one(&visit.frame, &report_view(&visit.frame, &stored)).into_response())
}

fn report_view(frame: &Frame, stored: &StoredReport) -> ReportView {
    let report = &stored.report;
    let text = |text: String| Inline::Text(text);
    let mut blocks = Vec::new();
    if let Some(addressee) = &report.addressee {
        blocks.push(Block::Flush(vec![text(format!("{addressee}："))]));
    }
    blocks.extend(report.blocks.iter().map(shown_block));
    blocks.push(Block::Right(vec![text(report.issuer.clone())]));
    let date = report.date;
    let signed = taizhang_values::official_date(date);
    blocks.push(Block::Right(vec![text(signed)]));
    ReportView {
        id: stored.record.id.to_string(),
        number: report.number.clone(),
        title: report.title.clone(),
        as_of: moment(report.as_of),
        is_public: report.is_public,
        blocks,
        figures: report.bindings.iter().map(|binding| bound(frame, binding)).collect(),
    }
}

fn bound(frame: &Frame, binding: &Binding) -> Figure {
    Figure {
        label: binding.label.text(frame.language).to_owned(),
        value: format!("{}{}", binding.value, binding.unit),
        definition: binding.definition.text(frame.language).to_owned(),
        row_count: binding.rows.len(),
    }
}

fn shown_block(block: &ReportBlock) -> Block {
    let inline = |run: &ReportRun| match run {
        ReportRun::Text { text } => Inline::Text(text.clone()),
        ReportRun::Figure { text, binding } => {
            Inline::Number { words: text.clone(), place: *binding }
        }
    };
    match block {
        ReportBlock::Heading { level, number, runs } => {
            let mut content = vec![Inline::Text(number.clone())];
            content.extend(runs.iter().map(inline));
            Block::Heading { level: *level, content }
        }
        ReportBlock::Paragraph { runs } => Block::Paragraph(runs.iter().map(inline).collect()),
        ReportBlock::Table { head, rows } => {
            Block::Table { heads: head.clone(), rows: rows.clone() }
        }
    }
}

/// Rows behind a number whose titles are looked up.
const TITLES_MAX: usize = 500;

async fn show_figure(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, place)): Path<(String, usize)>,
) -> Answer {
    let stored = stored(&state, &visit, &id).await?;
    let binding = stored.report.bindings.get(place).ok_or(WebError::NotFound)?;
    let page = match binding.ledger.as_str() {
        "finding" => "issues",
        "inspection" => "inspections",
        _ => "",
    };
    let wanted = binding.rows.iter().take(TITLES_MAX);
    let wanted: Vec<RecordId> = wanted.map(|row| row.id.clone()).collect();
    let titles = match page {
        "issues" => {
            let caller = visit.caller.clone();
            state.run(move |service| service.findings(&caller, &wanted)).await?
        }
        _ => Vec::new(),
    };
    let titles: BTreeMap<&str, &str> =
        titles.iter().map(|finding| (finding.id.as_str(), finding.text("title"))).collect();
    let row = |row: &taizhang_document::report::BoundRow| {
        let address = if page.is_empty() { String::new() } else { format!("/{page}/{}", row.id) };
        let title = titles.get(row.id.as_str()).copied().unwrap_or_default();
        (row.label.clone(), title.to_owned(), address)
    };
    let content = FigureView {
        report: stored.record.id.to_string(),
        number: stored.report.number.clone(),
        as_of: moment(binding.as_of),
        figure: bound(&visit.frame, binding),
        rows: binding.rows.iter().map(row).collect(),
    };
    Ok(figure(&visit.frame, &content).into_response())
}

/// Media type of Word files.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

async fn xlsx(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller.clone(), id_of(&id)?);
    let (name, content) = state
        .run(move |service| {
            let stored = service.report(&caller, &id)?;
            let name = format!("{} {}.xlsx", stored.report.number, stored.report.title);
            Ok((name, service.report_workbook(&caller, &id)?))
        })
        .await?;
    Ok(attachment(&name, super::export::XLSX, content))
}

async fn docx(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller.clone(), id_of(&id)?);
    let (name, content) = state
        .run(move |service| {
            let stored = service.report(&caller, &id)?;
            let name = format!("{} {}.docx", stored.report.number, stored.report.title);
            Ok((name, service.report_docx(&caller, &id)?))
        })
        .await?;
    Ok(attachment(&name, DOCX, content))
}
