//! Masks for personal text. Default masks show as little as can still be recognised.

/// `张*` for two characters, `张*明` for three, first and last kept beyond that. Public texts use
/// surname + 某 instead (`domain.md` §6.5).
///
/// # Example
/// ```
/// use taizhang_values::mask_name;
/// assert_eq!(mask_name("周小雨"), "周*雨");
/// assert_eq!(mask_name("周雨"), "周*");
/// ```
#[must_use]
pub fn mask_name(name: &str) -> String {
    let characters: Vec<char> = name.trim().chars().collect();
    match characters.as_slice() {
        [] => String::new(),
        [only] => only.to_string(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// No digit of the number is kept on pages (`domain.md` §6.7: stricter than practice).
#[must_use]
pub fn mask_identity(_number: &str) -> String {
    "******************".to_owned()
}

/// First three and last four digits: `138****1234`; anything shorter is hidden whole.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match (digits.get(..3), digits.len().checked_sub(4).and_then(|at| digits.get(at..))) {
        (Some(head), Some(tail)) if digits.len() >= 11 => {
            format!("{}****{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
        }
        _ => "****".to_owned(),
    }
}
