//! Defines in-toto Statements.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::AttestError;
use crate::plan::file::canonical;

/// The type of a statement, version 1.
const TYPE: &str = "https://in-toto.io/Statement/v1";

/// A statement about a file (<https://in-toto.io/Statement/v1>).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    /// The content.
    pub predicate: P,
}

/// A file by its name and its digest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Digests,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digests {
    sha256: String,
}

/// The members that say whether a statement is of the expected kind.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

impl<P: Serialize + DeserializeOwned> Statement<P> {
    /// Returns the statement about a file as JSON.
    pub fn write(name: &str, sha256: &str, predicate_type: &str, predicate: P) -> String {
        let digest = Digests { sha256: sha256.to_owned() };
        let statement = Self {
            kind: TYPE.to_owned(),
            subject: vec![Subject { name: name.to_owned(), digest }],
            predicate_type: predicate_type.to_owned(),
            predicate,
        };
        // Serialization cannot fail: a predicate holds strings, numbers and lists.
        canonical(&serde_json::to_value(&statement).unwrap_or_default())
    }

    /// Reads the statement of that kind about the file with that digest.
    pub fn read(bytes: &[u8], predicate_type: &str, sha256: &str) -> Result<Self, AttestError> {
        let malformed = |error: serde_json::Error| AttestError::Statement(error.to_string());
        let head: Head = serde_json::from_slice(bytes).map_err(malformed)?;
        if head.kind != TYPE || head.predicate_type != predicate_type {
            let kind = if head.kind == TYPE { head.predicate_type } else { head.kind };
            return Err(AttestError::Kind(kind));
        }
        let statement: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        let signed = match statement.subject.as_slice() {
            [one] => one.digest.sha256.clone(),
            _ => return Err(AttestError::Statement("it is not about exactly one file".to_owned())),
        };
        if signed == sha256 {
            Ok(statement)
        } else {
            Err(AttestError::Digest { signed, found: sha256.to_owned() })
        }
    }
}
