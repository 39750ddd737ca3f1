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

/// Length of the texts in scalars. A stage that looks back over all that came before needs minutes
/// for it; the benchmark `reading` measures the exact growth.
const LENGTH: usize = 120_000;

/// No reading of such a text is allowed to take this long; a tenth is usual on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn no_repeated_piece_makes_an_endless_reading() {
    for piece in REPEATED {
        let text = piece.repeat(LENGTH / piece.chars().count());
        let start = Instant::now();
        let reading = taizhang_document::read("a", "a.txt", &text);
        assert!(reading.chars <= LENGTH);
        assert!(start.elapsed() < PATIENCE, "`{piece}` is read for longer than {PATIENCE:?}");
    }
}
