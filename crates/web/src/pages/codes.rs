//! `/codes` and `/calendar`: the codebook's words, time limits and working days.

use crate::components::{
    Errors, Field, Menu, PageHead, date_field, error_summary, form_open, page,
    page_head, page_with, select_field, simple_table,
};
use crate::app::FormValues;
use crate::frame::Frame;
use crate::text::{codes as t, common};
use maud::{Markup, html};

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
    let parameter_heads = [t::PARAMETERS, t::HEAD_VALUE, t::HEAD_SINCE, t::HEAD_SOURCE]
        .map(|words| frame.t(words));
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
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        is_required: true,
        ..Field::default()
    };
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
