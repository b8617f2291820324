//! Tests the answers of Terraform, and the deliberate differences.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::expression::{Resolved, Scope, functions};
use crate::syntax::Reference;

#[test]
fn expressions_have_the_values_of_other_expressions() {
    let cases = [
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("0.1 + 0.2", "0.3"),
        ("\"1\" + 1", "2"),
        ("-\"5\"", "-5"),
        ("5 % -3", "2"),
        ("1 < 2 == true", "true"),
        ("\"10\" < \"9\"", "false"),
        ("1 == \"1\"", "false"),
        ("null == nothing", "true"),
        ("!\"true\"", "false"),
        ("true ? 1 : \"a\"", "\"1\""),
        ("false ? null : 1", "1"),
        ("true ? 1 : [][0]", "1"),
        ("names[0]", "\"b\""),
        ("names[\"1\"]", "\"a\""),
        ("names.0", "\"b\""),
        ("machine.name", "\"m1\""),
        ("machine[\"size\"] + 1", "3"),
        ("[{a = 1}, {a = 2}][*].a", "[1, 2]"),
        ("[{a = 1}, {a = 2}].*.a[0]", "1"),
        ("nothing[*].x", "[]"),
        ("machine[*].size", "[2]"),
        ("[for x in names : x]", "[\"b\", \"a\"]"),
        ("[for i, x in names : i if x == \"a\"]", "[1]"),
        ("{for k, v in machine : v => k}", "{ m1 = \"name\", \"2\" = \"size\" }"),
        (
            "{for x in [\"ant\", \"ape\", \"bee\"] : x == \"bee\" => x...}",
            "{ true = [\"bee\"], false = [\"ant\", \"ape\"] }",
        ),
        ("[for x in [[1], [2]] : [for x in x : x * 2]]", "[[2], [4]]"),
        ("\"${region}-${count}\"", "\"west-3\""),
        ("\"${names}\"", "names"),
        ("\"%{ for i, x in names }${i}${x}%{ endfor }\"", "\"0b1a\""),
        ("\"%{ if count > 2 }many%{ else }few%{ endif }\"", "\"many\""),
        ("\"e${\"\\u0301\"}\"", "\"é\""),
        ("{(region) = 1, b = region}", "{ west = 1, b = \"west\" }"),
        ("{null = 1, true = 2, 3 = 4}", "{ \"null\" = 1, \"true\" = 2, \"3\" = 4 }"),
        ("try(machine.nope, nothing.x, 7)", "7"),
        ("[can(machine.name), can(machine.nope)]", "[true, false]"),
        ("[for t in [\"$${a}!\"] : templatestring(t, { a = 1 })]", "[\"1!\"]"),
        ("[for t in [\"$${a}\"] : templatestring(t, { a = 1 })]", "[\"1\"]"),
        ("[for t in [{ x = [\"$${a}\"] }] : templatestring(t.x[0], { a = 1 })]", "[\"1\"]"),
        ("upper(region)", "\"WEST\""),
        ("core::upper([region]...)", "\"WEST\""),
    ];
    for (text, same) in cases {
        assert_eq!(value(text), value(same), "{text}");
    }
}

#[test]
fn a_side_that_decides_hides_what_the_other_one_is() {
    for text in ["false && nothing", "false && names[9]", "false && later_flag", "later_flag && false"] {
        assert_eq!(value(text), Value::from(false), "{text}");
    }
    for text in ["true || nothing", "true || later_flag", "later_flag || true"] {
        assert_eq!(value(text), Value::from(true), "{text}");
    }
}

#[test]
fn numbers_stay_exact() {
    let product = value("99999999999999999999 * 99999999999999999999");
    assert_eq!(product, number("9999999999999999999800000000000000000001"));
    assert_eq!(value("1e309 / 1e309"), number("1"));
}

#[test]
fn errors_of_independent_parts_are_all_found() {
    let found =
        run("{ a = names.x, b = [nothing + 1, upper(1, 2)], c = \"${names} ${nothing}\" }").unwrap_err();
    let codes: Vec<_> = found.iter().map(|error| error.code).collect();
    let expected = ["invalid-index", "null-operand", "wrong-arguments", "wrong-type", "null-in-template"];
    assert_eq!(codes, expected);
}

