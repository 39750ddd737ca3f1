//! `/users`: people and their grants.

use super::issue::id_of;
use crate::app::{
    Answer, AnswerOnce, AppState, FormValues, Lists, Visit, WebError, form_outcome, refused_form,
    see_done,
};
use crate::components::{
    Address, Choice, Errors, Field, Menu, PageHead, Paging, Tone, error_summary, form_open, hidden,
    input_field, masked_value, notice, one_picker, page_head, page_with, paging, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::{common, users as t};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::accounts::{NewGrant, NewUser};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Cursor, Record};
use taizhang_values::{RecordId, RegionCode};

/// One person.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) unit: String,
    pub(crate) grants: Vec<GrantRow>,
    pub(crate) is_active: bool,
    /// Masked; empty if there is none.
    pub(crate) phone: String,
    /// True if the reader may have it shown.
    pub(crate) may_reveal: bool,
}

/// One right of a person, in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct GrantRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) role: String,
    pub(crate) region: String,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsersView {
    pub(crate) users: Vec<UserRow>,
    pub(crate) paging: Paging,
    pub(crate) roles: Vec<Choice>,
    pub(crate) regions: Vec<Choice>,
    pub(crate) units: Vec<Choice>,
    /// `users.manage`.
    pub(crate) may_manage: bool,
    /// `grants.manage`.
    pub(crate) may_grant: bool,
}

/// The list.
pub(crate) fn view(
    frame: &Frame,
    users: &UsersView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let heads = [t::HEAD_NAME, t::HEAD_LOGIN, t::HEAD_UNIT, t::HEAD_ROLES, t::HEAD_ACTIVE]
        .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = users
        .users
        .iter()
        .map(|user| {
            vec![
                html! { a href={ "/users/" (user.id) } data-open="" { (user.name) } },
                html! { (user.login) },
                html! { (user.unit) },
                html! {
                    @for grant in &user.grants {
                        (tag("b", &frame.with(t::GRANT_LINE, &[&grant.role, &grant.region]))) " "
                    }
                },
                state(frame, user),
            ]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&users.paging.total])) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            @if users.may_manage { (add_form(frame, users, values, errors)) }
            div { (simple_table(frame.t(t::TITLE), &heads, &rows)) (paging(frame, &users.paging)) }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Users, !errors.is_empty(), &body)
}

fn state(frame: &Frame, user: &UserRow) -> Markup {
    if user.is_active { tag("g", frame.t(t::ACTIVE)) } else { tag("", frame.t(t::DISABLED)) }
}

fn add_form(frame: &Frame, users: &UsersView, values: &FormValues, errors: &Errors) -> Markup {
    let field = |name, label, is_required| values.field(frame, name, label, is_required);
    html! {
        details.act-d open[!errors.is_empty()] {
            summary.btn.p { (frame.t(t::ADD)) }
            div.bx {
                (form_open(frame, "/users", "", &html! {
                    div.frow {
                        (input_field(frame, errors, &field("name", t::HEAD_NAME, true)))
                        (input_field(frame, errors, &field("login", t::HEAD_LOGIN, true)))
                        (one_picker(frame, errors, &field("unit", t::HEAD_UNIT, false),
                            &users.units))
                        (one_picker(frame, errors, &field("region", t::PLACE, true),
                            &users.regions))
                    }
                    button.btn.p { (frame.t(t::ADD)) }
                }))
            }
        }
    }
}

/// One person. A first password is shown once, right after it was made.
pub(crate) fn one(
    frame: &Frame,
    user: &UserRow,
    lists: &UsersView,
    first_password: Option<&str>,
    errors: &Errors,
) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/users")],
            title: &user.name,
            facts: Some(html! { (user.login) " · " (user.unit) " " (state(frame, user)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        @if let Some(password) = first_password {
            (notice(Tone::Success, &html! {
                (frame.t(t::FIRST_PASSWORD)) (frame.t(common::COLON)) b { code { (password) } } " "
                (frame.t(t::FIRST_PASSWORD_HINT))
            }))
        }
        div.grid.two {
            (contact(frame, user, lists, errors))
            @if lists.may_grant || !user.grants.is_empty() { (grants(frame, user, lists, errors)) }
            @if lists.may_manage { (account(frame, user)) }
        }
    };
    page_with(frame, &user.name, Menu::Users, !errors.is_empty(), &body)
}

/// How to reach the person: masked, and whole on asking.
fn contact(frame: &Frame, user: &UserRow, lists: &UsersView, errors: &Errors) -> Markup {
    let address = format!("/reveal/user/{}/phone", user.id);
    let reveal = (user.may_reveal && !user.phone.is_empty()).then_some(address.as_str());
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::PHONE)) } }
            div.cb {
                @if user.phone.is_empty() { p.muted { (frame.t(t::PHONE_NONE)) } }
                @else { (masked_value(frame, &user.phone, reveal)) }
                @if lists.may_manage {
                    (form_open(frame, &format!("/users/{}/phone", user.id), "", &html! {
                        (hidden("version", &user.version.to_string()))
                        (input_field(frame, errors, &Field {
                            name: "phone", label: frame.t(t::PHONE_NEW), kind: "tel",
                            hint: frame.t(t::PHONE_HINT), autocomplete: Some("off"),
                            ..Field::default()
                        }))
                        button.btn { (frame.t(common::SAVE)) }
                    }))
                }
            }
        }
    }
}

