//! Scripts of one record: day, person, step, what is there, and what comes of it.

use crate::fixture::{World, date, with};
use taizhang_codebook::StateKind;

/// Runs a script. A line is `day | person | step | with | expected`; expected is the state reached
/// with `due`, `returns`, `reopened` and `deadline` where they matter, or `refused` and the codes.
fn check(script: &str) {
    let mut world = World::new();
    for line in script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [day, who, step, facts, expected] = cells[..] else { panic!("five cells: {line}") };
        let input = with(&mut world, facts);
        let found = match world.step(date(&format!("2026-{day}")), step, who, &input) {
            Ok(_) => world.record.state.clone(),
            Err(refusals) => {
                let codes: Vec<&str> = refusals.iter().map(|r| r.code.as_str()).collect();
                format!("refused {}", codes.join(" "))
            }
        };
        let mut words = expected.split_whitespace();
        let mut head = words.next().unwrap_or_default().to_owned();
        if head == "refused" {
            head = expected.to_owned();
        } else {
            for word in words {
                let (key, value) = word.split_once('=').unwrap();
                let fact = match key {
                    "due" => world.due_on.map_or("-".to_owned(), |day| day.to_string()),
                    "deadline" => world.record.deadline_on.unwrap().to_string(),
                    "first" => world.record.original_deadline_on.unwrap().to_string(),
                    "returns" => world.record.return_count.to_string(),
                    "reopened" => world.record.reopened_count.to_string(),
                    other => panic!("unknown fact {other}"),
                };
                assert_eq!(fact, value, "{key} after {line}");
            }
        }
        assert_eq!(found, head, "{line}");
    }
}

const TO_WORKING: &str = "
    03-01 | clerk  | register | -                                          | registered due=2026-03-04
    03-02 | leader | claim    | exists_here cause                          | claimed due=2026-03-09
    03-03 | leader | plan     | lead_unit deadline=2026-05-20 measure      | planned due=2026-03-18 first=2026-05-20
    03-04 | worker | start    | -                                          | working due=2026-05-20
";

fn check_from_working(script: &str) {
    check(&format!("{TO_WORKING}{script}"));
}

#[test]
fn a_row_goes_from_letter_to_looked_back() {
    check_from_working(
        "
    05-01 | worker     | submit    | result evidence=1 progress | submitted due=2026-05-11
    05-02 | leader     | accept    | passed                     | checked due=2026-05-12
    05-03 | leader     | close     | -                          | closed due=-
    08-01 | discipline | look_back | -                          | looked_back due=-
    ",
    );
}

#[test]
fn all_refusals_of_a_step_come_at_once() {
    check(
        "
    03-01 | nobody | accept | - | refused F0102 F0110 F0204
    03-01 | worker | submit | - | refused F0102 F0202 F0209 F0201
    03-01 | clerk  | fly    | - | refused F0101
    ",
    );
}

#[test]
fn closing_without_acceptance_is_refused() {
    check_from_working(
        "
    05-01 | worker | submit | result evidence=1 progress | submitted
    05-02 | leader | close  | -                          | refused F0102
    05-02 | leader | accept | -                          | refused F0204
    05-02 | leader | accept | failed                     | refused F0205
    ",
    );
}

#[test]
fn nobody_accepts_what_he_is_responsible_for() {
    check_from_working(
        "
    05-01 | worker        | submit | result evidence=1 progress | submitted
    05-02 | worker        | accept | passed                     | refused F0111
    05-02 | worker-friend | accept | passed                     | refused F0112
    05-02 | worker        | return | reason                     | refused F0111
    05-02 | leader        | accept | passed                     | checked
    05-02 | worker        | close  | -                          | refused F0111
    ",
    );
}

#[test]
fn who_hands_in_does_not_accept() {
    check_from_working(
        "
    05-01 | clerk | submit | result evidence=1 progress | submitted
    05-02 | clerk | accept | passed                     | refused F0113
    05-02 | clerk-two | accept | passed                 | checked
    ",
    );
}

#[test]
fn returned_row_keeps_its_deadline_and_counts() {
    check_from_working(
        "
    05-01 | worker | submit | result evidence=1 progress | submitted
    05-02 | leader | return | -                          | refused F0203
    05-02 | leader | return | blank                      | refused F0203
    05-02 | leader | return | reason                     | working due=2026-05-20 returns=1 reopened=0
    05-03 | worker | submit | -                          | refused F0209
    05-03 | worker | submit | progress                   | submitted
    05-04 | leader | accept | -                          | refused F0204
    ",
    );
}

