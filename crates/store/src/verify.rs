//! Checking the audit chain, and the records against it.
//!
//! The chain tells of every effect; so each history row must fit its line, each record its last
//! history row, and each link the lines that tied it.

use crate::audit::{AuditHead, COLUMNS, INSERTS, StoredLine, head_seal, line_seal};
use crate::bulk::{Layout, RowHead, row_commitment};
use crate::codec::{self, Stored};
use crate::driver::{Cell, quote};
use crate::error::StoreError;
use crate::reader::{HistoryAct, Reader};
use crate::schema::Table;
use crate::writer::commitments;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_diagnostics::Message;
use taizhang_values::Timestamp;

/// Rows read at a time.
const CHUNK: usize = 2000;

/// Faults kept; a chain cut to pieces needs no longer list.
const FAULTS_MAX: usize = 10_000;

/// Lines of many records whose commitments are held; rows come in the order of ids, so that few
/// are asked for in turn.
const BATCHES_HELD: usize = 16;

/// A backward step of the clock beyond this is told of (reliability P6).
const CLOCK_STEP_SECONDS: i64 = 5;

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// Lines of the chain.
    pub lines: u64,
    /// Where the chain ends.
    pub head: AuditHead,
    /// Everything that does not fit, by place.
    pub faults: Vec<AuditFault>,
    /// Numbers of lines whose clock stands more than 5 seconds before the line above. No fault:
    /// the numbers keep the order.
    pub clock_steps: Vec<i64>,
    /// How many marks kept outside the chain were compared.
    pub anchors: u64,
}

impl AuditReport {
    /// True if nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuditFault {
    /// Number of the line; 0 where no line is meant.
    pub sequence: i64,
    /// What happened.
    pub kind: AuditFaultKind,
    /// Record or link meant, `<ledger>/<id>`; empty for the chain itself.
    pub object: String,
}

/// What happened to a line or a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFaultKind {
    /// The line's content is not what was written.
    Edited,
    /// The line is gone.
    Removed,
    /// The line was never written by the store.
    Inserted,
    /// The line stood at another place.
    Moved,
    /// The chain ends too early.
    Truncated,
    /// The chain is not the one that an anchor saw.
    Rewritten,
    /// The stored end of the chain, or an anchor, was changed.
    HeadEdited,
    /// A version of a record is not what its line says.
    VersionEdited,
    /// A line tells of a version that is gone.
    VersionRemoved,
    /// A version that no line tells of.
    VersionInserted,
    /// A record is not its last version.
    RecordEdited,
    /// A link that no line tied, or one that is gone without a line.
    LinkEdited,
}

impl AuditFaultKind {
    /// What happened, in words.
    #[must_use]
    pub fn words(self) -> Message {
        let (zh, en) = match self {
            Self::Edited => ("这一行被改过", "the line was edited"),
            Self::Removed => ("这一行被删除", "the line was removed"),
            Self::Inserted => ("这一行不是本系统写的", "the line was put in from outside"),
            Self::Moved => ("这一行换过位置", "the line was moved"),
            Self::Truncated => ("末尾的行被删除", "lines are missing at the end"),
            Self::Rewritten => ("与抄存的末端不符", "not the chain that a kept mark saw"),
            Self::HeadEdited => ("末端或抄存被改过", "the stored end or a mark was changed"),
            Self::VersionEdited => ("历史版本被改过", "a version of the record was edited"),
            Self::VersionRemoved => ("历史版本被删除", "a version of the record was removed"),
            Self::VersionInserted => ("历史版本没有对应的审计行", "a version without a line"),
            Self::RecordEdited => ("记录与最后一个版本不符", "the record is not its last version"),
            Self::LinkEdited => ("关联与审计行不符", "a link is not what its lines say"),
        };
        Message::new(zh, en)
    }
}

/// A mark of the chain's end kept outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) head: AuditHead,
    pub(crate) mac: String,
}

impl Anchor {
    /// `<sequence> <hash> <mac> <moment>`
    pub(crate) fn write(&self, at: Timestamp) -> String {
        let hash = if self.head.hash.is_empty() { "-" } else { &self.head.hash };
        format!("{} {hash} {} {at}", self.head.sequence, self.mac)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let sequence = words.next()?.parse().ok()?;
        let hash = words.next()?.replace('-', "");
        let mac = words.next()?.to_owned();
        Some(Self { head: AuditHead { sequence, hash }, mac })
    }
}

