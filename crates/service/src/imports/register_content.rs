//! Rows of lists without a number: a record is known again by its whole content, each record once,
//! so that two equal rows mean two records.

use super::register_diff::is_import;
use super::register_find::Found;
use super::register_row::{Doors, PartPlan, Resolver, RowState};
use super::register_target::{PERSON, REGION, ROOT};
use super::register_values::PartValues;
use crate::ServiceError;
use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;
use taizhang_codebook::{FieldType, Ledger};
use taizhang_store::{Filter, Query, Reader, Record};
use taizhang_values::{RecordId, RegionCode, Value};

/// Records read at a time.
const PAGE: usize = 1000;
/// Records of one content that are read ahead for a row; further ones are read one by one.
const AHEAD: usize = 4;

static NULL: Value = Value::Null;

/// Hashes of contents with their records, sorted. A hash that fits is confirmed by the record.
type Hashes = Vec<(u64, RecordId)>;

/// The contents of a ledger in the region of an import: of each record a hash, over the fields
/// that the sheet has.
#[derive(Default)]
pub(super) struct Contents {
    ledger: String,
    fields: Vec<String>,
    now: Hashes,
    /// Records with more than one version, until somebody asks what they were.
    changed: Vec<RecordId>,
    /// What imports brought last of the records that were changed.
    brought: Option<Hashes>,
    /// How many at the front of a run of equal hashes earlier rows took.
    spent: HashMap<u64, usize>,
    /// Records read ahead for the rows of a block.
    held: HashMap<RecordId, Rc<Record>>,
}

