//! Flows: every state can be reached and left, nobody judges himself, the ladder has no holes
//! that overlap.

use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::{
    ClockKind, EscalationStep, Flow, LadderEnd, ParameterValue, State, StateKind, Step,
};
use std::collections::BTreeSet;
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// Code list with the words that reports use for a state.
const REPORT_STATUS_LIST: &str = "finding_status";

/// Code list with the rungs of the overdue ladder.
const ESCALATION_LIST: &str = "escalation_form";

pub(super) fn check(checker: &Checker<'_>, flow: &Flow) {
    let path = ["flows", flow.name.as_str()];
    if flow.states.is_empty() {
        checker.nothing_inside(&path, "环节", "states");
        return;
    }
    check_ledger(checker, flow, &path);
    check_state_name(checker, flow, &flow.initial, &[path.as_slice(), &["initial"]].concat());
    for state in &flow.states {
        let below = [path.as_slice(), &["states", state.name.as_str()]].concat();
        check_state(checker, state, &below);
    }
    for step in &flow.steps {
        let below = [path.as_slice(), &["steps", step.name.as_str()]].concat();
        check_step(checker, flow, step, &below);
    }
    let mut named = flow.steps.iter().flat_map(|step| step.from.iter().chain([&step.to]));
    if flow.state(&flow.initial).is_some() && named.all(|name| flow.state(name).is_some()) {
        check_walk(checker, flow, &path);
    }
    check_ladder(checker, flow, &path);
}

fn check_ledger(checker: &Checker<'_>, flow: &Flow, path: Path<'_>) {
    let path = [path, &["ledger"]].concat();
    let Some(ledger) = checker.ledger(&flow.ledger, &path) else {
        return;
    };
    if ledger.flow.as_deref() != Some(flow.name.as_str()) {
        checker.fault_with_help(
            FaultKind::FlowAstray,
            &path,
            Message::new(
                format!("台账`{}`没有写流程`{}`", ledger.name, flow.name),
                format!("ledger `{}` does not name flow `{}`", ledger.name, flow.name),
            ),
            Message::new(
                format!("在台账里加上 flow = \"{}\"", flow.name),
                format!("add flow = \"{}\" to the ledger", flow.name),
            ),
        );
    }
}

fn check_state_name(checker: &Checker<'_>, flow: &Flow, name: &str, path: Path<'_>) {
    if !name.is_empty() && flow.state(name).is_none() {
        let known = flow.states.iter().map(|state| state.name.as_str());
        checker.unknown(FaultKind::UnknownState, path, ("环节", "state"), name, known);
    }
}

fn check_state(checker: &Checker<'_>, state: &State, path: Path<'_>) {
    checker.roles(&state.owners, &[path, &["owners"]].concat());
    if let Some(status) = &state.report_status {
        checker.code(REPORT_STATUS_LIST, status, &[path, &["report_status"]].concat());
    }
    let Some(clock) = &state.clock else {
        return;
    };
    let wanted = match clock.kind {
        ClockKind::Calendar => "day",
        ClockKind::Working => "working_day",
    };
    check_counted(checker, &clock.parameter, wanted, &[path, &["clock", "parameter"]].concat());
}

/// A parameter that there is and that counts days of the wanted kind.
fn check_counted(checker: &Checker<'_>, parameter: &str, wanted: &str, path: Path<'_>) {
    checker.parameter(parameter, path);
    let unit = checker.codebook.parameters.get(parameter).map(|held| held.unit.as_str());
    if let Some(unit) = unit.filter(|unit| !unit.is_empty() && *unit != wanted) {
        checker.fault(
            FaultKind::ClockUnit,
            path,
            format!("参数`{parameter}`的单位是`{unit}`，这里要`{wanted}`"),
            format!("`{parameter}` counts `{unit}`, the clock wants `{wanted}`"),
        );
    }
}

