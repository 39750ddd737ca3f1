//! Outline markers at the start of a paragraph: 第一章 一、 (一) 问题一： 1. 1.1 (1) 1) ① a) •.

use std::sync::LazyLock;

use super::glyph::{digit, enclosed, fold, han_number, is_blank, is_han_numeral, is_ideograph};
use super::markup::skip_blank;
use super::wordset::WordSet;
use crate::source::{Source, Span};

/// The style of a marker, in the usual order from the top of an outline downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Style {
    /// 第一编, 第一部分.
    Part,
    /// 第一章.
    Chapter,
    /// 第一节.
    Section,
    /// 第一条.
    Article,
    /// 一、
    Han,
    /// (一)
    HanParen,
    /// 问题一：
    Worded,
    /// 1.
    Digit,
    /// 1.1, 1.1.1: number of parts.
    Dotted(u8),
    /// (1)
    DigitParen,
    /// 1)
    HalfParen,
    /// ①
    Circled,
    /// a)
    Letter,
    /// •
    Bullet,
}

/// A marker as it stands at the start of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    /// Its style.
    pub(crate) style: Style,
    /// Its value; `None` for a bullet.
    pub(crate) ordinal: Option<u32>,
    /// As written, with its punctuation.
    pub(crate) span: Span,
    /// First offset of what follows.
    pub(crate) after: usize,
    /// Unusual punctuation: only a marker if its value continues a sequence.
    pub(crate) irregular: bool,
}

/// Worded markers.
const WORDS: [&str; 34] = [
    "整改任务",
    "整改问题",
    "整改事项",
    "反馈问题",
    "具体问题",
    "重点任务",
    "主要任务",
    "工作任务",
    "目标任务",
    "共性问题",
    "个性问题",
    "巡察反馈问题",
    "巡视反馈问题",
    "审计反馈问题",
    "督查反馈问题",
    "考核反馈问题",
    "审计发现问题",
    "督查发现问题",
    "检查发现问题",
    "巡察发现问题",
    "发现问题",
    "存在问题",
    "检视问题",
    "巡察问题",
    "巡视问题",
    "审计问题",
    "督查问题",
    "安全隐患",
    "问题隐患",
    "隐患",
    "问题",
    "任务",
    "事项",
    "点位",
];

static WORD_SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(WORDS.map(|word| (word, ()))));

/// Units that can follow a decimal fraction, so that `3.2公里` is no outline number.
const FRACTION_UNITS: [&str; 30] = [
    "万",
    "亿",
    "千瓦",
    "千克",
    "千米",
    "百分点",
    "个百分点",
    "元",
    "公里",
    "公斤",
    "公顷",
    "公分",
    "公升",
    "米",
    "亩",
    "吨",
    "平方",
    "平米",
    "%",
    "％",
    "倍",
    "度电",
    "兆",
    "毫米",
    "厘米",
    "斤",
    "立方",
    "克",
    "折",
    "℃",
];

/// Units that are counted in whole numbers: before them a point is the point of an item's number.
const COUNT_UNITS: &str = "年月日天名人户个家件条项次";

/// Marks that stand for a lost number.
const BULLETS: &str = "•●○■□◆◇★☆▲△▪▫·‧∙➢➤►▶※◎⚫⚪";

/// The marker that begins exactly at `start`.
pub(crate) fn at(source: &Source, start: usize, end: usize) -> Option<Marker> {
    let first = source.at(start)?;
    let scan = Scan { source, start, end };
    match first {
        '第' => scan.chapter(),
        '(' | '（' => scan.parenthesised(),
        '【' | '[' => scan.worded(),
        _ if enclosed(first).is_some() => scan.enclosed(),
        _ if is_han_numeral(first) => scan.han(),
        _ if digit(first).is_some() => scan.digits(),
        '问' | '任' | '整' | '事' | '反' | '具' | '重' | '主' | '工' | '目' | '共' | '个'
        | '检' | '巡' | '审' | '督' | '安' | '隐' | '考' | '发' | '存' | '点' => {
            scan.worded()
        }
        _ if fold(first).is_ascii_alphabetic() => scan.letter(),
        '-' | '*' | '–' | '—' => scan.dash(),
        _ if BULLETS.contains(first) => scan.bullet(),
        _ => None,
    }
}

