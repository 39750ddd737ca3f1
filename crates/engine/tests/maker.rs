//! Random expressions of the rule language over the fields and relations of any codebook.

use crate::data::Random;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger, RelationKind, SensitiveClass};

/// Makes expressions; `rows` are the names in sight with their ledgers, innermost last.
pub struct Maker<'a> {
    codebook: &'a Codebook,
    pub random: Random,
    rows: Vec<(String, &'a Ledger)>,
    names: usize,
}

impl<'a> Maker<'a> {
    pub fn new(codebook: &'a Codebook, random: Random) -> Self {
        Self { codebook, random, rows: Vec::new(), names: 0 }
    }

    /// A condition over the records of a ledger.
    pub fn about(&mut self, ledger: &'a Ledger, depth: usize) -> String {
        self.rows = vec![(String::new(), ledger)];
        self.condition(depth)
    }

    /// A sensitive field of a class in sight.
    fn sealed(&mut self, class: SensitiveClass) -> Option<String> {
        let place = self.random.below(self.rows.len());
        let (prefix, ledger) = self.rows[place].clone();
        let (prefix, ledger) = self.maybe_follow(prefix, ledger);
        let fields: Vec<&Field> =
            ledger.fields.iter().filter(|field| field.sensitive == Some(class)).collect();
        (!fields.is_empty()).then(|| join(&prefix, &self.random.pick(&fields).name))
    }

    /// What sensitive fields can be asked.
    fn secret(&mut self) -> Option<String> {
        let number = self.sealed(SensitiveClass::Identity);
        let how = *self.random.pick(&["<", "==", "!=", ">="]);
        Some(match self.random.below(9) {
            0 => format!("id_valid({})", number?),
            1 => format!("id_length({}) {how} 18", number?),
            2 => format!("id_birth({}) {how} date('1980-06-15')", number?),
            3 => format!("id_sex({}) == 'male'", number?),
            4 => format!("under(id_region({}), '99')", number?),
            5 => format!("id_class({}) {how} 4", number?),
            6 => format!("{} == {}", number?, self.sealed(SensitiveClass::Identity)?),
            7 => format!("phone_valid({})", self.sealed(SensitiveClass::Phone)?),
            _ => format!("has({})", self.sealed(SensitiveClass::Bank)?),
        })
    }

    /// How many other records of the judged ledger are alike in one or two fields.
    fn alike(&mut self) -> Option<String> {
        let ledger = self.rows.first()?.1;
        let can = |field: &&Field| {
            !matches!(field.field_type, FieldType::Codes | FieldType::Texts | FieldType::LongText)
        };
        let fields: Vec<&Field> = ledger.fields.iter().filter(can).collect();
        if fields.is_empty() {
            return None;
        }
        let mut names = vec![self.random.pick(&fields).name.clone()];
        if self.random.chance(40) {
            names.push(self.random.pick(&fields).name.clone());
        }
        names.dedup();
        let names = names.join(", ");
        Some(match self.random.below(3) {
            0 => format!("duplicates({names}) > 0"),
            1 => format!("size(same({names})) == 1"),
            _ => {
                self.names += 1;
                let name = format!("x{}", self.names);
                self.rows.push((name.clone(), ledger));
                let body = self.leaf().unwrap_or_else(|| "true".to_owned());
                self.rows.pop();
                format!("same({names}).exists({name}, {body})")
            }
        })
    }

