//! `/codes` and `/calendar`: the codebook's words, time limits and working days.

use crate::app::{Answer, AppState, FormValues, Visit, WebError, form_answer, see_done};
use crate::components::{
    Errors, Menu, PageHead, date_field, error_summary, form_open, page, page_head, page_with,
    select_field, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{codes as t, common};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::ServiceError;

/// A code list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListView {
    pub(crate) name: String,
    pub(crate) label: String,
    /// Code, word, synonyms.
    pub(crate) codes: Vec<(String, String, String)>,
}

/// A parameter in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct ParameterRow {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) since: String,
    pub(crate) source: String,
}

/// The page of codes.
pub(crate) fn view(
    frame: &Frame,
    book: &(String, String),
    parameters: &[ParameterRow],
    lists: &[ListView],
) -> Markup {
    let heads = [t::HEAD_WORD, t::HEAD_CODE, t::HEAD_SYNONYMS].map(|words| frame.t(words));
    let parameter_heads =
        [t::PARAMETERS, t::HEAD_VALUE, t::HEAD_SINCE, t::HEAD_SOURCE].map(|words| frame.t(words));
    let parameter_rows: Vec<Vec<Markup>> = parameters
        .iter()
        .map(|row| {
            [&row.label, &row.value, &row.since, &row.source].map(|text| html! { (text) }).to_vec()
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&book.0, &book.1])) }),
            acts: Some(html! { a.btn href="/calendar" { (frame.t(t::CALENDAR_LINK)) } }),
            ..PageHead::default()
        }))
        div.stack {
            section.card {
                div.ch { h2 { (frame.t(t::PARAMETERS)) } }
                (simple_table(frame.t(t::PARAMETERS), &parameter_heads, &parameter_rows))
            }
            @for list in lists {
                details.card id=(list.name) {
                    summary.ch { b { (list.label) } span.m { (list.codes.len()) } }
                    (simple_table(&list.label, &heads, &code_rows(list)))
                }
            }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Codes, &body)
}

fn code_rows(list: &ListView) -> Vec<Vec<Markup>> {
    list.codes
        .iter()
        .map(|(code, word, synonyms)| {
            vec![html! { (word) }, html! { (code) }, html! { (synonyms) }]
        })
        .collect()
}

/// A day that differs from the week.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayRow {
    pub(crate) date: String,
    pub(crate) is_working: bool,
    pub(crate) name: String,
}

/// The page of the calendar.
pub(crate) fn calendar(
    frame: &Frame,
    days: &[DayRow],
    may_edit: bool,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let heads = [t::HEAD_DATE, t::HEAD_DAY, t::HEAD_NAME].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = days
        .iter()
        .map(|day| {
            let words = if day.is_working { t::WORKED } else { t::OFF };
            vec![html! { (day.date) }, html! { (frame.t(words)) }, html! { (day.name) }]
        })
        .collect();
    let title = frame.t(t::CALENDAR);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/codes")],
            title,
            facts: Some(html! { (frame.t(t::CALENDAR_HELP)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        div.grid.side {
            (simple_table(title, &heads, &rows))
            @if may_edit { (day_form(frame, values, errors)) }
        }
    };
    page_with(frame, title, Menu::Codes, !errors.is_empty(), &body)
}

fn day_form(frame: &Frame, values: &FormValues, errors: &Errors) -> Markup {
    let options = [("working", t::WORKED), ("off", t::OFF), ("codebook", t::BY_CODEBOOK)]
        .map(|(value, words)| (value.to_owned(), frame.t(words).to_owned()));
    let field = |name, label| values.field(frame, name, label, true);
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::SET)) } }
            div.cb {
                (form_open(frame, "/calendar", "", &html! {
                    (date_field(frame, errors, &field("date", t::HEAD_DATE)))
                    (select_field(frame, errors, &field("day", t::HEAD_DAY), &options))
                    button.btn.p { (frame.t(common::SAVE)) }
                }))
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/codes", get(show)).route("/calendar", get(show_calendar).post(set_day))
}

