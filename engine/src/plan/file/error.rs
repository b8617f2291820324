//! Errors of reading a plan file.

use crate::diagnostic::Diagnostic;

/// The reason why a file cannot be used as a plan file.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The file exceeds the size limit. Name another file.
    #[error("it is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// The file is truncated. Copy it again.
    #[error("its end is missing")]
    CutOff,
    /// The file is not JSON. Name another file.
    #[error("it is not JSON: {0}")]
    Syntax(serde_json::Error),
    /// The file is JSON, but not a plan. Name another file.
    #[error("it is JSON, but no plan of arcbook")]
    Other,
    /// The file has a format that this version does not read. Make the plan anew, or use the version that
    /// made it.
    #[error(
        "it has format {format}, made by arcbook {version}; this version reads format {}",
        super::plan_file::FORMAT
    )]
    Format {
        /// The format number.
        format: String,
        /// The version that made the file.
        version: String,
    },
    /// A part of the file does not match the format. Make the plan anew.
    #[error("{0}")]
    Invalid(String),
    /// Something other than arcbook wrote or changed the file. Make the plan anew.
    #[error("it is not as arcbook wrote it: somebody laid it out anew, or edited it")]
    Edited,
}

impl From<PlanFileError> for Diagnostic {
    fn from(error: PlanFileError) -> Self {
        let help = match &error {
            PlanFileError::CutOff => "copy the whole file, or make it anew: `arcbook plan -out FILE`",
            PlanFileError::TooLarge(_) | PlanFileError::Syntax(_) | PlanFileError::Other => {
                "name a file that `arcbook plan -out FILE` wrote, or a runbook"
            }
            PlanFileError::Format { .. } => {
                "use the version of arcbook that made it, or make it anew: `arcbook plan -out FILE`"
            }
            PlanFileError::Invalid(_) | PlanFileError::Edited => {
                "make it anew: `arcbook plan -out FILE`; keep a formatted copy in another file"
            }
        };
        Self::error("invalid-plan", "the plan file cannot be used").detail(error.to_string()).help(help)
    }
}
