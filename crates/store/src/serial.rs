//! Running numbers: one counter a name, raised in the caller's transaction, so that a number that
//! was rolled back is given again and none is given twice.

use crate::driver::Cell;
use crate::error::StoreError;
use crate::writer::Writer;

impl Writer<'_> {
    /// The next number of a counter, from 1.
    ///
    /// # Errors
    /// Faults of the database. Writers take turns, so two of them never get the same number.
    pub fn next_serial(&self, name: &str) -> Result<i64, StoreError> {
        let key = Cell::text(format!("serial:{name}"));
        let mut connection = self.connection();
        let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" = ?";
        let row = connection.query(sql, std::slice::from_ref(&key))?.into_iter().next();
        let last = match row {
            Some(mut row) => row
                .text()?
                .parse::<i64>()
                .map_err(|_| StoreError::Damaged("a running number is not a number".to_owned()))?,
            None => 0,
        };
        let next = last.saturating_add(1);
        let sql = if last == 0 {
            "INSERT INTO store_setting (\"value\", \"name\") VALUES (?, ?)"
        } else {
            "UPDATE store_setting SET \"value\" = ? WHERE \"name\" = ?"
        };
        connection.execute(sql, &[Cell::text(next.to_string()), key])?;
        Ok(next)
    }
}
