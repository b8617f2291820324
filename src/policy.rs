//! The policies of an organisation that are asked about a plan.

use std::path::PathBuf;

use arcbook_engine::plan;
use arcbook_engine::policy::{Answers, Policies, PolicyFile, runbook_json};
use arcbook_engine::redact::{Redact as _, Secrets};
use arcbook_engine::runbook::SecretPlaces;
use arcbook_engine::source::{SourceFile, Span};
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
        let asked = self.asked(loaded, platform).map_err(|rejected| {
            screen.diagnostics(&rejected.diagnostics, &rejected.sources);
            Exit::Wrong
        })?;
        let Some((answers, policies)) = asked else { return Ok(Vec::new()) };
        let found = answers.diagnostics();
        screen.diagnostics(&found, &loaded.sources);
        if found.has_errors() { Err(Exit::Wrong) } else { Ok(policies.asked(&answers)) }
    }

    /// Returns the answers of the policies with their places, and the files that were asked; none without the option.
    pub fn ask(
        &self,
        loaded: &mut Loaded,
        platform: &dyn Platform,
    ) -> Result<(Answers, Vec<PolicyFile>), Rejected> {
        let Some((mut answers, policies)) = self.asked(loaded, platform)? else {
            return Ok(Default::default());
        };
        for (package, path, text) in policies.texts() {
            let line = text.lines().find(|line| line.trim_start().starts_with("package"));
            let at = line.map_or(0, |line| line.as_ptr() as usize - text.as_ptr() as usize);
            let end = at + line.map_or(0, str::len);
            let file = loaded.sources.add(SourceFile::new(path, text.to_owned()));
            answers.places.entry(package.to_owned()).or_insert(Span::new(file, at..end));
        }
        let asked = policies.asked(&answers);
        Ok((answers, asked))
    }

    fn asked(
        &self,
        loaded: &Loaded,
        platform: &dyn Platform,
    ) -> Result<Option<(Answers, Policies)>, Rejected> {
        let Some(directory) = &self.policy else { return Ok(None) };
        let policies = Policies::load(directory)?;
        let (plan, runbook) = input(loaded, platform);
        let mut answers = policies.ask(&plan, &runbook)?;
        // A message may quote the runbook.
        let secrets = Secrets::new();
        plan::register_plan_secrets(&secrets, &loaded.plan);
        SecretPlaces::of(&loaded.runbook).texts().for_each(|text| secrets.add(text));
        for said in answers.deny.iter_mut().chain(&mut answers.warn) {
            said.message.redact(&secrets);
            said.address.iter_mut().for_each(|address| address.redact(&secrets));
        }
        Ok(Some((answers, policies)))
    }
}

/// Returns the input of policies: the plan and the runbook.
///
/// Sensitive values are hidden by their marks, and no text is searched for: a policy must see the words that a runbook
/// makes sensitive elsewhere. In the runbook as it is written, secrets are hidden by their places. What policies say is printed without the secrets that are known.
pub fn input(loaded: &Loaded, platform: &dyn Platform) -> (Json, Json) {
    let Loaded { runbook, plan, sources, .. } = loaded;
    let plan = plan::to_json(plan, runbook, platform, &Secrets::new());
    (plan, runbook_json(runbook, sources, &SecretPlaces::of(runbook)))
}
