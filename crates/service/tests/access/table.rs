//! The decision function against `data/rights.txt`, cell by cell.

use crate::support::open;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Action, Codebook};
use taizhang_diagnostics::Language;
use taizhang_service::{Caller, HeldGrant};
use taizhang_store::{Record, Values};
use taizhang_values::{RecordId, RegionCode, RegionLevel, Value};

pub const ACTIONS: [(Action, char); 6] = [
    (Action::Read, 'r'),
    (Action::Create, 'c'),
    (Action::Update, 'u'),
    (Action::Delete, 'd'),
    (Action::Export, 'e'),
    (Action::History, 'h'),
];

/// Scope and action letters by role and ledger, and powers by role.
#[derive(Default)]
struct Rights {
    cells: BTreeMap<(String, String), (String, String)>,
    powers: BTreeMap<String, BTreeSet<String>>,
}

fn rights() -> Rights {
    let mut rights = Rights::default();
    for line in include_str!("../data/rights.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] | ["#", ..] => {}
            [role, "powers", "·", powers @ ..] => {
                let powers = powers.iter().filter(|power| **power != "-");
                let powers = powers.map(|power| (*power).to_owned()).collect();
                rights.powers.insert((*role).to_owned(), powers);
            }
            [role, ledger, scope, actions] => {
                let cell = ((*scope).to_owned(), (*actions).to_owned());
                let before = rights.cells.insert(((*role).to_owned(), (*ledger).to_owned()), cell);
                assert!(before.is_none(), "twice in the table: {line}");
            }
            _ => panic!("not a line of the table: {line}"),
        }
    }
    rights
}

/// A grant's root by the level at which the role is held, and its relations to other regions.
fn root(codebook: &Codebook, role: &str) -> RegionCode {
    let levels = &codebook.roles[role].levels;
    let codes = [
        (RegionLevel::Township, "990101100"),
        (RegionLevel::County, "990101"),
        (RegionLevel::Village, "990101100201"),
        (RegionLevel::Prefecture, "9901"),
        (RegionLevel::Province, "99"),
    ];
    let fits = codes.iter().find(|(level, _)| levels.contains(level));
    RegionCode::parse(fits.map_or("990101100", |(_, code)| *code)).unwrap()
}

fn relations(root: &RegionCode) -> Vec<(&'static str, Option<RegionCode>, bool)> {
    let code = |text: &str| RegionCode::parse(text);
    let text = root.as_str();
    let digit = if text.ends_with('1') { '2' } else { '1' };
    let sibling: String = text.chars().take(text.len() - 1).chain([digit]).collect();
    let below = match text.len() {
        2 => format!("{text}01"),
        4 => format!("{text}01"),
        6 => format!("{text}100"),
        9 => format!("{text}201"),
        _ => format!("{text}01"),
    };
    let above = root.parent().filter(|parent| !parent.as_str().is_empty());
    vec![
        ("own", Some(root.clone()), true),
        ("below", code(&below), true),
        ("above", above, false),
        ("sibling", code(&sibling), false),
        ("other county", code("980202"), false),
        ("other village", code("980202100201"), false),
        ("no region", None, false),
    ]
}

/// How a record belongs to somebody.
const BELONGINGS: [&str; 5] = ["nobody", "author", "person", "unit", "listed unit"];

fn caller(role: &str, region: &RegionCode) -> Caller {
    let unit = Some(RecordId::from_parts(7, 7));
    Caller {
        user: RecordId::from_parts(1, 1),
        login: "somebody".to_owned(),
        name: "某人".to_owned(),
        unit: unit.clone(),
        grants: vec![HeldGrant { role: role.to_owned(), region: region.clone(), unit }],
        language: Language::Zh,
        source: "test".to_owned(),
    }
}

fn record(codebook: &Codebook, ledger: &str, region: Option<RegionCode>, belongs: &str) -> Record {
    let mut values = Values::new();
    let known = |field: &str| codebook.ledgers[ledger].field(field).is_some();
    let me = Value::from(RecordId::from_parts(1, 1));
    let unit = RecordId::from_parts(7, 7);
    match belongs {
        "person" => {
            for field in ["person", "by", "user"].iter().filter(|field| known(field)) {
                values.insert((*field).to_owned(), me.clone());
            }
        }
        "unit" => {
            for field in ["lead_unit", "unit"].iter().filter(|field| known(field)) {
                values.insert((*field).to_owned(), (&unit).into());
            }
        }
        "listed unit" if known("responsible_units") => {
            values.insert("responsible_units".to_owned(), vec![unit.to_string()].into());
        }
        _ => {}
    }
    let moment = crate::support::NOW.parse().unwrap();
    Record {
        ledger: ledger.to_owned(),
        id: RecordId::from_parts(9, 9),
        version: 1,
        region,
        state: None,
        flow_edition: None,
        created_at: moment,
        created_by: (belongs == "author").then(|| RecordId::from_parts(1, 1)),
        updated_at: moment,
        updated_by: None,
        values,
    }
}

