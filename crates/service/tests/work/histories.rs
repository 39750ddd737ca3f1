//! Random people take random acts on a finding; whatever happens, the rules hold and the audit
//! chain is whole.

use super::world::{World, for_each_database};
use taizhang_store::{Filter, Query};
use taizhang_values::RecordId;

const PEOPLE: [&str; 7] =
    ["clerk", "leader", "leader-two", "discipline", "village", "village-two", "county"];

/// Acts and what is said with them: a way onward in every state …
const ONWARD: [(&str, &str); 9] = [
    ("claim", "cause"),
    ("plan", "measure deadline=2026-05-20"),
    ("start", ""),
    ("progress", ""),
    ("evidence", ""),
    ("submit", "result"),
    ("accept", "passed sample"),
    ("close", ""),
    ("look_back", "note"),
];

/// … and what else people do.
const ASIDE: [(&str, &str); 9] = [
    ("accept", "sample opinion"),
    ("look_back", "recurred note new=2026-05-25"),
    ("reopen", "reason new=2026-05-25"),
    ("return", "reason"),
    ("undo", ""),
    ("assign", "leader"),
    ("ask", "reason new=2026-06-20"),
    ("grant", "note"),
    ("mark_absent", ""),
];

/// A small generator of numbers; the seed is printed with every failure.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

/// What the versions of a finding must say, whoever wrote them.
fn check_history(world: &World, finding: &RecordId, seed: u64) -> bool {
    let history =
        world.service().store().read(|reader| reader.history("finding", finding)).unwrap();
    let village = world.id("village");
    let mut submitted_by = None;
    let mut is_accepted = false;
    let mut was_closed = false;
    for version in &history {
        let place = format!("seed {seed}, version {} {}", version.version, version.verb);
        let record = &version.record;
        match version.verb.as_str() {
            "finding.submit" => {
                submitted_by = version.by.clone();
                is_accepted = false;
            }
            "finding.accept" => {
                assert_ne!(version.by, submitted_by, "{place}");
                is_accepted = true;
            }
            "finding.close" => {
                assert!(is_accepted, "{place}");
                was_closed = true;
            }
            "finding.return" | "finding.reopen" => is_accepted = false,
            _ => {}
        }
        let judges = ["accept", "close", "return", "reopen", "look_back"];
        let step = version.verb.strip_prefix("finding.").unwrap_or_default();
        if judges.contains(&step) {
            assert_ne!(version.by.as_ref(), Some(&village), "{place}");
            assert_ne!(version.by.as_ref(), record.reference("leader"), "{place}");
        }
        let is_ended = ["closed", "looked_back", "not_applicable"]
            .contains(&record.state.as_deref().unwrap_or_default());
        assert_eq!(record.get("due_on").is_empty() && is_ended, is_ended, "{place}");
    }
    was_closed
}

#[test]
fn random_histories_keep_the_rules() {
    for_each_database(|world| {
        let mut closed = 0;
        for seed in 0..8 {
            let mut random = Random(seed * 7_919 + 1);
            world.go_to("2026-03-02");
            let finding = world.finding("own", "2026-05-20");
            for turn in 0..280 {
                if turn % 20 == 19 {
                    world.go_to(&format!("2026-03-{:02}", 2 + turn / 20));
                }
                let acts = if random.below(8) == 0 { ASIDE } else { ONWARD };
                let (verb, words) = acts[random.below(acts.len())];
                let has_request = verb != "grant" || has_request(world, &finding);
                if has_request {
                    let who = PEOPLE[random.below(PEOPLE.len())];
                    let _ = world.act(who, verb, &finding, words);
                }
            }
            closed += usize::from(check_history(world, &finding, seed));
        }
        assert!(closed >= 4, "only {closed} of 8 histories reached the end");
        let report = world.service().store().audit_verify().unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
    });
}

fn has_request(world: &World, finding: &RecordId) -> bool {
    let query = Query::new("extension").filter(Filter::eq("finding", finding));
    world.service().store().read(|reader| reader.count(&query)).unwrap() > 0
}
