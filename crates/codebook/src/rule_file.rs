//! The form of a rule file: a TOML head between two lines `+++`, then Markdown.

use crate::faults::{FaultKind, Faults};
use crate::source::{At, Sources};
use crate::tree::{Data, Key, Node, Table, parse_text};
use std::ops::Range;
use taizhang_diagnostics::Message;

/// The line that begins and ends the head.
const FENCE: &str = "+++";

/// Key under which the text below the head stands in the tree.
pub(crate) const BODY: &str = "body";

/// Key of the head that holds the text in English.
pub(crate) const TEXT_EN: &str = "text_en";

/// Folder of rules in force.
const FOLDER: &str = "rules";

/// Folder of editions in trial.
const TRIAL_FOLDER: &str = "rules-trial";

/// True for Markdown files below a folder of rules, except for README.
pub(crate) fn is_rule_path(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or("");
    let is_below = lies_below(path, FOLDER) || lies_below(path, TRIAL_FOLDER);
    name.ends_with(".md") && !name.eq_ignore_ascii_case("readme.md") && is_below
}

/// True for rule files below the folder of editions in trial.
pub(crate) fn is_trial_path(path: &str) -> bool {
    lies_below(path, TRIAL_FOLDER)
}

fn lies_below(path: &str, folder: &str) -> bool {
    path.rsplit(['/', '\\']).skip(1).any(|part| part == folder)
}

/// Reads a rule file: the keys of its head, and its text under [`BODY`] unless it is blank.
/// `None` for a file without head, which is told.
pub(crate) fn parse(sources: &Sources, file: usize, faults: &Faults) -> Option<Table> {
    let (_, text) = sources.file(file)?;
    let Some((head, body)) = parts(text) else {
        let message = Message::new(
            "规则文件要以 +++ 行开头，并用另一 +++ 行结束文件头",
            "a rule file begins with a line +++ and ends its head with another",
        );
        let help =
            Message::new("照 docs/rules.md 的样子写", "write it like the samples in docs/rules.md");
        faults.add(FaultKind::NoRuleHead, At { file, start: 0, end: 3 }, message, Some(help));
        return None;
    };
    // Blanks in front keep every byte of the head at its place in the file.
    let blank = " ".repeat(head.start);
    let head_text = text.get(head).unwrap_or("");
    let mut table = parse_text(file, &format!("{blank}{head_text}"), faults);
    let body_text = text.get(body.clone()).unwrap_or("");
    if !body_text.trim().is_empty() {
        let at = At { file, start: body.start, end: body.end };
        let key = Key { name: BODY.to_owned(), at: At { end: body.start, ..at } };
        table.entries.push((key, Node { at, data: Data::Text(body_text.to_owned()) }));
    }
    Some(table)
}

/// Bytes of head and body.
fn parts(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != FENCE {
        return None;
    }
    let mut end = first.len();
    for line in text.get(end..)?.split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some((first.len()..end, end + line.len()..text.len()));
        }
        end += line.len();
    }
    None
}