fn grants(frame: &Frame, user: &UserRow, lists: &UsersView, errors: &Errors) -> Markup {
    let action = |verb: &str| format!("/users/{}/{verb}", user.id);
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        is_required: true,
        ..Field::default()
    };
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::GRANTS)) } }
            div.cb {
                ul.lst {
                    @for grant in &user.grants {
                        li {
                            span { (frame.with(t::GRANT_LINE, &[&grant.role, &grant.region])) }
                            @if lists.may_grant {
                                span.w {
                                    (form_open(frame, &action("revoke"), "", &html! {
                                        (hidden("grant", &grant.id))
                                        (hidden("version", &grant.version.to_string()))
                                        button.btn.s { (frame.t(t::REVOKE)) }
                                    }))
                                }
                            }
                        }
                    }
                }
                @if lists.may_grant {
                    (form_open(frame, &action("grants"), "", &html! {
                        div.frow {
                            (one_picker(frame, errors, &field("role", t::ROLE), &lists.roles))
                            (one_picker(frame, errors, &field("region", t::REGION), &lists.regions))
                            (one_picker(frame, errors, &Field {
                                is_required: false, ..field("unit", t::GRANT_UNIT)
                            }, &lists.units))
                        }
                        button.btn { (frame.t(t::GRANT)) }
                    }))
                }
            }
        }
    }
}

fn account(frame: &Frame, user: &UserRow) -> Markup {
    let action = |verb: &str| format!("/users/{}/{verb}", user.id);
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::HEAD_ACTIVE)) } }
            div.cb {
                (form_open(frame, &action("password"), "", &html! {
                    button.btn { (frame.t(t::RESET)) }
                }))
                (form_open(frame, &action(if user.is_active { "disable" } else { "enable" }), "",
                    &html! {
                        (hidden("version", &user.version.to_string()))
                        button.btn.d[user.is_active] {
                            @if user.is_active { (frame.t(t::DISABLE)) }
                            @else { (frame.t(t::ENABLE)) }
                        }
                    }))
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/users", get(show).post(create))
        .route("/users/{id}", get(show_one))
        .route("/users/{id}/{act}", post(do_act))
}

/// People of one page.
const PAGE_ROWS: usize = 50;

fn lists_view(state: &AppState, visit: &Visit, lists: &Lists) -> UsersView {
    let (codebook, language) = (state.service().codebook(), visit.frame.language);
    let role = |role: &taizhang_codebook::Role| Choice {
        id: role.name.clone(),
        name: role.label.text(language).to_owned(),
        ..Choice::default()
    };
    UsersView {
        roles: codebook.roles.values().map(role).collect(),
        regions: lists.regions.clone(),
        units: lists.units.clone(),
        may_manage: visit.caller.has_power(codebook, "users.manage"),
        may_grant: visit.caller.has_power(codebook, "grants.manage"),
        ..UsersView::default()
    }
}

fn user_row(
    state: &AppState,
    visit: &Visit,
    lists: &Lists,
    user: &Record,
    grants: &[Record],
) -> UserRow {
    let codebook = state.service().codebook();
    let role = |name: &str| {
        let known = codebook.roles.get(name);
        known.map_or(name.to_owned(), |known| known.label.text(visit.frame.language).to_owned())
    };
    UserRow {
        id: user.id.to_string(),
        version: user.version,
        name: user.text("name").to_owned(),
        login: user.text("login").to_owned(),
        unit: lists.unit_name(user.reference("unit")),
        grants: grants
            .iter()
            .map(|grant| GrantRow {
                id: grant.id.to_string(),
                version: grant.version,
                role: role(grant.text("role")),
                region: lists.region_name(grant.region.as_ref()),
            })
            .collect(),
        is_active: user.get("is_active").as_boolean() != Some(false),
        phone: user.text("phone").to_owned(),
        may_reveal: state.service().may_reveal(&visit.caller, user, "phone"),
    }
}

