//! The transfers against a second Blob service: Azurite, over HTTPS, with tokens.
//!
//! arcbook uses the public cloud as on any machine. The test's proxy leads the host of the account to Azurite, whose
//! certificate is that of the account, and the lab is the agent: Azurite decodes tokens, and refuses those of another
//! audience.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::chain::holds;
use crate::cloud::Cloud;
use crate::support::{Place, repository};

const ACCOUNT: &str = "devstoreaccount1.blob.core.windows.net";

const RUNBOOK: &str = r#"
step "blob_container" "files" {
  account = "devstoreaccount1"
  name    = "files"
}

step "blob_upload" "all" {
  for_each  = toset(["small.bin", "large.bin", "empty.bin"])
  account   = "devstoreaccount1"
  container = step.blob_container.files.name
  name      = each.value
  source    = each.value
  metadata  = { Kind = "test" }
}

step "blob_download" "all" {
  for_each   = toset(["small.bin", "large.bin", "empty.bin"])
  account    = "devstoreaccount1"
  container  = step.blob_container.files.name
  name       = each.value
  path       = "copies/${each.value}"
  depends_on = [step.blob_upload.all]

  create_directories = true
}
"#;

/// Reports the test as skipped; fails if `CI` is set, where nothing may be missing.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "Azurite cannot be used here: {why}");
    // Written directly, since the test harness captures the output of `eprintln!`.
    let _ = writeln!(io::stderr(), "\n*** NOT TESTED: Azurite: {why} ***\n");
}

/// One test at a time installs Azurite.
static INSTALLS: Mutex<()> = Mutex::new(());

/// Installs Azurite, once for each version, and returns its program.
fn installed() -> Result<PathBuf, String> {
    let _installs = INSTALLS.lock().unwrap_or_else(PoisonError::into_inner);
    let wanted = fs::read_to_string(repository().join("tests/azurite/package.json")).expect("a package");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("azurite");
    let (program, done) =
        (directory.join("node_modules/azurite/dist/src/blob/main.js"), directory.join("package.installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("package.json"), &wanted).expect("written");
    let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
    let ran = Command::new("npm").args(options).current_dir(&directory).output();
    match ran {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) => return Err(format!("npm: {}", String::from_utf8_lossy(&ran.stderr).trim())),
        Err(error) => return Err(format!("npm: {error}")),
    }
    fs::write(done, wanted).expect("written");
    Ok(program)
}

/// A running Azurite, which ends when it is dropped.
struct Azurite {
    process: Child,
    port: u16,
}

impl Azurite {
    /// Starts Azurite; with `options` of node.
    fn start(program: &Path, directory: &Path, options: &[PathBuf]) -> Self {
        let certified = rcgen::generate_simple_self_signed(vec![ACCOUNT.to_owned()]).expect("a certificate");
        let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
        fs::write(&certificate, certified.cert.pem()).expect("written");
        fs::write(&key, certified.signing_key.serialize_pem()).expect("written");
        let mut command = Command::new("node");
        for option in options {
            command.arg("--require").arg(option);
        }
        command.arg(program).args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--oauth", "basic"]);
        command.arg("--cert").arg(certificate).arg("--key").arg(key);
        command.args(["--inMemoryPersistence", "--disableTelemetry"]).current_dir(directory);
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a process of node");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let listening = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.contains("successfully listens").then(|| line.rsplit(':').next().map(str::to_owned))?
        });
        let port = listening.and_then(|port| port.trim().parse().ok()).expect("a port");
        thread::spawn(move || lines.for_each(drop));
        Self { process, port }
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a proxy that leads every connection to `port`, and returns its own port.
fn proxy(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let own = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || tunnel(client, port));
        }
    });
    own
}

fn tunnel(mut client: TcpStream, port: u16) -> io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        asked.extend(byte);
    }
    let is_account = String::from_utf8_lossy(&asked).starts_with(&format!("CONNECT {ACCOUNT}:443 "));
    if !is_account {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    }
    let mut service = TcpStream::connect(("127.0.0.1", port))?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from, mut to) = (client.try_clone()?, service.try_clone()?);
    let sending = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    io::copy(&mut service, &mut client)?;
    client.shutdown(Shutdown::Write)?;
    drop(sending.join());
    Ok(())
}

