//! Many words looked for at once: one pass over the text, most characters dismissed by one bit.

/// A set of words, found by their first characters.
#[derive(Clone, Debug)]
pub(crate) struct WordSet {
    /// One bit for each value of the low bits of a first character.
    first: [u64; 16],
    /// Sorted by first character.
    words: Vec<(char, &'static str)>,
}

impl WordSet {
    /// The words of a list parted by white space, without those in `but`.
    pub(crate) fn new(list: &'static str, but: &[&str]) -> Self {
        let mut set = Self { first: [0; 16], words: Vec::new() };
        for word in list.split_whitespace().filter(|word| !but.contains(word)) {
            if let Some(c) = word.chars().next() {
                if let Some(slot) = set.first.get_mut(slot(c)) {
                    *slot |= bit(c);
                }
                set.words.push((c, word));
            }
        }
        set.words.sort_unstable();
        set
    }

    /// Whether any word stands in the text.
    pub(crate) fn found_in(&self, text: &str) -> bool {
        text.char_indices().any(|(i, c)| self.begins(text, i, c))
    }

    /// Whether the text begins with any word.
    pub(crate) fn starts(&self, text: &str) -> bool {
        text.chars().next().is_some_and(|c| self.begins(text, 0, c))
    }

    fn begins(&self, text: &str, at: usize, c: char) -> bool {
        if self.first.get(slot(c)).is_none_or(|bits| bits & bit(c) == 0) {
            return false;
        }
        let from = self.words.partition_point(|(first, _)| *first < c);
        let rest = text.get(at..).unwrap_or_default();
        self.words
            .iter()
            .skip(from)
            .take_while(|(first, _)| *first == c)
            .any(|(_, word)| rest.starts_with(word))
    }
}

fn slot(c: char) -> usize {
    (u32::from(c) as usize >> 6) & 15
}

fn bit(c: char) -> u64 {
    1 << (u32::from(c) & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_anywhere_or_at_the_start() {
        let set = WordSet::new("不到位 不够 缺", &["缺"]);
        assert!(set.found_in("落实不够"));
        assert!(!set.found_in("不断缺失"));
        assert!(set.starts("不到位的"));
        assert!(!set.starts("仍不到位"));
        assert!(!set.starts(""));
    }
}
