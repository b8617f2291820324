//! No message quotes a value that was given from outside the runbook.

use crate::support::{Place, Ran};

/// The source of a value.
#[derive(Clone, Copy, Debug)]
enum From {
    /// A file with this name.
    File(&'static str),
    /// `ARCBOOK_VAR_pw`.
    Environment,
    /// `-var`.
    Option,
}

const HCL: From = From::File("v.auto.vars.hcl");
const JSON: From = From::File("values.json");

/// The variable's type, the source of its value, the value, and the origin in the message.
const CASES: &[(&str, From, &str, &str)] = &[
    ("number", HCL, "pw = \"hunter2-secret\"\n", "v.auto.vars.hcl:1:6"),
    ("number", HCL, "\n\npw = \"hunter2-secret\"\n", "v.auto.vars.hcl:3:6"),
    ("bool", HCL, "pw = \"hunter2-secret\"\n", "a bool is required"),
    ("string", HCL, "pw = \"hunter2-secret\n", "a quoted text is never closed"),
    ("string", HCL, "pw = hunter2-secret\"\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = hunter2\n", "only constants are allowed"),
    ("string", HCL, "pw = 'hunter2-secret'\n", "v.auto.vars.hcl:1:6"),
    ("string", HCL, "pw = \u{201c}hunter2-secret\u{201d}\n", "v.auto.vars.hcl:1:6"),
    ("string", HCL, "pw = \"a\" hunter2-secret\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = \"hunter2\\qsecret\"\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = upper(\"hunter2-secret\"\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = hunter2secret(1)\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = \"hunter2-secret ${\"\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = <<EOT\nhunter2-secret\n", "v.auto.vars.hcl:1"),
    ("string", HCL, "pw = \"hunter2-secret\"\npw = \"hunter2-secret\"\n", "the name is set twice"),
    ("string", HCL, "pww = \"hunter2-secret\"\n", "`pww`"),
    ("string", HCL, "pw {\n  hunter2 = \"hunter2-secret\"\n}\n", "no blocks"),
    ("string", HCL, "pw : \"hunter2-secret\"\n", "v.auto.vars.hcl:1"),
    ("list(number)", HCL, "pw = [1, \"hunter2-secret\"]\n", "[1]: a number is required"),
    ("map(number)", HCL, "pw = { hunter2-secret = \"hunter2-secret\" }\n", "[…]: a number is required"),
    ("map(number)", HCL, "pw = { hunter2 = [] }\n", "an element: number required"),
    ("object({ a = number })", HCL, "pw = { a = \"hunter2-secret\" }\n", ".a: a number is required"),
    ("object({ a = number })", HCL, "pw = { hunter2 = \"hunter2-secret\" }\n", "attribute \"a\" is required"),
    ("number", JSON, "{ \"pw\": \"hunter2-secret\" }", "values.json:1:9"),
    ("number", JSON, "{\n  \"pw\": [\"hunter2-secret\"]\n}", "values.json:2:9"),
    ("string", JSON, "{ \"pw\": 'hunter2-secret' }", "values.json:1:9"),
    ("string", JSON, "{ \"pw\": \"hunter2-secret }", "it ends too early"),
    ("string", JSON, "\"hunter2-secret\"", "must hold one JSON object"),
    ("string", JSON, "{ \"pw\": \"hunter2\" \"secret\" }", "values.json:1"),
    ("string", JSON, "{ \"pww\": \"hunter2-secret\" }", "`pww`"),
    ("number", From::Environment, "hunter2-secret", "ARCBOOK_VAR_pw"),
    ("list(string)", From::Environment, "hunter2-secret", "ARCBOOK_VAR_pw:1:1"),
    ("list(string)", From::Environment, "[\"hunter2-secret", "ARCBOOK_VAR_pw:1:"),
    ("number", From::Option, "pw=hunter2-secret", "-var pw"),
    ("list(string)", From::Option, "pw=[hunter2-secret", "-var pw:1:"),
    ("string", From::Option, "hunter2-secret", "`-var` does not name a variable"),
    ("string", From::Option, "=hunter2-secret", "`-var` does not name a variable"),
    ("string", From::Option, "pww=hunter2-secret", "`pww`"),
];

fn place(ty: &str, from: From, given: &str, rest: &str) -> Place {
    let place = Place::with(&format!("variable \"pw\" {{\n  type = {ty}\n{rest}}}\n"));
    if let From::File(name) = from {
        place.write(name, given);
    }
    place
}

fn run(place: &Place, command: &[&str], from: From, given: &str) -> Ran {
    let mut command = place.command(command);
    match from {
        From::File("values.json") => command.args(["-var-file", "values.json"]),
        From::File(_) => &mut command,
        From::Environment => command.env("ARCBOOK_VAR_pw", given),
        From::Option => command.args(["-var", given]),
    };
    Ran::of(command.output().expect("the program"))
}

#[test]
fn no_message_quotes_a_value_from_outside() {
    for (ty, from, given, says) in CASES {
        let place = place(ty, *from, given, "");
        for command in [
            &["validate"][..],
            &["validate", "-json"],
            &["plan"],
            &["plan", "-json"],
            &["run", "-auto-approve"],
        ] {
            let ran = run(&place, command, *from, given);
            let seen = ran.seen();
            assert!(!seen.contains("hunter2"), "{ty} {from:?} {given:?} {command:?}: {seen}");
            let words = serde_json::to_string(says).expect("JSON");
            let json = !command.contains(&"-json")
                || seen.contains(&words[1..words.len() - 1])
                || says.contains(':');
            assert!(
                json && (command.contains(&"-json") || seen.contains(says)),
                "{ty} {from:?} {given:?} {command:?}: {seen}"
            );
        }
    }
}

#[test]
fn a_failed_validation_names_the_source_of_the_value() {
    let rule =
        "  validation {\n    condition     = length(var.pw) > 100\n    error_message = \"too short\"\n  }\n";
    for (from, given, origin) in [
        (HCL, "\npw = \"hunter2-secret\"\n", "var.pw is a string, given by v.auto.vars.hcl:2"),
        (JSON, "{ \"pw\": \"hunter2-secret\" }", "var.pw is a string, given by values.json:1"),
        (From::Environment, "hunter2-secret", "var.pw is a string, given by ARCBOOK_VAR_pw"),
        (From::Option, "pw=hunter2-secret", "var.pw is a string, given by -var pw"),
    ] {
        let place = place("string", from, given, rule);
        for command in [&["validate"][..], &["validate", "-json"]] {
            let seen = run(&place, command, from, given).seen();
            assert!(!seen.contains("hunter2"), "{from:?}: {seen}");
            assert!(command.len() > 1 || seen.contains(origin), "{from:?}: {seen}");
        }
    }
}

/// Expressions that fail on a value from outside: a variable, or a local value made from it. The test also
/// runs them in a module.
const FAILING: &[&str] = &[
    "base64decode(var.pw)",
    "parseint(var.pw, 10)",
    "tonumber(var.pw)",
    "var.pw + 1",
    "!var.pw",
    "file(var.pw)",
    "templatefile(var.pw, {})",
    "cidrhost(var.pw, 1)",
    "lookup({ a = 1 }, var.pw)",
    "{ a = 1 }[var.pw]",
    "[1, 2][var.pw]",
    "jsondecode(var.pw)",
    "formatdate(\"YYYY\", var.pw)",
    "regex(\"^[0-9]+$\", var.pw)",
    "base64decode(local.copy)",
    "tonumber(local.copy)",
    "one([var.pw, var.pw])",
    "{ for x in [1, 2] : var.pw => x }",
    "[for x in [var.pw] : x * 2]",
    "[for x in [var.pw] : tonumber(x)]",
    "[for k, x in { (var.pw) = 1 } : { a = 1 }[k]]",
    "[for x in [[local.copy]] : [for y in x : y + 1]]",
    "[for x in [var.pw] : templatefile(\"${x}.tftpl\", {})]",
    "templatestring(local.template, { a = var.pw })",
    "tonumber(step.echo.e.output)",
    "step.echo.e.output + 1",
    "step.echo.each[\"k\"].output + 1",
];

/// Expressions that fail in an instance of a step with a value from outside.
const IN_STEPS: &[&str] = &[
    "each.value + 1",
    "tonumber(each.value)",
    "{ a = 1 }[each.value]",
    "module.m.o * 2",
    "module.m.twice[0] * 2",
];

#[test]
fn no_error_in_an_instance_quotes_a_value_from_outside() {
    for expression in IN_STEPS {
        let text = format!(
            "variable \"pw\" {{}}\nmodule \"m\" {{\n  source = \"./inner\"\n  pw = var.pw\n}}\n\
             step \"echo\" \"a\" {{\n  for_each = {{ k = var.pw }}\n  input = {expression}\n}}\noutput \"o\" {{ value = step.echo.a }}\n"
        );
        let place = Place::with(&text);
        let inner = "variable \"pw\" {}\noutput \"o\" { value = var.pw }\noutput \"twice\" { value = [for x in [var.pw] : \"${x}${x}\"] }\n";
        place.write("inner/main.runbook.hcl", inner);
        let ran = run(&place, &["validate"], From::Environment, "hunter2%secret[");
        assert_eq!(ran.code, Some(3), "{expression}: {}", ran.seen());
        assert!(!ran.seen().contains("hunter2"), "{expression}: {}", ran.seen());
    }
    // What a step gives is looked at by its own conditions.
    let place = Place::with(
        "variable \"pw\" {}\nstep \"echo\" \"_a\" {\n  input = var.pw\n  postcondition {\n    condition = self.output == \"x\"\n    error_message = \"No.\"\n  }\n}\n",
    );
    let ran = run(&place, &["validate"], From::Environment, "hunter2%secret[");
    assert!(ran.err.contains("self.output is a string, given by ARCBOOK_VAR_pw"), "{}", ran.seen());
}

#[test]
fn no_expression_error_quotes_a_value_from_outside() {
    let steps = "step \"echo\" \"e\" { input = var.pw }\nstep \"echo\" \"each\" {\n  for_each = { k = var.pw }\n  input = each.value\n}\n";
    let template = "locals { template = \"$${a + 1}\" }\n";
    let declared = format!("variable \"pw\" {{}}\nlocals {{ copy = \"${{var.pw}}\" }}\n{template}{steps}");
    let inner = format!("variable \"pw\" {{}}\nlocals {{ copy = var.pw }}\n{template}{steps}");
    for expression in FAILING {
        let place = Place::with(&format!("{declared}output \"o\" {{ value = {expression} }}\n"));
        let used = format!(
            "{declared}module \"m\" {{\n  source = \"./inner\"\n  pw = local.copy\n}}\noutput \"o\" {{ value = module.m.o }}\n"
        );
        let module = Place::with(&used);
        module.write("inner/main.runbook.hcl", format!("{inner}output \"o\" {{ value = {expression} }}\n"));
        for place in [&place, &module] {
            for command in [&["validate"][..], &["validate", "-json"]] {
                let ran = run(place, command, From::Environment, "hunter2%secret[");
                assert_eq!(ran.code, Some(3), "{expression}: {}", ran.seen());
                assert!(!ran.seen().contains("hunter2"), "{expression}: {}", ran.seen());
            }
        }
    }
}

/// Writes a local value `l40` that depends on `first` through forty others; `step` computes each from the one
/// before.
fn chain(first: &str, step: &str) -> String {
    let link = |at: usize| format!("  l{at} = {}\n", step.replace("LAST", &format!("local.l{}", at - 1)));
    format!("locals {{\n  l0 = {first}\n{}}}\n", (1..=40).map(link).collect::<String>())
}

#[test]
fn a_value_from_outside_is_tracked_through_long_chains() {
    for (first, step) in [
        ("var.pw", "LAST"),
        // This chain has 2⁴⁰ paths.
        ("\"x\"", "length([LAST, LAST])"),
        ("var.pw", "coalesce(LAST, LAST)"),
    ] {
        let fails = "output \"o\" { value = base64decode(local.l40) }\n";
        let place = Place::with(&format!("variable \"pw\" {{}}\n{}{fails}", chain(first, step)));
        let ran = run(&place, &["validate"], From::Environment, "hunter2%secret[");
        assert_eq!(ran.code, Some(3), "{first} {step}: {}", ran.seen());
        assert!(!ran.seen().contains("hunter2"), "{first} {step}: {}", ran.seen());
    }
}

#[test]
fn a_missing_file_is_reported_without_a_path_from_outside() {
    let step = r#"step "blob_upload" "a" { 
  account   = "acc01"
  container = "con"
  name      = "k"
  source    = var.pw
}
"#;
    let place = Place::with(&format!("variable \"pw\" {{}}\n{step}"));
    let ran = run(&place, &["plan"], From::Option, "pw=hunter2");
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(!ran.seen().contains("hunter2") && ran.seen().contains("given by -var pw"), "{}", ran.seen());
}

