//! Describes the change that a step would make.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, json};

use crate::redact::Redact;
use crate::step::{Difference, Existing};
use crate::value::{JsonError, Value, show_inline, unseen_difference};

use super::public_json::from_public_json;
use super::to_public_json;

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
            Existing::Unknown => Self::unknown("the existing state is unknown"),
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

    /// Describes the change for people: a line for each difference, or the reason why it is not known.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Create | Self::Delete => Vec::new(),
            Self::Nothing => vec!["no changes: already as wanted".to_owned()],
            Self::Unknown { why } => vec![format!("its effect is unknown: {why}")],
            Self::Update(differences) | Self::Replace(differences) => lines(differences),
        }
    }

    /// Describes the change in one line, as a continuation of "it would".
    pub(super) fn words(&self) -> String {
        let what = match self {
            Self::Create => "create a resource",
            Self::Update(_) => "update the existing resource",
            Self::Replace(_) => "replace the existing resource",
            Self::Delete => "delete the existing resource",
            Self::Nothing => "change nothing",
            Self::Unknown { why } => return format!("have an unknown effect ({why})"),
        };
        match lines(self.differences()).join("; ") {
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

    /// Returns JSON with `action`, the `differences` of an update or a replacement, and `why` for an unknown
    /// change.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut json = json!({ "action": self.action() });
        match self {
            Self::Update(differences) | Self::Replace(differences) => {
                json["differences"] = differences.iter().map(difference).collect();
            }
            Self::Unknown { why } => json["why"] = why.as_str().into(),
            Self::Create | Self::Delete | Self::Nothing => {}
        }
        json
    }
}

impl Serialize for PlannedChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PlannedChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { action, differences, why } = Written::deserialize(deserializer)?;
        let differences = || differences.into_iter().map(Difference::try_from).collect::<Result<_, _>>();
        match action.as_str() {
            "create" => Ok(Self::Create),
            "update" => differences().map(Self::Update).map_err(D::Error::custom),
            "replace" => differences().map(Self::Replace).map_err(D::Error::custom),
            "delete" => Ok(Self::Delete),
            "nothing" => Ok(Self::Nothing),
            "unknown" => Ok(Self::unknown(why)),
            other => Err(D::Error::custom(format!("there is no change `{other}`"))),
        }
    }
}

/// A planned change as [`PlannedChange::to_json`] writes it.
#[derive(Deserialize)]
struct Written {
    action: String,
    #[serde(default)]
    differences: Vec<WrittenDifference>,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
struct WrittenDifference {
    attribute: String,
    was: Json,
    will: Json,
    replaces: bool,
}

impl TryFrom<WrittenDifference> for Difference {
    type Error = JsonError;

    fn try_from(written: WrittenDifference) -> Result<Self, JsonError> {
        let WrittenDifference { attribute, was, will, replaces } = written;
        Ok(Self { attribute, was: from_public_json(&was)?, will: from_public_json(&will)?, replaces })
    }
}

/// Writes `~ size = 3 -> 5` per difference, with `+` for an added value and `-` for a removed one.
fn lines(differences: &[Difference]) -> Vec<String> {
    let width = differences.iter().map(|difference| difference.attribute.len()).max().unwrap_or(0);
    let is_nothing = |value: &Value| value.is_null() && !value.is_marked();
    let line = |Difference { attribute, was, will, replaces }: &Difference| {
        let replaces = if *replaces { " (cannot be changed)" } else { "" };
        let side = |value| show_inline(value, SIDE);
        let (symbol, sides) = match (is_nothing(was), is_nothing(will)) {
            (true, _) => ('+', side(will)),
            (_, true) => ('-', side(was)),
            _ => ('~', format!("{} -> {}{}", side(was), side(will), unseen_difference(was, will, SIDE))),
        };
        format!("{symbol} {attribute:width$} = {sides}{replaces}")
    };
    differences.iter().map(line).collect()
}

/// The maximum number of characters of each side of a difference.
const SIDE: usize = 60;

fn difference(difference: &Difference) -> Json {
    json!({
        "attribute": difference.attribute,
        "was": to_public_json(&difference.was),
        "will": to_public_json(&difference.will),
        "replaces": difference.replaces,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_says_what_would_change() {
        let size = || Difference::new("size", 3_i64, 5_i64);
        let secret = || Difference::new("value", "old", "new").hidden(true);
        let cases = [
            (Existing::Absent, json!({ "action": "create" })),
            (Existing::Unwanted(None), json!({ "action": "delete" })),
            (Existing::Unknown, json!({ "action": "unknown", "why": "the existing state is unknown" })),
            (
                Existing::Different(vec![size()], None),
                json!({ "action": "update", "differences": [
                    { "attribute": "size", "was": 3, "will": 5, "replaces": false },
                ] }),
            ),
            (
                Existing::Different(vec![secret(), size().replacing()], None),
                json!({ "action": "replace", "differences": [
                    { "attribute": "value", "was": "(sensitive value)", "will": "(sensitive value)", "replaces": false },
                    { "attribute": "size", "was": 3, "will": 5, "replaces": true },
                ] }),
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(PlannedChange::of(&found).to_json(), expected, "{found:?}");
            let again: PlannedChange = serde_json::from_value(expected.clone()).expect("a planned_change");
            assert_eq!(again.to_json(), expected);
        }
    }
}
