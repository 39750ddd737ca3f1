//! Reading ends soon, also for texts made to be slow.

use std::time::{Duration, Instant};

/// Pieces that, repeated, once made or could make some stage look back over all that came before.
const REPEATED: &[&str] = &[
    "1.问题。\n整改措施:一是改。\n责任单位:镇\n",
    "(一)方面\n",
    "12户",
    "甲5户、",
    "共9户,其中",
    "5户占8户的3%,",
    "由5户增加到8户,增加3户,",
    "一是抓好。",
    "1.",
    "1.户\n",
    "《",
    "“",
    "(",
    "<a",
    "百分之",
    "| 1 | 甲 | 乙 |\n",
    "| 1 ",
    "责任单位:\n",
    "针对“甲”的问题,一是改。\n",
    "反馈3个方面9个问题,",
    "2020年5月20日",
    "存在此类问题。",
    "第一章\n",
    "•甲\n",
];

/// Texts of a head and a piece repeated behind it.
const WITH_HEAD: &[(&str, &str)] = &[
    ("| 序号 | 问题 | 整改措施 | 责任单位 |\n", "| 一、资金方面 | | | |\n| 1 | 甲 | 乙 | 丙 |\n"),
    ("一、存在3个问题\n完成情况：已完成", "）"),
    ("一、存在3个问题\n责任单位：甲（", "）】"),
    ("一、甲\n", "1.存在3个问题，反馈个性问题2个。\n整改措施:一是改。\n"),
];

/// Length of the texts in scalars. A stage that looks back over every scalar that came before needs
/// minutes for it; the benchmark `reading` measures the exact growth.
const LENGTH: usize = 120_000;

/// No reading of such a text is allowed to take this long on a core; a tenth is usual.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time that this thread has spent on a core, so that a busy machine does not count; the clock on
/// the wall where the system does not say.
fn spent(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn check(name: &str, text: &str) {
    let start = Instant::now();
    let before = spent(start);
    let reading = taizhang_document::read("a", "a.txt", text);
    let faults = taizhang_document::lint(text, &reading);
    let taken = spent(start) - before;
    assert!(faults.len() >= reading.outline_defects.len());
    assert!(taken < PATIENCE, "`{name}` is read for {taken:?}");
}

#[test]
fn no_repeated_piece_makes_an_endless_reading() {
    for piece in REPEATED {
        check(piece, &piece.repeat(LENGTH / piece.chars().count()));
    }
    for (head, piece) in WITH_HEAD {
        check(piece, &(head.to_string() + &piece.repeat(LENGTH / piece.chars().count())));
    }
}

#[test]
fn numbers_and_blanks_without_end_make_no_endless_reading() {
    let keys: String = (1..LENGTH / 8).map(|n| format!("{}.1甲\n", n % 1800 + 1)).collect();
    check("a list of as many keys as members", &keys);
    let blanks = " ".repeat(LENGTH / 2) + &"1 户 ".repeat(LENGTH / 8);
    check("counts behind a line of blanks", &blanks);
    let sums = "共9户，其中甲5户、乙3户。\n".repeat(LENGTH / 16);
    check("sums that fail", &sums);
}
