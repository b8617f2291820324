//! The sources of tokens.

use arcbook_engine::step::{Audience, Context, StepError, Token};

use super::azure_cli::AzureCli;
use super::exchange::Exchange;
use super::given::Given;
use super::vm::Vm;
use crate::entra::Application;

/// A source of tokens of one identity; it has no `Debug`, since it may contain secrets.
pub(crate) enum Source {
    /// The Arc agent of this machine.
    Agent(Exchange),
    /// The metadata service of an Azure virtual machine.
    Vm(Vm),
    /// Microsoft Entra, to which an application proves itself.
    Application(Box<Application>),
    /// The Azure CLI.
    AzureCli(AzureCli),
    /// A token that is there already.
    Given(Given),
}

impl Source {
    /// Requests a token for `audience`, and registers it among the secrets of `context`.
    pub async fn token(self, audience: Audience, context: Context) -> Result<Token, StepError> {
        match self {
            Self::Agent(exchange) => exchange.token(&audience, &context).await,
            Self::Vm(vm) => vm.token(&audience, &context).await,
            Self::Application(application) => application.token(audience, context).await,
            Self::AzureCli(cli) => cli.token(&audience, &context).await,
            Self::Given(given) => given.token(&audience, &context),
        }
    }
}
