//! Tokens of issuers outside of the tenant, all of which the lab plays with one key.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock;
use crate::context::Context;
use crate::jwt::{KeyError, SigningKey};
use crate::world::{FederatedCredential, Principal};

/// Lifetime of the tokens in files, in seconds: a day.
const LIFETIME: i64 = 86_400;

/// A file with a token that a federated credential of the world accepts, for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederatedToken {
    /// The label of the service principal.
    pub principal: String,
    /// The label of its federated credential.
    pub credential: String,
    /// The file, which the lab removes when it ends.
    pub path: PathBuf,
}

/// The files of a lab.
#[derive(Debug, Default)]
pub(crate) struct TokenFiles {
    pub each: Vec<FederatedToken>,
    /// Removes the files when the lab is dropped.
    _dir: Option<TempDir>,
}

/// The claims by which a federated credential knows a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presented<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub audience: &'a str,
}

impl TokenFiles {
    /// Writes a token for each federated credential of the world.
    pub(crate) fn write(context: &Context) -> io::Result<Self> {
        let all = context.world.principals.iter().flat_map(|principal| {
            principal.sign_in.federated.iter().map(move |credential| (principal, credential))
        });
        let all: Vec<_> = all.collect();
        if all.is_empty() {
            return Ok(Self::default());
        }
        let dir = TempDir::with_prefix("lab-federated-")?;
        let file = |(index, (principal, credential)): (usize, &(&Principal, &FederatedCredential))| {
            let FederatedCredential { issuer, subject, audience, name } = credential;
            let token = token(&context.outside, Presented { issuer, subject, audience }, LIFETIME);
            // A label may hold anything, so it is no file name.
            let path = dir.path().join(format!("{index}.jwt"));
            write(&path, &token.map_err(io::Error::other)?)?;
            Ok(FederatedToken { principal: principal.name.clone(), credential: name.clone(), path })
        };
        let each = all.iter().enumerate().map(file).collect::<io::Result<_>>()?;
        Ok(Self { each, _dir: Some(dir) })
    }
}

/// Returns a token that expires so many seconds from now.
pub(crate) fn token(key: &SigningKey, claims: Presented<'_>, expires_in: i64) -> Result<String, KeyError> {
    let now = clock::seconds();
    key.sign(&json!({
        "iss": claims.issuer,
        "sub": claims.subject,
        "aud": claims.audience,
        "jti": Uuid::new_v4(),
        "iat": now.min(now + expires_in),
        "nbf": now.min(now + expires_in),
        "exp": now + expires_in,
    }))
}

fn write(path: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(token.as_bytes())
}
