//! What the rows of a block may mean, read from the store together instead of row by row, and the
//! records that earlier rows of the same file make.

use crate::ServiceError;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use taizhang_codebook::Ledger;
use taizhang_store::{FieldPlace, Filter, NewRow, Query, Reader, Record, Writer};
use taizhang_values::{RecordId, Value};

/// Rows read at a time while former numbers are gathered.
const PAGE: usize = 1000;

/// Records of one ledger by the values of one field.
struct Index {
    ledger: String,
    field: String,
    /// Every value that was asked for, with its records; none is an answer, too.
    found: HashMap<String, Vec<Rc<Record>>>,
}

/// Records by numbers that they had before.
struct Former {
    ledger: String,
    list: String,
    ids: HashMap<String, Vec<RecordId>>,
}

/// What was read for a block, and what waits to be written.
#[derive(Default)]
pub(super) struct Lookups {
    indexes: Vec<Index>,
    former: Vec<Former>,
    /// Records named by their titles, over the whole file; ledgers that the file does not write.
    named: HashMap<(String, String), Vec<Rc<Record>>>,
    /// New records that are not written yet, in the order of making.
    pending: Vec<(String, RecordId, NewRow)>,
    waiting: HashSet<RecordId>,
    /// Room of values that were written, for those of later rows.
    spare: Vec<Vec<(FieldPlace, Value)>>,
}

impl Lookups {
    /// Forgets what was read for the block before.
    pub(super) fn next_block(&mut self) {
        self.indexes.clear();
    }

    /// Reads the records that have one of some values in a field, in clear.
    pub(super) fn fill(
        &mut self,
        reader: &Reader<'_>,
        ledger: &str,
        field: &str,
        values: Vec<Value>,
    ) -> Result<(), ServiceError> {
        let known = self.indexes.iter().position(|own| own.ledger == ledger && own.field == field);
        let mut index = match known {
            Some(at) => self.indexes.swap_remove(at),
            None => {
                Index { ledger: ledger.to_owned(), field: field.to_owned(), found: HashMap::new() }
            }
        };
        let mut asked: HashMap<String, Value> = HashMap::new();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let text = value.to_string();
            if !index.found.contains_key(&text) {
                asked.entry(text).or_insert(value);
            }
        }
        let (texts, values): (Vec<String>, Vec<Value>) = asked.into_iter().unzip();
        let found = reader.for_judging(|reader| reader.find_many(ledger, field, &values))?;
        for (text, records) in texts.into_iter().zip(found) {
            index.found.insert(text, records.into_iter().map(Rc::new).collect());
        }
        self.indexes.push(index);
        Ok(())
    }

    /// The records with a value, if it was asked for.
    pub(super) fn get(&self, ledger: &str, field: &str, value: &Value) -> Option<&[Rc<Record>]> {
        let index = self.indexes.iter().find(|own| own.ledger == ledger && own.field == field)?;
        let found = match value {
            Value::Text(text) => index.found.get(text.as_str()),
            other => index.found.get(&other.to_string()),
        };
        found.map(Vec::as_slice)
    }

    /// Gathers the numbers that records of a ledger had before, once a file.
    pub(super) fn fill_former(
        &mut self,
        reader: &Reader<'_>,
        ledger: &str,
        list: &str,
    ) -> Result<(), ServiceError> {
        if self.former.iter().any(|own| own.ledger == ledger && own.list == list) {
            return Ok(());
        }
        let mut ids: HashMap<String, Vec<RecordId>> = HashMap::new();
        let has_some = Filter::Not(Box::new(Filter::IsEmpty(list.to_owned())));
        let query = Query::new(ledger).filter(has_some).sort("id", false).limit(PAGE);
        let mut after = None;
        loop {
            let page = reader.list(&query.clone().after(after))?;
            for record in &page.records {
                for number in record.get(list).as_list() {
                    ids.entry(number.clone()).or_default().push(record.id.clone());
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        self.former.push(Former { ledger: ledger.to_owned(), list: list.to_owned(), ids });
        Ok(())
    }

    /// Records that had a number before; `None` if nobody gathered them.
    pub(super) fn formerly(&self, ledger: &str, list: &str, number: &str) -> Option<&[RecordId]> {
        let own = self.former.iter().find(|own| own.ledger == ledger && own.list == list)?;
        Some(own.ids.get(number).map_or(&[][..], Vec::as_slice))
    }

    /// Records by name that were asked for before.
    pub(super) fn named(&self, ledger: &str, text: &str) -> Option<&Vec<Rc<Record>>> {
        self.named.get(&(ledger.to_owned(), text.to_owned()))
    }

    /// Remembers records by name for the rest of the file.
    pub(super) fn remember(&mut self, ledger: &str, text: &str, found: Vec<Rc<Record>>) {
        self.named.insert((ledger.to_owned(), text.to_owned()), found);
    }

    /// Room for the values of a new record.
    pub(super) fn room(&mut self) -> Vec<(FieldPlace, Value)> {
        self.spare.pop().unwrap_or_default()
    }

    /// A new record: later rows find it, the block's end writes it.
    pub(super) fn make(&mut self, ledger: &str, id: RecordId, new: NewRow, record: Record) {
        self.put(&Rc::new(record));
        self.waiting.insert(id.clone());
        self.pending.push((ledger.to_owned(), id, new));
    }

    /// A record that was written anew takes the place of what was read.
    pub(super) fn change(&mut self, before: &Record, after: Record, definition: &Ledger) {
        for index in self.indexes.iter_mut().filter(|own| own.ledger == after.ledger) {
            if let Some(found) = index.found.get_mut(&before.get(&index.field).to_string()) {
                found.retain(|record| record.id != before.id);
            }
        }
        for own in self.former.iter_mut().filter(|own| own.ledger == after.ledger) {
            let of = |field: &&taizhang_codebook::Field| field.former.as_ref() == Some(&own.list);
            for field in definition.fields.iter().filter(of) {
                let old = before.get(&field.name);
                if let (Some(old), true) = (old.as_text(), old != after.get(&field.name)) {
                    own.ids.entry(old.to_owned()).or_default().push(after.id.clone());
                }
            }
        }
        self.put(&Rc::new(after));
    }

    fn put(&mut self, record: &Rc<Record>) {
        for index in self.indexes.iter_mut().filter(|own| own.ledger == record.ledger) {
            let value = record.get(&index.field);
            if let Some(found) = index.found.get_mut(&value.to_string()) {
                found.push(record.clone());
            }
        }
    }

    /// True for a record that is made but not written.
    pub(super) fn is_waiting(&self, id: &RecordId) -> bool {
        self.waiting.contains(id)
    }

    /// Writes what waits: what is referred to before what refers, as `order` says.
    pub(super) fn flush(
        &mut self,
        writer: &Writer<'_>,
        order: &[&str],
    ) -> Result<(), ServiceError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        self.waiting.clear();
        for ledger in order {
            let (own, rest) = pending.into_iter().partition(|(name, ..)| name == ledger);
            pending = rest;
            let own: Vec<(String, RecordId, NewRow)> = own;
            let mut new = own.into_iter().map(|(_, id, new)| (id, new)).collect::<Vec<_>>();
            writer.insert_rows(ledger, &mut new)?;
            self.spare.extend(new.into_iter().map(|(_, new)| new.values));
        }
        Ok(())
    }
}
