//! Comments and complaints about the system (`ui.md` §11: an entry is required on every page).

use crate::{Caller, Service, ServiceError};
use taizhang_diagnostics::{Diagnostic, Message, Place};

/// Most characters of one comment.
const TEXT_LENGTH_MAX: usize = 4_000;

impl Service {
    /// Keeps a comment for the administrators. The audit line says that there is one and by whom,
    /// not what it says.
    ///
    /// # Errors
    /// `Invalid` `S0801` for an empty comment or one over 4,000 characters.
    pub fn send_feedback(&self, caller: &Caller, text: &str) -> Result<(), ServiceError> {
        let length = text.trim().chars().count();
        if length == 0 || length > TEXT_LENGTH_MAX {
            let message = Message::new("请填写意见，不超过 4000 字", "write 1 to 4,000 characters");
            let place = Place::Field { ledger: "feedback".to_owned(), field: "text".to_owned() };
            return Err(ServiceError::invalid(Diagnostic::error("S0801", message).at(place)));
        }
        let act = self.act(caller, "feedback.send", None);
        self.store.write(&act, |writer| {
            let serial = writer.next_serial("feedback")?;
            Ok(writer.set_setting(&format!("feedback.{serial:06}"), text.trim())?)
        })
    }
}
