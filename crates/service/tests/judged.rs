//! A save and a full run say the same, by rules of the county's own; and a run says why it could
//! not tell.

use crate::work::world::{TOWN, VILLAGES, World, for_each_database};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_service::doubts::ErrorKind;
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Filter, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode, Value};

const VILLAGE: &str = VILLAGES[0];

fn values<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The shipped codebook with some rules more.
fn with_rules(rules: &[(&str, &str)]) -> Arc<Codebook> {
    let codebook = Codebook::load("rural", rules).unwrap();
    let faults = taizhang_rules::check(&codebook).1;
    assert!(faults.is_empty(), "{faults:?}");
    Arc::new(codebook)
}

fn service_of(world: &World, codebook: &Arc<Codebook>) -> Service {
    let store = world.service().store().clone();
    Service::new(store, Arc::clone(codebook), world.house.clock.clone())
}

/// Cases that refer to an earlier one, in whatever household that lies.
const CASE_RULES: [(&str, &str); 2] = [
    (
        "rules/mon/MON-901.md",
        "+++\ncode = \"MON-901\"\nname = \"later-case-without-day\"\nledger = \"monitoring_case\"\n\
         kind = \"logic\"\nseverity = \"medium\"\nsince = 2020-01-01\nsource = \"test\"\n\
         asks = [\"village\"]\ndue_days = 5\nviolates = \"later_cases.exists(c, !has(c.entered_on))\"\n\
         message = { zh = \"后续没有日期\", en = \"a later case has no day\" }\n+++\n# 后续监测\n\n\
         | case | case_no | outcome |\n|---|---|---|\n| 1 | 甲 | violates |\n| 2 | 乙 | passes |\n\n\
         ## later_cases\n\n| case | entered_on |\n|---|---|\n| 1 |  |\n| 2 | 2025-01-01 |\n",
    ),
    (
        "rules/mon/MON-902.md",
        "+++\ncode = \"MON-902\"\nname = \"earlier-case-without-day\"\nledger = \"monitoring_case\"\n\
         kind = \"logic\"\nseverity = \"medium\"\nsince = 2020-01-01\nsource = \"test\"\n\
         asks = [\"village\"]\ndue_days = 5\n\
         applies = \"has(previous_case)\"\nviolates = \"!has(previous_case.entered_on)\"\n\
         message = { zh = \"上次没有日期\", en = \"the earlier case has no day\" }\n+++\n# 上次监测\n\n\
         | previous_case.case_no | previous_case.entered_on | outcome |\n|---|---|---|\n\
         | 甲 |  | violates |\n| 甲 | 2025-01-01 | passes |\n",
    ),
];

/// Rule and record of the doubts that stand by some rules.
fn found_of(service: &Service, rules: &[&str]) -> BTreeSet<(String, String)> {
    let rules = rules.iter().map(|rule| Value::from(*rule)).collect();
    let query = Query::new("doubt")
        .filter(Filter::In("rule".into(), rules))
        .filter(Filter::Not(Box::new(Filter::eq("doubt_status", "closed"))));
    let page = service.store().read(|reader| reader.list(&query)).unwrap();
    let told = |doubt: &Record| (doubt.text("rule").to_owned(), doubt.text("subject").into());
    page.records.iter().map(told).collect()
}

