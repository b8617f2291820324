//! The values that go with the world of a lab.

use crate::chain::holds;
use crate::cloud::WORLD;
use crate::support::Place;

const RUNBOOK: &str = r#"
variable "text" {}

variable "other" { default = "the default" }

output "text" { value = "${var.text} and ${var.other}" }
"#;

/// Returns a place with a runbook, a world and values for it.
fn place() -> Place {
    let place = Place::with(RUNBOOK);
    place.write("site.lab.hcl", WORLD);
    place.write("site.lab.vars.hcl", "text = \"of the lab\"\n");
    place
}

#[test]
fn a_run_on_the_lab_uses_the_values_of_its_world() {
    let place = place();
    place.write("my.auto.vars.hcl", "text = \"of the real Azure\"\n");
    let run = |more: &[&str]| {
        let mut command = place.command(&[&["run", "-lab"], more].concat());
        command.env("ARCBOOK_VAR_text", "of the environment");
        crate::support::Ran::of(command.output().expect("it runs"))
    };
    let announced = "with the world of ./site.lab.hcl and the values of ./site.lab.vars.hcl.";
    for (more, says) in [
        (&[][..], "of the lab and the default"),
        (&["-var", "text=typed"], "typed and the default"),
        (&["-var", "other=typed"], "of the lab and typed"),
        (&["-var-file", "my.auto.vars.hcl"], "of the real Azure and the default"),
        (&["-json"], "\"values\":\"./site.lab.vars.hcl\""),
    ] {
        let ran = run(more);
        holds(&ran, 0, &[says]);
        assert!(more == ["-json"] || ran.out.contains(announced), "{}", ran.seen());
    }
    let planned = place.run(&["plan", "-live", "-lab"]);
    holds(&planned, 0, &["of the lab and the default"]);
}

#[test]
fn other_commands_and_other_worlds_do_not_use_them() {
    let place = place();
    holds(&place.run(&["plan"]), 3, &["the variable `text` has no value"]);
    holds(&place.run(&["run", "-auto-approve"]), 3, &["the variable `text` has no value"]);
    place.write("worlds/other.lab.hcl", WORLD);
    let other = ["run", "-lab", "-world", "worlds/other.lab.hcl"];
    holds(&place.run(&other), 3, &["the variable `text` has no value"]);
    place.write("worlds/other.lab.vars.hcl", "text = \"of another\"\n");
    holds(&place.run(&other), 0, &["of another", "the values of worlds/other.lab.vars.hcl"]);
    // A file of the same name cannot be taken for a world or for a runbook.
    holds(&place.run(&["validate"]), 0, &[]);
}

#[test]
fn a_mistake_in_them_is_shown_with_its_place() {
    let place = place();
    place.write("site.lab.vars.hcl", "text = \"a\"\nothre = 1\n");
    let ran = place.run(&["run", "-lab"]);
    holds(&ran, 0, &[]);
    assert!(
        ran.err.contains("a value is given for `othre`") && ran.err.contains("site.lab.vars.hcl:2"),
        "{}",
        ran.seen()
    );
    place.write("site.lab.vars.hcl", "text = var.x\n");
    holds(&place.run(&["run", "-lab"]), 3, &["site.lab.vars.hcl"]);
}
