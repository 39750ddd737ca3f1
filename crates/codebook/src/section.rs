//! Typed reading of one table: every key is taken once, and what is left over is a fault.

use crate::faults::{FaultKind, Faults};
use crate::source::At;
use crate::tree::{Data, Key, Node, Table};
use std::cell::RefCell;
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// A table being read.
pub(crate) struct Section<'a> {
    faults: &'a Faults,
    table: &'a Table,
    /// Place that stands for the whole table: its key, or the start of the file.
    at: At,
    known: RefCell<Vec<&'static str>>,
}

/// Words allowed at a key and what they mean.
pub(crate) type Words<T> = [(&'static str, T)];

impl<'a> Section<'a> {
    pub(crate) fn new(faults: &'a Faults, table: &'a Table, at: At) -> Self {
        Self { faults, table, at, known: RefCell::default() }
    }

    pub(crate) fn faults(&self) -> &'a Faults {
        self.faults
    }

    pub(crate) fn at(&self) -> At {
        self.at
    }

    /// The value at a key, which from now on is a known one.
    pub(crate) fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.known.borrow_mut().push(key);
        self.table.get(key).map(|(_, node)| node)
    }

    /// Place of a value, or of the table if the key is missing.
    pub(crate) fn at_key(&self, key: &str) -> At {
        self.table.get(key).map_or(self.at, |(_, node)| node.at)
    }

    pub(crate) fn wrong_type(&self, node: &Node, key: &str, zh: &str, en: &str) {
        let message = Message::new(
            format!("`{key}`要写{zh}，这里是{}", kind_zh(&node.data)),
            format!("`{key}` wants {en}, found {}", kind_en(&node.data)),
        );
        self.faults.add(FaultKind::WrongType, node.at, message, None);
    }

    /// A fault if the key is not there, with a sample of what to write; true if it is there.
    fn require(&self, key: &'static str, sample: &str) -> bool {
        if self.table.get(key).is_some() {
            return true;
        }
        self.known.borrow_mut().push(key);
        let message = Message::new(format!("缺少`{key}`"), format!("`{key}` is missing"));
        let line = format!("{key} = {sample}");
        let help = Message::new(format!("加上 {line}"), format!("add {line}"));
        self.faults.add(FaultKind::MissingKey, self.at, message, Some(help));
        false
    }

    /// A text that may be empty.
    pub(crate) fn text_or_empty(&self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        match &node.data {
            Data::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type(node, key, "文字", "a text");
                None
            }
        }
    }

    /// A text that is not blank.
    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        let text = self.text_or_empty(key)?;
        if text.trim().is_empty() {
            let message = Message::new(format!("`{key}`为空"), format!("`{key}` is empty"));
            self.faults.add(FaultKind::EmptyText, self.at_key(key), message, None);
            return None;
        }
        Some(text)
    }

    /// A text that must be there; empty after a fault.
    pub(crate) fn required_text(&self, key: &'static str) -> String {
        self.require(key, "\"…\"");
        self.text(key).unwrap_or_default()
    }

    /// A sentence in both languages that must be there.
    pub(crate) fn message(&self, key: &'static str) -> Message {
        self.require(key, "{ zh = \"…\", en = \"…\" }");
        self.optional_message(key).unwrap_or_default()
    }

    /// A text for both languages, or one for each; must be there.
    pub(crate) fn text_or_message(&self, key: &'static str) -> Message {
        if self.node(key).is_some_and(|node| matches!(node.data, Data::Table(_))) {
            return self.optional_message(key).unwrap_or_default();
        }
        let text = self.required_text(key);
        Message { zh: text.clone(), en: text }
    }

    /// A sentence in both languages.
    pub(crate) fn optional_message(&self, key: &'static str) -> Option<Message> {
        let node = self.node(key)?;
        let Data::Table(table) = &node.data else {
            self.wrong_type(
                node,
                key,
                "两种语言 { zh = \"…\", en = \"…\" }",
                "both languages { zh = \"…\", en = \"…\" }",
            );
            return None;
        };
        let at = self.table.get(key).map_or(node.at, |(key, _)| key.at);
        let section = Section::new(self.faults, table, at);
        let [zh, en] = ["zh", "en"].map(|language| section.language(key, language));
        section.finish();
        Some(Message { zh, en })
    }

    fn language(&self, label: &str, language: &'static str) -> String {
        let text = self.text_or_empty(language).unwrap_or_default();
        if text.trim().is_empty() {
            let (zh, en) =
                if language == "zh" { ("中文", "Chinese") } else { ("英文", "English") };
            let message =
                Message::new(format!("`{label}`缺少{zh}"), format!("`{label}` lacks {en}"));
            self.faults.add(FaultKind::MissingLanguage, self.at_key(language), message, None);
        }
        text
    }

    pub(crate) fn boolean(&self, key: &'static str) -> bool {
        let Some(node) = self.node(key) else {
            return false;
        };
        match node.data {
            Data::Boolean(truth) => truth,
            _ => {
                self.wrong_type(node, key, " true 或 false", "`true` or `false`");
                false
            }
        }
    }

    pub(crate) fn integer(&self, key: &'static str) -> Option<i64> {
        let node = self.node(key)?;
        match node.data {
            Data::Integer(number) => Some(number),
            _ => {
                self.wrong_type(node, key, "整数", "a whole number");
                None
            }
        }
    }

    pub(crate) fn required_integer(&self, key: &'static str) -> i64 {
        self.require(key, "1");
        self.integer(key).unwrap_or_default()
    }

    pub(crate) fn date(&self, key: &'static str) -> Option<Date> {
        let node = self.node(key)?;
        match node.data {
            Data::Date(date) => Some(date),
            _ => {
                self.wrong_type(
                    node,
                    key,
                    "日期（如 2026-01-31，不加引号）",
                    "a date (2026-01-31)",
                );
                None
            }
        }
    }

    pub(crate) fn required_date(&self, key: &'static str) -> Option<Date> {
        self.require(key, "2026-01-31");
        self.date(key)
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, words: &Words<T>) -> Option<T> {
        let word = self.text(key)?;
        self.word(key, &word, self.at_key(key), words)
    }

    /// One of a few words that must be there.
    pub(crate) fn required_choice<T: Copy>(
        &self,
        key: &'static str,
        words: &Words<T>,
    ) -> Option<T> {
        let sample = words.first().map_or_else(String::new, |(word, _)| format!("\"{word}\""));
        if !self.require(key, &sample) {
            return None;
        }
        self.choice(key, words)
    }

    fn word<T: Copy>(&self, key: &str, word: &str, at: At, words: &Words<T>) -> Option<T> {
        let found = words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let message = Message::new(
                format!("`{key}`不能写`{word}`"),
                format!("`{key}` cannot be `{word}`"),
            );
            let known = words.iter().map(|(known, _)| *known);
            self.faults.add_with_nearest(FaultKind::UnknownWord, at, message, word, known);
        }
        found
    }

    /// Several of a few words.
    pub(crate) fn choices<T: Copy>(&self, key: &'static str, words: &Words<T>) -> Vec<T> {
        self.placed_texts(key)
            .iter()
            .filter_map(|(text, at)| self.word(key, text, *at, words))
            .collect()
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<String> {
        self.placed_texts(key).into_iter().map(|(text, _)| text).collect()
    }

    /// A list of texts, each with its place.
    pub(crate) fn placed_texts(&self, key: &'static str) -> Vec<(String, At)> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Data::Array(items) = &node.data else {
            self.wrong_type(node, key, "列表 [\"…\"]", "a list [\"…\"]");
            return Vec::new();
        };
        let text = |item: &Node| match &item.data {
            Data::Text(text) => Some((text.clone(), item.at)),
            _ => {
                self.wrong_type(item, key, "文字", "a text");
                None
            }
        };
        items.iter().filter_map(text).collect()
    }

    /// A list of dates, each with its place.
    pub(crate) fn dates(&self, key: &'static str) -> Vec<(Date, At)> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let items = match &node.data {
            Data::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let date = |item: &Node| match item.data {
            Data::Date(date) => Some((date, item.at)),
            _ => {
                self.wrong_type(item, key, "日期", "a date");
                None
            }
        };
        items.iter().filter_map(date).collect()
    }

    /// One table under a key.
    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        self.node(key)?;
        let (key, node) = self.table.get(key)?;
        match node.table() {
            Some(table) => Some(Section::new(self.faults, table, key.at)),
            None => {
                self.wrong_type(node, &key.name, "一张表", "a table");
                None
            }
        }
    }

    /// Tables under a key by name: `[fields.x]`.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<(&'a str, Section<'a>)> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Some(table) = node.table() else {
            self.wrong_type(node, key, "一张表", "a table");
            return Vec::new();
        };
        named_sections(self.faults, table)
    }

    /// Every key of this table with one of a few words: `{ phone = "masked" }`.
    pub(crate) fn word_map<T: Copy>(&self, words: &Words<T>) -> BTreeMap<String, T> {
        let mut map = BTreeMap::new();
        for (key, node) in &self.table.entries {
            if let Data::Text(text) = &node.data {
                if let Some(meaning) = self.word(&key.name, text, node.at, words) {
                    map.insert(key.name.clone(), meaning);
                }
            } else {
                self.wrong_type(node, &key.name, "文字", "a text");
            }
        }
        map
    }

    /// Every key of this table with its value.
    pub(crate) fn entries(&self) -> &'a [(Key, Node)] {
        &self.table.entries
    }

    /// Every key of this table with its text: `{ id_number = "owner_id_number" }`.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (key, node) in &self.table.entries {
            match &node.data {
                Data::Text(text) => pairs.push((key.name.clone(), text.clone())),
                _ => self.wrong_type(node, &key.name, "文字", "a text"),
            }
        }
        pairs
    }

    /// Tables in a list: `[[columns]]`.
    pub(crate) fn items(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Data::Array(items) = &node.data else {
            self.wrong_type(node, key, "列表", "a list");
            return Vec::new();
        };
        let section = |item: &'a Node| match item.table() {
            Some(table) => Some(Section::new(self.faults, table, item.at)),
            None => {
                self.wrong_type(item, key, "一张表", "a table");
                None
            }
        };
        items.iter().filter_map(section).collect()
    }

    /// Ends the reading: every key that was not asked for is a fault.
    pub(crate) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in &self.table.entries {
            if !known.contains(&key.name.as_str()) {
                let noun = ("键", "key");
                let words = known.iter().copied();
                self.faults.unknown(FaultKind::UnknownKey, key.at, noun, &key.name, words);
            }
        }
    }
}

