//! Stores values by name.

use std::ops::{Deref, DerefMut, Index};
use std::sync::Arc;

use litemap::LiteMap;

use super::Value;

/// A sorted map of values by name.
///
/// It is one allocation, since most maps have few entries and a plan holds one or more per step. Inserting an
/// entry before others moves those, so many entries are collected at once; a later one replaces one of the
/// same name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Entries(LiteMap<Arc<str>, Value>);

impl Entries {
    /// Returns an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts a value; returns the replaced one.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        self.0.insert(name, value)
    }
}

impl Deref for Entries {
    type Target = LiteMap<Arc<str>, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Entries {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Index<&str> for Entries {
    type Output = Value;

    /// Returns the value with that name, which must exist.
    fn index(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or_else(|| panic!("there is no entry `{name}`"))
    }
}

impl FromIterator<(Arc<str>, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Self {
        let mut entries = entries.into_iter().collect::<LiteMap<_, _>>().into_tuple_vec();
        // Collecting may have allocated up to four times the needed capacity.
        entries.shrink_to_fit();
        Self(LiteMap::from_sorted_store_unchecked(entries))
    }
}

impl<const N: usize> From<[(Arc<str>, Value); N]> for Entries {
    fn from(entries: [(Arc<str>, Value); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl IntoIterator for Entries {
    type Item = (Arc<str>, Value);
    type IntoIter = <LiteMap<Arc<str>, Value> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = <&'a LiteMap<Arc<str>, Value> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&self.0).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_name_counts_and_names_are_in_order() {
        let entry = |name: &str, number: i64| (Arc::from(name), Value::from(number));
        let mut entries =
            Entries::from([entry("b", 1), entry("a", 2), entry("b", 3), entry("c", 4), entry("a", 5)]);
        entries.insert("aa".into(), Value::from(6_i64));
        let all: Vec<_> = entries.iter().map(|(name, value)| (&**name, value.clone())).collect();
        let expected = [("a", 5_i64), ("aa", 6), ("b", 3), ("c", 4)];
        assert_eq!(all, expected.map(|(name, number)| (name, Value::from(number))));
    }
}