async fn show(State(state): State<AppState>, visit: Visit) -> Answer {
    let (codebook, language) = (state.service().codebook(), visit.frame.language);
    let today = state.service().today();
    let book = (codebook.label.text(language).to_owned(), codebook.edition.clone());
    let parameters: Vec<ParameterRow> = codebook
        .parameters
        .values()
        .filter_map(|parameter| {
            let value = parameter.in_force(today, visit.caller.home_region())?;
            Some(ParameterRow {
                label: parameter.label.text(language).to_owned(),
                value: amount(&visit.frame, value.value, &parameter.unit),
                since: value.since.to_string(),
                source: value.source.text(language).to_owned(),
            })
        })
        .collect();
    let lists: Vec<ListView> = codebook
        .code_lists
        .values()
        .map(|list| ListView {
            name: list.name.clone(),
            label: list.label.text(language).to_owned(),
            codes: list
                .codes
                .iter()
                .map(|code| {
                    let words = code.label.text(language).to_owned();
                    (code.code.clone(), words, code.synonyms.join(visit.frame.t(common::LIST)))
                })
                .collect(),
        })
        .collect();
    Ok(view(&visit.frame, &book, &parameters, &lists).into_response())
}

async fn days(state: &AppState) -> Result<Vec<DayRow>, WebError> {
    let calendar = state.run(|service| service.calendar()).await?;
    let codebook = state.service().codebook();
    let name = |date| {
        let known = codebook.calendar.iter().find(|day| day.date == date);
        known.map(|day| day.name.clone()).unwrap_or_default()
    };
    let mut rows: Vec<DayRow> = calendar
        .exceptions()
        .map(|(date, is_working)| DayRow { date: date.to_string(), is_working, name: name(date) })
        .collect();
    rows.reverse();
    Ok(rows)
}

async fn show_calendar(State(state): State<AppState>, visit: Visit) -> Answer {
    let rows = days(&state).await?;
    let may_edit = visit.caller.has_power(state.service().codebook(), "calendar.edit");
    let (values, errors) = (FormValues::default(), Errors::default());
    Ok(calendar(&visit.frame, &rows, may_edit, &values, &errors).into_response())
}

async fn set_day(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let missing = |field: &str| {
                ServiceError::field("calendar", field, "P0005", "必填", "must be filled in")
            };
            let date = values.date("date")?.ok_or_else(|| missing("date"))?;
            let is_working = match values.get("day") {
                "working" => Some(true),
                "off" => Some(false),
                "codebook" => None,
                _ => return Err(missing("day")),
            };
            service.set_calendar_day(&caller, date, is_working)
        })
        .await;
    let done = |()| see_done(state.options(), "/calendar", "saved", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let rows = days(&state).await?;
        Ok(calendar(&visit.frame, &rows, true, &form, &errors))
    })
    .await
}

/// A parameter's value with its unit in words; money in yuan.
pub(crate) fn amount(frame: &Frame, value: i64, unit: &str) -> String {
    match unit {
        "day" => frame.with(t::UNIT_DAY, &[&value]),
        "working_day" => frame.with(t::UNIT_WORKING_DAY, &[&value]),
        "month" => frame.with(t::UNIT_MONTH, &[&value]),
        "percent" => format!("{value}%"),
        "fen" => {
            let yuan = grouped(value.unsigned_abs() / 100);
            let fen = value.unsigned_abs() % 100;
            let sign = if value < 0 { "-" } else { "" };
            let amount =
                if fen == 0 { format!("{sign}{yuan}") } else { format!("{sign}{yuan}.{fen:02}") };
            frame.with(t::UNIT_YUAN, &[&amount])
        }
        "count" => value.to_string(),
        other => format!("{value} {other}"),
    }
}
