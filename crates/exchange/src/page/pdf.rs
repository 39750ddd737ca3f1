//! PDF files with a text layer: the content of each page is run and its text, with positions, and
//! its lines are collected.

use super::font::{Font, float};
use super::radicals::unify;
use super::{Page, Rule, Run, layout};
use crate::container::encrypted;
use crate::document::{DocumentFormat, DocumentText, TextBuilder};
use crate::{ExchangeError, Limits};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::HashMap;
use std::rc::Rc;

/// The parser of the library recurses; it gets a stack of its own.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Bound on the decoded content of one page, bytes.
const CONTENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Fonts read of one file; documents of hundreds of pages use some dozens.
const FONTS_MAX: usize = 1000;

/// Share of characters without a Unicode value above which the text is no use.
const UNDECODED_SHARE_MAX: f64 = 0.1;

/// Reads the text layer of a PDF.
///
/// # Errors
/// Limits, damage, a password, pages that are pictures, fonts without character maps.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    if bytes.len() as u64 > limits.pdf_bytes {
        return Err(ExchangeError::limit(
            "X0601",
            "PDF 文件大小",
            "the size of the PDF",
            format!("{} MiB", limits.pdf_bytes >> 20),
        ));
    }
    // A thread of its own: a deep or broken file ends it and not the program.
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || read_here(bytes, limits))
            .map_err(|_| damaged())?
            .join()
            .unwrap_or_else(|_| Err(damaged()))
    })
}

fn damaged() -> ExchangeError {
    ExchangeError::new("X0603", "PDF 文件已损坏", "the PDF is damaged").help(
        "请重新下载，或打开后另存（打印）为新的 PDF 再上传",
        "fetch it again, or print it to a new PDF and upload that",
    )
}

