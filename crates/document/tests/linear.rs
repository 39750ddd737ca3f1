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

/// Shortest of three readings of `piece` repeated to about `length` scalars.
fn duration(piece: &str, length: usize) -> Duration {
    let text = piece.repeat(length / piece.chars().count());
    let once = || {
        let start = Instant::now();
        let reading = taizhang_document::read("a", "a.txt", &text);
        assert!(reading.chars <= length);
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn time_grows_with_length_not_with_its_square() {
    for piece in REPEATED {
        let (short, long) = (duration(piece, 8_000), duration(piece, 64_000));
        // Eight times the text: linear is 8, quadratic 64. Short times are mostly noise.
        let limit = short.max(Duration::from_millis(2)) * 24;
        assert!(long <= limit, "`{piece}`: {short:?} grew to {long:?}");
    }
}
