//! `/org`: units and regions.

use super::queue::code_words;
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, code_options, form_answer, may, see_done,
};
use crate::components::{
    Choice, Errors, Menu, PageHead, Paging, area_field, error_summary, form_open, input_field,
    one_picker, page_head, page_with, paging, select_field, simple_table,
};
use crate::frame::Frame;
use crate::text::{common, org as t};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use taizhang_codebook::Action;
use taizhang_service::ServiceError;
use taizhang_store::{Record, Values};
use taizhang_values::RegionCode;

/// One unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitRow {
    /// Address of its page, for those who may change it.
    pub(crate) address: Option<String>,
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) kind: String,
    pub(crate) region: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) is_active: bool,
}

/// One region.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegionRow {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) edition: String,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrgView {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) paging: Paging,
    pub(crate) regions: Vec<RegionRow>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) places: Vec<Choice>,
    pub(crate) may_edit: bool,
}

/// The page.
pub(crate) fn view(frame: &Frame, org: &OrgView, values: &FormValues, errors: &Errors) -> Markup {
    let heads = [t::HEAD_NAME, t::HEAD_SHORT, t::HEAD_KIND, t::HEAD_REGION, t::HEAD_ACTIVE]
        .map(|words| frame.t(words));
    let units: Vec<Vec<Markup>> = org
        .units
        .iter()
        .map(|unit| {
            vec![
                html! {
                    @match &unit.address {
                        Some(address) => { a href=(address) { (unit.name) } },
                        None => { (unit.name) },
                    }
                    span.sub2 { (unit.aliases.join(frame.t(common::LIST))) }
                },
                html! { (unit.short_name) },
                html! { (unit.kind) },
                html! { (unit.region) },
                html! { @if unit.is_active { (frame.t(common::YES)) } @else {
                (frame.t(common::NO)) } },
            ]
        })
        .collect();
    let region_heads = [t::REGION_NAME, t::REGION_CODE, t::REGION_SYSTEM, t::REGION_EDITION]
        .map(|words| frame.t(words));
    let regions: Vec<Vec<Markup>> = org
        .regions
        .iter()
        .map(|region| {
            [&region.name, &region.code, &region.system, &region.edition]
                .map(|text| html! { (text) })
                .to_vec()
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&org.paging.total])) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            div {
                (simple_table(frame.t(t::HEAD_NAME), &heads, &units))
                (paging(frame, &org.paging))
            }
            @if org.may_edit { (add_form(frame, org, values, errors)) }
            section.card {
                div.ch { h2 { (frame.t(t::REGIONS)) } }
                (simple_table(frame.t(t::REGIONS), &region_heads, &regions))
            }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Org, !errors.is_empty(), &body)
}

fn add_form(frame: &Frame, org: &OrgView, values: &FormValues, errors: &Errors) -> Markup {
    let field = |name, label, is_required| values.field(frame, name, label, is_required);
    html! {
        details.act-d open[!errors.is_empty()] {
            summary.btn { (frame.t(t::ADD)) }
            div.bx {
                (form_open(frame, "/org/units", "", &html! {
                    div.frow {
                        (input_field(frame, errors, &field("name", t::HEAD_NAME, true)))
                        (input_field(frame, errors, &field("short_name", t::HEAD_SHORT, false)))
                        (select_field(frame, errors, &field("kind", t::HEAD_KIND, true),
                            &org.kinds))
                        (one_picker(frame, errors, &field("region", t::HEAD_REGION, true),
                            &org.places))
                    }
                    (area_field(frame, errors, &field("aliases", t::HEAD_ALIASES, false)))
                    button.btn.p { (frame.t(t::ADD)) }
                }))
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/org", get(show)).route("/org/units", post(add))
}

async fn content(state: &AppState, visit: &Visit) -> Result<OrgView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let root = visit.caller.home_region().cloned();
    let (units, regions) = state
        .run(move |service| {
            let regions = match root {
                Some(root) => service.regions(&caller, &root)?,
                None => Vec::new(),
            };
            Ok((service.units(&caller)?, regions))
        })
        .await?;
    let words = |list: &str, code: &str| code_words(state.service(), &visit.frame, list, code);
    let may_update = may(state.service(), &visit.caller, "unit", Action::Update);
    let unit = |record: &Record| UnitRow {
        address: may_update.then(|| format!("/org/units/{}", record.id)),
        name: record.text("name").to_owned(),
        short_name: record.text("short_name").to_owned(),
        kind: words("unit_kind", record.text("kind")),
        region: lists.region_name(record.region.as_ref()),
        aliases: record.get("aliases").as_list().to_vec(),
        is_active: record.get("is_active").as_boolean() != Some(false),
    };
    let region = |record: &Record| RegionRow {
        code: record.text("code").to_owned(),
        name: record.text("name").to_owned(),
        system: words("code_system", record.text("system")),
        edition: record.text("edition").to_owned(),
    };
    let total = u64::try_from(units.len()).unwrap_or(0);
    Ok(OrgView {
        units: units.iter().map(unit).collect(),
        paging: Paging { total, shown: total, ..Paging::default() },
        regions: regions.iter().map(region).collect(),
        kinds: code_options(state.service().codebook(), "unit_kind", visit.frame.language),
        places: lists.regions.clone(),
        may_edit: may(state.service(), &visit.caller, "unit", Action::Create),
    })
}

async fn show(State(state): State<AppState>, visit: Visit) -> Answer {
    let content = content(&state, &visit).await?;
    Ok(view(&visit.frame, &content, &FormValues::default(), &Errors::default()).into_response())
}

async fn add(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("必填", "must be filled in");
            for field in ["name", "kind", "region"] {
                if values.get(field).is_empty() {
                    return Err(ServiceError::field("unit", field, "P0005", zh, en));
                }
            }
            let region = RegionCode::parse(values.get("region")).ok_or(ServiceError::NotFound)?;
            let unit = Values::from([
                ("name".to_owned(), values.get("name").into()),
                ("short_name".to_owned(), values.some("short_name").into()),
                ("kind".to_owned(), values.get("kind").into()),
                ("aliases".to_owned(), values.lines("aliases").into()),
                ("is_active".to_owned(), true.into()),
            ]);
            service.create_unit(&caller, &region, unit)
        })
        .await;
    let done = |_| {
        state.forget_lists();
        see_done(state.options(), "/org", "added", 1, None)
    };
    form_answer(&visit, result, done, async |errors| {
        let content = content(&state, &visit).await?;
        Ok(view(&visit.frame, &content, &form, &errors))
    })
    .await
}
