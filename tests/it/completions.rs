//! Completion, asked of the program and of the shells themselves.

use std::io::Write as _;
use std::process::Command;

use crate::support::Place;

const RUNBOOK: &str = r#"
variable "region" { default = "west" }
variable "pw" {
  sensitive = true
  default   = "s3cret-value"
}
step "metadata" "machine" {}
step "echo" "hello" {
  input = var.region
}
step "echo" "$(touch pwned)" {}
module "site" {
  source = "./site"
}
output "hello" { value = step.echo.hello.output }
check "named" {
  assert {
    condition     = true
    error_message = "no"
  }
}
"#;

/// A place with a runbook, a module, two runs on record and files of all kinds.
fn place() -> Place {
    let place = Place::with(RUNBOOK);
    place.write(
        "site/main.runbook.hcl",
        "step \"echo\" \"inner\" { input = 1 }\noutput \"x\" { value = 1 }\n",
    );
    for run in ["20261122-101500.123-1a2b3c", "20261123-090000.000-ffffff", "$(touch pwned)", "a b"] {
        place.write(&format!(".arcbook/runs/{run}.jsonl"), "not a record\n");
    }
    place.write("other/20250101-000000.000-000000.jsonl", "");
    for file in ["site.vars.hcl", "values.json", "site.plan", "notes.txt"] {
        place.write(file, "");
    }
    place
}

