//! The scheduler under ordinary days, pauses, restarts and clocks that jump.

use super::world::{World, for_each_database};
use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_service::Service;
use taizhang_service::work::{CarryOutInput, TickReport};
use taizhang_store::{Filter, Query};
use taizhang_values::{RecordId, Timestamp};

/// Lets the clock run steadily up to a moment: ticks as a server makes them, without a jump.
fn run_to(world: &World, day: &str, time: &str) -> TickReport {
    run_of(world, world.service(), day, time)
}

fn run_of(world: &World, service: &Service, day: &str, time: &str) -> TickReport {
    let end: Timestamp = format!("{day}T{time}Z").parse().unwrap();
    let mut report = TickReport::default();
    loop {
        let now = service.now();
        let next = Timestamp::from_second((now.as_second() + 3_000).min(end.as_second())).unwrap();
        world.house.clock.set(next);
        let tick = service.tick().unwrap();
        report.rungs += tick.rungs;
        report.due_today += tick.due_today;
        report.look_backs += tick.look_backs;
        report.expired += tick.expired;
        report.is_held |= tick.is_held;
        if next == end {
            return report;
        }
    }
}

/// Sets the clock at once, as a jump does, and ticks.
fn jump_to(world: &World, moment: &str) -> TickReport {
    world.house.clock.set(moment.parse().unwrap());
    world.service().tick().unwrap()
}

fn forms(world: &World, finding: &RecordId) -> Vec<String> {
    let query = Query::new("escalation")
        .filter(Filter::eq("finding", finding))
        .sort("due_on", false)
        .limit(100);
    let page = world.service().store().read(|reader| reader.list(&query)).unwrap();
    page.records.iter().map(|rung| rung.text("form").to_owned()).collect()
}

fn working(world: &World, deadline: &str) -> RecordId {
    let finding = world.finding("own", deadline);
    world.bring_to(&finding, "working");
    finding
}

#[test]
fn ladder_is_climbed_day_by_day() {
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        let days = [
            ("2026-03-02", 0),
            ("2026-03-03", 1),
            ("2026-03-09", 0),
            ("2026-03-10", 0),
            ("2026-03-11", 1),
            ("2026-03-18", 1),
        ];
        for (day, expected) in days {
            let report = run_to(world, day, "02:00:00");
            assert!(!report.is_held, "{day}");
            assert_eq!(report.rungs, expected, "{day}");
        }
        assert_eq!(forms(world, &finding), ["reminder", "reminder_letter", "guidance_letter"]);
        let village = world.service().unread_messages(&world.caller("village")).unwrap();
        let mut kinds: Vec<&str> = village.iter().map(|message| message.text("kind")).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["due_today", "near_due", "overdue", "overdue"]);
        let discipline = world.service().unread_messages(&world.caller("discipline")).unwrap();
        assert_eq!(discipline.len(), 2);
    });
}

#[test]
fn a_countys_days_of_the_ladder_are_those_of_its_parameter() {
    let text = "[escalation_days]\nvalues = [\n\
                { since = 2026-01-01, region = \"990101\", value = 20, source = \"县整改办通知\" },\n]\n";
    let codebook = Codebook::load("rural", &[("parameters/rect.toml", text)]).unwrap();
    let codebook = Arc::new(codebook);
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        let store = world.service().store().clone();
        let county = Service::new(store, Arc::clone(&codebook), world.house.clock.clone());
        let letters = ["reminder", "reminder_letter", "guidance_letter"];
        run_of(world, &county, "2026-03-30", "02:00:00");
        assert_eq!(forms(world, &finding), letters, "20 days late");
        run_of(world, &county, "2026-03-31", "02:00:00");
        let talk = [letters.as_slice(), &["summons_talk"]].concat();
        assert_eq!(forms(world, &finding), talk, "21 days late");
    });
}

#[test]
fn a_clock_jump_escalates_nothing() {
    // jumps of P6; each is taken back afterwards
    let jumps = [
        "2036-03-09T01:00:00Z",
        "2016-03-09T01:00:00Z",
        "2026-03-10T01:00:00Z",
        "2026-03-08T01:00:00Z",
        "2026-03-09T03:00:00Z",
        "2026-03-08T23:00:00Z",
        "2028-02-29T01:00:00Z",
    ];
    for_each_database(|world| {
        let finding = working(world, "2026-03-12");
        run_to(world, "2026-03-09", "01:00:00");
        let before = forms(world, &finding);
        assert_eq!(before, ["reminder"]);
        for jump in jumps {
            let report = jump_to(world, jump);
            assert!(report.is_held && report.jump_seconds.is_some(), "{jump}");
            assert_eq!(forms(world, &finding), before, "{jump}");
            assert!(jump_to(world, "2026-03-09T01:00:00Z").is_held, "back from {jump}");
        }
        assert!(world.service().clock_is_held().unwrap());
        assert_eq!(world.record("finding", &finding).state.as_deref(), Some("working"));
        // Steady again for ten minutes: believed.
        assert!(jump_to(world, "2026-03-09T01:05:00Z").is_held);
        assert!(!jump_to(world, "2026-03-09T01:10:00Z").is_held);
    });
}

