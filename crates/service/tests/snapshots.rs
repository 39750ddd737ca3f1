//! Snapshots: whole or not there, of a state and a day, and without anything that tells of a
//! person.

use crate::work::world::{VILLAGES, World, for_each_database, morning};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use taizhang_codebook::{Field, FieldType, Ledger, SensitiveClass, SnapshotPart};
use taizhang_service::ServiceError;
use taizhang_service::snapshot::SnapshotInfo;
use taizhang_store::{Act, NewRecord, Values};
use taizhang_values::{Date, Decimal, Money, RecordId, RegionCode, Timestamp, Value};

const NUMBER: &str = "990001200105010013";
const PHONE: &str = "13912345678";
const ACCOUNT: &str = "6222020200112233445";
const NAME: &str = "暗记某某";
const FREE_TEXT: &str = "暗记长文字";

/// What must not be found, in whole or in the greater part.
const NEEDLES: [&str; 6] = [
    "9900012001050100",
    PHONE,
    "62220202001122",
    "暗记",
    "139 1234 5678",
    "１３９１２３４５６７８",
];

fn act(world: &World) -> Act {
    Act {
        actor: None,
        verb: "test.plant".to_owned(),
        at: world.service().now(),
        reason: None,
        source: "test".to_owned(),
    }
}

/// Whether people write names of persons into a plain field, going by its label.
fn names_a_person(field: &Field) -> bool {
    if field.label.zh.contains("关系") {
        return false;
    }
    let labels = [
        "姓名",
        "户主",
        "责任人",
        "责任领导",
        "责任主体",
        "监管责任",
        "管理责任",
        "监护人",
        "家庭医生",
        "联系干部",
        "信息采集人",
        "户名",
        "收款方名称",
    ];
    labels.iter().any(|label| field.label.zh.contains(label))
}

/// A value that tells of a person wherever the field could hold one.
fn planted(world: &World, field: &Field, made: &BTreeMap<String, RecordId>) -> Option<Value> {
    let text = |text: &str| {
        let kept: String = text.chars().take(field.length_max.unwrap_or(usize::MAX)).collect();
        Value::Text(kept)
    };
    let codes =
        field.codes.as_ref().and_then(|list| world.service().codebook().code_lists.get(list));
    let code = || codes?.codes.first().map(|code| code.code.clone());
    Some(match (field.field_type, field.sensitive) {
        (FieldType::Text, Some(SensitiveClass::Identity)) => text(NUMBER),
        (FieldType::Text, Some(SensitiveClass::Phone)) => text(PHONE),
        (FieldType::Text, Some(SensitiveClass::Bank)) => text(ACCOUNT),
        (FieldType::Text | FieldType::LongText, Some(_)) => text(NAME),
        // The words of a measure are official and stay, but for numbers.
        (FieldType::LongText, None) if field.name == "text" => {
            Value::Text(format!("请致电{PHONE}，{NUMBER}"))
        }
        (FieldType::LongText, None) => Value::Text(format!("{FREE_TEXT}，{NAME}，{NUMBER}")),
        (FieldType::Text, None) if names_a_person(field) => text(NAME),
        // The others are given a number where none belongs.
        (FieldType::Text, None) => match field.length_max {
            Some(length) if length < 30 => text("A-1"),
            _ if field.is_unique || field.is_indexed => text("A-1"),
            _ => text("电话139 1234 5678，１３９１２３４５６７８"),
        },
        (FieldType::Texts, _) if names_a_person(field) => Value::List(vec![NAME.to_owned()]),
        (FieldType::Texts, _) => Value::List(vec![format!("旧号{NUMBER}")]),
        (FieldType::Boolean, _) => Value::Boolean(true),
        (FieldType::Integer | FieldType::Percent, _) => Value::Integer(1),
        (FieldType::Money, _) => Value::Money(Money::from_fen(100)),
        (FieldType::Decimal, _) => Value::Decimal(Decimal::from_units(10_000)),
        (FieldType::Date | FieldType::Month, _) => Value::Date(Date::constant(2025, 5, 1)),
        (FieldType::Instant, _) => Value::Instant(world.service().now()),
        (FieldType::Code, _) => Value::Text(code()?),
        (FieldType::Codes, _) => Value::List(vec![code()?]),
        (FieldType::Region, _) => Value::Text(VILLAGES[0].to_owned()),
        (FieldType::Reference, _) => made.get(field.ledger.as_deref()?)?.into(),
    })
}