    /// Lists, moments, regions, parameters, texts: what the other leaves leave out.
    fn rare(&mut self) -> Option<String> {
        let how = *self.random.pick(&["<", "==", ">="]);
        Some(match self.random.below(11) {
            8 => {
                let (name, field) = self.field(&[FieldType::Code])?;
                let list = self.codebook.code_lists.get(field.codes.as_ref()?)?;
                let code = self.random.pick(&list.codes).code.clone();
                let other = self.random.pick(&list.codes).code.clone();
                format!("rank({name}, ['{code}', '{other}']) {how} 1")
            }
            9 => {
                let (name, field) = self.field(&[FieldType::Codes])?;
                let others = (0..12).filter_map(|_| self.field(&[FieldType::Codes]));
                let other = others.filter(|(_, other)| other.codes == field.codes).last()?.0;
                let what = *self.random.pick(&["overlaps", "within"]);
                format!("{name}.{what}({other})")
            }
            0 => format!("size({}) {how} 1", self.field(&[FieldType::Codes, FieldType::Texts])?.0),
            1 => {
                let (name, field) = self.field(&[FieldType::Codes])?;
                let list = self.codebook.code_lists.get(field.codes.as_ref()?)?;
                let code = self.random.pick(&list.codes).code.clone();
                let what = *self.random.pick(&["overlaps", "within"]);
                format!("{name}.{what}(['{code}'])")
            }
            2 => format!("date({}) {how} date('2024-07-01')", self.field(&[FieldType::Instant])?.0),
            3 => format!("under({}, '990101')", self.field(&[FieldType::Region])?.0),
            4 => format!("{}.matches('^[0-9]+$')", self.field(&[FieldType::Text])?.0),
            5 => format!("size(trim({})) {how} 2", self.field(&[FieldType::Text])?.0),
            6 => format!(
                "add_months({}, {}) {how} as_of()",
                self.field(&[FieldType::Date, FieldType::Month])?.0,
                self.random.below(30)
            ),
            7 => format!("{} {how} param('monitor.line')", self.field(&[FieldType::Money])?.0),
            _ => format!(
                "{} * 1.5 {how} {} - 2.25",
                self.field(&[FieldType::Decimal])?.0,
                self.field(&[FieldType::Decimal, FieldType::Integer])?.0
            ),
        })
    }

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
        match self.random.below(12) {
            0 | 1 => return self.secret(),
            2 | 3 => return self.rare(),
            4 => return self.alike(),
            _ => {}
        }
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

    /// A value of the innermost row compared with one of a row further out, as pairs are found.
    fn across(&mut self) -> Option<String> {
        const TYPES: [FieldType; 6] = [
            FieldType::Date,
            FieldType::Integer,
            FieldType::Money,
            FieldType::Text,
            FieldType::Code,
            FieldType::Reference,
        ];
        let ((name, inner), others) = self.rows.split_last()?;
        let (outer, ledger) = self.random.pick(others).clone();
        let can = |field: &Field, own: &Field| {
            field.field_type == own.field_type
                && field.sensitive.is_none()
                && (&field.codes, &field.ledger) == (&own.codes, &own.ledger)
        };
        let inner = inner.fields.iter().filter(|field| TYPES.contains(&field.field_type));
        let pairs: Vec<(&Field, &Field)> = inner
            .filter(|own| own.sensitive.is_none())
            .flat_map(|own| ledger.fields.iter().map(move |field| (own, field)))
            .filter(|(own, field)| can(field, own))
            .collect();
        let (own, field) = *self.random.pick(pairs.get(..).filter(|pairs| !pairs.is_empty())?);
        let is_order = matches!(own.field_type, FieldType::Date | FieldType::Money);
        let hows: &[&str] = if is_order { &["<", "<=", "==", ">", ">="] } else { &["==", "!="] };
        let how = *self.random.pick(hows);
        let (one, other) = (format!("{name}.{}", own.name), join(&outer, &field.name));
        Some(match self.random.chance(50) {
            true => format!("{one} {how} {other}"),
            false => format!("{other} {how} {one}"),
        })
    }

    /// What must hold of rows, often also beside rows further out.
    fn pair_condition(&mut self, depth: usize) -> String {
        let body = self.condition(depth);
        match self.across().filter(|_| self.random.chance(60)) {
            Some(across) if self.random.chance(50) => format!("{across} && ({body})"),
            Some(across) => format!("({body}) && {across}"),
            None => body,
        }
    }

    fn rows_condition(&mut self, depth: usize) -> Option<String> {
        let kind = *self.random.pick(&["exists", "all", "exists_one"]);
        self.over(|maker, rows, name| {
            let filter = match maker.random.chance(25) {
                true => format!(".filter({name}, {})", maker.pair_condition(depth - 1)),
                false => String::new(),
            };
            format!("{rows}{filter}.{kind}({name}, {})", maker.pair_condition(depth - 1))
        })
    }

    fn rows_number(&mut self, depth: usize) -> Option<String> {
        let kind = self.random.below(6);
        self.over(|maker, rows, name| match kind {
            3 => format!("{rows}.distinct({name}, {})", maker.integer(depth - 1)),
            4 => {
                let kind = *maker.random.pick(&["average", "median"]);
                format!("round({rows}.{kind}({name}, {}))", maker.integer(depth - 1))
            }
            0 => format!("{rows}.filter({name}, {}).size()", maker.pair_condition(depth - 1)),
            1 => format!("{rows}.count({name}, {})", maker.pair_condition(depth - 1)),
            2 => {
                let filter = maker.pair_condition(depth - 1);
                format!("{rows}.filter({name}, {filter}).sum({name}, {})", maker.integer(depth - 1))
            }
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
