//! `/records/{id}/edit`, `/households/{id}/add`, `/households/new`: one record of the register,
//! with inputs from the codebook. Who was overtaken sees both versions field by field.

use super::issue::id_of;
use super::record_form::{Sheet, changes, start_values};
use super::record_words::{above, ledger_label, record_address, record_title};
use crate::app::{
    Answer, AppState, FormValues, Lists, Visit, WebError, both_versions, form_errors, is_mine,
    refused_form, see_done,
};
use crate::components::{
    Choice, Errors, Field as Input, PageHead, Tone, area_field, error_summary, form_open, hidden,
    notice, one_picker, page_head, page_with,
};
use crate::frame::Frame;
use crate::text::{common, fault, record as t};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::Arc;
use taizhang_codebook::{FieldType, Ledger};
use taizhang_diagnostics::{Diagnostic, Place};
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Conflict, Record};
use taizhang_values::{RecordId, RegionCode, Value};

/// What is edited.
#[derive(Clone, Debug)]
struct Subject {
    ledger: String,
    /// The record; none for a new one.
    record: Option<Record>,
    /// The household it belongs to.
    household: Option<Record>,
    /// Saving takes effect at once.
    is_direct: bool,
    /// The page from which somebody came, and to which he returns.
    origin: Option<String>,
}

impl Subject {
    fn region(&self) -> Option<&RegionCode> {
        let record = self.record.as_ref().or(self.household.as_ref());
        record.and_then(|record| record.region.as_ref())
    }

    /// Where the form goes.
    fn action(&self) -> String {
        match (&self.record, &self.household) {
            (Some(record), _) => format!("/records/{}/edit?ledger={}", record.id, self.ledger),
            (None, Some(household)) => {
                format!("/households/{}/add?ledger={}", household.id, self.ledger)
            }
            (None, None) => "/households/new".to_owned(),
        }
    }

    /// Where "cancel" and a saved form lead.
    fn back(&self) -> String {
        match (&self.origin, &self.household, &self.record) {
            (Some(origin), ..) => origin.clone(),
            (None, Some(household), _) => format!("/households/{}", household.id),
            (None, None, Some(record)) => record_address(record),
            (None, None, None) => "/households".to_owned(),
        }
    }

    /// A record that belongs to no household: a project, an asset, a village.
    fn is_apart(&self) -> bool {
        self.household.is_none() && self.record.is_some()
    }
}

/// A form that is shown: as stored, or as it came back.
#[derive(Clone, Debug, Default)]
struct Shown {
    version: i64,
    values: FormValues,
    errors: Errors,
    conflict: Option<Markup>,
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/records/{id}/edit", get(show_edit).post(save_edit))
        .route("/households/{id}/add", get(show_add).post(save_add))
        .route("/households/new", get(show_new).post(save_new))
}

type Asked = Query<BTreeMap<String, String>>;

fn ledger_of(asked: &Asked) -> Result<String, WebError> {
    asked.0.get("ledger").cloned().ok_or(WebError::NotFound)
}

async fn show_edit(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let mut subject = stored(&state, &visit, ledger_of(&asked)?, id_of(&id)?).await?;
    subject.origin = asked.0.get("back").filter(|back| is_mine(back)).cloned();
    show(&state, &visit, &subject).await
}

async fn show_add(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let subject = added(&state, &visit, ledger_of(&asked)?, id_of(&id)?).await?;
    show(&state, &visit, &subject).await
}

async fn show_new(State(state): State<AppState>, visit: Visit) -> Answer {
    show(&state, &visit, &fresh(&state, &visit).await?).await
}

async fn save_edit(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Asked,
    form: FormValues,
) -> Answer {
    let mut subject = stored(&state, &visit, ledger_of(&asked)?, id_of(&id)?).await?;
    subject.origin = form.some("back").filter(|back| is_mine(back));
    save(&state, &visit, &subject, form).await
}

async fn save_add(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Asked,
    form: FormValues,
) -> Answer {
    let subject = added(&state, &visit, ledger_of(&asked)?, id_of(&id)?).await?;
    save(&state, &visit, &subject, form).await
}

async fn save_new(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let subject = fresh(&state, &visit).await?;
    save(&state, &visit, &subject, form).await
}

