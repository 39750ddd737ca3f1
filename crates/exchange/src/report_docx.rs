//! A report as a Word file by GB/T 9704-2012.
//!
//! Page, fonts and the grid of 22 lines with 28 characters stand here as constants with their
//! sources; the words come from [`taizhang_document::report::Report`] alone, so that page and file
//! cannot differ.

use crate::ExchangeError;
use docx_rs::{
    AlignmentType, DocGrid, DocGridType, Docx, FieldCharType, Footer, InstrPAGE, InstrText,
    LineSpacing, LineSpacingType, PageMargin, Paragraph, Run, RunFonts, SpecialIndentType, Table,
    TableCell, TableRow, WidthType,
};
use std::io::Cursor;
use taizhang_document::report::{Report, ReportBlock, ReportRun};
use taizhang_values::official_date;

/// A4 in twips (1/20 pt): 210 × 297 mm.
const PAGE_WIDTH: u32 = 11_906;
const PAGE_HEIGHT: u32 = 16_838;
/// 天头 37 mm, 订口 28 mm; the type area of 156 × 225 mm leaves 26 mm and 35 mm.
const MARGIN_TOP: i32 = 2_098;
const MARGIN_LEFT: i32 = 1_587;
const MARGIN_RIGHT: i32 = 1_474;
const MARGIN_BOTTOM: i32 = 1_984;
/// The page number stands 7 mm below the type area; its line is 5 mm high: 35 − 7 − 5 = 23 mm.
const FOOTER: i32 = 1_304;
/// 225 mm ÷ 22 lines = 28.95 pt.
const LINE: i32 = 579;
/// 156 mm ÷ 28 characters = 15.79 pt. Characters of 16 pt are set 0.25 pt (5 twips) closer; the
/// character grid of the format does the same in one program and not in another.
const CHARACTER_SPACING: i32 = -5;
/// One character of the grid in twips.
const CHARACTER: i32 = 315;
/// Characters a line.
const LINE_CHARACTERS: usize = 28;
/// Size 3 and size 4 and size 2 in half points; table cells take size 5.
const SIZE_3: usize = 32;
const SIZE_4: usize = 28;
const SIZE_2: usize = 44;
const SIZE_5: usize = 21;
/// Characters of size 2 that fit a line.
const TITLE_CHARACTERS: usize = 19;

const FANGSONG: &str = "仿宋";
const HEITI: &str = "黑体";
const KAITI: &str = "楷体";
const TITLE_FONT: &str = "方正小标宋简体";
const SONGTI: &str = "宋体";

/// Writes a report as `.docx`.
///
/// # Shape
/// Title, addressee, blocks, signature block and the report number under which its figures can be
/// looked up; page numbers outside, odd right and even left.
///
/// # Errors
/// [`ExchangeError`] if packing fails, which only lack of memory can cause.
///
/// # Source
/// GB/T 9704-2012 as summed up in `domain.md` §6.2.
pub fn report_docx(report: &Report) -> Result<Vec<u8>, ExchangeError> {
    let mut docx = page(Docx::new());
    for line in title_lines(&report.title) {
        docx = docx.add_paragraph(
            base(Paragraph::new().align(AlignmentType::Center))
                .snap_to_grid(false)
                .add_run(run(&line, TITLE_FONT, SIZE_2)),
        );
    }
    docx = docx.add_paragraph(base(Paragraph::new()));
    if let Some(addressee) = &report.addressee {
        let text = format!("{addressee}：");
        docx = docx.add_paragraph(base(Paragraph::new()).add_run(body(&text)));
    }
    for block in &report.blocks {
        docx = match block {
            ReportBlock::Heading { level, number, runs } => {
                docx.add_paragraph(heading(*level, number, runs))
            }
            ReportBlock::Paragraph { runs } => docx.add_paragraph(paragraph(runs)),
            ReportBlock::Table { head, rows } => docx.add_table(table(head, rows)),
        };
    }
    for line in signature(report) {
        docx = docx.add_paragraph(line);
    }
    let number = format!("报告编号：{}", report.number);
    docx = docx
        .add_paragraph(base(Paragraph::new()))
        .add_paragraph(base(Paragraph::new()).add_run(run(&number, FANGSONG, SIZE_4)));
    let mut bytes = Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).map_err(|error| {
        ExchangeError::new("X0802", "无法写出 Word 文件", "the Word file cannot be written")
            .tried(error.to_string())
    })?;
    Ok(bytes.into_inner())
}

