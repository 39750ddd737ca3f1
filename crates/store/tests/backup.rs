//! Backup and restore: complete, checked, refused when damaged.

use crate::bench::{Bench, Random, at, finding, finding_with, for_each_database, values};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use taizhang_store::{Database, KeyRing, NewRecord, Query, Store, StoreError, StoreOptions};

/// Bits flipped in each backup; the nightly figure comes by `TAIZHANG_BACKUP_FLIPS`.
const FLIPS: usize = 200;

fn fill(bench: &Bench) -> String {
    let file = bench.store.files().put(&mut Cursor::new("凭证"), 100).unwrap();
    for number in 0..5 {
        let text = format!("2026-{number}");
        bench.insert("finding", finding_with(&text, [("is_long_term", true.into())]));
    }
    bench.insert(
        "user",
        NewRecord {
            values: values([("login", "zhou".into()), ("phone", "13900001111".into())]),
            ..NewRecord::default()
        },
    );
    file.hash
}

/// An empty place of the same kind of database; on PostgreSQL the schema is emptied for it.
fn empty_place(bench: &Bench, name: &str) -> StoreOptions {
    let folder = bench.directory.path().join(name);
    let database = match &bench.database {
        Database::Sqlite(_) => Database::Sqlite(folder.join("taizhang.sqlite")),
        Database::Postgres(url) => {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            let schema: String =
                client.query_one("SELECT current_schema()::text", &[]).unwrap().get(0);
            client
                .batch_execute(&format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}"))
                .unwrap();
            bench.database.clone()
        }
    };
    StoreOptions { database, files_dir: folder.join("files"), keys: bench.keys.clone() }
}

#[test]
fn restored_store_is_the_same_and_says_so() {
    for name in ["backup", "backup.tzb"] {
        for_each_database(|bench| {
            let hash = fill(bench);
            let target = bench.directory.path().join(name);
            let report = bench.store.backup(&target, at("2026-11-22T05:00:00Z")).unwrap();
            assert_eq!(report.audit.sequence, 6);
            assert_eq!(Store::check_backup(&target).unwrap(), report);
            let before = bench.read(|r| r.list(&Query::new("finding"))).records;
            bench.insert("finding", finding("after the backup"));
            let options = empty_place(bench, "restored");
            let codebook = bench.store.codebook().clone();
            let moment = at("2026-11-22T06:00:00Z");
            let store = Store::restore(&target, options, codebook, moment).unwrap();
            let after: Result<_, StoreError> = store.read(|r| r.list(&Query::new("finding")));
            assert_eq!(after.unwrap().records, before);
            assert_eq!(store.files().read_all(&hash).unwrap(), "凭证".as_bytes());
            let found = store.audit_verify().unwrap();
            assert_eq!((found.faults.len(), found.lines), (0, 7));
            let made: Result<_, StoreError> =
                store.write(&crate::bench::act("t.t"), |w| w.insert("finding", finding("new")));
            made.unwrap();
        });
    }
}

#[test]
fn damaged_backup_is_refused_before_anything_is_touched() {
    let count = std::env::var("TAIZHANG_BACKUP_FLIPS").ok().and_then(|text| text.parse().ok());
    for_each_database(|bench| {
        fill(bench);
        let folder = bench.directory.path().join("backup");
        let packed = bench.directory.path().join("backup.tzb");
        bench.store.backup(&folder, at("2026-11-22T05:00:00Z")).unwrap();
        bench.store.backup(&packed, at("2026-11-22T05:00:00Z")).unwrap();
        let mut paths = files_below(&folder);
        paths.push(packed.clone());
        let mut random = Random::new(3);
        for _ in 0..count.unwrap_or(FLIPS) {
            let path = &paths[random.number(0..=paths.len() as i64 - 1) as usize];
            let sound = std::fs::read(path).unwrap();
            let place = random.number(0..=sound.len() as i64 - 1) as usize;
            let mut bytes = sound.clone();
            bytes[place] ^= 1 << random.number(0..=7);
            std::fs::write(path, &bytes).unwrap();
            let backup = if *path == packed { &packed } else { &folder };
            let result = Store::check_backup(backup);
            let is_refused = matches!(result, Err(StoreError::BackupDamaged(_)));
            assert!(is_refused, "{} at {place}: {result:?}", path.display());
            std::fs::write(path, &sound).unwrap();
        }
        for path in &paths {
            let sound = std::fs::read(path).unwrap();
            std::fs::write(path, &sound[..sound.len() / 2]).unwrap();
            let backup = if *path == packed { &packed } else { &folder };
            refuse_restore(bench, backup);
            std::fs::write(path, &sound).unwrap();
        }
        std::fs::write(folder.join("files").join("extra"), "x").unwrap();
        refuse_restore(bench, &folder);
    });
}