/// More blobs than a page of a list has. A range has at most 1,024 elements.
const MANY: &str = r#"
variable "parts" { type = number }

variable "size" { type = number }

locals {
  names = toset(flatten([for part in range(var.parts) : [for one in range(var.size) : "many/${part * var.size + one}"]]))
}

step "blob_container" "many" {
  account = "devstoreaccount1"
  name    = "many"
}

step "blob_upload" "each" {
  for_each  = local.names
  account   = "devstoreaccount1"
  container = step.blob_container.many.name
  name      = each.value
  content   = "x"
}

step "blob_upload" "other" {
  account   = "devstoreaccount1"
  container = step.blob_container.many.name
  name      = "other & ü"
  content   = "hello"
  metadata  = { kind = "test" }
}

step "blob_list" "many" {
  account    = "devstoreaccount1"
  container  = step.blob_container.many.name
  prefix     = "many/"
  depends_on = [step.blob_upload.each]
}

step "blob_list" "other" {
  account    = "devstoreaccount1"
  container  = step.blob_container.many.name
  prefix     = "other &"
  metadata   = true
  depends_on = [step.blob_upload.other]
}

output "many" {
  value = length(distinct(step.blob_list.many.blobs[*].name))
}

output "other" {
  value = [for blob in step.blob_list.other.blobs : [blob.name, blob.size, blob.md5, blob.metadata.kind]]
}

output "same" {
  value = step.blob_list.other.blobs[0].etag == step.blob_upload.other.etag
}
"#;

const DELETE: &str = r#"
variable "etag" {
  type    = string
  default = "*"
}

step "blob_delete" "other" {
  account   = "devstoreaccount1"
  container = "many"
  name      = "other & ü"
  if_match  = var.etag
}

output "deleted" {
  value = step.blob_delete.other.deleted
}
"#;

/// Azurite, a cloud whose agent gives tokens for it, and the proxy between the two.
struct Service {
    cloud: Cloud,
    own: Place,
    proxy: String,
    _azurite: Azurite,
}

impl Service {
    fn start(program: &Path, options: &[PathBuf]) -> Self {
        let (cloud, own) = (Cloud::start(), Place::new());
        let azurite = Azurite::start(program, own.path(), options);
        let proxy = format!("http://127.0.0.1:{}", proxy(azurite.port));
        Self { cloud, own, proxy, _azurite: azurite }
    }

    fn run(&self, place: &Place, arguments: &[&str]) -> crate::support::Ran {
        let mut command = self.cloud.command(place, arguments);
        command.env("HTTPS_PROXY", &self.proxy).env("SSL_CERT_FILE", self.own.path().join("cert.pem"));
        command.env_remove("ARCBOOK_CLOUD");
        crate::support::Ran::of(command.output().expect("the program"))
    }
}

/// With `ARCBOOK_CLIENTS=all`, 6,000 blobs on pages of 5,000, as in Azure; otherwise 120 on pages of 50.
#[test]
fn azurite_lists_many_pages_of_blobs_and_deletes_on_a_condition() {
    let program = match installed() {
        Ok(program) => program,
        Err(why) => return skip(&why),
    };
    let is_all = std::env::var_os("ARCBOOK_CLIENTS").is_some_and(|clients| clients == "all");
    let small_pages = repository().join("tests/azurite/small_pages.js");
    let (options, parts, size) = if is_all { (vec![], 12, 500) } else { (vec![small_pages], 2, 60) };
    let service = Service::start(&program, &options);
    let place = Place::with(MANY);
    let [parts_set, size_set] = [format!("parts={parts}"), format!("size={size}")];
    let arguments = ["run", "-auto-approve", "-parallelism", "32", "-var", &parts_set, "-var", &size_set];
    let many = format!("many = {}", parts * size);
    holds(&service.run(&place, &arguments), 0, &[&many, "same = true", "XUFAKrxLKna5cZ2REBfFkg=="]);
    let place = Place::with(DELETE);
    let delete = |arguments: &[&str]| service.run(&place, &[&["run", "-auto-approve"], arguments].concat());
    holds(&delete(&["-var", "etag=0x0"]), 1, &["has another ETag than `if_match` and is kept"]);
    holds(&delete(&[]), 0, &["deleted = true"]);
    holds(&delete(&[]), 0, &["deleted = false"]);
}

