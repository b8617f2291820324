//! Secrets that are set, listed, deleted and put back.

use arcbook_engine::step::{Change, ErrorKind, Existing, PriorState, Progress, StepError};
use arcbook_engine::value::{Data, Value};
use arcbook_lab::Request;

use crate::world::{Bench, text};

const WORLD: &str = r#"
key_vault "desk01" {
  resource_group = "arc_pilot"
  deletion_polls = 2
  access_policy { secrets = ["get", "list", "set", "delete", "recover", "purge"] }
  secret "off" {
    value   = "older"
    enabled = false
  }
}

key_vault "letterbox01" {
  resource_group = "arc_pilot"
  access_policy { secrets = ["set"] }
}
"#;

const SET: &str = "keyvault_secret_set";
const DELETE: &str = "keyvault_secret_delete";

type Given = Vec<(&'static str, Value)>;

fn named(vault: &'static str, name: &'static str) -> Given {
    vec![("vault", vault.into()), ("name", name.into())]
}

fn set(value: &'static str, more: &[(&'static str, Value)]) -> Given {
    [&named("desk01", "pin")[..], &[("value", value.into())], more].concat()
}

fn tags(pairs: &[(&'static str, &'static str)]) -> Value {
    Value::string_map(pairs.iter().copied())
}

impl Bench {
    async fn set(&self, given: &Given) -> Result<Change, StepError> {
        self.keep(SET, given, self.context()).await.map(|(outcome, _)| outcome.change)
    }

    /// Returns the outputs of the secret as `keyvault_secret` reads it.
    async fn pin(&self) -> arcbook_engine::value::Entries {
        self.run("keyvault_secret", &named("desk01", "pin")).await.unwrap().outputs
    }

    fn sent(&self, method: &str) -> Vec<Request> {
        let requests = self.lab.requests();
        requests
            .into_iter()
            .filter(|request| request.method == method && request.target.contains("secrets/"))
            .collect()
    }
}

