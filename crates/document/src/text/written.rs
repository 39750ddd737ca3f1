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

/// A number below a thousand in Chinese characters, 十二, 二十, 一百零五; a larger one in digits.
pub(crate) fn characters(number: usize) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: usize| DIGITS.get(value % 10).copied().unwrap_or_default();
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    if hundreds > 9 {
        return number.to_string();
    }
    let mut out = String::new();
    if hundreds > 0 {
        out += digit(hundreds);
        out += "百";
    }
    match tens {
        0 if hundreds > 0 && ones > 0 => out += "零",
        0 => {}
        1 if hundreds == 0 => out += "十",
        _ => {
            out += digit(tens);
            out += "十";
        }
    }
    if ones > 0 || number == 0 {
        out += digit(ones);
    }
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

    #[test]
    fn counts_are_written_as_they_are_read() {
        let cases = [(1, "一"), (10, "十"), (15, "十五"), (20, "二十"), (99, "九十九")];
        let larger = [
            (100, "一百"),
            (105, "一百零五"),
            (110, "一百一十"),
            (231, "二百三十一"),
            (1000, "1000"),
        ];
        for (number, text) in cases.into_iter().chain(larger) {
            assert_eq!(characters(number), text);
        }
    }
}