/// A record of each ledger, with everything about a person that it could hold.
fn plant(world: &World) -> BTreeMap<String, RecordId> {
    let codebook = world.service().codebook();
    let mut made: BTreeMap<String, RecordId> = world
        .ids
        .iter()
        .filter(|(name, _)| *name == "village")
        .map(|(_, id)| ("user".to_owned(), id.clone()))
        .collect();
    let is_held = |ledger: &&Ledger| ledger.snapshot == SnapshotPart::Whole;
    let mut waiting: Vec<&Ledger> = codebook.ledgers.values().filter(is_held).collect();
    waiting.retain(|ledger| ledger.name != "region");
    let act = act(world);
    while !waiting.is_empty() {
        let is_ready = |ledger: &Ledger| {
            let own =
                |field: &&Field| field.is_required && field.field_type == FieldType::Reference;
            let mut needed = ledger.fields.iter().filter(own);
            needed.all(|field| made.contains_key(field.ledger.as_deref().unwrap_or("")))
        };
        let place = waiting.iter().position(|ledger| is_ready(ledger)).unwrap_or_else(|| {
            let names: Vec<&str> = waiting.iter().map(|ledger| ledger.name.as_str()).collect();
            panic!("these wait for each other: {names:?}")
        });
        let ledger = waiting.remove(place);
        let values: Values = ledger
            .fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), planted(world, field, &made)?)))
            .collect();
        let region = RegionCode::parse(VILLAGES[0]);
        let new = NewRecord { region, values, ..NewRecord::default() };
        let stored = world.service().store().write(&act, |writer| writer.insert(&ledger.name, new));
        let stored: Result<_, taizhang_store::StoreError> = stored;
        let stored = stored.unwrap_or_else(|error| panic!("{}: {error}", ledger.name));
        made.insert(ledger.name.clone(), stored.id);
    }
    made
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// All rows of a Parquet file as text, whatever their columns are.
fn rows(path: &Path) -> String {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| format!("{}\n", row.unwrap())).collect()
}

fn create(world: &World) -> SnapshotInfo {
    world.service().create_snapshot(&world.service().operator()).unwrap()
}

#[test]
fn no_byte_of_a_snapshot_tells_of_a_person() {
    for_each_database(|world| {
        let made = plant(world);
        assert!(made.len() > 90, "{}", made.len());
        let snapshot = create(world);
        let mut seen = String::new();
        for path in files(&snapshot.directory) {
            let bytes = std::fs::read(&path).unwrap();
            let is_parquet = path.extension().is_some_and(|ending| ending == "parquet");
            let text = if is_parquet { rows(&path) } else { String::new() };
            for needle in NEEDLES {
                let is_there = bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
                assert!(!is_there, "`{needle}` stands in {}", path.display());
                let line = text.lines().find(|line| line.contains(needle));
                assert!(line.is_none(), "`{needle}` in {}: {line:?}", path.display());
            }
            seen.push_str(&text);
        }
        // The rows are there, with the facts that rules read.
        for (ledger, id) in made.iter().filter(|(ledger, _)| *ledger != "user") {
            assert!(seen.contains(id.as_str()), "{ledger}");
        }
        assert!(seen.contains("id_number__valid: true") && seen.contains("id_number__key: "));
    });
}

#[test]
fn what_was_not_finished_is_no_snapshot_and_goes() {
    for_each_database(|world| {
        let first = create(world);
        let folder = first.directory.parent().unwrap();
        let broken = folder.join(".20260101T000000Z.4194304.part");
        std::fs::create_dir_all(broken.join("household")).unwrap();
        std::fs::write(broken.join("household").join("part-00000.parquet"), "PAR1").unwrap();
        let strange = folder.join("notes");
        std::fs::create_dir_all(&strange).unwrap();
        let operator = world.service().operator();
        let names = |world: &World| -> Vec<String> {
            let kept = world.service().snapshots(&operator).unwrap();
            kept.into_iter().map(|one| one.name).collect()
        };
        assert_eq!(names(world), std::slice::from_ref(&first.name));
        world.finding("own", "2026-12-20");
        let second = create(world);
        assert_ne!(second.name, first.name);
        assert!(!broken.exists() && strange.exists());
        assert_eq!(names(world), [first.name, second.name]);
        let refused = world.service().create_snapshot(&world.caller("clerk"));
        assert!(matches!(refused, Err(ServiceError::Denied { .. })), "{refused:?}");
    });
}

#[test]
fn a_state_has_one_snapshot_and_a_day_its_last() {
    for_each_database(|world| {
        let operator = world.service().operator();
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let on = |text: &str| world.service().snapshot_on(&operator, Some(day(text)));
        let first = create(world);
        assert_eq!(create(world), first, "nothing was written meanwhile");
        let later: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        world.house.clock.set(later);
        world.finding("own", "2026-12-20");
        let second = create(world);
        world.go_to("2026-03-09");
        let third = create(world);
        assert_eq!(third.state, second.state, "the same state of another day");
        assert_eq!(
            (on("2026-03-02").unwrap(), on("2026-03-08").unwrap()),
            (second.clone(), second)
        );
        assert_eq!(on("2026-03-09").unwrap().name, third.name);
        assert!(matches!(on("2026-03-01"), Err(ServiceError::NotFound)));
        assert_eq!(morning("2026-03-09"), third.made_at);
    });
}

#[test]
fn months_stay_when_days_go() {
    for_each_database(|world| {
        for text in
            ["2026-03-30", "2026-03-31", "2026-04-02", "2026-05-20", "2026-05-21", "2026-05-22"]
        {
            world.go_to(text);
            world.finding("own", "2026-12-20");
            create(world);
        }
        let kept = world.service().snapshots(&world.service().operator()).unwrap();
        let days: Vec<String> = kept.iter().map(|one| one.as_of.to_string()).collect();
        assert_eq!(days, ["2026-03-31", "2026-04-02", "2026-05-20", "2026-05-21", "2026-05-22"]);
    });
}
