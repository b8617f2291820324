//! The undoing of changed files.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use arcbook_os::private::Options;

use crate::support::{Place, Ran, mode};

/// Returns the content of a file.
fn read(place: &Place, name: &str) -> Option<String> {
    fs::read_to_string(place.path().join(name)).ok()
}

fn run(place: &Place, arguments: &[&str]) {
    let ran = place.run(arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

/// The content that a run replaced is kept until the run is undone, or its record is removed.
#[test]
fn replaced_content_is_kept_as_long_as_it_can_be_put_back() {
    let runbook = "step \"file\" \"motd\" {\n  path    = \"motd\"\n  content = \"new\"\n}\n";
    for (command, content, left) in [
        (&["undo", "-auto-approve"][..], "old", 0),
        (&["runs", "prune", "-keep", "0", "-auto-approve"], "new", 1),
        (&["runs", "prune", "-keep", "0", "-including-undoable", "-auto-approve"], "new", 0),
    ] {
        let place = Place::with(runbook);
        place.write("motd", "old");
        run(&place, &["run", "-auto-approve"]);
        let kept = || {
            let entries = fs::read_dir(place.path()).expect("a directory").flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.filter(|name| name.starts_with(".motd.arcbook-")).count()
        };
        assert_eq!((read(&place, "motd").as_deref(), kept()), (Some("new"), 1), "{command:?}");
        let ran = place.run(command);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!((read(&place, "motd").as_deref(), kept()), (Some(content), left), "{}", ran.seen());
    }
}

/// Changes of files of every kind.
const CHANGES: &str = r#"
variable "secret" {
  type      = string
  sensitive = true
  default   = "a secret"
}

step "file" "updated" {
  path    = "updated.txt"
  content = "new"
}

step "file" "removed" {
  path       = "removed.txt"
  state      = "absent"
  depends_on = [step.file.updated]
}

step "file" "created" {
  path       = "created.txt"
  content    = "new"
  depends_on = [step.file.removed]
}

step "file" "chmod" {
  path       = "chmod.txt"
  content    = "old"
  mode       = "0600"
  depends_on = [step.file.created]
}

step "file" "secret" {
  path       = "secret.txt"
  content    = var.secret
  depends_on = [step.file.chmod]
}
"#;

/// A killed run is undone without resuming it: files are as before, or the prior content is kept and said so.
/// The kept content is moved, not copied: as many bytes as there are would not fit.
#[cfg(unix)]
#[test]
fn a_full_disk_has_room_for_an_undo() {
    let place = Place::with("step \"file\" \"a\" {\n  path    = \"a.txt\"\n  content = \"new\"\n}\n");
    let earlier = "x".repeat(8 << 20);
    place.write("a.txt", &earlier);
    run(&place, &["run", "-auto-approve"]);
    let own = place.command(&["undo", "-auto-approve"]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""]);
    limited.arg(own.get_program()).args(own.get_args()).current_dir(place.path()).env_clear();
    limited.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let undone = Ran::of(limited.output().expect("a shell"));
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    assert!(read(&place, "a.txt").as_ref() == Some(&earlier), "{}", undone.seen());
    let is_kept = |path: &PathBuf| path.to_string_lossy().contains(".a.txt.arcbook-");
    assert!(!place.files().iter().any(|(path, _)| is_kept(path)));
}

#[test]
fn a_killed_run_is_undone_without_a_loss() {
    let old = ["updated.txt", "removed.txt", "chmod.txt", "secret.txt"];
    let mut killed = 0;
    for at in 1.. {
        let place = Place::with(CHANGES);
        for name in old {
            place.write(name, "old");
        }
        let moment = at.to_string();
        let died = Ran::killed_at(place.command(&["run", "-auto-approve"]), at);
        if died.code.is_some() {
            break;
        }
        killed += 1;
        let undone = place.run(&["undo", "-auto-approve"]);
        let pruned = place.run(&["runs", "prune", "-keep", "0", "-including-resumable", "-auto-approve"]);
        assert_eq!(pruned.code, Some(0), "{moment}: {}", pruned.seen());
        let kept = place.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains(".arcbook-"));
        let kept: Vec<_> = kept.collect();
        for name in old.into_iter().filter(|name| *name != "secret.txt") {
            assert_eq!(read(&place, name).as_deref(), Some("old"), "{moment}: {name}: {}", undone.seen());
        }
        assert_eq!(read(&place, "created.txt"), None, "{moment}: {}", undone.seen());
        assert_eq!(mode(&place.path().join("chmod.txt")), 0o644, "{moment}: {}", undone.seen());
        if read(&place, "secret.txt").as_deref() == Some("old") {
            assert_eq!((undone.code, kept.len()), (Some(0), 0), "{moment}: {kept:?} {}", undone.seen());
        } else {
            let is_old = |(_, content): &(PathBuf, Vec<u8>)| content == b"old";
            assert!(undone.code == Some(1) && kept.iter().any(is_old), "{moment}: {}", undone.seen());
        }
    }
    assert!(killed > 20, "only {killed} moments");
}

