//! Many records at once: the same records as one by one, each with its history, under few lines.

use crate::bench::region;
use crate::bench::{Bench, codebook, finding, for_each_database, for_each_database_with, values};
use std::sync::Arc;
use taizhang_store::{
    AuditFaultKind, AuditFilter, Change, Filter, NewRecord, Query, Record, RecordId, Store,
    StoreError, Value,
};

fn many(bench: &Bench, ledger: &str, new: Vec<NewRecord>) -> Result<Vec<RecordId>, StoreError> {
    bench.store.write(&crate::bench::act("import_batch.confirm"), |w| {
        let ids: Vec<RecordId> = new.iter().map(|_| w.new_id()).collect::<Result<_, _>>()?;
        w.insert_many(ledger, ids.iter().cloned().zip(new).collect())?;
        Ok(ids)
    })
}

fn user(number: usize) -> NewRecord {
    let values = values([
        ("login", format!("u{number}").into()),
        ("name", "甲某".into()),
        ("phone", format!("139000{number:05}").into()),
    ]);
    NewRecord { region: region("990101"), values, ..NewRecord::default() }
}

fn faults(bench: &Bench) -> Vec<(AuditFaultKind, String)> {
    let found = bench.store.audit_verify().unwrap().faults;
    found.into_iter().map(|fault| (fault.kind, fault.object)).collect()
}

#[test]
fn many_at_once_are_the_same_as_one_by_one() {
    for_each_database(|bench| {
        let one = bench.insert("finding", finding("a-1"));
        let ids = many(bench, "finding", vec![finding("a-2"), finding("a-3")]).unwrap();
        let plain = |mut record: Record| {
            record.id = one.id.clone();
            record.values.insert("number".to_owned(), Value::Null);
            record
        };
        for id in &ids {
            let made = bench.read(|r| r.get("finding", id)).unwrap();
            assert_eq!(plain(made), plain(one.clone()));
            let history = bench.read(|r| r.history("finding", id));
            let first = bench.read(|r| r.history("finding", &one.id));
            let names = |at: &taizhang_store::Version| {
                at.changed.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>()
            };
            assert_eq!((history.len(), names(&history[0])), (1, names(&first[0])));
        }
        let found = Filter::Contains("number".to_owned(), "a-3".to_owned());
        let page = bench.read(|r| r.list(&Query::new("finding").filter(found)));
        assert_eq!(page.records.len(), 1, "the text index knows it");
        assert_eq!(faults(bench), []);
    });
}

#[test]
fn twelve_hundred_records_stand_under_three_lines_and_each_is_found_by_its_object() {
    for_each_database(|bench| {
        let ids = many(bench, "user", (0..1200).map(user).collect()).unwrap();
        let lines = "SELECT COUNT(*) FROM store_audit WHERE detail = 'inserts'";
        assert_eq!(bench.number(lines), 3);
        assert_eq!(bench.number("SELECT COUNT(*) FROM user_history"), 1200);
        let object = Some(format!("user/{}", ids[700]));
        let filter = AuditFilter { object, ..AuditFilter::default() };
        let line = bench.read(|r| r.audit_list(&filter, None, 10)).remove(0);
        assert!(line.commitments.contains_key(ids[700].as_str()));
        assert_eq!((line.object.as_str(), line.sequence), ("user", 2));
        bench.write("user.edit", |w| {
            let change =
                Change { values: values([("name", "乙某".into())]), ..Change::default() };
            w.update("user", &ids[700], 1, change)
        });
        assert_eq!(bench.read(|r| r.audit_list(&filter, None, 10)).len(), 2);
        assert_eq!(faults(bench), []);
    });
}

#[test]
fn tampering_with_one_of_many_is_found_and_named() {
    for_each_database(|bench| {
        let ids = many(bench, "user", (0..20).map(user).collect()).unwrap();
        let id = &ids[7];
        let object = format!("user/{id}");
        bench.tamper("CREATE TABLE history_copy AS SELECT * FROM user_history");
        let sealed = "phone = (SELECT phone FROM user_history WHERE login = 'u3')";
        let cases = [
            ("UPDATE user_history SET name = 'x' WHERE id = '{id}'", true),
            ("UPDATE user_history SET region = NULL WHERE id = '{id}'", true),
            (&format!("UPDATE user_history SET {sealed} WHERE id = '{{id}}'"), true),
            ("UPDATE user_history SET act_source = 'x' WHERE id = '{id}'", true),
            ("UPDATE user_history SET act_changed = '[\"name\"]' WHERE id = '{id}'", true),
            ("UPDATE user_history SET act_is_deleted = TRUE WHERE id = '{id}'", true),
            ("DELETE FROM user_history WHERE id = '{id}'", true),
            ("UPDATE user_history SET id = '00000000000000000000000000' WHERE id = '{id}'", true),
        ];
        for (sql, is_named) in cases {
            bench.tamper(&sql.replace("{id}", id.as_str()));
            let found = faults(bench);
            assert_eq!(found.iter().any(|(_, at)| *at == object), is_named, "{sql} {found:?}");
            assert!(found.iter().all(|(_, at)| *at == object || at.ends_with("0000")), "{found:?}");
            bench.tamper(
                "DELETE FROM user_history; INSERT INTO user_history SELECT * FROM history_copy",
            );
        }
        assert_eq!(faults(bench), []);
    });
}