#[test]
fn what_would_run_forever_is_given_up() {
    let names = (0..8).map(|n| format!("x{n}")).collect::<Vec<_>>();
    let nested = names.iter().fold("1".to_owned(), |inner, name| {
        format!("[for {name} in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : {inner}]")
    });
    let found = run(&format!("try({nested}, 1)")).unwrap_err();
    assert_eq!(found.iter().next().unwrap().code, "too-costly");
}

/// Each expression would need more memory than exists, or more time than anybody waits.
#[test]
fn what_would_be_too_long_is_not_made() {
    let million = "[for i in range(1000) : long]";
    for expression in [
        "join(long, range(100000))",
        "join(join(\"\", [for i in range(10000) : \"aaaaaaaaaa\"]), range(100000))",
        "replace(long, \"x\", long)",
        "replace(long, \"\", long)",
        "replace(long, \"/x/\", long)",
        "replace(long, \"/(x+)/\", \"$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1\")",
        "indent(1000000, join(\"\\n\", range(1000)))",
        "format(join(\"\", [for i in range(2000) : \"%65000[1]d\"]), 1)",
        "formatlist(\"%65000d\", range(2000))",
        "formatlist(\"%s%s%s\", range(100), long, long)",
        &format!("jsonencode({million})"),
        &format!("yamlencode({million})"),
        &format!("join(\"\", {million})"),
        &format!("\"%{{ for t in {million} }}${{t}}%{{ endfor }}\""),
        "[for i in range(1000) : upper(long)]",
        "concat([for i in range(100) : upper(join(\"\", [long, long]))])",
        &format!("jmespath({million}, \"join('', @)\")"),
    ] {
        let expression =
            format!("[for long in [join(\"\", [for i in range(100000) : \"xxxxxxxxxx\"])] : {expression}]");
        let found = run(&format!("try({expression}, 1)")).expect_err(&expression);
        let codes: Vec<_> = found.iter().map(|error| error.code).collect();
        assert_eq!(codes, ["too-costly"], "{expression}");
    }
    let found = run("setproduct(range(1000), range(1000), range(1000))").expect_err("a billion");
    assert_eq!(found.iter().next().unwrap().code, "failed-call");
}

/// A value that contains itself twice, repeatedly, is small in memory and endless to traverse.
#[test]
fn what_holds_the_same_again_and_again_has_an_end() {
    let mut scope = world().with("tower", "x".into()).with("objects", "x".into());
    let mut levels = 0;
    // Local values that refer to the previous one would have this effect.
    let refused = loop {
        let tower = run_in(&scope, "[tower, tower]").1;
        let objects = run_in(&scope, "{ a = objects, b = objects }").1;
        match (tower, objects) {
            (Ok(tower), Ok(objects)) => scope = scope.with("tower", tower).with("objects", objects),
            (Err(tower), Err(_)) => break tower,
            _ => panic!("one of them is given up at level {levels}, the other is not"),
        }
        levels += 1;
        assert!(levels < 31, "nobody gives up");
    };
    assert!(levels > 15, "given up at level {levels}");
    assert_eq!(refused.iter().next().unwrap().code, "too-costly");
    for expression in [
        "[for a in range(1000) : [for b in range(1000) : tower]]",
        "[for x in [for a in range(1000) : [for b in range(1000) : tower]] : 1]",
        "length({ for a in range(1000) : a => objects })",
        "[for a in range(1000) : jsonencode(tower)]",
        "[for a in range(1000) : tower == tower]",
        "[for a in range(1000) : true ? tower : objects]",
        "[for a in range(1000) : length(flatten(tower))]",
        "[for a in range(1000) : [tower, objects][*][0]]",
        "[for a in range(1000) : jmespath(tower, \"[]\")]",
        "concat([for a in range(1000) : tower]...)",
        "merge({ a = objects }, { b = objects }, { c = [objects, objects] })",
    ] {
        let (_, result) = run_in(&scope, expression);
        let found = result.expect_err(expression);
        assert!(
            ["too-costly", "too-large", "failed-call"].contains(&found.iter().next().unwrap().code),
            "{expression}: {found:?}"
        );
    }
    for expression in
        ["tower[0][1]", "objects.a.b.a", "length(tower)", "[for one in tower : 1]", "keys(objects)"]
    {
        assert!(run_in(&scope, expression).1.is_ok(), "{expression}");
    }
}