/// A sensitive output that contains public parts leaves them public, so that the record can be undone.
#[test]
fn a_sensitive_output_leaves_the_path_of_a_file_public() {
    let runbook = r#"
step "file" "made" {
  path    = "made.txt"
  content = sensitive("a secret")
}

output "made" {
  value     = step.file.made
  sensitive = true
}
"#;
    let place = Place::with(runbook);
    run(&place, &["run", "-auto-approve"]);
    let ran = place.run(&["undo", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(read(&place, "made.txt"), None, "{}", ran.seen());
}

/// The results of a sensitive step are no secrets elsewhere: the modes of other files are recorded, and can be put back.
#[test]
fn a_sensitive_step_leaves_other_files_undoable() {
    let runbook = r#"
step "file" "secret" {
  path      = "secret.txt"
  content   = "hello"
  sensitive = true
}

step "file" "mode" {
  path       = "mode.txt"
  content    = "old"
  mode       = "0600"
  depends_on = [step.file.secret]
}

step "file" "removed" {
  path       = "removed.txt"
  state      = "absent"
  depends_on = [step.file.secret]
}
"#;
    let place = Place::with(runbook);
    place.write("mode.txt", "old");
    place.write("removed.txt", "old");
    run(&place, &["run", "-auto-approve"]);
    run(&place, &["undo", "-auto-approve"]);
    assert_eq!(read(&place, "removed.txt").as_deref(), Some("old"));
    assert_eq!(read(&place, "secret.txt"), None);
    assert_eq!(mode(&place.path().join("mode.txt")), 0o644);
}

/// An undo that is killed is finished by the next one, also if the record has no digest of a private content.
#[test]
fn a_killed_undo_of_a_private_file_is_finished() {
    let runbook = r#"
step "file" "updated" {
  path    = "updated.txt"
  content = "new"
}

step "file" "removed" {
  path  = "removed.txt"
  state = "absent"
}
"#;
    let mut killed = 0;
    for at in 1.. {
        let place = Place::with(runbook);
        for name in ["updated.txt", "removed.txt"] {
            let new = Options { write: true, create_new: true, ..Options::default() };
            let mut private = new.open(&place.path().join(name)).expect("created");
            private.write_all(b"old").expect("written");
        }
        run(&place, &["run", "-auto-approve"]);
        let died = Ran::killed_at(place.command(&["undo", "-auto-approve"]), at);
        if died.code.is_some() {
            break;
        }
        killed += 1;
        let undone = place.run(&["undo", "-auto-approve"]);
        assert_eq!(undone.code, Some(0), "{at}: {}", undone.seen());
        for name in ["updated.txt", "removed.txt"] {
            assert_eq!(read(&place, name).as_deref(), Some("old"), "{at}: {name}: {}", undone.seen());
        }
    }
    assert!(killed > 5, "only {killed} moments");
}
