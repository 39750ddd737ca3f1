//! The walk through a document's body: what text stands there, in which order.

use super::numbering::{Counters, Numbering};
use super::styles::Styles;
use super::symbol;
use crate::document::{DocumentFormat, DocumentText, GridCell, TableGrid, TextBuilder, one_line};
use crate::xml::{Element, Node};
use crate::{ExchangeError, Limits};

/// Footnote and endnote parts.
#[derive(Clone, Copy)]
pub(super) struct Notes<'a> {
    pub(super) footnotes: Option<&'a Element>,
    pub(super) endnotes: Option<&'a Element>,
}

/// A paragraph or a table, in reading order.
enum Block {
    Paragraph(String),
    Table(TableGrid),
}

/// Where a complex field stands: its instruction is never shown, its result is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Instruction { contents: bool },
    Result { contents: bool },
}

/// Text collected within one paragraph.
#[derive(Default)]
struct Line {
    text: String,
    boxes: Vec<Block>,
}

/// Reads one document from start to end.
pub(super) struct Reader<'a> {
    styles: &'a Styles,
    numbering: &'a Numbering,
    notes: Notes<'a>,
    limits: &'a Limits,
    counters: Counters,
    fields: Vec<Field>,
    footnote_ids: Vec<String>,
    endnote_ids: Vec<String>,
    /// Text of paragraphs whose mark was deleted: it flows into the next paragraph.
    carried: String,
    collected_bytes: usize,
    out: TextBuilder,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        styles: &'a Styles,
        numbering: &'a Numbering,
        notes: Notes<'a>,
        limits: &'a Limits,
    ) -> Self {
        Self {
            styles,
            numbering,
            notes,
            limits,
            counters: Counters::default(),
            fields: Vec::new(),
            footnote_ids: Vec::new(),
            endnote_ids: Vec::new(),
            carried: String::new(),
            collected_bytes: 0,
            out: TextBuilder::default(),
        }
    }

    /// Reads the body, then the notes it refers to.
    pub(super) fn document(&mut self, body: &Element) -> Result<(), ExchangeError> {
        self.emit_container(body)?;
        if !self.carried.is_empty() {
            let rest = std::mem::take(&mut self.carried);
            self.out.paragraph(&rest);
        }
        let footnotes = std::mem::take(&mut self.footnote_ids);
        self.emit_notes(self.notes.footnotes, &footnotes, "注")?;
        let endnotes = std::mem::take(&mut self.endnote_ids);
        self.emit_notes(self.notes.endnotes, &endnotes, "尾注")
    }

    pub(super) fn finish(self, format: DocumentFormat) -> DocumentText {
        self.out.finish(format)
    }

    /// Writes the blocks of a container straight to the output.
    fn emit_container(&mut self, container: &Element) -> Result<(), ExchangeError> {
        for element in container.elements() {
            match &*element.name {
                "tbl" if is_frame(element) => {
                    for cell in frame_cells(element) {
                        self.emit_container(cell)?;
                    }
                }
                "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "smartTag" => {
                    if !self.skips_content_control(element) {
                        self.emit_container(element)?;
                    }
                }
                "AlternateContent" => {
                    if let Some(branch) = alternative(element) {
                        self.emit_container(branch)?;
                    }
                }
                _ => {
                    let mut blocks = Vec::new();
                    self.block(element, &mut blocks)?;
                    self.emit(blocks)?;
                }
            }
        }
        Ok(())
    }

    fn emit(&mut self, blocks: Vec<Block>) -> Result<(), ExchangeError> {
        for block in blocks {
            match block {
                Block::Paragraph(text) => self.out.paragraph(&text),
                Block::Table(grid) => self.out.table(grid),
            }
            self.collected_bytes = self.out.len();
            self.check_length()?;
        }
        Ok(())
    }

    fn check_length(&self) -> Result<(), ExchangeError> {
        if self.collected_bytes > self.limits.output_bytes {
            return Err(ExchangeError::limit(
                "X0404",
                "文字总量",
                "the amount of text",
                format!("{} MiB", self.limits.output_bytes >> 20),
            ));
        }
        Ok(())
    }

    fn emit_notes(
        &mut self,
        part: Option<&Element>,
        ids: &[String],
        label: &str,
    ) -> Result<(), ExchangeError> {
        let Some(part) = part else { return Ok(()) };
        let known: std::collections::HashMap<&str, &Element> =
            part.elements().filter_map(|note| Some((note.attribute("id")?, note))).collect();
        for (index, id) in ids.iter().enumerate() {
            let Some(note) = known.get(id.as_str()) else { continue };
            let text = self.flat_text(note)?;
            if !text.is_empty() {
                self.out.paragraph(&format!("{label}{}：{}", index + 1, one_line(&text)));
            }
        }
        if !ids.is_empty() {
            self.out.note("脚注、尾注列在文末", "footnotes and endnotes stand at the end");
        }
        Ok(())
    }

    /// Collects the blocks of a container (cell, text box, note).
    fn blocks(&mut self, container: &Element) -> Result<Vec<Block>, ExchangeError> {
        let mut blocks = Vec::new();
        for element in container.elements() {
            self.block(element, &mut blocks)?;
        }
        Ok(blocks)
    }

    fn block(&mut self, element: &Element, blocks: &mut Vec<Block>) -> Result<(), ExchangeError> {
        match &*element.name {
            "p" => self.paragraph(element, blocks)?,
            "tbl" => {
                let grid = self.table(element)?;
                blocks.push(Block::Table(grid));
            }
            "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "smartTag"
                if !self.skips_content_control(element) =>
            {
                blocks.extend(self.blocks(element)?);
            }
            "AlternateContent" => {
                if let Some(branch) = alternative(element) {
                    blocks.extend(self.blocks(branch)?);
                }
            }
            "altChunk" => self
                .out
                .note("嵌入的其他格式文件未读入", "an embedded file of another format is left out"),
            _ => {}
        }
        Ok(())
    }

    /// Contents tables repeat the headings, placeholders are prompts: neither is text.
    fn skips_content_control(&mut self, element: &Element) -> bool {
        let Some(properties) = element.child("sdtPr") else { return false };
        let gallery = properties
            .child("docPartObj")
            .and_then(|part| part.child_value("docPartGallery"))
            .is_some_and(|gallery| gallery == "Table of Contents");
        if gallery {
            self.note_contents();
        }
        gallery || properties.is_on("showingPlcHdr")
    }

    fn note_contents(&mut self) {
        self.out.note("自动目录未读入", "the automatic table of contents is left out");
    }

    fn paragraph(
        &mut self,
        element: &Element,
        blocks: &mut Vec<Block>,
    ) -> Result<(), ExchangeError> {
        let properties = element.child("pPr");
        let style = properties.and_then(|p| p.child_value("pStyle"));
        let mark = properties.and_then(|p| p.child("rPr"));
        let mut line = Line::default();
        let hidden = self.styles.hidden(style);
        self.inline(element, hidden, &mut line)?;
        let mark_gone =
            mark.is_some_and(|run| run.child("del").is_some() || run.child("moveFrom").is_some());
        if self.styles.is_contents(style) && !line.text.trim().is_empty() {
            self.note_contents();
            return Ok(());
        }
        if mark_gone {
            self.carried.push_str(&line.text);
            blocks.append(&mut line.boxes);
            return Ok(());
        }
        let mut text = std::mem::take(&mut self.carried);
        text.push_str(&line.text);
        let number = self.number(properties, style);
        let text = if text.trim().is_empty() { text } else { format!("{number}{text}") };
        self.collected_bytes += text.len();
        self.check_length()?;
        blocks.push(Block::Paragraph(text));
        blocks.append(&mut line.boxes);
        Ok(())
    }

    /// The automatic number of a paragraph; counts it as well.
    fn number(&mut self, properties: Option<&Element>, style: Option<&str>) -> String {
        let own = properties.and_then(|p| p.child("numPr"));
        let own_id = own.and_then(|list| list.child_value("numId"));
        let own_level: Option<usize> =
            own.and_then(|list| list.child_value("ilvl")).and_then(|v| v.parse().ok());
        if own_id == Some("0") {
            return String::new();
        }
        let inherited = self.styles.numbering(style);
        let Some(id) = own_id.or(inherited.as_ref().map(|list| list.number.as_str())) else {
            return String::new();
        };
        let level = own_level.or_else(|| {
            let list = inherited.as_ref().filter(|_| own_id.is_none())?;
            let by_style = self.numbering.level_of_style(id, &list.style);
            by_style.or(list.level)
        });
        self.counters.next(self.numbering, id, level.unwrap_or(0))
    }

    /// Collects the text of everything inside a paragraph, run or wrapper.
    fn inline(
        &mut self,
        element: &Element,
        hidden: bool,
        line: &mut Line,
    ) -> Result<(), ExchangeError> {
        for child in element.elements() {
            match &*child.name {
                "pPr" | "rPr" | "del" | "moveFrom" | "delText" | "delInstrText" | "rt" => {}
                "r" => {
                    let run = child.child("rPr");
                    let hidden = match run.filter(|run| run.child("vanish").is_some()) {
                        Some(run) => run.is_on("vanish"),
                        None => {
                            hidden || self.styles.hidden(run.and_then(|r| r.child_value("rStyle")))
                        }
                    };
                    self.inline(child, hidden, line)?;
                }
                "txbxContent" => {
                    let blocks = self.blocks(child)?;
                    line.boxes.extend(blocks);
                }
                "AlternateContent" => {
                    if let Some(branch) = alternative(child) {
                        self.inline(branch, hidden, line)?;
                    }
                }
                "sdt" if self.skips_content_control(child) => {}
                "fldChar" => self.field(child),
                "instrText" => self.instruction(&child.own_text()),
                "footnoteReference" => remember(child, &mut self.footnote_ids),
                "endnoteReference" => remember(child, &mut self.endnote_ids),
                "t" | "tab" | "ptab" | "br" | "cr" | "noBreakHyphen" | "sym" => {
                    if !hidden && !self.unseen_field() {
                        self.character(child, line);
                    }
                }
                _ => self.inline(child, hidden, line)?,
            }
        }
        Ok(())
    }

    fn character(&mut self, element: &Element, line: &mut Line) {
        match &*element.name {
            "t" => {
                for child in &element.children {
                    if let Node::Text(piece) = child {
                        line.text.push_str(piece);
                    }
                }
            }
            "tab" | "ptab" => line.text.push('\t'),
            "noBreakHyphen" => line.text.push('-'),
            "sym" => {
                let font = element.attribute("font").unwrap_or_default();
                let code = element.attribute("char").and_then(|c| u32::from_str_radix(c, 16).ok());
                let known = code.and_then(|code| symbol::sign(code, font));
                let plain = code.filter(|code| !(0xe000..=0xf8ff).contains(code));
                match known.or_else(|| plain.and_then(char::from_u32)) {
                    Some(sign) => line.text.push(sign),
                    None => {
                        line.text.push('□');
                        self.out.note("不认识的符号写作“□”", "an unknown symbol is written `□`");
                    }
                }
            }
            _ => line.text.push('\n'),
        }
    }

    fn field(&mut self, element: &Element) {
        match element.attribute("fldCharType") {
            Some("begin") => self.fields.push(Field::Instruction { contents: false }),
            Some("separate") => {
                if let Some(Field::Instruction { contents }) = self.fields.pop() {
                    self.fields.push(Field::Result { contents });
                    if contents {
                        self.note_contents();
                    }
                }
            }
            Some("end") => {
                self.fields.pop();
            }
            _ => {}
        }
        // Unclosed fields of a damaged file must not grow without bound.
        self.fields.truncate(64);
    }

    fn instruction(&mut self, text: &str) {
        let first = text.split_whitespace().next().unwrap_or_default();
        if let (true, Some(Field::Instruction { contents })) =
            (first == "TOC", self.fields.last_mut())
        {
            *contents = true;
        }
    }

    /// True inside a field's instruction and inside a contents table.
    fn unseen_field(&self) -> bool {
        self.fields.iter().any(|field| {
            matches!(field, Field::Instruction { .. } | Field::Result { contents: true })
        })
    }

    fn table(&mut self, element: &Element) -> Result<TableGrid, ExchangeError> {
        let mut grid = TableGrid::default();
        for row in wrapped(element, "tr") {
            let properties = row.child("trPr");
            if properties.is_some_and(|p| p.child("del").is_some()) {
                continue;
            }
            let before = properties.and_then(|p| p.child_value("gridBefore"));
            let before = before.and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
            let mut cells = Vec::new();
            if before > 0 {
                cells.push(GridCell { columns: before, ..GridCell::default() });
            }
            for cell in wrapped(row, "tc") {
                let properties = cell.child("tcPr");
                if properties.is_some_and(|p| p.child("cellDel").is_some()) {
                    continue;
                }
                let span = properties.and_then(|p| p.child_value("gridSpan"));
                let columns = span.and_then(|v| v.parse::<usize>().ok()).unwrap_or(1);
                let text = self.flat_text(cell)?;
                if properties.and_then(|p| p.child("hMerge")).is_some_and(continues) {
                    if let Some(left) = cells.last_mut() {
                        left.columns = left.columns.saturating_add(columns);
                    }
                    continue;
                }
                let continued = properties.and_then(|p| p.child("vMerge")).is_some_and(continues);
                cells.push(GridCell { text, columns, continued });
            }
            grid.rows.push(cells);
        }
        Ok(grid)
    }

    /// The text of a cell or note: paragraphs as lines, inner tables row by row.
    fn flat_text(&mut self, container: &Element) -> Result<String, ExchangeError> {
        // A cell never ends inside a paragraph, so a carried text cannot leave it.
        let outer = std::mem::take(&mut self.carried);
        let mut lines = Vec::new();
        for block in self.blocks(container)? {
            match block {
                Block::Paragraph(text) => lines.push(text),
                Block::Table(grid) => lines.extend(grid.rows.into_iter().map(|row| {
                    let cells: Vec<String> = row.iter().map(|cell| one_line(&cell.text)).collect();
                    cells.join(" ")
                })),
            }
        }
        lines.push(std::mem::replace(&mut self.carried, outer));
        lines.retain(|line| !line.trim().is_empty());
        Ok(lines.join("\n"))
    }
}

