//! The files of a codebook and places in them.

use taizhang_diagnostics::Place;

/// A stretch of bytes of one file, by the file's position in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) file: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl At {
    /// No place.
    pub(crate) const NOWHERE: Self = Self { file: usize::MAX, start: 0, end: 0 };

    /// The stretch of a word within a text that stands here, if the text is written without
    /// escapes; else the whole.
    #[must_use]
    pub(crate) fn of_word(self, text: &str, word: &str) -> Self {
        match text.find(word) {
            Some(offset) if self.end - self.start == text.len() => {
                let start = self.start + offset;
                Self { file: self.file, start, end: start + word.len() }
            }
            _ => self,
        }
    }
}

/// Paths and texts of the files in the order given, with the beginnings of their lines.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Debug)]
struct SourceFile {
    path: String,
    text: String,
    line_starts: Vec<usize>,
}

impl Sources {
    /// Adds a file and gives its position.
    pub(crate) fn add(&mut self, path: &str, text: &str) -> usize {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        self.files.push(SourceFile { path: path.to_owned(), text: text.to_owned(), line_starts });
        self.files.len() - 1
    }

    /// Path and text of a file.
    pub(crate) fn file(&self, file: usize) -> Option<(&str, &str)> {
        self.files.get(file).map(|file| (file.path.as_str(), file.text.as_str()))
    }

    /// The folder and the name of a file, whatever stands before them; the folder is empty for a
    /// file of the codebook's own folder.
    pub(crate) fn folder_and_name(&self, file: usize) -> Option<(&str, &str)> {
        let path = self.files.get(file)?.path.as_str();
        let mut parts = path.rsplit(['/', '\\']);
        let name = parts.next()?;
        Some((parts.next().unwrap_or(""), name))
    }

    /// The folder of a file.
    pub(crate) fn folder(&self, file: usize) -> Option<&str> {
        let (folder, name) = self.folder_and_name(file)?;
        Some(if name == crate::assemble::HEAD_FILE { "" } else { folder })
    }

    /// Number of files.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The place of a stretch: its first line with an underline that ends with the line.
    pub(crate) fn place(&self, at: At) -> Place {
        let Some(file) = self.files.get(at.file) else {
            return Place::Nowhere;
        };
        let index = file.line_starts.partition_point(|start| *start <= at.start).saturating_sub(1);
        let line_start = file.line_starts.get(index).copied().unwrap_or(0);
        let line = file.text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let offset = at.start.saturating_sub(line_start);
        let before = line.get(..offset).unwrap_or(line).chars().count();
        let stretch = file.text.get(at.start..at.end).unwrap_or("");
        let length = stretch.lines().next().unwrap_or("").trim_end().chars().count().max(1);
        Place::File {
            path: file.path.clone(),
            line: index + 1,
            column: before + 1,
            length,
            excerpt: line.trim_end_matches('\r').to_owned(),
        }
    }
}