fn read_here(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    let options =
        LoadOptions { max_decompressed_size: Some(CONTENT_BYTES_MAX), ..LoadOptions::default() };
    let document =
        Document::load_mem_with_options(bytes, options).map_err(|error| match error {
            lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => encrypted(),
            _ => damaged(),
        })?;
    if document.is_encrypted() {
        return Err(encrypted());
    }
    let ids: Vec<ObjectId> = document.page_iter().take(limits.pages + 1).collect();
    if ids.len() > limits.pages {
        return Err(ExchangeError::limit("X0602", "PDF 页数", "the number of pages", limits.pages));
    }
    if ids.is_empty() {
        return Err(damaged());
    }
    let mut interpreter = Interpreter::new(&document, limits);
    let mut pages = Vec::with_capacity(ids.len());
    for id in ids {
        pages.push(interpreter.page(id)?);
    }
    let (shown, undecoded) = (interpreter.shown, interpreter.undecoded);
    if shown == 0 && undecoded == 0 {
        return Err(ExchangeError::new(
            "X0604",
            "这个 PDF 没有文字层，多半是扫描件",
            "this PDF has no text layer and is probably a scan",
        )
        .help(
            "请上传 Word 或带文字的 PDF 原件；扫描件请先用 OCR 识别成文字",
            "upload the Word file or a PDF with text; run OCR on scans first",
        ));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let share = undecoded as f64 / (shown + undecoded) as f64;
    if share > UNDECODED_SHARE_MAX {
        return Err(ExchangeError::new(
            "X0606",
            "这个 PDF 的字体没有字符对照表，文字无法还原",
            "the fonts of this PDF do not tell which characters they show",
        )
        .help("请上传 Word 原件，或重新导出 PDF", "upload the Word file or export the PDF again")
        .tried("ToUnicode")
        .tried("GBK-EUC, UniGB-UCS2, UniGB-UTF16")
        .tried("embedded TrueType"));
    }
    let mut out = TextBuilder::default();
    if undecoded > 0 {
        out.note(
            &format!("{undecoded} 个字符无法还原，写作“□”"),
            &format!("{undecoded} characters could not be told and are written `□`"),
        );
    }
    layout::write(pages, &mut out);
    Ok(out.finish(DocumentFormat::Pdf))
}

/// An affine map as PDF writes it: `[a b c d e f]`.
type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `m`, then `n`.
fn multiply(m: Matrix, n: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = m;
    let [g, h, i, j, k, l] = n;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

fn apply(m: Matrix, x: f64, y: f64) -> (f64, f64) {
    let [a, b, c, d, e, f] = m;
    (a * x + c * y + e, b * x + d * y + f)
}

/// The graphics state, as far as text needs it.
#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

impl State {
    fn new(ctm: Matrix) -> Self {
        Self {
            ctm,
            font: None,
            size: 0.0,
            character_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Runs page contents.
struct Interpreter<'a> {
    document: &'a Document,
    limits: &'a Limits,
    /// By the address of the dictionary, which stays where it is while the document is borrowed.
    fonts: HashMap<*const Dictionary, Rc<Font>>,
    operators: usize,
    /// Bytes that streams may still inflate to, all pages together.
    left_bytes: usize,
    shown: usize,
    undecoded: usize,
    page: Page,
    state: State,
    saved: Vec<State>,
    text_matrix: Matrix,
    line_matrix: Matrix,
    /// Marked content being read; true for page artifacts.
    marks: Vec<bool>,
    /// Artifacts among the marks.
    artifacts: usize,
    path: Vec<Rule>,
    point: (f64, f64),
    start: (f64, f64),
}

impl<'a> Interpreter<'a> {
    fn new(document: &'a Document, limits: &'a Limits) -> Self {
        Self {
            document,
            limits,
            fonts: HashMap::new(),
            operators: 0,
            left_bytes: usize::try_from(limits.inflated_bytes).unwrap_or(usize::MAX),
            shown: 0,
            undecoded: 0,
            page: Page::default(),
            state: State::new(IDENTITY),
            saved: Vec::new(),
            text_matrix: IDENTITY,
            line_matrix: IDENTITY,
            marks: Vec::new(),
            artifacts: 0,
            path: Vec::new(),
            point: (0.0, 0.0),
            start: (0.0, 0.0),
        }
    }

    fn page(&mut self, id: ObjectId) -> Result<Page, ExchangeError> {
        let (base, width, height) = self.page_frame(id);
        self.page = Page { width, height, ..Page::default() };
        self.state = State::new(base);
        self.saved.clear();
        self.marks.clear();
        self.artifacts = 0;
        let resources = self.inherited(id, b"Resources").and_then(|object| object.as_dict().ok());
        let content = self.document.get_page_content_with_limit(id, CONTENT_BYTES_MAX);
        let content = content.map_err(|_| damaged())?;
        self.count_content(content.len())?;
        self.run(&content, resources, 0)?;
        Ok(std::mem::take(&mut self.page))
    }

    /// A value of the page or of the tree above it.
    fn inherited(&self, id: ObjectId, key: &[u8]) -> Option<&'a Object> {
        let mut node = self.document.get_dictionary(id).ok()?;
        for _ in 0..self.limits.xml_depth {
            if let Ok(object) = node.get_deref(key, self.document) {
                return Some(object);
            }
            node = node.get_deref(b"Parent", self.document).ok()?.as_dict().ok()?;
        }
        None
    }

    /// The map from page to points below the top left corner, and the page's width and height.
    fn page_frame(&self, id: ObjectId) -> (Matrix, f64, f64) {
        let numbers: Vec<f64> = self
            .inherited(id, b"MediaBox")
            .and_then(|object| object.as_array().ok())
            .map(|list| list.iter().filter_map(|item| float(self.document, item)).collect())
            .unwrap_or_default();
        let (x0, y0, x1, y1) = match numbers.as_slice() {
            [a, b, c, d] => (a.min(*c), b.min(*d), a.max(*c), b.max(*d)),
            _ => (0.0, 0.0, 595.0, 842.0),
        };
        let (width, height) = (x1 - x0, y1 - y0);
        let turn = self.inherited(id, b"Rotate").and_then(|object| object.as_i64().ok());
        match turn.unwrap_or(0).rem_euclid(360) {
            90 => ([0.0, 1.0, 1.0, 0.0, -y0, -x0], height, width),
            180 => ([-1.0, 0.0, 0.0, 1.0, x1, -y0], width, height),
            270 => ([0.0, -1.0, -1.0, 0.0, y1, x1], height, width),
            _ => ([1.0, 0.0, 0.0, -1.0, -x0, y1], width, height),
        }
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) -> Result<(), ExchangeError> {
        for operation in Content::decode_iter(content) {
            // What cannot be parsed ends the page; what was read before it stands.
            let Ok(operation) = operation else { break };
            self.operators += 1;
            if self.operators > self.limits.pdf_operators {
                return Err(ExchangeError::limit(
                    "X0605",
                    "PDF 绘图指令数",
                    "the number of drawing operators",
                    self.limits.pdf_operators,
                ));
            }
            self.operation(&operation, resources, depth)?;
        }
        Ok(())
    }

    fn operation(
        &mut self,
        operation: &Operation,
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) -> Result<(), ExchangeError> {
        let operands = operation.operands.as_slice();
        let numbers: Vec<f64> =
            operands.iter().filter_map(|item| item.as_float().ok()).map(f64::from).collect();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("q", _) if self.saved.len() < 256 => self.saved.push(self.state.clone()),
            ("Q", _) => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            ("cm", [a, b, c, d, e, f]) => {
                self.state.ctm = multiply([*a, *b, *c, *d, *e, *f], self.state.ctm);
            }
            ("Do", _) => self.form(operands, resources, depth)?,
            ("BDC" | "BMC", _) if self.marks.len() < 4096 => {
                let tag = operands.first().and_then(|tag| tag.as_name().ok());
                let is_artifact = tag == Some(b"Artifact");
                self.marks.push(is_artifact);
                self.artifacts += usize::from(is_artifact);
            }
            ("EMC", _) => {
                let was_artifact = self.marks.pop() == Some(true);
                self.artifacts -= usize::from(was_artifact);
            }
            ("Tf", _) => self.set_font(operands, resources),
            (operator, numbers) => {
                if !self.text_operator(operator, numbers, operands) {
                    self.path_operator(operator, numbers);
                }
            }
        }
        Ok(())
    }

    fn text_operator(&mut self, operator: &str, numbers: &[f64], operands: &[Object]) -> bool {
        match (operator, numbers) {
            ("BT", _) => self.set_line(IDENTITY),
            ("Tm", [a, b, c, d, e, f]) => self.set_line([*a, *b, *c, *d, *e, *f]),
            ("Td", [x, y]) => self.move_line(*x, *y),
            ("TD", [x, y]) => {
                self.state.leading = -y;
                self.move_line(*x, *y);
            }
            ("T*", _) => self.move_line(0.0, -self.state.leading),
            ("Tc", [value]) => self.state.character_space = *value,
            ("Tw", [value]) => self.state.word_space = *value,
            ("Tz", [value]) => self.state.scale = value / 100.0,
            ("TL", [value]) => self.state.leading = *value,
            ("Ts", [value]) => self.state.rise = *value,
            ("Tj", _) => self.show_all(operands),
            ("'", _) => {
                self.move_line(0.0, -self.state.leading);
                self.show_all(operands);
            }
            ("\"", _) => {
                if let [word, character, ..] = numbers {
                    self.state.word_space = *word;
                    self.state.character_space = *character;
                }
                self.move_line(0.0, -self.state.leading);
                self.show_all(operands);
            }
            ("TJ", _) => {
                if let Some(Ok(list)) = operands.first().map(Object::as_array) {
                    self.show_all(list);
                }
            }
            _ => return false,
        }
        true
    }

    fn set_line(&mut self, matrix: Matrix) {
        self.text_matrix = matrix;
        self.line_matrix = matrix;
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.set_line(multiply([1.0, 0.0, 0.0, 1.0, x, y], self.line_matrix));
    }

    fn set_font(&mut self, operands: &[Object], resources: Option<&'a Dictionary>) {
        let [name, size, ..] = operands else { return };
        self.state.size = size.as_float().map_or(0.0, f64::from);
        self.state.font = name.as_name().ok().and_then(|name| self.font(name, resources));
    }

    fn font(&mut self, name: &[u8], resources: Option<&'a Dictionary>) -> Option<Rc<Font>> {
        let fonts = resources?.get_deref(b"Font", self.document).ok()?.as_dict().ok()?;
        let font = fonts.get_deref(name, self.document).ok()?.as_dict().ok()?;
        let place = std::ptr::from_ref(font);
        if let Some(known) = self.fonts.get(&place) {
            return Some(Rc::clone(known));
        }
        if self.fonts.len() >= FONTS_MAX {
            return None;
        }
        let read = Rc::new(Font::read(self.document, font, &mut self.left_bytes));
        self.fonts.insert(place, Rc::clone(&read));
        Some(read)
    }

    /// Counts decoded content.
    fn count_content(&mut self, bytes: usize) -> Result<(), ExchangeError> {
        match self.left_bytes.checked_sub(bytes) {
            Some(left) => {
                self.left_bytes = left;
                Ok(())
            }
            None => Err(ExchangeError::limit(
                "X0607",
                "PDF 解压后的大小",
                "the inflated size of the PDF",
                format!("{} MiB", self.limits.inflated_bytes >> 20),
            )),
        }
    }

    /// Shows strings with the adjustments between them; a wide adjustment starts a new piece.
    fn show_all(&mut self, items: &[Object]) {
        let Some(font) = self.state.font.clone() else { return };
        let mut run: Option<Run> = None;
        for item in items {
            if let Ok(bytes) = item.as_str() {
                for glyph in font.glyphs(bytes) {
                    self.show(&glyph, &mut run);
                }
            } else if let Ok(value) = item.as_float() {
                let shift = -f64::from(value) / 1000.0 * self.state.size * self.state.scale;
                self.text_matrix = multiply([1.0, 0.0, 0.0, 1.0, shift, 0.0], self.text_matrix);
                if value.abs() > 180.0 {
                    self.push(run.take());
                }
            }
        }
        self.push(run);
    }

    fn show(&mut self, glyph: &super::font::Glyph, run: &mut Option<Run>) {
        let state = &self.state;
        let shape = [state.size * state.scale, 0.0, 0.0, state.size, 0.0, state.rise];
        let full = multiply(multiply(shape, self.text_matrix), state.ctm);
        let [a, b, c, d, x, y] = full;
        let advance = glyph.width / 1000.0 * state.size
            + state.character_space
            + if glyph.is_space { state.word_space } else { 0.0 };
        let step = advance * state.scale;
        self.text_matrix = multiply([1.0, 0.0, 0.0, 1.0, step, 0.0], self.text_matrix);
        let slanted = b.abs() > 0.3 * a.abs();
        if slanted || self.artifacts > 0 {
            // Watermarks and seals run askew; artifacts are running heads and page numbers.
            return;
        }
        let text = match &glyph.text {
            Some(text) => {
                self.shown += usize::from(!text.trim().is_empty());
                text.as_str()
            }
            None => {
                self.undecoded += 1;
                "□"
            }
        };
        let (end, _) = apply(multiply(self.text_matrix, self.state.ctm), 0.0, 0.0);
        let size = c.hypot(d);
        let open = run.get_or_insert_with(|| Run { x, y, width: 0.0, size, text: String::new() });
        open.text.push_str(text);
        open.width = end - open.x;
    }

    fn push(&mut self, run: Option<Run>) {
        if let Some(mut run) = run.filter(|run| !run.text.is_empty()) {
            if run.width < 0.0 {
                run.x += run.width;
                run.width = -run.width;
            }
            run.text = unify(run.text);
            self.page.runs.push(run);
        }
    }

    fn form(
        &mut self,
        operands: &[Object],
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) -> Result<(), ExchangeError> {
        if depth >= self.limits.pdf_nesting {
            return Ok(());
        }
        let document = self.document;
        let stream = || {
            let name = operands.first()?.as_name().ok()?;
            let objects = resources?.get_deref(b"XObject", document).ok()?.as_dict().ok()?;
            objects.get_deref(name, document).ok()?.as_stream().ok()
        };
        let Some(stream) = stream() else { return Ok(()) };
        let subtype = stream.dict.get_deref(b"Subtype", document).ok();
        if subtype.and_then(|name| name.as_name().ok()) != Some(b"Form") {
            return Ok(());
        }
        let Ok(content) = stream.get_plain_content_with_limit(CONTENT_BYTES_MAX) else {
            return Err(damaged());
        };
        self.count_content(content.len())?;
        let matrix: Vec<f64> = stream
            .dict
            .get_deref(b"Matrix", document)
            .ok()
            .and_then(|object| object.as_array().ok())
            .map(|list| list.iter().filter_map(|item| float(document, item)).collect())
            .unwrap_or_default();
        let own = stream.dict.get_deref(b"Resources", document).ok();
        let own = own.and_then(|object| object.as_dict().ok());
        let before = self.state.clone();
        let text = (self.text_matrix, self.line_matrix);
        if let [a, b, c, d, e, f] = matrix.as_slice() {
            self.state.ctm = multiply([*a, *b, *c, *d, *e, *f], self.state.ctm);
        }
        let saved = std::mem::take(&mut self.saved);
        let result = self.run(&content, own.or(resources), depth + 1);
        self.saved = saved;
        self.state = before;
        (self.text_matrix, self.line_matrix) = text;
        result
    }

    fn path_operator(&mut self, operator: &str, numbers: &[f64]) {
        match (operator, numbers) {
            ("m", [x, y]) => {
                self.point = apply(self.state.ctm, *x, *y);
                self.start = self.point;
            }
            ("l", [x, y]) => self.line_to(apply(self.state.ctm, *x, *y)),
            ("h", _) => self.line_to(self.start),
            ("c", [.., x, y]) | ("v" | "y", [.., x, y]) => {
                self.point = apply(self.state.ctm, *x, *y);
            }
            ("re", [x, y, width, height]) => {
                let corner = |dx: f64, dy: f64| apply(self.state.ctm, x + dx, y + dy);
                let corners = [
                    corner(0.0, 0.0),
                    corner(*width, 0.0),
                    corner(*width, *height),
                    corner(0.0, *height),
                ];
                let [first, second, third, fourth] = corners;
                self.point = first;
                for to in [second, third, fourth, first] {
                    self.line_to(to);
                }
            }
            ("S" | "s" | "B" | "b" | "B*" | "b*", _) => {
                if self.page.rules.len() < 40_000 {
                    self.page.rules.append(&mut self.path);
                }
                self.path.clear();
            }
            ("f" | "F" | "f*", _) => self.fill(),
            ("n", _) => self.path.clear(),
            _ => {}
        }
    }

    fn line_to(&mut self, to: (f64, f64)) {
        let (x0, y0) = self.point;
        if self.path.len() < 40_000 {
            self.path.push(Rule { x0, y0, x1: to.0, y1: to.1 });
        }
        self.point = to;
    }

    /// Borders are often drawn as thin filled boxes; wide boxes are shading.
    fn fill(&mut self) {
        let path = std::mem::take(&mut self.path);
        for sides in path.chunks(4) {
            let xs = || sides.iter().flat_map(|side| [side.x0, side.x1]);
            let ys = || sides.iter().flat_map(|side| [side.y0, side.y1]);
            let (x0, x1) =
                (xs().fold(f64::INFINITY, f64::min), xs().fold(f64::NEG_INFINITY, f64::max));
            let (y0, y1) =
                (ys().fold(f64::INFINITY, f64::min), ys().fold(f64::NEG_INFINITY, f64::max));
            if self.page.rules.len() >= 40_000 {
                return;
            }
            if y1 - y0 < 2.5 {
                let y = f64::midpoint(y0, y1);
                self.page.rules.push(Rule { x0, y0: y, x1, y1: y });
            } else if x1 - x0 < 2.5 {
                let x = f64::midpoint(x0, x1);
                self.page.rules.push(Rule { x0: x, y0, x1: x, y1 });
            }
        }
    }
}
