//! Changes of files that are undone, or that a killed run left.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use arcbook_engine::step::{Change, PriorState};

use super::{Applied, LATER, Place, absent, content, secret};
use crate::world::RUN;

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
    let since = "the file was changed by the run or by somebody else, and is kept";
    let (written, nothing) = (content("new"), secret("new"));
    // The file before and after the run was killed, the arguments, the end of the undo, and the file. The record has
    // no digest of a secret.
    for (before, after, given, expected, end) in [
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
        let applied = place.apply(given).await.unwrap();
        fs::remove_file(place.at("f")).unwrap();
        if let Some(text) = after {
            place.write("f", text, 0o644);
        }
        let ended = match place.undo(&applied, false) {
            None => "no undo".to_owned(),
            Some(work) => match work.run(place.context(&[RUN], None)).await {
                Ok(outcome) => outcome.change.as_str().to_owned(),
                Err(error) => error.summary().to_owned(),
            },
        };
        assert_eq!(ended, expected, "{before:?} {after:?} {given:?}");
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
