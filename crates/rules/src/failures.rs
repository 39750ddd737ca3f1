//! How the reckoning of a rule can fail.

use crate::functions::Function;
use crate::interpret::ErrorKind;
use crate::ir::{Kind, Node, Operation};
use crate::rule::Rule;
use crate::walk::children;
use std::collections::BTreeSet;

/// The errors that a rule's expressions can meet, so that a count of errors can be explained
/// without going back to the rows. Overflow stands only where nothing else can fail.
#[must_use]
pub fn failures(rule: &Rule) -> BTreeSet<ErrorKind> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Node> = rule.applies.iter().collect();
    open.push(&rule.violates);
    while let Some(node) = open.pop() {
        found.extend(failure(node));
        open.extend(children(node));
    }
    if found.is_empty() {
        found.insert(ErrorKind::Overflow);
    }
    found
}

fn failure(node: &Node) -> Option<ErrorKind> {
    match &node.kind {
        Kind::Arithmetic { operation: Operation::Divide | Operation::Modulo, right, .. } => {
            let is_constant = matches!(right.kind, Kind::Literal(_));
            (!is_constant).then_some(ErrorKind::DivisionByZero)
        }
        Kind::Param { .. } => Some(ErrorKind::NoParameter),
        Kind::Call { function, .. } => match function {
            Function::MakeDate | Function::AddDays | Function::AddMonths => {
                Some(ErrorKind::NoSuchDay)
            }
            Function::TextToInteger | Function::TextToDecimal => Some(ErrorKind::NoNumber),
            Function::Substring | Function::WorkingDaysBetween | Function::AddWorkingDays => {
                Some(ErrorKind::OutOfRange)
            }
            _ => None,
        },
        _ => None,
    }
}
