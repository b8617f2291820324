//! Each step type reads or changes what its documentation says.

use arcbook_engine::step::{ArgumentError, Change, ErrorKind, Existing, PriorState};
use arcbook_engine::value::{Data, Marks, Value};
use arcbook_lab::Service;
use arcbook_steps::registry;

use crate::world::{Bench, RUN, text};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot";

#[tokio::test]
async fn metadata_returns_the_machine() {
    let bench = Bench::start().await;
    let outcome = bench.run("metadata", &[]).await.unwrap();
    assert_eq!(text(&outcome, "name"), "ArcBox-01");
    assert_eq!(text(&outcome, "os"), "linux");
    assert_eq!(text(&outcome, "resource_group_id"), GROUP);
    let tags = [("scenario", "Managed Identity"), ("a:b", "c;d")];
    assert_eq!(outcome.outputs["tags"], Value::string_map(tags));
    assert!(matches!(outcome.body.unwrap().data(), Data::Object(body) if body.contains_key("compute")));
    assert_eq!(bench.count(Service::Himds), 1, "no token is needed");
}

#[tokio::test]
async fn token_returns_the_token_and_its_claims() {
    let bench = Bench::start().await;
    let storage = bench.azure.cloud().audience(arcbook_steps::Service::Blob).to_string();
    let outcome = bench.run("token", &[("resource", storage.as_str().into())]).await.unwrap();
    let Data::Object(claims) = outcome.outputs["claims"].data() else { panic!("no claims") };
    assert_eq!(claims["aud"], storage.into());
    assert_eq!(text(&outcome, "access_token").split('.').count(), 3);
    bench.container().await.unwrap();
    assert_eq!(bench.count(Service::Himds), 2, "the token is shared");
}

#[tokio::test]
async fn arm_get_returns_the_response_unchanged() {
    let bench = Bench::start().await;
    let path = "/subscriptions/00000000-0000-0000-0000-000000000000/tagNames";
    let outcome = bench.run("arm_get", &[("path", path.into())]).await.unwrap();
    assert_eq!(outcome.outputs["status"], 200_i64.into());
    assert!(matches!(outcome.body.unwrap().data(), Data::Object(body) if body.contains_key("value")));
    let missing = bench.run("arm_get", &[("path", format!("{GROUP}x").into())]).await.unwrap_err();
    assert_eq!((missing.kind(), missing.status()), (ErrorKind::Refused, Some(404)));
    assert!(missing.code().is_some() && missing.request_id().is_some(), "{missing:?}");
}

