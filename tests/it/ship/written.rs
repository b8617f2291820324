//! Records that are being written, and records that were left behind in part.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use super::{RUN, RUNBOOK, WORLD, created, downloaded, name_of, record, records};
use crate::cloud::Cloud;
use crate::support::{Place, Ran, copy, started};

const TO: &str = "acc01/records/west";

const OTHER: &str = "step \"echo\" \"a\" { input = 1 }\noutput \"a\" { value = step.echo.a.output }\n";

const EVERYTHING: [&str; 8] = [
    "runs",
    "prune",
    "-keep",
    "0",
    "-auto-approve",
    "-including-resumable",
    "-including-undoable",
    "-including-unshipped",
];

/// A change of the folder of a runbook.
type Move = fn(&Path);

/// A run that waits until it is told to go on.
struct Waiting {
    child: Child,
    said: JoinHandle<String>,
    gate: File,
}

impl Waiting {
    /// Starts a run of `deploy`, and returns once its program runs.
    fn begin(cloud: &Cloud, place: &Place) -> Self {
        let pipe = |name: &str| {
            let pipe = place.path().join(name);
            assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
            pipe
        };
        // Whoever opens both ends of a pipe does not wait for the other one.
        let both = |pipe: &Path| File::options().read(true).write(true).open(pipe).expect("a pipe");
        let (begun, gate) = (pipe("begun"), pipe("gate"));
        let program = format!("echo begun > '{}'; read line < '{}'", begun.display(), gate.display());
        let step = format!(
            "step \"exec\" \"waits\" {{\n  argv   = [\"sh\", \"-c\", \"{program}\"]\n  effect = \"reads\"\n}}\n"
        );
        place.write("deploy/main.runbook.hcl", step);
        let gate = both(&gate);
        let mut command = cloud.command(place, &["-json", "run", "-ship", TO, "deploy"]);
        let mut child = started(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let mut output = child.stdout.take().expect("a pipe");
        let told = begun.clone();
        let said = std::thread::spawn(move || {
            let mut said = String::new();
            output.read_to_string(&mut said).expect("text");
            // A program that never began keeps nobody waiting.
            drop(both(&told));
            said
        });
        assert_eq!(fs::read_to_string(begun).expect("a pipe"), "begun\n");
        Self { child, said, gate }
    }

    fn end(mut self) -> Ran {
        self.gate.write_all(b"go on\n").expect("written");
        let ran = Ran::of(self.child.wait_with_output().expect("its output"));
        Ran { out: self.said.join().expect("its output"), ..ran }
    }
}

#[test]
fn a_record_that_is_written_stays_whatever_happens_to_its_runbook() {
    let moves: [(&str, Move); 3] = [
        ("replaced", |deploy| {
            fs::rename(deploy, deploy.with_extension("old")).expect("renamed");
            copy(&deploy.with_extension("old"), deploy);
        }),
        ("removed", |deploy| fs::remove_dir_all(deploy).expect("removed")),
        ("left", |_| {}),
    ];
    for (what, happens) in moves {
        let (cloud, place) = (Cloud::of_world(WORLD), Place::new());
        place.write("other/main.runbook.hcl", OTHER);
        let first = Waiting::begin(&cloud, &place);
        happens(&place.path().join("deploy"));
        let open = records(&place).remove(0);
        let is_there = || created(&cloud).iter().any(|target| target.ends_with(&open));
        for typed in [&["run", "-quiet", "-ship", TO, "other"][..], &["runs", "ship", "-to", TO], &EVERYTHING]
        {
            let ran = cloud.run(&place, typed);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{what}: {}", ran.seen());
            assert!(!is_there() && records(&place).contains(&open), "{what}: {}", ran.seen());
        }
        let kept = place.run(&[&EVERYTHING[..], &["-n"]].concat());
        assert!(kept.out.contains("they may be in progress"), "{what}: {}", kept.seen());
        let ran = first.end();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{what}: {}", ran.seen());
        let target = created(&cloud).into_iter().find(|target| target.ends_with(&open)).expect("it left");
        assert_eq!(downloaded(&cloud, &name_of(&target)), record(&place, &open), "{what}");
        let removed = place.run(&["runs", "prune", "-keep", "0", "-auto-approve"]);
        assert!(removed.code == Some(0) && !records(&place).contains(&open), "{what}: {}", removed.seen());
    }
}

/// A place that has a part of a record does not have the record.
#[test]
fn a_record_that_left_in_part_is_not_pruned() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    let marks = place.path().join(".arcbook/runs/shipped.log");
    let marked = fs::read_to_string(&marks).expect("a mark");
    let bytes = record(&place, &records(&place)[0]).len();
    let part = marked.replace(&format!("\"bytes\":{bytes}"), &format!("\"bytes\":{}", bytes - 1));
    let prune = ["runs", "prune", "-keep", "0", "-auto-approve", "-including-undoable"];
    fs::write(&marks, part).expect("written");
    let kept = place.run(&prune);
    assert!(kept.out.contains("they were to leave the machine, and did not"), "{}", kept.seen());
    fs::write(&marks, marked).expect("written");
    let removed = place.run(&prune);
    assert!(removed.out.contains("1 record removed"), "{}", removed.seen());
}
