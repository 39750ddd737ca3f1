//! Scripts of single findings: day, person, act, what is said, what comes of it.

use super::world::{VILLAGES, World, for_each_database};

/// The usual way to `working`, and on to `submitted`.
const TO_WORKING: &str = "
    03-02 | leader     | claim     | cause          | claimed
    03-03 | clerk      | plan      | measure        | planned
    03-04 | village    | start     |                | working";
const TO_SUBMITTED: &str = "
    04-01 | village    | progress  |                | working
    04-02 | village    | evidence  |                | working
    05-01 | village    | submit    | result         | submitted";

/// Runs scripts, each on a finding of its own. A script begins with its name and `level deadline`;
/// a line is `day | who | act | words | outcome field=value …`, or `to working`, `to submitted`.
fn check(scripts: &str) {
    for_each_database(|world| {
        for script in scripts.split("\n#").map(str::trim).filter(|script| !script.is_empty()) {
            let (head, lines) = script.split_once('\n').unwrap();
            let (name, start) = head.rsplit_once(':').unwrap();
            let mut start = start.split_whitespace();
            let (level, deadline) = (start.next().unwrap(), start.next().unwrap_or_default());
            world.go_to("2026-03-02");
            let finding = world.finding(level, deadline);
            let lines = lines
                .replace("to submitted", &[TO_WORKING, TO_SUBMITTED].concat())
                .replace("to working", TO_WORKING);
            for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
                run(world, &finding, name, line);
            }
        }
    });
}

fn run(world: &World, finding: &taizhang_values::RecordId, name: &str, line: &str) {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [day, who, verb, words, expected] = cells[..] else { panic!("five cells: {line}") };
    world.go_to(&format!("2026-{day}"));
    let result = world.act(who, verb, finding, words);
    let found = world.outcome(result, finding);
    let (outcome, facts): (Vec<&str>, Vec<&str>) =
        expected.split_whitespace().partition(|word| !word.contains('='));
    assert_eq!(found, outcome.join(" "), "{name}: {line}");
    let record = world.record("finding", finding);
    for fact in facts {
        let (field, value) = fact.split_once('=').unwrap();
        assert_eq!(record.get(field).to_string(), value, "{name}: {field} after {line}");
    }
}

#[test]
fn findings_go_the_whole_way() {
    check(
        "
# own row from letter to looked back: own 2026-05-20
    03-02 | leader     | claim     | cause          | claimed
    03-03 | clerk      | plan      | measure        | planned
    03-04 | village    | start     |                | working due_on=2026-05-20
    04-01 | village    | progress  |                | working percent=60
    04-02 | village    | evidence  |                | working
    05-01 | village    | submit    | result         | submitted submitted_on=2026-05-01
    05-06 | leader     | accept    | passed sample  | checked
    05-07 | leader     | close     |                | closed closed_on=2026-05-07 look_back_on=2026-08-05
    08-06 | discipline | look_back | note           | looked_back

# upper row waits for the upper body: upper 2026-05-20
    to submitted
    05-06 | leader     | accept    | passed sample  | checked
    05-07 | leader     | close     |                | refused F0207
    05-07 | clerk      | consent   |                | refused W0160
    05-07 | clerk      | consent   | paper          | checked upper_consent_on=2026-05-07
    05-08 | leader     | close     |                | closed

# upper body closes its own row: upper 2026-05-20
    to submitted
    05-06 | leader     | accept    | passed sample  | checked
    05-08 | county     | close     |                | closed

# absent after a self-check: own
    03-02 | village    | mark_absent |              | refused F0201
    03-02 | village    | mark_absent | checked      | not_applicable exists_here=absent
    03-03 | clerk      | plan        | measure      | refused W0132
    03-03 | clerk      | plan        |              | refused F0102 F0208 F0201
",
    );
}

#[test]
fn nobody_judges_his_own_work() {
    check(
        "
# responsible person and his unit: own 2026-05-20
    to submitted
    05-02 | village    | accept    | passed sample  | denied acceptance.create
    05-02 | clerk      | accept    | passed sample  | denied acceptance.create
    05-02 | elsewhere  | accept    | passed sample  | not found
    05-02 | leader     | accept    | passed         | refused W0110
    05-02 | leader     | accept    | passed sample  | checked

# responsible leader: own 2026-05-20
    03-02 | clerk      | assign    | leader         | registered
    03-02 | leader     | claim     | cause          | claimed
    03-03 | clerk      | plan      | measure        | planned
    03-04 | clerk      | start     |                | working
    04-01 | clerk      | progress  |                | working
    04-02 | clerk      | evidence  |                | working
    05-01 | clerk      | submit    | result         | submitted
    05-02 | leader     | accept    | passed sample  | refused F0111
    05-02 | leader     | return    | reason         | refused F0111
    05-02 | leader-two | accept    | passed sample  | checked
    05-02 | leader     | close     |                | refused F0111
    05-02 | leader-two | close     |                | closed
",
    );
}