impl Contents {
    fn read(
        reader: &Reader<'_>,
        ledger: &str,
        region: &RegionCode,
        fields: &[&str],
    ) -> Result<Self, ServiceError> {
        let fields = fields.iter().map(|name| (*name).to_owned()).collect();
        let mut own = Self { ledger: ledger.to_owned(), fields, ..Self::default() };
        let query = Query::new(ledger).filter(Filter::Under(region.clone()));
        let query = query.sort("id", false).limit(PAGE);
        let mut after = None;
        loop {
            let asked = query.clone().after(after);
            let page = reader.for_judging(|reader| reader.list(&asked))?;
            for record in page.records {
                if record.version > 1 {
                    own.changed.push(record.id.clone());
                }
                own.now.push((own.hash_of(&record), record.id));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        own.now.sort_unstable();
        Ok(own)
    }

    fn hash_of(&self, record: &Record) -> u64 {
        hash(record.region.as_ref(), self.fields.iter().map(|name| record.get(name)))
    }

    /// The record of a content that no earlier row took: as it stands, else as an import brought
    /// it before people changed it.
    fn find(
        &mut self,
        reader: &Reader<'_>,
        (region, values): (Option<&RegionCode>, &PartValues<'_>),
        is_taken: &dyn Fn(&RecordId) -> bool,
    ) -> Result<Option<Rc<Record>>, ServiceError> {
        let own = self.fields.iter().map(|name| values.get(name).unwrap_or(&NULL));
        let hash = hash(region, own);
        let before = self.spent.get(&hash).copied().unwrap_or(0);
        let (mut spent, mut is_front, mut found) = (before, true, None);
        for id in run(&self.now, hash).iter().skip(before).map(|(_, id)| id) {
            if is_taken(id) {
                spent += usize::from(is_front);
                continue;
            }
            let record = match self.held.remove(id) {
                Some(record) => Some(record),
                None => reader.for_judging(|reader| reader.get(&self.ledger, id))?.map(Rc::new),
            };
            found = record.filter(|record| self.is_same(record, region, values));
            if found.is_some() {
                break;
            }
            // Another content of the same hash: what stands behind it is not at the front.
            is_front = false;
        }
        if spent > before {
            self.spent.insert(hash, spent);
        }
        if found.is_some() {
            return Ok(found);
        }
        self.read_brought(reader)?;
        for (_, id) in run(self.brought.as_deref().unwrap_or_default(), hash) {
            if is_taken(id) {
                continue;
            }
            let brought = last_brought(reader, &self.ledger, id)?;
            if brought.is_some_and(|brought| self.is_same(&brought, region, values)) {
                let own = reader.for_judging(|reader| reader.get(&self.ledger, id))?;
                return Ok(own.map(Rc::new));
            }
        }
        Ok(None)
    }

    fn is_same(
        &self,
        record: &Record,
        region: Option<&RegionCode>,
        values: &PartValues<'_>,
    ) -> bool {
        let is_equal = |name: &String| {
            let (old, new) = (record.get(name), values.get(name).unwrap_or(&NULL));
            old == new || (old.is_empty() && new.is_empty())
        };
        record.region.as_ref() == region && self.fields.iter().all(is_equal)
    }

    /// Gathers what imports brought of the records that were changed since, once a file.
    fn read_brought(&mut self, reader: &Reader<'_>) -> Result<(), ServiceError> {
        if self.brought.is_some() {
            return Ok(());
        }
        let mut hashes = Hashes::new();
        for id in std::mem::take(&mut self.changed) {
            if let Some(brought) = last_brought(reader, &self.ledger, &id)? {
                hashes.push((self.hash_of(&brought), id));
            }
        }
        hashes.sort_unstable();
        self.brought = Some(hashes);
        Ok(())
    }
}

impl Resolver<'_> {
    /// The record that says just what the row says, in its place; nothing for a row with a number.
    pub(super) fn same_content(
        &self,
        doors: Doors<'_, '_>,
        plan: &PartPlan<'_>,
        (values, state): (&PartValues<'_>, &RowState),
    ) -> Result<Found, ServiceError> {
        let region = self.told_place(plan.part, state);
        let is_taken = |id: &RecordId| self.taken.contains_key(id);
        let mut contents = self.contents.borrow_mut();
        let Some(contents) = contents.as_mut() else { return Ok(Found::None) };
        let found = contents.find(doors.reader, (region.as_ref(), values), &is_taken)?;
        Ok(found.map_or(Found::None, Found::One))
    }

    /// Reads the contents of the ledger as soon as a row has no number, and ahead the records that
    /// the rows of a block say again.
    pub(super) fn read_contents(
        &mut self,
        reader: &Reader<'_>,
        rows: &[&[Value]],
    ) -> Result<(), ServiceError> {
        let plans = self.plans.clone();
        let Some(plan) = plans.iter().find(|plan| !plan.content.is_empty()) else { return Ok(()) };
        let own = rows.iter().filter(|row| !row.is_empty() && !plan.is_keyed(row));
        let own: Vec<&[Value]> = own.copied().collect();
        if own.is_empty() {
            return Ok(());
        }
        let ledger = plan.part.ledger;
        let mut contents = match self.contents.take() {
            Some(contents) => contents,
            None => Contents::read(reader, &ledger.name, self.region, &plan.content)?,
        };
        contents.held.clear();
        if plan.is_plain() {
            let mut ids = BTreeSet::new();
            for row in own {
                let region = self.plain_place(ledger, row);
                let cells = plan.columns.iter().map(|(at, _)| row.get(*at).unwrap_or(&NULL));
                let hash = hash(region.as_ref(), cells);
                let spent = contents.spent.get(&hash).copied().unwrap_or(0);
                let ahead = run(&contents.now, hash).iter().skip(spent).take(AHEAD);
                ids.extend(ahead.map(|(_, id)| id.clone()));
            }
            let ids: Vec<RecordId> = ids.into_iter().collect();
            let found = reader.for_judging(|reader| reader.get_many(&ledger.name, &ids))?;
            contents.held = found.into_iter().map(|(id, own)| (id, Rc::new(own))).collect();
        }
        self.contents.replace(Some(contents));
        Ok(())
    }

    /// The place of a row that refers to no other record.
    fn plain_place(&self, ledger: &Ledger, row: &[Value]) -> Option<RegionCode> {
        let at = self.columns.iter().position(|column| column.key == REGION);
        let said = at.and_then(|at| row.get(at)).and_then(Value::as_text);
        let said = said.and_then(|text| self.places.find(text).ok());
        said.or_else(|| self.common_place(ledger))
    }
}

impl PartPlan<'_> {
    /// The row's cells are its content as they stand: no record and no place is named in them.
    fn is_plain(&self) -> bool {
        let is_named = |kind| matches!(kind, FieldType::Reference | FieldType::Region);
        self.content.len() == self.columns.len()
            && !self.columns.iter().any(|(_, field)| is_named(field.field_type))
    }
}

/// The fields by whose content a record of the rows' own ledger is known, if rows may come without
/// a number and do not hang on a household, whose few records tell them apart.
pub(super) fn compared<'a>(
    ledger: &'a Ledger,
    own: impl Iterator<Item = &'a str>,
    (nature, is_tied): (&[&str], bool),
) -> Vec<&'a str> {
    let is_loose = ledger.home.is_some()
        && ![ROOT, PERSON].contains(&ledger.name.as_str())
        && !nature.contains(&ROOT);
    let ties = ledger.fields.iter().map(|field| field.name.as_str());
    let ties = ties.filter(|name| is_tied && [ROOT, PERSON].contains(name));
    let fields: BTreeSet<&str> = own.chain(ties).collect();
    if is_loose { fields.into_iter().collect() } else { Vec::new() }
}

