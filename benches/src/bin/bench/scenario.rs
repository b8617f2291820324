//! What is measured.

use crate::tool::Tool;

/// Contenders for the same thing; the first is what the others are compared with.
pub struct Scenario {
    pub title: &'static str,
    pub contenders: &'static [Contender],
    /// How many milliseconds each request to the lab waits; `None` without a lab.
    pub latency: Option<u64>,
}

/// A tool and what it is told.
pub struct Contender {
    /// As the table calls it.
    pub name: &'static str,
    pub tool: Tool,
    pub arguments: &'static [&'static str],
}

/// Every scenario, in the order of the tables.
pub const SCENARIOS: [Scenario; 3] = [
    Scenario { title: "Start-up", contenders: &STARTERS, latency: None },
    Scenario { title: "The lab, 0 ms a request", contenders: &LAB, latency: Some(0) },
    Scenario { title: "The lab, 20 ms a request", contenders: &LAB, latency: Some(20) },
];

const STARTERS: [Contender; 4] = [
    Contender { name: "true", tool: Tool::True, arguments: &[] },
    Contender { name: "curl --version", tool: Tool::Curl, arguments: &["--version"] },
    Contender { name: "arcbook --version", tool: Tool::Arcbook, arguments: &["--version"] },
    Contender {
        name: "arcbook validate",
        tool: Tool::Arcbook,
        arguments: &["validate", "runbooks/jumpstart"],
    },
];

const LAB: [Contender; 3] = [
    Contender { name: "bare client", tool: Tool::Bare, arguments: &[] },
    Contender {
        name: "arcbook run",
        tool: Tool::Arcbook,
        arguments: &["run", "-auto-approve", "benches/lab"],
    },
    Contender { name: "bash + curl + jq", tool: Tool::Bash, arguments: &["benches/lab.sh"] },
];
