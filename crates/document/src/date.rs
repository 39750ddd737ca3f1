//! Dates as they are written: 2020年5月31日, 5月底, 2019-09-06, ranges, and signatures in characters.

use crate::source::{Source, Span};
use crate::text::glyph::{
    digit, fold, han_digit, han_number, is_blank, is_han_numeral, is_ideograph,
};
use crate::text::written::push_padded;

/// A date with the parts that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Date {
    /// Four digits.
    pub(crate) year: Option<u32>,
    /// 1–12.
    pub(crate) month: Option<u32>,
    /// 1–31; the last day for 底.
    pub(crate) day: Option<u32>,
}

impl Date {
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY`, `--MM-DD` or `--MM`.
    pub(crate) fn iso(self) -> String {
        let mut out = String::with_capacity("YYYY-MM-DD".len());
        match self.year {
            Some(year) => push_padded(&mut out, year as usize, 4),
            None => out.push('-'),
        }
        for part in [self.month, self.day.filter(|_| self.month.is_some())].into_iter().flatten() {
            out.push('-');
            push_padded(&mut out, part as usize, 2);
        }
        out
    }
}

/// A date or a range of dates in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expression {
    /// As written, with 底, without 前.
    pub(crate) span: Span,
    /// The date, or the first of a range.
    pub(crate) from: Date,
    /// The last date of a range.
    pub(crate) to: Option<Date>,
}

impl Expression {
    /// ISO form, `a/b` for a range.
    pub(crate) fn value(&self) -> String {
        match self.to {
            Some(to) => format!("{}/{}", self.from.iso(), to.iso()),
            None => self.from.iso(),
        }
    }

    /// The last date named.
    pub(crate) fn last(&self) -> Date {
        self.to.unwrap_or(self.from)
    }
}

/// Number of days of a month; February has 28 where the year is not known.
pub(crate) fn last_day(year: Option<u32>, month: u32) -> u32 {
    match month {
        2 => {
            let leap = year.is_some_and(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
            if leap { 29 } else { 28 }
        }
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads forward over a bounded stretch.
struct Cursor<'a> {
    source: &'a Source,
    at: usize,
    end: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        (self.at < self.end).then(|| self.source.at(self.at)).flatten()
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// A number of up to `length` digits, blanks around it allowed.
    fn number(&mut self, length: usize) -> Option<(u32, usize)> {
        let before = self.at;
        self.skip_spaces();
        let (mut value, mut count) = (0, 0);
        while count <= length {
            // A wrapped line may break between two digits.
            let broken = count > 0 && self.peek() == Some('\n');
            let at = self.at + usize::from(broken);
            let Some(d) = self.source.at(at).filter(|_| at < self.end).and_then(digit) else {
                break;
            };
            value = value * 10 + d;
            count += 1;
            self.at = at + 1;
        }
        if count == 0 || count > length {
            self.at = before;
            return None;
        }
        Some((value, count))
    }

    fn take(&mut self, words: &[char]) -> Option<char> {
        let before = self.at;
        self.skip_spaces();
        match self.peek().filter(|c| words.contains(c)) {
            Some(c) => {
                self.at += 1;
                Some(c)
            }
            None => {
                self.at = before;
                None
            }
        }
    }
}

/// The date that begins exactly at `start`.
pub(crate) fn at(source: &Source, start: usize, end: usize) -> Option<Expression> {
    let first = source.at(start)?;
    digit(first)?;
    if source.before(start).is_some_and(|c| digit(c).is_some() || matches!(c, '.' | '-' | '/')) {
        return None;
    }
    let mut cursor = Cursor { source, at: start, end };
    let from = single(&mut cursor, None)?;
    let stop = cursor.at;
    let to = range_end(&mut cursor, from);
    if to.is_none() {
        cursor.at = stop;
    }
    let span = source.trim(Span::new(start, cursor.at));
    Some(Expression { span, from, to })
}

/// One date; a range's second half takes missing parts from `base`.
fn single(cursor: &mut Cursor<'_>, base: Option<Date>) -> Option<Date> {
    let begin = cursor.at;
    let (value, count) = cursor.number(4)?;
    let found = match count {
        4 => year_first(cursor, value, base.is_some()),
        1 | 2 => month_first(cursor, value, base),
        _ => None,
    };
    if found.is_none() {
        cursor.at = begin;
    }
    found
}

fn year_first(cursor: &mut Cursor<'_>, year: u32, second: bool) -> Option<Date> {
    if !(1900..=2100).contains(&year) {
        return None;
    }
    let mark = cursor.peek()?;
    if matches!(mark, '-' | '/' | '.' | '－') {
        return numeric(cursor, year, mark);
    }
    if cursor.take(&['年']).is_none() {
        // 2018、2019年, 2018-2020年: the year word stands behind the second year.
        return (!second && pair_of_years(cursor))
            .then_some(Date { year: Some(year), ..Date::default() });
    }
    let after_year = cursor.at;
    if cursor.take(&['底', '末']).is_some() {
        return Some(Date { year: Some(year), month: Some(12), day: Some(31) });
    }
    let Some((month, _)) = cursor.number(2).filter(|(m, _)| (1..=12).contains(m)) else {
        cursor.at = after_year;
        return Some(Date { year: Some(year), ..Date::default() });
    };
    if cursor.take(&['月']).is_none() {
        cursor.at = after_year;
        return Some(Date { year: Some(year), ..Date::default() });
    }
    Some(day_after(cursor, Some(year), month))
}

/// 2019-09-06, 2019/9/6, 2019.9.6, 2019.9
fn numeric(cursor: &mut Cursor<'_>, year: u32, mark: char) -> Option<Date> {
    cursor.at += 1;
    let (month, _) = cursor.number(2).filter(|(m, _)| (1..=12).contains(m))?;
    let stop = cursor.at;
    if cursor.peek() == Some(mark) {
        cursor.at += 1;
        if let Some((day, _)) = cursor.number(2).filter(|(d, _)| (1..=31).contains(d)) {
            return Some(Date { year: Some(year), month: Some(month), day: Some(day) });
        }
        cursor.at = stop;
    }
    (mark != '-' || cursor.peek().is_none_or(|c| !c.is_alphanumeric())).then_some(Date {
        year: Some(year),
        month: Some(month),
        day: None,
    })
}

fn pair_of_years(cursor: &Cursor<'_>) -> bool {
    let mut ahead = Cursor { source: cursor.source, at: cursor.at, end: cursor.end };
    ahead.take(&['、', '-', '—', '至', '~', '～', '和', '及', '到']).is_some_and(|_| {
        while ahead.take(&['—']).is_some() {}
        ahead.number(4).is_some_and(|(y, n)| n == 4 && (1900..=2100).contains(&y))
            && ahead.take(&['年']).is_some()
    })
}

/// What follows 月: a day, 底, or nothing.
fn day_after(cursor: &mut Cursor<'_>, year: Option<u32>, month: u32) -> Date {
    if cursor.take(&['底', '末']).is_some() {
        return Date { year, month: Some(month), day: Some(last_day(year, month)) };
    }
    let stop = cursor.at;
    if let Some((day, _)) = cursor.number(2).filter(|(d, _)| (1..=31).contains(d))
        && cursor.take(&['日', '号']).is_some()
    {
        return Date { year, month: Some(month), day: Some(day) };
    }
    cursor.at = stop;
    Date { year, month: Some(month), day: None }
}

/// 5月20日, 5月底; in the second half of a range also 18日 and 12月.
fn month_first(cursor: &mut Cursor<'_>, value: u32, base: Option<Date>) -> Option<Date> {
    if cursor.take(&['月']).is_some() && (1..=12).contains(&value) {
        let year = base.and_then(|b| b.year);
        let date = day_after(cursor, year, value);
        return (date.day.is_some() || base.is_some()).then_some(date);
    }
    let base = base?;
    (base.day.is_some() && cursor.take(&['日', '号']).is_some() && (1..=31).contains(&value))
        .then_some(Date { day: Some(value), ..base })
}

fn range_end(cursor: &mut Cursor<'_>, from: Date) -> Option<Date> {
    let mark = cursor.take(&['至', '到', '-', '—', '~', '～', '－', '、', '和'])?;
    while cursor.take(&['—', '-']).is_some() {}
    if matches!(mark, '、' | '和') && from.month.is_some() {
        return None;
    }
    let to = single(cursor, Some(from))?;
    // 2020年至2021年 is a range of years, 2020年、5月 is not.
    (to.month.is_some() == from.month.is_some()).then_some(to)
}

/// All dates of a stretch, outside 《》 and document numbers.
pub(crate) fn find(source: &Source, span: Span) -> Vec<Expression> {
    let mut out = Vec::new();
    let mut quoted = 0_usize;
    let mut quoted_since = 0;
    let mut offset = span.start;
    while offset < span.end.min(source.len()) {
        let Some(c) = source.at(offset) else { break };
        if quoted == 0 && is_ideograph(c) {
            offset += 1;
            continue;
        }
        match c {
            '《' => {
                quoted += 1;
                quoted_since = offset;
            }
            '》' => quoted = quoted.saturating_sub(1),
            '\n' if source.before(offset) == Some('\n') => quoted = 0,
            _ if quoted > 0 && offset - quoted_since > 120 => quoted = 0,
            _ => {}
        }
        let numbered = source.before(offset).is_some_and(|b| matches!(b, '〔' | '[' | '［' | '【'));
        if quoted == 0
            && digit(c).is_some()
            && !numbered
            && let Some(found) = at(source, offset, span.end)
        {
            offset = found.span.end;
            out.push(found);
            continue;
        }
        offset += 1;
    }
    out
}

/// A paragraph that is only a date, in digits or characters: `2021年9月10日`, 二〇二一年九月十日.
pub(crate) fn whole(source: &Source, span: Span) -> Option<Date> {
    let core = source.trim(span);
    if core.is_empty() || core.len() > 24 {
        return None;
    }
    let bare = match (source.at(core.start).map(fold), source.before(core.end).map(fold)) {
        (Some('('), Some(')')) => Span::new(core.start + 1, core.end - 1),
        _ => core,
    };
    if let Some(found) = at(source, bare.start, bare.end)
        && found.span.end == bare.end
        && found.to.is_none()
        && found.from.day.is_some()
    {
        return Some(found.from);
    }
    characters(&source.text(bare))
}

fn characters(text: &str) -> Option<Date> {
    let text: String = text.chars().filter(|c| !is_blank(*c)).collect();
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let day = rest.strip_suffix('日')?;
    let year = year
        .chars()
        .map(|c| if matches!(c, '○' | 'О' | 'O' | '0') { Some(0) } else { han_digit(c) })
        .collect::<Option<Vec<u32>>>()?;
    let value = |part: &str| {
        let chars: Vec<char> = part.chars().collect();
        chars.iter().all(|c| is_han_numeral(*c)).then(|| han_number(&chars)).flatten()
    };
    (year.len() == 4).then_some(())?;
    Some(Date {
        year: Some(year.iter().fold(0, |sum, d| sum * 10 + d)),
        month: value(month).filter(|m| (1..=12).contains(m)).map(Some)?,
        day: value(day).filter(|d| (1..=31).contains(d)).map(Some)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_ranges_have_iso_values() {
        for (text, expected) in [
            ("2020年9月14日至18日", Some(("2020年9月14日至18日", "2020-09-14/2020-09-18"))),
            ("2021年9月6日至10月29日", Some(("2021年9月6日至10月29日", "2021-09-06/2021-10-29"))),
            ("2019年至2020年超标", Some(("2019年至2020年", "2019/2020"))),
            ("2018、2019年度", Some(("2018、2019年", "2018/2019"))),
            ("２０２０年５月３１日前", Some(("２０２０年５月３１日", "2020-05-31"))),
            ("2023年3月底", Some(("2023年3月底", "2023-03-31"))),
            ("2020年底前", Some(("2020年底", "2020-12-31"))),
            ("6月底前", Some(("6月底", "--06-30"))),
            ("2021年 2月5日", Some(("2021年 2月5日", "2021-02-05"))),
            ("2019-09-06 17:01", Some(("2019-09-06", "2019-09-06"))),
            ("2022年3月", Some(("2022年3月", "2022-03"))),
            ("关于〔2019〕7号", None),
            ("《2019年计划》", None),
            ("6月份", None),
            ("25日前", None),
        ] {
            let source = Source::new(text);
            let found = find(&source, source.whole());
            let found = found.first().map(|e| (source.text(e.span), e.value()));
            let expected = expected.map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_signature_date_may_be_written_in_characters() {
        for (text, iso) in [
            ("二〇二一年九月十日", Some("2021-09-10")),
            ("（2020年4月26日）", Some("2020-04-26")),
            ("2020年4月26日完成", None),
        ] {
            let source = Source::new(text);
            assert_eq!(whole(&source, source.whole()).map(Date::iso).as_deref(), iso, "{text}");
        }
    }
}
