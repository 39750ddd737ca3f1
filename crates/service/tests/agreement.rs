//! What three sources say of the same thing.

use crate::work::world::{VILLAGES, World, for_each_database};
use taizhang_service::agreement::{Agreement, AgreementScope};
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_store::{Record, Values};
use taizhang_values::{RegionCode, Value};

fn save(world: &World, ledger: &str, pairs: &[(&str, Value)]) -> Record {
    let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let input = SaveRecord {
        ledger: ledger.to_owned(),
        id: None,
        version: 0,
        region: RegionCode::parse(VILLAGES[0]),
        values: values.collect::<Values>(),
        reason: "入户核实".to_owned(),
    };
    match world.service().save_record(&world.caller("clerk"), &input).unwrap() {
        Saved::Written(record, _) | Saved::Proposed(record) => *record,
    }
}

fn household(world: &World, number: &str) -> Record {
    let pairs =
        [("household_no", number.into()), ("head_name", "甲某".into()), ("population", 4.into())];
    save(world, "household", &pairs)
}

/// `population national_export 4 2025-06-01`: a source says something of a household.
fn say(world: &World, household: &Record, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let [field, source, text, on] = words.as_slice() else { panic!("{line}") };
    let pairs = [
        ("household", (&household.id).into()),
        ("subject", household.text("household_no").into()),
        ("field", (*field).into()),
        ("value_source", (*source).into()),
        ("value_text", (*text).into()),
        ("recorded_on", Value::Date(on.parse().unwrap())),
    ];
    save(world, "field_source", &pairs);
}

/// A line a thing: number, field, what each source says, what the register holds, rules of doubts.
fn shown(found: &Agreement) -> String {
    let line = |item: &taizhang_service::agreement::AgreementItem| {
        let said = |source: &str| item.said_by(source).map_or("-", |value| value.text.as_str());
        let own = item.own.as_ref().map_or_else(|| "-".to_owned(), |own| own.value.to_string());
        let rules: Vec<&str> = item.doubts.iter().map(|doubt| doubt.text("rule")).collect();
        format!(
            "{} {} {} {} {} = {own} {}{}",
            item.subject,
            item.field,
            said("national_export"),
            said("paper"),
            said("visit"),
            if item.differs { "differs" } else { "same" },
            rules.iter().map(|rule| format!(" {rule}")).collect::<String>()
        )
    };
    let lines: Vec<String> = found.items.iter().map(line).collect();
    format!("{}/{}/{}\n{}", found.compared, found.different, found.single, lines.join("\n"))
}

#[test]
fn fields_that_differ_are_shown_with_what_each_source_says() {
    for_each_database(|world| {
        let (one, two) = (household(world, "01"), household(world, "02"));
        for line in [
            "population national_export 4 2025-06-01",
            "population paper 5 2025-06-01",
            "population visit 4 2025-06-02",
            // A later word of the same source counts.
            "house_area paper 80 2024-01-01",
            "house_area paper 96 2025-01-01",
            "house_area visit 96 2025-06-02",
            "household_type national_export lifted 2025-06-01",
        ] {
            say(world, &one, line);
        }
        say(world, &two, "人口数 national_export 3 2025-06-01");
        say(world, &two, "人口数 visit 4 2025-06-01");
        let clerk = world.caller("clerk");
        let region = AgreementScope::Region(RegionCode::parse(VILLAGES[0]).unwrap());
        let found = world.service().agreement(&clerk, &region, false).unwrap();
        let mut lines: Vec<String> = shown(&found).lines().map(str::to_owned).collect();
        lines[1..].sort();
        assert_eq!(
            lines,
            [
                "3/2/1",
                "01 population 4 5 4 = 4 differs ARC-007 ARC-007 ARC-007",
                "02 人口数 3 - 4 = 4 differs ARC-007 ARC-007",
            ]
        );
        assert_eq!(found.households.len(), 2);
        let own = AgreementScope::Household(one.id.clone());
        let all = world.service().agreement(&clerk, &own, true).unwrap();
        assert_eq!((all.items.len(), all.compared, all.different, all.single), (3, 2, 1, 1));
    });
}

#[test]
fn villages_are_counted_and_seen_by_their_own_people_alone() {
    for_each_database(|world| {
        let one = household(world, "01");
        say(world, &one, "population national_export 4 2025-06-01");
        say(world, &one, "population paper 5 2025-06-01");
        let of = |login: &str| {
            let villages = world.service().agreement_villages(&world.caller(login)).unwrap();
            let line = |village: &taizhang_service::agreement::AgreementVillage| {
                (village.region.clone(), village.said, village.doubts)
            };
            villages.iter().map(line).collect::<Vec<_>>()
        };
        for login in ["clerk", "village", "county"] {
            assert_eq!(of(login), [(VILLAGES[0].to_owned(), 2, 2)], "{login}");
        }
        assert_eq!(of("village-two"), []);
        let scope = AgreementScope::Household(one.id.clone());
        assert!(world.service().agreement(&world.caller("village-two"), &scope, true).is_err());
        let region = AgreementScope::Region(RegionCode::parse(VILLAGES[0]).unwrap());
        let found = world.service().agreement(&world.caller("village-two"), &region, true).unwrap();
        assert!(found.items.is_empty());
    });
}
