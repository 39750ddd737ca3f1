//! What rules tell, for pages about rules.

use crate::Service;
use taizhang_diagnostics::Language;
use taizhang_rules::{Shown, joined};

impl Service {
    /// What a rule tells about its hits, with the names of fields in the places of their values;
    /// `None` for a rule that is not in the codebook.
    #[must_use]
    pub fn message_words(&self, rule: &str, language: Language) -> Option<String> {
        let rule = self.rules().iter().find(|known| known.code == rule)?;
        let name = |value: &Shown| match &value.label {
            Some(label) => label.text(language).to_owned(),
            None => value.text.clone(),
        };
        let names: Vec<String> =
            rule.message.values.iter().map(|value| format!("[{}]", name(value))).collect();
        Some(joined(&rule.message, &names, language))
    }
}
