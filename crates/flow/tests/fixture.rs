//! The rectification flow, four people, and a record that scripts can push through it.

use std::collections::BTreeSet;
use taizhang_codebook::{
    Clock, ClockKind, Codebook, EscalationStep, Flow, LadderEnd, Needs, Parameter, ParameterValue,
    State, StateKind, Step,
};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_flow::{Context, Person, Situation, StepInput, Transition, take};
use taizhang_values::{Date, RecordId, Timestamp, Value, WorkingCalendar};

/// States: name, mark, kind, clock parameter and value in days.
const STATES: &str = "
received        R0  open       rect.register_days   1
registered      R1  open       rect.split_days      3
claimed         R2  open       rect.claim_days      7
planned         R3  open       rect.plan_days       15
working         R4  open       -                    -
submitted       R5  waiting    rect.check_days      10
checked         R6  waiting    rect.close_days      10
closed          R7  closed     rect.look_back_days  90
looked_back     R8  closed     -                    -
long_term       L   long_term  -                    -
not_applicable  N   void       -                    -
";

/// Steps: name, from, to, roles, needs, marks.
const STEPS: &str = "
register        received                    registered      clerk         -                                      -
claim           registered                  claimed         leader,clerk  field:exists_here,field:cause          -
mark_absent     registered,claimed          not_applicable  leader,clerk  field:self_check                       -
plan            claimed,registered          planned         leader,clerk  field:lead_unit,field:deadline_on,measure  -
start           planned                     working         village,clerk -                                      -
hold_long_term  working                     long_term       leader        -                                      -
submit          working,long_term           submitted       village,clerk field:result,evidence:1,progress       -
accept          submitted                   checked         leader,clerk  acceptance                             independent
return          submitted,checked           working         leader,clerk  reason                                 independent,counts
close           checked                     closed          leader        children,consent                       independent
look_back       closed                      looked_back     discipline    -                                      independent
reopen          closed,looked_back,checked  working         leader,discipline  reason                            independent,counts
";

/// Rungs: form, first day late, last day late.
const RUNGS: &str = "
reminder          -7  0
reminder_letter   1   7
guidance_letter   8   15
summons_talk      16  30
warning_letter    31  60
accountability    61  -
";

pub const OPEN_STEPS: [&str; 12] = [
    "register",
    "claim",
    "mark_absent",
    "plan",
    "start",
    "hold_long_term",
    "submit",
    "accept",
    "return",
    "close",
    "look_back",
    "reopen",
];

fn same(word: &str) -> Message {
    Message::new(word, word)
}

fn lines(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|row: &Vec<&str>| !row.is_empty())
}

fn names(cell: &str) -> Vec<String> {
    cell.split(',').map(str::to_owned).collect()
}

fn needs(cell: &str) -> Needs {
    let mut needs = Needs::default();
    for need in cell.split(',').filter(|need| *need != "-") {
        match need.split_once(':') {
            Some(("field", field)) => needs.fields.push(field.to_owned()),
            Some(("evidence", least)) => needs.evidence_min = least.parse().unwrap(),
            _ => match need {
                "measure" => needs.measure = true,
                "progress" => needs.progress = true,
                "acceptance" => needs.acceptance = true,
                "reason" => needs.reason = true,
                "children" => needs.children_closed = true,
                "consent" => needs.upper_consent = true,
                other => panic!("unknown need {other}"),
            },
        }
    }
    needs
}

fn state(row: &[&str]) -> State {
    State {
        name: row[0].to_owned(),
        label: same(row[0]),
        mark: row[1].to_owned(),
        kind: match row[2] {
            "open" => StateKind::Open,
            "waiting" => StateKind::Waiting,
            "closed" => StateKind::Closed,
            "long_term" => StateKind::LongTerm,
            _ => StateKind::Void,
        },
        clock: (row[3] != "-")
            .then(|| Clock { parameter: row[3].to_owned(), kind: ClockKind::Calendar }),
        owners: vec!["clerk".to_owned()],
        report_status: None,
    }
}

fn step(row: &[&str]) -> Step {
    Step {
        name: row[0].to_owned(),
        label: same(row[0]),
        from: names(row[1]),
        to: row[2].to_owned(),
        roles: names(row[3]),
        needs: needs(row[4]),
        is_independent: row[5].contains("independent"),
        counts_return: row[5].contains("counts"),
        is_work: row[5].contains("work"),
        is_reversible: false,
    }
}

/// The flow of the process table.
pub fn rectification() -> Flow {
    Flow {
        name: "rectification".to_owned(),
        label: same("rectification"),
        ledger: "finding".to_owned(),
        edition: 1,
        initial: "received".to_owned(),
        states: lines(STATES).map(|row| state(&row)).collect(),
        steps: lines(STEPS).map(|row| step(&row)).collect(),
        escalation: lines(RUNGS)
            .map(|row| EscalationStep {
                form: row[0].to_owned(),
                from_day: row[1].parse().ok(),
                last: row[2].parse().ok().map(LadderEnd::Day),
                roles: vec!["discipline".to_owned()],
            })
            .collect(),
    }
}

/// A codebook that holds only the parameters of the clocks.
pub fn codebook() -> Codebook {
    let mut codebook = Codebook::default();
    for row in lines(STATES).filter(|row| row[3] != "-") {
        let value = ParameterValue {
            since: date("2014-01-01"),
            region: None,
            value: row[4].parse().unwrap(),
            source: Message::new("表", "table"),
        };
        let parameter = Parameter {
            name: row[3].to_owned(),
            label: same(row[3]),
            unit: "day".to_owned(),
            values: vec![value],
        };
        codebook.parameters.insert(row[3].to_owned(), parameter);
    }
    codebook
}

