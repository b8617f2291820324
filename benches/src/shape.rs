//! Runbooks of a given shape and size, and the equivalent Terraform configurations.

use std::fmt::Write as _;

use clap::ValueEnum;

/// The dependencies among a runbook's steps.
#[derive(Clone, Copy, ValueEnum)]
pub enum Shape {
    /// No dependencies.
    Independent,
    /// Each step depends on the one before.
    Chain,
    /// One block with an instance per key.
    ForEach,
    /// Layers of ten, each step depending on the whole layer before.
    Layered,
}

const LAYER: usize = 10;

impl Shape {
    /// Returns the name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Chain => "chain",
            Self::ForEach => "for_each",
            Self::Layered => "layered",
        }
    }

    /// Writes a configuration of `count` steps; `header` and `address` are the language's syntax for a step.
    fn text(self, count: usize, header: &str, address: &str) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let mut step = |name: String, input: String| {
            let _ = writeln!(text, "{header} \"{name}\" {{\n  input = {input}\n}}\n");
        };
        match self {
            Self::ForEach => {
                let body =
                    "for_each = toset([for n in range(var.many) : tostring(n)])\n  input    = each.key";
                return format!(
                    "variable \"many\" {{\n  default = {count}\n}}\n\n{header} \"s\" {{\n  {body}\n}}\n"
                );
            }
            Self::Independent => (0..count).for_each(|n| step(format!("s{n}"), format!("\"value {n}\""))),
            Self::Chain => (0..count).for_each(|n| {
                let input =
                    if n == 0 { "\"start\"".to_owned() } else { format!("{address}.s{}.output", n - 1) };
                step(format!("s{n}"), input);
            }),
            Self::Layered => (0..count).for_each(|n| {
                let before = (n / LAYER * LAYER).saturating_sub(LAYER)..n / LAYER * LAYER;
                let all: Vec<String> = before.map(|at| format!("{address}.s{at}.output")).collect();
                // Passes the length, so that values do not grow from layer to layer.
                step(format!("s{n}"), format!("length([{}])", all.join(", ")));
            }),
        }
        text
    }

    /// Returns the runbook.
    #[must_use]
    pub fn runbook(self, count: usize) -> String {
        self.text(count, "step \"echo\"", "step.echo")
    }

    /// Returns the Terraform configuration.
    #[must_use]
    pub fn terraform(self, count: usize) -> String {
        self.text(count, "resource \"terraform_data\"", "terraform_data")
    }
}
