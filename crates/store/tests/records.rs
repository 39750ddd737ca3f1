//! Records: inserting, changing, conflicts, history, links.

use crate::bench::{act_at, at, finding, finding_with, for_each_database, region, values};
use taizhang_store::{Change, Filter, NewRecord, Query, RecordId, StoreError, Value};
use taizhang_values::{Decimal, Money, parse_date};

fn change<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Change {
    Change { values: values(pairs), ..Change::default() }
}

#[test]
fn every_type_comes_back_as_stored() {
    for_each_database(|bench| {
        let unit = bench.insert(
            "unit",
            NewRecord {
                values: values([("name", "农业农村局".into())]), ..NewRecord::default()
            },
        );
        let all = [
            ("problem", "第一行\n第二行\u{0}尾".into()),
            ("due_on", parse_date("2026-12-31").unwrap().into()),
            ("percent", 40.into()),
            ("amount_fen", Money::from_fen(-123_456_789_012).into()),
            ("state_since", at("2026-11-22T01:02:03.123456789Z").into()),
            ("is_long_term", false.into()),
            ("lead_unit", (&unit.id).into()),
            ("responsible_units", vec!["甲\"乙".to_owned(), "丙".to_owned()].into()),
            ("topic", "".into()),
        ];
        let made = bench.insert("finding", finding_with("2026-001", all));
        let found = bench.read(|r| r.get("finding", &made.id)).unwrap();
        assert_eq!(found, made);
        assert_eq!(found.text("problem"), "第一行\n第二行尾");
        assert_eq!(found.get("amount_fen"), &Value::Money(Money::from_fen(-123_456_789_012)));
        assert_eq!(found.get("state_since"), &at("2026-11-22T01:02:03.123456Z").into());
        assert_eq!(found.get("is_long_term"), &Value::Boolean(false));
        assert_eq!(found.get("responsible_units").as_list(), ["甲\"乙", "丙"]);
        assert_eq!(found.get("topic"), &Value::Null);
        assert_eq!((found.version, found.region), (1, region("990101102203")));
    });
}

#[test]
fn decimals_and_months_come_back_exact_and_in_order() {
    for_each_database(|bench| {
        let areas = ["0.0001", "-2.5", "10", "9.9999"];
        for (place, area) in areas.iter().enumerate() {
            let values = values([
                ("text", format!("第{place}项").as_str().into()),
                ("area", Decimal::parse(area).into()),
                ("started_month", parse_date(&format!("2026-0{}-17", place + 1)).into()),
            ]);
            let made = bench.insert("measure", NewRecord { values, ..NewRecord::default() });
            let found = bench.read(|r| r.get("measure", &made.id)).unwrap();
            assert_eq!(found.get("area").as_decimal(), Decimal::parse(area));
            // A month is kept as its first day.
            let month = parse_date(&format!("2026-0{}-01", place + 1)).unwrap();
            assert_eq!(found.get("started_month"), &month.into());
        }
        let bound = Filter::AtLeast("area".to_owned(), Decimal::parse("9.9999").into());
        let query = Query { filter: bound, ..Query::new("measure") };
        assert_eq!(bench.read(|r| r.count(&query)), 2);
    });
}

#[test]
fn numbers_that_change_keep_the_old_ones() {
    for_each_database(|bench| {
        let values = values([("text", "甲".into()), ("code", "A1".into())]);
        let made = bench.insert("measure", NewRecord { values, ..NewRecord::default() });
        let steps = [
            ("B2", vec!["A1"]),
            ("C3", vec!["A1", "B2"]),
            // Back to an old one and away again: each is told once.
            ("A1", vec!["A1", "B2", "C3"]),
            ("C3", vec!["A1", "B2", "C3"]),
        ];
        let mut version = made.version;
        for (code, former) in steps {
            let new = change([("code", code.into())]);
            let now = bench
                .write("measure.edit", |w| w.update("measure", &made.id, version, new.clone()));
            assert_eq!(now.get("former_codes").as_list(), former, "{code}");
            version = now.version;
        }
        let other = change([("text", "乙".into())]);
        let now = bench.write("m.edit", |w| w.update("measure", &made.id, version, other.clone()));
        assert_eq!(now.get("former_codes").as_list().len(), 3);
    });
}