#[test]
fn after_a_pause_missed_rungs_come_once_and_in_order() {
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        run_to(world, "2026-03-02", "02:00:00");
        // The server was off for three weeks; another process starts.
        assert!(jump_to(world, "2026-03-23T01:00:00Z").is_held);
        let report = run_to(world, "2026-03-23", "02:00:00");
        assert_eq!(report.rungs, 3);
        let expected = ["reminder", "reminder_letter", "guidance_letter"];
        assert_eq!(forms(world, &finding), expected);
        for _ in 0..3 {
            assert_eq!(run_to(world, "2026-03-23", "02:00:00").rungs, 0);
        }
        run_to(world, "2026-03-24", "02:00:00");
        assert_eq!(forms(world, &finding), expected);
    });
}

#[test]
fn a_jump_over_a_month_needs_a_word() {
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        run_to(world, "2026-03-02", "02:00:00");
        jump_to(world, "2026-06-01T01:00:00Z");
        assert!(run_to(world, "2026-06-02", "01:00:00").is_held);
        assert!(forms(world, &finding).is_empty());
        let denied = world.service().confirm_clock(&world.caller("clerk"));
        assert_eq!(world.outcome(denied, &finding), "denied backup.run");
    });
}

#[test]
fn look_backs_open_when_their_day_comes() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        world.bring_to(&finding, "closed");
        let report = run_to(world, "2026-03-03", "01:00:00");
        assert_eq!(report.look_backs, 0);
        jump_to(world, "2026-05-30T01:00:00Z");
        jump_to(world, "2026-03-03T01:00:00Z");
        for day in ["2026-03-30", "2026-04-28", "2026-05-26"] {
            jump_to(world, &format!("{day}T01:00:00Z"));
            run_to(world, day, "02:00:00");
        }
        assert_eq!(run_to(world, "2026-05-30", "01:00:00").look_backs, 0);
        assert_eq!(run_to(world, "2026-06-01", "01:00:00").look_backs, 1);
        assert_eq!(world.newest("look_back", &finding).get("due_on").to_string(), "2026-05-31");
        let discipline = world.caller("discipline");
        let queue =
            world.service().queue(&discipline, taizhang_service::work::QueueSection::All).unwrap();
        assert_eq!(queue.tasks.iter().filter(|task| task.ledger == "look_back").count(), 1);
        world.act("discipline", "look_back", &finding, "note").unwrap();
        let page = world.service().finding_page(&discipline, &finding).unwrap();
        assert_eq!(page.look_backs.len(), 1, "the open look-back is filled, no second one made");
        assert_eq!(page.look_backs[0].text("result"), "holds");
    });
}

#[test]
fn silent_work_is_asked_for_an_entry_once_a_month() {
    for_each_database(|world| {
        let finding = working(world, "2026-12-31");
        let asked = |day: &str| {
            jump_to(world, &format!("{day}T01:00:00Z"));
            run_to(world, day, "03:00:00");
            let messages = world.service().unread_messages(&world.caller("village")).unwrap();
            messages.iter().filter(|message| message.text("kind") == "progress_due").count()
        };
        run_to(world, "2026-03-02", "02:00:00");
        assert_eq!(asked("2026-03-31"), 0);
        assert_eq!(asked("2026-04-02"), 1);
        assert_eq!(asked("2026-04-20"), 1);
        world.act("village", "progress", &finding, "").unwrap();
        assert_eq!(asked("2026-05-15"), 1, "an entry on 20 April counts for a month");
        assert_eq!(asked("2026-05-21"), 2);
    });
}

#[test]
fn undecided_extension_expires() {
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        run_to(world, "2026-03-02", "02:00:00");
        world.act("village", "ask", &finding, "reason new=2026-03-12").unwrap();
        assert_eq!(run_to(world, "2026-03-12", "02:00:00").expired, 0);
        assert_eq!(run_to(world, "2026-03-13", "02:00:00").expired, 1);
        assert_eq!(world.newest("extension", &finding).text("decision"), "refused");
        assert_eq!(world.record("finding", &finding).get("deadline_on").to_string(), "2026-03-10");
    });
}

#[test]
fn a_rung_is_carried_out_once_with_its_paper() {
    for_each_database(|world| {
        let finding = working(world, "2026-03-10");
        run_to(world, "2026-03-11", "02:00:00");
        let rung = world.newest("escalation", &finding);
        assert_eq!(rung.text("form"), "reminder_letter");
        let carry_out = |who: &str, paper: &str| {
            let rung = world.record("escalation", &rung.id);
            let input = CarryOutInput {
                escalation: rung.id,
                version: rung.version,
                paper_number: paper.to_owned(),
                on: None,
                note: "已送达".to_owned(),
            };
            let result = world.service().carry_out_escalation(&world.caller(who), &input);
            world.outcome(result.map(drop), &finding)
        };
        assert_eq!(carry_out("discipline", ""), "refused W0210");
        assert_eq!(carry_out("leader", "提醒〔2026〕1号"), "denied escalation.update");
        assert_eq!(carry_out("clerk", "提醒〔2026〕1号"), "not found");
        assert_eq!(carry_out("village", "提醒〔2026〕1号"), "not found");
        assert_eq!(carry_out("elsewhere", "提醒〔2026〕1号"), "not found");
        assert_eq!(carry_out("discipline", "提醒〔2026〕1号"), "working");
        assert_eq!(carry_out("discipline", "提醒〔2026〕2号"), "refused W0212");
    });
}
