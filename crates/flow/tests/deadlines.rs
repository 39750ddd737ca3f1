//! Extensions and the limits of new deadlines.

use crate::fixture::{World, date};
use taizhang_codebook::{Parameter, ParameterValue};
use taizhang_diagnostics::Message;
use taizhang_flow::{Extension, extension_refusals, latest_new_deadline};

fn world() -> World {
    let mut world = World::new();
    world.record.state = "working".to_owned();
    world.record.deadline_on = Some(date("2026-05-20"));
    world.record.original_deadline_on = Some(date("2026-05-20"));
    let value = ParameterValue {
        since: date("2014-01-01"),
        region: None,
        value: 2,
        source: Message::new("表", "table"),
    };
    let parameter = Parameter {
        name: "rect.extension_count_max".to_owned(),
        label: Message::default(),
        unit: "count".to_owned(),
        values: vec![value],
    };
    world.codebook.parameters.insert(parameter.name.clone(), parameter);
    world
}

#[test]
fn extension_names_everything_against_it() {
    // state, deadline in force, reason, new, granted before, pending, codes
    let cases = [
        ("working", "2026-05-20", "洪水", "2026-06-20", 0, false, ""),
        ("working", "2026-05-20", "洪水", "2026-06-20", 1, false, ""),
        ("working", "2026-05-20", "洪水", "2026-06-20", 2, false, "F0315"),
        ("working", "2026-05-20", " ", "2026-06-20", 0, false, "F0310"),
        ("working", "2026-05-20", "洪水", "", 0, false, "F0311"),
        ("working", "2026-05-20", "洪水", "2026-05-20", 0, false, "F0312"),
        ("working", "2026-02-10", "洪水", "2026-02-20", 0, false, "F0313 F0301"),
        ("working", "2026-05-20", "洪水", "2026-06-20", 0, true, "F0314"),
        ("working", "", "洪水", "2026-06-20", 0, false, "F0317"),
        ("closed", "2026-05-20", "洪水", "2026-06-20", 0, false, "F0316"),
        (
            "submitted",
            "2026-05-20",
            "",
            "2026-01-01",
            9,
            true,
            "F0316 F0310 F0314 F0315 F0312 F0313 F0301",
        ),
    ];
    for (state, deadline, reason, new, granted_count, is_pending, expected) in cases {
        let mut world = world();
        world.record.state = state.to_owned();
        world.record.deadline_on = (!deadline.is_empty()).then(|| date(deadline));
        let extension = Extension {
            reason: reason.to_owned(),
            new_deadline_on: (!new.is_empty()).then(|| date(new)),
            granted_count,
            is_pending,
        };
        let context = world.context(date("2026-05-01"));
        let refusals = extension_refusals(&context, &world.record, &extension);
        let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code.as_str()).collect();
        assert_eq!(codes.join(" "), expected, "{state} {deadline} {reason} {new}");
    }
}

#[test]
fn a_new_deadline_gives_no_more_time_than_the_first() {
    // issued, first, in force, today, latest
    let cases = [
        ("2026-03-01", "2026-05-20", "2026-05-20", "2026-07-01", Some("2026-09-19")),
        ("2026-03-01", "2026-03-01", "2026-03-01", "2026-07-01", Some("2026-07-01")),
        ("2026-03-01", "2026-05-20", "2026-12-31", "2026-07-01", Some("2026-12-31")),
        ("", "2026-05-20", "2026-05-20", "2026-07-01", None),
    ];
    for (issued, first, deadline, today, expected) in cases {
        let mut world = world();
        world.record.issued_on = (!issued.is_empty()).then(|| date(issued));
        world.record.original_deadline_on = Some(date(first));
        world.record.deadline_on = Some(date(deadline));
        let latest = latest_new_deadline(&world.record, date(today));
        assert_eq!(latest, expected.map(date), "{issued} {first} {today}");
    }
}
