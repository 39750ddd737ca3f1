//! Writing a snapshot: every ledger streamed in one state of the store.

use super::hidden::{Hiding, looked_into};
use super::{engine_fault, ledgers, ledgers_held};
use crate::{Service, ServiceError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use taizhang_codebook::{Ledger, RelationKind, SnapshotPart};
use taizhang_engine::snapshot::{HashKey, LedgerWriter, LinkWriter, Manifest, Sensitive};
use taizhang_program::link_table;
use taizhang_store::{Query, Reader, Record};
use taizhang_values::Value;

/// Records read at a time.
const PAGE: usize = 1000;

/// Name of the one file of a ledger.
const PART: &str = "part-00000";

/// What the key of the hashes is derived for.
const KEY_PURPOSE: &str = "snapshot";

/// A missing value.
static NULL: Value = Value::Null;

impl Service {
    /// A mark of the present state of everything that a snapshot holds, and of its columns.
    pub(super) fn snapshot_state(&self) -> Result<String, ServiceError> {
        let names: Vec<&str> =
            ledgers(self.codebook()).map(|ledger| ledger.name.as_str()).collect();
        let rows = self.store.read(|reader| reader.state_mark(&names))?;
        let mut columns = Sha256::new();
        for ledger in ledgers(self.codebook()) {
            columns.update(ledger.name.as_bytes());
            for field in &ledger.fields {
                columns.update(format!("|{} {:?}", field.name, field.field_type).as_bytes());
            }
        }
        let columns = columns.finalize();
        let mark = columns.iter().take(4).map(|byte| format!("{byte:02x}"));
        Ok(format!("{rows}.{}", mark.collect::<String>()))
    }

    /// Fills a folder with a snapshot, its manifest last.
    pub(super) fn write_snapshot(&self, directory: &Path) -> Result<Manifest, ServiceError> {
        // Read before the rows: what is written meanwhile makes the next state another one.
        let state = self.snapshot_state()?;
        let mut manifest = Manifest {
            codebook: self.codebook().name.clone(),
            edition: self.codebook().edition.clone(),
            as_of: self.today(),
            made_at: self.now(),
            state: Some(state),
            ledgers: BTreeMap::new(),
        };
        let key = HashKey::new(self.store.derived_key(KEY_PURPOSE));
        let looked = looked_into(self.codebook(), self.rules());
        self.store.read(|reader| {
            reader.for_judging(|reader| {
                for ledger in ledgers(self.codebook()) {
                    let hiding = Hiding::new(ledger, key, &looked);
                    write_ledger(reader, directory, ledger, (key, &hiding), &mut manifest)?;
                }
                // Rules ask whether there is such a person, and no more.
                for whole in ledgers_held(self.codebook(), SnapshotPart::Bare) {
                    let bare = Ledger { fields: Vec::new(), ..whole.clone() };
                    let hiding = Hiding::new(&bare, key, &looked);
                    write_ledger(reader, directory, &bare, (key, &hiding), &mut manifest)?;
                }
                let known: BTreeSet<&str> =
                    ledgers(self.codebook()).map(|ledger| ledger.name.as_str()).collect();
                for ledger in ledgers(self.codebook()) {
                    for relation in &ledger.relations {
                        if relation.kind == RelationKind::Links
                            && known.contains(relation.ledger.as_str())
                        {
                            let own = (ledger.name.as_str(), relation.name.as_str());
                            write_links(reader, directory, own, &mut manifest)?;
                        }
                    }
                }
                Ok::<(), ServiceError>(())
            })
        })?;
        manifest.write(directory).map_err(|error| engine_fault(&error))?;
        Ok(manifest)
    }
}

/// Writes the rows of one ledger in the order of the household they belong to.
fn write_ledger(
    reader: &Reader<'_>,
    directory: &Path,
    ledger: &Ledger,
    (key, hiding): (HashKey, &Hiding<'_>),
    manifest: &mut Manifest,
) -> Result<(), ServiceError> {
    let mut writer = LedgerWriter::create(directory, ledger, PART, Sensitive::Facts(key))
        .map_err(|error| engine_fault(&error))?;
    let order = ledger.nest.as_deref().unwrap_or("id");
    let query = Query::new(&ledger.name).sort(order, false).limit(PAGE);
    let mut after = None;
    loop {
        let page = reader.list(&query.clone().after(after))?;
        for mut record in page.records {
            hiding.hide(&mut record);
            let built_in = BuiltIn::of(&record);
            writer
                .push(&|name| built_in.get(name).unwrap_or_else(|| value(&record, name)))
                .map_err(|error| engine_fault(&error))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let path = writer.path().to_path_buf();
    let rows = writer.close().map_err(|error| engine_fault(&error))?;
    manifest.add(&ledger.name, &path, rows).map_err(|error| engine_fault(&error))
}

fn value<'a>(record: &'a Record, name: &str) -> &'a Value {
    record.values.get(name).unwrap_or(&NULL)
}

/// Columns that every ledger has.
struct BuiltIn {
    id: Value,
    region: Value,
    state: Value,
    created_at: Value,
    updated_at: Value,
}

impl BuiltIn {
    fn of(record: &Record) -> Self {
        Self {
            id: Value::Text(record.id.to_string()),
            region: record.region.as_ref().map(ToString::to_string).into(),
            state: record.state.clone().into(),
            created_at: record.created_at.into(),
            updated_at: record.updated_at.into(),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        Some(match name {
            "id" => &self.id,
            "region" => &self.region,
            "state" => &self.state,
            "created_at" => &self.created_at,
            "updated_at" => &self.updated_at,
            _ => return None,
        })
    }
}

/// Writes the link table of a relation, seen from this ledger.
fn write_links(
    reader: &Reader<'_>,
    directory: &Path,
    (ledger, relation): (&str, &str),
    manifest: &mut Manifest,
) -> Result<(), ServiceError> {
    let mut writer = LinkWriter::create(directory, ledger, relation, PART)
        .map_err(|error| engine_fault(&error))?;
    let mut last = None;
    loop {
        let links = reader.links(ledger, relation, last.as_ref(), PAGE)?;
        for (from, to) in &links {
            writer.push(from.as_str(), to.as_str()).map_err(|error| engine_fault(&error))?;
        }
        let is_whole = links.len() < PAGE;
        last = links.into_iter().next_back();
        if is_whole {
            break;
        }
    }
    let path = writer.path().to_path_buf();
    let rows = writer.close().map_err(|error| engine_fault(&error))?;
    manifest.add(&link_table(ledger, relation), &path, rows).map_err(|error| engine_fault(&error))
}
