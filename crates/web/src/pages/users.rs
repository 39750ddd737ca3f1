//! `/users`: people and their grants.

use crate::app::FormValues;
use crate::components::{
    Choice, Errors, Field, Menu, PageHead, Paging, error_summary, form_open, hidden, input_field,
    masked_value, one_picker, page_head, page_with, paging, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::users as t;
use maud::{Markup, html};

/// One person.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) unit: String,
    pub(crate) phone: String,
    /// Grant id, role and region in words.
    pub(crate) grants: Vec<(String, String, String)>,
    pub(crate) is_active: bool,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsersView {
    pub(crate) users: Vec<UserRow>,
    pub(crate) paging: Paging,
    pub(crate) roles: Vec<Choice>,
    pub(crate) regions: Vec<Choice>,
    pub(crate) units: Vec<Choice>,
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
                    @for (_, role, region) in &user.grants {
                        (tag("b", &frame.with(t::GRANT_LINE, &[role, region]))) " "
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
            (add_form(frame, users, values, errors))
            div { (simple_table(frame.t(t::TITLE), &heads, &rows)) (paging(frame, &users.paging)) }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Users, !errors.is_empty(), &body)
}

fn state(frame: &Frame, user: &UserRow) -> Markup {
    if user.is_active {
        tag("g", frame.t(t::ACTIVE))
    } else {
        tag("", frame.t(t::DISABLED))
    }
}

fn add_form(frame: &Frame, users: &UsersView, values: &FormValues, errors: &Errors) -> Markup {
    let field = |name: &'static str, label, is_required| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        is_required,
        ..Field::default()
    };
    html! {
        details.act-d open[!errors.is_empty()] {
            summary.btn.p { (frame.t(t::ADD)) }
            div.bx {
                (form_open(frame, "/users", "", &html! {
                    div.frow {
                        (input_field(frame, errors, &field("name", t::HEAD_NAME, true)))
                        (input_field(frame, errors, &field("login", t::HEAD_LOGIN, true)))
                        (one_picker(frame, errors, &field("unit", t::HEAD_UNIT, false), &users.units))
                        (input_field(frame, errors, &field("phone", t::PHONE, false)))
                        (one_picker(frame, errors, &field("role", t::ROLE, true), &users.roles))
                        (one_picker(frame, errors, &field("region", t::REGION, true), &users.regions))
                        (input_field(frame, errors, &Field {
                            hint: frame.t(t::FIRST_PASSWORD_HINT),
                            autocomplete: Some("off"),
                            ..field("password", t::FIRST_PASSWORD, true)
                        }))
                    }
                    button.btn.p { (frame.t(t::ADD)) }
                }))
            }
        }
    }
}

/// One person.
pub(crate) fn one(frame: &Frame, user: &UserRow, lists: &UsersView, errors: &Errors) -> Markup {
    let action = |verb: &str| format!("/users/{}/{verb}", user.id);
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        is_required: true,
        autocomplete: Some("off"),
        ..Field::default()
    };
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/users")],
            title: &user.name,
            facts: Some(html! { (user.login) " · " (user.unit) " " (state(frame, user)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        div.grid.two {
            section.card {
                div.ch { h2 { (frame.t(t::GRANTS)) } }
                div.cb.stack {
                    ul.lst {
                        @for (id, role, region) in &user.grants {
                            li {
                                span { (frame.with(t::GRANT_LINE, &[role, region])) }
                                span.w {
                                    (form_open(frame, &action("revoke"), "", &html! {
                                        (hidden("grant", id))
                                        button.btn.s { (frame.t(t::REVOKE)) }
                                    }))
                                }
                            }
                        }
                    }
                    (form_open(frame, &action("grants"), "", &html! {
                        div.frow {
                            (one_picker(frame, errors, &field("role", t::ROLE), &lists.roles))
                            (one_picker(frame, errors, &field("region", t::REGION), &lists.regions))
                        }
                        button.btn { (frame.t(t::GRANT)) }
                    }))
                }
            }
            section.card {
                div.ch { h2 { (frame.t(t::HEAD_ACTIVE)) } }
                div.cb.stack {
                    @if !user.phone.is_empty() {
                        p { (frame.t(t::PHONE)) "：" (masked_value(frame, &user.phone, Some(&action("phone")))) }
                    }
                    (form_open(frame, &action("password"), "", &html! {
                        (input_field(frame, errors, &Field {
                            hint: frame.t(t::FIRST_PASSWORD_HINT), ..field("password", t::FIRST_PASSWORD)
                        }))
                        button.btn { (frame.t(t::RESET)) }
                    }))
                    (form_open(frame, &action(if user.is_active { "disable" } else { "enable" }), "", &html! {
                        (hidden("version", &user.version.to_string()))
                        (input_field(frame, errors, &field("reason", t::REASON)))
                        button.btn.d[user.is_active] {
                            @if user.is_active { (frame.t(t::DISABLE)) } @else { (frame.t(t::ENABLE)) }
                        }
                    }))
                }
            }
        }
    };
    page_with(frame, &user.name, Menu::Users, !errors.is_empty(), &body)
}
