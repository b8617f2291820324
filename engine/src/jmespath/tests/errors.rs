//! What is said about queries that are wrong, or odd.

use super::{Query, json, search};

#[test]
fn errors_name_the_place_and_the_remedy() {
    let cases = [
        ("value[?type='x']", "=", "`=` is not an operator", "write `==` to compare"),
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
            "a == `text`",
            "`text`",
            "between backticks stands JSON, and this is none",
            "write text in single quotes, as in 'text'",
        ),
        ("日本", "日", "unexpected `日`", ""),
        (
            "a[99999999999999999999]",
            "99999999999999999999",
            "`99999999999999999999` is not an index: it has too many digits",
            "",
        ),
        ("a[-]", "-", "`-` stands only before the digits of an index", ""),
        ("a[::0]", "]", "the step of a slice cannot be 0", ""),
        ("{a}", "}", "`:` is expected after the key, not `}`", ""),
        ("a{b: c}", "{", "unexpected `{`", "a selection stands after a dot: .{name: expression}"),
        ("lenght (a)", "lenght", "no function `lenght`", "did you mean `length`?"),
        ("a | b.keys(c, d)", "keys", "`keys` takes one argument, not 2", "write keys(object)"),
        (
            "sort_by(a, b)",
            "sort_by",
            "argument 2 of `sort_by` is an expression, written with `&`",
            "write sort_by(array, &expression)",
        ),
        ("keys(&a)", "keys", "argument 1 of `keys` is a value, written without `&`", "write keys(object)"),
        ("a | &b", "&", "`&` stands only before a function's argument", ""),
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
fn slips_are_hinted_at() {
    let cases = [
        (
            r#"value[?type=="x"].name"#,
            vec![r#""x" is the field of that name, not a text: write 'x' for the text"#],
        ),
        (r#"[?"x" == type]"#, vec![r#""x" is the field of that name, not a text: write 'x' for the text"#]),
        (
            r#"[?contains(name, "x")]"#,
            vec![r#""x" is the field of that name, not a text: write 'x' for the text"#],
        ),
        (
            "[?size > '10']",
            vec![
                "only numbers have an order: this comparison is always null: write a number in backticks, as in `10`",
            ],
        ),
        (r#"[?"a-b" == 'x' && "c.d" > `1`]"#, vec![]),
        (
            "[?!tags.env]",
            vec![
                "`!` binds more tightly than `.`: this looks into true or false, and is always null: write !(a.b)",
            ],
        ),
        ("!(tags.env) && !tags | a", vec![]),
        (r#"length("a-b")"#, vec![]),
        ("[?type=='x']", vec![]),
    ];
    for (query, expected) in cases {
        let parsed = Query::parse(query).expect(query);
        let hints: Vec<_> =
            parsed.hints().iter().map(|hint| format!("{}: {}", hint.message, hint.help)).collect();
        assert_eq!(hints, expected, "{query}");
    }
    let query = r#"value[?type=="x"].name"#;
    let parsed = Query::parse(query).expect(query);
    assert_eq!(&query[parsed.hints()[0].offset.clone()], r#""x""#);
}
