//! What is wrong in a document, told like a compiler: numbering faults, missing and blank fields,
//! figures that do not agree.
//!
//! Codes are forever. `D01xx` numbering, `D02xx` fields, `D03xx` figures.

mod words;

use taizhang_diagnostics::{Diagnostic, Message, Place, Severity};

use crate::model::{CheckKind, CheckPart, CheckResult, CrossCheck, DefectType, OutlineDefect};
use crate::model::{Figure, Reading};
use crate::source::{Source, Span};

/// All faults of a document in text order.
///
/// `text` is the text that `reading` was read from; lines and columns of the places count from 1.
/// Errors are: a skipped or repeated number, a blank value, figures that do not agree. The rest
/// are warnings, and hints where a careful author may differ.
///
/// ```
/// let text = "关于整改的报告\n一、总体情况\n共12户,其中甲村5户、乙村8户。\n";
/// let reading = taizhang_document::read("a", "a.txt", text);
/// let faults = taizhang_document::lint(text, &reading);
/// assert_eq!(faults[0].code, "D0301");
/// assert!(faults[0].is_error());
/// ```
#[must_use]
pub fn lint(text: &str, reading: &Reading) -> Vec<Diagnostic> {
    let source = Source::new(text);
    let mut faults: Vec<(Span, Diagnostic)> = Vec::new();
    for defect in &reading.outline_defects {
        faults.push((defect.span, defect_fault(&source, reading, defect)));
    }
    for check in reading.cross_checks.iter().filter(|check| !check.holds) {
        let span = place_of(check);
        faults.push((span, check_fault(&source, reading, check, span)));
    }
    faults.sort_by_key(|(span, _)| *span);
    faults.into_iter().map(|(_, fault)| fault).collect()
}

/// A place in the file with its line for the excerpt.
fn place(source: &Source, reading: &Reading, span: Span) -> Place {
    let line = source.line_of(span.start);
    let whole = source.line(line).unwrap_or_default();
    let (excerpt, column) = words::excerpt(source, whole, span);
    Place::File {
        path: reading.file.clone(),
        line,
        column,
        length: span.len().clamp(1, words::UNDERLINE_MAX),
        excerpt,
    }
}

/// The diagnostic of an outline or field defect.
fn defect_fault(source: &Source, reading: &Reading, defect: &OutlineDefect) -> Diagnostic {
    let found = defect.found.as_deref().unwrap_or(&defect.text).trim();
    let expected = defect.expected.as_deref().unwrap_or_default().trim();
    let (zh, en) = words::field(defect.field.as_deref().unwrap_or_default());
    let (code, severity, message, help) = match defect.defect {
        DefectType::SkippedNumber => (
            "D0101",
            Severity::Error,
            Message::new(
                format!("编号跳号：应为`{expected}`，写成了`{found}`"),
                format!("number skipped: expected `{expected}`, found `{found}`"),
            ),
            Message::new("补上缺少的一条，或者重新编号", "add the missing item, or number again"),
        ),
        DefectType::DuplicateNumber => (
            "D0102",
            Severity::Error,
            Message::new(
                format!("编号重复：`{found}`已经用过，应为`{expected}`"),
                format!("number repeated: `{found}` is taken, expected `{expected}`"),
            ),
            Message::new(format!("改为`{expected}`"), format!("write `{expected}`")),
        ),
        DefectType::LostNumber => (
            "D0103",
            Severity::Warning,
            Message::new(
                format!("编号丢失：同级各条都有编号，这里应为`{expected}`"),
                format!("number lost: its siblings have numbers, expected `{expected}` here"),
            ),
            Message::new(format!("写上`{expected}`"), format!("write `{expected}`")),
        ),
        DefectType::IrregularNumber => (
            "D0104",
            Severity::Warning,
            Message::new(
                format!("编号标点与同级不一致：`{found}`"),
                format!("number punctuated unlike its siblings: `{found}`"),
            ),
            Message::new(format!("改为`{expected}`"), format!("write `{expected}`")),
        ),
        DefectType::MissingField => (
            "D0201",
            if defect.optional { Severity::Hint } else { Severity::Warning },
            Message::new(
                format!("缺少{zh}：其他各条大多写了这一项"),
                format!("no {en}: most other items have one"),
            ),
            Message::new(format!("补写{zh}"), format!("add the {en}")),
        ),
        DefectType::EmptyValue => (
            "D0202",
            Severity::Error,
            Message::new(format!("{zh}没有填写"), format!("{en} is blank")),
            Message::new(
                "填上实际内容，占位符不算填写",
                "fill in the value; a placeholder does not count",
            ),
        ),
    };
    Diagnostic::new(severity, code, message).at(place(source, reading, defect.span)).help(help)
}

