//! The option `-from`: records of several machines, from a directory or from a blob container.

use std::path::Path;
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_line};
use arcbook_engine::journal::{LeftOut, RecordSet};
use arcbook_engine::plan::abridged;
use arcbook_engine::run::described;
use arcbook_engine::step::{Context, Platform as _};
use arcbook_steps::{Azure, FetchError, RecordContainer};
use tempfile::TempDir;

use crate::exit::Exit;
use crate::progress::{Phase, plural};
use crate::screen::Screen;
use crate::{azure, signals};

/// The option for records of several machines.
#[derive(clap::Args, Clone)]
pub struct FromArguments {
    /// Read the records of several machines: from a directory with a directory for each machine, or from a blob container
    /// (ACCOUNT/CONTAINER, with a prefix behind it if there is one, or the URL).
    #[arg(long, value_name = "PLACE")]
    pub from: Option<String>,
}

/// Records of several machines.
pub struct Source {
    pub set: RecordSet,
    /// The copies of the records of a container, until the command ends.
    _copies: Option<TempDir>,
}

/// Reads the records at `from`; a path that exists is a directory.
pub async fn open(from: &str, screen: &Screen) -> Result<Source, Exit> {
    let told = from.to_owned();
    // A URL may hold a signature, which is refused without being shown.
    let told = told.split('?').next().unwrap_or_default().to_owned();
    let phase = Phase::begin(screen, move || format!("reading the records of {told}"));
    let path = Path::new(from);
    let source = if path.is_dir() {
        let set = RecordSet::below(path).map_err(|error| {
            screen.diagnostic(Diagnostic::from(error));
            Exit::Wrong
        })?;
        Source { set, _copies: None }
    } else {
        let (copies, set) = fetched(from, screen).await?;
        Source { set, _copies: Some(copies) }
    };
    drop(phase);
    Ok(source)
}

impl Source {
    /// Returns the errors about names that were left out although they may be those of records, and a warning about
    /// the others.
    pub fn left_out(&self) -> Diagnostics {
        let (records, others): (Vec<&LeftOut>, Vec<&LeftOut>) =
            self.set.left_out.iter().partition(|left| left.may_be_record);
        let told = |left: &[&LeftOut], new: fn(&'static str, String) -> Diagnostic, kind: &str| {
            let reason = |left: &&LeftOut| visible_line(&format!("{} ({})", left.name, left.why));
            let names: Vec<String> = left.iter().map(reason).collect();
            let verb = if names.len() == 1 { "was" } else { "were" };
            (!names.is_empty()).then(|| {
                new("record-left-out", format!("{} {verb} left out", plural(names.len(), kind)))
                    .detail(format!("{}.", abridged(&names)))
                    .help("records are the only files there: find out who wrote the others")
            })
        };
        let error = told(&records, Diagnostic::error, "possible record");
        let warning = told(&others, Diagnostic::warning, "other name");
        error.into_iter().chain(warning).collect()
    }
}

/// Copies the records of a container into a directory of this user's.
async fn fetched(from: &str, screen: &Screen) -> Result<(TempDir, RecordSet), Exit> {
    let refused = |exit: Exit| {
        move |diagnostic: Box<Diagnostic>| {
            screen.diagnostic(*diagnostic);
            exit
        }
    };
    let azure = azure::of_environment(screen, None).await.map_err(refused(Exit::Wrong))?;
    azure::announce(&azure, screen, false);
    let container = RecordContainer::parse(&azure, from).map_err(|why| {
        let diagnostic = Diagnostic::error(
            "invalid-option",
            format!("`-from` names no directory that exists, and no container: {why}"),
        )
        .help("name a directory, or a blob container: ACCOUNT/CONTAINER, such as acclogs/records");
        refused(Exit::Wrong)(diagnostic.into())
    })?;
    let directory = tempfile::tempdir().map_err(|error| refused(Exit::Failed)(unwritten(&error).into()))?;
    let mut interrupts = signals::interrupts();
    let context = context(&azure, screen);
    let fetched = tokio::select! {
        fetched = container.fetch(directory.path(), &context) => fetched,
        Some(_) = interrupts.recv() => return Err(Exit::Interrupted),
    };
    let fetched = fetched.map_err(|error| {
        refused(Exit::Failed)(match error {
            FetchError::Service(error) => described(&error).into(),
            FetchError::Disk(path, error) => unwritten(&error)
                .detail(format!("The copy of a record at {} cannot be written.", path.display()))
                .into(),
        })
    })?;
    Ok((directory, fetched))
}

fn context(azure: &Arc<Azure>, screen: &Screen) -> Context {
    let context = Context::new("the records", ".", screen.secrets().clone(), |_| {});
    context.acting_as(azure.machine())
}

fn unwritten(error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("file-not-written", format!("the records cannot be copied: {error}"))
        .help("provide space in the directory for temporary files, which `TMPDIR` names")
}
