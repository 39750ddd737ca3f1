//! What was done a moment ago, carried over a redirect in a cookie of a few bytes.

use super::cookie::set_cookie;
use super::{WebOptions, see};
use crate::frame::Done;
use crate::text::done as t;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use taizhang_diagnostics::Language;

/// Seconds that the note waits for its page.
const SECONDS: u32 = 20;
/// Name of the cookie.
pub(crate) const COOKIE: &str = "done";

/// Redirects after a post and says there what was done.
pub(crate) fn see_done(
    options: WebOptions,
    address: &str,
    note: &str,
    count: usize,
    undo: Option<&str>,
) -> Response {
    let mut response = see(address);
    let value = format!("{note}.{count}.{}", undo.unwrap_or_default());
    let cookie = set_cookie(options, COOKIE, &value, Some(SECONDS), true);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Reads the note; unknown notes and addresses of elsewhere are dropped.
pub(crate) fn read_done(value: &str, language: Language) -> Option<Done> {
    let mut parts = value.splitn(3, '.');
    let (note, count, undo) = (parts.next()?, parts.next()?, parts.next()?);
    let count: usize = count.parse().ok()?;
    let text = t::note(note)?.with(language, &[&count]);
    let undo = undo.starts_with("/issues/").then(|| undo.to_owned());
    Some(Done { text, undo })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_notes_and_own_addresses_come_back() {
        let cases = [
            ("assigned.2./issues/x/undo", Some(("已分派 2 条", Some("/issues/x/undo")))),
            ("saved.1.", Some(("已保存", None))),
            ("saved.1.//elsewhere", Some(("已保存", None))),
            ("nonsense.1.", None),
            ("", None),
        ];
        for (value, expected) in cases {
            let found = read_done(value, Language::Zh);
            let found = found.as_ref().map(|done| (done.text.as_str(), done.undo.as_deref()));
            assert_eq!(found, expected, "{value}");
        }
    }
}
