//! The register: households and what belongs to them. The village proposes, the township accepts;
//! whatever is written is judged by every rule before it is acknowledged.

mod change;
mod choice;
mod household;
mod origin;
mod proposal;
mod save;

pub use change::{ChangeHousehold, ChangeKind, UndoChange};
pub use household::{HouseholdPage, Section};
pub use origin::FieldOrigin;
pub use proposal::{DecideProposal, ProposalPage, ProposedField};
pub(crate) use save::ROOT;
pub use save::{SaveRecord, Saved, SavedDoubts};