#[tokio::test]
async fn arm_list_reads_all_pages() {
    let bench = Bench::start().await;
    let items = async |more: &[(&'static str, Value)]| {
        let mut arguments = vec![("scope", GROUP.into())];
        arguments.extend_from_slice(more);
        let outcome = bench.run("arm_list", &arguments).await.unwrap();
        match outcome.outputs["items"].data() {
            Data::Tuple(items) => items.len(),
            other => panic!("not a list but {}", matches!(other, Data::Null(_))),
        }
    };
    assert_eq!(items(&[]).await, 6);
    assert_eq!(bench.count(Service::Arm), 4, "discovery and three pages of two");
    assert_eq!(items(&[("resource_type", "Microsoft.KeyVault/vaults".into())]).await, 2);
    let named =
        [("resource_type", "Microsoft.KeyVault/vaults".into()), ("filter", "name eq 'arcmi01'".into())];
    assert_eq!(items(&named).await, 1);
}

#[tokio::test]
async fn keyvault_secret_reads_by_name_or_uri() {
    let bench = Bench::start().await;
    let outcome = bench.read_secret().await.unwrap();
    assert_eq!(text(&outcome, "value"), "canary-secret-value");
    assert_eq!(text(&outcome, "content_type"), "text/plain");
    assert_eq!(outcome.outputs["enabled"], true.into());
    let uri = bench.lab.azure().vault("arcmi01");
    let version = text(&outcome, "version");
    let again = [("vault", uri.into()), ("name", "scenario".into()), ("version", version.into())];
    assert_eq!(bench.run("keyvault_secret", &again).await.unwrap().outputs["id"], outcome.outputs["id"]);
}

#[tokio::test]
async fn blob_container_converges() {
    let bench = Bench::start().await;
    let first = bench.container().await.unwrap();
    assert_eq!((first.change, &first.outputs["created"]), (Change::Created, &true.into()));
    let second = bench.container().await.unwrap();
    assert_eq!((second.change, &second.outputs["created"]), (Change::None, &false.into()));
}

#[tokio::test]
async fn blob_upload_sends_text_or_a_file() {
    let bench = Bench::start().await;
    bench.container().await.unwrap();
    let metadata = Value::string_map([("machine", "ArcBox-01")]);
    let outcome = bench.upload(&[("content", "hello".into()), ("metadata", metadata)]).await.unwrap();
    assert_eq!(text(&outcome, "md5"), "XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(outcome.outputs["size"], 5_i64.into());
    assert!(text(&outcome, "url").ends_with("/uploads/a%20b/hosts.txt"), "{outcome:?}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hello").unwrap();
    let source = [("source", file.path().to_str().unwrap().into())];
    let outcome = bench.upload(&source).await.unwrap();
    assert_eq!((outcome.change, text(&outcome, "md5")), (Change::Updated, "XUFAKrxLKna5cZ2REBfFkg=="));
}

#[tokio::test]
async fn an_account_may_be_given_by_its_endpoint() {
    let bench = Bench::start().await;
    let name = bench.container().await.unwrap();
    let endpoint = text(&name, "url").strip_suffix("uploads").unwrap().to_owned();
    let again = [("account", endpoint.clone().into()), ("name", "uploads".into())];
    let again = bench.run("blob_container", &again).await.unwrap();
    assert_eq!((again.change, &again.outputs["url"]), (Change::None, &name.outputs["url"]));
    let upload = [
        ("account", endpoint.into()),
        ("container", "uploads".into()),
        ("name", "x".into()),
        ("content", "hello".into()),
    ];
    assert_eq!(bench.run("blob_upload", &upload).await.unwrap().change, Change::Updated);
}

#[tokio::test]
async fn blob_upload_can_keep_an_existing_blob() {
    let bench = Bench::start().await;
    bench.container().await.unwrap();
    let arguments = [("content", "hello".into()), ("create_only", true.into())];
    let upload = || bench.upload(&arguments);
    let (first, second) = (upload().await.unwrap(), upload().await.unwrap());
    assert_eq!((first.change, &first.outputs["uploaded"]), (Change::Created, &true.into()));
    assert_eq!((second.change, &second.outputs["uploaded"]), (Change::None, &false.into()));
    assert!(second.outputs["etag"].is_null());
}

#[tokio::test]
async fn a_container_names_the_run_that_created_it() {
    let container = [("account".into(), "arcmi01".into()), ("name".into(), "uploads".into())];
    for (creator, change) in [(RUN, Change::Created), ("another", Change::None)] {
        let bench = Bench::start().await;
        let registry = registry(&bench.azure);
        let work = registry.get("blob_container").unwrap().prepare(&container.clone().into()).unwrap();
        work.run(bench.context().in_runs([creator.to_owned()])).await.unwrap();
        let asked = [("account", "arcmi01".into()), ("name", "uploads".into())];
        let found = bench.find("blob_container", &asked, Some(PriorState::Absent)).await;
        let Ok(Existing::AsWanted(there)) = found else { panic!("{creator}: {found:?}") };
        // The response to the first request is lost in both cases.
        bench.fault("blob:reset:method=PUT");
        let lost = bench.container().await.unwrap();
        for outcome in [there, lost] {
            assert_eq!(outcome.change, change, "{creator}");
            assert_eq!(outcome.outputs["created"], (change == Change::Created).into(), "{creator}");
        }
    }
}

#[tokio::test]
async fn existing_objects_are_found_before_a_change() {
    let bench = Bench::start().await;
    let container = [("account", "arcmi01".into()), ("name", "uploads".into())];
    let blob = |content: &'static str| {
        let container = [("account", Value::from("arcmi01")), ("container", "uploads".into())];
        let metadata = Value::string_map([("Machine", "ArcBox-01")]);
        let more = [("name", "x.txt".into()), ("content", content.into()), ("metadata", metadata)];
        [container.to_vec(), more.to_vec()].concat()
    };
    let absent = |found| matches!(found, Ok(Existing::Absent));
    assert!(absent(bench.find("blob_container", &container, None).await));
    assert!(absent(bench.find("blob_upload", &blob("a"), None).await), "no container is no blob");
    bench.container().await.unwrap();
    assert!(absent(bench.find("blob_upload", &blob("a"), None).await));
    let outcome = bench.run("blob_upload", &blob("a")).await.unwrap();
    let other = [("metadata", Value::string_map([("role", "web")])), ("content_type", "text/html".into())];
    let other = [blob("bc")[..4].to_vec(), other.to_vec()].concat();
    let Ok(Existing::Different(differences, _)) = bench.find("blob_upload", &other, None).await else {
        panic!()
    };
    let differences: Vec<_> = differences.into_iter().map(|it| (it.attribute, it.was, it.will)).collect();
    let expected = [
        ("md5", Value::from("DMF1ucDxtqgxw5niaXcmYQ=="), Value::from("U2CvNb3p69jwH0ktwFlZPA==")),
        ("size", 1_i64.into(), 2_i64.into()),
        ("content_type", "text/plain; charset=utf-8".into(), "text/html".into()),
        ("metadata.machine", "ArcBox-01".into(), Value::NULL),
        ("metadata.role", Value::NULL, "web".into()),
    ];
    assert_eq!(differences, expected.map(|(name, was, will)| (name.to_owned(), was, will)));
    let sensitive = Value::from("b").with_marks(&Marks::sensitive("var.b"));
    let secret = [blob("")[..3].to_vec(), vec![("content", sensitive)]].concat();
    let Ok(Existing::Different(differences, _)) = bench.find("blob_upload", &secret, None).await else {
        panic!()
    };
    for difference in differences {
        let hidden = ["md5", "size"].contains(&&*difference.attribute);
        assert_eq!((difference.was.is_sensitive(), difference.will.is_sensitive()), (hidden, hidden));
    }
    let create_only = [blob("b"), vec![("create_only", true.into())]].concat();
    let left = bench.find("blob_upload", &create_only, None).await;
    assert!(matches!(left, Ok(Existing::AsWanted(there)) if there.change == Change::None));
    for (before, change) in [
        (None, Change::None),
        // The blob does not carry the run's name, so somebody else uploaded the same content.
        (Some(PriorState::Absent), Change::None),
        (Some(PriorState::Present), Change::Updated),
        (Some(PriorState::Unknown), Change::Updated),
    ] {
        let found = bench.find("blob_upload", &blob("a"), before).await;
        let Ok(Existing::AsWanted(there)) = found else { panic!("{before:?}: {found:?}") };
        assert_eq!((there.change, &there.outputs["etag"]), (change, &outcome.outputs["etag"]), "{before:?}");
        assert_eq!(there.outputs["uploaded"], (change != Change::None).into());
    }
    let mut closed = blob("a");
    closed[0].1 = "closed01".into();
    let found = bench.find("blob_upload", &closed, None).await;
    let Ok(Existing::Unknown(why)) = found else { panic!("{found:?}") };
    assert!(why.starts_with("the service answered 403"), "{why}");
}

#[tokio::test]
async fn undo_removes_only_unchanged_objects_that_the_run_created() {
    let bench = Bench::start().await;
    let container = bench.container().await.unwrap().outputs;
    let first = bench.upload(&[("content", "one".into())]).await.unwrap().outputs;
    let second = bench.upload(&[("content", "two".into())]).await.unwrap().outputs;
    let changed = bench.undo("blob_upload", &first).await.unwrap_err();
    assert_eq!(changed.summary(), "the blob has changed since and is kept");
    let full = bench.undo("blob_container", &container).await.unwrap_err();
    assert_eq!(full.summary(), "the container is not empty and is kept");
    bench.fault("blob:lost-answer:method=DELETE");
    assert_eq!(bench.undo("blob_upload", &second).await.unwrap(), Change::Removed, "its answer was lost");
    assert_eq!(bench.undo("blob_upload", &second).await.unwrap(), Change::None);
    assert_eq!(bench.undo("blob_container", &container).await.unwrap(), Change::Removed);
    assert_eq!(bench.undo("blob_container", &container).await.unwrap(), Change::None);
    assert_eq!(bench.undo("blob_upload", &second).await.unwrap(), Change::None, "nor is the container there");
}

#[tokio::test]
async fn echo_returns_its_input() {
    let bench = Bench::start().await;
    let outcome = bench.run("echo", &[("input", "hello".into())]).await.unwrap();
    assert_eq!((text(&outcome, "output"), &outcome.body), ("hello", &Some("hello".into())));
}

#[tokio::test]
async fn a_refusal_names_the_missing_permission() {
    let bench = Bench::start().await;
    let arguments = [("vault", "closed01".into()), ("name", "scenario".into())];
    let vault = bench.run("keyvault_secret", &arguments).await.unwrap_err();
    assert_eq!(vault.status(), Some(403));
    assert!(vault.remedies().iter().any(|help| help.contains("closed01")), "{vault:?}");
    let blob =
        bench.run("blob_container", &[("account", "closed01".into()), ("name", "uploads".into())]).await;
    let blob = blob.unwrap_err();
    assert_eq!(blob.code(), Some("AuthorizationPermissionMismatch"));
    assert!(blob.remedies().iter().any(|help| help.contains("Storage Blob Data Contributor")), "{blob:?}");
    let missing = bench.run("keyvault_secret", &[("vault", "arcmi01".into()), ("name", "none".into())]).await;
    assert_eq!(missing.unwrap_err().code(), Some("SecretNotFound"));
}

#[tokio::test]
async fn bad_arguments_are_found_before_any_request() {
    let bench = Bench::start().await;
    let sent = bench.lab.requests().len();
    for (ty, arguments, argument) in [
        ("keyvault_secret", vec![("vault", "https://evil.example".into()), ("name", "x".into())], "vault"),
        ("keyvault_secret", vec![("vault", "kv1".into()), ("name", "a/b".into())], "name"),
        ("keyvault_secret", vec![("vault", "kv1".into())], "name"),
        ("arm_list", vec![], "scope"),
        ("arm_list", vec![("scope", GROUP.into()), ("path", GROUP.into())], "path"),
        ("arm_list", vec![("scope", "arc_pilot".into())], "scope"),
        ("arm_get", vec![("path", "https://evil.example/".into())], "path"),
        ("arm_get", vec![("path", "/subscriptions/s/providers/Foo.Bar/x/y".into())], "api_version"),
        ("token", vec![("resource", "a b".into())], "resource"),
        ("blob_container", vec![("account", "Big".into()), ("name", "uploads".into())], "account"),
        (
            "blob_container",
            vec![("account", "https://acc.evil.example".into()), ("name", "uploads".into())],
            "account",
        ),
        (
            "blob_upload",
            vec![
                ("account", "https://acc.queue.core.windows.net/".into()),
                ("container", "abc".into()),
                ("name", "x".into()),
                ("content", "x".into()),
            ],
            "account",
        ),
    ] {
        let errors = bench.refused(ty, &arguments);
        assert_eq!(errors.iter().map(ArgumentError::argument).collect::<Vec<_>>(), [argument], "{ty}");
    }
    let upload = [("account", "acc".into()), ("container", "abc".into()), ("name", "x".into())];
    assert_eq!(bench.refused("blob_upload", &upload)[0].argument(), "content");
    assert_eq!(bench.lab.requests().len(), sent);
}

#[tokio::test]
async fn every_type_is_documented() {
    let bench = Bench::start().await;
    let registry = registry(&bench.azure);
    let names: Vec<_> = registry.names().collect();
    assert_eq!(
        names,
        [
            "arc_agent",
            "arc_connect",
            "arc_disconnect",
            "arc_extension",
            "arc_machine",
            "arc_run_command",
            "arm_action",
            "arm_delete",
            "arm_deployment",
            "arm_get",
            "arm_list",
            "arm_resource",
            "assert",
            "blob_container",
            "blob_delete",
            "blob_download",
            "blob_list",
            "blob_upload",
            "directory",
            "echo",
            "endpoint",
            "entra_group_member",
            "exec",
            "file",
            "host",
            "http",
            "keyvault_access_policy",
            "keyvault_certificate",
            "keyvault_secret",
            "keyvault_secret_delete",
            "keyvault_secret_set",
            "keyvault_secrets",
            "metadata",
            "postgres_query",
            "provider_registration",
            "random",
            "resource_graph",
            "resource_group",
            "resource_tags",
            "role_assignment",
            "template",
            "token",
            "wait",
        ]
    );
    for step_type in registry.iter() {
        let schema = step_type.schema();
        let docs = schema.arguments.iter().chain(&schema.outputs).map(|field| field.docs);
        for docs in docs.chain([schema.docs]) {
            let first = docs.lines().next().unwrap_or_default();
            assert!(first.ends_with(['.', ',', ';']) || docs.lines().count() > 1, "{}: {first}", schema.name);
        }
    }
}

#[tokio::test]
async fn the_jumpstart_steps_send_no_superfluous_request() {
    let bench = Bench::start().await;
    let discovery = bench.lab.requests().len();
    bench.run("metadata", &[]).await.unwrap();
    bench.run("arm_list", &[("scope", GROUP.into())]).await.unwrap();
    bench.read_secret().await.unwrap();
    bench.container().await.unwrap();
    bench.upload(&[("content", "hello".into())]).await.unwrap();
    let services = [Service::Himds, Service::Arm, Service::KeyVault, Service::Blob];
    let counts = services.map(|service| bench.count(service));
    assert_eq!(counts, [1 + 3 * 2, discovery + 3, 1, 2], "metadata and three tokens, three pages, one, two");
}
