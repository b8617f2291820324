//! Programs and files of this machine, as users run them.

use std::io::Read as _;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt::{PATIENCE, listen, until_ended};
use crate::support::{Place, Ran, settings};

const RUNBOOK: &str = r#"
step "exec" "facts" {
  argv   = ["sh", "-c", "echo '{\"kernel\": \"6.1\"}'"]
  effect = "reads"
  extract = {
    kernel = "kernel"
  }
}

step "file" "report" {
  path    = "report.txt"
  content = "kernel ${step.exec.facts.extract.kernel}\n"
}

step "file" "config" {
  path    = "app.conf"
  content = "debug = false\n"
  mode    = "0640"
}

step "file" "old" {
  path  = "old.conf"
  state = "absent"
}

step "exec" "index" {
  argv       = ["sh", "-c", "cat >> index.txt"]
  stdin      = "indexed\n"
  creates    = "index.txt"
  depends_on = [step.file.report, step.file.config, step.file.old]
}
"#;

impl Place {
    /// Returns the names of everything in the directory, sorted.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("a directory").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn place() -> Place {
    let place = Place::with(RUNBOOK);
    place.write("app.conf", "debug = true\n");
    place.write("old.conf", "old\n");
    place
}

/// Returns the content of a file.
fn read(place: &Place, name: &str) -> Option<String> {
    std::fs::read_to_string(place.path().join(name)).ok()
}

