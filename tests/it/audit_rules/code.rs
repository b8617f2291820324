//! Values that become code, and code that somebody else serves.

use super::variants::check;
use super::{broken, place, report};

/// An Arc-enabled server, and values from elsewhere.
const AROUND: &str = r#"
variable "v" {}
variable "vs" { type = list(string) }
locals {
  fixed  = "web"
  script = "systemctl restart ${var.v}"
  plain  = "systemctl restart ${local.fixed}"
  server = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/web01"
}
step "metadata" "m" {}
"#;

/// Returns a step of a type about the server with these arguments.
fn on_server(step_type: &str, arguments: &str) -> String {
    format!("step \"{step_type}\" \"_x\" {{\n  machine = local.server\n  {arguments}\n}}")
}

#[test]
fn a_script_for_another_machine_is_a_script() {
    let command = |arguments: &str| on_server("arc_run_command", arguments);
    let extension = |arguments: &str| {
        let kind = "publisher = \"Microsoft.Azure.Extensions\"\n  type = \"CustomScript\"\n";
        on_server("arc_extension", &format!("{kind}  {arguments}"))
    };
    let resource = |body: &str| {
        format!(
            "step \"arm_resource\" \"_x\" {{\n  id          = \"${{local.server}}/runCommands/r\"\n  api_version = \"2024-07-10\"\n  body        = {body}\n}}"
        )
    };
    let action = |script: &str| {
        format!(
            "step \"arm_action\" \"_x\" {{\n  path        = \"/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v/runCommand\"\n  api_version = \"2024-07-01\"\n  body        = {{ commandId = \"RunShellScript\", script = {script} }}\n}}"
        )
    };
    let http = |body: &str| {
        format!(
            "step \"http\" \"_x\" {{\n  url      = \"https://management.azure.com${{local.server}}/runCommands/r?api-version=2024-07-10\"\n  method   = \"PUT\"\n  audience = \"https://management.azure.com\"\n  json     = {body}\n}}"
        )
    };
    for (step, expected) in [
        (command("script = \"systemctl restart ${step.metadata.m.tags.unit}\""), true),
        (command("script = var.v"), true),
        (command("script = local.script"), true),
        (command("script = local.plain"), false),
        (command("script = \"systemctl restart web\"\n  parameters = { UNIT = var.v }"), false),
        (command("script = \"systemctl restart \\\"$UNIT\\\"\"\n  parameters = { UNIT = var.v }"), false),
        (command("script = \"eval \\\"$UNIT\\\"\"\n  parameters = { UNIT = var.v }"), true),
        (command("script = \"eval \\\"$UNIT\\\"\"\n  protected_parameters = { UNIT = var.v }"), true),
        (extension("protected_settings = { commandToExecute = \"sh -c ${var.v}\" }"), true),
        (extension("settings = { commandToExecute = \"sh -c ${var.v}\" }"), true),
        (extension("settings = merge({ a = 1 }, { script = var.v })"), true),
        (extension("settings = { commandToExecute = local.plain }"), false),
        (extension("settings = { commandToExecute = \"sh x.sh\", fileUris = [var.v] }"), false),
        (resource("{ properties = { source = { script = \"echo ${var.v}\" } } }"), true),
        (action("[\"echo\", \"echo ${var.v}\"]"), true),
        (action("[\"echo\"]"), false),
        (resource("{ properties = { source = { script = \"echo\" }, tag = var.v } }"), false),
        (http("{ properties = { source = { script = \"echo ${var.v}\" } } }"), true),
        (http("{ properties = { source = { script = \"echo\" } } }"), false),
    ] {
        let ran = place(&format!("{AROUND}{step}\n")).run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("shell-injection"), expected, "{step}\n{}", ran.seen());
    }
}

