//! Writes plan files, and compares new plans with them.

use std::io::{self, Write};
use std::path::Path;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::plan::Plan;
use arcbook_engine::plan::file::{Bound, Made, PlanFile, PlanFileInput};
use arcbook_engine::redact::{Salt, Secrets};
use arcbook_engine::source::relative;
use arcbook_engine::step::Platform;

use crate::VERSION;
use crate::for_machine::ForMachine;
use crate::loaded::Loaded;
use crate::replace::{may_be_written, write_private};
use crate::saved::SavedPlan;
use crate::{actor, bound};

/// The prefix of the plan files that this program writes.
const LIKE: &str = "{\"arcbook\":";

/// A plan, and everything else that its file contains.
pub struct PlanOf<'a> {
    pub plan: &'a Plan,
    pub loaded: &'a Loaded,
    pub platform: &'a dyn Platform,
    pub secrets: &'a Secrets,
}

impl<'a> PlanOf<'a> {
    /// Returns the file of this plan if it matches the saved one, else their differences.
    pub fn again(&self, saved: &SavedPlan) -> Result<PlanFile, Diagnostics> {
        let file = &saved.file;
        let named = bound::machine(file.bound()).map(|machine| ForMachine::new(self.platform, machine));
        let platform: &dyn Platform = named.as_ref().map_or(self.platform, |named| named);
        let (made, bound) = (file.made().clone(), file.bound().clone());
        let input = self.input(file.path().to_owned(), made, bound);
        let now = PlanFile::of(&PlanFileInput { salt: file.salt(), platform, earlier: Some(file), ..input });
        file.differences(&now, &saved.remedy()).or(now)
    }

    fn input(&self, path: String, made: Made, bound: Bound) -> PlanFileInput<'a> {
        let Self { plan, loaded, platform, secrets } = *self;
        PlanFileInput {
            plan,
            runbook: &loaded.runbook,
            sources: &loaded.sources,
            values: &loaded.values,
            platform,
            secrets,
            version: VERSION,
            path,
            salt: Salt::random(),
            earlier: None,
            made,
            bound,
        }
    }
}

/// Writes the plan of the runbook at `runbook` to a file at `path`, for the machine and the principal in
/// `bound`; only an existing plan file is overwritten.
pub fn save(
    path: &Path,
    runbook: &Path,
    made: &PlanOf<'_>,
    bound: Bound,
) -> Result<PlanFile, Box<Diagnostic>> {
    let not_written = |error: io::Error| {
        Diagnostic::error("file-not-written", format!("the plan cannot be written to {}", path.display()))
            .detail(format!("{error}."))
            .help("name a file in a writable directory")
    };
    if !may_be_written(path, LIKE).map_err(not_written)? {
        let summary = format!("{} already exists and is not a plan file", path.display());
        return Err(Diagnostic::error("not-a-plan", summary)
            .help("name another file, or remove that one first")
            .into());
    }
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let [directory, runbook] =
        [directory.unwrap_or(Path::new(".")), runbook].map(arcbook_os::path::canonicalize);
    let way = relative(&directory.map_err(not_written)?, &runbook.map_err(not_written)?);
    let file = PlanFile::of(&made.input(way, Made::now(actor::of_process()), bound));
    write_private(path, |out| out.write_all(file.text().as_bytes())).map_err(not_written)?;
    Ok(file)
}
