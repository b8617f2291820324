//! Records that leave the machine: the option `-ship`, and the upload at the end of a command.

use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Directory, JournalError, LeftBehind, Shipped, Shipping};
use arcbook_engine::run::described;
use arcbook_engine::step::{Context, Platform as _, RecordStore, Registry, StepError, UploadError};
use arcbook_steps::{Azure, EMBEDDED_LAB};
use serde_json::json;

use crate::loaded::Loaded;
use crate::progress::{Phase, plural};
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::{actor, signals};

/// The option for the place that keeps records.
#[derive(clap::Args)]
pub struct ShipArguments {
    /// Upload the record, once it is closed, to this blob container: ACCOUNT/CONTAINER, with a prefix behind it if there
    /// is one, or the URL. Overrides the `record` block of the runbook.
    #[arg(long, value_name = "PLACE")]
    ship: Option<String>,
}

impl ShipArguments {
    /// Returns true if a place is given.
    pub fn is_given(&self) -> bool {
        self.ship.is_some()
    }

    /// Returns the given place.
    pub fn place(&self, registry: &Registry) -> Result<Option<Arc<dyn RecordStore>>, Box<Diagnostic>> {
        self.ship.as_deref().map(|place| parsed("`-ship`", place, registry)).transpose()
    }

    /// Replaces the place of a plan by the given one, or by that of the saved plan.
    pub fn apply(
        &self,
        loaded: &mut Loaded,
        saved: Option<&SavedPlan>,
        registry: &Registry,
    ) -> Result<(), Box<Diagnostic>> {
        let saved = saved.and_then(|saved| saved.file.listing().record.as_ref());
        let place = match saved {
            Some(record) => Some(parsed("the plan", &record.place, registry)?),
            None => self.place(registry)?,
        };
        if place.is_some() {
            loaded.plan.record = place;
        }
        Ok(())
    }
}

/// Returns the place that a text names, which is quoted by no message: it may hold a signature.
pub fn parsed(what: &str, place: &str, registry: &Registry) -> Result<Arc<dyn RecordStore>, Box<Diagnostic>> {
    let unknown = || Err("no place is known".to_owned());
    let parsed = registry.record_stores().map_or_else(unknown, |kind| kind.parse(place));
    parsed.map_err(|why| {
        let summary = format!("{what} names no place for records: {why}");
        Diagnostic::error("invalid-option", summary)
            .help("name a blob container of this cloud: ACCOUNT/CONTAINER, such as acclogs/records")
            .into()
    })
}

/// The upload of closed records.
pub struct Uploading<'a> {
    pub screen: &'a Screen,
    pub azure: &'a Arc<Azure>,
    pub directory: &'a Directory,
    pub store: Arc<dyn RecordStore>,
    /// The runs of this process.
    pub own: &'a [String],
}

