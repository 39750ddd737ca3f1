//! Outline numbers in every style, with planted faults.

use super::content::NumberFault;
use super::layout::Style;

/// Numerals for small numbers in Chinese characters.
pub fn characters(n: u32) -> String {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: u32| usize::try_from(n).ok().and_then(|i| digits.get(i)).copied().unwrap_or("");
    match n {
        0..=9 => digit(n).to_owned(),
        10..=19 => format!("十{}", digit(n % 10)),
        _ => format!("{}十{}", digit(n / 10 % 10), digit(n % 10)),
    }
}

/// A number as written in `style`; `above` is the number of the parent for 1.1.
pub fn written(style: Style, n: u32, above: u32) -> String {
    match style {
        Style::Han => format!("{}、", characters(n)),
        Style::HanParen => format!("（{}）", characters(n)),
        Style::Dot => format!("{n}."),
        Style::Comma => format!("{n}、"),
        Style::Paren => format!("（{n}）"),
        Style::Circle => char::from_u32(0x245f + n).map_or_else(String::new, String::from),
        Style::Decimal => format!("{above}.{n}"),
        Style::Worded => format!("问题{}：", characters(n)),
        Style::Chapter => format!("第{}章", characters(n)),
    }
}

/// A number to be written, and what is wrong with it.
pub struct Numbered {
    /// As written.
    pub text: String,
    /// Its value; `None` for a bullet.
    pub ordinal: Option<u32>,
    /// Type of the defect.
    pub defect: Option<&'static str>,
}

/// A sequence of numbers with one planted fault.
pub struct Sequence {
    style: Style,
    next: u32,
    index: usize,
    fault: Option<NumberFault>,
}

impl Sequence {
    /// A sequence from 1.
    pub fn new(style: Style, fault: Option<NumberFault>) -> Self {
        Self { style, next: 1, index: 0, fault }
    }

    /// Begins again at 1, without fault.
    pub fn restart(&mut self) {
        self.next = 1;
        self.fault = None;
    }

    /// The next number.
    pub fn take(&mut self, above: u32) -> Numbered {
        let index = self.index;
        self.index += 1;
        let n = self.next;
        self.next += 1;
        let plain = |n: u32, defect| Numbered {
            text: written(self.style, n, above),
            ordinal: Some(n),
            defect,
        };
        match self.fault {
            Some(NumberFault::Skip(at)) if at == index => {
                self.next += 1;
                plain(n + 1, Some("skipped_number"))
            }
            Some(NumberFault::Repeat(at)) if at == index => plain(n - 1, Some("duplicate_number")),
            Some(NumberFault::Lose(at)) if at == index && self.style != Style::Worded => {
                Numbered { text: "•".to_owned(), ordinal: None, defect: Some("lost_number") }
            }
            Some(NumberFault::Odd(at))
                if at == index && matches!(self.style, Style::Dot | Style::Comma) =>
            {
                Numbered {
                    text: format!("{n}，"),
                    ordinal: Some(n),
                    defect: Some("irregular_number"),
                }
            }
            _ => plain(n, None),
        }
    }
}