#[test]
fn a_default_in_the_runbook_is_quoted() {
    let place =
        Place::with("variable \"size\" { default = \"big\" }\noutput \"o\" { value = var.size + 1 }\n");
    let seen = place.run(&["validate"]).seen();
    assert!(seen.contains("var.size is \"big\""), "{seen}");
}

#[test]
fn no_error_about_the_command_line_quotes_a_value() {
    for arguments in [
        &["run", "-var", "pw", "=", "hunter2"][..],
        &["plan", ".", "hunter2"],
        &["plan", "-var", "pw=x", "-hunter=hunter2-secret"],
        &["validate", "-var=pw", "x", "hunter2"],
        &["plan", "-var-file=a", "b", "pw=hunter2-secret", "-json"],
    ] {
        let ran = Place::with("variable \"pw\" {}\n").run(arguments);
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.seen());
        assert!(!ran.seen().contains("hunter2"), "{arguments:?}: {}", ran.seen());
    }
}

#[test]
fn the_layout_of_a_file_of_values_quotes_none_of_them() {
    for (name, given) in [
        ("v.auto.vars.hcl", "pw = \"hunter2-secret\n"),
        ("v.auto.vars.hcl", "pw = <<EOT\nhunter2-secret {\n"),
        ("prod.hcl", "pw = 'hunter2-secret'\n"),
        ("prod.hcl", "pw = hunter2-secret\"\nx = {\n"),
    ] {
        let place = Place::new();
        place.write(name, given);
        for command in [&["fmt", name][..], &["fmt", "-json", name]] {
            let ran = place.run(command);
            assert_eq!(ran.code, Some(3), "{}", ran.seen());
            assert!(!ran.seen().contains("hunter2"), "{given:?}: {}", ran.seen());
        }
    }
}
