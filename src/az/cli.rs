//! The commands of the Azure CLI that arcbook answers, as clients write them.
//!
//! They are those of `AzureCliCredential` in Microsoft's azure-identity for Python, JavaScript, Java, .NET, Go and Rust, and of
//! `AzureCliAuthorizer` in `HashiCorp`'s go-azure-sdk (`sdk/auth/azure_cli_authorizer.go`, `sdk/internal/azurecli/azcli.go`),
//! from which Terraform's `use_cli` gets its tokens.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A command of the Azure CLI. Help would look like success, so there is none.
#[derive(Parser)]
#[command(name = "az", disable_help_flag = true, disable_help_subcommand = true)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The format of the output.
    #[arg(long, short, global = true, value_enum, default_value_t = Output::Json)]
    output: Output,
}

/// The format of an output.
#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// JSON, the only format here.
    Json,
}

/// The commands.
#[derive(Subcommand)]
#[command(disable_help_flag = true, disable_help_subcommand = true)]
pub enum Command {
    /// The account that is signed in: the identity of this machine.
    #[command(subcommand)]
    Account(Account),
    /// The version.
    #[command(disable_help_flag = true)]
    Version,
}

/// The commands about the account.
#[derive(Subcommand)]
#[command(disable_help_flag = true, disable_help_subcommand = true)]
pub enum Account {
    /// Prints a token.
    #[command(disable_help_flag = true)]
    GetAccessToken(GetAccessToken),
    /// Prints the current subscription.
    #[command(disable_help_flag = true)]
    Show,
    /// Prints all subscriptions.
    #[command(disable_help_flag = true)]
    List,
}

/// The arguments of `az account get-access-token`.
#[derive(Args)]
pub struct GetAccessToken {
    /// The audience.
    #[arg(long, conflicts_with = "scope")]
    pub resource: Option<String>,
    /// The audience, with `/.default` after it.
    #[arg(long)]
    pub scope: Option<String>,
    /// The id of the tenant, which must be that of the machine.
    #[arg(long, short, conflicts_with = "subscription")]
    pub tenant: Option<String>,
    /// The id or the name of a subscription, which must be in the tenant of the machine.
    #[arg(long, short)]
    pub subscription: Option<String>,
}
