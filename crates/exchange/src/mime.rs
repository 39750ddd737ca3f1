//! Web archives (MHTML): the web page out of a multipart message.

/// Bytes of header lines looked at in one part.
const HEAD_BYTES: usize = 16 * 1024;

/// Parts looked at.
const PARTS_MAX: usize = 500;

/// The first web page of a multipart message, decoded, and the encoding its part names.
pub(crate) fn html_part(bytes: &[u8]) -> Option<(Vec<u8>, Option<String>)> {
    let (head, _) = split_head(bytes);
    let boundary = parameter(&field(&head, "content-type")?, "boundary")?;
    let marker = format!("--{boundary}");
    let mut rest = bytes;
    for _ in 0..PARTS_MAX {
        let at = find(rest, marker.as_bytes())?;
        rest = rest.get(at + marker.len()..)?;
        let end = find(rest, marker.as_bytes()).unwrap_or(rest.len());
        let part = rest.get(..end)?;
        let (head, body) = split_head(part.trim_ascii_start());
        let kind = field(&head, "content-type").unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("text/html") {
            continue;
        }
        let encoding = field(&head, "content-transfer-encoding").unwrap_or_default();
        let body = match encoding.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => quoted_printable(body),
            "base64" => base64(body),
            _ => body.to_vec(),
        };
        return Some((body, parameter(&kind, "charset")));
    }
    None
}

/// Linear in both lengths: the boundary is the sender's choice.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, needle)
}

/// Header lines, folded lines joined, and what follows the blank line.
fn split_head(bytes: &[u8]) -> (String, &[u8]) {
    let window = bytes.get(..bytes.len().min(HEAD_BYTES)).unwrap_or_default();
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let end = ends.iter().filter_map(|end| Some((find(window, end)?, end.len()))).min();
    let (at, length) = end.unwrap_or((window.len(), 0));
    let head = String::from_utf8_lossy(window.get(..at).unwrap_or_default()).replace("\r\n", "\n");
    let head = head.replace("\n\t", " ").replace("\n ", " ");
    (head, bytes.get(at + length..).unwrap_or_default())
}

fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
    })
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'=', [b'\r', b'\n', tail @ ..]) | (b'=', [b'\n', tail @ ..]) => tail,
            (b'=', [high, low, tail @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let value = digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low);
                match value.and_then(|value| u8::try_from(value).ok()) {
                    Some(value) => {
                        decoded.push(value);
                        tail
                    }
                    None => {
                        decoded.push(*first);
                        after
                    }
                }
            }
            _ => {
                decoded.push(*first);
                after
            }
        };
    }
    decoded
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    decoded
}
