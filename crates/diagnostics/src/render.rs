//! Diagnostics as text for a terminal.

use crate::{Diagnostic, Language, Place, Severity};
use std::fmt::Write;

/// One diagnostic as lines: head, place with excerpt and underline, help.
///
/// # Shape
/// Ends without a line break. Wide characters count two columns in the underline.
#[must_use]
pub fn render_terminal(diagnostic: &Diagnostic, language: Language) -> String {
    let word = severity_word(diagnostic.severity, language);
    let mut text = format!("{word}[{}]: {}", diagnostic.code, diagnostic.message.text(language));
    render_place(&mut text, &diagnostic.place, language);
    if let Some(help) = &diagnostic.help {
        let label = if language == Language::Zh { "建议" } else { "help" };
        let _ = write!(text, "\n  {label}: {}", help.text(language));
    }
    text
}

/// All diagnostics in the given order, and a line that counts errors and warnings.
#[must_use]
pub fn render_all(diagnostics: &[Diagnostic], language: Language) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&render_terminal(diagnostic, language));
        text.push_str("\n\n");
    }
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = diagnostics.iter().filter(|d| d.severity == Severity::Warning).count();
    let _ = match language {
        Language::Zh => write!(text, "{errors} 个错误，{warnings} 个警告"),
        Language::En => write!(text, "{errors} errors, {warnings} warnings"),
    };
    text
}

fn severity_word(severity: Severity, language: Language) -> &'static str {
    match (severity, language) {
        (Severity::Error, Language::Zh) => "错误",
        (Severity::Error, Language::En) => "error",
        (Severity::Warning, Language::Zh) => "警告",
        (Severity::Warning, Language::En) => "warning",
        (Severity::Hint, Language::Zh) => "提示",
        (Severity::Hint, Language::En) => "hint",
    }
}

fn render_place(text: &mut String, place: &Place, language: Language) {
    let label = if language == Language::Zh { "位置" } else { "place" };
    let _ = match place {
        Place::Nowhere => Ok(()),
        Place::File { path, line, column, length, excerpt } => {
            let _ = write!(text, "\n  {label}: {path}:{line}:{column}");
            render_excerpt(text, *line, *column, *length, excerpt)
        }
        Place::Cell { sheet, row, column } => match (sheet, language) {
            (Some(sheet), Language::Zh) => {
                write!(text, "\n  {label}: 工作表`{sheet}` 第 {row} 行 {column} 列")
            }
            (Some(sheet), Language::En) => {
                write!(text, "\n  {label}: sheet `{sheet}`, row {row}, column {column}")
            }
            (None, Language::Zh) => write!(text, "\n  {label}: 第 {row} 行 {column} 列"),
            (None, Language::En) => write!(text, "\n  {label}: row {row}, column {column}"),
        },
        Place::Field { ledger, field } => write!(text, "\n  {label}: {ledger}.{field}"),
    };
}

/// Widest excerpt in columns; a wider line is cut around the place.
const EXCERPT_COLUMNS: usize = 120;
/// How much of a cut line is kept before the place.
const EXCERPT_BEFORE: usize = 20;

/// The line with the place underlined; nothing when the line is not known.
fn render_excerpt(
    text: &mut String,
    line: usize,
    column: usize,
    length: usize,
    excerpt: &str,
) -> std::fmt::Result {
    if excerpt.is_empty() {
        return Ok(());
    }
    let at = column.saturating_sub(1);
    let is_wide = excerpt.chars().map(width).sum::<usize>() > EXCERPT_COLUMNS;
    let skip = if is_wide { at.saturating_sub(EXCERPT_BEFORE) } else { 0 };
    let mut columns = 0;
    let fits = |character: &char| {
        columns += width(*character);
        columns <= EXCERPT_COLUMNS
    };
    let shown: String = excerpt.chars().skip(skip).take_while(fits).collect();
    let before: usize = shown.chars().take(at - skip).map(width).sum();
    let under: usize = shown.chars().skip(at - skip).take(length.max(1)).map(width).sum();
    let number = line.to_string();
    let gap = " ".repeat(number.len());
    let (pad, mark) = (" ".repeat(before), "^".repeat(under.max(1)));
    write!(text, "\n  {gap} |\n  {number} | {shown}\n  {gap} | {pad}{mark}")
}

/// A text filled up with blanks to some columns of a terminal; a longer one stays as it is.
///
/// # Example
/// ```
/// use taizhang_diagnostics::padded;
/// assert_eq!(padded("逻辑", 6), "逻辑  ");
/// assert_eq!(padded("logic", 6), "logic ");
/// ```
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(columns_of(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// Columns that a terminal gives a text.
#[must_use]
pub fn columns_of(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns that a terminal gives a character: two for East Asian wide ones, else one.
fn width(character: char) -> usize {
    let wide = matches!(u32::from(character),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe4f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd);
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn a_long_line_is_cut_around_the_place_and_keeps_its_column() {
        let fault = Diagnostic::error("D0301", Message::new("不符", "differs")).at(Place::File {
            path: "a.txt".into(),
            line: 7,
            column: 101,
            length: 2,
            excerpt: format!("{}甲乙{}", "前".repeat(100), "后".repeat(100)),
        });
        let text = render_terminal(&fault, Language::En);
        assert!(text.contains("a.txt:7:101"), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[3].chars().skip(4 + 2 + EXCERPT_BEFORE).take(2).collect::<String>(),
            "甲乙"
        );
        assert_eq!(lines[4].chars().filter(|c| *c == '^').count(), 4);
    }

    #[test]
    fn underline_stands_under_wide_characters() {
        let fault = Diagnostic::error("C0101", Message::new("没有码表`甲`", "no code list `甲`"))
            .at(Place::File {
                path: "ledgers/finding.toml".into(),
                line: 12,
                column: 4,
                length: 2,
                excerpt: "码 = 甲乙".into(),
            })
            .help(Message::new("最近的是`甲乙`", "the nearest is `甲乙`"));
        let expected = "error[C0101]: no code list `甲`\n  place: ledgers/finding.toml:12:4\n     |\n  \
                        12 | 码 = 甲乙\n     |     ^^^\n  help: the nearest is `甲乙`";
        assert_eq!(render_terminal(&fault, Language::En), expected);
    }
}
