//! `taizhang snapshot`: snapshots of the store by hand, and the one that a command judges.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use taizhang_codebook::Codebook;
use taizhang_diagnostics::Diagnostic;
use taizhang_engine::snapshot::Manifest;
use taizhang_rules::Rule;
use taizhang_service::snapshot::{SnapshotInfo, looking_in};
use taizhang_service::{Service, ServiceError};
use taizhang_values::Date;

/// Snapshots of the store.
#[derive(Debug, Subcommand)]
pub(crate) enum Snapshots {
    /// 做一个当前状态的快照；与最近一个状态相同时不重做 (a snapshot of the present state)
    #[command(
        after_help = "快照不含证件号码、电话、银行账号、姓名和自由填写的文字。 Snapshots hold no \
                            identity numbers, telephone numbers, accounts, names or free \
                            text.\n\n示例 Example:\n  taizhang snapshot create --data /srv/taizhang"
    )]
    Create,
    /// 列出留存的快照 (the snapshots that are kept)
    List,
}

impl Snapshots {
    /// Carries the command out.
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open_existing()?;
        let caller = place.caller(&service)?;
        let found = match self {
            Self::Create => vec![service.create_snapshot(&caller)?],
            Self::List => service.snapshots(&caller)?,
        };
        if output.is_json() {
            output.value(&found)?;
            return Ok(Exit::Success);
        }
        for one in &found {
            output.line(&format!(
                "{:<22}{}{:>6}{:>12}  {}",
                one.name,
                one.as_of,
                one.ledgers,
                one.rows,
                one.directory.display()
            ));
        }
        Ok(Exit::Success)
    }
}

/// Data to judge: a snapshot, and the codebook that goes with it.
pub(super) struct Source {
    /// The snapshot.
    pub(super) directory: PathBuf,
    /// Codebook of the store; none for a snapshot that was named.
    pub(super) codebook: Option<Codebook>,
}

impl Source {
    /// The snapshot that was named, else that of the store for a day.
    ///
    /// # Errors
    /// `NotFound` without such a store, or for a day before its first snapshot.
    pub(super) fn find(
        named: Option<&PathBuf>,
        day: Option<Date>,
        place: &Place,
        output: &Output,
    ) -> Result<Self, ServiceError> {
        if let Some(directory) = named {
            return Ok(Self { directory: directory.clone(), codebook: None });
        }
        let service = place.open_existing()?;
        let made = snapshot_of(&service, day, place)?;
        let (name, as_of) = (&made.name, made.as_of);
        output.note(output.pick(
            &format!("快照 {name}（数据日期 {as_of}）"),
            &format!("snapshot {name} (data of {as_of})"),
        ));
        let codebook = Some(service.codebook().clone());
        Ok(Self { directory: made.directory, codebook })
    }
}

impl Source {
    /// The codebook of a folder that was named, else that of the store, else the shipped one; or
    /// its faults.
    pub(super) fn codebook_or(
        &self,
        named: Option<&PathBuf>,
    ) -> Result<Result<Codebook, Vec<Diagnostic>>, ServiceError> {
        match (named, &self.codebook) {
            (None, Some(codebook)) => Ok(Ok(codebook.clone())),
            _ => super::book::codebook(named),
        }
    }
}

/// Why a rule cannot be judged by a snapshot of the product.
pub(super) const BLIND: &str = "it looks into text of which snapshots hold tokens only";

/// The same, with what to do instead, for who tries a condition.
pub(super) const BLIND_ADVICE: [&str; 2] = [
    "要看文字的内容，快照里只有代号：改问有没有、是否相同，或用同一记录的码、日期、数字；\
     规则写进码本后由服务器在数据库上判断（docs/rules.md，第 4 节）",
    "it looks into text of which snapshots hold tokens only: ask whether it is there or alike, or \
     use a code, date or number of the record; a rule of the codebook is judged by the server over \
     the store (docs/rules.md, section 4)",
];

fn snapshot_of(
    service: &Service,
    day: Option<Date>,
    place: &Place,
) -> Result<SnapshotInfo, ServiceError> {
    service.snapshot_on(&place.caller(service)?, day)
}

/// Rules that cannot be judged by a snapshot because they look into texts of which it holds tokens
/// only; none for snapshots of another maker.
pub(super) fn blind_rules(
    directory: &Path,
    codebook: &Codebook,
    rules: &[Rule],
) -> BTreeSet<String> {
    let manifest = Manifest::read(directory).ok().flatten();
    match manifest.is_some_and(|manifest| manifest.state.is_some()) {
        true => looking_in(codebook, rules),
        false => BTreeSet::new(),
    }
}
