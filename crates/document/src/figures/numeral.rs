//! Numerals: Arabic digits of both widths with multipliers, and numerals in Chinese characters.

use crate::source::Source;

/// More digits than any quantity in an official document has; longer runs are identifiers.
const DIGITS_MAX: usize = 12;

/// A numeral as it stands in the text, without its measure word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numeral {
    /// Offset of the first digit.
    pub start: usize,
    /// One past the last digit or multiplier, 余 and 多 included.
    pub end: usize,
    /// Value without its decimal point.
    pub mantissa: u64,
    /// How many digits of `mantissa` stand behind the point.
    pub decimals: u32,
    /// Product of the multipliers (万, 亿) behind the digits.
    pub scale: u64,
    /// Whether it is written in Chinese characters.
    pub chinese: bool,
}

impl Numeral {
    /// The value; exact for every value below 2^53 with few decimals.
    #[expect(clippy::cast_precision_loss, reason = "at most twelve digits and a power of ten")]
    pub fn value(self) -> f64 {
        let whole = u128::from(self.mantissa) * u128::from(self.scale);
        let divisor = 10_u128.pow(self.decimals);
        if whole.is_multiple_of(divisor) {
            (whole / divisor) as f64
        } else {
            whole as f64 / divisor as f64
        }
    }
}

/// Value of an Arabic digit of either width.
#[inline]
pub fn digit(c: char) -> Option<u64> {
    match c {
        '0'..='9' => Some(u64::from(c) - u64::from('0')),
        '０'..='９' => Some(u64::from(c) - u64::from('０')),
        _ => None,
    }
}

/// Value of a single Chinese digit; 半 is no digit.
#[inline]
fn character_digit(c: char) -> Option<u64> {
    let value = match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    };
    Some(value)
}

/// Value of a multiplier.
#[inline]
fn multiplier(c: char) -> Option<u64> {
    let value = match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    };
    Some(value)
}

/// Whether `c` can begin or continue a numeral in Chinese characters.
#[inline]
pub fn is_character(c: char) -> bool {
    character_digit(c).is_some() || multiplier(c).is_some()
}

/// What a run of Arabic digits turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// A number.
    Number(Numeral),
    /// No quantity (an identifier, `1.2.3`); scanning goes on at the offset.
    Other(usize),
}

/// Reads the run of Arabic digits that starts at `start`, without multipliers.
pub fn arabic(source: &Source, start: usize) -> Run {
    let mut at = start;
    let mut mantissa = 0_u64;
    let mut decimals = 0_u32;
    let mut digits = 0_usize;
    let mut points = 0_usize;
    while let Some(c) = source.at(at) {
        if let Some(value) = digit(c) {
            digits += 1;
            mantissa = mantissa.saturating_mul(10).saturating_add(value);
            decimals += u32::from(points > 0);
        } else if matches!(c, '.' | '．') && followed_by_digit(source, at) {
            points += 1;
        } else if !(points == 0 && is_thousands_comma(source, start, at)) {
            break;
        }
        at += 1;
    }
    if points > 1 || digits > DIGITS_MAX || digits == 0 {
        return Run::Other(at.max(start + 1));
    }
    Run::Number(Numeral { start, end: at, mantissa, decimals, scale: 1, chinese: false })
}

/// Whether the scalar behind `at` is a digit.
fn followed_by_digit(source: &Source, at: usize) -> bool {
    source.at(at + 1).is_some_and(|c| digit(c).is_some())
}

/// Whether the comma at `at` groups thousands: one to three digits before it in this run, exactly
/// three behind it.
fn is_thousands_comma(source: &Source, start: usize, at: usize) -> bool {
    let is_digit = |i: usize| source.at(i).is_some_and(|c| digit(c).is_some());
    let group = at - start;
    let opens = group <= 3 || source.at(at.saturating_sub(4)) == Some(',');
    source.at(at) == Some(',') && opens && (1..=3).all(|k| is_digit(at + k)) && !is_digit(at + 4)
}

/// Extends an Arabic number by 余, 多 and multipliers behind it.
pub fn with_multipliers(source: &Source, numeral: Numeral) -> Numeral {
    let mut grown = numeral;
    grown.end += usize::from(is_fuzzy(source, grown.end));
    while let Some(factor) = source.at(grown.end).and_then(multiplier) {
        if grown.scale.saturating_mul(factor) > 1_000_000_000_000 {
            break;
        }
        grown.scale *= factor;
        grown.end += 1;
    }
    if grown.scale > 1 {
        grown.end += usize::from(is_fuzzy(source, grown.end));
    }
    grown
}

/// Whether 余 or 多 stands at `at`.
fn is_fuzzy(source: &Source, at: usize) -> bool {
    matches!(source.at(at), Some('余' | '多'))
}

/// Reads the numeral in Chinese characters that starts at `start`; `None` if the run is no number
/// (千家万户, 三五户). The second value is where scanning goes on.
pub fn characters(source: &Source, start: usize) -> (Option<Numeral>, usize) {
    let mut end = start;
    while source.at(end).is_some_and(is_character) && end - start < DIGITS_MAX {
        end += 1;
    }
    let run = source.slice(crate::source::Span::new(start, end));
    let numeral = parse_characters(run).map(|mantissa| {
        let end = end + usize::from(is_fuzzy(source, end));
        Numeral { start, end, mantissa, decimals: 0, scale: 1, chinese: true }
    });
    (numeral, end.max(start + 1))
}

/// Value of a run of Chinese digits and multipliers; `None` if it is not well formed.
pub fn parse_characters(run: &[char]) -> Option<u64> {
    let first = *run.first()?;
    if character_digit(first).is_none() && first != '十' {
        return None;
    }
    let (mut total, mut section, mut pending) = (0_u64, 0_u64, None);
    for c in run {
        if let Some(value) = character_digit(*c) {
            if pending.is_some_and(|p| p != 0) {
                return None;
            }
            pending = Some(value);
            continue;
        }
        let factor = multiplier(*c)?;
        if factor >= 10_000 {
            section = (section + pending.take().unwrap_or(0)).checked_mul(factor)?;
            total = total.checked_add(section)?;
            section = 0;
        } else {
            section = section.checked_add(pending.take().unwrap_or(1).checked_mul(factor)?)?;
        }
    }
    total.checked_add(section + pending.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_give_their_value() {
        let cases = [
            ("三", Some(3)),
            ("两", Some(2)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("一百零五", Some(105)),
            ("三千二百", Some(3200)),
            ("两万五千", Some(25_000)),
            ("三五", None),
            ("千", None),
            ("百万", None),
        ];
        for (text, value) in cases {
            let run: Vec<char> = text.chars().collect();
            assert_eq!(parse_characters(&run), value, "{text}");
        }
    }

    #[test]
    fn arabic_runs_give_value_and_end() {
        let cases = [
            ("31.8万元", Some((318_000.0, 5))),
            ("3万多元", Some((30_000.0, 3))),
            ("200多万元", Some((2_000_000.0, 5))),
            ("14.77余亩", Some((14.77, 6))),
            ("12,345元", Some((12_345.0, 6))),
            ("126个,2.落实", Some((126.0, 3))),
            ("４３６户", Some((436.0, 3))),
            ("1.2.3", None),
            ("115323260151757350", None),
        ];
        for (text, expected) in cases {
            let source = Source::new(text);
            let found = match arabic(&source, 0) {
                Run::Number(n) => {
                    let n = with_multipliers(&source, n);
                    Some((n.value(), n.end))
                }
                Run::Other(_) => None,
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
