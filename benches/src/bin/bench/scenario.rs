//! The measured scenarios.

use crate::tool::Tool;

/// Contenders for the same task; the first is the reference for the ratios.
pub struct Scenario {
    pub title: &'static str,
    pub contenders: &'static [Contender],
    /// Delay of each request to the lab, in milliseconds; `None` without a lab.
    pub latency: Option<u64>,
}

/// A tool and its arguments.
pub struct Contender {
    /// Name in the table.
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