fn page(docx: Docx) -> Docx {
    let margin = PageMargin::new()
        .top(MARGIN_TOP)
        .bottom(MARGIN_BOTTOM)
        .left(MARGIN_LEFT)
        .right(MARGIN_RIGHT)
        .header(MARGIN_TOP / 2)
        .footer(FOOTER);
    let grid = DocGrid::new()
        .grid_type(DocGridType::Lines)
        .line_pitch(usize::try_from(LINE).unwrap_or_default());
    let mut docx = docx
        .page_size(PAGE_WIDTH, PAGE_HEIGHT)
        .page_margin(margin)
        .default_size(SIZE_3)
        .default_fonts(fonts(FANGSONG))
        .footer(Footer::new().add_paragraph(page_number(AlignmentType::Right)))
        .even_footer(Footer::new().add_paragraph(page_number(AlignmentType::Left)));
    docx.document = docx.document.doc_grid(grid);
    docx
}

/// Half-width digits of size 4 between dashes, one character in from the outer edge.
fn page_number(side: AlignmentType) -> Paragraph {
    let inset = Some(CHARACTER);
    let number = Run::new()
        .add_field_char(FieldCharType::Begin, false)
        .add_instr_text(InstrText::PAGE(InstrPAGE::new()))
        .add_field_char(FieldCharType::Separate, false)
        .add_text("1")
        .add_field_char(FieldCharType::End, false)
        .fonts(fonts(SONGTI))
        .size(SIZE_4);
    let paragraph = match side {
        AlignmentType::Right => Paragraph::new().indent(None, None, inset, None),
        _ => Paragraph::new().indent(inset, None, None, None),
    };
    paragraph
        .align(side)
        .add_run(run("— ", SONGTI, SIZE_4))
        .add_run(number)
        .add_run(run(" —", SONGTI, SIZE_4))
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().east_asia(name).ascii(name).hi_ansi(name)
}

fn run(text: &str, font: &str, size: usize) -> Run {
    Run::new()
        .add_text(printable(text))
        .fonts(fonts(font))
        .size(size)
        .character_spacing(CHARACTER_SPACING)
}

fn body(text: &str) -> Run {
    run(text, FANGSONG, SIZE_3)
}

/// Characters that XML forbids are dropped; line breaks become spaces.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if matches!(character, '\n' | '\r' | '\t') { ' ' } else { character })
        .filter(|character| {
            !character.is_control() && !matches!(*character, '\u{fffe}' | '\u{ffff}')
        })
        .collect()
}

/// A line of exactly 28.95 pt, so that 22 of them fill a page.
fn base(paragraph: Paragraph) -> Paragraph {
    let spacing =
        LineSpacing::new().line_rule(LineSpacingType::Exact).line(LINE).before(0).after(0);
    paragraph.line_spacing(spacing).widow_control(false)
}

fn indented() -> Paragraph {
    base(Paragraph::new()).first_line_chars(200).indent(
        None,
        Some(SpecialIndentType::FirstLine(CHARACTER * 2)),
        None,
        None,
    )
}

/// Level 1 黑体, level 2 楷体, below 仿宋.
fn heading(level: u8, number: &str, runs: &[ReportRun]) -> Paragraph {
    let font = match level {
        0 | 1 => HEITI,
        2 => KAITI,
        _ => FANGSONG,
    };
    let start = indented()
        .keep_next(true)
        .outline_lvl(usize::from(level.clamp(1, 4)) - 1)
        .add_run(run(number, font, SIZE_3));
    runs.iter().fold(start, |held, part| held.add_run(run(part.text(), font, SIZE_3)))
}

fn paragraph(runs: &[ReportRun]) -> Paragraph {
    runs.iter().fold(indented(), |held, part| held.add_run(body(part.text())))
}