/// A date from its text form.
pub fn date(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| panic!("no date: {text}"))
}

/// Nine in the morning in China.
pub fn morning(day: Date) -> Timestamp {
    format!("{day}T01:00:00Z").parse().unwrap()
}

/// The id of a made-up user or unit.
pub fn id(name: &str) -> RecordId {
    let number = name.bytes().fold(7u128, |sum, byte| sum * 131 + u128::from(byte));
    RecordId::from_parts(1, number)
}

/// A person by name: the name up to a hyphen is the role, `worker` and `worker-…` sit in the
/// responsible unit. `worker` himself is responsible.
pub fn person(name: &str) -> Person {
    let role = name.split('-').next().unwrap_or(name);
    let (roles, unit) = match role {
        "worker" => {
            let roles = ["village_committee", "township_clerk", "township_leader"];
            ([vec!["village", "clerk", "leader"], roles.to_vec()].concat(), "village_office")
        }
        "nobody" => (vec![], "elsewhere"),
        "clerk" => (vec!["clerk", "township_clerk"], "town_office"),
        "leader" => (vec!["leader", "township_leader"], "town_office"),
        other => (vec![other, "township_discipline"], "town_office"),
    };
    Person {
        user: id(name),
        units: BTreeSet::from([id(unit)]),
        roles: roles.into_iter().map(str::to_owned).collect(),
        named_roles: BTreeSet::new(),
    }
}

/// A new record for which `worker` of `village_office` is responsible.
pub fn new_record() -> Situation {
    Situation {
        state: "received".to_owned(),
        responsible_persons: BTreeSet::from([id("worker")]),
        responsible_units: BTreeSet::from([id("village_office")]),
        issued_on: Some(date("2026-03-01")),
        ..Situation::default()
    }
}

/// One record, its flow, and everything needed to push it.
pub struct World {
    pub flow: Flow,
    pub codebook: Codebook,
    pub calendar: WorkingCalendar,
    pub record: Situation,
    pub due_on: Option<Date>,
}

impl World {
    pub fn new() -> Self {
        Self {
            flow: rectification(),
            codebook: codebook(),
            calendar: WorkingCalendar::default(),
            record: new_record(),
            due_on: None,
        }
    }

    /// The same with the flow, parameters and calendar that are shipped.
    pub fn shipped() -> Self {
        let codebook = Codebook::embedded("rural").unwrap();
        let flow = codebook.flows["rectification"].clone();
        let calendar = taizhang_flow::working_calendar(&codebook);
        Self { flow, codebook, calendar, ..Self::new() }
    }

    pub fn context(&self, today: Date) -> Context<'_> {
        Context {
            flow: &self.flow,
            codebook: &self.codebook,
            calendar: &self.calendar,
            region: None,
            now: morning(today),
        }
    }

    /// Takes a step and, if it is allowed, applies its changes to the facts as a service does.
    pub fn step(
        &mut self,
        today: Date,
        name: &str,
        who: &str,
        input: &StepInput,
    ) -> Result<Transition, Vec<Diagnostic>> {
        let transition = take(&self.context(today), name, &self.record, &person(who), input)?;
        self.apply(&transition, who);
        Ok(transition)
    }

    fn apply(&mut self, transition: &Transition, who: &str) {
        let record = &mut self.record;
        for (field, value) in &transition.changes {
            if value.is_empty() {
                record.filled.remove(field);
            } else {
                record.filled.insert(field.clone());
            }
            match field.as_str() {
                "deadline_on" => record.deadline_on = value.as_date(),
                "original_deadline_on" => record.original_deadline_on = value.as_date(),
                "return_count" => record.return_count = value.as_integer().unwrap(),
                "reopened_count" => record.reopened_count = value.as_integer().unwrap(),
                "is_long_term" => record.is_long_term = value.as_boolean().unwrap(),
                "due_on" => self.due_on = value.as_date(),
                "upper_consent_on" => record.has_upper_consent = !value.is_empty(),
                _ => {}
            }
        }
        if transition.step == "submit" {
            record.submitted_by = Some(id(who));
            record.acceptance = None;
        }
        if matches!(transition.step.as_str(), "return" | "reopen") {
            record.has_progress = false;
            record.acceptance = None;
        }
        record.state.clone_from(&transition.to);
    }
}

/// Reads the `with` cell of a script: facts that appear before the step, and its form.
pub fn with(world: &mut World, cell: &str) -> StepInput {
    let mut input = StepInput::default();
    for word in cell.split_whitespace().filter(|word| *word != "-") {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let record = &mut world.record;
        match key {
            "evidence" => record.evidence_count = value.parse().unwrap(),
            "measure" => record.measure_count += 1,
            "progress" => record.has_progress = true,
            "passed" => record.acceptance = Some(true),
            "failed" => record.acceptance = Some(false),
            "children" => record.children_open = value.parse().unwrap(),
            "upper" => record.needs_upper_consent = true,
            "consent" => record.has_upper_consent = true,
            "reason" => input.reason = Some("recurred".to_owned()),
            "blank" => input.reason = Some("  ".to_owned()),
            "deadline" => {
                input.fields.insert("deadline_on".to_owned(), Value::Date(date(value)));
            }
            "new" => input.new_deadline_on = Some(date(value)),
            "long" => {
                input.fields.insert("is_long_term".to_owned(), Value::Boolean(true));
            }
            "goal" => record.next_goal_on = Some(date(value)),
            field => {
                input.fields.insert(field.to_owned(), Value::from("filled"));
            }
        }
    }
    input
}