/// Pairs tied by link table, as the lines tell.
type Links = BTreeMap<String, BTreeSet<(String, String)>>;

struct Check<'a, 'b> {
    reader: &'a Reader<'b>,
    faults: BTreeSet<AuditFault>,
    clock_steps: Vec<i64>,
    links: Links,
    /// Hashes of the lines that anchors name.
    anchored: BTreeMap<i64, String>,
    /// Commitments of the lines of many records at once that were looked at last, by record.
    batches: BTreeMap<i64, BTreeMap<String, String>>,
}

/// Checks everything. `anchors` are lines of the anchor file and of the settings.
pub(crate) fn verify(reader: &Reader<'_>, anchors: &[String]) -> Result<AuditReport, StoreError> {
    let marks: Vec<Option<Anchor>> = anchors.iter().map(|text| Anchor::read(text)).collect();
    let anchored = marks.iter().flatten().map(|anchor| (anchor.head.sequence, String::new()));
    let mut check = Check {
        reader,
        faults: BTreeSet::new(),
        clock_steps: Vec::new(),
        links: Links::new(),
        anchored: anchored.collect(),
        batches: BTreeMap::new(),
    };
    let (lines, head) = check.chain()?;
    check.stored_head(&head)?;
    check.anchors(&marks, &head);
    for table in reader.core.schema.tables.values() {
        check.history(table)?;
        check.records(table)?;
    }
    check.links()?;
    Ok(AuditReport {
        lines,
        head,
        faults: check.faults.into_iter().collect(),
        clock_steps: check.clock_steps,
        anchors: u64::try_from(anchors.len()).unwrap_or(0),
    })
}