/// A record as an import wrote it last, in clear.
pub(super) fn last_brought(
    reader: &Reader<'_>,
    ledger: &str,
    id: &RecordId,
) -> Result<Option<Record>, ServiceError> {
    let versions = reader.for_judging(|reader| reader.history(ledger, id))?;
    Ok(versions.into_iter().rev().find(is_import).map(|version| version.record))
}

/// The entries of one hash.
fn run(hashes: &[(u64, RecordId)], hash: u64) -> &[(u64, RecordId)] {
    let start = hashes.partition_point(|(own, _)| *own < hash);
    let rest = hashes.get(start..).unwrap_or_default();
    let end = rest.partition_point(|(own, _)| *own == hash);
    rest.get(..end).unwrap_or_default()
}

/// A hash over place and values; missing and blank values are the same.
fn hash<'v>(region: Option<&RegionCode>, values: impl Iterator<Item = &'v Value>) -> u64 {
    let mut hasher = Text(DefaultHasher::new());
    hasher.0.write(region.map_or(&[][..], |region| region.as_str().as_bytes()));
    for value in values {
        // No byte of a text is this one.
        hasher.0.write_u8(0xff);
        if !value.is_empty() {
            // Writing to a hash cannot fail.
            let _ = write!(hasher, "{value}");
        }
    }
    hasher.0.finish()
}

/// Text that goes into a hash as it is written.
struct Text(DefaultHasher);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_told_by_place_and_values_and_not_by_what_is_missing() {
        let place = |code: &str| RegionCode::parse(code);
        let of = |region: Option<RegionCode>, values: &[&str]| {
            let values: Vec<Value> = values.iter().map(|text| Value::from(*text)).collect();
            hash(region.as_ref(), values.iter())
        };
        let one = of(place("990101"), &["甲", "乙"]);
        assert_eq!(one, of(place("990101"), &["甲", "乙"]));
        assert_eq!(of(None, &["", "乙"]), hash(None, [&Value::Null, &"乙".into()].into_iter()));
        for other in [
            of(place("990102"), &["甲", "乙"]),
            of(place("990101"), &["甲乙", ""]),
            of(place("990101"), &["乙", "甲"]),
            of(None, &["甲", "乙"]),
        ] {
            assert_ne!(one, other);
        }
    }
}
