//! `/households/{id}/change/{kind}`: split, merge, move or end a household, and let somebody join
//! or leave it. Plain forms: people are ticked in a table, each with his new relation beside him.

use super::issue::id_of;
use super::record_edit::{errors_of, villages};
use super::record_form::changes;
use super::record_words::household_words;
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, code_options, refused_form, see_done,
};
use crate::components::{
    Choice, Errors, Field as Input, Menu, PageHead, area_field, error_summary, form_open,
    input_field, one_picker, page_head, page_with, select_field,
};
use crate::frame::Frame;
use crate::text::{Text, change as t, common, household, record};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::register::{ChangeHousehold, ChangeKind, Saved};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Record, Values};
use taizhang_values::{RecordId, Value, mask_name};

/// Codes of reasons that belong to another operation.
const OTHER_WAYS: [&str; 2] = ["split", "merged"];

/// The words of an operation.
pub(crate) const fn kind_text(kind: ChangeKind) -> Text {
    match kind {
        ChangeKind::Split => t::SPLIT,
        ChangeKind::Merge => t::MERGE,
        ChangeKind::Move => t::MOVE,
        ChangeKind::End => t::END,
        ChangeKind::Join => t::JOIN,
        ChangeKind::Leave => t::LEAVE,
    }
}

const fn kind_facts(kind: ChangeKind) -> Text {
    match kind {
        ChangeKind::Split => t::FACTS_SPLIT,
        ChangeKind::Merge => t::FACTS_MERGE,
        ChangeKind::Move => t::FACTS_MOVE,
        ChangeKind::End => t::FACTS_END,
        ChangeKind::Join => t::FACTS_JOIN,
        ChangeKind::Leave => t::FACTS_LEAVE,
    }
}

/// What the form is about.
struct Subject {
    kind: ChangeKind,
    household: Record,
    members: Vec<Record>,
    groups: Vec<Choice>,
    villages: Vec<Choice>,
    is_direct: bool,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Returned {
    values: FormValues,
    errors: Errors,
}

/// A form under way.
struct Sheet<'a> {
    service: &'a Service,
    frame: &'a Frame,
    subject: &'a Subject,
    returned: &'a Returned,
}