#[test]
fn a_field_that_left_the_codebook_is_still_part_of_what_was_committed_to() {
    let before = codebook("place village\n  name text !\n  built date\n  size integer\n");
    let after = codebook("place village\n  name text !\n");
    for_each_database_with(&before, |bench| {
        let values = values([
            ("name", "甲".into()),
            ("built", "2020-03-10".parse::<taizhang_values::Date>().unwrap().into()),
            ("size", 7.into()),
        ]);
        let new = NewRecord { values, ..NewRecord::default() };
        let ids = many(bench, "place", vec![new]).unwrap();
        let store = Store::open(bench.options(), Arc::new(after.clone())).unwrap();
        assert!(store.audit_verify().unwrap().is_sound());
        bench.tamper(&format!("UPDATE place_history SET size = 8 WHERE id = '{}'", ids[0]));
        assert!(!store.audit_verify().unwrap().is_sound());
    });
}

#[test]
fn what_one_by_one_refuses_is_refused_for_many_and_nothing_is_kept() {
    let user_of = |pairs: [(&str, Value); 2]| NewRecord { values: values(pairs), ..user(0) };
    let lost = RecordId::from_parts(1, 1);
    let cases = [
        ("duplicate", vec![user(1), user(1)]),
        ("duplicate", vec![user(99)]),
        (
            "duplicate",
            vec![
                user_of([("login", "a".into()), ("id_number", "99 010".into())]),
                user_of([("login", "b".into()), ("id_number", "99010".into())]),
            ],
        ),
        ("required", vec![user_of([("name", "甲".into()), ("phone", "1".into())])]),
        ("reference", vec![user_of([("login", "c".into()), ("unit", (&lost).into())])]),
        ("type", vec![user_of([("login", "d".into()), ("name", 7.into())])]),
        ("field", vec![user_of([("login", "e".into()), ("no_such", 7.into())])]),
    ];
    for_each_database(|bench| {
        bench.insert("user", user(99));
        for (expected, new) in cases.clone() {
            let refused = match many(bench, "user", new.clone()) {
                Err(StoreError::Duplicate { .. }) => "duplicate",
                Err(StoreError::Required { .. }) => "required",
                Err(StoreError::MissingReference { .. }) => "reference",
                Err(StoreError::WrongType { .. }) => "type",
                Err(StoreError::UnknownField { .. }) => "field",
                other => panic!("{new:?} {other:?}"),
            };
            assert_eq!(refused, expected, "{new:?}");
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM \"user\""), 1);
        assert_eq!(bench.number("SELECT COUNT(*) FROM store_audit"), 1);
    });
}

/// Names and definitions of all indexes.
fn indexes(bench: &Bench) -> i64 {
    bench.number(if bench.is_postgres() {
        "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema()"
    } else {
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'"
    })
}

#[test]
fn indexes_left_for_the_end_are_all_there_and_hold_every_row() {
    for_each_database(|bench| {
        let before = indexes(bench);
        let make = |numbers: std::ops::Range<usize>, is_kept: bool| {
            bench.store.write(&crate::bench::act("t.t"), |w| {
                w.expect_many("user", &["phone", "unit"])?;
                let new: Result<Vec<_>, StoreError> =
                    numbers.map(|number| Ok((w.new_id()?, user(number)))).collect();
                w.insert_many("user", new?)?;
                if is_kept { Ok(()) } else { Err(StoreError::Halted) }
            })
        };
        assert!(make(0..30, false).is_err());
        assert_eq!(
            (indexes(bench), bench.number("SELECT COUNT(*) FROM user_history")),
            (before, 0)
        );
        make(0..30, true).unwrap();
        make(30..60, true).unwrap();
        assert_eq!(indexes(bench), before);
        let by_unit = Query::new("user").sort("created_at", true).limit(100);
        assert_eq!(bench.read(|r| r.list(&by_unit)).records.len(), 60);
        assert_eq!(faults(bench), []);
        let again = Store::open(bench.options(), bench.store.codebook().clone()).unwrap();
        assert!(again.audit_verify().unwrap().is_sound());
    });
}

