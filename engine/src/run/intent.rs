//! Describes the change that a step is about to make, and compares it with that of an earlier run.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::redact::{Secrets, may_be_same};
use crate::step::{Action, ActionFacts};
use crate::value::Value;

/// The change that a step is about to make: its arguments and its target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intent {
    /// The fingerprint of the arguments, except those that differ in every run; empty if the step has none.
    pub fingerprint: String,
    /// The objects that the actions change: URLs without their queries, paths, programs.
    pub target: Vec<String>,
    /// The arguments whose text appears in the target, without the text of any secret: they describe the
    /// target to people and reveal nothing beyond it.
    pub arguments: BTreeMap<String, String>,
}

/// The result of comparing an intent with a recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The arguments are the same, as far as the record shows. The target may differ in values that differ in
    /// every run.
    Same,
    /// The arguments differ; the target is the same.
    OtherArguments,
    /// The target differs.
    OtherTarget,
}

impl Intent {
    /// Returns the intent of a step with these arguments and actions.
    pub fn of<'a>(
        fingerprint: String,
        arguments: impl Iterator<Item = (&'a str, &'a Value)>,
        actions: &[Action],
        secrets: &Secrets,
    ) -> Self {
        let facts: Vec<ActionFacts> = actions.iter().map(ActionFacts::brief).collect();
        let target: Vec<String> =
            targets(&facts).into_iter().map(|target| secrets.redact(&target).into_owned()).collect();
        let argument = |(name, value): (&str, &Value)| {
            let text = value.as_str().filter(|text| !text.is_empty() && !value.is_marked())?;
            let text = secrets.redact(text);
            let is_in_target = target.iter().any(|url| url.contains(&*text));
            is_in_target.then(|| (name.to_owned(), text.into_owned()))
        };
        let arguments = arguments.filter_map(argument).collect();
        Self { fingerprint, target, arguments }
    }

    /// Compares this recorded intent with the current one.
    #[must_use]
    pub fn compare(&self, now: &Self) -> Comparison {
        if self.fingerprint == now.fingerprint && !now.fingerprint.is_empty() {
            Comparison::Same
        } else if !is_same_target(&self.target, &now.target) {
            Comparison::OtherTarget
        } else {
            Comparison::OtherArguments
        }
    }

    /// Describes for people how the current intent differs: in its arguments, and in its target if that
    /// differs.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let both =
            self.arguments.iter().filter_map(|(name, was)| Some((name, was, now.arguments.get(name)?)));
        let others = both.filter(|(_, was, is)| was != is);
        let mut found: Vec<String> = others
            .map(|(name, was, is)| format!("`{name}` was {}, is {}", quoted(was), quoted(is)))
            .collect();
        if !is_same_target(&self.target, &now.target) {
            found.push(format!(
                "the target was {}, is {}",
                self.target.join(" and "),
                now.target.join(" and ")
            ));
        }
        found
    }
}

/// Returns a text in quotes, with special characters escaped.
fn quoted(text: &str) -> Json {
    text.into()
}

/// Returns the objects that the actions change, each once.
pub fn targets(actions: &[ActionFacts]) -> Vec<String> {
    let mut targets = Vec::new();
    for target in actions.iter().filter_map(ActionFacts::target) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// Returns true if two lists of targets are the same, as far as they are not redacted.
///
/// Redaction depends on the secrets known at the time, which differ from run to run.
#[must_use]
pub fn is_same_target(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| may_be_same(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{HttpRequest, Method};
    use crate::value::Marks;

    fn intent(fingerprint: &str, account: &str, content: &str) -> Intent {
        let arguments = [("account", Value::from(account)), ("content", Value::from(content))];
        let url = format!("https://{account}.test/new/a.txt");
        let actions = [
            HttpRequest::new(Method::Head, url.clone().into()).action(),
            HttpRequest::new(Method::Put, format!("{url}?x=1").into()).action(),
        ];
        Intent::of(
            fingerprint.to_owned(),
            arguments.iter().map(|(name, value)| (*name, value)),
            &actions,
            &Secrets::new(),
        )
    }

    #[test]
    fn what_differs_is_told_from_what_is_aimed_elsewhere() {
        let then = intent("1", "acc01", "a long text");
        assert_eq!(then.arguments.keys().collect::<Vec<_>>(), ["account"], "a text is in no record");
        assert_eq!(then.target, ["https://acc01.test/new/a.txt"]);
        let cases: [(Intent, Comparison, &[&str]); 4] = [
            (intent("1", "acc01", "a long text"), Comparison::Same, &[]),
            // Values that differ in every run appear in the target only.
            (
                intent("1", "acc03", "a long text"),
                Comparison::Same,
                &[
                    r#"`account` was "acc01", is "acc03""#,
                    "the target was https://acc01.test/new/a.txt, is https://acc03.test/new/a.txt",
                ],
            ),
            (intent("2", "acc01", "another"), Comparison::OtherArguments, &[]),
            (
                intent("2", "acc02", "a long text"),
                Comparison::OtherTarget,
                &[
                    r#"`account` was "acc01", is "acc02""#,
                    "the target was https://acc01.test/new/a.txt, is https://acc02.test/new/a.txt",
                ],
            ),
        ];
        for (now, comparison, differences) in cases {
            assert_eq!(
                (then.compare(&now), then.differences(&now)),
                (comparison, differences.iter().map(ToString::to_string).collect())
            );
        }
    }

    #[test]
    fn no_secret_is_in_it_and_a_target_that_is_blotted_out_is_any() {
        let secrets = Secrets::new();
        secrets.add("hunter2");
        let arguments = [
            ("a", Value::from("x").with_marks(&Marks::sensitive("var.a"))),
            ("b", "b".into()),
            ("c", "hunter2/b".into()),
        ];
        let actions = [HttpRequest::new(Method::Put, "https://a.test/hunter2/b".into()).action()];
        let intent = Intent::of(
            String::new(),
            arguments.iter().map(|(name, value)| (*name, value)),
            &actions,
            &secrets,
        );
        let arguments: Vec<_> = intent.arguments.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(arguments, [("b", "b"), ("c", "(sensitive)/b")]);
        let same = |one: &str, other: &str| is_same_target(&[one.to_owned()], &[other.to_owned()]);
        for (one, other, expected) in [
            (intent.target[0].as_str(), "https://a.test/hunter2/b", true),
            ("https://a.test/hunter2/b", "https://a.test/(sensitive)/b", true),
            ("https://a.test/x/c", "https://a.test/(sensitive)/b", false),
            ("https://a.test/x/b", "https://b.test/(sensitive)/b", false),
            ("https://a.test/1/2/3", "https://a.test/(sensitive)/2/(sensitive)", true),
            ("https://a.test/1/2/", "https://a.test/(sensitive)/3/(sensitive)", false),
        ] {
            assert_eq!(same(one, other), expected, "{one} {other}");
        }
        assert!(!is_same_target(&[], &["x".to_owned()]) && is_same_target(&[], &[]));
    }
}
