//! Files that steps write and remove.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use arcbook_engine::step::{
    ActionFacts, Change, Context, Existing, Outcome, Prior, PriorState, Receipt, StepError, Work,
};
use arcbook_engine::value::{Entries, Marks, Value};
use arcbook_steps::registry;
use tempfile::TempDir;

use crate::world::{Bench, RUN};

type Given = Vec<(&'static str, Value)>;

/// A later run, which resumes [`RUN`].
const LATER: &str = "20261122-111500.123-1a2b3c";

/// A directory in which the steps of one runbook change files.
struct Place {
    bench: Bench,
    directory: TempDir,
}

fn sensitive(value: &str) -> Value {
    Value::from(value).with_marks(&Marks::sensitive("x"))
}

impl Place {
    async fn new() -> Self {
        Self { bench: Bench::start().await, directory: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, content: &str, mode: u32) {
        fs::write(self.at(name), content).unwrap();
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Returns the content and the mode of a file.
    fn read(&self, name: &str) -> Option<(String, u32)> {
        let mode = self.at(name).symlink_metadata().ok()?.mode() & 0o7777;
        Some((fs::read_to_string(self.at(name)).unwrap(), mode))
    }

    /// Returns the names of all files, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn context(&self, runs: &[&str], before: Option<PriorState>) -> Context {
        let runs: Vec<String> = runs.iter().map(|&run| run.to_owned()).collect();
        let secrets = self.bench.secrets.clone();
        Context::new("step.file.a", self.directory.path(), secrets, |_| {}).in_runs(runs).after(before)
    }

    fn work(&self, given: &Given) -> Box<dyn Work> {
        let mut arguments: Entries =
            given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        arguments.entry("path".into()).or_insert_with(|| "f".into());
        let registry = registry(&self.bench.azure);
        registry.get("file").unwrap().prepare(&arguments).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    async fn find(&self, given: &Given) -> Result<Existing, StepError> {
        self.work(given).find(self.context(&[RUN], None)).await
    }

    /// Does what a run does: queries the state, then makes the change, if one is needed.
    async fn apply(&self, given: &Given) -> Result<Applied, StepError> {
        self.resume(given, &[RUN], None).await
    }

    async fn resume(
        &self,
        given: &Given,
        runs: &[&str],
        before: Option<PriorState>,
    ) -> Result<Applied, StepError> {
        let found = self.work(given).find(self.context(runs, before)).await?;
        let prior = found.prior().cloned();
        let before = before.unwrap_or_else(|| found.before());
        let outcome = match found {
            Existing::AsWanted(outcome) => outcome,
            _ => self.work(given).run(self.context(runs, Some(before))).await?,
        };
        Ok(Applied { outcome, before, prior })
    }

    fn undo(&self, applied: &Applied, is_confirmed: bool, arguments: Entries) -> Option<Box<dyn Work>> {
        let Applied { outcome, before, prior } = applied;
        let receipt = Receipt {
            target: vec!["f".to_owned()],
            change: is_confirmed.then_some(outcome.change),
            arguments,
            outputs: if is_confirmed { outcome.outputs.clone() } else { Entries::new() },
            before: *before,
            prior: prior.as_ref().map(|prior| prior.state.clone()),
            kept: prior.as_ref().and_then(|prior| prior.kept.clone()),
            proof: outcome.receipt.clone().filter(|_| is_confirmed),
        };
        registry(&self.bench.azure).get("file").unwrap().undo(&receipt)
    }

    async fn undone(&self, applied: &Applied) -> String {
        let Some(work) = self.undo(applied, true, Entries::new()) else { return "no undo".to_owned() };
        match work.run(self.context(&[RUN], None)).await {
            Ok(outcome) => outcome.change.as_str().to_owned(),
            Err(error) => error.summary().to_owned(),
        }
    }
}

/// A change as a record holds it.
struct Applied {
    outcome: Outcome,
    before: PriorState,
    prior: Option<Prior>,
}

fn told(found: &Existing) -> String {
    match found {
        Existing::Unknown => "unknown".to_owned(),
        Existing::Absent => "absent".to_owned(),
        Existing::Different(differences, _) => {
            let names: Vec<&str> =
                differences.iter().map(|difference| difference.attribute.as_str()).collect();
            names.join(" ")
        }
        Existing::Unwanted(_) => "unwanted".to_owned(),
        Existing::AsWanted(_) => "as wanted".to_owned(),
        Existing::Altered(mismatches) => {
            let names: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.name.as_str()).collect();
            format!("altered: {}", names.join(" "))
        }
    }
}

fn content(text: &str) -> Given {
    vec![("content", text.into())]
}

fn secret(text: &str) -> Given {
    vec![("content", sensitive(text))]
}

fn mode(mode: &str) -> Given {
    vec![("mode", mode.into())]
}

fn absent() -> Given {
    vec![("state", "absent".into())]
}

fn has_digest(prior: &Prior) -> bool {
    prior.state.to_json_text().unwrap().contains("sha256")
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

#[tokio::test]
async fn a_file_becomes_as_wanted_and_back_again() {
    // The file before, the arguments, the query, the file after, the change, and that of its undo.
    let cases = [
        (None, content("new"), "absent", Some(("new", 0o644)), Change::Created, "removed"),
        (None, secret("new"), "absent", Some(("new", 0o600)), Change::Created, "removed"),
        (
            None,
            [content("new"), mode("0640")].concat(),
            "absent",
            Some(("new", 0o640)),
            Change::Created,
            "removed",
        ),
        (
            None,
            vec![("content_base64", "bmV3".into())],
            "absent",
            Some(("new", 0o644)),
            Change::Created,
            "removed",
        ),
        (
            None,
            vec![("source", "source".into())],
            "absent",
            Some(("a source", 0o644)),
            Change::Created,
            "removed",
        ),
        (Some(("new", 0o640)), content("new"), "as wanted", Some(("new", 0o640)), Change::None, "no undo"),
        (Some(("old", 0o640)), content("new"), "sha256", Some(("new", 0o640)), Change::Updated, "updated"),
        (
            Some(("older", 0o644)),
            secret("new"),
            "sha256 size",
            Some(("new", 0o644)),
            Change::Updated,
            "updated",
        ),
        (Some(("", 0o600)), content("new"), "sha256 size", Some(("new", 0o600)), Change::Updated, "updated"),
        (
            Some(("new", 0o644)),
            [content("new"), mode("600")].concat(),
            "mode",
            Some(("new", 0o600)),
            Change::Updated,
            "updated",
        ),
        (
            Some(("old", 0o644)),
            [content("new"), mode("0600")].concat(),
            "sha256 mode",
            Some(("new", 0o600)),
            Change::Updated,
            "updated",
        ),
        (Some(("old", 0o640)), absent(), "unwanted", None, Change::Removed, "created"),
        (None, absent(), "as wanted", None, Change::None, "no undo"),
    ];
    for (before, given, query, after, change, undone) in cases {
        let place = Place::new().await;
        place.write("source", "a source", 0o600);
        if let Some((text, mode)) = before {
            place.write("f", text, mode);
        }
        let (was, names) = (place.read("f"), place.names());
        let found = place.find(&given).await.unwrap();
        assert_eq!(told(&found), query, "{given:?}");
        assert_eq!((place.read("f"), place.names()), (was.clone(), names.clone()), "a query changes nothing");
        let applied = place.apply(&given).await.unwrap();
        assert_eq!(applied.outcome.change, change, "{given:?}");
        assert_eq!(place.read("f"), after.map(|(text, mode)| (text.to_owned(), mode)), "{given:?}");
        let again = place.apply(&given).await.unwrap();
        assert_eq!(again.outcome.change, Change::None, "{given:?}");
        let kept = applied.prior.as_ref().and_then(|prior| prior.kept.clone());
        if let Some(kept) = &kept {
            let (text, mode) = place.read(kept.file_name().unwrap().to_str().unwrap()).unwrap();
            assert_eq!((Some(text), mode), (was.clone().map(|(text, _)| text), 0o600));
        }
        assert_eq!(place.undone(&applied).await, undone, "{given:?}");
        assert_eq!((place.read("f"), place.names()), (was, names), "{given:?}");
        // An undo that was killed before it was recorded is repeated.
        if undone != "no undo" {
            let repeated = place.undone(&applied).await;
            let attributes_only = change == Change::Updated && kept.is_none();
            // Without a digest in the record, nothing shows that the content is the prior one.
            let is_private = repeated == "the file that kept the prior content is missing"
                && applied.prior.as_ref().is_some_and(|prior| !has_digest(prior));
            assert!(repeated == "none" || attributes_only || is_private, "{given:?}: {repeated}");
        }
    }
}

#[tokio::test]
async fn an_undo_leaves_a_file_that_was_changed_since() {
    let since = "the file was changed since the run changed it, and is kept";
    for (before, given) in [
        (None, content("new")),
        (None, secret("new")),
        (Some("old"), content("new")),
        (Some("old"), secret("new")),
        (Some("old"), absent()),
    ] {
        let place = Place::new().await;
        if let Some(text) = before {
            place.write("f", text, 0o600);
        }
        let applied = place.apply(&given).await.unwrap();
        fs::remove_file(place.at("f")).unwrap_or_default();
        place.write("f", "other", 0o600);
        assert_eq!(place.undone(&applied).await, since, "{given:?}");
        assert_eq!(place.read("f"), Some(("other".to_owned(), 0o600)));
    }
    // The file that keeps the prior content was lost or changed.
    for (rest, expected) in [
        (None, "the file that kept the prior content is missing"),
        (Some("forged"), "the file that kept the prior content was changed"),
    ] {
        let place = Place::new().await;
        place.write("f", "old", 0o644);
        let applied = place.apply(&content("new")).await.unwrap();
        let kept = applied.prior.clone().unwrap().kept.unwrap();
        fs::remove_file(&kept).unwrap();
        if let Some(text) = rest {
            fs::write(kept, text).unwrap();
        }
        assert_eq!(place.undone(&applied).await, expected);
        assert_eq!(place.read("f").unwrap().0, "new");
    }
}

#[tokio::test]
async fn an_unconfirmed_change_is_undone_only_if_the_file_shows_it() {
    let written = Entries::from([("content".into(), "new".into())]);
    let nothing = Entries::new();
    let since = "the file was changed since the run changed it, and is kept";
    // The file before and after the run was killed, the recorded arguments, the end of the undo, and the file.
    for (before, after, arguments, expected, end) in [
        (None, Some("new"), &written, "removed", None),
        (None, Some("other"), &written, "none", Some("other")),
        (None, None, &written, "none", None),
        (None, Some("new"), &nothing, "no undo", Some("new")),
        (Some("old"), Some("old"), &nothing, "none", Some("old")),
        (Some("old"), Some("new"), &written, "updated", Some("old")),
        (Some("old"), Some("new"), &nothing, since, Some("new")),
        (Some("old"), Some("other"), &written, since, Some("other")),
    ] {
        let place = Place::new().await;
        if let Some(text) = before {
            place.write("f", text, 0o644);
        }
        let applied = place.apply(&content("new")).await.unwrap();
        fs::remove_file(place.at("f")).unwrap();
        if let Some(text) = after {
            place.write("f", text, 0o644);
        }
        let ended = match place.undo(&applied, false, arguments.clone()) {
            None => "no undo".to_owned(),
            Some(work) => match work.run(place.context(&[RUN], None)).await {
                Ok(outcome) => outcome.change.as_str().to_owned(),
                Err(error) => error.summary().to_owned(),
            },
        };
        assert_eq!(ended, expected, "{before:?} {after:?} {}", arguments.len());
        assert_eq!(place.read("f").map(|(text, _)| text).as_deref(), end);
    }
}

#[tokio::test]
async fn a_run_that_was_killed_at_any_point_goes_on() {
    let (kept, copy, new) = ("", ".copy", ".new");
    // The file, and the siblings that the killed run left, by their endings.
    let update: [(&str, &[(&str, &str)]); 7] = [
        ("old", &[]),
        ("old", &[(copy, "o")]),
        ("old", &[(kept, "old")]),
        ("old", &[(kept, "old"), (new, "n")]),
        ("old", &[(kept, "old"), (new, "new")]),
        ("new", &[(kept, "old")]),
        ("new", &[(kept, "old"), (copy, "x")]),
    ];
    for (state, left) in update {
        for given in [content("new"), secret("new")] {
            let place = Place::new().await;
            place.write("f", "old", 0o640);
            let intended = place.find(&given).await.unwrap().prior().cloned().unwrap();
            let base = intended.kept.clone().unwrap();
            for (ending, text) in left {
                let path = format!("{}{ending}", base.display());
                fs::write(&path, text).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            }
            place.write("f", state, 0o640);
            let resumed = place.resume(&given, &[LATER, RUN], Some(PriorState::Present)).await.unwrap();
            assert_eq!(resumed.outcome.change, Change::Updated, "{state} {left:?}");
            assert_eq!(place.read("f"), Some(("new".to_owned(), 0o640)));
            let leftovers = place.names().into_iter().filter(|name| name.ends_with(new));
            assert_eq!(leftovers.count(), 0, "{state} {left:?}");
            let applied = Applied { prior: Some(intended), ..resumed };
            assert_eq!(place.undone(&applied).await, "updated", "{state} {left:?}");
            assert_eq!(place.read("f"), Some(("old".to_owned(), 0o640)));
        }
    }
    for (state, before, left, change) in [
        (None, PriorState::Absent, None, Change::Created),
        (None, PriorState::Absent, Some("n"), Change::Created),
        (Some("new"), PriorState::Absent, None, Change::Created),
    ] {
        let place = Place::new().await;
        if let Some(text) = left {
            let name = arbitrary_new(&place).await;
            fs::write(name, text).unwrap();
        }
        if let Some(text) = state {
            place.write("f", text, 0o644);
        }
        let resumed = place.resume(&content("new"), &[LATER, RUN], Some(before)).await.unwrap();
        assert_eq!(resumed.outcome.change, change);
        assert_eq!((place.read("f").unwrap().0.as_str(), place.names().len()), ("new", 1));
    }
    for state in [Some("old"), None] {
        let place = Place::new().await;
        if let Some(text) = state {
            place.write("f", text, 0o644);
        }
        let resumed = place.resume(&absent(), &[LATER, RUN], Some(PriorState::Present)).await.unwrap();
        assert_eq!((resumed.outcome.change, place.read("f")), (Change::Removed, None));
    }
}

/// Returns the path of the temporary file of a step that creates `f`.
async fn arbitrary_new(place: &Place) -> String {
    place.write("f", "old", 0o644);
    let prior = place.find(&content("new")).await.unwrap().prior().cloned().unwrap();
    fs::remove_file(place.at("f")).unwrap();
    format!("{}.new", prior.kept.unwrap().display())
}

#[tokio::test]
async fn a_file_that_somebody_else_changed_is_detected() {
    for (wrote, since, wanted, expected) in [
        (content("a"), Some("a"), content("a"), "as wanted"),
        (content("a"), Some("a"), content("b"), "sha256"),
        (content("a"), Some("c"), content("a"), "altered: sha256"),
        (content("a"), Some("b"), content("b"), "altered: sha256"),
        (content("a"), None, content("a"), "absent"),
        (absent(), Some("a"), absent(), "altered: state"),
        (absent(), None, absent(), "as wanted"),
        // Without a recorded digest, the content decides.
        (secret("a"), Some("c"), secret("a"), "sha256"),
    ] {
        let place = Place::new().await;
        place.write("f", "before", 0o644);
        let applied = place.apply(&wrote).await.unwrap();
        fs::remove_file(place.at("f")).unwrap_or_default();
        if let Some(text) = since {
            place.write("f", text, 0o644);
        }
        let context = place.context(&[LATER, RUN], Some(PriorState::Present));
        let found = place.work(&wanted).find(context.made(applied.outcome.outputs)).await.unwrap();
        assert_eq!(told(&found), expected, "{wrote:?} {since:?}");
    }
}

#[tokio::test]
async fn only_regular_files_are_read_and_replaced() {
    let place = Place::new().await;
    place.write("target", "kept", 0o644);
    symlink(place.at("target"), place.at("link")).unwrap();
    symlink(place.at("nowhere"), place.at("dangling")).unwrap();
    fs::create_dir(place.at("directory")).unwrap();
    symlink(place.at("directory"), place.at("way")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(place.at("pipe")).status().unwrap().success());
    for (path, expected) in [
        ("link", "the path is that of a symbolic link, which arcbook does not follow"),
        ("dangling", "the path is that of a symbolic link, which arcbook does not follow"),
        ("directory", "the path is that of a directory"),
        ("pipe", "the path is that of a device, a pipe or a socket"),
        ("/dev/null", "the path is that of a device, a pipe or a socket"),
        ("none/f", "the directory of the file does not exist"),
        ("target/f", "the directory of the file does not exist"),
        ("way/f", ""),
    ] {
        for given in [content("new"), absent()] {
            let given = [vec![("path", path.into())], given].concat();
            let is_missing = path == "none/f" && given.iter().any(|(name, _)| *name == "state");
            let error = place.apply(&given).await.err().map(|error| {
                assert_eq!(error.about(), Some("path"));
                error.summary().to_owned()
            });
            assert_eq!(error.unwrap_or_default(), if is_missing { "" } else { expected }, "{path}");
        }
    }
    assert_eq!(place.read("target").unwrap().0, "kept");
    let deep = vec![("path", "a/b/f".into()), ("create_directories", true.into())];
    place.apply(&[deep, content("new")].concat()).await.unwrap();
    assert_eq!(place.read("a/b/f").unwrap().0, "new");
}

#[tokio::test]
async fn an_owner_needs_rights() {
    let place = Place::new().await;
    let owned = |owner: &str| [content("new"), vec![("owner", owner.into())]].concat();
    let unknown = place.apply(&owned("no-such-user")).await.err().unwrap();
    assert_eq!(
        (unknown.summary(), unknown.about()),
        ("this machine has no user of that name", Some("owner"))
    );
    if is_root() {
        place.apply(&owned("1234")).await.unwrap();
        assert_eq!(place.at("f").metadata().unwrap().uid(), 1234);
        // An update keeps the owner, and an undo puts it back.
        let applied = place.apply(&content("newer")).await.unwrap();
        assert_eq!(place.at("f").metadata().unwrap().uid(), 1234);
        let taken = place.apply(&[content("newer"), vec![("owner", "root".into())]].concat()).await.unwrap();
        assert_eq!(taken.outcome.change, Change::Updated);
        assert_eq!(place.undone(&taken).await, "updated");
        assert_eq!(place.at("f").metadata().unwrap().uid(), 1234);
        assert_eq!(place.undone(&applied).await, "updated");
    } else {
        let error = place.apply(&owned("root")).await.err().unwrap();
        assert_eq!(error.about(), Some("owner"));
        assert_eq!(place.names(), Vec::<String>::new(), "nothing is left over");
    }
}

#[tokio::test]
async fn neither_facts_nor_records_show_a_secret() {
    let digest = "dd94709528bb1c83d08f3088d4043f4742891f4f";
    for (before, given) in
        [(("prior-canary", 0o644), secret("canary")), (("prior-canary", 0o600), content("public"))]
    {
        let place = Place::new().await;
        place.write("f", before.0, before.1);
        let work = place.work(&given);
        let facts: Vec<ActionFacts> = work.actions().iter().map(ActionFacts::from).collect();
        let found = place.find(&given).await.unwrap();
        let Existing::Different(differences, prior) = &found else { panic!("{found:?}") };
        let sha256 = differences.iter().find(|difference| difference.attribute == "sha256").unwrap();
        assert!(sha256.was.is_marked() && sha256.will.is_marked());
        let prior = prior.clone().unwrap();
        let applied = place.apply(&given).await.unwrap();
        let receipt = applied.outcome.receipt.clone().unwrap();
        let told = [
            serde_json::to_string(&facts).unwrap(),
            prior.state.to_json_text().unwrap(),
            receipt.to_json_text().unwrap(),
            place.names().join(" "),
        ];
        for text in told {
            assert!(!text.contains("canary") && !text.contains(digest), "{text}");
        }
        assert!(!has_digest(&prior));
    }
    // At a sensitive path, nothing is kept whose name the record would show.
    let place = Place::new().await;
    place.write("f", "old", 0o644);
    let given = [vec![("path", sensitive("f"))], content("new")].concat();
    assert_eq!(place.find(&given).await.unwrap().prior(), None);
    place.apply(&given).await.unwrap();
    assert_eq!(place.names(), ["f"]);
}

#[tokio::test]
async fn arguments_that_contradict_each_other_are_refused() {
    let bench = Bench::start().await;
    let path = |path: &'static str| ("path", Value::from(path));
    for (given, place, message) in [
        (vec![path("f")], "content", "or `content_base64` or `source` must be given"),
        (
            vec![path("f"), ("content", "a".into()), ("source", "b".into())],
            "source",
            "must not be given with `content`",
        ),
        (vec![path("f"), ("state", "absent".into()), ("mode", "0600".into())], "mode", "state = \"absent\""),
        (vec![path(""), ("content", "a".into())], "path", "must name a file"),
        (vec![path("a/"), ("content", "a".into())], "path", "must name a file"),
        (vec![path("a/.."), ("content", "a".into())], "path", "must name a file"),
        (vec![path("f"), ("content_base64", "?".into())], "content_base64", "must be base64"),
        (vec![path("f"), ("content", "a".into()), ("mode", "9".into())], "mode", "octal"),
    ] {
        let errors = bench.refused("file", &given);
        let [error] = errors.as_slice() else { panic!("{given:?}: {errors:?}") };
        assert_eq!(error.shown_path(false), place);
        assert!(error.message.contains(message), "{error:?}");
    }
}

#[tokio::test]
async fn readers_see_whole_contents_only() {
    let place = Place::new().await;
    let long = |letter: &str| letter.repeat(1 << 20);
    place.write("f", &long("a"), 0o644);
    let path = place.at("f");
    let reading = std::thread::spawn(move || watch(&path));
    for letter in ["b", "a", "b", "a", "done"] {
        place.apply(&content(&long(letter))).await.unwrap();
    }
    assert_eq!(reading.join().unwrap(), Vec::<usize>::new());
}

/// Reads the file until it begins with `d`; returns the lengths that were not whole.
fn watch(path: &Path) -> Vec<usize> {
    let mut odd = Vec::new();
    loop {
        let text = fs::read_to_string(path).unwrap();
        let first = text.chars().next();
        if first == Some('d') {
            return odd;
        }
        if text.len() != 1 << 20 || !text.chars().all(|letter| Some(letter) == first) {
            odd.push(text.len());
        }
    }
}
