//! A browser without pictures: one kept-alive connection, cookies, forms and uploads.

use crate::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longest wait for an answer.
const WAIT: Duration = Duration::from_secs(60);
/// Boundary of uploads; random enough not to occur in what is sent.
const BOUNDARY: &str = "trial-4f1c8a7e0b9d4d3a";

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// `Location`, if any.
    pub location: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One person's browser.
#[derive(Debug)]
pub struct Browser {
    address: String,
    cookies: BTreeMap<String, String>,
    connection: Option<BufReader<TcpStream>>,
}

impl Browser {
    /// A browser for a server at `host:port`.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookies: BTreeMap::new(), connection: None }
    }

    /// Forgets the connection, not the cookies.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Goes to another address with the same cookies, as after a restart on another port.
    pub fn turn_to(&mut self, address: &str) {
        if self.address != address {
            address.clone_into(&mut self.address);
            self.connection = None;
        }
    }

    /// Gets a page.
    ///
    /// # Errors
    /// When the connection breaks: the request may or may not have had an effect.
    pub fn get(&mut self, path: &str) -> Outcome<Answer> {
        self.request("GET", path, "", &[])
    }

    /// Posts a form.
    ///
    /// # Errors
    /// As [`Browser::get`].
    pub fn post(&mut self, path: &str, fields: &[(String, String)]) -> Outcome<Answer> {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        self.request("POST", path, "application/x-www-form-urlencoded", pairs.join("&").as_bytes())
    }

    /// Posts a form with one file in the field `file`.
    ///
    /// # Errors
    /// As [`Browser::get`].
    pub fn upload(
        &mut self,
        path: &str,
        fields: &[(String, String)],
        file_name: &str,
        content: &[u8],
    ) -> Outcome<Answer> {
        let mut body = Vec::with_capacity(content.len() + 2048);
        for (name, value) in fields {
            write!(
                body,
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )?;
        }
        write!(
            body,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )?;
        body.extend_from_slice(content);
        write!(body, "\r\n--{BOUNDARY}--\r\n")?;
        self.request("POST", path, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
    }

    fn request(&mut self, verb: &str, path: &str, kind: &str, body: &[u8]) -> Outcome<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let mut head = format!("{verb} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(head, "Cookie: {}\r\n", cookies.join("; "))?;
        }
        if verb == "POST" {
            write!(head, "Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
        message.extend_from_slice(body);
        connection.get_mut().write_all(&message)?;
        let (answer, is_kept) = self.receive(&mut connection)?;
        self.connection = is_kept.then_some(connection);
        Ok(answer)
    }

    fn connect(&self) -> Outcome<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        Ok(BufReader::with_capacity(64 * 1024, stream))
    }

    fn receive(&mut self, from: &mut BufReader<TcpStream>) -> Outcome<(Answer, bool)> {
        let first = line(from)?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Answer { status: status.ok_or("no status line")?, ..Answer::default() };
        let (mut length, mut is_chunked, mut is_kept) = (None, false, true);
        loop {
            let header = line(from)?;
            let Some((name, value)) = header.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse::<u64>().ok(),
                "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => is_kept = !value.eq_ignore_ascii_case("close"),
                "location" => value.clone_into(&mut answer.location),
                "set-cookie" => self.keep_cookie(value),
                _ => {}
            }
        }
        if is_chunked {
            loop {
                let size = u64::from_str_radix(line(from)?.trim(), 16)?;
                from.take(size).read_to_end(&mut answer.body)?;
                line(from)?;
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = length {
            let read = from.take(length).read_to_end(&mut answer.body)?;
            if u64::try_from(read)? < length {
                return Err("the answer broke off".into());
            }
        }
        Ok((answer, is_kept))
    }

    fn keep_cookie(&mut self, header: &str) {
        let pair = header.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else { return };
        if value.is_empty() {
            self.cookies.remove(name.trim());
        } else {
            self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

fn line(from: &mut BufReader<TcpStream>) -> Outcome<String> {
    let mut text = String::new();
    if from.read_line(&mut text)? == 0 {
        return Err("the connection was closed".into());
    }
    Ok(text.trim_end().to_owned())
}

/// Percent-encodes everything but letters and digits.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
