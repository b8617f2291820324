//! The ways in which an application proves itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::source::read_plain;
use arcbook_engine::step::{ErrorKind, StepError};

use super::certificate::{Certificate, CertificateError, LARGEST};

/// The longest federated token that is read, in bytes.
const LONGEST_TOKEN: u64 = 64 * 1024;

/// The way in which an application proves itself; it has no `Debug`, since it may contain secrets.
#[derive(Clone)]
pub(crate) enum Proof {
    /// A client secret.
    Secret(Arc<str>),
    /// A certificate, and the password of its key.
    Certificate { content: Content, password: Option<Arc<str>>, with_chain: bool },
    /// The file with a token of another system, read anew for each request.
    TokenFile(PathBuf),
}

/// The content of a certificate.
#[derive(Clone)]
pub(crate) enum Content {
    /// PEM, or PFX in base64.
    Text(Arc<str>),
    /// A file with PEM or PFX.
    File(PathBuf),
}

/// A proof that was read.
#[derive(Clone)]
pub(super) enum Ready {
    Secret(Arc<str>),
    Certificate(Arc<Certificate>, bool),
    Token(Arc<str>),
}

impl Proof {
    /// Reads the files of the proof; relative paths start in `directory`.
    pub(super) async fn ready(&self, directory: &Path) -> Result<Ready, StepError> {
        match self {
            Self::Secret(secret) => Ok(Ready::Secret(Arc::clone(secret))),
            Self::Certificate { content, password, with_chain } => {
                let (content, password, with_chain) = (content.clone(), password.clone(), *with_chain);
                let directory = directory.to_owned();
                let certificate =
                    on_thread(move || certificate(&content, password.as_deref(), &directory)).await?;
                Ok(Ready::Certificate(Arc::new(certificate), with_chain))
            }
            Self::TokenFile(path) => {
                let path = directory.join(path);
                on_thread(move || token(&path)).await.map(Ready::Token)
            }
        }
    }
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(StepError::internal("the thread that reads a file stopped")))
}

fn certificate(
    content: &Content,
    password: Option<&str>,
    directory: &Path,
) -> Result<Certificate, StepError> {
    let (bytes, argument) = match content {
        Content::Text(text) => (text.as_bytes().to_vec(), "certificate"),
        Content::File(path) => {
            (read(&directory.join(path), LARGEST, "certificate_path")?, "certificate_path")
        }
    };
    Certificate::read(&bytes, password).map_err(|error| unusable(error, argument))
}

/// Reads a federated token; it is not empty and has no characters that a token cannot have.
fn token(path: &Path) -> Result<Arc<str>, StepError> {
    let bytes = read(path, LONGEST_TOKEN, "token_file")?;
    let token = std::str::from_utf8(bytes.trim_ascii()).ok();
    let token = token.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
    token.map(Arc::from).ok_or_else(|| {
        StepError::new(ErrorKind::Local, format!("{} contains no token", path.display()))
            .argument("token_file")
            .help("check that the system that writes the file has written it")
    })
}

fn read(path: &Path, largest: u64, argument: &'static str) -> Result<Vec<u8>, StepError> {
    read_plain(path, largest).map_err(|error| {
        StepError::new(ErrorKind::Local, format!("{} cannot be read", path.display()))
            .detail(format!("{error}."))
            .argument(argument)
            .help("check the path, and that the user that runs arcbook may read the file; a relative path starts at the directory of the runbook")
    })
}

fn unusable(error: CertificateError, argument: &'static str) -> StepError {
    let argument = match error {
        CertificateError::Password | CertificateError::Encrypted => "password",
        _ => argument,
    };
    StepError::new(ErrorKind::Local, "the certificate cannot be used")
        .detail(format!("It cannot prove the application: {error}."))
        .argument(argument)
        .help("use a PEM or PFX file with the certificate and its private key")
}
