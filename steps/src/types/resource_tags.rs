//! The step type `resource_tags`.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Difference, Effect, Existing, Outputs, Prior,
    Receipt, Response, StepError, Text, Title,
};
use arcbook_engine::value::Value;

use super::tags_undo::PutTagsBack;
use crate::arm::ResourcePath;
use crate::azure::Azure;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::tags::{Patch, Tags, TagsOf};
use crate::undo::Undo;
use crate::words;

/// Keeps some tags of a resource, a resource group or a subscription as declared; other tags stay as they are.
///
/// Names ignore case, values do not. The step needs a right on the tags, and none on the resource itself. An undo gives
/// the tags that the step changed their earlier values.
#[derive(Arguments, Debug)]
pub struct ResourceTags {
    /// Id of the subscription, resource group or resource.
    id: Arg<ResourcePath>,
    /// Tags to set.
    #[argument(sink = "setting")]
    tags: Option<Arg<BTreeMap<String, String>>>,
    /// Names of tags to remove.
    remove: Option<Arg<BTreeSet<String>>>,
}

/// The outputs of `resource_tags`.
#[derive(Outputs, Debug)]
pub struct Tagged {
    /// All tags afterwards.
    #[output(from(id, tags))]
    tags: BTreeMap<String, String>,
}

impl ResourceTags {
    fn path(&self) -> Text {
        Text::new().then_parts(&self.id, ResourcePath::encoded)
    }

    fn declared(&self) -> BTreeMap<String, String> {
        self.tags.as_ref().and_then(Arg::value).cloned().unwrap_or_default()
    }

    fn unwanted(&self) -> BTreeSet<String> {
        self.remove.as_ref().and_then(Arg::value).cloned().unwrap_or_default()
    }

    /// Returns the request that sets the tags, and the one that removes others, as far as there are any.
    fn changes(&self, azure: &Azure) -> [Option<Action>; 2] {
        let of = TagsOf::new(azure, &self.path());
        let body =
            |known: bool, patch: Patch, tags: Tags| if known { patch.body(&tags) } else { Body::Unknown };
        let set = self.tags.as_ref().map(|tags| body(tags.value().is_some(), Patch::Merge, self.declared()));
        let names = self.unwanted().into_iter().map(|name| (name, String::new())).collect();
        let removed =
            self.remove.as_ref().map(|names_arg| body(names_arg.value().is_some(), Patch::Delete, names));
        [set, removed].map(|body| body.map(|body| of.patch(body)))
    }

    /// Returns the differences between `actual` and the declared tags.
    fn differences(&self, actual: &Tags) -> Vec<Difference> {
        let path = |name: &str| format!("tags.{name}");
        let set = self.declared().into_iter().filter_map(|(name, wanted)| {
            let own =
                actual.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name)).map(|(_, value)| value);
            let was = own.map_or(Value::NULL, |own| Value::string(own.clone()));
            // The existing value of a tag that is declared as a secret is an older secret.
            (own != Some(&wanted))
                .then(|| Difference::new(path(&name), was, wanted).hidden(self.has_secrets()))
        });
        let is_unwanted = |name: &String| self.unwanted().iter().any(|own| own.eq_ignore_ascii_case(name));
        let removed = actual.iter().filter(|(name, _)| is_unwanted(name));
        let removed = removed.map(|(name, value)| Difference::new(path(name), value.clone(), Value::NULL));
        set.chain(removed).collect()
    }

    /// Returns the earlier values of the tags that the step changes; null for a tag that did not exist.
    fn prior(&self, actual: &Tags) -> Value {
        let names = self.declared().into_keys().chain(self.unwanted());
        Value::object(names.map(|name| {
            let own = actual.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name));
            (name, own.map_or(Value::NULL, |(_, value)| Value::string(value.clone())))
        }))
    }
}

impl TypedStep for ResourceTags {
    const TYPE: &'static str = "resource_tags";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "resource_tags" "owner" {
  id   = "/subscriptions/${step.metadata.machine.subscription_id}/resourceGroups/sandbox"
  tags = { owner = "operations", machine = step.metadata.machine.name }
}