#[test]
fn work_comes_back_and_is_counted() {
    check(
        "
# failed acceptance returns: own 2026-05-20
    to submitted
    05-02 | leader     | accept    | sample         | refused F0203
    05-02 | leader     | accept    | sample opinion | working return_count=1 due_on=2026-05-20
    05-03 | village    | submit    | result         | refused F0209
    05-03 | village    | progress  |                | working
    05-03 | village    | submit    | result         | submitted
    05-04 | leader     | accept    | passed sample  | checked
    05-04 | leader     | close     |                | closed
    08-10 | discipline | look_back | recurred note  | refused F0302
    08-10 | discipline | look_back | recurred note new=2026-12-31 | refused F0304
    08-10 | discipline | look_back | recurred note new=2026-09-30 | working return_count=2 reopened_count=1 deadline_on=2026-09-30 original_deadline_on=2026-05-20 closed_on=
",
    );
}

#[test]
fn deadlines_move_only_by_extension() {
    check(
        "
# before work the plan sets the date: own
    03-02 | clerk      | assign    | deadline=2026-02-28 | refused F0301
    03-02 | village    | assign    | deadline=2026-05-20 | denied finding.plan
    03-02 | clerk      | assign    | deadline=2026-05-20 | registered original_deadline_on=2026-05-20
    03-02 | clerk      | assign    | deadline=2026-06-20 | registered original_deadline_on=2026-06-20
    to working
    03-05 | clerk      | assign    | deadline=2026-08-20 | refused W0124
    03-05 | clerk      | assign    | deadline=2026-06-10 | working deadline_on=2026-06-10 original_deadline_on=2026-06-20
    03-06 | village    | ask       | new=2026-06-10 | refused F0310 F0312
    03-06 | village    | ask       | reason new=2026-07-10 | working deadline_on=2026-06-10
    03-06 | village    | ask       | reason new=2026-07-20 | refused F0314
    03-07 | village    | grant     |                | denied extension.update
    03-07 | leader     | refuse    |                | refused W0182
    03-07 | leader     | grant     |                | working deadline_on=2026-07-10 due_on=2026-07-10 original_deadline_on=2026-06-20
    03-08 | leader     | grant     |                | refused W0180
    03-09 | county     | ask       | reason new=2026-07-20 | working
    03-09 | clerk      | grant     |                | denied extension.update
    03-09 | county     | grant     |                | refused W0181
    03-09 | leader     | refuse    | note           | working deadline_on=2026-07-10
",
    );
}

#[test]
fn own_last_act_can_be_undone_for_a_day() {
    check(
        "
# undo: own 2026-05-20
    03-02 | leader     | claim     | cause          | claimed
    03-02 | clerk      | undo      |                | refused W0198
    03-02 | leader     | undo      |                | registered cause= exists_here=
    03-02 | leader     | undo      |                | refused W0198
    03-02 | leader     | claim     | cause          | claimed
    03-03 | clerk      | assign    | deadline=2026-06-01 | claimed deadline_on=2026-06-01
    03-03 | clerk      | undo      |                | claimed deadline_on=2026-05-20
    03-03 | clerk      | plan      | measure        | planned
    03-05 | clerk      | undo      |                | refused W0198
",
    );
}

#[test]
fn stale_version_is_a_conflict_with_both_sides() {
    for_each_database(|world| {
        let finding = world.finding_in(VILLAGES[0], "own", "2026-05-20");
        let stale = world.shown(&finding);
        world.act("leader", "claim", &finding, "cause").unwrap();
        let input = taizhang_service::work::ClaimInput {
            shown: stale,
            cause: "另一个原因".to_owned(),
            self_check: None,
        };
        let error = world.service().claim(&world.caller("clerk"), input).unwrap_err();
        let taizhang_service::ServiceError::Conflict(conflict) = error else {
            panic!("{error:?}");
        };
        let cause = conflict.fields.iter().find(|field| field.field == "cause").unwrap();
        assert_eq!(cause.mine.to_string(), "另一个原因");
        assert_eq!(cause.theirs.to_string(), "管护责任没有落实");
    });
}

#[test]
fn a_step_sets_no_field_that_it_does_not_ask_for() {
    for_each_database(|world| {
        let finding = world.finding("own", "2026-05-20");
        let input = taizhang_service::work::TakeStepInput {
            shown: world.shown(&finding),
            step: "claim".to_owned(),
            reason: None,
            fields: [("return_count".to_owned(), 0.into())].into(),
            new_deadline_on: None,
        };
        let result = world.service().take_step(&world.caller("leader"), input).map(drop);
        assert_eq!(world.outcome(result, &finding), "refused W0102");
    });
}
