//! Measures queue, ledger and finding page over many findings, on the embedded database or, with
//! a connection string as second argument, on PostgreSQL.
//!
//! `cargo run -p taizhang-service --profile quick --example list_speed -- 100000`

use std::sync::Arc;
use std::time::Instant;
use taizhang_service::work::{LedgerFilter, LedgerTab, QueueSection};
use taizhang_service::{Caller, FixedClock, OpenOptions, Service, ServiceError};
use taizhang_store::{Act, NewRecord, Values};
use taizhang_values::{RegionCode, Value};

/// Findings written in one transaction.
const BATCH: usize = 5_000;
/// Callers at once, and how often each asks.
const USERS: usize = 50;
const ROUNDS: usize = 4;

const STATES: [&str; 8] = [
    "registered",
    "claimed",
    "working",
    "working",
    "working",
    "submitted",
    "closed",
    "looked_back",
];

fn main() -> Result<(), ServiceError> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let directory = std::env::temp_dir().join(format!("list-speed-{}", std::process::id()));
    let now = "2026-11-20T01:00:00Z".parse().unwrap_or_default();
    let options = OpenOptions {
        data_dir: directory.clone(),
        database_url: arguments.next(),
        ..OpenOptions::default()
    };
    let service = Service::open(&options, Arc::new(FixedClock::new(now)))?;
    service.build_demo()?;
    let start = Instant::now();
    seed(&service, count)?;
    report(&format!("{count} findings written"), start.elapsed().as_millis());
    for login in ["clerk", "county", "village"] {
        measure(&service, &service.caller_by_login(login, "bench")?)?;
    }
    let _ = std::fs::remove_dir_all(directory);
    Ok(())
}

fn seed(service: &Service, count: usize) -> Result<(), ServiceError> {
    let act = Act {
        actor: None,
        verb: "bench.seed".to_owned(),
        at: service.now(),
        reason: None,
        source: "bench".to_owned(),
    };
    let village = service.caller_by_login("village", "bench")?.unit;
    let numbers: Vec<usize> = (0..count).collect();
    for batch in numbers.chunks(BATCH) {
        service.store().write(&act, |writer| {
            for number in batch {
                let mut new = finding(service, *number);
                // Every hundredth row of the town or county names the village's unit.
                let named = village.as_ref().filter(|_| number.is_multiple_of(1_000));
                let units: Vec<String> = named.iter().map(ToString::to_string).collect();
                new.values.insert("responsible_units".to_owned(), units.into());
                let finding = writer.insert("finding", new)?;
                if let Some(unit) = named {
                    writer.link("finding", "units", &finding.id, unit)?;
                }
            }
            Ok::<(), ServiceError>(())
        })?;
    }
    Ok(())
}

fn finding(service: &Service, number: usize) -> NewRecord {
    let villages = ["990101100201", "990101100202", "990101101201", "990101102201"];
    let village = match number % 20 {
        0 => "990101100",
        10 => "990101",
        _ => villages.iter().cycle().nth(number % 7).copied().unwrap_or("990101100201"),
    };
    let state = STATES.iter().cycle().nth(number % 8).copied().unwrap_or("working");
    let offset = i64::try_from(number % 400).unwrap_or(0) - 60;
    let due_on = service.today().saturating_add(jiff::Span::new().days(offset));
    let is_ended = matches!(state, "closed" | "looked_back");
    let due_on = (!is_ended).then_some(due_on);
    let values: Values = [
        ("number", Value::from(format!("B-{number:06}"))),
        ("title", "饮水安全管护不到位".into()),
        ("problem", "部分供水点无人管护，水费收缴台账不全。".into()),
        ("category", format!("类别{}", number % 12).into()),
        ("deadline_on", due_on.into()),
        ("due_on", due_on.into()),
    ]
    .into_iter()
    .map(|(field, value)| (field.to_owned(), value))
    .collect();
    NewRecord {
        region: RegionCode::parse(village),
        state: Some(state.to_owned()),
        flow_edition: Some(1),
        values,
    }
}

/// One view of the service.
type View = (&'static str, fn(&Service, &Caller) -> Result<(), ServiceError>);

fn measure(service: &Service, caller: &Caller) -> Result<(), ServiceError> {
    let views: [View; 5] = [
        ("queue", |service, caller| service.queue(caller, QueueSection::DueToday).map(drop)),
        ("ledger", |service, caller| {
            service.ledger_list(caller, &LedgerFilter::default()).map(drop)
        }),
        ("ledger overdue", |service, caller| {
            let filter = LedgerFilter { tab: LedgerTab::Overdue, ..LedgerFilter::default() };
            service.ledger_list(caller, &filter).map(drop)
        }),
        ("ledger text", |service, caller| {
            let filter =
                LedgerFilter { text: Some("B-0421".to_owned()), ..LedgerFilter::default() };
            service.ledger_list(caller, &filter).map(drop)
        }),
        ("finding", |service, caller| {
            let list = service.ledger_list(caller, &LedgerFilter::default())?;
            list.rows
                .first()
                .map_or(Ok(()), |row| service.finding_page(caller, &row.record.id).map(drop))
        }),
    ];
    for (name, view) in views {
        let start = Instant::now();
        view(service, caller)?;
        let first = start.elapsed().as_millis();
        let start = Instant::now();
        view(service, caller)?;
        let alone = start.elapsed().as_millis();
        let mut times = Vec::new();
        std::thread::scope(|scope| {
            let ask = || {
                let mut times = Vec::new();
                for _ in 0..ROUNDS {
                    let start = Instant::now();
                    if view(service, caller).is_ok() {
                        times.push(start.elapsed().as_millis());
                    }
                }
                times
            };
            let threads: Vec<_> = (0..USERS).map(|_| scope.spawn(ask)).collect();
            times.extend(threads.into_iter().filter_map(|thread| thread.join().ok()).flatten());
        });
        times.sort_unstable();
        let p95 = times.get(times.len() * 95 / 100).copied().unwrap_or(0);
        report(
            &format!(
                "{} {name}: first {first} ms, again {alone} ms, p95 of {USERS} at once",
                caller.login
            ),
            p95,
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measuring program prints its figures")]
fn report(what: &str, milliseconds: u128) {
    println!("{what}: {milliseconds} ms");
}
