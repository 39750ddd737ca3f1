//! Automatic numbering: definitions of `numbering.xml` and the running counters.

use super::number_format::render;
use super::styles::Styles;
use super::symbol;
use crate::xml::Element;
use std::collections::{HashMap, HashSet};

/// Word has nine levels.
const LEVELS: usize = 9;

/// One level of a list.
#[derive(Clone, Debug)]
struct Level {
    start: i64,
    format: String,
    text: String,
    legal: bool,
    /// Level (from 1) whose paragraphs restart this one; 0 never; `None` any higher level.
    restart: Option<usize>,
    /// A space or tab follows the number.
    space: bool,
    symbol_font: Option<String>,
    paragraph_style: Option<String>,
}

/// Definitions of a document's lists.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    abstracts: HashMap<String, Vec<Option<Level>>>,
    /// Number → (abstract, overridden levels, overridden starts).
    numbers: HashMap<String, NumberDefinition>,
}

#[derive(Debug, Default)]
struct NumberDefinition {
    list: String,
    levels: HashMap<usize, Level>,
    starts: HashMap<usize, i64>,
}

impl Numbering {
    /// Reads the numbering part.
    pub(super) fn read(root: &Element, styles: &Styles) -> Self {
        let mut numbering = Self::default();
        let mut links: HashMap<String, String> = HashMap::new();
        let mut linked: Vec<(String, String)> = Vec::new();
        for element in root.elements() {
            let Some(id) = element.attribute("abstractNumId") else { continue };
            if &*element.name != "abstractNum" {
                continue;
            }
            let mut levels: Vec<Option<Level>> = vec![None; LEVELS];
            for level in element.elements().filter(|child| &*child.name == "lvl") {
                if let Some(slot) = index(level).and_then(|at| levels.get_mut(at)) {
                    *slot = Some(Level::read(level));
                }
            }
            if let Some(style) = element.child_value("styleLink") {
                links.insert(style.to_owned(), id.to_owned());
            }
            if let Some(style) = element.child_value("numStyleLink") {
                linked.push((id.to_owned(), style.to_owned()));
            }
            numbering.abstracts.insert(id.to_owned(), levels);
        }
        for element in root.elements().filter(|child| &*child.name == "num") {
            numbering.read_number(element);
        }
        for (id, style) in linked {
            let by_style =
                styles.number_of(&style).and_then(|number| numbering.numbers.get(number));
            let target =
                by_style.map(|number| number.list.clone()).or_else(|| links.remove(&style));
            let levels = target.and_then(|target| numbering.abstracts.get(&target).cloned());
            if let Some(levels) = levels {
                numbering.abstracts.insert(id, levels);
            }
        }
        numbering
    }

    fn read_number(&mut self, element: &Element) {
        let Some(id) = element.attribute("numId") else { return };
        let Some(list) = element.child_value("abstractNumId") else { return };
        let mut number = NumberDefinition { list: list.to_owned(), ..Default::default() };
        for change in element.elements().filter(|child| &*child.name == "lvlOverride") {
            let Some(at) = index(change) else { continue };
            if let Some(level) = change.child("lvl") {
                number.levels.insert(at, Level::read(level));
            }
            if let Some(start) = change.child_value("startOverride") {
                number.starts.insert(at, start.parse().unwrap_or(1));
            }
        }
        self.numbers.insert(id.to_owned(), number);
    }

    fn level<'a>(&'a self, number: &'a NumberDefinition, at: usize) -> Option<&'a Level> {
        let own = number.levels.get(&at);
        own.or_else(|| self.abstracts.get(&number.list)?.get(at)?.as_ref())
    }

    /// The level that belongs to a paragraph style, when the style names the list but no level.
    pub(super) fn level_of_style(&self, number: &str, style: &str) -> Option<usize> {
        let definition = self.numbers.get(number)?;
        let levels = self.abstracts.get(&definition.list)?;
        levels.iter().position(|level| {
            level.as_ref().is_some_and(|level| level.paragraph_style.as_deref() == Some(style))
        })
    }
}

