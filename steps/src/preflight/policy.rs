//! Compares access policies of key vaults with permissions.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::verdict::Verdict;
use crate::json::or_empty;

const PREFIX: &str = "microsoft.keyvault/vaults/";

/// Data actions whose access policy has another name.
const NAMES: [(&str, &str); 8] = [
    ("secrets/getsecret", "get"),
    ("secrets/setsecret", "set"),
    ("secrets/update", "set"),
    ("secrets/readmetadata", "list"),
    ("certificates/read", "get"),
    ("keys/read", "get"),
    ("keys/wrap", "wrapkey"),
    ("keys/unwrap", "unwrapkey"),
];

/// An access policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Policy {
    #[serde(default, deserialize_with = "or_empty")]
    object_id: String,
    /// Set if the policy is for the principal within this application alone.
    #[serde(default, deserialize_with = "or_empty")]
    application_id: String,
    /// The permissions for each kind of object: `secrets`, `keys`, `certificates`.
    #[serde(default, deserialize_with = "or_empty")]
    permissions: BTreeMap<String, Option<Vec<String>>>,
}

impl Policy {
    fn allows(&self, kind: &str, name: &str) -> bool {
        let of_kind = self.permissions.iter().filter(|(own, _)| own.eq_ignore_ascii_case(kind));
        let mut names = of_kind.flat_map(|(_, names)| names.iter().flatten());
        names.any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case("all"))
    }

    /// Returns the verdict of the policies of a vault on a data action of the principal `object_id`.
    pub fn verdict(all: &[Self], action: &str, object_id: Option<&str>) -> Verdict {
        let Some((kind, name)) = named(action) else {
            return Verdict::cannot_tell("the vault uses access policies, which have no such permission");
        };
        let Some(object_id) = object_id else {
            return Verdict::cannot_tell("the vault uses access policies, and the token names no object id");
        };
        let holders: Vec<&Self> = all.iter().filter(|policy| policy.allows(&kind, &name)).collect();
        let is_own = |policy: &&&Self| {
            policy.object_id.eq_ignore_ascii_case(object_id) && policy.application_id.is_empty()
        };
        match holders.iter().find(is_own) {
            Some(_) => Verdict::Yes,
            None if holders.is_empty() => Verdict::no(format!(
                "the vault uses access policies, and none has the permission {name} for {kind}"
            )),
            None => Verdict::cannot_tell(format!(
                "the vault uses access policies, and only others, perhaps groups, have the permission {name} for {kind}"
            )),
        }
    }
}

/// Returns the kind of object and the permission of an access policy that stand for a data action.
fn named(action: &str) -> Option<(String, String)> {
    let action = action.to_ascii_lowercase();
    let rest = action.strip_prefix(PREFIX)?;
    let rest = rest.strip_suffix("/action").unwrap_or(rest);
    let (kind, verb) = rest.split_once('/').filter(|(_, verb)| !verb.contains('/'))?;
    let name = NAMES.iter().find(|(own, _)| *own == rest).map_or(verb, |(_, name)| *name);
    Some((kind.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_the_principal_decides() {
        let text = r#"[
            {"objectId":"A","tenantId":"t","permissions":{"secrets":["Get","list"],"keys":null,"certificates":["all"]}},
            {"objectId":"a","applicationId":"other","permissions":{"secrets":["purge"]}},
            {"objectId":"group","permissions":{"secrets":["set"]}}
        ]"#;
        let policies: Vec<Policy> = serde_json::from_str(text).unwrap();
        let words = |action: &str, id: Option<&str>| {
            Policy::verdict(&policies, &format!("Microsoft.KeyVault/vaults/{action}"), id).words()
        };
        for (action, expected) in [
            ("secrets/getSecret/action", "yes"),
            ("secrets/readMetadata/action", "yes"),
            ("certificates/import/action", "yes"),
            ("certificates/read", "yes"),
            ("secrets/setSecret/action", "cannot tell"),
            ("secrets/purge/action", "cannot tell"),
            ("secrets/delete", "no"),
            ("keys/unwrap/action", "no"),
        ] {
            assert_eq!(words(action, Some("a")), expected, "{action}");
        }
        assert_eq!(words("secrets/getSecret/action", None), "cannot tell");
        assert_eq!(Policy::verdict(&policies, "A.B/c/read", Some("a")).words(), "cannot tell");
    }
}
