//! `arcbook permissions`.

use std::path::PathBuf;
use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::permissions::{Explanation, Needs, PermissionReport, explain, page};
use arcbook_engine::step::{Permission, few};
use arcbook_steps::roles::{CustomRole, CustomRoleError, built_in};
use arcbook_steps::{Azure, registry};
use serde_json::json;

use super::permissions_check::{self, Checked};
use super::{block_on, failed, wrong};
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::for_machine::ForMachine;
use crate::loaded::{Rejected, RunbookArguments};
use crate::revision::RevisionArguments;
use crate::role_file;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::selection::SelectionArguments;

#[derive(clap::Args)]
#[command(mut_arg("lab", |lab| lab.requires("check")))]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    revision: RevisionArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Say which requests of which steps need a permission, such as `Microsoft.KeyVault/vaults/read`; `*` stands for
    /// any characters.
    #[arg(long, value_name = "ACTION", conflicts_with = "markdown")]
    explain: Option<String>,
    /// Suggest the roles in a file that `az role definition list -o json` has written, in place of the built-in table.
    #[arg(long, value_name = "FILE")]
    roles: Option<PathBuf>,
    /// Print a custom role with exactly these permissions, as `az role definition create` takes it.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["markdown", "explain", "roles"])]
    custom_role: Option<String>,
    /// Make the custom role for this identity, such as `identity.managed.own` or `machine`, if several act.
    #[arg(long, value_name = "ADDRESS", requires = "custom_role")]
    identity: Option<String>,
    /// Let the custom role be assignable at this scope, such as `/subscriptions/ID/resourceGroups/NAME`; may be repeated.
    #[arg(long, value_name = "SCOPE", requires = "custom_role")]
    assignable_scope: Vec<String>,
    /// Print a Markdown document.
    #[arg(long)]
    markdown: bool,
    /// Ask Azure, as each identity itself, whether it holds these permissions; nothing is changed.
    #[arg(long, conflicts_with_all = ["markdown", "explain", "roles", "custom_role", "revision"])]
    check: bool,
    /// Run the read-only steps first, so that the scopes that they find are known.
    #[arg(long, requires = "check")]
    live: bool,
    #[command(flatten)]
    lab: LabArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    if arguments.check {
        let Arguments { runbook, selection, lab, live, .. } = arguments;
        let checked = Checked { runbook, selection, lab, live: *live };
        return match block_on(permissions_check::perform(&checked, screen)) {
            Ok(exit) => exit,
            Err(diagnostic) => failed(screen, diagnostic),
        };
    }
    let made = super::with_azure(screen, |azure| {
        let table = arguments.roles.as_deref().map(role_file::read).transpose()?;
        let needs = arguments.needs(azure, screen)?;
        let roles = table.as_ref().unwrap_or(built_in());
        let report = PermissionReport::of(&needs, roles);
        Ok((needs, report))
    });
    let (needs, report) = match made {
        Ok(made) => made,
        Err(rejected) => return rejected.tell(screen),
    };
    // Redaction comes before everything that may cut a text.
    let report = screen.secrets().redacted(&report);
    match (&arguments.explain, &arguments.custom_role) {
        (Some(action), _) => explained(&report, action, screen),
        (None, Some(name)) => arguments.custom_role(name, &needs, screen),
        (None, None) => arguments.show(&report, screen),
    }
}

impl Arguments {
    /// Returns the needs of a runbook, or of a plan file.
    fn needs(&self, azure: &Arc<Azure>, screen: &Screen) -> Result<Needs, Rejected> {
        let platform = ForMachine::any(&**azure);
        if let Some(saved) = SavedPlan::open(&self.runbook.path)? {
            return Ok(Needs::of_listing(saved.file.listing(), &platform));
        }
        let mut loaded = self.revision.load_for_review(&self.runbook, &registry(azure), screen)?;
        self.selection.select(&mut loaded)?;
        screen.diagnostics(&loaded.warnings, &loaded.sources);
        // No run follows the plan, but what it would need is known.
        let refused = loaded.refused.iter().cloned().map(Diagnostic::into_warning).collect();
        screen.diagnostics(&refused, &loaded.sources);
        Ok(Needs::of_plan(&loaded.plan, &loaded.runbook.name, &loaded.sources, &platform))
    }

