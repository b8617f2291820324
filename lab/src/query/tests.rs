//! Queries and their rows.

use serde_json::{Value, json};

use super::evaluate::Row;
use super::{parse, run};

fn rows() -> Vec<Row> {
    let machine = |name: &str, status: &str, os: &str, cores: u32| {
        json!({
            "id": format!("/s/{name}"), "name": name, "type": "microsoft.hybridcompute/machines",
            "tags": { "env": if cores > 2 { "prod" } else { "test" } },
            "properties": { "status": status, "osType": os, "cores": cores },
        })
    };
    let vault = json!({ "id": "/s/kv", "name": "kv", "type": "microsoft.keyvault/vaults", "tags": null });
    let all = [machine("web01", "Connected", "linux", 4), machine("web02", "Expired", "windows", 2), vault];
    all.into_iter().map(|row| row.as_object().cloned().unwrap()).collect()
}

fn answer(query: &str) -> String {
    match parse(query) {
        Ok(query) => {
            Value::from(run(&query, rows()).into_iter().map(Value::from).collect::<Vec<_>>()).to_string()
        }
        Err(error) => format!("{}: {}", error.at, error.reason),
    }
}

#[test]
fn queries_are_answered() {
    for (query, expected) in [
        ("resources | project name", r#"[{"name":"web01"},{"name":"web02"},{"name":"kv"}]"#),
        ("Resources | where type =~ 'Microsoft.KeyVault/Vaults' | project name", r#"[{"name":"kv"}]"#),
        ("where name == 'web01' | project s = tostring(properties.status)", r#"[{"s":"Connected"}]"#),
        (
            "resources | where properties.status == 'Connected' | project properties.osType",
            r#"[{"properties_osType":"linux"}]"#,
        ),
        (
            "resources | where name startswith 'WEB' and not(properties['osType'] == \"linux\") | project name",
            r#"[{"name":"web02"}]"#,
        ),
        (
            "resources | where name in ('kv', 'web01') | order by name asc | project name",
            r#"[{"name":"kv"},{"name":"web01"}]"#,
        ),
        (
            "resources | where name !in~ ('KV') | order by name | take 1 | project name",
            r#"[{"name":"web02"}]"#,
        ),
        (
            "resources | where properties.cores >= 4 or isnull(tags) | project name",
            r#"[{"name":"web01"},{"name":"kv"}]"#,
        ),
        (
            "resources | summarize count() by type | order by count_",
            r#"[{"type":"microsoft.hybridcompute/machines","count_":2},{"type":"microsoft.keyvault/vaults","count_":1}]"#,
        ),
        ("resources | summarize total = count()", r#"[{"total":3}]"#),
        ("resources | count", r#"[{"Count":3}]"#),
        ("resources | where name contains 'EB0' | count", r#"[{"Count":2}]"#),
        ("resources | where type has 'keyvault' | count // one", r#"[{"Count":1}]"#),
        ("resources | where type has 'vault' | count", r#"[{"Count":0}]"#),
        ("resources | distinct env = tostring(tags.env)", r#"[{"env":"prod"},{"env":"test"},{"env":""}]"#),
        (
            "resources | where name == 'kv' | extend x = strcat(name, '-', 1.0) | project-away id, type, tags",
            r#"[{"name":"kv","x":"kv-1.0"}]"#,
        ),
        ("resources | project x = 'it\\'s' | limit 1", r#"[{"x":"it's"}]"#),
    ] {
        assert_eq!(answer(query), expected, "{query}");
    }
}

#[test]
fn anything_else_is_an_error_with_its_place() {
    for (query, expected) in [
        ("", "0: expected is a table"),
        ("heartbeat", "0: the tables are resources and resourcecontainers"),
        ("resources | join x", "12: the operators are"),
        ("resources | where", "17: expected is a value"),
        ("resources | where name == 'x", "26: a text without an end"),
        ("resources | where foo(name)", "18: the functions are"),
        ("resources | where tolower() == 1", "18: tolower takes another number of arguments"),
        ("resources | take many", "17: expected is a whole number"),
        ("resources | summarize avg(x)", "22: the only aggregation is count()"),
        ("resources; drop", "9: an unexpected character"),
        ("resources where name", "10: expected is `|` or the end"),
    ] {
        assert!(answer(query).starts_with(expected), "{query}: {}", answer(query));
    }
    assert!(
        answer(&format!("resources | where {}1{}", "(".repeat(900), ")".repeat(900))).contains("too deeply")
    );
}

/// A query as long as a request may be: it takes no stack and no more time than its length.
#[test]
fn a_very_long_query_is_answered() {
    for word in [" or ", " and "] {
        let conditions = vec!["name == 'kv'"; 100_000].join(word);
        assert_eq!(answer(&format!("resources | where {conditions} | count")), r#"[{"Count":1}]"#);
    }
    let members = answer(&format!("resources | project tags{}", ".a".repeat(100_000)));
    assert!(members.contains("nested too deeply"), "{members}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered_or_refused(text in "(resources|where|project|take| |\\||'|\\(|\\)|a|=~|!in|1|é|,|\\.|\\[|\\]){0,20}") {
        let _ = answer(&text);
    }
}
