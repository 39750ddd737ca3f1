//! The upload page and the reading view.

use super::model::{LetterLine, ReadView, RowView, UploadView};
use super::text::marked_text;
use crate::app::FormValues;
use crate::components::{
    Errors, Field, Menu, PageHead, Tone, area_field, date_field, error_summary, file_field,
    form_open, hidden, icon, input_field, notice, one_picker, page_head, page_with, select_field,
    tag, tokens, upload_form,
};
use crate::frame::Frame;
use crate::text::{Text, common, letter as t};
use maud::{Markup, html};

/// `/letters/new`.
pub(crate) fn upload(
    frame: &Frame,
    view: &UploadView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let field = |name, label| values.field(frame, name, label, false);
    let form = upload_form(
        frame,
        "/letters",
        &html! {
            div.frow {
                (one_picker(frame, errors, &Field { is_required: true, ..field("region",
                    t::REGION) },
                    &view.regions))
                (date_field(frame, errors, &Field {
                    hint: frame.t(t::RECEIVED_HINT), ..field("received_on", t::RECEIVED_ON)
                }))
                (select_field(frame, errors, &field("source_kind", t::SOURCE_KIND), &view.kinds))
                (select_field(frame, errors, &field("source_level", t::SOURCE_LEVEL), &view.levels))
            }
            (file_field(frame, errors, &Field {
                hint: frame.t(t::FILE_HINT), is_required: true, ..field("file", t::FILE)
            }, ".txt,.docx,.html,.htm,.pdf,.ofd,.doc,.wps", false))
            button.btn.p { (icon("upload")) (frame.t(t::UPLOAD)) }
        },
    );
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::NEW_TITLE),
            facts: Some(html! { (frame.t(t::NEW_FACTS)) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.grid.side {
            section.card { div.cb { (form) } }
            section.card {
                div.ch { h2 { (frame.t(t::LIST)) } }
                div.cb { (letters(frame, &view.letters)) }
            }
        }
    };
    page_with(frame, frame.t(t::NEW_TITLE), Menu::Letters, !errors.is_empty(), &body)
}

fn letters(frame: &Frame, letters: &[LetterLine]) -> Markup {
    html! {
        @if letters.is_empty() { p.muted { (frame.t(t::LIST_EMPTY)) } }
        ul.lst {
            @for letter in letters {
                @let (tone, words) = match letter.status.as_str() {
                    "draft" => ("y", t::STATUS_DRAFT),
                    "confirmed" => ("g", t::STATUS_CONFIRMED),
                    _ => ("", t::STATUS_DISCARDED),
                };
                li {
                    a href={ "/letters/" (letter.id) } { (letter.title) }
                    span.w { (letter.received_on) " " (tag(tone, frame.t(words))) }
                }
            }
        }
    }
}

/// `/letters/{id}`.
pub(crate) fn read(frame: &Frame, view: &ReadView, values: &FormValues, errors: &Errors) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::NEW_TITLE), "/letters/new")],
            title: frame.t(t::READ_TITLE),
            facts: Some(html! {
                (view.title) " · "
                (frame.with(t::READ_FACTS, &[&view.row_count, &view.included]))
            }),
            acts: Some(acts(frame, view)),
        }))
        (error_summary(frame, errors))
        @if !view.may_edit {
            (notice(Tone::Information, &html! {
                (frame.t(t::NOT_EDITABLE)) " "
                @if let Some(address) = &view.inspection {
                    a href=(address) { (frame.t(common::OPEN)) }
                }
            }))
        }
        (faults(frame, view))
        (pager(frame, view, true))
        div.read {
            section.text tabindex="0" aria-label=(frame.t(t::TEXT)) {
                (marked_text(&view.text, &view.part, &view.rows))
            }
            section aria-label=(frame.t(t::ROWS)) {
                @if view.may_edit { (merge_bar(frame, view)) }
                div data-rows="" {
                    @for row in view.rows.iter().filter(|row| row.is_here) {
                        (card(frame, view, row, values, errors))
                    }
                }
                (pager(frame, view, false))
                @if view.may_edit { (foot(frame, view, values, errors)) }
            }
        }
    };
    page_with(frame, frame.t(t::READ_TITLE), Menu::Letters, !errors.is_empty(), &body)
}

