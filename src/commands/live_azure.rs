//! The Azure that a command talks to: the lab inside this process, or the one of the environment.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arcbook_steps::Azure;

use super::wrong;
use crate::azure;
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::screen::Screen;

/// Runs `perform` with the lab of the runbook at `path`, if one is requested, or else with the Azure of the environment,
/// whose agent may take `wait` to start; then ends the programs that it started, and the lab.
pub(super) async fn with_live_azure(
    lab: &LabArguments,
    path: &Path,
    wait: Option<Duration>,
    screen: &Screen,
    perform: impl AsyncFnOnce(&Arc<Azure>) -> Exit,
) -> Exit {
    if lab.lab {
        return match lab.start(path, screen).await {
            Ok((lab, azure)) => {
                let exit = perform(&azure).await;
                azure.end_programs();
                lab.shutdown().await;
                exit
            }
            Err((exit, bad)) => {
                bad.tell(screen);
                exit
            }
        };
    }
    match azure::of_environment(screen, wait).await {
        Ok(azure) => {
            azure::announce(&azure, screen, true);
            let exit = perform(&azure).await;
            azure.end_programs();
            exit
        }
        Err(diagnostic) => wrong(screen, diagnostic),
    }
}
