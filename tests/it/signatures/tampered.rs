//! Everything that somebody could do to a small directory of records and a plan.

use std::fs;
use std::path::{Path, PathBuf};

use arcbook_engine::attest::{Envelope, VerifyingKey, check_plan, check_record};
use arcbook_engine::plan::file::PlanFile;

use super::support::{ended, place, plan, records, run, signature};
use crate::support::{Place, Ran};

/// The distance of the bytes that the program itself is asked about, unless `ARCBOOK_CRASH=all`.
const STRIDE: usize = 499;

struct Scene {
    place: Place,
    records: Vec<PathBuf>,
    key: VerifyingKey,
}

impl Scene {
    /// Three runs of one signed plan.
    fn new() -> Self {
        let place = place();
        for _ in 0..3 {
            plan(&place);
            run(&place);
        }
        let records = records(&place);
        let key = VerifyingKey::read(&fs::read(place.path().join("key.pub")).expect("a key")).expect("a key");
        let scene = Self { place, records, key };
        ended(scene.verify(), 0);
        scene
    }

    fn verify(&self) -> Ran {
        self.place.run(&["verify", "-key", "key.pub"])
    }

    /// Asserts that with `bytes` in the file at `path`, `verify` fails and names `run`; then puts the file back.
    fn refused(&self, path: &Path, bytes: &[u8], run: &str, deed: &str) {
        let kept = fs::read(path).expect("a file");
        fs::write(path, bytes).expect("written");
        let ran = self.verify();
        fs::write(path, kept).expect("written");
        assert_eq!(ran.code, Some(1), "{deed}: {}", ran.seen());
        let first = ran.err.lines().find(|line| line.starts_with("error")).unwrap_or_default();
        assert!(first.contains(run), "{deed}: the first error is of another record: {}", ran.seen());
    }
}

