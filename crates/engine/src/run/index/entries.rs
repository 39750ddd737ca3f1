//! Keys and their rows, as they are gathered for an index.

use crate::run::append::roomy;

/// Keys in the order of their rows. Mostly every row has one; then nothing is said of the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    keys: Vec<i64>,
    /// The row of each key; [`None`] while each stands at its row's place.
    rows: Option<Vec<u32>>,
}

impl Entries {
    /// With room for so many.
    pub(crate) fn with_room(count: usize) -> Self {
        Self { keys: roomy(count), rows: None }
    }

    /// Adds a key.
    pub(crate) fn push(&mut self, key: i64, row: u32) {
        if self.rows.is_some() || row as usize != self.keys.len() {
            self.spelled().push(row);
        }
        self.keys.push(key);
    }

    /// Adds others, whose rows begin at `first`.
    pub(crate) fn append(&mut self, others: &Self, first: u32) {
        let goes_on = self.rows.is_none() && others.rows.is_none();
        if !goes_on || first as usize != self.keys.len() {
            let rows = self.spelled();
            (0..others.keys.len())
                .for_each(|place| rows.push(others.row(place).saturating_add(first)));
        }
        self.keys.extend_from_slice(&others.keys);
    }

    /// The rows one by one, from now on.
    fn spelled(&mut self) -> &mut Vec<u32> {
        let count = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.rows.get_or_insert_with(|| (0..count).collect())
    }

    /// All keys.
    pub(crate) fn keys(&self) -> &[i64] {
        &self.keys
    }

    /// The row of the key at a place.
    pub(crate) fn row(&self, place: usize) -> u32 {
        match &self.rows {
            None => u32::try_from(place).unwrap_or(u32::MAX),
            Some(rows) => rows.get(place).copied().unwrap_or(u32::MAX),
        }
    }

    /// Whether the row of each key is its place.
    pub(crate) const fn is_plain(&self) -> bool {
        self.rows.is_none()
    }

    /// The same, rows in order.
    pub(crate) fn sorted(self) -> Self {
        let Some(rows) = self.rows.as_ref().filter(|rows| !rows.is_sorted()) else { return self };
        let mut pairs: Vec<(u32, i64)> =
            rows.iter().copied().zip(self.keys.iter().copied()).collect();
        pairs.sort_unstable_by_key(|(row, _)| *row);
        let (rows, keys) = pairs.into_iter().unzip();
        Self { keys, rows: Some(rows) }
    }
}

impl FromIterator<(i64, u32)> for Entries {
    fn from_iter<I: IntoIterator<Item = (i64, u32)>>(entries: I) -> Self {
        let mut all = Self::default();
        entries.into_iter().for_each(|(key, row)| all.push(key, row));
        all
    }
}
