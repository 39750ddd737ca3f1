//! What a reader keeps for himself on the ledger: views under a name (`/issues/views`) and columns
//! (`/issues/columns`).

use crate::app::{Answer, AppState, FormValues, Visit, form_outcome, refused_form, see_done};
use crate::components::{
    Address, Errors, Field, Menu, PageHead, error_summary, form_open, hidden, input_field,
    page_head, page_with,
};
use crate::frame::Frame;
use crate::text::{Text, common, ledger as l, taste as t};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use maud::{Markup, html};
use taizhang_service::work::LedgerFilter;
use taizhang_service::{LEDGER_COLUMNS, LedgerTaste};

/// Name of the box with a column's place in the table, before the column's.
const PLACE: &str = "place.";

/// Views and columns as the ledger page shows them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolsView {
    /// Name, address and whether it is the one that is shown.
    pub(crate) views: Vec<(String, String, bool)>,
    /// Name, words and whether it is shown: those shown in their order, then the others.
    pub(crate) columns: Vec<(&'static str, String, bool)>,
    /// The filter in force, as it would be kept.
    pub(crate) query: String,
}

/// The words over a column that may be left out.
pub(crate) fn column_words(column: &str) -> Text {
    match column {
        "lead" => l::HEAD_LEAD,
        "units" => l::HEAD_UNITS,
        "person" => l::HEAD_PERSON,
        "deadline" => l::HEAD_DEADLINE,
        "percent" => l::HEAD_PROGRESS,
        "state" => common::STATE,
        _ => l::HEAD_EVIDENCE,
    }
}

/// The content from what the reader keeps and the filter in force.
pub(crate) fn content(frame: &Frame, taste: &LedgerTaste, filter: &LedgerFilter) -> ToolsView {
    let query = filter.from_mark(None).query_string();
    let address = |query: &str| match query {
        "" => "/issues".to_owned(),
        query => format!("/issues?{query}"),
    };
    let views = taste.views.iter();
    let is_left_out = |column: &&str| !taste.columns.contains(column);
    let left_out = LEDGER_COLUMNS.into_iter().filter(is_left_out);
    let columns = taste.columns.iter().map(|column| (*column, true));
    let columns = columns.chain(left_out.map(|column| (column, false)));
    ToolsView {
        views: views
            .map(|view| (view.name.clone(), address(&view.query), view.query == query))
            .collect(),
        columns: columns
            .map(|(column, shown)| (column, frame.t(column_words(column)).to_owned(), shown))
            .collect(),
        query,
    }
}

/// The line between the filter and the table.
pub(crate) fn tools(frame: &Frame, view: &ToolsView) -> Markup {
    let current = view.views.iter().find(|(_, _, is_current)| *is_current);
    html! {
        div.tools.x-elder {
            nav.chips aria-label=(frame.t(t::VIEWS)) {
                span { (frame.t(t::VIEWS)) }
                @if view.views.is_empty() { span.muted { (frame.t(t::VIEWS_NONE)) } }
                @for (name, address, is_current) in &view.views {
                    a.chip href=(address) aria-current=[is_current.then_some("true")] { (name) }
                }
            }
            details.act-d {
                summary.btn.t.s {
                    @if current.is_some() { (frame.t(t::MANAGE)) }
                    @else { (frame.t(t::SAVE_VIEW)) }
                }
                div.bx {
                    (save_form(frame, &view.query, "", &Errors::default()))
                    @if let Some((name, ..)) = current {
                        (form_open(frame, "/issues/views/forget", "", &html! {
                            (hidden("name", name))
                            button.btn.s { (frame.with(t::FORGET, &[name])) }
                        }))
                    }
                }
            }
            details.act-d.hide-m {
                summary.btn.t.s { (frame.t(t::COLUMNS)) }
                div.bx { (columns_form(frame, view)) }
            }
        }
    }
}

fn save_form(frame: &Frame, query: &str, name: &str, errors: &Errors) -> Markup {
    form_open(
        frame,
        "/issues/views",
        "",
        &html! {
            (hidden("query", query))
            (input_field(frame, errors, &Field {
                name: "name",
                label: frame.t(t::NAME),
                hint: frame.t(t::NAME_HINT),
                value: name,
                is_required: true,
                ..Field::default()
            }))
            button.btn.p.s { (frame.t(common::SAVE)) }
        },
    )
}

fn columns_form(frame: &Frame, view: &ToolsView) -> Markup {
    form_open(
        frame,
        "/issues/columns",
        "",
        &html! {
            (hidden("query", &view.query))
            fieldset.fld {
                legend { (frame.t(t::COLUMNS_SHOWN)) }
                p.hint { (frame.t(t::COLUMNS_HINT)) }
                @for (place, (name, words, is_shown)) in (1_usize..).zip(&view.columns) {
                    div.row {
                        label.chk {
                            input type="checkbox" name="column" value=(name) checked[*is_shown];
                            span { (words) }
                        }
                        input.num4 type="number" name={ (PLACE) (name) } value=(place) min="1"
                            max=(view.columns.len())
                            aria-label=(frame.with(t::COLUMN_PLACE, &[words]));
                    }
                }
            }
            button.btn.p.s { (frame.t(common::SAVE)) }
        },
    )
}

/// The page on which a refused name comes back.
fn refused(frame: &Frame, form: &FormValues, errors: &Errors) -> Markup {
    let title = frame.t(t::SAVE_VIEW);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(l::TITLE), "/issues")],
            title,
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        section.card { div.cb {
            (save_form(frame, form.get("query"), form.get("name"), errors))
        } }
    };
    page_with(frame, title, Menu::Issues, true, &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/issues/views", post(save))
        .route("/issues/views/forget", post(forget))
        .route("/issues/columns", post(columns))
}

/// The filter that a form of this page carries; whatever else it holds is dropped.
fn filter_of(form: &FormValues) -> LedgerFilter {
    let pairs = FormValues::parse(form.get("query").as_bytes());
    LedgerFilter::parse(pairs.0.iter().map(|(name, value)| (&**name, &**value)))
}

fn ledger_address(filter: &LedgerFilter) -> String {
    let pairs: Vec<(String, String)> =
        filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Address::new("/issues", &pairs).text()
}

async fn save(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let filter = filter_of(&form);
    let (caller, name, kept) = (visit.caller.clone(), form.get("name").to_owned(), filter.clone());
    match form_outcome(
        state.run(move |service| service.save_view(&caller, &name, &kept)).await,
        visit.frame.language,
    )? {
        Ok(()) => Ok(see_done(state.options(), &ledger_address(&filter), "view_saved", 1, None)),
        Err(errors) => {
            let page = refused(&visit.frame, &form, &errors);
            Ok(refused_form(page))
        }
    }
}

async fn forget(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, name) = (visit.caller, form.get("name").to_owned());
    state.run(move |service| service.forget_view(&caller, &name)).await?;
    Ok(see_done(state.options(), "/issues", "view_forgotten", 1, None))
}

async fn columns(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, mut shown) = (visit.caller, form.all("column"));
    // Of two columns with one number the one that stands first in the form stays first.
    let place = |name: &String| form.get(&format!("{PLACE}{name}")).parse::<u32>();
    shown.sort_by_key(|name| place(name).unwrap_or(u32::MAX));
    state.run(move |service| service.choose_columns(&caller, &shown)).await?;
    let address = ledger_address(&filter_of(&form));
    Ok(see_done(state.options(), &address, "saved", 1, None))
}
