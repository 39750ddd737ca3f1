//! How long one save of the register takes, judging included: the demonstration's households, one
//! field of a household or of a member at a time, by the township's clerk.
//!
//! `save [--postgres | --database URL] [--rounds N] [--seed N]` builds the demonstration in a new
//! folder, saves in this process as the server does, and prints the times by kind of save.
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_service::{Caller, OpenOptions, Service, SystemClock};
use taizhang_store::{Query, Record, Values};
use taizhang_values::Value;
use trials::Outcome;
use trials::postgres::Cluster;
use trials::random::Random;

/// Ledger and field of each kind of save. The first two are read by no rule of another household;
/// a number is, so that others with the same one are looked for.
const KINDS: [(&str, &str); 3] =
    [("household", "collector_name"), ("person", "guardian_name"), ("person", "id_number")];

/// Saves before the first that counts: statements are prepared, rules compiled.
const WARM_UP: usize = 30;

fn main() -> Outcome<()> {
    let mut rounds = 1000;
    let mut seed = Random::any_seed();
    let mut database = None;
    let mut wants_cluster = false;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--postgres" => wants_cluster = true,
            "--database" => database = words.next(),
            "--rounds" => rounds = words.next().ok_or("a number is missing")?.parse()?,
            "--seed" => seed = words.next().ok_or("a number is missing")?.parse()?,
            other => return Err(format!("`{other}` is not understood").into()),
        }
    }
    let folder = std::env::temp_dir().join(format!("taizhang-save-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let cluster = if wants_cluster { Some(Cluster::start(&folder.join("cluster"))?) } else { None };
    let database_url = database.or_else(|| cluster.as_ref().map(Cluster::url));
    let options =
        OpenOptions { data_dir: folder.join("data"), database_url, ..OpenOptions::default() };
    let done = measure(&options, rounds, seed);
    drop(cluster);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn measure(options: &OpenOptions, rounds: usize, seed: u64) -> Outcome<()> {
    let service = Service::open(options, Arc::new(SystemClock))?;
    let started = Instant::now();
    service.build_demo()?;
    println!("save: {rounds} rounds, seed {seed}, {:?}", service.store());
    println!("demonstration built in {:.1} s", started.elapsed().as_secs_f64());
    let clerk = service.caller_by_login("clerk", "trial")?;
    let mut random = Random::new(seed);
    let mut times: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    let mut records: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
    for (ledger, _) in KINDS {
        records.insert(ledger, all(&service, &clerk, ledger)?);
    }
    for round in 0..rounds + WARM_UP {
        for (ledger, field) in KINDS {
            let Some(own) = records.get_mut(ledger) else { continue };
            let place = usize::try_from(random.below(u64::try_from(own.len())?))?;
            let Some(record) = own.get_mut(place) else { continue };
            let value = match field {
                "id_number" => number(round, &mut random),
                _ => format!("某{round}"),
            };
            let start = Instant::now();
            let version = save(&service, &clerk, record, field, value.into())?;
            let spent = start.elapsed();
            record.version = version;
            if round >= WARM_UP {
                times.entry(format!("{ledger}.{field}")).or_default().push(spent);
            }
        }
    }
    println!(
        "{:<28} {:>6} {:>8} {:>8} {:>8} {:>8}",
        "save", "count", "p50 ms", "p90", "p99", "max"
    );
    for (kind, times) in &mut times {
        line(kind, times);
    }
    let mut all: Vec<Duration> = times.into_values().flatten().collect();
    line("all", &mut all);
    Ok(())
}

/// Records of a ledger that the clerk sees, with their versions.
fn all(service: &Service, clerk: &Caller, ledger: &str) -> Outcome<Vec<Record>> {
    let query = Query::new(ledger).limit(1000);
    let page = service.store().read(|reader| reader.list(&query))?;
    let region = clerk.home_region().cloned();
    let is_own = |record: &Record| match (&record.region, &region) {
        (Some(own), Some(region)) => own.is_under(region),
        _ => false,
    };
    Ok(page.records.into_iter().filter(is_own).collect())
}

fn save(
    service: &Service,
    clerk: &Caller,
    record: &Record,
    field: &str,
    value: Value,
) -> Outcome<i64> {
    let input = SaveRecord {
        ledger: record.ledger.clone(),
        id: Some(record.id.clone()),
        version: record.version,
        region: None,
        values: Values::from([(field.to_owned(), value)]),
        reason: "核实".to_owned(),
    };
    match service.save_record(clerk, &input)? {
        Saved::Written(record, _) => Ok(record.version),
        Saved::Proposed(_) => Err("the clerk may not write".into()),
    }
}

/// An invented number; now and then one that came before.
fn number(round: usize, random: &mut Random) -> String {
    let round = u64::try_from(round).unwrap_or(0);
    let serial = if random.below(10) == 0 { round / 2 } else { round } % 900;
    let head = format!("99010119{:02}0101{:03}", 50 + serial % 50, serial);
    let weights = [7_u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = head.chars().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('0');
    format!("{head}{check}")
}

fn line(kind: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |per_mille: usize| {
        let place = (times.len() * per_mille / 1000).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    println!(
        "{kind:<28} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
        times.len(),
        at(500),
        at(900),
        at(990),
        at(1000)
    );
}