fn check_step(checker: &Checker<'_>, flow: &Flow, step: &Step, path: Path<'_>) {
    if step.from.is_empty() {
        checker.nothing_inside(path, "起始环节 from", "states in `from`");
    }
    if step.roles.is_empty() {
        checker.nothing_inside(path, "可办角色 roles", "roles in `roles`");
    }
    for (position, state) in step.from.iter().enumerate() {
        let position = position.to_string();
        check_state_name(checker, flow, state, &[path, &["from", position.as_str()]].concat());
    }
    check_state_name(checker, flow, &step.to, &[path, &["to"]].concat());
    checker.roles(&step.roles, &[path, &["roles"]].concat());
    if let Some(ledger) = checker.codebook.ledgers.get(&flow.ledger) {
        for (position, field) in step.needs.fields.iter().enumerate() {
            if ledger.field(field).is_none() {
                let position = position.to_string();
                let path = [path, &["needs", "fields", position.as_str()]].concat();
                checker.unknown_field(ledger, field, &path, &[]);
            }
        }
    }
    if judges(flow, step) && !step.is_independent {
        checker.fault_with_help(
            FaultKind::StepNotIndependent,
            path,
            Message::new(
                format!("步骤`{}`让人验收自己负责的事", step.name),
                format!("step `{}` lets people accept what they answer for", step.name),
            ),
            Message::new("加上 independent = true", "add independent = true"),
        );
    }
    if step.is_independent && step.is_work {
        checker.fault_with_help(
            FaultKind::StepNotIndependent,
            path,
            Message::new(
                format!("步骤`{}`既是办理又要回避", step.name),
                format!("step `{}` is both the work and its judgement", step.name),
            ),
            Message::new("去掉 work = true", "take work = true away"),
        );
    }
}

/// True for steps into an accepted or closed state: into a closed one, with an acceptance, or from
/// waiting on to a further waiting state.
fn judges(flow: &Flow, step: &Step) -> bool {
    let kind = |name: &str| flow.state(name).map(|state| state.kind);
    let from_waiting = step.from.iter().any(|from| kind(from) == Some(StateKind::Waiting));
    match kind(&step.to) {
        Some(StateKind::Closed) => true,
        Some(StateKind::Waiting) => from_waiting || step.needs.acceptance,
        _ => step.needs.acceptance,
    }
}

fn check_walk(checker: &Checker<'_>, flow: &Flow, path: Path<'_>) {
    let reached = walk(flow, [flow.initial.as_str()], |_| true);
    let is_end = |state: &State| matches!(state.kind, StateKind::Closed | StateKind::Void);
    let ends = flow.states.iter().filter(|state| is_end(state)).map(|state| state.name.as_str());
    let ending = walk_back(flow, ends);
    for state in &flow.states {
        let name = state.name.as_str();
        let below = [path, &["states", name]].concat();
        if !reached.contains(name) {
            let (zh, en) = (format!("没有步骤到得了`{name}`"), format!("no step reaches `{name}`"));
            checker.fault(FaultKind::StateUnreachable, &below, zh, en);
        }
        if !ending.contains(name) {
            let (zh, en) =
                (format!("从`{name}`走不到结束"), format!("no way from `{name}` to an end"));
            checker.fault(FaultKind::StateDeadEnd, &below, zh, en);
        }
    }
    let unjudged = walk(flow, [flow.initial.as_str()], |step| !step.needs.acceptance);
    let skips =
        |state: &&State| state.kind == StateKind::Closed && unjudged.contains(state.name.as_str());
    for state in flow.states.iter().filter(skips) {
        checker.fault(
            FaultKind::AcceptanceSkipped,
            &[path, &["states", state.name.as_str()]].concat(),
            format!("不经验收就能到`{}`", state.name),
            format!("`{}` can be reached without acceptance", state.name),
        );
    }
}

/// States that can be reached over the allowed steps.
fn walk<'a>(
    flow: &'a Flow,
    starts: impl IntoIterator<Item = &'a str>,
    is_allowed: impl Fn(&Step) -> bool,
) -> BTreeSet<&'a str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = starts.into_iter().collect();
    while let Some(state) = open.pop() {
        if reached.insert(state) {
            let steps = flow.steps.iter().filter(|step| is_allowed(step));
            let next = steps.filter(|step| step.from.iter().any(|from| from == state));
            open.extend(next.map(|step| step.to.as_str()));
        }
    }
    reached
}

/// States from which one of the ends can be reached.
fn walk_back<'a>(flow: &'a Flow, ends: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = ends.into_iter().collect();
    while let Some(state) = open.pop() {
        if reached.insert(state) {
            let steps = flow.steps.iter().filter(|step| step.to == state);
            open.extend(steps.flat_map(|step| step.from.iter().map(String::as_str)));
        }
    }
    reached
}

