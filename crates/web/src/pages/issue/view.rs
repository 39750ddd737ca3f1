//! The page of one finding: four lists, work, approvals, history.

use super::forms::{self, Returned};
use super::model::{EscalationRow, IssueView, PendingExtension};
use crate::components::{
    Light, Menu, PageHead, comparison, error_summary, file_list, form_open, hidden, icon, light,
    notice, page_head, page_with, progress_bar, tag, timeline,
};
use crate::frame::Frame;
use crate::pages::criterion::outcome;
use crate::text::{common, criterion, issue as t, ledger, write};
use maud::{Markup, html};

/// The page.
pub(crate) fn view(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let title = frame.with(t::TITLE, &[&issue.number]);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(ledger::TITLE), "/issues")],
            title: &format!("{} {}", issue.number, issue.title),
            facts: Some(facts(frame, issue)),
            acts: None,
        }))
        @for hint in &issue.hints { p.seen { (icon("users")) " " (hint) } }
        (error_summary(frame, &returned.errors))
        (rules(frame, issue))
        (acts(frame, issue, returned))
        div.grid.side {
            div.stack {
                (problem(frame, issue))
                (measures(frame, issue, returned))
                (work(frame, issue, returned))
                (evidence(frame, issue, returned))
                (approvals(frame, issue, returned))
                (history(frame, issue))
            }
            div.stack {
                (duty(frame, issue))
                (times(frame, issue))
                (children(frame, issue, returned))
                (goals(frame, issue, returned))
                (escalations(frame, issue))
                (source(frame, issue))
            }
        }
    };
    page_with(frame, &title, Menu::Issues, !returned.errors.is_empty(), &body)
}

/// What rules still see of a finding that they close, with the way to the rows.
fn rules(frame: &Frame, issue: &IssueView) -> Markup {
    let Some((rules, open)) = &issue.criterion else { return html! {} };
    let (tone, words) = outcome(frame, *open, issue.light);
    notice(
        tone,
        &html! {
            b { (frame.t(criterion::RULES)) " " (rules) } " · " (words) " "
            a href={ "/issues/" (issue.id) "/criterion" } { (frame.t(criterion::SHOW)) }
        },
    )
}

fn facts(frame: &Frame, issue: &IssueView) -> Markup {
    html! {
        span.row {
            (light(frame, issue.light))
            @if issue.light != Light::Closed { (tag(issue.state_tone, &issue.state)) }
            span.nw { (progress_bar("", issue.percent)) " " (issue.percent) "%" }
            @if issue.return_count > 0 {
                (tag("r", &frame.with(t::FACT_RETURNED, &[&issue.return_count])))
            }
            @if issue.reopened_count > 0 {
                (tag("r", &frame.with(t::FACT_REOPENED, &[&issue.reopened_count])))
            }
            @if let Some((title, address)) = &issue.inspection {
                @if address.is_empty() { span { (title) } } @else { a href=(address) { (title) } }
            }
            @if let Some((number, address)) = &issue.parent {
                span { (frame.t(t::PARENT)) " " a href=(address) { (number) } }
            }
        }
    }
}

fn acts(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    html! {
        section.card.gap aria-label=(frame.t(t::ACTS)) {
            div.cb.acts {
                @if issue.steps.is_empty() { p.muted { (frame.t(t::ACTS_NONE)) } }
                (forms::steps(frame, issue, returned))
                (forms::beside(frame, issue, returned))
                @if frame.viewer.as_ref().is_some_and(|viewer| viewer.rights.doubts) {
                    a.btn href={ "/issues/" (issue.id) "/criterion" } {
                        (frame.t(criterion::LINK))
                    }
                }
            }
        }
    }
}

/// A card with a heading and, at its right, a button.
fn card(id: &str, heading: &str, side: &Markup, body: &Markup) -> Markup {
    html! {
        section.card id=(id) {
            div.ch { h2 { (heading) } span.m { (side) } }
            div.cb { (body) }
        }
    }
}

fn pairs(facts: &[(String, String)]) -> Markup {
    html! {
        dl.kv {
            @for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
                dt { (label) } dd.pre { (value) }
            }
        }
    }
}

fn duty(frame: &Frame, issue: &IssueView) -> Markup {
    card(
        "duty",
        frame.t(t::LIST_DUTY),
        &html! {},
        &html! {
            (pairs(&issue.duty_facts))
            @if !issue.contacts.is_empty() {
                p.small {
                    (frame.t(write::CONTACT)) (frame.t(common::COLON))
                    @for (name, address) in &issue.contacts { a href=(address) { (name) } " " }
                }
            }
        },
    )
}