/// The words that the last one of `words` may become, with `:files` and endings where files come too.
fn candidates(place: &Place, shell: &str, words: &[&str]) -> Vec<String> {
    let ran = place.run(&[&["__complete", shell, "--"], words].concat());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
    assert!(!ran.out.contains("s3cret-value"), "{}", ran.out);
    ran.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

const LATEST: [&str; 3] = ["latest", "20261123-090000.000-ffffff", "20261122-101500.123-1a2b3c"];

/// The words of a line, and all that the last one may become.
const WHOLE: &[(&[&str], &[&str])] = &[
    (&["va"], &["validate"]),
    (&["ap"], &["apply"]),
    (&["-j"], &["-json"]),
    (&["run", "-aut"], &["-auto-approve"]),
    (&["run", "--aut"], &["--auto-approve"]),
    (&["apply", "-aut"], &["-auto-approve"]),
    (&["-json", "run", "-aut"], &["-auto-approve"]),
    (&["run", "-auto-approve", "-aut"], &[]),
    (&["run", "-var", "a=b", "-var"], &["-var", "-var-file"]),
    (&["nonsense", "-aut"], &[]),
    (&["run", "--", "-aut"], &[":files runbook.hcl plan"]),
    (&["run", ""], &[":files runbook.hcl plan"]),
    (&["plan", ""], &[":files runbook.hcl"]),
    (&["plan", ".", ""], NO_MORE),
    (&["fmt", "a.hcl", ""], &[":files hcl"]),
    (&["plan", "-out", ""], &[":files plan"]),
    (&["plan", "-var-file", "s"], &[":files hcl json"]),
    (&["plan", "-var-file=s"], &[":files hcl json"]),
    (&["plan", "-journal", ""], &[":files /"]),
    (&["plan", "-parallelism", ""], &[]),
    (&["run", "-trace", ""], &[":files"]),
    (&["run", "-var", ""], &["region=", "pw="]),
    (&["run", "-var", "re"], &["region="]),
    (&["graph", "-format", ""], &["dot", "mermaid", "svg"]),
    (&["graph", "-format=m"], &["-format=mermaid"]),
    (&["completions", "b"], &["bash"]),
    (&["verify", ""], &["latest", LATEST[1], LATEST[2], ":files plan jsonl jsonl.gz"]),
    (&["show", "20261123"], &[LATEST[1], ":files plan jsonl jsonl.gz"]),
    (&["undo", "l"], &["latest", ":files jsonl jsonl.gz"]),
    (&["run", "-resume", ""], &LATEST),
    (&["runs", ""], &["prune", "ship"]),
    (&["runs", "prune", "-keep", ""], &[]),
    (&["runs", "prune", "-inc"], &["-including-resumable", "-including-undoable", "-including-unshipped"]),
    (&["output", ""], &["latest", LATEST[1], LATEST[2], ":files jsonl jsonl.gz"]),
    (
        &["plan", "-against=2026112"],
        &["-against=20261123-090000.000-ffffff", "-against=20261122-101500.123-1a2b3c"],
    ),
    (&["console", "-run", "lat"], &["latest"]),
    (&["show", "-journal", "other", "2"], &["20250101-000000.000-000000", ":files plan jsonl jsonl.gz"]),
    (
        &["plan", "-target", ""],
        &["step.metadata.machine", "step.echo.hello", "module.site", "output.hello", "check.named", "all"],
    ),
    (&["plan", "-exclude", "module.site."], &["module.site.step.echo.inner", "module.site.output.x"]),
    (&["run", "-target=step.e"], &["-target=step.echo.hello"]),
    (&["plan", "site", "-target", "step"], &["step.echo.inner"]),
    (&["plan", "nowhere", "-target", "step"], &[]),
    (&["explain", "keyvault_c"], &["keyvault_certificate"]),
    (&["explain", "precon"], &["precondition"]),
    (&["explain", "jmespath", "sort"], &["sort", "sort_by"]),
    (&["explain", "step", "arm_l"], &["arm_list"]),
    (&["explain", "upper", ""], &[]),
    (&["token", "-resource", ""], &[]),
];

const NO_MORE: &[&str] = &[
    "-json",
    "-no-color",
    "-var",
    "-var-file",
    "-out",
    "-policy",
    "-for-machine",
    "-revision",
    "-ship",
    "-sign",
    "-target",
    "-exclude",
    "-live",
    "-markdown",
    "-lab",
    "-world",
    "-fault",
    "-against",
    "-detailed-exitcode",
    "-requests",
    "-verbose",
    "-parallelism",
    "-wait-for-agent",
    "-journal",
    "-help",
];

#[test]
fn a_word_becomes_what_may_stand_there() {
    let place = place();
    for (words, expected) in WHOLE {
        let mut found = candidates(&place, "zsh", words);
        let mut expected = expected.to_vec();
        if words.last() == Some(&"") && expected == NO_MORE {
            found.sort();
            expected.sort_unstable();
        }
        assert_eq!(found, expected, "{words:?}");
    }
    assert!(candidates(&place, "zsh", &[""]).contains(&"undo".to_owned()));
    assert!(!candidates(&place, "zsh", &["_"]).contains(&"__complete".to_owned()));
}

#[test]
fn a_shell_that_takes_words_apart_gets_the_part_that_it_replaces() {
    let place = place();
    let cases: [(&str, &[&str], &[&str]); 6] = [
        ("bash", &["run", "-target", "=", "step.e"], &["step.echo.hello"]),
        ("bash", &["graph", "-format", "="], &["dot", "mermaid", "svg"]),
        ("bash", &["plan", "-var", "=", "x", "-aut"], &[]),
        ("bash", &["plan", "-target", "'step.e"], &["step.echo.hello"]),
        ("powershell", &["run", "-aut|"], &["-auto-approve"]),
        ("powershell", &["graph", "-format", "|"], &["dot", "mermaid", "svg"]),
    ];
    for (shell, words, expected) in cases {
        assert_eq!(candidates(&place, shell, words), expected, "{shell} {words:?}");
    }
}

#[test]
fn what_cannot_be_read_completes_to_nothing_and_says_nothing() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = [\n}\nstep “echo\" {\n");
    place.write("pipe.runbook.hcl/x", "");
    place.write(".arcbook/runs", "no directory");
    for words in
        [&["run", "-resume", "x"][..], &["plan", "-target", "zz"], &["plan", "/nowhere", "-var", ""], &[]]
    {
        assert_eq!(candidates(&place, "fish", words), Vec::<String>::new(), "{words:?}");
    }
}

#[test]
fn scripts_are_small_and_the_same_every_time() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).out;
        assert!(script.contains(&format!("__complete {shell}")), "{script}");
        assert!(script.lines().count() < 50, "{shell}");
    }
    insta::assert_snapshot!("powershell", place.run(&["completions", "powershell"]).out);
}

/// The program of a shell; where it is missing that is said loudly, and `needed` makes it fail where `CI` is set.
fn shell(name: &str, is_needed: bool) -> Option<Command> {
    if Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(Command::new(name));
    }
    assert!(
        !is_needed || std::env::var_os("CI").is_none(),
        "completion in {name} cannot be tested: it is missing"
    );
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: completion in {name}: it is missing ***\n");
    None
}

