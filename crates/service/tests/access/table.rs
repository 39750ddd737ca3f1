//! The decision function against `data/rights.txt`, cell by cell.

use crate::support::open;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Action, Codebook};
use taizhang_diagnostics::Language;
use taizhang_service::{Caller, HeldGrant};
use taizhang_store::{NewRecord, Record, StoreError, Values, Writer};
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
    /// What being named in a finding of a region above opens at most, by ledger.
    named: BTreeMap<String, String>,
}

fn rights() -> Rights {
    let mut rights = Rights::default();
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in include_str!("../data/rights.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] | ["#", ..] => {}
            [role, "powers", "·", powers @ ..] => {
                let powers = powers.iter().filter(|power| **power != "-");
                let powers = powers.map(|power| (*power).to_owned()).collect();
                rights.powers.insert((*role).to_owned(), powers);
            }
            ["named", ledger, actions] => {
                rights.named.insert((*ledger).to_owned(), (*actions).to_owned());
            }
            ["group", name, ledgers @ ..] => {
                groups.entry(format!("@{name}")).or_default().extend(ledgers);
            }
            [role, ledger, scope, actions] => {
                let alone = vec![*ledger];
                for ledger in groups.get(*ledger).unwrap_or(&alone) {
                    let place = ((*role).to_owned(), (*ledger).to_owned());
                    let cell = ((*scope).to_owned(), (*actions).to_owned());
                    let before = rights.cells.insert(place, cell);
                    assert!(before.is_none(), "twice in the table: {line}, {ledger}");
                }
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
    relation: &str,
    is_inside: bool,
    belongs: &str,
) -> bool {
    let Some((scope, actions)) = rights.cells.get(&(role.to_owned(), record.ledger.clone())) else {
        return false;
    };
    let is_mine = belongs == "author" || (belongs == "person" && !record.values.is_empty());
    let is_units = belongs.ends_with("unit") && !record.values.is_empty();
    let is_person = belongs == "person" && !record.values.is_empty();
    let is_named = relation == "above"
        && record.ledger == "finding"
        && (is_person || (is_units && scope != "own"))
        && rights.named["finding"].contains(letter);
    let belongs = match scope.as_str() {
        "region" => true,
        "unit" => is_mine || is_units,
        "own" => is_mine,
        other => panic!("no such scope: {other}"),
    };
    actions.contains(letter) && (is_named || (is_inside && belongs))
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
                        let wanted =
                            expected(&rights, role, &record, letter, relation, is_inside, belongs);
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

/// A finding of the province in which the caller's unit is named, and a record of every other
/// ledger that belongs to it.
fn named_rows(house: &crate::support::TestHouse, is_lead: bool) -> (RecordId, Vec<Record>) {
    let service = &house.service;
    let province = RegionCode::parse("99");
    let act = crate::work::world::act("test.named");
    let texts = |pairs: &[(&str, &str)]| -> Values {
        pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).into())).collect()
    };
    let write = |writer: &Writer<'_>| {
        let new = |values| NewRecord { region: province.clone(), values, ..NewRecord::default() };
        let unit = writer.insert("unit", new(texts(&[("name", "某村"), ("kind", "village")])))?.id;
        let mut values = texts(&[
            ("number", if is_lead { "1" } else { "2" }),
            ("title", "题"),
            ("problem", "问"),
        ]);
        if is_lead {
            values.insert("lead_unit".to_owned(), (&unit).into());
        } else {
            values.insert("responsible_units".to_owned(), vec![unit.to_string()].into());
        }
        let finding = writer.insert("finding", new(values))?;
        if !is_lead {
            writer.link("finding", "units", &finding.id, &unit)?;
        }
        let measure = writer.insert("measure", new(texts(&[("text", "措施")])))?;
        writer.link("finding", "measures", &finding.id, &measure.id)?;
        let evidence =
            writer.insert("evidence", new(texts(&[("file_name", "a"), ("file", "b")])))?;
        writer.link("finding", "evidence", &finding.id, &evidence.id)?;
        let mut rows = vec![measure, evidence];
        for (name, ledger) in &service.codebook().ledgers {
            let known = rows.iter().any(|row| row.ledger == *name) || name == "finding";
            if !known {
                let mut row = record(service.codebook(), name, province.clone(), "nobody");
                let leads = ledger.field("finding").is_some();
                let reference = leads.then(|| ("finding".to_owned(), Value::from(&finding.id)));
                row.values.extend(reference);
                rows.push(row);
            }
        }
        rows.push(finding);
        Ok::<_, StoreError>((unit, rows))
    };
    service.store().write(&act, write).unwrap()
}

#[test]
fn being_named_above_opens_what_the_table_says_and_what_the_role_has() {
    let house = open(None);
    let service = &house.service;
    let codebook = service.codebook();
    let rights = rights();
    let mut opened = 0;
    for is_lead in [false, true] {
        let (unit, rows) = named_rows(&house, is_lead);
        for role in codebook.roles.keys() {
            let mut caller = caller(role, &root(codebook, role));
            caller.unit = None;
            let [grant] = &mut caller.grants[..] else { panic!("one grant") };
            grant.unit = Some(unit.clone());
            let reads = rights.cells.get(&(role.clone(), "finding".to_owned()));
            let is_open =
                reads.is_some_and(|(scope, actions)| scope != "own" && actions.contains('r'));
            for row in rows.iter().filter(|row| codebook.ledgers[&row.ledger].home.is_some()) {
                for (action, letter) in ACTIONS {
                    let given =
                        service.store().read(|r| service.may_in(r, &caller, row, action)).unwrap();
                    let has = |cell: Option<&String>| cell.is_some_and(|it| it.contains(letter));
                    let cell = rights.cells.get(&(role.clone(), row.ledger.clone()));
                    let wanted = is_open
                        && has(cell.map(|(_, actions)| actions))
                        && has(rights.named.get(&row.ledger));
                    assert_eq!(given, wanted, "{role} {} {letter} lead {is_lead}", row.ledger);
                    opened += usize::from(given);
                }
            }
        }
    }
    assert!(opened > 200, "only {opened} cells opened");
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
