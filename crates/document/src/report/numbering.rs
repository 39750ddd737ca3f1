//! Outline numbers of official documents: 一、 → （一） → 1. → （1）.

/// Counts headings; a deeper level begins again under each heading above it.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    counts: [usize; 4],
}

impl Numbering {
    /// The number of the next heading of a level (1–4; others count as the nearest).
    pub(super) fn next(&mut self, level: u8) -> String {
        let depth = usize::from(level.clamp(1, 4));
        for count in self.counts.iter_mut().skip(depth) {
            *count = 0;
        }
        let ordinal = match self.counts.get_mut(depth - 1) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => 1,
        };
        match depth {
            1 => format!("{}、", chinese(ordinal)),
            2 => format!("（{}）", chinese(ordinal)),
            3 => format!("{ordinal}."),
            _ => format!("（{ordinal}）"),
        }
    }
}

const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A count below ten thousand in characters: 十, 十一, 二十, 一百零五.
pub(super) fn chinese(number: usize) -> String {
    let digit = |value: usize| DIGITS.get(value % 10).copied().unwrap_or_default();
    match number {
        0..=9 => digit(number).to_owned(),
        10..=19 => format!("十{}", digit(number)),
        20..=99 => format!("{}十{}", digit(number / 10), digit(number)),
        100..=999 => {
            let rest = number % 100;
            let tail = match rest {
                0 => String::new(),
                1..=9 => format!("零{}", digit(rest)),
                10..=19 => format!("一十{}", digit(rest)),
                _ => chinese(rest),
            };
            format!("{}百{tail}", digit(number / 100))
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_official_levels() {
        let mut numbering = Numbering::default();
        let levels = [1, 2, 3, 4, 4, 3, 2, 3, 1, 2];
        let numbers: Vec<String> = levels.into_iter().map(|level| numbering.next(level)).collect();
        let expected =
            ["一、", "（一）", "1.", "（1）", "（2）", "2.", "（二）", "1.", "二、", "（一）"];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn counts_are_written_as_they_are_read() {
        let cases = [(1, "一"), (10, "十"), (15, "十五"), (20, "二十"), (99, "九十九")];
        let larger = [(100, "一百"), (105, "一百零五"), (110, "一百一十"), (231, "二百三十一")];
        for (number, text) in cases.into_iter().chain(larger) {
            assert_eq!(chinese(number), text);
        }
    }
}
