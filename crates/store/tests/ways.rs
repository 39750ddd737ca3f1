//! What goes to a PostgreSQL server together: no fault gets lost on the way, and no transaction
//! stays open behind a read.

use crate::bench::{Bench, CODEBOOK, act, codebook, finding, for_each_database_with, values};
use std::time::Duration;
use taizhang_store::{Change, Database, Query, Questions, StoreError};

/// Runs a check on PostgreSQL alone.
fn on_postgres(check: impl Fn(&Bench, &str)) {
    for_each_database_with(&codebook(CODEBOOK), |bench| {
        if let Database::Postgres(url) = &bench.database {
            check(bench, url);
        }
    });
}

fn counts(bench: &Bench) -> [i64; 3] {
    ["finding", "finding_history", "store_audit"]
        .map(|table| bench.number(&format!("SELECT COUNT(*) FROM {table}")))
}

/// A record that the server alone refuses, by a rule of `table` that the store knows nothing of,
/// is refused as a whole, whichever of its writes the rule meets.
#[test]
fn fault_of_a_waiting_write_is_told_at_commit_at_the_latest() {
    on_postgres(|bench, _| {
        bench.insert("finding", finding("2026-001"));
        let deferred = |table: &str| {
            format!(
                "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'refused'; END $$; \
                 CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON {table} \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        };
        let checked = |table: &str, condition: &str| {
            format!("ALTER TABLE {table} ADD CONSTRAINT refused CHECK ({condition}) NOT VALID")
        };
        let constraint = |table: &str| format!("ALTER TABLE {table} DROP CONSTRAINT refused");
        let trigger = |table: &str| format!("DROP TRIGGER refused ON {table}");
        // The first write, one in the middle, the last before COMMIT, and COMMIT itself.
        for (add, remove) in [
            (checked("finding", "\"number\" <> '2026-002'"), constraint("finding")),
            (checked("store_audit", "\"sequence\" < 2"), constraint("store_audit")),
            (checked("finding_history", "\"number\" <> '2026-002'"), constraint("finding_history")),
            (checked("store_head", "\"sequence\" < 2"), constraint("store_head")),
            (deferred("finding"), trigger("finding")),
            (deferred("store_audit"), trigger("store_audit")),
        ] {
            bench.execute(&add);
            let before = counts(bench);
            let made: Result<_, StoreError> = bench
                .store
                .write(&act("test.insert"), |w| w.insert("finding", finding("2026-002")));
            assert!(matches!(made, Err(StoreError::Database(_))), "{add}: {made:?}");
            assert_eq!(counts(bench), before, "{add}");
            bench.execute(&remove);
        }
        bench.insert("finding", finding("2026-002"));
        let report = bench.store.audit_verify().unwrap();
        assert_eq!((report.faults.len(), report.lines), (0, 2));
    });
}

/// A question fails amid those that go together, after writes and before more of either; whoever
/// asked goes on as if nothing was.
#[test]
fn failure_amid_a_piece_keeps_nothing_of_it() {
    on_postgres(|bench, url| {
        bench.insert("finding", finding("2026-001"));
        let lists = ["unit", "evidence", "measure"].map(Query::new).to_vec();
        let questions = Questions { lists, ..Questions::default() };
        // The session that writes knows its statements from here on.
        bench.write("test.ask", |w| w.ask(&questions));
        let session = writing_session(url);
        for (break_it, mend_it, code) in [
            // The second of three questions, behind writes that are good.
            (
                "ALTER TABLE evidence RENAME TO evidence_away",
                "ALTER TABLE evidence_away RENAME TO evidence",
                "42P01",
            ),
            // A write, before other writes and three good questions.
            (
                "ALTER TABLE store_audit ADD CONSTRAINT refused CHECK (\"sequence\" < 2) NOT VALID",
                "ALTER TABLE store_audit DROP CONSTRAINT refused",
                "23514",
            ),
        ] {
            bench.execute(break_it);
            let before = counts(bench);
            let kept: Result<(), StoreError> = bench.store.write(&act("test.insert"), |w| {
                w.insert("finding", finding("2026-002"))?;
                let asked = w.ask(&questions);
                let told = asked.unwrap_err().to_string();
                assert!(told.contains(code), "{break_it}: {told}");
                // Whatever comes behind the failure is refused too, or not kept.
                let _ = w.insert("finding", finding("2026-003"));
                let _ = w.ask(&questions);
                Ok(())
            });
            assert!(matches!(kept, Err(StoreError::Database(_))), "{break_it}: {kept:?}");
            assert_eq!(counts(bench), before, "{break_it}");
            bench.execute(mend_it);
            // In the same session, and each question gets its own answer again.
            let answers = bench.write("test.ask", |w| w.ask(&questions));
            assert_eq!(answers.lists.len(), 3);
            assert_eq!(writing_session(url), session, "{break_it}");
        }
        bench.insert("finding", finding("2026-002"));
        let report = bench.store.audit_verify().unwrap();
        assert_eq!((report.faults.len(), report.lines), (0, 2));
    });
}

/// The session that committed last, which is the store's own.
fn writing_session(url: &str) -> i32 {
    let schema = url.rsplit_once("%3D").unwrap().1;
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND query = 'COMMIT'";
    client.query_one(sql, &[&schema]).unwrap().get(0)
}

#[test]
fn row_that_somebody_changed_past_the_lock_is_not_written_over() {
    on_postgres(|bench, _| {
        let made = bench.insert("finding", finding("2026-001"));
        let change =
            || Change { values: values([("title", "改过".into())]), ..Change::default() };
        let before = counts(bench);
        let changed: Result<_, StoreError> = bench.store.write(&act("test.change"), |w| {
            w.get("finding", &made.id)?;
            bench.tamper("UPDATE finding SET \"version\" = 7");
            w.update("finding", &made.id, made.version, change())
        });
        assert!(matches!(changed, Err(StoreError::Busy)), "{changed:?}");
        assert_eq!(counts(bench), before);
    });
}

#[test]
fn read_leaves_no_transaction_open() {
    on_postgres(|bench, url| {
        let made = bench.insert("finding", finding("2026-001"));
        let schema = url.rsplit_once("%3D").unwrap().1;
        let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1 \
                   AND pid <> pg_backend_pid() AND xact_start IS NOT NULL";
        for round in 0..20 {
            assert!(bench.read(|r| r.get("finding", &made.id)).is_some());
            // The server is told before the read returns, and needs a moment to follow.
            let mut tries = 0;
            while client.query_one(sql, &[&schema]).unwrap().get::<_, i64>(0) > 0 {
                tries += 1;
                assert!(tries < 200, "a transaction stays open after read {round}");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
}

#[test]
fn work_that_asks_nothing_leaves_nothing() {
    on_postgres(|bench, _| {
        let before = counts(bench);
        bench.write("test.nothing", |_| Ok(()));
        bench.read(|_| Ok(()));
        assert_eq!(counts(bench), before);
        bench.insert("finding", finding("2026-001"));
        assert!(bench.store.audit_verify().unwrap().is_sound());
    });
}

#[test]
fn questions_asked_together_are_answered_as_one_by_one() {
    crate::bench::for_each_database(|bench| {
        let one = bench.insert("finding", finding("2026-001"));
        let two = bench.insert("finding", finding("2026-002"));
        bench.write("test.set", |w| w.set_setting("some.name", "甲"));
        let gone = bench.insert("finding", finding("2026-003"));
        bench.write("test.delete", |w| w.delete("finding", &gone.id, gone.version));
        let numbered = |number: &str| taizhang_store::Filter::eq("number", number);
        let lists = vec![
            Query::new("finding").limit(1),
            // An order over a field that may be empty is asked in two parts.
            Query::new("finding").sort("due_on", true),
            Query::new("unit"),
        ];
        let any: Vec<(&str, taizhang_store::Filter)> =
            (1..=150).map(|number| ("finding", numbered(&format!("2026-{number:03}")))).collect();
        let questions = Questions {
            settings: vec!["none", "some.name"],
            records: vec![("finding", &gone.id), ("finding", &two.id), ("finding", &one.id)],
            any: vec![any.clone(), Vec::new(), any[1..3].to_vec()],
            lists: lists.clone(),
        };
        let check = |reader: &taizhang_store::Reader<'_>| {
            let answers = reader.ask(&questions)?;
            assert_eq!(answers.settings, [None, Some("甲".to_owned())]);
            assert_eq!(answers.records, [None, Some(two.clone()), Some(one.clone())]);
            let found: Vec<usize> = (0..150).filter(|place| answers.any[0][*place]).collect();
            assert_eq!(found, [0, 1]);
            assert_eq!(answers.any[1..], [vec![], vec![true, false]]);
            for (query, page) in lists.iter().zip(answers.lists) {
                assert_eq!(page, reader.list(query)?);
            }
            Ok(())
        };
        bench.read(check);
        bench.write("test.look", |w| check(w));
        // The same with rows that the transaction wrote or read before.
        bench.write("test.change", |w| {
            let change =
                Change { values: values([("title", "改过".into())]), ..Change::default() };
            let changed = w.update("finding", &one.id, one.version, change)?;
            w.list(&Query::new("finding").kept())?;
            let answers = w.ask(&questions)?;
            assert_eq!(answers.records, [None, Some(two.clone()), Some(changed)]);
            w.delete("finding", &two.id, two.version)?;
            assert_eq!(w.ask(&questions)?.records[1], None);
            Ok(())
        });
    });
}

/// More texts than a session remembers, known and new ones together.
#[test]
fn statements_beyond_memory_are_prepared_anew() {
    on_postgres(|bench, _| {
        let made = bench.insert("finding", finding("2026-001"));
        // Eleven ledgers in a row, one of two at each place: 2,048 texts.
        let group = |number: usize| -> Vec<(&str, taizhang_store::Filter)> {
            let ledger = |place: usize| if number >> place & 1 == 1 { "finding" } else { "unit" };
            (0..11).map(|place| (ledger(place), taizhang_store::Filter::All)).collect()
        };
        let numbers: Vec<usize> = (0..2048).collect();
        for chunk in numbers.chunks(128) {
            let questions = Questions {
                records: vec![("finding", &made.id)],
                any: chunk.iter().map(|number| group(*number)).collect(),
                ..Questions::default()
            };
            let answers = bench.read(|r| r.ask(&questions));
            assert_eq!(answers.records, [Some(made.clone())]);
            for (number, answer) in chunk.iter().zip(&answers.any) {
                let expected: Vec<bool> = (0..11).map(|place| number >> place & 1 == 1).collect();
                assert_eq!(*answer, expected);
            }
        }
        assert!(bench.read(|r| r.get("finding", &made.id)).is_some());
    });
}