#[test]
fn bad_records_are_refused_with_their_field() {
    for_each_database(|bench| {
        bench.insert("finding", finding("2026-001"));
        let nowhere = RecordId::from_parts(5, 5);
        let untitled =
            NewRecord { values: values([("number", "2026-009".into())]), ..NewRecord::default() };
        let cases = [
            (finding("2026-001"), "value of `finding.number` is taken"),
            (
                finding_with("2", [("lead_unit", nowhere.into())]),
                "reference `finding.lead_unit` leads nowhere",
            ),
            (untitled, "field `finding.title` is required"),
            (
                finding_with("3", [("percent", "40".into())]),
                "field `finding.percent` holds a whole number",
            ),
            (finding_with("4", [("colour", "red".into())]), "unknown field `finding.colour`"),
        ];
        for (new, expected) in cases {
            let result = bench
                .store
                .write(&act_at("t.t", "2026-11-22T00:00:00Z"), |w| w.insert("finding", new));
            assert_eq!(result.unwrap_err().to_string(), expected);
        }
        // A refusal that the caller swallows leaves the transaction whole on both databases.
        bench.write("import.row", |w| {
            assert!(w.insert("finding", finding("2026-001")).is_err());
            w.insert("finding", finding("2026-002"))
        });
        let count = bench.read(|r| r.count(&Query::new("finding")));
        assert_eq!(count, 2);
    });
}

#[test]
fn failed_work_leaves_nothing_behind() {
    for_each_database(|bench| {
        let result: Result<(), StoreError> =
            bench.store.write(&act_at("t.t", "2026-11-22T00:00:00Z"), |w| {
                w.insert("finding", finding("2026-001"))?;
                w.insert("finding", finding("2026-001"))?;
                Ok(())
            });
        assert!(matches!(result, Err(StoreError::Duplicate { .. })));
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding"), 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding_history"), 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM store_audit"), 0);
    });
}

#[test]
fn stale_edit_shows_both_versions_field_by_field() {
    for_each_database(|bench| {
        let made = bench.insert("finding", finding("2026-001"));
        let theirs = Change {
            state: Some("registered".to_owned()),
            ..change([("problem", "他改".into()), ("percent", 10.into())])
        };
        bench.write("finding.register", |w| w.update("finding", &made.id, 1, theirs.clone()));
        let mine = change([("problem", "我改".into()), ("topic", "funds".into())]);
        let result = bench.store.write(&act_at("t.t", "2026-11-22T03:00:00Z"), |w| {
            w.update("finding", &made.id, 1, mine)
        });
        let Err(StoreError::Conflict(conflict)) = result else { panic!("{result:?}") };
        let mut rows: Vec<String> = conflict
            .fields
            .iter()
            .map(|one| format!("{}: {} | {} | {}", one.field, one.base, one.mine, one.theirs))
            .collect();
        rows.sort();
        assert_eq!(
            rows,
            [
                "percent:  |  | 10",
                "problem:  | 我改 | 他改",
                "state: received | received | registered",
                "topic:  | funds | ",
            ]
        );
        assert!(conflict.is_overlapping());
        assert_eq!((conflict.base_version, conflict.current.version), (1, 2));
        let apart = change([("topic", "funds".into())]);
        let result = bench.store.write(&act_at("t.t", "2026-11-22T03:00:00Z"), |w| {
            w.update("finding", &made.id, 1, apart)
        });
        let Err(StoreError::Conflict(conflict)) = result else { panic!("{result:?}") };
        assert!(!conflict.is_overlapping());
    });
}

