//! Kills the program at random moments while people upload, confirm, import and accept, and
//! compares what it had acknowledged with what is there afterwards.
//!
//! `crash PROGRAM [--kills N] [--seed N] [--postgres | --database URL] [--keep DIR]`
//!
//! Four people work at once over HTTP. After each kill the data are opened and checked: every
//! acknowledged act is there, no batch is half there, every evidence file opens with the right
//! hash, the audit chain verifies. Then the program is started again and work goes on. Exit
//! status 1 at the first fault.
#![expect(clippy::print_stdout, reason = "a trial prints what it saw")]

mod acts;
mod check;
mod journal;

use acts::Worker;
use journal::{Journal, Kind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use taizhang_service::{OpenOptions, Service, SystemClock};
use trials::Outcome;
use trials::postgres::Cluster;
use trials::program::Place;
use trials::random::Random;

/// Longest time from the first request of a round to the kill.
const LIFE_MS: u64 = 1_500;

/// After so many kills the whole audit chain and all stored files are read as well; a fault in
/// them does not mend itself in between.
const DEEP_EVERY: u64 = 5;

struct Options {
    program: PathBuf,
    kills: u64,
    seed: u64,
    postgres: bool,
    database: Option<String>,
    keep: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let options = options(words)?;
    let folder = match &options.keep {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("trial-crash-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder)?;
    let cluster =
        if options.postgres { Some(Cluster::start(&folder.join("cluster"))?) } else { None };
    let database = options.database.clone().or_else(|| cluster.as_ref().map(Cluster::url));
    let result = run(&options, &folder, database);
    drop(cluster);
    if options.keep.is_none() && result.is_ok() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    result
}

fn options(words: Vec<String>) -> Outcome<Options> {
    let mut options = Options {
        program: PathBuf::new(),
        kills: 20,
        seed: Random::any_seed(),
        postgres: false,
        database: None,
        keep: None,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--kills" => options.kills = words.next().ok_or("how many kills")?.parse()?,
            "--seed" => options.seed = words.next().ok_or("which seed")?.parse()?,
            "--postgres" => options.postgres = true,
            "--database" => options.database = words.next(),
            "--keep" => options.keep = words.next().map(PathBuf::from),
            program => options.program = PathBuf::from(program),
        }
    }
    if options.program.is_file() { Ok(options) } else { Err("name the built program".into()) }
}

fn run(options: &Options, folder: &std::path::Path, database: Option<String>) -> Outcome<()> {
    let name = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("crash: {} kills on {name}, seed {}", options.kills, options.seed);
    let start = Instant::now();
    let first = Place { program: options.program.clone(), data: folder.join("data"), database };
    first.run(&["demo", "--build-only"])?;
    let place = Place { data: first.data.join("demo"), ..first };
    let pool = check::fill(&open(&place)?, options.kills)?;
    let journal = Journal::new(pool);
    let mut random = Random::new(options.seed);
    let mut workers = Worker::crew(options.seed);
    for kill in 1..=options.kills {
        round(&place, &mut workers, &journal, &mut random)?;
        let service = open(&place)?;
        let is_deep = kill % DEEP_EVERY == 0 || kill == options.kills;
        check::check(&service, &journal, is_deep)
            .map_err(|fault| format!("after kill {kill}: {fault}"))?;
        if kill % 20 == 0 || kill == options.kills {
            println!("{kill} kills: {}", journal.summary());
        }
    }
    let lines = check::audit_lines(&open(&place)?)?;
    println!(
        "crash ok on {name}: {} kills, {}; nothing acknowledged lost, no half batch, {} files \
         right, audit chain of {lines} lines sound; {:.0} s, seed {}",
        options.kills,
        journal.summary(),
        journal.acknowledged(Kind::Evidence),
        start.elapsed().as_secs_f64(),
        options.seed
    );
    Ok(())
}

fn open(place: &Place) -> Outcome<Service> {
    let options = OpenOptions {
        data_dir: place.data.clone(),
        database_url: place.database.clone(),
        ..OpenOptions::default()
    };
    Ok(Service::open(&options, Arc::new(SystemClock))?)
}

/// Starts the program, lets everybody work, and pulls the plug.
fn round(
    place: &Place,
    workers: &mut [Worker],
    journal: &Journal,
    random: &mut Random,
) -> Outcome<()> {
    let mut server = place.serve()?;
    let is_over = AtomicBool::new(false);
    // The kinds take turns in being the one that the kill comes soon after.
    let kinds =
        [Kind::Evidence, Kind::Letter, Kind::Confirm, Kind::Import, Kind::Import, Kind::Accept];
    let awaited = random.pick(&kinds).copied();
    let awaited = awaited.filter(|_| random.below(3) > 0);
    // An import takes longer than a round lasts, where the machine is slow: in two of three of its
    // rounds the kill comes after one was acknowledged, and into the next.
    let is_acknowledged = awaited == Some(Kind::Import) && random.below(3) > 0;
    let longest = if awaited.is_some() { LIFE_MS / 5 } else { LIFE_MS };
    let life = Duration::from_millis(random.below(longest));
    let address = server.address.clone();
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .map(|worker| {
                let (address, is_over) = (&address, &is_over);
                scope.spawn(move || worker.work(address, journal, is_over))
            })
            .collect();
        journal.wait_for(awaited, is_acknowledged, Duration::from_secs(60));
        std::thread::sleep(life);
        let killed = server.kill();
        is_over.store(true, Ordering::SeqCst);
        let ends = threads.into_iter().map(|thread| match thread.join() {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("a worker panicked".to_owned()),
        });
        ends.chain([killed.err().map(|error| error.to_string())]).flatten().collect()
    });
    journal.end_round();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ").into()) }
}
