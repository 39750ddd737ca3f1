//! The nearest known name to a wrong one.

/// The candidate with the fewest edits to `word`, if they are few enough to be a slip (a third of
/// the length, at least one); ties go to the first.
///
/// # Example
/// ```
/// use taizhang_diagnostics::nearest;
/// let fields = ["net_income", "wage_income"];
/// assert_eq!(nearest("net_incom", fields), Some("net_income"));
/// assert_eq!(nearest("马糖村", ["马塘村", "白河村"]), Some("马塘村"));
/// assert_eq!(nearest("xyz", fields), None);
/// assert_eq!(nearest("e", ["a", "b"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().collect();
    // A single letter is no slip for another one.
    let allowed = (letters.len() / 3).max(1).min(letters.len().saturating_sub(1));
    candidates
        .into_iter()
        .map(|candidate| (distance(&letters, candidate), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters, one row at a time.
fn distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.iter().enumerate() {
        let mut diagonal = line;
        let mut previous = line + 1;
        if let Some(first) = row.first_mut() {
            *first = previous;
        }
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let substituted = diagonal + usize::from(a != b);
            diagonal = *cell;
            previous = substituted.min(previous + 1).min(*cell + 1);
            *cell = previous;
        }
    }
    row.last().copied().unwrap_or(0)
}
