//! Any text is read: no panic, spans inside the text, the same text the same reading.

use proptest::prelude::*;
use taizhang_document::source::Source;

/// Pieces from which texts are put together that come close to real ones.
const PIECES: &[&str] = &[
    "一、",
    "二、",
    "(一)",
    "（二）",
    "1.",
    "2.",
    "3、",
    "①",
    "②",
    "•",
    "(1)",
    "一是",
    "二是",
    "第一，",
    "整改措施：",
    "整改情况\n",
    "牵头单位：",
    "责任单位:",
    "责 任 人：",
    "整改时限：",
    "完成情况：",
    "存在问题：",
    "县民政局",
    "镇党建办、各村（社区）",
    "**",
    "×",
    "&nbsp;",
    "立行立改，长期坚持",
    "2020年5月20日前",
    "5月底",
    "已完成",
    "我村不存在此类问题",
    "存在此类情况。",
    "台账不规范",
    "底数不清；",
    "。",
    "，",
    "；",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "　　",
    "|",
    "| 序号 | 问题 | 整改措施 |\n",
    "| 1 | 不足 | 补齐 |\n",
    "\t",
    "共12户，其中",
    "5户",
    "7人",
    "31.8万元",
    "占",
    "80%",
    "《",
    "》",
    "“",
    "”",
    "〔2020〕9号",
    "<p>",
    "</p>",
    "<br/>",
    "《办法》",
    "由10户增加到",
    "针对“",
    "”的问题，",
    "【已整改】",
    "(",
    ")",
    "999999999999999999",
    "百分之九十",
    "万亿",
    "１２．５％",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{0,8}",
    ];
    proptest::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_span_lies_in_the_text(text in text()) {
        let source = Source::new(&text);
        let reading = taizhang_document::read("a", "a.txt", &text);
        prop_assert_eq!(reading.chars, source.len());
        for figure in &reading.figures {
            prop_assert_eq!(&source.text(figure.span), &figure.raw);
        }
        for finding in &reading.findings {
            prop_assert!(finding.span.end <= source.len());
            for problem in &finding.problems {
                prop_assert_eq!(&source.text(problem.span), &problem.text);
            }
            for measure in &finding.measures {
                prop_assert_eq!(&source.text(measure.span), &measure.text);
            }
        }
        let faults = taizhang_document::lint(&text, &reading);
        prop_assert!(faults.len() >= reading.outline_defects.len());
    }

    #[test]
    fn reading_twice_gives_the_same(text in text()) {
        let read = || serde_json::to_string(&taizhang_document::read("a", "a.txt", &text)).unwrap();
        prop_assert_eq!(read(), read());
    }
}
