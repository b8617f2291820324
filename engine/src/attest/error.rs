//! Errors of signatures.

use crate::diagnostic::Diagnostic;

/// The reason why a signature does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    /// The file of the signature is no envelope. Copy it again, or sign anew.
    #[error("the signature is not a DSSE envelope: {0}")]
    Malformed(String),
    /// The envelope has a payload of another type. Name the signature that arcbook wrote.
    #[error("the signature is about something of the type `{0}`, not an in-toto statement")]
    PayloadType(String),
    /// The payload is not base64. Copy the file again, or sign anew.
    #[error("the payload of the signature is not base64")]
    Encoding,
    /// The envelope has no signature. Sign anew.
    #[error("the envelope has no signature")]
    Unsigned,
    /// No signature is one of the given key. Give the key of the signer; or somebody changed the statement.
    #[error("no signature in it is one of the given key, or what it signs was changed")]
    OtherKey,
    /// The statement has another form. Use the version of arcbook that wrote it.
    #[error("the signed statement is not one of arcbook: {0}")]
    Statement(String),
    /// The statement is about another kind of file. Name the signature of this file.
    #[error("the signed statement is of the kind `{0}`")]
    Kind(String),
    /// The statement is about another file, or this one was changed.
    #[error("it was signed with the digest {signed}, and has {found} now")]
    Digest {
        /// The digest in the statement.
        signed: String,
        /// The digest of the file.
        found: String,
    },
    /// The run was made from a runbook. Name a record of the plan file.
    #[error("it was not made from a plan file")]
    NoPlan,
    /// The run executed another plan file. Name that one.
    #[error("it executed the plan with the sha256 {executed}, and this one has {given}")]
    OtherPlan {
        /// The digest in the record.
        executed: String,
        /// The digest of the file.
        given: String,
    },
    /// The statement and the file disagree. Do not trust either.
    #[error("the signed statement names another {0} than the file")]
    Disagrees(&'static str),
}

impl From<AttestError> for Diagnostic {
    fn from(error: AttestError) -> Self {
        let help = match &error {
            AttestError::Malformed(_) | AttestError::Encoding | AttestError::Unsigned => {
                "copy the whole file again, or sign anew with `-sign KEY`"
            }
            AttestError::OtherKey => "give the public key of whoever signed it",
            AttestError::PayloadType(_) | AttestError::Kind(_) | AttestError::Statement(_) => {
                "name the `.intoto.json` file that arcbook wrote beside this one"
            }
            AttestError::NoPlan => {
                "name the record of a run of the plan file: `arcbook run FILE.plan` makes one"
            }
            AttestError::OtherPlan { .. } => "name the plan file that the run executed",
            AttestError::Digest { .. } | AttestError::Disagrees(_) => {
                "take the file as it was signed; do not trust this one"
            }
        };
        Self::error("signature", "the signature does not hold").detail(format!("{error}.")).help(help)
    }
}
