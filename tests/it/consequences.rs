//! Errors that follow from other errors are not reported: each broken runbook has exactly these errors.

use serde_json::Value as Json;

use crate::support::{Place, Ran};

const MODULE: &str =
    "variable \"region\" {\n  type = string\n}\noutput \"o\" {\n  value = upper(var.region)\n}\n";

/// A step that needs a token.
const SECRET: &str = "step \"keyvault_secret\" \"a\" {\n  vault = \"vault01\"\n  name  = \"n\"\n}\n";

/// Returns the codes of the errors that a command reports, in order.
fn errors(ran: &Ran) -> Vec<String> {
    let mut found = Vec::new();
    for line in ran.out.lines() {
        let object: Json = serde_json::from_str(line).expect("JSON");
        let all = object["diagnostics"].as_array().cloned().unwrap_or_default();
        let one = object.get("diagnostic").cloned();
        found.extend(all.into_iter().chain(one).filter(|found| found["severity"] == "error"));
    }
    found.iter().map(|error| error["code"].as_str().expect("a code").to_owned()).collect()
}

fn check(what: &str, files: &[(&str, &str)], command: &[&str], expected: &[&str]) {
    let place = Place::new();
    for (name, text) in files {
        place.write(name, text);
    }
    let ran = place.run(&[command, &["-json"]].concat());
    assert_eq!(errors(&ran), expected, "{what}: {}", ran.seen());
}

/// Slips, each with its runbook and the errors.
const SLIPS: &[(&str, &str, &[&str])] = &[
    (
        "an argument, two letters swapped",
        "step \"keyvault_secret\" \"a\" {\n  vualt = \"v\"\n  name = \"n\"\n}",
        &["unknown-argument"],
    ),
    (
        "an argument under another name",
        "step \"keyvault_secret\" \"a\" {\n  keyvault_name = \"v\"\n  name = \"n\"\n}",
        &["unknown-argument"],
    ),
    (
        "an argument that is missing beside one too many",
        "step \"keyvault_secret\" \"a\" {\n  vualt = \"v\"\n}",
        &["missing-argument", "unknown-argument"],
    ),
    (
        "an argument of a module",
        "module \"m\" {\n  source = \"./m\"\n  regoin = \"x\"\n}\noutput \"x\" {\n  value = module.m.o\n}",
        &["unknown-argument"],
    ),
    (
        "a module without its argument",
        "module \"m\" {\n  source = \"./m\"\n}\noutput \"x\" {\n  value = module.m.o\n}",
        &["missing-argument"],
    ),
    (
        "an expression in a module that is used three times",
        "module \"m\" {\n  source = \"./bad\"\n  for_each = toset([\"a\", \"b\"])\n  key = each.key\n}\nmodule \"n\" {\n  source = \"./bad\"\n  key = \"c\"\n}\noutput \"x\" {\n  value = [module.m[\"a\"].o, module.n.o]\n}",
        &["no-attribute"],
    ),
    (
        "an expression in each instance of a step",
        "step \"echo\" \"a\" {\n  for_each = toset([\"a\", \"b\"])\n  input = { x = 1 }[each.key]\n}\noutput \"x\" {\n  value = step.echo.a\n}",
        &["no-attribute"],
    ),
    (
        "a local value that nothing can be made of, and ten readers",
        "locals {\n  a = jsondecode(\"{\")\n}\nstep \"echo\" \"a\" {\n  for_each = local.a\n  input = each.value.x\n}\nstep \"echo\" \"b\" {\n  count = local.a\n  when = local.a == 1\n  input = local.a + 1\n}\noutput \"x\" {\n  value = [step.echo.a[\"x\"].output, step.echo.b[0].output, \"${local.a}\", upper(local.a), local.a.b.c]\n}",
        &["failed-call"],
    ),
    (
        "a variable that is not declared, in a local value that others read",
        "locals {\n  a = var.nowhere\n  b = \"${local.a}\"\n}\nstep \"echo\" \"a\" {\n  input = local.b\n}\noutput \"x\" {\n  value = [step.echo.a.output, local.a + 1]\n}",
        &["unknown-reference"],
    ),
    (
        "a module that is not there",
        "module \"m\" {\n  source = \"./nowhere\"\n  x = 1\n}\noutput \"x\" {\n  value = [module.m.o, module.m.p + 1]\n}",
        &["unreadable"],
    ),
    (
        "a step type",
        "step \"ehco\" \"a\" {\n  inputt = 1\n}\nstep \"echo\" \"b\" {\n  input = step.ehco.a.output\n  depends_on = [step.ehco.a]\n}\noutput \"x\" {\n  value = [step.echo.a.output, step.echo.b.output]\n}",
        &["unknown-step-type"],
    ),
    (
        "a kind of block",
        "stpe \"echo\" \"a\" {\n  input = 1\n}\noutput \"x\" {\n  value = step.echo.a.output\n}",
        &["unknown-block"],
    ),
    (
        "a block of local values",
        "local {\n  a = 1\n}\noutput \"x\" {\n  value = local.a\n}",
        &["unknown-block"],
    ),
    (
        "a label too few",
        "step \"a\" {\n  input = 1\n}\noutput \"x\" {\n  value = step.echo.a.output\n}",
        &["wrong-labels"],
    ),
    (
        "a `for_each`",
        "step \"echo\" \"a\" {\n  for_each = [\"x\"]\n  input = each.value.y\n}\nstep \"echo\" \"b\" {\n  for_each = step.echo.a\n  input = each.value.output\n}\noutput \"x\" {\n  value = [step.echo.a[\"x\"].output, step.echo.b[\"x\"].output]\n}",
        &["invalid-repetition"],
    ),
    (
        "an assertion under another name",
        "variable \"v\" {\n  default = 1\n}\ncheck \"c\" {\n  asert {\n    condition = var.v == 1\n    error_message = \"x\"\n  }\n}",
        &["unknown-argument"],
    ),
    (
        "a message under another name",
        "variable \"v\" {\n  default = 1\n}\ncheck \"c\" {\n  assert {\n    condition = var.v == 1\n    message = \"x\"\n  }\n}",
        &["unknown-argument"],
    ),
    (
        "a default of another type",
        "variable \"v\" {\n  type = number\n  default = \"x\"\n}\noutput \"x\" {\n  value = var.v + 1\n}",
        &["wrong-type"],
    ),
    (
        "a type that there is not",
        "variable \"v\" {\n  type = strng\n}\noutput \"x\" {\n  value = var.v\n}",
        &["unknown-type"],
    ),
];

