//! The values that a row has for one record. Their names are the codebook's own: a row of sixty
//! fields makes no texts and no tree for them.

use taizhang_store::Values;
use taizhang_values::Value;

/// Values by field, in the order of the fields' names.
#[derive(Clone, Debug, Default)]
pub(super) struct PartValues<'a>(Vec<(&'a str, Value)>);

impl<'a> PartValues<'a> {
    /// Makes room for some more.
    pub(super) fn make_room(&mut self, count: usize) {
        self.0.reserve(count);
    }

    /// Takes the values out; their room stays.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (&'a str, Value)> + '_ {
        self.0.drain(..)
    }

    /// The value of a field, if it has one, be it an empty one.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(own, _)| (*own).cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Sets the value of a field. In the order of names it is done without a search.
    pub(super) fn insert(&mut self, name: &'a str, value: Value) {
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            return self.0.push((name, value));
        }
        match self.0.binary_search_by(|(own, _)| (*own).cmp(name)) {
            Ok(at) => {
                if let Some((_, own)) = self.0.get_mut(at) {
                    *own = value;
                }
            }
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// True if no field is filled.
    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().all(|(_, value)| value.is_empty())
    }

    /// Keeps the filled ones alone.
    pub(super) fn drop_empty(&mut self) {
        self.0.retain(|(_, value)| !value.is_empty());
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The values that `is_wanted`, for a record.
    pub(super) fn to_values(&self, is_wanted: impl Fn(&str, &Value) -> bool) -> Values {
        let wanted = self.0.iter().filter(|(name, value)| is_wanted(name, value));
        wanted.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_one_value_and_stands_by_its_name() {
        for names in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"], ["b", "a", "b"]] {
            let mut values = PartValues::default();
            values.make_room(1);
            let mut expected = Values::new();
            for (number, name) in (0..).zip(names) {
                values.insert(name, Value::Integer(number));
                expected.insert(name.to_owned(), Value::Integer(number));
            }
            values.insert("d", Value::Null);
            assert_eq!(values.get("d"), Some(&Value::Null), "{names:?}");
            values.drop_empty();
            assert_eq!(values.to_values(|_, _| true), expected, "{names:?}");
            for name in ["", "a", "b", "c", "d"] {
                assert_eq!(values.get(name), expected.get(name), "{names:?} {name}");
            }
            let order: Vec<&str> = values.iter().map(|(name, _)| name).collect();
            assert!(order.is_sorted(), "{order:?}");
            assert!(!values.is_blank());
            assert_eq!(values.drain().count(), expected.len(), "{names:?}");
            assert_eq!(values.get("a"), None, "{names:?}");
        }
        assert!(PartValues::default().is_blank());
    }
}
