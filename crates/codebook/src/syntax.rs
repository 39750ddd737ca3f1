//! Messages of the TOML parser in both languages.

use taizhang_diagnostics::Message;

/// What the parser says and how it reads in Chinese. Others are passed on in English.
const PHRASES: [(&str, &str); 27] = [
    ("duplicate key", "键写了两次"),
    ("missing comma between key-value pairs", "两项之间缺逗号"),
    ("missing comma between array elements", "列表两项之间缺逗号"),
    ("extra comma in", "多写了逗号"),
    ("string values must be quoted", "文字要加引号"),
    ("missing opening quote", "缺少前引号"),
    ("unclosed inline table", "花括号没有合上"),
    ("unclosed array", "方括号没有合上"),
    ("unclosed table", "表头的方括号没有合上"),
    ("missing key for inline table element", "花括号里缺少键"),
    ("missing table open", "表头缺少方括号"),
    ("missing assignment between key-value pairs", "键和值之间缺少等号"),
    ("missing value", "等号后缺少值"),
    ("key with no value", "键没有值"),
    ("extra `=`", "多写了等号"),
    ("extra assignment between key-value pairs", "多写了等号"),
    ("invalid unquoted key", "键只能用字母、数字、下划线和连字符"),
    ("unquoted keys cannot be empty", "键不能为空"),
    ("unexpected content", "这里不该有内容"),
    ("unexpected key or value", "这里不该有内容"),
    ("unexpected leading zero", "数字不能以 0 开头"),
    ("invalid date", "日期不对"),
    ("invalid value", "值不对"),
    ("invalid key-value pair", "这一行不是 键 = 值"),
    ("cannot recurse further", "嵌套太深"),
    ("recursion limit", "嵌套太深"),
    ("cannot extend value", "这个键已经有值，不能再往下写"),
];

/// The parser's message in both languages.
pub(crate) fn message(english: &str) -> Message {
    let known = PHRASES.iter().find(|(phrase, _)| english.starts_with(phrase));
    let chinese = known.map_or(english, |(_, chinese)| chinese);
    Message::new(format!("不是合格的 TOML：{chinese}"), format!("not valid TOML: {english}"))
}

/// What mostly lies behind a message: a quote within quotes of its kind.
pub(crate) fn help(english: &str) -> Option<Message> {
    english.starts_with("unexpected key or value").then(|| {
        Message::new(
            "文字里有引号时，外面换另一种引号，或用 `'''` 包住",
            "a text with quotes in it goes between quotes of the other kind, or between `'''`",
        )
    })
}