/// Where a failed check is shown: at its claimed side.
fn place_of(check: &CrossCheck) -> Span {
    let span = |part: &CheckPart| match part {
        CheckPart::Figure { span, .. } => Some(*span),
        CheckPart::Count { .. } => None,
    };
    let claimed = match &check.result {
        CheckResult::Part(part) => span(part),
        CheckResult::Sum { sum_of, .. } => sum_of.iter().find_map(span),
    };
    claimed.or_else(|| check.operands.iter().find_map(span)).unwrap_or_default()
}

/// The diagnostic of figures that do not agree.
fn check_fault(source: &Source, reading: &Reading, check: &CrossCheck, span: Span) -> Diagnostic {
    let figure = figure_at(reading, span);
    let claimed = figure.map_or_else(String::new, |figure| figure.raw.clone());
    let computed = check.computed.map_or(0.0, |value| value.0);
    let shown = words::amount(figure, computed);
    let terms: Vec<String> = check.operands.iter().map(|part| operand(reading, part)).collect();
    let (code, zh, en) = match check.kind {
        CheckKind::Sum | CheckKind::SumEquality => (
            "D0301",
            format!("合计不符：写的是`{claimed}`，{}等于`{shown}`", terms.join("＋")),
            format!("sum does not agree: `{claimed}` stated, {} is `{shown}`", terms.join(" + ")),
        ),
        CheckKind::Percentage | CheckKind::RatePlausibility => (
            "D0302",
            format!("占比不符：写的是`{claimed}`，{}等于`{shown}`", terms.join("÷")),
            format!("share does not agree: `{claimed}` stated, {} is `{shown}`", terms.join(" ÷ ")),
        ),
        CheckKind::Difference => (
            "D0303",
            format!("差额不符：写的是`{claimed}`，{}等于`{shown}`", terms.join("－")),
            format!(
                "difference does not agree: `{claimed}` stated, {} is `{shown}`",
                terms.join(" − ")
            ),
        ),
        CheckKind::Product => (
            "D0304",
            format!("乘积不符：写的是`{claimed}`，{}等于`{shown}`", terms.join("×")),
            format!(
                "product does not agree: `{claimed}` stated, {} is `{shown}`",
                terms.join(" × ")
            ),
        ),
        CheckKind::Count => (
            "D0305",
            format!("数目不符：写的是`{claimed}`，文中实有{shown}"),
            format!("count does not agree: `{claimed}` stated, the document has {shown}"),
        ),
        CheckKind::Equality | CheckKind::PartOf => (
            "D0306",
            format!("前后数字不一致：`{claimed}`与{}", terms.join("、")),
            format!("figures differ: `{claimed}` and {}", terms.join(", ")),
        ),
    };
    let severity = if check.optional { Severity::Warning } else { Severity::Error };
    Diagnostic::new(severity, code, Message::new(zh, en)).at(place(source, reading, span)).help(
        Message::new("核对原始数据，改正其中一处", "check the source data and correct one side"),
    )
}

/// The figure that stands at a place; figures stand in text order.
fn figure_at(reading: &Reading, span: Span) -> Option<&Figure> {
    let index = reading.figures.partition_point(|figure| figure.span.start < span.start);
    reading.figures.get(index).filter(|figure| figure.span == span)
}

/// An operand as the text has it.
fn operand(reading: &Reading, part: &CheckPart) -> String {
    match part {
        CheckPart::Figure { span, value, .. } => figure_at(reading, *span)
            .map_or_else(|| format!("`{}`", value.0), |figure| format!("`{}`", figure.raw)),
        CheckPart::Count { count_of, value } => format!("{} {count_of}", value.0),
    }
}

#[cfg(test)]
mod tests;