/// A long text is read part by part; the rows go along.
fn pager(frame: &Frame, view: &ReadView, is_first: bool) -> Markup {
    let (number, count) = view.part_of;
    let address = |number: usize| format!("/letters/{}?part={number}", view.id);
    html! {
        @if count > 1 {
            nav.pg.gap aria-label=(frame.t(t::PARTS)) {
                span { (frame.with(t::PART, &[&number, &count, &view.part.first_line])) }
                span.r {
                    @if number > 1 {
                        a.pn rel="prev" href=(address(number - 1)) { (frame.t(t::PART_BEFORE)) }
                    }
                    @if number < count {
                        a.pn rel="next" href=(address(number + 1)) { (frame.t(t::PART_NEXT)) }
                    }
                }
                @if is_first {
                    form.row method="get" action={ "/letters/" (view.id) } {
                        label {
                            (frame.t(t::PART_GO)) " "
                            input.num4 type="number" name="part" min="1" max=(count)
                                value=(number);
                        }
                        button.btn.s { (frame.t(common::OPEN)) }
                    }
                }
            }
        }
    }
}

/// The part from which a form is sent, to come back to it.
fn part_field(view: &ReadView) -> Markup {
    html! { @if view.part_of.1 > 1 { (hidden("part", &view.part_of.0.to_string())) } }
}

fn acts(frame: &Frame, view: &ReadView) -> Markup {
    html! {
        a.btn href={ "/letters/" (view.id) "/file" } download="" { (frame.t(t::ORIGINAL)) }
        @if view.may_edit { a.btn.p href="#confirm" { (frame.t(t::CONFIRM)) } }
    }
}

fn faults(frame: &Frame, view: &ReadView) -> Markup {
    html! {
        @if !view.faults.is_empty() {
            details.note.y open[view.faults.len() <= 5] {
                summary { b { (frame.with(t::FAULTS, &[&view.fault_count])) } }
                ul {
                    @for fault in &view.faults {
                        li {
                            @if let Some(line) = fault.line {
                                a href=(fault_address(view, fault.part, line)) {
                                    (frame.with(t::FAULT_LINE, &[&line]))
                                } " "
                            }
                            span class=[(fault.tone == "r").then_some("up")] { (fault.text) }
                            @if !fault.help.is_empty() { " " span.muted { (fault.help) } }
                        }
                    }
                    @let more = view.fault_count.saturating_sub(view.faults.len());
                    @if more > 0 { li { (frame.with(t::FAULTS_MORE, &[&more])) } }
                }
            }
        }
    }
}

/// The line of a fault, on this part or on another.
fn fault_address(view: &ReadView, part: usize, line: usize) -> String {
    if part == view.part_of.0 {
        format!("#l-{line}")
    } else {
        format!("/letters/{}?part={part}#l-{line}", view.id)
    }
}

fn merge_bar(frame: &Frame, view: &ReadView) -> Markup {
    html! {
        form.row.gap #batch method="post" action={ "/letters/" (view.id) "/merge" } {
            (tokens(frame))
            (part_field(view))
            button.btn.s { (icon("arrows-join")) (frame.t(t::MERGE)) }
            a.btn.s href={
                "/letters/" (view.id) "?edit=new&part=" (view.part_of.0) "#row-new"
            } {
                (icon("plus")) (frame.t(t::ADD))
            }
        }
    }
}

fn card(
    frame: &Frame,
    view: &ReadView,
    row: &RowView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let is_open = view.may_edit && view.editing == row.id;
    html! {
        article.fcard.off[!row.is_included] id={ "row-" (row.place) } data-row=(row.place) {
            div.row {
                @if view.may_edit {
                    input type="checkbox" name="id" value=(row.id) form="batch" data-pick=""
                        aria-label=(frame.with(common::PICK_ROW, &[&row.place]));
                }
                h2.t { (row.place) ". " (row.title) }
                @if !row.is_included { (tag("", frame.t(t::EXCLUDED))) }
                a.end.small href={ "#m-" (row.place) } data-open="" { (frame.t(t::SEE_SENTENCE)) }
            }
            @if is_open { (row_form(frame, view, Some(row), values, errors)) }
            @else { (summary(frame, row)) @if view.may_edit { (row_acts(frame, view, row)) } }
        }
    }
}

