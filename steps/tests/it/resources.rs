//! Resources that change, against the three kinds of long-running operations.

use arcbook_engine::step::{Change, Context, Platform as _, PriorState, Receipt, StepError};
use arcbook_engine::value::Value;
use arcbook_lab::OperationStatus;
use arcbook_steps::registry;

use crate::world::{Bench, Given, json, told};

const WORLD: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Lab.Now/things" {
  etag       = true
  write_only = ["properties.pin", "properties.protectedSettings"]
  defaults   = { tier = "basic" }
}

resource_type "Lab.Async/things" {
  operation {
    kind  = "azure-async-operation"
    polls = 2
  }
}

resource_type "Lab.Location/things" {
  operation {
    kind  = "location"
    polls = 2
  }
}

resource_type "Lab.State/things" {
  operation {
    kind    = "provisioning-state"
    polls   = 2
    methods = ["PUT", "PATCH", "DELETE"]
  }
}
"#;

const KINDS: [&str; 4] = ["Now", "Async", "Location", "State"];

fn id(kind: &str) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Lab.{kind}/things/x"
    )
}

/// Returns the arguments of a step that keeps the resource of this kind as `body` declares.
fn given(kind: &str, body: &str) -> Given {
    vec![("id", Value::from(id(kind))), ("api_version", Value::from("2024-01-01")), ("body", json(body))]
}

fn and(mut given: Given, name: &'static str, value: impl Into<Value>) -> Given {
    given.push((name, value.into()));
    given
}

impl Bench {
    async fn keep_resource(&self, given: &Given) -> Result<(Change, Option<Receipt>), StepError> {
        self.keep_in(given, self.context()).await
    }

    async fn keep_in(&self, given: &Given, context: Context) -> Result<(Change, Option<Receipt>), StepError> {
        let kept = self.keep_step("arm_resource", given, context).await?;
        Ok((kept.outcome.change, kept.receipt))
    }

    async fn undo_resource(&self, receipt: &Receipt) -> Result<Change, StepError> {
        self.undo_step("arm_resource", receipt).await.expect("can be undone")
    }
}