fn problem(frame: &Frame, issue: &IssueView) -> Markup {
    card(
        "problem",
        frame.t(t::LIST_PROBLEM),
        &html! {
            @if issue.rights.edit {
                a.btn.s href={ "/issues/" (issue.id) "/edit" } data-edit="" {
                    (frame.t(write::EDIT))
                }
            }
        },
        &html! {
            p.pre { (issue.problem) }
            (pairs(&issue.problem_facts))
            @for (label, value) in
                [(t::CAUSE, &issue.cause), (t::SELF_CHECK, &issue.self_check), (t::RESULT,
                    &issue.result)]
            {
                @if !value.is_empty() { h3 { (frame.t(label)) } p.pre { (value) } }
            }
        },
    )
}

fn measures(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let side = html! {
        @if issue.rights.measures {
            (forms::measure(frame, issue, returned))
            @if !issue.choices.measures.is_empty() { (forms::tie(frame, issue, returned)) }
        }
    };
    card(
        "measures",
        frame.t(t::LIST_MEASURES),
        &html! {},
        &html! {
            @if issue.measures.is_empty() { p.muted { (frame.t(t::MEASURES_NONE)) } }
            ol.num {
                @for measure in &issue.measures {
                    li {
                        span.pre { (measure.text) } " "
                        span.muted.small { (measure.origin) }
                        @if issue.rights.measures {
                            (forms::edit_measure(frame, issue, returned, measure))
                        }
                    }
                }
            }
            (side)
        },
    )
}

fn work(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    card(
        "progress",
        frame.t(t::PROGRESS),
        &html! {},
        &html! {
            @if issue.progress.is_empty() { p.muted { (frame.t(t::PROGRESS_NONE)) } }
            @else { (timeline(&issue.progress)) }
            @if issue.rights.progress { (forms::progress(frame, issue, returned)) }
        },
    )
}

fn evidence(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let count = html! { (frame.with(ledger::EVIDENCE_COUNT, &[&issue.evidence.len()])) };
    card(
        "evidence",
        frame.t(t::EVIDENCE),
        &count,
        &html! {
            @if issue.evidence.is_empty() { p.muted { (frame.t(t::EVIDENCE_NONE)) } }
            @else { (file_list(frame, &issue.evidence)) }
            @if issue.rights.evidence {
                (forms::evidence(frame, issue, returned))
                @if !issue.evidence.is_empty() { (forms::detach(frame, issue, returned)) }
            }
        },
    )
}

fn approvals(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    let is_empty =
        issue.approvals.is_empty() && issue.pending.is_empty() && issue.look_backs.is_empty();
    card(
        "approvals",
        frame.t(t::APPROVALS),
        &html! {},
        &html! {
            @if is_empty { p.muted { (frame.t(t::APPROVALS_NONE)) } }
            @for extension in &issue.pending { (decision(frame, issue, extension)) }
            @if !issue.approvals.is_empty() { (timeline(&issue.approvals)) }
            @if !issue.look_backs.is_empty() {
                h3 { (frame.t(t::LOOK_BACKS)) }
                (timeline(&issue.look_backs))
            }
            @if issue.rights.ask_extension { (forms::extension(frame, issue, returned)) }
        },
    )
}

fn decision(frame: &Frame, issue: &IssueView, extension: &PendingExtension) -> Markup {
    let action = format!("/issues/{}/extensions/{}", issue.id, extension.id);
    html! {
        div.note.y {
            p { (frame.with(t::EXTENSION, &[&extension.new_deadline_on, &extension.reason])) }
            @if extension.may_decide {
                (form_open(frame, &action, "", &html! {
                    (hidden("version", &extension.version.to_string()))
                    div.row {
                        label {
                            span.vh { (frame.t(t::EXTENSION_NOTE)) }
                            // In a line of text the enter key would press the first button.
                            textarea name="note" rows="1"
                                placeholder=(frame.t(t::EXTENSION_NOTE)) {}
                        }
                        button.btn.s.p name="decision" value="granted" {
                            (frame.t(t::EXTENSION_GRANT))
                        }
                        button.btn.s name="decision" value="refused" {
                            (frame.t(t::EXTENSION_REFUSE))
                        }
                    }
                }))
            }
        }
    }
}

