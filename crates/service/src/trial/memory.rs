//! What editions of a rule were found to flag on snapshots, so that a page that is looked at again
//! reads no snapshot again.
//!
//! INVARIANT: what is remembered is what judging anew would find. A snapshot never changes once it
//! has its name, and the question holds all else that counts: the program, in which the editions
//! and whatever of the codebook they need is compiled for the snapshot's day, and the region.

use super::replay::{Judged, ReplayError};
use serde_json::Error;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use taizhang_program::Program;

/// Flagged records that are remembered at most, of all questions together: about 30 MB.
const FLAGGED_MAX: usize = 200_000;

/// Questions remembered at most.
const QUESTIONS_MAX: usize = 500;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    program: Vec<u8>,
    region: Option<String>,
    directory: PathBuf,
}

impl Question {
    /// What a program finds in a region on a snapshot.
    ///
    /// # Errors
    /// A program that cannot be written down; there is none.
    pub(super) fn new(
        program: &Program,
        region: Option<&str>,
        directory: &Path,
    ) -> Result<Self, Error> {
        let program = Sha256::digest(serde_json::to_vec(program)?).to_vec();
        Ok(Self { program, region: region.map(str::to_owned), directory: directory.to_owned() })
    }
}

/// Answers to questions, the latest asked first.
#[derive(Debug, Default)]
pub(crate) struct ReplayMemory {
    answers: Mutex<VecDeque<(Question, Arc<Judged>)>>,
    /// One judges at a time: who asks the same meanwhile finds it answered.
    judging: Mutex<()>,
}

impl ReplayMemory {
    /// The remembered answer, or the one that `judge` finds.
    pub(super) fn get(
        &self,
        question: Question,
        judge: impl FnOnce() -> Result<Judged, ReplayError>,
    ) -> Result<Arc<Judged>, ReplayError> {
        if let Some(known) = self.find(&question) {
            return Ok(known);
        }
        let _alone = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.find(&question) {
            return Ok(known);
        }
        let judged = Arc::new(judge()?);
        self.keep(question, &judged);
        Ok(judged)
    }

    fn find(&self, question: &Question) -> Option<Arc<Judged>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = answers.iter().position(|(known, _)| known == question)?;
        let found = answers.remove(place)?;
        let judged = found.1.clone();
        answers.push_front(found);
        drop(answers);
        Some(judged)
    }

    fn keep(&self, question: Question, judged: &Arc<Judged>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push_front((question, judged.clone()));
        let mut flagged = 0;
        let is_over = |(place, (_, judged)): (usize, &(Question, Arc<Judged>))| {
            flagged += judged.flagged_count();
            place >= QUESTIONS_MAX || flagged > FLAGGED_MAX
        };
        if let Some(first) = answers.iter().enumerate().position(is_over) {
            answers.truncate(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn question(region: &str, number: usize) -> Question {
        Question {
            program: number.to_le_bytes().to_vec(),
            region: Some(region.to_owned()),
            directory: PathBuf::from("one"),
        }
    }

    fn judged(count: usize) -> Judged {
        let flagged = (0..count).map(|row| (row.to_string(), "r".to_owned()));
        Judged { flagged: [BTreeMap::new(), flagged.collect()], ..Judged::default() }
    }

    /// How often was judged for the questions, one after the other.
    fn judgements(memory: &ReplayMemory, asked: &[(Question, usize)]) -> usize {
        let mut count = 0;
        for (question, flagged) in asked {
            let judge = || {
                count += 1;
                Ok(judged(*flagged))
            };
            let answer = memory.get(question.clone(), judge).unwrap();
            assert_eq!(answer.flagged_count(), *flagged, "{question:?}");
        }
        count
    }

    #[test]
    fn a_question_is_judged_once_and_regions_and_programs_are_apart() {
        let memory = ReplayMemory::default();
        let asked = [
            (question("990101100", 1), 3),
            (question("990101100", 1), 3),
            (question("990101101", 1), 2),
            (question("990101100", 2), 1),
            (question("990101100", 1), 3),
        ];
        assert_eq!(judgements(&memory, &asked), 3);
    }

    #[test]
    fn what_is_remembered_has_bounds() {
        let memory = ReplayMemory::default();
        let many: Vec<_> = (0..QUESTIONS_MAX + 10).map(|n| (question("a", n), 1)).collect();
        assert_eq!(judgements(&memory, &many), QUESTIONS_MAX + 10);
        assert_eq!(memory.answers.lock().unwrap().len(), QUESTIONS_MAX);
        let large = [(question("b", 0), FLAGGED_MAX - 1), (question("b", 1), 2)];
        assert_eq!(judgements(&memory, &large), 2);
        assert_eq!(memory.answers.lock().unwrap().len(), 1);
        assert_eq!(judgements(&memory, &[(question("b", 2), FLAGGED_MAX + 1)]), 1);
        assert!(memory.answers.lock().unwrap().is_empty());
    }
}