impl Check<'_, '_> {
    fn fault(&mut self, sequence: i64, kind: AuditFaultKind, object: &str) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.insert(AuditFault { sequence, kind, object: object.to_owned() });
        }
    }

    /// Walks the chain from its first line.
    fn chain(&mut self) -> Result<(u64, AuditHead), StoreError> {
        let mut last = AuditHead { sequence: 0, hash: String::new() };
        let mut last_at: Option<Timestamp> = None;
        let mut is_last_sound = true;
        let mut lines = 0u64;
        let mut place = (i64::MIN, String::new());
        loop {
            let chunk = self.lines_after(&place)?;
            let Some(edge) = chunk.last() else { break };
            place = (edge.sequence, edge.hash.clone());
            for line in chunk {
                lines += 1;
                let was_sound = is_last_sound;
                is_last_sound = self.line(&line, &last, was_sound)?;
                if let Some(before) = last_at
                    && before.as_second() - line.at.as_second() > CLOCK_STEP_SECONDS
                {
                    self.clock_steps.push(line.sequence);
                }
                last_at = Some(line.at);
                self.replay_link(&line);
                if let Some(hash) = self.anchored.get_mut(&line.sequence) {
                    hash.clone_from(&line.hash);
                }
                last = AuditHead { sequence: line.sequence, hash: line.hash };
            }
        }
        let mut row =
            self.reader.connection().query_one("SELECT COUNT(*) FROM store_audit", &[])?;
        let count = row.as_mut().map_or(Ok(0), |row| row.integer())?;
        if u64::try_from(count).unwrap_or(0) != lines {
            self.fault(last.sequence, AuditFaultKind::Inserted, "");
        }
        Ok((lines, last))
    }

    fn lines_after(&self, place: &(i64, String)) -> Result<Vec<StoredLine>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM store_audit WHERE (\"sequence\", \"hash\") > (?, ?) \
             ORDER BY \"sequence\", \"hash\" LIMIT {CHUNK}"
        );
        let cells = [Cell::Integer(place.0), Cell::text(&place.1)];
        let rows = self.reader.connection().query(&sql, &cells)?;
        rows.into_iter().map(|mut row| StoredLine::read(&mut row)).collect()
    }

    /// One line against the one before it; true if it is as it was written.
    fn line(
        &mut self,
        line: &StoredLine,
        last: &AuditHead,
        is_last_sound: bool,
    ) -> Result<bool, StoreError> {
        let expected = last.sequence.saturating_add(1);
        if line.sequence < expected {
            self.fault(line.sequence, AuditFaultKind::Inserted, &line.object);
        }
        for missing in (expected..line.sequence).take(FAULTS_MAX) {
            self.fault(missing, AuditFaultKind::Removed, "");
        }
        let is_sealed = line.mac == line_seal(&self.reader.core.keys, &line.hash);
        let is_whole = line.expected_hash(line.sequence) == line.hash;
        if !is_sealed || !is_whole {
            let kind = if is_sealed { self.edited_or_moved(line)? } else { AuditFaultKind::Edited };
            self.fault(line.sequence, kind, &line.object);
            return Ok(false);
        }
        if line.sequence == expected && is_last_sound && line.previous != last.hash {
            self.fault(line.sequence, AuditFaultKind::Moved, &line.object);
            return Ok(false);
        }
        Ok(true)
    }

    /// A line whose hash is genuine but does not fit its content stood elsewhere, if it fits the
    /// place behind the line that it names as the one before.
    fn edited_or_moved(&self, line: &StoredLine) -> Result<AuditFaultKind, StoreError> {
        let sql = "SELECT \"sequence\" FROM store_audit WHERE \"hash\" = ? LIMIT 2";
        let rows = self.reader.connection().query(sql, &[Cell::text(&line.previous)])?;
        for mut row in rows {
            let place = row.integer()?.saturating_add(1);
            if line.expected_hash(place) == line.hash {
                return Ok(AuditFaultKind::Moved);
            }
        }
        // The line before may have moved as well; then only the number differs by a little.
        let near = (line.sequence - 50).max(1)..line.sequence.saturating_add(50);
        let fits = near.into_iter().any(|place| line.expected_hash(place) == line.hash);
        Ok(if fits { AuditFaultKind::Moved } else { AuditFaultKind::Edited })
    }

    fn stored_head(&mut self, last: &AuditHead) -> Result<(), StoreError> {
        let sql = "SELECT \"sequence\", \"hash\", \"mac\" FROM store_head WHERE \"one\" = 1";
        let row = self.reader.connection().query_one(sql, &[])?;
        let Some(mut row) = row else {
            self.fault(last.sequence, AuditFaultKind::HeadEdited, "");
            return Ok(());
        };
        let head = AuditHead { sequence: row.integer()?, hash: row.text()? };
        let mac = row.text()?;
        let is_fresh = head.sequence == 0 && head.hash.is_empty() && mac.is_empty();
        if !is_fresh && mac != head_seal(&self.reader.core.keys, &head) {
            self.fault(last.sequence, AuditFaultKind::HeadEdited, "");
        }
        if head.sequence > last.sequence {
            self.fault(last.sequence.saturating_add(1), AuditFaultKind::Truncated, "");
        }
        let first_after = head.sequence.saturating_add(1);
        for sequence in (first_after..=last.sequence).take(FAULTS_MAX) {
            self.fault(sequence, AuditFaultKind::Inserted, "");
        }
        if head.sequence == last.sequence && head.hash != last.hash {
            self.fault(last.sequence, AuditFaultKind::Edited, "");
        }
        Ok(())
    }

    fn anchors(&mut self, marks: &[Option<Anchor>], last: &AuditHead) {
        for mark in marks {
            let Some(anchor) = mark else {
                self.fault(0, AuditFaultKind::HeadEdited, "anchor");
                continue;
            };
            let head = &anchor.head;
            if anchor.mac != head_seal(&self.reader.core.keys, head) {
                self.fault(head.sequence, AuditFaultKind::HeadEdited, "anchor");
            } else if head.sequence > last.sequence {
                self.fault(last.sequence.saturating_add(1), AuditFaultKind::Truncated, "anchor");
            } else if self.anchored.get(&head.sequence) != Some(&head.hash) {
                self.fault(head.sequence, AuditFaultKind::Rewritten, "anchor");
            }
        }
    }

    /// Follows `link <table> <from> <to>` and `unlink …`.
    fn replay_link(&mut self, line: &StoredLine) {
        let mut words = line.detail.split(' ');
        let (Some(verb @ ("link" | "unlink")), Some(table), Some(from), Some(to), None) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            return;
        };
        let pairs = self.links.entry(table.to_owned()).or_default();
        let pair = (from.to_owned(), to.to_owned());
        if verb == "link" {
            pairs.insert(pair);
        } else {
            pairs.remove(&pair);
        }
    }

    fn links(&mut self) -> Result<(), StoreError> {
        let reader = self.reader;
        for link in &reader.core.schema.links {
            let sql = format!("SELECT \"from_id\", \"to_id\" FROM {}", quote(&link.table));
            let mut found = BTreeSet::new();
            for mut row in reader.connection().query(&sql, &[])? {
                found.insert((row.text()?, row.text()?));
            }
            let told = self.links.remove(&link.table).unwrap_or_default();
            for (from, to) in told.symmetric_difference(&found) {
                let object = format!("{} {from} {to}", link.table);
                self.fault(0, AuditFaultKind::LinkEdited, &object);
            }
        }
        Ok(())
    }

    /// Each history row against its line and the version before; each line against its row.
    fn history(&mut self, table: &Table) -> Result<(), StoreError> {
        let reader = self.reader;
        let layout = Layout::of(table);
        let mut before: Option<Stored> = None;
        let mut place = (String::new(), 0i64);
        loop {
            let sql = format!(
                "SELECT {}, a.\"object\", a.\"version\", a.\"verb\", a.\"at\", a.\"actor\", \
                 a.\"reason\", a.\"source\", a.\"detail\", \
                 CASE WHEN a.\"detail\" = '{INSERTS}' THEN '' ELSE a.\"commitments\" END \
                 FROM {} t LEFT JOIN store_audit a ON a.\"sequence\" = t.\"act_sequence\" \
                 WHERE (t.\"id\", t.\"version\") > (?, ?) \
                 ORDER BY t.\"id\", t.\"version\" LIMIT {CHUNK}",
                table.select_history,
                quote(&table.history())
            );
            let cells = [Cell::text(&place.0), Cell::Integer(place.1)];
            let rows = reader.connection().query(&sql, &cells)?;
            if rows.is_empty() {
                break;
            }
            for mut row in rows {
                let (act, stored) = HistoryAct::read(table, &mut row)?;
                let line = Told::read(&mut row)?;
                before = before.filter(|before| before.id == stored.id);
                match line {
                    Some(line) if line.detail == INSERTS => {
                        self.new_version(&layout, &act, &stored, &line)?;
                    }
                    line => self.version(table, &act, &stored, line.as_ref(), before.as_ref()),
                }
                place = (stored.id.to_string(), stored.version);
                before = Some(stored);
            }
        }
        let sql = format!(
            "SELECT a.\"sequence\", a.\"object\" FROM store_audit a \
             WHERE a.\"object\" >= ? AND a.\"object\" < ? \
             AND a.\"detail\" IN ('insert', 'update', 'delete') AND a.\"version\" IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM {} t WHERE t.\"act_sequence\" = a.\"sequence\")",
            quote(&table.history())
        );
        // `0` follows `/` in the order of characters.
        let bounds = [format!("{}/", table.ledger), format!("{}0", table.ledger)];
        let rows = reader.connection().query(&sql, &bounds.map(Cell::Text))?;
        for mut row in rows {
            let (sequence, object) = (row.integer()?, row.text()?);
            self.fault(sequence, AuditFaultKind::VersionRemoved, &object);
        }
        self.batch_rows(table)
    }

    /// A record that was made with others against the line of all of them.
    fn new_version(
        &mut self,
        layout: &Layout<'_>,
        act: &HistoryAct,
        stored: &Stored,
        line: &Told,
    ) -> Result<(), StoreError> {
        let table = layout.table();
        let object = format!("{}/{}", table.ledger, stored.id);
        let told = self.batch(act.sequence)?.get(stored.id.as_str()).cloned();
        let is_told = line.object == table.ledger && line.version.is_none();
        let Some(told) = told.filter(|_| is_told && stored.version == 1) else {
            self.fault(act.sequence, AuditFaultKind::VersionInserted, &object);
            return Ok(());
        };
        let retired = self.reader.retired_cells(table, stored)?;
        let row = (RowHead::of(stored), stored.cells.as_slice(), retired.as_slice());
        let expected = row_commitment(&self.reader.core.keys, layout, row, &mut Vec::new());
        let changed: BTreeSet<String> = act.changed.iter().cloned().collect();
        let is_sound = told == expected
            && act.is_whole
            && !act.is_deleted
            && line.is_of(act)
            && follows(table, stored, &changed, None);
        if !is_sound {
            self.fault(act.sequence, AuditFaultKind::VersionEdited, &object);
        }
        Ok(())
    }

    /// The records of a line of many, each with the commitment to its row.
    fn batch(&mut self, sequence: i64) -> Result<&BTreeMap<String, String>, StoreError> {
        if !self.batches.contains_key(&sequence) {
            if self.batches.len() >= BATCHES_HELD {
                self.batches.pop_first();
            }
            let sql = "SELECT \"commitments\" FROM store_audit WHERE \"sequence\" = ?";
            let row = self.reader.connection().query_one(sql, &[Cell::Integer(sequence)])?;
            let text = row.map_or(Ok(String::new()), |mut row| row.text())?;
            self.batches.insert(sequence, serde_json::from_str(&text).unwrap_or_default());
        }
        Ok(self.batches.entry(sequence).or_default())
    }

    /// Each record that a line of many tells of has its row.
    fn batch_rows(&mut self, table: &Table) -> Result<(), StoreError> {
        let reader = self.reader;
        let sql = format!(
            "SELECT \"sequence\" FROM store_audit WHERE \"object\" = ? AND \"detail\" = '{INSERTS}'"
        );
        let lines = reader.connection().query(&sql, &[Cell::text(&table.ledger)])?;
        for mut line in lines {
            let sequence = line.integer()?;
            let sql = format!(
                "SELECT \"id\" FROM {} WHERE \"act_sequence\" = ?",
                quote(&table.history())
            );
            let rows = reader.connection().query(&sql, &[Cell::Integer(sequence)])?;
            let found: BTreeSet<String> =
                rows.into_iter().map(|mut row| row.text()).collect::<Result<_, _>>()?;
            let told: Vec<String> = self.batch(sequence)?.keys().cloned().collect();
            for id in told.iter().filter(|id| !found.contains(*id)) {
                let object = format!("{}/{id}", table.ledger);
                self.fault(sequence, AuditFaultKind::VersionRemoved, &object);
            }
        }
        Ok(())
    }

    fn version(
        &mut self,
        table: &Table,
        act: &HistoryAct,
        stored: &Stored,
        line: Option<&Told>,
        before: Option<&Stored>,
    ) {
        let object = format!("{}/{}", table.ledger, stored.id);
        let Some(line) = line else {
            self.fault(act.sequence, AuditFaultKind::VersionInserted, &object);
            return;
        };
        if line.object != object || line.version != Some(stored.version) {
            self.fault(act.sequence, AuditFaultKind::VersionInserted, &object);
            return;
        }
        let changed: BTreeSet<String> = act.changed.iter().cloned().collect();
        let expected = commitments(self.reader.core, table, stored, &changed, &line.detail);
        let is_known = |name: &str| {
            matches!(name, "state" | "region" | "flow_edition" | "deleted_at")
                || table.fields.iter().any(|field| field.name == name)
        };
        // A field that left the codebook can no longer be compared.
        let told: BTreeMap<&String, &String> =
            line.commitments.iter().filter(|(name, _)| is_known(name)).collect();
        let expected: BTreeMap<&String, &String> = expected.iter().collect();
        let is_same_act =
            line.is_of(act) && !act.is_whole && (line.detail == "delete") == act.is_deleted;
        let follows = follows(table, stored, &changed, before);
        if told != expected || !is_same_act || !follows {
            self.fault(act.sequence, AuditFaultKind::VersionEdited, &object);
        }
    }

    /// Each record against its last version.
    fn records(&mut self, table: &Table) -> Result<(), StoreError> {
        let reader = self.reader;
        let mut place = String::new();
        let history = quote(&table.history());
        let ledger = quote(&table.ledger);
        loop {
            let sql = format!(
                "SELECT {}, t.\"deleted_at\", {} FROM {ledger} t LEFT JOIN {history} h \
                 ON h.\"id\" = t.\"id\" AND h.\"version\" = t.\"version\" \
                 WHERE t.\"id\" > ? ORDER BY t.\"id\" LIMIT {CHUNK}",
                table.select,
                table.select_history.replace("t.\"", "h.\"")
            );
            let rows = reader.connection().query(&sql, &[Cell::text(&place)])?;
            if rows.is_empty() {
                break;
            }
            for mut row in rows {
                let record = Stored::read(table, &mut row)?;
                let deleted_at = row.optional_instant()?;
                place = record.id.to_string();
                let object = format!("{}/{}", table.ledger, record.id);
                match HistoryAct::read(table, &mut row) {
                    Ok((act, version)) if record.is_version(&version) => {
                        if act.is_deleted != deleted_at.is_some() {
                            self.fault(act.sequence, AuditFaultKind::RecordEdited, &object);
                        }
                    }
                    Ok((act, _)) => self.fault(act.sequence, AuditFaultKind::RecordEdited, &object),
                    Err(_) => self.fault(0, AuditFaultKind::RecordEdited, &object),
                }
            }
        }
        let sql = format!(
            "SELECT h.\"act_sequence\", h.\"id\" FROM {history} h LEFT JOIN {ledger} t \
             ON t.\"id\" = h.\"id\" WHERE t.\"id\" IS NULL OR t.\"version\" < h.\"version\""
        );
        for mut row in reader.connection().query(&sql, &[])? {
            let (sequence, id) = (row.integer()?, row.text()?);
            let object = format!("{}/{id}", table.ledger);
            self.fault(sequence, AuditFaultKind::RecordEdited, &object);
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// What the row of a new record holds in columns of fields that left the codebook.
    fn retired_cells(
        &self,
        table: &Table,
        stored: &Stored,
    ) -> Result<Vec<(String, Cell)>, StoreError> {
        if table.retired.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = table.retired.iter().map(|name| quote(name)).collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE \"id\" = ? AND \"version\" = 1",
            names.join(", "),
            quote(&table.history())
        );
        let row = self.connection().query_one(&sql, &[Cell::text(stored.id.as_str())])?;
        let Some(mut row) = row else { return Ok(Vec::new()) };
        let typed = table.retired.iter().zip(&table.retired_types);
        typed.map(|(name, kind)| Ok((name.clone(), row.next_as(*kind)?))).collect()
    }
}

