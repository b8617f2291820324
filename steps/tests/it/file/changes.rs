//! Files that become as wanted.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use arcbook_engine::step::{ActionFacts, Change, Existing, PriorState};
use arcbook_engine::value::Value;

use super::{LATER, Place, absent, content, has_digest, is_root, mode, secret, sensitive, told};
use crate::world::{Bench, RUN};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
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
            "sha256 size mode",
            Some(("new", 0o600)),
            Change::Updated,
            "updated",
        ),
        (Some(("new", 0o755)), secret("new"), "mode", Some(("new", 0o700)), Change::Updated, "updated"),
        (Some(("old", 0o640)), secret("new"), "sha256", Some(("new", 0o640)), Change::Updated, "updated"),
        (
            Some(("old", 0o600)),
            [secret("new"), mode("0644")].concat(),
            "sha256 mode",
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
async fn a_file_that_somebody_else_changed_is_detected() {
    for (wrote, since, wanted, expected) in [
        (content("a"), Some("a"), content("a"), "as wanted"),
        (content("a"), Some("a"), content("b"), "sha256 content"),
        (content("a"), Some("c"), content("a"), "altered: sha256"),
        (content("a"), Some("b"), content("b"), "altered: sha256"),
        (content("a"), None, content("a"), "absent"),
        (absent(), Some("a"), absent(), "altered: state"),
        (absent(), None, absent(), "as wanted"),
        // Without a recorded digest, the content decides.
        (secret("a"), Some("c"), secret("a"), "sha256 mode"),
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