#[test]
fn azurite_takes_and_gives_files_of_any_size() {
    let program = match installed() {
        Ok(program) => program,
        Err(why) => return skip(&why),
    };
    let (service, place) = (Service::start(&program, &[]), Place::with(RUNBOOK));
    let run = |arguments: &[&str]| service.run(&place, arguments);
    let large: Vec<u8> =
        (0..20_u32 << 18).flat_map(|at| at.wrapping_mul(0x9E37_79B9).to_le_bytes()).collect();
    let files = [("small.bin", &b"small"[..]), ("large.bin", &large), ("empty.bin", b"")];
    for (name, content) in files {
        place.write(name, content);
    }
    holds(&run(&["run", "-auto-approve"]), 0, &["7 of 7 steps done"]);
    let copy = |name: &str| fs::read(place.path().join("copies").join(name)).ok();
    for (name, content) in files {
        assert!(copy(name).as_deref() == Some(content), "{name}");
    }
    // A second run finds everything as it is wanted, and changes nothing.
    holds(&run(&["plan", "-live", "-detailed-exitcode"]), 0, &[]);
    // Another content of the same size is sent and received anew.
    place.write("large.bin", vec![7; large.len()]);
    holds(&run(&["run", "-auto-approve"]), 0, &["step.blob_upload.all[\"large.bin\"]: updated after"]);
    assert!(copy("large.bin").is_some_and(|copy| copy == vec![7; large.len()]));
    holds(&run(&["undo", "-auto-approve"]), 0, &["= step.blob_upload.all"]);
    assert!(copy("large.bin").is_some_and(|copy| copy == large), "the earlier file is back");
}

#[test]
fn azurite_keeps_records_that_leave_the_machine() {
    let program = match installed() {
        Ok(program) => program,
        Err(why) => return skip(&why),
    };
    let service = Service::start(&program, &[]);
    let place = Place::with(
        "step \"blob_container\" \"records\" {\n  account = \"devstoreaccount1\"\n  name    = \"records\"\n}\n",
    );
    let to = "devstoreaccount1/records/a b";
    let run = |arguments: &[&str]| service.run(&place, arguments);
    for _ in 0..2 {
        let ran = run(&["run", "-auto-approve", "-ship", to]);
        holds(
            &ran,
            0,
            &["The record is uploaded: https://devstoreaccount1.blob.core.windows.net/records/a%20b/"],
        );
        assert_eq!(ran.err, "");
    }
    // A record that the service has is compared with it.
    fs::remove_file(place.path().join(".arcbook/runs/shipped.log")).expect("removed");
    holds(&run(&["-json", "runs", "ship"]), 0, &["\"was_there\":true"]);
    holds(&run(&["runs", "-from", to]), 0, &[": 2 records", "whole"]);
    holds(&run(&["verify", "-from", to]), 0, &["2 records in ", "are intact"]);
    let name = place
        .files()
        .into_iter()
        .map(|(path, _)| path)
        .find(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let mut content = fs::read_to_string(name.as_ref().expect("a record")).expect("UTF-8");
    content = content.replacen("web01", "web02", 1);
    fs::write(name.expect("a record"), content).expect("written");
    fs::remove_file(place.path().join(".arcbook/runs/shipped.log")).expect("removed");
    let ran = run(&["runs", "ship", "-to", to]);
    assert!(ran.code == Some(1) && ran.err.contains("error[record-conflict]"), "{}", ran.seen());
}
