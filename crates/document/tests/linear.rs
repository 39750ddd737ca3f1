//! Reading takes time linear in the length of the text, also for texts made to be slow.

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

/// Time of one reading of `piece` repeated to about `length` scalars.
fn duration(piece: &str, length: usize) -> Duration {
    let text = piece.repeat(length / piece.chars().count());
    let start = Instant::now();
    let reading = taizhang_document::read("a", "a.txt", &text);
    assert!(reading.chars <= length);
    start.elapsed()
}

#[test]
fn time_grows_with_length_not_with_its_square() {
    for piece in REPEATED {
        let short = (0..3).map(|_| duration(piece, 4_000)).min().unwrap();
        // Eight times the text: linear is 8, quadratic 64. Short times are mostly noise, and other
        // work on the machine may slow one reading down, so a slow one has two more tries.
        let limit = short.max(Duration::from_millis(2)) * 24;
        let quick = (0..3).any(|_| duration(piece, 32_000) <= limit);
        assert!(quick, "`{piece}`: {short:?} grew to more than {limit:?}");
    }
}