#[tokio::test]
async fn a_resource_is_created_updated_undone_and_deleted_by_each_kind_of_operation() {
    for kind in KINDS {
        let bench = Bench::of(WORLD).await;
        let one = given(kind, r#"{"location":"West Europe","properties":{"size":1}}"#);
        let two = given(kind, r#"{"location":"westeurope","properties":{"size":2}}"#);
        let gone = vec![one[0].clone(), one[1].clone(), ("absent", Value::from(true))];
        let (change, created) = bench.keep_resource(&one).await.expect(kind);
        assert_eq!(change, Change::Created, "{kind}");
        assert_eq!(bench.keep_resource(&one).await.expect(kind).0, Change::None, "{kind}");
        assert_eq!(bench.changes(), 1, "{kind}");
        let (change, updated) = bench.keep_resource(&two).await.expect(kind);
        assert_eq!(change, Change::Updated, "{kind}");
        let stale = bench.undo_resource(&created.clone().expect("a receipt")).await.expect_err(kind);
        assert!(stale.summary().contains("has changed since"), "{stale}");
        assert_eq!(bench.undo_resource(&updated.expect("a receipt")).await.expect(kind), Change::Updated);
        assert_eq!(bench.keep_resource(&one).await.expect(kind).0, Change::None, "{kind}: it was put back");
        assert_eq!(bench.keep_resource(&gone).await.expect(kind).0, Change::Removed, "{kind}");
        assert_eq!(bench.keep_resource(&gone).await.expect(kind).0, Change::None, "{kind}");
        let (_, created) = bench.keep_resource(&one).await.expect(kind);
        let created = created.expect("a receipt");
        assert_eq!(bench.undo_resource(&created).await.expect(kind), Change::Removed, "{kind}");
        assert_eq!(bench.undo_resource(&created).await.expect(kind), Change::None, "{kind}");
        assert_eq!(bench.changes(), 6, "{kind}");
        let ended = |operation: &arcbook_lab::Operation| operation.status() == OperationStatus::Succeeded;
        assert!(bench.lab.operations().iter().all(ended), "{kind}: {:?}", bench.lab.operations());
    }
}

/// The step waits for the end of its operation, or says why it cannot, and sends one change.
#[tokio::test]
async fn a_strange_operation_is_followed_or_named() {
    for (kind, faults, expected) in [
        ("Async", &["operation-failed"][..], "the state Failed: "),
        ("Location", &["operation-canceled"], "OperationCanceled"),
        ("State", &["operation-failed"], "the state Failed"),
        ("Async", &["operation-elsewhere"], "created"),
        ("Async", &["operation-in-another-subscription"], "created"),
        ("Async", &["operation-relative"], "created"),
        ("Location", &["operation-relative"], "created"),
        ("Async", &["operation-both-headers"], "created"),
        ("Async", &["operation-no-retry-after"], "created"),
        ("Async", &["operation-lower-case"], "created"),
        ("State", &["operation-lower-case"], "created"),
        ("Async", &["operation-unknown-status"], "created"),
        ("Async", &["operation-redirects"], "answered 302"),
        ("Async", &["operation-without-version"], "answered 400"),
        ("Async", &["429:retry-after=0:path=/operationStatuses/"], "created"),
        ("Async", &["500:path=/operationStatuses/"], "created"),
        ("Async", &["404:path=/operationStatuses/:times=99"], "created"),
        ("Async", &["410:path=/operationStatuses/:times=99"], "created"),
        ("Async", &["operation-failed", "404:path=/operationStatuses/:times=99"], "the state Failed"),
        ("Async", &["lost-answer:method=PUT"], "created"),
        ("State", &["lost-answer:method=PUT"], "created"),
        ("Now", &["scope-locked"], "ScopeLocked"),
        ("Now", &["policy"], "RequestDisallowedByPolicy"),
    ] {
        let case = format!("{kind} {faults:?}");
        let bench = Bench::of(WORLD).await;
        for fault in faults {
            let method = if fault.contains("path=") { "" } else { ":method=PUT" };
            bench.fault(&format!("arm:{fault}{method}"));
        }
        let ran = bench.keep_resource(&given(kind, r#"{"location":"westeurope"}"#)).await;
        let told = match &ran {
            Ok((change, _)) => change.as_str().to_owned(),
            Err(error) => format!("{error}: {}", error.why().unwrap_or_default()),
        };
        assert!(told.contains(expected), "{case}: {told}");
        assert!(bench.changes() <= 1, "{case}");
        let elsewhere = bench.lab.requests().iter().any(|request| request.target.contains("elsewhere"));
        assert!(!elsewhere, "{case}: a request went elsewhere");
        if let Err(error) = ran
            && kind != "Now"
        {
            assert!(error.is_uncertain(), "{case}: a part may have been changed");
        }
    }
}

#[tokio::test]
async fn a_lookup_says_what_would_change() {
    let bench = Bench::of(WORLD).await;
    let made = r#"{"location":"westeurope","properties":{"size":1,"pin":"1234"},"tags":{"a":"b"}}"#;
    bench.keep_resource(&given("Now", made)).await.expect("made");
    let of = |body: &str| given("Now", body);
    for (given, expected) in [
        (of(made), "differs: properties.pin"),
        (and(of(made), "write_only", Value::tuple([Value::from("properties.pin")])), "as wanted, none"),
        (of(r#"{"location":"WEST europe"}"#), "as wanted, none"),
        (of(r#"{"properties":{"tier":"basic"}}"#), "as wanted, none"),
        (of(r#"{"properties":{"size":2}}"#), "differs: properties.size"),
        (of(r#"{"properties":{"size":2,"protectedSettings":{"k":"s"}}}"#), "differs: properties.size"),
        (of(r#"{"tags":{"a":"c","d":"e"}}"#), "differs: tags.a tags.d"),
        (
            and(of(r#"{"properties":{"size":2}}"#), "sensitive_body", json(r#"{"properties":{"pin":"9"}}"#)),
            "differs: properties.size, not to be put back",
        ),
        (and(of("{}"), "absent", true), "unwanted"),
    ] {
        assert_eq!(told(bench.find("arm_resource", &given, None).await), expected, "{given:?}");
    }
    assert_eq!(bench.changes(), 1, "a lookup changes nothing");
}

#[tokio::test]
async fn a_secret_is_sent_and_never_returned() {
    let bench = Bench::of(WORLD).await;
    let secret = json(r#"{"properties":{"protectedSettings":{"key":"canary-5521"}}}"#);
    let given = and(given("Now", r#"{"properties":{"size":1}}"#), "sensitive_body", secret);
    bench.keep_resource(&given).await.expect("made");
    let written = bench.lab.written(&id("Now")).expect("written").to_string();
    assert!(written.contains("canary-5521") && written.contains("size"), "{written}");
    assert_eq!(bench.keep_resource(&given).await.expect("kept").0, Change::None);
}

/// A change in between is noticed by the ETag: nothing is overwritten.
#[tokio::test]
async fn a_change_in_between_is_not_overwritten() {
    let bench = Bench::of(WORLD).await;
    let size = |size: u8| given("Now", &format!(r#"{{"properties":{{"size":{size}}}}}"#));
    bench.keep_resource(&size(1)).await.expect("made");
    let arguments = size(2).into_iter().map(|(name, value)| (name.into(), value)).collect();
    let work = registry(&bench.azure).get("arm_resource").expect("known").prepare(&arguments).expect("valid");
    assert_eq!(told(work.find(bench.context()).await), "differs: properties.size");
    bench.keep_resource(&size(3)).await.expect("changed by somebody else");
    let error =
        work.run(bench.context().after(Some(PriorState::Present))).await.map(drop).expect_err("refused");
    assert!(error.summary().contains("another client changed"), "{error}");
    assert_eq!(bench.keep_resource(&size(3)).await.expect("kept").0, Change::None);
}

/// An earlier attempt sent the change and did not see its end: it is waited for and not sent again.
#[tokio::test]
async fn a_started_operation_is_polled_on() {
    for kind in ["Async", "Location"] {
        let bench = Bench::of(WORLD).await;
        let given = given(kind, r#"{"location":"westeurope"}"#);
        let lost = bench.signals_of(&given, 1).await;
        assert_eq!(bench.changes(), 1, "{kind}");
        let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let work =
            registry(&bench.azure).get("arm_resource").expect("known").prepare(&arguments).expect("valid");
        let context = bench.context().after(Some(PriorState::Absent)).continuing(Some(&lost));
        let outcome = work.run(context).await.map(|outcome| outcome.change).expect(kind);
        assert_eq!((outcome, bench.changes()), (Change::Created, 1), "{kind}");
    }
}

impl Bench {
    /// Runs a step until it has reported `count` operations, and drops it; returns the URL of the last one.
    async fn signals_of(&self, given: &Given, count: usize) -> String {
        use arcbook_engine::step::Signal;
        let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let context = Context::new("step.x.y", ".", self.secrets.clone(), move |signal| {
            // The test holds the answer, so the step goes no further.
            if let Signal::Accepted { operation, stored } = signal {
                drop(sender.send((operation, stored)));
            }
        });
        let context = context.acting_as(self.azure.machine());
        let mut last = String::new();
        let step = self.keep_in(given, context);
        tokio::pin!(step);
        for _ in 0..count {
            tokio::select! {
                Some((operation, _stored)) = seen.recv() => last = operation,
                ended = &mut step => panic!("it ended: {:?}", ended.map(|(change, _)| change)),
            }
        }
        last
    }
}
