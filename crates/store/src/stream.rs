//! What whoever copies the whole store asks: all links of a relation in order, and a mark that
//! changes with the data.

use crate::ask::JOINED_MAX;
use crate::codec;
use crate::driver::{Cell, quote};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::schema::Path;
use taizhang_codebook::RelationKind;
use taizhang_values::RecordId;

impl Reader<'_> {
    /// A page of all links of a relation as pairs of own and other id, in the order of the pairs,
    /// from the pair `after` on; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::UnknownRelation`] for relations of another kind, and faults of the database.
    pub fn links(
        &self,
        ledger: &str,
        relation: &str,
        after: Option<&(RecordId, RecordId)>,
        limit: usize,
    ) -> Result<Vec<(RecordId, RecordId)>, StoreError> {
        let Path::Links { table, is_inverse, .. } = self.core.schema.path(ledger, relation)? else {
            return Err(StoreError::UnknownRelation {
                ledger: ledger.to_owned(),
                relation: relation.to_owned(),
            });
        };
        let (own, other) = if is_inverse { ("to_id", "from_id") } else { ("from_id", "to_id") };
        let (own, other) = (quote(own), quote(other));
        let mut cells = Vec::new();
        let beyond = after.map_or_else(
            || "1 = 1".to_owned(),
            |(from, to)| {
                cells.extend([from, from, to].map(|id| Cell::text(id.as_str())));
                format!("({own} > ? OR ({own} = ? AND {other} > ?))")
            },
        );
        let sql = format!(
            "SELECT {own}, {other} FROM {} WHERE {beyond} ORDER BY {own}, {other} LIMIT {limit}",
            quote(&table)
        );
        let rows = self.connection().query(&sql, &cells)?;
        let pair = |mut row: crate::driver::Row| {
            Ok((codec::record_id(&row.text()?)?, codec::record_id(&row.text()?)?))
        };
        rows.into_iter().map(pair).collect()
    }

    /// A mark of the state of some ledgers: another one after any record of them was written or
    /// any link of them tied or untied. Costs the ends of some indexes.
    ///
    /// # Errors
    /// [`StoreError::UnknownLedger`] and faults of the database.
    pub fn state_mark(&self, ledgers: &[&str]) -> Result<String, StoreError> {
        let mut parts = Vec::new();
        for ledger in ledgers {
            let table = self.table(ledger)?;
            parts.push(format!(
                "SELECT MAX(\"act_sequence\") AS last, 0 AS links FROM {}",
                quote(&table.history())
            ));
            let definition = self.codebook().ledger(ledger);
            let relations = definition.map_or(&[][..], |ledger| &ledger.relations);
            for relation in relations.iter().filter(|one| one.kind == RelationKind::Links) {
                if let Path::Links { table, is_inverse: false, .. } =
                    self.core.schema.path(ledger, &relation.name)?
                {
                    parts.push(format!(
                        "SELECT MAX(\"sequence\") AS last, COUNT(*) AS links FROM {}",
                        quote(&table)
                    ));
                }
            }
        }
        let (mut last, mut links) = (0, 0);
        for chunk in parts.chunks(JOINED_MAX) {
            let sql = format!(
                "SELECT MAX(last), CAST(SUM(links) AS BIGINT) FROM ({}) AS states",
                chunk.join(" UNION ALL ")
            );
            if let Some(mut row) = self.connection().query_one(&sql, &[])? {
                last = last.max(row.optional_integer()?.unwrap_or(0));
                links += row.optional_integer()?.unwrap_or(0);
            }
        }
        Ok(format!("{last}.{links}"))
    }
}
