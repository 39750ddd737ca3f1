//! Random expressions of the rule language over random data: program = interpreter.

use crate::data::{Random, Records};
use crate::support::{compare, interpreted, judged, rules_of};
use taizhang_codebook::{Codebook, Field, FieldType, Ledger, RelationKind};
use taizhang_engine::run::Options;
use taizhang_engine::snapshot::Sensitive;
use taizhang_program::compile;
use taizhang_rules::{Rule, compile_expression};
use taizhang_values::Date;

const AS_OF: Date = Date::constant(2026, 11, 22);

/// Makes expressions; `rows` are the names in sight with their ledgers, innermost last.
struct Maker<'a> {
    codebook: &'a Codebook,
    random: Random,
    rows: Vec<(String, &'a Ledger)>,
    names: usize,
}

impl<'a> Maker<'a> {
    /// A name in sight and a field of one of the types.
    fn field(&mut self, types: &[FieldType]) -> Option<(String, &'a Field)> {
        let (prefix, ledger) = {
            let place = self.random.below(self.rows.len());
            self.rows[place].clone()
        };
        let (prefix, ledger) = self.maybe_follow(prefix, ledger);
        let fields: Vec<&Field> = ledger
            .fields
            .iter()
            .filter(|field| types.contains(&field.field_type) && field.sensitive.is_none())
            .collect();
        if fields.is_empty() {
            return None;
        }
        let field = *self.random.pick(&fields);
        Some((join(&prefix, &field.name), field))
    }

    fn maybe_follow(&mut self, prefix: String, ledger: &'a Ledger) -> (String, &'a Ledger) {
        if !self.random.chance(20) {
            return (prefix, ledger);
        }
        let references: Vec<&Field> = ledger
            .fields
            .iter()
            .filter(|field| field.field_type == FieldType::Reference && field.sensitive.is_none())
            .collect();
        if references.is_empty() {
            return (prefix, ledger);
        }
        let field = *self.random.pick(&references);
        match self.codebook.ledger(field.ledger.as_deref().unwrap_or("")) {
            Some(other) => (join(&prefix, &field.name), other),
            None => (prefix, ledger),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf().unwrap_or_else(|| "true".to_owned());
        }
        match self.random.below(11) {
            0 => format!("!({})", self.condition(depth - 1)),
            1 | 2 => format!("({}) && ({})", self.condition(depth - 1), self.condition(depth - 1)),
            3 | 4 => format!("({}) || ({})", self.condition(depth - 1), self.condition(depth - 1)),
            5 => format!(
                "({}) ? ({}) : ({})",
                self.condition(depth - 1),
                self.condition(depth - 1),
                self.condition(depth - 1)
            ),
            6 => format!("default({}, {})", self.condition(depth - 1), self.random.chance(50)),
            7..=9 => self.rows_condition(depth).unwrap_or_else(|| "false".to_owned()),
            _ => {
                let how = *self.random.pick(&["<", "<=", "==", "!=", ">", ">="]);
                format!("{} {how} {}", self.integer(depth), self.integer(depth))
            }
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        let small = (self.random.below(7) as i64 - 2).to_string();
        if depth == 0 {
            return match self.field(&[FieldType::Integer, FieldType::Percent]) {
                Some((name, _)) if self.random.chance(70) => name,
                _ => small,
            };
        }
        match self.random.below(7) {
            0 => {
                let operation = *self.random.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {operation} {})", self.integer(depth - 1), self.integer(depth - 1))
            }
            1 => match self.field(&[FieldType::Date, FieldType::Month]) {
                Some((name, _)) => {
                    let function = *self.random.pick(&["age", "year", "month", "day"]);
                    format!("{function}({name})")
                }
                None => small,
            },
            2 | 3 => self.rows_number(depth).unwrap_or(small),
            4 => format!("default({}, {small})", self.integer(depth - 1)),
            5 => format!("-({})", self.integer(depth - 1)),
            _ => self.integer(0),
        }
    }

    fn leaf(&mut self) -> Option<String> {
        let how = *self.random.pick(&["<", "<=", "==", "!=", ">", ">="]);
        let equal = *self.random.pick(&["==", "!="]);
        Some(match self.random.below(9) {
            0 => self.field(&[FieldType::Boolean])?.0,
            1 => {
                let name = self
                    .field(&[FieldType::Text, FieldType::Date, FieldType::Money, FieldType::Code])?
                    .0;
                format!("has({name})")
            }
            2 => {
                let (name, field) = self.field(&[FieldType::Code])?;
                let list = self.codebook.code_lists.get(field.codes.as_ref()?)?;
                let code = self.random.pick(&list.codes).code.clone();
                format!("{name} {equal} '{code}'")
            }
            3 => {
                let (name, field) = self.field(&[FieldType::Code, FieldType::Codes])?;
                let list = self.codebook.code_lists.get(field.codes.as_ref()?)?;
                let code = self.random.pick(&list.codes).code.clone();
                let other = self.random.pick(&list.codes).code.clone();
                match field.field_type {
                    FieldType::Code => format!("{name} in ['{code}', '{other}']"),
                    _ => format!("'{code}' in {name}"),
                }
            }
            4 => {
                let (one, _) = self.field(&[FieldType::Date, FieldType::Month])?;
                let other = match self.field(&[FieldType::Date]) {
                    Some((name, _)) if self.random.chance(60) => name,
                    _ if self.random.chance(50) => "as_of()".to_owned(),
                    _ => "date('2019-03-01')".to_owned(),
                };
                format!("{one} {how} {other}")
            }
            5 => {
                let (one, _) = self.field(&[FieldType::Money])?;
                let other = match self.field(&[FieldType::Money]) {
                    Some((name, _)) if self.random.chance(60) => name,
                    _ => "yuan(5000)".to_owned(),
                };
                format!("{one} {how} {other}")
            }
            6 => {
                let (one, _) = self.field(&[FieldType::Decimal])?;
                format!("{one} {how} 12.5")
            }
            7 => {
                let (name, _) = self.field(&[FieldType::Text])?;
                let function = *self.random.pick(&["contains", "startsWith", "endsWith"]);
                format!("{name}.{function}('张')")
            }
            _ => {
                let (one, _) = self.field(&[FieldType::Text])?;
                let (other, _) = self.field(&[FieldType::Text])?;
                format!("{one} {equal} {other}")
            }
        })
    }

