//! Complete messages for small erroneous files; review each snapshot as a user would read it.

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{Severity, Style, render};

use crate::support::{found_in, notes, stage, stage_files, stage_with};

/// Returns the messages for each file.
fn said(files: &[&str]) -> String {
    let one = |text: &&str| {
        let seen = match stage(text) {
            Ok(stage) => notes(&stage),
            Err(seen) => seen,
        };
        format!("{}\n=====\n{}", text.trim_end(), seen.trim_end().replace("DIR/", ""))
    };
    files.iter().map(one).collect::<Vec<_>>().join("\n\n\n")
}

#[test]
fn slips_of_the_pen() {
    insta::assert_snapshot!(said(&[
        "locals {\n  a = 'text'\n}\n",
        "locals {\n  a = 'it is ${var.x}'\n}\n",
        "locals {\n  a = “text”\n}\n",
        "locals {\n  a = [1 2, 3]\n}\n",
        "locals {\n  a = {\n    x = 1,\n    y: 2\n    z 3\n  }\n}\n",
        "locals {\n  a = {\n    \"x\" -> 1\n  }\n}\n",
        "locals {\n  a: 1\n  b == 2\n  c := 3\n  d += 4\n}\n",
        "locals {\n  a = 1 = 2 ? \"x\" : \"y\"\n}\n",
        "locals {\n  a = 1,\n  b = 2;\n}\n",
        "locals {\n  a = true and false\n  b = true or false\n  c = not true\n  d = 1 is 2\n}\n",
        "locals {\n  a = if true then 1 else 2\n}\n",
        "locals {\n  a = true ? 1\n}\n",
        "locals {\n  a = \"%{ if true }x%{ elif false }y%{ endif }\"\n  b = \"%{ if true }x%{ elseif false }y%{ endif }\"\n}\n",
        "locals {\n  a = \"%{ if true }x%{ end }\"\n}\n",
        "locals {\n  a = ${local.b}\n  b = 1\n}\n",
        "locals {\n  a = ${local.b}-x\n  b = {{ local.a }}\n  c = $HOME\n}\n",
        "locals {\n  a = \"${local.b\"\n  b = 1\n}\n",
        "locals {\n  a = \"x\n  b = 1\n}\n",
        "locals {\n  a = [for 1 in [1] : 1]\n  b = [for x of [1] : x]\n  c = [x for x in [1]]\n  d = [for x in [1] x]\n  e = {for x in [1] : x}\n  f = [for x in [1] => x]\n}\n",
        "locals {\n  a = <<EOT\nhello\n  EOT;\n}\n",
        "locals {\n  a = <<EOT hello\nEOT\n}\n",
        "locals {\n  a = [1, 2\n  b = (1\n  c = upper(\"x\"\n}\n\noutput \"x\" {\n  value = local.a\n}\n",
        "step \"read\" \"a\" {\n  value = 1\n\noutput \"x\" {\n  value = step.read.a.value\n}\n",
        "locals {\n  a = 1\n}}\n",
        "locals {\n  a = x -> x + 1\n  b = 2 ** 3\n  c = 1 <> 2\n  d = a ?? b\n  e = \"a\" . \"b\"\n  f = 7 // 2\n}\n",
        "locals {\n  a = \"x\".upper()\n  b = var.\n  c = .5\n  d = 0x1F\n  e = 1_000\n  f = 10m\n}\n",
        "locals {\n  a = \"C:\\dir\"\n  b = \"\\${x}\"\n  c = \"\\u00g0\"\n}\n",
        "locals {\n  a = None\n  b = nil\n  c = True\n  d = undefined\n}\n",
        "step \"read\" \"a\"\n  value = 1\n}\n",
        "step read a {\n  value 1\n}\nstep \"read\" \"b\" = {\n  value = 1\n}\n",
        "step \"read\" {\n}\nstep \"read\" \"a\" \"b\" {\n}\nstep \"read\" \"${x}\" {\n}\n",
        "import \"x\"\n\nlocals { a = 1, b = 2 }\n",
    ]));
}

