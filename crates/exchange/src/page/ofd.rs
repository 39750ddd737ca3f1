//! OFD (GB/T 33190), the national fixed-layout format: text objects of each page by position.

use super::radicals::unify;
use super::{Page, Rule, Run, layout};
use crate::container::{Container, damaged};
use crate::document::{DocumentFormat, DocumentText, TextBuilder};
use crate::xml::{self, Element};
use crate::{ExchangeError, Limits};

/// OFD measures in millimetres.
const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// Pieces of text on one page beyond which the rest is left out.
const RUNS_MAX: usize = 200_000;

/// Reads all documents of an OFD container.
///
/// # Errors
/// Limits, damage, pages that are pictures.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    let mut container = Container::open(bytes, limits)?;
    let root = part(&mut container, "OFD.xml", limits)?;
    let mut pages = Vec::new();
    let roots: Vec<String> = root
        .elements()
        .filter_map(|body| body.child("DocRoot"))
        .map(|path| resolve("", path.own_text().trim()))
        .collect();
    for path in roots {
        let document = part(&mut container, &path, limits)?;
        let base = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let area = document.child("CommonData").and_then(|data| data.child("PageArea"));
        let whole = area.and_then(page_size).unwrap_or((210.0, 297.0));
        let list = document.child("Pages");
        for page in list.iter().flat_map(|list| list.elements()) {
            let Some(location) = page.attribute("BaseLoc") else { continue };
            if pages.len() >= limits.pages {
                return Err(ExchangeError::limit(
                    "X0651",
                    "OFD 页数",
                    "the number of pages",
                    limits.pages,
                ));
            }
            let content = part(&mut container, &resolve(&base, location), limits)?;
            pages.push(read_page(&content, whole));
        }
    }
    if pages.is_empty() {
        return Err(ExchangeError::new("X0652", "OFD 文件没有页面", "the OFD file has no pages"));
    }
    if pages.iter().all(|page| page.runs.is_empty()) {
        return Err(ExchangeError::new(
            "X0653",
            "这个 OFD 没有文字，多半是扫描件",
            "this OFD has no text and is probably a scan",
        )
        .help("请上传 Word 或带文字的原件", "upload the Word file or an original with text"));
    }
    let mut out = TextBuilder::default();
    layout::write(pages, &mut out);
    Ok(out.finish(DocumentFormat::Ofd))
}

fn part(
    container: &mut Container<'_>,
    path: &str,
    limits: &Limits,
) -> Result<Element, ExchangeError> {
    let bytes = container.read(path)?.ok_or_else(|| damaged().at(path))?;
    xml::parse(&bytes, path, limits)
}

/// A location relative to the folder `base`, or absolute with a leading slash.
fn resolve(base: &str, location: &str) -> String {
    if let Some(absolute) = location.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for piece in location.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            piece => parts.push(piece),
        }
    }
    parts.join("/")
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace()
        .filter_map(|item| item.parse().ok())
        .filter(|n: &f64| n.is_finite())
        .collect()
}

fn page_size(area: &Element) -> Option<(f64, f64)> {
    let size = numbers(&area.child("PhysicalBox")?.own_text());
    match size.as_slice() {
        [_, _, width, height] => Some((*width, *height)),
        _ => None,
    }
}

fn read_page(content: &Element, whole: (f64, f64)) -> Page {
    let (width, height) = content.child("Area").and_then(page_size).unwrap_or(whole);
    let mut page =
        Page { width: width * POINTS_PER_MM, height: height * POINTS_PER_MM, ..Page::default() };
    if let Some(layers) = content.child("Content") {
        objects(layers, &mut page);
    }
    page
}

fn objects(parent: &Element, page: &mut Page) {
    for element in parent.elements() {
        match &*element.name {
            "TextObject" => text_object(element, page),
            "PathObject" => path_object(element, page),
            "Layer" | "PageBlock" => objects(element, page),
            _ => {}
        }
    }
}

/// Position, scale and offset of an object: its boundary and its own matrix.
struct Frame {
    x: f64,
    y: f64,
    matrix: [f64; 6],
}