async fn content(
    state: &AppState,
    visit: &Visit,
    after: Option<Cursor>,
) -> Result<UsersView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let (caller, is_first) = (visit.caller.clone(), after.is_none());
    let (page, grants) = state
        .run(move |service| {
            let page = service.users(&caller, after, PAGE_ROWS)?;
            let mut grants = Vec::new();
            for user in &page.records {
                grants.push(service.grants(&caller, &user.id)?);
            }
            Ok((page, grants))
        })
        .await?;
    let rows = page.records.iter().zip(&grants);
    let users: Vec<UserRow> =
        rows.map(|(user, grants)| user_row(state, visit, &lists, user, grants)).collect();
    let shown = u64::try_from(users.len()).unwrap_or(0);
    let place =
        |mark: Cursor| Address::new("/users", &[("after".to_owned(), mark.to_string())]).text();
    let (next, previous) = (page.next.map(place), page.previous.map(place));
    let first = (!is_first).then(|| "/users".to_owned());
    let paging = Paging { total: shown, shown, first, previous, next };
    Ok(UsersView { users, paging, ..lists_view(state, visit, &lists) })
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let after = query.get("after").map(|mark| Cursor::from_text(mark));
    let content = content(&state, &visit, after).await?;
    Ok(view(&visit.frame, &content, &FormValues::default(), &Errors::default()).into_response())
}

async fn person(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
) -> Result<(UserRow, UsersView), WebError> {
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let (user, grants) = state
        .run(move |service| {
            let user = service.user(&caller, &asked)?;
            Ok((user, service.grants(&caller, &asked)?))
        })
        .await?;
    Ok((user_row(state, visit, &lists, &user, &grants), lists_view(state, visit, &lists)))
}

async fn show_one(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (user, lists) = person(&state, &visit, &id_of(&id)?).await?;
    Ok(one(&visit.frame, &user, &lists, None, &Errors::default()).into_response())
}

async fn create(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("必填", "must be filled in");
            for field in ["name", "login", "region"] {
                if values.get(field).is_empty() {
                    return Err(ServiceError::field("user", field, "P0005", zh, en));
                }
            }
            let input = NewUser {
                login: values.get("login").to_owned(),
                name: values.get("name").to_owned(),
                unit: values.id("unit"),
                region: RegionCode::parse(values.get("region")).ok_or(ServiceError::NotFound)?,
            };
            service.create_user(&caller, &input)
        })
        .await;
    match form_outcome(result, visit.frame.language)? {
        Ok((user, password)) => {
            state.forget_lists();
            let (row, lists) = person(&state, &visit, &user.id).await?;
            let page = one(&visit.frame, &row, &lists, Some(&password), &Errors::default());
            Ok(shown_once(page, &user.id))
        }
        Err(errors) => {
            let content = content(&state, &visit, None).await?;
            let page = view(&visit.frame, &content, &form, &errors);
            Ok(refused_form(page))
        }
    }
}

/// A page with a first password: kept by nobody, and not shown again by the same form.
fn shown_once(page: Markup, user: &RecordId) -> Response {
    let mut response = page.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(AnswerOnce(format!("/users/{user}")));
    response
}

async fn do_act(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, act)): Path<(String, String)>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, user) = (visit.caller.clone(), id.clone());
    let result = state.run(move |service| run(service, &caller, &user, &act, &form)).await;
    match form_outcome(result, visit.frame.language)? {
        Ok(password) => {
            state.forget_lists();
            let Some(password) = password else {
                return Ok(see_done(state.options(), &format!("/users/{id}"), "saved", 1, None));
            };
            let (row, lists) = person(&state, &visit, &id).await?;
            let page = one(&visit.frame, &row, &lists, Some(&password), &Errors::default());
            Ok(shown_once(page, &id))
        }
        Err(errors) => {
            let (row, lists) = person(&state, &visit, &id).await?;
            let page = one(&visit.frame, &row, &lists, None, &errors);
            Ok(refused_form(page))
        }
    }
}

/// One act on a person; a new first password if it made one.
fn run(
    service: &Service,
    caller: &Caller,
    user: &RecordId,
    act: &str,
    form: &FormValues,
) -> Result<Option<String>, ServiceError> {
    match act {
        "password" => return service.reset_password(caller, user).map(Some),
        "enable" | "disable" => {
            service.set_user_active(caller, user, form.version(), act == "enable")?;
        }
        "phone" => {
            service.set_user_phone(caller, user, form.version(), form.get("phone"))?;
        }
        "grants" => {
            let (zh, en) = ("请选择范围", "choose a region");
            let missing = || ServiceError::field("grant", "region", "P0006", zh, en);
            let region = Some(form.get("region")).filter(|code| !code.is_empty());
            let input = NewGrant {
                user: user.clone(),
                role: form.get("role").to_owned(),
                region: region.and_then(RegionCode::parse).ok_or_else(missing)?,
                unit: form.id("unit"),
                since: None,
                until: None,
            };
            service.give_grant(caller, &input)?;
        }
        "revoke" => {
            let grant = form.id("grant").ok_or(ServiceError::NotFound)?;
            service.take_grant(caller, &grant, form.version(), "")?;
        }
        _ => return Err(ServiceError::NotFound),
    }
    Ok(None)
}