#[test]
fn a_broken_runbook_has_one_error_for_each_slip() {
    for (what, runbook, expected) in SLIPS {
        let bad = "variable \"key\" {}\nlocals {\n  all = { x = 1 }\n}\noutput \"o\" {\n  value = local.all[var.key]\n}\n";
        let files = [("main.runbook.hcl", *runbook), ("m/m.runbook.hcl", MODULE), ("bad/b.runbook.hcl", bad)];
        check(what, &files, &["validate"], expected);
    }
}

#[test]
fn a_value_that_cannot_be_read_is_not_missing_as_well() {
    let runbook = "variable \"region\" {\n  type = string\n}\nvariable \"zone\" {\n  type = number\n}\noutput \"x\" {\n  value = [var.region, var.zone]\n}\n";
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("nothing is given", &[], &["missing-variable", "missing-variable"]),
        ("a file that is none", &["-var-file", "nowhere.hcl"], &["file-not-found"]),
        ("a file that cannot be read", &["-var-file", "bad.hcl"], &["missing-expression"]),
        ("a file that is no JSON", &["-var-file", "bad.json"], &["invalid-json"]),
        ("a value without a name", &["-var", "novalue", "-var", "zone=1"], &["invalid-option"]),
        ("a name that is nearly right", &["-var", "regoin=x", "-var", "zone=1"], &["undeclared-variable"]),
        (
            "a name that is nearly right, and another variable without a value",
            &["-var", "regoin=x"],
            &["undeclared-variable", "missing-variable"],
        ),
        ("a value of another type", &["-var", "region=x", "-var", "zone=x"], &["wrong-type"]),
    ];
    for (what, typed, expected) in cases {
        let files =
            [("main.runbook.hcl", runbook), ("bad.hcl", "region = \n"), ("bad.json", "{\"region\": ")];
        check(what, &files, &[&["plan"], *typed].concat(), expected);
    }
}

