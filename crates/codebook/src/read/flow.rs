//! Reads flows.

use super::own_name;
use crate::model::{
    Clock, ClockKind, EscalationStep, Flow, LadderEnd, Needs, State, StateKind, Step,
};
use crate::names::check_name;
use crate::section::{Section, Words};

const STATE_KINDS: &Words<StateKind> = &[
    ("open", StateKind::Open),
    ("waiting", StateKind::Waiting),
    ("long_term", StateKind::LongTerm),
    ("closed", StateKind::Closed),
    ("void", StateKind::Void),
];

const CLOCK_KINDS: &Words<ClockKind> =
    &[("calendar", ClockKind::Calendar), ("working", ClockKind::Working)];

/// The kind of a state by its word, as filters and templates write it.
#[must_use]
pub fn state_kind(word: &str) -> Option<StateKind> {
    STATE_KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

/// The word of a kind of state, the other way round.
#[must_use]
pub fn state_kind_word(kind: StateKind) -> &'static str {
    STATE_KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(word, _)| word)
}

/// The words for kinds of states.
pub(crate) fn state_kind_words() -> impl Iterator<Item = &'static str> {
    STATE_KINDS.iter().map(|(word, _)| *word)
}

pub(super) fn flow(name: &str, section: &Section<'_>) -> Flow {
    Flow {
        name: own_name(section, name),
        label: section.message("label"),
        ledger: section.required_text("ledger"),
        edition: section.required_integer("edition"),
        initial: section.required_text("initial"),
        states: section.sections("states").into_iter().map(|(name, s)| state(name, &s)).collect(),
        steps: section.sections("steps").into_iter().map(|(name, s)| step(name, &s)).collect(),
        escalation: section.items("escalation").iter().map(escalation).collect(),
    }
}

fn state(name: &str, section: &Section<'_>) -> State {
    check_name(section.faults(), name, section.at());
    let state = State {
        name: name.to_owned(),
        label: section.message("label"),
        mark: section.text("mark").unwrap_or_default(),
        kind: section.required_choice("kind", STATE_KINDS).unwrap_or(StateKind::Open),
        clock: section.section("clock").map(|clock_section| clock(&clock_section)),
        owners: section.texts("owners"),
        report_status: section.text("report_status"),
    };
    section.finish();
    state
}

fn clock(section: &Section<'_>) -> Clock {
    let clock = Clock {
        parameter: section.required_text("parameter"),
        kind: section.required_choice("kind", CLOCK_KINDS).unwrap_or(ClockKind::Calendar),
    };
    section.finish();
    clock
}

fn step(name: &str, section: &Section<'_>) -> Step {
    check_name(section.faults(), name, section.at());
    let step = Step {
        name: name.to_owned(),
        label: section.message("label"),
        from: section.texts("from"),
        to: section.required_text("to"),
        roles: section.texts("roles"),
        needs: section.section("needs").map_or_else(Needs::default, |s| needs(&s)),
        is_independent: section.boolean("independent"),
        is_work: section.boolean("work"),
        counts_return: section.boolean("counts_return"),
        is_reversible: section.boolean("reversible"),
    };
    section.finish();
    step
}

fn needs(section: &Section<'_>) -> Needs {
    let needs = Needs {
        fields: section.texts("fields"),
        evidence_min: section.integer("evidence_min").unwrap_or_default(),
        reason: section.boolean("reason"),
        acceptance: section.boolean("acceptance"),
        children_closed: section.boolean("children_closed"),
        upper_consent: section.boolean("upper_consent"),
        measure: section.boolean("measure"),
        progress: section.boolean("progress"),
    };
    section.finish();
    needs
}

fn escalation(section: &Section<'_>) -> EscalationStep {
    let rung = EscalationStep {
        form: section.required_text("form"),
        from_day: section.integer("from_day"),
        last: match section.text("to_parameter") {
            Some(parameter) => Some(LadderEnd::Parameter(parameter)),
            None => section.integer("to_day").map(LadderEnd::Day),
        },
        roles: section.texts("roles"),
    };
    section.finish();
    rung
}
