//! Many words looked for at once: one pass over the text, most characters dismissed by one bit.

/// A set of words, each with a value, found by their first characters.
#[derive(Clone, Debug)]
pub(crate) struct WordSet<V = ()> {
    /// One bit for each value of the low bits of a first character.
    first: [u64; 16],
    /// Sorted by first character, of one character the longest word first.
    words: Vec<(char, Vec<char>, V)>,
}

impl WordSet {
    /// The words of a list parted by white space, without those in `but`.
    pub(crate) fn new(list: &str, but: &[&str]) -> Self {
        Self::of(list.split_whitespace().filter(|word| !but.contains(word)).map(|word| (word, ())))
    }
}

impl<V: Copy> WordSet<V> {
    /// Words with their values.
    pub(crate) fn of<'a>(words: impl IntoIterator<Item = (&'a str, V)>) -> Self {
        let mut set = Self { first: [0; 16], words: Vec::new() };
        for (word, value) in words {
            let Some(c) = word.chars().next() else { continue };
            if let Some(slot) = set.first.get_mut(slot(c)) {
                *slot |= bit(c);
            }
            set.words.push((c, word.chars().collect(), value));
        }
        set.words.sort_by_key(|(c, word, _)| (*c, std::cmp::Reverse(word.len())));
        set
    }

    /// Whether any word stands in the text.
    pub(crate) fn found_in(&self, text: &[char]) -> bool {
        text.iter()
            .enumerate()
            .any(|(i, c)| self.may_begin(*c) && self.starts(text.get(i..).unwrap_or_default()))
    }

    /// Whether the text begins with any word.
    pub(crate) fn starts(&self, text: &[char]) -> bool {
        self.longest(text).is_some()
    }

    /// Length and value of the longest word that the text begins with.
    pub(crate) fn longest(&self, text: &[char]) -> Option<(usize, V)> {
        let c = *text.first()?;
        if !self.may_begin(c) {
            return None;
        }
        let from = self.words.partition_point(|(first, ..)| *first < c);
        self.words
            .iter()
            .skip(from)
            .take_while(|(first, ..)| *first == c)
            .find(|(_, word, _)| text.starts_with(word))
            .map(|(_, word, value)| (word.len(), *value))
    }

    /// Cheap test: whether some word may begin with a character.
    #[inline]
    pub(crate) fn may_begin(&self, c: char) -> bool {
        self.first.get(slot(c)).is_some_and(|bits| bits & bit(c) != 0)
    }
}

#[inline]
fn slot(c: char) -> usize {
    (u32::from(c) as usize >> 6) & 15
}

#[inline]
fn bit(c: char) -> u64 {
    1 << (u32::from(c) & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn words_are_found_anywhere_or_at_the_start() {
        let set = WordSet::new("不到位 不够 缺", &["缺"]);
        assert!(set.found_in(&chars("落实不够")));
        assert!(!set.found_in(&chars("不断缺失")));
        assert!(set.starts(&chars("不到位的")));
        assert!(!set.starts(&chars("仍不到位")));
        assert!(!set.starts(&[]));
    }

    #[test]
    fn the_longest_word_gives_its_value() {
        let set = WordSet::of([("已完成", 1), ("已", 2), ("完成", 3), ("已完成整改", 4)]);
        for (text, found) in [
            ("已完成整改任务", Some((5, 4))),
            ("已完成。", Some((3, 1))),
            ("已经", Some((1, 2))),
            ("未完成", None),
        ] {
            assert_eq!(set.longest(&chars(text)), found, "{text}");
        }
    }
}
