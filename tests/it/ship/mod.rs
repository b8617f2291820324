//! Records that leave the machine.

mod fleet;
mod hostile;
mod killed;
mod plans;
#[cfg(unix)]
mod room;
mod runs;
#[cfg(unix)]
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use arcbook_lab::Service;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished};

/// A world with an immutable container for records.
pub const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

storage_account "acc01" {
  resource_group = "rg"
  role_assignment { role = "Storage Blob Data Contributor" }
  container "old" {}
  container "records" { immutable = true }
}
"#;

/// A runbook whose records leave the machine.
pub const RUNBOOK: &str = r#"
runbook {
  record {
    account   = "acc01"
    container = "records"
    prefix    = "west"
  }
}

step "blob_upload" "a" {
  account   = "acc01"
  container = "old"
  name      = "a.txt"
  content   = "a"
}
"#;

pub const RUN: [&str; 2] = ["run", "-auto-approve"];

/// Returns the names of the records in a place, oldest first.
pub fn records(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path().join(".arcbook/runs")).expect("a directory of records");
    let names = entries.flatten().map(|entry| entry.file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "jsonl")).collect();
    names.sort();
    names
}

/// Returns the bytes of a record.
pub fn record(place: &Place, name: &str) -> Vec<u8> {
    fs::read(place.path().join(".arcbook/runs").join(name)).expect("a record")
}

/// Returns the paths of the blobs that were created in the container `records`, sorted.
pub fn created(cloud: &Cloud) -> Vec<String> {
    let of_records = |target: &str| target.starts_with("/records/");
    let requests = cloud.lab.requests().into_iter().filter(|request| request.service == Service::Blob);
    let mut created: Vec<String> = requests
        .filter(|request| {
            request.changed && of_records(&request.target) && !request.target.contains("comp=block&")
        })
        .map(|request| request.target)
        .collect();
    created.sort();
    created
}

/// Returns what the program says of the shipment in JSON.
pub fn shipped(ran: &Ran) -> Json {
    let mut lines = ran.out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let found = lines.find_map(|line| line.get("shipped").cloned());
    found.unwrap_or_else(|| panic!("nothing is said: {}", ran.seen()))
}

/// Downloads a blob of the container `records`.
pub fn downloaded(cloud: &Cloud, name: &str) -> Vec<u8> {
    let place = Place::with(&format!(
        "step \"blob_download\" \"one\" {{\n  account   = \"acc01\"\n  container = \"records\"\n  name      = \"{name}\"\n  path      = \"copy\"\n}}\n"
    ));
    let ran = cloud.run(&place, &RUN);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    fs::read(place.path().join("copy")).expect("the copy")
}

/// Writes a blob of the container `records`, as a client with the rights to do so.
pub fn overwritten(cloud: &Cloud, name: &str, content: &[u8]) {
    let place = Place::with(&format!(
        "step \"blob_upload\" \"one\" {{\n  account   = \"acc01\"\n  container = \"records\"\n  name      = \"{name}\"\n  source    = \"content\"\n}}\n"
    ));
    place.write("content", content);
    let ran = cloud.run(&place, &RUN);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

/// Runs the program on another host.
pub fn on_host(cloud: &Cloud, place: &Place, host: &str, arguments: &[&str]) -> Ran {
    Ran::of(finished(cloud.command(place, arguments).env("ARCBOOK_TEST_ACTOR", format!("ann@{host}"))))
}

/// Returns the name of the blob of a path of a request.
pub fn name_of(target: &str) -> String {
    target.strip_prefix("/records/").expect("a blob").to_owned()
}

/// Copies the records of a place to a directory below `to`, as somebody who downloads them does.
pub fn copied(place: &Place, to: &Path, machine: &str) -> PathBuf {
    let to = to.join(machine);
    crate::support::copy(&place.path().join(".arcbook/runs"), &to);
    to
}
