//! Defines the origins of unknown values.

use std::collections::BTreeSet;
use std::sync::Arc;

/// An event that makes a value known, such as the end of `step.metadata.machine`.
pub type Origin = Arc<str>;

/// The maximum number of instances of a block that a line names.
const NAMED: usize = 3;

/// The origin of values derived from the name of the run.
pub const RUN: &str = "run";

/// The origins of an unknown value; shared, ordered and distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origins(Repr);

/// The representation: most unknown values have one origin, which is never stored in a set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Repr {
    #[default]
    None,
    One(Origin),
    Many(Arc<BTreeSet<Origin>>),
}

impl Origins {
    /// Returns a single origin.
    pub fn of(origin: impl Into<Origin>) -> Self {
        Self(Repr::One(origin.into()))
    }

    /// Returns the origins in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all().map(AsRef::as_ref)
    }

    fn all(&self) -> impl Iterator<Item = &Origin> {
        let (one, many) = match &self.0 {
            Repr::None => (None, None),
            Repr::One(origin) => (Some(origin), None),
            Repr::Many(origins) => (None, Some(&**origins)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Returns the origins in a line; of more than three instances of one block, only the block with their number.
    #[must_use]
    pub fn line(&self) -> String {
        let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
        for origin in self.iter() {
            let block = block_of(origin);
            match blocks.last_mut() {
                Some((last, instances)) if *last == block => instances.push(origin),
                _ => blocks.push((block, vec![origin])),
            }
        }
        let phrase = |(block, instances): (&str, Vec<&str>)| match instances.len() {
            0..=NAMED => instances.join(", "),
            many => format!("{block}[…] ({many})"),
        };
        blocks.into_iter().map(phrase).collect::<Vec<_>>().join(", ")
    }

    /// Returns true if all origins are the run itself or functions that return another value each time, such
    /// as `timestamp()`.
    #[must_use]
    pub fn differ_in_every_run(&self) -> bool {
        self.iter().all(|origin| origin == RUN || origin.ends_with("()"))
    }

    /// Returns the union.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Adds other origins. Adding many one after another takes linear time, since a shared set is not copied.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, Repr::None) => {}
            (Repr::None, _) => *self = other.clone(),
            (Repr::One(own), _) => {
                let both: BTreeSet<_> = other.all().chain([&*own]).cloned().collect();
                if both.len() > 1 {
                    self.0 = Repr::Many(Arc::new(both));
                }
            }
            (Repr::Many(own), Repr::One(new)) => {
                if !own.contains(new) {
                    Arc::make_mut(own).insert(new.clone());
                }
            }
            (Repr::Many(own), Repr::Many(new)) => {
                if !Arc::ptr_eq(own, new) && !new.is_subset(own) {
                    Arc::make_mut(own).extend(new.iter().cloned());
                }
            }
        }
    }
}

/// Returns the address of the block of an instance; any other text is its own block.
fn block_of(origin: &str) -> &str {
    let (mut begin, mut quoted, mut escaped) = (None, false, false);
    for (at, next) in origin.char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => begin = Some(at),
            _ => {}
        }
    }
    begin.filter(|_| origin.ends_with(']')).map_or(origin, |begin| &origin[..begin])
}

impl FromIterator<Self> for Origins {
    /// Returns the union of all origins.
    fn from_iter<I: IntoIterator<Item = Self>>(each: I) -> Self {
        each.into_iter().fold(Self::default(), |mut all, one| {
            all.add(&one);
            all
        })
    }
}

impl std::fmt::Display for Origins {
    /// Writes `known after step.a.b, step.c.d`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == Repr::None {
            return f.write_str("known after run");
        }
        write!(f, "known after {}", self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_instances_of_a_block_are_named_by_their_number() {
        let of = |all: &[&str]| all.iter().map(|origin| Origins::of(*origin)).collect::<Origins>().line();
        for (all, expected) in [
            (vec!["step.b.c", "step.a.b"], "step.a.b, step.b.c"),
            (vec!["step.a.b[0]", "step.a.b[1]", "step.a.b[2]"], "step.a.b[0], step.a.b[1], step.a.b[2]"),
            (
                vec![
                    r#"m.x["a"].s"#,
                    r#"s.a["x[0]"]"#,
                    r#"s.a["y"]"#,
                    r#"s.a["z]"]"#,
                    r#"s.a["\"["]"#,
                    "s.ab[1]",
                ],
                r#"m.x["a"].s, s.a[…] (4), s.ab[1]"#,
            ),
        ] {
            assert_eq!(of(&all), expected);
        }
    }

    #[test]
    fn adding_one_by_one_copies_nothing_and_leaves_what_is_shared_alone() {
        let one = Origins::of("a");
        let mut all = one.clone();
        all.add(&Origins::of("b"));
        let place = |all: &Origins| match &all.0 {
            Repr::Many(origins) => Arc::as_ptr(origins),
            other => panic!("{other:?}"),
        };
        let before = place(&all);
        all.add(&one);
        all.add(&Origins::of("c"));
        assert_eq!((place(&all), all.iter().count()), (before, 3));
        let mut alone = one.clone();
        alone.add(&one);
        assert_eq!(alone, one);
        assert_eq!(one, Origins::of("a"));
        assert_eq!(
            [one, Origins::default(), Origins::of("b")].into_iter().collect::<Origins>().iter().count(),
            2
        );
    }
}