#[test]
fn names_that_mean_nothing() {
    insta::assert_snapshot!(said(&[
        "stpe \"read\" \"a\" {\n}\nvariables \"x\" {\n}\nlocal {\n}\noutputs \"x\" {\n}\nread \"a\" {\n}\n",
        "step \"raed\" \"a\" {\n}\n\noutput \"x\" {\n  value = step.raed.a.value\n}\n",
        "step \"read\" \"a\" {\n  valeu = 1\n  input = 1\n  retrie {}\n}\n",
        "variable \"region\" {\n  typ = string\n  validations {\n  }\n  validation {\n    conditoin = true\n    error = \"x\"\n  }\n}\n",
        "output \"x\" {\n  values = 1\n}\n",
        "variable \"a\" {\n  type = strng\n}\nvariable \"b\" {\n  type = lst(string)\n}\nvariable \"c\" {\n  type = integer\n}\nvariable \"d\" {\n  type = object({ a = optinal(string) })\n}\nvariable \"e\" {\n  type = array(string)\n}\nvariable \"f\" {\n  type = \"number\"\n}\nvariable \"g\" {\n  type = boolean\n}\n",
        "variable \"region\" {\n  default = 1\n}\nlocals {\n  zone = 1\n  a = var.regoin\n  b = local.zoen\n  c = region\n  d = variable.region\n  e = vars.region\n  f = locals.zone\n  g = var.unheard_of\n}\n",
        "step \"read\" \"first\" {\n}\nlocals {\n  a = step.read.frist.value\n  b = step.raed.first.value\n  c = step.first.value\n  d = read.first.value\n  e = step.read.first.valeu\n  f = data.read.first.value\n  g = step.read\n  h = setp.read.first.value\n}\n",
        "step \"read\" \"a\" {\n  extract = {\n    name = \"value\"\n  }\n}\noutput \"x\" {\n  value = step.read.a.extract.nmae\n}\n",
        "locals {\n  a = uper(\"x\")\n  b = lenght([1])\n  c = json_encode(1)\n  d = toString(1)\n  e = len([1])\n  f = jsonparse(\"1\")\n}\n",
        "locals {\n  a = path.modul\n  b = runbook.nam\n  c = path\n}\n",
        "variable \"machine\" {\n  default = { name = \"m1\", size = 2 }\n}\nlocals {\n  a = var.machine.nmae\n  b = var.machine[\"sise\"]\n}\n",
        "step \"read\" \"a\" {\n  extract = {\n    a = \"lenght(value)\"\n    b = \"value[?a='x']\"\n    c = \"sort_by(value, name)\"\n  }\n}\n",
        "step \"read\" \"a\" {\n  depends_on = [step.read.bb, \"step.read.b\", step.read.b.value]\n}\nstep \"read\" \"b\" {\n}\n",
    ]));
}

/// The variables of the failing expressions.
const VARIABLES: &str = "variable \"n\" {\n  default = null\n}\nvariable \"s\" {\n  default = \"west\"\n}\nvariable \"l\" {\n  default = [\"a\", \"b\"]\n}\nvariable \"m\" {\n  default = { a = 1, b = 2 }\n}\nvariable \"k\" {\n  default   = \"hush\"\n  sensitive = true\n}\nvariable \"long\" {\n  default = \"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\"\n}\n\n";

