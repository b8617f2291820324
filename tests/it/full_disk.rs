//! A disk that is full: a file that could not be written is as before, and nothing is left beside it.

use crate::support::{Place, Ran};

const WRITES: &str = r#"
step "file" "key" {
  path   = "web.key"
  source = "new.key"
}
"#;

#[test]
fn no_copy_of_a_file_stays_that_could_not_be_written() {
    let place = Place::with(WRITES);
    place.write("web.key", "the earlier key");
    place.write("new.key", "x".repeat(4 << 20));
    let own = place.command(&["run", "-auto-approve"]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""]);
    limited.arg(own.get_program()).args(own.get_args()).current_dir(place.path()).env_clear();
    limited.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let names = || {
        let names = place.files().into_iter().map(|(path, _)| path.to_string_lossy().into_owned());
        names.filter(|name| name.contains("web.key")).collect::<Vec<_>>()
    };
    let read = || std::fs::read_to_string(place.path().join("web.key")).expect("text");
    // Each attempt makes the copy anew.
    for _ in 0..2 {
        let ran = Ran::of(limited.output().expect("a shell"));
        assert!(ran.code == Some(1) && ran.err.contains("step.file.key"), "{}", ran.seen());
        assert_eq!((names().len(), read().as_str()), (1, "the earlier key"), "{:?}", names());
    }
    let ran = place.run(&["run", "-auto-approve", "-resume", "latest"]);
    assert_eq!((ran.code, names().len()), (Some(0), 2), "{} {:?}", ran.seen(), names());
    let undone = place.run(&["undo", "-auto-approve"]);
    assert_eq!((undone.code, names().len()), (Some(0), 1), "{} {:?}", undone.seen(), names());
    assert_eq!(read(), "the earlier key");
}
