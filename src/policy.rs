//! The policies of an organisation that are asked about a plan.

use std::path::PathBuf;

use arcbook_engine::plan;
use arcbook_engine::policy::{Answers, Policies, PolicyFile, runbook_json};
use arcbook_engine::redact::{Redact as _, Secrets};
use arcbook_engine::step::Platform;
use clap::Args;
use serde_json::Value as Json;

use crate::exit::Exit;
use crate::loaded::{Loaded, Rejected};
use crate::screen::Screen;

/// The option for policies.
#[derive(Args)]
pub struct PolicyArguments {
    /// Ask the policies of a directory, files `*.rego`: what one denies is refused.
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
}

impl PolicyArguments {
    /// Asks the policies about the plan; returns the files that were asked. It fails if a policy denies the run, or cannot be
    /// evaluated.
    pub fn check(
        &self,
        loaded: &Loaded,
        platform: &dyn Platform,
        screen: &Screen,
    ) -> Result<Vec<PolicyFile>, Exit> {
        let (answers, files) = self.ask(loaded, platform).map_err(|rejected| {
            screen.diagnostics(&rejected.diagnostics, &rejected.sources);
            Exit::Wrong
        })?;
        let found = answers.diagnostics();
        screen.diagnostics(&found, &loaded.sources);
        if found.has_errors() { Err(Exit::Wrong) } else { Ok(files) }
    }

    /// Returns the answers of the policies, and the files that were asked; none without the option.
    pub fn ask(
        &self,
        loaded: &Loaded,
        platform: &dyn Platform,
    ) -> Result<(Answers, Vec<PolicyFile>), Rejected> {
        let Some(directory) = &self.policy else { return Ok(Default::default()) };
        let policies = Policies::load(directory)?;
        let (plan, runbook) = input(loaded, platform);
        let mut answers = policies.ask(&plan, &runbook)?;
        // A message may quote the runbook.
        let secrets = Secrets::new();
        plan::register_plan_secrets(&secrets, &loaded.plan);
        answers.deny.iter_mut().chain(&mut answers.warn).for_each(|said| said.message.redact(&secrets));
        let asked = policies.asked(&answers);
        Ok((answers, asked))
    }
}

/// Returns the input of policies: the plan and the runbook.
///
/// Sensitive values are hidden by their marks, and no text is searched for: a policy must see the words that a runbook
/// makes sensitive elsewhere. What policies say is printed without the secrets that are known.
pub fn input(loaded: &Loaded, platform: &dyn Platform) -> (Json, Json) {
    let Loaded { runbook, plan, sources, .. } = loaded;
    let plan = plan::to_json(plan, runbook, platform, &Secrets::new());
    (plan, runbook_json(runbook, sources))
}