fn summary(frame: &Frame, row: &RowView) -> Markup {
    let joined = |items: &[String]| items.join(frame.t(common::LIST));
    let category = [row.number.as_str(), row.category.as_str(), row.subcategory.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" › ");
    let facts = [
        (t::LEAD_UNITS, joined(&row.lead_units)),
        (t::UNITS, joined(&row.units)),
        (t::LEADERS, joined(&row.leaders)),
        (t::PERSONS, joined(&row.persons)),
    ];
    html! {
        p.muted.small { (category) }
        @if row.problem != row.title { p.pre.small { (row.problem) } }
        @if !row.measures.is_empty() {
            details {
                summary.small { (frame.with(t::MEASURE_COUNT, &[&row.measures.len()])) }
                ol.num.small { @for measure in &row.measures { li { (measure) } } }
            }
        }
        dl.kv {
            @for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
                dt { (short(frame.t(*label))) } dd { (value) }
            }
            @if !row.deadline_raw.is_empty() || !row.deadline_on.is_empty() {
                dt { (frame.t(t::DEADLINE_ON)) }
                dd {
                    @if row.deadline_on.is_empty() {
                        (frame.with(t::DEADLINE_WITHOUT_DATE, &[&row.deadline_raw]))
                    } @else if is_same_day(row) {
                        (row.deadline_raw)
                    } @else if row.deadline_raw.is_empty() { (row.deadline_on) }
                    @else {
                        (frame.with(t::DEADLINE_PROPOSED, &[&row.deadline_raw, &row.deadline_on]))
                    }
                }
            }
        }
    }
}

/// True if the letter names the whole date, so that nothing was taken for granted.
fn is_same_day(row: &RowView) -> bool {
    taizhang_values::parse_date(&row.deadline_raw)
        .is_some_and(|date| date.to_string() == row.deadline_on)
}

/// The label without its bracket: `牵头单位`.
fn short(label: &str) -> &str {
    label.split(['（', ',']).next().unwrap_or(label)
}

fn row_acts(frame: &Frame, view: &ReadView, row: &RowView) -> Markup {
    let action = |verb: &str| format!("/letters/{}/rows/{}/{verb}", view.id, row.id);
    let version = row.version.to_string();
    let button = |verb: &str, words: Text, title: &str| {
        form_open(
            frame,
            &action(verb),
            "",
            &html! {
                (hidden("version", &version))
                (part_field(view))
                button.btn.s title=[(!title.is_empty()).then_some(title)] { (frame.t(words)) }
            },
        )
    };
    html! {
        div.row {
            a.btn.s data-edit=""
                href={ "/letters/" (view.id) "?edit=" (row.id) "#row-" (row.place) } {
                (frame.t(t::EDIT)) span.vh { (frame.with(t::ROW, &[&row.place])) }
            }
            @if row.problem.trim().contains('\n') {
                (button("split", t::SPLIT, frame.t(t::SPLIT_HELP)))
            }
            @if row.is_included { (button("exclude", t::EXCLUDE, "")) }
            @else { (button("include", t::INCLUDE, "")) }
        }
    }
}

/// The form of a row; without one, of a further row.
fn row_form(
    frame: &Frame,
    view: &ReadView,
    row: Option<&RowView>,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let empty = RowView::default();
    let start = row.unwrap_or(&empty);
    let action = match row {
        Some(row) => format!("/letters/{}/rows/{}", view.id, row.id),
        None => format!("/letters/{}/rows", view.id),
    };
    let lines = |items: &[String]| items.join("\n");
    let value = |name: &str, start: &str| {
        if values.has(name) { values.get(name).to_owned() } else { start.to_owned() }
    };
    let input = |name: &str, label: Text, start: &str| {
        let value = value(name, start);
        input_field(
            frame,
            errors,
            &Field { name, label: frame.t(label), value: &value, ..Field::default() },
        )
    };
    let area = |name: &str, label: Text, start: &str| {
        let value = value(name, start);
        area_field(
            frame,
            errors,
            &Field { name, label: frame.t(label), value: &value, ..Field::default() },
        )
    };
    let kind = value("deadline_kind", &start.deadline_kind);
    let deadline = value("deadline_on", &start.deadline_on);
    form_open(
        frame,
        &action,
        "",
        &html! {
            (hidden("version", &start.version.to_string()))
            (part_field(view))
            (input("title", t::ROW_TITLE, &start.title))
            (area("problem", t::PROBLEM, &start.problem))
            (area("measures", t::MEASURES, &lines(&start.measures)))
            div.frow {
                (input("number", t::NUMBER, &start.number))
                (input("category", t::CATEGORY, &start.category))
                (input("subcategory", t::SUBCATEGORY, &start.subcategory))
                (input("deadline_raw", t::DEADLINE_RAW, &start.deadline_raw))
                (select_field(frame, errors, &Field { name: "deadline_kind",
                    label: frame.t(t::DEADLINE_KIND), value: &kind, ..Field::default() },
                    &view.deadline_kinds))
                (date_field(frame, errors, &Field { name: "deadline_on",
                    label: frame.t(t::DEADLINE_ON), value: &deadline, ..Field::default() }))
            }
            div.frow {
                (area("lead_units", t::LEAD_UNITS, &lines(&start.lead_units)))
                (area("responsible_units", t::UNITS, &lines(&start.units)))
                (area("responsible_leaders", t::LEADERS, &lines(&start.leaders)))
                (area("responsible_persons", t::PERSONS, &lines(&start.persons)))
            }
            (save_or_back(frame, view, start.place))
        },
    )
}

