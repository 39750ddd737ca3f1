//! Random histories keep the invariants, with clocks that go anywhere.

use crate::fixture::{OPEN_STEPS, World, date, with};
use proptest::prelude::*;
use taizhang_codebook::StateKind;

const PEOPLE: [&str; 6] = ["clerk", "clerk-two", "leader", "discipline", "worker", "nobody"];
const FACTS: [&str; 14] = [
    "-",
    "-",
    "evidence=1",
    "measure",
    "progress",
    "passed",
    "failed",
    "children=1",
    "children=0",
    "upper",
    "consent",
    "result",
    "exists_here cause self_check lead_unit deadline=2026-05-20",
    "reason new=2026-06-15",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_history_keeps_the_invariants(
        acts in prop::collection::vec(
            (0usize..PEOPLE.len(), 0usize..OPEN_STEPS.len(), 0usize..FACTS.len(), -30i64..400),
            1..60,
        )
    ) {
        let mut world = World::new();
        let mut accepted = false;
        let mut returns = 0;
        for (who, step, facts, day) in acts {
            let today = date("2026-03-01").saturating_add(jiff::Span::new().days(day));
            let input = with(&mut world, FACTS[facts]);
            let before = world.record.clone();
            let Ok(transition) = world.step(today, OPEN_STEPS[step], PEOPLE[who], &input) else {
                prop_assert_eq!(&before, &world.record, "a refused step changes nothing");
                continue;
            };
            let flow_step = world.flow.step(OPEN_STEPS[step]).unwrap();
            prop_assert!(flow_step.from.contains(&before.state));
            prop_assert_eq!(&transition.to, &flow_step.to);
            if flow_step.is_independent {
                prop_assert_ne!(PEOPLE[who], "worker");
            }
            match OPEN_STEPS[step] {
                "accept" => accepted = true,
                "submit" | "return" | "reopen" => accepted = false,
                "close" => {
                    prop_assert!(accepted);
                    prop_assert_eq!(before.children_open, 0);
                    prop_assert!(before.has_upper_consent || !before.needs_upper_consent);
                }
                _ => {}
            }
            returns += i64::from(flow_step.counts_return);
            prop_assert_eq!(world.record.return_count, returns);
            let kind = world.flow.state(&transition.to).unwrap().kind;
            if matches!(kind, StateKind::Closed | StateKind::Void) {
                prop_assert_eq!(world.due_on, None);
            }
        }
    }
}
