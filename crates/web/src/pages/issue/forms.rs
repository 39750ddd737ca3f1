//! The forms of one finding: every step of the flow and every act beside it.

use super::model::{IssueView, MeasureRow, StepOffer};
use crate::app::FormValues;
use crate::components::{
    Choice, Errors, Field, area_field, check_field, choice_field, date_field, file_field,
    form_open, hidden, input_field, many_picker, one_picker, select_field, upload_form,
};
use crate::frame::Frame;
use crate::text::{Text, common, issue as t};
use maud::{Markup, html};

/// A form that came back with faults: which, what was typed, what is wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned {
    /// Name of the step or act whose form stays open.
    pub(crate) form: String,
    /// What was typed.
    pub(crate) values: FormValues,
    /// What is wrong.
    pub(crate) errors: Errors,
}

/// Builds the fields of one form.
pub(crate) struct Sheet<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) issue: &'a IssueView,
    pub(crate) returned: &'a Returned,
    pub(crate) form: &'a str,
}

impl<'a> Sheet<'a> {
    fn is_returned(&self) -> bool {
        self.returned.form == self.form
    }

    /// What was typed before, else the given start value.
    fn value(&'a self, name: &str, start: &'a str) -> &'a str {
        if self.is_returned() { self.returned.values.get(name) } else { start }
    }

    fn errors(&self) -> Errors {
        if self.is_returned() { self.returned.errors.clone() } else { Errors::default() }
    }

    fn field(&'a self, name: &'a str, label: Text, start: &'a str) -> Field<'a> {
        Field {
            name,
            scope: if self.is_returned() { "" } else { self.form },
            label: self.frame.t(label),
            value: self.value(name, start),
            ..Field::default()
        }
    }

    fn text(&self, name: &str, label: Text, is_required: bool) -> Markup {
        let field = Field { is_required, ..self.field(name, label, "") };
        input_field(self.frame, &self.errors(), &field)
    }

    fn area(&self, name: &str, label: Text, start: &str, is_required: bool) -> Markup {
        let field = Field { is_required, ..self.field(name, label, start) };
        area_field(self.frame, &self.errors(), &field)
    }

    fn date(&self, name: &str, label: Text, start: &str, is_required: bool) -> Markup {
        let field = Field { is_required, ..self.field(name, label, start) };
        date_field(self.frame, &self.errors(), &field)
    }

    fn choice(&self, name: &str, label: Text, options: &[(&str, Text)]) -> Markup {
        let options: Vec<_> = options
            .iter()
            .map(|(value, words)| ((*value).to_owned(), self.frame.t(*words).to_owned()))
            .collect();
        let field = Field { is_required: true, ..self.field(name, label, "") };
        choice_field(self.frame, &self.errors(), &field, &options)
    }

    /// The fields of a step by its name in the flow.
    fn step_fields(&self, step: &StepOffer) -> Markup {
        let issue = self.issue;
        html! {
            @match step.step.as_str() {
                "claim" => {
                    (self.area("cause", t::CAUSE, &issue.cause, true))
                    (self.area("self_check", t::SELF_CHECK, &issue.self_check, false))
                },
                "mark_absent" => { (self.area("self_check", t::SELF_CHECK, &issue.self_check,
                    true)) },
                "plan" => {
                    (self.plan_fields())
                    (self.area("measures", t::MEASURE_TEXT, "", false))
                    p.hint { (self.frame.t(t::MEASURES_HINT)) }
                },
                "submit" => { (self.area("result", t::SUBMIT_RESULT, &issue.result, true)) },
                "accept" => { (self.acceptance_fields()) },
                "close" => { (self.consent_fields()) },
                "look_back" => {
                    (self.choice("result", t::LOOK_BACK_RESULT,
                        &[("holds", t::LOOK_BACK_HOLDS), ("recurred", t::LOOK_BACK_RECURRED)]))
                    (self.area("note", t::NOTE, "", true))
                },
                _ => {},
            }
            @if step.needs_reason { (self.area("reason", common::REASON, "", true)) }
            @if let Some(latest) = &step.new_deadline { (self.new_deadline(latest)) }
        }
    }

    fn new_deadline(&self, latest: &str) -> Markup {
        let hint = if latest.is_empty() {
            String::new()
        } else {
            self.frame.with(t::NEW_DEADLINE_LATEST, &[&latest])
        };
        let field = Field { hint: &hint, ..self.field("new_deadline_on", t::EXTENSION_NEW, "") };
        date_field(self.frame, &self.errors(), &field)
    }

    /// Lead unit and deadline, as far as the plan still needs them.
    fn plan_fields(&self) -> Markup {
        let (issue, frame, errors) = (self.issue, self.frame, self.errors());
        let long_term = if issue.values.is_long_term { "yes" } else { "" };
        html! {
            div.frow {
                (one_picker(frame, &errors,
                    &self.field("lead_unit", t::LEAD_UNIT, &issue.values.lead_unit),
                    &self.units_for_lead()))
                (self.date("deadline_on", t::DEADLINE, &issue.values.deadline_on, false))
            }
            (check_field(&self.field("is_long_term", t::LONG_TERM, long_term)))
        }
    }

    /// The ticks among the units are the responsible ones; none of them proposes the lead.
    fn units_for_lead(&self) -> Vec<Choice> {
        let plain = |unit: &Choice| Choice { is_picked: false, ..unit.clone() };
        self.issue.choices.units.iter().map(plain).collect()
    }

    /// Who and until when.
    pub(crate) fn duty_fields(&self) -> Markup {
        let (issue, frame, errors) = (self.issue, self.frame, self.errors());
        let values = &issue.values;
        let long_term = if values.is_long_term { "yes" } else { "" };
        html! {
            div.frow {
                (one_picker(frame, &errors,
                    &self.field("lead_unit", t::LEAD_UNIT, &values.lead_unit),
                    &self.units_for_lead()))
                (one_picker(frame, &errors,
                    &self.field("leader", t::ASSIGN_LEADER, &values.leader), &issue.choices.people))
                (one_picker(frame, &errors,
                    &self.field("person", t::ASSIGN_PERSON, &values.person), &issue.choices.people))
                (self.date("deadline_on", t::DEADLINE, &values.deadline_on, false))
            }
            (many_picker(frame, &errors, &self.field("units", t::UNITS, ""), &issue.choices.units))
            (check_field(&self.field("is_long_term", t::LONG_TERM, long_term)))
        }
    }

    pub(crate) fn acceptance_fields(&self) -> Markup {
        html! {
            (self.choice("result", t::ACCEPT_RESULT,
                &[("passed", t::ACCEPT_PASSED), ("failed", t::ACCEPT_FAILED)]))
            (self.area("sample", t::ACCEPT_SAMPLE, "", true))
            div.frow {
                (self.text("sample_size", t::ACCEPT_SIZE, true))
                (self.text("sample_failed", t::ACCEPT_BAD, false))
                (self.date("on", t::ON, "", false))
            }
            (check_field(&self.field("is_on_site", t::ACCEPT_ON_SITE, "")))
            (self.area("opinion", t::ACCEPT_OPINION, "", false))
        }
    }

    pub(crate) fn consent_fields(&self) -> Markup {
        let values = &self.issue.values;
        let paper =
            self.field("upper_consent_paper", t::CONSENT_PAPER, &values.upper_consent_paper);
        html! {
            @if self.issue.is_upper {
                div.frow {
                    (input_field(self.frame, &self.errors(), &Field { is_required: true, ..paper }))
                    (self.date("upper_consent_on", t::CONSENT_ON, &values.upper_consent_on, true))
                }
            }
        }
    }

    /// A form under a button; open when it came back.
    fn drawer(&self, words: &str, class: &str, form: &Markup) -> Markup {
        html! {
            details.act-d open[self.is_returned()] {
                summary class={ "btn " (class) } { (words) }
                div.bx { (form) }
            }
        }
    }

    fn posted(&self, body: &Markup) -> Markup {
        let action = format!("/issues/{}/{}", self.issue.id, self.form);
        let draft = format!("{}-{}", self.issue.id, self.form);
        form_open(self.frame, &action, &draft, body)
    }

    fn act(&self, words: Text, class: &str, fields: &Markup) -> Markup {
        let body = html! {
            (hidden("version", &self.issue.version.to_string()))
            (fields)
            button.btn.p { (self.frame.t(words)) }
        };
        self.drawer(self.frame.t(words), class, &self.posted(&body))
    }
}

