//! Paging marks: the sort values and the id of the record where a page ends, as opaque text.

use crate::base64url;
use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use taizhang_values::{RecordId, Value};

/// An opaque mark between two pages. Safe in addresses; checked against the query when used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Walk towards the beginning.
    #[serde(rename = "b")]
    pub(crate) is_backward: bool,
    /// Fingerprint of ledger and order, so that a mark of another list is refused.
    #[serde(rename = "q")]
    pub(crate) order: String,
    /// Values of the sort fields.
    #[serde(rename = "v")]
    pub(crate) values: Vec<Value>,
    /// Id of the record at the edge of the page.
    #[serde(rename = "i")]
    pub(crate) id: RecordId,
}

/// Longest mark taken from an address, in characters.
const LENGTH_MAX: usize = 8192;

impl Cursor {
    /// Takes a mark as it came from an address. It is checked when the query runs.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The mark as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn write(mark: &Mark) -> Result<Self, StoreError> {
        let text = serde_json::to_vec(mark).map_err(|_| StoreError::BadCursor)?;
        Ok(Self(base64url::encode(&text)))
    }

    pub(crate) fn read(&self) -> Result<Mark, StoreError> {
        if self.0.len() > LENGTH_MAX {
            return Err(StoreError::BadCursor);
        }
        let bytes = base64url::decode(&self.0).ok_or(StoreError::BadCursor)?;
        let mark: Mark = serde_json::from_slice(&bytes).map_err(|_| StoreError::BadCursor)?;
        RecordId::parse(mark.id.as_str()).ok_or(StoreError::BadCursor)?;
        Ok(mark)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Fingerprint of a ledger and an order of its fields.
pub(crate) fn order_fingerprint(ledger: &str, sort: &[(String, bool)]) -> String {
    let mut hash = Sha256::new();
    hash.update(ledger.as_bytes());
    for (field, is_descending) in sort {
        hash.update([0, u8::from(*is_descending)]);
        hash.update(field.as_bytes());
    }
    base64url::encode(hash.finalize().get(..6).unwrap_or_default())
}
