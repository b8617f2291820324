//! Tests the results of queries, by feature.

use super::{json, search};
use crate::jmespath::{FunctionDocs, functions as all_functions};

/// Checks that each query on `data` returns the JSON beside it.
pub(super) fn check(data: &str, cases: &[(&str, &str)]) {
    let value = json(data);
    for (query, expected) in cases {
        let found = search(query, &value).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(found, json(expected), "{query}");
    }
}

pub(super) const MACHINE: &str = r#"{
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
fn queries_for_the_azure_command_line_are_pasted_unchanged() {
    check(
        r#"[
            {"name": "vm1", "location": "westeurope", "resourceGroup": "RG1", "powerState": "VM running",
             "tags": {"env": "prod"}, "storageProfile": {"osDisk": {"osType": "Linux", "diskSizeGb": 30}},
             "id": "/subscriptions/0/resourceGroups/RG1/providers/Microsoft.Compute/virtualMachines/vm1"},
            {"name": "vm2", "location": "northeurope", "resourceGroup": "rg2", "powerState": "VM deallocated",
             "tags": null, "storageProfile": {"osDisk": {"osType": "Windows", "diskSizeGb": 127}},
             "id": "/subscriptions/0/resourceGroups/rg2/providers/Microsoft.Compute/virtualMachines/vm2"}
        ]"#,
        &[
            ("[].name", r#"["vm1", "vm2"]"#),
            ("[0].storageProfile.osDisk.osType", r#""Linux""#),
            (
                "[?powerState=='VM running'].{Name:name, RG:resourceGroup}",
                r#"[{"Name": "vm1", "RG": "RG1"}]"#,
            ),
            ("[?contains(name, '2')].[name, location] | [0]", r#"["vm2", "northeurope"]"#),
            ("[?location=='westeurope' || location=='northeurope'] | length(@)", "2"),
            (
                "[?storageProfile.osDisk.diskSizeGb >= `50`].{Name:name, admin:osProfile.adminUsername}",
                r#"[{"Name": "vm2", "admin": null}]"#,
            ),
            ("sort_by([].{Name:name, Size:storageProfile.osDisk.diskSizeGb}, &Size)[-1].Name", r#""vm2""#),
            ("reverse(sort_by(@, &name))[*].name", r#"["vm2", "vm1"]"#),
            (
                "[?tags.env=='prod'] | [].id",
                r#"["/subscriptions/0/resourceGroups/RG1/providers/Microsoft.Compute/virtualMachines/vm1"]"#,
            ),
            ("[?starts_with(resourceGroup, 'RG')].name | [0]", r#""vm1""#),
            ("[?tags!=null].name", r#"["vm1"]"#),
            ("max_by(@, &storageProfile.osDisk.diskSizeGb).name", r#""vm2""#),
            ("[?!(tags)].name", r#"["vm2"]"#),
            (
                r#"[].{"resource group": resourceGroup, "os": storageProfile.osDisk.osType} | [1]"#,
                r#"{"resource group": "rg2", "os": "Windows"}"#,
            ),
            ("join(' ', [].name)", r#""vm1 vm2""#),
            ("[].id | [?contains(@, `\"rg2\"`)] | length(@)", "1"),
            ("[?name==`vm1`].location | [0]", r#""westeurope""#),
        ],
    );
}

#[test]
fn let_gives_names_to_what_lies_outside() {
    check(
        MACHINE,
        &[
            ("let $n = name in $n", r#""web-1""#),
            ("let $n = name in disks[*].[$n, id] | [0]", r#"["web-1", "os"]"#),
            ("let $max = max(disks[].gb) in disks[?gb == $max].id", r#"["data"]"#),
            ("disks[?gb > `50`] | let $d = @ in $d[0].id", r#""data""#),
            ("let $a = name in [$a, let $a = 'inner' in $a, $a]", r#"["web-1", "inner", "web-1"]"#),
            ("let $a = cores, $b = name in {a: $a, b: $b}", r#"{"a": 4, "b": "web-1"}"#),
            ("let $a = 'outer' in let $a = 'inner', $b = $a in [$a, $b]", r#"["inner", "outer"]"#),
            ("let $a = let $b = cores in [$b] in $a", "[4]"),
            ("let $l = disks[*].id in $l[0]", r#""os""#),
            ("(let $x = load in $x)[0]", "0.5"),
            ("missing || let $x = cores in $x == `4` && name | @", r#""web-1""#),
            ("sort_by(disks, &let $d = @ in $d.id)[0].id", r#""data""#),
            ("let $in = `{\"let\": {\"in\": 1}}` in $in.let.in", "1"),
            ("let $in=name in let $x=$in in $x", r#""web-1""#),
        ],
    );
}

#[test]
fn backticks_around_what_is_no_json_hold_text() {
    check(
        MACHINE,
        &[
            ("disks[?id==`os`].gb | [0]", "30"),
            ("`it's 1`", r#""it's 1""#),
            (r"` a\`b\u0021`", r#""a`b!""#),
            ("`2020-01-01`", r#""2020-01-01""#),
            ("`true`", "true"),
        ],
    );
}

#[test]
fn the_manual_tells_every_function_and_its_example_works() {
    let manual = include_str!("../../../../docs/jmespath.md");
    for FunctionDocs { usage, description, .. } in all_functions() {
        let line = format!("| `{usage}` | {description} |");
        assert!(manual.lines().any(|found| found == line), "docs/jmespath.md: {line}");
    }
    let example = manual.lines().find_map(|line| line.trim().strip_prefix("group = \"")?.strip_suffix('"'));
    let machine = json(r#"{"id": "/subscriptions/s/resourceGroups/west/providers/p"}"#);
    assert_eq!(search(example.unwrap(), &machine), Ok("west".into()));
}

#[test]
fn every_example_of_a_function_finds_what_it_says() {
    for FunctionDocs { name, usage, example, .. } in all_functions() {
        let found =
            search(example.query, &json(example.data)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = serde_json::to_string(&found.to_json().expect("known")).unwrap();
        assert_eq!(found, example.result, "{name}: {}", example.query);
        assert!(example.query.contains(&format!("{name}(")) && usage.starts_with(name), "{name}");
    }
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
