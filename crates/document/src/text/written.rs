//! Numbers written out without the machinery of `format!`: ids and dates are made by the thousand.

/// Appends `value` in decimal digits, with zeros in front up to `width`.
pub(crate) fn push_padded(out: &mut String, value: usize, width: usize) {
    let mut power = 1_usize;
    let mut digits = 1;
    while value / power >= 10 {
        power *= 10;
        digits += 1;
    }
    out.extend(std::iter::repeat_n('0', width.saturating_sub(digits)));
    while power > 0 {
        let digit = u32::try_from(value / power % 10).unwrap_or(0);
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
        power /= 10;
    }
}

/// An id: a letter and a number of at least `width` digits, `N007`.
pub(crate) fn id(letter: char, number: usize, width: usize) -> String {
    let mut out = String::with_capacity(8);
    out.push(letter);
    push_padded(&mut out, number, width);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_like_the_standard_library_writes_them() {
        for value in [0, 1, 9, 10, 99, 100, 101, 999, 1000, 2021, 123_456, usize::MAX] {
            for width in [0, 1, 2, 3, 4] {
                let expected = format!("N{value:0width$}");
                assert_eq!(id('N', value, width), expected);
            }
        }
    }
}
