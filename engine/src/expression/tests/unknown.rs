//! Tests unknowns and marks.

use super::*;
use crate::value::{Data, Layout, show, show_inline};

#[test]
fn what_is_not_known_waits_for_its_origins() {
    let cases = [
        ("later + 1", Type::Number),
        ("later < 1", Type::Bool),
        ("!later_flag", Type::Bool),
        ("later == 1", Type::Bool),
        ("\"a${later}\"", Type::String),
        ("\"%{ if later_flag }a%{ endif }\"", Type::String),
        ("\"%{ for x in later_list }${x}%{ endfor }\"", Type::String),
        ("later_flag ? 1 : 2", Type::Number),
        ("later_flag ? 1 : \"a\"", Type::String),
        ("later.x.y[0]", Type::Any),
        ("later_list[0]", Type::String),
        ("later_list[*]", Type::list(Type::String)),
        ("names[later]", Type::Any),
        ("[for x in later_list : x]", Type::Any),
        ("[for x in names : x if later_flag]", Type::Any),
        ("{(later_text) = 1}", Type::Any),
        ("later_flag && true", Type::Bool),
        ("later_flag && names", Type::Bool),
        ("try(later.x, 1)", Type::Any),
        ("can(later.x)", Type::Bool),
        ("upper(later_text)", Type::String),
        ("templatestring(later_text, {})", Type::String),
        ("setunion([1], [later])", Type::set(Type::Number)),
        ("setunion([[]], [later])", Type::set(Type::Any)),
        ("setunion([[]], later)", Type::set(Type::Any)),
        ("setsubtract([[1, 2]], [[later_text]])", Type::set(Type::list(Type::String))),
        ("setintersection([[]], [later], [null], [])", Type::set(Type::Any)),
    ];
    for (text, ty) in cases {
        let value = value(text);
        assert!(value.is_unknown(), "{text}: {value:?}");
        assert_eq!(value.ty(), ty, "{text}");
        assert_eq!(value.origins(), Origins::of("step.a.b"), "{text}");
    }
}

