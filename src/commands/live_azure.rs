//! The Azure that a command talks to: the lab inside this process, or the one of the environment.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::run::described;
use arcbook_engine::step::StepError;
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
    with_azure_as_far_as_known(lab, path, wait, screen, async |azure, undiscovered| match undiscovered {
        None => perform(azure).await,
        Some(error) => wrong(screen, described(&error)),
    })
    .await
}

/// Does as [`with_live_azure`]; `perform` also gets the reason if the cloud does not tell its endpoints.
pub(super) async fn with_azure_as_far_as_known(
    lab: &LabArguments,
    path: &Path,
    wait: Option<Duration>,
    screen: &Screen,
    perform: impl AsyncFnOnce(&Arc<Azure>, Option<StepError>) -> Exit,
) -> Exit {
    if lab.lab {
        return match lab.start(path, screen).await {
            Ok((lab, azure)) => {
                let exit = perform(&azure, None).await;
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
    match azure::as_far_as_known(screen, wait).await {
        Ok((azure, undiscovered)) => {
            if undiscovered.is_none() {
                azure::announce(&azure, screen, true);
            }
            let exit = perform(&azure, undiscovered).await;
            azure.end_programs();
            exit
        }
        Err(diagnostic) => wrong(screen, diagnostic),
    }
}
