//! Sentences with known figures and known relations between them.

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub enum Token {
    /// Plain words, written with full-width punctuation.
    Words(String),
    /// A figure.
    Figure(Amount),
}

/// A figure as written and meant.
#[derive(Clone, Debug)]
pub struct Amount {
    /// Numeral, multiplier and measure word.
    pub raw: String,
    /// Value in base units.
    pub value: f64,
    /// Measure word.
    pub unit: &'static str,
}

/// A relation between figures of one phrase, by their position in it.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Kind of the schema (`sum`, `percentage`, `difference`).
    pub kind: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// The claimed figure.
    pub result: usize,
    /// The others.
    pub operands: Vec<usize>,
}

/// A sentence or part of one.
#[derive(Clone, Debug, Default)]
pub struct Phrase {
    /// Its pieces.
    pub tokens: Vec<Token>,
    /// Relations between its figures.
    pub relations: Vec<Relation>,
}

impl Phrase {
    /// A phrase of plain words.
    #[must_use]
    pub fn of(words: &str) -> Self {
        Self::default().say(words)
    }

    /// Adds words.
    #[must_use]
    pub fn say(mut self, words: &str) -> Self {
        self.tokens.push(Token::Words(words.to_owned()));
        self
    }

    /// Adds a count with its measure word.
    #[must_use]
    pub fn count(self, value: u32, unit: &'static str) -> Self {
        self.amount(&format!("{value}{unit}"), f64::from(value), unit)
    }

    /// Adds a figure as written.
    #[must_use]
    pub fn amount(mut self, raw: &str, value: f64, unit: &'static str) -> Self {
        self.tokens.push(Token::Figure(Amount { raw: raw.to_owned(), value, unit }));
        self
    }

    /// Adds money: `hundredths` of 万元.
    #[must_use]
    pub fn money(self, hundredths: u32) -> Self {
        let raw = format!("{}.{:02}万元", hundredths / 100, hundredths % 100);
        self.amount(&raw, f64::from(hundredths) * 100.0, "元")
    }

    /// Adds a relation.
    #[must_use]
    pub fn relate(
        mut self,
        kind: &'static str,
        holds: bool,
        result: usize,
        operands: &[usize],
    ) -> Self {
        self.relations.push(Relation { kind, holds, result, operands: operands.to_vec() });
        self
    }

    /// The words without figures' places.
    #[must_use]
    pub fn plain(&self) -> String {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Words(words) => words.as_str(),
                Token::Figure(amount) => amount.raw.as_str(),
            })
            .collect()
    }
}