impl Sheet<'_> {
    fn codes(&self, list: &str) -> Vec<(String, String)> {
        code_options(self.service.codebook(), list, self.frame.language)
    }

    fn reasons(&self, list: &str) -> Vec<(String, String)> {
        let mut reasons = self.codes(list);
        reasons.retain(|(code, _)| !OTHER_WAYS.contains(&code.as_str()));
        reasons
    }

    fn typed(&self, name: &str) -> &str {
        self.returned.values.get(name)
    }

    fn text(&self, name: &str, label: Text, hint: &str, is_required: bool) -> Markup {
        let field = Input {
            name,
            label: self.frame.t(label),
            hint,
            value: self.typed(name),
            is_required,
            autocomplete: Some("off"),
            ..Input::default()
        };
        input_field(self.frame, &self.returned.errors, &field)
    }

    fn choice(&self, name: &str, label: Text, options: &[(String, String)]) -> Markup {
        let field = Input {
            name,
            label: self.frame.t(label),
            value: self.typed(name),
            is_required: true,
            ..Input::default()
        };
        select_field(self.frame, &self.returned.errors, &field, options)
    }

    fn pick(&self, name: &str, label: Text, is_required: bool, choices: &[Choice]) -> Markup {
        let field = Input {
            name,
            label: self.frame.t(label),
            value: self.typed(name),
            is_required,
            ..Input::default()
        };
        one_picker(self.frame, &self.returned.errors, &field, choices)
    }

    fn day(&self) -> Markup {
        let today = self.service.today().to_string();
        let value = self.returned.values.some("changed_on").unwrap_or(today);
        let field = Input {
            name: "changed_on",
            label: self.frame.t(t::ON),
            hint: self.frame.t(record::DATES),
            value: &value,
            is_required: true,
            ..Input::default()
        };
        input_field(self.frame, &self.returned.errors, &field)
    }

    fn inputs(&self) -> Markup {
        html! {
            div.frow { (self.day()) (self.first()) }
            @match self.subject.kind {
                ChangeKind::Split => {
                    (self.people(true, true))
                    (self.heads(t::NEW_HEAD_SPLIT, true))
                    (self.text("address", t::ADDRESS, "", false))
                },
                ChangeKind::Merge => { (self.people(false, true)) },
                ChangeKind::Leave => {
                    (self.people(true, true))
                    (self.heads(t::NEW_HEAD_LEAVE, false))
                    (self.text("other_no", t::OTHER_NUMBER,
                        self.frame.t(t::OTHER_HINT_LEAVE), false))
                },
                ChangeKind::Move => { (self.text("address", t::ADDRESS, "", false)) },
                ChangeKind::Join => { (self.newcomer()) },
                ChangeKind::End => {},
            }
        }
    }

    /// What stands beside the day.
    fn first(&self) -> Markup {
        match self.subject.kind {
            ChangeKind::Split => self.text("other_number", t::NEW_NUMBER, "", true),
            ChangeKind::Merge => self.text("other_no", t::OTHER_NUMBER, "", true),
            ChangeKind::Move => html! {
                (self.pick("to_region", t::VILLAGE, true, &self.subject.villages))
                @if !self.subject.groups.is_empty() {
                    (self.pick("village_group", t::GROUP, false, &self.subject.groups))
                }
            },
            ChangeKind::End => {
                self.choice("end_reason", t::REASON_END, &self.reasons("end_reason"))
            }
            ChangeKind::Join => {
                self.choice("join_reason", t::REASON_JOIN, &self.reasons("join_reason"))
            }
            ChangeKind::Leave => {
                self.choice("left_reason", t::REASON_LEAVE, &self.reasons("left_reason"))
            }
        }
    }

    fn newcomer(&self) -> Markup {
        let optional = |name: &str, label: Text, list: &str| {
            let field = Input {
                name,
                label: self.frame.t(label),
                value: self.typed(name),
                ..Input::default()
            };
            select_field(self.frame, &self.returned.errors, &field, &self.codes(list))
        };
        html! {
            div.frow {
                (self.text("person_name", t::NAME, "", true))
                (self.choice("person_relation", t::PERSON_RELATION,
                    &self.codes("relation_to_head")))
                (optional("person_sex", t::SEX, "sex"))
                (self.text("person_birth_date", t::BIRTH_DATE, "", false))
                (self.text("person_id_number", t::ID_NUMBER,
                    self.frame.t(record::SENSITIVE_NONE), false))
            }
        }
    }

    /// Members, each with a box to tick and his relation to the head he comes to.
    fn people(&self, is_ticked: bool, has_relation: bool) -> Markup {
        let frame = self.frame;
        let errors = &self.returned.errors;
        let chosen = self.returned.values.all("persons");
        let relations = self.codes("relation_to_head");
        let wrong = ["persons", "relations"].map(|name| errors.of(name));
        html! {
            fieldset.fld.bad[wrong.iter().any(Option::is_some)] #f-persons tabindex="-1" {
                legend {
                    (frame.t(if is_ticked { t::WHO } else { t::WHO_ALL }))
                    span.req { (frame.t(common::REQUIRED)) }
                }
                @if is_ticked { p.hint { (frame.t(t::WHO_HINT)) } }
                @for words in wrong.into_iter().flatten() { p.err { (words) } }
                @if self.subject.members.is_empty() { p.muted { (frame.t(t::MEMBERS_NONE)) } }
                div.stack #f-relations tabindex="-1" {
                    @for person in &self.subject.members {
                        @let id = person.id.to_string();
                        @let words = self.person_words(person);
                        div.row {
                            @if is_ticked {
                                label.chk for={ "p-" (id) } {
                                    input id={ "p-" (id) } type="checkbox" name="persons" value=(id)
                                        checked[chosen.contains(&id)];
                                    span { (words) }
                                }
                            } @else {
                                span { (words) }
                                input type="hidden" name="persons" value=(id);
                            }
                            @if has_relation {
                                (self.relation(person, &relations))
                            }
                        }
                    }
                }
            }
        }
    }

    fn relation(&self, person: &Record, relations: &[(String, String)]) -> Markup {
        let name = format!("relation.{}", person.id);
        let typed = self.typed(&name);
        let who = mask_name(person.text("name"));
        html! {
            select name=(name) aria-label=(self.frame.with(t::RELATION_OF, &[&who])) {
                option value="" { (self.frame.t(common::CHOOSE)) }
                @for (code, words) in relations.iter().filter(|(code, _)| code != "head") {
                    option value=(code) selected[code == typed] { (words) }
                }
            }
        }
    }

    fn person_words(&self, person: &Record) -> String {
        let code = person.text("relation_to_head");
        let relation = self.service.codebook().code_label("relation_to_head", code);
        let relation = relation.map_or("", |label| label.text(self.frame.language));
        let born = person.get("birth_date").to_string();
        format!("{} {relation} {born}", mask_name(person.text("name"))).trim_end().to_owned()
    }

    /// Who becomes head.
    fn heads(&self, label: Text, is_required: bool) -> Markup {
        let choices: Vec<Choice> = self
            .subject
            .members
            .iter()
            .filter(|person| person.text("relation_to_head") != "head")
            .map(|person| Choice {
                id: person.id.to_string(),
                name: self.person_words(person),
                ..Choice::default()
            })
            .collect();
        self.pick("head_person", label, is_required, &choices)
    }
}

