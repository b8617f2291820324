//! Describes who ran a run, where, and with which approval.

use crate::diagnostic::visible_line;
use crate::run::RunStarted;
use crate::step::Setting;

/// The person, the program and the principal of a run, and its approval.
#[derive(Clone, Debug)]
pub struct Who<'a> {
    /// The start of the run, with the user, the host, the command line, the versions and the approval.
    pub started: &'a RunStarted,
    /// The principal, in facts from the tokens of the run; empty if none was acquired, or none names it.
    pub principal: Setting,
}

impl Who<'_> {
    /// Describes it in one row per question, for the head of a page about the run.
    #[must_use]
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let RunStarted { by, command, versions, approval, identity, setting, plan, .. } = self.started;
        let principal = if self.principal.is_empty() {
            "principal not known: no token named it".to_owned()
        } else {
            self.principal.to_string()
        };
        let system = [&versions.os, &versions.kernel].into_iter().flatten().map(String::as_str);
        let system: Vec<&str> = system.chain([versions.architecture.as_str()]).collect();
        let approved = match plan {
            Some(sha256) => format!("{}, sha256 {sha256}", approval.words()),
            None => approval.words().to_owned(),
        };
        let lines = [
            ("Who", by.to_string()),
            ("As", format!("{identity}; {principal}")),
            (
                "On",
                if setting.is_empty() { "an unrecorded environment".to_owned() } else { setting.to_string() },
            ),
            ("With", format!("arcbook {} on {}", versions.arcbook, system.join(", "))),
            ("Command", command.join(" ")),
            ("Approved", approved),
        ];
        lines.map(|(name, line)| (name, visible_line(&line))).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redact as _;
    use crate::run::{Approval, Versions};
    use crate::step::Actor;

    fn text_of(who: &Who<'_>) -> String {
        who.rows().iter().map(|(name, line)| format!("{name:<9} {line}")).collect::<Vec<_>>().join("\n")
            + "\n"
    }

    #[test]
    fn each_question_has_one_line() {
        let text = |text: &str| Some(text.to_owned());
        let versions = Versions {
            arcbook: "0.1.0".to_owned(),
            os: text("Ubuntu 24.04.1 LTS"),
            kernel: text("Linux 6.8.0"),
            architecture: "x86_64".to_owned(),
        };
        let mut started = RunStarted {
            by: Actor {
                user: text("root"),
                uid: Some(0),
                sudo_user: text("ann"),
                host: text("web01\u{1b}[2J\n"),
            },
            command: ["arcbook", "run", "-var pin=…", "site"].map(ToOwned::to_owned).into(),
            versions,
            approval: Approval::PlanFile,
            identity: "the machine".to_owned(),
            setting: Setting::default().with("cloud", "AzureCloud"),
            plan: Some("5e1f".to_owned()),
            ..RunStarted::samples("x").remove(0)
        };
        let principal = Setting::default().with("tenant", "t");
        let lines = text_of(&Who { started: &started, principal });
        let expected = "Who       root@web01\\u{1b}[2J , by sudo from ann\n\
            As        the machine; tenant t\n\
            On        cloud AzureCloud\n\
            With      arcbook 0.1.0 on Ubuntu 24.04.1 LTS, Linux 6.8.0, x86_64\n\
            Command   arcbook run -var pin=… site\n\
            Approved  by a plan file, sha256 5e1f\n";
        assert_eq!(lines, expected);
        (started.setting, started.plan, started.approval) = (Setting::default(), None, Approval::Lab);
        let lines = text_of(&Who { started: &started, principal: Setting::default() });
        for expected in [
            "As        the machine; principal not known: no token named it\n",
            "On        an unrecorded environment\n",
            "Approved  not asked: the run used the embedded lab\n",
        ] {
            assert!(lines.contains(expected), "{lines}");
        }
    }
}
