//! Who calls: a signed-in person with grants.

use std::collections::BTreeSet;
use taizhang_codebook::{Codebook, Role};
use taizhang_diagnostics::Language;
use taizhang_values::{RecordId, RegionCode};

/// A right held by a person: a role within a region subtree, perhaps for one unit only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGrant {
    /// Role in the codebook.
    pub role: String,
    /// Root of the region subtree.
    pub region: RegionCode,
    /// The unit for which it is held, for scope `unit`.
    pub unit: Option<RecordId>,
}

/// A person behind a call, by whatever entry point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user record.
    pub user: RecordId,
    /// Log-in name.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// The person's unit.
    pub unit: Option<RecordId>,
    /// Grants in force today.
    pub grants: Vec<HeldGrant>,
    /// Language of messages.
    pub language: Language,
    /// Entry point, for the audit line (`web`, `cli`).
    pub source: String,
}

impl Caller {
    /// The held grants with their roles; a grant whose role is unknown to the codebook gives
    /// nothing.
    pub fn roles<'a>(
        &'a self,
        codebook: &'a Codebook,
    ) -> impl Iterator<Item = (&'a HeldGrant, &'a Role)> + 'a {
        self.grants.iter().filter_map(|grant| Some((grant, codebook.roles.get(&grant.role)?)))
    }

    /// True if one of the roles has a power that belongs to no ledger (`users.manage`).
    #[must_use]
    pub fn has_power(&self, codebook: &Codebook, power: &str) -> bool {
        self.roles(codebook).any(|(_, role)| role.powers.iter().any(|held| held == power))
    }

    /// Roots of the subtrees in which a power is held.
    #[must_use]
    pub fn power_regions(&self, codebook: &Codebook, power: &str) -> Vec<RegionCode> {
        self.roles(codebook)
            .filter(|(_, role)| role.powers.iter().any(|held| held == power))
            .map(|(grant, _)| grant.region.clone())
            .collect()
    }

    /// The person's own unit and those for which he holds a right: he judges the work of none of
    /// them.
    #[must_use]
    pub fn units(&self) -> BTreeSet<RecordId> {
        self.unit
            .iter()
            .chain(self.grants.iter().filter_map(|held| held.unit.as_ref()))
            .cloned()
            .collect()
    }

    /// The widest region of all grants, for headings and defaults.
    #[must_use]
    pub fn home_region(&self) -> Option<&RegionCode> {
        self.grants.iter().map(|grant| &grant.region).min_by_key(|region| region.as_str().len())
    }
}
