//! What queries find, feature by feature.

use super::{json, search};

/// Each query on `data` gives the JSON beside it.
fn check(data: &str, cases: &[(&str, &str)]) {
    let value = json(data);
    for (query, expected) in cases {
        let found = search(query, &value).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(found, json(expected), "{query}");
    }
}

const MACHINE: &str = r#"{
    "name": "web-1", "tags": {"env": "prod", "café": "x", "a.b": 1}, "cores": 4, "load": [0.5, 1.5, 2.0],
    "disks": [{"id": "os", "gb": 30, "parts": [{"n": 1}, {"n": 2}]}, {"id": "data", "gb": 100, "parts": []},
              {"id": "tmp", "gb": 30}],
    "empty": {"list": [], "map": {}, "text": "", "none": null, "no": false}
}"#;

#[test]
fn fields_and_indices() {
    check(
        MACHINE,
        &[
            ("name", r#""web-1""#),
            ("tags.env", r#""prod""#),
            (r#"tags."a.b""#, "1"),
            (r#"tags."caf\u00e9""#, r#""x""#),
            (r#"tags."cafe\u0301""#, r#""x""#),
            ("tags.missing.deeper", "null"),
            ("name.length", "null"),
            ("load[0]", "0.5"),
            ("load[-1]", "2.0"),
            ("load[3]", "null"),
            ("load[-4]", "null"),
            ("name[0]", "null"),
            ("@.cores", "4"),
            ("(tags).env", r#""prod""#),
        ],
    );
}

#[test]
fn slices_are_pythons() {
    check(
        "[0, 1, 2, 3, 4]",
        &[
            ("[1:3]", "[1, 2]"),
            ("[:2]", "[0, 1]"),
            ("[3:]", "[3, 4]"),
            ("[::2]", "[0, 2, 4]"),
            ("[::-1]", "[4, 3, 2, 1, 0]"),
            ("[-2:]", "[3, 4]"),
            ("[:-3]", "[0, 1]"),
            ("[3:0:-2]", "[3, 1]"),
            ("[10:]", "[]"),
            ("[-100:100]", "[0, 1, 2, 3, 4]"),
            ("[2147483647:-2147483647:-2147483647]", "[4]"),
            ("'text'[1:]", "null"),
        ],
    );
}

#[test]
fn projections() {
    check(
        MACHINE,
        &[
            ("disks[*].id", r#"["os", "data", "tmp"]"#),
            ("disks[*].parts[*].n", "[[1, 2], []]"),
            ("disks[].parts[].n", "[1, 2]"),
            ("disks[*].parts[] | length(@)", "2"),
            ("disks[1:].id", r#"["data", "tmp"]"#),
            ("disks[*].missing", "[]"),
            ("disks[0].*", r#"[30, "os", [{"n": 1}, {"n": 2}]]"#),
            ("empty.*", r#"[[], {}, false, ""]"#),
            ("name[*]", "null"),
            ("name.*", "null"),
            ("name[]", "null"),
            ("disks[*].id | [0]", r#""os""#),
            ("disks[*].id[0]", "[]"),
            ("[load, load][][]", "[0.5, 1.5, 2.0, 0.5, 1.5, 2.0]"),
        ],
    );
}

#[test]
fn filters() {
    check(
        MACHINE,
        &[
            ("disks[?gb == `30`].id", r#"["os", "tmp"]"#),
            ("disks[?gb > `30` || id == 'os'].id", r#"["os", "data"]"#),
            ("disks[?gb >= `30` && !parts].id", r#"["data", "tmp"]"#),
            ("disks[?parts[?n == `2`]].id | [0]", r#""os""#),
            ("disks[?id < 'x']", "[]"),
            ("name[?@]", "null"),
            ("load[?@ < `2` && @ != `0.50`]", "[1.5]"),
            ("load[?@ <= `1.5`]", "[0.5, 1.5]"),
        ],
    );
}

#[test]
fn what_counts_as_true() {
    check(
        MACHINE,
        &[
            ("empty.list || empty.map || empty.text || empty.none || empty.no || 'none'", r#""none""#),
            ("`0` || 'none'", "0"),
            ("name && cores", "4"),
            ("empty.text && cores", r#""""#),
            ("!(empty.list)", "true"),
            ("!!name", "true"),
        ],
    );
}

#[test]
fn equality_is_of_whole_values() {
    check(
        r#"{"a": {"x": [1, {"y": null}]}, "b": {"x": [1.0, {"y": null}]}, "c": {"x": [1]}}"#,
        &[
            ("a == b", "true"),
            ("a != c", "true"),
            ("a.x[0] == '1'", "false"),
            ("missing == `null`", "true"),
            ("a == a.x", "false"),
        ],
    );
}

#[test]
fn literals_are_exact() {
    check(
        "null",
        &[
            ("`12345678901234567890.123456789`", "12345678901234567890.123456789"),
            ("`9007199254740993` == `9007199254740992`", "false"),
            ("`{\"a\": [1, \"\\`\"]}`", r#"{"a": [1, "`"]}"#),
            (r"'it\'s'", r#""it's""#),
            (r"'a\nb'", r#""a\\nb""#),
            ("`\"x\"`", r#""x""#),
            ("`true`", "true"),
        ],
    );
}

#[test]
fn selections() {
    check(
        MACHINE,
        &[
            ("[name, cores]", r#"["web-1", 4]"#),
            ("{n: name, \"c d\": cores, m: missing}", r#"{"n": "web-1", "c d": 4, "m": null}"#),
            ("disks[].{id: id, parts: length(parts || `[]`)} | [1]", r#"{"id": "data", "parts": 0}"#),
            ("missing.[a, b]", "null"),
            ("missing.{a: a}", "null"),
            ("missing | 'x'", r#""x""#),
        ],
    );
}

#[test]
fn functions() {
    check(
        MACHINE,
        &[
            ("abs(`-1.5`)", "1.5"),
            ("avg(`[1, 2]`)", "1.5"),
            ("avg(`[]`)", "null"),
            ("[ceil(`1.2`), floor(`-1.2`)]", "[2, -2]"),
            (
                "[contains(name, 'web'), contains(load, `1.5`), contains(load, 'x'), contains(name, `1`)]",
                "[true, true, false, false]",
            ),
            ("[starts_with(name, 'web'), ends_with(name, '2')]", "[true, false]"),
            ("join(', ', disks[].id)", r#""os, data, tmp""#),
            ("keys(tags)", r#"["a.b", "café", "env"]"#),
            ("values(tags)", r#"[1, "x", "prod"]"#),
            ("[length('日本'), length(load), length(tags)]", "[2, 3, 3]"),
            ("map(&gb, disks)", "[30, 100, 30]"),
            ("map(&missing, disks)", "[null, null, null]"),
            ("[max(load), min(load), max(disks[].id), min(`[]`)]", r#"[2.0, 0.5, "tmp", null]"#),
            ("[max_by(disks, &gb).id, min_by(disks, &gb).id, max_by(`[]`, &gb)]", r#"["data", "os", null]"#),
            ("merge(tags, {env: 'test'}, `{\"z\": 1}`)", r#"{"a.b": 1, "café": "x", "env": "test", "z": 1}"#),
            ("not_null(missing, empty.none, cores, name)", "4"),
            ("not_null(missing)", "null"),
            ("[reverse('ab日'), reverse(load)]", r#"["日ba", [2.0, 1.5, 0.5]]"#),
            ("sort(`[3, 10, 2]`)", "[2, 3, 10]"),
            ("sort(disks[].id)", r#"["data", "os", "tmp"]"#),
            ("sort_by(disks, &gb)[].id", r#"["os", "tmp", "data"]"#),
            ("sum(`[0.1, 0.2]`) == `0.3`", "true"),
            ("sum(`[]`)", "0"),
            ("[to_array(cores), to_array(load)]", "[[4], [0.5, 1.5, 2.0]]"),
            (
                "[to_number('12345678901234567890'), to_number(' 1'), to_number('1.'), to_number('x'), to_number(load)]",
                "[12345678901234567890, 1, null, null, null]",
            ),
            (
                "[to_string(name), to_string(load), to_string(`{\"b\": \"<\", \"a\": null}`)]",
                r#"["web-1", "[0.5,1.5,2]", "{\"a\":null,\"b\":\"<\"}"]"#,
            ),
            (
                "[name, cores, load, tags, missing, `true`][*].type(@)",
                r#"["string", "number", "array", "object", "null", "boolean"]"#,
            ),
            ("type(missing)", r#""null""#),
        ],
    );
}

#[test]
fn lists_sets_and_maps_are_arrays_and_objects() {
    use crate::value::{Type, Value};
    let value = Value::object([
        ("tags", Value::string_map([("env", "prod")])),
        ("names", Value::list(Type::String, ["b".into(), "a".into()])),
        ("zones", Value::set(Type::String, ["2".into(), "1".into()])),
    ]);
    let cases = [
        ("tags.env", r#""prod""#),
        ("names[0]", r#""b""#),
        ("zones[*]", r#"["1", "2"]"#),
        ("[type(tags), type(names), type(zones)]", r#"["object", "array", "array"]"#),
        ("names == `[\"b\", \"a\"]`", "true"),
        ("tags == `{\"env\": \"prod\"}`", "true"),
    ];
    for (query, expected) in cases {
        assert_eq!(search(query, &value), Ok(json(expected)), "{query}");
    }
    assert_eq!(search("tags", &value).map(|tags| tags.ty()), Ok(Type::map(Type::String)));
}
