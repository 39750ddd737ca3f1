//! Opaque record ids.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The id of a record: 26 characters of Crockford base 32 in lower case, time first, so that newer
/// records sort later. Opaque to everybody outside the store; safe in addresses.
///
/// # Example
/// ```
/// use taizhang_values::RecordId;
/// let id = RecordId::from_parts(1_700_000_000_000, 42);
/// assert_eq!(RecordId::parse(id.as_str()), Some(id));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(String);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

impl RecordId {
    /// Makes an id from milliseconds since 1970 and 80 random bits (higher bits are ignored).
    #[must_use]
    pub fn from_parts(milliseconds: u64, random: u128) -> Self {
        let mut rest = (u128::from(milliseconds) << 80) | (random & ((1 << 80) - 1));
        let mut text = Vec::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let digit = usize::try_from(rest & 31).unwrap_or(0);
            text.push(ALPHABET.get(digit).copied().map_or('0', char::from));
            rest >>= 5;
        }
        Self(text.into_iter().rev().collect())
    }

    /// Reads an id; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = |byte: u8| ALPHABET.contains(&byte);
        (text.len() == LENGTH && text.bytes().all(known)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
