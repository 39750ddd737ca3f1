//! `/issues/new`: a finding that no letter brought, written by hand.

use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, code_options, form_answer, see_done,
};
use crate::components::{
    Choice, Errors, Field, Menu, PageHead, area_field, check_field, date_field, error_summary,
    form_open, input_field, many_picker, one_picker, page_head, page_with, select_field,
};
use crate::frame::Frame;
use crate::pages::batch::{assignment, inspection_choice};
use crate::text::{Text, common, issue as t, ledger, write as w};
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::work::{CreateFindingInput, PLAIN_FIELDS};
use taizhang_service::{Service, ServiceError};
use taizhang_values::{RegionCode, Value};

/// Inspections to choose from.
const INSPECTIONS_MAX: usize = 100;

/// Lists to pick from.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewFindingView {
    pub(crate) inspections: Vec<Choice>,
    pub(crate) regions: Vec<Choice>,
    pub(crate) units: Vec<Choice>,
    pub(crate) people: Vec<Choice>,
    pub(crate) topics: Vec<(String, String)>,
    pub(crate) scopes: Vec<(String, String)>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) levels: Vec<(String, String)>,
}

/// The fields of a form with what was typed.
struct Sheet<'a> {
    frame: &'a Frame,
    values: &'a FormValues,
    errors: &'a Errors,
}

impl Sheet<'_> {
    fn field(&self, name: &'static str, label: Text, is_required: bool) -> Field<'_> {
        let (label, value) = (self.frame.t(label), self.values.get(name));
        Field { name, label, value, is_required, ..Field::default() }
    }

    fn text(&self, name: &'static str, label: Text, is_required: bool) -> Markup {
        input_field(self.frame, self.errors, &self.field(name, label, is_required))
    }

    fn area(&self, name: &'static str, label: Text, is_required: bool) -> Markup {
        area_field(self.frame, self.errors, &self.field(name, label, is_required))
    }

    fn one(&self, name: &'static str, label: Text, choices: &[Choice]) -> Markup {
        one_picker(self.frame, self.errors, &self.field(name, label, false), choices)
    }

    fn code(&self, name: &'static str, label: Text, options: &[(String, String)]) -> Markup {
        select_field(self.frame, self.errors, &self.field(name, label, false), options)
    }

    fn what(&self, lists: &NewFindingView) -> Markup {
        html! {
            fieldset {
                legend { (self.frame.t(t::LIST_PROBLEM)) }
                (self.text("title", w::TITLE_FIELD, true))
                (self.area("problem", w::PROBLEM_FIELD, true))
                div.frow {
                    (self.text("category", t::CATEGORY, false))
                    (self.code("topic", t::TOPIC, &lists.topics))
                    (self.code("scope_kind", t::SCOPE, &lists.scopes))
                }
                (self.area("cause", t::CAUSE, false))
            }
        }
    }

    fn source(&self, lists: &NewFindingView) -> Markup {
        let inspection = Field {
            hint: self.frame.t(w::INSPECTION_HINT),
            ..self.field("inspection", w::INSPECTION, false)
        };
        html! {
            fieldset {
                legend { (self.frame.t(w::SOURCE)) }
                (one_picker(self.frame, self.errors, &inspection, &lists.inspections))
                div.frow {
                    (self.code("source_kind", w::SOURCE_KIND, &lists.kinds))
                    (self.code("source_level", crate::text::inspection::HEAD_LEVEL, &lists.levels))
                }
            }
        }
    }

    fn duty(&self, lists: &NewFindingView) -> Markup {
        let region = self.field("region", t::REGION, true);
        let units = self.field("units", t::UNITS, false);
        html! {
            fieldset {
                legend { (self.frame.t(t::LIST_DUTY)) }
                div.frow {
                    (one_picker(self.frame, self.errors, &region, &lists.regions))
                    (self.one("lead_unit", t::LEAD_UNIT, &lists.units))
                    (self.one("leader", t::ASSIGN_LEADER, &lists.people))
                    (self.one("person", t::ASSIGN_PERSON, &lists.people))
                    (date_field(self.frame, self.errors,
                        &self.field("deadline_on", t::DEADLINE, false)))
                }
                (many_picker(self.frame, self.errors, &units, &lists.units))
                (check_field(&self.field("is_long_term", t::LONG_TERM, false)))
            }
        }
    }

    fn tasks(&self) -> Markup {
        let hint = self.frame.t(t::MEASURES_HINT);
        let measures = Field { hint, ..self.field("measures", t::MEASURE_TEXT, false) };
        html! {
            fieldset {
                legend { (self.frame.t(t::LIST_MEASURES)) }
                (area_field(self.frame, self.errors, &measures))
            }
        }
    }
}