/// A run without an agent ends before it begins.
#[test]
fn a_missing_agent_is_one_error_before_anything_is_asked_or_recorded() {
    let upload = "step \"blob_upload\" \"u\" {\n  account = \"acc01\"\n  container = \"con\"\n  name = \"n\"\n  content = step.keyvault_secret.a.value\n}\n";
    let metadata = "step \"metadata\" \"_m\" {}\n";
    let place = Place::with(&[SECRET, upload, metadata].concat());
    for command in [&["run", "-auto-approve"][..], &["run", "-auto-approve", "-quiet"]] {
        let ran = place.run(command);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.seen());
        for part in ["this machine has no Azure Arc agent", "azcmagent connect", "arcbook run -lab"] {
            assert!(ran.err.contains(part), "no {part} in {}", ran.seen());
        }
        assert!(!place.path().join(".arcbook").exists(), "something was run");
    }
    // What needs no identity is run without one; and a step that may never come to be run is waited for.
    for runbook in [
        "step \"echo\" \"_a\" {\n  input = 1\n}\n".to_owned(),
        format!(
            "step \"echo\" \"e\" {{\n  input = 1\n}}\n{}",
            SECRET
                .replace("vault =", "when  = step.echo.e.output == 2\n  vault =")
                .replace("\"a\"", "\"_a\"")
        ),
    ] {
        let ran = Place::with(&runbook).run(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
}

/// An agent that does not answer fails tokens and steps, which is one error.
#[test]
fn an_agent_that_does_not_answer_is_one_error_for_all_tokens_and_steps() {
    let graph =
        "step \"arm_get\" \"_g\" {\n  path = \"/subscriptions/x\"\n  api_version = \"2020-01-01\"\n}\n";
    let runbook = [
        SECRET,
        graph,
        "step \"metadata\" \"_m\" {}\noutput \"x\" {\n  value = step.keyvault_secret.a.version\n}\n",
    ]
    .concat();
    let place = Place::with(&runbook);
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("IMDS_ENDPOINT", "http://127.0.0.1:1").env("IDENTITY_ENDPOINT", "http://127.0.0.1:1/x");
        Ran::of(command.output().expect("it runs"))
    };
    let ran = run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert_eq!(ran.err.matches("error[unreachable]").count(), 1, "{}", ran.seen());
    assert!(ran.err.contains("and 2 more"), "{}", ran.seen());
    // Tokens are no steps: of three steps the one that asks the agent itself failed, and two were not run.
    assert!(ran.out.contains("0 of 3 steps done, 1 failed, 2 not run"), "{}", ran.seen());
    assert_eq!(ran.out.matches("\n  failed ").count(), 1, "{}", ran.seen());
    assert!(
        ran.out.contains(": the Azure Arc agent at 127.0.0.1 cannot be reached: No connection"),
        "{}",
        ran.seen()
    );
    let finished = run(&["run", "-auto-approve", "-json"]).out;
    let finished = finished.lines().find(|line| line.contains("run_finished")).expect("it ended").to_owned();
    let finished: Json = serde_json::from_str(&finished).expect("JSON");
    assert_eq!((&finished["failed"], &finished["skipped"]), (&1.into(), &2.into()), "{finished}");
}

/// Two outputs depend on what failed, and five blocks have instances that never became known.
const PARTLY: &str = r#"step "echo" "ok" {
  input = ["a"]
}
step "assert" "broken" {
  condition = length(step.echo.ok.output) > length(runbook.run_id)
  message   = "there is only one"
}
locals {
  later = step.assert.broken.conditions
}
step "echo" "after" {
  input      = 1
  depends_on = [step.assert.broken]
}
step "echo" "cleanup" {
  input      = 1
  run_on     = "failure"
  depends_on = [step.assert.broken]
}
BLOCKSoutput "known" { value = step.echo.ok.output }
output "late" { value = local.later }
OUTPUT"#;

/// The output of the first of these blocks.
const OUTPUT: &str = "output \"blocks\" { value = [for block in step.echo.b0 : block.output] }\n";

#[test]
fn a_failed_run_shows_the_outputs_that_are_known_and_its_numbers_add_up() {
    let block = |at: usize| {
        format!(
            "step \"echo\" \"b{at}\" {{\n  for_each = toset([tostring(step.assert.broken.conditions)])\n  input    = 1\n}}\n"
        )
    };
    let blocks: String = (0..5).map(block).collect();
    let place = Place::with(&PARTLY.replace("BLOCKS", &blocks).replace("OUTPUT", OUTPUT));
    let ran = place.run(&["run", "-summary"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let outputs = "\nOutputs:\n  known  = [\"a\"]\n  late   has no value: step.assert.broken failed\n  \
                   blocks has no value: step.assert.broken failed\n";
    assert!(ran.out.contains(outputs), "{}", ran.seen());
    // The five blocks count as one step each, in the whole as in the part.
    assert!(ran.out.contains("\nFailed: 2 of 9 steps done, 1 failed, 6 not run; "), "{}", ran.seen());
    let summary = ran.out.lines().last().expect("a summary");
    let steps = &serde_json::from_str::<Json>(summary).expect("JSON")["summary"]["steps"];
    let number = |name: &str| steps[name].as_u64().expect("a number");
    let parts = ["done", "failed", "tolerated", "skipped"].map(number).iter().sum::<u64>();
    assert_eq!((number("total"), parts), (9, 9), "{steps}");
    // A cleanup that is not needed is one of the steps as well.
    let place =
        Place::with(&PARTLY.replace("BLOCKS", "").replace("OUTPUT", "").replace("output) > ", "output) < "));
    let ran = place.run(&["run"]);
    assert!(ran.out.contains("Done: 3 of 4 steps done, 1 not needed; "), "{}", ran.seen());
}
