//! Rule text → program: whatever the text is, the answer is a rule or faults; its typed form is
//! the same when it is resolved again; it compiles to a program that can be written down and read
//! again; and program and interpreter say the same of every record of a small county.
//!
//! The first line may name the ledger; without a ledger's name the whole text is about a household.
#![no_main]

// The county and the two ways to judge it are those of the engine's own tests.
#[allow(dead_code)]
#[path = "../../../engine/tests/data.rs"]
mod data;
#[allow(dead_code)]
#[path = "../../../engine/tests/support.rs"]
mod support;

use data::{Random, Records};
use libfuzzer_sys::{Corpus, fuzz_target};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use support::{Outcomes, compare, outcomes};
use taizhang_codebook::Codebook;
use taizhang_engine::run::{DoubtChunk, Options, run};
use taizhang_engine::snapshot::{Sensitive, Snapshot};
use taizhang_program::Program;
use taizhang_rules::{Context, EXAMPLE_DAY, MemoryRows, Outcome, RowId, Rule, judge, trial};

/// Worst-case cost beyond which a rule is judged by the program alone: the county is small, but
/// the fuzzer shall see many rules.
const COST_COMPARED: u64 = 2_000_000;

static CODEBOOK: LazyLock<Codebook> =
    LazyLock::new(|| Codebook::embedded("rural").unwrap_or_else(|faults| panic!("{faults:?}")));

static COUNTY: LazyLock<County> = LazyLock::new(County::new);

/// The same records in memory and as a snapshot.
struct County {
    records: Records,
    rows: MemoryRows,
    ids: Vec<RowId>,
    snapshot: Snapshot,
    _folder: tempfile::TempDir,
}

impl County {
    fn new() -> Self {
        let records = Records::random(&CODEBOOK, &mut Random(20), 6);
        let (rows, ids) = records.memory(&CODEBOOK);
        let memory = Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.unwrap();
        records.write(&CODEBOOK, folder.path(), Sensitive::Plain, 1);
        let snapshot = Snapshot::open(folder.path()).unwrap();
        Self { records, rows, ids, snapshot, _folder: folder }
    }

    fn interpreted(&self, rule: &Rule) -> Outcomes {
        let context = Context::new(&CODEBOOK, EXAMPLE_DAY);
        let mut found = Outcomes::new();
        for (record, row) in self.records.all.iter().zip(&self.ids) {
            if record.ledger != rule.ledger {
                continue;
            }
            let said = judge(rule, *row, &self.rows, &context);
            let word = match (said.outcome, said.error) {
                (Outcome::Violates, _) => format!("violates {:?}", said.severity),
                (Outcome::Undecided, None) => "undecided".to_owned(),
                (Outcome::Undecided, Some(_)) => "error".to_owned(),
                _ => continue,
            };
            found.insert((rule.code.clone(), record.id.as_str().to_owned()), word);
        }
        found
    }

    fn judged(&self, program: &Program) -> Outcomes {
        let options = Options { threads: 1, batch_rows: 4, undecided: true, ..Options::default() };
        let mut chunks: Vec<DoubtChunk> = Vec::new();
        let stop = AtomicBool::new(false);
        run(program, &self.snapshot, &options, &mut chunks, &stop, &|_, _| {}).unwrap();
        outcomes(program, &chunks)
    }
}

/// Words of the language and of the codebook, in libFuzzer's form.
fn dictionary() -> String {
    let mut words: BTreeSet<&str> = BTreeSet::new();
    words.extend(taizhang_rules::functions::LANGUAGE.iter().map(|entry| entry.name));
    for name in ["household", "person", "income", "visit", "project", "village"] {
        let Some(ledger) = CODEBOOK.ledger(name) else { continue };
        words.insert(name);
        words.extend(ledger.fields.iter().map(|field| field.name.as_str()));
        words.extend(ledger.relations.iter().map(|relation| relation.name.as_str()));
    }
    words.extend(CODEBOOK.parameters.keys().map(String::as_str));
    let signs = ["&&", "||", "==", "!=", "<=", ">=", " ? ", " : ", " in ", "!", "-", "[]", "()"];
    words.extend(signs);
    words.extend(["true", "false", "null", "0", "1", "9223372036854775807", "0.5", "\'\'"]);
    words.iter().map(|word| format!("\"{word}\"\n")).collect()
}

/// Writes every condition of the shipped rules as a seed, and the dictionary, into the folder that
/// `TAIZHANG_FUZZ_SEEDS` names: a corpus grows from what people write.
fn write_seeds() {
    let Some(folder) = std::env::var_os("TAIZHANG_FUZZ_SEEDS").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).unwrap();
    for (code, source) in &CODEBOOK.rules {
        let raises = source.raises.iter().map(|raise| &raise.when);
        let texts = source.applies.iter().chain([&source.violates]).chain(raises);
        for (place, text) in texts.enumerate() {
            // Nobody but the rule's own file knows what it defines.
            let text = source.defines.iter().rev().fold(text.text.clone(), |text, define| {
                text.replace(&define.name, &format!("({})", define.text.text))
            });
            let seed = format!("{}\n{text}", source.ledger.text);
            std::fs::write(folder.join(format!("{code}-{place}")), seed).unwrap();
        }
    }
    std::fs::write(folder.with_extension("dict"), dictionary()).unwrap();
}

fuzz_target!(init: write_seeds(), |data: &[u8]| -> Corpus {
    let Ok(input) = std::str::from_utf8(data) else { return Corpus::Reject };
    let named = input.split_once('\n').filter(|(name, _)| CODEBOOK.ledger(name).is_some());
    let (ledger, text) = named.unwrap_or(("household", input));
    let _ = taizhang_rules::dynamic::parse(text);
    let Ok(rule) = trial(&CODEBOOK, ledger, text) else { return Corpus::Keep };
    let again = trial(&CODEBOOK, ledger, text).expect("the same text gives the same rule");
    assert!(rule.violates.same_as(&again.violates));
    let (program, left_out) =
        taizhang_program::compile(&CODEBOOK, std::slice::from_ref(&rule), EXAMPLE_DAY);
    assert!(left_out.is_empty(), "{left_out:?}");
    let json = serde_json::to_string(&program).unwrap();
    let sent: Program = serde_json::from_str(&json).expect("a program can be sent");
    assert_eq!(sent, program);
    if rule.cost <= COST_COMPARED {
        compare(&COUNTY.judged(&sent), &COUNTY.interpreted(&rule), text);
    }
    Corpus::Keep
});
