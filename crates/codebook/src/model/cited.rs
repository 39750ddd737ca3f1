//! The legend of sources: what the short words mean by which rules say where they come from.

use super::Codebook;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taizhang_diagnostics::{Language, Message};

/// A paper, page or other place that rules come from, declared once in `sources/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedSource {
    /// Short word, such as `S1`.
    pub id: String,
    /// What it is called.
    pub title: Message,
    /// Who issued it, or where.
    pub issuer: Option<Message>,
    /// Number of the paper.
    pub number: Option<String>,
    /// Year of the paper.
    pub year: Option<i64>,
    /// What its passages are: articles, scripts.
    pub passage: Option<Message>,
    /// Words of passages, by what rules write.
    pub passages: BTreeMap<String, Message>,
}

/// One source as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation<'a> {
    /// The source; `None` where the rule writes words instead of one that is declared.
    pub source: Option<&'a CitedSource>,
    /// Passage of the source, or the words; may be empty.
    pub passage: &'a str,
}

impl Citation<'_> {
    /// The source in words: title, who issued it, number, year, passage.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let Some(source) = self.source else { return self.passage.to_owned() };
        let is_zh = language == Language::Zh;
        let year =
            source.year.map(|year| if is_zh { format!("{year}年") } else { year.to_string() });
        let issuer = source.issuer.as_ref().map(|issuer| issuer.text(language).to_owned());
        let about: Vec<String> =
            [issuer, source.number.clone(), year].into_iter().flatten().collect();
        let mut text = source.title.text(language).to_owned();
        if !about.is_empty() {
            let (open, mark, close) = if is_zh { ("（", "，", "）") } else { (" (", ", ", ")") };
            text.push_str(&format!("{open}{}{close}", about.join(mark)));
        }
        let passage = source.passage_text(self.passage, language);
        if !passage.is_empty() {
            text.push_str(if is_zh { "：" } else { ": " });
            text.push_str(&passage);
        }
        text
    }
}

impl CitedSource {
    /// A passage in words: those of the legend, else as the rule writes it.
    fn passage_text(&self, written: &str, language: Language) -> String {
        if let Some(words) = self.passages.get(written) {
            return words.text(language).to_owned();
        }
        let label = self.passage.as_ref().filter(|_| !written.is_empty());
        let label = label.map_or("", |label| label.text(language));
        let words = match language {
            Language::Zh => written.replace(", ", "、").replace(" to ", "至"),
            Language::En => written.to_owned(),
        };
        format!("{label} {words}").trim().to_owned()
    }
}

impl Codebook {
    /// What the `source` of a rule names, in its order.
    ///
    /// # Shape
    /// Parts are split by `;`. A part that begins with the short word of a declared source names
    /// it; what follows is its passage, up to the next short word right behind a short word
    /// (`S0 S4`, `R 5_18_001; S1`). Other parts are words.
    ///
    /// # Example
    /// ```
    /// let codebook = taizhang_codebook::Codebook::embedded("rural").unwrap();
    /// let cited = codebook.citations("S0 D; a letter of the county");
    /// assert_eq!(cited.len(), 3);
    /// assert_eq!(cited[2].passage, "a letter of the county");
    /// ```
    #[must_use]
    pub fn citations<'a>(&'a self, text: &'a str) -> Vec<Citation<'a>> {
        let mut found = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let mut rest = part;
            loop {
                let (word, behind) = rest.split_once([' ', ',']).unwrap_or((rest, ""));
                let behind = behind.trim_start_matches([' ', ',']);
                let Some(source) = self.sources.get(word) else { break };
                let next = behind.split([' ', ',']).next().unwrap_or("");
                let goes_on = self.sources.contains_key(next);
                let passage = if goes_on { "" } else { behind };
                found.push(Citation { source: Some(source), passage });
                rest = if goes_on { behind } else { "" };
            }
            if !rest.is_empty() {
                found.push(Citation { source: None, passage: rest });
            }
        }
        found
    }

    /// Declared sources that no rule and no edition in trial names.
    #[must_use]
    pub fn unused_sources(&self) -> Vec<&CitedSource> {
        let rules = || self.rules.values().chain(self.trials.values());
        let names = |source: &&CitedSource| {
            let is_it = |cited: &Citation<'_>| cited.source.is_some_and(|one| one.id == source.id);
            rules().any(|rule| self.citations(&rule.source).iter().any(is_it))
        };
        self.sources.values().filter(|source| !names(source)).collect()
    }
}
