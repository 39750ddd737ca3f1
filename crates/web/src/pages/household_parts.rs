//! Parts of a household's page: incomes against the watch line, risk over time, other records.

use super::household::HouseholdView;
use super::queue::code_words;
use super::record_words::{field_label, ledger_label, record_title, shown_value, yuan};
use crate::components::{TimelineEntry, dense_table, timeline};
use crate::frame::{Frame, grouped};
use crate::text::{common, household as t};
use maud::{Markup, html};
use taizhang_codebook::{Field, FieldType};
use taizhang_service::Service;
use taizhang_service::register::Section;
use taizhang_store::Record;
use taizhang_values::{Date, Money, Value};

/// An amount of a record in fen.
pub(crate) fn fen(record: &Record, field: &str) -> Option<i64> {
    match record.get(field) {
        Value::Money(money) => Some(money.fen()),
        _ => None,
    }
}

/// An amount of a record in words.
fn amount(record: &Record, field: &str) -> String {
    fen(record, field).map(|fen| yuan(Money::from_fen(fen))).unwrap_or_default()
}

/// Incomes by year, newest first.
pub(crate) fn by_year(incomes: &[Record]) -> Vec<&Record> {
    let mut rows: Vec<&Record> = incomes.iter().collect();
    rows.sort_by_key(|income| std::cmp::Reverse(income.get("year").as_integer().unwrap_or(0)));
    rows
}

/// Incomes as a drawing against the watch line and as a table.
pub(crate) fn incomes(frame: &Frame, household: &HouseholdView, rows: &[&Record]) -> Markup {
    let heads = [
        t::HEAD_YEAR,
        t::HEAD_WAGES,
        t::HEAD_OPERATING,
        t::HEAD_TRANSFER,
        t::HEAD_PROPERTY,
        t::HEAD_NET,
        t::HEAD_PER_HEAD,
        t::HEAD_ACT,
    ]
    .map(|words| frame.t(words));
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|income| {
            let year = income.get("year").to_string();
            vec![
                html! { (year) },
                html! { (amount(income, "wage_income")) },
                html! { (operating(income)) },
                html! { (amount(income, "transfer_income")) },
                html! { (amount(income, "property_income")) },
                html! { (amount(income, "net_income")) },
                html! { b { (amount(income, "net_income_per_capita")) } },
                row_links(frame, household, income, &year),
            ]
        })
        .collect();
    let (heads, cells) = for_paper(household, heads.to_vec(), cells);
    html! {
        div.cb { (chart(frame, rows, household.page.watch_line_fen)) }
        (dense_table(frame.t(t::INCOMES), &heads, &cells))
    }
}

/// Operating income without its expense.
fn operating(income: &Record) -> String {
    let net = fen(income, "operating_income")
        .map(|earned| earned - fen(income, "operating_expense").unwrap_or(0));
    net.map(|net| yuan(Money::from_fen(net))).unwrap_or_default()
}

/// Years of the drawing.
const YEARS_SHOWN: usize = 6;
/// Size of the drawing in its own units: as wide as a phone, so that its words stay readable.
const WIDTH: i64 = 350;
const HEIGHT: i64 = 190;
const FLOOR: i64 = 126;
const TOP: i64 = 22;
const BAR: i64 = 36;

/// A bar of the drawing.
struct Bar {
    year: String,
    /// Net income a head.
    fen: i64,
    /// Of what it is made, in the order of [`COMPONENTS`]; shares of the household's income.
    parts: [i64; 4],
}

/// Kinds of income with their colours.
const COMPONENTS: [(crate::text::Text, &str); 4] = [
    (t::HEAD_WAGES, "#1c4f8f"),
    (t::HEAD_OPERATING, "#5b8fcb"),
    (t::HEAD_TRANSFER, "#b9770e"),
    (t::HEAD_PROPERTY, "#8796aa"),
];

fn bar(income: &Record) -> Option<Bar> {
    let part = |field: &str| fen(income, field).unwrap_or(0).max(0);
    let operating = part("operating_income") - fen(income, "operating_expense").unwrap_or(0);
    Some(Bar {
        year: income.get("year").to_string(),
        fen: fen(income, "net_income_per_capita")?,
        parts: [
            part("wage_income"),
            operating.max(0),
            part("transfer_income"),
            part("property_income"),
        ],
    })
}

/// Tops and heights of the parts of a bar, from the floor up; one part where nothing is known of
/// them.
fn stacked(bar: &Bar, height: i64) -> [(i64, i64); 4] {
    let sum: i64 = bar.parts.iter().sum();
    let parts = if sum > 0 { bar.parts } else { [1, 0, 0, 0] };
    let mut below = 0;
    let mut top = FLOOR;
    parts.map(|part| {
        below += part;
        let next = FLOOR - height.saturating_mul(below) / sum.max(1);
        let own = top - next;
        top = next;
        (next, own)
    })
}

