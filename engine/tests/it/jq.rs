//! Queries as filters of jq: the program gives what the query gives, or stops.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use arcbook_engine::jmespath::Query;
use arcbook_engine::value::Value;
use serde_json::{Value as Json, json};

/// The text that stands for a filter that stops.
const STOPS: &str = "(stops)";

fn documents() -> Vec<Json> {
    vec![
        json!({
            "value": [
                { "name": "a", "type": "Microsoft.KeyVault/vaults", "size": 3, "tags": { "env": "prod" }, "list": ["x", "y"] },
                { "name": "b", "type": "microsoft.keyvault/VAULTS", "size": 11, "tags": null, "list": [] },
                { "name": "c", "type": "Microsoft.Storage/storageAccounts", "size": 3, "tags": { "k8s-svc": "on" } },
                { "name": null, "type": "x/y", "size": -1.5, "list": [["deep"], null] },
            ],
            "id": "https://v.vault.azure.net/secrets/scenario/0123",
            "compute": { "tagsList": [{ "name": "b", "value": "2" }, { "name": "a", "value": "1" }], "osType": "Linux" },
            "empty": [], "flag": false, "nothing": null, "word": "Größe",
        }),
        json!({ "value": [] }),
        json!({ "value": null, "id": "", "word": "plain" }),
        json!([1, "two", null]),
    ]
}

const QUERIES: &[&str] = &[
    "@",
    "value[].name",
    "value[*].name",
    "value[?type=='Microsoft.KeyVault/vaults'].name | [0]",
    "value[?lower(type)=='microsoft.keyvault/vaults'].name | [0]",
    "value[?lower(type)=='microsoft.keyvault/vaults'].name",
    "value[0].tags.env",
    "value[-1].name",
    "value[2].tags.\"k8s-svc\"",
    "value[?tags.env=='prod'] | [0].name",
    "value[?size > `3`].name",
    "value[?size <= `3` && type != 'x/y'].name",
    "value[?name].size",
    "value[?!name].size",
    "value[?tags].name",
    "value[?tags && name=='a'].name",
    "value[?name=='a' || name=='c'].size",
    "value[].list[]",
    "value[].list",
    "value[*].list[0]",
    "value[1:3].name",
    "value[:2].name",
    "value[-2:].name",
    "value[:]",
    "value[].[name, size]",
    "value[].{n: name, t: type}",
    "value[?contains(type, 'vault')].name",
    "value[?starts_with(type, 'Microsoft')].name",
    "value[?ends_with(type, 'y')].size",
    "value[?contains(list || `[]`, 'y')].name",
    "split(id, '/')[-1]",
    "split(id, '/')[2:4]",
    "join('-', value[].name)",
    "join('/', ['/subscriptions', compute.osType])",
    "from_items(compute.tagsList[].[name, value])",
    "items(compute)[0][0]",
    "compute.*",
    "*.osType",
    "keys(compute)",
    "values(compute)",
    "length(value)",
    "length(id)",
    "length(nothing)",
    "lower(word)",
    "upper(word)",
    "sort(value[].name)",
    "sort(value[].size)",
    "sort(value[].[name][])",
    "sort_by(value, &size)[].name",
    "sort_by(value, &type)[0].name",
    "reverse(value)[0].size",
    "map(&name, value)",
    "not_null(nothing, flag, id)",
    "nothing || id",
    "flag && id",
    "id && word",
    "empty || 'none'",
    "type(value)",
    "`{\"a\": [1, \"\\\\(x)\"]}`",
    "value == `[]`",
    "size < `3`",
    "id < word",
    "a.b.c",
    "value.name",
    "@[1]",
    "to_array(id)",
    "let $x = id in $x",
    "value[::2]",
    "max(value[].size)",
];

#[test]
fn a_filter_gives_what_the_query_gives_or_stops() {
    let documents = documents();
    let mut refused = Vec::new();
    let mut program = String::new();
    let mut asked = Vec::new();
    let mut needs = BTreeSet::new();
    for query in QUERIES {
        let parsed = Query::parse(query).expect(query);
        let filter = match parsed.to_jq() {
            Ok(filter) => filter,
            Err(error) => {
                refused.push(format!("{query}: {error}"));
                continue;
            }
        };
        needs.extend(filter.needs());
        let _ = writeln!(program, "[.[] | try [{}] catch \"{STOPS}\"],", filter.as_str());
        let expected = documents.iter().map(|document| {
            let value = Value::from_json(document).expect("a value");
            parsed.search(&value).map(|found| found.to_json().expect("JSON")).ok()
        });
        asked.push((*query, filter.as_str().to_owned(), expected.collect::<Vec<_>>()));
    }
    assert_eq!(
        refused,
        [
            "to_array(id): the function `to_array` of a query has no counterpart in jq",
            "let $x = id in $x: `let` has no counterpart in jq",
            "value[::2]: a slice with the step 2 has no counterpart in jq",
            "max(value[].size): the function `max` of a query has no counterpart in jq",
        ]
    );
    let definitions: Vec<&str> = needs.iter().map(|definition| definition.as_str()).collect();
    let program = format!("{}\n{}", definitions.join("\n"), program.trim_end_matches([',', '\n']));
    let Some(answers) = run(&program, &Json::from(documents.clone())) else { return };
    assert_eq!(answers.len(), asked.len());
    let (mut agreed, mut wrong) = (0, Vec::new());
    for ((query, filter, expected), answers) in asked.iter().zip(&answers) {
        for ((document, expected), answer) in
            documents.iter().zip(expected).zip(answers.as_array().expect("answers"))
        {
            if answer == STOPS {
                continue;
            }
            let expected = expected.clone().map(|expected| json!([expected]));
            let same = expected.as_ref().is_some_and(|expected| same(expected, answer));
            if !same {
                wrong.push(format!(
                    "{query} is {filter}, which gives {answer} in place of {expected:?} for {document}"
                ));
            }
            agreed += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Most do not stop.
    assert!(agreed > asked.len() * 2, "{agreed} of {}", asked.len() * documents.len());
}

/// Compares two documents; jq writes 1.0 as 1.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

/// Runs jq; none if it is not installed.
fn run(program: &str, input: &Json) -> Option<Vec<Json>> {
    let command = Command::new("jq")
        .args(["--compact-output", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut jq) = command else {
        assert!(std::env::var_os("CI").is_none(), "jq is not installed");
        let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: filters of jq: it is not installed ***\n");
        return None;
    };
    write!(jq.stdin.take().expect("a pipe"), "{input}").expect("it reads");
    let output = jq.wait_with_output().expect("its output");
    assert!(output.status.success(), "{}\n{program}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}
