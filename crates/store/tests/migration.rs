//! Tables and codebook: the same both ways, and only ever growing.

use crate::bench::for_each_database_with;
use crate::bench::{Bench, CODEBOOK, codebook, finding, finding_with, for_each_database, values};
use std::collections::BTreeSet;
use std::sync::Arc;
use taizhang_codebook::{Codebook, FieldType};
use taizhang_store::{Change, Database, NewRecord, Query, Store, StoreError};

/// Names and types of a table's columns, asked of the database itself.
fn columns(bench: &Bench, table: &str) -> BTreeSet<String> {
    match &bench.database {
        Database::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut statement =
                connection.prepare("SELECT name || ' ' || type FROM pragma_table_info(?)").unwrap();
            let rows = statement.query_map([table], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        }
        Database::Postgres(url) => {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            let sql = "SELECT column_name || ' ' || data_type FROM information_schema.columns \
                       WHERE table_schema = current_schema() AND table_name = $1";
            client.query(sql, &[&table]).unwrap().iter().map(|row| row.get(0)).collect()
        }
    }
}

/// The words of both databases for a field's column.
fn kind(field_type: FieldType, is_sealed: bool, is_postgres: bool) -> &'static str {
    use FieldType::{Boolean, Date, Decimal, Instant, Integer, Money, Month, Percent};
    match (field_type, is_postgres) {
        (Integer | Percent | Money | Decimal | Boolean, false) if !is_sealed => "INTEGER",
        (Integer | Percent | Money | Decimal, true) if !is_sealed => "bigint",
        (Boolean, true) if !is_sealed => "boolean",
        (Date | Month, true) if !is_sealed => "date",
        (Instant, true) if !is_sealed => "timestamp with time zone",
        (_, false) => "TEXT",
        (_, true) => "text",
    }
}

fn compare(bench: &Bench) {
    let own = [
        ("id", FieldType::Text),
        ("version", FieldType::Integer),
        ("region", FieldType::Text),
        ("state", FieldType::Text),
        ("flow_edition", FieldType::Integer),
        ("created_at", FieldType::Instant),
        ("created_by", FieldType::Text),
        ("updated_at", FieldType::Instant),
        ("updated_by", FieldType::Text),
        ("deleted_at", FieldType::Instant),
    ];
    let word = |kind_of, is_sealed| kind(kind_of, is_sealed, bench.is_postgres());
    for ledger in bench.store.codebook().ledgers.values() {
        let mut expected: BTreeSet<String> =
            own.iter().map(|(name, kind)| format!("{name} {}", word(*kind, false))).collect();
        let in_history = columns(bench, &format!("{}_history", ledger.name));
        for field in &ledger.fields {
            let column =
                format!("{} {}", field.name, word(field.field_type, field.sensitive.is_some()));
            assert!(in_history.contains(&column), "{} history: {column}", ledger.name);
            expected.insert(column);
        }
        let found = columns(bench, &ledger.name);
        let hashes: BTreeSet<String> = ledger
            .fields
            .iter()
            .filter(|field| field.sensitive.is_some())
            .map(|field| format!("{}_hash {}", field.name, word(FieldType::Text, false)))
            .collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        assert!(missing.is_empty(), "{}: no column for {missing:?}", ledger.name);
        let surplus: Vec<_> =
            found.difference(&expected).filter(|column| !hashes.contains(*column)).collect();
        assert!(surplus.is_empty(), "{}: no field for {surplus:?}", ledger.name);
    }
}

#[test]
fn codebook_and_columns_agree_both_ways() {
    for_each_database(compare);
    let rural = Codebook::embedded("rural").unwrap();
    for_each_database_with(&rural, compare);
}

fn reopen(bench: &Bench, text: &str) -> Result<Store, StoreError> {
    Store::open(bench.options(), Arc::new(codebook(text)))
}

#[test]
fn definitions_only_add() {
    for_each_database(|bench| {
        let made = bench.insert("finding", finding_with("1", [("topic", "funds".into())]));
        // A new field, a new ledger, and `topic` taken out.
        let next = CODEBOOK
            .replace("  topic code i\n", "  weight integer i\n  topic2 code\n")
            .replace("evidence village\n", "visit village\n  on date !i\nevidence village\n");
        let store = reopen(bench, &next).unwrap();
        let found: Result<_, StoreError> = store.read(|r| r.get("finding", &made.id));
        let found = found.unwrap().unwrap();
        assert_eq!(found.values.get("topic"), None);
        let change = Change { values: values([("weight", 3.into())]), ..Change::default() };
        let act = crate::bench::act("finding.weigh");
        let done: Result<_, StoreError> = store.write(&act, |w| {
            w.insert(
                "visit",
                NewRecord {
                    values: values([(
                        "on",
                        taizhang_values::parse_date("2026-11-22").unwrap().into(),
                    )]),
                    ..NewRecord::default()
                },
            )?;
            w.update("finding", &made.id, 1, change)
        });
        assert_eq!(done.unwrap().get("weight"), &3.into());
        assert!(store.audit_verify().unwrap().is_sound());
        // The removed field comes back with what it held.
        let store = reopen(bench, CODEBOOK).unwrap();
        let found: Result<_, StoreError> = store.read(|r| r.get("finding", &made.id));
        assert_eq!(found.unwrap().unwrap().text("topic"), "funds");
        assert_eq!(store.audit_verify().unwrap().faults, []);
    });
}

