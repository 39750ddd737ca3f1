//! A browser without scripts: cookies, forms with their tokens, redirects not followed.

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use taizhang_service::{OpenOptions, Service, SystemClock};
use taizhang_testkit::template::Template;
use taizhang_web::{AppState, WebOptions, router};
use tower::ServiceExt;

/// Password of every account of the demonstration.
pub const PASSWORD: &str = "qinghe-demo-2026";

/// One county for all tests of a process, copied from one that is made once a day: building it
/// takes seconds. Tests make what they change.
static COUNTY: LazyLock<(tempfile::TempDir, Service)> = LazyLock::new(|| {
    let place = env!("CARGO_TARGET_TMPDIR");
    forget_old_copies(Path::new(place));
    let prefix = format!("{COPY}{}-", std::process::id());
    let directory = tempfile::Builder::new().prefix(&prefix).tempdir_in(place).unwrap();
    Template::new(place, "pages-of-the-demo")
        .copy_to(directory.path(), |folder| {
            open(folder).build_demo().unwrap();
        })
        .unwrap();
    let service = open(directory.path());
    (directory, service)
});

/// How the folder of a process's copy is called; its number follows.
const COPY: &str = "pages-copy-";

fn open(folder: &Path) -> Service {
    let options = OpenOptions { data_dir: folder.to_path_buf(), ..OpenOptions::default() };
    Service::open(&options, Arc::new(SystemClock)).unwrap()
}

/// What is static outlives its process: the copies of processes that have ended go.
fn forget_old_copies(place: &Path) {
    for entry in std::fs::read_dir(place).unwrap().flatten() {
        let made = entry.metadata().and_then(|data| data.modified()).ok();
        let age = made.and_then(|at| at.elapsed().ok()).unwrap_or_default();
        if is_left_over(&entry.file_name().to_string_lossy(), age, Path::new("/proc")) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// True for a copy whose process has ended; by its age where there is no list of processes, or
/// the name tells none.
fn is_left_over(name: &str, age: Duration, processes: &Path) -> bool {
    let Some(rest) = name.strip_prefix(COPY) else { return false };
    let process = rest.split_once('-').map(|(process, _)| process);
    match process.filter(|_| processes.join("self").exists()) {
        Some(process) => !processes.join(process).exists(),
        None => age > Duration::from_secs(600),
    }
}

#[test]
fn a_copy_stays_as_long_as_its_process() {
    let processes = tempfile::tempdir().unwrap();
    let check = |name: &str, seconds: u64, expected: bool| {
        let age = Duration::from_secs(seconds);
        assert_eq!(is_left_over(name, age, processes.path()), expected, "{name} {seconds}");
    };
    // No list of processes: what is old goes.
    check("pages-copy-7-aaaaaa", 601, true);
    check("pages-copy-7-aaaaaa", 600, false);
    for name in ["self", "7"] {
        std::fs::create_dir(processes.path().join(name)).unwrap();
    }
    check("pages-copy-7-aaaaaa", 6_000, false);
    check("pages-copy-8-aaaaaa", 0, true);
    check("pages-copy-aaaaaa", 601, true);
    check("pages-copy-aaaaaa", 0, false);
    check("pages-of-the-demo-1", 6_000, false);
}

/// How many browsers there were.
static BROWSERS: AtomicU32 = AtomicU32::new(1);

/// The service behind the pages.
pub fn service() -> Service {
    COUNTY.1.clone()
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The first stretch between two texts.
    pub fn between(&self, start: &str, end: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(start)?;
        rest.split_once(end).map(|(found, _)| found)
    }

    /// The form that goes to an address, as its markup.
    pub fn form(&self, action: &str) -> &str {
        let start = format!("action=\"{action}\"");
        self.between(&start, "</form>").unwrap_or_else(|| panic!("no form to {action}"))
    }
}

/// The value of a hidden field in a form's markup.
pub fn hidden(form: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    form.split_once(&start).and_then(|(_, rest)| rest.split_once('"')).unwrap().0.to_owned()
}

/// A browser.
pub struct Browser {
    app: axum::Router,
    cookies: BTreeMap<String, String>,
    address: SocketAddr,
    pub headers: Vec<(&'static str, &'static str)>,
}

impl Browser {
    /// A fresh one.
    pub fn new() -> Self {
        let options = WebOptions { is_https: false, is_demo: true };
        let app = router(AppState::new(service(), options));
        // Each has an address of its own: guessing from one must not throttle the others.
        let [_, high, middle, low] = BROWSERS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = SocketAddr::from(([10, high, middle, low], 40_000));
        Self { app, cookies: BTreeMap::new(), address, headers: Vec::new() }
    }

    /// One of a signed-in person.
    pub async fn of(login: &str) -> Self {
        let mut browser = Self::new();
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login} signs in");
        browser
    }

    /// Fills and sends the sign-in form.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let page = self.get("/sign-in").await;
        let form = page.form("/sign-in").to_owned();
        self.post("/sign-in", &form, &[("login", login), ("password", password)]).await
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let (mut parts, body) = request.into_parts();
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            parts.headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            parts.headers.insert(*name, value.parse().unwrap());
        }
        parts.extensions.insert(ConnectInfo(self.address));
        let response = self.app.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Opens a page.
    pub async fn get(&mut self, address: &str) -> Answer {
        let path = address.split('#').next().unwrap();
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with the tokens of its markup; empty markup sends none.
    pub async fn post(&mut self, address: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if !form.is_empty() {
            for name in ["_csrf", "_key"] {
                pairs.push((name.to_owned(), hidden(form, name)));
            }
            if form.contains("name=\"version\"") {
                pairs.push(("version".to_owned(), hidden(form, "version")));
            }
        }
        pairs.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post_pairs(address, &pairs).await
    }

    /// Sends pairs as they are.
    pub async fn post_pairs(&mut self, address: &str, pairs: &[(String, String)]) -> Answer {
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body_of(pairs)))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form with one file.
    pub async fn upload(
        &mut self,
        address: &str,
        form: &str,
        fields: &[(&str, &str)],
        name: &str,
        content: &[u8],
    ) -> Answer {
        let mut body = Vec::new();
        let tokens = [("_csrf", hidden(form, "_csrf")), ("_key", hidden(form, "_key"))];
        let others = fields.iter().map(|(name, value)| (*name, (*value).to_owned()));
        for (name, value) in tokens.into_iter().chain(others) {
            body.extend_from_slice(
                format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!(
                "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
}

fn body_of(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The fingerprint of a form's body, as it is kept beside its key.
pub fn body_hash(pairs: &[(String, String)]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(body_of(pairs).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