impl Uploading<'_> {
    /// Returns true if the place ends with this process, as the embedded lab does.
    fn is_temporary(&self) -> bool {
        self.azure.setting().get(EMBEDDED_LAB).is_some()
    }

    /// Uploads the records until the user interrupts; returns the result so far, and why it is not complete.
    pub async fn upload(&self) -> (Shipped, Option<Box<Diagnostic>>) {
        let Self { screen, azure, directory, ref store, own } = *self;
        let place = store.place().to_owned();
        let told = place.clone();
        let _phase = Phase::begin(screen, move || format!("uploading records to {told}"));
        let context = Context::new("record", ".", screen.secrets().clone(), |_| {});
        let host = actor::of_process().host.unwrap_or_else(|| "unknown".to_owned());
        let shipping = Shipping {
            directory,
            store: &**store,
            context: &context.acting_as(azure.machine()),
            host: &host,
            own,
            is_temporary: self.is_temporary(),
        };
        let mut interrupts = signals::interrupts();
        let mut shipped = Shipped::default();
        #[cfg(debug_assertions)]
        let wrap = crate::crash_injection::Mortal::marking;
        #[cfg(not(debug_assertions))]
        let wrap = |file| file;
        let ended = tokio::select! {
            ended = shipping.ship(&mut shipped, wrap) => ended,
            Some(_) = interrupts.recv() => {
                let summary = format!("the upload of records to {place} was interrupted");
                let interrupted = Diagnostic::error("record-not-shipped", summary);
                let interrupted = interrupted.maybe_detail(not_tried(shipped.untried));
                return (shipped, Some(interrupted.into()));
            }
        };
        let failure = ended.err().map(|error| stopped(error, &shipped, &place).into());
        (shipped, failure)
    }

    /// Uploads the records at the end of a run. A failure is a warning: the record stays, and the next run uploads it.
    pub async fn perform(&self) {
        let (shipped, failure) = self.upload().await;
        self.tell(&shipped);
        let problems = self.problems(&shipped, failure);
        if let Some(summary) = &self.screen.summary {
            summary.shipped(shipped.records.len(), shipped.left.len() + shipped.untried);
        }
        self.screen.diagnostic(problems.into_iter().map(Diagnostic::into_warning).collect::<Diagnostics>());
    }

    /// Prints the uploaded records.
    pub fn tell(&self, shipped: &Shipped) {
        let Self { screen, store, .. } = self;
        if screen.quiet {
            return;
        }
        let records = &shipped.records;
        if screen.json {
            let left = shipped.left.iter().map(|left| &left.run);
            let records = records.iter().map(|(run, uploaded)| {
                json!({
                    "run": run, "url": uploaded.url, "sha256": uploaded.sha256, "was_there": uploaded.was_there,
                })
            });
            screen.object(&json!({ "shipped": {
                "to": store.place(), "records": records.collect::<Vec<_>>(), "left": left.collect::<Vec<_>>(),
                "untried": shipped.untried,
            }}));
            return;
        }
        match records.as_slice() {
            [] => {}
            [(_, uploaded)] => screen.line(&format!("The record is uploaded: {}", uploaded.url)),
            several => {
                screen.line(&format!(
                    "{} are uploaded to {}",
                    plural(several.len(), "record"),
                    store.place()
                ));
            }
        }
    }

    /// Returns the errors: those of all records, and those of single ones.
    pub fn problems(&self, shipped: &Shipped, failure: Option<Box<Diagnostic>>) -> Diagnostics {
        let place = self.store.place();
        let of_record = shipped.left.iter().enumerate().map(|(at, left)| {
            // A failure that is not about one record tells how many were not tried.
            let is_last = at + 1 == shipped.left.len() && failure.is_none();
            let untried = if is_last { shipped.untried } else { 0 };
            problem(left, untried, place)
        });
        let of_record: Vec<Diagnostic> = of_record.collect();
        let problems = of_record.into_iter().chain(failure.map(|failure| *failure));
        if self.is_temporary() {
            return problems.collect();
        }
        let again = |problem: Diagnostic| match problem.code {
            "record-not-shipped" => problem.help(AGAIN),
            _ => problem,
        };
        problems.map(again).collect()
    }
}

/// Returns the error of an upload that was stopped: nothing is uploaded that could not be noted.
fn stopped(error: JournalError, shipped: &Shipped, place: &str) -> Diagnostic {
    let JournalError::Marks { path, source } = &error else {
        return Diagnostic::from(error).maybe_detail(not_tried(shipped.untried));
    };
    let reason = format!("{}: {source}.", path.display());
    let help = Diagnostic::from(error).help;
    let detail = |more: Option<String>| more.map_or(reason.clone(), |more| format!("{reason} {more}"));
    let stopped = match (shipped.records.len(), shipped.untried) {
        (0, untried) => {
            let records = if untried == 0 { "records".to_owned() } else { plural(untried, "record") };
            let summary =
                format!("{records} could not be uploaded to {place}, because that could not be noted");
            Diagnostic::error("record-not-shipped", summary).detail(detail(None))
        }
        (_, untried) => {
            let summary = format!("a record was uploaded to {place}, and this could not be noted");
            Diagnostic::error("record-not-noted", summary).detail(detail(not_tried(untried)))
        }
    };
    help.into_iter().fold(stopped, Diagnostic::help)
}

/// Says how many records were not tried.
fn not_tried(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 record was not uploaded.".to_owned()),
        count => Some(format!("{count} records were not uploaded.")),
    }
}

/// The remedy for a record that was not uploaded.
const AGAIN: &str = "the next run uploads what is missing; `arcbook runs ship` does it now";

fn problem(left: &LeftBehind, untried: usize, place: &str) -> Diagnostic {
    let run = &left.run;
    match &left.reason {
        UploadError::Failed(error) => {
            let more = if untried == 0 { String::new() } else { format!(" and {untried} more") };
            not_shipped(format!("the record of {run}{more} could not be uploaded to {place}"), error)
        }
        UploadError::Differs { url, own, there } => {
            let there = match there {
                Some(sha256) => format!("sha256 {sha256}"),
                None => "another size".to_owned(),
            };
            let summary = format!("{place} has another record under the name of {run}");
            let detail = format!("{} has sha256 {own}, and {url} has {there}.", left.path.display());
            Diagnostic::error("record-conflict", summary)
                .detail(detail)
                .help("find out who wrote it; both are kept: `arcbook verify` checks the record here, `verify -from` those there")
        }
    }
}

fn not_shipped(summary: String, error: &StepError) -> Diagnostic {
    let described = described(error);
    let reason = described.reason();
    let why = match reason {
        Some(reason) => format!("{}: {reason}", described.summary),
        None => format!("{}.", described.summary),
    };
    let diagnostic = Diagnostic::error("record-not-shipped", summary).detail(why);
    described.help.iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help.clone()))
}
