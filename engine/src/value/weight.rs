//! Weighs values, with and without sharing.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Data, Pattern, Value};

/// The size of some values. Since values share their contents, few values in memory can become very many when
/// they are traversed or written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The number of values at all depths; shared ones count each time.
    pub parts: u64,
    /// The bytes of their strings; shared ones count each time.
    pub bytes: u64,
    /// The number of values, with shared ones counted once.
    distinct_parts: u64,
    /// The bytes of the strings, with shared ones counted once.
    distinct_bytes: u64,
}

/// The number of values up to which sharing is ignored.
const FEW_PARTS: u64 = 1 << 20;
/// The bytes of strings up to which sharing is ignored.
const FEW_BYTES: u64 = 1 << 26;
/// The largest allowed average number of occurrences of a value.
const OFTEN: u64 = 8;

impl Weight {
    /// Weighs `values`, in time proportional to their size in memory.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut scales = Scales::default();
        let mut all = Self::default();
        for value in values {
            let (parts, bytes) = scales.weigh(value);
            all.parts = all.parts.saturating_add(parts);
            all.bytes = all.bytes.saturating_add(bytes);
        }
        Self { distinct_parts: scales.parts, distinct_bytes: scales.bytes, ..all }
    }

    /// Returns true if the full size is far beyond the size in memory, so that traversing the values may
    /// never end.
    #[must_use]
    pub fn is_inflated(&self) -> bool {
        let inflated =
            |whole: u64, distinct: u64, few: u64| whole > few && whole > distinct.saturating_mul(OFTEN);
        inflated(self.parts, self.distinct_parts, FEW_PARTS)
            || inflated(self.bytes, self.distinct_bytes, FEW_BYTES)
    }

    /// Returns the parts and bytes that sharing saves in memory.
    #[must_use]
    pub fn repeated(&self) -> (u64, u64) {
        (self.parts - self.distinct_parts, self.bytes - self.distinct_bytes)
    }
}

/// A traversal that visits shared values once.
#[derive(Default)]
struct Scales {
    /// The parts and bytes of shared values, by their address.
    shared: FxHashMap<usize, (u64, u64)>,
    parts: u64,
    bytes: u64,
}

impl Scales {
    /// Returns the parts and bytes of a value.
    fn weigh(&mut self, value: &Value) -> (u64, u64) {
        let place = place(value);
        if let Some(place) = place
            && let Some(&known) = self.shared.get(&place)
        {
            return known;
        }
        let known = || value.pattern().map_or(0, Pattern::bytes);
        let bytes = value.as_str().map_or_else(known, str::len) as u64;
        let mut whole = (1_u64, bytes);
        (self.parts, self.bytes) = (self.parts + 1, self.bytes + bytes);
        for child in value.children() {
            let (parts, bytes) = self.weigh(child);
            whole = (whole.0.saturating_add(parts), whole.1.saturating_add(bytes));
        }
        if let Some(place) = place {
            self.shared.insert(place, whole);
        }
        whole
    }
}

/// The length up to which strings are not checked for sharing.
const SHORT: usize = 64;

/// Returns the address of the contents of a value, if they are shared.
fn place(value: &Value) -> Option<usize> {
    fn address<T: ?Sized>(shared: &Arc<T>) -> Option<usize> {
        (Arc::strong_count(shared) > 1).then(|| Arc::as_ptr(shared).cast::<()>().addr())
    }
    match value.data() {
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => address(all),
        Data::Map(_, all) | Data::Object(all) => address(all),
        Data::String(text) if text.len() > SHORT => address(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_counts_wherever_it_is() {
        let long = Value::from("x".repeat(100));
        let pair = Value::tuple([long.clone(), long.clone()]);
        let pairs = Value::tuple([pair.clone(), pair.clone(), Value::from("y")]);
        let weight = Weight::of([&pairs]);
        assert_eq!((weight.parts, weight.bytes), (8, 401));
        assert_eq!((weight.distinct_parts, weight.distinct_bytes), (4, 101));
        assert_eq!(weight.repeated(), (4, 300));
        assert_eq!(Weight::of([&pair, &pair]).parts, 6);
        assert!(!weight.is_inflated());
    }

    #[test]
    fn a_tower_of_pairs_is_weighed_at_once() {
        let mut tower = Value::from(1_i64);
        for _ in 0..200 {
            tower = Value::tuple([tower.clone(), tower]);
        }
        let weight = Weight::of([&tower]);
        assert_eq!((weight.parts, weight.distinct_parts), (u64::MAX, 202));
        assert!(weight.is_inflated());
    }

    #[test]
    fn a_large_value_is_not_inflated() {
        let large = Value::tuple((0..1_200_000_u64).map(Value::from));
        assert!(!Weight::of([&large]).is_inflated());
    }
}