/// Every table of a table, as a section named by its key.
pub(crate) fn named_sections<'a>(
    faults: &'a Faults,
    table: &'a Table,
) -> Vec<(&'a str, Section<'a>)> {
    let mut sections = Vec::new();
    for (key, node) in &table.entries {
        if let Some(content) = node.table() {
            sections.push((key.name.as_str(), Section::new(faults, content, key.at)));
        } else {
            let message = Message::new(
                format!("`{}`要写一张表，这里是{}", key.name, kind_zh(&node.data)),
                format!("`{}` wants a table, found {}", key.name, kind_en(&node.data)),
            );
            faults.add(FaultKind::WrongType, node.at, message, None);
        }
    }
    sections
}

fn kind_zh(data: &Data) -> &'static str {
    match data {
        Data::Text(_) => "文字",
        Data::Integer(_) => "整数",
        Data::Boolean(_) => "真假值",
        Data::Date(_) => "日期",
        Data::Array(_) => "列表",
        Data::Table(_) => "表",
        Data::Other => "小数或时刻",
    }
}

fn kind_en(data: &Data) -> &'static str {
    match data {
        Data::Text(_) => "a text",
        Data::Integer(_) => "a whole number",
        Data::Boolean(_) => "a truth value",
        Data::Date(_) => "a date",
        Data::Array(_) => "a list",
        Data::Table(_) => "a table",
        Data::Other => "a fraction or a moment",
    }
}