#[test]
fn changed_type_is_refused_with_its_field() {
    for_each_database(|bench| {
        bench.insert("finding", finding("1"));
        let cases = [
            ("  percent percent", "  percent text", "`finding.percent` holds integer"),
            ("  due_on date i", "  due_on text i", "`finding.due_on` holds date"),
            ("  topic code i", "  topic texts", "`finding.topic` holds text"),
            ("  problem long_text", "  problem long_text ~name", "now says text sealed"),
            ("  amount_fen money", "  amount_fen integer", "`finding.amount_fen` holds money"),
        ];
        for (old, new, expected) in cases {
            let changed = CODEBOOK.replace(old, new);
            assert_ne!(changed, CODEBOOK);
            let message = reopen(bench, &changed).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        // Text may become long text: the values are the same.
        reopen(bench, &CODEBOOK.replace("  title text !", "  title long_text !")).unwrap();
        assert_eq!(bench.read(|r| r.count(&Query::new("finding"))), 1);
    });
}

#[test]
fn link_declared_from_the_other_side_later_keeps_its_table() {
    let before = CODEBOOK.replace("  > findings links finding\n", "");
    for_each_database_with(&codebook(&before), |bench| {
        let one = bench.insert("finding", finding("1"));
        let proof = bench.insert(
            "evidence",
            NewRecord { values: values([("file_name", "凭证".into())]), ..NewRecord::default() },
        );
        bench.write("t.t", |w| w.link("finding", "evidence", &one.id, &proof.id));
        // By name `evidence` comes first and would own the table.
        let next = format!("{before}  > findings links finding\n");
        let store = reopen(bench, &next).unwrap();
        let found: Result<_, StoreError> =
            store.read(|r| r.linked("evidence", "findings", &proof.id));
        assert_eq!(found.unwrap(), std::slice::from_ref(&one.id));
        assert!(store.audit_verify().unwrap().is_sound());
    });
}

#[test]
fn names_that_would_meet_are_refused() {
    let cases = [
        "finding village\n  title text\nfinding_history village\n  title text\n",
        "store_audit village\n  title text\n",
        "finding village\n  version integer\n",
        "finding village\n  act_at date\n",
        "finding village\n  phone text ~phone\n  phone_hash text\n",
        "finding village\n  a\u{22}b text\n",
        "finding village\n  > measures links measure\nfinding_measures village\n  x text\nmeasure village\n  x text\n",
        "finding village\n  > measures links nothing\n",
    ];
    for text in cases {
        let directory = tempfile::tempdir().unwrap();
        let options = taizhang_store::StoreOptions {
            database: Database::Sqlite(directory.path().join("t.sqlite")),
            files_dir: directory.path().join("files"),
            keys: taizhang_store::KeyRing::random().unwrap(),
        };
        let result = Store::open(options, Arc::new(codebook(text)));
        assert!(result.is_err(), "{text}");
    }
}

/// The names of all triggers and indexes.
fn made(bench: &Bench) -> i64 {
    if bench.is_postgres() {
        bench.number(
            "SELECT (SELECT COUNT(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace) \
             + (SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema())",
        )
    } else {
        bench.number("SELECT COUNT(*) FROM sqlite_schema WHERE type IN ('trigger', 'index')")
    }
}

#[test]
fn what_was_taken_away_is_made_again_on_opening() {
    for_each_database(|bench| {
        let before = made(bench);
        let taken = if bench.is_postgres() {
            ["DROP TRIGGER unit_history__append_only ON unit_history", "DROP INDEX unit__name__id"]
        } else {
            ["DROP TRIGGER unit_history__no_update", "DROP INDEX unit__name__id"]
        };
        for sql in taken {
            bench.execute(sql);
        }
        assert_eq!(made(bench), before - 2);
        drop(reopen(bench, CODEBOOK).unwrap());
        assert_eq!(made(bench), before);
    });
}

#[test]
fn an_index_that_a_ledger_had_before_goes_on_opening() {
    for_each_database(|bench| {
        let before = made(bench);
        bench.execute("CREATE INDEX unit__region__updated_at__id ON unit (region, updated_at, id)");
        assert_eq!(made(bench), before + 1);
        drop(reopen(bench, CODEBOOK).unwrap());
        assert_eq!(made(bench), before);
    });
}

#[test]
fn a_change_of_unindexed_fields_touches_no_index() {
    for_each_database(|bench| {
        if !bench.is_postgres() {
            // SQLite looks at each index by itself.
            return;
        }
        for name in ["一", "二", "三"] {
            let values = values([("name", name.into())]);
            bench.insert("unit", NewRecord { values, ..NewRecord::default() });
        }
        let changed = |set: &str, wanted: i64| {
            bench.execute(&format!(
                "DO $$ BEGIN UPDATE unit SET version = version + 1, updated_at = now(){set}; \
                 IF pg_stat_get_xact_tuples_hot_updated('unit'::regclass) <> {wanted} THEN \
                 RAISE EXCEPTION 'not {wanted}'; END IF; END $$"
            ));
        };
        changed(", is_active = FALSE", 3);
        changed(", name = name || '号'", 0);
    });
}