/// Bars of the net income a head and what it is made of, oldest first, with the watch line across;
/// in words as well.
fn chart(frame: &Frame, rows: &[&Record], line: Option<i64>) -> Markup {
    let mut bars: Vec<Bar> =
        rows.iter().take(YEARS_SHOWN).filter_map(|income| bar(income)).collect();
    bars.reverse();
    if bars.is_empty() {
        return html! {};
    }
    let most = bars.iter().map(|bar| bar.fen).chain(line).max().unwrap_or(1).max(1);
    let height = |fen: i64| fen.max(0).saturating_mul(FLOOR - TOP) / most;
    let words: Vec<String> = bars
        .iter()
        .map(|bar| frame.with(t::CHART_YEAR, &[&bar.year, &yuan(Money::from_fen(bar.fen))]))
        .collect();
    let mut words = frame.with(t::CHART, &[&words.join(frame.t(common::LIST))]);
    let line_words = line.map(|line| frame.with(t::LINE, &[&yuan(Money::from_fen(line))]));
    if let Some(line) = &line_words {
        words.push_str(line);
    }
    let step = (WIDTH - 20) / i64::try_from(bars.len()).unwrap_or(1).max(1);
    html! {
        figure {
            svg.draw viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT)
                role="img" aria-label=(words) font-size="12" {
                line x1="10" y1=(FLOOR) x2=(WIDTH - 10) y2=(FLOOR) stroke="#8796aa" {}
                @for (place, bar) in bars.iter().enumerate() {
                    @let left = 20 + step * i64::try_from(place).unwrap_or(0);
                    (drawn(bar, left, height(bar.fen), line.is_some_and(|line| bar.fen < line)))
                }
                @if let Some(line) = line {
                    @let y = FLOOR - height(line);
                    line x1="10" y1=(y) x2=(WIDTH - 10) y2=(y) stroke="#b3261e"
                        stroke-width="1.5" stroke-dasharray="6 4" {}
                }
                (legend(frame, line_words.as_deref()))
            }
        }
    }
}

/// One bar; what lies below the line is written in its colour.
fn drawn(bar: &Bar, left: i64, height: i64, is_low: bool) -> Markup {
    let middle = left + BAR / 2;
    html! {
        @for ((_, fill), (top, part)) in COMPONENTS.iter().zip(stacked(bar, height)) {
            @if part > 0 { rect x=(left) y=(top) width=(BAR) height=(part) fill=(fill) {} }
        }
        text x=(middle) y=(FLOOR - height - 4) text-anchor="middle"
            fill=(if is_low { "#b3261e" } else { "#17212e" }) {
            (grouped(u64::try_from(bar.fen / 100).unwrap_or(0)))
        }
        text x=(middle) y=(FLOOR + 16) text-anchor="middle" fill="#445063" { (bar.year) }
    }
}

fn legend(frame: &Frame, line: Option<&str>) -> Markup {
    let column = (WIDTH - 20) / 4;
    html! {
        @for (place, (words, fill)) in (0..).zip(COMPONENTS) {
            rect x=(10 + column * place) y="153" width="10" height="10" fill=(fill) {}
            text x=(24 + column * place) y="162" fill="#445063" { (frame.t(words)) }
        }
        @if let Some(line) = line {
            line x1="10" y1="178" x2="34" y2="178" stroke="#b3261e" stroke-width="1.5"
                stroke-dasharray="6 4" {}
            text x="40" y="182" fill="#b3261e" { (line) }
        }
    }
}

/// Steps of a case under watch: field, tone.
const CASE_STEPS: [(&str, &str); 12] = [
    ("clue_on", "r"),
    ("verified_on", ""),
    ("application_signed_on", ""),
    ("reviewed_on", ""),
    ("notice_from_on", ""),
    ("decided_on", "r"),
    ("planned_on", "y"),
    ("rejected_on", ""),
    ("removal_proposed_on", ""),
    ("removal_visited_on", ""),
    ("removal_reviewed_on", ""),
    ("removal_decided_on", "g"),
];
/// Entries of the timeline.
const STEPS_SHOWN: usize = 14;

/// What happened while the household was under watch, with its visits, newest first.
pub(crate) fn risk_line(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let mut entries: Vec<(Date, TimelineEntry)> = Vec::new();
    for case in household.rows("monitoring_case") {
        for (field, tone) in CASE_STEPS {
            let Some(on) = case.get(field).as_date() else { continue };
            let what = field_label(service.codebook(), frame, "monitoring_case", field);
            let what = what.trim_end_matches("日期").to_owned();
            entries.push((on, entry(on, what, String::new(), tone)));
        }
    }
    for measure in household.rows("help_measure") {
        let Some(on) =
            ["started_on", "planned_on"].into_iter().find_map(|field| measure.get(field).as_date())
        else {
            continue;
        };
        let what = first_words(service, frame, household, measure);
        entries.push((on, entry(on, what, String::new(), "g")));
    }
    // Visits alone tell of no risk: they stand in their own part.
    let visits = if entries.is_empty() { &[] } else { household.rows("visit") };
    for visit in visits {
        let Some(on) = visit.get("visited_on").as_date() else { continue };
        let what = code_words(service, frame, "visit_form", visit.text("visit_form"));
        let what = if what.is_empty() { ledger_label(service, frame, "visit") } else { what };
        entries.push((on, entry(on, what, visit.text("visitor_unit").to_owned(), "")));
    }
    entries.sort_by_key(|(on, _)| std::cmp::Reverse(*on));
    let entries: Vec<TimelineEntry> =
        entries.into_iter().take(STEPS_SHOWN).map(|(_, entry)| entry).collect();
    html! {
        @if entries.is_empty() { p.muted { (frame.t(t::TIMELINE_NONE)) } }
        @else { (timeline(&entries)) }
    }
}

