//! Large files to and from Blob storage, through the command line.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use arcbook_lab::Request;

use crate::chain::holds;
use crate::cloud::{Cloud, WORLD};
use crate::crash::all;
use crate::support::{Place, Ran};
use crate::victim::Victim;

const BLOCK: usize = 8 << 20;
const RANGE: usize = 2 << 20;

const UPLOAD: &str = r#"
step "blob_upload" "large" {
  account   = "acc01"
  container = "old"
  name      = "large.bin"
  source    = "large.bin"
}
"#;

const DOWNLOAD: &str = r#"
step "blob_download" "copy" {
  account   = "acc01"
  container = "old"
  name      = "large.bin"
  path      = "copy.bin"
}
"#;

/// Returns bytes that differ from block to block: 20 MiB, or 300 MB if the tests are to be thorough.
fn content() -> Vec<u8> {
    let length = if all() { 300_000_000 } else { 20 << 20 };
    let word = |at: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes();
    (0..length / 8).flat_map(word).collect()
}

fn is_block(request: &Request) -> bool {
    request.target.contains("comp=block&blockid=")
}

fn is_range(request: &Request) -> bool {
    request.method == "GET" && request.target.ends_with("/large.bin")
}

/// Runs a runbook in a place with `files`, and kills the run with SIGKILL when the lab has carried out the `at`th
/// request of a kind. Returns the lab and the place.
fn killed(
    runbook: &str,
    at: usize,
    kind: fn(&Request) -> bool,
    prepare: impl FnOnce(&Cloud, &Place),
) -> (Cloud, Place) {
    let (victim, seen) = (Victim::default(), AtomicUsize::new(0));
    let watched = victim.clone();
    let cloud = Cloud::of(WORLD.to_owned(), move |request| {
        if kind(request) && seen.fetch_add(1, Ordering::SeqCst) + 1 == at {
            watched.kill();
        }
    });
    let place = Place::with(runbook);
    prepare(&cloud, &place);
    assert!(victim.run(&mut cloud.command(&place, &["run", "-auto-approve"])), "it was killed");
    (cloud, place)
}

