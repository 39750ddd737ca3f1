//! Filters of indicators, written as in the address of a list page.

/// One term of a filter. All terms must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterTerm {
    /// Field of the ledger, a built-in column, or `state_kind`.
    pub field: String,
    /// How the field is compared.
    pub operator: FilterOperator,
    /// Values, of which one must fit; none means an empty field.
    pub values: Vec<String>,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterOperator {
    /// `=`: one of the values, or empty if there is none.
    Is,
    /// `!=`: none of the values, or filled if there is none.
    IsNot,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    Greater,
    /// `>=`.
    AtLeast,
}

/// A term that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterFault {
    /// First byte of the term in the filter.
    pub start: usize,
    /// The term.
    pub term: String,
}

/// Operators, longer ones first.
const OPERATORS: [(&str, FilterOperator); 6] = [
    ("!=", FilterOperator::IsNot),
    ("<=", FilterOperator::AtMost),
    (">=", FilterOperator::AtLeast),
    ("=", FilterOperator::Is),
    ("<", FilterOperator::Less),
    (">", FilterOperator::Greater),
];

/// Field that stands for the kind of a record's state.
pub const STATE_KIND_FIELD: &str = "state_kind";

/// Value that stands for the day of the report.
pub const TODAY: &str = "today";

/// Reads a filter: `field=value`, several values by comma, several terms by `&`.
///
/// # Errors
/// The first term without a field, without an operator, or with a comparison that has not exactly
/// one value.
///
/// # Example
/// ```
/// use taizhang_codebook::{FilterOperator, parse_filter};
/// let terms = parse_filter("parent=&state_kind=open,waiting&due_on<today").unwrap();
/// assert_eq!(terms[0].values, Vec::<String>::new());
/// assert_eq!(terms[1].values, ["open", "waiting"]);
/// assert_eq!(terms[2].operator, FilterOperator::Less);
/// assert_eq!(parse_filter("state").unwrap_err().term, "state");
/// ```
pub fn parse_filter(text: &str) -> Result<Vec<FilterTerm>, FilterFault> {
    let mut terms = Vec::new();
    let mut start = 0;
    for part in text.split('&') {
        if !(part.is_empty() && text.is_empty()) {
            let fault = || FilterFault { start, term: part.to_owned() };
            terms.push(term(part).ok_or_else(fault)?);
        }
        start += part.len() + 1;
    }
    Ok(terms)
}

fn term(text: &str) -> Option<FilterTerm> {
    let at = text.find(['=', '<', '>', '!'])?;
    let (field, rest) = text.split_at_checked(at)?;
    let (operator, values) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| rest.strip_prefix(sign).map(|values| (*operator, values)))?;
    let values: Vec<String> =
        values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    let is_comparison = !matches!(operator, FilterOperator::Is | FilterOperator::IsNot);
    let is_readable = !field.is_empty()
        && (!is_comparison || values.len() == 1)
        && values.iter().all(|value| !value.contains(['=', '<', '>']));
    is_readable.then(|| FilterTerm { field: field.to_owned(), operator, values })
}
