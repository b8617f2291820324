//! Tests the messages about invalid or suspicious queries.

use super::{Query, json, search};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn errors_name_the_place_and_the_remedy() {
    let cases = [
        ("value[?type='x']", "=", "`=` is written `==`", ""),
        ("a.b | [0", "", "an index or a slice is expected here, not the end of the query", ""),
        (
            "a[b]",
            "b",
            "a number, `*`, `:` or `?` is expected after `[`, not `b`",
            "to make a list, write `.[a, b]`; to filter, `[?a == b]`; for a name, `.name`",
        ),
        ("a.", "", "a name, `*`, `[` or `{` is expected after the dot, not the end of the query", ""),
        ("a == 'open", "'open", "`'open` is not closed", ""),
        (
            "a == `{text}`",
            "`{text}`",
            "backticks enclose JSON, and this is not JSON",
            "write text in single quotes, as in 'text'",
        ),
        ("a | #b", "#", "unexpected `#`", ""),
        (
            "a[99999999999999999999]",
            "99999999999999999999",
            "`99999999999999999999` is not an index: it has too many digits",
            "",
        ),
        ("a[-]", "-", "`-` is only allowed before the digits of an index", ""),
        ("a[::0]", "]", "the step of a slice cannot be 0", ""),
        ("{a}", "}", "`:` is expected after the key, not `}`", ""),
        ("a{b: c}", "{", "unexpected `{`", "a multi-select hash follows a dot: .{name: expression}"),
        ("lenght (a)", "lenght", "no function `lenght`", "did you mean `length`?"),
        ("a | b.keys(c, d)", "keys", "`keys` takes one argument, not 2", "usage: keys(object)"),
        (
            "sort_by(a, b)",
            "sort_by",
            "argument 2 of `sort_by` is an expression, written with `&`",
            "usage: sort_by(array, &expression)",
        ),
        ("keys(&a)", "keys", "argument 1 of `keys` is a value, written without `&`", "usage: keys(object)"),
        ("a | &b", "&", "`&` is only allowed before an argument of a function", ""),
        ("$x", "$x", "no enclosing `let` defines `$x`", ""),
        ("[let $abc = a in $abd, $abc]", "$abd", "no enclosing `let` defines `$abd`", "did you mean `$abc`?"),
        ("[let $abc = a in b, $abc]", "$abc", "no enclosing `let` defines `$abc`", ""),
        ("let $x = $x in a", "$x", "no enclosing `let` defines `$x`", ""),
        ("let $x a in b", "a", "`=` is expected here, not `a`", ""),
        ("let $x = a", "", "`in` is expected here, not the end of the query", ""),
        ("(let $x = a) | b", ")", "`in` is expected here, not `)`", ""),
        (
            "let $x = a, y = b in c",
            "y",
            "a variable is expected here, not `y`",
            "write `let $name = expression in expression`",
        ),
        ("let $x = in b", "", "`in` is expected here, not the end of the query", ""),
        ("let $x = a in ", "", "an expression is expected here, not the end of the query", ""),
        ("let $x = a in b in c", "in", "unexpected `in`", ""),
        ("let $x = a in b.$x", "$x", "a name, `*`, `[` or `{` is expected after the dot, not `$x`", ""),
        ("let $x = a in {$x: b}", "$x", "a key is expected here, not `$x`", ""),
        ("let $x = a in $x(b)", "$x", "only a name can be called", ""),
        ("let $x = a in b in", "in", "unexpected `in`", ""),
        ("let $x = a in b$x", "$x", "unexpected `$x`", ""),
        ("a.let $x = b in c", "$x", "unexpected `$x`", ""),
        ("let $x = a in b = c", "=", "`=` is not an operator", "write `==` to compare"),
        ("$ == a", "$", "unexpected `$`", ""),
        (
            "split(a)",
            "split",
            "`split` takes 2 to 3 arguments, not 1",
            "usage: split(string, string[, number])",
        ),
        ("", "", "an expression is expected here, not the end of the query", ""),
    ];
    for (query, place, message, help) in cases {
        let error = Query::parse(query).expect_err(query);
        assert_eq!((&query[error.offset.clone()], error.to_string().as_str()), (place, message), "{query}");
        assert_eq!(error.help.as_deref().unwrap_or_default(), help, "{query}");
    }
}