#[test]
fn the_deepest_expression_that_parses_evaluates() {
    let forms = [
        ("(", "1", ")"),
        ("(", "1", " + 1)"),
        ("(1 + ", "1", ")"),
        ("(1 * ", "1", " + 1 == 1 ? 1 : 1)"),
        ("", "1", " + 1"),
        ("-", "1", ""),
        ("[", "1", "]"),
        ("[for x in ", "[1]", " : x]"),
        ("[for x in [1] : ", "1", "]"),
        ("{ a = ", "1", " }"),
        ("{ (", "\"k\"", ") = \"k\" }.k"),
        ("\"${", "1", "}\""),
        ("\"a${", "1", "}b\""),
        ("true ? 1 : ", "1", ""),
        ("true ? ", "1", " : 1"),
        ("try(", "1", ")"),
        ("tostring(", "1", ")"),
        ("[0][", "0", "]"),
        ("false || ", "true", ""),
    ];
    for (before, middle, after) in forms {
        let nested = |count: usize| format!("{}{middle}{}", before.repeat(count), after.repeat(count));
        let deepest = (1..=1_010).rev().step_by(20).find(|&count| run(&nested(count)).is_ok());
        let is_row = after == " + 1" || before == "false || ";
        let least = if is_row { 1_000 } else { 30 };
        assert!(deepest.is_some_and(|deepest| deepest >= least), "{before}{after}: {deepest:?}");
    }
    let directives = format!("\"{}x{}\"", "%{ if true }".repeat(120), "%{ endif }".repeat(120));
    assert_eq!(value(&directives), "x".into());
}

#[test]
fn only_the_console_has_type() {
    struct Console(Bindings);
    impl Scope for Console {
        fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
            self.0.resolve(reference)
        }
        fn functions(&self) -> functions::Context<'_> {
            self.0.functions()
        }
        fn is_console(&self) -> bool {
            true
        }
    }
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("console", "type([names, nothing])".to_owned()));
    let expression = parse_expression(&sources, file).unwrap();
    let shown = evaluate(&expression, &Console(world())).unwrap();
    let shown: String = shown.as_str().unwrap().split_whitespace().collect();
    assert_eq!(shown, "tuple([tuple([string,string,]),dynamic,])");
    assert_eq!(run("type(1)").unwrap_err().iter().next().unwrap().code, "unknown-function");
}

#[test]
fn template_files_are_rendered_from_the_folder_of_the_scope() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.tftpl"), "Hi ${name}%{ for x in xs ~}\n ${x}\n%{ endfor }").unwrap();
    std::fs::write(folder.path().join("b.tftpl"), "${templatefile(\"a.tftpl\", {})}").unwrap();
    let scope = Bindings::new(folder.path()).with("secret", secret("s"));
    let render = |text: &str| run_in(&scope, text).1;
    let text = "templatefile(\"a.tftpl\", { name = secret, xs = [1] })";
    assert_eq!(render(text).unwrap(), secret("Hi s 1\n"));
    let found = render("templatefile(\"a.tftpl\", { xs = [] })").unwrap_err();
    let label = found.iter().next().unwrap().primary.clone().unwrap().text;
    assert_eq!(label, "a.tftpl:1:6: unknown name `name`: not known here");
    std::fs::write(folder.path().join("c.tftpl"), "${a + 1}").unwrap();
    let label = |text: &str| {
        let found = render(text).unwrap_err();
        found.iter().next().unwrap().reason().unwrap()
    };
    assert_eq!(
        label("templatefile(\"c.tftpl\", { a = \"west\" })"),
        "c.tftpl:1:3: `+` cannot be applied to a string: a number is required"
    );
    // Of an object that is secret as a whole, each part is.
    let reason = label("templatefile(\"c.tftpl\", merge({ a = \"west\" }, { b = secret }))");
    assert!(!reason.contains("\"s\""), "{reason}");
    assert!(render("templatefile(\"b.tftpl\", {})").is_err());
    assert!(render("templatefile(\"missing.tftpl\", {})").is_err());
}
