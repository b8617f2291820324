//! Attributes that a value has and its type does not: a warning, or an error where the variable is strict, from wherever the
//! value comes.

use crate::support::{Place, Ran};

/// The source of a value.
#[derive(Clone, Copy, Debug)]
enum From {
    /// A file of that name.
    File(&'static str),
    /// `ARCBOOK_VAR_v`.
    Environment,
    /// `-var`.
    Option,
}

const HCL: From = From::File("v.auto.vars.hcl");
const JSON: From = From::File("v.auto.vars.json");

const MODE: &str = "object({ mode = optional(string) })";
const RULES: &str = "object({ rules = list(object({ name = optional(string), port = optional(number) })) })";

/// The type of the variable, where the value comes from, what was given, and what the message says; nothing when there is none.
const GIVEN: &[(&str, From, &str, &[&str])] = &[
    (
        "object({ mode = optional(string), size = optional(number) })",
        JSON,
        "{\"v\": {\"moed\": \"hunter2\", \"siez\": 1, \"hunter3\": 2}}",
        &["has attributes that", "did you mean `mode`?", "did you mean `size`?"],
    ),
    (MODE, From::Option, "v={mode=\"x\"}", &[]),
    (
        MODE,
        From::Option,
        "v={moed=\"hunter2\"}",
        &["-var v:1:2", "has the attributes `mode`", "did you mean `mode`?"],
    ),
    (
        MODE,
        From::Option,
        "v={hunter2=\"x\"}",
        &["-var v:1:2", "has the attributes `mode`", "given by -var v"],
    ),
    (MODE, From::Option, "v={moed=\"hunter2\", mode=\"x\"}", &["-var v:1:2", "take it out"]),
    (MODE, From::Option, "v=({\"moed\"=\"hunter2\"})", &["-var v:1:3", "did you mean `mode`?"]),
    (
        MODE,
        From::Environment,
        "{moed=\"hunter2\"}",
        &["ARCBOOK_VAR_v:1:2", "did you mean `mode`?", "given by ARCBOOK_VAR_v"],
    ),
    (MODE, HCL, "v = {\n  moed = \"hunter2\"\n}\n", &["v.auto.vars.hcl:2:3", "did you mean `mode`?"]),
    (MODE, HCL, "v = { (\"moed\") = \"hunter2\" }\n", &["v.auto.vars.hcl:1:5", "did you mean `mode`?"]),
    (MODE, JSON, "{\n  \"v\": {\"moed\": \"hunter2\"}\n}", &["v.auto.vars.json:2:8", "did you mean `mode`?"]),
    ("object({})", HCL, "v = { hunter2 = 1 }\n", &["has no attributes"]),
    ("any", HCL, "v = { hunter2 = 1 }\n", &[]),
    ("map(string)", HCL, "v = { hunter2 = 1 }\n", &[]),
    (
        RULES,
        HCL,
        "v = { rules = [{}, { nmae = \"hunter2\" }] }\n",
        &["v.auto.vars.hcl:1:22", "`.rules[1]`", "`name`, `port`", "did you mean `name`?"],
    ),
    (
        RULES,
        HCL,
        "v = { rules = [{ hunter2 = 1 }, { hunter2 = 1 }, { hunter2 = 1 }] }\n",
        &["v.auto.vars.hcl:1:18", "2 more elements"],
    ),
    (
        RULES,
        JSON,
        "{\"v\": {\"rules\": [{\"hunter2\": 1}], \"hunter3\": 2}}",
        &["`.rules[0]`", "has the attributes `rules`"],
    ),
    (
        "map(object({ a = optional(string) }))",
        HCL,
        "v = { hunter2 = { b = 1 } }\n",
        &["v.auto.vars.hcl:1:19", "`[…]`"],
    ),
    (
        "map(object({ a = optional(string) }))",
        From::Option,
        "v={hunter2={b=1},hunter3={b=1}}",
        &["`[…]`", "One more element"],
    ),
    ("list(map(object({ a = optional(string) })))", HCL, "v = [{ hunter2 = { b = 1 } }]\n", &["`[0][…]`"]),
    ("tuple([string, object({ a = optional(string) })])", HCL, "v = [\"\", { hunter2 = 1 }]\n", &["`[1]`"]),
    ("set(object({ a = optional(string) }))", HCL, "v = [{ hunter2 = 1 }]\n", &["`[0]`"]),
    (
        "object({ a = optional(object({ b = optional(object({ c = optional(string) })) })) })",
        From::Option,
        "v={a={b={hunter2=1}}}",
        &["`.a.b`", "has the attributes `c`"],
    ),
];

fn run(place: &Place, command: &[&str], from: From, given: &str) -> Ran {
    let mut program = place.command(command);
    match from {
        From::File(name) => place.write(name, given),
        From::Environment => drop(program.env("ARCBOOK_VAR_v", given)),
        From::Option => drop(program.args(["-var", given])),
    }
    Ran::of(program.output().expect("the program"))
}

#[test]
fn an_attribute_from_outside_that_the_type_does_not_have_is_told_and_not_quoted() {
    for (ty, from, given, says) in GIVEN {
        for (strict, severity, code) in [("", "warning", 0), ("  strict = true\n", "error", 3)] {
            let place = Place::with(&format!(
                "variable \"v\" {{\n  type = {ty}\n{strict}}}\noutput \"o\" {{ value = var.v }}\n"
            ));
            for command in [&["validate"][..], &["validate", "-json"], &["plan"], &["run", "-auto-approve"]] {
                let ran = run(&place, command, *from, given);
                let seen = format!("{from:?} {given:?} {command:?}: {}", ran.seen());
                assert_eq!(ran.code, Some(if says.is_empty() { 0 } else { code }), "{seen}");
                let messages = if command.contains(&"-json") { &ran.out } else { &ran.err };
                assert!(!messages.contains("hunter"), "{seen}");
                assert_eq!(messages.contains("unknown-attribute"), !says.is_empty(), "{seen}");
                if command.len() == 1 {
                    assert!(says.iter().all(|words| messages.contains(words)), "{says:?} in {seen}");
                    assert!(
                        says.is_empty() || messages.contains(&format!("{severity}[unknown-attribute]")),
                        "{seen}"
                    );
                }
            }
        }
    }
}

/// A declaration with a default, and the place of each message about it.
const DEFAULTS: &[(&str, &[&str])] = &[
    ("type = object({ mode = optional(string) })\n  default = { moed = \"x\" }", &["main.runbook.hcl:3:15"]),
    ("type = object({ mode = optional(string) })\n  default = { mode = \"x\" }", &[]),
    (
        "type = list(object({ mode = optional(string) }))\n  default = [{}, { \"moed\" = \"x\" }]",
        &["main.runbook.hcl:3:20"],
    ),
    (
        "type = object({ a = optional(object({ mode = optional(string) }), { moed = \"x\" }) })\n  default = {}",
        &["main.runbook.hcl:2:71"],
    ),
    (
        "type = object({ a = optional(object({ mode = optional(string) }), {}) })\n  default = { a = { moed = 1 }, b = 1 }",
        &["main.runbook.hcl:3:21", "main.runbook.hcl:3:33"],
    ),
];

#[test]
fn an_attribute_of_a_default_that_the_type_does_not_have_is_told() {
    for (declared, places) in DEFAULTS {
        for (strict, code) in [("", 0), ("\n  strict = true", 3)] {
            let book =
                format!("variable \"v\" {{\n  {declared}{strict}\n}}\noutput \"o\" {{ value = var.v }}\n");
            let ran = Place::with(&book).run(&["validate"]);
            assert_eq!(
                ran.code,
                Some(if places.is_empty() { 0 } else { code }),
                "{declared}: {}",
                ran.seen()
            );
            assert_eq!(ran.err.matches("[unknown-attribute]").count(), places.len(), "{}", ran.seen());
            assert!(places.iter().all(|place| ran.err.contains(place)), "{declared}: {}", ran.seen());
        }
    }
}

/// The argument of a module, and whether a message is expected if the variable is not strict, and if it is.
const MODULES: &[(&str, bool, bool)] = &[
    ("{ mode = \"x\" }", false, false),
    ("{ moed = \"x\" }", true, true),
    ("{ other = \"x\" }", true, true),
    ("({ other = \"x\" })", true, true),
    ("local.moed", true, true),
    ("merge(local.moed, {})", true, true),
    ("true ? local.moed : local.moed", true, true),
    ("local.larger", false, true),
    ("var.given", false, true),
    ("step.echo.a.extract", false, true),
];

#[test]
fn what_a_module_is_given_is_told_where_it_is_a_slip_and_always_when_the_variable_is_strict() {
    for (given, is_told, is_refused) in MODULES {
        for (strict, expected, code) in [("", is_told, 0), ("  strict = true\n", is_refused, 3)] {
            let place = Place::with(&format!(
                "variable \"given\" {{}}\nlocals {{\n  moed = {{ moed = \"x\" }}\n  larger = {{ mode = \"x\", other = 1 }}\n}}\nstep \"echo\" \"a\" {{\n  input = {{ mode = \"x\", more = 2 }}\n  extract = {{ mode = \"mode\", more = \"more\" }}\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  count = 2\n  v = {given}\n}}\noutput \"o\" {{ value = [module.m[0].o, local.moed, local.larger, var.given, step.echo.a.extract] }}\n"
            ));
            place.write("values.hcl", "given = { mode = \"x\", hunter2 = \"hunter2\" }\n");
            place.write(
                "m/main.runbook.hcl",
                format!("variable \"v\" {{\n  type = object({{ mode = optional(string) }})\n{strict}}}\noutput \"o\" {{ value = var.v }}\n"),
            );
            let ran = place.run(&["validate", "-var-file=values.hcl"]);
            let told = ran.err.matches("[unknown-attribute]").count();
            assert_eq!(told, usize::from(*expected), "{given} {strict:?}: {}", ran.seen());
            assert_eq!(
                ran.code,
                Some(if *expected { code } else { 0 }),
                "{given} {strict:?}: {}",
                ran.seen()
            );
            assert!(!ran.err.contains("hunter"), "{}", ran.seen());
        }
    }
}

#[test]
fn a_sensitive_value_that_a_module_is_given_tells_nothing_of_its_names() {
    let place = Place::with(
        "variable \"given\" { sensitive = true }\nmodule \"m\" {\n  source = \"./m\"\n  v = var.given\n}\n",
    );
    place.write("values.hcl", "given = { moed = \"hunter2\" }\n");
    place.write("m/main.runbook.hcl", "variable \"v\" { type = object({ mode = optional(string) }) }\noutput \"o\" {\n  value = var.v\n  sensitive = true\n}\n");
    let ran = place.run(&["validate", "-var-file=values.hcl"]);
    assert!(ran.code == Some(0) && !ran.err.contains("unknown-attribute"), "{}", ran.seen());
}

#[test]
fn a_huge_object_is_looked_through_at_once() {
    let place = Place::with(
        "variable \"v\" { type = object({ mode = optional(string) }) }\noutput \"o\" { value = var.v }\n",
    );
    let members: Vec<_> = (0..200_000).map(|at| format!("\"k{at}\": {at}")).collect();
    place.write("v.auto.vars.json", format!("{{\"v\": {{{}}}}}", members.join(",")));
    let ran = place.run(&["validate"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.matches("[unknown-attribute]").count() <= 50);
}
