//! Selections that end a projection, and comparisons of text, as in `az --query`.

use super::features::{MACHINE, check};

#[test]
fn selections_end_a_projection() {
    check(
        MACHINE,
        &[
            ("disks[].{i: id}[0]", r#"{"i": "os"}"#),
            ("disks[*].{i: id}[0].i", r#""os""#),
            ("disks[?gb == `30`].{i: id}[-1]", r#"{"i": "tmp"}"#),
            ("disks[?gb == `30`].{i: id} | [0]", r#"{"i": "os"}"#),
            ("disks[1:].{i: id}[0]", r#"{"i": "data"}"#),
            ("tags.*.{v: @}[0]", r#"{"v": 1}"#),
            ("disks[*].{i: id}.i", "null"),
            ("disks[*].{i: id}[*].i", r#"["os", "data", "tmp"]"#),
            ("disks[*].{i: id}[].i", r#"["os", "data", "tmp"]"#),
            ("disks[*].{i: id}[?i == 'tmp']", r#"[{"i": "tmp"}]"#),
            ("disks[].[id, gb][0]", r#"["os", 30]"#),
            ("disks[].[id, gb][]", r#"["os", 30, "data", 100, "tmp", 30]"#),
            ("disks[*].parts[*].{m: n}[0]", r#"[{"m": 1}]"#),
            ("disks[*].{p: parts[].{m: n}[0]}[0]", r#"{"p": {"m": 1}}"#),
            ("disks[0].{p: parts.{q: [0]}}.p.q.n", "1"),
            ("disks[].{l: let $d = @ in $d.{i: id}.i}[1].l", r#""data""#),
            ("{i: name}.i", r#""web-1""#),
        ],
    );
}

#[test]
fn texts_have_an_order_as_numbers_have() {
    check(
        MACHINE,
        &[
            ("disks[?id < 'os'].id", r#"["data"]"#),
            ("disks[?id <= 'os'].id", r#"["os", "data"]"#),
            ("disks[?id > `1` || gb < '31'].id", "[]"),
            (
                "['2024-05-01T00:00:00Z' >= '2024-04-30', 'b' > 'B', '10' > '9', '日' < '本']",
                "[true, true, false, true]",
            ),
            ("[name < `1`, `true` < `false`, missing < 'x', load < load]", "[null, null, null, null]"),
        ],
    );
}
