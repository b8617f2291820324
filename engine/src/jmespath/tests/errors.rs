//! Tests the messages about invalid or suspicious queries.

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
            "a == `{text}`",
            "`{text}`",
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
        ("$x", "$x", "no `let` around here gives `$x` a value", ""),
        (
            "[let $abc = a in $abd, $abc]",
            "$abd",
            "no `let` around here gives `$abd` a value",
            "did you mean `$abc`?",
        ),
        ("[let $abc = a in b, $abc]", "$abc", "no `let` around here gives `$abc` a value", ""),
        ("let $x = $x in a", "$x", "no `let` around here gives `$x` a value", ""),
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
        ("a.let $x = b in c", "=", "`=` is not an operator", "write `==` to compare"),
        ("$ == a", "$", "unexpected `$`", ""),
        (
            "split(a)",
            "split",
            "`split` takes 2 to 3 arguments, not 1",
            "write split(string, string[, number])",
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
        ("[?type==`x`]", vec!["`x` is not JSON, and is taken for text: write 'x' for the text"]),
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