fn resume(cloud: &Cloud, place: &Place) -> Ran {
    let ran = cloud.run(place, &["run", "-auto-approve", "-resume", "latest"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran
}

/// Uploads `large.bin` of a place.
fn upload(cloud: &Cloud, content: &[u8]) {
    let place = Place::with(UPLOAD);
    place.write("large.bin", content);
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

/// Returns the content of the blob `large.bin`.
fn download(cloud: &Cloud) -> Vec<u8> {
    let place = Place::with(DOWNLOAD);
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    fs::read(place.path().join("copy.bin")).expect("a copy")
}

#[test]
fn an_upload_that_was_killed_sends_each_block_once() {
    let content = content();
    let blocks = content.len().div_ceil(BLOCK);
    let (cloud, place) = killed(UPLOAD, blocks / 2, is_block, |_, place| place.write("large.bin", &content));
    resume(&cloud, &place);
    let mut sent = BTreeMap::new();
    for request in cloud.lab.requests().iter().filter(|request| is_block(request) && request.changed) {
        *sent.entry(request.target.clone()).or_insert(0) += 1;
    }
    assert_eq!(sent.len(), blocks);
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    assert!(download(&cloud) == content);
}

#[test]
fn a_download_that_was_killed_reads_only_what_is_missing() {
    let content = content();
    let ranges = content.len().div_ceil(RANGE);
    let (cloud, place) = killed(DOWNLOAD, ranges / 2, is_range, |cloud, _| upload(cloud, &content));
    assert!(!place.path().join("copy.bin").exists());
    resume(&cloud, &place);
    assert!(fs::read(place.path().join("copy.bin")).expect("a copy") == content);
    let requests = cloud.lab.requests().iter().filter(|request| is_range(request)).count();
    // Those in transfer when the run was killed are read again.
    assert!((ranges..=ranges + 4).contains(&requests), "{requests} for {ranges}");
    assert_eq!(hidden(&place), Vec::<String>::new());
}

/// An undo of a run that was killed removes what it has received, and nothing else.
#[test]
fn a_download_that_was_killed_is_undone() {
    let content = vec![7; 4 * RANGE];
    for existing in [None, Some(&b"as it was"[..])] {
        let (cloud, place) = killed(DOWNLOAD, 2, is_range, |cloud, place| {
            upload(cloud, &content);
            if let Some(existing) = existing {
                place.write("copy.bin", existing);
            }
        });
        assert_eq!(hidden(&place).len(), 2);
        holds(&cloud.run(&place, &["undo", "-auto-approve"]), 0, &[]);
        assert_eq!(fs::read(place.path().join("copy.bin")).ok().as_deref(), existing);
        assert_eq!(hidden(&place), Vec::<String>::new());
    }
}

/// Returns the names of hidden files.
fn hidden(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path()).expect("a directory").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.') && name.contains(".bin.")).collect()
}

#[test]
fn blocks_are_one_request_of_the_plan_and_of_the_record() {
    let (cloud, place) = (
        Cloud::start(),
        Place::with(
            &format!("{UPLOAD}{DOWNLOAD}")
                .replace("path      =", "depends_on = [step.blob_upload.large]\n  path      ="),
        ),
    );
    let content = vec![b'x'; BLOCK + 1];
    place.write("large.bin", &content);
    let planned = cloud.run(&place, &["plan", "-requests"]);
    for expected in
        ["large.bin (in blocks, if the file is large)", "large.bin (in ranges, if the answer is large)"]
    {
        assert!(planned.out.contains(expected), "{}", planned.seen());
    }
    let ran = cloud.run(&place, &["run", "-auto-approve", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains(r#""event":"bytes_transferred""#), "{}", ran.seen());
    assert!(!ran.out.contains("blockid"), "{}", ran.seen());
    let shown = place.run(&["show", "-requests"]);
    let requests: Vec<&str> = shown.out.lines().filter(|line| line.contains("/old/large.bin")).collect();
    let has = |what: &str| requests.iter().filter(|line| line.contains(what)).count();
    assert_eq!((has("PUT"), has("?comp=blocklist "), has("GET")), (2, 0, 2), "{requests:#?}");
    let events = place.run(&["show", "-events"]);
    assert!(events.out.contains(&format!("of {} bytes", content.len())), "{}", events.seen());
    holds(&place.run(&["verify"]), 0, &[]);
}

/// A file at the path, what the run does with it, and what an undo does.
#[test]
fn a_download_replaces_only_another_content() {
    type Case<'a> = (&'a str, Option<&'a [u8]>, i32, &'a [&'a str], usize);
    let content = b"the content of the blob".to_vec();
    let other = b"the content of another!".to_vec();
    let strict = DOWNLOAD.replace("path ", "overwrite = false\n  path ");
    let mode = DOWNLOAD.replace("path ", "mode = \"0640\"\n  path ");
    let deep = DOWNLOAD.replace("copy.bin", "a/b/copy.bin");
    let with_directories = deep.replace("path ", "create_directories = true\n  path ");
    let cases: [Case<'_>; 9] = [
        (DOWNLOAD, None, 0, &["step.blob_download.copy: created after"], 1),
        (DOWNLOAD, Some(&content), 0, &["step.blob_download.copy: done after"], 0),
        (DOWNLOAD, Some(&other), 0, &["step.blob_download.copy: updated after"], 1),
        (DOWNLOAD, Some(b"shorter"), 0, &["step.blob_download.copy: updated after"], 1),
        (&strict, Some(&content), 0, &[], 0),
        (&strict, Some(&other), 1, &["a file with another content is at `path`, and is kept"], 0),
        (&mode, Some(&content), 0, &["step.blob_download.copy: updated after"], 0),
        (&deep, None, 1, &["the directory of the file does not exist"], 0),
        (&with_directories, None, 0, &[], 1),
    ];
    let cloud = Cloud::start();
    upload(&cloud, &content);
    for (runbook, existing, code, said, requests) in cases {
        let place = Place::with(runbook);
        if let Some(existing) = existing {
            place.write("copy.bin", existing);
        }
        let before = cloud.lab.requests().iter().filter(|request| is_range(request)).count();
        let ran = cloud.run(&place, &["run", "-auto-approve"]);
        holds(&ran, code, said);
        let after = cloud.lab.requests().iter().filter(|request| is_range(request)).count();
        assert_eq!(after - before, requests, "{runbook}{}", ran.seen());
        if code != 0 {
            assert_eq!(fs::read(place.path().join("copy.bin")).ok().as_deref(), existing, "{runbook}");
            continue;
        }
        let path = if runbook == with_directories { "a/b/copy.bin" } else { "copy.bin" };
        assert!(fs::read(place.path().join(path)).expect("a copy") == content, "{runbook}{}", ran.seen());
        let again = cloud.run(&place, &["run", "-auto-approve"]);
        assert_eq!(again.code, Some(0), "{}", again.seen());
        assert_eq!(cloud.lab.requests().iter().filter(|request| is_range(request)).count(), after);
        let listed = place.run(&["runs"]);
        let first = listed.out.lines().find(|line| line.contains("changed") || line.contains("done"));
        assert!(first.is_some(), "{}", listed.seen());
        assert!(hidden(&place).iter().all(|name| !name.ends_with("ranges")), "{:?}", hidden(&place));
    }
}

#[test]
fn an_undo_puts_back_the_file_that_a_download_replaced() {
    type Case<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, i32, Option<&'a [u8]>);
    let cloud = Cloud::start();
    upload(&cloud, b"the content of the blob");
    // The file before the run, the change after it, and the file after the undo.
    let cases: [Case<'_>; 4] = [
        (None, None, 0, None),
        (Some(b"as it was"), None, 0, Some(b"as it was")),
        (None, Some(b"changed"), 1, Some(b"changed")),
        (Some(b"as it was"), Some(b"changed"), 1, Some(b"changed")),
    ];
    for (before, change, code, after) in cases {
        let place = Place::with(DOWNLOAD);
        if let Some(before) = before {
            place.write("copy.bin", before);
        }
        holds(&cloud.run(&place, &["run", "-auto-approve"]), 0, &[]);
        if let Some(change) = change {
            place.write("copy.bin", change);
        }
        let undone = cloud.run(&place, &["undo", "-auto-approve"]);
        assert_eq!(undone.code, Some(code), "{before:?} {change:?}: {}", undone.seen());
        assert_eq!(fs::read(place.path().join("copy.bin")).ok().as_deref(), after, "{}", undone.seen());
    }
}

/// A limit of the size of files stands for a full disk.
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let cloud = Cloud::start();
    upload(&cloud, &vec![b'x'; 3 * RANGE]);
    let place = Place::with(DOWNLOAD);
    let own = cloud.command(&place, &[]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" run -auto-approve"])
        .arg(own.get_program());
    limited.current_dir(place.path()).stdin(Stdio::null()).env_clear();
    limited.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = Ran::of(limited.output().expect("a shell"));
    holds(&ran, 1, &["the disk has no room for the file"]);
    assert_eq!(
        (hidden(&place), place.path().join("copy.bin").exists()),
        (Vec::new(), false),
        "{}",
        ran.seen()
    );
}

/// The digest of a reviewed plan holds for a file in blocks.
#[test]
fn a_reviewed_plan_sends_no_other_file() {
    let cloud = Cloud::start();
    let place = Place::with(UPLOAD);
    place.write("large.bin", vec![b'x'; BLOCK + 1]);
    holds(&cloud.run(&place, &["plan", "-out", "x.plan"]), 0, &[]);
    place.write("large.bin", vec![b'y'; BLOCK + 1]);
    holds(&cloud.run(&place, &["run", "-auto-approve", "x.plan"]), 3, &["large.bin"]);
    assert_eq!(cloud.changes(), Vec::<String>::new());
    place.write("large.bin", vec![b'x'; BLOCK + 1]);
    holds(&cloud.run(&place, &["run", "-auto-approve", "x.plan"]), 0, &[]);
    assert!(cloud.changes().contains(&"PUT /old/large.bin?comp=blocklist".to_owned()));
}
