//! Character classes of Chinese official text: folding, white space, sentence ends, numerals.

/// Folds a full-width form to its half-width twin; other characters stay.
#[inline]
pub(crate) fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + 0x21).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    }
}

/// The characters without white space.
pub(crate) fn compact(chars: impl Iterator<Item = char>) -> String {
    // Nearly all characters of the genre take three bytes.
    let mut out = String::with_capacity(chars.size_hint().1.unwrap_or(0) * 3);
    out.extend(chars.filter(|c| !is_blank(*c)));
    out
}

/// White space, including ideographic, no-break and zero-width ones.
#[inline]
pub(crate) fn is_blank(c: char) -> bool {
    c == ' '
        || c == '\u{3000}'
        || (c != '\u{3001}'
            && (c.is_whitespace()
                || matches!(c, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}')))
}

/// A mark that ends a sentence.
#[inline]
pub(crate) fn is_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?')
}

/// A semicolon in either width.
#[inline]
pub(crate) fn is_semicolon(c: char) -> bool {
    matches!(c, '；' | ';')
}

/// A colon in either width.
#[inline]
pub(crate) fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '﹕' | '∶')
}

/// A comma in either width, without the enumeration comma.
#[inline]
pub(crate) fn is_comma(c: char) -> bool {
    matches!(c, ',' | '，')
}

/// A mark that ends a clause of any kind.
#[inline]
pub(crate) fn is_clause_end(c: char) -> bool {
    is_stop(c) || is_semicolon(c) || is_colon(c) || is_comma(c) || c == '、'
}

/// An opening bracket or quote.
#[inline]
pub(crate) fn is_opening(c: char) -> bool {
    matches!(c, '(' | '（' | '【' | '[' | '〔' | '〖' | '《' | '〈' | '“' | '‘' | '「' | '『')
}

/// A closing bracket or quote.
#[inline]
pub(crate) fn is_closing(c: char) -> bool {
    matches!(c, ')' | '）' | '】' | ']' | '〕' | '〗' | '》' | '〉' | '”' | '’' | '」' | '』')
}

/// A Chinese ideograph.
#[inline]
pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2ffff}')
}

/// The value of a decimal digit of either width.
#[inline]
pub(crate) fn digit(c: char) -> Option<u32> {
    fold(c).to_digit(10)
}

/// The value of a single Chinese numeral, 零 to 九.
#[inline]
pub(crate) fn han_digit(c: char) -> Option<u32> {
    match c {
        '零' | '〇' => Some(0),
        '一' | '壹' => Some(1),
        '二' | '贰' => Some(2),
        '三' | '叁' => Some(3),
        '四' | '肆' => Some(4),
        '五' | '伍' => Some(5),
        '六' | '陆' => Some(6),
        '七' | '柒' => Some(7),
        '八' | '捌' => Some(8),
        '九' | '玖' => Some(9),
        _ => None,
    }
}

/// Whether the character belongs to a Chinese numeral up to the hundreds.
#[inline]
pub(crate) fn is_han_numeral(c: char) -> bool {
    han_digit(c).is_some() || matches!(c, '十' | '百' | '拾')
}

/// The value of a Chinese numeral such as 十二 or 一百零三; `None` if it is not well formed.
pub(crate) fn han_number(chars: &[char]) -> Option<u32> {
    if chars.is_empty() || chars.len() > 5 {
        return None;
    }
    let (mut total, mut pending, mut seen) = (0, None, false);
    for &c in chars {
        match c {
            '百' => {
                total += 100 * pending.take()?;
                seen = true;
            }
            '十' | '拾' => {
                total += 10 * pending.take().unwrap_or(1);
                seen = true;
            }
            '零' | '〇' => pending = None,
            _ if pending.is_none() => pending = Some(han_digit(c)?),
            _ => return None,
        }
    }
    let value = total + pending.unwrap_or(0);
    (value > 0 || seen).then_some(value)
}

/// The value of a circled or otherwise enclosed number, ① ⑴ ⒈ ❶ ㈠.
#[inline]
pub(crate) fn enclosed(c: char) -> Option<u32> {
    let code = u32::from(c);
    let from = |first: u32| Some(code - first + 1);
    match c {
        '①'..='⑳' => from(0x2460),
        '⑴'..='⒇' => from(0x2474),
        '⒈'..='⒛' => from(0x2488),
        '❶'..='❿' => from(0x2776),
        '➀'..='➉' => from(0x2780),
        '㈠'..='㈩' => from(0x3220),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numerals_have_values() {
        for (text, value) in [
            ("一", Some(1)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("一百零三", Some(103)),
            ("一二", None),
            ("", None),
        ] {
            let chars: Vec<char> = text.chars().collect();
            assert_eq!(han_number(&chars), value, "{text}");
        }
    }

    #[test]
    fn folding_touches_only_full_width_forms() {
        let folded: String = "（１）Ａ。、".chars().map(fold).collect();
        assert_eq!(folded, "(1)A。、");
    }
}