fn times(frame: &Frame, issue: &IssueView) -> Markup {
    card("times", frame.t(t::LIST_TIME), &html! {}, &pairs(&issue.time_facts))
}

fn children(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    html! {
        @if !issue.children.is_empty() || issue.rights.extend_to_peers {
            (card("children", frame.t(t::CHILDREN), &html! {
                (frame.with(t::CHILDREN_LINE, &[&issue.children.len(), &issue.open_children]))
            }, &html! {
                ul.lst {
                    @for child in &issue.children {
                        li {
                            a href={ "/issues/" (child.id) } { (child.number) }
                            span { (child.region) }
                            @if !child.answer.is_empty() { (tag("b", &child.answer)) }
                            span.w { (child.state) } (light(frame, child.light))
                        }
                    }
                }
                @if issue.rights.extend_to_peers { (forms::peers(frame, issue, returned)) }
            }))
        }
    }
}

fn goals(frame: &Frame, issue: &IssueView, returned: &Returned) -> Markup {
    html! {
        @if !issue.goals.is_empty() || issue.values.is_long_term {
            (card("goals", frame.t(t::GOALS), &html! {}, &html! {
                ul.lst {
                    @for goal in &issue.goals {
                        li {
                            span { (goal.due_on) " " (goal.goal) }
                            @if !goal.done_on.is_empty() {
                                span.w { (frame.with(t::GOAL_REACHED, &[&goal.done_on])) }
                            } @else if issue.rights.reach_goals {
                                (form_open(frame,
                                    &format!("/issues/{}/goals/{}", issue.id, goal.id), "",
                                    &html! {
                                        (hidden("version", &goal.version.to_string()))
                                        button.btn.s { (frame.t(t::GOAL_DONE)) }
                                    }))
                            }
                        }
                    }
                }
                @if issue.rights.goals { (forms::goal(frame, issue, returned)) }
            }))
        }
    }
}

fn escalations(frame: &Frame, issue: &IssueView) -> Markup {
    html! {
        @if !issue.escalations.is_empty() {
            (card("escalations", frame.t(t::ESCALATIONS), &html! {}, &html! {
                ul.lst {
                    @for row in &issue.escalations { (escalation(frame, issue, row)) }
                }
            }))
        }
    }
}

fn escalation(frame: &Frame, issue: &IssueView, row: &EscalationRow) -> Markup {
    html! {
        li {
            span { (frame.with(t::ESCALATION_LINE, &[&row.form, &row.days_late])) }
            @if row.is_done {
                span.w { (row.paper_number) " " (row.done_on) }
            } @else if issue.rights.supervise {
                (form_open(frame, &format!("/issues/{}/escalations/{}", issue.id, row.id), "",
                    &html! {
                        (hidden("version", &row.version.to_string()))
                        div.row {
                            label {
                                span.vh { (frame.t(t::ESCALATION_PAPER)) }
                                input type="text" name="paper_number"
                                    placeholder=(frame.t(t::ESCALATION_PAPER));
                            }
                            button.btn.s { (frame.t(t::ESCALATION_DO)) }
                        }
                    }))
            }
        }
    }
}

fn source(frame: &Frame, issue: &IssueView) -> Markup {
    html! {
        @if !issue.source_sentence.is_empty() {
            (card("source", frame.t(t::SOURCE_SENTENCE), &html! {}, &html! {
                p.pre.small { (issue.source_sentence) }
                @if let Some(address) = &issue.source_address {
                    a href=(address) { (frame.t(t::SOURCE_OPEN)) }
                }
            }))
        }
    }
}

fn history(frame: &Frame, issue: &IssueView) -> Markup {
    card(
        "history",
        frame.t(t::HISTORY),
        &html! {},
        &html! {
            @if !issue.last_edit.is_empty() { p.muted.small { (issue.last_edit) } }
            ol.tl {
                @for row in &issue.history {
                    li {
                        time { (row.at) } (row.verb) " "
                        span.by {
                            @if row.by.is_empty() { (frame.t(t::HISTORY_SYSTEM)) } @else {
                                (row.by) }
                        }
                        @if !row.reason.is_empty() {
                            p { (frame.t(common::REASON)) (frame.t(common::COLON)) (row.reason) }
                        }
                        @if !row.changes.is_empty() {
                            details {
                                summary.small { (frame.t(common::DETAILS)) }
                                (comparison(frame, &row.changes))
                            }
                        }
                    }
                }
            }
        },
    )
}
