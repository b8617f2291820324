//! Directories that steps make, change and remove.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;

use arcbook_engine::step::{Context, Existing, Prior, PriorState, Receipt, StepError, Work};
use arcbook_engine::value::{Entries, Value};
use arcbook_steps::registry;
use tempfile::TempDir;

use crate::file::{Applied, Given, LATER, told};
use crate::world::{Bench, RUN};

struct Place {
    bench: Bench,
    directory: TempDir,
}

impl Place {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("book")).unwrap();
        Self { bench: Bench::start().await, directory }
    }

    /// Returns a path beside the directory of the runbook, `book`.
    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn mode(&self, name: &str) -> Option<u32> {
        Some(self.at(name).symlink_metadata().ok()?.mode() & 0o7777)
    }

    fn make(&self, name: &str, mode: u32) {
        fs::create_dir_all(self.at(name)).unwrap();
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn context(&self, runs: &[&str], before: Option<PriorState>) -> Context {
        let runs: Vec<String> = runs.iter().map(|&run| run.to_owned()).collect();
        let context = Context::new("step.directory.a", self.at("book"), self.bench.secrets.clone(), |_| {});
        context.in_runs(runs).after(before)
    }

    fn work(&self, given: &Given) -> Box<dyn Work> {
        let mut arguments: Entries =
            given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        arguments.entry("path".into()).or_insert_with(|| "../d".into());
        let registry = registry(&self.bench.azure);
        registry.get("directory").unwrap().prepare(&arguments).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    async fn apply(&self, given: &Given) -> Result<Applied, StepError> {
        self.resume(given, &[RUN], None).await
    }

    async fn resume(
        &self,
        given: &Given,
        runs: &[&str],
        before: Option<PriorState>,
    ) -> Result<Applied, StepError> {
        let work = self.work(given);
        let found = work.find(self.context(runs, before)).await?;
        let prior: Option<Prior> = found.prior().cloned();
        let before = before.unwrap_or_else(|| found.before());
        let outcome = match found {
            Existing::AsWanted(outcome) => outcome,
            _ => work.run(self.context(runs, Some(before))).await?,
        };
        Ok(Applied { outcome, before, prior, expected: None })
    }

    async fn undone(&self, applied: &Applied) -> String {
        let Applied { outcome, before, prior, .. } = applied;
        let receipt = Receipt {
            target: vec!["../d".to_owned()],
            change: Some(outcome.change),
            arguments: Entries::new(),
            outputs: outcome.outputs.clone(),
            before: *before,
            prior: prior.as_ref().map(|prior| prior.state.clone()),
            kept: None,
            proof: outcome.receipt.clone(),
            is_accepted: false,
        };
        let Some(work) = registry(&self.bench.azure).get("directory").unwrap().undo(&receipt) else {
            return "no undo".to_owned();
        };
        match work.run(self.context(&[RUN], None)).await {
            Ok(outcome) => outcome.change.as_str().to_owned(),
            Err(error) => error.summary().to_owned(),
        }
    }
}

fn mode(mode: &str) -> Given {
    vec![("mode", mode.into())]
}

fn absent(recursive: bool) -> Given {
    vec![("state", "absent".into()), ("recursive", recursive.into())]
}

fn at(path: &str) -> Given {
    vec![("path", path.into())]
}

#[tokio::test]
async fn a_directory_is_made_once_with_its_mode() {
    for (given, path, expected) in [
        (vec![], "d", 0o755),
        (mode("0700"), "d", 0o700),
        (mode("2775"), "d", 0o2775),
        ([at("../a/b/c/"), vec![("create_parents", true.into())]].concat(), "a/b/c", 0o755),
    ] {
        let place = Place::new().await;
        let applied = place.apply(&given).await.unwrap();
        assert_eq!(
            (applied.outcome.change.as_str(), place.mode(path)),
            ("created", Some(expected)),
            "{given:?}"
        );
        assert_eq!(applied.outcome.outputs["mode"], format!("{expected:04o}").as_str().into());
        let again = place.apply(&given).await.unwrap();
        assert_eq!(
            (again.outcome.change.as_str(), &again.outcome.outputs["changed"]),
            ("none", &false.into())
        );
    }
}

#[tokio::test]
async fn an_existing_directory_keeps_what_is_not_configured() {
    let place = Place::new().await;
    place.make("d/inner", 0o700);
    place.make("d", 0o711);
    assert_eq!(told(&place.work(&vec![]).find(place.context(&[RUN], None)).await.unwrap()), "as wanted");
    let found = place.work(&mode("0750")).find(place.context(&[RUN], None)).await.unwrap();
    assert_eq!(told(&found), "mode");
    let applied = place.apply(&mode("0750")).await.unwrap();
    assert_eq!((applied.outcome.change.as_str(), place.mode("d")), ("updated", Some(0o750)));
    assert_eq!(place.mode("d/inner"), Some(0o700), "its content is left alone");
    assert_eq!(place.undone(&applied).await, "updated");
    assert_eq!(place.mode("d"), Some(0o711));
    assert_eq!(place.undone(&applied).await, "none");
}

#[tokio::test]
async fn a_directory_is_removed_only_as_far_as_the_step_says() {
    let place = Place::new().await;
    assert_eq!(place.apply(&absent(false)).await.unwrap().outcome.change.as_str(), "none");
    place.make("d", 0o750);
    let applied = place.apply(&absent(false)).await.unwrap();
    assert_eq!((applied.outcome.change.as_str(), place.mode("d")), ("removed", None));
    assert_eq!((place.undone(&applied).await.as_str(), place.mode("d")), ("created", Some(0o750)));
    place.make("d/inner", 0o755);
    let error = place.apply(&absent(false)).await.err().unwrap();
    assert_eq!((error.summary(), error.about()), ("the directory is not empty", Some("path")));
    let applied = place.apply(&absent(true)).await.unwrap();
    assert_eq!((applied.outcome.change.as_str(), place.mode("d")), ("removed", None));
    assert_eq!(place.undone(&applied).await, "no undo", "its content is lost");
}

#[tokio::test]
async fn whatever_holds_the_runbook_is_never_removed() {
    let place = Place::new().await;
    let whole = place.at("").to_str().unwrap().to_owned();
    for path in ["../book", "../../", "/", whole.as_str()] {
        let given = [absent(true), at(path)].concat();
        let arguments: Entries = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let registry = registry(&place.bench.azure);
        let Ok(work) = registry.get("directory").unwrap().prepare(&arguments) else { continue };
        assert!(work.find(place.context(&[RUN], None)).await.is_err(), "{path}");
        assert!(work.run(place.context(&[RUN], None)).await.is_err(), "{path}");
        assert!(place.at("book").is_dir(), "{path}");
    }
}

#[tokio::test]
async fn whatever_is_no_directory_is_an_error() {
    let place = Place::new().await;
    fs::write(place.at("file"), "").unwrap();
    place.make("real", 0o755);
    symlink(place.at("real"), place.at("link")).unwrap();
    for (path, summary) in [
        ("../file", "the path is not that of a directory"),
        ("../link", "the path is that of a symbolic link, which arcbook does not follow"),
        ("../link/", "the path is that of a symbolic link, which arcbook does not follow"),
        ("../file/x", "the directory above does not exist"),
        ("../none/x", "the directory above does not exist"),
    ] {
        for given in [vec![], absent(true)] {
            let missing = path == "../none/x" && !given.is_empty();
            let applied = place.apply(&[given, at(path)].concat()).await;
            assert_eq!(
                applied.map(|_| ()).map_err(|error| error.summary().to_owned()).err().as_deref(),
                (!missing).then_some(summary),
                "{path}"
            );
        }
    }
    assert!(place.at("real").is_dir());
}

#[tokio::test]
async fn an_undo_removes_only_what_the_run_made_and_nobody_uses() {
    let place = Place::new().await;
    let applied = place.apply(&vec![]).await.unwrap();
    fs::write(place.at("d/other"), "").unwrap();
    assert_eq!(
        place.undone(&applied).await,
        "something is in the directory that the run made, so it is kept"
    );
    fs::remove_file(place.at("d/other")).unwrap();
    assert_eq!((place.undone(&applied).await.as_str(), place.mode("d")), ("removed", None));
    assert_eq!(place.undone(&applied).await, "none");
    // Another directory takes the number of the first one only if that is free.
    place.make("holds the number", 0o755);
    let applied = place.apply(&vec![]).await.unwrap();
    fs::rename(place.at("d"), place.at("moved")).unwrap();
    place.make("d", 0o755);
    assert_eq!(place.undone(&applied).await, "the directory was replaced since the run made it, and is kept");
}

#[tokio::test]
async fn a_resumed_run_knows_what_the_killed_one_made() {
    let place = Place::new().await;
    place.make("d", 0o755);
    for (before, expected) in
        [(None, "none"), (Some(PriorState::Absent), "created"), (Some(PriorState::Present), "updated")]
    {
        let applied = place.resume(&vec![], &[LATER, RUN], before).await.unwrap();
        assert_eq!(applied.outcome.change.as_str(), expected, "{before:?}");
        assert!(applied.outcome.receipt.is_some());
    }
    // It was killed between the creation and the change of the mode.
    place.make("d", 0o700);
    let applied = place.resume(&mode("0755"), &[LATER, RUN], Some(PriorState::Absent)).await.unwrap();
    assert_eq!((applied.outcome.change.as_str(), place.mode("d")), ("created", Some(0o755)));
    place.make("d", 0o700);
    let applied = place.resume(&vec![], &[LATER, RUN], Some(PriorState::Absent)).await.unwrap();
    assert_eq!((applied.outcome.change.as_str(), place.mode("d")), ("created", Some(0o755)));
    let removed = place.resume(&absent(true), &[LATER, RUN], Some(PriorState::Present)).await.unwrap();
    assert_eq!(removed.outcome.change.as_str(), "removed");
}

#[tokio::test]
async fn wrong_arguments_are_known_in_a_plan() {
    let bench = Bench::start().await;
    for (given, expected) in [
        (vec![("path", "/".into())], "path"),
        (vec![("path", "a/..".into())], "path"),
        (vec![("path", "d".into()), ("recursive", true.into())], "recursive"),
        (vec![("path", "d".into()), ("state", "absent".into()), ("mode", "0755".into())], "mode"),
        (vec![("path", "d".into()), ("mode", Value::from("9"))], "mode"),
    ] {
        let errors = bench.refused("directory", &given);
        let names: Vec<&str> = errors.iter().map(arcbook_engine::step::ArgumentError::argument).collect();
        assert_eq!(names.join(" "), expected, "{given:?}");
    }
}