/// `vMerge` or `hMerge` without `restart`.
fn continues(merge: &Element) -> bool {
    merge.attribute("val") != Some("restart")
}

fn remember(reference: &Element, ids: &mut Vec<String>) {
    if let Some(id) = reference.attribute("id") {
        ids.push(id.to_owned());
    }
}

/// A table of a single cell is a frame around ordinary text.
fn is_frame(table: &Element) -> bool {
    wrapped(table, "tr").all(|row| wrapped(row, "tc").count() == 1)
}

fn frame_cells(table: &Element) -> impl Iterator<Item = &Element> {
    wrapped(table, "tr").flat_map(|row| wrapped(row, "tc"))
}

/// Child elements called `name`, also inside content controls and accepted insertions.
fn wrapped<'e>(parent: &'e Element, name: &'e str) -> Box<dyn Iterator<Item = &'e Element> + 'e> {
    Box::new(parent.elements().flat_map(
        move |child| -> Box<dyn Iterator<Item = &'e Element> + 'e> {
            match &*child.name {
                own if own == name => Box::new(std::iter::once(child)),
                "sdt" | "sdtContent" | "customXml" | "ins" => wrapped(child, name),
                _ => Box::new(std::iter::empty()),
            }
        },
    ))
}

/// The branch of an `AlternateContent` that holds text: the choice, or else the fallback.
fn alternative(element: &Element) -> Option<&Element> {
    let has_text = |branch: &&Element| branch.find("t").is_some();
    let choice = element.elements().find(|branch| &*branch.name == "Choice" && has_text(branch));
    choice.or_else(|| element.child("Fallback"))
}
