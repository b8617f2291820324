//! What can be typed.

use clap::{Args, Parser, Subcommand};

use crate::commands;

/// Declarative runbooks for Azure Arc-enabled servers.
///
/// A runbook is a directory with `*.runbook.hcl` files. Long options take one dash or two.
#[derive(Parser)]
#[command(name = "arcbook", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub common: Common,
}

/// Options that every command takes.
#[derive(Args, Clone)]
pub struct Common {
    /// Write JSON for tools, one object a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// Write no colours.
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Check a runbook; nothing is asked of the network.
    Validate(commands::validate::Arguments),
    /// Lay out files as Terraform does.
    Fmt(commands::fmt::Arguments),
    /// Show what a run would do; nothing is asked of the network.
    Plan(commands::plan::Arguments),
    /// Do what a runbook says.
    #[command(visible_alias = "apply")]
    Run(commands::run::Arguments),
    /// Evaluate expressions with the names of a runbook or of a past run.
    Console(commands::console::Arguments),
    /// Remove again what a run created.
    Undo(commands::undo::Arguments),
    /// Draw who waits for whom.
    Graph(commands::graph::Arguments),
    /// Serve a local Azure: HIMDS, ARM, Key Vault and Blob.
    Lab(commands::lab::Arguments),
    /// Tell what a step type takes and gives, or what a function does.
    Explain(commands::explain::Arguments),
    /// Print a token of this machine's identity.
    Token(commands::token::Arguments),
    /// List the runs that were recorded.
    Runs(commands::runs::Arguments),
    /// Show the record of a run, or a plan file.
    Show(commands::show::Arguments),
    /// Check that the record of a run is whole and unchanged.
    Verify(commands::verify::Arguments),
    /// Print what makes a shell complete the names of commands and options.
    Completions(commands::completions::Arguments),
}
