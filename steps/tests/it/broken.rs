//! No runbook makes the program panic, whatever its errors.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::graph::{self, Drawing};
use arcbook_engine::plan::{self, KnownResults};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Outline};
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::step::{Effect, Registry};
use arcbook_engine::syntax::{self, Body};
use arcbook_steps::{Azure, AzureOptions, Environment, registry};
use tempfile::TempDir;

/// A runbook with a reference to every kind of object.
const EVERYTHING: &str = r#"
runbook {
  description = "everything"
  timeout     = "5m"
  on_failure  = "undo"
}
variable "name" {
  type    = string
  default = "a"
  validation {
    condition     = length(var.name) < 9
    error_message = "too long: ${var.name}"
  }
}
locals {
  all   = module.net[*].out
  keys  = { for key, one in module.many : key => one.out }
  first = module.net.out
}
module "net" {
  source     = "./part"
  given      = var.name
  depends_on = [step.echo.a]
}
module "many" {
  source   = "./part"
  for_each = toset(["x", "y"])
  given    = module.net.out
  when     = var.name != "b"
}
step "echo" "a" {
  count = 2
  input = var.name
}
step "echo" "b" {
  for_each   = step.echo.c
  input      = [module.many["x"].out, each.key, step.echo.a[*].output]
  depends_on = [module.many, module.net]
  precondition {
    condition     = module.net.out == "a"
    error_message = "no"
  }
  postcondition {
    condition     = self.output != null
    error_message = "no"
  }
}
step "echo" "c" {
  for_each = { k = module.net.out }
  input    = each.value
}
step "arm_get" "d" {
  path        = "/subscriptions/${module.net.out}"
  api_version = "2021-04-01"
  run_on      = "always"
  extract     = { names = "value[].name", more = "value[?name=='${local.first}']" }
  retry {
    attempts = 2
    delay    = "1s"
  }
}
check "sound" {
  assert {
    condition     = alltrue([for one in module.many : one.out == "a"])
    error_message = "${module.net.out}"
  }
}
output "net" {
  value      = [module.net, local.all, local.keys, step.arm_get.d.extract.names]
  depends_on = [module.many]
}
"#;

const PART: &str = r#"
variable "given" { type = string }
step "echo" "in" { input = var.given }
module "deep" {
  source = "./deep"
  given  = step.echo.in.output
}
output "out" { value = module.deep.out }
"#;

const DEEP: &str = r#"
variable "given" {}
output "out" { value = var.given }
"#;

/// Expressions that can replace any value.
const VALUES: [&str; 12] = [
    "null",
    "[]",
    "\"x\"",
    "\"Azure/network/azurerm\"",
    "\"./part\"",
    "-1e400",
    "module.net",
    "module.none[each.key].out",
    "step.echo.a[*].output",
    "{ for k, v in module.many : k => v... }",
    "self",
    "\"${",
];

/// A valid runbook, from which the tests derive broken ones.
pub struct Whole {
    pub files: Vec<(PathBuf, String)>,
}

impl Whole {
    pub fn everything() -> Self {
        let files = [
            ("main.runbook.hcl", EVERYTHING),
            ("part/main.runbook.hcl", PART),
            ("part/deep/main.runbook.hcl", DEEP),
        ];
        Self { files: files.map(|(path, text)| (path.into(), text.to_owned())).into() }
    }