/// The page.
pub(crate) fn view(
    frame: &Frame,
    lists: &NewFindingView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let title = frame.t(w::NEW_TITLE);
    let sheet = Sheet { frame, values, errors };
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(ledger::TITLE), "/issues")],
            title,
            facts: Some(html! { (frame.t(w::NEW_FACTS)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        section.card { div.cb {
            (form_open(frame, "/issues", "finding-new", &html! {
                (sheet.what(lists))
                (sheet.source(lists))
                (sheet.duty(lists))
                (sheet.tasks())
                button.btn.p { (frame.t(w::NEW_DO)) } " "
                a.btn.t href="/issues" { (frame.t(common::CANCEL)) }
            }))
        } }
    };
    page_with(frame, title, Menu::Issues, !errors.is_empty(), &body)
}

async fn lists_view(
    state: &AppState,
    visit: &Visit,
    inspection: &str,
) -> Result<NewFindingView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let inspections = state
        .run(move |service| {
            if !service.may_create_findings(&caller) {
                return Err(service.denied("finding.create", caller.home_region()));
            }
            service.inspections(&caller, None, INSPECTIONS_MAX)
        })
        .await?;
    let codes = |list: &str| code_options(state.service().codebook(), list, visit.frame.language);
    let own = visit.caller.home_region().map(|region| region.to_string()).unwrap_or_default();
    let choice = |record| {
        let choice = inspection_choice(record);
        Choice { is_picked: choice.id == inspection, ..choice }
    };
    Ok(NewFindingView {
        inspections: inspections.records.iter().map(choice).collect(),
        regions: lists.regions_picked(&own),
        units: lists.units.clone(),
        people: lists.people.clone(),
        topics: codes("finding_topic"),
        scopes: codes("scope_kind"),
        kinds: codes("source_kind"),
        levels: codes("source_level"),
    })
}

/// The empty form; an inspection in the address is picked.
pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let inspection = query.get("inspection").map_or("", String::as_str);
    let lists = lists_view(&state, &visit, inspection).await?;
    Ok(view(&visit.frame, &lists, &FormValues::default(), &Errors::default()).into_response())
}

fn input(service: &Service, form: &FormValues) -> Result<CreateFindingInput, ServiceError> {
    let known = |field: &&&str| service.codebook().field("finding", field).is_some();
    let value = |field: &&str| ((*field).to_owned(), Value::from(form.some(field)));
    let region = Some(form.get("region")).filter(|code| !code.is_empty());
    Ok(CreateFindingInput {
        region: region.and_then(RegionCode::parse),
        inspection: form.id("inspection"),
        title: form.get("title").to_owned(),
        problem: form.get("problem").to_owned(),
        values: PLAIN_FIELDS.iter().filter(known).map(value).collect(),
        assignment: assignment(form)?,
        measures: form.lines("measures"),
    })
}

/// Writes the finding down, or brings the form back with all its faults.
pub(crate) async fn create(
    State(state): State<AppState>,
    visit: Visit,
    form: FormValues,
) -> Answer {
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result =
        state.run(move |service| service.create_finding(&caller, &input(service, &values)?)).await;
    let done = |finding: taizhang_store::Record| {
        see_done(state.options(), &format!("/issues/{}", finding.id), "written", 1, None)
    };
    form_answer(&visit, result, done, async |errors| {
        let lists = lists_view(&state, &visit, form.get("inspection")).await?;
        Ok(view(&visit.frame, &lists, &form, &errors))
    })
    .await
}
