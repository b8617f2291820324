//! The outline of a runbook: uses of names and their declarations.

use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::runbook::{self, Files, NameUse, Outline, Runbook};
use arcbook_engine::source::{Sources, Span};

use crate::support::{Log, registry};

const MAIN: &str = r#"
variable "region" { default = "w" }
locals {
  all = toset(["a"])
  two = { (var.region) = 1 }
}
step "put" "a" {
  for_each = local.all
  value    = "${each.key}-${var.region}"
  extract  = { n = "x", m = "y[?z=='${var.region}']" }
  postcondition {
    condition     = self.value != "" && self.extract.n != null
    error_message = "not ${path.module}"
  }
}
step "put" "b" {
  count      = 1
  value      = <<-EOT
    %{ for step in [1] ~}${step.put.a}%{ endfor ~}
    ${step.put.a["a"].extract.n} ${step . put["a"][var.region].value} ${count.index}
  EOT
  depends_on = [step.put.a]
}
module "m" {
  source = "./part"
  name   = join("", step.put.a[*].extract.n)
}
output "o" { value = module.m.out }
output "p" { value = [for x in local.two : x + local.two[runbook.name]] }
"#;

const PART: &str = r#"
variable "name" {}
output "out" { value = var.name }
"#;

/// Writes a use in one line: the place, the name and its kind, the block, the declaration and its place.
fn line(found: &NameUse, sources: &Sources) -> String {
    let at = |span: Span| {
        let start = sources.start(span);
        let name = sources.file(span.file).path().file_name().unwrap().to_string_lossy().into_owned();
        format!("{}{}:{}", if name.starts_with("part") { "part:" } else { "" }, start.line, start.column)
    };
    let declaration = found.declaration.as_ref().map_or_else(
        || "nothing".to_owned(),
        |found| format!("{} {}", found.address, found.span.map_or_else(|| "-".to_owned(), at)),
    );
    let within = found.within.as_deref().unwrap_or("-");
    format!("{} {} {:?} in {within} is {declaration}", at(found.span), found.name, found.kind)
}

/// Loads a runbook from its files.
fn loaded(files: &[(&str, &str)]) -> (Arc<Runbook>, Sources, Diagnostics) {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let registry = registry(&Log::default(), &Log::default());
    let files = Files::find(directory.path()).unwrap();
    let runbook = runbook::load(&files, &registry, &mut sources, &mut found);
    (runbook, sources, found)
}

/// Writes the uses of names in a runbook.
fn lines(runbook: &Runbook, sources: &Sources) -> String {
    let outline = Outline::of(runbook, sources);
    outline.uses.iter().map(|found| line(found, sources)).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_kind_of_name_leads_to_its_declaration() {
    let files = [("main.runbook.hcl", MAIN), ("part/part.runbook.hcl", PART)];
    let (runbook, sources, found) = loaded(&files);
    assert!(!found.has_errors(), "{}", render_all(&found, &sources, &Style::default()));
    insta::assert_snapshot!(lines(&runbook, &sources));
    let part = lines(&runbook.modules[0].runbook, &sources);
    assert_eq!(part, "part:3:24 var.name Variable in output.out is var.name part:2:10");
}

#[test]
fn a_wrong_runbook_has_an_outline_too() {
    let main = "step \"put\" \"a\" { value = var.none }\nstep \"none\" \"b\" { value = local.x }\nvariable";
    let (runbook, sources, found) = loaded(&[("main.runbook.hcl", main)]);
    assert!(found.has_errors());
    let outline = Outline::of(&runbook, &sources);
    let addresses: Vec<_> = outline.blocks.iter().filter_map(|block| block.address.as_deref()).collect();
    assert_eq!(addresses, ["step.put.a", "step.none.b"]);
    assert_eq!(lines(&runbook, &sources), "1:26 var.none Unknown in step.put.a is nothing");
}
