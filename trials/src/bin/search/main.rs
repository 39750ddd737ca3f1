//! One person searching the ledger, over data that `load --keep DIR` left behind.
//!
//! `search DIR [--database URL] [--rounds N] [--seed N]` opens the store in this process and asks
//! for ledger pages with a text, no text twice, so that no count is remembered; prints the times by
//! kind of text.
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use taizhang_service::work::LedgerFilter;
use taizhang_service::{OpenOptions, Service, SystemClock};
use trials::Outcome;
use trials::percentiles_ms;
use trials::random::Random;

fn main() -> Outcome<()> {
    let mut open = OpenOptions::default();
    let (mut rounds, mut seed) = (40, Random::any_seed());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--database" => open.database_url = words.next(),
            "--rounds" => rounds = words.next().ok_or("a number is missing")?.parse()?,
            "--seed" => seed = words.next().ok_or("a number is missing")?.parse()?,
            folder => open.data_dir = PathBuf::from(folder).join("data"),
        }
    }
    let service = Service::open(&open, Arc::new(SystemClock))?;
    println!("search: {rounds} rounds, seed {seed}, {:?}", service.store());
    let mut random = Random::new(seed);
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for round in 0..rounds {
        for login in ["trial-0", "trial-3", "trial-14"] {
            let caller = service.caller_by_login(login, "trial")?;
            for (kind, text) in texts(&mut random, round) {
                let filter = LedgerFilter { text: Some(text), ..LedgerFilter::default() };
                let start = Instant::now();
                service.ledger_list(&caller, &filter)?;
                times.entry(kind).or_default().push(start.elapsed());
            }
        }
    }
    let mut all: Vec<Duration> = times.values().flatten().copied().collect();
    println!("{:<14} {:>6} {:>8} {:>8} {:>8}", "text", "count", "p50 ms", "p95", "max");
    for (kind, times) in &mut times {
        line(kind, times);
    }
    line("all", &mut all);
    Ok(())
}

/// Texts of each kind. The greater the share of rows that hold one, the dearer it is to count.
fn texts(random: &mut Random, round: usize) -> Vec<(&'static str, String)> {
    let rare = ["饮水", "路灯", "低保", "危房", "医保", "产业", "公示", "档案"];
    let word = random.pick(&rare).copied().unwrap_or_default();
    let households = random.below(613);
    vec![
        ("number", format!("T-0{:04}", random.below(10_000))),
        ("number head", format!("T-0{:02}", random.below(100))),
        ("household", format!("涉及{households}户，")),
        ("sentence", format!("户，村民反映{}次。第{round}", random.below(7))),
        ("word", format!("{word}管理不到位")),
        ("two letters", word.to_owned()),
        (
            "everywhere",
            ["村民", "反映", "管理", "不到位"].get(round % 4).copied().unwrap_or("第").to_owned(),
        ),
        ("nowhere", format!("养蜂{round}")),
    ]
}

fn line(kind: &str, times: &mut [Duration]) {
    let [p50, p95, most] = percentiles_ms(times, [50, 95, 100]);
    let count = times.len();
    println!("{kind:<14} {count:>6} {p50:>8.1} {p95:>8.1} {most:>8.1}");
}