output "tags" {
  value = step.resource_tags.owner.tags
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    type Output = Tagged;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let odd = |name: &String| {
            name.is_empty() || name.len() > 512 || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        };
        let mut errors = Vec::new();
        if self.tags.is_none() && self.remove.is_none() {
            errors.push(ArgumentError::new("tags", "must be given, or `remove`"));
        }
        if self.declared().iter().any(|(name, value)| odd(name) || value.chars().count() > 256) {
            let help = "a name has 1 to 512 characters without < > % & \\ ? /, a value at most 256";
            errors.push(
                ArgumentError::new("tags", "has a name or a value that Azure does not accept").help(help),
            );
        }
        let both = |name: &String| self.declared().keys().any(|own| own.eq_ignore_ascii_case(name));
        if self.unwanted().iter().any(both) {
            errors.push(ArgumentError::new("remove", "has the name of a tag that `tags` sets"));
        }
        errors
    }

    fn title(&self) -> Title {
        Title::new("tags").placed(format!("of {}", words::scope(&self.path())))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let changes = self.changes(azure).into_iter().flatten();
        std::iter::once(TagsOf::new(azure, &self.path()).read()).chain(changes).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Tagged>>, StepError> {
        let read = TagsOf::new(session.azure(), &self.path()).read();
        let answer = match session.send(&read).await {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let actual = crate::tags::of(&answer)?;
        let found = self.differences(&actual);
        if found.is_empty() {
            let tagged = Tagged { tags: actual };
            let done = match session.before() {
                Some(_) => Done::changed(tagged, Change::Updated),
                None => Done::unchanged(tagged),
            };
            return Ok(Existing::AsWanted(done.body(answer.value()?)));
        }
        let prior = (!session.is_sensitive() && !self.has_secrets()).then(|| Prior::of(self.prior(&actual)));
        Ok(Existing::Different(found, prior))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        PutTagsBack::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Tagged>, StepError> {
        let mut last = None;
        for change in self.changes(session.azure()).into_iter().flatten() {
            // A second change that fails leaves the first one made.
            let sent = session.send(&change).await;
            last = Some(if last.is_some() { sent.map_err(StepError::uncertain)? } else { sent? });
        }
        let answer = last.ok_or_else(|| StepError::internal("the step has no tags"))?;
        let tags = crate::tags::of(&answer)?;
        let set = Value::string_map(self.declared());
        let id = Value::string(self.id.get()?.as_str().to_owned());
        let receipt = Value::object([("id", id), ("tags", set)]);
        Ok(Done::changed(Tagged { tags }, Change::Updated).receipt(receipt).body(answer.value()?))
    }
}

impl ResourceTags {
    fn has_secrets(&self) -> bool {
        self.tags.as_ref().is_some_and(Arg::is_sensitive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_tags_are_compared_and_names_ignore_case() {
        let map = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let actual = map(&[("Env", "prod"), ("owner", "ops"), ("old", "x")]);
        for (tags, remove, expected) in [
            (map(&[("env", "prod")]), &[][..], &[][..]),
            (map(&[("env", "PROD")]), &[], &["tags.env"]),
            (map(&[("new", "x"), ("owner", "ops")]), &[], &["tags.new"]),
            (map(&[]), &["OLD", "none"], &["tags.old"]),
        ] {
            let step = ResourceTags {
                id: Arg::known(ResourcePath::parse("/subscriptions/s").unwrap()),
                tags: Some(Arg::known(tags)),
                remove: Some(Arg::known(remove.iter().map(|name| (*name).to_owned()).collect())),
            };
            let found: Vec<String> =
                step.differences(&actual).into_iter().map(|found| found.attribute).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn an_older_secret_is_in_no_difference() {
        let tags = |value: &str| Tags::from([("key".to_owned(), value.to_owned())]);
        for sensitive in [false, true] {
            let step = ResourceTags {
                id: Arg::known(ResourcePath::parse("/subscriptions/s").unwrap()),
                tags: Some(Arg::Known { value: tags("new"), sensitive }),
                remove: None,
            };
            let found = step.differences(&tags("old"));
            let hidden: Vec<_> = found.iter().map(|found| found.was.is_marked()).collect();
            assert_eq!(hidden, [sensitive]);
        }
    }
}