#[test]
fn search_errors_name_the_function_and_not_the_data() {
    let data = json(r#"{"password": "hunter2", "list": [1, "hunter2", null]}"#);
    let cases = [
        ("abs(password)", "abs", "`abs` needs a number, but its argument is a string"),
        (
            "list | sum(@)",
            "sum",
            "`sum` needs an array of numbers, but its argument is an array with a number and a string and null in it",
        ),
        ("join(`1`, list)", "join", "`join` needs a string, but argument 1 is a number"),
        (
            "length(missing)",
            "length",
            "`length` needs a string or an array or an object, but its argument is null",
        ),
        (
            "pad_left(password, `1.5`)",
            "pad_left",
            "`pad_left` needs a whole number, but argument 2 has a fraction",
        ),
        ("split(password, '', `-1`)", "split", "`split` counts, so argument 3 cannot be negative"),
        (
            "pad_left(password, `9`, 'ab')",
            "pad_left",
            "`pad_left` pads with one character, so argument 3 is a string of one character",
        ),
        (
            "from_items([list])",
            "from_items",
            "`from_items` needs pairs of a string and a value, but got an array of 3",
        ),
        (
            "from_items(list)",
            "from_items",
            "`from_items` needs pairs of a string and a value, but got a number",
        ),
        (
            "from_items([[list, list]])",
            "from_items",
            "`from_items` needs pairs of a string and a value, but got an array with an array in it",
        ),
        (
            "group_by(list, &@)",
            "group_by",
            "`group_by` needs a string or null from its expression for each element, but got a number",
        ),
        (
            "sort_by(list, &@)",
            "sort_by",
            "`sort_by` needs a number from its expression for each element, but got a string",
        ),
    ];
    for (query, place, message) in cases {
        let error = search(query, &data).expect_err(query);
        assert_eq!(error.to_string(), message, "{query}");
        assert_eq!(error.offset().map(|offset| &query[offset.clone()]), Some(place), "{query}");
    }
}

#[test]
fn errors_come_with_the_query_that_was_meant() {
    let quoted = |name: &str| format!("the name `{name}` must be in double quotes");
    let (text, number) = ("text must be in single quotes", "a number must be in backticks");
    let cases = [
        ("[?tags.k8s-svc=='y']", "k8s-svc", &*quoted("k8s-svc"), r#"[?tags."k8s-svc"=='y']"#),
        ("a-b.c-d[0]", "a-b", &quoted("a-b"), r#""a-b"."c-d"[0]"#),
        ("tags.app/name", "app/name", &quoted("app/name"), r#"tags."app/name""#),
        ("tags.größe", "größe", &quoted("größe"), r#"tags."größe""#),
        ("tags.2fa", "2fa", &quoted("2fa"), r#"tags."2fa""#),
        ("[].{k8s-svc: a}", "k8s-svc", &quoted("k8s-svc"), r#"[].{"k8s-svc": a}"#),
        ("[?t==Microsoft.Web/sites].id", "Microsoft.Web/sites", text, "[?t=='Microsoft.Web/sites'].id"),
        ("[?name == vm-1]", "vm-1", text, "[?name == 'vm-1']"),
        ("[?at > 2024-01-01T00:00:00Z]", "2024-01-01T00:00:00Z", text, "[?at > '2024-01-01T00:00:00Z']"),
        ("[?size > 10]", "10", number, "[?size > `10`]"),
        ("[?size >= 1.5 && n<-3]", "1.5", number, "[?size >= `1.5` && n<`-3`]"),
        ("[?a=='x' and b=='y' or c]", "and", "`and` is written `&&`", "[?a=='x' && b=='y' || c]"),
        ("[?a=='x' or b='y']", "or", "`or` is written `||`", "[?a=='x' || b=='y']"),
        ("[?a='x' && b='y']", "=", "`=` is written `==`", "[?a=='x' && b=='y']"),
        ("[].to_lower(name)", "to_lower", "no function `to_lower`", "[].lower(name)"),
        ("len(@)", "len", "no function `len`", "length(@)"),
        ("[?startswith(name, 'a')]", "startswith", "no function `startswith`", "[?starts_with(name, 'a')]"),
    ];
    for (query, place, message, corrected) in cases {
        let error = Query::parse(query).expect_err(query);
        assert_eq!((&query[error.offset.clone()], &*error.message), (place, message), "{query}");
        assert_eq!(error.corrected.as_deref(), Some(corrected), "{query}");
        Query::parse(corrected).expect(corrected);
    }
    for query in ["a - b", "a[b]", "first(a)", "xyzzy(a)", "a.'b-c'", "let $x = a in b = c", "tags.1"] {
        assert_eq!(Query::parse(query).expect_err(query).corrected, None, "{query}");
    }
    assert_eq!(Query::parse("first(a)").unwrap_err().help.as_deref(), Some("the first element is `[0]`"));
}

#[test]
fn slips_are_hinted_at() {
    let field = |name: &str| format!("\"{name}\" is the field of that name, not a text");
    let not = "`!` binds more tightly than `.`: this looks into true or false, and is always null";
    let text = "this text compares only with text, character by character";
    let cases = [
        (r#"value[?type=="x"].name"#, &*field("x"), "value[?type=='x'].name"),
        (r#"[?"x" == type]"#, &field("x"), "[?'x' == type]"),
        (r#"[?contains(name, "x")]"#, &field("x"), "[?contains(name, 'x')]"),
        (r#"[?a=="it's" && b=="y"]"#, &field("it's"), r"[?a=='it\'s' && b=='y']"),
        ("[?size > '10']", text, "[?size > `10`]"),
        ("[?!tags.env]", not, "[?!(tags.env)]"),
        ("[?!tags.a[0].b == `1` && c].d", not, "[?!(tags.a[0].b) == `1` && c].d"),
        ("[?type==`x`]", "`x` is not JSON, and is taken for text", "[?type=='x']"),
        ("[?on == true]", "true is the field of that name, not the value true", "[?on == `true`]"),
        ("[?False != on]", "False is the field of that name, not the value false", "[?`false` != on]"),
    ];
    for (query, message, corrected) in cases {
        let parsed = Query::parse(query).expect(query);
        let hint = parsed.hints().first().expect(query);
        assert_eq!((&*hint.message, hint.corrected.as_deref()), (message, Some(corrected)), "{query}");
        assert_eq!(Query::parse(corrected).expect(corrected).hints(), [], "{query}");
    }
    let unclear = Query::parse("[?a < `true`]").expect("a query");
    assert_eq!(unclear.hints()[0].corrected, None);
    let fine = [
        r#"[?"a-b" == 'x' && "c.d" > `1`]"#,
        "!(tags.env) && !tags | a",
        r#"length("a-b")"#,
        "[?type=='x']",
        "[?at >= '2024-01-01' && year > '2023']",
        r#"[?tags!=null && "true" == `true`]"#,
        "true.false",
    ];
    for query in fine {
        assert_eq!(Query::parse(query).expect(query).hints(), [], "{query}");
    }
    let query = r#"value[?type=="x"].name"#;
    let parsed = Query::parse(query).expect(query);
    assert_eq!(&query[parsed.hints()[0].offset.clone()], r#""x""#);
}
