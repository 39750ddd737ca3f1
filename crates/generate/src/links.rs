//! Link tables of a snapshot: `<ledger>_<relation>/<part>.parquet` with `from_id` and `to_id`.

use crate::record::Record;
use crate::writer::WriteError;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use std::collections::BTreeMap;
use std::fs::{File, create_dir_all};
use std::path::Path;
use std::sync::Arc;
use taizhang_codebook::{Codebook, Relation, RelationKind};
use taizhang_engine::snapshot::file_layout;
use taizhang_program::link_table;

/// Own ids and the others', pair by pair.
type Pairs = (Vec<i64>, Vec<i64>);

/// The ties of one part's records, by ledger and relation.
#[derive(Default)]
pub(crate) struct Links {
    pairs: BTreeMap<(&'static str, &'static str), Pairs>,
}

impl Links {
    /// Keeps the ties of a record.
    pub(crate) fn push(&mut self, record: &Record) {
        for (relation, other) in &record.links {
            let (own, others) = self.pairs.entry((record.ledger, relation)).or_default();
            own.push(record.id);
            others.push(*other);
        }
    }

    /// Writes the table of every relation that is kept in one, those without ties too: an absent
    /// table would leave rules undecided.
    pub(crate) fn write(
        self,
        codebook: &Codebook,
        directory: &Path,
        part: &str,
    ) -> Result<(), WriteError> {
        let end = |name: &str| Field::new(name, DataType::Int64, false);
        let schema = Arc::new(Schema::new(vec![end("from_id"), end("to_id")]));
        for (ledger, relation) in linked(codebook) {
            let folder = directory.join(link_table(ledger, &relation.name));
            create_dir_all(&folder).map_err(WriteError::file(&folder))?;
            let path = folder.join(format!("{part}.parquet"));
            let file = File::create(&path).map_err(WriteError::file(&path))?;
            let (from, to) = self.of(ledger, relation);
            let columns = [from, to].map(|ids| Arc::new(Int64Array::from(ids)) as ArrayRef);
            let layout = file_layout(&schema, |_| true);
            let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(layout))?;
            writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns.to_vec())?)?;
            writer.close()?;
        }
        Ok(())
    }

    /// The ties of a relation; those of one that is told from the other side, the other way round.
    fn of(&self, ledger: &str, relation: &Relation) -> (Vec<i64>, Vec<i64>) {
        let known = |ledger: &str, name: &str| {
            self.pairs.iter().find(|((own, relation), _)| *own == ledger && *relation == name)
        };
        match known(ledger, &relation.name) {
            Some((_, (from, to))) => (from.clone(), to.clone()),
            None => relation
                .by
                .as_ref()
                .and_then(|by| known(&relation.ledger, by))
                .map(|(_, (from, to))| (to.clone(), from.clone()))
                .unwrap_or_default(),
        }
    }
}

/// Relations that are kept in link tables, with their ledgers.
fn linked(codebook: &Codebook) -> impl Iterator<Item = (&str, &Relation)> {
    codebook.ledgers.values().flat_map(|ledger| {
        let own = ledger.relations.iter().filter(|found| found.kind == RelationKind::Links);
        own.map(|relation| (ledger.name.as_str(), relation))
    })
}
