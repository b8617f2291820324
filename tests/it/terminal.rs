//! Control characters in foreign text never reach the terminal, whatever their source.

use std::fs;

use crate::support::{Place, Ran};

/// Sequences that control a terminal or mislead a reader.
const CANARIES: [&str; 9] = [
    "\u{1b}]0;X\u{7}",
    "\u{1b}[2J",
    "\u{1b}[8m",
    "\u{9b}31m",
    "\u{9d}0;X\u{9c}",
    "\u{202e}",
    "\u{2066}\u{200b}\u{200d}",
    "\u{2028}\u{85}",
    "\r\u{8}\u{7f}\u{feff}",
];

/// Returns whether a terminal must not receive `c`.
fn acts(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    (c.is_control() && c != '\n' && c != '\t') || invisible
}

fn check(ran: &Ran, way: &str, canary: &str) {
    let seen = ran.seen();
    assert!(!seen.contains(acts), "{way}, {canary:?}: {seen:?}");
}

/// Runs the commands with each canary, with and without `-json`.
fn each(way: &str, commands: &[&[&str]], put: impl Fn(&Place, &str) -> Vec<(String, String)>) {
    for canary in CANARIES {
        let place = Place::new();
        let environment = put(&place, canary);
        for command in commands {
            for json in [&[][..], &["-json"]] {
                let arguments: Vec<String> =
                    command.iter().chain(json).map(|text| text.replace("CANARY", canary)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let mut program = place.command(&arguments);
                program.envs(environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                check(
                    &Ran::of(program.output().expect("the program")),
                    &format!("{way} {arguments:?}"),
                    canary,
                );
            }
        }
    }
}

#[test]
fn the_command_line() {
    let commands: [&[&str]; 18] = [
        &["--CANARY"],
        &["run", "--CANARY"],
        &["CANARY"],
        &["validate", "CANARY"],
        &["plan", "-out", "CANARY/x", "CANARY"],
        &["run", "-var", "CANARY"],
        &["run", "-var", "CANARY=CANARY"],
        &["run", "-var-file", "CANARY"],
        &["run", "-target", "CANARY"],
        &["run", "-parallelism", "CANARY"],
        &["explain", "CANARY"],
        &["show", "CANARY"],
        &["runs", "-journal", "CANARY"],
        &["undo", "CANARY"],
        &["fmt", "CANARY"],
        &["lab", "CANARY"],
        &["graph", "-format", "CANARY"],
        &["token", "-resource", "CANARY"],
    ];
    each("the command line", &commands, |place, _| {
        place.write("main.runbook.hcl", "output \"a\" { value = 1 }\n");
        Vec::new()
    });
}

#[test]
fn the_environment() {
    let commands: [&[&str]; 6] =
        [&["run"], &["plan"], &["validate"], &["runs", "-help"], &["runs"], &["token"]];
    each("the environment", &commands, |place, canary| {
        place.write("main.runbook.hcl", "variable \"n\" { type = number }\noutput \"a\" { value = var.n }\n");
        ["ARCBOOK_CLOUD", "ARCBOOK_JOURNAL", "ARCBOOK_VAR_n", "IMDS_ENDPOINT", "HTTPS_PROXY"]
            .map(|name| (name.to_owned(), format!("x{canary}")))
            .into()
    });
}

#[cfg(unix)]
#[test]
fn names_of_files_and_directories() {
    let commands: [&[&str]; 6] = [
        &["validate", "dCANARY"],
        &["plan", "dCANARY"],
        &["run", "dCANARY"],
        &["graph", "dCANARY"],
        &["fmt", "-diff", "-recursive", "."],
        &["runs", "-journal", "dCANARY"],
    ];
    each("a name", &commands, |place, canary| {
        place.write(
            &format!("d{canary}/f{canary}.runbook.hcl"),
            format!("output   \"a\" {{ value = [path.module, path.cwd, fileset(\".\", \"*\")] }}\nlocals {{ x=\"{canary}\" }}\n"),
        );
        place.write(&format!("d{canary}/r{canary}.jsonl"), "{}\n");
        Vec::new()
    });
}

#[test]
fn a_runbook_and_its_values() {
    let commands: [&[&str]; 7] = [
        &["validate"],
        &["plan"],
        &["run"],
        &["run", "-var", "v=CANARY"],
        &["graph"],
        &["graph", "-format", "mermaid"],
        &["show"],
    ];
    let runbooks = [
        "runbook { description = \"CANARY\" }\nvariable \"v\" { default = \"CANARY\" }\nstep \"echo\" \"a\" {\n  description = \"CANARY\"\n  input = { \"CANARY\" = var.v }\n}\noutput \"a\" { value = step.echo.a.output }\n",
        "module \"m\" { source = \"CANARY\" }\n",
        "module \"m\" { source = \"./CANARY\" }\n",
        "step \"CANARY\" \"b\" {}\n",
        "step \"echo\" \"a\" {\n  for_each = { \"CANARY\" = 1 }\n  input = each.key\n}\n",
        "check \"a\" {\n  assert {\n    condition = false\n    error_message = \"CANARY\"\n  }\n}\n",
        "output \"a\" { value = jsondecode(\"CANARY\") }\n",
    ];
    for runbook in runbooks {
        each("a runbook", &commands, |place, canary| {
            place.write("main.runbook.hcl", runbook.replace("CANARY", canary));
            Vec::new()
        });
    }
}

#[test]
fn the_fields_of_a_record() {
    let commands: [&[&str]; 6] = [
        &["runs"],
        &["show"],
        &["verify"],
        &["undo", "-auto-approve"],
        &["run", "-resume", "latest"],
        &["plan", "-against", "latest"],
    ];
    each("a record", &commands, |place, canary| {
        place.write(
            "main.runbook.hcl",
            "step \"echo\" \"a\" { input = \"KEEP\" }\noutput \"a\" { value = step.echo.a.output }\n",
        );
        assert_eq!(place.run(&["run"]).code, Some(0));
        for (path, bytes) in place.files() {
            if path.extension().is_some_and(|ending| ending == "jsonl") {
                // JSON escapes control characters only.
                let escaped = serde_json::to_string(canary).expect("JSON");
                let text = String::from_utf8(bytes).expect("text");
                let changed = text
                    .replace("main", escaped.trim_matches('"'))
                    .replace("echo", escaped.trim_matches('"'));
                fs::write(path, changed).expect("written");
            }
        }
        Vec::new()
    });
}

/// Hidden characters are shown as escapes, not dropped.
#[test]
fn hidden_characters_are_shown_as_escapes() {
    let place = Place::new();
    let ran = place.run(&["validate", "\u{1b}]0;X\u{7}\u{202e}"]);
    assert!(ran.err.contains("\\u{1b}]0;X\\u{7}\\u{202e}"), "{}", ran.seen());
    let ran = place.run(&["run", "--\u{202e}x"]);
    assert!(ran.err.contains("\\u{202e}x"), "{}", ran.seen());
}