    fn at(directory: &Path) -> Self {
        let mut files = Vec::new();
        collect(directory, directory, &mut files);
        Self { files }
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.to_string_lossy().ends_with(".runbook.hcl") {
            files.push((path.strip_prefix(root).unwrap().into(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Writes files to a temporary directory.
pub fn placed(files: &[(PathBuf, String)]) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = place.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    place
}

/// A range of a text and its replacement.
type Break = (Range<usize>, &'static str);

/// Returns every way to break a file in one place.
fn breaks(text: &str) -> Vec<Break> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("it", text.to_owned()));
    let mut breaks = BTreeSet::new();
    in_body(&syntax::parse(&sources, file).body, &mut breaks);
    breaks.into_iter().map(|(start, end, other)| (start..end, other)).collect()
}

fn in_body(body: &Body, breaks: &mut BTreeSet<(usize, usize, &'static str)>) {
    let mut add = |range: Range<usize>, other| breaks.insert((range.start, range.end, other));
    for attribute in &body.attributes {
        add(attribute.span.range(), "");
        for other in VALUES {
            add(attribute.expression.span.range(), other);
        }
        attribute.expression.walk(&mut |inner| {
            add(inner.span.range(), "module.net.out");
        });
    }
    for block in &body.blocks {
        add(block.span.range(), "");
        add(block.body.span.range(), "{}");
        for label in &block.labels {
            add(label.span.range(), "");
            add(label.span.range(), "\"many\"");
        }
    }
    for block in &body.blocks {
        in_body(&block.body, breaks);
    }
}

/// Loads, validates, plans, graphs and shows a directory, as the commands do.
///
/// Returns the program's output.
fn look(directory: &Path, registry: &Registry) -> String {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let Ok(files) = Files::find(directory) else { return String::new() };
    let runbook = runbook::load(&files, registry, &mut sources, &mut found);
    let _ = Outline::of(&runbook, &sources);
    let mut later = Diagnostics::new();
    let variables = Inputs::new().resolve(&runbook, &mut sources, Missing::Unknown, &mut later);
    let made = plan::make(&runbook, variables, &KnownResults::default(), &mut later);
    if let Some(plan) = &made {
        let drawing = Drawing::new(&plan.graph, &plan.state.modules, |_| Effect::Reads, |_| false, &[]);
        let _ = (graph::dot(&drawing), graph::mermaid(&drawing));
    }
    found.append(runbook::without_consequences(&found, later));
    let said = render_all(&found, &sources, &Style::default());
    assert!(made.is_some() || found.has_errors(), "no plan, and no reason: {said}");
    said
}

/// Breaks each file of a runbook in each way, and returns the variants that made the program panic.
fn broken(whole: &Whole, registry: &Registry) -> Vec<String> {
    let place = placed(&whole.files);
    let mut panics = Vec::new();
    for (path, text) in &whole.files {
        for (range, other) in breaks(text) {
            let broken = format!("{}{other}{}", &text[..range.start], &text[range.end..]);
            fs::write(place.path().join(path), broken).unwrap();
            if catch_unwind(AssertUnwindSafe(|| look(place.path(), registry))).is_err() {
                panics.push(format!("{}: `{}` became `{other}`", path.display(), &text[range]));
            }
        }
        fs::write(place.path().join(path), text).unwrap();
    }
    panics
}

pub fn steps() -> Registry {
    registry(&Arc::new(Azure::new(AzureOptions::new(Environment::default()))))
}

#[test]
fn no_single_error_in_a_runbook_causes_a_panic() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut wholes = vec![Whole::everything(), Whole::at(&repository.join("runbooks/jumpstart"))];
    let examples = fs::read_dir(repository.join("examples")).unwrap().flatten();
    wholes
        .extend(examples.map(|entry| entry.path()).filter(|path| path.is_dir()).map(|path| Whole::at(&path)));
    let registry = steps();
    let panics: Vec<_> = wholes.iter().flat_map(|whole| broken(whole, &registry)).collect();
    assert!(panics.is_empty(), "{panics:#?}");
}

#[test]
fn the_unbroken_runbook_is_valid() {
    let place = placed(&Whole::everything().files);
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let files = Files::find(place.path()).unwrap();
    let runbook = runbook::load(&files, &steps(), &mut sources, &mut found);
    let variables = Inputs::new().resolve(&runbook, &mut sources, Missing::Unknown, &mut found);
    let plan = plan::make(&runbook, variables, &KnownResults::default(), &mut found);
    assert!(plan.is_some() && !found.has_errors(), "{}", render_all(&found, &sources, &Style::default()));
}

/// Each of these modules is unusable; the runbook calls it as `net`.
#[test]
fn references_to_an_unreadable_module_cause_no_panic() {
    let modules = [
        "module \"net\" { source = \"Azure/network/azurerm\" }",
        "module \"net\" {}",
        "module \"net\" { source = null }",
        "module \"net\" { source = \"${var.name}\" }",
        "module \"net\" { source = \"./nowhere\" }",
        "module \"net\" { source = \".\" }",
        "module \"net\" { source = \"./\" }",
        "module \"net\" {\n  source = \"git::https://x.test/y\"\n  for_each = toset([\"a\"])\n}",
        "module \"net\" {\n  count = 2\n}",
        "module \"net\" { source = \"./\n}",
        "module {}",
    ];
    let uses = [
        "output \"a\" { value = module.net }",
        "output \"a\" { value = module.net.foo.bar[0] }",
        "output \"a\" { value = module.net[*].foo }",
        "output \"a\" { value = module.net[\"k\"].foo }",
        "step \"echo\" \"a\" {\n  input = 1\n  depends_on = [module.net]\n}",
        "step \"echo\" \"a\" {\n  for_each = module.net\n  input = each.value\n}",
        "step \"echo\" \"a\" {\n  count = module.net.count\n  input = \"${module.net.x}\"\n}",
        "module \"next\" {\n  source = \"./part\"\n  given = module.net.x\n}\noutput \"b\" { value = module.next.out }",
        "check \"a\" {\n  assert {\n    condition = module.net.ok\n    error_message = \"${module.net.ok}\"\n  }\n}",
        "locals { a = { for k, v in module.net : k => v } }",
        "module \"net\" { source = \"./part\" }",
    ];
    let registry = steps();
    let mut whole = Whole::everything();
    for module in modules {
        for used in uses {
            whole.files[0].1 = format!("variable \"name\" {{ default = \"a\" }}\n{module}\n{used}\n");
            look(placed(&whole.files).path(), &registry);
        }
    }
}

#[test]
fn modules_have_a_nesting_limit() {
    let module = "module \"n\" { source = \"./a\" }\noutput \"o\" { value = module.n.o }\n";
    let levels = |count: usize| {
        let level = |at: usize| {
            let text = if at < count { module } else { "output \"o\" { value = 1 }\n" };
            (PathBuf::from("a/".repeat(at)).join("m.runbook.hcl"), text.to_owned())
        };
        placed(&(0..=count).map(level).collect::<Vec<_>>())
    };
    assert_eq!(look(levels(100).path(), &steps()), "");
    assert!(look(levels(101).path(), &steps()).contains("nested more than 100 levels deep"));
}
