//! How much there is of a value.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Data, Value};

/// How much there is of some values. Values share what they hold, so that a few of them in memory can be very many when
/// they are gone through or written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The values and all that is in them, what is shared counted wherever it is.
    pub parts: u64,
    /// The bytes of the texts among them, counted likewise.
    pub bytes: u64,
    /// The same as `parts` with what is shared counted once.
    distinct_parts: u64,
    /// The same as `bytes` with what is shared counted once.
    distinct_bytes: u64,
}

/// Up to this, sharing is no matter.
const FEW_PARTS: u64 = 1 << 20;
/// Up to this, the sharing of texts is no matter.
const FEW_BYTES: u64 = 1 << 26;
/// So many times may it be there, on average, that something is shared.
const OFTEN: u64 = 8;

impl Weight {
    /// The weight of all `values`, which takes time for what there is of them in memory, and no more.
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

    /// Whether there is far more of it than memory holds: whoever goes through it may never come to an end.
    #[must_use]
    pub fn is_inflated(&self) -> bool {
        let inflated =
            |whole: u64, distinct: u64, few: u64| whole > few && whole > distinct.saturating_mul(OFTEN);
        inflated(self.parts, self.distinct_parts, FEW_PARTS)
            || inflated(self.bytes, self.distinct_bytes, FEW_BYTES)
    }

    /// What of it is not in memory a second time: the parts and bytes that going through it takes beside those.
    #[must_use]
    pub fn repeated(&self) -> (u64, u64) {
        (self.parts - self.distinct_parts, self.bytes - self.distinct_bytes)
    }
}

/// Goes through values, through what is shared once.
#[derive(Default)]
struct Scales {
    /// By where it is, what is shared: its parts and bytes.
    shared: FxHashMap<usize, (u64, u64)>,
    parts: u64,
    bytes: u64,
}

impl Scales {
    /// The parts and bytes of a value.
    fn weigh(&mut self, value: &Value) -> (u64, u64) {
        let place = place(value);
        if let Some(place) = place
            && let Some(&known) = self.shared.get(&place)
        {
            return known;
        }
        let bytes = value.as_str().map_or(0, |text| text.len() as u64);
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

/// Texts up to this length are not looked for among those that are shared.
const SHORT: usize = 64;

/// Where in memory a value is, when others may share what it holds.
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
