//! An exhaustive model of the small world: every state, step and person over every combination of
//! facts, explored breadth first from a new record (reliability P10).

use crate::fixture::{OPEN_STEPS, World, date, with};
use std::collections::{BTreeSet, VecDeque};
use taizhang_flow::StepInput;

/// What the search tells apart. Counters stop at two: more returns open no new way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Node {
    state: String,
    evidence: bool,
    measure: bool,
    progress: bool,
    acceptance: Option<bool>,
    child_open: bool,
    consent: bool,
    result: bool,
    returns: i64,
    // Ghost facts for the invariants; the flow does not see them.
    accepted_by: Option<&'static str>,
    submitted_by: Option<&'static str>,
}

const PEOPLE: [&str; 6] = ["clerk", "clerk-two", "leader", "discipline", "worker", "worker-friend"];

/// Facts that may change between steps.
const EVENTS: [&str; 8] = [
    "evidence=1",
    "measure",
    "progress",
    "passed",
    "failed",
    "children=0",
    "children=1",
    "consent",
];

/// Puts the world's record into the node's situation; flow and codebook stay.
fn set(world: &mut World, node: &Node) {
    world.record = crate::fixture::new_record();
    let record = &mut world.record;
    record.state.clone_from(&node.state);
    record.evidence_count = i64::from(node.evidence);
    record.measure_count = i64::from(node.measure);
    record.has_progress = node.progress;
    record.acceptance = node.acceptance;
    record.children_open = i64::from(node.child_open);
    record.needs_upper_consent = true;
    record.has_upper_consent = node.consent;
    record.return_count = node.returns;
    record.submitted_by = node.submitted_by.map(crate::fixture::id);
    record.deadline_on = Some(date("2026-05-20"));
    for field in ["exists_here", "cause", "self_check", "lead_unit", "deadline_on"] {
        record.filled.insert(field.to_owned());
    }
    if node.result {
        record.filled.insert("result".to_owned());
    }
}

fn node_of(world: &World, before: &Node) -> Node {
    let record = &world.record;
    Node {
        state: record.state.clone(),
        evidence: record.evidence_count > 0,
        measure: record.measure_count > 0,
        progress: record.has_progress,
        acceptance: record.acceptance,
        child_open: record.children_open > 0,
        consent: record.has_upper_consent,
        result: record.filled.contains("result"),
        returns: record.return_count.min(2),
        accepted_by: before.accepted_by,
        submitted_by: before.submitted_by,
    }
}

/// The next nodes: every event, and every step by every person with a full form.
fn next(world: &mut World, node: &Node) -> Vec<Node> {
    let mut nodes = Vec::new();
    for event in EVENTS {
        set(world, node);
        with(world, event);
        nodes.push(node_of(world, node));
    }
    for step in OPEN_STEPS {
        for who in PEOPLE {
            set(world, node);
            let mut input = StepInput {
                reason: Some("because".to_owned()),
                new_deadline_on: Some(date("2026-06-15")),
                ..StepInput::default()
            };
            input.fields.insert("result".to_owned(), "done".into());
            if world.step(date("2026-06-01"), step, who, &input).is_ok() {
                let mut reached = node_of(world, node);
                judge(step, who, node, &reached);
                match step {
                    "submit" => {
                        reached.submitted_by = Some(who);
                        reached.accepted_by = None;
                    }
                    "accept" => reached.accepted_by = Some(who),
                    _ => {}
                }
                nodes.push(reached);
            }
        }
    }
    nodes
}

/// What must hold at every step taken.
fn judge(step: &str, who: &str, before: &Node, after: &Node) {
    let place = format!("{who} takes {step} from {before:?}");
    if matches!(step, "accept" | "return" | "close" | "look_back" | "reopen") {
        assert!(!who.starts_with("worker"), "responsible: {place}");
    }
    if step == "accept" {
        assert_eq!(before.acceptance, Some(true), "no acceptance: {place}");
        assert_ne!(before.submitted_by, Some(who), "own work: {place}");
    }
    if step == "submit" {
        assert!(before.evidence && before.progress, "nothing to check: {place}");
    }
    if after.state == "closed" {
        assert_eq!(before.state, "checked", "not accepted: {place}");
        assert!(before.accepted_by.is_some(), "accepted by nobody: {place}");
        assert!(!before.child_open, "children run: {place}");
        assert!(before.consent, "upper body not asked: {place}");
    }
    if after.state == "working" && before.state != "planned" {
        assert!(after.returns > before.returns || before.returns == 2, "uncounted: {place}");
        assert!(!after.consent, "old consent kept: {place}");
    }
}

/// Explores everything that can be reached from a new record.
fn explore(mut world: World) -> BTreeSet<Node> {
    let start = Node {
        state: "received".to_owned(),
        evidence: false,
        measure: false,
        progress: false,
        acceptance: None,
        child_open: false,
        consent: false,
        result: false,
        returns: 0,
        accepted_by: None,
        submitted_by: None,
    };
    let mut seen = BTreeSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for reached in next(&mut world, &node) {
            if seen.insert(reached.clone()) {
                queue.push_back(reached);
            }
        }
    }
    seen
}

#[test]
fn no_reachable_step_breaks_an_invariant() {
    for (name, world) in [("table", World::new()), ("shipped", World::shipped())] {
        let seen = explore(world);
        let states: BTreeSet<&str> = seen.iter().map(|node| node.state.as_str()).collect();
        assert_eq!(states.len(), 11, "every state is reachable: {states:?}");
        println!("{name}: {} reachable situations", seen.len());
        assert!(seen.len() > 2_000, "too small to prove anything: {}", seen.len());
    }
}
