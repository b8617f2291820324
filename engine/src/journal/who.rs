//! Describes who ran a run, where, and with which approval.

use crate::graph::Acting;
use crate::layout::Row;
use crate::run::RunStarted;
use crate::step::Setting;

/// The person, the program and the principal of a run, and its approval.
#[derive(Clone, Debug)]
pub struct Who<'a> {
    /// The start of the run, with the user, the host, the command line, the versions and the approval.
    pub started: &'a RunStarted,
    /// The identities whose tokens the run acquired.
    pub actors: Vec<Acted<'a>>,
}

/// An identity that acted in a run.
#[derive(Clone, Debug)]
pub struct Acted<'a> {
    /// The address of the identity, or `machine`.
    pub acts_as: &'a str,
    /// The identity and how it was found, in words.
    pub identity: &'a str,
    /// The principal, in facts from the tokens; empty if none names it.
    pub principal: Setting,
}

impl Who<'_> {
    /// Describes it in one line per question, for the head of a page about the run; the principal's facts follow
    /// without a label, one a row.
    #[must_use]
    pub fn rows(&self) -> Vec<(&'static str, Vec<Row>)> {
        let RunStarted { by, command, versions, approval, setting, plan, plan_signature, .. } = self.started;
        let system = [&versions.os, &versions.kernel].into_iter().flatten().map(String::as_str);
        let system: Vec<&str> = system.chain([versions.architecture.as_str()]).collect();
        let approved = match plan {
            Some(sha256) => format!("{}, sha256 {sha256}", approval.words()),
            None => approval.words().to_owned(),
        };
        let signed = plan_signature.iter().map(|signature| Row::of([signature.to_string()]));
        let lines = [
            ("Who", by.to_string()),
            (
                "On",
                if setting.is_empty() { "an unrecorded environment".to_owned() } else { setting.to_string() },
            ),
            ("With", format!("arcbook {} on {}", versions.arcbook, system.join(", "))),
            ("Command", command.join(" ")),
            ("Approved", approved),
        ];
        let mut rows: Vec<_> = lines.map(|(name, line)| (name, vec![Row::of([line])])).into();
        if let Some((_, approved)) = rows.last_mut() {
            approved.extend(signed);
        }
        rows.splice(1..1, self.acted());
        rows
    }

    /// Returns a row for each identity that acted, each followed by the facts about its principal.
    fn acted(&self) -> Vec<(&'static str, Vec<Row>)> {
        let RunStarted { by, identity, .. } = self.started;
        if self.actors.is_empty() {
            let line = match identity {
                None => format!("{by}; no step uses another identity"),
                Some(identity) => format!("{identity}; principal not known: no token named it"),
            };
            return vec![("As", vec![Row::of([line])])];
        }
        self.actors.iter().flat_map(Acted::rows).collect()
    }
}

impl Acted<'_> {
    fn rows(&self) -> [(&'static str, Vec<Row>); 2] {
        let name = if self.acts_as == Acting::MACHINE {
            self.identity.to_owned()
        } else {
            format!("{}: {}", self.acts_as, self.identity)
        };
        let line = if self.principal.is_empty() {
            format!("{name}; principal not known: no token named it")
        } else {
            name
        };
        let facts =
            self.principal.facts().map(|(name, fact)| Row::of([name.replace('_', " "), fact.to_owned()]));
        [("As", vec![Row::of([line])]), ("", facts.collect())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Style;
    use crate::layout::Page;
    use crate::redact::Redact as _;
    use crate::run::{Approval, Versions};
    use crate::step::Actor;

    fn text_of(who: &Who<'_>) -> String {
        let mut page = Page::new(Style { color: false, width: 100 });
        who.rows().iter().for_each(|(label, rows)| page.table(label, rows));
        page.finish()
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
            identity: text("the machine"),
            setting: Setting::default().with("cloud", "AzureCloud"),
            plan: Some("5e1f".to_owned()),
            plan_signature: None,
            ..RunStarted::samples("x").remove(0)
        };
        let principal = Setting::default().with("tenant", "t").with("object_id", "o");
        let acted = |acts_as, principal| Acted { acts_as, identity: "the machine", principal };
        let lines = text_of(&Who { started: &started, actors: vec![acted("machine", principal)] });
        let expected = "Who         root@web01\\u{1b}[2J\\n, by sudo from ann\n\
            As          the machine\n            \
            object id  o\n            \
            tenant     t\n\
            On          cloud AzureCloud\n\
            With        arcbook 0.1.0 on Ubuntu 24.04.1 LTS, Linux 6.8.0, x86_64\n\
            Command     arcbook run -var pin=… site\n\
            Approved    by a plan file, sha256 5e1f\n";
        assert_eq!(lines, expected);
        (started.setting, started.plan, started.approval) = (Setting::default(), None, Approval::Lab);
        let lines = text_of(&Who { started: &started, actors: vec![acted("machine", Setting::default())] });
        for expected in [
            "As          the machine; principal not known: no token named it\n",
            "On          an unrecorded environment\n",
            "Approved    not asked: the run used the embedded lab\n",
        ] {
            assert!(lines.contains(expected), "{lines}");
        }
        let operator = acted("identity.client_secret.operator", Setting::default().with("tenant", "u"));
        let lines = text_of(&Who { started: &started, actors: vec![operator] });
        assert!(lines.contains("As          identity.client_secret.operator: the machine\n"), "{lines}");
        started.identity = None;
        let lines = text_of(&Who { started: &started, actors: Vec::new() });
        assert!(lines.contains("by sudo from ann; no step uses another identity\n"), "{lines}");
    }
}
