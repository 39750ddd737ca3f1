//! The register: households and what belongs to them. The village proposes, the township accepts;
//! whatever is written is judged by every rule before it is acknowledged.

mod choice;
mod household;
mod proposal;
mod save;

pub use household::{HouseholdPage, Section};
pub use proposal::{DecideProposal, ProposalPage, ProposedField};
pub use save::{SaveRecord, Saved};