fn sheet<'a>(
    frame: &'a Frame,
    issue: &'a IssueView,
    returned: &'a Returned,
    form: &'a str,
) -> Sheet<'a> {
    Sheet { frame, issue, returned, form }
}

/// The steps of the flow as buttons with their forms.
pub(crate) fn steps(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    html! {
        @for step in &issue.steps {
            @let name = format!("steps/{}", step.step);
            @let sheet = sheet(frame, issue, returned, &name);
            @let class = if step.is_primary { "p" } else { "" };
            @if step.step == "close" {
                a class={ "btn " (class) } href={ "/issues/" (issue.id) "/close" } {
                    (step.label)
                }
            } @else {
                (sheet.drawer(&step.label, class, &sheet.posted(&html! {
                    (hidden("version", &issue.version.to_string()))
                    @if !step.missing.is_empty() {
                        div.note.y {
                            (frame.t(t::ACTS_BLOCKED))
                            (step.missing.join(frame.t(common::CLAUSES)))
                        }
                    }
                    (sheet.step_fields(step))
                    button.btn.p { (step.label) }
                })))
            }
        }
    }
}

/// Assigning, reminding, taking back.
pub(crate) fn beside(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let assign = sheet(frame, issue, returned, "assign");
    let button = |form: &str, words: Text| {
        form_open(
            frame,
            &format!("/issues/{}/{form}", issue.id),
            "",
            &html! {
                (hidden("version", &issue.version.to_string()))
                button.btn { (frame.t(words)) }
            },
        )
    };
    html! {
        @if issue.rights.assign { (assign.act(t::ASSIGN, "", &assign.duty_fields())) }
        @if issue.rights.consent {
            a.btn href={ "/issues/" (issue.id) "/close#consent" } {
                (frame.t(crate::text::close::CONSENT_SAVE))
            }
        }
        @if issue.rights.remind { (button("remind", t::REMIND)) }
        @if issue.may_undo { (button("undo", t::UNDO_STEP)) }
    }
}

