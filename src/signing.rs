//! Signs plan files and records, and reads keys and signatures.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use arcbook_engine::attest::{
    AttestError, ClaimedEnd, Envelope, KeyError, PlanPredicate, SignedRecord, SigningKey, VerifyingKey,
    check_plan, check_record, sign_plan, sign_record,
};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Directory, record_bytes};
use arcbook_engine::plan::file::PlanFile;
use arcbook_engine::source::{open_plain, read_plain};
use arcbook_os::private;
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::replace::{may_be_written, write_private};
use crate::screen::Screen;
use crate::shell::quoted;

/// The size limit of a key, in bytes.
const LARGEST_KEY: u64 = 64 << 10;

/// The size limit of a signature, in bytes: a plan of ten thousand steps has one of some megabytes.
const LARGEST_SIGNATURE: u64 = 64 << 20;

/// The end of the name of a signature, after the name of the file that is signed.
const ENDING: &str = ".intoto.json";

/// The beginning of the files that hold signatures.
const LIKE: &str = "{\"payload\":";

/// The beginning of the name of a key that systemd provides.
const CREDENTIAL: &str = "credential:";

/// The variable with the directory of systemd's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The option for the key that signs.
#[derive(Args, Clone)]
pub struct SignArguments {
    /// Sign with this Ed25519 key in PEM: a file, or `credential:NAME` for a credential of systemd.
    #[arg(long, value_name = "KEY")]
    sign: Option<String>,
}

impl SignArguments {
    /// Reads the key, if one is given; its text is a secret from then on.
    pub fn key(&self, screen: &Screen) -> Result<Option<SigningKey>, Box<Diagnostic>> {
        self.sign.as_deref().map(|name| signing_key(name, screen)).transpose()
    }
}

fn signing_key(name: &str, screen: &Screen) -> Result<SigningKey, Box<Diagnostic>> {
    let text = match name.strip_prefix(CREDENTIAL) {
        Some(credential) => read_plain(&credential_path(credential)?, LARGEST_KEY),
        None => private_file(Path::new(name))?.and_then(|file| limited(&file)),
    };
    let text = text.map_err(|error| unreadable(name, &error))?;
    for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.starts_with('-')) {
        screen.secrets().add(line.trim());
    }
    SigningKey::read(&text).map_err(|error| wrong_key(name, error).into())
}

fn limited(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LARGEST_KEY).read_to_end(&mut text)?;
    Ok(text)
}

/// Opens the file of a private key; one that others may read is refused.
fn private_file(path: &Path) -> Result<io::Result<File>, Box<Diagnostic>> {
    let Ok(file) = open_plain(path) else { return Ok(open_plain(path)) };
    match private::is_private(&file) {
        Ok(false) => {
            let quoted = quoted(&path.to_string_lossy());
            let summary = format!("the private key {} can be read by other users", path.display());
            let error = Diagnostic::error("invalid-key", summary);
            Err(error.help(format!("make a new one, readable by you alone: `chmod 600 {quoted}`")).into())
        }
        Ok(true) => Ok(Ok(file)),
        Err(error) => Ok(Err(error)),
    }
}

/// Returns the path of a credential, which systemd makes readable for the service alone.
fn credential_path(name: &str) -> Result<PathBuf, Box<Diagnostic>> {
    let is_name = !name.is_empty() && !name.contains(['/', '\\']) && name != "." && name != "..";
    let directory = std::env::var_os(CREDENTIALS).filter(|_| is_name);
    let remedy = "name it in the unit of the service: `LoadCredential=NAME:/path/of/the/key`";
    directory.map(|directory| Path::new(&directory).join(name)).ok_or_else(|| {
        let summary = format!("there is no credential `{name}`");
        let detail = format!("{CREDENTIALS} names their directory, and systemd sets it.");
        Diagnostic::error("invalid-key", summary).detail(detail).help(remedy).into()
    })
}

fn unreadable(name: &str, error: &io::Error) -> Box<Diagnostic> {
    let summary = format!("the key {name} cannot be read");
    Diagnostic::error("invalid-key", summary).detail(format!("{error}.")).help("check the path").into()
}

fn wrong_key(name: &str, error: KeyError) -> Diagnostic {
    let help = match error {
        KeyError::Encrypted => "write it without a password: `openssl pkey -in KEY -out NEW`",
        KeyError::Private | KeyError::Public => "name the other file of the pair",
        KeyError::NotPem | KeyError::Several | KeyError::Algorithm => {
            "make a pair: `openssl genpkey -algorithm ed25519 -out KEY`, then `openssl pkey -in KEY -pubout -out PUB`"
        }
    };
    Diagnostic::error("invalid-key", format!("the key {name} cannot be used"))
        .detail(format!("{error}."))
        .help(help)
}

