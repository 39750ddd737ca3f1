//! CEL as its standard has it, over values without fixed types.
//!
//! Rules do not run here: they are typed and judged by [`crate::interpret`]. This runs the public
//! conformance cases, so that the operators and functions that rules share with CEL (parsing,
//! checked numbers, patterns, Kleene's logic) are held to its standard.

mod evaluate;
mod functions;
mod macros;
mod optional;
mod time;
mod types;
mod value;

pub use evaluate::{Environment, evaluate};
pub use types::{CelType, Declarations, type_of};
pub use value::{CelError, Value};

use crate::syntax::{Expression, parse_dynamic};

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Program(pub(crate) Expression);

/// Parses an expression.
///
/// # Errors
/// The first thing that cannot be read.
pub fn parse(text: &str) -> Result<Program, CelError> {
    match parse_dynamic(text) {
        Ok(expression) => Ok(Program(expression)),
        Err(faults) => {
            let message = faults.into_iter().next().map(|fault| fault.message.en);
            Err(CelError(message.unwrap_or_default()))
        }
    }
}
