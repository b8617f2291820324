//! The faults of the table.

use std::time::Duration;

use arcbook_lab::Service;

use super::cases::Target;

/// A fault of the table: its kind, as the lab reads it, and the number of requests that it applies to.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub kind: &'static str,
    /// True if it applies to every matching request, false if to the first one only.
    pub always: bool,
    /// True if only changes have it.
    pub only_changes: bool,
}

const fn always(kind: &'static str) -> Fault {
    Fault { kind, always: true, only_changes: false }
}

const fn once(kind: &'static str) -> Fault {
    Fault { kind, always: false, only_changes: false }
}

const fn change_always(kind: &'static str) -> Fault {
    Fault { kind, always: true, only_changes: true }
}

/// The faults, in the order of the table.
pub const FAULTS: &[Fault] = &[
    always("401"),
    always("403"),
    always("404"),
    always("409"),
    always("412"),
    once("429"),
    always("429"),
    once("500"),
    always("500"),
    once("503"),
    once("reset"),
    always("reset"),
    once("lost-answer"),
    change_always("lost-answer"),
    once("truncate"),
    change_always("truncate"),
    once("delay"),
    once("slow-body"),
    once("html"),
    always("html"),
    always("html-404"),
    change_always("html-502"),
    once("garbage"),
    always("garbage"),
];

/// The time limit of a request while a fault makes one slow.
pub const SHORT: Duration = Duration::from_secs(2);

impl Fault {
    /// Returns the fault as the lab reads it.
    pub fn of(self, target: &Target) -> arcbook_lab::Fault {
        let kind = match self.kind {
            "429" => "429:retry-after-ms=1",
            "html-404" => "html:status=404",
            "html-502" => "html:status=502",
            // The limit of requests to the agent is not an option.
            "delay" if target.service == Service::Himds => "delay:ms=30",
            "slow-body" if target.service == Service::Himds => "slow-body:ms=30",
            "delay" => "delay:ms=60000",
            "slow-body" => "slow-body:ms=60000",
            kind => kind,
        };
        let times = if self.always { "always" } else { "1" };
        let Target { service, method, path, .. } = target;
        let text = format!("{}:{kind}:method={method}:path={path}:times={times}", service.name());
        text.parse().unwrap()
    }

    /// Returns true if a request takes longer than its limit.
    pub fn is_slow(self) -> bool {
        matches!(self.kind, "delay" | "slow-body")
    }

    /// Returns the number of requests, in words.
    pub fn times(self) -> &'static str {
        if self.always { "always" } else { "once" }
    }
}
