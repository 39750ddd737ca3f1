//! Extending to peers: children in other villages, and a parent that waits for them.

use super::world::{VILLAGES, World, for_each_database};
use taizhang_service::work::ExtendToPeersInput;
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

fn extend(
    world: &World,
    who: &str,
    parent: &RecordId,
    regions: &[&str],
) -> Result<Vec<Record>, String> {
    let input = ExtendToPeersInput {
        shown: world.shown(parent),
        regions: regions.iter().filter_map(|code| RegionCode::parse(code)).collect(),
    };
    let result = world.service().extend_to_peers(&world.caller(who), &input);
    result.map_err(|error| world.outcome(Err(error), parent))
}

#[test]
fn parent_closes_after_all_children_answered() {
    for_each_database(|world| {
        let parent = world.finding("own", "2026-05-20");
        world.bring_to(&parent, "working");
        let children = extend(world, "clerk", &parent, &VILLAGES[1..]).unwrap();
        let numbers: Vec<&str> = children.iter().map(|child| child.text("number")).collect();
        assert_eq!(numbers, ["2026-001-01", "2026-001-02"]);
        assert_eq!(children[0].region.as_ref().unwrap().as_str(), VILLAGES[1]);
        assert_eq!(children[0].get("deadline_on").to_string(), "2026-05-20");
        world.bring_to(&parent, "checked");
        let close = || world.outcome(world.act("leader", "close", &parent, ""), &parent);
        assert_eq!(close(), "refused F0206");
        world.act("village-two", "mark_absent", &children[0].id, "checked").unwrap();
        assert_eq!(close(), "refused F0206");
        world.act("clerk", "mark_absent", &children[1].id, "checked").unwrap();
        assert_eq!(close(), "closed");
    });
}

#[test]
fn each_village_answers_for_itself() {
    for_each_database(|world| {
        let parent = world.finding("own", "2026-05-20");
        let children = extend(world, "clerk", &parent, &VILLAGES[1..2]).unwrap();
        let child = &children[0].id;
        let by_other = world.act("village", "mark_absent", child, "checked");
        assert_eq!(world.outcome(by_other, child), "not found");
        world.act("village-two", "claim", child, "cause").unwrap();
        assert_eq!(world.record("finding", child).get("exists_here").to_string(), "exists");
        let page = world.service().finding_page(&world.caller("clerk"), &parent).unwrap();
        assert_eq!(page.children.len(), 1);
        assert_eq!(page.children[0].record.state.as_deref(), Some("claimed"));
    });
}

#[test]
fn bad_regions_are_refused() {
    for_each_database(|world| {
        let parent = world.finding("own", "2026-05-20");
        extend(world, "clerk", &parent, &VILLAGES[1..2]).unwrap();
        let cases: [(&str, &[&str], &str); 6] = [
            ("clerk", &[], "refused W0190"),
            ("clerk", &["990101100299"], "refused W0191"),
            ("clerk", &[VILLAGES[1]], "refused W0192"),
            ("clerk", &[VILLAGES[0]], "refused W0192"),
            ("clerk", &["990101101"], "denied finding.create"),
            ("village", &[VILLAGES[2]], "denied finding.plan"),
        ];
        for (who, regions, expected) in cases {
            let found = extend(world, who, &parent, regions).unwrap_err();
            assert_eq!(found, expected, "{who} {regions:?}");
        }
    });
}