#[test]
fn a_text_index_that_waits_gets_every_record_as_it_stands_at_the_end() {
    // As shipped it waits for all of them; for fewer it writes before the end, too.
    for most in [None, Some(4096), Some(700), Some(0)] {
        a_waiting_text_index_gets_every_record(most);
    }
}

fn a_waiting_text_index_gets_every_record(most: Option<usize>) {
    let book = codebook("note\n  title text !s\n");
    for_each_database_with(&book, |bench| {
        let note = |title: String| NewRecord {
            values: values([("title", title.into())]),
            ..NewRecord::default()
        };
        let ids = bench.write("t.t", |w| {
            w.expect_many("note", &["title"])?;
            if let Some(most) = most {
                w.wait_for_terms(most);
            }
            let new: Result<Vec<_>, StoreError> =
                (0..5000).map(|at| Ok((w.new_id()?, note(format!("水费{at:04}"))))).collect();
            let new = new?;
            let ids: Vec<RecordId> = new.iter().map(|(id, _)| id.clone()).collect();
            w.insert_many("note", new)?;
            let title = values([("title", "路灯".into())]);
            w.update("note", &ids[4999], 1, Change { values: title, ..Change::default() })?;
            w.delete("note", &ids[4998], 1)?;
            w.insert_many("note", vec![(w.new_id()?, note("桥面".to_owned()))])?;
            Ok(ids)
        });
        let found = |text: &str| {
            let holds = Filter::Contains("title".to_owned(), text.to_owned());
            let page = bench.read(|r| r.list(&Query::new("note").filter(holds).limit(10)));
            page.records.into_iter().map(|record| record.id).collect::<Vec<_>>()
        };
        for (text, place) in [("0000", 0), ("4096", 4096), ("4997", 4997), ("路灯", 4999)] {
            assert_eq!(found(text), [ids[place].clone()], "{text} {most:?}");
        }
        assert_eq!((found("4998").len(), found("4999").len(), found("桥面").len()), (0, 0, 1));
        assert_eq!(faults(bench), []);
        if !bench.is_postgres() {
            assert_eq!(bench.number("SELECT COUNT(*) FROM store_searched_note"), 5000);
        }
    });
}

#[test]
fn records_of_a_batch_may_refer_to_each_other() {
    for_each_database(|bench| {
        let done = bench.store.write(&crate::bench::act("t.t"), |w| {
            let (parent, child) = (w.new_id()?, w.new_id()?);
            let mut second = finding("2");
            second.values.insert("parent".to_owned(), (&parent).into());
            w.insert_many("finding", vec![(parent, finding("1")), (child, second)])
        });
        assert!(matches!(done, Ok::<(), StoreError>(())), "{done:?}");
        assert_eq!(faults(bench), []);
    });
}

#[test]
fn many_values_are_looked_up_at_once() {
    for_each_database(|bench| {
        let ids = many(bench, "user", (0..600).map(user).collect()).unwrap();
        let ask = |field: &str, asked: &[Value]| {
            let found = bench.read(|r| r.find_many("user", field, asked));
            let places = |records: &Vec<Record>| {
                let place = |record: &Record| ids.iter().position(|id| *id == record.id).unwrap();
                records.iter().map(place).collect::<Vec<_>>()
            };
            found.iter().map(places).collect::<Vec<_>>()
        };
        let none = Vec::<usize>::new();
        assert_eq!(
            ask("login", &["u5".into(), Value::Null, "u599".into(), "no".into(), "u5".into()]),
            [vec![5], none.clone(), vec![599], none.clone(), vec![5]]
        );
        let phones: Vec<Value> = (0..600).map(|at| format!("139-000{at:05}").into()).collect();
        let each: Vec<Vec<usize>> = (0..600).map(|at| vec![at]).collect();
        assert_eq!(ask("phone", &phones), each, "sealed fields by their keyed hash");
        assert_eq!(ask("name", &["甲某".into()])[0].len(), 600);
        let refused = bench.store.read(|r| r.find_many("user", "illness", &["x".into()]));
        assert!(matches!(refused, Err(StoreError::BadQuery(_))), "{refused:?}");
    });
}
