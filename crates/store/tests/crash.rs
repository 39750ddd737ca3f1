//! The process is killed at random moments: nothing acknowledged is lost, no batch is half there.

use crate::bench::{Bench, CODEBOOK, Random, act, codebook, finding, for_each_database, values};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use taizhang_store::{
    Database, Filter, KeyRing, NewRecord, Query, RecordId, Request, Store, StoreError, StoreOptions,
};

/// Kills on each database; the figure of the issue (200) comes by `TAIZHANG_CRASH_KILLS`.
const KILLS: u64 = 20;

/// Names the database to the child; without it the child's test has nothing to do.
const CHILD: &str = "TAIZHANG_CRASH_CHILD";

const CHILD_FOLDER: &str = "TAIZHANG_CRASH_FOLDER";

const CHILD_ROUND: &str = "TAIZHANG_CRASH_ROUND";

fn open(database: &str, folder: &std::path::Path) -> Store {
    let database = if database.contains("://") {
        Database::Postgres(database.to_owned())
    } else {
        Database::Sqlite(database.into())
    };
    let keys = KeyRing::open_or_create(&folder.join("keys")).unwrap();
    let options = StoreOptions { database, files_dir: folder.join("files"), keys };
    Store::open(options, Arc::new(codebook(CODEBOOK))).unwrap()
}

/// Under whose keys the batches are sent.
fn sender() -> RecordId {
    RecordId::from_parts(1, 7)
}

/// Writes batches of three findings with one file until it is killed; says each one it was told is
/// saved. Runs only in the child process; in a run of the suite it has nothing to do.
#[test]
fn child_writes_until_killed() {
    let Ok(database) = std::env::var(CHILD) else { return };
    let folder = std::path::PathBuf::from(std::env::var(CHILD_FOLDER).unwrap());
    let round = std::env::var(CHILD_ROUND).unwrap();
    let store = open(&database, &folder);
    println!("ready");
    for batch in 0.. {
        let content = format!("round {round} batch {batch}").repeat(500);
        let file = store.files().put(&mut Cursor::new(&content), 1 << 20).unwrap();
        let request = Request::new(&format!("{round}-{batch}"), &sender(), "body").unwrap();
        let done: Result<(), StoreError> =
            store.in_request(request).write(&act("import.batch"), |w| {
                let proof = w.insert(
                    "evidence",
                    NewRecord {
                        values: values([("file_name", file.hash.clone().into())]),
                        ..NewRecord::default()
                    },
                )?;
                for part in 0..3 {
                    let made = w.insert("finding", finding(&format!("{round}-{batch}-{part}")))?;
                    w.link("finding", "evidence", &made.id, &proof.id)?;
                }
                Ok(())
            });
        done.unwrap();
        println!("saved {round}-{batch}");
        std::io::stdout().flush().unwrap();
    }
}

/// Runs a child, kills it after a while, and hands back what it said was saved.
fn killed_child(
    database: &str,
    folder: &std::path::Path,
    round: u64,
    wait: Duration,
) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child_writes_until_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, database)
        .env(CHILD_FOLDER, folder)
        .env(CHILD_ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (is_ready, ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        // The test runner writes its own words before the first one.
        let told = lines.inspect(|line| {
            if line.ends_with("ready") {
                let _ = is_ready.send(());
            }
        });
        let saved = told.filter_map(|line| Some(line.split_once("saved ")?.1.to_owned()));
        saved.collect::<Vec<String>>()
    });
    // Every fourth child may die while it still opens the store.
    if !round.is_multiple_of(4) {
        ready.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    std::thread::sleep(wait);
    // SIGKILL on this platform.
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// Writes until the disk refuses and says how it was told; then it tries once more. Runs only in
/// the child process.
#[test]
fn child_writes_until_refused() {
    let Ok(database) = std::env::var(CHILD) else { return };
    let folder = std::path::PathBuf::from(std::env::var(CHILD_FOLDER).unwrap());
    let store = open(&database, &folder);
    for number in 0..100_000 {
        let done: Result<_, StoreError> = store.write(&act("import.row"), |w| {
            let mut new = finding(&number.to_string());
            new.values.extend(values([("problem", "情况说明".repeat(200).into())]));
            w.insert("finding", new)
        });
        match done {
            Ok(_) => println!("saved {number}"),
            Err(error) => {
                println!("refused {error}");
                let again: Result<_, StoreError> =
                    store.write(&act("import.row"), |w| w.insert("finding", finding("again")));
                println!(
                    "again {}",
                    again.map(|_| "saved".to_owned()).unwrap_or_else(|e| e.to_string())
                );
                return;
            }
        }
    }
}

/// SQLite alone: a PostgreSQL server has its own disk.
#[test]
fn full_disk_is_a_clear_refusal_that_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path();
    for limit in [2500, 3500, 6000, 12_000] {
        let database = folder.join(format!("{limit}.sqlite")).to_string_lossy().into_owned();
        // The shell limits the size of any file in blocks of 512 bytes or 1 KiB, and lets the
        // write fail instead of killing the process.
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .args(["crash::child_writes_until_refused", "--exact", "--nocapture"])
            .env(CHILD, &database)
            .env(CHILD_FOLDER, folder)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let saved = text.lines().filter(|line| line.contains("saved ")).count() as u64;
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("refused disk: "), "{limit}: {text} {told}");
        assert!(text.contains("again store stopped") || text.contains("again disk"), "{text}");
        assert!(saved > 0, "{limit}: {text}");
        let store = open(&database, folder);
        assert_eq!(all_numbers(&store).len() as u64, saved, "{limit}");
        assert_eq!(store.audit_verify().unwrap().faults, []);
        let done: Result<_, StoreError> =
            store.write(&act("import.row"), |w| w.insert("finding", finding("later")));
        done.unwrap();
    }
}

