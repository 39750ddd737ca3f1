//! The audit chain: every kind of tampering is found and located.

use crate::bench::{Bench, Random, act_at, at, finding, finding_with, for_each_database, values};
use sha2::{Digest, Sha256};
use taizhang_store::{AuditFilter, AuditReport, Change, NewRecord, RecordId, StoreError};

/// Mutations tried on each database; the nightly figure comes by `TAIZHANG_AUDIT_MUTATIONS`.
const MUTATIONS: u64 = 1000;

/// Sixty findings with edits, links, one deletion and lines of their own.
fn fill(bench: &Bench) {
    let measure = bench.insert(
        "measure",
        NewRecord { values: values([("text", "立即整改".into())]), ..NewRecord::default() },
    );
    for number in 0..60 {
        let new = finding_with(
            &format!("2026-{number:03}"),
            [("problem", "情况说明".into()), ("percent", number.into())],
        );
        let made = bench.insert("finding", new);
        if number % 3 == 0 {
            let change = Change {
                state: Some("registered".to_owned()),
                values: values([("topic", "funds".into())]),
                ..Change::default()
            };
            let mut act = act_at("finding.register", "2026-11-22T03:00:00Z");
            act.reason = Some("登记".to_owned());
            let done: Result<(), StoreError> = bench.store.write(&act, |w| {
                w.update("finding", &made.id, 1, change)?;
                w.link("finding", "measures", &made.id, &measure.id)?;
                w.audit("finding.print", &format!("finding/{}", made.id), "page")?;
                Ok(())
            });
            done.unwrap();
        }
        if number == 59 {
            bench.write("finding.delete", |w| w.delete("finding", &made.id, 1));
        }
    }
}

fn report(bench: &Bench) -> AuditReport {
    bench.store.audit_verify().unwrap()
}

#[test]
fn sound_store_has_no_faults() {
    for_each_database(|bench| {
        assert!(report(bench).is_sound());
        fill(bench);
        bench.store.anchor(at("2026-11-22T04:00:00Z")).unwrap();
        bench.insert("finding", finding("later"));
        let found = report(bench);
        assert_eq!(found.faults, []);
        assert_eq!((found.lines, found.head.sequence, found.anchors), (123, 123, 2));
        assert_eq!(found.head, bench.read(|r| r.audit_head()));
    });
}

#[test]
fn clock_steps_are_told_but_keep_the_order() {
    for_each_database(|bench| {
        let moments = ["2026-11-22T02:00:00Z", "2016-11-22T02:00:00Z", "2036-11-22T02:00:00Z"];
        for (number, moment) in moments.into_iter().enumerate() {
            let act = act_at("t.t", moment);
            let new = finding(&number.to_string());
            let made: Result<_, StoreError> = bench.store.write(&act, |w| w.insert("finding", new));
            made.unwrap();
        }
        let found = report(bench);
        assert!(found.is_sound());
        assert_eq!(found.clock_steps, [2]);
    });
}

#[test]
fn lines_are_listed_newest_first_by_filter() {
    for_each_database(|bench| {
        fill(bench);
        let list =
            |filter: &AuditFilter, after, limit| bench.read(|r| r.audit_list(filter, after, limit));
        let all = AuditFilter::default();
        let first = list(&all, None, 50);
        let second = list(&all, Some(first[49].sequence), 50);
        assert_eq!((first[0].sequence, second[0].sequence), (122, 72));
        let by_verb = AuditFilter { verb: Some("finding.print".to_owned()), ..all.clone() };
        assert_eq!(list(&by_verb, None, 100).len(), 20);
        let object = first[0].object.clone();
        let by_object = AuditFilter { object: Some(object), ..all.clone() };
        assert_eq!(list(&by_object, None, 100).len(), 2);
        let late = AuditFilter { from: Some(at("2026-11-22T03:00:00Z")), ..all.clone() };
        assert_eq!(list(&late, None, 100).len(), 60);
        let other = AuditFilter { actor: Some(RecordId::from_parts(9, 9)), ..all };
        assert!(list(&other, None, 100).is_empty());
    });
}

