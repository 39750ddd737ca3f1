//! The overdue ladder under pauses, extensions and clocks that jump.

use crate::fixture::{World, date};
use proptest::prelude::*;
use taizhang_codebook::{Codebook, LadderRung};
use taizhang_flow::{DoneRung, Rung, days_late, rungs_due};
use taizhang_values::{Date, RegionCode};

fn ladder(world: &World) -> Vec<LadderRung<'_>> {
    world.codebook.ladder(&world.flow, date("2026-05-20"), None)
}

/// Looks on each day in turn and returns what each look climbed.
fn climb(deadline: Date, days: &[Date]) -> Vec<Vec<String>> {
    let world = World::new();
    let ladder = ladder(&world);
    let mut done = Vec::new();
    let mut looks = Vec::new();
    for today in days {
        let rungs = rungs_due(&ladder, deadline, *today, &done);
        looks.push(rungs.iter().map(|rung| rung.form.clone()).collect());
        done.extend(
            rungs.into_iter().map(|rung| DoneRung { form: rung.form, due_on: rung.due_on }),
        );
    }
    looks
}

fn check(days: &[&str], expected: &[&str]) {
    let days: Vec<Date> = days.iter().map(|day| date(&format!("2026-{day}"))).collect();
    let found: Vec<String> =
        climb(date("2026-05-20"), &days).iter().map(|forms| forms.join(" ")).collect();
    assert_eq!(found, expected, "{days:?}");
}

#[test]
fn each_rung_comes_on_its_first_day() {
    check(
        &["05-12", "05-13", "05-20", "05-21", "05-27", "05-28", "06-05", "06-20", "07-20"],
        &[
            "",
            "reminder",
            "",
            "reminder_letter",
            "",
            "guidance_letter",
            "summons_talk",
            "warning_letter",
            "accountability",
        ],
    );
}

#[test]
fn after_a_pause_the_rungs_between_come_in_order() {
    check(
        &["05-13", "06-10", "06-10"],
        &["reminder", "reminder_letter guidance_letter summons_talk", ""],
    );
}

#[test]
fn a_clock_that_goes_back_climbs_nothing_twice() {
    check(&["05-21", "05-01", "05-14", "05-21"], &["reminder reminder_letter", "", "", ""]);
}

#[test]
fn a_rung_whose_days_are_over_says_so() {
    let world = World::new();
    let rungs = rungs_due(&ladder(&world), date("2026-05-20"), date("2026-06-10"), &[]);
    let found: Vec<(&str, bool, String)> = rungs
        .iter()
        .map(|rung| (rung.form.as_str(), rung.is_missed, rung.due_on.to_string()))
        .collect();
    let expected = [
        ("reminder", true, "2026-05-13".to_owned()),
        ("reminder_letter", true, "2026-05-21".to_owned()),
        ("guidance_letter", true, "2026-05-28".to_owned()),
        ("summons_talk", false, "2026-06-05".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_extension_starts_the_ladder_anew() {
    let world = World::new();
    let done = [DoneRung { form: "reminder_letter".to_owned(), due_on: date("2026-05-21") }];
    let rungs = rungs_due(&ladder(&world), date("2026-06-20"), date("2026-06-21"), &done);
    let forms: Vec<&str> = rungs.iter().map(|rung| rung.form.as_str()).collect();
    assert_eq!(forms, ["reminder", "reminder_letter"]);
}

#[test]
fn a_county_that_changes_the_parameter_moves_the_ladder_from_its_day() {
    let text = r#"
        [escalation_days]
        values = [
            { since = 2026-06-01, region = "990101", value = 20, source = "县整改办通知" },
            { since = 2027-01-01, region = "990101102", value = 8, source = "镇整改办通知" },
        ]
    "#;
    let codebook = Codebook::load("rural", &[("parameters/rect.toml", text)]).unwrap();
    let flow = &codebook.flows["rectification"];
    let cases = [
        ("2026-05-31", "990101102", "2026-06-16", 30),
        ("2026-06-01", "990101102", "2026-06-22", 30),
        ("2026-06-01", "990102101", "2026-06-17", 30),
        ("2027-01-01", "990101102", "2027-01-10", 30),
    ];
    for (deadline, region, due_on, last) in cases {
        let deadline = date(deadline);
        let ladder = codebook.ladder(flow, deadline, RegionCode::parse(region).as_ref());
        let rung = ladder.iter().find(|rung| rung.step.form == "summons_talk").unwrap();
        assert_eq!(rung.to_day, Some(last));
        let before = taizhang_values::days_after(date(due_on), -1);
        let due = |today: Date| -> Option<Rung> {
            let rungs = rungs_due(&ladder, deadline, today, &[]);
            rungs.into_iter().find(|rung| rung.form == "summons_talk")
        };
        assert_eq!(due(before), None, "{deadline} {region}");
        assert_eq!(due(date(due_on)).unwrap().due_on, date(due_on), "{deadline} {region}");
    }
}

proptest! {
    #[test]
    fn every_rung_comes_at_most_once_under_any_days(
        offsets in prop::collection::vec(-400i64..400, 0..40),
    ) {
        let deadline = date("2026-05-20");
        let days: Vec<Date> = offsets
            .iter()
            .map(|offset| deadline.saturating_add(jiff::Span::new().days(*offset)))
            .collect();
        let climbed: Vec<String> = climb(deadline, &days).into_iter().flatten().collect();
        let mut once = climbed.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), climbed.len());
        let latest = offsets.iter().max().copied().unwrap_or(-1000);
        let world = World::new();
        let expected: Vec<String> = ladder(&world)
            .iter()
            .filter(|rung| rung.from_day <= latest)
            .map(|rung| rung.step.form.clone())
            .collect();
        prop_assert_eq!(climbed, expected, "every rung reached, in the ladder's order");
    }

    #[test]
    fn days_late_and_dates_agree(offset in -4000i64..4000) {
        let deadline = date("2026-05-20");
        let today = deadline.saturating_add(jiff::Span::new().days(offset));
        prop_assert_eq!(days_late(deadline, today), offset);
    }
}
