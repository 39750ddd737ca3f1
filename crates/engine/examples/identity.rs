//! Processor nanoseconds an identity number for each fact, alone and all in one pass, over raw
//! numbers of which one in fifty is damaged.
//!
//! `cargo run --release -p taizhang-engine --example identity`

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::io::Write;
use taizhang_engine::column::Texts;
use taizhang_engine::kernel;
use taizhang_program::Fact;

/// Numbers of a pass.
const COUNT: u32 = 1 << 20;

/// Passes of which the median is told.
const PASSES: usize = 15;

const FACTS: [Fact; 10] = [
    Fact::Valid,
    Fact::Length,
    Fact::Birth,
    Fact::Sex,
    Fact::Region,
    Fact::Class,
    Fact::Level,
    Fact::Placeholder,
    Fact::Holder,
    Fact::PersonKey,
];

/// Processor nanoseconds of this thread so far.
fn processor_nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// The number of a person of division 990001, which is assigned to no place.
fn number(person: u32) -> String {
    let (year, month, day) = (1930 + person % 90, 1 + person % 12, 1 + person / 7 % 28);
    let head = format!("990001{year:04}{month:02}{day:02}{:03}", person / 31 % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = head.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    let check = b"10X98765432".get((sum % 11) as usize).copied().unwrap_or(b'0');
    match person % 50 {
        7 => format!("{head}{}", check % 7),
        _ => format!("{head}{}", char::from(check)),
    }
}

/// The median over the passes, in nanoseconds a number.
fn median(mut pass: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..PASSES)
        .map(|_| {
            let before = processor_nanoseconds();
            pass();
            (processor_nanoseconds() - before) / f64::from(COUNT)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(PASSES / 2).copied().unwrap_or(0.0)
}

fn main() -> std::io::Result<()> {
    let numbers: Vec<String> = (0..COUNT).map(number).collect();
    let texts = Texts::plain(numbers.iter().map(|number| Some(number.as_bytes())));
    let gaps = (0..).zip(&numbers).map(|(row, number)| (row % 20 > 0).then_some(number.as_bytes()));
    let with_gaps = Texts::plain(gaps);
    let mut out = std::io::stdout().lock();
    let valid = median(|| {
        black_box(kernel::fact(black_box(&texts), Fact::Valid));
    });
    writeln!(out, "the check (id_valid), 18 characters each: {valid:.1} ns a number")?;
    let valid = median(|| {
        black_box(kernel::fact(black_box(&with_gaps), Fact::Valid));
    });
    writeln!(out, "the check, one in twenty missing: {valid:.1} ns a number")?;
    for fact in FACTS {
        let spent = median(|| {
            black_box(kernel::fact(black_box(&with_gaps), fact));
        });
        writeln!(out, "{fact:?} alone: {spent:.1} ns")?;
    }
    let all = median(|| {
        black_box(kernel::facts(black_box(&with_gaps), &FACTS));
    });
    writeln!(out, "all {} facts in one pass: {all:.1} ns", FACTS.len())
}