/// A record that is there.
async fn stored(
    state: &AppState,
    visit: &Visit,
    ledger: String,
    id: RecordId,
) -> Result<Subject, WebError> {
    let caller = visit.caller.clone();
    let found = state.run(move |service| {
        let record = service.register_record(&caller, &ledger, &id)?;
        if !service.may_change(&caller, &record) {
            let needed = format!("{ledger}.update");
            return Err(service.denied(&needed, record.region.as_ref()));
        }
        let household = match service.household_of(&record) {
            Some(id) => Some(service.register_record(&caller, "household", &id)?),
            None => None,
        };
        let is_direct = service.may_decide(&caller, record.region.as_ref());
        Ok(Subject { ledger, record: Some(record), household, is_direct, origin: None })
    });
    found.await
}

/// A new record of a household's tree.
async fn added(
    state: &AppState,
    visit: &Visit,
    ledger: String,
    household: RecordId,
) -> Result<Subject, WebError> {
    let caller = visit.caller.clone();
    let found = state.run(move |service| {
        let household = service.register_record(&caller, "household", &household)?;
        let known = service.codebook().ledger(&ledger).ok_or(ServiceError::NotFound)?;
        let region = household.region.clone().ok_or(ServiceError::NotFound)?;
        if known.nest.as_deref() != Some("household") {
            return Err(ServiceError::NotFound);
        }
        if !service.may_add(&caller, &ledger, &region) {
            return Err(service.denied(&format!("{ledger}.create"), Some(&region)));
        }
        let is_direct = service.may_decide(&caller, Some(&region));
        let household = Some(household);
        Ok(Subject { ledger, record: None, household, is_direct, origin: None })
    });
    found.await
}

/// A new household.
async fn fresh(state: &AppState, visit: &Visit) -> Result<Subject, WebError> {
    let caller = visit.caller.clone();
    let made = state.run(move |service| {
        let home = caller.home_region().ok_or(ServiceError::NotFound)?;
        if !service.may_add(&caller, "household", home) {
            return Err(service.denied("household.create", Some(home)));
        }
        let is_direct = service.may_decide(&caller, Some(home));
        let ledger = "household".to_owned();
        Ok(Subject { ledger, record: None, household: None, is_direct, origin: None })
    });
    made.await
}

async fn show(state: &AppState, visit: &Visit, subject: &Subject) -> Answer {
    let ledger = state.service().codebook().ledger(&subject.ledger).ok_or(WebError::NotFound)?;
    let shown = match &subject.record {
        Some(record) => Shown {
            version: record.version,
            values: start_values(ledger, record),
            ..Shown::default()
        },
        None => Shown::default(),
    };
    Ok(answer(state, visit, subject, ledger, &shown).await?.into_response())
}

async fn answer(
    state: &AppState,
    visit: &Visit,
    subject: &Subject,
    ledger: &Ledger,
    shown: &Shown,
) -> Result<Markup, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let choices = choices(state, visit, subject, ledger, &lists).await?;
    let masks = subject.record.as_ref().map_or_else(BTreeMap::new, |record| masks(ledger, record));
    let sheet = Sheet {
        frame: &visit.frame,
        codebook: state.service().codebook(),
        ledger,
        values: &shown.values,
        errors: &shown.errors,
        masks: &masks,
        choices: &choices,
        today: state.service().today(),
    };
    Ok(view(state.service(), subject, &sheet, shown, &villages(&lists)))
}

fn masks(ledger: &Ledger, record: &Record) -> BTreeMap<String, String> {
    let sealed = ledger.fields.iter().filter(|field| field.sensitive.is_some());
    sealed
        .map(|field| (field.name.clone(), record.get(&field.name).to_string()))
        .filter(|(_, mask)| !mask.is_empty())
        .collect()
}

/// Digits of the code of a village.
const VILLAGE_DIGITS: usize = 12;

pub(crate) fn villages(lists: &Arc<Lists>) -> Vec<Choice> {
    lists.regions.iter().filter(|region| region.id.len() >= VILLAGE_DIGITS).cloned().collect()
}

