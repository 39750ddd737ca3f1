//! Speed of lists over 100,000 findings: pages, counts, search, writes; the audit check.
//!
//! `cargo bench -p taizhang-store --bench lists`; `TAIZHANG_BENCH_FINDINGS` sets the number and
//! `TAIZHANG_TEST_POSTGRES` adds a PostgreSQL server.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::sync::Arc;
use std::time::{Duration, Instant};
use taizhang_codebook::Codebook;
use taizhang_store::{
    Act, Change, Cursor, Database, Filter, KeyRing, NewRecord, Query, RecordId, RegionCode, Store,
    StoreError, StoreOptions, Value, Values,
};
use taizhang_values::parse_date;

const FINDINGS: usize = 100_000;

/// Findings of one transaction while filling.
const BATCH: usize = 1000;

/// Times each question is asked.
const ROUNDS: usize = 200;

const STATES: [&str; 9] = [
    "received",
    "registered",
    "claimed",
    "planned",
    "working",
    "submitted",
    "checked",
    "closed",
    "looked_back",
];

fn act(verb: &str) -> Act {
    Act {
        actor: None,
        verb: verb.to_owned(),
        at: "2026-11-22T02:00:00Z".parse().unwrap(),
        reason: None,
        source: "bench".to_owned(),
    }
}

fn village(number: usize) -> RegionCode {
    RegionCode::parse(&format!("990101{:03}{:03}", 100 + number % 20, 200 + number / 20 % 15))
        .unwrap()
}

