//! Blobs that are listed and deleted.

use arcbook_engine::step::{Change, ErrorKind, Existing, PriorState, StepError};
use arcbook_engine::value::{Data, Entries, Value};
use arcbook_steps::registry;

use crate::server::{Server, ok};
use crate::world::{Bench, below, text};

type Given = Vec<(&'static str, Value)>;

fn within(more: &[(&'static str, Value)]) -> Given {
    [&[("account", "arcmi01".into()), ("container", "uploads".into())], more].concat()
}

async fn with_blobs() -> Bench {
    let bench = Bench::start().await;
    bench.container().await.unwrap();
    for name in ["a/1", "a/2 & ü", "b"] {
        let metadata = Value::string_map([("kind", name.split('/').next().unwrap())]);
        let given = [("name", name.into()), ("content", "hello".into()), ("metadata", metadata)];
        bench.run("blob_upload", &within(&given)).await.unwrap();
    }
    bench
}

async fn listed(bench: &Bench, more: &[(&'static str, Value)]) -> Result<Vec<Entries>, StepError> {
    let outcome = bench.run("blob_list", &within(more)).await?;
    let Data::Tuple(items) = outcome.outputs["blobs"].data() else { panic!("no list") };
    let members = |item: &Value| match item.data() {
        Data::Object(members) => Entries::clone(members),
        _ => panic!("no object"),
    };
    Ok(items.iter().map(members).collect())
}

#[tokio::test]
async fn blobs_are_listed_by_prefix() {
    let bench = with_blobs().await;
    let names = |blobs: &[Entries]| -> Vec<String> {
        blobs.iter().map(|blob| blob["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = listed(&bench, &[]).await.unwrap();
    assert_eq!(names(&all), ["a/1", "a/2 & ü", "b"]);
    assert_eq!((&all[0]["size"], &all[0]["md5"]), (&5_i64.into(), &"XUFAKrxLKna5cZ2REBfFkg==".into()));
    assert!(all[0]["metadata"].is_null() && all[0]["last_modified"].as_str().unwrap().ends_with('Z'));
    let some = listed(&bench, &[("prefix", "a/2 &".into()), ("metadata", true.into())]).await.unwrap();
    assert_eq!(names(&some), ["a/2 & ü"]);
    assert_eq!(some[0]["metadata"], Value::string_map([("kind", "a")]));
    assert_eq!(listed(&bench, &[("prefix", "c".into())]).await.unwrap().len(), 0);
    let head = bench
        .run("blob_delete", &within(&[("name", "b".into()), ("if_match", all[2]["etag"].clone())]))
        .await;
    assert_eq!(head.unwrap().change, Change::Removed, "the ETag is that of headers");
}

/// A page names only the start of the next one, so its URL is made from the first one.
#[tokio::test]
async fn the_pages_of_a_list_of_blobs_are_followed() {
    let page = |name: &str, marker: &str| {
        ok(&format!(
            "<?xml version=\"1.0\"?><EnumerationResults><Blobs><Blob><Name>{name}</Name></Blob></Blobs><NextMarker>{marker}\
             </NextMarker></EnumerationResults>"
        ))
    };
    for (answers, expected) in [
        (vec![page("a", "2!8&amp;="), page("b", "")], Ok(2)),
        (vec![page("a", "x"), page("b", "x")], Err("pagination loop")),
        (vec![ok("<EnumerationResults><Blobs>")], Err("unexpected response")),
        (vec![ok("{\"value\":[]}")], Err("unexpected response")),
    ] {
        let server = Server::answering_in_turn(|_| answers.clone()).await;
        let bench = Bench::start().await;
        let endpoint = format!("http://arcmi01.blob.localhost:{}", server.port);
        let bench = bench.again(|options| {
            options.cloud = below(
                &options.cloud,
                arcbook_steps::Service::Blob,
                &format!("blob.localhost:{}", server.port),
            );
        });
        let given = [("account", endpoint.into()), ("container", "uploads".into()), ("prefix", "a b".into())];
        let outcome = bench.run("blob_list", &given).await;
        let told = outcome.map(|outcome| match outcome.outputs["blobs"].data() {
            Data::Tuple(items) => items.len(),
            _ => panic!("no list"),
        });
        match (told, expected) {
            (Ok(count), Ok(expected)) => assert_eq!(count, expected),
            (Err(error), Err(expected)) => assert!(error.summary().contains(expected), "{error:?}"),
            (told, expected) => panic!("{told:?} is not {expected:?}"),
        }
        let requests = server.heard().requests;
        assert!(requests.iter().all(|request| request.contains("\r\nx-ms-version: ")), "{requests:?}");
        if let Some(second) = requests.get(1).filter(|_| expected.is_ok()) {
            let target = "GET /uploads?restype=container&comp=list&prefix=a%20b&marker=2%218%26%3D HTTP/1.1";
            assert!(second.starts_with(target), "{second}");
        }
    }
}

#[tokio::test]
async fn a_blob_is_deleted_once() {
    let bench = with_blobs().await;
    let given = within(&[("name", "b".into()), ("snapshots", true.into())]);
    assert!(matches!(bench.find("blob_delete", &given, None).await, Ok(Existing::Unwanted(None))));
    let (outcome, _) = bench.keep("blob_delete", &given, bench.context()).await.unwrap();
    assert_eq!((outcome.change, &outcome.outputs["soft"]), (Change::Removed, &false.into()));
    assert!(text(&outcome, "url").ends_with("/uploads/b"));
    let (outcome, _) = bench.keep("blob_delete", &given, bench.context()).await.unwrap();
    assert_eq!((outcome.change, &outcome.outputs["deleted"]), (Change::None, &false.into()));
    let resumed = bench.context().after(Some(PriorState::Present));
    assert_eq!(bench.keep("blob_delete", &given, resumed).await.unwrap().0.change, Change::Removed);
    for fault in ["blob:lost-answer:method=DELETE", "blob:429:retry-after-ms=1:method=DELETE"] {
        bench.fault(fault);
        let given = within(&[("name", if fault.contains("lost") { "a/1" } else { "a/2 & ü" }.into())]);
        assert_eq!(
            bench.keep("blob_delete", &given, bench.context()).await.unwrap().0.change,
            Change::Removed,
            "{fault}"
        );
    }
    assert_eq!(listed(&bench, &[]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn another_blob_than_the_one_that_was_found_is_kept() {
    let bench = with_blobs().await;
    let given = within(&[("name", "b".into()), ("if_match", "\"0x0\"".into())]);
    let error = bench.keep("blob_delete", &given, bench.context()).await.map(drop).unwrap_err();
    assert!(error.summary().contains("another ETag"), "{error:?}");
    // A change after the lookup is noticed.
    let given = within(&[("name", "b".into())]);
    let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let work = arcbook_steps::registry(&bench.azure).get("blob_delete").unwrap().prepare(&arguments).unwrap();
    work.find(bench.context()).await.unwrap();
    let other = within(&[("name", "b".into()), ("content", "other".into())]);
    bench.run("blob_upload", &other).await.unwrap();
    let error = work.run(bench.context().after(Some(PriorState::Present))).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.summary().contains("another client changed"), "{error:?}");
    assert_eq!(listed(&bench, &[]).await.unwrap().len(), 3);
}

#[tokio::test]
#[cfg(unix)]
async fn a_secret_blob_leaves_no_rights_to_others() {
    use std::os::unix::fs::PermissionsExt as _;

    let bench = with_blobs().await;
    for (before, is_secret, expected) in
        [(0o644, false, 0o644), (0o644, true, 0o600), (0o755, true, 0o700), (0o640, true, 0o640)]
    {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        std::fs::write(&path, "before").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(before)).unwrap();
        let given = within(&[("name", "b".into()), ("path", path.display().to_string().into())]);
        let given = given.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let work = registry(&bench.azure).get("blob_download").unwrap().prepare(&given).unwrap();
        work.run(bench.context().sensitive(is_secret)).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, expected, "{before:o} {is_secret}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello");
    }
}
