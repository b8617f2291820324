//! Messages about null values from queries that find nothing.

use serde_json::Value as Json;

use crate::support::{Events, stage_files, stage_with};

/// A step that returns a list and finds nothing in it.
const LIST: &str = r#"
variable "wanted" { default = "vault" }
step "read" "list" {
  value = { value = [{ type = "vaults", name = "a" }, { type = "disks", name = "b" }, { type = "disks", name = "c" }] }
  extract = {
    vault = "value[?type=='vault'].name | [0]"
    all   = "value[?type=='vault'].name"
    given = "value[?type=='${var.wanted}'].name | [0]"
  }
}
"#;

/// Runs `list` and `rest`; returns the messages and the events.
async fn said(list: &str, rest: &str, values: &[(&str, &str)]) -> (String, Json) {
    let stage = stage_with(&format!("{list}{rest}"), values).unwrap_or_else(|seen| panic!("{rest}: {seen}"));
    let events = Events::default();
    let report = stage.run(4, &events).await;
    (stage.seen(&report.diagnostics), Json::from(events.all()))
}

/// The places where a null value causes an error.
const ARRIVALS: &[(&str, &str)] = &[
    ("an interpolation", r#"step "read" "b" { value = "/${step.read.list.extract.vault}/" }"#),
    ("an attribute", r#"step "read" "b" { value = step.read.list.extract.vault.name }"#),
    ("an index", r#"step "read" "b" { value = step.read.list.extract.vault[0] }"#),
    ("an index into an empty list", r#"step "read" "b" { value = step.read.list.extract.all[0] }"#),
    ("an argument of a function", r#"step "read" "b" { value = upper(step.read.list.extract.vault) }"#),
    ("an operand", r#"step "read" "b" { value = 1 + step.read.list.extract.vault }"#),
    ("a condition", r#"step "read" "b" { value = step.read.list.extract.vault ? 1 : 2 }"#),
    ("a for", r#"step "read" "b" { value = [for x in step.read.list.extract.vault : x] }"#),
    ("a for_each", r#"step "read" "b" { for_each = step.read.list.extract.vault }"#),
    ("a count", r#"step "read" "b" { count = step.read.list.extract.vault }"#),
    ("a when", r#"step "read" "b" { when = step.read.list.extract.vault }"#),
    (
        "a precondition",
        r#"step "read" "b" {
        precondition {
            condition     = step.read.list.extract.vault
            error_message = "no"
        }
    }"#,
    ),
    (
        "a local value",
        r#"
        locals { vault = step.read.list.extract.vault }
        step "read" "b" { value = "/${local.vault}" }"#,
    ),
    (
        "local values of local values",
        r#"
        locals {
            found = { vault = step.read.list.extract.vault, other = 1 }
            again = local.found
        }
        step "read" "b" { value = lower(local.again.vault) }"#,
    ),
    (
        "the whole extract",
        r#"
        locals { found = step.read.list.extract }
        step "read" "b" { value = local.found.vault.x }"#,
    ),
    (
        "each.value",
        r#"
        step "read" "b" {
            for_each = { a = step.read.list.extract.vault }
            value    = "/${each.value}"
        }"#,
    ),
    ("an output", r#"output "x" { value = "/${step.read.list.extract.vault}" }"#),
    ("a query that is computed", r#"step "read" "b" { value = "/${step.read.list.extract.given}" }"#),
];

#[tokio::test(start_paused = true)]
async fn a_null_is_explained_wherever_it_arrives() {
    for (what, rest) in ARRIVALS {
        let (screen, events) = said(LIST, rest, &[]).await;
        for part in [
            "of `step.read.list` found nothing: none of 3 items has the `type` that the query asks for.",
            "did you mean `vaults`?",
            "existing values of `type`: `disks` (2), `vaults` (1)",
            "the list contains only resources that the identity may read",
        ] {
            assert!(screen.contains(part), "{what}: {part}: {screen}");
            let is_event = rest.contains("step \"read\" \"b\"") && !["a for_each", "a count"].contains(what);
            assert!(!is_event || events.to_string().contains(part), "{what}: {part}: {events}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_null_is_explained_through_modules_and_instances() {
    let module = "variable \"vault\" {\n  nullable = true\n}\nstep \"read\" \"m\" {\n  value = \"/${var.vault}\"\n}\noutput \"back\" {\n  value = var.vault\n}\n";
    let strict = "variable \"vault\" {\n  nullable = false\n}\noutput \"back\" {\n  value = var.vault\n}\n";
    let cases = [
        (
            "m",
            "module \"m\" {\n  source = \"./m\"\n  vault  = step.read.list.extract.vault\n}\n",
            "step.read.list",
        ),
        (
            "s",
            "module \"s\" {\n  source = \"./s\"\n  vault  = step.read.list.extract.vault\n}\n",
            "step.read.list",
        ),
        (
            "o",
            "module \"o\" {\n  source = \"./o\"\n}\nstep \"read\" \"b\" {\n  value = \"/${module.o.vault}\"\n}\n",
            "module.o.step.read.list",
        ),
        (
            "instances",
            "step \"read\" \"each\" {\n  for_each = toset([\"x\", \"y\"])\n  value    = { value = [{ type = \"vaults\" }] }\n  extract  = { vault = \"value[?type=='${each.key}'] | [0]\" }\n}\nstep \"read\" \"b\" {\n  value = \"/${step.read.each[\"y\"].extract.vault}\"\n}\n",
            "step.read.each[\"y\"]",
        ),
        (
            "follows",
            "step \"read\" \"each\" {\n  for_each = toset([\"x\"])\n  value    = { value = [{ type = \"vaults\" }] }\n  extract  = { vault = \"value[?type=='${each.key}'] | [0]\" }\n}\nstep \"read\" \"b\" {\n  for_each = step.read.each\n  value    = \"/${each.value.extract.vault}\"\n}\n",
            "step.read.each[\"x\"]",
        ),
        (
            "computed key of an argument",
            "step \"read\" \"each\" {\n  for_each = toset([\"x\", \"y\"])\n  value    = { value = [{ type = \"vaults\" }] }\n  extract  = { vault = \"value[?type=='${each.key}'] | [0]\" }\n}\nmodule \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"y\"])\n  vault    = step.read.each[each.key].extract.vault\n}\n",
            "step.read.each[\"y\"]",
        ),
        (
            "computed key",
            "step \"read\" \"each\" {\n  for_each = toset([\"x\"])\n  value    = { value = [{ type = \"vaults\" }] }\n  extract  = { vault = \"value[?type=='${each.key}'] | [0]\" }\n}\nstep \"read\" \"b\" {\n  for_each = toset([\"x\"])\n  value    = \"/${step.read.each[each.key].extract.vault}\"\n}\n",
            "step.read.each[\"x\"]",
        ),
    ];
    for (what, rest, address) in cases {
        let main = format!("{LIST}{rest}");
        let files = [
            ("main.runbook.hcl", &*main),
            ("m/m.runbook.hcl", module),
            ("s/s.runbook.hcl", strict),
            (
                "o/o.runbook.hcl",
                &format!("{LIST}output \"vault\" {{\n  value = step.read.list.extract.vault\n}}\n"),
            ),
        ];
        let stage = stage_files(&files, &[]).unwrap_or_else(|seen| panic!("{what}: {seen}"));
        let report = stage.run(4, &Events::default()).await;
        let screen = stage.seen(&report.diagnostics);
        let part = format!("`extract.vault` of `{address}` found nothing: none of");
        assert!(screen.contains(&part), "{what}: {part}: {screen}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_null_because_of_a_query_is_not_explained_by_one() {
    for rest in [
        r#"step "read" "b" { value = "/${step.read.list.value.value[0].nope}" }"#,
        r#"step "read" "n" {
             when    = step.read.list.value.value[0].name == "x"
             value   = { a = 1 }
             extract = { v = "b" }
           }
           step "read" "b" { value = "/${step.read.n.extract.v}" }"#,
        r#"step "read" "n" {
             for_each = toset(["x"])
             value    = { a = 1 }
             extract  = { v = "b" }
           }
           step "read" "b" {
             for_each = toset(["x"])
             value    = upper(step.read.n[each.key].value)
           }"#,
        r#"step "read" "n" { value = [null] }
           step "read" "b" { value = "/${step.read.n.value[0]}" }"#,
        r#"step "read" "b" { value = 1 + step.read.list.value.value[0].type }"#,
    ] {
        let (screen, _) = said(LIST, rest, &[]).await;
        assert!(!screen.is_empty() && !screen.contains("found nothing"), "{rest}: {screen}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_quoted_that_may_not_be_shown() {
    let use_it = r#"step "read" "b" { value = "/${step.read.list.extract.vault}" }"#;
    let list = |value: &str, more: &str| {
        format!(
            "variable \"outside\" {{\n  type = string\n}}\nvariable \"secret\" {{\n  default   = \"hunter2-secret\"\n  sensitive = true\n}}\n\
             step \"read\" \"list\" {{\n  value = {value}\n  {more}\n  extract = {{\n    vault = \"value[?type=='hunter'].name | [0]\"\n  }}\n}}\n"
        )
    };
    let cases = [
        ("a sensitive step", list("{ value = [{ type = \"hunter2-secret\" }] }", "sensitive = true")),
        ("a sensitive argument", list("{ value = [{ type = var.secret }] }", "")),
        (
            "another sensitive argument",
            list("{ value = [{ type = \"hunter2-secret\" }], x = var.secret }", ""),
        ),
        ("a value from outside", list("{ value = [{ type = var.outside }] }", "")),
        ("a part from outside", list("{ value = [{ type = \"x-${var.outside}\" }] }", "")),
        ("a name from outside", list("{ value = [{ (var.outside) = \"x\" }] }", "")),
    ];
    for (what, list) in cases {
        let (screen, events) = said(&list, use_it, &[("outside", "hunter2-secret")]).await;
        assert!(screen.contains("found nothing"), "{what}: {screen}");
        let failed: Vec<_> =
            events.as_array().unwrap().iter().filter(|event| event["event"] == "step_failed").collect();
        assert!(!failed.is_empty(), "{what}: {events}");
        for seen in [screen, format!("{failed:?}")] {
            assert!(!seen.contains("hunter2"), "{what}: {seen}");
        }
    }
}
