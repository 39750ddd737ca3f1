//! Comments and complaints about the system (`ui.md` §11: an entry is required on every page), and
//! the answers of the administrators.

use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_store::Reader;
use taizhang_values::{RecordId, Timestamp};

/// Most characters of one comment or answer.
const TEXT_LENGTH_MAX: usize = 4_000;
/// Counter of comments.
const SERIAL: &str = "feedback";
/// Comments looked through for those of one person.
const OWN_LOOKED_THROUGH: usize = 300;

/// One comment with its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Number, from 1; the newest has the greatest.
    #[serde(skip)]
    pub number: i64,
    /// When it was sent.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Who sent it.
    #[serde(default)]
    pub by: Option<RecordId>,
    /// Name of who sent it; not stored.
    #[serde(skip)]
    pub by_name: String,
    /// What it says.
    pub text: String,
    /// The answer; empty while there is none.
    #[serde(default)]
    pub answer: String,
    /// When it was answered.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
}

impl Service {
    /// Keeps a comment for the administrators. The audit line says that there is one and by whom,
    /// not what it says.
    ///
    /// # Errors
    /// `Invalid` `S0801` for an empty comment or one over 4,000 characters.
    pub fn send_feedback(&self, caller: &Caller, text: &str) -> Result<(), ServiceError> {
        check_text(text, "text", "S0801")?;
        let kept = Feedback {
            at: Some(self.now()),
            by: Some(caller.user.clone()),
            text: text.trim().to_owned(),
            ..Feedback::default()
        };
        let act = self.act(caller, "feedback.send", None);
        self.store.write(&act, |writer| {
            let number = writer.next_serial(SERIAL)?;
            Ok(writer.set_setting(&key(number), &packed(&kept)?)?)
        })
    }

    /// Comments, newest first, from the one before `before` on.
    ///
    /// # Errors
    /// `Denied` without the power `users.manage`.
    pub fn feedback(
        &self,
        caller: &Caller,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Feedback>, ServiceError> {
        self.require_power(caller, "users.manage")?;
        self.store.read(|reader| newest(reader, before, limit, |_| true))
    }

    /// The caller's own comments among the newest, with the answers they got.
    ///
    /// # Errors
    /// Store errors only.
    pub fn own_feedback(&self, caller: &Caller) -> Result<Vec<Feedback>, ServiceError> {
        let is_own = |feedback: &Feedback| feedback.by.as_ref() == Some(&caller.user);
        self.store.read(|reader| newest(reader, None, OWN_LOOKED_THROUGH, is_own))
    }

    /// Answers a comment; a later answer replaces it.
    ///
    /// # Errors
    /// `Denied` without the power `users.manage`, `NotFound`, `Invalid` `S0802` for an empty answer
    /// or one over 4,000 characters.
    pub fn answer_feedback(
        &self,
        caller: &Caller,
        number: i64,
        answer: &str,
    ) -> Result<(), ServiceError> {
        self.require_power(caller, "users.manage")?;
        check_text(answer, "answer", "S0802")?;
        let act = self.act(caller, "feedback.answer", None);
        self.store.write(&act, |writer| {
            let kept = writer.setting(&key(number))?.ok_or(ServiceError::NotFound)?;
            let kept = Feedback {
                answer: answer.trim().to_owned(),
                answered_at: Some(self.now()),
                ..unpacked(&kept)
            };
            Ok(writer.set_setting(&key(number), &packed(&kept)?)?)
        })
    }
}

fn check_text(text: &str, field: &str, code: &'static str) -> Result<(), ServiceError> {
    let length = text.trim().chars().count();
    if (1..=TEXT_LENGTH_MAX).contains(&length) {
        return Ok(());
    }
    let message = Message::new("请填写内容，不超过 4000 字", "write 1 to 4,000 characters");
    let place = Place::Field { ledger: "feedback".to_owned(), field: field.to_owned() };
    Err(ServiceError::invalid(Diagnostic::error(code, message).at(place)))
}

fn key(number: i64) -> String {
    format!("feedback.{number:06}")
}

fn packed(feedback: &Feedback) -> Result<String, ServiceError> {
    serde_json::to_string(feedback).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// A comment as stored; those of the first days are the text alone.
fn unpacked(kept: &str) -> Feedback {
    let plain = || Feedback { text: kept.to_owned(), ..Feedback::default() };
    serde_json::from_str(kept).unwrap_or_else(|_| plain())
}

/// The newest comments of a kind, `limit` looked at.
fn newest(
    reader: &Reader<'_>,
    before: Option<i64>,
    limit: usize,
    is_wanted: impl Fn(&Feedback) -> bool,
) -> Result<Vec<Feedback>, ServiceError> {
    let last = reader.setting(&format!("serial:{SERIAL}"))?;
    let last = last.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    let first = before.map_or(last, |before| last.min(before.saturating_sub(1)));
    let mut found = Vec::new();
    for number in (1..=first).rev().take(limit) {
        let Some(kept) = reader.setting(&key(number))? else { continue };
        let mut feedback = Feedback { number, ..unpacked(&kept) };
        if !is_wanted(&feedback) {
            continue;
        }
        if let Some(by) = &feedback.by {
            let user = reader.get("user", by)?;
            feedback.by_name = user.map(|user| user.text("name").to_owned()).unwrap_or_default();
        }
        found.push(feedback);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_the_first_days_are_read_as_text() {
        let answered = Feedback { answer: "改了".to_owned(), ..unpacked("字太小") };
        for (kept, text, answer) in [
            ("字太小".to_owned(), "字太小", ""),
            ("{不是记录}".to_owned(), "{不是记录}", ""),
            (packed(&answered).unwrap(), "字太小", "改了"),
        ] {
            let found = unpacked(&kept);
            assert_eq!((found.text.as_str(), found.answer.as_str()), (text, answer));
        }
    }
}