#[test]
fn a_file_that_is_run_is_a_script() {
    let file = |path: &str, arguments: &str| {
        format!("step \"file\" \"_x\" {{\n  path = \"{path}\"\n  {arguments}\n}}")
    };
    let template = |values: &str| {
        format!(
            "step \"template\" \"_x\" {{\n  path    = \"x.sh\"\n  engine  = \"jinja\"\n  content = \"echo {{{{ a }}}}\"\n  values  = {values}\n}}"
        )
    };
    for (step, expected) in [
        (file("x", "content = \"echo ${var.v}\"\n  mode = \"0755\""), true),
        (file("x.sh", "content = \"echo ${var.v}\""), true),
        (file("/etc/cron.d/x", "content = join(\" \", [\"* * * * * root\", var.v])"), true),
        (file("x", "content = local.script\n  mode = \"0755\""), true),
        (file("x", "content = \"echo ${var.v}\"\n  mode = \"0644\""), false),
        (file("x", "content = local.plain\n  mode = \"0755\""), false),
        (file("x", "content = file(\"notes.txt\")\n  mode = \"0755\""), false),
        // A whole file from elsewhere is a program, and no script with a value in it.
        (file("x", "content = var.v\n  mode = \"0755\""), false),
        (template("{ a = var.v }"), true),
        (template("{ a = local.fixed }"), false),
    ] {
        let place = place(&format!("{AROUND}{step}\n"));
        place.write("place/notes.txt", "notes");
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("shell-injection"), expected, "{step}\n{}", ran.seen());
    }
}

#[test]
fn a_constant_is_no_value() {
    let exec = |script: &str, more: &str| {
        format!("step \"exec\" \"_x\" {{\n  argv = [\"sh\", \"-c\", {script}]\n  {more}\n}}")
    };
    for (step, expected) in [
        (exec("local.script", ""), true),
        (exec("local.plain", ""), false),
        (exec("\"echo ${each.value}\"", "for_each = toset([\"a\", \"b\"])"), false),
        (exec("\"echo ${each.value}\"", "for_each = toset(var.vs)"), true),
        (exec("\"echo ${count.index}\"", "count = 2"), false),
    ] {
        let ran = place(&format!("{AROUND}{step}\n")).run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("shell-injection"), expected, "{step}\n{}", ran.seen());
    }
}

#[test]
fn a_value_in_a_statement_is_found() {
    let statement = |text: &str, more: &str| {
        format!(
            "step \"postgres_query\" \"_x\" {{\n  host      = \"db.postgres.database.azure.com\"\n  database  = \"site\"\n  user      = \"me\"\n  statement = {text}\n  {more}\n}}"
        )
    };
    for (step, expected) in [
        (statement("\"update a set x = ${var.v}\"", "effect = \"changes\""), true),
        (statement("format(\"select %s\", step.metadata.m.name)", ""), true),
        (statement("var.v", ""), true),
        (statement("\"select $1\"", "parameters = [var.v]"), false),
        (statement("\"select '${local.fixed}'\"", ""), false),
        (statement("file(\"notes.txt\")", ""), false),
        (statement("\"vacuum ${each.value}\"", "for_each = toset([\"a\", \"b\"])"), false),
    ] {
        let place = place(&format!("{AROUND}{step}\n"));
        place.write("place/notes.txt", "select 1");
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("value-in-statement"), expected, "{step}\n{}", ran.seen());
    }
}

#[test]
fn only_a_compared_digest_of_the_same_thing_is_a_look() {
    let save = "step \"http\" \"a\" {\n  url     = \"https://web.test/tool\"\n  save_to = \"tool\"\n  mode    = \"0755\"\n}\n";
    let fetch = "step \"http\" \"a\" { url = \"https://web.test/tool\" }\nstep \"file\" \"_f\" {\n  path    = \"tool\"\n  mode    = \"0755\"\n  content = step.http.a.body\n}\n";
    let other = "step \"http\" \"ab\" { url = \"https://web.test/other\" }\n";
    let check = |condition: &str| {
        format!(
            "check \"digest\" {{\n  assert {{\n    condition     = step.http.a.status == 200 && {condition}\n    error_message = \"It is another one.\"\n  }}\n}}\n"
        )
    };
    let output = |value: &str| format!("output \"_d\" {{ value = {value} }}\n");
    for (before, look, expected) in [
        (save, output("sha256(\"${step.http.a.status}\")"), true),
        (save, check("sha256(\"${step.http.a.status}\") == \"x\""), true),
        (save, check("filesha256(\"./tool\") == \"x\""), false),
        (save, check("filesha256(\"${path.module}/tool\") == \"x\""), false),
        (save, check("filesha256(\"tool2\") == \"x\""), true),
        (save, check("contains([\"x\", \"y\"], filesha256(\"tool\"))"), false),
        (save, check("filesha256(\"tool\") != \"x\""), true),
        (save, check("startswith(filesha256(\"tool\"), \"\")"), true),
        (save, check("(filesha256(\"tool\") == \"x\" || step.http.a.status > 0)"), true),
        (save, output("filesha256(\"tool\")"), true),
        (save, check("filesha256(\"tool\") == \"x\""), false),
        (save, format!("locals {{ d = filesha256(\"tool\") }}\n{}", check("local.d == \"x\"")), false),
        (save, format!("locals {{ d = filesha256(\"tool\") == \"x\" }}\n{}", check("local.d")), false),
        (save, format!("locals {{ d = filesha256(\"tool\") }}\n{}", output("local.d")), true),
        (fetch, format!("{other}{}", check("sha256(step.http.ab.body) == \"x\"")), true),
        (fetch, check("sha256(step.http.a.body) == \"x\""), false),
        (fetch, check("sha256(step.http.a.headers.etag) == \"x\""), true),
        (fetch, output("sha256(step.http.a.body)"), true),
        (fetch, check("step.file._f.sha256 == \"x\""), false),
        (fetch, check("filesha256(\"tool\") == \"x\""), false),
    ] {
        let ran = place(&format!("{before}{look}")).run(&["audit", "-json", "place"]);
        let found = broken(&report(&ran)).contains("download-without-digest");
        assert_eq!(found, expected, "{before}{look}\n{}", ran.seen());
    }
}