#[test]
fn reopening_gives_a_new_deadline_never_longer_than_the_first() {
    check_from_working(
        "
    05-01 | worker     | submit | result evidence=1 progress | submitted
    05-02 | leader     | accept | passed                     | checked
    05-03 | leader     | close  | -                          | closed
    07-01 | discipline | reopen | reason                     | refused F0302
    07-01 | discipline | reopen | reason new=2026-06-30      | refused F0303
    07-01 | discipline | reopen | reason new=2026-09-20      | refused F0304
    07-01 | discipline | reopen | reason new=2026-09-19      | working due=2026-09-19 returns=1 reopened=1 first=2026-05-20
    ",
    );
}

#[test]
fn parent_waits_for_its_children() {
    check_from_working(
        "
    05-01 | worker | submit | result evidence=1 progress | submitted
    05-02 | leader | accept | passed children=2          | checked
    05-03 | leader | close  | -                          | refused F0206
    05-04 | leader | close  | children=0                 | closed
    ",
    );
}

#[test]
fn upper_row_waits_for_the_upper_body() {
    check_from_working(
        "
    05-01 | worker | submit | result evidence=1 progress upper | submitted
    05-02 | leader | accept | passed                           | checked
    05-03 | leader | close  | -                                | refused F0207
    05-04 | leader | close  | consent                          | closed
    ",
    );
}

#[test]
fn absence_needs_a_self_check() {
    check(
        "
    03-01 | clerk  | register    | -          | registered
    03-02 | leader | mark_absent | -          | refused F0201
    03-02 | leader | mark_absent | self_check | not_applicable due=-
    03-02 | leader | plan        | -          | refused F0102 F0208 F0201 F0201
    ",
    );
}

#[test]
fn plan_refuses_a_deadline_before_the_letter() {
    check(
        "
    03-01 | clerk  | register | -                                     | registered
    03-02 | leader | plan     | lead_unit measure deadline=2026-02-28 | refused F0301
    03-02 | leader | plan     | lead_unit                             | refused F0201
    03-02 | leader | plan     | lead_unit long                        | planned
    ",
    );
}

#[test]
fn long_term_row_is_due_at_its_next_goal() {
    check_from_working(
        "
    03-05 | leader | hold_long_term | goal=2026-04-01            | long_term due=2026-04-01
    03-06 | worker | submit         | result progress evidence=2 | submitted due=2026-03-16
    ",
    );
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    let mut world = World::new();
    let states: Vec<String> = world.flow.states.iter().map(|state| state.name.clone()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for state in states {
        for step in crate::fixture::OPEN_STEPS {
            for facts in ["children=1 upper", "failed", "new=2020-01-01", "new=2030-01-01"] {
                for who in ["nobody", "worker", "worker-friend"] {
                    world.record = crate::fixture::new_record();
                    let input = with(&mut world, facts);
                    world.record.state.clone_from(&state);
                    world.record.deadline_on = Some(date("2026-05-20"));
                    let Err(refusals) = world.step(date("2026-06-01"), step, who, &input) else {
                        continue;
                    };
                    for refusal in refusals {
                        let sentence = &refusal.message;
                        assert!(!sentence.zh.is_empty() && !sentence.en.is_empty());
                        assert!(!sentence.en.ends_with('.') && !sentence.zh.ends_with('。'));
                        assert!(
                            sentence.en.starts_with(|c: char| c.is_lowercase()
                                || c == '`'
                                || c.is_numeric())
                        );
                        if !["F0301", "F0303"].contains(&refusal.code.as_str()) {
                            assert!(refusal.help.is_some(), "{} has no cure", refusal.code);
                        }
                        seen.insert(refusal.code);
                    }
                }
            }
        }
    }
    let expected = "F0102 F0110 F0111 F0112 F0201 F0202 F0203 F0204 F0205 F0206 F0207 F0208 F0209 \
                    F0301 F0302 F0303 F0304";
    assert_eq!(seen.into_iter().collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn offers_are_the_steps_of_the_state_with_what_they_ask() {
    use taizhang_flow::{Ask, allowed_steps};
    let mut world = World::new();
    with(&mut world, "measure");
    world.record.state = "registered".to_owned();
    let offers = allowed_steps(
        &world.context(date("2026-03-02")),
        &world.record,
        &crate::fixture::person("clerk"),
    );
    let names: Vec<&str> = offers.iter().map(|offer| offer.step.as_str()).collect();
    assert_eq!(names, ["claim", "mark_absent", "plan"]);
    assert!(offers.iter().all(taizhang_flow::StepOffer::is_allowed));
    let asked = |field: &str| Ask::Field(field.to_owned());
    assert_eq!(offers[2].asks, [asked("lead_unit"), asked("deadline_on")]);
    assert_eq!(world.flow.state("closed").unwrap().kind, StateKind::Closed);
}
