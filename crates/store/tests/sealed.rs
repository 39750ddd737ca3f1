//! Sealed fields: masked on reading, found by exact value, revealed only with an audit line.

use crate::bench::{Bench, act, for_each_database, values};
use taizhang_store::{
    Change, Filter, KeyRing, NewRecord, Query, Record, Store, StoreError, StoreOptions, Value,
};

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

/// The key file without one of its sealing keys, as a ring.
fn without_key(folder: &std::path::Path, number: &str) -> KeyRing {
    let other = folder.join("other");
    std::fs::create_dir_all(&other).unwrap();
    let text = std::fs::read(folder.join("ring.json")).unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&text).unwrap();
    file["data"].as_object_mut().unwrap().remove(number).unwrap();
    let path = other.join("ring.json");
    std::fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    KeyRing::open_or_create(&other).unwrap()
}

#[test]
fn rows_sealed_before_a_change_of_key_are_sealed_anew() {
    for_each_database(|bench| {
        let folder = bench.directory.path().join("ring");
        let mut keys = KeyRing::open_or_create(&folder).unwrap();
        // The bench's own keys made this store; it starts over with keys from a file.
        bench.tamper("DELETE FROM store_setting WHERE name = 'store.keys'");
        let open = |keys: &KeyRing| {
            let options = StoreOptions { keys: keys.clone(), ..bench.options() };
            Store::open(options, bench.store.codebook().clone()).unwrap()
        };
        let new = |number: u32| NewRecord {
            values: values([
                ("login", format!("user-{number}").into()),
                ("phone", format!("1390000{number:04}").into()),
                ("illness", "慢性病甲".into()),
            ]),
            ..NewRecord::default()
        };
        let old = open(&keys);
        let made: Result<Vec<Record>, StoreError> =
            old.write(&act("user.add"), |w| (0..450).map(|n| w.insert("user", new(n))).collect());
        let made = made.unwrap();
        let gone: Result<(), StoreError> =
            old.write(&act("user.drop"), |w| w.delete("user", &made[7].id, 1));
        gone.unwrap();
        keys.rotate(&folder).unwrap();
        let store = open(&keys);
        assert_eq!(bench.number("SELECT COUNT(*) FROM \"user\" WHERE phone LIKE '2.%'"), 0);
        assert_eq!(store.reseal(act("t").at).unwrap(), 449);
        assert_eq!(store.reseal(act("t").at).unwrap(), 0, "nothing is left to do");
        for column in ["phone", "illness"] {
            let sql = format!("SELECT COUNT(*) FROM \"user\" WHERE {column} LIKE '2.%'");
            assert_eq!(bench.number(&sql), 449, "{column}");
        }
        let report = store.audit_verify().unwrap();
        assert_eq!(report.faults, []);
        // The new key alone reads, finds and reveals every live row.
        let alone = open(&without_key(&folder, "1"));
        let found: Result<_, StoreError> =
            alone.read(|r| r.list(&Query::new("user").filter(Filter::eq("phone", "13900000042"))));
        let found = found.unwrap().records;
        assert_eq!((found.len(), found[0].version), (1, 2));
        assert_eq!(found[0].text("phone"), "139****0042");
        let clear: Result<_, StoreError> =
            alone.write(&act("user.reveal"), |w| w.reveal("user", &found[0].id, "phone", "回访"));
        assert_eq!(clear.unwrap(), "13900000042");
        // History is what was written, and wants the key it was written under.
        let told: Result<_, StoreError> = store.read(|r| r.history("user", &found[0].id));
        let verbs: Vec<String> = told.unwrap().into_iter().map(|version| version.verb).collect();
        assert_eq!(verbs, ["user.add", "keys.reseal", "user.reveal"][..2]);
        let closed: Result<_, StoreError> = alone.read(|r| r.history("user", &found[0].id));
        assert!(matches!(closed, Err(StoreError::Keys(_))), "{closed:?}");
    });
}
