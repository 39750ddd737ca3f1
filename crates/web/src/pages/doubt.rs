//! `/doubts/{id}`: what the rule saw, what it rests on, the answer and the check.

use super::doubts::due_light;
use super::issue::id_of;
use super::queue::code_words;
use super::record_words::{
    doubt_words, field_label, household_words, ledger_label, record_address, record_title,
    severity_tag, shown_value, source_lines, status_tag,
};
use super::rule::{prose, text_parts};
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, code_options, form_answer, is_mine, see_done,
};
use crate::components::{
    Decision, Errors, Field, Light, Menu, PageHead, Tone, area_field, choice_field, decision_card,
    decision_of, error_summary, form_open, hidden, light, notice, page_head, page_with,
};
use crate::frame::Frame;
use crate::text::{doubt as t, record, rule as rule_text};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::{RuleSeverity, RuleSource};
use taizhang_service::doubts::{AnswerDoubt, CheckDoubt, DoubtPage};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{RecordId, Value};

/// The page's content.
pub(crate) struct DoubtView {
    pub(crate) page: DoubtPage,
    pub(crate) place: String,
    pub(crate) names: BTreeMap<RecordId, String>,
    pub(crate) may_edit_subject: bool,
}

/// A form that came back: its name, what was typed, what is wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned {
    form: &'static str,
    values: FormValues,
    errors: Errors,
}

fn view(service: &Service, frame: &Frame, doubt: &DoubtView, returned: &Returned) -> Markup {
    let record = &doubt.page.doubt;
    let title = doubt_words(service, frame, record);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/doubts")],
            title: &title,
            facts: Some(facts(service, frame, doubt)),
            acts: Some(acts(frame, doubt)),
        }))
        (error_summary(frame, &returned.errors))
        div.grid.side {
            div.stack {
                (state_line(service, frame, doubt))
                @if doubt.page.may_answer { (answer_card(service, frame, record, returned)) }
                @if doubt.page.may_check { (check_card(frame, record, returned)) }
                (seen(service, frame, doubt))
            }
            div.stack { (rule_card(service, frame, doubt)) }
        }
    };
    page_with(frame, &title, Menu::Doubts, !returned.errors.is_empty(), &body)
}

fn facts(service: &Service, frame: &Frame, doubt: &DoubtView) -> Markup {
    let record = &doubt.page.doubt;
    let due = record.get("due_on").as_date();
    let burning = due_light(record.text("doubt_status"), due, service.today());
    html! {
        span.row {
            (severity_tag(service, frame, record.text("severity")))
            (status_tag(service, frame, record.text("doubt_status")))
            @if burning != Light::NoDate { (light(frame, burning)) }
            @if let Some(household) = &doubt.page.household {
                a href={ "/households/" (household.id) } { (household_words(frame, household)) }
            }
            span { (doubt.place) }
        }
    }
}

fn acts(frame: &Frame, doubt: &DoubtView) -> Markup {
    html! {
        @if let Some(household) = &doubt.page.household {
            a.btn href={ "/households/" (household.id) } { (frame.t(t::OPEN_HOUSEHOLD)) }
        } @else if let Some(subject) = &doubt.page.subject {
            a.btn href=(record_address(subject)) { (frame.t(t::OPEN_RECORD)) }
        }
        @if let Some(subject) = doubt.page.subject.as_ref().filter(|_| doubt.may_edit_subject) {
            // What is mended closes the doubt before his eyes; one that is closed says nothing new.
            @let is_closed = doubt.page.doubt.text("doubt_status") == "closed";
            a class={ "btn" @if !is_closed { " p" } } data-edit=""
                href={ "/records/" (subject.id) "/edit?ledger=" (subject.ledger)
                    @if !is_closed { "&back=/doubts/" (doubt.page.doubt.id) } } {
                (frame.t(t::EDIT_RECORD))
            }
        }
    }
}

/// What was answered, checked and closed so far.
fn state_line(service: &Service, frame: &Frame, doubt: &DoubtView) -> Markup {
    let record = &doubt.page.doubt;
    let name = |field: &str| {
        record.reference(field).and_then(|id| doubt.names.get(id)).cloned().unwrap_or_default()
    };
    let day = |field: &str| record.get(field).to_string();
    let answer = code_words(service, frame, "doubt_answer", record.text("answer"));
    let status = record.text("doubt_status");
    let is_waiting = matches!(status, "answered" | "passed_on");
    // What was answered stands no longer when its evidence changed; what was said is still known.
    let was_answered = record.get("answered_on").as_date().is_some();
    let is_again = status == "asked" && was_answered && answer.is_empty();
    html! {
        @if is_again { (notice(Tone::Warning, &html! { (frame.t(t::ASKED_AGAIN)) })) }
        @if was_answered {
            section.card {
                div.ch { h2 { (frame.t(if is_again { t::ANSWER_BEFORE } else { t::ANSWER })) } }
                div.cb {
                    @if is_again {
                        p { (frame.with(t::ANSWERED_BEFORE,
                            &[&name("answered_by"), &day("answered_on")])) }
                    } @else {
                        p { (frame.with(t::ANSWERED_LINE,
                            &[&answer, &name("answered_by"), &day("answered_on")])) }
                    }
                    p.pre { (record.text("answer_note")) }
                    @if record.get("checked_on").as_date().is_some() {
                        p.muted { (frame.with(t::CHECKED_LINE,
                            &[&name("checked_by"), &day("checked_on")])) }
                        p.pre { (record.text("check_note")) }
                    }
                }
            }
        }
        @if status == "closed" {
            @let why =
                code_words(service, frame, "doubt_close_reason", record.text("close_reason"));
            (notice(Tone::Success,
                &html! { (frame.with(t::CLOSED_LINE, &[&day("closed_on"), &why])) }))
        } @else if status == "explained" {
            (notice(Tone::Information, &html! { (frame.t(t::QUIET)) }))
        } @else if is_waiting && !doubt.page.may_check {
            (notice(Tone::Information, &html! { (frame.t(t::WAITS)) }))
        }
    }
}