fn finding(number: usize, inspection: &RecordId) -> NewRecord {
    let day = format!("2026-{:02}-{:02}", 1 + number / 28 % 12, 1 + number % 28);
    let due_on: Value = parse_date(&day).filter(|_| !number.is_multiple_of(5)).into();
    let text = |text: String| Value::Text(text);
    let values: [(&str, Value); 12] = [
        ("inspection", inspection.into()),
        ("number", text(format!("2026-{number:06}"))),
        ("position", i64::try_from(number).unwrap().into()),
        ("title", text(format!("第{number}项问题：资金拨付进度滞后"))),
        ("problem", text("部分项目资金滞留，未按规定时限拨付到位，台账登记不全。".repeat(4))),
        ("category", text(format!("类别{}", number % 7))),
        ("topic", text(format!("topic{}", number % 11))),
        ("source_kind", text(format!("kind{}", number % 4))),
        ("source_level", text(format!("level{}", number % 5))),
        ("deadline_on", due_on.clone()),
        ("due_on", due_on),
        ("percent", i64::try_from(number % 101).unwrap().into()),
    ];
    NewRecord {
        region: Some(village(number)),
        state: Some(STATES.get(number % 9).copied().unwrap_or("received").to_owned()),
        flow_edition: Some(1),
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn fill(store: &Store, count: usize) -> Vec<RecordId> {
    let begin = Instant::now();
    let inspection: Result<_, StoreError> = store.write(&act("inspection.add"), |w| {
        let values: [(&str, Value); 4] = [
            ("title", "专项检查".into()),
            ("source_kind", "kind0".into()),
            ("source_level", "level0".into()),
            ("received_on", parse_date("2026-01-05").into()),
        ];
        let values: Values = values.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        let region = RegionCode::parse("990101100");
        w.insert("inspection", NewRecord { region, values, ..NewRecord::default() })
    });
    let inspection = inspection.unwrap().id;
    let mut ids = Vec::new();
    for first in (0..count).step_by(BATCH) {
        let made: Result<(), StoreError> = store.write(&act("import.row"), |w| {
            for number in first..(first + BATCH).min(count) {
                ids.push(w.insert("finding", finding(number, &inspection))?.id);
            }
            Ok(())
        });
        made.unwrap();
    }
    let seconds = begin.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(count).unwrap()) / seconds;
    println!("  fill: {count} findings in {seconds:.1} s ({rate:.0} a second)");
    ids
}

/// Times a question and prints its middle, its 95th per cent and its worst.
fn time(name: &str, rounds: usize, mut ask: impl FnMut(usize)) {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|round| {
            let begin = Instant::now();
            ask(round);
            begin.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times.get((rounds * share / 100).min(rounds - 1)).copied().unwrap();
    println!("  {name:<46} p50 {:>9.2?}  p95 {:>9.2?}  max {:>9.2?}", at(50), at(95), at(100));
}

fn open_states() -> Filter {
    let states = STATES.iter().take(7).map(|state| Value::from(*state));
    Filter::In("state".to_owned(), states.collect())
}

fn ask(store: &Store, ids: &[RecordId]) {
    let county = Filter::Or(vec![Filter::Under(RegionCode::parse("990101").unwrap())]);
    let list = |query: &Query| {
        let page: Result<_, StoreError> = store.read(|r| r.list(query));
        page.unwrap()
    };
    let town = |round: usize| Filter::Under(village(round).parent().unwrap());
    let open = |filter: Filter| Query::new("finding").filter(filter.and(open_states()));
    time("page by due date, whole county, open states", ROUNDS, |_| {
        assert_eq!(list(&open(county.clone()).sort("due_on", false)).records.len(), 50);
    });
    time("page by due date descending, one township", ROUNDS, |round| {
        assert_eq!(list(&open(town(round)).sort("due_on", true)).records.len(), 50);
    });
    time("page by due date, one village", ROUNDS, |round| {
        list(&open(Filter::Under(village(round))).sort("due_on", false));
    });
    time("newest page", ROUNDS, |_| {
        assert_eq!(list(&Query::new("finding").filter(county.clone())).records.len(), 50);
    });
    time("page by title (no index), one township", ROUNDS / 4, |round| {
        list(&Query::new("finding").filter(town(round)).sort("title", false));
    });
    time("page of one topic by due date", ROUNDS, |round| {
        let topic = Filter::eq("topic", format!("topic{}", round % 11));
        list(&open(county.clone().and(topic)).sort("due_on", false));
    });
    time("text in title, problem, number; whole county", ROUNDS / 4, |round| {
        let fields = ["title", "problem", "number"].map(str::to_owned).to_vec();
        let text = Filter::AnyContains(fields, format!("第{}项", 1000 + round * 17));
        list(&Query::new("finding").filter(county.clone().and(text)).sort("due_on", false));
    });
    let mut after: Option<Cursor> = None;
    time("next page, 200 pages deep", ROUNDS, |_| {
        let query = open(county.clone()).sort("due_on", false).after(after.take());
        after = list(&query).next;
    });
    time("counts by state, whole county", ROUNDS / 4, |_| {
        let query = Query::new("finding").filter(county.clone());
        let counts: Result<_, StoreError> = store.read(|r| r.count_by(&query, "state"));
        assert_eq!(counts.unwrap().len(), 9);
    });
    time("count of overdue, whole county", ROUNDS / 4, |_| {
        let today: Value = parse_date("2026-11-22").into();
        let query = open(county.clone().and(Filter::Less("due_on".to_owned(), today)));
        let count: Result<_, StoreError> = store.read(|r| r.count(&query));
        assert!(count.unwrap() > 0);
    });
    time("one record", ROUNDS, |round| {
        let id = ids.get(round * 31 % ids.len()).unwrap();
        let found: Result<_, StoreError> = store.read(|r| r.get("finding", id));
        assert!(found.unwrap().is_some());
    });
    time("links of 50 records", ROUNDS, |_| {
        let some: Vec<RecordId> = ids.iter().take(50).cloned().collect();
        let found: Result<_, StoreError> =
            store.read(|r| r.linked_many("finding", "measures", &some));
        assert!(found.unwrap().is_empty());
    });
}

fn write(store: &Store, ids: &[RecordId]) {
    time("one edit, durable", ROUNDS, |round| {
        let id = ids.get(round).unwrap();
        let values = Values::from([("result".to_owned(), Value::from("已整改到位"))]);
        let change = Change { values, ..Change::default() };
        let done: Result<_, StoreError> =
            store.write(&act("finding.edit"), |w| w.update("finding", id, 1, change));
        assert_eq!(done.unwrap().version, 2);
    });
    let begin = Instant::now();
    let report = store.audit_verify().unwrap();
    assert!(report.is_sound());
    println!("  audit check: {} lines in {:.1?}", report.lines, begin.elapsed());
}

fn run(name: &str, database: Database, folder: &std::path::Path, count: usize) {
    println!("{name}");
    let options = StoreOptions {
        database,
        files_dir: folder.join("files"),
        keys: KeyRing::random().unwrap(),
    };
    let codebook = Codebook::embedded("rural").unwrap();
    let begin = Instant::now();
    let store = Store::open(options, Arc::new(codebook)).unwrap();
    println!("  open and make tables: {:.1?}", begin.elapsed());
    let ids = fill(&store, count);
    ask(&store, &ids);
    write(&store, &ids);
}

fn main() {
    let number = std::env::var("TAIZHANG_BENCH_FINDINGS").ok().and_then(|text| text.parse().ok());
    let count = number.unwrap_or(FINDINGS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taizhang.sqlite");
    run("SQLite", Database::Sqlite(path), folder.path(), count);
    let Ok(server) = std::env::var("TAIZHANG_TEST_POSTGRES") else {
        println!("PostgreSQL: skipped, TAIZHANG_TEST_POSTGRES is not set");
        return;
    };
    let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
    let name = format!("tz_bench_{}", std::process::id());
    client.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
    let mark = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{mark}options=-c%20search_path%3D{name}");
    run("PostgreSQL", Database::Postgres(url), folder.path(), count);
    client.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).unwrap();
}
