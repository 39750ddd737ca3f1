//! Operations on households, as lines of text: what was done, and how the register stands then.

use crate::work::world::{VILLAGES, World, for_each_database};
use taizhang_service::register::{
    ChangeHousehold, ChangeKind, DecideProposal, SaveRecord, Saved, UndoChange,
};
use taizhang_service::{Caller, ServiceError};
use taizhang_store::{Filter, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

fn save(world: &World, ledger: &str, region: &str, pairs: &[(&str, Value)]) -> Record {
    let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let input = SaveRecord {
        ledger: ledger.to_owned(),
        id: None,
        version: 0,
        region: RegionCode::parse(region),
        values,
        reason: "入户核实".to_owned(),
    };
    // Another township has a clerk of its own.
    let login = if region.starts_with("990101101") { "elsewhere" } else { "clerk" };
    match world.service().save_record(&world.caller(login), &input).unwrap() {
        Saved::Written(record, _) | Saved::Proposed(record) => *record,
    }
}

/// `01: 甲 head, 乙 spouse` makes a household with its people in the first village.
fn home(world: &World, line: &str) {
    home_in(world, VILLAGES[0], line);
}

fn home_in(world: &World, region: &str, line: &str) {
    let (number, people) = line.split_once(": ").unwrap();
    let people: Vec<(&str, &str)> =
        people.split(", ").filter_map(|person| person.split_once(' ')).collect();
    let count = i64::try_from(people.len()).unwrap();
    let head = people.first().map_or("", |person| person.0);
    let pairs = [
        ("household_no", number.into()),
        ("head_name", head.into()),
        ("population", count.into()),
        ("is_active", true.into()),
    ];
    let household = save(world, "household", region, &pairs);
    for (name, relation) in people {
        let pairs = [
            ("household", (&household.id).into()),
            ("name", name.into()),
            ("relation_to_head", relation.into()),
            ("is_active", true.into()),
        ];
        save(world, "person", region, &pairs);
    }
}

fn one(world: &World, ledger: &str, field: &str, value: &str) -> Record {
    let query = Query::new(ledger).filter(Filter::eq(field, value)).limit(1);
    let found = world.service().store().read(|reader| reader.list(&query)).unwrap().records;
    found.into_iter().next().unwrap_or_else(|| panic!("no {ledger} with {field} {value}"))
}

fn household(world: &World, number: &str) -> Record {
    one(world, "household", "household_no", number)
}

fn person(world: &World, name: &str) -> RecordId {
    one(world, "person", "name", name).id
}

/// `split 01 on=2026-02-01 who=丙/head,丁/son number=02`: an operation.
fn operate(world: &World, login: &str, line: &str) -> Result<Saved, ServiceError> {
    let mut words = line.split(' ');
    let kind = ChangeKind::parse(words.next().unwrap()).unwrap();
    let own = household(world, words.next().unwrap()).id;
    let mut values = Values::new();
    let mut reason = "户口簿".to_owned();
    for word in words {
        let (key, text) = word.split_once('=').unwrap();
        let value = match key {
            "on" => Value::Date(text.parse().unwrap()),
            "who" => {
                let pairs = text.split(',').map(|one| one.split_once('/').unwrap_or((one, "")));
                let (people, relations): (Vec<_>, Vec<_>) = pairs
                    .map(|(name, relation)| (person(world, name).to_string(), relation.to_owned()))
                    .unzip();
                values.insert("relations".to_owned(), Value::List(relations));
                Value::List(people)
            }
            "head" => (&person(world, text)).into(),
            "group" => (&one(world, "village_group", "name", text).id).into(),
            "other" => (&household(world, text).id).into(),
            "because" => {
                text.trim_matches('-').clone_into(&mut reason);
                continue;
            }
            _ => text.into(),
        };
        let field = match key {
            "on" => "changed_on",
            "who" => "persons",
            "head" => "head_person",
            "other" => "other_household",
            "number" => "other_number",
            "to" => "to_region",
            "group" => "village_group",
            "name" => "person_name",
            "as" => "person_relation",
            other => other,
        };
        values.insert(field.to_owned(), value);
    }
    let input = ChangeHousehold { household: own, kind, values, reason };
    world.service().change_household(&world.caller(login), &input)
}

/// Every household: number, village, people, stated population, and how it ended.
fn state(world: &World) -> String {
    let all = |ledger: &str| {
        let query = Query::new(ledger).limit(1000);
        world.service().store().read(|reader| reader.list(&query)).unwrap().records
    };
    let people = all("person");
    let mut lines: Vec<String> = all("household")
        .iter()
        .map(|household| {
            let own = people.iter().filter(|p| p.reference("household") == Some(&household.id));
            let mut own: Vec<String> = own
                .map(|person| {
                    assert_eq!(person.region, household.region);
                    let left = person.text("left_reason");
                    let left = if left.is_empty() { String::new() } else { format!("-{left}") };
                    format!("{} {}{left}", person.text("name"), person.text("relation_to_head"))
                })
                .collect();
            own.sort();
            let region = household.region.as_ref().unwrap().to_string();
            format!(
                "{} @{} {} ({}){}",
                household.text("household_no"),
                region.chars().skip(9).collect::<String>(),
                own.join(", "),
                household.get("population"),
                match household.text("end_reason") {
                    "" => String::new(),
                    reason => format!(" {reason}"),
                }
            )
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

#[track_caller]
fn check(world: &World, line: &str, expected: &[&str]) -> Record {
    match operate(world, "clerk", line) {
        Ok(Saved::Written(change, _)) => {
            assert_eq!(state(world), expected.join("\n"), "{line}");
            *change
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refused(world: &World, login: &str, line: &str, expected: &str) {
    let before = state(world);
    let told = match operate(world, login, line) {
        Err(ServiceError::Invalid(faults)) => {
            faults.iter().map(|fault| fault.code.to_string()).collect::<Vec<_>>().join(" ")
        }
        Err(ServiceError::Denied { .. }) => "denied".to_owned(),
        Err(ServiceError::NotFound) => "not found".to_owned(),
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(told, expected, "{line}");
    assert_eq!(state(world), before, "{line}");
}

fn undo(world: &World, login: &str, change: &Record) -> Result<Record, ServiceError> {
    let current = world.service().store().read(|reader| reader.get("household_change", &change.id));
    let input = UndoChange {
        change: change.id.clone(),
        version: current.unwrap().unwrap().version,
        reason: "登记错了".to_owned(),
    };
    world.service().undo_household_change(&world.caller(login), &input)
}

#[test]
fn each_operation_leaves_the_register_as_its_line_says() {
    for_each_database(|world| {
        home(world, "01: 甲 head, 乙 spouse, 丙 son, 丁 daughter_in_law");
        home(world, "02: 戊 head");
        check(
            world,
            "split 01 on=2026-02-01 who=丙,丁/spouse head=丙 number=03",
            &[
                "01 @201 乙 spouse, 甲 head (2)",
                "02 @201 戊 head (1)",
                "03 @201 丁 spouse, 丙 head (2)",
            ],
        );
        let made = household(world, "03");
        assert_eq!((made.text("origin"), made.text("head_name")), ("split", "丙"));
        assert_eq!(made.reference("predecessor"), Some(&household(world, "01").id));
        check(
            world,
            "join 03 on=2026-02-10 join_reason=born name=己 as=son",
            &[
                "01 @201 乙 spouse, 甲 head (2)",
                "02 @201 戊 head (1)",
                "03 @201 丁 spouse, 丙 head, 己 son (3)",
            ],
        );
        check(
            world,
            "leave 01 on=2026-02-11 who=甲 left_reason=died head=乙",
            &[
                "01 @201 乙 head, 甲 head-died (1)",
                "02 @201 戊 head (1)",
                "03 @201 丁 spouse, 丙 head, 己 son (3)",
            ],
        );
        check(
            world,
            "merge 01 on=2026-02-12 other=03 who=乙/mother",
            &[
                "01 @201 甲 head-died (1) merged",
                "02 @201 戊 head (1)",
                "03 @201 丁 spouse, 丙 head, 乙 mother, 己 son (4)",
            ],
        );
        check(
            world,
            "move 03 on=2026-02-13 to=990101100202",
            &[
                "01 @201 甲 head-died (1) merged",
                "02 @201 戊 head (1)",
                "03 @202 丁 spouse, 丙 head, 乙 mother, 己 son (4)",
            ],
        );
        check(
            world,
            "leave 03 on=2026-02-14 who=己/grandson left_reason=moved_out other=02",
            &[
                "01 @201 甲 head-died (1) merged",
                "02 @201 己 grandson, 戊 head (2)",
                "03 @202 丁 spouse, 丙 head, 乙 mother (3)",
            ],
        );
    });
}

#[test]
fn a_household_that_ends_lets_its_people_go() {
    for_each_database(|world| {
        home(world, "02: 戊 head, 己 grandson");
        let expected = ["02 @201 己 grandson-died, 戊 head-died (2) died_out"];
        check(world, "end 02 on=2026-02-15 end_reason=died_out", &expected);
    });
}

#[test]
fn what_cannot_be_is_refused_with_every_fault_and_changes_nothing() {
    for_each_database(|world| {
        home(world, "01: 甲 head, 乙 spouse, 丙 son");
        home(world, "02: 戊 head");
        home_in(world, "990101101201", "09: 远 head");
        let pairs = [("village_code", "01".into()), ("name", "一村".into())];
        let village = save(world, "village", VILLAGES[0], &pairs);
        let pairs = [
            ("village", (&village.id).into()),
            ("group_code", "1".into()),
            ("name", "一组".into()),
        ];
        save(world, "village_group", VILLAGES[0], &pairs);
        for (line, expected) in [
            ("split 01 who=丙 head=丙 number=03", "G0103"),
            ("split 01 on=2027-01-01 who=丙 head=丙 number=03", "G0317"),
            ("split 01 on=2026-02-01 number=03", "G0304 G0308"),
            ("split 01 on=2026-02-01 who=戊 head=戊 number=03", "G0305 G0304 G0308"),
            ("split 01 on=2026-02-01 who=甲 head=甲 number=03", "G0306"),
            ("split 01 on=2026-02-01 who=丙 head=丙", "G0307"),
            ("split 01 on=2026-02-01 who=丙 head=丙 number=02", "G0331"),
            ("split 01 on=2026-02-01 who=丙,乙 head=丙 number=03", "G0309"),
            ("split 01 on=2026-02-01 who=丙,乙/head head=丙 number=03", "G0332"),
            ("merge 01 on=2026-02-01", "G0310 G0309"),
            ("merge 02 on=2026-02-01 other=02 who=戊/father", "G0333"),
            ("move 01 on=2026-02-01", "G0312"),
            ("move 01 on=2026-02-01 to=990101100201", "G0336"),
            ("move 01 on=2026-02-01 to=990101100299", "G0335"),
            ("move 01 on=2026-02-01 to=990101100202 group=一组", "G0340"),
            ("end 01 on=2026-02-01", "G0311"),
            ("end 01 on=2026-02-01 end_reason=merged", "G0337"),
            ("end 01 on=2026-02-01 end_reason=split_up", "G0316"),
            ("join 01 on=2026-02-01 join_reason=born", "G0313 G0313"),
            ("leave 01 on=2026-02-01 who=丙", "G0338"),
            ("leave 01 on=2026-02-01 who=甲 left_reason=died", "G0339"),
            ("leave 01 on=2026-02-01 who=丙 left_reason=moved_out other=02", "G0309"),
        ] {
            refused(world, "clerk", line, expected);
        }
        refused(world, "leader", "end 01 on=2026-02-01 end_reason=died_out", "denied");
        refused(world, "village-two", "end 01 on=2026-02-01 end_reason=died_out", "not found");
        // Another township's household is not seen.
        refused(world, "clerk", "merge 02 on=2026-02-01 other=09 who=戊/father", "not found");
        refused(world, "village", "end 01 on=2026-02-01 end_reason=died_out because=-", "G0201");
        operate(world, "clerk", "end 02 on=2026-02-01 end_reason=died_out").unwrap();
        refused(world, "clerk", "end 02 on=2026-02-02 end_reason=died_out", "G0303");
        refused(
            world,
            "clerk",
            "merge 01 on=2026-02-02 other=02 who=甲/son,乙/daughter,丙/son",
            "G0334",
        );
    });
}

#[test]
fn a_villages_operation_waits_and_takes_effect_when_accepted() {
    for_each_database(|world| {
        home(world, "01: 甲 head, 丙 son");
        let line = "split 01 on=2026-02-01 who=丙 head=丙 number=03";
        let Ok(Saved::Proposed(proposal)) = operate(world, "village", line) else {
            panic!("a village proposes")
        };
        assert_eq!(state(world), "01 @201 丙 son, 甲 head (2)");
        let decide = |is_accepted: bool, note: &str| DecideProposal {
            proposal: proposal.id.clone(),
            version: proposal.version,
            is_accepted,
            note: note.to_owned(),
        };
        let clerk = world.caller("clerk");
        let page = world.service().proposal_page(&clerk, &proposal.id).unwrap();
        assert!(page.fields.iter().any(|field| field.field == "persons"));
        world.service().decide_proposal(&clerk, &decide(true, "")).unwrap();
        assert_eq!(state(world), "01 @201 甲 head (1)\n03 @201 丙 head (1)");
        // What rested on older facts is refused when it is decided.
        let Ok(Saved::Proposed(late)) =
            operate(world, "village", "move 01 on=2026-02-02 to=990101100202")
        else {
            panic!("a village proposes")
        };
        operate(world, "clerk", "end 01 on=2026-02-03 end_reason=died_out").unwrap();
        let input = DecideProposal {
            proposal: late.id.clone(),
            version: late.version,
            is_accepted: true,
            note: String::new(),
        };
        let told = world.service().decide_proposal(&clerk, &input);
        assert!(matches!(told, Err(ServiceError::Invalid(_))), "{told:?}");
    });
}

#[test]
fn a_proposal_to_move_can_be_accepted() {
    for_each_database(|world| {
        home(world, "01: 甲 head");
        let line = "move 01 on=2026-02-02 to=990101100202";
        let Ok(Saved::Proposed(proposal)) = operate(world, "village", line) else {
            panic!("a village proposes")
        };
        let input = DecideProposal {
            proposal: proposal.id.clone(),
            version: proposal.version,
            is_accepted: true,
            note: String::new(),
        };
        world.service().decide_proposal(&world.caller("clerk"), &input).unwrap();
        assert_eq!(state(world), "01 @202 甲 head (1)");
        let caller = world.caller("village-two");
        let moved = household(world, "01");
        let page = world.service().household_page(&caller, &moved.id).unwrap();
        assert_eq!(page.changes.len(), 1);
        assert!(world.service().household_page(&world.caller("village"), &moved.id).is_err());
    });
}

#[test]
fn an_operation_taken_back_leaves_everything_as_it_was_and_its_history() {
    for_each_database(|world| {
        home(world, "01: 甲 head, 乙 spouse, 丙 son");
        home(world, "02: 戊 head");
        for line in [
            "split 01 on=2026-02-01 who=丙,乙/mother head=丙 number=03",
            "merge 01 on=2026-02-01 other=02 who=甲/son,乙/daughter,丙/grandson",
            "move 01 on=2026-02-01 to=990101100202",
            "end 01 on=2026-02-01 end_reason=moved_out",
            "join 01 on=2026-02-01 join_reason=born name=己 as=son",
            "leave 01 on=2026-02-01 who=甲 left_reason=died head=乙",
        ] {
            let before = state(world);
            let Ok(Saved::Written(change, _)) = operate(world, "clerk", line) else {
                panic!("{line}")
            };
            assert_ne!(state(world), before, "{line}");
            assert!(undo(world, "village", &change).is_err(), "{line}");
            undo(world, "clerk", &change).unwrap();
            assert_eq!(state(world), before, "{line}");
            assert!(undo(world, "clerk", &change).is_err(), "{line}");
            assert!(see(world, &world.caller("village"), &change), "{line}");
        }
        let own = household(world, "01");
        let history = world.service().record_history(&world.caller("clerk"), "household", &own.id);
        assert!(history.unwrap().len() > 10);
    });
}

fn see(world: &World, caller: &Caller, change: &Record) -> bool {
    world.service().register_record(caller, "household_change", &change.id).is_ok()
}

#[test]
fn what_was_written_since_stands_against_taking_back() {
    for_each_database(|world| {
        home(world, "01: 甲 head, 丙 son");
        let line = "split 01 on=2026-02-01 who=丙 head=丙 number=03";
        let Ok(Saved::Written(change, _)) = operate(world, "clerk", line) else { panic!("{line}") };
        let made = household(world, "03");
        let pairs = [("household", (&made.id).into()), ("year", 2025_i64.into())];
        save(world, "income", VILLAGES[0], &pairs);
        let before = state(world);
        match undo(world, "clerk", &change) {
            Err(ServiceError::Invalid(faults)) => assert_eq!(faults[0].code, "G0322"),
            other => panic!("{other:?}"),
        }
        assert_eq!(state(world), before);
    });
}

#[test]
fn people_take_their_records_and_doubts_with_them() {
    for_each_database(|world| {
        home(world, "01: 甲 head");
        let own = household(world, "01").id;
        // Two people of one number.
        let add = |name: &str| {
            let pairs = [
                ("household", (&own).into()),
                ("name", name.into()),
                ("relation_to_head", "son".into()),
                ("is_active", true.into()),
                ("id_number", "990101199001010119".into()),
            ];
            save(world, "person", VILLAGES[0], &pairs).id
        };
        let (_, who) = (add("丁"), add("丙"));
        let term = Value::from("2025秋");
        let pairs = [("household", (&own).into()), ("person", (&who).into()), ("term", term)];
        let schooling = save(world, "schooling", VILLAGES[0], &pairs);
        let clerk = world.caller("clerk");
        let about = |id: &RecordId| {
            let filter = Filter::eq("subject", id.to_string());
            let filter = filter.and(Filter::Not(Box::new(Filter::eq("doubt_status", "closed"))));
            world.service().doubts(&clerk, filter, None, 100).unwrap().records
        };
        let before: Vec<RecordId> = about(&who).into_iter().map(|doubt| doubt.id).collect();
        assert!(!before.is_empty(), "a number that stands twice raises a doubt");
        operate(world, "clerk", "split 01 on=2026-02-01 who=丙 head=丙 number=03").unwrap();
        let made = household(world, "03").id;
        let store = world.service().store();
        let moved = store.read(|reader| reader.get("schooling", &schooling.id)).unwrap().unwrap();
        assert_eq!(moved.reference("household"), Some(&made));
        let after = about(&who);
        assert!(after.iter().all(|doubt| doubt.reference("household") == Some(&made)));
        assert!(after.iter().any(|doubt| before.contains(&doubt.id)), "they keep what was said");
        let standing = world.service().household_doubts(&clerk, &made).unwrap().standing;
        assert!(standing.iter().any(|doubt| doubt.text("subject") == who.as_str()));
    });
}

#[test]
fn who_shares_a_number_elsewhere_is_judged_with_the_operation() {
    for_each_database(|world| {
        home(world, "01: 甲 head");
        home(world, "02: 乙 head");
        let number = "990101199001010119";
        let first = household(world, "01").id;
        let pairs = [
            ("household", (&first).into()),
            ("name", "丁".into()),
            ("relation_to_head", "son".into()),
            ("id_number", number.into()),
        ];
        let who = save(world, "person", VILLAGES[0], &pairs).id;
        let clerk = world.caller("clerk");
        let twice = || {
            let standing = world.service().household_doubts(&clerk, &first).unwrap().standing;
            standing
                .iter()
                .any(|one| one.text("rule") == "PER-001" && one.text("subject") == who.as_str())
        };
        assert!(!twice());
        let line = format!(
            "join 02 on=2026-02-01 join_reason=married name=戊 as=son_in_law person_id_number={number}"
        );
        let Saved::Written(change, doubts) = operate(world, "clerk", &line).unwrap() else {
            panic!("the township writes")
        };
        assert!(twice() && doubts.beside.judged == 1, "{doubts:?}");
        undo(world, "clerk", &change).unwrap();
        assert!(!twice(), "taken back, the number stands once");
    });
}

#[test]
fn changes_are_written_by_operations_alone() {
    for_each_database(|world| {
        home(world, "01: 甲 head");
        let own = household(world, "01").id;
        let values = Values::from([
            ("household".to_owned(), (&own).into()),
            ("change_kind".to_owned(), "end".into()),
        ]);
        let input = SaveRecord {
            ledger: "household_change".to_owned(),
            id: None,
            version: 0,
            region: RegionCode::parse(VILLAGES[0]),
            values,
            reason: "x".to_owned(),
        };
        let told = world.service().save_record(&world.caller("clerk"), &input);
        assert!(matches!(told, Err(ServiceError::Denied { .. })), "{told:?}");
    });
}