#[test]
fn history_tells_who_changed_what_and_why() {
    for_each_database(|bench| {
        let made = bench.insert("finding", finding("2026-001"));
        let mut act = act_at("finding.plan", "2026-11-23T00:00:00Z");
        act.reason = Some("按会议决定".to_owned());
        let next = Change { state: Some("planned".to_owned()), ..change([("percent", 5.into())]) };
        let updated: Result<_, StoreError> =
            bench.store.write(&act, |w| w.update("finding", &made.id, 1, next));
        assert_eq!(updated.unwrap().version, 2);
        let same = change([("percent", 5.into())]);
        let unchanged = bench.write("finding.save", |w| w.update("finding", &made.id, 2, same));
        assert_eq!(unchanged.version, 2);
        bench.write("finding.delete", |w| w.delete("finding", &made.id, 2));
        assert_eq!(bench.read(|r| r.get("finding", &made.id)), None);
        let history = bench.read(|r| r.history("finding", &made.id));
        let told: Vec<String> = history
            .iter()
            .map(|v| {
                let mut fields: Vec<&str> = v.changed.iter().map(|c| c.0.as_str()).collect();
                fields.sort_unstable();
                format!(
                    "{} {} {} {:?} {}",
                    v.version,
                    v.verb,
                    fields.join(","),
                    v.reason,
                    v.is_deleted
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "1 test.insert flow_edition,number,region,state,title None false",
                "2 finding.plan percent,state Some(\"按会议决定\") false",
                "3 finding.delete  None true",
            ]
        );
        let percent = history[1].changed.iter().find(|c| c.0 == "percent").unwrap();
        assert_eq!((&percent.1, &percent.2), (&Value::Null, &Value::Integer(5)));
        assert!(history.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    });
}

#[test]
fn any_past_moment_can_be_read() {
    for_each_database(|bench| {
        let write = |moment: &str, base: i64, percent: i64, id: &RecordId| {
            let next = change([("percent", percent.into())]);
            let act = act_at("finding.report", moment);
            let done: Result<_, StoreError> =
                bench.store.write(&act, |w| w.update("finding", id, base, next));
            done.unwrap();
        };
        let made = bench.insert("finding", finding("2026-001"));
        write("2026-11-23T00:00:00Z", 1, 10, &made.id);
        write("2026-11-25T00:00:00Z", 2, 20, &made.id);
        let cases = [
            ("2026-11-21T00:00:00Z", None),
            ("2026-11-22T12:00:00Z", Some(Value::Null)),
            ("2026-11-23T00:00:00Z", Some(Value::Integer(10))),
            ("2026-11-24T23:59:59Z", Some(Value::Integer(10))),
            ("2027-01-01T00:00:00Z", Some(Value::Integer(20))),
        ];
        for (moment, expected) in cases {
            let found = bench.read(|r| r.as_of("finding", &made.id, at(moment)));
            assert_eq!(found.map(|record| record.get("percent").clone()), expected, "{moment}");
        }
    });
}

#[test]
fn links_are_read_from_both_ends() {
    for_each_database(|bench| {
        let one = bench.insert("finding", finding("2026-001"));
        let two = bench.insert("finding", finding("2026-002"));
        let text = |text: &str| NewRecord {
            values: values([("text", text.into())]),
            ..NewRecord::default()
        };
        let first = bench.insert("measure", text("立即拨付"));
        let second = bench.insert("measure", text("建立台账"));
        let file = bench.insert(
            "evidence",
            NewRecord {
                values: values([("file_name", "凭证.pdf".into())]),
                ..NewRecord::default()
            },
        );
        bench.write("finding.plan", |w| {
            w.link("finding", "measures", &one.id, &second.id)?;
            w.link("finding", "measures", &one.id, &first.id)?;
            w.link("measure", "findings", &first.id, &two.id)?;
            w.link("finding", "measures", &one.id, &first.id)?;
            w.link("finding", "evidence", &one.id, &file.id)
        });
        let linked = |ledger: &str, relation: &str, id: &RecordId| {
            bench.read(|r| r.linked(ledger, relation, id))
        };
        assert_eq!(linked("finding", "measures", &one.id), [second.id.clone(), first.id.clone()]);
        assert_eq!(linked("measure", "findings", &first.id), [one.id.clone(), two.id.clone()]);
        assert_eq!(linked("evidence", "finding.evidence", &file.id), std::slice::from_ref(&one.id));
        bench.write("measure.drop", |w| w.delete("measure", &second.id, 1));
        assert_eq!(linked("finding", "measures", &one.id), std::slice::from_ref(&first.id));
        bench.write("finding.unlink", |w| w.unlink("finding", "measures", &one.id, &first.id));
        assert_eq!(linked("finding", "measures", &one.id), []);
        let lines = "SELECT COUNT(*) FROM store_audit WHERE detail LIKE ";
        assert_eq!(bench.number(&format!("{lines}'link %'")), 4);
        assert_eq!(bench.number(&format!("{lines}'unlink %'")), 1);
    });
}

#[test]
fn relations_by_reference_are_followed() {
    for_each_database(|bench| {
        let unit = bench.insert(
            "unit",
            NewRecord { values: values([("name", "民政局".into())]), ..NewRecord::default() },
        );
        let parent =
            bench.insert("finding", finding_with("2026-001", [("lead_unit", (&unit.id).into())]));
        let of_parent = |number| finding_with(number, [("parent", (&parent.id).into())]);
        let child = bench.insert("finding", of_parent("2026-002"));
        let other = bench.insert("finding", of_parent("2026-003"));
        let children = bench.read(|r| r.linked("finding", "children", &parent.id));
        assert_eq!(children, [child.id, other.id]);
        assert_eq!(bench.read(|r| r.linked("finding", "lead", &parent.id)), [unit.id]);
    });
}

#[test]
fn history_cannot_be_changed_by_sql() {
    for_each_database(|bench| {
        bench.insert("finding", finding("2026-001"));
        for sql in [
            "UPDATE finding_history SET title = 'x'",
            "DELETE FROM finding_history",
            "UPDATE store_audit SET verb = 'x'",
            "DELETE FROM store_audit",
        ] {
            let refused = match &bench.database {
                taizhang_store::Database::Sqlite(path) => {
                    rusqlite::Connection::open(path).unwrap().execute_batch(sql).is_err()
                }
                taizhang_store::Database::Postgres(url) => {
                    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                    client.batch_execute(sql).is_err()
                }
            };
            assert!(refused, "{sql}");
        }
    });
}

#[test]
fn panic_in_a_transaction_leaves_the_store_usable() {
    for_each_database(|bench| {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let done: Result<(), StoreError> =
                bench.store.write(&act_at("t.t", "2026-11-22T00:00:00Z"), |w| {
                    w.insert("finding", finding("2026-001"))?;
                    panic!("a fault of the caller")
                });
            done
        }));
        assert!(panicked.is_err());
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding"), 0);
        bench.insert("finding", finding("2026-001"));
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding"), 1);
    });
}

