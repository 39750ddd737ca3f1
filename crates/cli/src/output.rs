//! Printing: results to standard output, messages to standard error, JSON on request.

use crate::environment_language;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use taizhang_diagnostics::{Diagnostic, Language, render_all};
use taizhang_service::ServiceError;

/// How results are printed.
#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// 以 JSON 输出结果 (results as JSON)
    #[arg(long, global = true)]
    json: bool,
    /// 消息语言 (language of messages): zh, en
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,
}

fn language(tag: &str) -> Result<Language, &'static str> {
    Language::parse(tag).ok_or("zh, en")
}

impl Output {
    /// Language of messages.
    pub(crate) fn language(&self) -> Language {
        self.language.unwrap_or_else(environment_language)
    }

    /// True if results are wanted as JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// The sentence in the language of messages.
    pub(crate) fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language() {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// A line of the result. A closed pipe (`| head`) is no error.
    pub(crate) fn line(&self, text: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A value as JSON.
    pub(crate) fn value(&self, value: &impl Serialize) -> Result<(), ServiceError> {
        let json = serde_json::to_string_pretty(value)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        self.line(&json);
        Ok(())
    }

    /// A line for the person at the terminal.
    pub(crate) fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Diagnostics as they are read by people.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.line(&render_all(diagnostics, self.language()));
    }

    /// An error with what can be done about it.
    pub(crate) fn error(&self, error: &ServiceError) {
        let text = match error {
            ServiceError::Invalid(faults) => render_all(faults, self.language()),
            ServiceError::Denied { needed, granters } => {
                let people = granters.join(self.pick("、", ", "));
                match self.language() {
                    Language::Zh => format!("没有权限`{needed}`；可以授权的人：{people}"),
                    Language::En => format!("missing right `{needed}`; can be given by {people}"),
                }
            }
            ServiceError::NotFound => {
                self.pick("找不到，或者您无权查看", "not found, or not yours to see").to_owned()
            }
            ServiceError::TooLarge { limit_bytes } => match self.language() {
                Language::Zh => format!("文件超过上限 {limit_bytes} 字节"),
                Language::En => format!("the file is over the limit of {limit_bytes} bytes"),
            },
            other => other.to_string(),
        };
        self.note(&text);
    }
}