impl Frame {
    fn read(element: &Element) -> Self {
        let boundary = numbers(element.attribute("Boundary").unwrap_or_default());
        let (x, y) = match boundary.as_slice() {
            [x, y, ..] => (*x, *y),
            _ => (0.0, 0.0),
        };
        let matrix = numbers(element.attribute("CTM").unwrap_or_default());
        let matrix = <[f64; 6]>::try_from(matrix).unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        Self { x, y, matrix }
    }

    /// A point of the object in points of the page.
    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.matrix;
        let (px, py) = (a * x + c * y + e + self.x, b * x + d * y + f + self.y);
        (px * POINTS_PER_MM, py * POINTS_PER_MM)
    }
}

fn text_object(element: &Element, page: &mut Page) {
    if element.attribute("Visible") == Some("false") {
        return;
    }
    let frame = Frame::read(element);
    let [a, b, c, d, ..] = frame.matrix;
    if b.abs() > 0.3 * a.abs() {
        // Watermarks and seals run askew.
        return;
    }
    let size: f64 = element.attribute("Size").and_then(|v| v.parse().ok()).unwrap_or(4.0);
    let horizontal = element.attribute("HScale").and_then(|v| v.parse().ok()).unwrap_or(1.0);
    let (mut x, mut y) = (0.0, 0.0);
    for code in element.elements().filter(|child| &*child.name == "TextCode") {
        x = code.attribute("X").and_then(|v| v.parse().ok()).unwrap_or(x);
        y = code.attribute("Y").and_then(|v| v.parse().ok()).unwrap_or(y);
        let text = code.own_text();
        let steps = steps(code.attribute("DeltaX").unwrap_or_default(), text.chars().count());
        pieces(&text, &steps, x, size * horizontal, |start, width, piece| {
            let (left, base) = frame.place(start, y);
            let (right, _) = frame.place(start + width, y);
            if page.runs.len() < RUNS_MAX {
                page.runs.push(Run {
                    x: left,
                    y: base,
                    width: (right - left).abs(),
                    size: size * c.hypot(d) * POINTS_PER_MM,
                    text: unify(piece),
                });
            }
        });
    }
}

/// The advances between characters: plain numbers and `g count value` groups.
fn steps(text: &str, characters: usize) -> Vec<f64> {
    let mut steps = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if steps.len() >= characters {
            break;
        }
        if word != "g" {
            steps.push(word.parse().unwrap_or(0.0));
            continue;
        }
        let count: usize = words.next().and_then(|v| v.parse().ok()).unwrap_or(0);
        let value: f64 = words.next().and_then(|v| v.parse().ok()).unwrap_or(0.0);
        steps.extend(std::iter::repeat_n(value, count.min(characters)));
    }
    steps
}

/// Cuts a text where its characters stand further apart than they are wide.
fn pieces(
    text: &str,
    steps: &[f64],
    start: f64,
    size: f64,
    mut push: impl FnMut(f64, f64, String),
) {
    let mut piece = String::new();
    let (mut piece_start, mut x) = (start, start);
    let mut end = start;
    for (index, character) in text.chars().enumerate() {
        let natural = if super::is_wide(character) { size } else { size * 0.5 };
        if piece.is_empty() {
            piece_start = x;
        }
        piece.push(character);
        end = x + natural;
        x += steps.get(index).copied().unwrap_or(natural);
        if x - end > 0.9 * size || x < end - 1.5 * size {
            push(piece_start, end - piece_start, std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        push(piece_start, end - piece_start, piece);
    }
}

/// Straight lines of a drawn path: `M x y L x y … C`.
fn path_object(element: &Element, page: &mut Page) {
    let frame = Frame::read(element);
    let Some(data) = element.child("AbbreviatedData").map(Element::own_text) else { return };
    let mut words = data.split_whitespace();
    let (mut point, mut start) = ((0.0, 0.0), (0.0, 0.0));
    while let Some(word) = words.next() {
        let mut next = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
        let to = match word {
            "M" | "S" => {
                point = frame.place(next(), next());
                start = point;
                continue;
            }
            "L" => frame.place(next(), next()),
            "C" => start,
            _ => continue,
        };
        if page.rules.len() < 40_000 {
            page.rules.push(Rule { x0: point.0, y0: point.1, x1: to.0, y1: to.1 });
        }
        point = to;
    }
}
