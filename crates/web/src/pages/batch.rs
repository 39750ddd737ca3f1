//! `/issues/batch` and `/issues/new`: acts on several findings, and a finding added by hand.

use crate::app::FormValues;
use crate::components::{
    Choice, Errors, Field, Menu, PageHead, area_field, date_field, error_summary, form_open,
    hidden, many_picker, one_picker, page_head, page_with, select_field, input_field,
};
use crate::frame::Frame;
use crate::text::{common, issue, ledger as t};
use maud::{Markup, html};

/// Findings that were ticked, and lists to pick from.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchView {
    /// Id, version and words.
    pub(crate) rows: Vec<(String, i64, String)>,
    pub(crate) units: Vec<Choice>,
    pub(crate) people: Vec<Choice>,
}

/// Assigning several at once.
pub(crate) fn assign(
    frame: &Frame,
    batch: &BatchView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        ..Field::default()
    };
    let title = frame.with(t::BATCH_TITLE, &[&batch.rows.len()]);
    let form = form_open(frame, "/issues/assign", "", &html! {
        @for (id, version, _) in &batch.rows {
            (hidden("id", id)) (hidden("shown", &format!("{id}:{version}")))
        }
        div.frow {
            (one_picker(frame, errors, &field("lead_unit", issue::LEAD_UNIT), &batch.units))
            (one_picker(frame, errors, &field("leader", issue::ASSIGN_LEADER), &batch.people))
            (one_picker(frame, errors, &field("person", issue::ASSIGN_PERSON), &batch.people))
            (date_field(frame, errors, &field("deadline_on", issue::DEADLINE)))
        }
        (many_picker(frame, errors, &field("units", issue::UNITS), &batch.units))
        button.btn.p { (frame.with(t::BATCH_DO, &[&batch.rows.len()])) }
        a.btn.t href="/issues" { (frame.t(common::CANCEL)) }
    });
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/issues")],
            title: &title,
            facts: Some(html! { (frame.t(t::BATCH_HELP)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        div.grid.side {
            section.card { div.cb { (form) } }
            section.card { div.cb { ul.lst {
                @for (id, _, words) in &batch.rows {
                    li { a href={ "/issues/" (id) } { (words) } }
                }
            } } }
        }
    };
    page_with(frame, &title, Menu::Issues, !errors.is_empty(), &body)
}

/// Lists for a finding added by hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewIssueView {
    pub(crate) regions: Vec<Choice>,
    pub(crate) inspections: Vec<Choice>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) levels: Vec<(String, String)>,
    pub(crate) topics: Vec<(String, String)>,
    pub(crate) units: Vec<Choice>,
}

/// Adding a finding by hand.
pub(crate) fn add(
    frame: &Frame,
    lists: &NewIssueView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let field = |name: &'static str, label, is_required| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        is_required,
        ..Field::default()
    };
    let title = frame.t(t::ADD_TITLE);
    let form = form_open(frame, "/issues", "issue-new", &html! {
        (input_field(frame, errors, &field("title", issue::EDIT_TITLE_FIELD, true)))
        (area_field(frame, errors, &field("problem", issue::EDIT_PROBLEM, true)))
        div.frow {
            (one_picker(frame, errors, &field("region", issue::REGION, true), &lists.regions))
            (one_picker(frame, errors, &field("inspection", issue::FACT_INSPECTION, false), &lists.inspections))
            (select_field(frame, errors, &field("source_kind", t::FILTER_SOURCE, true), &lists.kinds))
            (select_field(frame, errors, &field("source_level", crate::text::letter::SOURCE_LEVEL, true), &lists.levels))
            (select_field(frame, errors, &field("topic", issue::TOPIC, false), &lists.topics))
            (one_picker(frame, errors, &field("lead_unit", issue::LEAD_UNIT, false), &lists.units))
            (date_field(frame, errors, &field("deadline_on", issue::DEADLINE, false)))
        }
        (area_field(frame, errors, &Field {
            hint: frame.t(issue::MEASURES_HINT), ..field("measures", issue::MEASURE_TEXT, false)
        }))
        button.btn.p { (frame.t(t::ADD_DO)) }
    });
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/issues")], title, ..PageHead::default()
        }))
        (error_summary(frame, errors))
        section.card { div.cb { (form) } }
    };
    page_with(frame, title, Menu::Issues, !errors.is_empty(), &body)
}