/// A progress entry.
pub(crate) fn progress(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "progress");
    let percent = issue.percent.to_string();
    form.act(
        t::PROGRESS_ADD,
        "s",
        &html! {
            (form.area("text", t::PROGRESS_TEXT, "", true))
            div.frow {
                (form.date("on", t::ON, "", false))
                (input_field(frame, &form.errors(), &form.field("percent", t::PERCENT, &percent)))
            }
        },
    )
}

/// A measure.
pub(crate) fn measure(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "measures");
    form.act(t::MEASURE_ADD, "s", &form.area("measures", t::MEASURE_TEXT, "", true))
}

/// Another text for a measure, and that it serves this finding no longer.
pub(crate) fn edit_measure(
    frame: &Frame,
    issue: &IssueView,
    returned: &Returned,
    measure: &MeasureRow,
) -> Markup {
    let name = format!("measures/{}", measure.id);
    let form = sheet(frame, issue, returned, &name);
    let saved = form.posted(&html! {
        (hidden("version", &measure.version.to_string()))
        (form.area("text", t::MEASURE_TEXT, &measure.text, true))
        p.hint { (frame.t(t::MEASURE_SHARED)) }
        button.btn.p { (frame.t(t::MEASURE_SAVE)) }
    });
    let name = format!("untie/{}", measure.id);
    let untied = sheet(frame, issue, returned, &name).posted(&html! {
        button.btn { (frame.t(t::MEASURE_UNTIE)) }
    });
    form.drawer(frame.t(t::MEASURE_EDIT), "s", &html! { (saved) (untied) })
}

/// Measures of other findings that serve this one too.
pub(crate) fn tie(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "tie");
    form.act(
        t::MEASURE_TIE,
        "s",
        &html! {
            (many_picker(frame, &form.errors(), &form.field("measures", t::MEASURE_TIE_WHICH, ""),
                &issue.choices.measures))
        },
    )
}

/// Taking a file away from this finding.
pub(crate) fn detach(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "detach");
    let file = Field { is_required: true, ..form.field("evidence", t::EVIDENCE_WHICH, "") };
    form.act(
        t::EVIDENCE_DETACH,
        "s",
        &html! {
            (select_field(frame, &form.errors(), &file, &issue.choices.files))
            (form.area("reason", common::REASON, "", true))
        },
    )
}

/// Files for this finding and, if wished, for its siblings.
pub(crate) fn evidence(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "evidence");
    let errors = form.errors();
    let body = html! {
        (select_field(frame, &errors, &form.field("kind", t::EVIDENCE_KIND, ""),
            &issue.choices.evidence_kinds))
        div.frow {
            (form.date("dated_on", t::EVIDENCE_DATED, "", false))
            (form.text("description", t::EVIDENCE_NOTE, false))
        }
        @if !issue.choices.siblings.is_empty() {
            (many_picker(frame, &errors, &form.field("also", t::EVIDENCE_ALSO, ""),
                &issue.choices.siblings))
        }
        (file_field(frame, &errors, &Field { is_required: true, ..form.field("file",
            t::EVIDENCE_FILE, "") },
            "", true))
        button.btn.p { (frame.t(t::EVIDENCE_ADD)) }
    };
    let action = format!("/issues/{}/evidence", issue.id);
    form.drawer(frame.t(t::EVIDENCE_ADD), "s", &upload_form(frame, &action, &body))
}

/// Asking for more time.
pub(crate) fn extension(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "extensions");
    form.act(
        t::EXTENSION_ASK,
        "s",
        &html! {
            (form.date("new_deadline_on", t::EXTENSION_NEW, "", true))
            (form.area("reason", common::REASON, "", true))
        },
    )
}

/// A stage goal.
pub(crate) fn goal(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "goals");
    form.act(
        t::GOAL_ADD,
        "s",
        &html! {
            (form.text("goal", t::GOAL_TEXT, true))
            (form.date("due_on", t::DUE, "", true))
        },
    )
}

/// Sending the finding to peers for their self-check.
pub(crate) fn peers(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let form = sheet(frame, issue, returned, "peers");
    form.act(
        t::FAN_OUT,
        "s",
        &html! {
            (many_picker(frame, &form.errors(), &form.field("regions", t::FAN_OUT_REGIONS, ""),
                &issue.choices.regions))
        },
    )
}
