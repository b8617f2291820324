//! The program reads only regular files: never one that blocks or has no end.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use crate::support::{Place, Ran};

/// A path for messages, and a function that creates something other than a regular file at a path.
type Odd = (&'static str, fn(&std::path::Path));

const ODD: [Odd; 5] = [
    ("a pipe", |path| assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success())),
    ("a socket", |path| drop(UnixListener::bind(path).expect("a socket"))),
    ("an endless device", |path| symlink("/dev/zero", path).expect("a link")),
    ("a directory", |path| std::fs::create_dir(path).expect("a directory")),
    // This file looks regular, but reading it waits for kernel messages.
    ("/proc/kmsg", |path| symlink("/proc/kmsg", path).expect("a link")),
];

const RUNBOOK: &str = "output \"a\" { value = 1 }\n";

/// The path of the odd file, the runbook beside it, the commands that open it, and their environment.
type Case =
    (&'static str, &'static str, &'static [&'static [&'static str]], &'static [(&'static str, &'static str)]);

const CASES: [Case; 14] = [
    ("odd", "output \"a\" { value = file(\"odd\") }\n", &[&["validate"], &["plan"], &["run"]], &[]),
    ("odd", "output \"a\" { value = [filebase64(\"odd\"), filesha256(\"odd\")] }\n", &[&["plan"]], &[]),
    ("odd", "output \"a\" { value = templatefile(\"odd\", {}) }\n", &[&["plan"]], &[]),
    ("odd.j2", "output \"a\" { value = templatefile(\"odd.j2\", {}) }\n", &[&["plan"]], &[]),
    (
        "odd.runbook.hcl",
        RUNBOOK,
        &[&["validate"], &["plan", "odd.runbook.hcl"], &["fmt", "odd.runbook.hcl"]],
        &[],
    ),
    ("odd.auto.vars.hcl", RUNBOOK, &[&["plan"]], &[]),
    ("odd", RUNBOOK, &[&["show", "odd"], &["run", "odd"]], &[]),
    ("odd.hcl", RUNBOOK, &[&["fmt", "odd.hcl"]], &[]),
    ("odd.json", RUNBOOK, &[&["plan"], &["token"]], &[("ARCBOOK_CLOUD", "odd.json")]),
    ("odd.lab.hcl", RUNBOOK, &[&["run", "-lab"], &["lab", "."]], &[]),
    (
        "odd",
        "step \"blob_upload\" \"a\" {\n  account   = \"acc\"\n  container = \"con\"\n  name      = \"n\"\n  source    = \"odd\"\n}\n",
        &[&["plan"], &["plan", "-out", "plan"]],
        &[],
    ),
    (
        "main.runbook.hcl.d",
        RUNBOOK,
        &[&["run", "-trace", "main.runbook.hcl.d"], &["plan", "-out", "main.runbook.hcl.d"]],
        &[],
    ),
    (
        "odd.pem",
        "step \"metadata\" \"a\" {}\n",
        &[&["plan"]],
        &[("SSL_CERT_FILE", "odd.pem"), ("ARCBOOK_CLOUD", "https://management.localhost:1")],
    ),
    (
        "records/20260101-000000.000-abcdef.jsonl",
        RUNBOOK,
        &[
            &["runs"],
            &["show"],
            &["verify"],
            &["undo", "-auto-approve"],
            &["run", "-resume", "latest"],
            &["run"],
        ],
        &[("ARCBOOK_JOURNAL", "records")],
    ),
];

#[test]
fn irregular_files_are_refused_without_waiting() {
    for (what, make) in ODD {
        for (path, runbook, commands, environment) in CASES {
            for command in commands {
                let place = Place::with(runbook);
                std::fs::create_dir_all(place.path().join("records")).expect("made");
                make(&place.path().join(path));
                let mut program = place.command(command);
                let ran = Ran::of(program.envs(environment.iter().copied()).output().expect("the program"));
                assert!(matches!(ran.code, Some(0 | 1 | 3)), "{command:?} of {what}: {}", ran.seen());
                let may_be_well = path.starts_with("records") || path.contains(".pem");
                assert!(
                    ran.code != Some(0) || may_be_well || what == "/proc/kmsg" || what == "a directory",
                    "{command:?} of {what}: {}",
                    ran.seen()
                );
            }
        }
    }
}

#[test]
fn values_may_come_from_a_pipe_that_the_user_names() {
    let place = Place::with("variable \"n\" {}\noutput \"a\" { value = var.n }\n");
    let with_input = |input: &[u8]| {
        let mut command = place.command(&["plan", "-var-file", "/dev/stdin"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        // The program stops reading at the size limit.
        let _ = child.stdin.take().expect("a pipe").write_all(input);
        Ran::of(child.wait_with_output().expect("it ends"))
    };
    let ran = with_input(b"n = \"from a pipe\"\n");
    assert!(ran.code == Some(0) && ran.out.contains("from a pipe"), "{}", ran.seen());
    let ran = with_input(&vec![b'#'; 9 << 20]);
    assert!(ran.code == Some(3) && ran.err.contains("larger than 8 MiB"), "{}", ran.seen());
    let ran = place.run(&["plan", "-var-file", "/dev/zero"]);
    assert!(ran.code == Some(3) && ran.err.contains("not a regular file"), "{}", ran.seen());
}