impl Stored {
    /// True if the record is what its version says.
    fn is_version(&self, version: &Self) -> bool {
        self.id == version.id
            && self.version == version.version
            && self.region == version.region
            && self.state == version.state
            && self.flow_edition == version.flow_edition
            && self.created_at == version.created_at
            && self.created_by == version.created_by
            && self.updated_at == version.updated_at
            && self.updated_by == version.updated_by
            && self.cells == version.cells
    }
}

/// What the audit line of a history row tells.
struct Told {
    object: String,
    version: Option<i64>,
    verb: String,
    at: Timestamp,
    actor: Option<String>,
    reason: Option<String>,
    source: String,
    detail: String,
    commitments: BTreeMap<String, String>,
}

impl Told {
    /// True if who, when, why and from where are those of a history row.
    fn is_of(&self, act: &HistoryAct) -> bool {
        self.verb == act.verb
            && self.at == act.at
            && self.actor == act.actor
            && self.reason == act.reason
            && self.source == act.source
    }

    fn read(row: &mut crate::driver::Row) -> Result<Option<Self>, StoreError> {
        let Some(object) = row.optional_text()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            object,
            version: row.optional_integer()?,
            verb: row.text()?,
            at: row.instant()?,
            actor: row.optional_text()?,
            reason: row.optional_text()?,
            source: row.text()?,
            detail: row.text()?,
            // An unreadable map fits nothing, which is the fault to report.
            commitments: serde_json::from_str(&row.text()?).unwrap_or_default(),
        }))
    }
}

/// True if a version differs from the one before in the named fields alone, and its number is the
/// next one.
fn follows(
    table: &Table,
    stored: &Stored,
    changed: &BTreeSet<String>,
    before: Option<&Stored>,
) -> bool {
    let empty = codec::Stored {
        id: stored.id.clone(),
        version: 0,
        region: None,
        state: None,
        flow_edition: None,
        created_at: stored.updated_at,
        created_by: stored.updated_by.clone(),
        updated_at: stored.updated_at,
        updated_by: None,
        cells: vec![Cell::Null; table.fields.len()],
    };
    let before = before.unwrap_or(&empty);
    let kept = |name: &str, is_same: bool| is_same || changed.contains(name);
    let fields = table.fields.iter().zip(stored.cells.iter().zip(&before.cells));
    stored.version == before.version.saturating_add(1)
        && stored.created_at == before.created_at
        && stored.created_by == before.created_by
        && kept("region", stored.region == before.region)
        && kept("state", stored.state == before.state)
        && kept("flow_edition", stored.flow_edition == before.flow_edition)
        && fields.into_iter().all(|(field, (new, old))| kept(&field.name, new == old))
}
