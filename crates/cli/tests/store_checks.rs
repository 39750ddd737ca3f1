//! Rules over the store itself: its snapshots by hand, a run, a condition tried.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use taizhang_service::{OpenOptions, Service, SystemClock};

/// The command over a data directory.
fn taizhang(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taizhang"));
    command.args(arguments).arg("--data").arg(data).args(["--language", "en"]);
    command.env_remove("TAIZHANG_DATABASE").output().unwrap()
}

fn json(output: &Output) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Violations by rule, of a run's summary.
fn violations(run: &Value) -> Vec<(String, u64)> {
    let rules = run["rules"].as_array().unwrap();
    let count = |rule: &Value| {
        (rule["rule"].as_str().unwrap().to_owned(), rule["violates"].as_u64().unwrap())
    };
    rules.iter().map(count).collect()
}

#[test]
fn rules_run_over_the_store_by_way_of_its_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nothing = taizhang(&data, &["check", "run"]);
    assert_eq!(nothing.status.code(), Some(4), "there is no store");
    assert!(!data.exists(), "and none is made");

    let options = OpenOptions { data_dir: data.clone(), ..OpenOptions::default() };
    let service = Service::open(&options, Arc::new(SystemClock)).unwrap();
    service.build_demo().unwrap();
    let (rules, today) = (service.codebook().rules.len(), service.today().to_string());
    drop(service);

    let made = json(&taizhang(&data, &["snapshot", "create", "--json"]));
    let again = json(&taizhang(&data, &["snapshot", "create", "--json"]));
    assert_eq!(made[0]["name"], again[0]["name"], "the same state");
    let listed = json(&taizhang(&data, &["snapshot", "list", "--json"]));
    assert_eq!(listed.as_array().unwrap().last(), Some(&made[0]));

    let run = json(&taizhang(&data, &["check", "run", "--json"]));
    let found = violations(&run);
    let total: u64 = found.iter().map(|(_, count)| count).sum();
    assert!(found.len() >= rules - 5 && total > 100, "{} rules, {total}", found.len());
    for part in ["absent", "left_out", "sorted"] {
        assert_eq!(run[part], Value::Array(Vec::new()), "{part}");
    }
    let directory = made[0]["directory"].as_str().unwrap();
    let named = json(&taizhang(&data, &["check", "run", "--json", "--snapshot", directory]));
    assert_eq!(violations(&named), found);
    let dated = json(&taizhang(&data, &["check", "run", "--json", "--as-of", &today]));
    assert_eq!(violations(&dated), found);
    let early = taizhang(&data, &["check", "run", "--as-of", "2020-01-01"]);
    assert_eq!(early.status.code(), Some(4), "before the first snapshot");

    let tried = ["rule", "try", "has(birth_date)", "--ledger", "person", "--json"];
    let tried = json(&taizhang(&data, &tried));
    assert!(tried["counts"]["violates"].as_u64().unwrap() > 100, "{tried}");
    assert_eq!(tried["first"].as_array().unwrap().len(), 10);
    let blind = ["rule", "try", "name.contains('某')", "--ledger", "person"];
    let blind = taizhang(&data, &blind);
    assert_eq!(blind.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&blind.stderr).contains("docs/rules.md"), "{blind:?}");
}
