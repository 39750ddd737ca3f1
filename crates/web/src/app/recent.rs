//! The findings that a reader opened last, kept in a cookie of his browser. Another person at the
//! same computer gets none of them.

use super::cookie::set_cookie;
use super::{AppState, cookie};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use taizhang_values::RecordId;

/// Name of the cookie.
const COOKIE: &str = "last";
/// Findings that are kept.
const KEPT_MAX: usize = 3;
/// Seconds that they are kept: two weeks.
const SECONDS: u32 = 1_209_600;

/// The findings that `user` opened last in this browser, the latest first.
pub(crate) fn recent(headers: &HeaderMap, user: &RecordId) -> Vec<RecordId> {
    let mut parts = cookie(headers, COOKIE).split('.');
    if parts.next() != Some(user.as_str()) {
        return Vec::new();
    }
    parts.filter_map(RecordId::parse).take(KEPT_MAX).collect()
}

/// Puts a finding at the head of those opened last.
pub(crate) fn remember_recent(
    state: &AppState,
    response: &mut Response,
    headers: &HeaderMap,
    user: &RecordId,
    finding: &RecordId,
) {
    let mut value = format!("{user}.{finding}");
    let others = recent(headers, user).into_iter().filter(|other| other != finding);
    for other in others.take(KEPT_MAX - 1) {
        value.push('.');
        value.push_str(other.as_str());
    }
    let cookie = set_cookie(state.options(), COOKIE, &value, Some(SECONDS), true);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_readers_own_findings_come_back() {
        let id = |number: u128| RecordId::from_parts(1, number);
        let cases: [(String, usize); 4] = [
            (format!("{}.{}.{}", id(1), id(7), id(8)), 2),
            (format!("{}.{}", id(2), id(7)), 0),
            (format!("{}.no.{}", id(1), id(7)), 1),
            (String::new(), 0),
        ];
        for (value, count) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("last={value}").parse().unwrap());
            assert_eq!(recent(&headers, &id(1)).len(), count, "{value}");
        }
    }
}
