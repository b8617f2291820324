//! Sources of variable values: their precedence, and files with a byte-order mark.

use crate::support::Place;

const SHOWN: &str = "variable \"v\" { default = \"default\" }\noutput \"a\" { value = var.v }\n";

/// Files beside the runbook, the variable of the environment, options, and the value that counts.
type Case = (&'static [&'static str], Option<&'static str>, &'static [&'static str], &'static str);

const ORDER: &[Case] = &[
    (&[], None, &[], "default"),
    (&[], Some("environment"), &[], "environment"),
    (&["a.auto.vars.hcl"], Some("environment"), &[], "a.auto.vars.hcl"),
    (&["a.auto.vars.hcl", "b.auto.vars.json"], None, &[], "b.auto.vars.json"),
    (&["a.auto.vars.json", "b.auto.vars.hcl"], None, &[], "b.auto.vars.hcl"),
    (&["a.auto.vars.json", "a.auto.vars.hcl"], None, &[], "a.auto.vars.json"),
    (&["a.auto.vars.json"], Some("environment"), &[], "a.auto.vars.json"),
    (&["z.auto.vars.json", "f.hcl"], None, &["-var-file", "f.hcl"], "f.hcl"),
    (&["z.auto.vars.json"], None, &["-var", "v=typed"], "typed"),
    (&["f.hcl"], None, &["-var", "v=typed", "-var-file", "f.hcl"], "f.hcl"),
    (&["f.hcl"], None, &["-var-file", "f.hcl", "-var", "v=typed"], "typed"),
    (&["f.hcl"], None, &["-var=v=typed", "-var-file=f.hcl"], "f.hcl"),
    (&["f.hcl"], None, &["-var=v=1", "-var-file=f.hcl", "-var=v=3"], "3"),
    (&["f.hcl", "g.json"], None, &["-var-file=g.json", "-var=v=2", "-var-file=f.hcl"], "f.hcl"),
    (&["f.hcl", "g.json"], None, &["-var-file=f.hcl", "-var-file=g.json"], "g.json"),
    (&["f.hcl", "g.json"], None, &["-var-file=g.json", ".", "-var-file=f.hcl"], "f.hcl"),
    (&[], None, &["-var=v=1", "-var=v=2"], "2"),
];

/// A file that gives `v` its own name.
fn naming_itself(name: &str) -> String {
    if name.contains("json") { format!("{{ \"v\": \"{name}\" }}") } else { format!("v = \"{name}\"\n") }
}

#[test]
fn the_last_source_counts() {
    for (files, environment, options, value) in ORDER {
        let place = Place::with(SHOWN);
        for name in *files {
            place.write(name, naming_itself(name));
        }
        let mut command = place.command(&["plan"]);
        command.args(*options).envs(environment.map(|text| ("ARCBOOK_VAR_v", text)));
        let ran = crate::support::Ran::of(command.output().expect("the program"));
        assert!(ran.out.contains(&format!("a = \"{value}\"")), "{files:?} {options:?}: {}", ran.seen());
    }
}

#[test]
fn files_of_values_beside_a_runbook_that_is_named_are_left_alone() {
    let place = Place::with(SHOWN);
    place.write("a.auto.vars.json", naming_itself("a.auto.vars.json"));
    assert!(place.run(&["plan", "main.runbook.hcl"]).out.contains("a = \"default\""));
}

/// A name, its text after the mark, options, an expression, and what it comes to.
const MARKED: [(&str, &str, &[&str], &str, &str); 12] = [
    ("a.auto.vars.hcl", "v = \"x\"\n", &[], "var.v", "\"x\""),
    ("a.auto.vars.json", "{\"v\": \"x\"}", &[], "var.v", "\"x\""),
    ("f.hcl", "v = \"x\"\n", &["-var-file=f.hcl"], "var.v", "\"x\""),
    ("f.json", "{\"v\": \"x\"}", &["-var-file=f.json"], "var.v", "\"x\""),
    ("more.runbook.hcl", "locals {\n  x = \"x\"\n}\n", &[], "local.x", "\"x\""),
    ("d.json", "{\"k\": \"x\"}", &[], "jsondecode(file(\"d.json\")).k", "\"x\""),
    ("d.yaml", "k: x\n", &[], "yamldecode(file(\"d.yaml\")).k", "\"x\""),
    ("d.csv", "k,l\nx,y\n", &[], "csvdecode(file(\"d.csv\"))[0].k", "\"x\""),
    ("d.tftpl", "x${k}", &[], "templatefile(\"d.tftpl\", { k = 1 })", "\"x1\""),
    ("d.j2", "x{{ k }}", &[], "templatefile(\"d.j2\", { k = 1 })", "\"x1\""),
    // As in Terraform, the mark is a character of the text.
    ("d.txt", "x", &[], "length(file(\"d.txt\"))", "2"),
    ("d.txt", "x", &[], "length(trimprefix(file(\"d.txt\"), \"\\ufeff\"))", "1"),
];

#[test]
fn files_that_begin_with_a_byte_order_mark_are_read() {
    for (name, text, options, expression, value) in MARKED {
        let place = Place::new();
        let declared = "variable \"v\" { default = \"\" }\n";
        let used = format!("output \"a\" {{ value = [var.v, {expression}][1] }}\n");
        place.write("main.runbook.hcl", format!("\u{feff}{declared}{used}"));
        place.write(name, format!("\u{feff}{text}"));
        let ran = place.run(&[&["plan"], options].concat());
        assert!(ran.out.contains(&format!("a = {value}\n")), "{name} {expression}: {}", ran.seen());
    }
}
