//! What is said about names, folders and files that are not there.

use std::path::Path;
use std::process::{Command, Output};

fn taizhang(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taizhang"));
    command.args(arguments).env_remove("TAIZHANG_DATABASE").env_remove("TAIZHANG_DATA");
    command.output().unwrap()
}

fn words(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// Runs a command in both languages: how it ends, and what it says in each.
fn check(arguments: &[&str], code: i32, zh: &str, en: &str) {
    for (language, wanted) in [("zh", zh), ("en", en)] {
        let said = taizhang(&[arguments, &["--language", language]].concat());
        let words = words(&said);
        assert!(words.contains(wanted), "{arguments:?}: no `{wanted}` in\n{words}");
        assert_eq!(said.status.code(), Some(code), "{arguments:?}: {words}");
    }
}

fn county(folder: &Path) -> String {
    let county = folder.join("county").display().to_string();
    let made = taizhang(&[
        "generate",
        "--preset",
        "county",
        "--households",
        "60",
        "--seed",
        "3",
        "--faults",
        "0.1",
        "--out",
        &county,
    ]);
    assert!(made.status.success(), "{}", words(&made));
    county
}

#[test]
fn wrong_names_are_told_with_the_nearest() {
    check(&["rule", "explain", "ARC-00"], 4, "最近的是`ARC-001`", "the nearest is `ARC-001`");
    check(&["rule", "explain", "QQQ-999"], 4, "taizhang rule list", "`taizhang rule list`");
    check(&["rule", "explain", "--program", "persn"], 4, "最近的是`person`", "nearest is `person`");
    check(&["rule", "list", "--ledger", "persn"], 4, "最近的是`person`", "nearest is `person`");
    check(&["rule", "list", "--codebook", "no-such"], 1, "没有码本目录", "no codebook folder");
    check(&["codebook", "check", "no-such"], 1, "没有码本目录", "no codebook folder");
    let lower = words(&taizhang(&["rule", "explain", "arc-003"]));
    assert!(lower.starts_with("ARC-003 "), "{lower}");
    let listed = words(&taizhang(&["rule", "list", "--ledger", "person", "--language", "en"]));
    for told in [
        " Labour skill under sixteen",
        "rules: Completeness ",
        "  R   Published check scripts",
        " Blocker Validity            person ",
    ] {
        assert!(listed.contains(told), "{told}: {listed}");
    }
    let explained = words(&taizhang(&["rule", "explain", "MON-031", "--language", "en"]));
    for told in
        ["\n  R   Published check scripts of a county (Guizhou): scripts 5_18_001", "To mend: "]
    {
        assert!(explained.contains(told), "{told}: {explained}");
    }
    let explained = words(&taizhang(&["rule", "explain", "MON-031", "--language", "zh"]));
    assert!(explained.contains("\n  S1  乡镇在县退出评估后的整改方案（2020年）"), "{explained}");
    assert!(explained.contains("监测对象 · 跨台账 · 高 · "), "{explained}");
    let explained = words(&taizhang(&["rule", "explain", "INC-001", "--language", "en"]));
    assert!(explained.contains(" 1.00 yuan (a sum may be 1 yuan off)"), "{explained}");
}

/// Rule and message of each row of a file of doubts.
fn told(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let rows = text.trim_end().split("\r\n").skip(1);
    rows.map(|row| {
        let (_, message) = row.rsplit_once(",\"").unwrap();
        (row.split('"').nth(1).unwrap().to_owned(), message.trim_end_matches('"').to_owned())
    })
    .collect()
}

#[test]
fn files_of_doubts_say_what_was_found_in_the_language_of_their_reader() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let run = |language: &str, more: &[&str]| {
        let file = folder.path().join(format!("{language}.csv"));
        let out = file.display().to_string();
        let wanted = ["check", "run", "--snapshot", &county, "--out", &out, "--language", language];
        let said = taizhang(&[wanted.as_slice(), more].concat());
        assert!(said.status.success(), "{}", words(&said));
        told(&file)
    };
    let codebook = taizhang_codebook::Codebook::embedded("rural").unwrap();
    let [zh, en] = ["zh", "en"].map(|language| run(language, &[]));
    assert!(zh.len() > 100 && zh.len() == en.len(), "{} {}", zh.len(), en.len());
    let mut with_values = 0;
    for ((code, zh), (_, en)) in zh.iter().zip(&en) {
        let rule = taizhang_rules::compile(&codebook, &codebook.rules[code]).unwrap();
        assert_eq!(taizhang_rules::retold(&codebook, &rule.message, zh).as_ref(), Some(en));
        with_values += usize::from(!rule.message.values.is_empty());
    }
    assert!(with_values > 5, "{with_values}");
    for (code, told) in run("en", &["--no-values"]) {
        let rule = &codebook.rules[&code];
        assert!(
            told == rule.title(taizhang_diagnostics::Language::En) || en.contains(&(code, told))
        );
    }
}