#[test]
fn a_case_is_judged_with_earlier_and_later_ones_of_other_households() {
    let codebook = with_rules(&CASE_RULES);
    for_each_database(|world| {
        let service = service_of(world, &codebook);
        let clerk = world.caller("clerk");
        let write = |ledger: &str, record: Option<&Record>, values: Values| {
            let input = SaveRecord {
                ledger: ledger.to_owned(),
                id: record.map(|record| record.id.clone()),
                version: record.map_or(0, |record| record.version),
                region: RegionCode::parse(VILLAGE).filter(|_| record.is_none()),
                values,
                reason: "入户核实".to_owned(),
            };
            match service.save_record(&clerk, &input).unwrap() {
                Saved::Written(record, _) => *record,
                Saved::Proposed(_) => panic!("the township writes"),
            }
        };
        let home =
            |number: &str| write("household", None, values([("household_no", number.into())]));
        let (one, other) = (home("1001"), home("1002"));
        let found = || found_of(&service, &["MON-901", "MON-902"]);
        let alike = |expected: &[(&str, &Record)], when: &str| {
            let pair = |(rule, case): &(&str, &Record)| ((*rule).to_owned(), case.id.to_string());
            let expected: BTreeSet<(String, String)> = expected.iter().map(pair).collect();
            assert_eq!(found(), expected, "{when}");
            let region = RegionCode::parse(TOWN).unwrap();
            let run = service.run_checks(&clerk, &region, &mut |_, _| {}).unwrap();
            assert_eq!((run.turnover.opened, run.turnover.closed), (0, 0), "{when}: a full run");
            assert_eq!(found(), expected, "{when}: after a full run");
        };
        let case = |home: &Record, more: Values| {
            let number = home.id.to_string();
            let mut new = values([("household", (&home.id).into()), ("case_no", number.into())]);
            new.extend(more);
            write("monitoring_case", None, new)
        };
        let earlier = case(&one, Values::new());
        alike(&[], "one case");
        let later = case(&other, values([("previous_case", (&earlier.id).into())]));
        let both = [("MON-901", &earlier), ("MON-902", &later)];
        alike(&both, "a later case in another household");
        let day = || values([("entered_on", Value::Date("2025-01-01".parse().unwrap()))]);
        write("monitoring_case", Some(&later), day());
        alike(&both[1..], "the later one has its day");
        write("monitoring_case", Some(&earlier), day());
        alike(&[], "both have");
        let clue = SaveRecord {
            ledger: "clue".to_owned(),
            id: None,
            version: 0,
            region: RegionCode::parse(VILLAGE),
            values: values([
                ("household", (&other.id).into()),
                ("monitoring_case", (&earlier.id).into()),
            ]),
            reason: "入户核实".to_owned(),
        };
        let Err(ServiceError::Invalid(faults)) = service.save_record(&clerk, &clue) else {
            panic!("a clue of one household about a case of another")
        };
        assert_eq!(faults[0].code, "V0105");
    });
}

/// Fails by a zero, by a number too large, or passes.
const FAILING: [(&str, &str); 1] = [(
    "rules/hh/HH-901.md",
    "+++\ncode = \"HH-901\"\nname = \"share-of-people\"\nledger = \"household\"\n\
     kind = \"logic\"\nseverity = \"medium\"\nsince = 2020-01-01\nsource = \"test\"\n\
     asks = [\"village\"]\ndue_days = 5\n\
     violates = \"100 / population > 20 || population * 1000000000000000000 < 0\"\n\
     message = { zh = \"人均不对\", en = \"a wrong share\" }\n+++\n# 人均\n\n\
     | population | outcome |\n|---|---|\n| 2 | violates |\n| 8 | passes |\n| 0 | undecided |\n",
)];

#[test]
fn a_run_tells_why_records_could_not_be_judged() {
    let codebook = with_rules(&FAILING);
    for_each_database(|world| {
        let service = service_of(world, &codebook);
        let clerk = world.caller("clerk");
        for (number, population) in [(1, 2), (2, 0), (3, 0), (4, 11), (5, 8)] {
            let input = SaveRecord {
                ledger: "household".to_owned(),
                id: None,
                version: 0,
                region: RegionCode::parse(VILLAGE),
                values: values([
                    ("household_no", format!("200{number}").into()),
                    ("population", Value::from(i64::from(population))),
                ]),
                reason: "入户核实".to_owned(),
            };
            service.save_record(&clerk, &input).unwrap();
        }
        let region = RegionCode::parse(TOWN).unwrap();
        let run: RecordId =
            service.run_checks(&clerk, &region, &mut |_, _| {}).unwrap().run.unwrap();
        let (_, rules) = service.check_run(&clerk, &run).unwrap();
        let counts = rules.iter().find(|counts| counts.rule == "HH-901").unwrap();
        assert_eq!((counts.passes, counts.undecided, counts.error), (1, 3, 3));
        let expected = [(ErrorKind::Overflow, 1), (ErrorKind::DivisionByZero, 2)];
        assert_eq!(counts.reasons, BTreeMap::from(expected));
    });
}
