//! How an outline number is written, and how the same list would write another number.

use crate::model::Section;
use crate::text::written::characters;

/// The kinds of numerals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum System {
    /// 1, 2, 3.
    #[default]
    Arabic,
    /// １, ２, ３.
    FullWidth,
    /// 一, 二, 三.
    Characters,
    /// ①, ②, ③.
    Circled,
    /// ⑴, ⑵, ⑶.
    Parenthesised,
    /// a, b, c or A, B, C.
    Letter,
}

/// What numbers of one list have in common: numeral system, words and opening bracket before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    system: System,
    before: String,
}

/// A number taken apart.
#[derive(Clone, Debug)]
pub struct Style {
    text: String,
    before: String,
    system: System,
    numeral: String,
    behind: String,
    mark: String,
}

impl Style {
    /// The style of a node's number; `None` for bullets and nodes without number.
    pub fn of(section: &Section) -> Option<Self> {
        let number = section.number.as_ref()?;
        section.ordinal?;
        Self::of_text(&number.text)
    }

    /// Takes a written number apart at its last numeral.
    pub fn of_text(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let last = chars.iter().rposition(|c| system(*c).is_some())?;
        let kind = system(*chars.get(last)?)?;
        let head = chars.get(..last)?;
        let first = head.iter().rposition(|c| system(*c) != Some(kind)).map_or(0, |i| i + 1);
        let first = if matches!(kind, System::Circled | System::Parenthesised | System::Letter) {
            last
        } else {
            first
        };
        let collect = |part: Option<&[char]>| part.unwrap_or_default().iter().collect::<String>();
        let behind = collect(chars.get(last + 1..));
        Some(Self {
            text: text.to_owned(),
            before: collect(chars.get(..first)),
            system: kind,
            numeral: collect(chars.get(first..=last)),
            mark: narrow(behind.trim()),
            behind,
        })
    }

    /// What the number shares with its siblings.
    pub fn key(&self) -> Key {
        let system = if self.system == System::FullWidth { System::Arabic } else { self.system };
        // 1.1 and 1.2 belong together, 1.1 and 2.1 do not matter: parents differ.
        Key { system, before: narrow(&self.before) }
    }

    /// Closing punctuation, full width folded.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The number as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Value of an Arabic numeral; other systems are read by the outline.
    pub fn value(&self) -> Option<u32> {
        let mut value = 0_u32;
        for c in self.numeral.chars() {
            let digit = match c {
                '0'..='9' => u32::from(c) - u32::from('0'),
                '０'..='９' => u32::from(c) - u32::from('０'),
                _ => return None,
            };
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        Some(value)
    }

    /// The number `value` as this list would write it.
    pub fn write(&self, value: u32) -> String {
        format!("{}{}{}", self.before, write_numeral(self.system, value), self.behind)
    }
}

/// The numeral system of `c`.
fn system(c: char) -> Option<System> {
    match c {
        '0'..='9' => Some(System::Arabic),
        '０'..='９' => Some(System::FullWidth),
        '①'..='⑳' => Some(System::Circled),
        '⑴'..='⒇' => Some(System::Parenthesised),
        'a'..='z' | 'A'..='Z' => Some(System::Letter),
        '十' | '百' | '〇' => Some(System::Characters),
        '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' => {
            Some(System::Characters)
        }
        _ => None,
    }
}

/// Full-width punctuation folded to half width.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '．' => '.',
            '，' => ',',
            '：' => ':',
            '；' => ';',
            c => c,
        })
        .collect()
}

/// Writes a numeral.
fn write_numeral(system: System, value: u32) -> String {
    let offset = |base: char, n: u32| char::from_u32(u32::from(base) + n).map(String::from);
    let special = match system {
        System::Circled if (1..=20).contains(&value) => offset('①', value - 1),
        System::Parenthesised if (1..=20).contains(&value) => offset('⑴', value - 1),
        System::Letter if (1..=26).contains(&value) => offset('a', value - 1),
        System::Characters => usize::try_from(value).ok().map(characters),
        System::FullWidth => value
            .to_string()
            .chars()
            .map(|c| offset('０', u32::from(c) - u32::from('0')))
            .collect::<Option<String>>(),
        _ => None,
    };
    special.unwrap_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_is_written_like_its_siblings() {
        let cases = [
            ("一、", 4, "四、"),
            ("（十）", 11, "（十一）"),
            ("６．", 5, "５．"),
            ("1.1.", 2, "1.2."),
            ("③", 2, "②"),
            ("整改任务一:", 2, "整改任务二:"),
            ("第一章", 20, "第二十章"),
            ("22,", 22, "22,"),
        ];
        for (text, value, expected) in cases {
            assert_eq!(Style::of_text(text).unwrap().write(value), expected);
        }
        assert!(Style::of_text("•").is_none());
    }
}
