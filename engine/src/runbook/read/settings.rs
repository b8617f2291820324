//! Reads `runbook { … }`.

use semver::{Version, VersionReq};

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::Runbook;
use crate::runbook::block_type::{BlockType, optional};
use crate::source::Spanned;
use crate::step::{Registry, duration, duration_help};
use crate::syntax::Block;

use super::fields::{Fields, labels};
use super::identity::IDENTITY;
use super::{limits, record};

/// The version of arcbook that `requires` is checked against.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub const BLOCK: BlockType = BlockType {
    name: "runbook",
    labels: &[],
    within: &[],
    docs: "Settings of the whole runbook; at most one in all its files.",
    arguments: &[
        optional("description", "text", "The purpose of the runbook."),
        optional(
            "requires",
            "version constraint",
            "The versions of arcbook that may run it, such as \">= 0.1, < 0.3\".",
        ),
        optional(
            "timeout",
            "duration",
            "The longest a run may take, such as \"30m\"; cleanup is done even then.",
        ),
        optional(
            "on_failure",
            "\"stop\" or \"undo\"",
            "Decides whether a failed run keeps or removes the resources that it created.",
        )
        .or("\"stop\""),
        optional(
            "limits",
            "object of numbers",
            "Limits that steps share: at most this many of the steps with `limit = \"name\"` run at once.",
        ),
        IDENTITY,
    ],
    blocks: &["record"],
    further: None,
    example: r#"runbook {
  description = "Reads the inventory of the site."
  requires    = ">= 0.1"
  timeout     = "30m"
  on_failure  = "undo"
  limits      = { lists = 2 }
}

step "metadata" "machine" {}

step "arm_list" "inventory" {
  for_each      = toset(["Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts"])
  limit         = "lists"
  scope         = step.metadata.machine.resource_group_id
  resource_type = each.key
}

output "numbers" {
  value = { for type, list in step.arm_list.inventory : type => length(list.items) }
}
"#,
};

pub fn read(runbook: &mut Runbook, block: &Block, registry: &Registry, found: &mut Diagnostics) {
    if labels(block, [], found).is_none() {
        return;
    }
    if let Some(earlier) = runbook.settings.header.replace(block.header) {
        found.push(
            Diagnostic::error("duplicate-name", "there are two `runbook` blocks")
                .marked(block.header, "again here")
                .also(earlier, "first here")
                .help("merge them into one"),
        );
    }
    let mut fields =
        Fields::new(&block.body, "a `runbook` block", (&BLOCK.argument_names(), BLOCK.blocks), found);
    let description = fields.text("description");
    let requires = fields.text("requires");
    for inner in block.body.blocks_of("record") {
        let record = record::read(inner, registry, fields.found());
        if let Some(earlier) = runbook.settings.record.as_ref().filter(|_| record.is_some()) {
            fields.found().push(
                Diagnostic::error("duplicate-name", "there are two `record` blocks")
                    .marked(inner.header, "again here")
                    .also(earlier.header, "first here")
                    .help("keep one of them"),
            );
        } else {
            runbook.settings.record = record;
        }
    }
    let timeout = fields.text("timeout");
    let on_failure = fields.text("on_failure");
    runbook.settings.identity = fields.identity("identity");
    let limits = fields.attribute("limits").map(|attribute| &attribute.expression);
    if let Some(limits) = limits {
        runbook.settings.limits = limits::read(limits, fields.found());
    }
    runbook.settings.description = description.map(|text| text.value);
    runbook.settings.undoes_failures = on_failure.as_ref().is_some_and(|word| word.value == "undo");
    found.extend(on_failure.filter(|word| !matches!(word.value.as_str(), "undo" | "stop")).map(|word| {
        Diagnostic::error("invalid-argument", format!("`on_failure` cannot be `{}`", word.value))
            .at(word.span, "not one of its words")
            .maybe_help(did_you_mean(&word.value, ["stop", "undo"]))
            .help("`stop` keeps the created resources; `undo` removes them")
    }));
    found.extend(requires.and_then(|constraint| unmet(&constraint)));
    if let Some(timeout) = timeout {
        runbook.settings.timeout = duration(&timeout.value);
        if runbook.settings.timeout.is_none() {
            found.push(
                Diagnostic::error("invalid-argument", "`timeout` is not a duration")
                    .at(timeout.span, "cannot be read")
                    .help(duration_help(&timeout.value)),
            );
        }
    }
}

/// Returns an error if a version constraint is invalid, or does not admit this version.
fn unmet(constraint: &Spanned<String>) -> Option<Diagnostic> {
    let text = &constraint.value;
    let Some(required) = requirement(text) else {
        return Some(
            Diagnostic::error("invalid-version", format!("`{text}` is not a version constraint"))
                .at(constraint.span, "cannot be read")
                .help("write it as `>= 0.1`, `~> 0.1` or `>= 0.1, < 0.3`"),
        );
    };
    let this = Version::parse(VERSION).ok()?;
    (!required.matches(&this)).then(|| {
        Diagnostic::error(
            "wrong-version",
            format!("this runbook needs arcbook {text}; this is arcbook {VERSION}"),
        )
        .at(constraint.span, "not satisfied")
        .help("install a version that satisfies it, or change the constraint")
    })
}

/// Parses a constraint in Terraform's syntax: `~> 1.2` admits all of 1 from 1.2, `~> 1.2.3` all of 1.2 from
/// 1.2.3.
fn requirement(text: &str) -> Option<VersionReq> {
    let parts = text.split(',').map(|part| match part.trim().strip_prefix("~>") {
        Some(version) => pessimistic(version.trim()),
        None => Some(part.trim().to_owned()),
    });
    VersionReq::parse(&parts.collect::<Option<Vec<_>>>()?.join(", ")).ok()
}

fn pessimistic(version: &str) -> Option<String> {
    let numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    let (_, kept) = numbers.split_last()?;
    let (last, front) = kept.split_last()?;
    let next: Vec<_> = front.iter().chain([&(last + 1)]).map(ToString::to_string).collect();
    Some(format!(">={version}, <{}", next.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_mean_what_they_mean_in_terraform() {
        let cases = [
            (">= 0.1", "0.1.0", true),
            (">= 0.1, < 0.2", "0.2.0", false),
            ("~> 1.2", "1.9.0", true),
            ("~> 1.2", "2.0.0", false),
            ("~> 1.2.3", "1.2.9", true),
            ("~> 1.2.3", "1.3.0", false),
            ("= 1.0.0", "1.0.1", false),
        ];
        for (constraint, version, expected) in cases {
            let required = requirement(constraint).expect("readable");
            assert_eq!(
                required.matches(&Version::parse(version).unwrap()),
                expected,
                "{constraint} for {version}"
            );
        }
        assert!(requirement("newest").is_none());
    }
}
