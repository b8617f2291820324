//! Expressions and queries over large values.

use anyhow::{Result, anyhow};
use arcbook_engine::expression::{Bindings, evaluate};
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::parse_expression;
use arcbook_engine::value::{Marks, Origins, Type, Value};

use crate::measure::{FACTOR, Growth};

/// Number of elements of the smaller values.
const ELEMENTS: usize = 25_000;

const EXPRESSIONS: &[&str] = &[
    "[for x in names : upper(x) if x != \"\"]",
    "{for m in machines : m.zone => m.name...}",
    "\"%{ for x in names }${x},%{ endfor }\"",
    "machines[*].name",
    "join(\",\", names)",
    "concat(names, names)",
    "merge(tags, tags)",
    "flatten([names, [names]])",
    "distinct(names)",
    "sort(names)",
    "setunion(toset(names), toset(names))",
    "jsonencode(machines)",
    "jsondecode(json)",
    "yamldecode(json)",
    "regexall(\"n(a)me\", json)",
    "[for x in secrets : x if x != 1]",
    "jsonencode(secrets)",
    "jsonencode(later)",
    "jmespath(machines, \"[?zone=='z1'].{n: name}\")",
    "jmespath(machines, \"sort_by(@, &name)[-1]\")",
    "jmespath(machines, \"group_by(@, &zone)\")",
    "jmespath(machines, \"from_items([].[name, zone])\")",
    "jmespath(json, \"split(@, ',')\")",
    "jmespath(secrets, \"[?@ > `1`]\")",
    "jmespath(later, \"[?@ > `1`]\")",
];

/// Evaluates each expression with values of `ELEMENTS` elements and of four times as many.
pub fn measure() -> Result<()> {
    println!("\n| values of {} elements | evaluated |\n|---|---:|", ELEMENTS * FACTOR);
    let [small, large] = [ELEMENTS, ELEMENTS * FACTOR].map(world);
    for text in EXPRESSIONS {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("growth", (*text).to_owned()));
        let expression = parse_expression(&sources, file).map_err(|found| anyhow!("{text}: {found:?}"))?;
        evaluate(&expression, &large).map_err(|found| anyhow!("{text}: {found:?}"))?;
        let growth = Growth::of(&small, &large, |world| evaluate(&expression, world));
        println!("| `{}` | {growth} |", text.replace('|', "\\|"));
    }
    Ok(())
}

fn world(elements: usize) -> Bindings {
    let each = 0..elements;
    let text = |prefix: &str, n: usize| Value::from(format!("{prefix}{n}"));
    let machine = |n: usize| Value::object([("name", text("name", n)), ("zone", text("z", n % 10))]);
    let json: Vec<_> = each.clone().map(|n| format!("{{\"name\":\"name{n}\",\"size\":{n}}}")).collect();
    // Every element has its own origin, as the instances of a step do.
    let secret = |n: usize| Value::from(n).with_marks(&Marks::sensitive(format!("step.a.b[{n}]")));
    let later = |n: usize| Value::unknown(Type::Any, Origins::of(format!("step.a.b[{n}]")));
    Bindings::new(".")
        .with("names", Value::list(Type::String, each.clone().map(|n| text("name", n))))
        .with("tags", Value::string_map(each.clone().map(|n| (format!("k{n}"), format!("v{n}")))))
        .with("machines", Value::tuple(each.clone().map(machine)))
        .with("secrets", Value::tuple(each.clone().map(secret)))
        .with("later", Value::tuple(each.map(later)))
        .with("json", Value::from(format!("[{}]", json.join(","))))
}
