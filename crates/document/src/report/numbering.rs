//! Outline numbers of official documents: 一、 → （一） → 1. → （1）.

use crate::text::written::characters;

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
            1 => format!("{}、", characters(ordinal)),
            2 => format!("（{}）", characters(ordinal)),
            3 => format!("{ordinal}."),
            _ => format!("（{ordinal}）"),
        }
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
}
