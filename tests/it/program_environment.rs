//! The environment of programs: no secret of arcbook's environment reaches an output unnoticed.

use crate::support::{Place, Ran};

/// The environment of arcbook.
const OWN: [(&str, &str); 5] = [
    ("API_TOKEN", "canary-token"),
    ("DATABASE_URL", "postgres://me:canary-url@db/site"),
    ("https_proxy", "http://me:canary-proxy@proxy:1"),
    ("KUBECONFIG", "/k"),
    ("ARCBOOK_VAR_pw", "canary-variable"),
];

fn run(place: &Place, arguments: &[&str]) -> Ran {
    Ran::of(place.command(arguments).envs(OWN).output().expect("the program"))
}

/// Runs a runbook whose program prints what it gets, in two forms.
fn runbook(inherits: &str) -> Place {
    let printed = "printenv API_TOKEN DATABASE_URL https_proxy KUBECONFIG PW | tee out | rev";
    Place::with(&format!(
        "{PW}\nstep \"exec\" \"names\" {{\n  argv   = [\"echo\", \"PATH API_TOKEN\"]\n  effect = \"reads\"\n}}\n\n\
         step \"exec\" \"a\" {{\n  argv = [\"sh\", \"-c\", \"{printed}\"]\n  {inherits}\n}}\n"
    ))
}

const PW: &str = "variable \"pw\" {\n  type      = string\n  sensitive = true\n}\n";

#[test]
fn a_secret_of_the_environment_reaches_a_program_only_as_a_sensitive_value() {
    // The argument, the exit codes of the plan and of the run, and the words of the error.
    let cases = [
        ("", [0, 0], ""),
        (r#"inherit_environment = ["PATH", "KUBECONFIG"]"#, [0, 0], ""),
        (r#"inherit_environment = ["PATH", "API_TOKEN"]"#, [3, 3], "suggests a secret"),
        (
            "inherit_environment = split(\" \", trimspace(step.exec.names.stdout))",
            [0, 1],
            "suggests a secret",
        ),
        (
            r#"inherit_environment = ["PATH", "DATABASE_URL"]"#,
            [0, 1],
            "variable DATABASE_URL of arcbook contains a password",
        ),
        (
            r#"inherit_environment = ["PATH", "https_proxy"]"#,
            [0, 1],
            "variable https_proxy of arcbook contains a password",
        ),
        ("environment = { PW = var.pw }", [0, 0], ""),
    ];
    for (inherits, [planned, ran], message) in cases {
        let place = runbook(inherits);
        for (command, code) in [
            (&["plan"][..], planned),
            (&["run", "-auto-approve"], ran),
            (&["run", "-auto-approve", "-json"], ran),
            (&["show", "-events"], 0),
        ] {
            if command[0] == "show" && planned != 0 {
                continue;
            }
            let done = run(&place, command);
            assert_eq!(done.code, Some(code), "{inherits}: {}", done.seen());
            assert!(!done.seen().contains("canary") && !done.seen().contains("yranac"), "{}", done.seen());
            if command[0] != "show" && code != 0 && !command.contains(&"-json") {
                let said = done.err.replace("\n |", "");
                assert!(
                    said.contains(message) && said.contains("pass it in `environment`"),
                    "{}",
                    done.seen()
                );
            }
        }
        for (path, bytes) in place.files() {
            let text = String::from_utf8_lossy(&bytes);
            let is_own = path.file_name().is_some_and(|name| name == "out");
            assert!(
                is_own || !text.contains("canary") && !text.contains("yranac"),
                "{}: {text}",
                path.display()
            );
        }
    }
}

#[test]
fn the_names_of_inherited_variables_are_listed() {
    let place = runbook(r#"inherit_environment = ["PATH", "KUBECONFIG"]"#);
    for command in [&["plan", "-requests"][..], &["plan", "-verbose"]] {
        let planned = run(&place, command);
        assert!(planned.out.contains("gets KUBECONFIG"), "{}", planned.seen());
    }
    assert_eq!(run(&place, &["run", "-auto-approve"]).code, Some(0));
    let record =
        place.files().into_iter().find(|(path, _)| path.extension().is_some_and(|name| name == "jsonl"));
    let text = String::from_utf8(record.expect("a record").1).expect("UTF-8");
    assert!(text.contains(r#""environment":["KUBECONFIG"]"#), "{text}");
}