/// Runs `script` in a shell that has completion of the program; gives the lines that it prints.
fn asked(mut shell: Command, place: &Place, arguments: &[&str], script: &str) -> Vec<String> {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_arcbook")).parent().expect("a directory");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let shell = shell.args(arguments).arg(script).current_dir(place.path()).env_clear();
    let shell =
        shell.env("PATH", path).env("HOME", place.path()).env("TERM", "dumb").env("LC_ALL", "C.UTF-8");
    let output = shell.output().expect("the shell");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{script}");
    assert!(!place.path().join("pwned").exists(), "a name was run");
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    let Some(_) = shell("bash", true) else { return };
    let place = place();
    // The words as bash takes them apart, and what the last one may become, in bash's order.
    let cases: [(&str, &[&str]); 8] = [
        ("run -aut", &["-auto-approve"]),
        (
            "plan -var-file ''",
            &[".arcbook", "other", "site", "main.runbook.hcl", "site.vars.hcl", "values.json"],
        ),
        ("plan -var-file = val", &["values.json"]),
        ("plan -out = ''", &[".arcbook", "other", "site", "site.plan"]),
        ("plan si", &["site"]),
        ("run -target = step.e", &["step.echo.hello"]),
        ("run -resume ''", &LATEST),
        ("plan -exclude module.site.o", &["module.site.output.x"]),
    ];
    for (words, expected) in cases {
        let script = format!(
            "source <(arcbook completions bash); COMP_WORDS=(arcbook {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _arcbook arcbook; (( ${{#COMPREPLY[@]}} )) && printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut found = asked(shell("bash", true).expect("bash"), &place, &["--norc", "-c"], &script);
        let mut expected = expected.to_vec();
        if words.contains("-var-file") || words.contains("-out") {
            found.sort();
            expected.sort_unstable();
        }
        assert_eq!(found, expected, "{words}");
    }
}

#[test]
fn fish_completes() {
    let Some(_) = shell("fish", false) else { return };
    let place = place();
    let cases: [(&str, &[&str]); 7] = [
        ("run -aut", &["-auto-approve"]),
        ("plan -var-file si", &["site.vars.hcl", "site/"]),
        ("plan -var-file=val", &["-var-file=values.json"]),
        ("run -resume ''", &LATEST),
        ("show ", &[LATEST[2], LATEST[1], "latest", "other/", "site.plan", "site/"]),
        ("plan -target step.m", &["step.metadata.machine"]),
        ("explain sort_", &["sort_by"]),
    ];
    for (words, expected) in cases {
        let script = format!("arcbook completions fish | source; complete -C \"arcbook {words}\"");
        let found = asked(shell("fish", false).expect("fish"), &place, &["--no-config", "-c"], &script);
        let mut found: Vec<_> =
            found.iter().map(|line| line.split('\t').next().unwrap_or_default()).collect();
        if words.contains("-var-file") || words == "show " {
            found.sort_unstable();
        }
        assert_eq!(found, expected, "{words}");
    }
}

#[test]
fn zsh_completes() {
    let Some(_) = shell("zsh", false) else { return };
    let place = place();
    // What is typed before the tab, and what it becomes.
    let cases = [
        ("run -aut", "run -auto-approve"),
        ("run --aut", "run --auto-approve"),
        ("plan -var-file va", "plan -var-file values.json"),
        ("plan -var-file=va", "plan -var-file=values.json"),
        ("plan -target step.m", "plan -target step.metadata.machine"),
        ("plan -target=step.m", "plan -target=step.metadata.machine"),
        ("show 20261123", "show 20261123-090000.000-ffffff"),
        ("run -var reg", "run -var region="),
        ("fm", "fmt"),
    ];
    for (typed, completed) in cases {
        // The line is printed when it is accepted, with a mark at the end of it.
        let script = format!(
            "zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z 'PS1= PS2= RPS1=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit; compinit -u -D
                source <(arcbook completions zsh)
                report() {{ print -r -- \"LINE<$BUFFER>\"; BUFFER=; zle accept-line }}; zle -N report
                bindkey \"^X\" report; bindkey \"^I\" complete-word; unsetopt auto_menu auto_list; print READY\"\"NOW'
            zpty -r z line '*READYNOW*'
            zpty -w -n z $'arcbook {typed}\\t\\x18'
            zpty -r z line '*LINE<*>*'
            print -r -- ${{${{line##*LINE<}}%%>*}}
            zpty -d z"
        );
        let found = asked(shell("zsh", false).expect("zsh"), &place, &["-f", "-c"], &script);
        assert_eq!(
            found.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
            [format!("arcbook {completed}")],
            "{typed}"
        );
    }
}
