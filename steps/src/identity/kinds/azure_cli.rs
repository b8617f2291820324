//! The kind of identity `azure_cli`.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, Arguments, Audience, Process, Safety, StepError, Text, Texts,
};
use arcbook_engine::value::{Type, Value};

use super::super::azure_cli::{self, AzureCli as Cli};
use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use crate::entra::Tenant;
use crate::names::argument;

/// Acts as the account that is signed in to the Azure CLI.
///
/// The program `az` runs for each token: `az account get-access-token`. Its output is never shown.
#[derive(Arguments)]
pub(crate) struct AzureCli {
    /// Tenant to get tokens in; without it, that of the account.
    tenant: Option<Arg<Tenant>>,
    /// Subscription, by id or name, whose account is used; without it, the current one.
    subscription: Option<Arg<Subscription>>,
}

/// A subscription of the Azure CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription(String);

impl Subscription {
    fn parse(text: &str) -> Result<Self, String> {
        // A name that begins with a hyphen would be an option of the program.
        let is_good = (1..=128).contains(&text.len())
            && !text.starts_with('-')
            && text.chars().all(|c| c.is_alphanumeric() || " -_.".contains(c));
        is_good.then(|| Self(text.to_owned())).ok_or_else(|| {
            "must be the id of a subscription, or its name: letters, digits, spaces, hyphens, underscores and dots".to_owned()
        })
    }
}

argument!(Subscription);

impl AzureCli {
    fn tenant_text(&self) -> Option<Text> {
        let tenant = self.tenant.as_ref()?;
        Some(Text::new().then_parts(tenant, |Tenant(tenant)| tenant.clone()))
    }

    fn subscription_text(&self) -> Option<Text> {
        let subscription = self.subscription.as_ref()?;
        Some(Text::new().then_arg(subscription, |Subscription(name)| name.clone()))
    }
}

impl Kind for AzureCli {
    const KIND: &'static str = "azure_cli";
    const EXAMPLE: &'static str = r#"identity "azure_cli" "me" {}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.azure_cli.me
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn check(&self, _tools: &Tools) -> Vec<ArgumentError> {
        let is_option = |tenant: &Tenant| tenant.0.starts_with('-');
        let tenant = self.tenant.as_ref().and_then(Arg::value);
        let odd = tenant.filter(|tenant| is_option(tenant));
        let odd = odd.map(|_| ArgumentError::new("tenant", "must not begin with a hyphen"));
        let secrets = [
            ("tenant", self.tenant.as_ref().is_some_and(Arg::is_sensitive)),
            ("subscription", self.subscription.as_ref().is_some_and(Arg::is_sensitive)),
        ];
        let secrets = secrets.into_iter().filter(|(_, is_secret)| *is_secret);
        let secrets = secrets.map(|(name, _)| {
            let why = "must not be sensitive, since every user of this machine sees the arguments of `az`";
            ArgumentError::new(name, why)
        });
        odd.into_iter().chain(secrets).collect()
    }

    fn actions(&self, tools: &Tools, audience: &Audience) -> Vec<Action> {
        let argv = azure_cli::argv(audience, self.tenant_text(), self.subscription_text());
        let names = azure_cli::variables(&tools.environment);
        let process = Process {
            argv: Texts::Known(argv),
            environment: Texts::Known(names.into_iter().map(Text::from).collect()),
            directory: Some(Text::from(azure_cli::directory(&tools.environment).display().to_string())),
            of_lab: false,
        };
        vec![Action::exec(process, Safety::Reads)]
    }

    fn describe(&self, _tools: &Tools) -> String {
        let in_tenant = self.tenant_text().map(|tenant| format!(" in the tenant {tenant}"));
        let subscription = self.subscription_text().map(|name| format!(" for the subscription {name}"));
        format!(
            "the account that is signed in to the Azure CLI{}{}",
            subscription.unwrap_or_default(),
            in_tenant.unwrap_or_default()
        )
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let tenant = self.tenant.as_ref().map(Arg::get).transpose()?;
        let subscription = self.subscription.as_ref().map(Arg::get).transpose()?;
        Ok(Source::AzureCli(Cli {
            tenant: tenant.map(|Tenant(tenant)| tenant.clone()),
            subscription: subscription.map(|Subscription(name)| name.clone()),
            environment: tools.environment.clone(),
            reaper: Arc::clone(&tools.reaper),
        }))
    }
}
