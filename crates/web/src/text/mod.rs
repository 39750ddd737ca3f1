//! The message catalogue: every text of the pages in Chinese (source) and English, one file a page.
//!
//! A text is a constant, so the compiler refuses a text that does not exist and reports one that
//! nobody uses; the test below compares the two languages.

/// Declares texts as constants and lists them for the test.
macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(pub(crate) const $name: crate::text::Text = crate::text::Text($zh, $en);)*
        /// Everything above, for the test that compares the languages.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, crate::text::Text)] = &[$((stringify!($name), $name)),*];
    };
}

pub(crate) mod agreement;
pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod close;
pub(crate) mod codes;
pub(crate) mod common;
pub(crate) mod criterion;
pub(crate) mod done;
pub(crate) mod doubt;
pub(crate) mod export;
pub(crate) mod fault;
pub(crate) mod feedback;
pub(crate) mod frame;
pub(crate) mod help;
pub(crate) mod household;
pub(crate) mod import;
pub(crate) mod inspection;
pub(crate) mod issue;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod letter;
pub(crate) mod message;
pub(crate) mod org;
pub(crate) mod proposal;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod reveal;
pub(crate) mod right;
pub(crate) mod rule;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod taste;
pub(crate) mod users;
pub(crate) mod verb;
pub(crate) mod write;

use std::fmt::Display;
use taizhang_diagnostics::Language;

/// One text in both languages; `{0}`, `{1}` stand for values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub &'static str, pub &'static str);

impl Text {
    /// The form in one language.
    #[must_use]
    pub const fn at(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.0,
            Language::En => self.1,
        }
    }

    /// The form in one language with its values put in.
    #[must_use]
    pub fn with(self, language: Language, values: &[&dyn Display]) -> String {
        // One pass, so that braces inside a value stay what they are.
        let mut text = String::new();
        let mut rest = self.at(language);
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let place = behind.split_once('}').and_then(|(place, after)| {
                Some((values.get(place.parse::<usize>().ok()?)?, after))
            });
            match place {
                Some((value, after)) => {
                    text.push_str(&value.to_string());
                    rest = after;
                }
                None => {
                    text.push('{');
                    rest = behind;
                }
            }
        }
        text.push_str(rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    const ALL: &[&[(&str, Text)]] = &[
        super::agreement::ALL,
        super::audit::ALL,
        super::change::ALL,
        super::clock::ALL,
        super::close::ALL,
        super::codes::ALL,
        super::common::ALL,
        super::criterion::ALL,
        super::done::ALL,
        super::doubt::ALL,
        super::export::ALL,
        super::fault::ALL,
        super::feedback::ALL,
        super::frame::ALL,
        super::help::ALL,
        super::household::ALL,
        super::import::ALL,
        super::inspection::ALL,
        super::issue::ALL,
        super::jobs::ALL,
        super::ledger::ALL,
        super::letter::ALL,
        super::message::ALL,
        super::org::ALL,
        super::proposal::ALL,
        super::queue::ALL,
        super::record::ALL,
        super::report::ALL,
        super::reveal::ALL,
        super::right::ALL,
        super::rule::ALL,
        super::run::ALL,
        super::search::ALL,
        super::session::ALL,
        super::settings::ALL,
        super::sign_in::ALL,
        super::taste::ALL,
        super::users::ALL,
        super::verb::ALL,
        super::write::ALL,
    ];

    fn places(text: &str) -> Vec<bool> {
        (0..4).map(|place| text.contains(&format!("{{{place}}}"))).collect()
    }

    #[test]
    fn both_languages_are_filled_and_hold_the_same_places() {
        for (name, Text(zh, en)) in ALL.iter().flat_map(|part| part.iter()) {
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(places(zh), places(en), "{name}");
        }
    }

    #[test]
    fn values_fill_their_places() {
        use taizhang_diagnostics::Language::En;
        let cases: [(&str, &[&dyn std::fmt::Display], &str); 4] = [
            ("{0} of {1}", &[&2, &"9"], "2 of 9"),
            ("{1}, {0}", &[&"{1}", &"b"], "b, {1}"),
            ("{2} {x} {", &[&1], "{2} {x} {"),
            ("none", &[], "none"),
        ];
        for (text, values, expected) in cases {
            assert_eq!(Text("", text).with(En, values), expected);
        }
    }
}
