//! What was asked for and is not there, told in both languages with a way out.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use taizhang_diagnostics::{Diagnostic, Language, Message, nearest};
use taizhang_engine::error::EngineError;
use taizhang_service::ServiceError;

/// Kinds of names that people give to commands.
#[derive(Clone, Copy)]
pub(super) enum Named {
    /// A rule by its code.
    Rule,
    /// A ledger.
    Ledger,
}

/// Says that there is no such name, and which is nearest.
pub(super) fn unknown<'a>(
    kind: Named,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    output: &Output,
) {
    let (zh, en, list) = match kind {
        Named::Rule => ("规则", "rule", "taizhang rule list"),
        Named::Ledger => ("台账", "ledger", "docs/generated/codebook-reference.md"),
    };
    let near = nearest(word, known);
    let text = match (output.language(), near) {
        (Language::Zh, Some(near)) => format!("没有{zh}`{word}`；最近的是`{near}`"),
        (Language::Zh, None) => format!("没有{zh}`{word}`；全部见 `{list}`"),
        (Language::En, Some(near)) => format!("no {en} `{word}`; the nearest is `{near}`"),
        (Language::En, None) => format!("no {en} `{word}`; all of them: `{list}`"),
    };
    output.note(&text);
}

/// A codebook folder that is not there.
pub(super) fn no_codebook(directory: &Path) -> ServiceError {
    let shown = directory.display();
    let message =
        Message::new(format!("没有码本目录`{shown}`"), format!("no codebook folder `{shown}`"));
    let help = Message::new(
        "给出的目录里放 codebook.toml（完整码本），或 ledgers/、rules/、parameters/ 等（对自带码本的补充）",
        "name a folder with codebook.toml (a whole codebook), or with ledgers/, rules/, \
         parameters/ … (laid over the shipped one)",
    );
    ServiceError::invalid(Diagnostic::error("no_codebook", message).help(help))
}

/// The exit, with its sentence, when neither a snapshot nor a store with data was named.
pub(super) fn without_data(
    snapshot: Option<&PathBuf>,
    place: &Place,
    output: &Output,
) -> Option<Exit> {
    if snapshot.is_some() || place.has_data() {
        return None;
    }
    let shown = place.data_dir();
    let shown = shown.display();
    output.note(output.pick(
        &format!("`{shown}`里没有台账数据；用 --data 指数据目录，或用 --snapshot 指快照目录"),
        &format!(
            "`{shown}` holds no data; name a data directory by --data, or a snapshot by --snapshot"
        ),
    ));
    Some(Exit::NotFound)
}

/// True for codes that regions have: 2, 4, 6, 9, 12 or 15 digits. Says so if it is not.
pub(super) fn is_region(code: &str, output: &Output) -> bool {
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(code.len(), 2 | 4 | 6 | 9 | 12 | 15);
    if !is_code {
        output.note(output.pick(
            &format!("`{code}`不是区划代码；写 2、4、6、9 或 12 位数字，如 990101"),
            &format!("`{code}` is no region code; write 2, 4, 6, 9 or 12 digits, as in 990101"),
        ));
    }
    is_code
}

/// Says what went wrong with a snapshot or a file, and how the command ends.
pub(super) fn engine_fault(error: &EngineError, output: &Output) -> Exit {
    let (zh, exit) = match error {
        EngineError::NoSnapshot(path) => (
            format!(
                "`{}`里没有快照：要有 <台账>/*.parquet，可用 taizhang snapshot create 生成",
                path.display()
            ),
            Exit::NotFound,
        ),
        EngineError::File { path, source } => {
            let path = path.display();
            match source.kind() {
                ErrorKind::NotFound => (format!("没有`{path}`"), Exit::NotFound),
                ErrorKind::PermissionDenied => (format!("无权读写`{path}`"), Exit::Internal),
                ErrorKind::StorageFull => (format!("磁盘已满，写不了`{path}`"), Exit::Internal),
                _ => (format!("不能读写`{path}`：{source}"), Exit::Internal),
            }
        }
        EngineError::Parquet { path, reason } => {
            (format!("`{}`不是完好的 Parquet 文件：{reason}", path.display()), Exit::Faults)
        }
        EngineError::ColumnType { ledger, column, found, needed } => {
            (format!("台账`{ledger}`的列`{column}`是 {found}，应为 {needed}"), Exit::Faults)
        }
        other => (other.to_string(), Exit::Internal),
    };
    let en = match error {
        EngineError::NoSnapshot(_) => {
            format!("{error}; wanted is <ledger>/*.parquet, as `taizhang snapshot create` makes it")
        }
        EngineError::File { path, source } if source.kind() == ErrorKind::NotFound => {
            format!("there is no `{}`", path.display())
        }
        other => other.to_string(),
    };
    output.note(output.pick(&zh, &en));
    exit
}
