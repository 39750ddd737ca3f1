//! People: sign-in, passwords, sessions, accounts, rights, units and regions.

mod grants;
mod operator;
mod organisation;
mod password;
mod session;
mod sign_in;
mod users;

pub use grants::NewGrant;
pub use password::{HashingSlots, PASSWORD_LENGTH_MIN};
pub use session::{SessionInfo, SessionLimits};
pub use sign_in::{SignIn, SignedIn};
pub use users::NewUser;