const FAILING: &[&str] = &[
    "var.s + 1",
    "var.long * 2",
    "-var.l",
    "!var.s",
    "var.k > 3",
    "10 / (length(var.l) - 2)",
    "var.n + 1",
    "var.n.name",
    "var.n[0]",
    "var.l[5]",
    "var.l[length(var.l)]",
    "var.l.name",
    "var.l[\"a\"]",
    "var.l[-1]",
    "var.s.name",
    "var.m.c",
    "var.s[0]",
    "\"${var.l}\"",
    "\"x: ${var.n}\"",
    "\"x: ${var.m}\"",
    "var.s ? 1 : 2",
    "true ? var.l : var.m.a",
    "[for x in var.s : x]",
    "[for x in var.n : x]",
    "[for x in var.l : x * 2]",
    "{for x in var.l : var.s => x}",
    "[for x in var.l : x if x]",
    "{ (var.n) = 1 }",
    "{ (var.l) = 1 }",
    "upper(var.l)",
    "upper()",
    "upper(var.s, 1)",
    "join(var.l, \",\")",
    "max(var.l...)",
    "max(var.m...)",
    "tonumber(var.s)",
    "jsondecode(var.s)",
    "lookup(var.m, \"c\")",
    "element([], 0)",
    "regex(\"[\", var.s)",
    "regex(\"x+\", var.s)",
    "formatdate(\"YYYY\", var.s)",
    "substr(var.s, var.s, 1)",
    "cidrhost(\"10.0.0.0/33\", 1)",
    "file(\"missing.txt\")",
    "jmespath(var.m, \"lenght(@)\")",
    "jmespath(var.m, \"a.[\")",
    "jmespath(var.m, \"length(a)\")",
    "jmespath(var.m, var.s)",
    "try(var.n.x, tonumber(var.s))",
    "templatestring(\"%{ for x in y }\", {})",
    "var.m == { a = 1 } ? var.s + 1 : (\n    var.l[\n      9\n    ]\n  )",
    "join(\"-\", [\n    var.s,\n    upper(var.s) + 1,\n    var.n.a,\n  ])",
    "\t\"日本語 ${var.s + 1}\"",
];

/// Returns a runbook with `expression` and the variables that it refers to.
fn with_expression(expression: &str) -> String {
    let is_used = |block: &&str| {
        let name = block.split('"').nth(1).unwrap_or_default();
        let mut after = expression.split("var.").skip(1);
        after.any(|rest| rest.split(|c: char| !c.is_alphanumeric()).next() == Some(name))
    };
    let variables = VARIABLES.split_inclusive("\n}\n").filter(is_used).collect::<String>();
    format!("{variables}locals {{\n  x = {expression}\n}}\n\noutput \"x\" {{\n  value = local.x\n}}\n")
}