/// The level an element names, from 0.
fn index(element: &Element) -> Option<usize> {
    element.attribute("ilvl")?.parse().ok().filter(|level| *level < LEVELS)
}

impl Level {
    fn read(element: &Element) -> Self {
        let format = element.child("numFmt").or_else(|| {
            // Newer formats stand in a compatibility wrapper.
            element.find("Fallback").and_then(|fallback| fallback.child("numFmt"))
        });
        let fonts = element.child("rPr").and_then(|run| run.child("rFonts"));
        let font = fonts.and_then(|fonts| fonts.attribute("ascii").or(fonts.attribute("hAnsi")));
        Self {
            start: element.child_value("start").and_then(|v| v.parse().ok()).unwrap_or(0),
            format: format.and_then(|f| f.attribute("val")).unwrap_or("decimal").to_owned(),
            text: element.child_value("lvlText").unwrap_or_default().to_owned(),
            legal: element.is_on("isLgl"),
            restart: element.child_value("lvlRestart").and_then(|v| v.parse().ok()),
            space: element.child_value("suff") != Some("nothing"),
            symbol_font: font.filter(|font| symbol::is_symbol_font(font)).map(str::to_owned),
            paragraph_style: element.child_value("pStyle").map(str::to_owned),
        }
    }
}

/// Counters of all lists while the document is read from start to end.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// By list: the last value given at each level.
    values: HashMap<String, [Option<i64>; LEVELS]>,
    /// Numbers whose start overrides have been applied, by level.
    started: HashSet<(String, usize)>,
}

impl Counters {
    /// Counts one paragraph and gives its number as printed, with the space after it.
    pub(super) fn next(&mut self, numbering: &Numbering, id: &str, at: usize) -> String {
        let Some(number) = numbering.numbers.get(id) else { return String::new() };
        let Some(level) = numbering.level(number, at) else { return String::new() };
        let restart_here =
            number.starts.get(&at).copied().filter(|_| self.started.insert((id.to_owned(), at)));
        let values = self.values.entry(number.list.clone()).or_default();
        if let Some(slot) = values.get_mut(at) {
            let following = slot.map(|value| value.saturating_add(1));
            *slot = Some(restart_here.or(following).unwrap_or(level.start));
        }
        for lower in at + 1..LEVELS {
            let restart = numbering.level(number, lower).and_then(|level| level.restart);
            let restarts = match restart {
                Some(0) => false,
                Some(from) => at < from,
                None => true,
            };
            if let (true, Some(slot)) = (restarts, values.get_mut(lower)) {
                *slot = None;
            }
        }
        let values = *values;
        printed(numbering, number, level, &values)
    }
}

fn printed(
    numbering: &Numbering,
    number: &NumberDefinition,
    level: &Level,
    values: &[Option<i64>; LEVELS],
) -> String {
    if level.format == "bullet" {
        let bullet = level.text.chars().next();
        let sign = bullet.map(|c| symbol::bullet(c, level.symbol_font.as_deref()));
        return sign.map_or(String::new(), |sign| format!("{sign} "));
    }
    let mut text = String::new();
    let mut pattern = level.text.chars().peekable();
    while let Some(character) = pattern.next() {
        let reference = pattern.peek().and_then(|next| next.to_digit(10)).filter(|n| *n > 0);
        let (true, Some(digit)) = (character == '%', reference) else {
            text.push(character);
            continue;
        };
        pattern.next();
        let at = usize::try_from(digit - 1).unwrap_or(0);
        let Some(source) = numbering.level(number, at) else { continue };
        let value = values.get(at).copied().flatten().unwrap_or(source.start);
        let format = if level.legal { "decimal" } else { source.format.as_str() };
        text.push_str(&render(format, value));
    }
    let wide_end = text.chars().next_back().is_none_or(|last| !last.is_ascii());
    if level.space && !wide_end {
        text.push(' ');
    }
    text
}