fn view(service: &Service, frame: &Frame, subject: &Subject, returned: &Returned) -> Markup {
    let words = household_words(frame, &subject.household);
    let back = format!("/households/{}", subject.household.id);
    let kind = frame.t(kind_text(subject.kind));
    let title = frame.with(t::TITLE_OF, &[&words, &kind]);
    let sheet = Sheet { service, frame, subject, returned };
    let direct = if subject.is_direct { record::FACTS_DIRECT } else { record::FACTS_PROPOSE };
    let save = if subject.is_direct {
        frame.with(t::CARRY_OUT, &[&kind])
    } else {
        frame.t(record::SAVE_PROPOSE).to_owned()
    };
    let action = format!("{back}/change/{}", subject.kind.code());
    let form = html! {
        (sheet.inputs())
        (area_field(frame, &returned.errors, &Input {
            name: "change_reason", label: frame.t(record::REASON),
            hint: frame.t(record::REASON_HINT), value: returned.values.get("change_reason"),
            is_required: true, ..Input::default()
        }))
        button.btn.p { (save) }
        " " a.btn.t href=(back) { (frame.t(common::CANCEL)) }
    };
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(household::TITLE), "/households"), (&words, &back)],
            title: &title,
            facts: Some(html! { (frame.t(kind_facts(subject.kind))) " " (frame.t(direct)) }),
            acts: None,
        }))
        (error_summary(frame, &returned.errors))
        section.card.gap-t { div.cb { (form_open(frame, &action, "", &form)) } }
    };
    page_with(frame, &title, Menu::Households, !returned.errors.is_empty(), &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/households/{id}/change/{kind}", get(show).post(carry_out))
}

async fn load(state: &AppState, visit: &Visit, id: &str, kind: &str) -> Result<Subject, WebError> {
    let id = id_of(id)?;
    let kind = ChangeKind::parse(kind).ok_or(WebError::NotFound)?;
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let names = lists.clone();
    let found = state.run(move |service| {
        let page = service.household_page(&caller, &id)?;
        if !page.may_reorganise {
            let region = page.household.region.as_ref();
            return Err(service.denied("household_change.create", region));
        }
        let members = page.sections.into_iter().find(|section| section.ledger == "person");
        let mut members = members.map(|section| section.rows).unwrap_or_default();
        members.retain(super::household::is_member);
        let groups = match kind {
            ChangeKind::Move => {
                service.reference_choices(&caller, "village_group", None, caller.home_region())?
            }
            _ => Vec::new(),
        };
        Ok((page.household, members, groups, page.is_direct))
    });
    let (household, members, groups, is_direct) = found.await?;
    let group = |group: &Record| Choice {
        id: group.id.to_string(),
        name: group.text("name").to_owned(),
        note: names.region_name(group.region.as_ref()),
        ..Choice::default()
    };
    let groups = groups.iter().map(group).collect();
    Ok(Subject { kind, household, members, groups, villages: villages(&lists), is_direct })
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, kind)): Path<(String, String)>,
) -> Answer {
    let subject = load(&state, &visit, &id, &kind).await?;
    Ok(view(state.service(), &visit.frame, &subject, &Returned::default()).into_response())
}

