//! Runbooks of one shape and any size, and the same for Terraform.

use std::fmt::Write as _;

use clap::ValueEnum;

/// How the steps of a runbook hang together.
#[derive(Clone, Copy, ValueEnum)]
pub enum Shape {
    /// Not at all.
    Independent,
    /// Each on the one before.
    Chain,
    /// One block with an instance for each key.
    ForEach,
    /// In layers of ten, each step on all of the layer before.
    Layered,
}

const LAYER: usize = 10;

impl Shape {
    /// As the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Chain => "chain",
            Self::ForEach => "for_each",
            Self::Layered => "layered",
        }
    }

    /// The text of one with so many steps; `header` and `address` are how the language writes those of a step.
    pub fn text(self, count: usize, header: &str, address: &str) -> String {
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
                // The length, so that what is passed on stays as large as it is.
                step(format!("s{n}"), format!("length([{}])", all.join(", ")));
            }),
        }
        text
    }

    /// As a runbook.
    pub fn runbook(self, count: usize) -> String {
        self.text(count, "step \"echo\"", "step.echo")
    }

    /// As a Terraform configuration.
    pub fn terraform(self, count: usize) -> String {
        self.text(count, "resource \"terraform_data\"", "terraform_data")
    }
}
