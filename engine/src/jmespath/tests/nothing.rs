//! Explanations of queries that find nothing.

use super::{Query, json};
use crate::value::{Marks, Value};

const RESOURCES: &str = r#"{"value": [
    {"type": "Microsoft.KeyVault/vaults", "name": "kv", "tags": {"env": "prod"}, "size": 1, "secretKey": "hunter2"},
    {"type": "Microsoft.Storage/storageAccounts", "name": "st", "tags": null, "size": 2, "secretKey": "hunter2"},
    {"type": "Microsoft.Storage/storageAccounts", "name": "st2", "tags": {"env": "test"}, "properties": {"state": "On"}}
], "empty": [], "none": null, "one": {"a": 1}}"#;

/// Returns the reason and the help for a query that finds nothing.
fn told(query: &str, value: &Value, may_tell: &dyn Fn(&str) -> bool) -> String {
    let parsed = Query::parse(query).expect(query);
    let found = parsed.search(value).expect(query);
    assert!(found.is_null() || found == Value::tuple([]), "{query} finds {found:?}");
    let nothing = parsed.nothing(value, may_tell);
    let reason = nothing.reason.unwrap_or_default();
    std::iter::once(reason).chain(nothing.help).collect::<Vec<_>>().join("; ")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_part_that_finds_nothing_is_told() {
    let types =
        "existing values of `type`: `Microsoft.Storage/storageAccounts` (2), `Microsoft.KeyVault/vaults` (1)";
    let no_type = "none of 3 items has the `type` that the query asks for";
    let vault = format!("{no_type}; did you mean `Microsoft.KeyVault/vaults`?; {types}");
    let names = "existing values of `name`: `kv` (1), `st` (1), `st2` (1)";
    let no_name = format!("none of 3 items has the `name` that the query asks for; {names}");
    let members = "the members are `empty`, `none`, `one`, `value`";
    let cases = [
        ("value[?type=='Microsoft.KeyVault/vault'].name | [0]", &*vault),
        ("value[?'Microsoft.KeyVault/vault'==type].{n: name}", &vault),
        ("value[?type=='microsoft.keyvault/vaults']", &vault),
        ("value[?type=='Microsoft.KeyVault/vault' && name=='kv'] | [0].name", &vault),
        ("value[?name=='kv' && type=='Microsoft.KeyVault/vault'].name", &vault),
        ("value[?type=='Microsoft.KeyVault/vault' || type=='x'].name", &vault),
        ("sort_by(value[?type=='Microsoft.KeyVault/vault'], &name)[0].name", &vault),
        ("let $t = 'Microsoft.KeyVault/vault' in value[?type=='Microsoft.KeyVault/vault'] | [0]", &vault),
        ("value[?type=='Microsoft.KeyVault/vault'].name | [0] || none", &vault),
        (
            "value[?lower(type)=='x']",
            &*format!(
                "{no_type}; existing values of `type`: `microsoft.storage/storageaccounts` (2), `microsoft.keyvault/vaults` (1)"
            ),
        ),
        ("value[?starts_with(name, 'web')]", &no_name),
        ("value[?contains(name, 'web')].type | [0]", &no_name),
        (
            "value[?tags.env=='dev']",
            "none of 3 items has the `tags.env` that the query asks for; existing values of `tags.env`: `prod` (1), `test` (1)",
        ),
        (
            "value[?size=='1']",
            "none of 3 items has the `size` that the query asks for; did you mean `1`?; existing values of `size`: `1` (1), `2` (1)",
        ),
        (
            "value[?size > `5`].name | [0]",
            "none of 3 items has the `size` that the query asks for; existing values of `size`: `1` (1), `2` (1)",
        ),
        ("value[?typ=='x']", "none of 3 items has a `typ`; did you mean `type`?"),
        (
            "value[?kind=='x']",
            "none of 3 items has a `kind`; the members of the items are `name`, `properties`, `secretKey`, `size`, `tags`, `type`",
        ),
        ("value[?properties.stat=='x']", "none of 3 items has a `properties.stat`"),
        ("value[?secretKey=='x']", "none of 3 items has the `secretKey` that the query asks for"),
        (
            "value[?name=='kv' && size==`2`]",
            "none of 3 items meets all conditions, although each condition is met by some item",
        ),
        ("value[?!name]", "none of 3 items meets the condition"),
        ("value[?name=='kv'].nam | [0]", "there is no member `nam`; did you mean `name`?"),
        ("value[*].nam | [0]", "there is no member `nam`; did you mean `name`?"),
        ("valeu[0].name", "there is no member `valeu`; did you mean `value`?"),
        ("items[*].name", &format!("there is no member `items`; {members}")),
        ("value[7].name", "there is no element 7 among 3 items"),
        (
            "value.name",
            "the query expects an object here, but finds a list; to look into each element of a list, write `[].name`",
        ),
        ("one[?a==`1`]", "the query expects a list here, but finds an object"),
        ("one[0]", "the query expects a list here, but finds an object"),
        ("empty[?a=='x'].b | [0]", "`empty` is empty"),
        ("none.a.b", "`none` is null"),
        ("max_by(empty, &a).b", "`empty` is empty"),
    ];
    let value = json(RESOURCES);
    for (query, expected) in cases {
        assert_eq!(told(query, &value, &|_| true), expected, "{query}");
    }
    assert_eq!(told("[?a=='x']", &json("[]"), &|_| true), "the list is empty");
}

#[test]
fn what_may_not_be_told_is_not_quoted() {
    let may_tell = |text: &str| !text.contains("KeyVault") && text != "value";
    let value = json(RESOURCES);
    let seen = told("value[?type=='Microsoft.KeyVault/vault']", &value, &may_tell);
    assert!(!seen.contains("KeyVault") && seen.contains("storageAccounts` (2)"), "{seen}");
    let seen = told("valeu[0]", &value, &may_tell);
    assert!(!seen.contains("`value`"), "{seen}");
    let nothing = told("value[?type=='Microsoft.KeyVault/vault']", &value, &|_| false);
    assert_eq!(nothing, "none of 3 items has the `type` that the query asks for");
    let secret = |marks: &Marks| {
        let key = Value::from("k").with_marks(marks);
        Value::object([("value", json(RESOURCES)), ("key", key)])
    };
    for marks in [Marks::sensitive("step.a.b"), Marks::ephemeral("step.a.b")] {
        let seen = told("value[?type=='x'] | [0]", &secret(&marks), &|_| true);
        assert_eq!(seen, "the response is sensitive or ephemeral, so it is not shown");
    }
}

#[test]
fn what_is_quoted_is_bounded() {
    let item = |at: usize| format!(r#"{{"type": "t{at}", "long": "{}", "m{at}": 1}}"#, "x".repeat(at + 60));
    let value = json(&format!("[{}]", (0..500).map(item).collect::<Vec<_>>().join(",")));
    for query in ["[?type=='x']", "[?long=='x']", "[?kind=='x']", "[?type=='x' && kind=='y']"] {
        let seen = told(query, &value, &|_| true);
        assert!(seen.len() < 1000, "{query}: {seen}");
    }
    assert!(told("[?type=='x']", &value, &|_| true).ends_with("`t104` (1) and 492 more"));
}
