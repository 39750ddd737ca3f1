//! Clocks by calendar and working days.

use crate::fixture::{World, date};
use taizhang_codebook::{CalendarDay, ClockKind, Codebook};
use taizhang_flow::{look_back_is_due, next_working_day, state_due_on, working_calendar};

/// The first week of October is off, the Saturday after it is worked.
fn october() -> Codebook {
    let mut codebook = Codebook::default();
    for day in 1..=7 {
        codebook.calendar.push(CalendarDay {
            date: date(&format!("2026-10-0{day}")),
            is_working: false,
            name: "国庆节".to_owned(),
        });
    }
    codebook.calendar.push(CalendarDay {
        date: date("2026-10-10"),
        is_working: true,
        name: "调休".to_owned(),
    });
    codebook
}

#[test]
fn working_days_skip_holidays_and_take_exchanged_saturdays() {
    let cases = [
        // state, start, kind, expected
        ("received", "2026-09-30", ClockKind::Calendar, "2026-10-01"),
        ("received", "2026-09-30", ClockKind::Working, "2026-10-08"),
        ("registered", "2026-09-30", ClockKind::Working, "2026-10-10"),
        ("claimed", "2026-09-30", ClockKind::Working, "2026-10-15"),
        ("claimed", "2026-09-30", ClockKind::Calendar, "2026-10-07"),
    ];
    for (name, start, kind, expected) in cases {
        let mut world = World::new();
        world.calendar = working_calendar(&october());
        for state in &mut world.flow.states {
            if let Some(clock) = &mut state.clock {
                clock.kind = kind;
            }
        }
        let context = world.context(date(start));
        let state = world.flow.state(name).unwrap();
        let due = state_due_on(&context, state, date(start), None, None);
        assert_eq!(due, Some(date(expected)), "{name} from {start}");
    }
}

#[test]
fn a_row_deadline_before_the_clock_wins_while_open() {
    let world = World::new();
    let cases = [
        ("claimed", Some("2026-03-05"), None, Some("2026-03-05")),
        ("claimed", Some("2026-05-05"), None, Some("2026-03-08")),
        ("working", Some("2026-05-05"), None, Some("2026-05-05")),
        ("working", None, None, None),
        ("submitted", Some("2026-03-05"), None, Some("2026-03-11")),
        ("long_term", Some("2026-12-31"), Some("2026-04-01"), Some("2026-04-01")),
        ("long_term", Some("2026-12-31"), None, Some("2026-12-31")),
        ("closed", Some("2026-12-31"), None, None),
        ("not_applicable", Some("2026-12-31"), None, None),
    ];
    for (name, deadline, goal, expected) in cases {
        let state = world.flow.state(name).unwrap();
        let start = date("2026-03-01");
        let due =
            state_due_on(&world.context(start), state, start, deadline.map(date), goal.map(date));
        assert_eq!(due, expected.map(date), "{name} {deadline:?} {goal:?}");
    }
}

#[test]
fn next_working_day_stays_on_a_worked_day() {
    let calendar = working_calendar(&october());
    let cases = [
        ("2026-09-30", "2026-09-30"),
        ("2026-10-01", "2026-10-08"),
        ("2026-10-10", "2026-10-10"),
        ("2026-10-11", "2026-10-12"),
    ];
    for (day, expected) in cases {
        assert_eq!(next_working_day(&calendar, date(day)), date(expected), "{day}");
    }
}

#[test]
fn look_back_is_due_ninety_days_after_closing_only_while_closed() {
    let world = World::new();
    let closed = world.flow.state("closed").unwrap();
    let context = world.context(date("2026-05-03"));
    let day = taizhang_flow::look_back_on(&context, closed, date("2026-05-03"));
    assert_eq!(day, Some(date("2026-08-01")));
    let cases = [
        ("closed", "2026-07-31", false),
        ("closed", "2026-08-01", true),
        ("closed", "2027-08-01", true),
        ("looked_back", "2026-08-01", false),
        ("working", "2026-08-01", false),
    ];
    for (name, today, expected) in cases {
        let state = world.flow.state(name).unwrap();
        assert_eq!(look_back_is_due(state, day, date(today)), expected, "{name} {today}");
    }
}
