//! `arcbook runs ship`.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::Directory;
use arcbook_engine::step::{RecordStore, Registry};
use arcbook_steps::registry;

use super::{JournalArguments, block_on, failed, refused, wrong};
use crate::azure;
use crate::exit::Exit;
use crate::screen::Screen;
use crate::ship::{Uploading, parsed};

#[derive(clap::Args)]
pub struct Arguments {
    /// The blob container: ACCOUNT/CONTAINER, with a prefix behind it if there is one, or the URL; by default, that of the
    /// newest run which has one.
    #[arg(long, value_name = "PLACE")]
    to: Option<String>,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match block_on(go(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn go(arguments: &Arguments, screen: &Screen) -> Exit {
    let azure = match azure::of_environment(screen, None).await {
        Ok(azure) => azure,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    azure::announce(&azure, screen, true);
    let directory = arguments.journal.directory();
    let store = match arguments.store(&directory, &registry(&azure)) {
        Ok(Ok(store)) => store,
        Ok(Err(diagnostic)) => return wrong(screen, diagnostic),
        Err(error) => return refused(screen, error),
    };
    let uploading = Uploading { screen, azure: &azure, directory: &directory, store, own: &[] };
    let (shipped, failure) = uploading.upload().await;
    uploading.tell(&shipped);
    let problems = uploading.problems(&shipped, failure);
    if !problems.is_empty() {
        return failed(screen, problems);
    }
    if shipped.records.is_empty() && !screen.json {
        screen.line(&format!("Every closed record is at {}", uploading.store.place()));
    }
    Exit::Done
}

impl Arguments {
    fn store(
        &self,
        directory: &Directory,
        registry: &Registry,
    ) -> Result<Result<Arc<dyn RecordStore>, Box<Diagnostic>>, arcbook_engine::journal::JournalError> {
        if let Some(place) = &self.to {
            return Ok(parsed("`-to`", place, registry));
        }
        let newest = directory.newest_place()?;
        Ok(match newest {
            Some(place) => parsed("the newest record", &place, registry),
            None => Err(Diagnostic::error("invalid-option", "no run here names a place for its record")
                .help("name it: `-to ACCOUNT/CONTAINER`")
                .into()),
        })
    }
}