/// What the table says: the slow reference.
fn expected(
    rights: &Rights,
    role: &str,
    record: &Record,
    letter: char,
    is_inside: bool,
    belongs: &str,
) -> bool {
    let Some((scope, actions)) = rights.cells.get(&(role.to_owned(), record.ledger.clone())) else {
        return false;
    };
    let is_mine = belongs == "author" || (belongs == "person" && !record.values.is_empty());
    let is_units = belongs.ends_with("unit") && !record.values.is_empty();
    let belongs = match scope.as_str() {
        "region" => true,
        "unit" => is_mine || is_units,
        "own" => is_mine,
        other => panic!("no such scope: {other}"),
    };
    actions.contains(letter) && is_inside && belongs
}

#[test]
fn every_cell_of_the_rights_table_is_decided_as_it_says() {
    let house = open(None);
    let codebook = house.service.codebook();
    let rights = rights();
    let mut cells = 0;
    for role in codebook.roles.keys() {
        let root = root(codebook, role);
        let caller = caller(role, &root);
        for (name, ledger) in &codebook.ledgers {
            for (relation, region, is_inside) in relations(&root) {
                // A ledger without regions has no inside and outside.
                let is_inside = is_inside || ledger.home.is_none();
                for belongs in BELONGINGS {
                    let record = record(codebook, name, region.clone(), belongs);
                    for (action, letter) in ACTIONS {
                        let given = house.service.may(&caller, &record, action);
                        let wanted = expected(&rights, role, &record, letter, is_inside, belongs);
                        assert_eq!(given, wanted, "{role} {name} {relation} {belongs} {letter}");
                        cells += 1;
                    }
                }
            }
        }
    }
    println!("{cells} cells");
    assert!(cells > 50_000, "only {cells} cells");
}

#[test]
fn table_names_only_roles_and_ledgers_that_are_there_and_all_powers() {
    let house = open(None);
    let codebook = house.service.codebook();
    let rights = rights();
    for (role, ledger) in rights.cells.keys() {
        assert!(codebook.roles.contains_key(role), "no role {role}");
        assert!(codebook.ledgers.contains_key(ledger), "no ledger {ledger}");
    }
    for (name, role) in &codebook.roles {
        let powers: BTreeSet<String> = role.powers.iter().cloned().collect();
        assert_eq!(rights.powers.get(name), Some(&powers), "powers of {name}");
    }
}

#[test]
fn three_administrators_share_no_power_and_no_casework() {
    let rights = rights();
    let casework =
        ["finding", "letter", "letter_row", "inspection", "evidence", "report", "measure"];
    let administrators = ["system_admin", "security_admin", "audit_admin"];
    for role in administrators {
        for ledger in casework {
            assert!(!rights.cells.contains_key(&(role.to_owned(), ledger.to_owned())), "{role}");
        }
    }
    for power in ["users.manage", "grants.manage", "audit.read", "backup.run"] {
        let holders: Vec<&String> =
            rights.powers.iter().filter(|(_, p)| p.contains(power)).map(|(role, _)| role).collect();
        assert_eq!(holders.len(), 1, "{power}: {holders:?}");
        assert!(administrators.contains(&holders[0].as_str()), "{power}: {holders:?}");
    }
}

#[test]
fn role_unknown_to_the_codebook_gives_nothing() {
    let house = open(None);
    let codebook = house.service.codebook();
    let root = RegionCode::parse("990101").unwrap();
    let caller = caller("no_such_role", &root);
    for ledger in codebook.ledgers.keys() {
        let record = record(codebook, ledger, Some(root.clone()), "author");
        for (action, _) in ACTIONS {
            assert!(!house.service.may(&caller, &record, action), "{ledger}");
            assert!(house.service.read_filter(&caller, ledger, action).is_none(), "{ledger}");
        }
    }
}
