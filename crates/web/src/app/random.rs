//! Random texts for form keys and request numbers.

use std::fmt::Write;

/// 128 random bits in hexadecimal; empty if the machine has no random source, in which case a form
/// key is simply not checked.
pub(crate) fn random_text() -> String {
    let mut bytes = [0u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
