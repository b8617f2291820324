//! Detection of the creator of an existing object, when a run is resumed or undone.

use arcbook_engine::step::{Change, ErrorKind, Existing, Outcome, PriorState, StepError, Work};
use arcbook_engine::value::{Entries, Value};
use arcbook_steps::registry;

use crate::world::{Bench, RUN, receipt};

type Given = Vec<(&'static str, Value)>;

fn container() -> Given {
    vec![("account", "arcmi01".into()), ("name", "uploads".into())]
}

fn blob(content: &'static str) -> Given {
    let name = [("container", "uploads"), ("name", "x.txt"), ("content", content)];
    let more = name.map(|(name, value)| (name, Value::from(value)));
    [vec![("account", "arcmi01".into())], more.to_vec()].concat()
}

fn work(bench: &Bench, ty: &str, given: &Given) -> Box<dyn Work> {
    let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    registry(&bench.azure).get(ty).expect(ty).prepare(&arguments).unwrap_or_else(|_| panic!("{ty}"))
}

/// Creates the object as the run `run`, where none existed before.
async fn made_by(bench: &Bench, run: &str, ty: &str, given: &Given) -> Outcome {
    let context = bench.context().in_runs([run.to_owned()]).after(Some(PriorState::Absent));
    work(bench, ty, given).run(context).await.expect("made")
}

/// Returns the object as a run that resumes [`RUN`] finds it, given the outputs that [`RUN`] recorded.
async fn found(bench: &Bench, ty: &str, given: &Given, recorded: Option<Entries>) -> Existing {
    let context =
        bench.context().in_runs(["later".to_owned(), RUN.to_owned()]).after(Some(PriorState::Absent));
    let context = match recorded {
        Some(recorded) => context.made(recorded),
        None => context,
    };
    work(bench, ty, given).find(context).await.expect("asked")
}

fn told(found: &Existing) -> String {
    match found {
        Existing::Altered(mismatches) => {
            let names: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.name.as_str()).collect();
            format!("altered: {}", names.join(" "))
        }
        Existing::Different(..) => "different".to_owned(),
        Existing::AsWanted(outcome) => format!("as wanted, {}", outcome.change.as_str()),
        Existing::Absent => "absent".to_owned(),
        Existing::Unwanted(_) => "unwanted".to_owned(),
        Existing::Unknown(_) => "unknown".to_owned(),
    }
}

#[tokio::test]
async fn a_blob_that_somebody_else_changed_is_detected() {
    // The uploader and content after the run, whether the run's outputs are recorded, the wanted content, the
    // result.
    let cases = [
        (None, true, "a", "as wanted, created"),
        (None, false, "a", "as wanted, created"),
        (None, true, "b", "different"),
        (Some(("later", "b")), true, "a", "altered: etag"),
        // A repeated upload of the same content creates another blob.
        (Some(("later", "a")), true, "a", "altered: etag"),
        (Some(("later", "b")), true, "b", "altered: etag"),
        (Some(("another", "a")), false, "a", "as wanted, none"),
        (Some(("another", "b")), false, "a", "different"),
    ];
    for (since, known, wanted, expected) in cases {
        let bench = Bench::start().await;
        bench.container().await.expect("made");
        let given = match since {
            Some((run, content)) if !known => made_by(&bench, run, "blob_upload", &blob(content)).await,
            _ => made_by(&bench, RUN, "blob_upload", &blob("a")).await,
        };
        if let Some((_, content)) = since.filter(|_| known) {
            bench.run("blob_upload", &blob(content)).await.expect("uploaded");
        }
        let recorded = known.then_some(given.outputs);
        let found = found(&bench, "blob_upload", &blob(wanted), recorded).await;
        assert_eq!(told(&found), expected, "{since:?} {known} {wanted}");
    }
}

#[tokio::test]
async fn an_update_requires_the_blob_that_the_run_left() {
    for (altered, expected) in [(false, Ok(Change::Updated)), (true, Err(ErrorKind::Stopped))] {
        let bench = Bench::start().await;
        bench.container().await.expect("made");
        let left = made_by(&bench, RUN, "blob_upload", &blob("a")).await.outputs;
        if altered {
            bench.run("blob_upload", &blob("c")).await.expect("uploaded");
        }
        let context =
            bench.context().in_runs(["later".to_owned(), RUN.to_owned()]).after(Some(PriorState::Absent));
        let done = work(&bench, "blob_upload", &blob("b")).run(context.made(left)).await;
        let done = done.map(|outcome| outcome.change).map_err(|error| error.kind());
        assert_eq!(done, expected, "{altered}");
    }
    // The response to the upload is lost, but the blob is the run's own.
    let bench = Bench::start().await;
    bench.container().await.expect("made");
    let left = made_by(&bench, RUN, "blob_upload", &blob("a")).await.outputs;
    bench.fault("blob:lost-answer:method=PUT:times=1");
    let context =
        bench.context().in_runs(["later".to_owned(), RUN.to_owned()]).after(Some(PriorState::Absent));
    let done = work(&bench, "blob_upload", &blob("b")).run(context.made(left)).await;
    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test]
async fn a_recreated_container_is_somebody_elses() {
    for (creator, expected) in [(RUN, "as wanted, created"), ("another", "altered: arcbook_run")] {
        let bench = Bench::start().await;
        let outputs = made_by(&bench, creator, "blob_container", &container()).await.outputs;
        let found = found(&bench, "blob_container", &container(), Some(outputs)).await;
        assert_eq!(told(&found), expected);
    }
}

fn ended(result: Result<Outcome, StepError>) -> String {
    match result {
        Ok(outcome) => outcome.change.as_str().to_owned(),
        Err(error) => error.summary().to_owned(),
    }
}

#[tokio::test]
async fn an_unconfirmed_object_is_removed_only_if_the_run_created_it() {
    let (blob, container) = (("blob_upload", blob("a")), ("blob_container", container()));
    let anew = "the container was recreated by another client and is kept";
    // The object, its creator, and the result of undoing an unconfirmed and a confirmed change.
    let cases = [
        (&blob, Some(RUN), "removed", "removed"),
        (&blob, Some("another"), "none", "removed"),
        (&blob, None, "none", "none"),
        (&container, Some(RUN), "removed", "removed"),
        (&container, Some("another"), "none", anew),
        (&container, None, "none", "none"),
    ];
    for ((ty, given), creator, unconfirmed, created) in cases {
        for (certain, expected) in [(false, unconfirmed), (true, created)] {
            let bench = Bench::start().await;
            if *ty == "blob_upload" {
                bench.container().await.expect("made");
            }
            let outputs = made_by(&bench, creator.unwrap_or(RUN), ty, given).await.outputs;
            let url = outputs["url"].as_str().expect("a URL").to_owned();
            let registry = registry(&bench.azure);
            let step_type = registry.get(ty).expect("known");
            let undo = || {
                let receipt = receipt(certain.then_some(Change::Created), &outputs, &[&url]);
                step_type.undo(&receipt).expect("it can be undone").run(bench.context())
            };
            if creator.is_none() {
                assert_eq!(ended(undo().await), "removed");
            }
            assert_eq!(ended(undo().await), expected, "{ty} {creator:?} {certain}");
        }
    }
    let bench = Bench::start().await;
    let registry = registry(&bench.azure);
    for target in [&[][..], &["https://(sensitive)/x"], &["a", "b"]] {
        let receipt = receipt(None, &Entries::new(), target);
        assert!(registry.get("blob_upload").expect("known").undo(&receipt).is_none());
    }
}
