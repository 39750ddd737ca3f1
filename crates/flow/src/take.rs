//! Taking one step.

use crate::{
    Context, Person, Situation, StepInput, deadline_before_issue, look_back_on,
    new_deadline_refusals, refusal, state_due_on,
};
use std::collections::BTreeMap;
use taizhang_codebook::{StateKind, Step};
use taizhang_diagnostics::{Diagnostic, Place};
use taizhang_values::{Date, Value};

/// What a step changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The step.
    pub step: String,
    /// State reached.
    pub to: String,
    /// Fields to write in the same change; `Null` empties one. A ledger that lacks a field of the
    /// flow's own (`return_count`, `due_on` …) leaves it out.
    pub changes: BTreeMap<String, Value>,
    /// Verb of the audit line, `<ledger>.<step>`.
    pub verb: String,
    /// The step may be undone by its taker.
    pub is_reversible: bool,
}

/// Judges one step and says what it changes.
///
/// # Shape
/// In: the record's facts as read in the transaction that will write, and the person with the
/// roles that he holds over the record. Out: the state reached and the fields to write.
/// # Errors
/// Every reason against the step at once, each with code, words and cure: `F0101` unknown step,
/// `F0102` wrong state, `F0110` role, `F0111`–`F0113` not independent, `F0201` field, `F0202`
/// evidence, `F0203` reason, `F0204`–`F0205` acceptance, `F0206` children, `F0207` upper consent,
/// `F0208` measure, `F0209` progress, `F0301`–`F0304` deadline.
/// # Source
/// The states of the rectification process, domain §3.1; nobody accepts what he is responsible
/// for, §2.3.
pub fn take(
    context: &Context<'_>,
    step: &str,
    situation: &Situation,
    person: &Person,
    input: &StepInput,
) -> Result<Transition, Vec<Diagnostic>> {
    let Some(step) = context.flow.step(step) else {
        return Err(vec![refusal::unknown_step(context, step)]);
    };
    let mut refusals = standing_refusals(context, step, situation, person);
    refusals.extend(form_refusals(context, step, situation, input));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(transition(context, step, situation, input))
}

/// What a step changes that nobody takes, such as a reopening because a rule sees the fault again:
/// as [`take`], without anybody to judge and any form. `None` for a step that there is not.
#[must_use]
pub fn take_by_itself(
    context: &Context<'_>,
    step: &str,
    situation: &Situation,
) -> Option<Transition> {
    let step = context.flow.step(step)?;
    Some(transition(context, step, situation, &StepInput::default()))
}

fn transition(
    context: &Context<'_>,
    step: &Step,
    situation: &Situation,
    input: &StepInput,
) -> Transition {
    Transition {
        step: step.name.clone(),
        to: step.to.clone(),
        changes: changes(context, step, situation, input),
        verb: format!("{}.{}", context.flow.ledger, step.name),
        is_reversible: step.is_reversible,
    }
}

/// Reasons that no form of the step can mend: state, person, and what has to be there before.
pub(crate) fn standing_refusals(
    context: &Context<'_>,
    step: &Step,
    situation: &Situation,
    person: &Person,
) -> Vec<Diagnostic> {
    let mut refusals = Vec::new();
    if !step.from.contains(&situation.state) {
        refusals.push(refusal::wrong_state(context, step, &situation.state));
    }
    if !person.may_take(step) {
        refusals.push(refusal::role(context, step));
    }
    refusals.extend(refusal::dependence(step, situation, person));
    let needs = &step.needs;
    if situation.evidence_count < needs.evidence_min {
        refusals.push(refusal::evidence(needs.evidence_min, situation.evidence_count));
    }
    if needs.children_closed && situation.children_open > 0 {
        refusals.push(refusal::children(situation.children_open));
    }
    if needs.upper_consent && situation.needs_upper_consent && !situation.has_upper_consent {
        refusals.push(refusal::upper_consent());
    }
    if needs.measure && situation.measure_count == 0 {
        refusals.push(refusal::measure());
    }
    if needs.progress && !situation.has_progress {
        refusals.push(refusal::progress(situation.return_count));
    }
    refusals
}

