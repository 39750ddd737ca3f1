//! Counter values as Word prints them (`w:numFmt`, ECMA-376 17.18.59).

/// Digits of positional Chinese numerals, zero as a circle.
const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// Digits for legal documents.
const LEGAL: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// Heavenly stems.
const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];

/// Earthly branches.
const BRANCHES: [char; 12] =
    ['子', '丑', '寅', '卯', '辰', '巳', '午', '未', '申', '酉', '戌', '亥'];

/// The printed form of `number` in the format called `name`; unknown names print digits.
pub(crate) fn render(name: &str, number: i64) -> String {
    match name {
        "none" => String::new(),
        "decimalZero" => format!("{number:02}"),
        "decimalFullWidth" | "decimalFullWidth2" => full_width(number),
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperLetter" => letters(number, b'A'),
        "lowerLetter" => letters(number, b'a'),
        "chineseCounting" | "japaneseCounting" | "taiwaneseCounting" if number > 99 => {
            positional(number)
        }
        "chineseCounting"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCountingThousand" => counting(number, &DIGITS, ["十", "百", "千"], false),
        "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal" => {
            counting(number, &LEGAL, ["拾", "佰", "仟"], true)
        }
        "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand" => {
            positional(number)
        }
        "ideographTraditional" => cycle(number, &STEMS),
        "ideographZodiac" => cycle(number, &BRANCHES),
        "ideographZodiacTraditional" => stem_and_branch(number),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => circled(number),
        "decimalEnclosedFullstop" => block(number, '⒈', 20, |n| format!("{n}.")),
        "decimalEnclosedParen" => block(number, '⑴', 20, |n| format!("({n})")),
        "ideographEnclosedCircle" => block(number, '㊀', 10, |n| n.to_string()),
        _ => number.to_string(),
    }
}

fn full_width(number: i64) -> String {
    number
        .to_string()
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_digit()).unwrap_or(c))
        .collect()
}

fn roman(number: i64) -> String {
    const PARTS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let mut rest = number;
    let mut text = String::new();
    for (value, sign) in PARTS {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}

/// Word repeats the letter: a … z, aa, bb.
fn letters(number: i64, first: u8) -> String {
    let Some(index) = number.checked_sub(1).filter(|index| (0..26 * 30).contains(index)) else {
        return number.to_string();
    };
    let letter = char::from(first + u8::try_from(index % 26).unwrap_or(0));
    let times = usize::try_from(index / 26 + 1).unwrap_or(1);
    String::from(letter).repeat(times)
}

fn digit(value: i64, digits: &[char; 10]) -> char {
    usize::try_from(value.rem_euclid(10)).ok().and_then(|i| digits.get(i)).copied().unwrap_or('〇')
}

fn positional(number: i64) -> String {
    number
        .to_string()
        .chars()
        .map(|c| c.to_digit(10).map_or(c, |value| digit(i64::from(value), &DIGITS)))
        .collect()
}

/// Counting numerals up to 9999: 十二, 一百零五 (legal: 壹拾贰).
fn counting(number: i64, digits: &[char; 10], units: [&str; 3], legal: bool) -> String {
    if !(1..10_000).contains(&number) {
        return number.to_string();
    }
    let zero = '零';
    let mut text = String::new();
    let mut gap = false;
    let [ten, hundred, thousand] = units;
    for (value, unit) in [(1000, thousand), (100, hundred), (10, ten), (1, "")] {
        let part = number / value % 10;
        if part == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push(zero);
            gap = false;
        }
        let bare_ten = value == 10 && part == 1 && text.is_empty() && !legal;
        if !bare_ten {
            text.push(digit(part, digits));
        }
        text.push_str(unit);
    }
    text
}

fn cycle(number: i64, signs: &[char]) -> String {
    let position = number.checked_sub(1).and_then(|index| usize::try_from(index).ok());
    match position.and_then(|index| signs.get(index)) {
        Some(sign) => String::from(*sign),
        None => number.to_string(),
    }
}

fn stem_and_branch(number: i64) -> String {
    let Ok(index) = usize::try_from(number.saturating_sub(1)) else { return number.to_string() };
    let stem = STEMS.get(index % 10).copied();
    let branch = BRANCHES.get(index % 12).copied();
    stem.into_iter().chain(branch).collect()
}

fn circled(number: i64) -> String {
    match number {
        0 => String::from('⓪'),
        21..=35 => block(number - 20, '㉑', 15, |n| n.to_string()),
        36..=50 => block(number - 35, '㊱', 15, |n| n.to_string()),
        _ => block(number, '①', 20, |n| n.to_string()),
    }
}

/// A sign of a Unicode block that starts at `first` with 1; `plain` for numbers beyond it.
fn block(number: i64, first: char, count: u32, plain: impl Fn(i64) -> String) -> String {
    let offset = u32::try_from(number).ok().filter(|n| (1..=count).contains(n));
    match offset.and_then(|n| char::from_u32(u32::from(first) + n - 1)) {
        Some(sign) => String::from(sign),
        None => plain(number),
    }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn numbers_print_as_word_prints_them() {
        let cases = [
            ("decimal", 12, "12"),
            ("decimalZero", 3, "03"),
            ("decimalFullWidth", 12, "１２"),
            ("chineseCounting", 1, "一"),
            ("chineseCounting", 10, "十"),
            ("chineseCounting", 11, "十一"),
            ("chineseCounting", 20, "二十"),
            ("chineseCounting", 99, "九十九"),
            ("chineseCounting", 105, "一〇五"),
            ("chineseCountingThousand", 105, "一百零五"),
            ("chineseCountingThousand", 110, "一百一十"),
            ("chineseCountingThousand", 1001, "一千零一"),
            ("japaneseCounting", 21, "二十一"),
            ("ideographDigital", 10, "一〇"),
            ("chineseLegalSimplified", 12, "壹拾贰"),
            ("ideographTraditional", 2, "乙"),
            ("ideographTraditional", 11, "11"),
            ("ideographZodiac", 12, "亥"),
            ("upperRoman", 14, "XIV"),
            ("lowerRoman", 4, "iv"),
            ("lowerLetter", 2, "b"),
            ("upperLetter", 28, "BB"),
            ("decimalEnclosedCircle", 3, "③"),
            ("decimalEnclosedCircleChinese", 20, "⑳"),
            ("decimalEnclosedCircle", 21, "㉑"),
            ("decimalEnclosedCircle", 51, "51"),
            ("decimalEnclosedFullstop", 2, "⒉"),
            ("decimalEnclosedParen", 2, "⑵"),
            ("none", 2, ""),
            ("somethingNew", 7, "7"),
            ("lowerLetter", i64::MIN, "-9223372036854775808"),
            ("chineseCounting", -1, "-1"),
        ];
        for (format, number, expected) in cases {
            assert_eq!(render(format, number), expected, "{format} {number}");
        }
    }
}