fn name(record: &Path) -> String {
    record.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Returns every single change of a byte: one bit of it flipped, and the byte removed, doubled, and the end there.
fn changes(bytes: &[u8], at: usize) -> [(&'static str, Vec<u8>); 4] {
    let (mut flipped, mut removed, mut doubled) = (bytes.to_vec(), bytes.to_vec(), bytes.to_vec());
    flipped[at] ^= 1 << (at % 8);
    removed.remove(at);
    doubled.insert(at, bytes[at]);
    [("flipped", flipped), ("removed", removed), ("doubled", doubled), ("cut", bytes[..at].to_vec())]
}

#[test]
fn no_byte_of_a_record_or_a_plan_can_change() {
    let Scene { place, records, key } = &Scene::new();
    for record in &records[..1] {
        let bytes = fs::read(record).expect("a record");
        let envelope = fs::read(signature(record)).expect("a signature");
        check_record(&envelope, &bytes, key).expect("verified");
        for at in 0..bytes.len() {
            for (deed, changed) in changes(&bytes, at).into_iter().filter(|(_, changed)| *changed != bytes) {
                assert!(check_record(&envelope, &changed, key).is_err(), "{deed} at {at}");
            }
        }
    }
    let bytes = fs::read(place.path().join("site.plan")).expect("a plan");
    let envelope = fs::read(place.path().join("site.plan.intoto.json")).expect("a signature");
    let signed = Envelope::read(&envelope).and_then(|envelope| envelope.verify(key)).expect("verified");
    for at in 0..bytes.len() {
        for (deed, changed) in changes(&bytes, at).into_iter().filter(|(_, changed)| *changed != bytes) {
            let holds = PlanFile::read(&changed).is_ok_and(|file| check_plan(&envelope, &file, key).is_ok());
            assert!(!holds, "{deed} at {at}");
        }
    }
    // A hint that nobody signed may change; the statement may not.
    for at in 0..envelope.len() {
        for (deed, changed) in changes(&envelope, at) {
            let verified = Envelope::read(&changed).and_then(|envelope| envelope.verify(key));
            assert!(!verified.is_ok_and(|statement| statement != signed), "{deed} at {at}");
        }
    }
}

#[test]
fn the_program_names_the_record_with_a_changed_byte() {
    let scene = Scene::new();
    let all = std::env::var_os("ARCBOOK_CRASH").is_some_and(|size| size == "all");
    let stride = if all { 1 } else { STRIDE };
    for record in &scene.records {
        let bytes = fs::read(record).expect("a record");
        for at in (0..bytes.len()).step_by(stride) {
            for (deed, changed) in changes(&bytes, at).into_iter().filter(|(_, changed)| *changed != bytes) {
                scene.refused(record, &changed, &name(record), &format!("{deed} at {at}"));
            }
        }
    }
}

#[test]
fn the_program_names_the_record_with_other_lines() {
    let scene = Scene::new();
    for (number, record) in scene.records.iter().enumerate() {
        let text = fs::read_to_string(record).expect("a record");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let other = fs::read_to_string(&scene.records[(number + 1) % 3]).expect("a record");
        let foreign: Vec<&str> = other.split_inclusive('\n').collect();
        for at in 0..lines.len() {
            let mut deeds: Vec<(&str, Vec<&str>)> = vec![
                ("deleted", [&lines[..at], &lines[at + 1..]].concat()),
                ("doubled", [&lines[..=at], &lines[at..]].concat()),
                ("inserted", [&lines[..at], &foreign[..1], &lines[at..]].concat()),
                ("truncated", lines[..at].to_vec()),
            ];
            if at > 0 {
                let mut swapped = lines.clone();
                swapped.swap(at - 1, at);
                deeds.push(("swapped", swapped));
            }
            for (deed, lines) in deeds {
                let changed = lines.concat();
                scene.refused(record, changed.as_bytes(), &name(record), &format!("{deed} line {at}"));
            }
        }
    }
}

#[test]
fn a_record_under_the_name_of_another_one_is_named() {
    let scene = Scene::new();
    let [older, .., newest] = &scene.records[..] else { panic!("three records") };
    let (kept, of_older) = (fs::read(newest).expect("a record"), fs::read(older).expect("a record"));
    let older_signature = fs::read(signature(older)).expect("a signature");
    fs::write(newest, &of_older).expect("written");
    fs::write(signature(newest), older_signature).expect("written");
    let run = name(older);
    for arguments in
        [&["verify", "-key", "key.pub"][..], &["verify", "-key", "key.pub", "latest"], &["verify"]]
    {
        let ran = ended(scene.place.run(arguments), 1);
        assert!(ran.err.contains(&format!("it is the record of {run}")), "{}", ran.seen());
    }
    // Nothing follows the end of a run.
    for tail in [&b"{\"prev\":\"x\","[..], b"\0", b"{", b"junk"] {
        fs::write(newest, [&kept[..], tail].concat()).expect("written");
        let ran = ended(scene.place.run(&["verify"]), 1);
        assert!(ran.err.contains("it comes after the end of the run"), "{}", ran.seen());
    }
}

#[test]
fn records_and_signatures_that_are_gone_or_exchanged_are_named() {
    let scene = Scene::new();
    let keep = |path: &Path| (path.to_owned(), fs::read(path).expect("a file"));
    for record in &scene.records {
        for path in [record.clone(), signature(record)] {
            let (path, bytes) = keep(&path);
            fs::remove_file(&path).expect("removed");
            let ran = ended(scene.verify(), 1);
            fs::write(&path, bytes).expect("written");
            assert!(ran.err.contains(&name(record)), "{}: {}", path.display(), ran.seen());
        }
    }
    let [first, second] = [&scene.records[0], &scene.records[1]];
    let of_second = fs::read(signature(second)).expect("a signature");
    scene.refused(&signature(first), &of_second, &name(first), "the signature of another record");
    let whole = fs::read(second).expect("a record");
    scene.refused(first, &whole, &name(first), "another record under its name");
    // Whoever forges a whole record with a chain of its own has no key to sign it with.
    let forged = scene.place.run(&["run", "-auto-approve", "-sign", "other.pem"]);
    ended(forged, 0);
    let new = records(&scene.place).pop().expect("a record");
    let ran = ended(scene.verify(), 1);
    assert!(ran.err.contains(&name(&new)) && ran.err.contains("one of the given key"), "{}", ran.seen());
}
