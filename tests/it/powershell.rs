//! PowerShell that a user is meant to paste, read by a grammar of PowerShell.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::environment;
use crate::support::{Place, repository};

#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../src/shell.rs"]
mod shell;

use shell::Shell;

/// Documents with blocks of PowerShell.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/windows.md"];

/// Texts with all that PowerShell gives a meaning to.
const ODD: [&str; 8] = ["it's", "a b", "$(x)`y", "step.a[\"k\"]", "{ @x; #", "a’b", "-x.plan", r"C:\a b\"];

/// Returns the places in each script that are no PowerShell; none without a Python with the grammar.
fn errors(scripts: &[String]) -> Option<Vec<Vec<String>>> {
    let files = repository().join("tests/powershell");
    let python = environment::python(&files, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("powershell"));
    let python = match python {
        Ok(python) => python,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "PowerShell cannot be read here: {why}");
            let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: that PowerShell can be read: {why} ***\n");
            return None;
        }
    };
    let mut command = Command::new(python);
    command.arg(files.join("errors.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("Python");
    let given = serde_json::to_string(scripts).expect("JSON");
    process.stdin.take().expect("a pipe").write_all(given.as_bytes()).expect("sent");
    let output = process.wait_with_output().expect("an answer");
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Fails if one of the scripts is no PowerShell; each comes with its name.
fn assert_read(scripts: impl IntoIterator<Item = (String, String)>) {
    let (names, scripts): (Vec<_>, Vec<_>) = scripts.into_iter().unzip();
    assert!(!scripts.is_empty());
    for ((name, script), errors) in names.iter().zip(&scripts).zip(errors(&scripts).into_iter().flatten()) {
        assert_eq!(errors, Vec::<String>::new(), "{name}:\n{script}");
    }
}

fn completion() -> String {
    Place::new().run(&["completions", "powershell"]).out
}

#[test]
fn the_completion_script_is_powershell() {
    let script = completion();
    assert!(script.is_ascii(), "old versions read it in another encoding");
    assert_read([("the script".to_owned(), script)]);
}

#[test]
fn a_broken_script_is_told_from_powershell() {
    let script = completion();
    let cases = [
        ("-ScriptBlock {", "-ScriptBlock"),
        ("'^-[^=]*='", "^-[^=]*='"),
        ("foreach ($answer in $answers)", "foreach ($answer $answers)"),
        ("})\n", "}\n"),
        (" else { $word }", " else { $word"),
        ("$Matches[0]", "$Matches[0"),
    ];
    let broken = cases.map(|(part, instead)| {
        assert!(script.contains(part), "{part:?}");
        script.replacen(part, instead, 1)
    });
    for (script, errors) in broken.iter().zip(errors(&broken).into_iter().flatten()) {
        assert!(!errors.is_empty(), "{script}");
    }
}

#[test]
fn printed_words_and_variables_are_powershell() {
    let shells = [Shell::PowerShell5, Shell::PowerShell7];
    assert_read(shells.into_iter().flat_map(|shell| {
        ODD.map(|text| {
            let set = shell.assign("IMDS_ENDPOINT", text);
            let script = format!("{set}  # it's a remark\narcbook plan -out {} .\n", shell.quote(text));
            (format!("{shell:?} {text}"), script)
        })
    }));
}

#[test]
fn the_documentation_shows_powershell() {
    let blocks = DOCUMENTS.iter().flat_map(|name| {
        let text = std::fs::read_to_string(repository().join(name)).expect("a document");
        let blocks = text.split("```powershell\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned());
        blocks.map(|block| ((*name).to_owned(), block)).collect::<Vec<_>>()
    });
    assert_read(blocks);
}
