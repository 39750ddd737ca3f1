//! What went wrong with a file as a whole, in Chinese and English, with what was tried.

use std::fmt;
use std::ops::Deref;
use taizhang_diagnostics::{Diagnostic, Message};

/// A file that cannot be read or written; see [`ExchangeFault`] for what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeError(Box<ExchangeFault>);

/// What an [`ExchangeError`] tells.
///
/// # Shape
/// `code` is stable: X01 kind of file, X02 container, X03 XML, X04 text, X05 LibreOffice, X06 pages
/// (PDF, OFD), X07 workbook in, X08 workbook or Word file out, X09 the process that reads.
/// `message` says what is wrong, `help` what to do, `place` where in the file, `tried` which
/// readings were attempted. None of them holds cell or text content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeFault {
    /// Stable code, for example `X0204`.
    pub code: &'static str,
    /// What is wrong.
    pub message: Message,
    /// What the user can do, if there is something.
    pub help: Option<Message>,
    /// Where in the file, for example `word/document.xml`, or a row in words of each language.
    pub place: Option<Message>,
    /// Readings that were attempted, in order.
    pub tried: Vec<String>,
}

impl ExchangeError {
    /// A new error without help, place or attempts.
    pub(crate) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let message = Message::new(zh, en);
        Self(Box::new(ExchangeFault { code, message, help: None, place: None, tried: Vec::new() }))
    }

    /// An error told by another process.
    pub(crate) fn from_fault(fault: ExchangeFault) -> Self {
        Self(Box::new(fault))
    }

    /// Adds what the user can do.
    #[must_use]
    pub(crate) fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.0.help = Some(Message::new(zh, en));
        self
    }

    /// Adds the place by its name in the file, unless a closer one is known already.
    #[must_use]
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        let place = format!("`{}`", place.into());
        self.at_words(format!("位置 {place}"), place)
    }

    /// The same for a place that has no name.
    #[must_use]
    pub(crate) fn at_words(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.0.place.get_or_insert_with(|| Message::new(zh, en));
        self
    }

    /// The same for a row of a table, counted from 1.
    #[must_use]
    pub(crate) fn at_row(self, row: impl fmt::Display) -> Self {
        self.at_words(format!("第 {row} 行"), format!("row {row}"))
    }

    /// Adds one attempted reading.
    #[must_use]
    pub(crate) fn tried(mut self, what: impl Into<String>) -> Self {
        self.0.tried.push(what.into());
        self
    }

    /// The error as a diagnostic: the place in the file and the attempts stand in the message.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let mut message = self.message.clone();
        if let Some(place) = &self.place {
            message.zh.push_str(&format!("（{}）", place.zh));
            message.en.push_str(&format!(" at {}", place.en));
        }
        if !self.tried.is_empty() {
            let tried = self.tried.join(", ");
            message.zh.push_str(&format!("（已尝试 {tried}）"));
            message.en.push_str(&format!(" (tried: {tried})"));
        }
        let diagnostic = Diagnostic::error(self.code, message);
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }

    /// A limit was passed: what is limited, in both languages, and the limit with its unit.
    pub(crate) fn limit(code: &'static str, zh: &str, en: &str, limit: impl fmt::Display) -> Self {
        Self::new(
            code,
            format!("{zh}超过上限 {limit}"),
            format!("{en} exceeds the limit of {limit}"),
        )
        .help(
            "请拆分文件，或另存为更简单的格式后重试",
            "split the file or save it in a simpler form",
        )
    }
}

impl Deref for ExchangeError {
    type Target = ExchangeFault;

    fn deref(&self) -> &ExchangeFault {
        &self.0
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message.en)?;
        if let Some(place) = &self.place {
            write!(formatter, " at {}", place.en)?;
        }
        if !self.tried.is_empty() {
            write!(formatter, " (tried: {})", self.tried.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for ExchangeError {}
