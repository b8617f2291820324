//! Properties of differences between runbooks that are made of random blocks.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::Value as Json;

use super::support::{difference, lines, write};
use crate::support::Place;

/// Blocks that go together in any selection.
const BLOCKS: [&str; 8] = [
    "step \"arm_get\" \"group\" {\n  path = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/b\"\n  api_version = \"2021-04-01\"\n}",
    "step \"arm_list\" \"all\" {\n  scope = \"/subscriptions/00000000-0000-0000-0000-000000000000\"\n}",
    "step \"keyvault_secret\" \"one\" {\n  vault = \"first-vault\"\n  name = \"x\"\n}",
    "step \"keyvault_secret\" \"many\" {\n  for_each = toset([\"alpha\", \"beta\"])\n  vault = each.key\n  name = \"x\"\n}",
    "step \"blob_upload\" \"up\" {\n  account = \"accountone\"\n  container = \"box\"\n  name = \"n\"\n  content = \"text\"\n}",
    "step \"file\" \"f\" {\n  path = \"/tmp/f\"\n  content = plantimestamp()\n}",
    "step \"exec\" \"run\" {\n  argv = [\"id\"]\n}",
    "step \"resource_group\" \"made\" {\n  name = \"made\"\n  subscription_id = \"00000000-0000-0000-0000-000000000000\"\n  location = \"westeurope\"\n}",
];

fn runbook() -> impl Strategy<Value = String> {
    subsequence(BLOCKS.to_vec(), 1..=BLOCKS.len())
        .prop_shuffle()
        .prop_map(|blocks| blocks.join("\n\n") + "\n")
}

fn permissions(difference: &Json, key: &str) -> BTreeSet<String> {
    let entry =
        |one: &Json| format!("{} {} {} {}", one["acts_as"], one["action"], one["plane"], one["scope"]);
    difference["permissions"][key].as_array().expect("a list").iter().map(entry).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A runbook differs from itself in nothing, and the permissions of one are those of another with the difference.
    #[test]
    fn permissions_add_up(old in runbook(), new in runbook()) {
        let place = Place::new();
        write(&place, "none", "output \"x\" {\n  value = 1\n}\n");
        write(&place, "old", &old);
        write(&place, "new", &new);
        prop_assert_eq!(lines(&difference(&place, "old", "old")), Vec::<String>::new());
        let whole = |name| permissions(&difference(&place, "none", name), "added");
        let between = difference(&place, "old", "new");
        let (added, removed) = (permissions(&between, "added"), permissions(&between, "removed"));
        let mut expected = whole("old");
        prop_assert!(removed.is_subset(&expected));
        expected.retain(|one| !removed.contains(one));
        prop_assert!(added.is_disjoint(&expected));
        expected.extend(added);
        prop_assert_eq!(expected, whole("new"));
    }
}