#[tokio::test]
async fn a_secret_gets_a_new_version_only_for_another_value() {
    let bench = Bench::of(WORLD).await;
    let given = |value, more: &[(&'static str, Value)]| {
        let all = [("content_type", "text/plain".into()), ("tags", tags(&[("a", "b")]))];
        set(value, &[&all[..], more].concat())
    };
    assert_eq!(bench.set(&given("1", &[])).await.unwrap(), Change::Created);
    assert_eq!(bench.set(&given("1", &[])).await.unwrap(), Change::None);
    assert_eq!(bench.set(&set("1", &[])).await.unwrap(), Change::None, "what is left out is not compared");
    let first = bench.pin().await["version"].clone();
    let dates = [("expires_on", "2030-01-31T12:00:00Z".into()), ("not_before", "1000".into())];
    assert_eq!(bench.set(&given("1", &dates)).await.unwrap(), Change::Updated);
    assert_eq!(bench.set(&given("1", &dates)).await.unwrap(), Change::None);
    let pin = bench.pin().await;
    assert_eq!((&pin["version"], &pin["expires_on"]), (&first, &1_896_091_200_i64.into()));
    assert_eq!((bench.sent("PUT").len(), bench.sent("PATCH").len()), (1, 1));
    // A new version takes over the content type and the tags.
    assert_eq!(bench.set(&set("2", &[])).await.unwrap(), Change::Updated);
    let pin = bench.pin().await;
    assert_eq!((&pin["value"], &pin["content_type"]), (&"2".into(), &"text/plain".into()));
    assert_eq!((&pin["tags"], &pin["expires_on"].is_null()), (&tags(&[("a", "b")]), &true));
    assert_ne!(pin["version"], first);
}

#[tokio::test]
async fn an_existing_secret_may_keep_its_value() {
    let bench = Bench::of(WORLD).await;
    let kept =
        |value, more: &[(&'static str, Value)]| set(value, &[&[("keep_value", true.into())], more].concat());
    assert_eq!(bench.set(&kept("one", &[])).await.unwrap(), Change::Created);
    assert_eq!(bench.set(&kept("two", &[])).await.unwrap(), Change::None);
    assert_eq!(bench.set(&kept("two", &[("tags", tags(&[("a", "b")]))])).await.unwrap(), Change::Updated);
    assert_eq!(bench.pin().await["value"], "one".into());
    assert_eq!(bench.sent("PUT").len(), 1);
    // The vault does not tell the value of a disabled secret, which is enabled with it.
    assert_eq!(bench.set(&kept("two", &[("enabled", false.into())])).await.unwrap(), Change::Updated);
    assert_eq!(bench.set(&kept("two", &[])).await.unwrap(), Change::Updated);
    assert_eq!(bench.pin().await["value"], "one".into());
    assert_eq!(bench.sent("PUT").len(), 1);
}

#[tokio::test]
async fn a_lookup_names_what_differs_and_shows_no_value() {
    let bench = Bench::of(WORLD).await;
    bench.set(&set("canary-1", &[("tags", tags(&[("a", "b"), ("c", "d")]))])).await.unwrap();
    let more =
        [("tags", tags(&[("a", "x")])), ("content_type", "text/plain".into()), ("enabled", false.into())];
    let found = bench.find(SET, &set("canary-2", &more), None).await.unwrap();
    let Existing::Different(differences, prior) = &found else { panic!("{found:?}") };
    let names: Vec<&str> = differences.iter().map(|found| found.attribute.as_str()).collect();
    assert_eq!(names, ["value", "content_type", "tags.a", "tags.c", "enabled"]);
    assert!(differences[0].was.is_sensitive() && differences[0].will.is_sensitive());
    assert!(prior.is_some());
    assert!(!format!("{found:?}").contains("canary"), "{found:?}");
    assert_eq!(bench.changes(), 1);
    for secret in ["canary-1", "canary-2"] {
        bench.set(&set("canary-2", &[])).await.unwrap();
        assert_eq!(bench.secrets.redact(secret), "(sensitive value)".replace(" value", ""), "{secret}");
    }
}

#[tokio::test]
async fn a_disabled_secret_is_left_or_replaced() {
    let bench = Bench::of(WORLD).await;
    let off = |more: &[(&'static str, Value)]| {
        [&named("desk01", "off")[..], &[("value", "newer".into())], more].concat()
    };
    assert_eq!(bench.set(&off(&[("enabled", false.into())])).await.unwrap(), Change::None);
    assert_eq!(bench.set(&off(&[])).await.unwrap(), Change::Updated);
    assert_eq!(bench.set(&off(&[])).await.unwrap(), Change::None);
    assert_eq!(bench.set(&off(&[("enabled", false.into())])).await.unwrap(), Change::Updated);
}

#[tokio::test]
async fn an_identity_that_may_only_set_does_not_compare() {
    let bench = Bench::of(WORLD).await;
    let given = [named("letterbox01", "post"), vec![("value", "1".into())]].concat();
    let found = bench.find(SET, &given, None).await;
    assert!(matches!(&found, Ok(Existing::Unknown(why)) if why.contains("403")), "{found:?}");
    let error = bench.set(&given).await.unwrap_err();
    assert!(error.remedies().iter().any(|remedy| remedy.contains("compare = false")), "{error:?}");
    assert_eq!(bench.changes(), 0, "nothing is set without a comparison");
    let blind = [given, vec![("compare", false.into())]].concat();
    assert_eq!(bench.set(&blind).await.unwrap(), Change::Updated);
    assert!(bench.sent("GET").iter().all(|request| request.status == Some(403)), "nothing is read");
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_version() {
    for (fault, puts) in [
        ("keyvault:lost-answer:method=PUT", 1),
        ("keyvault:reset:method=PUT", 2),
        ("keyvault:500:method=PUT", 2),
        ("keyvault:429:retry-after-ms=1:method=PUT", 2),
    ] {
        let bench = Bench::of(WORLD).await;
        for (value, change) in [("1", Change::Created), ("2", Change::Updated)] {
            bench.fault(fault);
            assert_eq!(bench.set(&set(value, &[])).await.unwrap(), change, "{fault}");
        }
        assert_eq!((bench.sent("PUT").len(), bench.changes()), (2 * puts, 2), "{fault}");
        assert_eq!(bench.pin().await["value"], "2".into(), "{fault}");
    }
    // Without a lookup nothing tells whether the version was made.
    let bench = Bench::of(WORLD).await;
    bench.fault("keyvault:lost-answer:method=PUT");
    let error = bench.set(&set("1", &[("compare", false.into())])).await.unwrap_err();
    assert!(error.is_uncertain(), "{error:?}");
    assert_eq!(bench.changes(), 1);
}

#[tokio::test]
async fn an_earlier_attempt_is_adopted() {
    for (before, change) in [(PriorState::Absent, Change::Created), (PriorState::Present, Change::Updated)] {
        let bench = Bench::of(WORLD).await;
        bench.set(&set("1", &[])).await.unwrap();
        let (outcome, _) =
            bench.keep(SET, &set("1", &[]), bench.context().after(Some(before))).await.unwrap();
        assert_eq!((outcome.change, bench.changes()), (change, 1));
        assert!(outcome.receipt.is_some(), "it can be undone");
    }
    // The recorded version is no longer the latest: somebody else has set another one.
    let bench = Bench::of(WORLD).await;
    let first = bench.keep(SET, &set("1", &[]), bench.context()).await.unwrap().0;
    bench.set(&set("2", &[])).await.unwrap();
    let arguments = set("1", &[]).into_iter().map(|(name, value)| (name.into(), value)).collect();
    let work = arcbook_steps::registry(&bench.azure).get(SET).unwrap().prepare(&arguments).unwrap();
    let found = work.find(bench.context().after(Some(PriorState::Absent)).made(first.outputs)).await;
    assert!(matches!(found, Ok(Existing::Altered(_))), "{found:?}");
}

#[tokio::test]
async fn an_undo_deletes_a_new_secret_and_sets_an_older_value_again() {
    let bench = Bench::of(WORLD).await;
    let (_, created) =
        bench.keep(SET, &set("1", &[("tags", tags(&[("a", "b")]))]), bench.context()).await.unwrap();
    let later = [("tags", tags(&[])), ("expires_on", "2000000000".into())];
    let (_, updated) = bench.keep(SET, &set("2", &later), bench.context()).await.unwrap();
    let (created, updated) = (created.unwrap(), updated.unwrap());
    let proofs = format!("{:?} {:?}", updated.proof, updated.prior);
    assert!(!proofs.contains("\"1\"") && !proofs.contains("\"2\""), "the record holds no value: {proofs}");
    let stale = bench.undo_kept(SET, &created).await.unwrap_err();
    assert!(stale.summary().contains("has changed since"), "{stale}");
    assert_eq!(bench.undo_kept(SET, &updated).await.unwrap(), Change::Updated);
    let pin = bench.pin().await;
    assert_eq!((&pin["value"], &pin["tags"]), (&"1".into(), &tags(&[("a", "b")])));
    assert!(pin["expires_on"].is_null());
    assert_eq!(bench.undo_kept(SET, &updated).await.unwrap(), Change::None, "it was undone");
    // Attributes alone are put back too.
    let (_, patched) = bench.keep(SET, &set("1", &later), bench.context()).await.unwrap();
    assert_eq!(bench.undo_kept(SET, &patched.unwrap()).await.unwrap(), Change::Updated);
    assert!(bench.pin().await["expires_on"].is_null());
}

#[tokio::test]
async fn an_undo_of_a_new_secret_can_be_recovered() {
    let bench = Bench::of(WORLD).await;
    let (_, created) = bench.keep(SET, &set("1", &[]), bench.context()).await.unwrap();
    let created = created.unwrap();
    assert_eq!(bench.undo_kept(SET, &created).await.unwrap(), Change::Removed);
    assert_eq!(bench.undo_kept(SET, &created).await.unwrap(), Change::None);
    let error = bench.set(&set("2", &[])).await.unwrap_err();
    assert_eq!(error.code(), Some("ObjectIsDeletedButRecoverable"));
    assert!(error.remedies().iter().any(|remedy| remedy.contains("recover = true")), "{error:?}");
    let recover = set("2", &[("recover", true.into())]);
    assert_eq!(bench.set(&recover).await.unwrap(), Change::Created);
    assert_eq!(bench.set(&recover).await.unwrap(), Change::None);
    let waits = bench.progress.lock().unwrap();
    let waited = |word: &str| {
        waits.iter().any(|told| matches!(told, Progress::Polling { status, .. } if status == word))
    };
    assert!(waited("being deleted") && waited("being recovered"), "{waits:?}");
}

#[tokio::test]
async fn a_secret_is_deleted_recovered_and_purged() {
    let bench = Bench::of(WORLD).await;
    bench.set(&set("1", &[])).await.unwrap();
    let pin = named("desk01", "pin");
    let delete = async |given: &Given| bench.keep(DELETE, given, bench.context()).await.unwrap();
    let (outcome, receipt) = delete(&pin).await;
    assert_eq!(outcome.change, Change::Removed);
    assert!(text(&outcome, "recoverable_until").ends_with('Z'));
    assert_eq!(delete(&pin).await.0.change, Change::None);
    let receipt = receipt.unwrap();
    assert_eq!(bench.undo_kept(DELETE, &receipt).await.unwrap(), Change::Created);
    assert_eq!(bench.undo_kept(DELETE, &receipt).await.unwrap(), Change::None);
    assert_eq!(bench.pin().await["value"], "1".into());
    let purge = [pin.clone(), vec![("purge", true.into())]].concat();
    let (outcome, receipt) = delete(&purge).await;
    assert_eq!((outcome.change, outcome.outputs["recoverable_until"].is_null()), (Change::Removed, true));
    let gone = arcbook_steps::registry(&bench.azure).get(DELETE).unwrap().undo(&receipt.unwrap());
    assert!(gone.is_none(), "nobody recovers a purged secret");
    assert_eq!(delete(&purge).await.0.change, Change::None);
    // A secret that was deleted earlier is purged too.
    bench.set(&set("2", &[])).await.unwrap();
    delete(&pin).await;
    assert_eq!(delete(&purge).await.0.change, Change::Removed);
    assert_eq!(bench.set(&set("3", &[])).await.unwrap(), Change::Created);
    // The value of a disabled secret cannot be read: a deletion needs no value.
    assert_eq!(delete(&named("desk01", "off")).await.0.change, Change::Removed);
}

#[tokio::test]
async fn a_lost_deletion_is_known_and_undone() {
    for fault in ["keyvault:lost-answer:method=DELETE", "keyvault:reset:method=DELETE"] {
        let bench = Bench::of(WORLD).await;
        bench.set(&set("1", &[])).await.unwrap();
        bench.fault(fault);
        let (outcome, receipt) = bench.keep(DELETE, &named("desk01", "pin"), bench.context()).await.unwrap();
        assert_eq!((outcome.change, bench.changes()), (Change::Removed, 2), "{fault}");
        assert_eq!(bench.undo_kept(DELETE, &receipt.unwrap()).await.unwrap(), Change::Created, "{fault}");
    }
    let bench = Bench::of(WORLD).await;
    bench.set(&set("1", &[])).await.unwrap();
    bench.keep(DELETE, &named("desk01", "pin"), bench.context()).await.unwrap();
    let resumed = bench.context().after(Some(PriorState::Present));
    let (outcome, _) = bench.keep(DELETE, &named("desk01", "pin"), resumed).await.unwrap();
    assert_eq!((outcome.change, outcome.receipt.is_some()), (Change::Removed, true));
}

#[tokio::test]
async fn a_refused_deletion_is_told() {
    let bench = Bench::start().await;
    let given = named("arcmi01", "scenario");
    let error = bench.keep(DELETE, &given, bench.context()).await.map(drop).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(403)));
    let closed = named("closed01", "scenario");
    let found = bench.find(DELETE, &closed, None).await;
    assert!(matches!(found, Ok(Existing::Unknown(_))), "{found:?}");
}

#[tokio::test]
async fn secrets_are_listed_on_all_pages_without_values() {
    let secret =
        |blocks: String, at: usize| format!("{blocks}  secret \"s{at:02}\" {{ value = \"canary\" }}\n");
    let secrets = (0..60).fold(String::new(), secret);
    let vault = format!(
        "key_vault \"many01\" {{\n  resource_group = \"arc_pilot\"\n  access_policy {{ secrets = [\"list\"] }}\n{secrets}  \
         certificate \"web\" {{ }}\n}}"
    );
    let bench = Bench::of(&vault).await;
    let outcome = bench.run("keyvault_secrets", &[("vault", "many01".into())]).await.unwrap();
    let Data::Tuple(items) = outcome.outputs["secrets"].data() else { panic!("no list") };
    assert_eq!(items.len(), 61);
    let members = |item: &Value| match item.data() {
        Data::Object(members) => members.clone(),
        _ => panic!("no object"),
    };
    let (first, last) = (members(&items[0]), members(&items[60]));
    assert_eq!(
        (&first["name"], &first["enabled"], &first["managed"]),
        (&"s00".into(), &true.into(), &false.into())
    );
    assert_eq!((&last["name"], &last["managed"]), (&"web".into(), &true.into()));
    assert!(!format!("{outcome:?}").contains("canary"));
    let pages = bench.lab.requests().iter().filter(|request| request.target.starts_with("/secrets?")).count();
    assert_eq!(pages, 3);
}
