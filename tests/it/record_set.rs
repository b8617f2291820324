//! The records of a directory together: each names the ends of the others, so that a loss is noticed.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Place, Ran};

const RUNBOOK: &str = "step \"echo\" \"_a\" {\n  input = \"hello\"\n}\n";

/// A place with the records of some runs.
pub struct Records {
    pub place: Place,
    /// The names of all runs so far, oldest first.
    pub runs: Vec<String>,
    /// The digest that each of them printed at its end.
    pub digests: Vec<String>,
}

impl Records {
    /// Creates a place with `count` runs, one after the other.
    pub fn of(count: usize) -> Self {
        Self::with(RUNBOOK, count)
    }

    pub fn with(runbook: &str, count: usize) -> Self {
        let mut records = Self { place: Place::with(runbook), runs: Vec::new(), digests: Vec::new() };
        (0..count).for_each(|_| records.run());
        records
    }

    /// Runs the runbook once more.
    pub fn run(&mut self) {
        let ran = self.place.run(&["run"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let name = self.names().into_iter().find(|name| !self.runs.contains(name)).expect("a new record");
        self.digests.push(sha256(&ran.out));
        self.runs.push(name);
    }

    /// Returns the names of the records, oldest first.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory()).expect("records").flatten();
        let names = entries.map(|entry| entry.file_name().into_string().expect("UTF-8"));
        let mut names: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect();
        names.sort();
        names
    }

    pub fn directory(&self) -> PathBuf {
        self.place.path().join(".arcbook/runs")
    }

    pub fn path(&self, run: usize) -> PathBuf {
        self.directory().join(format!("{}.jsonl", self.runs[run]))
    }

    /// Runs the runbook in another directory that has the same records, as a run at the same time does, and
    /// adds its record here.
    pub fn run_aside(&mut self) {
        let other = Place::with(RUNBOOK);
        copy(&self.directory(), &other.path().join(".arcbook/runs"));
        self.run();
        let ran = other.run(&["run"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        copy(&other.path().join(".arcbook/runs"), &self.directory());
        let name = self.names().into_iter().find(|name| !self.runs.contains(name)).expect("a new record");
        self.digests.push(sha256(&ran.out));
        self.runs.push(name);
    }

    pub fn edit(&self, run: usize, change: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.path(run)).expect("a record");
        fs::write(self.path(run), change(&text)).expect("written");
    }

    /// Compresses a record, as `gzip` does.
    pub fn compress(&self, run: usize) {
        compress(&self.path(run));
    }

    /// Replaces the names of the runs by their numbers.
    pub fn named(&self, ran: &Ran) -> String {
        let mut text = ran.seen();
        for (at, name) in self.runs.iter().enumerate() {
            text = text.replace(name, &format!("[run {}]", at + 1));
        }
        text
    }
}

/// Compresses a file, as `gzip` does.
pub fn compress(path: &Path) {
    let file = fs::File::create(format!("{}.gz", path.display())).expect("a file");
    let mut encoder = GzEncoder::new(file, Compression::default());
    std::io::copy(&mut fs::File::open(path).expect("a record"), &mut encoder).expect("compressed");
    encoder.finish().expect("compressed");
    fs::remove_file(path).expect("removed");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("records").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// Returns the digest that a run printed at its end.
fn sha256(out: &str) -> String {
    let is_digest = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut words = out.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_digest);
    words.next_back().expect("a digest").to_owned()
}

/// Cuts the last two lines off.
pub fn cut(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines[..lines.len() - 2].concat()
}

/// A record that grows after another one named it is intact, and its new end is a head again.
#[test]
fn a_record_may_grow_after_it_was_named() {
    let mut records = Records::of(1);
    let whole = fs::read_to_string(records.path(0)).expect("a record");
    records.edit(0, cut);
    records.run();
    fs::write(records.path(0), &whole).expect("written");
    let verified = records.place.run(&["verify", "-json"]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
    let json: serde_json::Value = serde_json::from_str(&verified.out).expect("one object");
    let heads =
        json["heads"].as_array().expect("heads").iter().map(|head| head["run"].as_str().expect("a name"));
    assert_eq!(heads.collect::<Vec<_>>(), records.runs);
    records.run();
    records.edit(0, cut);
    let verified = records.place.run(&["verify"]);
    assert!(verified.code == Some(1) && verified.err.contains("altered"), "{}", verified.seen());
}

/// Runs that begin at the same moment may name each other or not; the next run names both.
#[test]
fn runs_that_begin_at_once_are_all_named_by_the_next_one() {
    for _ in 0..3 {
        let mut records = Records::of(1);
        let (other, third) = (Place::with(RUNBOOK), Place::with(RUNBOOK));
        let journal = records.directory();
        let journal = ["run", "-journal", journal.to_str().expect("UTF-8")];
        let children: Vec<_> = [&records.place, &other, &third]
            .map(|place| {
                place.command(&journal).stdout(std::process::Stdio::null()).spawn().expect("the program")
            })
            .into();
        for mut child in children {
            assert!(child.wait().expect("ended").success());
        }
        records.runs = records.names();
        assert_eq!(records.runs.len(), 4);
        records.run();
        assert_eq!(records.place.run(&["verify"]).code, Some(0));
        for run in 0..4 {
            let content = fs::read(records.path(run)).expect("a record");
            fs::remove_file(records.path(run)).expect("removed");
            let verified = records.place.run(&["verify"]);
            let says = format!("the record of {} is missing", records.runs[run]);
            assert!(verified.code == Some(1) && verified.err.contains(&says), "{}", verified.seen());
            fs::write(records.path(run), content).expect("written");
        }
    }
}