#[test]
fn options_that_no_run_could_follow_are_refused_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let snapshot = ["check", "run", "--snapshot", &county, "--rule", "arc-003"];
    let run = |more: &[&'static str]| -> Vec<String> {
        snapshot.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let told = |more: &[&'static str], code, zh, en| {
        let words = run(more);
        check(&words.iter().map(String::as_str).collect::<Vec<_>>(), code, zh, en);
    };
    told(&["--out", "doubts.txt"], 1, "扩展名写 parquet", "end the name with .parquet");
    told(&["--out", "no-such/doubts.csv"], 4, "没有目录`no-such`", "no folder `no-such`");
    told(&["--region", "abc"], 1, "不是区划代码", "is no region code");
    told(&["--region", "880101"], 0, "没有一条记录被核对", "no record was judged");
    told(&["--rule", "ARC-00"], 1, "最近的是`ARC-001`", "nearest is `ARC-001`");
    told(&["--as-of", "2025-13-01"], 1, "日期写成", "write the date as");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let empty = empty.display().to_string();
    for command in [vec!["check", "run"], vec!["rule", "try", "true", "--ledger", "person"]] {
        let in_empty = [command.as_slice(), &["--snapshot", &empty]].concat();
        check(&in_empty, 4, "里没有快照", "holds no snapshot");
        let nowhere = [command.as_slice(), &["--snapshot", "no-such"]].concat();
        check(&nowhere, 4, "没有`no-such`", "there is no `no-such`");
    }
    let without = ["check", "run", "--data", &empty];
    check(&without, 4, "没有台账数据", "holds no data");
}

#[test]
fn a_condition_that_is_tried_shows_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let tried = ["rule", "try", "size(name) > 1 && sex == 'male'", "--ledger", "person"];
    let said = taizhang(&[tried.as_slice(), &["--snapshot", &county]].concat());
    let said = words(&said);
    assert!(said.contains(r#""sex":"male""#) && !said.contains("name"), "{said}");
    let tried = ["rule", "try", "visits.exists(v, v.visitor == collector_name)"];
    let more = ["--ledger", "household", "--language", "en", "--snapshot", &county];
    let said = words(&taizhang(&[tried.as_slice(), &more].concat()));
    let blank = said.lines().find(|line| line.contains("of the undecided, ")).unwrap_or_default();
    assert!(blank.ends_with(" have a blank `collector_name`"), "{said}");
    let tried = ["rule", "try", "max(loans, l, l.amount) > yuan(1)"];
    let said = words(&taizhang(&[tried.as_slice(), &more].concat()));
    assert!(said.contains("no field is blank: `min`, `max`"), "{said}");
    // That no field is blank is told only if each could be asked for.
    let tried = ["rule", "try", "max(same(head_name), o, o.population) > 1"];
    let said = words(&taizhang(&[tried.as_slice(), &more].concat()));
    assert!(said.contains(" undecided ") && !said.contains("no field is blank"), "{said}");
    let tried = ["rule", "try", "visits.exists(v, v.visitor == collector_name) // a remark"];
    let said = words(&taizhang(&[tried.as_slice(), &more].concat()));
    assert!(said.contains(" have a blank `collector_name`"), "{said}");
}