fn refuse_restore(bench: &Bench, backup: &Path) {
    let folder = bench.directory.path().join("target");
    let options = StoreOptions {
        database: Database::Sqlite(folder.join("taizhang.sqlite")),
        files_dir: folder.join("files"),
        keys: bench.keys.clone(),
    };
    let codebook = bench.store.codebook().clone();
    let result = Store::restore(backup, options, codebook, at("2026-11-22T06:00:00Z"));
    assert!(matches!(result, Err(StoreError::BackupDamaged(_))), "{result:?}");
    assert!(!folder.exists());
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found.retain(|path| std::fs::metadata(path).unwrap().len() > 0);
    found
}

#[test]
fn restore_needs_an_empty_place_and_the_right_keys() {
    for_each_database(|bench| {
        fill(bench);
        let target = bench.directory.path().join("backup");
        bench.store.backup(&target, at("2026-11-22T05:00:00Z")).unwrap();
        let again = bench.store.backup(&target, at("2026-11-22T05:00:00Z"));
        assert!(matches!(again, Err(StoreError::TargetNotEmpty)));
        let codebook = bench.store.codebook().clone();
        let moment = at("2026-11-22T06:00:00Z");
        let full = Store::restore(&target, bench.options(), codebook.clone(), moment);
        assert!(matches!(full, Err(StoreError::TargetNotEmpty)), "{full:?}");
        let mut options = empty_place(bench, "restored");
        options.keys = KeyRing::random().unwrap();
        let locked = Store::restore(&target, options, codebook, moment);
        assert!(matches!(locked, Err(StoreError::Keys(_))));
    });
}

#[test]
fn backup_holds_neither_keys_nor_clear_values() {
    for_each_database(|bench| {
        fill(bench);
        let target = bench.directory.path().join("backup");
        bench.store.backup(&target, at("2026-11-22T05:00:00Z")).unwrap();
        for path in files_below(&target) {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(11).any(|part| part == b"13900001111");
            assert!(!found, "{}", path.display());
        }
    });
}

#[cfg(unix)]
#[test]
fn backup_and_evidence_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    for_each_database(|bench| {
        fill(bench);
        let place = |name: &str| bench.directory.path().join(name);
        for name in ["backup", "backup.tzb"] {
            bench.store.backup(&place(name), at("2026-11-22T05:00:00Z")).unwrap();
        }
        for name in ["backup", "backup.tzb", "files"] {
            let mode = std::fs::metadata(place(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
        }
    });
}

#[test]
fn backup_during_writes_is_one_state() {
    for_each_database(|bench| {
        let target = bench.directory.path().join("backup");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for number in 0..60 {
                    bench.write("batch", |w| {
                        w.insert("finding", finding(&format!("{number}a")))?;
                        w.insert("finding", finding(&format!("{number}b")))
                    });
                }
            });
            bench.store.backup(&target, at("2026-11-22T05:00:00Z")).unwrap();
            writer.join().unwrap();
        });
        let options = empty_place(bench, "restored");
        let codebook = bench.store.codebook().clone();
        let moment = at("2026-11-22T06:00:00Z");
        let store = Store::restore(&target, options, codebook, moment).unwrap();
        let count: Result<u64, StoreError> = store.read(|r| r.count(&Query::new("finding")));
        assert_eq!(count.unwrap() % 2, 0);
        assert!(store.audit_verify().unwrap().is_sound());
    });
}