async fn carry_out(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, kind)): Path<(String, String)>,
    form: FormValues,
) -> Answer {
    let subject = load(&state, &visit, &id, &kind).await?;
    let (caller, typed) = (visit.caller.clone(), form.clone());
    let (kind, household) = (subject.kind, subject.household.id.clone());
    let done = state.run(move |service| {
        let values = input(service, &caller, kind, &typed)?;
        let reason = typed.get("change_reason").to_owned();
        service.change_household(&caller, &ChangeHousehold { household, kind, values, reason })
    });
    match done.await {
        Ok(Saved::Written(change, _)) => {
            let address = format!("/changes/{}", change.id);
            Ok(see_done(state.options(), &address, "saved", 1, None))
        }
        Ok(Saved::Proposed(proposal)) => {
            let address = format!("/proposals/{}", proposal.id);
            Ok(see_done(state.options(), &address, "proposed", 1, None))
        }
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let mut errors = errors_of(&faults, &visit.frame);
            for (field, _) in &mut errors.0 {
                if field == "other_household" {
                    "other_no".clone_into(field);
                }
            }
            let returned = Returned { values: form, errors };
            let page = view(state.service(), &visit.frame, &subject, &returned);
            Ok(refused_form(page))
        }
        Err(other) => Err(other),
    }
}

/// The fields of the operation from its form.
fn input(
    service: &Service,
    caller: &Caller,
    kind: ChangeKind,
    form: &FormValues,
) -> Result<Values, ServiceError> {
    let ledger = service.codebook().ledger("household_change").ok_or(ServiceError::NotFound)?;
    let mut plain = form.clone();
    // People come as several values of one name, which is read below.
    plain.0.retain(|(name, _)| name != "persons");
    let mut values = changes(ledger, &plain, service.today())?;
    values.retain(|_, value| !value.is_empty());
    if matches!(kind, ChangeKind::Split | ChangeKind::Merge | ChangeKind::Leave) {
        let persons = form.all("persons");
        let head = form.get("head_person");
        let relation = |id: &String| {
            let is_head = id == head && kind == ChangeKind::Split;
            let typed = || form.get(&format!("relation.{id}")).to_owned();
            if is_head { "head".to_owned() } else { typed() }
        };
        let relations = persons.iter().map(relation).collect();
        values.insert("relations".to_owned(), Value::List(relations));
        values.insert("persons".to_owned(), Value::List(persons));
    }
    let number = form.get("other_no").trim();
    if !number.is_empty() {
        let other = service.household_by_number(caller, number).map_err(|error| match error {
            ServiceError::NotFound => {
                let Text(zh, en) = t::UNKNOWN_NUMBER;
                ServiceError::field("household_change", "other_household", "P0041", zh, en)
            }
            other => other,
        })?;
        values.insert("other_household".to_owned(), Value::from(&other.id));
    }
    Ok(values)
}

/// Operations that the reader may begin, as links.
pub(crate) fn operation_links(frame: &Frame, household: &RecordId, kinds: &[ChangeKind]) -> Markup {
    html! {
        @for kind in kinds {
            a.btn.s href={ "/households/" (household) "/change/" (kind.code()) } {
                (frame.t(kind_text(*kind)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_words_of_its_own() {
        let mut words: Vec<&str> = ChangeKind::ALL.iter().map(|kind| kind_text(*kind).0).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ChangeKind::ALL.len());
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::parse(kind.code()), Some(kind));
        }
    }
}
