//! A ledger's rules as one program: what is read, what is computed once for how many rules, and by
//! which kernels.

use crate::{Answer, ColumnKind, Program, Space, StepId, StepKind, TableId, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

impl Program {
    /// The shared steps of a ledger's rules as text, for people who ask what a run costs.
    ///
    /// `by_row` says whether a step has no loop of its own and goes row by row through the
    /// definition of its function in `rules`; only the engine knows.
    #[must_use]
    pub fn explain_shared(&self, ledger: &str, by_row: &dyn Fn(StepId) -> bool) -> String {
        let is_own =
            |answer: &&Answer| self.table(answer.table).is_some_and(|table| table.ledger == ledger);
        let answers: Vec<&Answer> = self.answers.iter().filter(is_own).collect();
        let mut users: BTreeMap<StepId, Vec<&str>> = BTreeMap::new();
        let mut alone = 0;
        for answer in &answers {
            let mut needed = BTreeSet::new();
            for step in answer.roots() {
                self.add_needed(step, &mut needed);
            }
            alone += needed.len();
            for step in needed {
                users.entry(step).or_default().push(&answer.rule);
            }
        }
        let shared = users.values().filter(|rules| rules.len() > 1).count();
        let mut text = String::new();
        let _ = writeln!(
            text,
            "program {} {} as of {}, ledger {ledger}\n{} rules in {} steps, {shared} of them \
             shared; rule by rule they would be {alone} steps\n\
             steps have their numbers in the program of all ledgers' rules; those between are of \
             other ledgers",
            self.codebook,
            self.edition,
            self.as_of,
            answers.len(),
            users.len(),
        );
        self.write_read(&users, &answers, &mut text);
        self.write_kernels(&users, &mut text);
        self.write_shared(&users, &mut text);
        self.write_by_row(&users, by_row, &mut text);
        let _ = writeln!(text, "\nrules");
        for answer in answers {
            let _ = writeln!(text, "  {}", self.answer_text(answer));
        }
        text
    }

    /// Tables, how they are read, and the columns of each that these rules use.
    fn write_read(
        &self,
        users: &BTreeMap<StepId, Vec<&str>>,
        answers: &[&Answer],
        text: &mut String,
    ) {
        let judged: BTreeSet<TableId> = answers.iter().map(|answer| answer.table).collect();
        let mut read: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
        for step in users.keys() {
            let Some(found) = self.step(*step) else { continue };
            let Some(base) = self.base(found.space) else { continue };
            let columns = read.entry(base).or_default();
            if let (Space::Table(_), StepKind::Column(place)) = (found.space, &found.kind)
                && let Some(column) = self.table(base).and_then(|t| t.columns.get(*place as usize))
            {
                columns.push(match column.kind {
                    ColumnKind::Fact(fact) => format!("{}:{fact:?}", column.name),
                    _ => column.name.clone(),
                });
            }
        }
        let _ = writeln!(text, "\nread");
        for (id, mut columns) in read {
            let Some(table) = self.table(id) else { continue };
            columns.sort_unstable();
            let way = match &table.way {
                _ if judged.contains(&id) => "judged",
                Way::Root => "head of the tree, streamed",
                Way::Nested { .. } => "of the same tree, streamed along",
                Way::Gathered { .. } => "met by key, gathered before the pass",
            };
            let _ = writeln!(
                text,
                "  t{} {} ({way}), {} columns: {}",
                id.0,
                table.ledger,
                columns.len(),
                columns.join(", ")
            );
        }
    }

    /// How many steps each kernel has, and how many of them serve two rules or more.
    fn write_kernels(&self, users: &BTreeMap<StepId, Vec<&str>>, text: &mut String) {
        let mut kernels: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (step, rules) in users {
            let Some(found) = self.step(*step) else { continue };
            let counts = kernels.entry(found.kind.kernel()).or_default();
            counts.0 += 1;
            counts.1 += usize::from(rules.len() > 1);
        }
        let mut kernels: Vec<_> = kernels.into_iter().collect();
        kernels.sort_by(|(one, left), (other, right)| right.cmp(left).then(one.cmp(other)));
        let _ = writeln!(text, "\nkernels: steps, of them shared");
        for (kernel, (steps, shared)) in kernels {
            let _ = writeln!(text, "  {kernel:<22}{steps:>6}{shared:>6}");
        }
    }

    /// The steps that several rules use, those of most rules first.
    fn write_shared(&self, users: &BTreeMap<StepId, Vec<&str>>, text: &mut String) {
        let mut shared: Vec<_> = users.iter().filter(|(_, rules)| rules.len() > 1).collect();
        shared.sort_by_key(|(step, rules)| (std::cmp::Reverse(rules.len()), **step));
        let _ = writeln!(text, "\nshared steps: rules, step");
        for (step, rules) in shared {
            let _ = writeln!(text, "  {:>4}  {}", rules.len(), self.step_text(*step));
        }
    }

    /// Steps without a loop of their own.
    fn write_by_row(
        &self,
        users: &BTreeMap<StepId, Vec<&str>>,
        by_row: &dyn Fn(StepId) -> bool,
        text: &mut String,
    ) {
        let slow: Vec<_> = users.iter().filter(|(step, _)| by_row(**step)).collect();
        let _ = writeln!(text, "\nrow by row, through the interpreter's function: {}", slow.len());
        for (step, rules) in slow {
            let _ = writeln!(text, "  {} ({})", self.step_text(*step), rules.join(", "));
        }
    }
}
