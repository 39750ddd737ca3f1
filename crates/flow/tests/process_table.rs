//! The flow against the process table of the domain (§3.1), written down as it stands there.

use crate::fixture::{World, codebook, date, rectification};
use taizhang_codebook::{Codebook, Flow, StateKind};

/// mark, state, limit in days (`row` = the row's deadline, `stage` = the stage goal), next states.
const TABLE: &str = "
R0 received       1     registered
R1 registered     3     claimed not_applicable planned
R2 claimed        7     not_applicable planned
R3 planned        15    working
R4 working        row   long_term submitted
R5 submitted      10    checked working
R6 checked        10    closed working
R7 closed         -     looked_back working
R8 looked_back    -     working
L  long_term      stage submitted
N  not_applicable -
";

fn table_of(flow: &Flow, codebook: &Codebook) -> Vec<String> {
    let row = |state: &taizhang_codebook::State| {
        let limit = match (state.kind, &state.clock) {
            (StateKind::LongTerm, _) => "stage".to_owned(),
            (StateKind::Closed | StateKind::Void, _) => "-".to_owned(),
            (_, None) => "row".to_owned(),
            (_, Some(clock)) => codebook
                .parameter(&clock.parameter, date("2026-01-01"), None)
                .unwrap()
                .value
                .to_string(),
        };
        let leaves = flow.steps.iter().filter(|step| step.from.contains(&state.name));
        let next: std::collections::BTreeSet<&str> = leaves.map(|step| step.to.as_str()).collect();
        let mut words = vec![state.mark.as_str(), state.name.as_str(), limit.as_str()];
        words.extend(next);
        words.join(" ")
    };
    let mut rows: Vec<String> = flow.states.iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn states_limits_and_ways_are_those_of_the_process_table() {
    let squeeze = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut expected: Vec<String> =
        TABLE.lines().map(squeeze).filter(|line| !line.is_empty()).collect();
    expected.sort();
    assert_eq!(table_of(&rectification(), &codebook()), expected);
    let shipped = World::shipped();
    assert_eq!(table_of(&shipped.flow, &shipped.codebook), expected, "the shipped flow");
}

#[test]
fn every_step_into_an_end_is_independent() {
    for world in [World::new(), World::shipped()] {
        let kind = |name: &String| world.flow.state(name).unwrap().kind;
        for step in &world.flow.steps {
            let judges = step.from.iter().any(|from| kind(from) == StateKind::Waiting);
            if judges || kind(&step.to) == StateKind::Closed {
                assert!(step.is_independent, "{}", step.name);
            }
        }
    }
}

#[test]
fn shipped_ladder_is_that_of_the_tests() {
    let rungs = |world: &World| -> Vec<(String, i64, Option<i64>)> {
        let ladder = world.codebook.ladder(&world.flow, date("2026-05-20"), None);
        ladder.iter().map(|rung| (rung.step.form.clone(), rung.from_day, rung.to_day)).collect()
    };
    assert_eq!(rungs(&World::shipped()), rungs(&World::new()));
}
