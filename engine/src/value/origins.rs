//! Defines the origins of unknown values.

use std::collections::BTreeSet;
use std::sync::Arc;

/// An event that makes a value known, such as the end of `step.metadata.machine`.
pub type Origin = Arc<str>;

/// The maximum number of instances of a block that a line names.
const NAMED: usize = 3;

/// The origin of values derived from the name of the run.
pub const RUN: &str = "run";

/// The beginning of the address of a variable of the runbook itself.
const VARIABLE: &str = "var.";

/// The words before origins that a run makes known.
const LATER: &str = "known after ";

/// The words before variables that whoever plans has left open.
const GIVEN: &str = "given to the run as ";

/// The separator of the two.
const BETWEEN: &str = "; ";

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

    /// Returns the words for an object whose name is not known: `found by step.a.b`, or `given as var.x`.
    #[must_use]
    pub fn found(&self) -> String {
        self.phrase("found by ", "given as ", ", ")
    }

    /// Writes the origins that a run makes known after `later`, and the variables that a plan was not given after
    /// `given`.
    fn phrase(&self, later: &str, given: &str, between: &str) -> String {
        let (variables, others): (Vec<&str>, Vec<&str>) =
            self.iter().partition(|origin| origin.starts_with(VARIABLE));
        let part = |verb: &str, origins: Vec<&str>| {
            (!origins.is_empty()).then(|| format!("{verb}{}", line(&origins)))
        };
        let parts = [part(later, others), part(given, variables)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(between)
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

/// Writes origins in a line; of more than three instances of one block, only the block with their number.
fn line(origins: &[&str]) -> String {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for origin in origins {
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

/// Returns the unknown part that `shown` begins with, as [`Origins`] write it in parentheses, and the length of the phrase.
#[must_use]
pub fn read_unknown(shown: &str) -> Option<(Origins, usize)> {
    let inner = shown.strip_prefix('(')?;
    let end = end(inner)?;
    let origins = |part: &str| {
        let list = part.strip_prefix(LATER).or_else(|| part.strip_prefix(GIVEN))?;
        Some(outside_quotes(list, ", ").into_iter().map(Origins::of).collect::<Origins>())
    };
    let parts = outside_quotes(&inner[..end], BETWEEN);
    let all = parts.into_iter().map(origins).collect::<Option<Vec<_>>>()?;
    Some((all.into_iter().collect(), end + 2))
}

/// Splits a text at a separator; keys of instances may contain it.
fn outside_quotes<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, next) in text.char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted && at >= begin && text[at..].starts_with(separator) => {
                parts.push(&text[begin..at]);
                begin = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// Returns the position of the `)` that ends a phrase; keys of instances may contain some, and so does the number of many.
fn end(inner: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    inner.find(|next| {
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return true,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        false
    })
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
    /// Writes `known after step.a.b, step.c.d`; for variables without a value, `given to the run as var.x`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == Repr::None {
            return f.write_str("known after run");
        }
        f.write_str(&self.phrase(LATER, GIVEN, BETWEEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_instances_of_a_block_are_named_by_their_number() {
        let of =
            |all: &[&str]| all.iter().map(|origin| Origins::of(*origin)).collect::<Origins>().to_string();
        let of = |all: &[&str]| of(all).replace(LATER, "");
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
    fn a_phrase_says_who_makes_a_value_known_and_is_read_back() {
        for (all, expected) in [
            (vec!["step.a.b", "step.c.d"], "known after step.a.b, step.c.d"),
            (vec!["var.x"], "given to the run as var.x"),
            (vec!["var.y", "var.x"], "given to the run as var.x, var.y"),
            (vec!["var.x", "step.a.b"], "known after step.a.b; given to the run as var.x"),
            (
                vec![r#"step.a.b["), (; \"["]"#, "var.x"],
                r#"known after step.a.b["), (; \"["]; given to the run as var.x"#,
            ),
            (vec!["module.m.var.x"], "known after module.m.var.x"),
        ] {
            let origins: Origins = all.into_iter().map(Origins::of).collect();
            assert_eq!(origins.to_string(), expected);
            let shown = format!("({expected})");
            assert_eq!(read_unknown(&format!("{shown}/x)")), Some((origins, shown.len())), "{expected}");
        }
        for other in ["", "(", "(known after step.a", "(sensitive)", "known after x", "(known after a; b)"] {
            assert_eq!(read_unknown(other), None, "{other}");
        }
    }

    #[test]
    fn an_object_is_found_by_a_step_or_given_as_a_variable() {
        let of = |all: &[&str]| all.iter().map(|origin| Origins::of(*origin)).collect::<Origins>().found();
        assert_eq!(of(&["step.a.b"]), "found by step.a.b");
        assert_eq!(of(&["var.x"]), "given as var.x");
        assert_eq!(of(&["var.x", "step.a.b"]), "found by step.a.b, given as var.x");
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
