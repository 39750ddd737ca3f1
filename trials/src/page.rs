//! The forms of a page, as a browser sends them untouched.

/// One form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Names and values in the order of the page.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The form with a field set; a field that the page does not have is added.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The form of a page that goes to `action`.
#[must_use]
pub fn form(html: &str, action: &str) -> Option<Form> {
    forms(html).into_iter().find(|form| form.action == action)
}

/// All forms of a page: hidden and filled inputs, ticked boxes, chosen options, text areas.
#[must_use]
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut is_inside = false;
    let mut select = String::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, next) = after.split_once('>').unwrap_or((after, ""));
        rest = next;
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        match name {
            "form" => {
                let action = attribute(tag, "action").unwrap_or_default();
                forms.push(Form { action, fields: Vec::new() });
                is_inside = true;
            }
            "" if tag == "/form" => is_inside = false,
            _ if !is_inside => {}
            "select" => select = attribute(tag, "name").unwrap_or_default(),
            _ => {
                let field = match name {
                    "input" => input(tag),
                    "option" if has(tag, "selected") => {
                        Some((select.clone(), attribute(tag, "value").unwrap_or_default()))
                    }
                    "textarea" => attribute(tag, "name").map(|name| {
                        let value = next.split("</textarea").next().unwrap_or_default();
                        (name, plain(value))
                    }),
                    _ => None,
                };
                if let (Some(form), Some(field)) = (forms.last_mut(), field) {
                    form.fields.push(field);
                }
            }
        }
    }
    forms
}

/// Addresses of all links of a page.
#[must_use]
pub fn links(html: &str) -> Vec<String> {
    let after = html.split("<a ").skip(1);
    after.filter_map(|tag| attribute(&format!(" {}", tag.split('>').next()?), "href")).collect()
}

fn input(tag: &str) -> Option<(String, String)> {
    let name = attribute(tag, "name")?;
    let value = attribute(tag, "value").unwrap_or_default();
    match attribute(tag, "type").as_deref() {
        Some("checkbox" | "radio") if !has(tag, "checked") => None,
        Some("file" | "submit") => None,
        _ => Some((name, value)),
    }
}

fn has(tag: &str, word: &str) -> bool {
    tag.split(' ').any(|part| part == word || part.starts_with(&format!("{word}=")))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    after.split('"').next().map(plain)
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_a_browser_sends_them() {
        let html = r#"<form method="post" action="/a"><input type="hidden" name="_csrf" value="x">
            <input type="checkbox" name="no" value="1"><input type="checkbox" name="yes" value="1" checked>
            <select name="s"><option value="1">a</option><option value="2" selected>b</option></select>
            <textarea name="t">a &amp; b</textarea></form><input name="out" value="1">"#;
        let found = form(html, "/a").map(|form| form.fields).unwrap_or_default();
        let pairs: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("_csrf", "x"), ("yes", "1"), ("s", "2"), ("t", "a & b")]);
    }
}
