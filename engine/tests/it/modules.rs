//! Modules: runbooks that another runbook calls.

use std::path::Path;

use arcbook_engine::run::Status;

use crate::instances::{addresses, done, outputs};
use crate::support::{Events, Stage, stage_files};

const MODULE: &str = r#"
    variable "name" {
      type = string
      validation {
        condition     = var.name != "bad"
        error_message = "not bad"
      }
    }
    variable "size" {
      type    = number
      default = 3
    }
    step "read" "hello" {
      count = var.size
      value = "${var.name}${count.index}"
    }
    module "deeper" {
      source = "./deeper"
      all    = step.read.hello[*].value
    }
    output "all" { value = module.deeper.joined }
    output "where" { value = path.module }
    output "root" { value = path.root }
    output "secret" {
      value     = "s"
      sensitive = true
    }
"#;

const DEEPER: &str = r#"
    variable "all" { type = list(string) }
    locals { text = file("${path.module}/glue.txt") }
    output "joined" { value = join(trimspace(local.text), var.all) }
"#;

fn with_module(root: &str) -> Result<Stage, String> {
    let files = [
        ("main.runbook.hcl", root),
        ("part/main.runbook.hcl", MODULE),
        ("part/deeper/main.runbook.hcl", DEEPER),
        ("part/deeper/glue.txt", "-\n"),
    ];
    stage_files(&files, &[])
}

#[tokio::test(start_paused = true)]
async fn a_module_is_a_runbook_in_its_own_directory() {
    let stage = with_module(
        r#"
        module "one" {
          source = "./part"
          name   = "x"
        }
        module "each" {
          source   = "./part"
          for_each = toset(["p", "q"])
          name     = each.key
          size     = "2"
        }
        step "read" "after" { depends_on = [module.each] }
        output "one" { value = module.one.all }
        output "each" { value = { for key, module in module.each : key => module.all } }
        output "q" { value = module.each["q"].all }
        output "where" { value = module.one.where }
        output "root" { value = module.one.root }
        output "secret" { value = issensitive(module.one.secret) }
        "#,
    )
    .expect("planned");
    assert!(addresses(&stage).contains(&"module.each[\"q\"].step.read.hello[1]"));
    assert_eq!(
        stage.plan.files.iter().map(|path| Path::new(path).file_name().unwrap()).collect::<Vec<_>>(),
        ["glue.txt"]
    );
    let report = done(&stage).await;
    let outputs = outputs(&report);
    assert_eq!(outputs["one"], r#""x0-x1-x2""#);
    assert_eq!(outputs["each"], r#"{"p":"p0-p1","q":"q0-q1"}"#);
    assert_eq!(outputs["q"], r#""q0-q1""#);
    assert_eq!(outputs["where"], r#""part""#);
    assert_eq!((&*outputs["root"], &*outputs["secret"]), (r#"".""#, "true"));
    let lines = stage.log.lines();
    let after = lines.iter().position(|line| line == "step.read.after began").expect("began");
    assert!(lines[after..].iter().all(|line| !line.starts_with("module.each")), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_module_with_later_instances_is_expanded_then() {
    let stage = with_module(
        r#"
        step "read" "names" { value = { a = 1, b = 2 } }
        module "late" {
          source   = "./part"
          for_each = step.read.names.value
          name     = each.key
          size     = each.value
        }
        step "read" "after" { value = module.late["b"].all }
        output "late" { value = values(module.late)[*].all }
        output "after" { value = step.read.after.value }
        "#,
    )
    .expect("planned");
    assert!(addresses(&stage).contains(&"module.late[*].step.read.hello[*]"));
    let report = done(&stage).await;
    assert_eq!(outputs(&report)["late"], r#"["a0","b0-b1"]"#);
    assert_eq!(outputs(&report)["after"], r#""b0-b1""#);
    assert_eq!(report.steps, 5);
}

#[tokio::test(start_paused = true)]
async fn the_rules_of_a_module_apply_to_later_values_too() {
    let stage = with_module(
        r#"
        step "read" "name" { value = "bad" }
        module "late" {
          source = "./part"
          name   = step.read.name.value
        }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(events.of("value_failed")[0]["address"], "module.late.var.name");
    assert_eq!(stage.log.lines(), ["step.read.name began", "step.read.name ended"]);
}

#[test]
fn a_module_call_must_match_the_module() {
    let cases = [
        ("module \"m\" { source = \"./part\" }", "needs `name`"),
        ("module \"m\" {\n source = \"./part\"\n name = \"x\"\n nam = \"y\"\n}", "did you mean `name`"),
        (
            "module \"m\" {\n source = \"./part\"\n name = \"x\"\n}\noutput \"o\" { value = module.m.al }",
            "did you mean `all`",
        ),
        ("module \"m\" {\n source = \"./part\"\n name = \"x\"\n size = \"many\"\n}", "of the wrong type"),
        ("module \"m\" {\n source = \"./part\"\n name = \"bad\"\n}", "not bad"),
        (
            "module \"m\" {\n source = \"./part\"\n count = 1\n name = \"x\"\n}\noutput \"o\" { value = module.m.all }",
            "`module.m[0].all`",
        ),
        (
            "module \"m\" {\n source = \"./part\"\n name = module.m.all\n}",
            "module.m.output.all → module.m.module.deeper.output.joined",
        ),
    ];
    for (text, expected) in cases {
        let found = with_module(text).err().unwrap_or_default();
        assert!(found.contains(expected), "{text}\nshould say {expected}, says\n{found}");
    }
}

/// Each level doubles the number of modules; counting them must not take exponential time.
#[test]
fn modules_within_modules_are_limited() {
    let module = |next: usize| {
        format!("module \"a\" {{ source = \"./m{next}\" }}\nmodule \"b\" {{ source = \"./m{next}\" }}\n")
    };
    let mut path = String::new();
    let mut files = vec![("main.runbook.hcl".to_owned(), module(1))];
    for level in 1..40 {
        path = format!("{path}m{level}/");
        files.push((format!("{path}main.runbook.hcl"), module(level + 1)));
    }
    files.push((format!("{path}m40/main.runbook.hcl"), "output \"o\" { value = 1 }\n".to_owned()));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let found = stage_files(&files, &[]).err().unwrap_or_default();
    assert!(found.contains("more than 10000 modules within modules"), "{found}");
}