#[test]
fn store_works_from_an_async_runtime() {
    for_each_database(|bench| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let options = bench.options();
        let codebook = bench.store.codebook().clone();
        runtime.block_on(async {
            let open = move || taizhang_store::Store::open(options, codebook);
            let store = tokio::task::spawn_blocking(open).await.unwrap().unwrap();
            let mut tasks = Vec::new();
            for number in 0..20 {
                let store = store.clone();
                tasks.push(tokio::task::spawn_blocking(move || {
                    let act = act_at("t.t", "2026-11-22T00:00:00Z");
                    let made: Result<_, StoreError> =
                        store.write(&act, |w| w.insert("finding", finding(&format!("{number}"))));
                    let id = made.unwrap().id;
                    let found: Result<_, StoreError> = store.read(|r| r.get("finding", &id));
                    assert!(found.unwrap().is_some());
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
            // Dropped here, on a thread that runs the runtime.
            drop(store);
        });
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding"), 20);
    });
}

#[test]
fn racing_edits_of_one_version_have_one_winner() {
    for_each_database(|bench| {
        let made = bench.insert("finding", finding("2026-001"));
        let winners: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|number: i64| {
                    let id = &made.id;
                    scope.spawn(move || {
                        let next = change([("percent", number.into())]);
                        let act = act_at("t.t", "2026-11-22T00:00:00Z");
                        let done: Result<_, StoreError> =
                            bench.store.write(&act, |w| w.update("finding", id, 1, next));
                        usize::from(done.is_ok())
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
        assert_eq!(bench.read(|r| r.history("finding", &made.id)).len(), 2);
    });
}

#[test]
fn two_servers_on_one_database_keep_one_chain() {
    for_each_database(|bench| {
        let other =
            taizhang_store::Store::open(bench.options(), bench.store.codebook().clone()).unwrap();
        std::thread::scope(|scope| {
            for (name, store) in [("a", &bench.store), ("b", &bench.store), ("c", &other)] {
                scope.spawn(move || {
                    for number in 0..15 {
                        let new = finding(&format!("{name}{number}"));
                        let act = act_at("t.t", "2026-11-22T00:00:00Z");
                        let made: Result<_, StoreError> =
                            store.write(&act, |w| w.insert("finding", new));
                        made.unwrap();
                    }
                });
            }
        });
        let report = bench.store.audit_verify().unwrap();
        assert_eq!((report.faults.len(), report.lines), (0, 45));
    });
}

#[test]
fn dropped_connections_are_opened_anew() {
    for_each_database(|bench| {
        let taizhang_store::Database::Postgres(url) = &bench.database else { return };
        let made = bench.insert("finding", finding("2026-001"));
        bench.read(|r| r.get("finding", &made.id));
        let schema = url.rsplit_once("%3D").unwrap().1;
        // As when the server is restarted: every session of this store ends while idle.
        let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND query NOT LIKE '%pg_%' AND pid IN \
                   (SELECT pid FROM pg_stat_activity WHERE application_name = $1)";
        let ended: i64 = client.query_one(sql, &[&schema]).unwrap().get(0);
        assert!(ended >= 2, "{ended}");
        assert!(bench.read(|r| r.get("finding", &made.id)).is_some());
        bench.insert("finding", finding("2026-002"));
        assert!(bench.store.audit_verify().unwrap().is_sound());
    });
}

#[cfg(unix)]
#[test]
fn database_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    for_each_database(|bench| {
        let taizhang_store::Database::Sqlite(path) = &bench.database else { return };
        bench.insert("finding", finding("2026-001"));
        for name in ["taizhang.sqlite", "taizhang.sqlite-wal"] {
            let mode = std::fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} {mode:o}");
        }
    });
}