fn answer_card(service: &Service, frame: &Frame, doubt: &Record, returned: &Returned) -> Markup {
    html! {
        section.card #answer {
            div.ch { h2 { (frame.t(t::ANSWER)) } }
            div.cb {
                p.muted { (frame.t(t::ANSWER_HELP)) }
                (answer_form(service, frame, doubt, "", "", returned))
            }
        }
    }
}

/// The form of an answer; `scope` tells several of a page apart, `back` is where it leads.
pub(crate) fn answer_form(
    service: &Service,
    frame: &Frame,
    doubt: &Record,
    scope: &str,
    back: &str,
    returned: &Returned,
) -> Markup {
    let none = Returned::default();
    let returned = if returned.form == "answer" { returned } else { &none };
    let answers = code_options(service.codebook(), "doubt_answer", frame.language);
    form_open(
        frame,
        &format!("/doubts/{}/answer", doubt.id),
        "",
        &html! {
            (hidden("version", &doubt.version.to_string()))
            @if !back.is_empty() { (hidden("back", back)) }
            (choice_field(frame, &returned.errors, &Field {
                name: "answer", scope, label: frame.t(t::ANSWER_CHOICE), is_required: true,
                value: returned.values.get("answer"), ..Field::default()
            }, &answers))
            (area_field(frame, &returned.errors, &Field {
                name: "answer_note", scope, label: frame.t(t::ANSWER_NOTE),
                value: returned.values.get("answer_note"), ..Field::default()
            }))
            button.btn.p { (frame.t(t::ANSWER_SEND)) }
        },
    )
}

fn check_card(frame: &Frame, doubt: &Record, returned: &Returned) -> Markup {
    let none = Returned::default();
    let returned = if returned.form == "check" { returned } else { &none };
    let asked = Decision {
        id: "check",
        title: t::CHECK,
        action: &format!("/doubts/{}/check", doubt.id),
        version: doubt.version,
        choice: ("result", t::CHECK_RESULT),
        answers: [t::CHECK_ACCEPT, t::CHECK_REFUSE],
        note: ("check_note", t::CHECK_NOTE),
        button: t::CHECK_SEND,
        returned: (returned.values.get("result"), returned.values.get("check_note")),
        errors: &returned.errors,
    };
    decision_card(frame, &asked)
}

/// The record that the rule judged, as far as it is filled.
fn seen(service: &Service, frame: &Frame, doubt: &DoubtView) -> Markup {
    let record = &doubt.page.doubt;
    let ledger = record.text("subject_ledger");
    let subject = doubt.page.subject.as_ref();
    let rule = doubt.page.rule.as_ref();
    let texts: Vec<&str> = rule.map(expressions).unwrap_or_default();
    let used = |name: &str| texts.iter().any(|text| names_word(text, name));
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::SEEN)) } span.m { (ledger_label(service, frame, ledger)) } }
            div.cb {
                dl.kv {
                    @if let Some(subject) = subject {
                        @let title = record_title(service.codebook(), subject);
                        @if !title.is_empty() {
                            dt { (frame.t(t::RECORD)) }
                            dd { a href=(record_address(subject)) { (title) } }
                        }
                        @for field in service.codebook().ledger(ledger)
                            .map_or(&[][..], |ledger| &ledger.fields) {
                            @if used(&field.name) {
                                @let value = shown_value(service, frame, field, ledger,
                                    subject.get(&field.name), &doubt.names);
                                // A record without a name of its own says nothing here.
                                @if !value.is_empty() || *subject.get(&field.name) == Value::Null {
                                    dt {
                                        (field_label(service.codebook(), frame, ledger,
                                            &field.name))
                                    }
                                    dd { @if value.is_empty() { "—" } @else { (value) } }
                                }
                            }
                        }
                    }
                    dt { (frame.t(t::FOUND_ON)) } dd { (record.get("opened_on")) }
                    @if record.get("due_on").as_date().is_some() {
                        dt { (frame.t(t::DUE)) } dd { (record.get("due_on")) }
                    }
                }
                p.row {
                    @if let Some(subject) = subject {
                        a href={ "/records/" (subject.id) "/history?ledger=" (subject.ledger) } {
                            (frame.with(record::HISTORY_TITLE,
                                &[&ledger_label(service, frame, ledger)]))
                        }
                    }
                    a href={ "/records/" (doubt.page.doubt.id) "/history?ledger=doubt" } {
                        (frame.t(t::HISTORY))
                    }
                }
            }
        }
    }
}