    /// A relation in sight: its text, and the ledger of its rows.
    fn relation(&mut self) -> Option<(String, &'a Ledger)> {
        let (prefix, ledger) = {
            let place = self.random.below(self.rows.len());
            self.rows[place].clone()
        };
        let relations: Vec<_> = ledger
            .relations
            .iter()
            .filter(|relation| {
                matches!(relation.kind, RelationKind::Many | RelationKind::Key { .. })
            })
            .collect();
        if relations.is_empty() {
            return None;
        }
        let relation = *self.random.pick(&relations);
        Some((join(&prefix, &relation.name), self.codebook.ledger(&relation.ledger)?))
    }

    /// Something over rows, seen by a new name.
    fn over<T>(&mut self, make: impl FnOnce(&mut Self, &str, &str) -> T) -> Option<T> {
        if self.rows.len() > 2 {
            return None;
        }
        let (rows, ledger) = self.relation()?;
        self.names += 1;
        let name = format!("x{}", self.names);
        self.rows.push((name.clone(), ledger));
        let made = make(self, &rows, &name);
        self.rows.pop();
        Some(made)
    }

    fn rows_condition(&mut self, depth: usize) -> Option<String> {
        let kind = *self.random.pick(&["exists", "all", "exists_one"]);
        self.over(|maker, rows, name| {
            let filter = match maker.random.chance(25) {
                true => format!(".filter({name}, {})", maker.condition(depth - 1)),
                false => String::new(),
            };
            format!("{rows}{filter}.{kind}({name}, {})", maker.condition(depth - 1))
        })
    }

    fn rows_number(&mut self, depth: usize) -> Option<String> {
        let kind = self.random.below(4);
        self.over(|maker, rows, name| match kind {
            0 => format!("{rows}.filter({name}, {}).size()", maker.condition(depth - 1)),
            1 => format!("{rows}.count({name}, {})", maker.condition(depth - 1)),
            2 => format!("{rows}.sum({name}, {})", maker.integer(depth - 1)),
            _ => {
                let kind = *maker.random.pick(&["min", "max"]);
                format!("{rows}.{kind}({name}, {})", maker.integer(depth - 1))
            }
        })
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

#[test]
fn random_expressions_mean_the_same_in_program_and_interpreter() {
    let codebook = Codebook::embedded("rural").unwrap();
    let model = rules_of(&codebook).into_iter().next().unwrap();
    let cases = std::env::var("TAIZHANG_LAW_CASES").ok().and_then(|text| text.parse().ok());
    let mut compiled = 0;
    for seed in 900..900 + cases.unwrap_or(2) {
        let mut rules: Vec<Rule> = Vec::new();
        let mut texts = Vec::new();
        let mut maker =
            Maker { codebook: &codebook, random: Random(seed), rows: Vec::new(), names: 0 };
        let ledgers: Vec<&Ledger> = codebook.ledgers.values().collect();
        for number in 0..400 {
            let ledger = match maker.random.below(10) {
                0..=4 => codebook.ledger("household").unwrap(),
                5..=7 => codebook.ledger("person").unwrap(),
                _ => *maker.random.pick(&ledgers),
            };
            maker.rows = vec![(String::new(), ledger)];
            let depth = 1 + maker.random.below(3);
            let text = maker.condition(depth);
            let Ok(violates) = compile_expression(&codebook, &ledger.name, &text) else { continue };
            let mut rule = model.clone();
            rule.code = format!("RND-{number:03}");
            rule.ledger.clone_from(&ledger.name);
            rule.applies = None;
            rule.violates = violates;
            rule.raises.clear();
            rule.message.values.clear();
            rules.push(rule);
            texts.push(text);
        }
        compiled += rules.len();
        let (program, left_out) = compile(&codebook, &rules, AS_OF);
        assert!(left_out.is_empty(), "{left_out:?}");
        let records = Records::random(&codebook, &mut maker.random, 10);
        let expected = interpreted(&codebook, &rules, &records, AS_OF);
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 1);
        let options = Options { undecided: true, batch_rows: 6, ..Options::default() };
        let (found, _) = judged(&program, directory.path(), &options);
        let told: Vec<String> =
            rules.iter().zip(&texts).map(|(rule, text)| format!("{} {text}", rule.code)).collect();
        let wrong: Vec<&String> = told
            .iter()
            .filter(|line| {
                let code = line.split(' ').next().unwrap();
                let own = |outcomes: &crate::support::Outcomes| {
                    outcomes
                        .iter()
                        .filter(|((rule, _), _)| rule == code)
                        .map(|(key, word)| (key.clone(), word.clone()))
                        .collect::<Vec<_>>()
                };
                own(&found) != own(&expected)
            })
            .take(5)
            .collect();
        compare(&found, &expected, &format!("seed {seed}: {wrong:#?}"));
    }
    println!("{compiled} expressions agree");
    assert!(compiled > 200, "{compiled}");
}
