//! Placeholders in the texts of templates.

/// A `{name}` or `{#indicator}` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Name without braces and without `#`.
    pub name: String,
    /// True for `{#indicator}`.
    pub is_indicator: bool,
    /// First byte in the text, at the brace.
    pub start: usize,
    /// Byte after the closing brace.
    pub end: usize,
}

/// The placeholders of a text in order.
///
/// # Errors
/// The byte of a brace that opens none or that nothing closes.
///
/// # Example
/// ```
/// let found = taizhang_codebook::placeholders("共{#findings_all}个").unwrap();
/// assert_eq!((found[0].name.as_str(), found[0].is_indicator), ("findings_all", true));
/// assert_eq!(taizhang_codebook::placeholders("共{#findings_all个"), Err(3));
/// ```
pub fn placeholders(text: &str) -> Result<Vec<Placeholder>, usize> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, character) in text.char_indices() {
        match (character, open) {
            ('{', None) => open = Some(at),
            ('{', Some(start)) => return Err(start),
            ('}', None) => return Err(at),
            ('}', Some(start)) => {
                let inner = text.get(start + 1..at).unwrap_or("");
                let name = inner.strip_prefix('#').unwrap_or(inner);
                if name.is_empty() || name.contains(char::is_whitespace) {
                    return Err(start);
                }
                let is_indicator = inner.starts_with('#');
                found.push(Placeholder { name: name.to_owned(), is_indicator, start, end: at + 1 });
                open = None;
            }
            _ => {}
        }
    }
    open.map_or(Ok(found), Err)
}
