//! Error responses: their messages, the remedy for their code, and retries.

use arcbook_engine::step::{Change, ErrorKind, PriorState, Progress, StepError};
use arcbook_engine::value::{Entries, Value};
use arcbook_lab::Options;
use arcbook_steps::{Policy, Service, registry};

use crate::server::{Server, no, with_arm, with_blob};
use crate::world::{Bench, QUICK, below};

async fn refused(status: u16, headers: &str, body: &str) -> StepError {
    let server = Server::answering(|_| no(status, headers, body)).await;
    let bench = with_arm(&server).await;
    bench.run("arm_list", &[("scope", "/subscriptions/s".into())]).await.unwrap_err()
}

#[tokio::test]
async fn a_services_error_message_is_shown_in_any_format() {
    let html = "content-type: text/html\r\n";
    for (status, headers, body, code, words, remedy) in [
        (
            400,
            "",
            r#"{"error":{"code":"InvalidTemplateDeployment","message":"see details","details":[{"code":"RequestDisallowedByPolicy","message":"no keys","additionalInfo":[{"type":"PolicyViolation","info":{"policyAssignmentDisplayName":"Keys"}}]}]}}"#,
            Some("RequestDisallowedByPolicy"),
            "RequestDisallowedByPolicy: no keys",
            "the policy \"Keys\"",
        ),
        (
            409,
            "",
            r#"{"error":{"code":"MissingSubscriptionRegistration","message":"The subscription is not registered to use namespace 'A.B'."}}"#,
            Some("MissingSubscriptionRegistration"),
            "namespace 'A.B'",
            "--namespace A.B",
        ),
        (403, html, "<html><title>Blocked</title></html>", None, "an HTML page: Blocked", "proxy"),
        (403, "", "go away", None, "Go away.", ""),
        (
            404,
            "",
            r#"[{"code":"ResourceGroupNotFound","message":"no group"}]"#,
            Some("ResourceGroupNotFound"),
            "No group",
            "resource group",
        ),
        (
            400,
            "",
            r#"{"odata.error":{"code":"InvalidResourceType","message":{"value":"no type"}}}"#,
            Some("InvalidResourceType"),
            "No type",
            "api_version",
        ),
        (422, "", r#"{"title":"Bad","detail":"\u202Every","status":422}"#, None, r"Bad. \u{202e}very", ""),
    ] {
        let error = refused(status, headers, body).await;
        assert_eq!(
            (error.status(), error.code(), error.kind()),
            (Some(status), code, ErrorKind::Refused),
            "{body}"
        );
        assert!(error.why().unwrap().contains(words), "{body}: {error:?}");
        let help = error.remedies().join("\n");
        assert!(help.contains(remedy) && !help.contains("identity the role"), "{body}: {help}");
    }
}

#[tokio::test]
async fn a_pending_deletion_is_waited_for_with_progress() {
    let deleted = no(409, "x-ms-error-code: ContainerBeingDeleted\r\n", "");
    let created = no(201, "", "");
    let server = Server::answering_in_turn(|_| {
        let mut answers = vec![deleted.clone(); 5];
        answers.push(created.clone());
        answers
    })
    .await;
    let bench = Bench::with(Options::default(), |options| {
        options.cloud = below(&options.cloud, Service::Blob, &format!("blob.localhost:{}", server.port));
        // The normal wait leaves time for six attempts even on a slow machine.
        options.policy = Policy { settling: Policy::AZURE.settling, ..QUICK };
    })
    .await;
    assert_eq!(bench.container().await.unwrap().change, Change::Created);
    let told = bench.progress.lock().unwrap();
    let retries = told.iter().filter(
        |told| matches!(told, Progress::Retrying { reason, .. } if reason.contains("ContainerBeingDeleted")),
    );
    assert_eq!(
        (retries.count(), server.heard().requests.len()),
        (5, 6),
        "more often than a busy service is asked"
    );
}

#[tokio::test]
async fn a_deletion_that_does_not_end_times_out() {
    let server = Server::answering(|_| no(409, "x-ms-error-code: ContainerBeingDeleted\r\n", "")).await;
    let error = with_blob(&server).await.container().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(409)));
    assert!(!error.is_uncertain(), "a refusal changes nothing");
    assert!(error.remedies().join(" ").contains("still being deleted"), "{error:?}");
}

#[tokio::test]
async fn a_refused_upload_without_a_blob_reports_its_own_error() {
    let lease = || no(412, "x-ms-error-code: LeaseIdMissing\r\n", "");
    let proxy = || no(412, "content-type: text/html\r\n", "<html><title>Denied</title></html>");
    let gone = || no(404, "x-ms-error-code: BlobNotFound\r\n", "");
    let forbidden = || no(403, "x-ms-error-code: AuthorizationFailure\r\n", "");
    for (refused, head, code) in [
        (lease(), gone(), Some("LeaseIdMissing")),
        (lease(), forbidden(), Some("LeaseIdMissing")),
        (proxy(), gone(), None),
    ] {
        let server = Server::answering_in_turn(|_| vec![refused.clone(), head.clone()]).await;
        let bench = with_blob(&server).await;
        let given = [("account", "acc01"), ("container", "uploads"), ("name", "x.txt"), ("content", "x")];
        let arguments: Entries =
            given.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect();
        let step_type = registry(&bench.azure);
        let work = step_type.get("blob_upload").unwrap().prepare(&arguments).unwrap_or_else(|_| panic!());
        let error = work.run(bench.context().after(Some(PriorState::Absent))).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(412), code), "{refused} {head}: {error:?}");
    }
}
