//! Looking after the house: audit trail, backup and restore.

use crate::open::{OpenOptions, codebook_of, store_options};
use crate::{Caller, Service, ServiceError};
use std::path::Path;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{AuditFilter, AuditLine, AuditReport, BackupReport, KeyRing, Store};
use taizhang_values::Timestamp;

impl Service {
    /// Audit lines, newest first, before the line `after`.
    ///
    /// # Errors
    /// `Denied` without the power `audit.read`.
    pub fn audit_lines(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ServiceError> {
        self.require_upkeep(caller, "audit.read")?;
        Ok(self.store.read(|reader| reader.audit_list(filter, after, limit))?)
    }

    /// The same by the person of a log-in name; all lines for an empty name, none for one that
    /// nobody has.
    ///
    /// # Errors
    /// `Denied` without the power `audit.read`, whatever the name.
    pub fn audit_lines_of(
        &self,
        caller: &Caller,
        login: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ServiceError> {
        self.require_upkeep(caller, "audit.read")?;
        let mut filter = AuditFilter::default();
        if !login.trim().is_empty() {
            let Some(user) = self.user_by_login(login)? else { return Ok(Vec::new()) };
            filter.actor = Some(user.id);
        }
        self.audit_lines(caller, &filter, after, limit)
    }

    /// Checks the whole audit chain and every record against it.
    ///
    /// # Errors
    /// `Denied` without the power `audit.read`; what does not fit is in the report.
    pub fn audit_verify(&self, caller: &Caller) -> Result<AuditReport, ServiceError> {
        self.require_upkeep(caller, "audit.read")?;
        Ok(self.store.audit_verify()?)
    }

    /// Marks where the chain ends now; the line is to be kept elsewhere as well.
    ///
    /// # Errors
    /// `Denied` without the power `audit.read`.
    pub fn audit_anchor(&self, caller: &Caller) -> Result<String, ServiceError> {
        self.require_upkeep(caller, "audit.read")?;
        Ok(self.store.anchor(self.now())?)
    }

    /// Writes a backup of one state while work goes on; it holds no keys.
    ///
    /// # Errors
    /// `Denied` without the power `backup.run`; `Invalid` if something is at the target already.
    pub fn backup(&self, caller: &Caller, target: &Path) -> Result<BackupReport, ServiceError> {
        self.require_upkeep(caller, "backup.run")?;
        let report = self.store.backup(target, self.now())?;
        let act = self.act(caller, "backup.make", None);
        self.store.write(&act, |writer| {
            let detail = format!("{} files", report.entries.len());
            writer.audit("backup.make", "backup", &detail)
        })?;
        Ok(report)
    }

    /// Restores a backup into an empty data directory whose `keys/` hold the keys that it was made
    /// under. Every byte is checked before anything is touched.
    ///
    /// # Errors
    /// `Invalid` for a damaged backup, other keys or a directory in use.
    pub fn restore(from: &Path, options: &OpenOptions, at: Timestamp) -> Result<(), ServiceError> {
        let codebook = codebook_of(options)?;
        let folder = options.data_dir.join("keys");
        if !folder.is_dir() {
            return Err(ServiceError::invalid(
                Diagnostic::error(
                    "S0108",
                    Message::new("数据目录里没有密钥", "no keys in the data directory"),
                )
                .help(Message::new(
                    "先把原来的 keys 目录复制到数据目录",
                    "copy the keys folder of the backed-up system there first",
                )),
            ));
        }
        let keys = KeyRing::open_or_create(&folder)?;
        Store::restore(from, store_options(options, keys), codebook, at)?;
        Ok(())
    }

    /// Adds a sealing key to the ring of a data directory, unless `is_new_key` is false, and seals
    /// the sensitive values that older keys sealed with the current one; how many records. For the
    /// operator, while no server runs: a running one does not know the new key. Broken off, it is
    /// carried on without a new key.
    ///
    /// # Errors
    /// `Internal` if the ring cannot be written or an older key is missing from it.
    pub fn rotate_keys(
        options: &OpenOptions,
        is_new_key: bool,
        at: Timestamp,
    ) -> Result<u64, ServiceError> {
        let codebook = codebook_of(options)?;
        let folder = options.data_dir.join("keys");
        let mut keys = KeyRing::open_or_create(&folder)?;
        // The store refuses keys of another database before a key is added to them.
        Store::open(store_options(options, keys.clone()), codebook.clone())?;
        if is_new_key {
            keys.rotate(&folder)?;
        }
        let store = Store::open(store_options(options, keys), codebook)?;
        Ok(store.reseal(at)?)
    }

    /// The operator of the machine holds its files and keys and may look after them.
    pub(crate) fn require_upkeep(&self, caller: &Caller, power: &str) -> Result<(), ServiceError> {
        if *caller == self.operator() { Ok(()) } else { self.require_power(caller, power) }
    }
}