fn entry(on: Date, what: String, by: String, tone: &'static str) -> TimelineEntry {
    TimelineEntry { when: on.to_string(), what, by, tone, more: None }
}

/// The first filled fields of a record in words.
fn first_words(
    service: &Service,
    frame: &Frame,
    household: &HouseholdView,
    record: &Record,
) -> String {
    let mut columns = columns(service, std::slice::from_ref(record), usize::MAX);
    columns.retain(|field| matches!(field.field_type, FieldType::Code | FieldType::Text));
    columns.truncate(2);
    let value = |field: &&Field| {
        let value = record.get(&field.name);
        shown_value(service, frame, field, &record.ledger, value, &household.names)
    };
    let words: Vec<String> = columns.iter().map(value).collect();
    words.join(" ")
}

/// Columns of a table of records: the first fields that are filled anywhere.
fn columns<'a>(service: &'a Service, rows: &[Record], most: usize) -> Vec<&'a Field> {
    let Some(ledger) = rows.first().and_then(|row| service.codebook().ledger(&row.ledger)) else {
        return Vec::new();
    };
    let is_shown = |field: &&Field| {
        let is_tie = ledger.nest.as_deref() == Some(field.name.as_str());
        let is_plain = field.field_type != FieldType::LongText
            && !(field.field_type == FieldType::Reference && is_tie);
        is_plain && !is_tie && rows.iter().any(|row| !row.get(&field.name).is_empty())
    };
    ledger.fields.iter().filter(is_shown).take(most).collect()
}

/// Columns of a section.
const COLUMNS_SHOWN: usize = 7;

/// Rows of a ledger as a table.
pub(crate) fn section_table(
    service: &Service,
    frame: &Frame,
    household: &HouseholdView,
    section: &Section,
) -> Markup {
    let fields = columns(service, &section.rows, COLUMNS_SHOWN);
    let label = ledger_label(service, frame, &section.ledger);
    let mut heads: Vec<&str> =
        fields.iter().map(|field| field.label.text(frame.language)).collect();
    if heads.is_empty() {
        heads.push(frame.t(t::RECORD));
    }
    heads.push(frame.t(t::HEAD_ACT));
    let rows: Vec<Vec<Markup>> = section
        .rows
        .iter()
        .map(|row| {
            let value = |field: &Field| {
                shown_value(
                    service,
                    frame,
                    field,
                    &row.ledger,
                    row.get(&field.name),
                    &household.names,
                )
            };
            let mut cells: Vec<Markup> =
                fields.iter().map(|field| html! { (value(field)) }).collect();
            if cells.is_empty() {
                cells.push(html! { (record_title(service.codebook(), row)) });
            }
            let name = fields.first().map(|field| value(field)).unwrap_or_default();
            cells.push(row_links(frame, household, row, &format!("{label} {name}")));
            cells
        })
        .collect();
    let (heads, rows) = for_paper(household, heads, rows);
    html! {
        (dense_table(&label, &heads, &rows))
        @if section.has_more {
            p.muted.small { (frame.with(t::MORE_ROWS, &[&section.rows.len()])) }
        }
    }
}

/// On paper the last column, in which one presses, is left out.
pub(crate) fn for_paper<'a>(
    household: &HouseholdView,
    mut heads: Vec<&'a str>,
    mut rows: Vec<Vec<Markup>>,
) -> (Vec<&'a str>, Vec<Vec<Markup>>) {
    if household.is_print {
        heads.pop();
        for row in &mut rows {
            row.pop();
        }
    }
    (heads, rows)
}

/// Links to change a row and to its history; each says which row it means.
pub(crate) fn row_links(
    frame: &Frame,
    household: &HouseholdView,
    row: &Record,
    name: &str,
) -> Markup {
    let address = |page: &str| format!("/records/{}/{page}?ledger={}", row.id, row.ledger);
    if household.is_print {
        return html! {};
    }
    html! {
        span.nw {
            a href={ "/records/" (row.id) "?ledger=" (row.ledger) }
                aria-label=(frame.with(t::ROW_FIELDS_LONG, &[&name])) {
                (frame.t(t::ROW_FIELDS))
            }
            " "
            @if household.page.may_edit {
                a href=(address("edit")) aria-label=(frame.with(t::ROW_EDIT_LONG, &[&name])) {
                    (frame.t(t::ROW_EDIT))
                }
                " "
            }
            a href=(address("history")) aria-label=(frame.with(t::ROW_HISTORY_LONG, &[&name])) {
                (frame.t(t::ROW_HISTORY))
            }
        }
    }
}
