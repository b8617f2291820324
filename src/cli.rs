//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::commands;

/// Declarative runbooks for Azure Arc-enabled servers.
///
/// A runbook is a directory with `*.runbook.hcl` files. Long options take one dash or two.
#[derive(Parser)]
#[command(
    name = "arcbook",
    bin_name = "arcbook",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// The options of every command.
#[derive(Args, Clone)]
pub struct Common {
    /// Print JSON for tools, one object per line.
    #[arg(long, global = true)]
    pub json: bool,
    /// Disable colored output.
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Write a first runbook into an empty directory.
    Init(commands::init::Arguments),
    /// Check a runbook, without network access.
    Validate(commands::validate::Arguments),
    /// Format files in Terraform's style.
    Fmt(commands::fmt::Arguments),
    /// Show the changes that a run would make, without network access.
    Plan(commands::plan::Arguments),
    /// Compare two runbooks, revisions or plans by their meaning, without network access.
    Diff(commands::diff::Arguments),
    /// Report the permissions that a runbook needs, and roles that grant them, without network access.
    Permissions(commands::permissions::Arguments),
    /// Run a runbook.
    #[command(visible_alias = "apply")]
    Run(commands::run::Arguments),
    /// Evaluate expressions in the scope of a runbook or of a past run.
    Console(commands::console::Arguments),
    /// Remove the objects that a run created.
    Undo(commands::undo::Arguments),
    /// Print the dependency graph of the steps.
    Graph(commands::graph::Arguments),
    /// Examine a runbook by rules about rights, secrets, data and programs, without network access.
    Audit(commands::audit::Arguments),
    /// Check this machine, its network and its identity for a runbook, without changing anything.
    Doctor(commands::doctor::Arguments),
    /// Write a runbook as a script of curl and jq commands.
    Export(commands::export::Arguments),
    /// Serve a local Azure: HIMDS, IMDS, Entra, ARM, Key Vault and Blob.
    Lab(commands::lab::Arguments),
    /// Describe a step type, a block or a function, with an example.
    Explain(commands::explain::Arguments),
    /// Print a token of this machine's identity.
    Token(commands::token::Arguments),
    /// Print the outputs of a recorded run.
    Output(commands::output::Arguments),
    /// List the recorded runs, or remove old records.
    Runs(commands::runs::Arguments),
    /// Show the record of a run, or a plan file.
    Show(commands::show::Arguments),
    /// Write a report of a run, a plan or a runbook: HTML, Markdown or JUnit.
    Report(commands::report::Arguments),
    /// Verify that records are complete and unmodified, and that none is missing.
    Verify(commands::verify::Arguments),
    /// Print a shell completion script.
    Completions(commands::completions::Arguments),
    /// Do what azcmagent does, on the agent that a lab plays.
    #[command(name = crate::embedded::AZCMAGENT, hide = true)]
    Azcmagent(commands::azcmagent::Arguments),
    /// Complete a word, for the scripts of the shells.
    #[command(name = "__complete", hide = true)]
    Complete(commands::completions::WordsArguments),
}