/// Numbers of all findings, by walking the pages.
fn all_numbers(store: &Store) -> BTreeSet<String> {
    let mut query = Query::new("finding").limit(1000);
    let mut numbers = BTreeSet::new();
    loop {
        let page: Result<_, StoreError> = store.read(|r| r.list(&query));
        let page = page.unwrap();
        numbers.extend(page.records.iter().map(|record| record.text("number").to_owned()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return numbers,
        }
    }
}

#[test]
fn killed_process_loses_nothing_acknowledged() {
    let budget = std::env::var("TAIZHANG_CRASH_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: u64 = budget.unwrap_or(KILLS);
    for_each_database(|bench| check(bench, kills));
}

fn check(bench: &Bench, kills: u64) {
    let folder = bench.directory.path().join("crash");
    std::fs::create_dir_all(&folder).unwrap();
    let database = match &bench.database {
        Database::Sqlite(_) => folder.join("taizhang.sqlite").to_string_lossy().into_owned(),
        Database::Postgres(url) => {
            // The bench's own keys made this schema; start over with keys that the child can read.
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            client.batch_execute("DELETE FROM store_setting").unwrap();
            url.clone()
        }
    };
    let mut random = Random::new(u64::from(std::process::id()));
    let mut saved = BTreeSet::new();
    for round in 0..kills {
        let wait = Duration::from_millis(random.number(20..=400) as u64);
        saved.extend(killed_child(&database, &folder, round, wait));
    }
    let store = open(&database, &folder);
    let numbers = all_numbers(&store);
    for batch in &saved {
        for part in 0..3 {
            assert!(numbers.contains(&format!("{batch}-{part}")), "lost {batch}-{part}");
        }
    }
    assert_eq!(numbers.len() % 3, 0, "a batch is half there");
    assert!(saved.len() as u64 >= kills / 2, "too few batches to prove anything");
    keys_stand_with_their_batches(&store, kills, &numbers);
    let files: Result<_, StoreError> =
        store.read(|r| r.list(&Query::new("evidence").filter(Filter::All).limit(1000)));
    for proof in files.unwrap().records {
        store.files().verify(proof.text("file_name")).unwrap();
    }
    let report = store.audit_verify().unwrap();
    assert_eq!(report.faults, []);
    println!("{kills} kills, {} batches acknowledged, {} stored", saved.len(), numbers.len() / 3);
}

/// Every batch that is there has its key, and a second try under it is refused; no other key is.
fn keys_stand_with_their_batches(store: &Store, rounds: u64, numbers: &BTreeSet<String>) {
    let mut known = 0;
    for round in 0..rounds {
        for batch in 0.. {
            let key = format!("{round}-{batch}");
            let is_there = numbers.contains(&format!("{key}-0"));
            let kept: Result<_, StoreError> = store.read(|r| r.recall(&key, &sender()));
            assert_eq!(kept.unwrap().is_some_and(|kept| kept.is_pending), is_there, "{key}");
            if !is_there {
                break;
            }
            known += 1;
            if batch == 0 {
                let again = store.in_request(Request::new(&key, &sender(), "body").unwrap());
                let done: Result<_, StoreError> =
                    again.write(&act("import.row"), |w| w.insert("finding", finding("again")));
                assert!(matches!(done, Err(StoreError::Repeated)), "{key}: {done:?}");
            }
        }
    }
    assert_eq!(known * 3, numbers.len());
}
