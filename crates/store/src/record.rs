//! Records, what makes and changes them, and their versions.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taizhang_values::{RecordId, RegionCode, Timestamp, Value};

/// Values by field name. A missing name means [`Value::Null`].
pub type Values = BTreeMap<String, Value>;

/// What an absent field reads as.
static NULL: Value = Value::Null;

/// A record as stored. Sealed (sensitive) fields hold their masked text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Ledger it belongs to.
    pub ledger: String,
    /// Its id.
    pub id: RecordId,
    /// Version, 1 for a new record, one more with each change.
    pub version: i64,
    /// Region on which it sits.
    pub region: Option<RegionCode>,
    /// State of its flow.
    pub state: Option<String>,
    /// Edition of the flow with which it began.
    pub flow_edition: Option<i64>,
    /// Moment of the first version.
    pub created_at: Timestamp,
    /// Who made it; `None` for the program itself.
    pub created_by: Option<RecordId>,
    /// Moment of this version.
    pub updated_at: Timestamp,
    /// Who made this version.
    pub updated_by: Option<RecordId>,
    /// Filled fields.
    pub values: Values,
}

impl Record {
    /// The value of a field; [`Value::Null`] where nothing is stored.
    #[must_use]
    pub fn get(&self, field: &str) -> &Value {
        self.values.get(field).unwrap_or(&NULL)
    }

    /// The text of a field; empty where there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.get(field).as_text().unwrap_or("")
    }

    /// The reference in a field.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<&RecordId> {
        self.get(field).as_reference()
    }
}

/// A record to insert. Empty values are stored as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRecord {
    /// Region on which it sits.
    pub region: Option<RegionCode>,
    /// First state of its flow.
    pub state: Option<String>,
    /// Edition of the flow.
    pub flow_edition: Option<i64>,
    /// Values by field name.
    pub values: Values,
}

/// A change to a record. Fields not named stay as they are; [`Value::Null`] empties a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// New state, if it changes.
    pub state: Option<String>,
    /// New region, if it changes.
    pub region: Option<RegionCode>,
    /// New values by field name.
    pub values: Values,
}

/// Who does what, why and from where; every line written in one transaction carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Acting user; `None` for the program itself.
    pub actor: Option<RecordId>,
    /// `thing.verb`, such as `finding.accept`.
    pub verb: String,
    /// The moment by the server's clock.
    pub at: Timestamp,
    /// Why, in words.
    pub reason: Option<String>,
    /// From where: an address, `cli`, an import's number, a report's number.
    pub source: String,
}

/// A record that a transaction wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Ledger.
    pub ledger: String,
    /// The record.
    pub id: RecordId,
    /// Version before the first change, 0 for a record that was made; none where only its links
    /// changed.
    pub before: Option<i64>,
}

/// One version of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Number, from 1.
    pub version: i64,
    /// Server sequence number: rises strictly over all records, whatever the clock does.
    pub sequence: i64,
    /// Moment.
    pub at: Timestamp,
    /// Who.
    pub by: Option<RecordId>,
    /// `thing.verb`.
    pub verb: String,
    /// Why.
    pub reason: Option<String>,
    /// From where.
    pub source: String,
    /// True for the version that removed the record from the lists.
    pub is_deleted: bool,
    /// The whole record as it stood.
    pub record: Record,
    /// What changed against the version before: field, old, new. `state` and `region` included.
    pub changed: Vec<(String, Value, Value)>,
}