#[test]
fn the_known_parts_of_a_text_stay_known() {
    let cases = [
        (r#""a/${later}/b""#, "a/(known after step.a.b)/b"),
        (r#""a/${later}${later_text}/b""#, "a/(known after step.a.b)/b"),
        (r#""${"a/${later}"}/${"b/${later}/"}c""#, "a/(known after step.a.b)/b/(known after step.a.b)/c"),
        ("<<EOT\na ${later}\nEOT\n", "a (known after step.a.b)\n"),
        (r#""%{ if true }a${later}%{ else }b%{ endif }c""#, "a(known after step.a.b)c"),
        (r#""x%{ if later_flag }a%{ endif }y""#, "x(known after step.a.b)y"),
        (r#""x%{ for x in [later, 1] }-${x}%{ endfor }y""#, "x-(known after step.a.b)-1y"),
        (r#""x%{ for x in later_list }-${x}%{ endfor }y""#, "x(known after step.a.b)y"),
        (r#"true ? "a${later}" : """#, "a(known after step.a.b)"),
        (r#"tostring("a${later}")"#, "a(known after step.a.b)"),
        (r#"join("/", ["", "a", later, "b"])"#, "/a/(known after step.a.b)/b"),
        (
            r#"join("/", ["a"], [later_text, "x${later}"])"#,
            "a/(known after step.a.b)/x(known after step.a.b)",
        ),
        (
            r#"format("/%s/%v/%d/%%%05d", "a", later, later, later)"#,
            "/a/(known after step.a.b)/(known after step.a.b)/%(known after step.a.b)",
        ),
        (r#"format("%s|%5s", "a${later}", "b${later}")"#, "a(known after step.a.b)|(known after step.a.b)"),
        (r#"format("%[2]s-%[1]s", later, "a")"#, "a-(known after step.a.b)"),
        (r#"trimprefix("/a/${later}", "/")"#, "a/(known after step.a.b)"),
        (r#"trimprefix("/a/${later}", "b")"#, "/a/(known after step.a.b)"),
        (r#"trimsuffix("${later}/a/", "/")"#, "(known after step.a.b)/a"),
        (r#"trimsuffix("${later}/a", "/")"#, "(known after step.a.b)/a"),
        (r"templatestring(t, { later = later })", "<(known after step.a.b)>"),
    ];
    let scope = world().with("t", Value::from("<${later}>"));
    for (text, expected) in cases {
        let value = run_in(&scope, text).1.unwrap();
        let shown = value.pattern().map(ToString::to_string);
        assert_eq!(shown.as_deref(), Some(expected), "{text}");
        assert_eq!((value.ty(), value.origins()), (Type::String, Origins::of("step.a.b")), "{text}");
    }
    for text in [
        r#""${later}${later}""#,
        r#"lower("A${later}")"#,
        r#"replace("a/${later}", "/", "-")"#,
        r#"trimspace("a${later} ")"#,
        r#"trimprefix("vm${later}", "vm")"#,
        r#"trimprefix("/a/${later}", "/a/b")"#,
        r#"trimsuffix(later_text, "/")"#,
        r#"join(later_text, ["a", "b"])"#,
        r#"join("/", ["a", later, null])"#,
        r#"join("/", later_list)"#,
        r#"join("/", toset(["a", later_text]))"#,
        r#"join("/", [for at in range(100) : "a${later}"])"#,
        r#"format(later_text, "a")"#,
        r#"format("%s", later)"#,
        r#"format("a%s%s", later)"#,
        r#"format("a%s%d", later, "x")"#,
        r#"jsonencode(["a${later}"])"#,
    ] {
        let value = value(text);
        assert!(value.is_unknown() && value.pattern().is_none(), "{text}: {value:?}");
    }
    assert!(value(r#"tonumber("1${later}")"#).pattern().is_none());
}

#[test]
fn a_known_start_decides_what_a_text_starts_with() {
    let cases = [("/a", Some(true)), ("/b", Some(false)), ("/a/b", None), ("", Some(true))];
    for (prefix, expected) in cases {
        let found = value(&format!("startswith(\"/a/${{later}}\", \"{prefix}\")"));
        assert_eq!(matches!(found.data(), Data::Bool(_)).then(|| found == true.into()), expected, "{prefix}");
    }
    // As in Terraform, equality stays unknown.
    assert!(value(r#""a${later}" == "b""#).is_unknown());
}

#[test]
fn a_secret_beside_an_unknown_part_marks_the_whole_text() {
    let scope = world().with("secret", secret(Value::from("hunter2")));
    for text in [
        r#""a/${secret}/${later}""#,
        r#"join("/", [secret, later])"#,
        r#"format("%s/%s", secret, later)"#,
        r#"trimprefix("a/${later}", secret)"#,
        r#""%{ if secret == "x" }a%{ else }b%{ endif }${later}""#,
    ] {
        let value = run_in(&scope, text).1.unwrap();
        assert!(value.is_unknown() && value.is_sensitive(), "{text}");
        let shown = [show(&value, Layout::default()), show_inline(&value, 90), format!("{value:?}")];
        assert!(
            shown.iter().all(|shown| !shown.contains("hunter2") && shown.contains("(sensitive")),
            "{shown:?}"
        );
    }
}

#[test]
fn what_is_known_stays_known_beside_it() {
    assert_eq!(value("[later, 1][1]"), number("1"));
    assert_eq!(value("{a = later, b = 2}.b"), number("2"));
    assert_eq!(value("[for x in [later, 2] : 1]"), value("[1, 1]"));
    assert_eq!(value("true ? 1 : later"), number("1"));
}

#[test]
fn what_no_element_can_have_is_an_error_before_and_after_there_turns_out_to_be_none() {
    for text in
        ["later_list[*].x", "tolist(names)[*].x", "slice(tolist(names), 0, 0)[*].x", "toset(names).*.x"]
    {
        assert_eq!(
            run(text).unwrap_err().iter().map(|error| error.code).collect::<Vec<_>>(),
            ["invalid-index"],
            "{text}"
        );
    }
    assert_eq!(value("tolist([])[*].x"), Value::list(Type::Any, []));
}

#[test]
fn what_can_never_be_right_is_an_error_before_it_is_known() {
    for text in [
        "reverse(later_text)",
        "reverse(later_list)[0].x",
        "concat(later_list, later_list)[0].x",
        "zipmap(later_list, later_list)[\"a\"].x",
        "keys(later_list)",
        "values(later_map)[0].x",
        "values(later_object).x",
        "merge(later_map, later_map)[\"a\"].x",
        "merge(later_map, later_text)",
        "distinct(later_list)[0].x",
        "slice(later_list, 0, 1)[0].x",
        "element(later_text, 0)",
        "one(later_list).x",
        "lookup(later_map, \"a\", [])",
        "lookup(later_object, \"c\")",
        "later_object.c",
        "flatten(later_text)",
        "setproduct(later_list, later_text)",
        "regex(\"(?P<a>x)\", later_text).b",
    ] {
        assert!(run(text).is_err(), "{text}");
    }
}

#[test]
fn the_value_that_is_not_chosen_gives_its_type_as_far_as_it_has_one() {
    let cases = [
        ("true ? [1, 2] : later", Type::tuple([Type::Number, Type::Number])),
        ("true ? [1, 2] : later_list", Type::list(Type::String)),
        ("true ? null : later", Type::Any),
        ("true ? null : sum([later])", Type::Number),
        ("true ? null : sum([[true]])", Type::Any),
    ];
    for (text, ty) in cases {
        assert_eq!(value(text).ty(), ty, "{text}");
    }
}

#[test]
fn what_is_ephemeral_becomes_null_in_place() {
    let scope = world()
        .with("e", ephemeral("x"))
        .with("both", secret(ephemeral("x")))
        .with("later_e", unknown(Type::String).not_null().with_marks(&Marks::ephemeral("var.e")));
    let value = |text: &str| run_in(&scope, &format!("ephemeralasnull({text})")).1.unwrap();
    assert_eq!(value("e"), Value::null(Type::String));
    assert_eq!(value("[e, \"y\"]"), Value::tuple([Value::null(Type::String), "y".into()]));
    assert_eq!(
        value("{ a = { b = e }, c = secret }"),
        run_in(&scope, "{ a = { b = tostring(null) }, c = secret }").1.unwrap()
    );
    assert_eq!(value("\"<${e}>\""), Value::null(Type::String));
    assert_eq!(value("toset([e])"), Value::null(Type::set(Type::String)));
    assert_eq!(value("both"), secret(Value::null(Type::String)));
    assert_eq!(
        value("[for x in [e, \"y\"] : x == \"y\"]"),
        Value::tuple([Value::null(Type::Bool), true.into()])
    );
    assert_eq!(
        value("jmespath({ a = e, b = 1 }, \"[b, a]\")"),
        Value::tuple([1_i64.into(), Value::null(Type::String)])
    );
    assert_eq!(value("later_e"), unknown(Type::String));
    assert_eq!(value("\"plain\""), "plain".into());
}

#[test]
fn the_functions_of_sensitivity_leave_what_is_ephemeral() {
    let scope = world().with("e", ephemeral("x"));
    let value = |text: &str| run_in(&scope, text).1.unwrap();
    assert_eq!(value("nonsensitive(sensitive(e))"), ephemeral("x"));
    assert_eq!(value("issensitive(e)"), false.into());
    assert!(value("sensitive(e)").marks().is_ephemeral());
}

#[test]
fn sensitive_input_marks_what_it_went_into() {
    let whole = [
        "secret",
        "\"a${secret}\"",
        "secret == \"x\"",
        "flag ? 1 : 2",
        "!flag",
        "flag && true",
        "true && flag",
        "later_flag && flag",
        "upper(secret)",
        "hidden[0]",
        "[for x in hidden : 1]",
        "[for x in names : x if flag]",
        "{(secret) = 1}",
        "{for x in names : \"${x}${secret}\" => 1}",
        "hidden[*]",
        "machine[flag ? \"name\" : \"size\"]",
        "\"%{ if flag }a%{ endif }\"",
        "\"%{ for x in hidden }a%{ endfor }\"",
        "\"%{ if later_flag }${secret}%{ endif }\"",
        "try(secret, 1)",
        "can(tonumber(secret))",
        "\"%{ for x in later_list }${secret}%{ endfor }\"",
        "try(nothing[secret], 1)",
        "[for x in later_list : secret]",
        "later_flag ? secret : 1",
        "later_flag && (secret == \"x\")",
        "templatestring(secret, {})",
        "length(hidden)",
    ];
    for text in whole {
        assert!(value(text).is_sensitive(), "{text}");
    }
    for text in ["[secret]", "{a = secret}", "secrets", "[for x in secrets : x]", "secrets[*]"] {
        let value = value(text);
        assert!(!value.is_sensitive() && value.deep_marks().is_sensitive(), "{text}");
    }
    for text in ["[secret, 1][1]", "flag || true ? 1 : 1", "true ? 1 : secret"] {
        let _ = value(text);
    }
    assert!(!value("[secret, 1][1]").is_sensitive());
}

#[test]
fn marks_go_through_what_chooses() {
    // The result, and whether it is sensitive as a whole.
    let cases = [
        // Marks of the condition always apply.
        ("flag ? 1 : 2", "1", true),
        ("!flag ? 1 : 2", "2", true),
        ("true && flag ? 1 : 2", "1", true),
        // Marks of both values apply, so that they do not reveal the choice.
        ("true ? secret : \"x\"", "\"s3cret\"", true),
        ("true ? \"x\" : secret", "\"x\"", true),
        ("count > 2 ? \"x\" : secret", "\"x\"", true),
        ("true ? null : secret", "null", true),
        // The marks apply even if the other value fails.
        ("true ? 1 : tonumber(secret)", "1", true),
        ("true ? 1 : nothing.x", "1", false),
        // Marks inside the chosen value stay inside.
        ("true ? [secret] : [\"x\"]", "[\"s3cret\"]", false),
        ("true ? [\"x\"] : [secret]", "[\"x\"]", false),
        ("(true ? { a = secret } : { a = \"x\" }).a", "\"s3cret\"", true),
        // Marks pass through nested conditionals.
        ("true ? (false ? secret : \"x\") : \"y\"", "\"x\"", true),
        ("(flag ? true : false) ? 1 : 2", "1", true),
        // `&&` and `||` have the marks of both sides, even if the left one decides.
        ("false && flag", "false", true),
        ("true || flag", "true", true),
        ("false && (secret == \"x\")", "false", true),
        ("true || tobool(secret)", "true", true),
        ("false && nothing.x", "false", false),
        ("true || true && false", "true", false),
        // The directive of a template has the marks of both branches.
        ("\"a%{ if false }${secret}%{ endif }\"", "\"a\"", true),
        ("\"a%{ if true }b%{ else }${secret}%{ endif }\"", "\"ab\"", true),
        ("\"a%{ if true }b%{ else }${tonumber(secret)}%{ endif }\"", "\"ab\"", true),
        ("\"a%{ if true }b%{ else }${nothing.x}%{ endif }\"", "\"ab\"", false),
        ("\"a%{ if false }%{ for x in hidden }${x}%{ endfor }%{ endif }\"", "\"a\"", true),
        ("\"a%{ if false }%{ if false }${secret}%{ endif }%{ endif }\"", "\"a\"", true),
        ("\"a%{ if false }${region}%{ endif }\"", "\"a\"", false),
        ("\"a%{ if flag }b%{ endif }\"", "\"ab\"", true),
        ("\"a%{ for x in [] }${secret}%{ endfor }\"", "\"a\"", false),
        ("templatestring(template, { x = secret })", "\"a\"", true),
        ("templatestring(template, { x = region })", "\"a\"", false),
        // Functions that choose among their arguments.
        ("coalesce(\"x\", secret)", "\"x\"", true),
        ("coalesce(secret, \"x\")", "\"s3cret\"", true),
        ("coalescelist([1], hidden)", "[1]", true),
        ("lookup({ a = 1 }, \"a\", secret)", "1", true),
        ("lookup({ a = 1 }, secret, 2)", "2", true),
        ("lookup({ a = secret }, \"a\", 1)", "\"s3cret\"", true),
        ("try(nothing.x, secret)", "\"s3cret\"", true),
        ("try(\"x\", secret)", "\"x\"", false),
        ("try(tonumber(secret), 1)", "1", true),
        // Collections that are iterated over.
        ("[for x in hidden : 1]", "[1,1]", true),
        ("{ for k, v in hidden : k => 1 }", "{\"0\":1,\"1\":1}", true),
        ("hidden[*]", "[\"x\",\"y\"]", true),
        ("hidden.*", "[\"x\",\"y\"]", true),
        ("secret[*]", "[\"s3cret\"]", true),
        ("[for x in secrets : x][0]", "\"x\"", true),
        ("(secrets[*])[1]", "\"y\"", false),
        ("true ? 1 : 2", "1", false),
    ];
    for (text, result, sensitive) in cases {
        let value = value(text);
        assert_eq!(value.without_marks().to_json_text().unwrap(), result, "{text}");
        assert_eq!(value.is_sensitive(), sensitive, "{text}");
    }
    assert_eq!(value("flag ? secret : 1").marks().origins().collect::<Vec<_>>(), ["var.secret"]);
    let unknown = value("later_flag ? secret : \"x\"");
    assert!(unknown.is_unknown() && unknown.is_sensitive());
    assert!(!value("true ? [secret] : [\"x\"]").without_marks().has_deep_marks());
    assert!(value("true ? [secret] : [\"x\"]").has_deep_marks());
}

#[test]
fn a_failure_has_the_marks_of_the_secrets_made_in_the_expression() {
    for text in [
        "can(sensitive(1))",
        "can(regex(\"x\", sensitive(\"y\")))",
        "try(regex(\"x\", sensitive(\"y\")), \"no\")",
        "try({ a = 1 }[core::sensitive(\"b\")], \"absent\")",
    ] {
        assert!(value(text).is_sensitive(), "{text}");
    }
    assert!(!value("can(regex(\"x\", \"y\"))").is_sensitive());
}