    fn show(&self, report: &PermissionReport, screen: &Screen) -> Exit {
        if screen.json {
            screen.clean_object(&serde_json::to_value(report).unwrap_or_default());
        } else if self.markdown {
            screen.print(&page(report, screen.page_style()).markdown());
        } else {
            screen.page(&page(report, screen.page_style()).finish());
        }
        Exit::Done
    }

    /// Prints the custom role of an identity.
    fn custom_role(&self, name: &str, needs: &Needs, screen: &Screen) -> Exit {
        let address = match self.bearer(needs) {
            Ok(address) => address,
            Err(diagnostic) => return wrong(screen, *diagnostic),
        };
        let own = needs.permissions.iter().filter(|need| need.acts_as == address);
        let own: Vec<Permission> = own.map(|need| need.permission.clone()).collect();
        let description = format!("The permissions that the runbook {} needs as {address}.", needs.runbook);
        match CustomRole::new(name, &description, &own, &self.assignable_scope) {
            Ok(role) => {
                for action in role.wide() {
                    screen.note(&format!(
                        "note: {action} is wide, because the runbook does not name the type of the resource"
                    ));
                }
                Self::warn_of_open(needs, address, screen);
                let text = serde_json::to_string_pretty(&role.to_json()).unwrap_or_default();
                screen.print_exactly(&format!("{text}\n"));
                Exit::Done
            }
            Err(error) => wrong(screen, told(&error)),
        }
    }

    /// Warns that a custom role is not the whole need of the identity at this address, if that uses tokens whose permissions
    /// nobody can list, or programs act.
    fn warn_of_open(needs: &Needs, address: &str, screen: &Screen) {
        let own = needs.tokens.iter().filter(|token| token.acts_as == address);
        let tokens = own.map(|token| format!("a token for {} ({})", token.audience, token.step));
        let programs = needs.programs.iter().map(|step| format!("a program ({step})"));
        let mut open: Vec<String> = tokens.chain(programs).collect();
        open.dedup();
        if open.is_empty() {
            return;
        }
        let summary = format!("the role may not be all that {address} needs");
        let found = Diagnostic::warning("role-not-whole", summary)
            .detail(format!("Nobody can list what these may use: {}.", few(&open)));
        screen.diagnostic(found.help("`arcbook permissions` says where they go"));
    }

    /// Returns the address of the identity that the custom role is for.
    fn bearer<'a>(&'a self, needs: &'a Needs) -> Result<&'a str, Box<Diagnostic>> {
        let addresses: Vec<&str> = needs.actors.iter().map(|actor| actor.address.as_str()).collect();
        match (self.identity.as_deref(), addresses.as_slice()) {
            (Some(named), all) if all.contains(&named) => Ok(named),
            (None, [only]) => Ok(only),
            (None, []) => Err(told(&CustomRoleError::Nothing).into()),
            (named, all) => {
                let summary = match named {
                    Some(named) => format!("no step acts as `{named}`"),
                    None => "several identities act, and a role is for one of them".to_owned(),
                };
                let help = format!("name one with `-identity`: {}", all.join(", "));
                Err(Diagnostic::error("invalid-option", summary).help(help).into())
            }
        }
    }
}

fn told(error: &CustomRoleError) -> Diagnostic {
    let found = Diagnostic::error("no-custom-role", error.to_string());
    match error {
        CustomRoleError::Scopes(_) => found.help(
            "name resource groups or subscriptions that contain them: `-assignable-scope /subscriptions/ID/resourceGroups/NAME`",
        ),
        CustomRoleError::Scope(_) => {
            found.help("name a resource group, a subscription or a management group by its id")
        }
        CustomRoleError::Unknown(_) => {
            found.help("give the variables on which the type of the resource depends, with `-var`")
        }
        CustomRoleError::DataInGroup | CustomRoleError::Groups | CustomRoleError::TooMany(_) => {
            found.help("name other scopes with `-assignable-scope`, such as subscriptions")
        }
        CustomRoleError::Nothing => found.help("`arcbook permissions` lists the needs of every identity"),
        CustomRoleError::Name => found.help("name it with `-custom-role NAME`"),
    }
}

fn explained(report: &PermissionReport, action: &str, screen: &Screen) -> Exit {
    match explain(report, action) {
        Ok(found) => {
            if screen.json {
                screen.object(&json!({ "explanations": found }));
            } else {
                screen.page(&Explanation::page(&found, screen.page_style()).finish());
            }
            Exit::Done
        }
        Err(diagnostic) => wrong(screen, *diagnostic),
    }
}
