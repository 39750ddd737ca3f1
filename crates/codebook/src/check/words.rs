//! No word may mean two things in one list of meanings.

use super::{Checker, Path};
use crate::faults::FaultKind;
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;

/// Words collected with what they mean and where they are written.
#[derive(Default)]
pub(super) struct Words {
    words: Vec<Word>,
}

struct Word {
    word: String,
    means: String,
    path: Vec<String>,
}

impl Words {
    /// Adds one word.
    pub(super) fn add(&mut self, word: &str, means: &str, path: Path<'_>) {
        self.words.push(Word {
            word: word.to_owned(),
            means: means.to_owned(),
            path: path.iter().map(|part| (*part).to_owned()).collect(),
        });
    }

    /// Adds the words of the list at a path.
    pub(super) fn add_list(&mut self, words: &[String], means: &str, path: Path<'_>) {
        for (position, word) in words.iter().enumerate() {
            let position = position.to_string();
            self.add(word, means, &[path, &[position.as_str()]].concat());
        }
    }

    /// Adds a fault for each word that stands for a second meaning.
    pub(super) fn check(&self, checker: &Checker<'_>) {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for Word { word, means, path } in &self.words {
            let folded = word.trim().to_lowercase();
            if folded.is_empty() {
                continue;
            }
            let holder = *first.entry(folded).or_insert(means);
            if holder != means {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                checker.fault_with_help(
                    FaultKind::WordTwice,
                    &path,
                    Message::new(
                        format!("`{word}`同时指`{holder}`和`{means}`"),
                        format!("`{word}` means both `{holder}` and `{means}`"),
                    ),
                    Message::new(
                        "只留在一处，否则导入时无法判断",
                        "keep it in one place, or imports cannot tell",
                    ),
                );
            }
        }
    }
}
