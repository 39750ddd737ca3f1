//! What must not leave the house: numbers of people and full names of households.

/// Words that stand before the name of an ordinary person.
const TITLES: [&str; 19] = [
    "村民",
    "农户",
    "户主",
    "群众",
    "脱贫户",
    "贫困户",
    "监测户",
    "监测对象",
    "边缘户",
    "低保户",
    "五保户",
    "特困户",
    "患者",
    "学生",
    "残疾人",
    "一般户",
    "建档立卡户",
    "搬迁户",
    "当事人",
];

/// The hundred most frequent surnames and the usual double ones; a name after a title begins with
/// one of them.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于\
    蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶\
    黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳\
    甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤\
    阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣";
const DOUBLE_SURNAMES: [&str; 10] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容"];

/// Characters that never belong to a given name: what follows the name in a sentence.
const AFTER_NAME: &str = "，。；：、（）()“”《》,.;: \t\n的在等户家一二三四五六七八九十两未不已因与和及同向\
    至到从将把被对为有无是于由其该";

/// Masks a text for publication: identity numbers, phone numbers and bank cards lose their digits,
/// household names become surname + 某.
///
/// # Shape
/// `names` are full names known from the ledgers; beside them every name that stands behind a word
/// such as 村民 or 户主 is masked. The rest of the text stays as it is.
///
/// # Source
/// `domain.md` §6.5 and §6.7.
///
/// # Example
/// ```
/// use taizhang_document::report::mask_public;
/// let text = "已走访村民周小雨，电话13800001234。";
/// assert_eq!(mask_public(text, &[]), "已走访村民周某，电话***********。");
/// ```
#[must_use]
pub fn mask_public(text: &str, names: &[String]) -> String {
    let mut masked = mask_numbers(text);
    let mut longest_first: Vec<&String> =
        names.iter().filter(|name| name.chars().count() >= 2).collect();
    longest_first.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
    for name in longest_first {
        masked = masked.replace(name.as_str(), &surname_form(name));
    }
    mask_titled_names(&masked)
}

fn surname_form(name: &str) -> String {
    let double = DOUBLE_SURNAMES.iter().find(|surname| name.starts_with(**surname));
    match double {
        Some(surname) => format!("{surname}某"),
        None => format!("{}某", name.chars().take(1).collect::<String>()),
    }
}

/// Replaces every run of 11 or more digits (spaces, hyphens and full-width forms do not hide one)
/// by stars, with the letter that may end an identity number.
fn mask_numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut output = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let (end, digits) = digit_run(&characters, at);
        if digits >= 11 {
            output.push_str(&"*".repeat(digits));
            at = end;
        } else if digits > 0 {
            output.extend(characters.get(at..end).unwrap_or_default());
            at = end;
        } else {
            output.push(character);
            at += 1;
        }
    }
    output
}

/// End of the digit run that begins at `start` and the number of its digits.
fn digit_run(characters: &[char], start: usize) -> (usize, usize) {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_joint = |c: char| matches!(c, ' ' | '-' | '\u{3000}' | '－' | '\u{200b}');
    let mut digits = 0;
    let mut end = start;
    let mut at = start;
    while let Some(&character) = characters.get(at) {
        if is_digit(character) || (digits == 17 && matches!(character, 'x' | 'X' | 'Ｘ' | 'ｘ')) {
            digits += 1;
            at += 1;
            end = at;
        } else if digits > 0 && is_joint(character) {
            at += 1;
        } else {
            break;
        }
    }
    (end, digits)
}

fn mask_titled_names(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, title, after)) = next_title(rest) {
        output.push_str(before);
        output.push_str(title);
        let (surname, given_length) = leading_name(after);
        if given_length > 0 {
            output.push_str(surname);
            output.push('某');
            let skip = surname.len()
                + after
                    .chars()
                    .skip(surname.chars().count())
                    .take(given_length)
                    .map(char::len_utf8)
                    .sum::<usize>();
            rest = after.get(skip..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    output.push_str(rest);
    output
}

/// Splits at the first title; of two that begin at the same place the longer one.
fn next_title(text: &str) -> Option<(&str, &'static str, &str)> {
    let (at, title) = TITLES
        .iter()
        .filter_map(|title| Some((text.find(title)?, *title)))
        .min_by_key(|(at, title)| (*at, std::cmp::Reverse(title.len())))?;
    Some((text.get(..at)?, title, text.get(at + title.len()..)?))
}

/// The surname at the beginning and the number of characters of the given name (0 if the text does
/// not begin with a name).
fn leading_name(text: &str) -> (&str, usize) {
    let double = DOUBLE_SURNAMES.iter().find(|surname| text.starts_with(**surname));
    let surname = match (double, text.chars().next()) {
        (Some(surname), _) => text.get(..surname.len()).unwrap_or_default(),
        (None, Some(first)) if SURNAMES.contains(first) => {
            text.get(..first.len_utf8()).unwrap_or_default()
        }
        _ => return ("", 0),
    };
    let given = text
        .chars()
        .skip(surname.chars().count())
        .take(2)
        .take_while(|c| is_han(*c) && !AFTER_NAME.contains(*c))
        .count();
    let is_masked = text.chars().nth(surname.chars().count()) == Some('某');
    if is_masked { ("", 0) } else { (surname, given) }
}

fn is_han(character: char) -> bool {
    matches!(u32::from(character), 0x3400..=0x9fff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::mask_public;

    #[test]
    fn people_do_not_leave_the_house() {
        let known = ["欧阳小满".to_owned(), "何青".to_owned()];
        let cases = [
            ("村民周小雨家", "村民周某家"),
            ("户主何青、欧阳小满已签字", "户主何某、欧阳某已签字"),
            ("建档立卡户王大山未签字", "建档立卡户王某未签字"),
            ("群众满意度98%", "群众满意度98%"),
            ("脱贫户4027户14649人", "脱贫户4027户14649人"),
            ("电话１３８ ０000-1234", "电话***********"),
            ("号990001197001010019", "号******************"),
            ("号99000119700101001X。", "号******************。"),
            ("村民王某已搬迁", "村民王某已搬迁"),
            ("村民代表大会", "村民代表大会"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask_public(text, &known), expected, "{text}");
        }
    }
}
