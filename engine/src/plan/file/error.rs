//! Why a file is no plan file.

use crate::diagnostic::Diagnostic;

/// Why a file is no plan file that can be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is larger than any plan. Name another file.
    #[error("it is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// Its end is missing. Copy it again.
    #[error("its end is missing")]
    CutOff,
    /// It is not JSON. Name another file.
    #[error("it is not JSON: {0}")]
    Syntax(serde_json::Error),
    /// It is JSON, but no plan. Name another file.
    #[error("it is JSON, but no plan of arcbook")]
    Other,
    /// It has another form than this version reads. Make it anew, or use the version that made it.
    #[error(
        "it has the form {format}, made by arcbook {version}; this version reads the form {}",
        super::plan_file::FORMAT
    )]
    Format {
        /// The number of the form.
        format: String,
        /// The version that made it.
        version: String,
    },
    /// A part of it is not what a plan has there. Make it anew.
    #[error("{0}")]
    Invalid(String),
    /// It was written by something else than arcbook. Make it anew.
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
                "make it anew: `arcbook plan -out FILE`; keep what is laid out for reading in another file"
            }
        };
        Self::error("invalid-plan", "this is no plan file that can be used")
            .detail(error.to_string())
            .help(help)
    }
}
