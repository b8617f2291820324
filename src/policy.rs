//! The policies of an organisation that are asked about a plan.

use std::path::PathBuf;

use arcbook_engine::plan;
use arcbook_engine::policy::{Answers, Policies, PolicyFile, runbook_json};
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
        let (answers, files) = self.ask(loaded, platform, screen).map_err(|rejected| {
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
        screen: &Screen,
    ) -> Result<(Answers, Vec<PolicyFile>), Rejected> {
        let Some(directory) = &self.policy else { return Ok(Default::default()) };
        let policies = Policies::load(directory)?;
        let (plan, runbook) = input(loaded, platform, screen);
        let answers = policies.ask(&plan, &runbook)?;
        let asked = policies.asked(&answers);
        Ok((answers, asked))
    }
}

/// Returns the input of policies: the plan and the runbook.
pub fn input(loaded: &Loaded, platform: &dyn Platform, screen: &Screen) -> (Json, Json) {
    let Loaded { runbook, plan, sources, .. } = loaded;
    let plan = plan::to_json(plan, runbook, platform, screen.secrets());
    (plan, runbook_json(runbook, sources))
}