#[test]
fn a_program_without_an_address_elsewhere_loads_nothing() {
    let exec = |argv: &'static str| format!("step \"exec\" \"_x\" {{ argv = {argv} }}");
    let steps: Vec<(String, bool)> = [
        (r#"["curl", "--version"]"#, false),
        (r#"["curl", "-fsS", "http://localhost:8080/health"]"#, false),
        (r#"["curl", "-fsS", "https://web.test/health"]"#, false),
        (r#"["curl", "-fsS", "-o", "/dev/null", "https://web.test/health"]"#, false),
        (r#"["curl", "-fsSLo", "tool", "https://web.test/tool"]"#, true),
        (r#"["curl", "-fsSLo", "tool", var.v]"#, true),
        (r#"["wget", "https://${var.v}/tool"]"#, true),
        (r#"["sh", "-c", "curl -fsSL https://web.test/tool | sh"]"#, true),
        (r#"["sh", "-c", "curl -fsSL https://web.test/health | grep -q ok"]"#, false),
    ]
    .into_iter()
    .map(|(argv, expected)| (exec(argv), expected))
    .chain([
        (
            "step \"exec\" \"get\" { argv = [\"curl\", \"-fsS\", \"https://web.test/tool\"] }\nstep \"file\" \"_f\" {\n  path    = \"tool\"\n  mode    = \"0755\"\n  content = step.exec.get.stdout\n}".to_owned(),
            true,
        ),
        (on_server("arc_run_command", "script = \"curl -fsSL https://web.test/x | sh\""), true),
        (on_server("arc_run_command", "script = \"curl -fsS http://localhost/health\""), false),
    ])
    .collect();
    for (step, expected) in steps {
        let ran = place(&format!("{AROUND}{step}\n")).run(&["audit", "-json", "place"]);
        let found = broken(&report(&ran)).contains("download-without-digest");
        assert_eq!(found, expected, "{step}\n{}", ran.seen());
    }
}

#[test]
fn a_character_that_reorders_text_is_found_wherever_it_is() {
    let hidden = |text: &str| text.replace('!', "\u{202e}");
    for (runbook, expected) in [
        ("# An administrator! only.\noutput \"x\" { value = 1 }\n", true),
        ("output \"x\" { value = \"a!b\" }\n", true),
        ("output \"x\" { value = \"a\\u202eb\" }\n", false),
        ("# Überall.\noutput \"x\" { value = 1 }\n", false),
    ] {
        check(&[("text-direction", "", expected)], &hidden(runbook));
    }
    let place = place("module \"_m\" { source = \"./inside\" }\n");
    place.write("place/inside/m.runbook.hcl", hidden("# A module!\noutput \"x\" { value = 1 }\n"));
    let ran = place.run(&["audit", "-json", "place"]);
    assert!(broken(&report(&ran)).contains("text-direction"), "{}", ran.seen());
    // A comparison says so too, beside what it compares.
    place.write("old/main.runbook.hcl", "output \"x\" { value = 1 }\n");
    place.write("new/main.runbook.hcl", hidden("output \"x\" { value = 1 } # The same!\n"));
    let ran = place.run(&["diff", "old", "new"]);
    let seen = ran.seen();
    assert!(
        seen.contains("new hides something from its readers at ") && seen.contains("main.runbook.hcl:1"),
        "{seen}"
    );
    assert!(!place.run(&["diff", "old", "old/main.runbook.hcl"]).seen().contains("hides something"));
}
