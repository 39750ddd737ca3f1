//! `/cleared`: what was mended between two days (每周清零), by rule and village, never by person.

use super::record_words::title_of_rule;
use crate::app::{Answer, AppState, FormValues, Lists, Visit, WebError, form_errors};
use crate::components::{
    Address, Errors, Field, Menu, PageHead, Tone, date_field, error_summary, notice, page_head,
    page_with, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::run as t;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::doubts::ClearedRow;
use taizhang_service::{Service, ServiceError};
use taizhang_values::{Date, RegionCode, days_after};

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/cleared", get(show))
}

/// The days between which is counted.
struct Span {
    from: Date,
    until: Date,
}

/// The week of a day, from Monday on.
fn week_of(day: Date) -> Span {
    let since_monday = i64::from(day.weekday().to_monday_zero_offset());
    let from = days_after(day, -since_monday);
    Span { from, until: days_after(from, 6) }
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let form = FormValues(pairs);
    let today = state.service().today();
    let week = week_of(today);
    let (span, errors) = match (form.date("from"), form.date("until")) {
        (Ok(from), Ok(until)) => {
            let span = Span { from: from.unwrap_or(week.from), until: until.unwrap_or(week.until) };
            (span, Errors::default())
        }
        (Err(ServiceError::Invalid(faults)), _) | (_, Err(ServiceError::Invalid(faults))) => {
            (week, form_errors(&faults, visit.frame.language))
        }
        (Err(other), _) | (_, Err(other)) => return Err(WebError::Service(other)),
    };
    let (caller, from, until) = (visit.caller.clone(), span.from, span.until);
    let rows = state.run(move |service| service.cleared(&caller, from, until)).await?;
    let lists = state.lists(&visit.caller).await?;
    let page = view(state.service(), &visit.frame, &lists, &span, &form, &rows, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

fn view(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    span: &Span,
    form: &FormValues,
    rows: &[ClearedRow],
    errors: &Errors,
) -> Markup {
    let total: u64 = rows.iter().map(|row| row.closed).sum();
    let facts = frame.with(t::CLEARED_FACTS, &[&span.from, &span.until, &grouped(total)]);
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::CLEARED),
            facts: Some(html! { (facts) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            (span_form(service, frame, span, form, errors))
            @if rows.is_empty() {
                (notice(Tone::Information, &html! { (frame.t(t::CLEARED_NONE)) }))
            } @else {
                div.grid.two {
                    (by_rule(service, frame, rows))
                    (by_village(frame, lists, rows))
                }
                (whole(service, frame, lists, rows))
            }
        }
    };
    page_with(frame, frame.t(t::CLEARED), Menu::Cleared, !errors.is_empty(), &body)
}

fn span_form(
    service: &Service,
    frame: &Frame,
    span: &Span,
    form: &FormValues,
    errors: &Errors,
) -> Markup {
    let week = week_of(service.today());
    let before = week_of(days_after(week.from, -1));
    let address = |span: &Span| {
        let pairs = [("from", span.from), ("until", span.until)];
        let pairs = pairs.map(|(name, day)| (name.to_owned(), day.to_string()));
        Address::new("/cleared", &pairs).text()
    };
    let value = |name: &str, day: Date| {
        form.some(name).filter(|_| !errors.is_empty()).unwrap_or_else(|| day.to_string())
    };
    let (from, until) = (value("from", span.from), value("until", span.until));
    html! {
        section.card { div.cb {
            p.row {
                a.btn.s href=(address(&week)) { (frame.t(t::THIS_WEEK)) }
                a.btn.s href=(address(&before)) { (frame.t(t::LAST_WEEK)) }
            }
            form method="get" action="/cleared" {
                div.frow {
                    (date_field(frame, errors, &Field {
                        name: "from", label: frame.t(t::FROM), value: &from, ..Field::default()
                    }))
                    (date_field(frame, errors, &Field {
                        name: "until", label: frame.t(t::UNTIL), value: &until, ..Field::default()
                    }))
                }
                button.btn { (frame.t(t::SHOW)) }
            }
        } }
    }
}

fn summed<'a>(
    rows: &'a [ClearedRow],
    key: impl Fn(&'a ClearedRow) -> &'a str,
) -> BTreeMap<&'a str, u64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(key(row)).or_insert(0) += row.closed;
    }
    sums
}

fn by_rule(service: &Service, frame: &Frame, rows: &[ClearedRow]) -> Markup {
    let cells: Vec<Vec<Markup>> = summed(rows, |row| &row.rule)
        .into_iter()
        .map(|(rule, closed)| vec![rule_link(service, frame, rule), html! { (grouped(closed)) }])
        .collect();
    counted(frame, frame.t(t::BY_RULE), &[t::HEAD_RULE, t::HEAD_COUNT], &cells)
}

fn by_village(frame: &Frame, lists: &Lists, rows: &[ClearedRow]) -> Markup {
    let cells: Vec<Vec<Markup>> = summed(rows, |row| &row.region)
        .into_iter()
        .map(|(region, closed)| vec![place(lists, region), html! { (grouped(closed)) }])
        .collect();
    counted(frame, frame.t(t::BY_VILLAGE), &[t::HEAD_REGION, t::HEAD_COUNT], &cells)
}

fn whole(service: &Service, frame: &Frame, lists: &Lists, rows: &[ClearedRow]) -> Markup {
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            vec![
                rule_link(service, frame, &row.rule),
                place(lists, &row.region),
                html! { (grouped(row.closed)) },
            ]
        })
        .collect();
    counted(frame, frame.t(t::CLEARED), &[t::HEAD_RULE, t::HEAD_REGION, t::HEAD_COUNT], &cells)
}

fn counted(
    frame: &Frame,
    label: &str,
    heads: &[crate::text::Text],
    cells: &[Vec<Markup>],
) -> Markup {
    let heads: Vec<&str> = heads.iter().map(|words| frame.t(*words)).collect();
    html! {
        section.card {
            div.ch { h2 { (label) } }
            (simple_table(label, &heads, cells))
        }
    }
}

fn rule_link(service: &Service, frame: &Frame, rule: &str) -> Markup {
    let title = title_of_rule(service.codebook(), rule, frame);
    html! { a href={ "/rules/" (rule) } { (rule) } " " (title) }
}

fn place(lists: &Lists, region: &str) -> Markup {
    html! { (lists.region_name(RegionCode::parse(region).as_ref())) }
}

#[cfg(test)]
mod tests {
    use super::week_of;

    #[test]
    fn a_week_runs_from_monday_to_sunday() {
        for day in ["2026-11-16", "2026-11-20", "2026-11-22"] {
            let week = week_of(day.parse().unwrap());
            let days = (week.from.to_string(), week.until.to_string());
            assert_eq!(days, ("2026-11-16".to_owned(), "2026-11-22".to_owned()), "{day}");
        }
    }
}
