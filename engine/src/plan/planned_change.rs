//! Describes the change that a step would make.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::Redact;
use crate::step::{ChangedLine, Difference, Existing, LARGEST_TEXT, changed_lines};
use crate::value::{JsonError, Value, show_inline, unseen_difference};

use super::ShownValue;

/// The change that a step would make, by the state that the service reported.
#[derive(Clone, Debug, PartialEq, Eq, Redact)]
pub enum PlannedChange {
    /// The step would create the object.
    Create,
    /// The step would update the object.
    Update(Vec<Difference>),
    /// The step would replace the object.
    Replace(Vec<Difference>),
    /// The step would remove the object.
    Delete,
    /// The object is as configured.
    Nothing,
    /// The change is not known.
    Unknown {
        /// The reason, in words.
        why: String,
    },
}

impl PlannedChange {
    /// Returns the change that the reported state requires.
    #[must_use]
    pub fn of(found: &Existing) -> Self {
        match found {
            Existing::Unknown(why) => Self::unknown(&**why),
            Existing::Absent => Self::Create,
            Existing::Different(differences, _)
                if differences.iter().any(|difference| difference.replaces) =>
            {
                Self::Replace(differences.clone())
            }
            Existing::Different(differences, _) => Self::Update(differences.clone()),
            Existing::Unwanted(_) => Self::Delete,
            Existing::AsWanted(_) => Self::Nothing,
            // This state needs the record of an earlier run, which a plan does not have.
            Existing::Altered(_) => Self::unknown("it was changed by somebody else"),
        }
    }

    /// Returns an unknown change.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }

    /// Returns the JSON name of the change: `create`, `update`, `replace`, `delete`, `nothing` or
    /// `unknown`.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update(_) => "update",
            Self::Replace(_) => "replace",
            Self::Delete => "delete",
            Self::Nothing => "nothing",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Returns the symbol shown before the step in a plan.
    pub(super) const fn symbol(&self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update(_) => "~",
            Self::Replace(_) => "-/+",
            Self::Delete => "-",
            Self::Nothing => " ",
            Self::Unknown { .. } => "?",
        }
    }

    /// Says that there is no change, or why it is not known.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Nothing => Some("no changes: already as wanted".to_owned()),
            Self::Unknown { why } => Some(format!("its effect is unknown: {why}")),
            Self::Create | Self::Delete | Self::Update(_) | Self::Replace(_) => None,
        }
    }

    /// Describes each difference for people.
    pub(super) fn sides(&self) -> Vec<Sides<'_>> {
        self.differences().iter().map(Sides::of).collect()
    }

    /// Returns false if the effect is not known.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// Describes the change in one line, as a continuation of "it would".
    pub(crate) fn words(&self) -> String {
        let what = match self {
            Self::Create => "create the object",
            Self::Update(_) => "update the existing object",
            Self::Replace(_) => "replace the existing object",
            Self::Delete => "delete the existing object",
            Self::Nothing => "change nothing",
            Self::Unknown { why } => return format!("have an unknown effect ({why})"),
        };
        let sides = self.sides();
        let sides =
            sides.iter().map(|sides| format!("{} {} = {}", sides.symbol, sides.attribute, sides.text));
        match sides.collect::<Vec<_>>().join("; ") {
            differences if differences.is_empty() => what.to_owned(),
            differences => format!("{what} ({differences})"),
        }
    }

    /// Returns the differences.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        match self {
            Self::Update(differences) | Self::Replace(differences) => differences,
            _ => &[],
        }
    }
}

impl Serialize for PlannedChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let differences = match self {
            Self::Update(differences) | Self::Replace(differences) => Some(differences),
            Self::Create | Self::Delete | Self::Nothing | Self::Unknown { .. } => None,
        };
        let differences = differences.map(|all| all.iter().map(WrittenDifference::from).collect());
        let why = match self {
            Self::Unknown { why } => Some(why.clone()),
            _ => None,
        };
        Written { action: self.action().to_owned(), differences, why }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PlannedChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { action, differences, why } = Written::deserialize(deserializer)?;
        let differences = differences.map(|all| all.into_iter().map(Difference::try_from).collect());
        match (action.as_str(), differences.transpose().map_err(D::Error::custom)?, why) {
            ("create", None, None) => Ok(Self::Create),
            ("update", Some(differences), None) => Ok(Self::Update(differences)),
            ("replace", Some(differences), None) => Ok(Self::Replace(differences)),
            ("delete", None, None) => Ok(Self::Delete),
            ("nothing", None, None) => Ok(Self::Nothing),
            ("unknown", None, Some(why)) => Ok(Self::Unknown { why }),
            (other, ..) => Err(D::Error::custom(format!("there is no such change `{other}`"))),
        }
    }
}