fn check_ladder(checker: &Checker<'_>, flow: &Flow, path: Path<'_>) {
    let mut before: Option<&EscalationStep> = None;
    for (position, rung) in flow.escalation.iter().enumerate() {
        let position = position.to_string();
        let below = [path, &["escalation", position.as_str()]].concat();
        checker.code(ESCALATION_LIST, &rung.form, &[below.as_slice(), &["form"]].concat());
        checker.roles(&rung.roles, &[below.as_slice(), &["roles"]].concat());
        if let Some(LadderEnd::Parameter(name)) = &rung.last {
            let path = [below.as_slice(), &["to_parameter"]].concat();
            check_counted(checker, name, "day", &path);
        }
        if rung.from_day.is_none() && before.is_none_or(|before| before.last.is_none()) {
            checker.fault_with_help(
                FaultKind::MissingKey,
                &below,
                Message::new(
                    format!("`{}`没有写 from_day，前面也没有会截止的一级", rung.form),
                    format!("`{}` has no `from_day`, and no rung ends before it", rung.form),
                ),
                Message::new("写上 from_day = 1", "write from_day = 1"),
            );
        }
        before = Some(rung);
    }
    // A county that changes a parameter changes the ladder: every value must give a good one.
    let names = flow.escalation.iter().filter_map(|rung| match &rung.last {
        Some(LadderEnd::Parameter(name)) => Some(name),
        _ => None,
    });
    let held = names.filter_map(|name| checker.codebook.parameters.get(name));
    let values: Vec<(&str, &ParameterValue)> =
        held.flat_map(|held| held.values.iter().map(|value| (held.name.as_str(), value))).collect();
    if values.is_empty() {
        check_ladder_days(checker, flow, path, None);
    }
    values.into_iter().any(|value| check_ladder_days(checker, flow, path, Some(value)));
}

/// Whether the days of the ladder contradict each other, at all or where a parameter has a value.
fn check_ladder_days(
    checker: &Checker<'_>,
    flow: &Flow,
    path: Path<'_>,
    held: Option<(&str, &ParameterValue)>,
) -> bool {
    let (on, region) = held.map_or((Date::MAX, None), |(_, at)| (at.since, at.region.as_ref()));
    let when = held.map_or_else(Message::default, |(name, at)| {
        Message::new(
            format!("（参数`{name}`为 {} 时）", at.value),
            format!(" where `{name}` is {}", at.value),
        )
    });
    let place = |rung: &EscalationStep, key: &str| -> Vec<String> {
        let position = flow.escalation.iter().position(|one| std::ptr::eq(one, rung));
        let position = position.unwrap_or_default().to_string();
        let path = path.iter().map(|part| (*part).to_owned());
        path.chain(["escalation".to_owned(), position, key.to_owned()]).collect()
    };
    let fault = |kind: FaultKind, place: &[String], zh: String, en: String| {
        let path: Vec<&str> = place.iter().map(String::as_str).collect();
        checker.fault(kind, &path, zh + &when.zh, en + &when.en);
    };
    let mut last_day: Option<(i64, &str)> = None;
    let mut has_fault = false;
    for rung in checker.codebook.ladder(flow, on, region) {
        let (form, from_day) = (rung.step.form.as_str(), rung.from_day);
        let to_day = rung.to_day.unwrap_or(i64::MAX);
        if to_day < from_day {
            has_fault = true;
            fault(
                FaultKind::LadderReversed,
                &place(rung.step, "to_day"),
                format!("`{form}`的截止日在起始日之前"),
                format!("`{form}` ends before it begins"),
            );
        }
        if let Some((day, before)) = last_day.filter(|(day, _)| from_day <= *day) {
            let end = if day == i64::MAX { "∞".to_owned() } else { day.to_string() };
            has_fault = true;
            fault(
                FaultKind::LadderOverlap,
                &place(rung.step, "from_day"),
                format!("`{form}`从第 {from_day} 天起，`{before}`到第 {end} 天才止"),
                format!("`{form}` begins on day {from_day}, `{before}` ends on day {end}"),
            );
        }
        last_day = Some((to_day, form));
    }
    has_fault
}
