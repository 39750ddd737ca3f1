//! The steps that a record's state offers to one person, with every reason against each.

use crate::take::{fields_missing, standing_refusals};
use crate::{Context, Person, Situation};
use taizhang_diagnostics::{Diagnostic, Message};

/// One step of the record's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepOffer {
    /// Step by name.
    pub step: String,
    /// Word on the button.
    pub label: Message,
    /// State reached.
    pub to: String,
    /// Why it may not be taken now; empty if it may.
    pub refusals: Vec<Diagnostic>,
    /// What its form has to ask for.
    pub asks: Vec<Ask>,
    /// It may be undone by its taker.
    pub is_reversible: bool,
}

impl StepOffer {
    /// True if nothing but the step's own form stands between the person and the step.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Something that a step's form has to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A field of the record that is empty.
    Field(String),
    /// A reason in words.
    Reason,
    /// An acceptance form with sample and result.
    Acceptance,
    /// A new deadline, at the latest on this day if there is a limit.
    NewDeadline(Option<taizhang_values::Date>),
}

/// The steps that leave from the record's state, in the order of the flow.
///
/// # Shape
/// A step that the person may not take is listed with its reasons, so that a page can say why and
/// who can.
#[must_use]
pub fn allowed_steps(
    context: &Context<'_>,
    situation: &Situation,
    person: &Person,
) -> Vec<StepOffer> {
    let leaves = |step: &&taizhang_codebook::Step| step.from.contains(&situation.state);
    context
        .flow
        .steps
        .iter()
        .filter(leaves)
        .map(|step| StepOffer {
            step: step.name.clone(),
            label: step.label.clone(),
            to: step.to.clone(),
            refusals: standing_refusals(context, step, situation, person),
            asks: asks(context, step, situation),
            is_reversible: step.is_reversible,
        })
        .collect()
}

fn asks(context: &Context<'_>, step: &taizhang_codebook::Step, situation: &Situation) -> Vec<Ask> {
    let mut asks: Vec<Ask> =
        fields_missing(step, situation, None).map(|field| Ask::Field(field.to_owned())).collect();
    if step.needs.reason {
        asks.push(Ask::Reason);
    }
    if step.needs.acceptance && situation.acceptance != Some(true) {
        asks.push(Ask::Acceptance);
    }
    if step.counts_return {
        asks.push(Ask::NewDeadline(crate::latest_new_deadline(situation, context.today())));
    }
    asks
}