/// The hash that a line asks for, computed as an intruder without the keys would.
fn forged_hash(parts: &[Option<String>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        match part {
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
            None => hash.update([0]),
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One random mutation as SQL, and the numbers of which one at least must be reported.
fn mutation(bench: &Bench, random: &mut Random, last: i64) -> (String, Vec<i64>) {
    let line = random.number(1..=last);
    match random.number(0..=11) {
        0..=3 => {
            let edits = [
                "verb = verb || 'x'",
                "object = 'finding/x'",
                "reason = 'x'",
                "reason = CASE WHEN reason IS NULL THEN '' ELSE NULL END",
                "source = 'else'",
                "detail = detail || '.'",
                "actor = NULL",
                "version = COALESCE(version, 0) + 1",
                "commitments = '{\"title\":\"00\"}'",
                "previous = 'x'",
                "hash = 'x' || hash",
                "mac = 'x'",
            ];
            let edit = edits[random.number(0..=11) as usize];
            (format!("UPDATE store_audit SET {edit} WHERE sequence = {line}"), vec![line])
        }
        4 => {
            let line = line.min(last - 1);
            (format!("DELETE FROM store_audit WHERE sequence = {line}"), vec![line])
        }
        5 => {
            let until = (line + random.number(0..=5)).min(last - 1);
            let from = line.min(until);
            let sql = format!("DELETE FROM store_audit WHERE sequence BETWEEN {from} AND {until}");
            (sql, (from..=until).collect())
        }
        6 => {
            let other = if line == last { 1 } else { line + 1 };
            let sql = format!(
                "UPDATE store_audit SET sequence = -1 WHERE sequence = {line}; \
                 UPDATE store_audit SET sequence = {line} WHERE sequence = {other}; \
                 UPDATE store_audit SET sequence = {other} WHERE sequence = -1;"
            );
            (sql, vec![line, other])
        }
        7 => {
            let sql = format!(
                "INSERT INTO store_audit SELECT {} , at, actor, verb, object, version, reason, \
                 source, detail, commitments, previous, hash, mac FROM store_audit \
                 WHERE sequence = {line}",
                last + 1
            );
            (sql, vec![last + 1])
        }
        8 => {
            let sql = format!(
                "UPDATE store_audit SET sequence = -sequence - 1 WHERE sequence > {line}; \
                 UPDATE store_audit SET sequence = -sequence WHERE sequence < 0; \
                 INSERT INTO store_audit SELECT {}, at, actor, verb, object, version, reason, \
                 source, detail, commitments, previous, hash, mac FROM store_audit \
                 WHERE sequence = {line};",
                line + 1
            );
            (sql, vec![line + 1])
        }
        9 => (rewritten_suffix(bench, line), vec![line]),
        10 => {
            let line = line.max(2);
            (format!("DELETE FROM store_audit WHERE sequence >= {line}"), vec![line])
        }
        _ => cut_with_old_head(line.max(2)),
    }
}

/// The tail is cut and an old head put back, as from an old copy: only the anchor tells.
fn cut_with_old_head(line: i64) -> (String, Vec<i64>) {
    let sql = format!(
        "DELETE FROM store_audit WHERE sequence >= {line}; \
         UPDATE store_head SET sequence = {0}, hash = (SELECT hash FROM store_audit \
         WHERE sequence = {0}), mac = (SELECT mac FROM head_copy WHERE sequence = {0}); \
         DELETE FROM store_setting WHERE name LIKE 'store.anchor%';",
        line - 1
    );
    (sql, vec![line])
}

/// All lines from one on get another source and hashes that fit, but seals cannot be made.
fn rewritten_suffix(bench: &Bench, from: i64) -> String {
    let all = AuditFilter::default();
    let mut lines = bench.read(|r| r.audit_list(&all, None, 1000));
    lines.reverse();
    let mut sql = String::new();
    let mut previous = String::new();
    let last = lines.len();
    for (place, line) in lines.iter().enumerate() {
        if line.sequence < from {
            previous = line.hash.clone();
            continue;
        }
        let text = |text: &str| Some(text.to_owned());
        let hash = forged_hash(&[
            text(&previous),
            text(&line.sequence.to_string()),
            text(&format!("{:.6}", line.at)),
            line.actor.as_ref().map(ToString::to_string),
            text(&line.verb),
            text(&line.object),
            line.version.map(|version| version.to_string()),
            line.reason.clone(),
            text("forged"),
            text(&line.detail),
            text(&serde_json::to_string(&line.commitments).unwrap()),
        ]);
        sql.push_str(&format!(
            "UPDATE store_audit SET source = 'forged', previous = '{previous}', hash = '{hash}' \
             WHERE sequence = {};",
            line.sequence
        ));
        if place + 1 == last {
            sql.push_str(&format!("UPDATE store_head SET hash = '{hash}';"));
        }
        previous = hash;
    }
    sql
}

#[test]
fn random_tampering_with_lines_is_found_and_located() {
    let budget = std::env::var("TAIZHANG_AUDIT_MUTATIONS").ok().and_then(|text| text.parse().ok());
    let count: u64 = budget.unwrap_or(MUTATIONS);
    for_each_database(|bench| {
        fill_with_heads(bench);
        bench.store.anchor(at("2026-11-22T04:00:00Z")).unwrap();
        let last = bench.read(|r| r.audit_head()).sequence;
        bench.tamper(
            "CREATE TABLE audit_copy AS SELECT * FROM store_audit; \
             CREATE TABLE top_copy AS SELECT * FROM store_head; \
             CREATE TABLE setting_copy AS SELECT * FROM store_setting;",
        );
        let mut random = Random::new(7);
        // PostgreSQL pays a connection for each tampering; the chain is checked by the same code.
        let count = if bench.is_postgres() { count / 10 } else { count };
        for number in 0..count {
            let (sql, places) = mutation(bench, &mut random, last);
            bench.tamper(&sql);
            let found = report(bench);
            let located = found.faults.iter().any(|fault| places.contains(&fault.sequence));
            assert!(located, "mutation {number}: {sql}\n{places:?}\n{:?}", found.faults);
            bench.tamper(
                "DELETE FROM store_audit; INSERT INTO store_audit SELECT * FROM audit_copy; \
                 DELETE FROM store_head; INSERT INTO store_head SELECT * FROM top_copy; \
                 DELETE FROM store_setting; INSERT INTO store_setting SELECT * FROM setting_copy;",
            );
        }
        assert!(report(bench).is_sound());
    });
}

/// A filled store that also kept every head it had, as an intruder with old copies would.
fn fill_with_heads(bench: &Bench) {
    bench.tamper("CREATE TABLE head_copy (sequence BIGINT, mac TEXT)");
    let keep = || {
        bench.tamper("INSERT INTO head_copy SELECT sequence, mac FROM store_head");
    };
    for number in 0..40 {
        let made = bench.insert("finding", finding(&format!("2026-{number:03}")));
        keep();
        let change = Change { values: values([("percent", 5.into())]), ..Change::default() };
        bench.write("finding.report", |w| w.update("finding", &made.id, 1, change));
        keep();
    }
}

#[test]
fn tampering_with_records_is_found_and_located() {
    for_each_database(|bench| {
        fill(bench);
        let all = bench.read(|r| r.list(&taizhang_store::Query::new("finding").limit(3))).records;
        let (unlinked, id) = (&all[0].id, &all[1].id);
        bench.tamper(
            "CREATE TABLE finding_copy AS SELECT * FROM finding; \
             CREATE TABLE history_copy AS SELECT * FROM finding_history; \
             CREATE TABLE link_copy AS SELECT * FROM finding_measures;",
        );
        let cases = [
            format!("UPDATE finding SET percent = 100 WHERE id = '{id}'"),
            format!("UPDATE finding SET state = 'closed' WHERE id = '{id}'"),
            format!("UPDATE finding SET deleted_at = updated_at WHERE id = '{id}'"),
            format!("UPDATE finding SET updated_by = NULL WHERE id = '{id}'"),
            format!("UPDATE finding_history SET percent = 100 WHERE id = '{id}'"),
            format!("UPDATE finding_history SET act_reason = '补录' WHERE id = '{id}'"),
            format!("UPDATE finding_history SET act_actor = NULL WHERE id = '{id}'"),
            format!(
                "UPDATE finding_history SET act_at = created_at, act_source = 'x' WHERE id = '{id}'"
            ),
            format!("DELETE FROM finding_history WHERE id = '{id}'"),
            format!(
                "UPDATE finding SET topic = 'x' WHERE id = '{id}'; UPDATE finding_history SET topic = 'x' WHERE id = '{id}'"
            ),
            format!("UPDATE finding_history SET act_changed = '[]' WHERE id = '{id}'"),
            format!(
                "DELETE FROM finding_measures WHERE from_id <> '{id}'; DELETE FROM finding WHERE id = '{id}'"
            ),
            "DELETE FROM finding_measures".to_owned(),
            format!(
                "INSERT INTO finding_measures SELECT '{unlinked}', to_id, 1 FROM finding_measures LIMIT 1"
            ),
        ];
        for sql in &cases {
            bench.tamper(sql);
            let found = report(bench);
            let meant =
                |object: &str| object.contains(id.as_str()) || sql.contains("finding_measures");
            assert!(found.faults.iter().any(|fault| meant(&fault.object)), "{sql} {found:?}");
            bench.tamper(
                "DELETE FROM finding_measures; DELETE FROM finding_history; DELETE FROM finding; \
                 INSERT INTO finding SELECT * FROM finding_copy; \
                 INSERT INTO finding_history SELECT * FROM history_copy; \
                 INSERT INTO finding_measures SELECT * FROM link_copy;",
            );
        }
        assert_eq!(report(bench).faults, []);
    });
}

#[test]
fn edited_anchor_file_is_found() {
    for_each_database(|bench| {
        fill(bench);
        bench.store.anchor(at("2026-11-22T04:00:00Z")).unwrap();
        let path = bench.directory.path().join("audit-head.txt");
        let text = std::fs::read_to_string(&path).unwrap();
        for changed in [text.replacen("122 ", "121 ", 1), "nonsense".to_owned()] {
            std::fs::write(&path, changed).unwrap();
            assert!(!report(bench).is_sound());
        }
        std::fs::write(&path, text).unwrap();
        assert!(report(bench).is_sound());
    });
}

#[test]
fn no_effect_without_its_audit_line() {
    for_each_database(|bench| {
        let made = bench.insert(
            "user",
            NewRecord {
                values: values([("login", "zhou".into()), ("phone", "13900001111".into())]),
                ..NewRecord::default()
            },
        );
        // With the audit table out of order, writes and reveals fail as a whole.
        bench.tamper("ALTER TABLE store_audit RENAME TO store_audit_gone");
        let act = act_at("t.t", "2026-11-22T04:00:00Z");
        let insert: Result<_, StoreError> =
            bench.store.write(&act, |w| w.insert("finding", finding("1")));
        assert!(insert.is_err());
        let reveal: Result<_, StoreError> =
            bench.store.write(&act, |w| w.reveal("user", &made.id, "phone", "x"));
        assert!(reveal.is_err());
        bench.tamper("ALTER TABLE store_audit_gone RENAME TO store_audit");
        assert_eq!(bench.number("SELECT COUNT(*) FROM finding"), 0);
        assert!(report(bench).is_sound());
    });
}
