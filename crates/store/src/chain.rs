//! The store's doors to the audit chain: listing, checking, anchoring.

use crate::audit::{AuditFilter, AuditHead, AuditLine, COLUMNS, StoredLine, head_seal};
use crate::driver::{Cell, quote, to_microsecond};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::store::Store;
use crate::verify::{Anchor, AuditReport, verify};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use taizhang_values::Timestamp;

/// Most lines of a page.
const PAGE_MAX: usize = 1000;

/// The file of anchors, beside the folder of evidence files.
const ANCHOR_FILE: &str = "audit-head.txt";

impl Reader<'_> {
    /// Audit lines, newest first, before the line `after`.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn audit_list(
        &self,
        filter: &AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let mut conditions = vec!["1 = 1"];
        let mut cells = Vec::new();
        let mut by_object = "\"object\" = ?".to_owned();
        let object = filter.object.as_deref().and_then(|object| object.split_once('/'));
        let made = object.and_then(|(ledger, id)| Some((self.table(ledger).ok()?, id)));
        if let Some((table, _)) = made {
            by_object = format!(
                "(\"object\" = ? OR \"sequence\" = (SELECT \"act_sequence\" FROM {} \
                 WHERE \"id\" = ? AND \"version\" = 1))",
                quote(&table.history())
            );
        }
        if let Some(object) = &filter.object {
            conditions.push(&by_object);
            cells.push(Cell::text(object));
            cells.extend(made.map(|(_, id)| Cell::text(id)));
        }
        let mut narrow = |condition, cell: Option<Cell>| {
            if let Some(cell) = cell {
                conditions.push(condition);
                cells.push(cell);
            }
        };
        narrow("\"actor\" = ?", filter.actor.as_ref().map(|id| Cell::text(id.as_str())));
        narrow("\"verb\" = ?", filter.verb.as_ref().map(Cell::text));
        let moment = |at: Option<Timestamp>| at.map(|at| Cell::Instant(to_microsecond(at)));
        narrow("\"at\" >= ?", moment(filter.from));
        narrow("\"at\" < ?", moment(filter.until));
        narrow("\"sequence\" < ?", after.map(Cell::Integer));
        let sql = format!(
            "SELECT {COLUMNS} FROM store_audit WHERE {} ORDER BY \"sequence\" DESC LIMIT {}",
            conditions.join(" AND "),
            limit.clamp(1, PAGE_MAX)
        );
        let rows = self.connection().query(&sql, &cells)?;
        rows.into_iter().map(|mut row| StoredLine::read(&mut row)?.into_line()).collect()
    }

    /// Where the audit chain ends.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let sql = "SELECT \"sequence\", \"hash\" FROM store_head WHERE \"one\" = 1";
        let row = self.connection().query_one(sql, &[])?;
        let missing = || StoreError::Damaged("the audit head is missing".to_owned());
        let mut row = row.ok_or_else(missing)?;
        Ok(AuditHead { sequence: row.integer()?, hash: row.text()? })
    }

    fn stored_anchors(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" >= 'store.anchor.' \
                   AND \"name\" < 'store.anchor/'";
        self.connection().query(sql, &[])?.into_iter().map(|mut row| row.text()).collect()
    }
}

impl Store {
    /// Checks the whole audit chain and every record against it, with the anchors of database and
    /// anchor file.
    ///
    /// # Errors
    /// Faults of database and file system. What does not fit is in the report, not an error.
    pub fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        let path = self.anchor_path();
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let outside: Vec<String> = lines.map(str::to_owned).collect();
        self.audit_verify_with(&outside)
    }

    /// [`Store::audit_verify`] with anchors kept elsewhere (a printed sheet, the city's server), as
    /// lines of [`Store::anchor`].
    ///
    /// # Errors
    /// As [`Store::audit_verify`].
    pub fn audit_verify_with(&self, anchors: &[String]) -> Result<AuditReport, StoreError> {
        self.read(|reader| {
            let mut all = reader.stored_anchors()?;
            all.extend(anchors.iter().cloned());
            verify(reader, &all)
        })
    }

    /// Marks where the chain ends now, in the database and in the anchor file; the line, to be kept
    /// elsewhere as well. A later cut or rewriting of the chain shows against it.
    ///
    /// # Errors
    /// Faults of database and file system.
    pub fn anchor(&self, at: Timestamp) -> Result<String, StoreError> {
        let act = crate::record::Act {
            actor: None,
            verb: "audit.anchor".to_owned(),
            at,
            reason: None,
            source: "store".to_owned(),
        };
        let line = self.write(&act, |writer| {
            let head = writer.audit_head()?;
            let mac = head_seal(&writer.core.keys, &head);
            let name = format!("store.anchor.{:020}", head.sequence);
            let line = Anchor { head, mac }.write(at);
            writer.put_setting(&name, &line)?;
            Ok::<_, StoreError>(line)
        })?;
        let path = self.anchor_path();
        let is_new = !path.exists();
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        writeln!(file, "{line}")?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|_| is_new) {
            File::open(folder)?.sync_all()?;
        }
        Ok(line)
    }

    fn anchor_path(&self) -> PathBuf {
        let files = &self.core.files_dir;
        files.parent().unwrap_or(files).join(ANCHOR_FILE)
    }
}