fn assert_run(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

/// Checks the files after a whole run.
fn check(place: &Place, moment: &str) {
    for (name, content) in [
        ("report.txt", Some("kernel 6.1\n")),
        ("app.conf", Some("debug = false\n")),
        ("old.conf", None),
        ("index.txt", Some("indexed\n")),
    ] {
        assert_eq!(read(place, name).as_deref(), content, "{moment}: {name}");
    }
}

#[test]
fn a_plan_lists_programs_and_files() {
    let place = place();
    let planned = place.run(&["plan"]);
    settings().bind(|| insta::assert_snapshot!("plan", planned.seen()));
    let live = place.run(&["plan", "-live"]);
    assert_run(&live);
    // The steps before it run at the same time.
    let (_, shown) = live.out.split_once("\n\n").expect("a plan");
    settings().bind(|| insta::assert_snapshot!("live", shown));
    assert_eq!(read(&place, "report.txt"), None);
    assert_eq!(read(&place, "index.txt"), None);
}

#[test]
fn a_run_makes_the_changes_once() {
    let place = place();
    assert_run(&place.run(&["run", "-auto-approve"]));
    check(&place, "first");
    let again = place.run(&["run", "-auto-approve"]);
    assert_run(&again);
    check(&place, "again");
    let live = place.run(&["plan", "-live"]);
    assert!(!live.out.contains("~ step") && !live.out.contains("+ step"), "{}", live.seen());
}

#[test]
fn undo_puts_back_the_files_that_a_run_changed() {
    let place = place();
    let before = place.names();
    assert_run(&place.run(&["run", "-auto-approve"]));
    let undone = place.run(&["undo", "-auto-approve"]);
    assert_eq!(read(&place, "report.txt"), None, "{}", undone.seen());
    assert_eq!(read(&place, "app.conf").as_deref(), Some("debug = true\n"), "{}", undone.seen());
    assert_eq!(read(&place, "old.conf").as_deref(), Some("old\n"), "{}", undone.seen());
    let left: Vec<String> = place.names().into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(left, [".arcbook", "home", "index.txt"], "{}", undone.seen());
}

#[test]
fn undo_removes_the_files_that_a_run_created() {
    let place = Place::with(RUNBOOK);
    assert_run(&place.run(&["run", "-auto-approve"]));
    let undone = place.run(&["undo", "-auto-approve"]);
    assert_eq!((read(&place, "report.txt"), read(&place, "app.conf")), (None, None), "{}", undone.seen());
    assert_eq!(read(&place, "index.txt").as_deref(), Some("indexed\n"), "a program cannot be undone");
}

const CANARIES: &str = r#"
variable "pw" {
  type      = string
  sensitive = true
}

step "exec" "secret" {
  argv        = ["sh", "-c", "cat; echo $PW; cat >&2; echo $PW >&2; exit ${CODE}"]
  stdin       = var.pw
  environment = { PW = var.pw }
}

step "file" "secret" {
  path    = "secret.txt"
  content = var.pw
}

output "shown" {
  value     = step.exec.secret.stdout
  sensitive = true
}
"#;

#[test]
fn secrets_of_programs_and_files_are_nowhere() {
    let canary = "canary-b2c4";
    for (code, expected) in [("0", 0), ("7", 1)] {
        let place = Place::with(&CANARIES.replace("${CODE}", code));
        place.write("secret.txt", "prior-canary");
        for command in
            [&["plan"][..], &["plan", "-live"], &["plan", "-json"], &["run", "-auto-approve"], &["show"]]
        {
            let ran = Ran::of(place.command(command).env("ARCBOOK_VAR_pw", canary).output().expect("ran"));
            if command[0] == "run" {
                assert_eq!(ran.code, Some(expected), "{}", ran.seen());
                assert!(expected == 0 || ran.seen().contains("withheld"), "{}", ran.seen());
            }
            assert!(!ran.seen().contains("canary"), "{command:?}: {}", ran.seen());
        }
        assert_eq!(read(&place, "secret.txt").as_deref(), Some(canary));
        for (path, bytes) in place.files() {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(!name.contains("canary"));
            let text = String::from_utf8_lossy(&bytes);
            let holds = name == "secret.txt" || name.starts_with(".secret.txt.arcbook-");
            assert!(holds || !text.contains("canary"), "{name}: {text}");
        }
    }
}

#[test]
fn a_sensitive_argument_of_a_program_is_an_error() {
    let place = Place::with(
        "variable \"pw\" {\n  type      = string\n  sensitive = true\n}\n\nstep \"exec\" \"a\" {\n  argv = [\"echo\", var.pw]\n}\n",
    );
    let planned =
        Ran::of(place.command(&["plan"]).env("ARCBOOK_VAR_pw", "canary-b2c4").output().expect("ran"));
    assert_eq!(planned.code, Some(3), "{}", planned.seen());
    assert!(planned.err.contains("`environment` or `stdin`"), "{}", planned.seen());
    assert!(!planned.seen().contains("canary"), "{}", planned.seen());
}

/// Resumes a run that was killed. A program that it was about to start holds its lock until it begins.
const RESUME: [&str; 6] = ["run", "-auto-approve", "-resume", "latest", "-lock-timeout", "1m"];

#[test]
fn a_run_that_was_killed_makes_no_change_twice() {
    let step = if std::env::var_os("ARCBOOK_CRASH").is_some_and(|size| size == "all") { 1 } else { 7 };
    for at in (1..).step_by(step) {
        let place = place();
        let died = Ran::killed_at(place.command(&["run", "-auto-approve"]), at);
        if died.code.is_some() {
            assert_run(&died);
            assert!(at > 20, "only {at} moments");
            return;
        }
        let mut ran = place.run(&RESUME);
        if ran.code == Some(3) {
            ran = place.run(&["run", "-auto-approve", "-lock-timeout", "1m"]);
        }
        assert_run(&place.run(&["verify"]));
        assert_run(&ran);
        check(&place, &format!("{at}"));
    }
}

#[test]
fn a_program_without_an_outcome_is_not_run_again() {
    let runbook = "step \"exec\" \"once\" {\n  argv = [\"sh\", \"-c\", \"echo x >> count\"]\n}\n";
    let mut refused = 0;
    for at in 1.. {
        let place = Place::with(runbook);
        let died = Ran::killed_at(place.command(&["run", "-auto-approve"]), at);
        if died.code.is_some() {
            assert!(refused > 0, "no moment was between the start and the end");
            return;
        }
        let before = read(&place, "count");
        let resumed = place.run(&RESUME);
        if resumed.err.contains("it is unknown whether") {
            refused += 1;
            assert_eq!(read(&place, "count"), before, "{at}");
        }
        assert!(read(&place, "count").is_none_or(|count| count == "x\n"), "{at}: {}", resumed.seen());
    }
}

/// `timeout` of coreutils sends a signal to the program and to its group.
#[test]
fn a_signal_to_the_process_and_to_its_group_is_one() {
    let place = Place::with(
        "step \"exec\" \"slow\" {\n  argv = [\"sh\", \"-c\", \"echo > begun; read _ < end\"]\n}\n\n\
         step \"file\" \"cleaned\" {\n  path    = \"cleaned\"\n  content = \"\"\n  run_on  = \"always\"\n}\n",
    );
    let [begun, end] = ["begun", "end"].map(|name| place.path().join(name));
    assert!(std::process::Command::new("mkfifo").arg(&begun).arg(&end).status().expect("mkfifo").success());
    let mut command = place.command(&["run", "-auto-approve"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
    std::fs::read(&begun).expect("the program runs");
    let (heard, stops) = std::sync::mpsc::channel();
    let out = child.stdout.take().expect("piped");
    let reading = std::thread::spawn(move || listen(out, Some(&heard)));
    for _ in 0..4 {
        kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    }
    stops.recv_timeout(PATIENCE).expect("the run stops");
    std::fs::write(&end, "\n").expect("the program waits");
    let code = child.wait().expect("ours").code();
    let seen = reading.join().expect("read");
    assert_eq!(code, Some(130), "{seen}");
    assert!(place.path().join("cleaned").exists(), "{seen}");
}

#[test]
fn the_second_interrupt_ends_a_program_with_its_group() {
    let sleep = "while :; do sleep 0.01; done";
    let script = format!("exec 3>pipe; trap '' TERM; (trap '' TERM; {sleep}) & echo ready >&3; {sleep}");
    let place = Place::with(&format!(
        "step \"exec\" \"stubborn\" {{\n  argv = [\"sh\", \"-c\", {}]\n}}\n",
        serde_json::to_string(&script).expect("JSON")
    ));
    let pipe = place.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let mut command = place.command(&["run", "-auto-approve"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut end = std::fs::File::open(&pipe).expect("the pipe");
    let mut ready = [0; 6];
    end.read_exact(&mut ready).expect("ready");
    let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let (heard, stops) = std::sync::mpsc::channel();
    let other = heard.clone();
    let reading = [
        std::thread::spawn(move || listen(out, Some(&heard))),
        std::thread::spawn(move || listen(err, Some(&other))),
    ];
    kill_process(Pid::from_child(&child), Signal::INT).expect("sent");
    // Two signals at the same time are one.
    stops.recv_timeout(PATIENCE).expect("the program stops");
    let ended = until_ended(&mut child, Signal::INT);
    for reading in reading {
        reading.join().expect("read");
    }
    assert!(ended.code().is_some_and(|code| code != 0));
    let mut rest = String::new();
    // The pipe ends when the last process of the group has ended.
    end.read_to_string(&mut rest).expect("the end");
    assert_eq!(rest, "");
}

#[test]
fn the_timeout_of_a_step_ends_a_program() {
    let place = Place::with(
        "step \"exec\" \"slow\" {\n  argv    = [\"sh\", \"-c\", \"exec 3>pipe; while :; do sleep 0.01; done\"]\n  timeout = \"200ms\"\n}\n",
    );
    let pipe = place.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    // It is open before the run: a program that is ended early never opens it.
    let end = rustix::fs::open(&pipe, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty());
    let end = end.expect("the pipe");
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("did not end within 200ms"), "{}", ran.seen());
    // The pipe ends when the last process of the group has ended.
    rustix::fs::fcntl_setfl(&end, OFlags::empty()).expect("set");
    let mut rest = String::new();
    std::fs::File::from(end).read_to_string(&mut rest).expect("the end");
    assert_eq!(rest, "");
}

/// Directories above a file or a directory are nobody else's to write, whatever the umask is.
#[cfg(unix)]
#[test]
fn directories_have_the_usual_mode_whatever_the_umask_is() {
    use std::os::unix::fs::PermissionsExt as _;

    for umask in ["0", "077"] {
        let place = Place::with(
            "step \"directory\" \"a\" {\n  path           = \"one/two/three\"\n  create_parents = true\n}\n\n\
             step \"file\" \"b\" {\n  path               = \"four/five/f\"\n  content            = \"x\"\n  create_directories = true\n}\n",
        );
        let arcbook = place.command(&["run", "-auto-approve"]);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" run -auto-approve")]);
        shell.arg(arcbook.get_program()).current_dir(place.path()).env_clear();
        shell.envs(arcbook.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ran = Ran::of(shell.output().expect("sh"));
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        for made in ["one", "one/two", "one/two/three", "four", "four/five"] {
            let mode = place.path().join(made).metadata().expect(made).permissions().mode() & 0o7777;
            assert_eq!(mode, 0o755, "{umask} {made}");
        }
    }
}
