//! Sealed fields: masked on reading, found by exact value, revealed only with an audit line.

use crate::bench::{Bench, for_each_database, values};
use taizhang_store::{Change, Filter, KeyRing, NewRecord, Query, Record, Store, StoreError, Value};

const PHONE: &str = "13900001111";

fn user(bench: &Bench, login: &str, phone: &str) -> Record {
    let new = NewRecord {
        values: values([
            ("login", login.into()),
            ("phone", phone.into()),
            ("illness", "慢性病甲".into()),
        ]),
        ..NewRecord::default()
    };
    bench.insert("user", new)
}

#[test]
fn sealed_values_are_masked_until_revealed() {
    for_each_database(|bench| {
        let made = user(bench, "zhou", PHONE);
        assert_eq!(made.text("phone"), "139****1111");
        assert_eq!(made.text("illness"), "****");
        let found = bench.read(|r| r.get("user", &made.id)).unwrap();
        assert_eq!(found, made);
        let clear = bench.write("user.reveal", |w| w.reveal("user", &made.id, "phone", "回访"));
        assert_eq!(clear, PHONE);
        let lines = bench.number("SELECT COUNT(*) FROM store_audit WHERE verb = 'user.reveal'");
        assert_eq!(lines, 1);
        let told = bench.read(|r| r.history("user", &made.id));
        assert!(told[0].changed.iter().all(|(_, _, new)| new != &Value::from(PHONE)));
    });
}

#[test]
fn sealed_values_are_found_whole_and_only_whole() {
    for_each_database(|bench| {
        user(bench, "zhou", PHONE);
        user(bench, "wu", "13900002222");
        let count = |filter: Filter| bench.read(|r| r.count(&Query::new("user").filter(filter)));
        assert_eq!(count(Filter::eq("phone", PHONE)), 1);
        assert_eq!(count(Filter::eq("phone", "139 0000 1111")), 1);
        assert_eq!(count(Filter::eq("phone", "139")), 0);
        let both = vec![PHONE.into(), "13900002222".into()];
        assert_eq!(count(Filter::In("phone".to_owned(), both)), 2);
        let any = vec!["login".to_owned(), "phone".to_owned(), "illness".to_owned()];
        assert_eq!(count(Filter::AnyContains(any, PHONE.to_owned())), 1);
    });
}

#[test]
fn sealed_unique_value_is_taken_once() {
    for_each_database(|bench| {
        let with_number = |login: &str, number: &str| NewRecord {
            values: values([("login", login.into()), ("id_number", number.into())]),
            ..NewRecord::default()
        };
        bench.insert("user", with_number("zhou", "99000119700101001X"));
        let result: Result<_, StoreError> = bench.store.write(&crate::bench::act("t.t"), |w| {
            w.insert("user", with_number("wu", "99000119700101001x"))
        });
        let Err(StoreError::Duplicate { field, .. }) = result else { panic!("{result:?}") };
        assert_eq!(field, "id_number");
    });
}

#[test]
fn mask_that_comes_back_from_a_form_changes_nothing() {
    for_each_database(|bench| {
        let made = user(bench, "zhou", PHONE);
        let form = Change {
            values: values([("phone", "139****1111".into()), ("name", "周某".into())]),
            ..Change::default()
        };
        let next = bench.write("user.edit", |w| w.update("user", &made.id, 1, form));
        assert_eq!((next.version, next.text("phone")), (2, "139****1111"));
        let clear = bench.write("user.reveal", |w| w.reveal("user", &made.id, "phone", "回访"));
        assert_eq!(clear, PHONE);
    });
}

#[test]
fn no_clear_value_reaches_the_disk() {
    for_each_database(|bench| {
        let made = user(bench, "zhou", PHONE);
        let form =
            Change { values: values([("phone", "13900009999".into())]), ..Change::default() };
        bench.write("user.edit", |w| w.update("user", &made.id, 1, form));
        for column in ["phone", "illness"] {
            for table in ["\"user\"", "user_history"] {
                for clear in [PHONE, "13900009999", "慢性病甲"] {
                    let sql =
                        format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%{clear}%'");
                    assert_eq!(bench.number(&sql), 0, "{sql}");
                }
            }
        }
        if bench.is_postgres() {
            return;
        }
        for entry in std::fs::read_dir(bench.directory.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                for clear in [PHONE, "13900009999", "慢性病甲"] {
                    let found = bytes.windows(clear.len()).any(|part| part == clear.as_bytes());
                    assert!(!found, "{clear} in {}", path.display());
                }
            }
        }
    });
}

#[test]
fn sealed_value_moved_to_another_row_does_not_open() {
    for_each_database(|bench| {
        let one = user(bench, "zhou", PHONE);
        let two = user(bench, "wu", "13900002222");
        bench.tamper(&format!(
            "UPDATE \"user\" SET phone = (SELECT u.phone FROM \"user\" u WHERE u.id = '{}') \
             WHERE id = '{}'",
            one.id, two.id
        ));
        let result: Result<_, StoreError> = bench.store.read(|r| r.get("user", &two.id));
        assert!(matches!(result, Err(StoreError::Damaged(_))), "{result:?}");
    });
}

#[test]
fn foreign_keys_are_refused_at_the_door() {
    for_each_database(|bench| {
        let mut options = bench.options();
        options.keys = KeyRing::random().unwrap();
        let result = Store::open(options, bench.store.codebook().clone());
        assert!(matches!(result, Err(StoreError::Keys(_))));
    });
}
