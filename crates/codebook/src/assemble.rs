//! Files → one tree: folder, then name, then content.

use crate::faults::{FaultKind, Faults};
use crate::source::{At, Sources};
use crate::tree::{Data, Key, Node, Table, parse};
use std::ops::Range;
use taizhang_diagnostics::Message;

/// How a folder's files hold definitions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    /// One definition a file, named like the file.
    One,
    /// Several definitions a file, named by their keys.
    Several,
    /// Several definitions a file, named `<file>.<key>`.
    Prefixed,
}

const FOLDERS: [(&str, Holding); 11] = [
    ("ledgers", Holding::One),
    ("code_lists", Holding::One),
    ("flows", Holding::One),
    ("roles", Holding::One),
    ("parameters", Holding::Prefixed),
    ("calendar", Holding::One),
    ("notices", Holding::One),
    ("import_layouts", Holding::One),
    ("indicators", Holding::Several),
    ("report_templates", Holding::One),
    ("sources", Holding::Several),
];

/// The file with name, label and edition of the codebook.
pub(crate) const HEAD_FILE: &str = "codebook.toml";

/// Key under which rules stand in the tree.
pub(crate) const RULES: &str = "rules";

/// Key under which editions of rules in trial stand in the tree.
pub(crate) const TRIALS: &str = "trials";

/// Key of a rule's head that says that this edition is in trial.
const TRIAL: &str = "trial";

/// Key under which the head file stands in the tree.
pub(crate) const HEAD: &str = "codebook";

/// Reads the files of a range into one tree. Only the last two parts of a path count, so that paths
/// may be written as their reader knows them.
pub(crate) fn assemble(sources: &Sources, files: Range<usize>, faults: &Faults) -> Table {
    let mut root = Table::default();
    for file in files {
        let Some((path, _)) = sources.file(file) else {
            continue;
        };
        let Some((folder, name)) = sources.folder_and_name(file) else {
            continue;
        };
        if name == HEAD_FILE {
            put(&mut root, None, definition(HEAD, file, parse(sources, file, faults)), faults);
            continue;
        }
        if crate::rule_file::is_rule_path(path) {
            let stem = name.strip_suffix(".md").unwrap_or(name);
            if let Some(mut content) = crate::rule_file::parse(sources, file, faults) {
                let is_trial = take_trial(&mut content) || crate::rule_file::is_trial_path(path);
                let folder = if is_trial { TRIALS } else { RULES };
                put(&mut root, Some(folder), definition(stem, file, content), faults);
            }
            continue;
        }
        let known = FOLDERS.iter().find(|(known, _)| *known == folder);
        let parts = known.zip(name.strip_suffix(".toml"));
        match parts {
            Some(((folder, holding), stem)) => {
                let content = parse(sources, file, faults);
                for entry in entries(file, *holding, stem, content) {
                    put(&mut root, Some(folder), entry, faults);
                }
            }
            None => unknown_path(file, path, faults),
        }
    }
    root
}

/// Takes the mark of an edition in trial out of a rule's head. A mark that is no yes or no stays,
/// and is refused as an unknown key.
fn take_trial(content: &mut Table) -> bool {
    let Some((_, Node { data: Data::Boolean(is_trial), .. })) = content.get(TRIAL) else {
        return false;
    };
    let is_trial = *is_trial;
    content.entries.retain(|(key, _)| key.name != TRIAL);
    is_trial
}

fn entries(file: usize, holding: Holding, stem: &str, content: Table) -> Vec<(Key, Node)> {
    match holding {
        Holding::One => vec![definition(stem, file, content)],
        Holding::Several => content.entries,
        Holding::Prefixed => content
            .entries
            .into_iter()
            .map(|(key, node)| (Key { name: format!("{stem}.{}", key.name), at: key.at }, node))
            .collect(),
    }
}

/// A whole file as one entry; its first key stands for the place.
fn definition(name: &str, file: usize, content: Table) -> (Key, Node) {
    let start = At { file, start: 0, end: 0 };
    let at = content.entries.first().map_or(start, |(key, _)| key.at);
    (Key { name: name.to_owned(), at }, Node { at, data: Data::Table(content) })
}

fn put(root: &mut Table, folder: Option<&str>, entry: (Key, Node), faults: &Faults) {
    let table = match folder {
        Some(folder) => root.table_mut(folder),
        None => Some(root),
    };
    let Some(table) = table else {
        return;
    };
    let (key, node) = entry;
    if table.get(&key.name).is_some() {
        let message = Message::new(
            format!("`{}`重复定义", key.name),
            format!("`{}` defined twice", key.name),
        );
        faults.add(FaultKind::DefinedTwice, key.at, message, None);
        return;
    }
    table.entries.push((key, node));
}

fn unknown_path(file: usize, path: &str, faults: &Faults) {
    if path.ends_with(".md") {
        return;
    }
    let message = Message::new(
        format!("`{path}`不在码本的目录里"),
        format!("`{path}` belongs to no part of a codebook"),
    );
    let folders: Vec<&str> = FOLDERS.iter().map(|(folder, _)| *folder).collect();
    let help = Message::new(
        format!("写成 {HEAD_FILE} 或 <目录>/<名称>.toml，目录有 {}", folders.join("、")),
        format!("write {HEAD_FILE} or <folder>/<name>.toml with folder {}", folders.join(", ")),
    );
    faults.add(FaultKind::UnknownPath, At { file, start: 0, end: 0 }, message, Some(help));
}