fn table(head: &[String], rows: &[Vec<String>]) -> Table {
    let width = usize::try_from(CHARACTER).unwrap_or(1) * LINE_CHARACTERS;
    let column = width / head.len().max(1);
    let cell = |text: &String, font: &str| {
        TableCell::new().width(column, WidthType::Dxa).add_paragraph(
            Paragraph::new().align(AlignmentType::Left).add_run(run(text, font, SIZE_5)),
        )
    };
    let line = |cells: &[String], font: &str| {
        TableRow::new(cells.iter().map(|text| cell(text, font)).collect()).cant_split()
    };
    let mut lines = vec![line(head, HEITI)];
    lines.extend(rows.iter().map(|row| line(row, FANGSONG)));
    Table::new(lines).set_grid(vec![column; head.len()]).width(width, WidthType::Dxa)
}

/// Issuer and date without seal: the issuer two characters in from the right, the date's first
/// character two to the right of the issuer's first; a longer date turns the rule round.
fn signature(report: &Report) -> [Paragraph; 3] {
    let issuer_width = grid_width(&report.issuer);
    let date = official_date(report.date);
    let date_width = grid_width(&date);
    let (issuer_inset, date_inset) = if issuer_width - date_width >= 2.0 {
        (2.0, issuer_width - date_width)
    } else {
        (4.0 + date_width - issuer_width, 2.0)
    };
    let line = |text: &str, inset: f64| {
        base(Paragraph::new().align(AlignmentType::Right))
            .indent(None, None, Some(twips(inset)), None)
            .add_run(body(text))
    };
    [
        base(Paragraph::new()).keep_next(true),
        line(&report.issuer, issuer_inset).keep_next(true),
        line(&date, date_inset),
    ]
}

/// Width in characters of the grid; half-width ones count half.
fn grid_width(text: &str) -> f64 {
    text.chars().map(|character| if character.is_ascii() { 0.5 } else { 1.0 }).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "a few thousand twips at most")]
fn twips(characters: f64) -> i32 {
    (characters.clamp(0.0, 28.0) * f64::from(CHARACTER)).round() as i32
}

/// Splits a long title into lines of nearly equal length, where a word ends.
fn title_lines(title: &str) -> Vec<String> {
    let characters: Vec<char> = title.chars().collect();
    let mut rest = characters.as_slice();
    let mut parts = Vec::new();
    while rest.len() > TITLE_CHARACTERS {
        let lines = rest.len().div_ceil(TITLE_CHARACTERS);
        let target = rest.len().div_ceil(lines);
        // What is left must fit the lines that are left.
        let least = rest.len().saturating_sub(TITLE_CHARACTERS * (lines - 1)).max(target - 4);
        let cut = (least..=(target + 4).min(TITLE_CHARACTERS))
            .min_by_key(|length| length.abs_diff(target) + cut_cost(rest, *length))
            .unwrap_or(target);
        let (line, tail) = rest.split_at(cut.clamp(1, rest.len()));
        parts.push(line.iter().collect());
        rest = tail;
    }
    parts.push(rest.iter().collect());
    parts
}

/// How badly a line ends after `length` characters: inside a number or before a particle costs
/// most, after a particle or mark nothing.
fn cut_cost(characters: &[char], length: usize) -> usize {
    let last = length.checked_sub(1).and_then(|at| characters.get(at)).copied().unwrap_or(' ');
    let next = characters.get(length).copied().unwrap_or(' ');
    if last.is_ascii_digit() || "年度月日的于和及与、》）”".contains(next) {
        10
    } else if "度的于和及与、》）”".contains(last) {
        0
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::title_lines;

    #[test]
    fn titles_are_cut_where_a_word_ends() {
        let cases = [
            ("青禾县整改情况报告", vec!["青禾县整改情况报告"]),
            (
                "石桥镇人民政府关于2026年度巩固拓展成果考核反馈问题整改情况的报告",
                vec!["石桥镇人民政府关于2026年度", "巩固拓展成果考核反馈问题整改情况的报告"],
            ),
        ];
        for (title, expected) in cases {
            assert_eq!(title_lines(title), expected);
        }
    }
}
