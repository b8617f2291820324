//! The service of the agent, as the service manager sees it.

use super::Finding;
use super::agent::{ELSEWHERE, LAB};
use super::examination::Examination;
use crate::os::Os;
use crate::process::Command;

const ID: &str = "agent.service";

/// The unit of the agent.
const UNIT: &str = "himdsd.service";

/// The directory that exists if systemd is the service manager.
const BOOTED: &str = "/run/systemd/system";

/// Checks that the service runs, if systemd manages it.
pub(super) async fn check(it: &mut Examination<'_>) {
    if !it.begin(ID, None) {
        return;
    }
    let finding = if it.azure.is_lab() {
        Finding::skipped(ID, LAB)
    } else if it.program().is_none() {
        Finding::skipped(ID, ELSEWHERE)
    } else if Os::HERE == Os::Windows {
        Finding::skipped(
            ID,
            "arcbook does not ask Windows about services: agent.port shows whether it listens",
        )
    } else if !std::path::Path::new(BOOTED).is_dir() {
        Finding::skipped(ID, "this system is not managed by systemd")
    } else {
        match ask(it).await {
            Ok(answer) => judge(&answer),
            Err(reason) => Finding::skipped(ID, format!("systemctl does not answer: {reason}")),
        }
    };
    it.add(finding);
}

/// Asks systemd for the state of the unit, which changes nothing and needs no privilege.
async fn ask(it: &Examination<'_>) -> Result<String, String> {
    let argv = ["systemctl", "show", UNIT, "--property=LoadState,ActiveState,SubState,UnitFileState"];
    let command = Command {
        argv: argv.map(ToOwned::to_owned).to_vec(),
        environment: vec![("LC_ALL".to_owned(), "C".to_owned())],
        inherit: None,
        stdin: None,
        directory: "/".into(),
    };
    let ran = command.run(it.azure.environment(), it.azure.reaper()).await;
    let finished = ran.map_err(|failure| failure.error("argv").to_string())?;
    Ok(String::from_utf8_lossy(finished.stdout.bytes()).into_owned())
}

/// Judges the properties of the unit, one `Name=value` a line.
fn judge(answer: &str) -> Finding {
    let property = |name: &str| {
        let values = answer.lines().filter_map(|line| line.split_once('='));
        values.clone().find(|(own, _)| *own == name).map(|(_, value)| value.trim()).unwrap_or_default()
    };
    let help = Os::Linux.agent_help();
    match (property("LoadState"), property("ActiveState"), property("UnitFileState")) {
        ("not-found", ..) => Finding::error(ID, format!("{UNIT} does not exist"))
            .detail("The agent is installed without its service.")
            .remedy("install the agent again"),
        (_, "active", "disabled" | "masked") => {
            Finding::warning(ID, format!("{UNIT} runs, and does not start with the machine"))
                .remedy("sudo systemctl enable himdsd")
        }
        (_, "active", _) => Finding::ok(ID, format!("{UNIT} runs")),
        (_, "", _) => Finding::skipped(ID, "systemctl tells no state"),
        (_, state, _) => Finding::error(ID, format!("{UNIT} does not run"))
            .detail(format!("systemd says: {state}, {}.", property("SubState")))
            .remedy(help.start)
            .remedy("read its messages: sudo journalctl -u himdsd -n 50"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn the_state_of_the_unit_decides() {
        for (load, active, file, expected, part) in [
            ("loaded", "active", "enabled", Status::Ok, "runs"),
            ("loaded", "active", "disabled", Status::Warning, "does not start with the machine"),
            ("loaded", "inactive", "enabled", Status::Error, "does not run"),
            ("loaded", "failed", "enabled", Status::Error, "does not run"),
            ("loaded", "activating", "enabled", Status::Error, "does not run"),
            ("not-found", "inactive", "", Status::Error, "does not exist"),
        ] {
            let answer =
                format!("LoadState={load}\nActiveState={active}\nSubState=x\nUnitFileState={file}\n");
            let finding = judge(&answer);
            assert_eq!(finding.status, expected, "{answer}");
            assert!(finding.summary.contains(part), "{finding:?}");
            assert_eq!(finding.remedies.is_empty(), expected == Status::Ok, "{finding:?}");
        }
        assert_eq!(judge("").status, Status::Skipped);
        assert!(judge("ActiveState=inactive\n").remedies[0].contains("systemctl start himdsd"));
    }
}