/// The buttons under the form of a row.
fn save_or_back(frame: &Frame, view: &ReadView, place: usize) -> Markup {
    html! {
        div.row {
            button.btn.p { (frame.t(common::SAVE)) }
            a.btn.t href={ "/letters/" (view.id) "?part=" (view.part_of.0) "#row-" (place) } {
                (frame.t(common::CANCEL))
            }
        }
    }
}

fn foot(frame: &Frame, view: &ReadView, values: &FormValues, errors: &Errors) -> Markup {
    html! {
        @if view.editing == "new" {
            article.fcard.cur id="row-new" {
                h2 { (frame.t(t::ADD)) }
                (row_form(frame, view, None, values, errors))
            }
        }
        section.card #confirm {
            div.ch { h2 { (frame.t(t::CONFIRM)) } }
            div.cb { (confirm(frame, view, values, errors)) }
        }
        div.stack {
            details.act-d {
                summary.btn.s.d { (frame.t(t::DISCARD)) }
                div.bx {
                    (form_open(frame, &format!("/letters/{}/discard", view.id), "", &html! {
                        (input_field(frame, &Errors::default(), &Field {
                            name: "reason", label: frame.t(t::DISCARD_WHY), is_required: true,
                            ..Field::default()
                        }))
                        button.btn.d { (frame.t(t::DISCARD)) }
                    }))
                }
            }
        }
    }
}

fn confirm(frame: &Frame, view: &ReadView, values: &FormValues, errors: &Errors) -> Markup {
    let is_back = view.editing == "confirm";
    let value = |name: &str, start: &str| {
        if is_back { values.get(name).to_owned() } else { start.to_owned() }
    };
    let start = &view.confirm;
    let field = |name: &'static str, label: Text, start: &str, is_required: bool| {
        let value = value(name, start);
        input_field(
            frame,
            errors,
            &Field { name, label: frame.t(label), value: &value, is_required, ..Field::default() },
        )
    };
    let select = |name: &'static str, label: Text, start: &str, options: &[(String, String)]| {
        let value = value(name, start);
        select_field(
            frame,
            errors,
            &Field {
                name,
                label: frame.t(label),
                value: &value,
                is_required: true,
                ..Field::default()
            },
            options,
        )
    };
    let included = i64::try_from(view.included).unwrap_or(i64::MAX);
    form_open(
        frame,
        &format!("/letters/{}/confirm", view.id),
        "",
        &html! {
            (hidden("version", &view.version.to_string()))
            @match view.claimed {
                Some(claimed) if claimed != included => {
                    (notice(Tone::Warning, &html! {
                        (frame.with(t::CONFIRM_COUNT, &[&claimed, &included]))
                    }))
                    (field("count_reason", t::CONFIRM_REASON, "", true))
                },
                Some(claimed) => {
                    (notice(Tone::Success, &html! { (frame.with(t::CONFIRM_COUNT_OK,
                        &[&claimed])) }))
                },
                None => {},
            }
            (field("inspection_title", t::INSPECTION_TITLE, &start.title, true))
            div.frow {
                (select("source_kind", t::SOURCE_KIND, &start.source_kind, &view.kinds))
                (select("source_level", t::SOURCE_LEVEL, &start.source_level, &view.levels))
                (field("source_body", t::SOURCE_BODY, &start.source_body, false))
                (field("doc_number", t::DOC_NUMBER, &start.doc_number, false))
                (field("issued_on", t::ISSUED_ON, &start.issued_on, false))
                (field("received_on", t::RECEIVED_ON, &start.received_on, true))
                (field("report_due_on", t::REPORT_DUE_ON, "", false))
            }
            button.btn.p { (frame.with(t::CONFIRM_DO, &[&included])) }
        },
    )
}
