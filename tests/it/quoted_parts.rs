//! Messages that could quote a part of a value from outside: a name in it, a fragment of a text, or a query made of it.

use crate::support::Place;

/// An expression, and the value of the variable `v` in it.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("var.v.hunter2", r#"{"hunter2-canary"="x"}"#),
    ("var.v[\"hunter2-canar\"]", r#"{"hunter2-canary"="x"}"#),
    ("var.v.foo", r#"{"hunter2-canary"="x"}"#),
    ("[for o in [var.v] : o.hunter2-canar]", r#"{"hunter2-canary"="x"}"#),
    ("{for key, value in var.v : key => value}[\"hunter2-canar\"]", r#"{"hunter2-canary"="x"}"#),
    ("merge(var.v, {}).hunter2-canar", r#"{"hunter2-canary"="x"}"#),
    ("step.echo.all.output.hunter2-canar", r#"{"hunter2-canary"="x"}"#),
    ("yamldecode(var.v)", "\"password: !hunter2-canary\""),
    ("csvdecode(\"${var.v},${var.v}\\n1,2\")", "\"hunter2-canary\""),
    ("jmespath({}, var.v)", "\"value[?tags.hunter2-canary==`1`]\""),
    ("jmespath({}, var.v)", "\"hunter2_canary(@)\""),
    ("jmespath({}, \"a.${var.v}\")", "\"hunter2-canary\""),
    ("jmespath({}, \"x_${replace(var.v, \"-\", \"_\")}(@)\")", "\"hunter2-canary\""),
    ("regex(\"(${var.v}\", \"x\")", "\"hunter2-canary\""),
];

#[test]
fn no_message_quotes_a_part_of_a_value_from_outside() {
    for (expression, given) in EXPRESSIONS {
        let place = Place::with(&format!(
            "variable \"v\" {{\n  type = any\n}}\n\nstep \"echo\" \"all\" {{\n  input = var.v\n}}\n\noutput \"o\" {{\n  value = {expression}\n}}\n"
        ));
        let given = format!("v={given}");
        for command in [&["validate"][..], &["plan"], &["plan", "-json"], &["run"], &["run", "-json"]] {
            let ran = place.run(&[command, &["-var", &given]].concat());
            assert_eq!(ran.code == Some(0), command[0] == "none", "{expression}: {}", ran.seen());
            // The plan itself shows values that are not declared sensitive.
            let messages = ran.seen().lines().filter(|line| !is_plan(line)).collect::<Vec<_>>().join("\n");
            assert!(!messages.contains("canary"), "{expression} {command:?}: {messages}");
        }
    }
}

/// Returns true for a line of a plan or an event that shows a public value.
fn is_plan(line: &str) -> bool {
    line.contains("\"format\":1") || line.contains("\"event\":\"step_") || line.contains("\"outputs\":")
}

/// Queries that are made of a value from outside, as entries of an `extract`.
const QUERIES: [&str; 4] = [
    "value[0].\\\"${var.t}\\\"",
    "value[?${replace(var.t, \"-\", \"_\")}=='x'].name | [0]",
    "tags.${var.t}",
    "value[?type == \\\"${var.t}\\\"].name | [0] | length(@)",
];

#[test]
fn no_message_about_a_query_quotes_a_value_from_outside() {
    for query in QUERIES {
        let place = Place::jumpstart();
        let path = "jumpstart/jumpstart.runbook.hcl";
        let text = std::fs::read_to_string(place.path().join(path)).expect("the runbook");
        let wanted = "\"value[?lower(type)=='microsoft.keyvault/vaults'].name | [0]\"";
        assert!(text.contains(wanted), "{text}");
        place
            .write(path, format!("{}\nvariable \"t\" {{}}\n", text.replace(wanted, &format!("\"{query}\""))));
        let command =
            ["run", "-lab", "-auto-approve", "-var", "file=hosts", "-var", "t=hunter2-canary", "jumpstart"];
        let ran = place.run(&command);
        assert_eq!(ran.code, Some(1), "{query}: {}", ran.seen());
        assert!(!ran.seen().contains("canary"), "{query}: {}", ran.seen());
    }
}