struct Scan<'a> {
    source: &'a Source,
    start: usize,
    end: usize,
}

impl Scan<'_> {
    fn char(&self, offset: usize) -> Option<char> {
        (offset < self.end).then(|| self.source.at(offset)).flatten()
    }

    /// The folded character at `offset`.
    fn folded(&self, offset: usize) -> Option<char> {
        self.char(offset).map(fold)
    }

    fn marker(&self, style: Style, ordinal: Option<u32>, stop: usize) -> Marker {
        let span = Span::new(self.start, stop);
        let after = skip_blank(self.source, stop, self.end);
        Marker { style, ordinal, span, after, irregular: false }
    }

    fn irregular(&self, style: Style, ordinal: u32, stop: usize) -> Marker {
        Marker { irregular: true, ..self.marker(style, Some(ordinal), stop) }
    }

    /// Reads a Chinese or Arabic number; gives its value and end.
    fn number(&self, from: usize) -> Option<(u32, usize)> {
        let limit = (from + 5).min(self.end);
        let slice = self.source.slice(Span::new(from, limit));
        let han = slice.iter().take_while(|c| is_han_numeral(**c)).count();
        if han > 0 {
            return Some((han_number(slice.get(..han)?)?, from + han));
        }
        let digits = slice.iter().map_while(|c| digit(*c));
        let (mut value, mut count) = (0, 0);
        for d in digits.take(5) {
            value = value * 10 + d;
            count += 1;
        }
        // Four digits number the rows of a very long list; from 1900 on they may be a year.
        let is_number = (1..=3).contains(&count) || (count == 4 && value < 1900);
        is_number.then_some((value, from + count))
    }

    fn chapter(&self) -> Option<Marker> {
        let (ordinal, mut stop) = self.number(self.start + 1)?;
        let style = match self.char(stop)? {
            '章' => Style::Chapter,
            '节' => Style::Section,
            '条' => Style::Article,
            '编' | '篇' => Style::Part,
            '部' if self.char(stop + 1) == Some('分') => {
                stop += 1;
                Style::Part
            }
            _ => return None,
        };
        stop += 1;
        match self.char(stop) {
            Some(c) if is_blank(c) => {}
            Some('：' | ':' | '、') => stop += 1,
            // 第一条意见 and the like are running text.
            Some(_) if style == Style::Article => return None,
            Some(c) if is_ideograph(c) => {}
            _ => return None,
        }
        Some(self.marker(style, Some(ordinal), stop))
    }

    fn parenthesised(&self) -> Option<Marker> {
        let mut at = self.start + 1;
        while self.char(at).is_some_and(|c| c == ' ') && at < self.start + 3 {
            at += 1;
        }
        let han = self.char(at).is_some_and(is_han_numeral);
        let (ordinal, mut stop) = self.number(at)?;
        while self.char(stop).is_some_and(|c| c == ' ') && stop < at + 7 {
            stop += 1;
        }
        let style = if han { Style::HanParen } else { Style::DigitParen };
        match self.folded(stop)? {
            ')' => {
                let next = self.folded(stop + 1);
                let extra = usize::from(matches!(next, Some('、' | '.' | '．')));
                Some(self.marker(style, Some(ordinal), stop + 1 + extra))
            }
            '、' | '.' | ',' => Some(self.irregular(style, ordinal, stop + 1)),
            _ => None,
        }
    }

    fn enclosed(&self) -> Option<Marker> {
        let first = self.char(self.start)?;
        let ordinal = enclosed(first)?;
        let style = match first {
            '⑴'..='⒇' => Style::DigitParen,
            '⒈'..='⒛' => Style::Digit,
            '㈠'..='㈩' => Style::HanParen,
            _ => Style::Circled,
        };
        let extra = usize::from(matches!(self.folded(self.start + 1), Some('、' | '.')));
        Some(self.marker(style, Some(ordinal), self.start + 1 + extra))
    }

    fn han(&self) -> Option<Marker> {
        let (ordinal, mut stop) = self.number(self.start)?;
        let direct = stop;
        while self.char(stop).is_some_and(|c| c == ' ') && stop < direct + 2 {
            stop += 1;
        }
        match self.folded(stop)? {
            '、' => Some(self.marker(Style::Han, Some(ordinal), stop + 1)),
            '.' => Some(self.marker(Style::Han, Some(ordinal), stop + 1)),
            ')' if stop == direct => Some(self.irregular(Style::HanParen, ordinal, stop + 1)),
            ',' | ':' | '。' if stop == direct => {
                Some(self.irregular(Style::Han, ordinal, stop + 1))
            }
            _ if self.char(direct).is_some_and(is_blank) => {
                Some(self.irregular(Style::Han, ordinal, direct))
            }
            _ => None,
        }
    }

    fn digits(&self) -> Option<Marker> {
        let Some((ordinal, stop)) = self.number(self.start) else { return self.beyond_1900() };
        match self.folded(stop)? {
            '.' | '、' => self.dotted(ordinal, stop),
            ')' => Some(self.marker(Style::HalfParen, Some(ordinal), stop + 1)),
            ',' if self.char(stop + 1).is_none_or(|c| digit(c).is_none()) => {
                Some(self.irregular(Style::Digit, ordinal, stop + 1))
            }
            ':' | ';' | '。' if self.char(stop + 1).is_none_or(|c| digit(c).is_none()) => {
                Some(self.irregular(Style::Digit, ordinal, stop + 1))
            }
            c if is_blank(c) => Some(self.irregular(Style::Digit, ordinal, stop)),
            _ => None,
        }
    }

    /// `1900.资料`: a year by itself, an item where the list before it has come so far.
    fn beyond_1900(&self) -> Option<Marker> {
        let (ordinal, stop) = self.short_number(self.start).filter(|(value, _)| *value >= 1900)?;
        let marked = matches!(self.folded(stop)?, '.' | '、');
        let text = self.char(stop + 1).is_some_and(|c| digit(c).is_none());
        (marked && text).then(|| self.irregular(Style::Digit, ordinal, stop + 1))
    }

    /// `1.` or `1.1.2`; a decimal fraction before a unit is a quantity, not a number.
    fn dotted(&self, ordinal: u32, stop: usize) -> Option<Marker> {
        let mut parts = 1_u8;
        let (mut last, mut at) = (ordinal, stop);
        while self.folded(at) == Some('.') {
            let Some((value, next)) = self.short_number(at + 1) else { break };
            // More than a handful of parts is no outline number; the loop only has to end.
            parts = parts.saturating_add(1);
            (last, at) = (value, next);
        }
        if parts == 1 {
            return Some(self.marker(Style::Digit, Some(ordinal), stop + 1));
        }
        match self.char(at) {
            // `1.2020年` and `1.27名` are the first item, beginning with a quantity.
            Some(c) if COUNT_UNITS.contains(c) && !self.is_compound(at) => {
                Some(self.marker(Style::Digit, Some(ordinal), stop + 1))
            }
            Some(_) if parts == 2 && self.is_fraction(at) => None,
            Some(c) if is_blank(c) || is_ideograph(c) || c == '“' || c == '《' => {
                Some(self.marker(Style::Dotted(parts), Some(last), at))
            }
            Some('、' | '.' | '．') => {
                Some(self.marker(Style::Dotted(parts), Some(last), at + 1))
            }
            _ => None,
        }
    }

    fn is_fraction(&self, at: usize) -> bool {
        FRACTION_UNITS.iter().any(|unit| self.source.starts_with(at, unit))
    }

    /// A word that only begins like a unit: 2.3项目, 1.1人居环境, 2.1个别农户.
    fn is_compound(&self, at: usize) -> bool {
        let words = [
            "项目",
            "人居",
            "人员",
            "人口",
            "人民",
            "人才",
            "人大",
            "人均",
            "个别",
            "个人",
            "个体",
            "家庭",
            "家长",
            "条件",
            "户籍",
            "户口",
            "户档",
            "户厕",
            "户容",
            "名单",
            "月报",
            "次要",
            "年度计划",
            "件数",
            "日常",
            "日间",
            "天然",
            "天气",
        ];
        words.iter().any(|word| self.source.starts_with(at, word))
    }

    /// A number of one or two digits, or of four before 年.
    fn short_number(&self, from: usize) -> Option<(u32, usize)> {
        let slice = self.source.slice(Span::new(from, (from + 5).min(self.end)));
        let count = slice.iter().take_while(|c| digit(**c).is_some()).count();
        let value = slice.iter().map_while(|c| digit(*c)).fold(0, |sum, d| sum * 10 + d);
        (1..=4).contains(&count).then_some((value, from + count))
    }

    fn worded(&self) -> Option<Marker> {
        let bracket = matches!(self.char(self.start)?, '【' | '[');
        let from = self.start + usize::from(bracket);
        let (length, ()) = WORD_SET.longest(self.source.chars().get(from..)?)?;
        let mut at = from + length;
        if self.folded(at) == Some('(') {
            at += 1;
        }
        let (ordinal, mut stop) = self.number(at)?;
        if self.folded(stop) == Some(')') {
            stop += 1;
        }
        let stop = match self.char(stop)? {
            '】' | ']' if bracket => {
                let colon = matches!(self.folded(stop + 1), Some(':'));
                stop + 1 + usize::from(colon)
            }
            '：' | ':' | '、' | '.' | '．' if !bracket => stop + 1,
            c if is_blank(c) && !bracket => stop,
            _ => return None,
        };
        Some(self.marker(Style::Worded, Some(ordinal), stop))
    }

    fn letter(&self) -> Option<Marker> {
        let first = self.folded(self.start)?.to_ascii_lowercase();
        let ordinal = u32::from(first).checked_sub(u32::from('a'))? + 1;
        (self.folded(self.start + 1)? == ')')
            .then(|| self.marker(Style::Letter, Some(ordinal), self.start + 2))
    }

    fn dash(&self) -> Option<Marker> {
        let next = self.char(self.start + 1)?;
        is_blank(next).then(|| self.marker(Style::Bullet, None, self.start + 1))
    }

    fn bullet(&self) -> Option<Marker> {
        Some(self.marker(Style::Bullet, None, self.start + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Style, Option<u32>, &str)>) {
        let source = Source::new(text);
        let found = at(&source, 0, source.len()).filter(|m| !m.irregular);
        let found = found.map(|m| (m.style, m.ordinal, source.text(m.span)));
        let expected = expected.map(|(style, n, s)| (style, n, s.to_owned()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn markers_of_all_styles_are_read() {
        check("一、总则", Some((Style::Han, Some(1), "一、")));
        check("十二、附则", Some((Style::Han, Some(12), "十二、")));
        check("（三）加强", Some((Style::HanParen, Some(3), "（三）")));
        check("１．饮水", Some((Style::Digit, Some(1), "１．")));
        check("12、资料", Some((Style::Digit, Some(12), "12、")));
        check("1500．资料", Some((Style::Digit, Some(1500), "1500．")));
        check("1.1.2 范围", Some((Style::Dotted(3), Some(2), "1.1.2")));
        check("(1)县级", Some((Style::DigitParen, Some(1), "(1)")));
        check("2）核查", Some((Style::HalfParen, Some(2), "2）")));
        check("②资助", Some((Style::Circled, Some(2), "②")));
        check("第二章 职责", Some((Style::Chapter, Some(2), "第二章")));
        check("问题三：资料不全", Some((Style::Worded, Some(3), "问题三：")));
        check("整改任务1：资料", Some((Style::Worded, Some(1), "整改任务1：")));
        check("• 提高认识", Some((Style::Bullet, None, "•")));
        check("b)资料", Some((Style::Letter, Some(2), "b)")));
    }

    #[test]
    fn quantities_and_running_text_are_no_markers() {
        for text in [
            "3.2公里道路",
            "2019年底",
            "2019、2020两年",
            "1.36万人",
            "一是加强",
            "第一，加强",
            "第一书记",
            "5000元",
            "12个村",
        ] {
            check(text, None);
        }
        check("1.27名学生漏报", Some((Style::Digit, Some(1), "1.")));
        check("2.2020年任务未完成", Some((Style::Digit, Some(2), "2.")));
        check("2.15日内落实措施", Some((Style::Digit, Some(2), "2.")));
        check("1.1日常管理不严", Some((Style::Dotted(2), Some(1), "1.1")));
    }

    #[test]
    fn odd_punctuation_is_marked_irregular() {
        for text in ["22,关于", "三，加强", "（四、加强", "五)加强", "1900.资料不全"]
        {
            let source = Source::new(text);
            assert!(at(&source, 0, source.len()).is_some_and(|m| m.irregular), "{text}");
        }
    }
}