/// What the reference and region fields may be set to.
async fn choices(
    state: &AppState,
    visit: &Visit,
    subject: &Subject,
    ledger: &Ledger,
    lists: &Arc<Lists>,
) -> Result<BTreeMap<String, Vec<Choice>>, WebError> {
    let mut found = BTreeMap::new();
    let mut asked = Vec::new();
    for field in &ledger.fields {
        match (field.field_type, field.ledger.as_deref()) {
            (FieldType::Region, _) => {
                found.insert(field.name.clone(), lists.regions.clone());
            }
            (FieldType::Reference, Some("unit")) => {
                found.insert(field.name.clone(), lists.units.clone());
            }
            (FieldType::Reference, Some("user")) => {
                found.insert(field.name.clone(), lists.people.clone());
            }
            (FieldType::Reference, Some(target)) => {
                asked.push((field.name.clone(), target.to_owned()));
            }
            _ => {}
        }
    }
    let caller = visit.caller.clone();
    let household = subject.household.as_ref().map(|one| one.id.clone());
    let region = subject.region().cloned();
    let own = subject.record.as_ref().map(|one| one.id.clone());
    let read = state.run(move |service| {
        let mut lists = Vec::new();
        for (field, target) in asked {
            let records =
                service.reference_choices(&caller, &target, household.as_ref(), region.as_ref())?;
            let choice = |record: &Record| Choice {
                id: record.id.to_string(),
                name: choice_name(service, record),
                ..Choice::default()
            };
            let others = records.iter().filter(|record| Some(&record.id) != own.as_ref());
            lists.push((field, others.map(choice).collect()));
        }
        Ok(lists)
    });
    found.extend(read.await?);
    Ok(found)
}

/// What tells records apart in a list: their title, else their first filled field.
fn choice_name(service: &Service, record: &Record) -> String {
    let title = record_title(service.codebook(), record);
    if !title.is_empty() {
        return title;
    }
    let ledger = service.codebook().ledger(&record.ledger);
    let fields = ledger.map_or(&[][..], |ledger| &ledger.fields);
    let plain = fields.iter().filter(|field| field.field_type != FieldType::Reference);
    let texts = plain.map(|field| record.get(&field.name).to_string());
    texts.filter(|text| !text.is_empty()).take(2).collect::<Vec<_>>().join(" ")
}

fn view(
    service: &Service,
    subject: &Subject,
    sheet: &Sheet<'_>,
    shown: &Shown,
    villages: &[Choice],
) -> Markup {
    let frame = sheet.frame;
    let label = ledger_label(service, frame, &subject.ledger);
    let is_new = subject.record.is_none();
    let title = frame.with(if is_new { t::ADD_TITLE } else { t::EDIT_TITLE }, &[&label]);
    let back = subject.back();
    let head =
        subject.household.as_ref().map(|one| super::record_words::household_words(frame, one));
    let (menu, up) = above(frame, !subject.is_apart());
    let mut path = vec![up];
    if let Some(head) = &head {
        path.push((head, &back));
    }
    let name = subject.record.as_ref();
    let name = name.map_or_else(String::new, |one| record_title(service.codebook(), one));
    let facts = facts_words(subject);
    // Over a conflict the kept draft would hide what the other one wrote.
    let drafted = subject.record.as_ref().filter(|_| shown.conflict.is_none());
    let draft = drafted.map_or_else(String::new, |record| format!("{}-edit", record.id));
    let form = html! {
        (hidden("version", &shown.version.to_string()))
        @if let Some(origin) = &subject.origin { (hidden("back", origin)) }
        @if is_new && subject.household.is_none() {
            (one_picker(frame, &shown.errors, &Input {
                name: "village", label: frame.t(t::VILLAGE), is_required: true,
                value: shown.values.get("village"), ..Input::default()
            }, villages))
        }
        (sheet.fields(is_new))
        (area_field(frame, &shown.errors, &Input {
            name: "change_reason", label: frame.t(t::REASON), hint: frame.t(t::REASON_HINT),
            value: shown.values.get("change_reason"), is_required: !subject.is_direct,
            ..Input::default()
        }))
        button.btn.p { (frame.t(save_words(subject, shown))) }
        " " a.btn.t href=(back) { (frame.t(common::CANCEL)) }
    };
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! {
                @if !name.is_empty() { b { (name) } " · " }
                (frame.t(facts))
            }),
            acts: None,
        }))
        @if let Some(conflict) = &shown.conflict {
            (notice(Tone::Error, &html! {
                b { (frame.t(fault::CONFLICT)) } p { (frame.t(t::CONFLICT_KEEP)) }
            }))
            (conflict)
        }
        (error_summary(frame, &shown.errors))
        section.card.gap-t { div.cb { (form_open(frame, &subject.action(), &draft, &form)) } }
    };
    page_with(frame, &title, menu, !shown.errors.is_empty(), &body)
}

