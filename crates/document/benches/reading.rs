//! Documents per second of the text stage, over generated text of the size of a real report:
//! `cargo bench -p taizhang-document`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::Instant;

use taizhang_document::read;

/// Length of the generated document in scalars, that of the longest reference document.
const LENGTH: usize = 11_000;
/// Length of the one long document, about 5 MB in UTF-8.
const LONG_LENGTH: usize = 1_700_000;
/// Readings per measurement.
const ROUNDS: u32 = 500;

/// A report with findings until it has `length` scalars.
fn report(length: usize) -> String {
    let mut text = String::from("青禾镇关于专项检查反馈问题整改情况的报告\n\n县农业农村局：\n\n");
    text.push_str(
        "根据《青禾县整改工作方案》（青农组〔2021〕3号）要求，现将整改情况报告如下：\n\n",
    );
    let mut chars = text.chars().count();
    let mut number = 0;
    while chars < length {
        number += 1;
        let block = finding(number);
        chars += block.chars().count();
        text.push_str(&block);
    }
    text.push_str("青禾镇人民政府\n2021年12月9日\n");
    text
}

/// One heading in ten, then one finding.
fn finding(number: usize) -> String {
    let mut out = String::new();
    if number % 10 == 1 {
        out.push_str("一、反馈问题整改情况\n（一）政策落实方面\n");
    }
    out.push_str(&format!(
        "{number}．资料归集不规范。（1）部分村户档资料缺项漏项较多，涉及{}户{}人；（2）信息录入不及时。\n\
         整改措施：一是组织驻村工作队逐户核对资料，补齐缺失材料{}份，做到账实相符、底数清楚；\
         二是开展业务培训2场，培训村级信息员86人次，确保“应录尽录”；三是建立月调度制度，对进度滞后的村通报约谈。\n\
         责任单位：镇乡村振兴办、各村（社区）；责任人：包村干部；整改时限：2021年9月30日前，并长期坚持；完成情况：已完成\n",
        number + 3,
        number * 3 + 7,
        number * 2 + 11,
    ));
    out
}

/// Seconds this process has spent on a core; the clock on the wall where the system does not say.
fn cpu_seconds(start: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanos = spent.and_then(|s| s.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn main() {
    let text = report(LENGTH);
    let warm = read("warm", "warm.txt", &text);
    println!(
        "{} scalars, {} findings, {} figures",
        warm.chars,
        warm.findings.len(),
        warm.figures.len()
    );
    let start = Instant::now();
    let before = cpu_seconds(start);
    for _ in 0..ROUNDS {
        std::hint::black_box(read("bench", "bench.txt", std::hint::black_box(&text)));
    }
    let seconds = cpu_seconds(start) - before;
    println!("{:.0} documents per second and core", f64::from(ROUNDS) / seconds);

    let long = report(LONG_LENGTH);
    let before = cpu_seconds(start);
    let reading = read("long", "long.txt", &long);
    println!(
        "{:.1} MB, {} findings in {:.2} s",
        long.len() as f64 / 1e6,
        reading.findings.len(),
        cpu_seconds(start) - before
    );
}
