//! Styles, as far as they decide what text is shown: numbering, hidden text, contents tables.

use crate::xml::Element;
use std::collections::HashMap;

/// Longest chain of `basedOn` that is followed; Word's own are under ten.
const CHAIN_MAX: usize = 32;

#[derive(Debug, Default)]
struct Style {
    based_on: Option<String>,
    name: String,
    number: Option<String>,
    level: Option<usize>,
    hidden: Option<bool>,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    default_paragraph: Option<String>,
}

/// Numbering that a style brings along.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StyleNumber {
    /// `numId`.
    pub(super) number: String,
    /// Level, if named.
    pub(super) level: Option<usize>,
    /// The style of the chain that names the list.
    pub(super) style: String,
}

impl Styles {
    /// Reads the styles part.
    pub(super) fn read(root: &Element) -> Self {
        let mut styles = Self::default();
        for element in root.elements().filter(|child| &*child.name == "style") {
            let Some(id) = element.attribute("styleId") else { continue };
            let list = element.child("pPr").and_then(|p| p.child("numPr"));
            let run = element.child("rPr");
            let style = Style {
                based_on: element.child_value("basedOn").map(str::to_owned),
                name: element.child_value("name").unwrap_or_default().to_lowercase(),
                number: list.and_then(|l| l.child_value("numId")).map(str::to_owned),
                level: list.and_then(|l| l.child_value("ilvl")).and_then(|v| v.parse().ok()),
                hidden: run.and_then(|run| run.child("vanish").map(|_| run.is_on("vanish"))),
            };
            let default = matches!(element.attribute("default"), Some("1" | "true"));
            if default && element.attribute("type") == Some("paragraph") {
                styles.default_paragraph = Some(id.to_owned());
            }
            styles.styles.insert(id.to_owned(), style);
        }
        styles
    }

    fn chain<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a str, &'a Style)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let style = self.styles.get(id)?;
            next = style.based_on.as_deref();
            Some((id, style))
        })
        .take(CHAIN_MAX)
    }

    /// The `numId` that a numbering or paragraph style names.
    pub(super) fn number_of<'a>(&'a self, id: &'a str) -> Option<&'a str> {
        self.chain(id).find_map(|(_, style)| style.number.as_deref())
    }

    /// Numbering inherited through a paragraph style (the default style if none is named).
    pub(super) fn numbering(&self, id: Option<&str>) -> Option<StyleNumber> {
        let id = id.or(self.default_paragraph.as_deref())?;
        let (style, number) =
            self.chain(id).find_map(|(id, style)| Some((id, style.number.clone()?)))?;
        let level = self.chain(id).find_map(|(_, style)| style.level);
        (number != "0").then(|| StyleNumber { number, level, style: style.to_owned() })
    }

    /// True when text of this style is hidden.
    pub(super) fn hidden(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.chain(id).find_map(|(_, style)| style.hidden) == Some(true))
    }

    /// True for the styles of an automatic table of contents.
    pub(super) fn is_contents(&self, id: Option<&str>) -> bool {
        let Some(id) = id else { return false };
        let name = self.styles.get(id).map_or("", |style| style.name.as_str());
        let name = if name.is_empty() { id } else { name };
        let rest = name.strip_prefix("toc ").or_else(|| name.strip_prefix("TOC"));
        rest.is_some_and(|rest| rest.trim().parse::<u8>().is_ok())
    }
}