/// Reasons that the step's form mends: fields, reason, acceptance form, dates.
fn form_refusals(
    context: &Context<'_>,
    step: &Step,
    situation: &Situation,
    input: &StepInput,
) -> Vec<Diagnostic> {
    let mut refusals: Vec<Diagnostic> = fields_missing(step, situation, Some(input))
        .map(|field| refusal::field(context, field))
        .collect();
    let has_reason = input.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    if step.needs.reason && !has_reason {
        refusals.push(refusal::reason(step));
    }
    if step.needs.acceptance {
        refusals.extend(refusal::acceptance(situation.acceptance));
    }
    if goes_back(context, step, situation) {
        let is_reopening = kind_of(context, &situation.state) == Some(StateKind::Closed);
        refusals.extend(new_deadline_refusals(
            context,
            situation,
            input.new_deadline_on,
            is_reopening,
        ));
    } else if let Some(deadline_on) = deadline_given(input) {
        let place =
            Place::Field { ledger: context.flow.ledger.clone(), field: "deadline_on".to_owned() };
        refusals.extend(
            deadline_before_issue(deadline_on, situation.issued_on)
                .map(|refusal| refusal.at(place)),
        );
    }
    refusals
}

/// Needed fields that neither the record nor the input fills. A long-term record needs no deadline:
/// its stage goals have theirs.
pub(crate) fn fields_missing<'a>(
    step: &'a Step,
    situation: &'a Situation,
    input: Option<&'a StepInput>,
) -> impl Iterator<Item = &'a str> {
    let given = move |field: &str| input.and_then(|input| input.fields.get(field));
    let is_long_term =
        given("is_long_term").and_then(Value::as_boolean).unwrap_or(situation.is_long_term);
    step.needs.fields.iter().map(String::as_str).filter(move |field| {
        let is_filled = match given(field) {
            Some(value) => !value.is_empty(),
            None => situation.filled.contains(*field),
        };
        let is_spared = *field == "deadline_on" && is_long_term;
        !is_filled && !is_spared
    })
}

/// True if the step leads from judgement or an end back to work.
fn goes_back(context: &Context<'_>, step: &Step, situation: &Situation) -> bool {
    let from = kind_of(context, &situation.state);
    let to = kind_of(context, &step.to);
    matches!(from, Some(StateKind::Waiting | StateKind::Closed | StateKind::Void))
        && matches!(to, Some(StateKind::Open | StateKind::LongTerm))
}

fn kind_of(context: &Context<'_>, state: &str) -> Option<StateKind> {
    context.state(state).map(|state| state.kind)
}

fn deadline_given(input: &StepInput) -> Option<Date> {
    input.new_deadline_on.or_else(|| input.fields.get("deadline_on").and_then(Value::as_date))
}

/// The fields that a step writes beside those of its form.
fn changes(
    context: &Context<'_>,
    step: &Step,
    situation: &Situation,
    input: &StepInput,
) -> BTreeMap<String, Value> {
    let today = context.today();
    let mut changes = input.fields.clone();
    let mut set = |field: &str, value: Value| {
        changes.insert(field.to_owned(), value);
    };
    let from = kind_of(context, &situation.state);
    let deadline_on = deadline_given(input).or(situation.deadline_on);
    if deadline_on != situation.deadline_on {
        set("deadline_on", deadline_on.into());
    }
    if situation.original_deadline_on.is_none() && deadline_on.is_some() {
        set("original_deadline_on", deadline_on.into());
    }
    if step.counts_return {
        set("return_count", Value::Integer(situation.return_count.saturating_add(1)));
        if from == Some(StateKind::Closed) {
            set("reopened_count", Value::Integer(situation.reopened_count.saturating_add(1)));
        }
    }
    if goes_back(context, step, situation) {
        // What was judged before does not count for the next closing.
        for field in ["submitted_on", "upper_consent_on", "upper_consent_paper", "closed_on"] {
            set(field, Value::Null);
        }
        set("look_back_on", Value::Null);
    }
    let Some(to) = context.state(&step.to) else { return changes };
    match to.kind {
        StateKind::Waiting if from.is_some_and(is_work) => set("submitted_on", today.into()),
        StateKind::LongTerm => set("is_long_term", true.into()),
        StateKind::Closed => {
            if from != Some(StateKind::Closed) {
                set("closed_on", today.into());
                set("percent", Value::Integer(100));
            }
            set("look_back_on", look_back_on(context, to, today).into());
        }
        StateKind::Open | StateKind::Waiting | StateKind::Void => {}
    }
    let due_on = state_due_on(context, to, today, deadline_on, situation.next_goal_on);
    set("due_on", due_on.into());
    set("state_since", context.now.into());
    changes
}

fn is_work(kind: StateKind) -> bool {
    matches!(kind, StateKind::Open | StateKind::LongTerm)
}