/// When what is typed takes effect.
fn facts_words(subject: &Subject) -> crate::text::Text {
    match (subject.is_direct, subject.is_apart()) {
        (true, true) => t::FACTS_APART,
        (true, false) => t::FACTS_DIRECT,
        (false, _) => t::FACTS_PROPOSE,
    }
}

fn save_words(subject: &Subject, shown: &Shown) -> crate::text::Text {
    match (shown.conflict.is_some(), subject.is_direct) {
        (true, _) => t::SAVE_OVER,
        (false, true) => common::SAVE,
        (false, false) => t::SAVE_PROPOSE,
    }
}

async fn save(state: &AppState, visit: &Visit, subject: &Subject, form: FormValues) -> Answer {
    let ledger = state.service().codebook().ledger(&subject.ledger).ok_or(WebError::NotFound)?;
    let written = match input(state, subject, ledger, &form) {
        Ok(input) => {
            let caller = visit.caller.clone();
            state.run(move |service| service.save_record(&caller, &input)).await
        }
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(saved) => Ok(saved_answer(state, subject, &saved)),
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let errors = errors_of(&faults, &visit.frame);
            let shown = Shown { version: form.version(), values: form, errors, conflict: None };
            let page = answer(state, visit, subject, ledger, &shown).await?;
            Ok(refused_form(page))
        }
        Err(WebError::Service(ServiceError::Conflict(conflict))) => {
            overtaken(state, visit, subject, ledger, form, &conflict).await
        }
        Err(other) => Err(other),
    }
}

fn saved_answer(state: &AppState, subject: &Subject, saved: &Saved) -> Response {
    let (note, address) = match saved {
        Saved::Written(record, _)
            if subject.household.is_none() && record.ledger == "household" =>
        {
            ("saved", format!("/households/{}", record.id))
        }
        Saved::Written(_, doubts) if doubts.beside.is_cut => ("saved_partly", subject.back()),
        Saved::Written(..) => ("saved", subject.back()),
        Saved::Proposed(proposal) => ("proposed", format!("/proposals/{}", proposal.id)),
    };
    see_done(state.options(), &address, note, 1, None)
}

fn input(
    state: &AppState,
    subject: &Subject,
    ledger: &Ledger,
    form: &FormValues,
) -> Result<SaveRecord, ServiceError> {
    let mut values = changes(ledger, form, state.service().today())?;
    let region = match (&subject.record, &subject.household) {
        (Some(record), _) => record.region.clone(),
        (None, Some(household)) => household.region.clone(),
        (None, None) => {
            let (zh, en) = ("请选择所在村", "choose the village");
            let fault = || ServiceError::field("household", "village", "P0025", zh, en);
            let village = RegionCode::parse(form.get("village"));
            Some(village.filter(|code| !code.as_str().is_empty()).ok_or_else(fault)?)
        }
    };
    if let (None, Some(household)) = (&subject.record, &subject.household) {
        values.insert("household".to_owned(), Value::from(&household.id));
    }
    Ok(SaveRecord {
        ledger: ledger.name.clone(),
        id: subject.record.as_ref().map(|record| record.id.clone()),
        version: form.version(),
        region,
        values,
        reason: form.get("change_reason").to_owned(),
    })
}

/// Faults by input: the reason has a name of its own, because ledgers have a field of that name.
pub(crate) fn errors_of(faults: &[Diagnostic], frame: &Frame) -> Errors {
    let mut errors = form_errors(faults, frame.language);
    for (fault, error) in faults.iter().zip(errors.0.iter_mut()) {
        match &fault.place {
            Place::Field { ledger, field } if ledger == "proposal" && field == "reason" => {
                "change_reason".clone_into(&mut error.0);
            }
            Place::Field { field, .. } if field == "id" => error.0.clear(),
            _ => {}
        }
    }
    errors
}

/// The form with his own text, on the version of the other one, under both versions.
async fn overtaken(
    state: &AppState,
    visit: &Visit,
    subject: &Subject,
    ledger: &Ledger,
    form: FormValues,
    conflict: &Conflict,
) -> Answer {
    let shown = Shown {
        version: conflict.current.version,
        values: form,
        errors: Errors::default(),
        conflict: Some(both_versions(state, &visit.frame, conflict).await?),
    };
    let page = answer(state, visit, subject, ledger, &shown).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