/// A planned change as it is written: the `differences` of an update or a replacement, and `why` for an unknown
/// change.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<WrittenDifference>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDifference {
    attribute: String,
    was: ShownValue,
    will: ShownValue,
    replaces: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

impl From<&Difference> for WrittenDifference {
    fn from(difference: &Difference) -> Self {
        let Difference { attribute, was, will, replaces, because } = difference;
        let (attribute, because) = (attribute.clone(), because.clone());
        Self { attribute, was: was.into(), will: will.into(), replaces: *replaces, because }
    }
}

impl TryFrom<WrittenDifference> for Difference {
    type Error = JsonError;

    fn try_from(written: WrittenDifference) -> Result<Self, JsonError> {
        let WrittenDifference { attribute, was, will, replaces, because } = written;
        Ok(Self { attribute, was: was.to_value()?, will: will.to_value()?, replaces, because })
    }
}

/// A difference in words, such as `~`, `size`, `3 -> 5`.
pub(super) struct Sides<'a> {
    /// The symbol: `+` for an added value, `-` for a removed one, otherwise `~`.
    pub symbol: &'static str,
    /// The attribute.
    pub attribute: &'a str,
    /// The values.
    pub text: String,
    /// The lines that differ, if the values are texts of several lines.
    pub lines: Vec<ChangedLine>,
}

impl<'a> Sides<'a> {
    fn of(difference: &'a Difference) -> Self {
        let Difference { attribute, was, will, replaces, because } = difference;
        let is_nothing = |value: &Value| value.is_null() && !value.is_marked();
        let replaces = if *replaces { " (cannot be changed)" } else { "" };
        let side = |value| show_inline(value, SIDE);
        let (symbol, sides) = match (is_nothing(was), is_nothing(will)) {
            (true, _) => ("+", side(will)),
            (_, true) => ("-", side(was)),
            _ => ("~", format!("{} -> {}{}", side(was), side(will), unseen_difference(was, will, SIDE))),
        };
        let because = because.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        let lines = if because.is_empty() { lines(was, will) } else { Vec::new() };
        Self { symbol, attribute, text: format!("{sides}{replaces}{because}"), lines }
    }
}

/// Returns the lines that differ between two texts, if one of them has several lines.
fn lines(was: &Value, will: &Value) -> Vec<ChangedLine> {
    let text = |value: &Value| value.as_str().filter(|_| !value.is_marked()).map(str::to_owned);
    let is_small = |text: &String| text.len() <= LARGEST_TEXT;
    match (text(was).filter(is_small), text(will).filter(is_small)) {
        (Some(was), Some(will)) if was.contains('\n') || will.contains('\n') => changed_lines(&was, &will),
        _ => Vec::new(),
    }
}

/// The maximum number of characters of each side of a difference.
const SIDE: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_found_says_what_would_change() {
        let size = || Difference::new("size", 3_i64, 5_i64);
        let hidden = || json!({ "value": null, "sensitive": [[]] });
        let secret = || Difference::new("value", "old", "new").hidden(true);
        let cases = [
            (Existing::Absent, json!({ "action": "create" })),
            (Existing::Unwanted(None), json!({ "action": "delete" })),
            (Existing::unknown("it has no name"), json!({ "action": "unknown", "why": "it has no name" })),
            (
                Existing::Different(vec![size()], None),
                json!({ "action": "update", "differences": [
                    { "attribute": "size", "was": { "value": 3 }, "will": { "value": 5 }, "replaces": false },
                ] }),
            ),
            (
                Existing::Different(vec![secret(), size().replacing()], None),
                json!({ "action": "replace", "differences": [
                    { "attribute": "value", "was": hidden(), "will": hidden(), "replaces": false },
                    { "attribute": "size", "was": { "value": 3 }, "will": { "value": 5 }, "replaces": true },
                ] }),
            ),
        ];
        for (found, expected) in cases {
            let json = |change: &PlannedChange| serde_json::to_value(change).expect("JSON");
            assert_eq!(json(&PlannedChange::of(&found)), expected, "{found:?}");
            let again: PlannedChange = serde_json::from_value(expected.clone()).expect("a planned_change");
            assert_eq!(json(&again), expected);
        }
    }
}