#[test]
fn expressions_that_fail() {
    let shown = FAILING.iter().map(|expression| {
        let seen = said(&[&with_expression(expression)]);
        format!("{expression}\n{}", seen.split_once("\n=====\n").unwrap().1)
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n\n"));
}

/// Returns the labels of an excerpt, and the notes.
fn reasons(screen: &str) -> Vec<&str> {
    let marked = screen.lines().filter_map(|line| {
        let (_, under) = line.split_once("| ")?;
        let words = under.trim_start_matches([' ', '|']);
        let words = words.strip_prefix(['^', '-'])?.trim_start_matches(['^', '-']);
        words.rsplit(['^', '-']).next().map(str::trim)
    });
    let notes = screen.lines().filter_map(|line| line.trim_start().strip_prefix("= note: "));
    marked.chain(notes).filter(|words| !words.is_empty()).collect()
}

/// Tools and the record of a run show a message without its excerpt, but with its reason.
#[test]
fn the_reason_on_the_screen_is_in_the_detail_for_tools() {
    let mut with_reason = 0;
    for expression in FAILING {
        let (found, sources) = found_in(&[("main.runbook.hcl", &with_expression(expression))]);
        for error in found.iter().filter(|error| error.severity == Severity::Error) {
            let style = Style { color: false, width: 1_000 };
            let screen = render(error, &sources, &style);
            let message = JsonDiagnostic::new(error, &sources);
            assert_eq!(message.in_one_line(), error.in_one_line(), "{expression}");
            let json = serde_json::to_value(message).expect("plain data");
            let detail = json["detail"].as_str().unwrap_or_default();
            for reason in reasons(&screen) {
                assert!(detail.contains(reason), "{expression}: no {reason:?} in {json}");
                with_reason += 1;
            }
            assert!(json["address"].is_string(), "{expression}: {json}");
        }
    }
    assert!(with_reason > 40, "{with_reason} reasons are looked for");
}

#[test]
fn all_that_is_wrong_in_one_go() {
    insta::assert_snapshot!(said(&[
        "variable \"region\" {\n  type = strng\n}\n\nstep \"read\" \"a\" {\n  value = [1,\n  takes = var.regoin\n}\n\nstep \"read\" \"b\" {\n  value = step.read.a.value\n  valeu = 2 +\n  takes = step.read.aa.value\n}\n\noutput \"x\" {\n  value = uper(step.read.b.vlue)\n}\n",
        "step \"read\" \"a\" {\n  extract = {\n    name = 'value'\n  }\n}\n\nstep \"raed\" \"b\" {\n}\n\nlocals {\n  a = step.read.a.extract.name\n  b = step.raed.b.value\n  c = step.read.a.extract.other\n  d = local.lost\n  lost 1\n}\n",
        "variable \"secret {\n  default = 1\n}\n\noutput \"x\" {\n  value = var.secret\n}\n\noutput \"y\" {\n  value = var.secrte\n}\n",
        "step \"read\" \"a\" {\n  value = <<EOT\n    text = \"x\n  EOT2\n}\n\nvariable \"later\" {\n}\n\noutput \"x\" {\n  value = var.later + var.nowhere\n}\n",
    ]));
}

#[test]
fn suspicious_things() {
    insta::assert_snapshot!(said(&[
        "variable \"region\" {\n  default = \"west\"\n}\n\noutput \"x\" {\n  value = \"${var.region}\"\n}\n\noutput \"y\" {\n  value = { \"${var.region}\" = [\"${upper(var.region)}\"] }\n}\n",
        "variable \"region\" {\n  default = 1\n}\n\nvariable \"_kept\" {\n  default = 1\n}\n\nlocals {\n  zone  = 1\n  _kept = 2\n}\n",
        "step \"read\" \"a\" {\n}\n",
        "variable \"s\" {\n  type    = string\n  default = \"\"\n}\n\nvariable \"l\" {\n  type    = list(string)\n  default = []\n}\n\noutput \"x\" {\n  value = [var.s == 1, \"2\" != 2, var.s == true, var.l == [], \"${var.s}x\" == 3, (var.s) == length(\"x\")]\n}\n",
        "output \"x\" {\n  value = { a = 1, \"a\" = 2, b = { a = 1 } }\n}\n",
        "step \"read\" \"a\" {\n}\n\nstep \"read\" \"b\" {\n  value      = step.read.a.value\n  depends_on = [step.read.a]\n}\n\noutput \"x\" {\n  value      = step.read.b.value\n  depends_on = [step.read.b]\n}\n",
    ]));
}

#[test]
fn queries_that_were_meant_otherwise() {
    insta::assert_snapshot!(said(&[
        "step \"read\" \"a\" {\n  extract = {\n    a = \"value[?type==\\\"x\\\"].name\"\n    b = \"value[?type==`x`]\"\n    c = \"[?size > '10' && on == true]\"\n    d = \"[?!tags.env]\"\n  }\n}\n\noutput \"x\" {\n  value = step.read.a.extract\n}\n",
        "locals {\n  query = \"[?a==`it's`]\"\n}\n\nvariable \"query\" {\n  default = \"[?b==`x`]\"\n}\n\nstep \"read\" \"a\" {\n  extract = {\n    a = local.query\n    b = (true ? var.query : \"[?c==`x`]\")\n  }\n}\n\noutput \"x\" {\n  value = jmespath(step.read.a.extract, \"[?contains(name, \\\"x\\\")]\")\n}\n",
        "step \"read\" \"a\" {\n  extract = {\n    a = \"[?tags.k8s-svc=='y']\"\n    b = \"[].to_lower(name)\"\n    c = \"[?type==Microsoft.Web/sites]\"\n    d = \"[?size > 10]\"\n    e = \"[?a=='x' and b='y']\"\n    f = \"first(value)\"\n  }\n}\n\nlocals {\n  query = \"[?startsWith(name, 'x')]\"\n}\n\noutput \"x\" {\n  value = [step.read.a.extract, jmespath({}, local.query), jmespath({}, \"len(@)\")]\n}\n",
    ]));
}

#[test]
fn queries_that_are_given_to_modules() {
    let outer = "module \"m\" {\n  source = \"./m\"\n  query  = QUERY\n  other  = \"[?type==`x`]\"\n}\n\noutput \"x\" {\n  value = module.m.found\n}\n";
    let middle = "variable \"query\" {\n}\nvariable \"other\" {\n}\nmodule \"n\" {\n  source = \"../n\"\n  asked  = var.query\n}\noutput \"found\" {\n  value = [module.n.found, var.other]\n}\n";
    let inner = "variable \"asked\" {\n}\nstep \"read\" \"a\" {\n  extract = { x = var.asked }\n}\noutput \"found\" {\n  value = step.read.a.extract.x\n}\n";
    let seen = |query: &str| {
        let main = outer.replace("QUERY", query);
        let files = [("main.runbook.hcl", &*main), ("m/m.runbook.hcl", middle), ("n/n.runbook.hcl", inner)];
        stage_files(&files, &[]).map_or_else(|seen| seen, |stage| notes(&stage))
    };
    let cases = [
        ("\"[?type==`x`]\"", "warning[odd-query]", "write \"[?type=='x']\""),
        ("\"[?tags.a-b=='y']\"", "error[invalid-query]", "write \"[?tags.\\\"a-b\\\"=='y']\""),
        ("(true ? \"len(@)\" : \"a\")", "error[invalid-query]", "write \"length(@)\""),
    ];
    for (query, code, help) in cases {
        let seen = seen(query);
        for part in [code, help, "main.runbook.hcl:3:"] {
            assert!(seen.contains(part), "{query}: {part}: {seen}");
        }
        // The other argument is no query.
        assert!(!seen.contains("main.runbook.hcl:4:"), "{query}: {seen}");
    }
    assert_eq!(seen("\"[?type=='x']\""), "");
}

#[test]
fn correct_runbooks_get_no_warning() {
    let files = [
        "variable \"n\" {\n  default = 1\n  validation {\n    condition     = var.n > 0\n    error_message = \"At least one.\"\n  }\n}\n",
        "variable \"s\" {\n  type = string\n}\nvariable \"n\" {\n  type = number\n}\noutput \"x\" {\n  value = [var.s == var.n, var.s == \"1\", var.s == null, var.n == 1, var.s == tostring(1)]\n}\n",
        "step \"change\" \"a\" {\n}\n",
        "step \"change\" \"a\" {\n}\nstep \"read\" \"works\" {\n  depends_on = [step.change.a]\n}\n",
        "step \"read\" \"_probe\" {\n}\n",
        "step \"read\" \"a\" {\n}\nstep \"change\" \"b\" {\n  depends_on = [step.read.a]\n}\n",
        "step \"read\" \"a\" {\n  extract = {\n    a = \"value[?type=='x' && at > '2024-01-01' && \\\"a-b\\\" == `1`]\"\n  }\n}\noutput \"x\" {\n  value = jmespath(step.read.a.extract, \"a\")\n}\n",
        "locals {\n  a = { x = 1 }\n  b = local.a\n}\noutput \"x\" {\n  value = [for local in [1] : local if false] == [] ? \"\" : \"${local.a.x}${local.b.x}\"\n}\n",
    ];
    for text in files {
        let given = [("s", "x"), ("n", "1")];
        let declared = |(name, _): &&(&str, &str)| text.contains(&format!("variable \"{name}\" {{\n  type"));
        let given: Vec<_> = given.iter().filter(declared).copied().collect();
        let notes = stage_with(text, &given).map(|stage| notes(&stage));
        assert_eq!(notes, Ok(String::new()), "{text}");
    }
}