/// The expressions of a rule.
fn expressions(rule: &RuleSource) -> Vec<&str> {
    let defines = rule.defines.iter().map(|define| &define.text);
    let texts = defines.chain(&rule.applies).chain([&rule.violates]);
    texts.map(|text| text.text.as_str()).collect()
}

/// True if an expression names a word, not merely a part of one.
fn names_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_word(c)).any(|part| part == word)
}

fn rule_card(service: &Service, frame: &Frame, doubt: &DoubtView) -> Markup {
    let code = doubt.page.doubt.text("rule");
    html! {
        section.card {
            div.ch {
                h2 { (frame.t(t::RULE)) " " a href={ "/rules/" (code) } { (code) } }
                @if let Some(rule) = &doubt.page.rule {
                    span.m { (code_words(service, frame, RuleSeverity::LIST,
                        rule.severity.word())) }
                }
            }
            div.cb {
                @if let Some(rule) = &doubt.page.rule {
                    p { b { (rule.title(frame.language)) } }
                    @let (words, _) = text_parts(&rule.text(frame.language));
                    (prose(&words))
                    @for line in source_lines(service.codebook(), frame, rule) {
                        p.muted.small { (frame.t(rule_text::SOURCE)) " · " (line) }
                    }
                }
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/doubts/{id}", get(show))
        .route("/doubts/{id}/answer", post(answer))
        .route("/doubts/{id}/check", post(check))
}

async fn load(state: &AppState, visit: &Visit, id: &RecordId) -> Result<DoubtView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let (page, names, may_edit_subject) = state
        .run(move |service| {
            let page = service.doubt_page(&caller, &asked)?;
            let people = ["answered_by", "checked_by"];
            let ids: Vec<RecordId> =
                people.iter().filter_map(|field| page.doubt.reference(field).cloned()).collect();
            let names = service.names_of(&ids)?;
            let may = page.subject.as_ref().is_some_and(|one| may_edit(service, &caller, one));
            Ok((page, names, may))
        })
        .await?;
    let place = lists.region_name(page.doubt.region.as_ref());
    Ok(DoubtView { page, place, names, may_edit_subject })
}

/// Findings and what belongs to them are changed on pages of their own.
fn may_edit(service: &Service, caller: &Caller, subject: &Record) -> bool {
    let ledger = service.codebook().ledger(&subject.ledger);
    let is_plain = ledger.is_some_and(|ledger| ledger.flow.is_none());
    is_plain && service.may_change(caller, subject)
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let doubt = load(&state, &visit, &id_of(&id)?).await?;
    Ok(view(state.service(), &visit.frame, &doubt, &Returned::default()).into_response())
}

async fn answer(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let input = AnswerDoubt {
        doubt: id.clone(),
        version: form.version(),
        answer: form.get("answer").to_owned(),
        note: form.get("answer_note").to_owned(),
    };
    let caller = visit.caller.clone();
    let result = state.run(move |service| service.answer_doubt(&caller, &input)).await;
    finish(&state, &visit, &id, result, "answer", form).await
}

async fn check(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, doubt) = (visit.caller.clone(), id.clone());
    let typed = form.clone();
    let result = state
        .run(move |service| {
            let (zh, en) = ("请选择审核结果", "choose the result");
            let none = || ServiceError::field("doubt", "result", "P0026", zh, en);
            let is_accepted = decision_of(typed.get("result")).ok_or_else(none)?;
            let note = typed.get("check_note").to_owned();
            let input = CheckDoubt { doubt, version: typed.version(), is_accepted, note };
            service.check_doubt(&caller, &input)
        })
        .await;
    finish(&state, &visit, &id, result, "check", form).await
}

async fn finish(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    result: Result<Record, WebError>,
    name: &'static str,
    form: FormValues,
) -> Answer {
    let back = form.some("back").filter(|back| is_mine(back));
    let address = back.unwrap_or_else(|| format!("/doubts/{id}"));
    let done = |_| see_done(state.options(), &address, "step", 1, None);
    form_answer(visit, result, done, async |errors| {
        let doubt = load(state, visit, id).await?;
        let returned = Returned { form: name, values: form, errors };
        Ok(view(state.service(), &visit.frame, &doubt, &returned))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::names_word;

    #[test]
    fn a_field_is_named_whole_or_not_at_all() {
        let text = "exit_confirmed_on < exit_applied_on";
        for (word, expected) in [("exit_applied_on", true), ("exit", false), ("applied_on", false)]
        {
            assert_eq!(names_word(text, word), expected, "{word}");
        }
    }
}
