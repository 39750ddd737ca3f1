//! File list with size, checksum, who and when.

use super::icon::icon;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One file.
#[derive(Clone, Debug, Default)]
pub struct FileRow {
    /// Name shown.
    pub name: String,
    /// Address of the download.
    pub address: String,
    /// Size.
    pub size_bytes: u64,
    /// SHA-256 in hexadecimal; the first eight characters are shown.
    pub hash: String,
    /// Date of what it proves, or of the upload.
    pub when: String,
    /// Who.
    pub by: String,
    /// What it is.
    pub note: String,
    /// Tag such as 倒填 with its tone.
    pub mark: Option<(&'static str, String)>,
}

/// The list.
#[must_use]
pub fn file_list(frame: &Frame, files: &[FileRow]) -> Markup {
    html! {
        ul.lst {
            @for file in files {
                li {
                    (icon("paperclip"))
                    a href=(file.address) download { (file.name) }
                    @if let Some((tone, words)) = &file.mark { (super::tag(tone, words)) }
                    @if !file.note.is_empty() { span.muted { (file.note) } }
                    span.w {
                        (file.when) " · " (file_size(file.size_bytes))
                        @if !file.by.is_empty() { " · " (file.by) }
                        span.hm title=(frame.t(t::FILE_HASH)) {
                            " · " (file.hash.get(..8).unwrap_or(&file.hash))
                        }
                    }
                }
            }
        }
    }
}

/// A size in the largest unit that leaves at least one: `7 KB`, `2.4 MB`.
#[must_use]
pub fn file_size(bytes: u64) -> String {
    const KILO: u64 = 1_024;
    match bytes {
        0..KILO => format!("{bytes} B"),
        KILO..1_048_576 => format!("{} KB", bytes / KILO),
        _ => format!("{}.{} MB", bytes / 1_048_576, (bytes % 1_048_576) * 10 / 1_048_576),
    }
}