/// Reads a public key.
pub fn verifying_key(path: &Path) -> Result<VerifyingKey, Box<Diagnostic>> {
    let name = path.display().to_string();
    let text = read_plain(path, LARGEST_KEY).map_err(|error| unreadable(&name, &error))?;
    VerifyingKey::read(&text).map_err(|error| wrong_key(&name, error).into())
}

/// Returns the path of the signature of a file; that of a record is the same when the record is compressed.
pub fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if path.extension().is_some_and(|ending| ending == "gz") {
        name = path.with_extension("").into_os_string();
    }
    name.push(ENDING);
    name.into()
}

/// Signs the plan file at `path`; returns the path of the signature.
pub fn sign_plan_at(path: &Path, file: &PlanFile, key: &SigningKey) -> Result<PathBuf, Box<Diagnostic>> {
    write(path, &sign_plan(&name_of(path), file, key))
}

/// Signs the closed records of these runs, if a key is given; a record that cannot be signed fails a command that would
/// end with `exit`.
pub fn sign_records(
    directory: &Directory,
    runs: &[String],
    key: Option<&SigningKey>,
    screen: &Screen,
    exit: Exit,
) -> Exit {
    let Some(key) = key else { return exit };
    let mut end = exit;
    for run in runs.iter().filter(|run| directory.has_begun(run)) {
        match sign_record_at(&directory.file(run), key) {
            Ok(signature) if screen.json => {
                screen.object(&json!({ "signature": { "run": run, "path": signature } }));
            }
            Ok(_) if screen.quiet => {}
            Ok(signature) => screen.line(&format!("The record is signed in {}.", signature.display())),
            Err(diagnostic) => {
                screen.diagnostic(*diagnostic);
                end = if exit == Exit::Done { Exit::Failed } else { exit };
            }
        }
    }
    end
}

/// Signs the closed record at `path`; returns the path of the signature.
fn sign_record_at(path: &Path, key: &SigningKey) -> Result<PathBuf, Box<Diagnostic>> {
    let bytes = record_bytes(path).map_err(|error| not_signed(path, &error))?;
    let name = name_of(Path::new(&path.with_extension("jsonl")));
    let envelope = sign_record(&name, &bytes, key).ok_or_else(|| not_signed(path, &"it has no start"))?;
    write(path, &envelope)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(path: &Path, envelope: &Envelope) -> Result<PathBuf, Box<Diagnostic>> {
    let signature = signature_of(path);
    let written = match may_be_written(&signature, LIKE) {
        Ok(true) => write_private(&signature, |out| out.write_all(envelope.text().as_bytes())),
        Ok(false) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file there is no signature")),
        Err(error) => Err(error),
    };
    written.map(|()| signature).map_err(|error| not_signed(path, &error))
}

fn not_signed(path: &Path, reason: &dyn std::fmt::Display) -> Box<Diagnostic> {
    let summary = format!("the signature of {} cannot be written", path.display());
    let error = Diagnostic::error("file-not-written", summary).detail(format!("{reason}."));
    error.help("make the directory writable, and sign again").into()
}

/// Checks the signature of a plan file.
pub fn check_plan_at(
    path: &Path,
    file: &PlanFile,
    key: &VerifyingKey,
) -> Result<PlanPredicate, Box<Diagnostic>> {
    let envelope = signature(path)?;
    check_plan(&envelope, file, key).map_err(|error| does_not_hold(path, error))
}

/// Checks the signature of the record at `path`.
pub fn check_record_at(path: &Path, key: &VerifyingKey) -> Result<SignedRecord, Box<Diagnostic>> {
    let envelope = signature(path)?;
    let bytes = record_bytes(path).map_err(|error| unreadable_signed(path, &error))?;
    check_record(&envelope, &bytes, key).map_err(|error| does_not_hold(path, error))
}

/// Returns the end of the record at `path` as the signature beside it names it, whoever signed that; none without one.
pub fn claimed_end(path: &Path) -> Option<ClaimedEnd> {
    ClaimedEnd::read(&read_plain(&signature_of(path), LARGEST_SIGNATURE).ok()?)
}

/// Returns the error of a signature that does not hold for the file at `path`.
pub fn does_not_hold(path: &Path, error: AttestError) -> Box<Diagnostic> {
    let mut diagnostic = Diagnostic::from(error);
    diagnostic.summary = format!("the signature of {} does not hold", path.display());
    diagnostic.into()
}

fn signature(path: &Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    let signature = signature_of(path);
    read_plain(&signature, LARGEST_SIGNATURE).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let summary = format!("{} is not signed", path.display());
            let detail = format!("There is no file {}.", signature.display());
            Diagnostic::error("signature", summary)
                .detail(detail)
                .help("sign with `-sign KEY`, and keep the signature beside the file")
                .into()
        }
        _ => unreadable_signed(&signature, &error),
    })
}

fn unreadable_signed(path: &Path, error: &io::Error) -> Box<Diagnostic> {
    let summary = format!("{} cannot be read", path.display());
    Diagnostic::error("file-not-readable", summary).detail(format!("{error}.")).into()
}
