//! Cookies: reading one, writing one.

use super::WebOptions;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// Name of the session cookie. `__Host-` binds it to this host over https.
pub(crate) const fn session_name(options: WebOptions) -> &'static str {
    if options.is_https { "__Host-session" } else { "session" }
}

/// The value of a cookie; empty if absent.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map_or("", |(_, value)| value)
}

/// A `Set-Cookie` value, not readable by scripts. `None` seconds: until the browser closes.
pub(crate) fn set_cookie(
    options: WebOptions,
    name: &str,
    value: &str,
    seconds: Option<u32>,
    is_strict: bool,
) -> String {
    let same_site = if is_strict { "Strict" } else { "Lax" };
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let secure = if options.is_https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{age}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cookie_is_found_among_several() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=1; session=xyz; sessions=no".parse().unwrap());
        for (name, value) in [("a", "1"), ("session", "xyz"), ("b", "")] {
            assert_eq!(cookie(&headers, name), value);
        }
    }

    #[test]
    fn https_cookies_are_bound_to_the_host() {
        let options = WebOptions { is_https: true, is_demo: false };
        let cookie = set_cookie(options, session_name(options), "t", None, false);
        assert_eq!(cookie, "__Host-session=t; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
