//! Tests the functions of queries.

use super::features::{MACHINE, check};

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
fn functions_of_pairs_and_groups() {
    check(
        MACHINE,
        &[
            ("items({b: name, a: cores})", r#"[["a", 4], ["b", "web-1"]]"#),
            ("from_items(items(tags)) == tags", "true"),
            ("from_items(`[[\"a\", 1], [\"b\", 2], [\"a\", 3]]`)", r#"{"a": 3, "b": 2}"#),
            ("from_items(disks[*].[id, gb])", r#"{"data": 100, "os": 30, "tmp": 30}"#),
            ("[items(`{}`), from_items(`[]`), zip(`[]`, load)]", "[[], {}, []]"),
            ("zip(`[\"a\", \"b\", \"c\"]`, `[1, 2]`)", r#"[["a", 1], ["b", 2]]"#),
            ("from_items(zip(disks[].id, load))", r#"{"data": 1.5, "os": 0.5, "tmp": 2}"#),
            ("zip(load)", "[[0.5], [1.5], [2]]"),
            ("map(&[0], items(group_by(disks, &to_string(gb))))", r#"["100", "30"]"#),
            ("group_by(disks, &to_string(gb)).\"30\"[].id", r#"["os", "tmp"]"#),
            ("keys(group_by(disks, &parts[0].n && id))", r#"["os"]"#),
            ("group_by(`[]`, &a)", "{}"),
        ],
    );
}

#[test]
fn functions_of_texts() {
    check(
        r#"{"s": "subject string", "e": "", "w": " \u2003a b\t", "a": "aabaaabaaaab", "u": "日本 日本"}"#,
        &[
            ("[find_first(s, 'string'), find_first(s, 's'), find_first(s, 's', `1`)]", "[8, 0, 8]"),
            ("[find_first(s, 'string', `8`), find_first(s, 'string', `9`)]", "[8, null]"),
            ("[find_first(s, 'string', `0`, `14`), find_first(s, 'string', `0`, `13`)]", "[8, null]"),
            ("[find_first(s, 'string', `-6`), find_first(s, 's', `-99`, `100`)]", "[8, 0]"),
            (
                "[find_first(s, ''), find_first(e, ''), find_first(e, 'x'), find_last(s, '')]",
                "[null, null, null, null]",
            ),
            ("[find_last(s, 's'), find_last(s, 's', `-6`), find_last(s, 's', `0`, `7`)]", "[8, 8, 0]"),
            (
                "[find_last(s, 's', `9`), find_last(s, 's', `5`, `2`), find_last(s, 's', `1e30`)]",
                "[null, null, null]",
            ),
            ("[find_first(u, '本'), find_last(u, '本'), find_last(u, '日', `0`, `-1`)]", "[1, 4, 3]"),
            ("[lower('ÄB'), upper('ßa')]", r#"["äb", "SSA"]"#),
            (
                "[pad_left('ab', `5`), pad_left('ab', `5`, '0'), pad_left('ab', `1`)]",
                r#"["   ab", "000ab", "ab"]"#,
            ),
            ("[pad_right('日', `3`, '本'), pad_right('ab', `0`, 'x')]", r#"["日本本", "ab"]"#),
            ("[replace(a, 'aa', '-'), replace(a, 'aa', '-', `2`)]", r#"["-b-ab--b", "-b-abaaaab"]"#),
            ("[replace(a, 'aa', '-', `0`) == a, replace('ab', '', '-')]", r#"[true, "-a-b-"]"#),
            ("split('a|-|b|-|c', '|-|')", r#"["a", "b", "c"]"#),
            ("split('a|-|b|-|c', '|-|', `1`)", r#"["a", "b|-|c"]"#),
            ("[split('/', '/'), split('abc', '/'), split('', '/')]", r#"[["", ""], ["abc"], [""]]"#),
            ("[split('日本a', ''), split('abcd', '', `2`)]", r#"[["日", "本", "a"], ["a", "b", "cd"]]"#),
            ("[split('a/b', '/', `0`), split('ab', '', `0`)]", r#"[["a/b"], ["ab"]]"#),
            ("[split(e, ''), split(e, '', `0`), split(e, '', `2`), split(e, '/')]", r#"[[], [], [], [""]]"#),
            (
                "[trim(w), trim(w, ''), trim_left(w), trim_right(w)]",
                r#"["a b", "a b", "a b\t", " \u2003a b"]"#,
            ),
            (
                "[trim(s, 'gs'), trim_left(s, 'su'), trim_right(s, 'gni')]",
                r#"["ubject strin", "bject string", "subject str"]"#,
            ),
        ],
    );
}
