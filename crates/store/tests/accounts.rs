//! Passwords, sessions, throttling, settings, remembered answers, jobs.

use crate::bench::{act, act_at, at, for_each_database, values};
use taizhang_store::{JobState, NewRecord, Query, RecordId, Request, Store, StoreError};

#[test]
fn password_hash_is_replaced_and_never_audited() {
    for_each_database(|bench| {
        let user = RecordId::from_parts(1, 7);
        assert_eq!(bench.read(|r| r.password_hash(&user)), None);
        bench.write("user.password", |w| w.set_password_hash(&user, "$argon2id$one"));
        bench.write("user.password", |w| w.set_password_hash(&user, "$argon2id$two"));
        assert_eq!(bench.read(|r| r.password_hash(&user)).as_deref(), Some("$argon2id$two"));
        assert_eq!(bench.number("SELECT COUNT(*) FROM store_audit WHERE detail LIKE '%argon%'"), 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM store_audit"), 2);
    });
}

#[test]
fn sessions_end_one_by_one_and_all_at_once() {
    for_each_database(|bench| {
        let user = RecordId::from_parts(1, 7);
        let start = at("2026-11-22T08:00:00Z");
        bench.write("user.sign_in", |w| {
            for token in ["a", "b", "c"] {
                w.create_session(token, &user, start, "csrf")?;
            }
            w.end_session("a")?;
            w.touch_session("b", at("2026-11-22T09:00:00Z"))
        });
        assert_eq!(bench.read(|r| r.session("a")), None);
        let found = bench.read(|r| r.session("b")).unwrap();
        assert_eq!((found.touched_at, found.data.as_str()), (at("2026-11-22T09:00:00Z"), "csrf"));
        bench.write("session.expire", |w| w.expire_sessions(at("2026-11-22T08:30:00Z"), start));
        assert_eq!(bench.read(|r| r.sessions(&user)).len(), 1);
        assert_eq!(bench.write("user.disable", |w| w.end_sessions(&user)), 1);
    });
}

#[test]
fn failures_count_within_their_window() {
    for_each_database(|bench| {
        bench.write("user.sign_in", |w| {
            for minute in 0..5 {
                w.note_failure("login:zhou", at(&format!("2026-11-22T08:0{minute}:00Z")))?;
            }
            w.note_failure("login:zhou", at("2026-11-22T08:04:00Z"))
        });
        let since = |moment: &str| bench.read(|r| r.failures("login:zhou", at(moment)));
        assert_eq!(since("2026-11-22T08:00:00Z").0, 6);
        assert_eq!(since("2026-11-22T08:03:00Z"), (3, Some(at("2026-11-22T08:04:00Z"))));
        assert_eq!(since("2026-11-22T09:00:00Z"), (0, None));
        bench.write("user.sign_in", |w| w.clear_failures("login:zhou"));
        assert_eq!(since("2026-11-22T08:00:00Z").0, 0);
    });
}

#[test]
fn first_answer_is_remembered() {
    for_each_database(|bench| {
        let user = RecordId::from_parts(1, 7);
        assert!(bench.write("t.t", |w| w.remember("k", &user, "hash", "answer one")));
        assert!(!bench.write("t.t", |w| w.remember("k", &user, "other", "answer two")));
        let found = bench.read(|r| r.recall("k", &user)).unwrap();
        assert_eq!((found.body_hash.as_str(), found.answer.as_str()), ("hash", "answer one"));
        assert_eq!(bench.read(|r| r.recall("k", &RecordId::from_parts(1, 8))), None);
    });
}

#[test]
fn key_of_a_request_stands_or_falls_with_its_effects() {
    for_each_database(|bench| {
        let user = RecordId::from_parts(1, 7);
        let attempt = || Request::new("k", &user, "hash").unwrap();
        let unit = |name: &str| NewRecord {
            values: values([("name", name.into())]),
            ..NewRecord::default()
        };
        let write = |store: &Store, name: &str, is_kept: bool| -> Result<(), StoreError> {
            store.write(&crate::bench::act("unit.add"), |w| {
                w.insert("unit", unit(name))?;
                if is_kept { Ok(()) } else { Err(StoreError::BadCursor) }
            })
        };
        let kept = || bench.read(|r| r.recall("k", &user));
        let first = attempt();
        let store = bench.store.in_request(first.clone());
        assert!(write(&store, "甲", false).is_err());
        assert_eq!(kept(), None, "refused work leaves no key");
        write(&store, "甲", true).unwrap();
        write(&store, "乙", true).expect("one attempt may write several times");
        assert!(kept().unwrap().is_pending);
        let second = attempt();
        let refused = write(&bench.store.in_request(second.clone()), "丙", true);
        assert!(matches!(refused, Err(StoreError::Repeated)), "{refused:?}");
        // Neither the second attempt nor a late forgetting moves the first one's key.
        bench.write("t.t", |w| w.forget(&second));
        bench.write("t.t", |w| w.answer(&first, "/here"));
        bench.write("t.t", |w| w.forget(&first));
        let answered = kept().unwrap();
        assert_eq!((answered.answer.as_str(), answered.is_pending), ("/here", false));
        assert_eq!(bench.read(|r| r.count(&Query::new("unit"))), 2);
    });
}

#[test]
fn settings_are_set_but_not_the_stores_own() {
    for_each_database(|bench| {
        bench.write("setting.set", |w| w.set_setting("county.name", "某县"));
        bench.write("setting.set", |w| w.set_setting("county.name", "某某县"));
        assert_eq!(bench.read(|r| r.setting("county.name")).as_deref(), Some("某某县"));
        let result: Result<(), StoreError> =
            bench.store.write(&act("setting.set"), |w| w.set_setting("store.keys", "x"));
        assert!(matches!(result, Err(StoreError::BadQuery(_))));
    });
}

#[test]
fn job_of_a_killed_worker_comes_back() {
    for_each_database(|bench| {
        let due = at("2026-11-22T08:00:00Z");
        let id = bench.write("job.ask", |w| w.enqueue("reminder", "{}", due, Some("daily")));
        let again = bench.write("job.ask", |w| w.enqueue("reminder", "{}", due, Some("daily")));
        assert_eq!(id, again);
        let take = |store: &Store, moment: &str| {
            let taken: Result<_, StoreError> =
                store.write(&act_at("job.take", moment), |w| w.take_due(at(moment), 60));
            taken.unwrap()
        };
        assert_eq!(take(&bench.store, "2026-11-22T07:59:59Z"), None);
        assert_eq!(take(&bench.store, "2026-11-22T08:00:00Z").unwrap().attempts, 1);
        assert_eq!(take(&bench.store, "2026-11-22T08:00:30Z"), None);
        // The worker dies here; another process opens the same database.
        let other = Store::open(bench.options(), bench.store.codebook().clone()).unwrap();
        let taken = take(&other, "2026-11-22T08:01:01Z").unwrap();
        assert_eq!((taken.id, taken.attempts, taken.state), (id.clone(), 2, JobState::Running));
        assert!(bench.write("job.step", |w| w.job_progress(&id, 3, 10, 60)));
        bench.write("job.end", |w| w.job_finish(&id, Some("ok")));
        let job = bench.read(|r| r.job(&id)).unwrap();
        assert_eq!((job.state, job.done, job.total), (JobState::Done, 3, 10));
        assert_eq!(take(&bench.store, "2026-11-23T08:00:00Z"), None);
        let next = bench.write("job.ask", |w| w.enqueue("reminder", "{}", due, Some("daily")));
        assert_ne!(id, next);
    });
}

#[test]
fn failed_job_waits_for_its_next_attempt() {
    for_each_database(|bench| {
        let due = at("2026-11-22T08:00:00Z");
        let id = bench.write("job.ask", |w| w.enqueue("export", "{}", due, None));
        let take = |moment: &str| bench.write("job.take", |w| w.take_due(at(moment), 60));
        assert!(take("2026-11-22T08:00:00Z").is_some());
        let retry = Some(at("2026-11-22T10:00:00Z"));
        bench.write("job.fail", |w| w.job_fail(&id, "S0001", retry));
        assert!(take("2026-11-22T09:00:00Z").is_none());
        assert!(take("2026-11-22T10:00:00Z").is_some());
        bench.write("job.fail", |w| w.job_fail(&id, "S0001", None));
        let job = bench.read(|r| r.job(&id)).unwrap();
        assert_eq!((job.state, job.message.as_deref()), (JobState::Failed, Some("S0001")));
        assert_eq!(bench.read(|r| r.jobs(Some("export"), 10)).len(), 1);
    });
}
